"""A text read before it is matched: its vector, its topics, the names in it, and its parts where it has several subjects."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graph.database import Database
from graph.embedding import EmbeddingService
from graph.matching.memory import Memory
from graph.matching.names import Named, countries_in, country_names, named, spellings
from graph.matching.parameters import Parameters
from graph.matching.request import Request
from graph.matching.subject import Nearness, nearness, parts_of
from graph.matching.taxonomy import Taxonomy, Topic, taxonomy
from graph.vectors import Space, Vector


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject of a text with what it is looked for by."""

    text: str
    vector: list[float]
    topics: tuple[Topic, ...]

    def direction(self, most: int, floor: float) -> list[float] | None:
        """Where its nearest topics point, each by the square of its cosine: the same in whatever language the text is. None where no
        topic reaches the floor."""
        chosen = [topic for topic in self.topics if topic.cosine >= floor][:most]
        if not chosen:
            return None
        vectors = np.asarray([topic.vector for topic in chosen], dtype=np.float64)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        weights = np.asarray([topic.cosine**2 for topic in chosen])
        towards = weights @ vectors
        return [float(x) for x in towards / np.linalg.norm(towards)]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a text. `subjects` has one entry, or one for each subject of a text that has several."""

    whole: Subject
    subjects: tuple[Subject, ...]
    named: tuple[Named, ...]
    countries: tuple[Named, ...]
    nearness: Nearness
    floor: float

    @property
    def topics(self) -> tuple[str, ...]:
        """Ids of the topics read, each once. The nearest one below the floor lends its words and is not taken for the text's own."""
        return tuple(dict.fromkeys(t.id for subject in self.subjects for t in subject.topics if t.cosine >= self.floor))


async def read_text(
    database: Database,
    embedding: EmbeddingService,
    request: Request,
    space: Space,
    raw: Vector,
    vector: list[float],
    memory: Memory,
    parameters: Parameters,
) -> Reading:
    """Everything that the ranking looks at. Parts are embedded only where a text has three sentences or items, or more."""
    names, countries, topics = await asyncio.gather(
        named(database, request.text),
        memory.one(("country names",), lambda: read_country_names(database)),
        taxonomy(database, space, memory),
    )
    near = topics.near(vector, parameters.topics)
    subjects = await several_subjects(embedding, request, space, topics, parameters)
    # Compared with plain descriptions, which are documents: measured with what a language adds to those.
    close = await nearness(embedding, space, space.centred(raw, request.language), [topic.vector for topic in near])
    whole = whole_of(request, vector, near, parameters)
    found = tuple(countries_in(request.text, countries))
    return Reading(
        whole, subjects if len(subjects) >= parameters.subjects else (whole,), tuple(names), found, close, parameters.topic_floor
    )


def whole_of(request: Request, vector: list[float], near: Sequence[Topic], parameters: Parameters) -> Subject:
    """The text as one subject."""
    # The nearest topic lends its words in any case: a text in another language would otherwise have too few.
    return Subject(request.text, vector, tuple(t for place, t in enumerate(near) if place == 0 or t.cosine >= parameters.topic_floor))


async def read_country_names(database: Database) -> list[tuple[str, Named]]:
    return spellings(dict(await database.read(country_names())))


async def several_subjects(
    embedding: EmbeddingService, request: Request, space: Space, topics: Taxonomy, parameters: Parameters
) -> tuple[Subject, ...]:
    """The parts of a text, those of one topic together; parts that are near to no topic belong to none."""
    parts = parts_of(request.text)
    if len(parts) < parameters.subjects:
        return ()
    vectors = [
        space.asked(v, part, request.language)
        for v, part in zip(await asyncio.gather(*(embedding.query(part) for part in parts)), parts, strict=True)
    ]
    near = [topics.near(vector, 1) for vector in vectors]
    together: dict[str, list[int]] = {}
    for place, nearest in enumerate(near):
        for topic in nearest:
            if topic.cosine >= parameters.subject_floor:
                together.setdefault(topic.id, []).append(place)
    # The part that is nearest to the topic gives the vector; the words are those of all parts.
    return tuple(
        Subject(" ".join(parts[p] for p in places), vectors[best], near[best])
        for places in together.values()
        for best in [max(places, key=lambda p: (near[p][0].cosine, -p))]
    )
