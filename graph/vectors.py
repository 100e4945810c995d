"""Vectors of documents: one property and one index per embedding model, incremental by text hash, switched when complete.

Stored vectors have two things taken away that only blur cosines: the mean document vector, which all documents share, and
what a language adds, measured on the taxonomy, whose texts say the same in six languages. What a language adds to a text that
is asked is measured apart: a model reads a question otherwise than a document, and a few words otherwise than a sentence. All of it belongs to the model and the graph and is kept in state nodes. Must not know how texts become vectors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from graph.database import Database, Query, Transaction, identifier
from graph.embedding import EmbeddingService, ModelInfo, text_hash
from graph.errors import Code, NetworkError
from graph.model import MODEL, NodeType, localised_name
from graph.version import revise
from graph.vocabulary import UN_LANGUAGES

Vector = NDArray[np.float32]
BATCH = 64
BUILDING: Final = 3600
"""Seconds that an index may take: a hundred thousand vectors take minutes."""
SAMPLE = 1000


@dataclass(frozen=True, slots=True)
class Added:
    """What a language adds to the vector of a text that is asked: to a few words, to a sentence, and how many letters those have on average."""

    words: Vector
    sentence: Vector
    letters: tuple[float, float]

    def to(self, letters: int) -> Vector:
        """What it adds to a text of so many letters: between the two in proportion, beyond them as at the nearer one."""
        share = float(np.interp(letters, self.letters, (0.0, 1.0)))
        between: Vector = (1 - share) * self.words + share * self.sentence
        return between


@dataclass(frozen=True, slots=True)
class Space:
    """The vectors in use: the model's key, the mean that was taken away from them, what each language adds to a document and what it
    adds to a text that is asked."""

    key: str
    model: str
    dimensions: int
    center: Vector
    offsets: Mapping[str, Vector] = field(default_factory=dict)
    asking: Mapping[str, Added] = field(default_factory=dict)

    @property
    def stored_in(self) -> str:
        return vector_property(self.key)

    @property
    def index(self) -> str:
        return vector_index(self.key)

    def centred(self, vector: Vector, language: str | None = "en") -> list[float]:
        """A document's vector as it is stored and compared. A language outside the taxonomy gets the mean of the others' offsets."""
        return self._without(vector, self.offsets, language)

    def asked(self, vector: Vector, text: str, language: str | None = "en") -> list[float]:
        """The vector of a text that is asked, a need or a search, as it is compared with those of documents."""
        if language == "en" or not self.asking:
            return self._without(vector, self.offsets, language)
        return self._without(vector, {name: added.to(len(text)) for name, added in self.asking.items()}, language)

    def _without(self, vector: Vector, offsets: Mapping[str, Vector], language: str | None) -> list[float]:
        away = self.center
        if language and language != "en" and offsets:
            away = away + (offsets[language] if language in offsets else np.mean(list(offsets.values()), axis=0))
        left: list[float] = (vector - away).tolist()
        return left


@dataclass(frozen=True, slots=True)
class EmbedReport:
    """How many documents there are, how many were embedded, whether the model in use was switched."""

    documents: int
    embedded: int
    switched: bool


def vector_property(key: str) -> str:
    return identifier(f"vector_{key}")


def vector_index(key: str) -> str:
    return identifier(f"document_vector_{key}")


def document_text(node_type: NodeType, values: dict[str, Any]) -> str:
    """The text that stands for a document: its fields in order of weight, each as a sentence."""
    assert node_type.text is not None  # noqa: S101 - callers pass documents only
    parts = []
    for name in node_type.text.fields:
        value = values.get(name)
        if value:
            parts.append((", ".join(value) if isinstance(value, list) else str(value)).rstrip(". "))
    return ". ".join(parts)


_spaces: WeakKeyDictionary[Database, Space] = WeakKeyDictionary()


async def space_in_use(database: Database) -> Space:
    """Raises SCHEMA_NOT_READY when nothing was embedded yet.

    The mean and the offsets never change once they are measured; those at hand are used again where the mean begins alike.
    """
    begins = "MATCH (s:State {id: 'state:vectors'})\nMATCH (m:State {id: 'state:vectors:' + s.key})\nRETURN s.key, s.model, m.center[0..3]"
    rows = await database.read(Query(begins))
    if not rows:
        raise NetworkError(
            Code.SCHEMA_NOT_READY, "The documents have no vectors yet.", hint="Run `gcio embed`; `gcio up` does it by itself."
        )
    key, model, start = rows[0]
    at_hand = _spaces.get(database)
    if (
        at_hand is not None
        and (at_hand.key, at_hand.model) == (key, model)
        and np.array_equal(at_hand.center[:3], np.asarray(start, np.float32))
    ):
        return at_hand
    [(center, languages, offsets, asking)] = await database.read(_measured(key))
    space = _spaces[database] = Space(key, model, len(center), _floats(center), _unpacked(languages, offsets), _asking(languages, asking))
    return space


def _measured(key: str) -> Query:
    """Rows of (mean, languages, what they add to documents, what they add to texts that are asked) of a model."""
    return Query("MATCH (m:State {id: $id})\nRETURN m.center, m.languages, m.offsets, m.asking", {"id": f"state:vectors:{key}"})


def _floats(values: Sequence[float]) -> Vector:
    return np.asarray(values, dtype=np.float32)


def _unpacked(languages: list[str], offsets: list[float] | None) -> dict[str, Vector]:
    """Offsets by language from one list of floats, a language after the other."""
    if not languages or not offsets:
        return {}
    return dict(zip(languages, np.asarray(offsets, dtype=np.float32).reshape(len(languages), -1), strict=True))


def _asking(languages: list[str], packed: list[float] | None) -> dict[str, Added]:
    """The same of what languages add to texts that are asked: two numbers of letters, then the two vectors."""
    out = {}
    for language, row in _unpacked(languages, packed).items():
        words, sentence = np.split(row[2:], 2)
        out[language] = Added(words, sentence, (float(row[0]), float(row[1])))
    return out


VectorsOf = Callable[[Sequence[tuple[str, str]]], Awaitable[list[Vector]]]
AskedOf = Callable[[Sequence[str]], Awaitable[list[Vector]]]
Known = Callable[[str], Mapping[str, Vector]]


def nothing_known(_key: str) -> Mapping[str, Vector]:
    """No vectors are at hand for any model."""
    return {}


async def embed_documents(
    database: Database, service: EmbeddingService, *, known: Known = nothing_known, progress: Callable[[int, int], None] | None = None
) -> EmbedReport:
    """Embed what is new or changed; build the model's index where there is none; switch to it when every document has its vector.

    `known` gives vectors that a model made before, by text hash, for its key. `progress` gets (done, all). Interrupted, it
    goes on where it was.
    """
    info = await service.ready()
    at_hand = known(info.key)

    async def vectors_of(texts: Sequence[tuple[str, str]]) -> list[Vector]:
        missing = [text for digest, text in texts if digest not in at_hand]
        made = iter(await service.passages(missing) if missing else ())
        return [at_hand[digest] if digest in at_hand else next(made) for digest, _ in texts]

    async def asked_of(texts: Sequence[str]) -> list[Vector]:
        made = (_ready(at_hand[asked_hash(t)]) if asked_hash(t) in at_hand else service.query(t, wait=True) for t in texts)
        return list(await asyncio.gather(*made))

    space = await _prepared_space(database, info, vectors_of, asked_of)
    stale = await _stale(database, info.key)
    for done in range(0, len(stale), BATCH):
        batch = stale[done : done + BATCH]
        vectors = await vectors_of([(document.digest, document.text) for document in batch])
        rows = [{"id": d.id, "hash": d.digest, "vector": space.centred(v, d.lang)} for d, v in zip(batch, vectors, strict=True)]
        await database.write(partial(_store, info.key, rows))
        if progress:
            progress(min(done + BATCH, len(stale)), len(stale))
    await _build_index(database, info)
    switched = await _switch(database, space)
    documents = (await database.read(Query("MATCH (d:Document)\nRETURN count(d)")))[0][0]
    return EmbedReport(documents, len(stale), switched)


async def _build_index(database: Database, info: ModelInfo) -> None:
    """The model's index, ready to be searched. It comes after the vectors: one that fills up batch by batch is in as many parts, and each
    search looks into all of them. One of an earlier version, which filled up so and was quantised, is made anew."""
    if await database.read(quantised_index(info.key)):
        await database.change_schema([drop_index(info.key)])
    await database.change_schema([create_index(info.key, info.dimensions)])
    await database.read(await_index(info.key), timeout=BUILDING)


async def embed_records(database: Database, service: EmbeddingService, ids: Sequence[str]) -> int:
    """Vectors of these documents, in the space in use, where their text is new. Returns how many were made.

    Does nothing where the model loaded is not the one in use: `embed_documents` then makes all vectors anew.
    """
    info = await service.ready()
    space = await space_in_use(database)
    by_type: dict[str, list[str]] = {}
    for record_id in ids:
        by_type.setdefault(record_id.partition(":")[0], []).append(record_id)
    documents = []
    for prefix, group in by_type.items():
        node_type = MODEL.by_prefix[prefix]
        if node_type.is_document and space.key == info.key:
            for record_id, values, lang, digest in await database.read(fields_of_documents(node_type, info.key, group)):
                text = document_text(node_type, values)
                if text_hash(text) != digest:
                    documents.append(_Document(record_id, text, text_hash(text), lang))
    if documents:
        vectors = await service.passages([document.text for document in documents])
        rows = [{"id": d.id, "hash": d.digest, "vector": space.centred(v, d.lang)} for d, v in zip(documents, vectors, strict=True)]
        await database.write(partial(_store, info.key, rows))
    return len(documents)


async def _store(key: str, rows: list[dict[str, Any]], transaction: Transaction) -> None:
    await transaction.run(store_vectors(key, rows))
    await revise(transaction)


async def _prepared_space(database: Database, info: ModelInfo, vectors_of: VectorsOf, asked_of: AskedOf) -> Space:
    """The space of a model: its mean read, or measured on a fixed sample of the evidence."""
    for center, languages, offsets, asking in await database.read(_measured(info.key)):
        # A graph that was embedded before texts that are asked had offsets of their own gets them now.
        added = _asking(languages, asking) or await _keep_asking(database, info.key, languages, asked_of)
        return Space(info.key, info.name, info.dimensions, _floats(center), _unpacked(languages, offsets), added)
    sample = sorted((d.digest, d.text) for d in await _documents(database, evidence_only=True))[:SAMPLE]
    if not sample:
        return Space(info.key, info.name, info.dimensions, np.zeros(info.dimensions, dtype=np.float32))
    mean: Vector = np.stack(await vectors_of(sample)).mean(axis=0)
    by_language = await _language_offsets(database, vectors_of)
    values = {
        "id": f"state:vectors:{info.key}",
        "center": [float(x) for x in mean],
        "languages": list(by_language),
        "offsets": _packed(by_language),
    }
    query = Query("MERGE (m:State {id: $id})\nSET m.center = $center, m.languages = $languages, m.offsets = $offsets", values)
    await database.write(lambda transaction: transaction.run(query))
    asking_too = await _keep_asking(database, info.key, list(by_language), asked_of)
    return Space(info.key, info.name, info.dimensions, mean, by_language, asking_too)


def _packed(offsets: Mapping[str, Vector]) -> list[float]:
    return [float(x) for offset in offsets.values() for x in offset]


async def _keep_asking(database: Database, key: str, languages: Sequence[str], asked_of: AskedOf) -> dict[str, Added]:
    """Measure what each language adds to texts that are asked, on the names and the descriptions of the topics, and keep it."""
    topics = await _topics(database)
    if not topics or not languages:
        return {}
    means: dict[str, tuple[Vector, Vector]] = {}
    letters: dict[str, tuple[float, float]] = {}
    for language in ("en", *languages):
        texts = [topic_questions(values, language) for values in topics]
        vectors = await asked_of([text for pair in texts for text in pair])
        means[language] = np.stack(vectors[::2]).mean(axis=0), np.stack(vectors[1::2]).mean(axis=0)
        letters[language] = float(np.mean([len(words) for words, _ in texts])), float(np.mean([len(sentence) for _, sentence in texts]))
    asking = {
        language: Added(means[language][0] - means["en"][0], means[language][1] - means["en"][1], letters[language])
        for language in languages
    }
    packed = [float(x) for added in asking.values() for x in (*added.letters, *added.words, *added.sentence)]
    values = {"id": f"state:vectors:{key}", "asking": packed}
    await database.write(lambda transaction: transaction.run(Query("MATCH (m:State {id: $id})\nSET m.asking = $asking", values)))
    _spaces.pop(database, None)
    return asking


async def _topics(database: Database) -> list[dict[str, Any]]:
    fields = ", ".join(f".{name}" for name in MODEL["Topic"].by_physical_name)
    return [values for (values,) in await database.read(Query(f"MATCH (t:Topic)\nRETURN t {{{fields}}}\nORDER BY t.id"))]


async def _language_offsets(database: Database, vectors_of: VectorsOf) -> dict[str, Vector]:
    """What each language adds to a vector: the mean over the topics of the difference to the same topic's text in English."""
    topics = await _topics(database)
    if not topics:
        return {}
    means: dict[str, Vector] = {}
    for language in UN_LANGUAGES:
        texts = [topic_text(values, language) for values in topics]
        means[language] = np.stack(await vectors_of([(text_hash(text), text) for text in texts])).mean(axis=0)
    return {language: mean - means["en"] for language, mean in means.items() if language != "en"}


