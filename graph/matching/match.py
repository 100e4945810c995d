"""`match`: a checked request in, partners with packages and reasons out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from graph.database import Database, Query
from graph.embedding import EmbeddingService
from graph.errors import Code, NetworkError
from graph.matching import package as packages
from graph.matching.candidates import (
    Candidate,
    candidates,
    document_counts,
    neighbours,
    phrases,
    rankings,
    reaches,
    shared_words,
)
from graph.matching.memory import Memory, memory_of
from graph.matching.parameters import PARAMETERS, Parameters
from graph.matching.ranking import Share, Standing, Vote, count_votes, fuse, rank
from graph.matching.reading import Reading, Subject, read_text
from graph.matching.request import PartnerKind, Request
from graph.matching.result import MatchResult, NearMiss, Notice, Partner
from graph.matching.telling import notices, partner
from graph.message import Message, Names
from graph.vectors import Space, space_in_use
from graph.version import versions
from graph.viewer import ANYONE, PARAMETER, Viewer
from graph.vocabulary import MatchState
from graph.words import WORD

SHOWN = 50
ASKED = 250
"""Ids in one question about many."""


def ground(country: str) -> Query:
    """One row about the asking country: its name, its region, ids of countries of the same region, ids of those that share an official language."""
    return Query(
        "MATCH (c:Country {id: $country})\n"
        "RETURN c.name AS name, c.region AS key,\n"
        "  COLLECT { MATCH (p:Country {region: c.region}) WHERE p.id <> c.id RETURN p.id } AS region,\n"
        "  COLLECT { MATCH (p:Country) WHERE p.id <> c.id AND any(l IN p.languages WHERE l IN c.languages) RETURN p.id } AS language",
        {"country": f"country:{country}"},
    )


def likeness(country: str) -> Query:
    """One row: a list of [country, groups that it and the asking one both belong to / groups that either belongs to]."""
    return Query(
        "MATCH (c:Country {id: $country})-[:MEMBER_OF]->(g:CountryGroup)<-[:MEMBER_OF]-(p:Country)\n"
        "WITH c, p, toFloat(count(g)) AS both\n"
        "RETURN collect([p.id, both / (COUNT { (c)-[:MEMBER_OF]->() } + COUNT { (p)-[:MEMBER_OF]->() } - both)])",
        {"country": f"country:{country}"},
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """What matters about the asking country: its name, its region, parties of that region, those that share an official language."""

    name: str
    key: str | None
    region: frozenset[str]
    language: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Documents in their fused order, what is known of the voters, places of organisations' descriptions, and whether words found any."""

    order: list[str]
    known: dict[str, Candidate]
    profiles: dict[str, int]
    worded: bool


async def match(
    database: Database,
    embedding: EmbeddingService,
    request: Request,
    *,
    viewer: Viewer = ANYONE,
    parameters: Parameters = PARAMETERS,
    packaged: int = SHOWN,
) -> MatchResult:
    """Rank partners for a need. The first `packaged` get their packages; 0 ranks only (for evaluation).

    Raises MODEL_LOADING while the model loads, SCHEMA_NOT_READY without vectors, DATABASE_* when the graph does not answer.
    """
    parameters = request.weighted(parameters)
    space, version, raw = await asyncio.gather(space_in_use(database), versions(database), embedding.query(request.text))
    await same_model(embedding, space)
    memory = memory_of(database, version.graph)
    vector = space.asked(raw, request.text, request.language)
    if request.as_of is not None and not await database.read(known_before(request.as_of, viewer)):
        # An index of vectors need not be asked for what is not there; Neo4j 2026.08 fails over a filter that nothing passes.
        reading = await read_text(database, embedding, request, space, raw, vector, memory, parameters)
        return _result(request, reading.topics, (), (), notices(request, reading, False, {}), space, version.data, parameters)
    # Whatever does not wait for another read runs beside it: the database has more than one core, and a round trip costs more than most queries.
    reading_task = asyncio.create_task(read_text(database, embedding, request, space, raw, vector, memory, parameters))
    about, alike, reading, found, ranked = await asyncio.gather(
        memory.one(("ground", request.country), lambda: _ground(database, request.country)),
        memory.one(("likeness", request.country), lambda: _likeness(database, request.country)) if packaged else _nothing(),
        reading_task,
        _supply(database, request, reading_task, space, vector, parameters, viewer) if packaged else _no_supply(),
        _ranked(database, request, reading_task, space, parameters, viewer),
    )
    topics = request.topics or reading.topics
    if not (request.topics or request.need) and off_topic(reading, parameters):
        nothing = Notice(
            "OFF_TOPIC",
            Message(
                "The text does not seem to be about digital government, so no partners are shown. Say what should become digital, for whom, or name a topic."
            ),
        )
        return _result(request, (), (), (), [nothing], space, version.data, parameters)
    declined = await _declined(database, request)
    votes = votes_for(request, ranked, declined, parameters)
    scored = rank(votes, await standing_of(database, memory, sorted(votes), ranked.profiles, about, parameters, viewer), parameters)
    shown = scored[:packaged]
    posts: dict[str, list[str]] = await memory.each(
        ("posts",), [s.party for s in shown], lambda ids: read_pairs(database, packages.posts_of, ids), []
    )
    chosen = frozenset(topics)
    packer = packages.Packer(found, ranked.known, posts, alike, f"country:{request.country}", chosen, parameters)
    partners = tuple(
        partner(place, s, packer.package(s.party, s.documents) if place <= packaged else None, about.name, parameters)
        for place, s in enumerate(scored, 1)
    )
    misses = packages.near_misses(found, request, chosen, parameters)
    places = {s.party: place for place, s in enumerate(scored, 1)}
    return _result(
        request,
        topics,
        partners,
        misses,
        [*notices(request, reading, ranked.worded, places), *declined.values()],
        space,
        version.data,
        parameters,
    )


