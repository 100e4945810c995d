"""Many needs ranked together, each exactly as `match` ranks it alone: what they ask is asked for many at once, what they share is read once.

Scores only: no packages, no sentences. The queries are those of a single match, put side by side.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from graph.catalogue import data_version
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
from graph.matching.ranking import scores
from graph.matching.reading import Reading, Subject, Topic, read_country_names, several_subjects, topics_near, whole_of
from graph.matching.request import Request
from graph.matching.subject import Nearness
from graph.vectors import Space, space_in_use
from graph.viewer import ANYONE, Viewer

TOGETHER: Final = 20
"""Needs in one question: few enough for the time that a question may take, on a graph of 100,000 documents too."""
AT_ONCE: Final = 3
"""Questions under way at the same time."""
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
    space, version, raw = await asyncio.gather(
        space_in_use(database), data_version(database), asyncio.gather(*(embedding.query(request.text) for request in requests))
    )
    await same_model(embedding, space)
    memory = memory_of(database, version)
    vectors = [space.centred(vector, request.language) for vector, request in zip(raw, requests, strict=True)]
    grounds, readings, declined = await asyncio.gather(
        _grounds(database, memory, requests),
        _readings(database, embedding, requests, space, vectors, memory, parameters),
        _declined(database, requests),
    )
    ranked = await _ranked(database, requests, readings, space, parameters, viewer)
    votes = [
        votes_for(request, one, declined.get(request.need or "", ()), parameters) for request, one in zip(requests, ranked, strict=True)
    ]
    # Read for all at once, so that each finds its own at hand.
    await standing_of(database, memory, sorted({party for cast in votes for party in cast}), {}, _NOWHERE, parameters, viewer)
    out = []
    for request, one, cast in zip(requests, ranked, votes, strict=True):
        standing = await standing_of(database, memory, sorted(cast), one.profiles, grounds[request.country], parameters, viewer)
        out.append(scores(cast, standing, parameters))
    return out


_NOWHERE: Final = Ground("", None, frozenset(), frozenset(), {})


async def _grounds(database: Database, memory: Memory, requests: Sequence[Request]) -> Mapping[str, Ground]:
    async def read(countries: list[str]) -> dict[str, Ground]:
        rows = await read_each(database, [ground(country) for country in countries], ("country",), "name, key, region, language, likeness")
        return {country: ground_in(row) for country, row in zip(countries, rows, strict=True)}

    return await memory.each(("ground",), sorted({request.country for request in requests}), read, _NOWHERE)


async def _declined(database: Database, requests: Sequence[Request]) -> dict[str, set[str]]:
    """Partners that were declined, by need."""
    out: dict[str, set[str]] = {}
    for need, party, *_ in await database.read(declined_of([request.need for request in requests if request.need])):
        out.setdefault(need, set()).add(party)
    return out


async def _readings(
    database: Database,
    embedding: EmbeddingService,
    requests: Sequence[Request],
    space: Space,
    vectors: Sequence[list[float]],
    memory: Memory,
    parameters: Parameters,
) -> list[Reading]:
    """What the ranking looks at in each text. Topics are read where they lend their words: from texts that are not in English."""
    foreign = [place for place, request in enumerate(requests) if request.language != "en"]
    names, near, countries, subjects = await asyncio.gather(
        _names(database, [request.text for request in requests]),
        read_each(database, [topics_near(space, vectors[place], parameters.topics) for place in foreign], ("vector",), "near"),
        memory.one(("country names",), lambda: read_country_names(database)),
        asyncio.gather(*(several_subjects(database, embedding, request, space, parameters) for request in requests)),
    )
    topics = {place: [Topic(*topic) for topic in found] for place, (found,) in zip(foreign, near, strict=True)}
    readings = []
    for place, (request, vector) in enumerate(zip(requests, vectors, strict=True)):
        whole = whole_of(request, vector, topics.get(place, ()), parameters)
        parts = subjects[place] if len(subjects[place]) >= parameters.subjects else (whole,)
        found = tuple(countries_in(request.text, countries))
        readings.append(Reading(whole, parts, tuple(names[place]), found, UNDOUBTED, parameters.topic_floor))
    return readings


async def _names(database: Database, texts: Sequence[str]) -> list[list[Named]]:
    terms = [spoken(text) for text in texts]
    asked = [place for place, spoken_terms in enumerate(terms) if spoken_terms]
    rows = await read_each(database, [like_names(terms[place]) for place in asked], ("terms",), "like")
    like = {place: found for place, (found,) in zip(asked, rows, strict=True)}
    return [named_among(text, terms[place], like.get(place, ())) for place, text in enumerate(texts)]


async def _ranked(
    database: Database, requests: Sequence[Request], readings: Sequence[Reading], space: Space, parameters: Parameters, viewer: Viewer
) -> list[Ranked]:
    asked = [(request, read, subject) for request, read in zip(requests, readings, strict=True) for subject in read.subjects]
    sought = await _sought(database, asked, space, parameters, viewer)
    found = iter(
        await read_each(
            database,
            [
                rankings(request, text, space, subject.vector, parameters, viewer, phrases=phrases(read.named))
                for (request, read, subject), text in zip(asked, sought, strict=True)
            ],
            ("vector", "terms", "phrases"),
            "byVector, byText, byName, byProfile",
        )
    )
    lists: list[list[Lists]] = [[next(found) for _ in read.subjects] for read in readings]
    orders = [fused(one, parameters) for one in lists]
    voters = dict.fromkeys(document for order in orders for document in order[: parameters.voters])
    known = await _documents(database, list(voters), viewer)
    return [
        ranked_by(one, order, {i: known(i, request.country) for i in order[: parameters.voters]})
        for request, one, order in zip(requests, lists, orders, strict=True)
    ]


async def _sought(
    database: Database, asked: Sequence[tuple[Request, Reading, Subject]], space: Space, parameters: Parameters, viewer: Viewer
) -> list[str]:
    """What full text looks for, for each subject."""
    sought = [words(subject, read, request) for request, read, subject in asked]
    foreign = [place for place, (request, _, _) in enumerate(asked) if request.language != "en"]
    queries = [neighbours(asked[place][0], space, asked[place][2].vector, parameters, viewer) for place in foreign]
    for place, (texts,) in zip(foreign, await read_each(database, queries, ("vector",), "texts"), strict=True):
        sought[place] = " ".join([sought[place], *shared_words(texts, parameters.shared)])
    return sought


async def _documents(database: Database, ids: Sequence[str], viewer: Viewer) -> Callable[[str, str], Candidate]:
    """Documents by id and asking country; each is made once for all countries that do not stand in it."""
    chunks = [document_edges(ids[start : start + DOCUMENTS], viewer) for start in range(0, len(ids), DOCUMENTS)]
    rows = {row[0]: row for [(found,)] in await _few_at_once([database.read(query) for query in chunks]) for row in found}
    parties = {i: {party for edge in row[2] for party in (edge[0], edge[3])} for i, row in rows.items()}
    made: dict[tuple[str, str], Candidate] = {}

    def known(record_id: str, country: str) -> Candidate:
        asking = f"country:{country}"
        key = (record_id, asking if asking in parties[record_id] else "")
        if key not in made:
            made[key] = candidate(rows[record_id], asking)
        return made[key]

    return known


async def read_each(database: Database, queries: Sequence[Query], own: Sequence[str], columns: str) -> list[tuple[Any, ...]]:
    """The one row of each of many queries, in their order. Those that differ in the parameters `own` only are asked together."""
    groups: dict[str, list[int]] = {}
    for place, query in enumerate(queries):
        groups.setdefault(repr((query.text, [p for p in sorted(query.parameters.items()) if p[0] not in own])), []).append(place)
    chunks = [group[start : start + TOGETHER] for group in groups.values() for start in range(0, len(group), TOGETHER)]
    read = [database.read(together([queries[place] for place in chunk], own, columns)) for chunk in chunks]
    rows: dict[int, tuple[Any, ...]] = {}
    for chunk, found in zip(chunks, await _few_at_once(read), strict=True):
        rows |= {chunk[number]: tuple(row) for number, *row in found}
    return [rows[place] for place in range(len(queries))]


def together(queries: Sequence[Query], own: Sequence[str], columns: str) -> Query:
    """Queries of one text as one: rows of (number of the query, its columns). They differ in the parameters `own` only."""
    text, parameters = queries[0].text, queries[0].parameters
    mine = [name for name in own if name in parameters]
    inner = re.sub(rf"\$({'|'.join(mine)})\b", r"row.\1", text).replace("CALL () {", "CALL (row) {")
    rows = [{"number": number} | {name: query.parameters[name] for name in mine} for number, query in enumerate(queries)]
    return Query(
        f"UNWIND $rows AS row\nCALL (row) {{\n{inner}\n}}\nRETURN row.number, {columns}",
        {name: value for name, value in parameters.items() if name not in mine} | {"rows": rows},
    )


Work = Awaitable[list[tuple[Any, ...]]]


async def _few_at_once(reads: Sequence[Work]) -> list[list[tuple[Any, ...]]]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(read: Work) -> list[tuple[Any, ...]]:
        async with gate:
            return await read

    return list(await asyncio.gather(*(one(read) for read in reads)))
