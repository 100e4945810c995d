"""The process's one embedding service: loads the model in the background, embeds off the event loop, batches and remembers queries.

Must not know what vectors are for. One event loop at a time uses it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Literal, TypeAlias

import numpy as np

from graph.embedding.model import Embedder, ModelInfo, Vector, Vectors, fold, text_hash
from graph.embedding.sources import load as load_model
from graph.errors import Code, NetworkError
from graph.settings import Settings

State: TypeAlias = Literal["idle", "loading", "ready", "failed"]

BATCH = 32
REMEMBERED = 4096
"""Query vectors kept, the least recently used forgotten first: 6 MB with 384 dimensions."""

RETRY_SECONDS = 60.0
"""How long a failed load stands before the next caller starts another."""

LOADING_SECONDS = 10
_PASSAGE_THREADS = min(8, os.cpu_count() or 1)


class EmbeddingService:
    """Embeds texts for everybody in the process.

    `state` says whether that is possible now, `error` why not when it is `failed`. Queries have a thread to themselves and never
    wait for passages; passages run in as many threads as there are cores, at a lower priority where the system has one.
    """

    def __init__(self, settings: Settings, load: Callable[[Settings], Embedder] = load_model, *, remembered: int = REMEMBERED) -> None:
        self.state: State = "idle"
        self.error: NetworkError | None = None
        self._settings = settings
        self._load = load
        self._outcome: Future[Embedder | NetworkError] = Future()
        self._failed_at = 0.0
        self._closed = False
        self._change = threading.Lock()
        self._remembered = remembered
        self._cache: OrderedDict[str, Vector] = OrderedDict()
        self._asked: dict[str, asyncio.Future[Vector]] = {}
        self._waiting: list[tuple[str, str]] = []
        self._answering: asyncio.Task[None] | None = None
        self._query_thread = ThreadPoolExecutor(1, thread_name_prefix="embed-query")
        self._passage_threads = ThreadPoolExecutor(_PASSAGE_THREADS, thread_name_prefix="embed-passage", initializer=_give_way)

    def start(self) -> None:
        """Begin to load in a thread and return at once; nothing to do while the model loads or once it has. After a failure: try again."""
        with self._change:
            if self._closed or self.state in {"loading", "ready"}:
                return
            self.state, self.error = "loading", None
            self._outcome = Future()
        # A daemon, since a process that ends must not wait for a download.
        threading.Thread(target=self._run_load, name="embed-load", daemon=True).start()

    async def ready(self) -> ModelInfo:
        """The model's identity, once it is loaded. Raises `MODEL_UNAVAILABLE`."""
        return (await self._embedder(wait=True)).info

    async def query(self, text: str, *, wait: bool = False) -> Vector:
        """The vector of a query; read-only, since the cache shares it.

        Raises `MODEL_LOADING` while the model loads unless told to `wait`, and `MODEL_UNAVAILABLE`. Calls of the same turn of the
        event loop, and calls made while the model is busy, are embedded together; the same text is embedded once.
        """
        embedder = await self._embedder(wait=wait)
        folded = fold(text)
        key = text_hash(folded)
        known = self._cache.get(key)
        if known is not None:
            self._cache.move_to_end(key)
            return known
        answer = self._asked.get(key)
        if answer is None:
            answer = self._asked[key] = asyncio.get_running_loop().create_future()
            answer.add_done_callback(_noticed)
            self._waiting.append((key, folded))
            if self._answering is None or self._answering.done():
                self._answering = asyncio.create_task(self._answer_queries(embedder))
        return await asyncio.shield(answer)

    async def passages(self, texts: Sequence[str]) -> Vectors:
        """The vectors of documents, shape (texts, dimensions), in the order of `texts`. Waits for the model. Raises `MODEL_UNAVAILABLE`."""
        embedder = await self._embedder(wait=True)
        folded = [fold(text) for text in texts]
        vectors = np.empty((len(folded), embedder.info.dimensions), dtype=np.float32)
        # Texts of like length go together, since a batch is as slow as its longest text.
        order = sorted(range(len(folded)), key=lambda place: len(folded[place]), reverse=True)
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        loop = asyncio.get_running_loop()
        running = [
            loop.run_in_executor(self._passage_threads, _encode_passages, embedder, [folded[place] for place in places])
            for places in batches
        ]
        try:
            for places, batch in zip(batches, running, strict=True):
                vectors[places] = await batch
        finally:
            for batch in running:
                batch.add_done_callback(_noticed)
                batch.cancel()
        return vectors

    async def close(self) -> None:
        """End: calls under way fail with `MODEL_UNAVAILABLE`, connections are given back. A load under way runs out by itself."""
        with self._change:
            self._closed = True
            self.state = "idle"
            outcome = self._outcome
            if not outcome.done():
                outcome.set_result(_closed())
        if self._answering is not None:
            self._answering.cancel()
            await asyncio.gather(self._answering, return_exceptions=True)
        self._query_thread.shutdown(wait=False, cancel_futures=True)
        self._passage_threads.shutdown(wait=False, cancel_futures=True)
        self._cache.clear()
        _dispose(outcome.result())

    async def _embedder(self, *, wait: bool) -> Embedder:
        if self._closed:
            raise _closed()
        if self.state == "idle" or (self.state == "failed" and time.monotonic() - self._failed_at >= RETRY_SECONDS):
            self.start()
        outcome = self._outcome
        if not outcome.done() and not wait:
            raise NetworkError(
                Code.MODEL_LOADING,
                "The embedding model is still loading.",
                hint=f"Try again in {LOADING_SECONDS} seconds; everything that needs no search by meaning works already.",
                details={"retryAfter": LOADING_SECONDS},
            )
        result = outcome.result() if outcome.done() else await asyncio.shield(asyncio.wrap_future(outcome))
        if isinstance(result, NetworkError):
            raise _again(result)
        return result

    def _run_load(self) -> None:
        result: Embedder | NetworkError
        try:
            result = self._load(self._settings)
        except NetworkError as error:
            result = error
        except Exception as error:  # noqa: BLE001 - nobody is above a thread; every caller gets it as MODEL_UNAVAILABLE
            result = _unavailable("The embedding model could not be loaded", error)
        with self._change:
            if self._closed:
                _dispose(result)
            elif isinstance(result, NetworkError):
                self._failed_at = time.monotonic()
                self.state, self.error = "failed", result
                self._outcome.set_result(result)
            else:
                self.state = "ready"
                self._outcome.set_result(result)

    async def _answer_queries(self, embedder: Embedder) -> None:
        """Embed what waits, at most 32 at a time, until nothing does. While one batch runs, the next gathers."""
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                texts = [text for _key, text in batch]
                try:
                    vectors = await loop.run_in_executor(self._query_thread, _encode_queries, embedder, texts)
                except NetworkError as error:
                    for key, _text in batch:
                        self._asked.pop(key).set_exception(_again(error))
                else:
                    for (key, _text), vector in zip(batch, vectors, strict=True):
                        self._asked.pop(key).set_result(self._remember(key, vector))
        finally:
            # Only where the task was cancelled is anything left.
            for answer in self._asked.values():
                answer.set_exception(_closed())
            self._asked.clear()
            self._waiting.clear()

    def _remember(self, key: str, row: Vector) -> Vector:
        vector = row.copy()
        vector.setflags(write=False)
        self._cache[key] = vector
        while len(self._cache) > self._remembered:
            self._cache.popitem(last=False)
        return vector


