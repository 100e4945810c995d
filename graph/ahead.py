"""What pages and matches ask, planned before anybody asks it. Must not know what comes of the answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from graph.assignment.read import LARGEST, needs_by_id, newest_open_needs, party_names
from graph.board import askable, groups, memberships, open_needs, open_supply, wider_topics
from graph.chains import ChainBasis, exchanges, triangles
from graph.changes import ChangeFilter, changes
from graph.database import Database, Query
from graph.matching.candidates import document_counts, document_edges, neighbours, rankings, reaches
from graph.matching.match import ground, likeness
from graph.matching.names import country_names, like_names
from graph.matching.package import posts_of, supply_for
from graph.matching.parameters import PARAMETERS
from graph.matching.request import Request
from graph.matching.taxonomy import topics_with_vectors
from graph.peers import figures, new_topics, profiles
from graph.schema import NAME_INDEX, TEXT_INDEX
from graph.search import Filters, browse, by_meaning, by_words, counts_by_country, counts_by_topic
from graph.surroundings import around, path
from graph.vectors import Space, space_in_use
from graph.viewer import ANYONE

PATIENCE: Final = 120.0
"""Seconds that one plan may take. In a database that has just started, that for offers and windows takes six seconds of processor time,
which on a busy machine is more than the ten that a question has."""
SHOWN: Final = ("country:none", "organization:none", "project:none", "practice:none", "topic:none", "need:none")
"""Records of the types whose surroundings are looked at most."""


async def plan_ahead(database: Database) -> None:
    """Have the database plan the questions of matches and of pages, one after the other, so that the first who asks does not wait for it.

    Raises SCHEMA_NOT_READY without vectors, DATABASE_* when the graph does not answer.
    """
    space = await space_in_use(database)
    for query in (*of_matches(space), *of_searches(space), *of_pages(), *of_assignments(space)):
        await database.read(Query(f"EXPLAIN {query.text}", query.parameters), timeout=PATIENCE)


def of_matches(space: Space) -> Iterator[Query]:
    """The questions of a match, the dearest plan first. Their parameters are of the kinds that a match gives."""
    request, vector, few = Request("words", "KEN", "fr"), [0.5] * space.dimensions, ["organization:none"]
    yield supply_for(request, few, space, vector, PARAMETERS, ANYONE)
    yield rankings(request, request.text, space, vector, PARAMETERS, ANYONE, phrases='"words"', direction=vector)
    yield neighbours(request, space, vector, PARAMETERS, ANYONE)
    yield topics_with_vectors(space)
    yield like_names(["words"])
    yield country_names()
    yield ground(request.country)
    yield likeness(request.country)
    yield document_edges(few, ANYONE)
    yield document_counts(few, ANYONE)
    yield reaches(few, ANYONE)
    yield posts_of(few)


def of_searches(space: Space) -> Iterator[Query]:
    """The questions of a search of everything, with words and without, and of what its page says beside the hits."""
    yield by_meaning(space, [0.5] * space.dimensions, Filters(), ANYONE)
    yield by_words(TEXT_INDEX, "words", Filters(), ANYONE)
    yield by_words(NAME_INDEX, "words", Filters(), ANYONE)
    yield browse(Filters(), ANYONE)
    yield counts_by_topic(["project:none"], ANYONE)
    yield counts_by_country(["project:none"], ANYONE)


def of_pages() -> Iterator[Query]:
    """The questions of the board, of chains, of peers, of a record's surroundings and of what is new, as their pages and streams ask them."""
    today = datetime.now(UTC).date()
    yield open_needs(ANYONE)
    yield open_supply(today, ANYONE)
    yield askable(today, ANYONE)
    yield memberships()
    yield groups()
    yield wider_topics()
    for basis in ChainBasis:
        yield exchanges(2, basis, ANYONE)
        yield exchanges(3, basis, ANYONE)
    yield triangles(ANYONE)
    yield profiles()
    yield figures(today.year)
    yield new_topics("country:none", ["country:other"], ANYONE)
    for record_id in SHOWN:
        yield around(record_id, ANYONE)
    yield path("country:none", "country:other", ANYONE)
    yield changes(0, 0, ChangeFilter(), ANYONE)
    yield changes(0, 0, ChangeFilter(countries=("country:none",)), ANYONE)


def of_assignments(space: Space) -> Iterator[Query]:
    """The questions of an assignment that an answer waits for."""
    yield newest_open_needs(LARGEST.needs, space, ANYONE)
    yield needs_by_id(["need:none"], space, ANYONE)
    yield party_names(["country:none"])
