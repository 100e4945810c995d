"""Which documents speak to a need: one query for both rankings, one for the edges of those that vote.

Visibility, the as-of date and the leak rule are conditions inside the query, never a filter afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from graph.database import Database, Query
from graph.matching.names import Named
from graph.matching.parameters import Parameters
from graph.matching.request import Request
from graph.schema import TEXT_INDEX, evidence_properties
from graph.vectors import Space
from graph.viewer import PARAMETER, Viewer
from graph.vocabulary import OrganizationKind, PartnershipRole, Visibility
from graph.words import WORD, terms_in

ABOUT_COUNTRY: Final = "(d)-[:IN|FROM|DEPLOYED_IN|BETWEEN]->(:Country {id: $country})"


@dataclass(frozen=True, slots=True)
class Edge:
    """A party's part in a document: `own` where it is the party's own experience, not help given. `home` is an organisation's country."""

    party: str
    relationship: str
    own: bool
    home: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document with the parties that stand in it, the countries it is about (id, relationship), and the software it uses."""

    id: str
    date: date | None
    edges: tuple[Edge, ...]
    places: tuple[tuple[str, str], ...] = ()
    solutions: tuple[str, ...] = ()


def conditions(request: Request, viewer: Viewer) -> tuple[list[str], list[str], dict[str, Any]]:
    """What evidence `d` has to be: conditions that the vector index can check, conditions that it cannot, their parameters."""
    inside = ["d.evidence = true", f"d.visibility IN ${PARAMETER}"]
    after = ["coalesce(d.withdrawn, false) = false"]
    values: dict[str, Any] = dict(viewer.parameters)
    if request.as_of:
        inside.append("d.date < $asOf")
        values["asOf"] = request.as_of
    if request.blind_from:
        after.append(f"(NOT EXISTS {{ {ABOUT_COUNTRY} }} OR d.date < $blindFrom)")
        values |= {"blindFrom": request.blind_from, "country": f"country:{request.country}"}
    if request.cases is not None:
        # Cases of the evaluation are masked: nobody else sees them. Those of the same country or of the same need would tell the answer.
        values |= {PARAMETER: [*values[PARAMETER], Visibility.MASKED.value], "cases": request.cases, "masked": Visibility.MASKED.value}
        values |= {"need": request.text.lower(), "country": f"country:{request.country}"}
        after.append(
            "(d.visibility <> $masked OR (EXISTS { (d)-[:SOURCED_FROM]->(:Source {id: $cases}) } AND toLower(d.summary) <> $need"
            " AND NOT EXISTS { (d)-[:BETWEEN]->(:Country {id: $country}) }))"
        )
    return inside, after, values


def neighbours(request: Request, space: Space, vector: list[float], parameters: Parameters, viewer: Viewer) -> Query:
    """One row: the titles and summaries of the documents in English that are nearest in meaning."""
    inside, after, values = conditions(request, viewer)
    return Query(
        "MATCH (d:Document)\n"
        f"SEARCH d IN (VECTOR INDEX {space.index} FOR $vector WHERE {' AND '.join(inside)} LIMIT $wide) SCORE AS score\n"
        f"WITH d, score\nWHERE {' AND '.join([*after, 'd.lang = $english'])}\n"
        "WITH d, score\nORDER BY score DESC, d.id\nLIMIT $near\n"
        "RETURN collect(coalesce(d.title, d.name) + '. ' + coalesce(d.summary, '')) AS texts",
        values | {"vector": vector, "wide": 4 * parameters.neighbours, "near": parameters.neighbours, "english": "en"},
    )


def shared_words(texts: Sequence[str], least: int) -> list[str]:
    """Words of four letters or more that stand in at least so many of the texts, most shared first."""
    counts = Counter(word for text in texts for word in {w.lower() for w in WORD.findall(text)} if len(word) > 3)
    return [word for word, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])) if n >= least]


def rankings(
    request: Request,
    words: str,
    space: Space,
    vector: list[float],
    parameters: Parameters,
    viewer: Viewer,
    *,
    phrases: str = "",
    direction: list[float] | None = None,
) -> Query:
    """One row of five lists of ids, best first: documents by embedding, by full text, by names in the text, by the direction of its
    topics; organisations by description.

    `words` are what full text looks for, `phrases` the names, in Lucene's syntax; without any, or a direction, the list is empty. What is
    left out is an empty list among the parameters, not another text: to plan a text costs the database more than to answer it.
    """
    inside, after, values = conditions(request, viewer)
    terms = terms_in(words, evidence_properties())
    values |= {
        "vector": vector,
        "candidates": parameters.candidates,
        "wide": parameters.candidates * 2,
        "profiles": parameters.profiles,
        "terms": [terms] if terms else [],
        "phrases": [phrases] if phrases else [],
        "directions": [] if direction is None else [direction],
    }

    def nearest(name: str, towards: str, each: str = "") -> str:
        return (
            f"CALL () {{\n{each}"
            "  MATCH (d:Document)\n"
            f"  SEARCH d IN (VECTOR INDEX {space.index} FOR {towards} WHERE {' AND '.join(inside)} LIMIT $candidates) SCORE AS score\n"
            f"  WITH d, score, d.id AS id\n  WHERE {' AND '.join(after)}\n"
            "  WITH id, score\n  ORDER BY score DESC, id\n"
            f"  RETURN collect(id) AS {name}\n}}\n"
        )

    def worded(name: str, sought: str) -> str:
        return (
            f"CALL () {{\n  UNWIND {sought} AS sought\n"
            f"  CALL db.index.fulltext.queryNodes('{TEXT_INDEX}', sought, {{limit: $wide}}) YIELD node AS d, score\n"
            f"  WHERE {' AND '.join(inside + after)}\n"
            "  WITH d.id AS id, score\n  ORDER BY score DESC, id\n  LIMIT $candidates\n"
            f"  RETURN collect(id) AS {name}\n}}\n"
        )

    return Query(
        nearest("byVector", "$vector")
        + worded("byText", "$terms")
        + worded("byName", "$phrases")
        + nearest("byTopic", "direction", "  UNWIND $directions AS direction\n")
        + "CALL () {\n"
        "  MATCH (o:Document)\n"
        f"  SEARCH o IN (VECTOR INDEX {space.index} FOR $vector WHERE o.documentType = 'Organization' LIMIT $profiles) SCORE AS score\n"
        "  WITH o.id AS id, score\n  ORDER BY score DESC, id\n"
        "  RETURN collect(id) AS byProfile\n}\n"
        "RETURN byVector, byText, byName, byTopic, byProfile",
        values,
    )


def phrases(named: Sequence[Named]) -> str:
    """Names as a Lucene query of phrases without any other syntax; empty where there are none."""
    return " ".join(f'"{" ".join(WORD.findall(one.name.lower()))}"' for one in named if WORD.search(one.name))


def document_edges(ids: Sequence[str], viewer: Viewer) -> Query:
    """One row: a list of [id, date, [party, relationship, role, home of the party] lists, ids of visible solutions] of documents."""
    return Query(
        "UNWIND $ids AS id\n"
        "MATCH (d:Document {id: id})\n"
        "CALL (d) {\n"
        "  MATCH (d)-[r:BY|FUNDS|IMPLEMENTS|SUPPORTS|BETWEEN|FROM|IN]-(p:Organization|Country)\n"
        "  RETURN collect([p.id, type(r), r.role, head([(p)-[:BASED_IN]->(h:Country) | h.id])]) AS parties\n"
        "}\n"
        f"RETURN collect([d.id, d.date, parties, [(d)-[:USES]->(s:Solution) WHERE s.visibility IN ${PARAMETER} | s.id]])",
        {"ids": list(ids)} | viewer.parameters,
    )


def document_counts(parties: Sequence[str], viewer: Viewer) -> Query:
    """One row: a list of [party, number of visible evidence documents it stands in]."""
    seen = f"WHERE d.visibility IN ${PARAMETER}"
    return Query(
        "UNWIND $parties AS id\n"
        "MATCH (p:Organization|Country {id: id})\n"
        f"WITH id, COUNT {{ (p)-[:FUNDS|IMPLEMENTS|SUPPORTS]->(d:Project) {seen} }}\n"
        f"  + COUNT {{ (p)<-[:BY|BETWEEN|FROM|IN]-(d:Document {{evidence: true}}) {seen} }} AS documents\n"
        "RETURN collect([id, documents])",
        {"parties": list(parties)} | viewer.parameters,
    )


def reaches(parties: Sequence[str], viewer: Viewer) -> Query:
    """One row: a list of [body of many states, [region, visible records of help given there] lists]. Others have no mandate to keep to."""
    seen = f"d.visibility IN ${PARAMETER}"
    return Query(
        "UNWIND $parties AS id\n"
        "MATCH (o:Organization {id: id})\n"
        "WHERE o.kind IN $kinds\n"
        "CALL (o) {\n"
        f"  MATCH (o)-[:FUNDS|IMPLEMENTS|SUPPORTS]->(d:Project)-[:IN]->(c:Country)\n  WHERE {seen}\n  RETURN c.region AS region, d\n"
        "  UNION\n"
        f"  MATCH (o)<-[b:BETWEEN]-(d:Partnership)-[:BETWEEN {{role: $receiving}}]->(c:Country)\n"
        f"  WHERE b.role <> $receiving AND {seen}\n  RETURN c.region AS region, d\n"
        "}\n"
        "WITH id, region, count(DISTINCT d) AS records\nWHERE region IS NOT NULL\n"
        "WITH id, collect([region, records]) AS regions\n"
        "RETURN collect([id, regions])",
        {
            "parties": list(parties),
            "kinds": [OrganizationKind.MULTILATERAL.value, OrganizationKind.DEVELOPMENT_BANK.value, OrganizationKind.NETWORK.value],
            "receiving": PartnershipRole.RECIPIENT.value,
        }
        | viewer.parameters,
    )


async def candidates(database: Database, ids: Sequence[str], country: str, viewer: Viewer) -> dict[str, Candidate]:
    """The documents with those who stand in them; the asking country itself is no partner."""
    [(rows,)] = await database.read(document_edges(ids, viewer))
    return {row[0]: candidate(row, f"country:{country}") for row in rows}


def candidate(row: Sequence[Any], asking: str) -> Candidate:
    """A document out of what `document_edges` brought, for a country that asks."""
    record_id, day, parties, solutions = row
    return Candidate(
        record_id,
        day.to_native() if day is not None else None,
        tuple(sorted(_edges(record_id, parties, asking), key=lambda e: (e.party, e.own, e.relationship))),
        tuple(sorted(_places(parties))),
        tuple(sorted(solutions)),
    )


Row = tuple[str, str, str | None, str | None]


def _edges(document: str, parties: Sequence[Row], asking: str) -> Iterator[Edge]:
    """Who stands in a document with which part. Help in one's own country and help received are own experience."""
    inside = {party for party, relationship, _, _ in parties if relationship == "IN"}
    for party, relationship, role, home in parties:
        if party == asking:
            continue
        match relationship:
            case "BY":
                own = document.startswith("practice:")
            case "FUNDS" | "IMPLEMENTS" | "SUPPORTS":
                own = party in inside or home in inside
            case "BETWEEN":
                own = role == PartnershipRole.RECIPIENT
            case _:
                own = True
        yield Edge(party, relationship, own, home if home != asking else None)


def _places(parties: Sequence[Row]) -> Iterator[tuple[str, str]]:
    for party, relationship, role, _ in parties:
        if relationship in {"IN", "FROM"} or role == PartnershipRole.RECIPIENT:
            yield party, relationship