def _encode_queries(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    return _told(embedder, lambda: embedder.encode(texts, kind="query"))


def _encode_passages(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    return _told(embedder, lambda: embedder.encode(texts, kind="passage"))


def _told(embedder: Embedder, encode: Callable[[], Vectors]) -> Vectors:
    try:
        return encode()
    except NetworkError:
        raise
    except Exception as error:
        raise _unavailable(f"The embedding model {embedder.info.name} failed", error) from error


def _unavailable(what: str, error: Exception) -> NetworkError:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return NetworkError(
        Code.MODEL_UNAVAILABLE, f"{what}: {reason}", hint="See the log; GCIO_MODEL or GCIO_EMBEDDING_URL names another model."
    )


def _closed() -> NetworkError:
    return NetworkError(
        Code.MODEL_UNAVAILABLE, "The embedding service was closed.", hint="The process is ending: ask again when it is back."
    )


def _again(error: NetworkError) -> NetworkError:
    """A copy to raise: one exception raised in many tasks would gather all their tracebacks."""
    return NetworkError(error.code, error.message, hint=error.hint, allowed=error.allowed, details=error.details)


def _dispose(loaded: Embedder | NetworkError) -> None:
    close = getattr(loaded, "close", None)
    if close is not None:
        close()


def _noticed(future: asyncio.Future[Vector] | asyncio.Future[Vectors]) -> None:
    """Keep asyncio from reporting an error that no caller stayed to hear."""
    if not future.cancelled():
        future.exception()


def _give_way() -> None:
    """Passages in bulk must not slow down queries, pages or the database. Linux has priorities for threads; elsewhere nothing changes."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)