def topic_text(values: Mapping[str, Any], language: str) -> str:
    """A topic's text in a language, built like that of a document."""
    return document_text(MODEL["Topic"], {name: values.get(localised_name(name, language)) for name in ("name", "keywords", "description")})


def topic_questions(values: Mapping[str, Any], language: str) -> tuple[str, str]:
    """A topic in a language in a few words and in a sentence, as needs and searches are."""
    words = str(values.get(localised_name("name", language)) or values["name"])
    return words, str(values.get(localised_name("description", language)) or words)


def asked_hash(text: str) -> str:
    """Under which a file of vectors keeps the vector of a text that is asked: a document of the same text has another."""
    return text_hash(f"asked: {text}")


async def _ready(vector: Vector) -> Vector:
    return vector


@dataclass(frozen=True, slots=True)
class _Document:
    id: str
    text: str
    digest: str
    lang: str | None


async def _documents(database: Database, *, evidence_only: bool = False) -> list[_Document]:
    out = []
    for node_type in MODEL.evidence if evidence_only else MODEL.documents:
        rows = await database.read(document_fields(node_type), timeout=120)
        for number, (record_id, values, lang) in enumerate(rows):
            text = document_text(node_type, values)
            out.append(_Document(record_id, text, text_hash(text), lang))
            if number % 5000 == 4999:
                await asyncio.sleep(0)
    return out


