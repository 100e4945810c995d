"""What a match asks, planned before anybody asks it. Must not know what comes of the answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from graph.database import Database, Query
from graph.matching.candidates import document_counts, document_edges, neighbours, rankings, reaches
from graph.matching.match import ground, likeness
from graph.matching.names import country_names, like_names
from graph.matching.package import posts_of, supply_for
from graph.matching.parameters import PARAMETERS
from graph.matching.request import Request
from graph.matching.taxonomy import topics_with_vectors
from graph.vectors import Space, space_in_use
from graph.viewer import ANYONE

PATIENCE: Final = 120.0
"""Seconds that one plan may take. In a database that has just started, that for offers and windows takes six seconds of processor time,
which on a busy machine is more than the ten that a question has."""


async def plan_ahead(database: Database) -> None:
    """Have the database plan the questions of a match, one after the other, so that the first who asks does not wait for it.

    Raises SCHEMA_NOT_READY without vectors, DATABASE_* when the graph does not answer.
    """
    for query in questions(await space_in_use(database)):
        await database.read(Query(f"EXPLAIN {query.text}", query.parameters), timeout=PATIENCE)


def questions(space: Space) -> Iterator[Query]:
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
