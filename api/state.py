"""The running network of one process: the database lease, the driver, the embedding service, and whether each is ready."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

from api.fresh import FreshVectors
from graph.assignment.kept import qualities_of
from graph.batching import Batcher
from graph.catalogue import country_names, names_in, topic_names
from graph.changes import Feed
from graph.database import Database
from graph.embedding import EmbeddingService
from graph.errors import Code, NetworkError
from graph.language import detect
from graph.matching.request import WORDY, checked_text
from graph.schema import check_migrated, missing_schema
from graph.search import MEANT
from graph.server import Lease, Progress, connect, ensure
from graph.settings import Settings
from graph.vectors import Space, space_in_use

log = logging.getLogger("gcio")
WATCH_SECONDS = 2.0


@dataclass(repr=False)
class Network:
    """Opened once per process and handed to every request. Until the database answers, `database` says that it is starting."""

    settings: Settings
    embedding: EmbeddingService
    lease: Lease | None = None
    countries: dict[str, str] = field(default_factory=dict)
    topics: dict[str, str] = field(default_factory=dict)
    names: dict[str, Mapping[str, str]] = field(default_factory=dict)
    streams: int = 0
    _database: Database | None = None
    _batcher: Batcher | None = None
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _failure: NetworkError | None = None
    _schema_ready: bool = False
    _space: Space | None = None
    _space_read: float = 0.0
    _unembedded: int | None = None
    _unembedded_read: float = 0.0
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.feed = Feed(lambda: self.database)
        self.fresh = FreshVectors(self.embedding, lambda: self.database)

    @classmethod
    async def open(cls, settings: Settings, *, progress: Callable[[Progress], None] | None = None) -> Network:
        """A network whose database answers. The model loads meanwhile."""
        network = cls(settings, EmbeddingService(settings))
        network.embedding.start()
        await network.connect(progress)
        return network

    @classmethod
    def starting(cls, settings: Settings) -> Network:
        """A network that opens in the background: requests are answered from the start, with 503 until the database is there."""
        network = cls(settings, EmbeddingService(settings))
        network.embedding.start()
        network._tasks.append(asyncio.create_task(network._connect_quietly()))
        return network

    async def connect(self, progress: Callable[[Progress], None] | None = None) -> None:
        self._take(await self._reach(progress))

    async def _reach(self, progress: Callable[[Progress], None] | None = None) -> Database:
        self.lease = await asyncio.to_thread(connect, self.settings, progress=progress)
        database = Database(self.lease.endpoint, query_timeout=self.settings.query_timeout, lean=not self.settings.neo4j_driver_reads)
        self._tasks.append(asyncio.create_task(self._watch(database)))
        return database

    def _take(self, database: Database) -> None:
        self._database = database
        self._open.set()

    async def opened(self) -> Database:
        """The database, once it is there."""
        await self._open.wait()
        return self.database

    async def _connect_quietly(self) -> None:
        """Until it is there, and as this version needs it: answers from a graph that an earlier version left would be wrong."""
        reached: Database | None = None
        while self._database is None:
            try:
                reached = reached or await self._reach()
                await check_migrated(reached)
                self._take(reached)
            except NetworkError as error:
                self._failure = error
                log.warning("database: %s %s", error.message, error.hint or "")
                await asyncio.sleep(WATCH_SECONDS * 5)

    @property
    def database(self) -> Database:
        """Raises DATABASE_UNAVAILABLE while there is none yet, SCHEMA_NOT_READY while it waits for migrations."""
        if self._database is None:
            failure = self._failure or NetworkError(Code.DATABASE_UNAVAILABLE, "The network is starting.")
            code = failure.code if failure.code is Code.SCHEMA_NOT_READY else Code.DATABASE_UNAVAILABLE
            raise NetworkError(code, failure.message, hint="Try again in a few seconds.")
        return self._database

    @property
    def batcher(self) -> Batcher:
        """Asks reads together that arrive together. Raises DATABASE_UNAVAILABLE while there is no database yet."""
        if self._batcher is None:
            self._batcher = Batcher(self.database)
        return self._batcher

    async def _watch(self, database: Database) -> None:
        """Look after the database: start the embedded one again when its process is gone."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await database.ping()
            except NetworkError:
                self._schema_ready = False
                if self.lease is None or not self.lease.endpoint.embedded:
                    continue
                try:
                    await asyncio.to_thread(ensure, self.settings)
                except NetworkError as error:
                    log.warning("database: %s %s", error.message, error.hint or "")

    def wrote(self, record_id: str) -> None:
        """This process wrote the record: who follows the log is told at once, and its vector is made in the background."""
        self.feed.nudge()
        self.fresh.add(record_id)

    async def close(self) -> None:
        self.feed.close()
        await self.fresh.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.embedding.close()
        if self._database:
            await qualities_of(self._database).close()
            await self._database.close()
        if self.lease:
            await asyncio.to_thread(self.lease.close)

    async def space(self) -> Space:
        """The vectors in use, looked up again every few seconds. Raises SCHEMA_NOT_READY while there are none."""
        if self._space is None or monotonic() - self._space_read > WATCH_SECONDS:
            self._space, self._space_read = await space_in_use(self.database), monotonic()
        return self._space

    async def vector_index(self) -> str | None:
        """Name of the vector index in use, where there is one. Every request asks: that there is none is believed for a few
        seconds too, unless this process wrote since."""
        writes = self.database.writes
        if writes == self._unembedded and monotonic() - self._unembedded_read <= WATCH_SECONDS:
            return None
        try:
            return (await self.space()).index
        except NetworkError as error:
            if error.code is Code.SCHEMA_NOT_READY:
                self._unembedded, self._unembedded_read = writes, monotonic()
                return None
            raise

    async def meaning(self, texts: Sequence[str]) -> dict[str, list[float]]:
        """Vectors of texts that are searched for, as they are compared. Raises TEXT_EMPTY, TEXT_TOO_LONG, MODEL_LOADING."""
        space = await self.space()
        out = {}
        for text in texts:
            checked = checked_text(text, self.settings.max_text)
            language = detect(checked).code if len(checked) >= WORDY else "en"
            out[text] = space.asked(await self.embedding.query(checked[:MEANT]), checked, language)
        return out

    async def missing(self) -> list[str]:
        """What is not ready yet, in words; empty when everything is."""
        out = []
        try:
            if not self._schema_ready:
                if names := await missing_schema(self.database):
                    return [f"schema: {', '.join(names[:5])}"]
                self._schema_ready = True
            await self.database.ping()
            await space_in_use(self.database)
        except NetworkError as error:
            out.append(f"database: {error.message}")
        if self.embedding.state != "ready":
            detail = self.embedding.error.message if self.embedding.error else self.embedding.state
            out.append(f"model: {detail}")
        return out

    async def names_in(self, language: str) -> Mapping[str, str]:
        """What countries, groups of countries and topics are called in a language, by their English names; read once."""
        if not self.names.get(language):
            self.names[language] = await names_in(self.database, language)
        return self.names[language]

    async def known(self) -> tuple[dict[str, str], dict[str, str]]:
        """Names of countries by alpha-3 code and of topics by id, read once. Raises SCHEMA_NOT_READY on an empty graph."""
        if not self.countries or not self.topics:
            self.countries = await country_names(self.database)
            self.topics = await topic_names(self.database)
        if not self.countries:
            raise NetworkError(
                Code.SCHEMA_NOT_READY, "The network knows nothing yet.", hint="Run `gcio up`, or `gcio load` for the starter data."
            )
        return self.countries, self.topics