async def _stale(database: Database, key: str) -> list[_Document]:
    """Documents whose vector is missing or of another text, short ones first: batches of like length waste no padding."""
    stored = dict(await database.read(Query(f"MATCH (d:Document)\nRETURN d.id, d.{vector_property(key)}_hash"), timeout=120))
    stale = [document for document in await _documents(database) if stored.get(document.id) != document.digest]
    return sorted(stale, key=lambda document: (len(document.text), document.id))


async def _switch(database: Database, space: Space) -> bool:
    """Make the space the one in use, and clear away what another model left."""
    await database.read(Query("CALL db.awaitIndexes(300)"), timeout=310)
    rows = await database.read(Query("MATCH (s:State {id: 'state:vectors'})\nRETURN s.key"))
    former = rows[0][0] if rows else None

    async def work(transaction: Transaction) -> None:
        await transaction.run(
            Query(
                "MERGE (s:State {id: 'state:vectors'})\nSET s.key = $key, s.model = $model, s.dimensions = $dimensions",
                {"key": space.key, "model": space.model, "dimensions": space.dimensions},
            )
        )
        if former != space.key:
            await revise(transaction)

    await database.write(work)
    if former and former != space.key:
        await database.change_schema([drop_index(former)])
        name = vector_property(former)
        await database.write(lambda transaction: transaction.run(Query(f"MATCH (d:Document)\nREMOVE d.{name}, d.{name}_hash")))
        await database.write(
            lambda transaction: transaction.run(Query("MATCH (m:State {id: $id})\nDELETE m", {"id": f"state:vectors:{former}"}))
        )
    return former != space.key