def off_topic(reading: Reading, parameters: Parameters) -> bool:
    """Whether a text seems to be about something else than digital government: it names nothing on record and is far from all of it."""
    return not reading.named and reading.nearness.apart(parameters.apart, parameters.ceiling)


async def topics_of(
    database: Database, embedding: EmbeddingService, text: str, language: str | None, parameters: Parameters = PARAMETERS
) -> tuple[str, ...]:
    """Ids of the topics that `match` reads from a text, checked already; none where it finds the text off topic.

    Raises MODEL_LOADING while the model loads, SCHEMA_NOT_READY without vectors, DATABASE_* when the graph does not answer.
    """
    space, version, raw = await asyncio.gather(space_in_use(database), versions(database), embedding.query(text))
    await same_model(embedding, space)
    vector = space.asked(raw, text, language)
    reading = await read_text(
        database, embedding, Request(text, "", language), space, raw, vector, memory_of(database, version.graph), parameters
    )
    return () if off_topic(reading, parameters) else reading.topics


def _result(
    request: Request,
    topics: tuple[str, ...],
    partners: tuple[Partner, ...],
    misses: tuple[NearMiss, ...],
    told: Sequence[Notice],
    space: Space,
    version: int,
    parameters: Parameters,
) -> MatchResult:
    return MatchResult(
        request.country,
        request.text,
        request.language or "en",
        request.as_of,
        topics,
        partners,
        misses,
        tuple(told),
        parameters.maximum,
        space.model,
        version,
        request.need,
    )


async def _declined(database: Database, request: Request) -> dict[str, Notice]:
    """Partners that were declined for this need before, with what the reader is told."""
    if request.need is None:
        return {}
    rows = await database.read(declined_of([request.need]))
    return {
        party: Notice(
            "DECLINED_BEFORE",
            Message(
                "{name} is left out: it was declined for this need. Reason given: {reason}", {"name": Names((name,)), "reason": reason}
            ),
        )
        for _, party, name, reason in rows
    }


def declined_of(needs: Sequence[str]) -> Query:
    """Rows of (need, partner, its name, the reason) of partners that were declined for these needs."""
    return Query(
        "UNWIND $needs AS need\nMATCH (:Need {id: need})<-[:FOR]-(m:Match {state: $declined})-[:WITH]->(p)\n"
        "RETURN need, p.id, p.name, m.declineReason\nORDER BY p.id",
        {"needs": list(needs), "declined": MatchState.DECLINED.value},
    )


async def same_model(embedding: EmbeddingService, space: Space) -> None:
    info = await embedding.ready()
    if info.key != space.key:
        raise NetworkError(
            Code.SCHEMA_NOT_READY,
            f"The documents' vectors are of another model ({space.model}) than the one in use ({info.name}).",
            hint="Run `gcio embed`.",
        )


async def _ground(database: Database, country: str) -> Ground:
    [row] = await database.read(ground(country))
    return ground_in(row)


def ground_in(row: Sequence[Any]) -> Ground:
    """The row of `ground`."""
    name, key, region, language = row
    return Ground(name, key, frozenset(region), frozenset(language))


async def _likeness(database: Database, country: str) -> Mapping[str, float]:
    [(pairs,)] = await database.read(likeness(country))
    return dict(pairs)


async def _nothing() -> Mapping[str, float]:
    return {}


def votes_for(
    request: Request,
    ranked: Ranked,
    declined: Container[str],
    parameters: Parameters,
    shares: Callable[[Candidate], Sequence[Share]] | None = None,
) -> dict[str, list[Vote]]:
    """Votes for those who may be partners."""
    cast = count_votes(ranked.order, ranked.known, parameters, shares)
    return {party: votes for party, votes in cast.items() if _wanted(party, request) and party not in declined}


