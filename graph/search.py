"""Hybrid search: by meaning, by words, by names, joined by reciprocal rank fusion; filters inside the queries.

Empty text browses: dated records newest first, then by name. Must not know how answers are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graph import cursor as cursors
from graph.database import Database, Query
from graph.embedding import EmbeddingService
from graph.errors import Code, NetworkError
from graph.language import detect
from graph.matching.ranking import fuse
from graph.matching.request import WORDY
from graph.matching.result import Notice
from graph.message import Message
from graph.model import MODEL
from graph.schema import NAME_INDEX, TEXT_INDEX, name_properties
from graph.vectors import Space, space_in_use
from graph.viewer import PARAMETER, Viewer
from graph.words import as_many_as_fit, full_text_terms

NEAR: Final = 200
LIKE: Final = 0.12
MOST: Final = 1000
NAMELIKE: Final = 8
MEANT: Final = 500
"""Characters of a text whose meaning is looked for: what somebody searches for is said by then, and the vector of a text that fills the
model takes a slow processor more than a second. Words are looked for in all of it."""
SORT: Final = "relevance"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a hit has to be. `kinds` are labels, the others global ids and a BCP 47 tag; empty means any."""

    kinds: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    country: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found, its label, and its score: the sum of 1 / (60 + place) over the rankings that hold it."""

    id: str
    kind: str
    score: float


@dataclass(frozen=True, slots=True)
class Hits:
    """All hits, best first, at most 1,000, and what the reader should know."""

    hits: tuple[Hit, ...]
    notices: tuple[Notice, ...] = field(default=())

    def page(self, first: int, after: str | None) -> tuple[tuple[Hit, ...], bool]:
        """(a page, whether more follow)."""
        start = 0
        if after is not None:
            _, record_id = cursors.decode(after, SORT)
            start = next((place for place, hit in enumerate(self.hits, 1) if hit.id == record_id), -1)
            if start < 0:
                raise NetworkError(
                    Code.BAD_CURSOR, "The cursor belongs to a search with other hits.", hint="Leave `after` out to begin again."
                )
        return self.hits[start : start + first], len(self.hits) > start + first

    def counts(self) -> dict[str, int]:
        """Hits by label, most first."""
        out: dict[str, int] = {}
        for hit in self.hits:
            out[hit.kind] = out.get(hit.kind, 0) + 1
        return dict(sorted(out.items(), key=lambda pair: (-pair[1], pair[0])))


def cursor_of(hit: Hit) -> str:
    return cursors.encode(SORT, [round(hit.score, 9)], hit.id)


async def search(database: Database, embedding: EmbeddingService, text: str, filters: Filters, viewer: Viewer) -> Hits:
    """Records for a text, or all that pass the filters where the text is empty."""
    if not text.strip():
        rows = await database.read(browse(filters, viewer))
        return Hits(tuple(Hit(record_id, kind, 0.0) for record_id, kind in rows))
    kinds: dict[str, str] = {}
    rankings: list[list[str]] = []
    notices: list[Notice] = []
    space = await space_in_use(database) if embedding.state == "ready" else None
    # While another model's vectors are being made, those in use cannot be compared with its own.
    if space is not None and (await embedding.ready()).key == space.key:
        vector = space.asked(await embedding.query(text[:MEANT]), text, detect(text).code if len(text) >= WORDY else "en")
        rankings.append(_ids(await database.read(by_meaning(space, vector, filters, viewer)), kinds))
    else:
        notices.append(
            Notice("WORDS_ONLY", Message("The network is starting: this search looked for words only. Meaning follows in about a minute."))
        )
    terms = full_text_terms(text)
    if terms:
        if detect(text).code in {"en", None} or len(text) < 40:
            rankings.append(_ids(await database.read(by_words(TEXT_INDEX, terms, filters, viewer)), kinds))
        rankings.append(_ids(await database.read(by_words(NAME_INDEX, name_terms(terms), filters, viewer)), kinds))
    scores: dict[str, float] = {}
    for ranking in rankings:
        for place, record_id in enumerate(ranking, 1):
            scores[record_id] = scores.get(record_id, 0.0) + 1 / (60 + place)
    return Hits(tuple(Hit(record_id, kinds[record_id], scores[record_id]) for record_id in fuse(rankings, 60)[:MOST]), tuple(notices))


def name_terms(terms: str) -> str:
    """Words, and where they are few enough to be a name, for longer ones their near spellings at half the weight."""
    # A near spelling is a clause of its own beside the word.
    words = list(as_many_as_fit(terms.split(), 2 * len(name_properties())))
    if len(words) > NAMELIKE:
        return " ".join(words)
    return " ".join(f"{word} {word}~1^0.5" if len(word) >= 5 else word for word in words)


def by_meaning(space: Space, vector: list[float], filters: Filters, viewer: Viewer) -> Query:
    """Rows of (id, label), nearest first, not farther than a floor."""
    inside, after, parameters = _conditions(filters, viewer)
    return Query(
        "MATCH (d:Document)\n"
        f"SEARCH d IN (VECTOR INDEX {space.index} FOR $vector WHERE {' AND '.join(inside)} LIMIT {NEAR}) SCORE AS score\n"
        f"WITH d, score\nWHERE {' AND '.join(['score * 2 - 1 >= $like', *after])}\n"
        "RETURN d.id, d.documentType\nORDER BY score DESC, d.id",
        {"vector": vector, "like": LIKE} | parameters,
    )


def by_words(index: str, terms: str, filters: Filters, viewer: Viewer) -> Query:
    """Rows of (id, label) by full text, best first."""
    inside, after, parameters = _conditions(filters, viewer)
    return Query(
        f"CALL db.index.fulltext.queryNodes('{index}', $terms, {{limit: $wide}}) YIELD node AS d, score\n"
        f"WHERE {' AND '.join([*inside, *after])}\n"
        f"RETURN d.id, d.documentType\nORDER BY score DESC, d.id\nLIMIT {NEAR * 2}",
        {"terms": terms, "wide": MOST} | parameters,
    )


def browse(filters: Filters, viewer: Viewer) -> Query:
    """Rows of (id, label): dated records newest first, then the others by name."""
    inside, after, parameters = _conditions(filters, viewer)
    return Query(
        f"MATCH (d:Document)\nWHERE {' AND '.join([*inside, *after])}\n"
        f"RETURN d.id, d.documentType\nORDER BY d.date IS NULL, d.date DESC, coalesce(d.title, d.name), d.id\nLIMIT {MOST}",
        parameters,
    )


def counts_by_topic(ids: Sequence[str], viewer: Viewer) -> Query:
    """Rows of (id, count): topics of the records, wider ones too, most first."""
    seen = viewer.predicate("t", MODEL["Topic"])
    return Query(
        "UNWIND $ids AS id\nMATCH (d:Document {id: id})-[:ABOUT]->(:Topic)-[:PART_OF]->{0,1}(t:Topic)\n"
        + (f"WHERE {seen}\n" if seen else "")
        + "RETURN t.id, count(DISTINCT d) AS n\nORDER BY n DESC, t.id",
        {"ids": list(ids)} | viewer.parameters,
    )


def counts_by_country(ids: Sequence[str], viewer: Viewer) -> Query:
    """Rows of (id, count): countries that the records are linked to, or are themselves, most first."""
    seen = viewer.predicate("c", MODEL["Country"])
    return Query(
        "UNWIND $ids AS id\nMATCH (d:Document {id: id})\nOPTIONAL MATCH (d)--(c:Country)\n"
        + (f"WHERE {seen}\n" if seen else "")
        + "WITH d, collect(c) + CASE WHEN d:Country THEN [d] ELSE [] END AS countries\nUNWIND countries AS c\n"
        "RETURN c.id, count(DISTINCT d) AS n\nORDER BY n DESC, c.id",
        {"ids": list(ids)} | viewer.parameters,
    )


def _conditions(filters: Filters, viewer: Viewer) -> tuple[list[str], list[str], dict[str, Any]]:
    inside = [f"d.visibility IN ${PARAMETER}"]
    after: list[str] = []
    parameters: dict[str, Any] = dict(viewer.parameters)
    if filters.kinds:
        inside.append("d.documentType IN $kinds")
        parameters["kinds"] = list(filters.kinds)
    if filters.topics:
        after.append("EXISTS { (d)-[:ABOUT]->(:Topic)-[:PART_OF]->{0,1}(t:Topic) WHERE t.id IN $topics }")
        parameters["topics"] = list(filters.topics)
    if filters.country:
        after.append("(d.id = $country OR EXISTS { (d)--(:Country {id: $country}) })")
        parameters["country"] = filters.country
    if filters.language:
        after.append("d.lang = $lang")
        parameters["lang"] = filters.language
    return inside, after, parameters


def _ids(rows: Sequence[tuple[Any, ...]], kinds: dict[str, str]) -> list[str]:
    kinds.update(rows)
    return [record_id for record_id, _ in rows]


def snippet(values: Mapping[str, Any], length: int = 240) -> str:
    """The first sentences of a record's text, cut at a word."""
    text = str(next((values[name] for name in ("summary", "description", "text", "officialName") if values.get(name)), ""))
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + " …"