def create_index(key: str, dimensions: int) -> Query:
    """The vector index of a model, with the properties that a search filters on inside the index."""
    filters = ", ".join(f"d.{name}" for name in ("documentType", "evidence", "visibility", "date"))
    # Vectors as they are: with quantised ones, which documents are found depends a little on the order in which they came.
    settings = f"`vector.dimensions`: {int(dimensions)}, `vector.similarity_function`: 'cosine', `vector.quantization.enabled`: false"
    options = f"{{indexConfig: {{{settings}}}}}"
    return Query(
        f"CREATE VECTOR INDEX {vector_index(key)} IF NOT EXISTS FOR (d:Document) ON d.{vector_property(key)} WITH [{filters}] OPTIONS {options}"
    )


def drop_index(key: str) -> Query:
    return Query(f"DROP INDEX {vector_index(key)} IF EXISTS")


def quantised_index(key: str) -> Query:
    """A row with the name of the model's index where it is quantised."""
    return Query(
        "SHOW VECTOR INDEXES YIELD name, options\nWHERE name = $name AND options.indexConfig['vector.quantization.type'] <> 'NONE'\nRETURN name",
        {"name": vector_index(key)},
    )


def await_index(key: str) -> Query:
    """No row; answers when the index can be searched."""
    return Query("CALL db.awaitIndex($name, $seconds)", {"name": vector_index(key), "seconds": BUILDING})


