"""Many needs ranked together, each exactly as `match` ranks it alone: what they ask is asked for many at once, what they share is read once.

Scores only: no packages, no sentences. The queries are those of a single match, put side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graph.database import Database, Query
from graph.embedding import EmbeddingService
from graph.matching.candidates import Candidate, candidate, document_edges, neighbours, phrases, rankings, shared_words
from graph.matching.match import (
    Ground,
    Lists,
    Ranked,
    declined_of,
    fused,
    ground,
    ground_in,
    ranked_by,
    same_model,
    standing_of,
    votes_for,
    words,
)
from graph.matching.memory import Memory, memory_of
from graph.matching.names import Named, countries_in, like_names, named_among, spoken
from graph.matching.parameters import PARAMETERS, Parameters
from graph.matching.ranking import Share, Standing, scores, shares_of
from graph.matching.reading import Reading, Subject, read_country_names, several_subjects, whole_of
from graph.matching.request import Request
from graph.matching.subject import Nearness
from graph.matching.taxonomy import Taxonomy, taxonomy
from graph.several import ASKED, several
from graph.vectors import Space, space_in_use
from graph.version import graph_version
from graph.viewer import ANYONE, Viewer

GROUP: Final = 100
"""Needs that go through the steps together: while the database answers one group, another is counted."""
TOGETHER: Final = 20
"""Needs in one question: few enough for the time that a question may take, on a graph of 100,000 documents too."""
AT_ONCE: Final = 3
"""Questions under way at the same time."""
PATIENCE: Final = 60.0
"""Seconds that one question about so many may take at the least, whatever a single one may: a machine that is busy or has just started needs them."""
DOCUMENTS: Final = 1_000
"""Documents in one question about those who stand in them."""
UNDOUBTED: Final = Nearness(1.0, 0.0)
"""A need on record is about digital government: `match` does not ask."""


async def score_needs(
    database: Database,
    embedding: EmbeddingService,
    requests: Sequence[Request],
    *,
    viewer: Viewer = ANYONE,
    parameters: Parameters = PARAMETERS,
) -> list[dict[str, float]]:
    """For each request the score of every partner, as `match` gives it. All are of needs on record, none as of a day.

    Raises what `match` raises.
    """
    space, version = await asyncio.gather(space_in_use(database), graph_version(database))
    await same_model(embedding, space)
    ranking = _Ranking(database, embedding, space, memory_of(database, version), viewer, parameters)
    # What all groups look at is at hand before they ask for it at the same time.
    await asyncio.gather(ranking.countries(), ranking.topics())
    groups = [requests[start : start + GROUP] for start in range(0, len(requests), GROUP)]
    return [found for group in await asyncio.gather(*(ranking.scores(group) for group in groups)) for found in group]


_NOWHERE: Final = Ground("", None, frozenset(), frozenset())
Asked = tuple[Request, Reading, Subject]


@dataclass(slots=True)
class _Ranking:
    """The ranking of many needs: where, for whom, and what was read for all of them."""

    database: Database
    embedding: EmbeddingService
    space: Space
    memory: Memory
    viewer: Viewer
    parameters: Parameters
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    learning: asyncio.Lock = field(default_factory=asyncio.Lock)
    documents: dict[str, Sequence[Any]] = field(default_factory=dict)
    made: dict[tuple[str, str], Candidate] = field(default_factory=dict)
    shared: dict[int, tuple[Share, ...]] = field(default_factory=dict)
    """Shares of the candidates made, by their identity."""

    async def countries(self) -> Sequence[tuple[str, Named]]:
        return await self.memory.one(("country names",), lambda: read_country_names(self.database))

    async def topics(self) -> Taxonomy:
        return await taxonomy(self.database, self.space, self.memory)

    async def scores(self, requests: Sequence[Request]) -> list[dict[str, float]]:
        """Scores of a group, in its order."""
        raw = await asyncio.gather(*(self.embedding.query(request.text) for request in requests))
        vectors = [self.space.asked(vector, request.text, request.language) for vector, request in zip(raw, requests, strict=True)]
        grounds, readings, declined = await asyncio.gather(
            self._grounds(requests), self._readings(requests, vectors), self._declined(requests)
        )
        ranked = await self._ranked(requests, readings)
        votes = [
            votes_for(request, one, declined.get(request.need or "", ()), self.parameters, self._shares)
            for request, one in zip(requests, ranked, strict=True)
        ]
        # Read for all at once, so that each finds its own at hand; one group after the other, so that none asks what another just learned.
        async with self.learning:
            await self._standing({party for cast in votes for party in cast}, {}, _NOWHERE)
        out = []
        for request, one, cast in zip(requests, ranked, votes, strict=True):
            standing = await self._standing(cast, one.profiles, grounds[request.country])
            out.append(scores(cast, standing, self.parameters))
        return out

    async def _standing(self, parties: Iterable[str], profiles: Mapping[str, int], about: Ground) -> Standing:
        return await standing_of(self.database, self.memory, sorted(parties), profiles, about, self.parameters, self.viewer)

    async def _grounds(self, requests: Sequence[Request]) -> Mapping[str, Ground]:
        async def read(countries: list[str]) -> dict[str, Ground]:
            columns = "name, key, region, language"
            rows = await read_each(self.database, self.gate, [ground(country) for country in countries], ("country",), columns)
            return {country: ground_in(row) for country, row in zip(countries, rows, strict=True)}

        return await self.memory.each(("ground",), sorted({request.country for request in requests}), read, _NOWHERE)

    async def _declined(self, requests: Sequence[Request]) -> dict[str, set[str]]:
        """Partners that were declined, by need."""
        out: dict[str, set[str]] = {}
        for need, party, *_ in await self.database.read(declined_of([request.need for request in requests if request.need])):
            out.setdefault(need, set()).add(party)
        return out

    async def _readings(self, requests: Sequence[Request], vectors: Sequence[list[float]]) -> list[Reading]:
        """What the ranking looks at in each text."""
        names, countries, topics = await asyncio.gather(
            self._names([request.text for request in requests]),
            self.countries(),
            self.topics(),
        )
        subjects = await asyncio.gather(
            *(several_subjects(self.embedding, request, self.space, topics, self.parameters) for request in requests)
        )
        readings = []
        for place, (request, vector) in enumerate(zip(requests, vectors, strict=True)):
            whole = whole_of(request, vector, topics.near(vector, self.parameters.topics), self.parameters)
            parts = subjects[place] if len(subjects[place]) >= self.parameters.subjects else (whole,)
            named_countries = tuple(countries_in(request.text, countries))
            readings.append(Reading(whole, parts, tuple(names[place]), named_countries, UNDOUBTED, self.parameters.topic_floor))
        return readings

    async def _names(self, texts: Sequence[str]) -> list[list[Named]]:
        terms = [spoken(text) for text in texts]
        asked = [place for place, runs in enumerate(terms) if runs]
        rows = await read_each(self.database, self.gate, [like_names(terms[place]) for place in asked], ("terms",), "like")
        like = {place: found for place, (found,) in zip(asked, rows, strict=True)}
        return [named_among(text, terms[place], like.get(place, ())) for place, text in enumerate(texts)]

    async def _ranked(self, requests: Sequence[Request], readings: Sequence[Reading]) -> list[Ranked]:
        asked = [(request, read, subject) for request, read in zip(requests, readings, strict=True) for subject in read.subjects]
        queries = [
            rankings(
                request,
                sought,
                self.space,
                subject.vector,
                self.parameters,
                self.viewer,
                phrases=phrases(read.named),
                direction=subject.direction(self.parameters.direction, self.parameters.topic_floor),
            )
            for (request, read, subject), sought in zip(asked, await self._sought(asked), strict=True)
        ]
        columns = "byVector, byText, byName, byTopic, byProfile"
        found = iter(await read_each(self.database, self.gate, queries, ("vector", "terms", "phrases", "directions"), columns))
        lists: list[list[Lists]] = [[next(found) for _ in read.subjects] for read in readings]
        orders = [fused(one, self.parameters) for one in lists]
        voters = self.parameters.voters
        async with self.learning:
            await self._learn_documents(dict.fromkeys(document for order in orders for document in order[:voters]))
        return [
            ranked_by(one, order, {i: self._candidate(i, request.country) for i in order[:voters] if i in self.documents})
            for request, one, order in zip(requests, lists, orders, strict=True)
        ]

    async def _sought(self, asked: Sequence[Asked]) -> list[str]:
        """What full text looks for, for each subject."""
        sought = [words(subject, read, request) for request, read, subject in asked]
        foreign = [place for place, (request, _, _) in enumerate(asked) if request.language != "en"]
        queries = [neighbours(asked[place][0], self.space, asked[place][2].vector, self.parameters, self.viewer) for place in foreign]
        for place, (texts,) in zip(foreign, await read_each(self.database, self.gate, queries, ("vector",), "texts"), strict=True):
            sought[place] = " ".join([sought[place], *shared_words(texts, self.parameters.shared)])
        return sought

    async def _learn_documents(self, ids: Iterable[str]) -> None:
        unknown = [i for i in ids if i not in self.documents]
        chunks = [document_edges(unknown[start : start + DOCUMENTS], self.viewer) for start in range(0, len(unknown), DOCUMENTS)]
        for [(rows,)] in await asyncio.gather(*(self.database.read(query) for query in chunks)):
            self.documents |= {row[0]: row for row in rows}

    def _candidate(self, record_id: str, country: str) -> Candidate:
        """A document for a country that asks; made once for all countries that do not stand in it."""
        row, asking = self.documents[record_id], f"country:{country}"
        key = (record_id, asking if any(asking in {party, home} for party, _, _, home in row[2]) else "")
        if key not in self.made:
            self.made[key] = candidate(row, asking)
        return self.made[key]

    def _shares(self, made: Candidate) -> tuple[Share, ...]:
        if id(made) not in self.shared:
            self.shared[id(made)] = shares_of(made, self.parameters)
        return self.shared[id(made)]


async def read_each(
    database: Database, gate: asyncio.Semaphore, queries: Sequence[Query], own: Sequence[str], columns: str
) -> list[tuple[Any, ...]]:
    """The one row of each of many queries, in their order. Those that differ in the parameters `own` only are asked together, so many at the
    same time as the gate lets in."""

    async def read(chunk: Sequence[int]) -> list[tuple[Any, ...]]:
        async with gate:
            asked = together([queries[place] for place in chunk], own, columns)
            return await database.read(asked, timeout=max(PATIENCE, database.query_timeout))

    groups: dict[str, list[int]] = {}
    for place, query in enumerate(queries):
        groups.setdefault(repr((query.text, [p for p in sorted(query.parameters.items()) if p[0] not in own])), []).append(place)
    chunks = [group[start : start + TOGETHER] for group in groups.values() for start in range(0, len(group), TOGETHER)]
    rows: dict[int, tuple[Any, ...]] = {}
    for chunk, found in zip(chunks, await asyncio.gather(*(read(chunk) for chunk in chunks)), strict=True):
        rows |= {chunk[number]: tuple(row) for number, *row in found}
    return [rows[place] for place in range(len(queries))]


def together(queries: Sequence[Query], own: Sequence[str], columns: str) -> Query:
    """Queries of one text as one: rows of (number of the query, its columns). They differ in the parameters `own` only."""
    text = queries[0].text.replace("CALL () {", f"CALL ({ASKED}) {{")
    return several(text, [name for name in own if name in queries[0].parameters], [columns]).query([query.parameters for query in queries])
