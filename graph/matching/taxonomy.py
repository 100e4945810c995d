"""The topics as matching compares texts with them: all at once, exactly, since there are few. Must not know requests or documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.database import Database, Query
from graph.matching.memory import Memory
from graph.vectors import Space


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic near a text: its id, its centred cosine, its name in English, its words in the languages of the documents, its vector."""

    id: str
    cosine: float
    name: str
    words: str
    vector: Sequence[float]


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Topics as rows of (id, name, words, vector), and their vectors at length 1, a row each."""

    rows: Sequence[tuple[str, str, str, Sequence[float]]]
    directions: NDArray[np.float64]

    def near(self, vector: Sequence[float], most: int) -> tuple[Topic, ...]:
        """The topics nearest to a vector, nearest first, at most so many; topics that are equally near by id."""
        if not self.rows:
            return ()
        cosines = [round(float(c), 12) for c in self.directions @ _unit(np.asarray([vector], dtype=np.float64))[0]]
        places = sorted(range(len(cosines)), key=lambda place: (-cosines[place], self.rows[place][0]))
        return tuple(Topic(row[0], cosines[place], *row[1:]) for place in places[:most] for row in [self.rows[place]])


def topics_with_vectors(space: Space) -> Query:
    """Rows of (id, name, name and search terms in English, vector) of the topics that have a vector of the space."""
    return Query(
        f"MATCH (t:Topic)\nWHERE t.{space.stored_in} IS NOT NULL\n"
        f"RETURN t.id, t.name, reduce(words = t.name, k IN coalesce(t.keywords, []) | words + ' ' + k), t.{space.stored_in}\nORDER BY t.id"
    )


async def taxonomy(database: Database, space: Space, memory: Memory) -> Taxonomy:
    """The topics, read once for each version of the graph."""
    return await memory.one(("topics", space.key), lambda: _read(database, space))


async def _read(database: Database, space: Space) -> Taxonomy:
    rows: list[tuple[str, str, str, Sequence[float]]] = [tuple(row) for row in await database.read(topics_with_vectors(space))]
    return Taxonomy(rows, _unit(np.asarray([row[3] for row in rows], dtype=np.float64).reshape(len(rows), space.dimensions)))


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row at length 1; one of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    made: NDArray[np.float64] = vectors / np.where(lengths == 0, 1.0, lengths)
    return made