def store_vectors(key: str, rows: list[dict[str, Any]]) -> Query:
    name = vector_property(key)
    return Query(
        f"UNWIND $rows AS row\nMATCH (d:Document {{id: row.id}})\nSET d.{name} = row.vector, d.{name}_hash = row.hash", {"rows": rows}
    )


def document_fields(node_type: NodeType) -> Query:
    """Rows of (id, map of the fields that are embedded, language)."""
    assert node_type.text is not None  # noqa: S101 - callers pass documents only
    fields = ", ".join(f".{identifier(name)}" for name in node_type.text.fields)
    return Query(f"MATCH (d:{identifier(node_type.label)})\nRETURN d.id, d {{{fields}}}, d.lang")


def fields_of_documents(node_type: NodeType, key: str, ids: Sequence[str]) -> Query:
    """Rows of (id, map of the fields that are embedded, language, hash of the text that the vector was made of) of some documents."""
    assert node_type.text is not None  # noqa: S101 - callers pass documents only
    fields = ", ".join(f".{identifier(name)}" for name in node_type.text.fields)
    return Query(
        f"UNWIND $ids AS id\nMATCH (d:{identifier(node_type.label)} {{id: id}})\nRETURN d.id, d {{{fields}}}, d.lang, d.{vector_property(key)}_hash",
        {"ids": list(ids)},
    )
