"""The embedding service, with models that are a few lines long."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import numpy as np
import pytest

from graph.embedding import Embedder, EmbeddingService, Kind, ModelInfo, service, text_hash
from graph.errors import Code, NetworkError
from graph.settings import Settings

DIMENSIONS = 8
INFO = ModelInfo(key="words_8", name="words", dimensions=DIMENSIONS, multilingual=False, source="folder")


class Words:
    """A deterministic model that records what it is asked, and can be held until a test lets it go on."""

    info = INFO

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []
        self.go = threading.Event()
        self.go.set()
        self.asked = threading.Event()
        self.closed = threading.Event()
        self.failure: Exception | None = None

    def encode(self, texts: Sequence[str], *, kind: Kind) -> np.ndarray:
        self.calls.append((kind, list(texts)))
        self.asked.set()
        assert self.go.wait(10)
        if self.failure is not None:
            raise self.failure
        return np.stack([vector(f"{kind} {text}") for text in texts])

    def close(self) -> None:
        self.closed.set()

    def texts(self, kind: str) -> list[list[str]]:
        return [texts for called, texts in self.calls if called == kind]


def vector(text: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    values = np.random.default_rng(seed).normal(size=DIMENSIONS).astype(np.float32)
    return values / np.linalg.norm(values)


Start = Callable[..., EmbeddingService]


@pytest.fixture
async def services() -> AsyncIterator[Start]:
    """Makes services, and closes them."""
    made: list[EmbeddingService] = []

    def make(load: Callable[[Settings], Embedder], **options: Any) -> EmbeddingService:
        made.append(EmbeddingService(Settings(), load, **options))
        return made[-1]

    yield make
    for one in made:
        await one.close()


@pytest.fixture
def words() -> Words:
    return Words()


async def test_loading_is_told_and_does_not_hold_up_the_event_loop(services: Start, words: Words) -> None:
    loaded = threading.Event()

    def load(_: Settings) -> Embedder:
        assert loaded.wait(10)
        return words

    embedding = services(load)
    assert embedding.state == "idle"

    embedding.start()

    assert embedding.state == "loading"
    with pytest.raises(NetworkError) as caught:
        await embedding.query("roads")
    assert caught.value.code is Code.MODEL_LOADING
    assert caught.value.status == 503
    assert caught.value.message == "The embedding model is still loading."
    assert caught.value.hint == "Try again in 10 seconds; everything that needs no search by meaning works already."
    assert caught.value.details == {"retryAfter": 10}
    waiting = [asyncio.create_task(embedding.query("roads", wait=True)), asyncio.create_task(embedding.ready())]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)

    loaded.set()

    assert await asyncio.gather(*waiting) == [pytest.approx(vector("query roads")), INFO]
    assert embedding.state == "ready"
    assert embedding.error is None


async def test_the_first_caller_starts_the_load(services: Start, words: Words) -> None:
    told = threading.Event()

    def load(_: Settings) -> Embedder:
        assert told.wait(10)
        return words

    embedding = services(load)

    with pytest.raises(NetworkError) as caught:
        await embedding.query("roads")

    assert caught.value.code is Code.MODEL_LOADING
    told.set()
    assert await embedding.ready() == INFO


async def test_the_model_is_loaded_once(services: Start, words: Words) -> None:
    loads: list[Settings] = []

    def load(settings: Settings) -> Embedder:
        loads.append(settings)
        return words

    embedding = services(load)
    for _ in range(3):
        embedding.start()
    await asyncio.gather(embedding.ready(), embedding.ready(), embedding.passages(["a"]))
    embedding.start()

    assert len(loads) == 1


async def test_a_model_that_does_not_load_is_told_with_what_to_do(services: Start) -> None:
    def load(_: Settings) -> Embedder:
        raise NetworkError(Code.MODEL_UNAVAILABLE, "There is no model.", hint="Get one.", details={"model": "words"})

    embedding = services(load)
    for ask in (embedding.ready, lambda: embedding.query("roads"), lambda: embedding.passages(["roads"])):
        with pytest.raises(NetworkError) as caught:
            await ask()
        assert (caught.value.code, caught.value.message, caught.value.hint) == (Code.MODEL_UNAVAILABLE, "There is no model.", "Get one.")
        assert caught.value.details == {"model": "words"}
        assert caught.value is not embedding.error
    assert embedding.state == "failed"
    assert embedding.error is not None


async def test_an_unforeseen_failure_of_the_load_is_an_error_too(services: Start) -> None:
    def load(_: Settings) -> Embedder:
        raise ZeroDivisionError("division by zero\nsecond line")

    embedding = services(load)

    with pytest.raises(NetworkError, match=r"^The embedding model could not be loaded: division by zero$") as caught:
        await embedding.ready()

    assert caught.value.code is Code.MODEL_UNAVAILABLE
    assert caught.value.hint


async def test_a_failed_load_stands_for_a_while_and_is_then_tried_again(
    services: Start, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes: list[Exception | Embedder] = [ConnectionError("down"), words]

    def load(_: Settings) -> Embedder:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    embedding = services(load)
    for _ in range(2):
        with pytest.raises(NetworkError, match="down"):
            await embedding.query("roads", wait=True)
    assert len(outcomes) == 1

    monkeypatch.setattr(service, "RETRY_SECONDS", 0.0)

    assert await embedding.query("roads", wait=True) == pytest.approx(vector("query roads"))
    assert embedding.state == "ready"


async def test_start_after_a_failure_tries_again(services: Start, words: Words) -> None:
    outcomes: list[Embedder] = []

    def load(_: Settings) -> Embedder:
        return outcomes.pop()

    embedding = services(load)
    with pytest.raises(NetworkError):
        await embedding.ready()
    outcomes.append(words)

    embedding.start()

    assert await embedding.ready() == INFO


async def test_concurrent_queries_are_embedded_together(services: Start, words: Words) -> None:
    embedding = services(lambda _: words)
    await embedding.ready()
    texts = [f"text {number}" for number in range(40)]

    vectors = await asyncio.gather(*(embedding.query(text) for text in texts))

    assert words.texts("query") == [texts[:32], texts[32:]]
    for text, found in zip(texts, vectors, strict=True):
        assert np.array_equal(found, vector(f"query {text}"))


async def test_queries_that_come_while_one_runs_are_the_next_batch(services: Start, words: Words) -> None:
    embedding = services(lambda _: words)
    await embedding.ready()
    words.go.clear()
    first = asyncio.create_task(embedding.query("first"))
    await asyncio.to_thread(words.asked.wait, 10)
    rest = [asyncio.create_task(embedding.query(text)) for text in ("second", "third")]
    await asyncio.sleep(0.01)

    words.go.set()
    await asyncio.gather(first, *rest)

    assert words.texts("query") == [["first"], ["second", "third"]]


async def test_the_same_text_is_embedded_once(services: Start, words: Words) -> None:
    embedding = services(lambda _: words)
    await embedding.ready()

    first, second = await asyncio.gather(embedding.query("Open  data\n"), embedding.query("Open data"))
    third = await embedding.query(" Open\u00a0data")

    assert words.texts("query") == [["Open data"]]
    assert first is second is third
    assert text_hash("Open  data\n") == text_hash("Open data")


async def test_a_remembered_vector_cannot_be_changed(services: Start, words: Words) -> None:
    embedding = services(lambda _: words)
    await embedding.ready()

    found = await embedding.query("roads")

    with pytest.raises(ValueError, match="read-only"):
        found[0] = 1
    assert found.dtype == np.float32
    assert found.shape == (DIMENSIONS,)


async def test_only_so_many_queries_are_remembered(services: Start, words: Words) -> None:
    embedding = services(lambda _: words, remembered=2)
    await embedding.ready()

    for text in ("one", "two", "one", "three", "one", "two"):
        await embedding.query(text)

    assert words.texts("query") == [["one"], ["two"], ["three"], ["two"]]


async def test_a_caller_that_leaves_does_not_take_the_others_answer(services: Start, words: Words) -> None:
    embedding = services(lambda _: words)
    await embedding.ready()
    words.go.clear()
    leaving, staying = (asyncio.create_task(embedding.query("roads")) for _ in range(2))
    await asyncio.to_thread(words.asked.wait, 10)

    leaving.cancel()
    words.go.set()

    assert await staying == pytest.approx(vector("query roads"))
    assert leaving.cancelled()


async def test_passages_go_in_batches_and_come_back_in_order(services: Start, words: Words) -> None:
    embedding = services(lambda _: words)
    texts = [f"{'long ' * (number % 7)}text {number}" for number in range(70)]

    vectors = await embedding.passages(texts)

    assert sorted(len(batch) for batch in words.texts("passage")) == [6, 32, 32]
    assert vectors.shape == (70, DIMENSIONS)
    assert vectors.dtype == np.float32
    for text, found in zip(texts, vectors, strict=True):
        assert np.array_equal(found, vector(f"passage {text}"))


async def test_no_passages_are_no_vectors(services: Start, words: Words) -> None:
    embedding = services(lambda _: words)

    assert (await embedding.passages([])).shape == (0, DIMENSIONS)
    assert words.calls == []


async def test_a_query_does_not_wait_for_passages(services: Start, words: Words) -> None:
    started = threading.Event()
    held = threading.Event()

    class Slow(Words):
        def encode(self, texts: Sequence[str], *, kind: Kind) -> np.ndarray:
            if kind == "passage":
                started.set()
                assert held.wait(10)
            return super().encode(texts, kind=kind)

    embedding = services(lambda _: Slow())
    await embedding.ready()
    bulk = asyncio.create_task(embedding.passages([str(number) for number in range(1000)]))
    await asyncio.to_thread(started.wait, 10)

    async with asyncio.timeout(5):
        await embedding.query("roads")

    assert not bulk.done()
    held.set()
    assert (await bulk).shape == (1000, DIMENSIONS)


async def test_a_model_that_fails_on_a_text_is_told_and_can_be_asked_again(services: Start, words: Words) -> None:
    embedding = services(lambda _: words)
    await embedding.ready()
    words.failure = RuntimeError("not enough memory")
    for ask in (lambda: embedding.query("roads"), lambda: embedding.passages(["roads"] * 100)):
        with pytest.raises(NetworkError, match=r"^The embedding model words failed: not enough memory$") as caught:
            await ask()
        assert caught.value.code is Code.MODEL_UNAVAILABLE
    assert embedding.state == "ready"

    words.failure = None

    assert await embedding.query("roads") == pytest.approx(vector("query roads"))


async def test_closing_ends_what_waits_and_what_comes(services: Start, words: Words) -> None:
    embedding = services(lambda _: words)
    await embedding.ready()
    words.go.clear()
    waiting = [asyncio.create_task(embedding.query(text)) for text in ("one", "two")]
    await asyncio.to_thread(words.asked.wait, 10)

    await embedding.close()
    words.go.set()

    for answer in (*waiting, embedding.query("three"), embedding.ready()):
        with pytest.raises(NetworkError, match="was closed") as caught:
            await answer
        assert caught.value.code is Code.MODEL_UNAVAILABLE
    assert words.closed.is_set()
    assert embedding.state == "idle"
    embedding.start()
    assert embedding.state == "idle"


async def test_closing_while_the_model_loads_gives_the_model_back(services: Start, words: Words) -> None:
    loaded = threading.Event()

    def load(_: Settings) -> Embedder:
        assert loaded.wait(10)
        return words

    embedding = services(load)
    waiting = asyncio.create_task(embedding.ready())
    await asyncio.sleep(0.01)

    await embedding.close()
    loaded.set()

    with pytest.raises(NetworkError, match="was closed"):
        await waiting
    assert await asyncio.to_thread(words.closed.wait, 10)


def test_a_service_serves_one_event_loop_after_another(words: Words) -> None:
    embedding = EmbeddingService(Settings(), lambda _: words)

    async def leave_while_asking() -> None:
        await embedding.ready()
        words.go.clear()
        asking = asyncio.create_task(embedding.query("roads"))
        await asyncio.to_thread(words.asked.wait, 10)
        asking.cancel()

    async def ask_and_close() -> np.ndarray:
        words.go.set()
        found = await embedding.query("roads")
        await embedding.close()
        return found

    with asyncio.Runner() as runner:
        runner.run(leave_while_asking())
    with asyncio.Runner() as runner:
        assert runner.run(ask_and_close()) == pytest.approx(vector("query roads"))