async def standing_of(
    database: Database,
    memory: Memory,
    parties: list[str],
    profiles: Mapping[str, int],
    about: Ground,
    parameters: Parameters,
    viewer: Viewer,
) -> Standing:
    seen = tuple(viewer.parameters[PARAMETER])
    bodies = [party for party in parties if party.startswith("organization:")]
    counts: dict[str, int]
    regions: dict[str, list[tuple[str, int]]]
    counts, regions = await asyncio.gather(
        memory.each(("documents", seen), parties, lambda ids: read_pairs(database, lambda some: document_counts(some, viewer), ids), 0),
        memory.each(("reaches", seen), bodies, lambda ids: read_pairs(database, lambda some: reaches(some, viewer), ids), []),
    )
    elsewhere = frozenset(
        party
        for party, helped in regions.items()
        if sum(records for _, records in helped) >= parameters.reach and about.key not in {region for region, _ in helped}
    )
    return Standing(counts, profiles, about.region, about.language, elsewhere)


def known_before(day: date, viewer: Viewer) -> Query:
    """A row where anything that could be evidence or help was known before the day."""
    return Query(
        f"MATCH (d:Document)\nWHERE d.date < $asOf AND d.visibility IN ${PARAMETER}\nRETURN d.id\nLIMIT 1",
        {"asOf": day} | viewer.parameters,
    )


async def _supply(
    database: Database,
    request: Request,
    reading: Awaitable[Reading],
    space: Space,
    vector: list[float],
    parameters: Parameters,
    viewer: Viewer,
) -> packages.Supply:
    topics = request.topics or (await reading).topics
    return await packages.supply(database, request, topics, space, vector, parameters, viewer)


async def _no_supply() -> packages.Supply:
    return packages.Supply()


async def read_pairs(database: Database, query: Callable[[list[str]], Query], ids: Sequence[str]) -> dict[str, Any]:
    """What a query of one list of [id, value] says of these ids, asked for so many at a time that none takes long."""
    parts = await asyncio.gather(*(database.read(query(list(ids[start : start + ASKED]))) for start in range(0, len(ids), ASKED)))
    return {record_id: value for [(pairs,)] in parts for record_id, value in pairs}


async def _ranked(
    database: Database, request: Request, reading: Awaitable[Reading], space: Space, parameters: Parameters, viewer: Viewer
) -> Ranked:
    read = await reading

    async def of(subject: Subject) -> Sequence[list[str]]:
        sought = words(subject, read, request)
        if request.language != "en":
            # Words of another language find nothing in English records. The taxonomy's words for the topics stand in, and those
            # that the nearest English documents have in common.
            [(texts,)] = await database.read(neighbours(request, space, subject.vector, parameters, viewer))
            sought = " ".join([sought, *shared_words(texts, parameters.shared)])
        direction = subject.direction(parameters.direction, parameters.topic_floor)
        query = rankings(request, sought, space, subject.vector, parameters, viewer, phrases=phrases(read.named), direction=direction)
        [lists] = await database.read(query)
        return lists

    found = await asyncio.gather(*(of(subject) for subject in read.subjects))
    order = fused(found, parameters)
    return ranked_by(found, order, await candidates(database, order[: parameters.voters], request.country, viewer))


Lists = Sequence[list[str]]
"""What `rankings` brought for one subject."""


def fused(found: Sequence[Lists], parameters: Parameters) -> list[str]:
    """Documents of all subjects in one order."""
    return fuse([ranking for lists in found for ranking in lists[:4]], parameters.fusion, [1.0, 1.0, 1.0, parameters.topical] * len(found))


def ranked_by(found: Sequence[Lists], order: list[str], known: dict[str, Candidate]) -> Ranked:
    return Ranked(order, known, {party: place for place, party in enumerate(found[0][4], 1)}, any(lists[1] for lists in found))


def words(subject: Subject, reading: Reading, request: Request) -> str:
    """What full text looks for. The asking country's own name is left out: it leads to whoever works there, with whatever."""
    own = {word for c in reading.countries if c.id == f"country:{request.country}" for word in WORD.findall(c.name.lower())}
    if request.language == "en":
        return " ".join(word for word in WORD.findall(subject.text) if word.lower() not in own)
    return " ".join(topic.words for topic in subject.topics)


def _wanted(party: str, request: Request) -> bool:
    kind = request.partner_kind
    if party in request.excluded:
        return False
    return kind is PartnerKind.ANY or party.startswith("country:" if kind is PartnerKind.COUNTRY else "organization:")
