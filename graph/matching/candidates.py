"""Which documents speak to a need: one query for both rankings, one for the edges of those that vote.

Visibility, the as-of date and the leak rule are conditions inside the query, never a filter afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from graph.database import Database, Query
from graph.matching.parameters import Parameters
from graph.matching.request import Request
from graph.schema import TEXT_INDEX
from graph.vectors import Space
from graph.viewer import PARAMETER, Viewer
from graph.vocabulary import PartnershipRole
from graph.words import full_text_terms

ABOUT_COUNTRY: Final = "(d)-[:IN|FROM|DEPLOYED_IN|BETWEEN]->(:Country {id: $country})"


@dataclass(frozen=True, slots=True)
class Edge:
    """A party's part in a document: `own` where it is the party's own experience, not help given."""

    party: str
    relationship: str
    own: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document with the parties that stand in it."""

    id: str
    date: date | None
    edges: tuple[Edge, ...]


def rankings(request: Request, words: str, space: Space, vector: list[float], parameters: Parameters, viewer: Viewer) -> Query:
    """One row of two lists of document ids, nearest first: by embedding and by full text.

    `words` are what full text looks for; without any it is left out and its list is empty.
    """
    inside = ["d.evidence = true", f"d.visibility IN ${PARAMETER}"]
    values: dict[str, Any] = {
        "vector": vector,
        "candidates": parameters.candidates,
        "country": f"country:{request.country}",
    } | viewer.parameters
    if request.as_of:
        inside.append("d.date < $asOf")
        values["asOf"] = request.as_of
    after = ["coalesce(d.withdrawn, false) = false"]
    if request.blind_from:
        after.append(f"(NOT EXISTS {{ {ABOUT_COUNTRY} }} OR d.date < $blindFrom)")
        values["blindFrom"] = request.blind_from
    text = ""
    terms = full_text_terms(words)
    if terms:
        values |= {"terms": terms, "wide": parameters.candidates * 2}
        text = (
            "CALL () {\n"
            f"  CALL db.index.fulltext.queryNodes('{TEXT_INDEX}', $terms, {{limit: $wide}}) YIELD node AS d, score\n"
            f"  WHERE {' AND '.join(inside + after)}\n"
            "  WITH d, score\n  ORDER BY score DESC, d.id\n  LIMIT $candidates\n"
            "  RETURN collect(d.id) AS byText\n}\n"
        )
    return Query(
        "CALL () {\n"
        "  MATCH (d:Document)\n"
        f"  SEARCH d IN (VECTOR INDEX {space.index} FOR $vector WHERE {' AND '.join(inside)} LIMIT $candidates) SCORE AS score\n"
        f"  WITH d, score\n  WHERE {' AND '.join(after)}\n"
        "  WITH d, score\n  ORDER BY score DESC, d.id\n"
        "  RETURN collect(d.id) AS byVector\n}\n"
        f"{text}RETURN byVector, {'byText' if text else '[] AS byText'}",
        values,
    )


def document_edges(ids: Sequence[str], country: str) -> Query:
    """Rows of (id, date, list of [party, relationship, own]) for documents; the asking country itself is no partner."""
    return Query(
        "UNWIND $ids AS id\n"
        "MATCH (d:Document {id: id})\n"
        "CALL (d) {\n"
        "  MATCH (d)-[:BY]->(p:Organization|Country)\n"
        "  RETURN p.id AS party, 'BY' AS relationship, d:Practice AS own\n"
        "  UNION\n"
        "  MATCH (d)<-[r:FUNDS|IMPLEMENTS|SUPPORTS]-(p:Organization|Country)\n"
        "  RETURN p.id AS party, type(r) AS relationship,\n"
        "    EXISTS { (d)-[:IN]->(p) } OR EXISTS { (d)-[:IN]->(:Country)<-[:BASED_IN]-(p) } AS own\n"
        "  UNION\n"
        "  MATCH (d)-[b:BETWEEN]->(p:Organization|Country)\n"
        "  WHERE b.role IN $giving\n"
        "  RETURN p.id AS party, 'BETWEEN' AS relationship, false AS own\n"
        "  UNION\n"
        "  MATCH (d)-[r:FROM|IN]->(p:Country)\n"
        "  RETURN p.id AS party, type(r) AS relationship, true AS own\n"
        "  UNION\n"
        "  MATCH (d)-[b:BETWEEN {role: $receiving}]->(p:Country)\n"
        "  RETURN p.id AS party, 'BETWEEN' AS relationship, true AS own\n"
        "}\n"
        "WITH d, party, relationship, own\n"
        "WHERE party <> $country\n"
        "WITH d, party, relationship, own\n"
        "ORDER BY party, own, relationship\n"
        "RETURN d.id, d.date, collect([party, relationship, own])",
        {
            "ids": list(ids),
            "country": f"country:{country}",
            "giving": [PartnershipRole.PROVIDER.value, PartnershipRole.FUNDER.value],
            "receiving": PartnershipRole.RECIPIENT.value,
        },
    )


def document_counts(parties: Sequence[str], viewer: Viewer) -> Query:
    """Rows of (party, number of visible evidence documents it stands in)."""
    seen = f"WHERE d.visibility IN ${PARAMETER}"
    return Query(
        "UNWIND $parties AS id\n"
        "MATCH (p:Organization|Country {id: id})\n"
        f"RETURN id, COUNT {{ (p)-[:FUNDS|IMPLEMENTS|SUPPORTS]->(d:Project) {seen} }}\n"
        f"  + COUNT {{ (p)<-[:BY|BETWEEN|FROM|IN]-(d:Document {{evidence: true}}) {seen} }}",
        {"parties": list(parties)} | viewer.parameters,
    )


async def candidates(database: Database, ids: Sequence[str], country: str) -> dict[str, Candidate]:
    rows = await database.read(document_edges(ids, country))
    return {
        record_id: Candidate(
            record_id,
            day.to_native() if day is not None else None,
            tuple(Edge(party, relationship, own) for party, relationship, own in edges),
        )
        for record_id, day, edges in rows
    }
