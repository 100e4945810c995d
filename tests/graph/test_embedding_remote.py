"""A remote embedding server: a real one on loopback, which speaks both formats and misbehaves when told to."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graph.embedding import EmbeddingService, load, remote
from graph.errors import Code, NetworkError
from graph.settings import Settings

TOKEN = "s3cret-t0ken"


@dataclass
class Server:
    """What the server was asked, and how it is to answer."""

    dimensions: int = 384
    largest_batch: int = 1000
    model_id: str = "intfloat/multilingual-e5-small"
    token: str | None = None
    failures: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    spoiled: Callable[[Any], Any] | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def vector(self, text: str) -> list[float]:
        """Not of length 1: the client has to see to that."""
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
        return (np.random.default_rng(seed).normal(size=self.dimensions) * 7).tolist()

    def expected(self, text: str) -> np.ndarray:
        values = np.asarray(self.vector(text))
        return values / np.linalg.norm(values)

    async def info(self, _request: Request) -> Response:
        return JSONResponse({"model_id": self.model_id, "max_client_batch_size": min(self.largest_batch, 32)})

    async def embed(self, request: Request) -> Response:
        body = await request.json()
        assert body["truncate"] is True
        texts = body["inputs"]
        return self.answer(request, body, texts, [self.vector(text) for text in texts])

    async def embeddings(self, request: Request) -> Response:
        body = await request.json()
        assert body["encoding_format"] == "float"
        texts = body["input"]
        rows = [{"object": "embedding", "index": index, "embedding": self.vector(text)} for index, text in enumerate(texts)]
        return self.answer(request, body, texts, {"object": "list", "data": rows[::-1], "model": body["model"]})

    def answer(self, request: Request, body: dict[str, Any], texts: list[str], content: Any) -> Response:
        self.asked.append(body)
        if self.token is not None and request.headers.get("authorization") != f"Bearer {self.token}":
            return JSONResponse({"error": "Unauthorized"}, 401)
        if self.failures:
            return JSONResponse({"error": "not now"}, self.failures.pop(0), headers=self.headers)
        if len(texts) > self.largest_batch:
            return JSONResponse({"error": "batch too large"}, 413)
        return JSONResponse(self.spoiled(content) if self.spoiled else content)


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[Server, str]]:
    behind = Server()
    routes = [
        Route("/tei/embed", behind.embed, methods=["POST"]),
        Route("/tei/info", behind.info),
        Route("/v1/embeddings", behind.embeddings, methods=["POST"]),
    ]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield behind, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def server(address: tuple[Server, str], monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server as it is when nothing is wrong."""
    behind, url = address
    fresh = Server(url=url)
    for name, value in vars(fresh).items():
        setattr(behind, name, value)
    monkeypatch.setattr(remote, "FIRST_PAUSE", 0.001)
    return behind


Connect = Callable[..., remote.RemoteEmbedder]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connects, and hangs up."""
    made: list[remote.RemoteEmbedder] = []

    def open_to(url: str, **settings: Any) -> remote.RemoteEmbedder:
        embedder = load(Settings(embedding_url=url, **settings))
        assert isinstance(embedder, remote.RemoteEmbedder)
        made.append(embedder)
        return embedder

    yield open_to
    for embedder in made:
        embedder.close()


@pytest.mark.parametrize("path", ["/tei/embed", "/v1/embeddings"])
def test_both_formats_give_unit_vectors_in_order(server: Server, connect: Connect, path: str) -> None:
    embedder = connect(server.url + path)

    queries = embedder.encode(["roads", "schools"], kind="query")
    passages = embedder.encode(["roads"], kind="passage")

    assert queries.shape == (2, 384)
    assert queries.dtype == np.float32
    assert np.linalg.norm(queries, axis=1) == pytest.approx([1, 1])
    assert queries == pytest.approx(np.stack([server.expected("query: roads"), server.expected("query: schools")]), abs=1e-6)
    assert passages[0] == pytest.approx(server.expected("passage: roads"), abs=1e-6)


@pytest.mark.parametrize("path", ["/tei/embed", "/v1/embeddings"])
def test_the_default_model_keeps_its_key_on_a_server(server: Server, connect: Connect, path: str) -> None:
    info = connect(server.url + path).info

    assert (info.key, info.dimensions, info.multilingual, info.source) == ("me5s_384", 384, True, "remote")


def test_a_server_with_another_model_gets_its_prompts_and_a_key_of_its_own(server: Server, connect: Connect) -> None:
    server.model_id, server.dimensions = "BAAI/bge-small-en-v1.5", 256

    embedder = connect(server.url + "/tei/embed")
    embedder.encode(["roads"], kind="query")

    assert embedder.info.name == "BAAI/bge-small-en-v1.5"
    assert embedder.info.key.startswith("bge_small_en_v1_5_")
    assert embedder.info.dimensions == 256
    assert not embedder.info.multilingual
    assert server.asked[-1]["inputs"] == ["Represent this sentence for searching relevant passages: roads"]


def test_the_model_of_the_settings_is_asked_for(server: Server, connect: Connect) -> None:
    server.dimensions = 1536

    embedder = connect(server.url + "/v1/embeddings", model="text-embedding-3-small")
    embedder.encode(["roads"], kind="query")

    assert server.asked[-1] == {"model": "text-embedding-3-small", "input": ["roads"], "encoding_format": "float"}
    assert embedder.info.name == "text-embedding-3-small"


def test_many_texts_go_in_batches(server: Server, connect: Connect) -> None:
    embedder = connect(server.url + "/v1/embeddings")
    texts = [str(number) for number in range(70)]
    server.asked.clear()

    vectors = embedder.encode(texts, kind="passage")

    assert [len(body["input"]) for body in server.asked] == [32, 32, 6]
    assert vectors[69] == pytest.approx(server.expected("passage: 69"), abs=1e-6)


def test_a_server_that_says_how_many_texts_it_takes_gets_no_more(server: Server, connect: Connect) -> None:
    server.largest_batch = 5
    embedder = connect(server.url + "/tei/embed")
    server.asked.clear()

    embedder.encode([str(number) for number in range(12)], kind="passage")

    assert [len(body["inputs"]) for body in server.asked] == [5, 5, 2]


def test_a_batch_that_is_too_large_is_halved(server: Server, connect: Connect) -> None:
    server.largest_batch = 10
    embedder = connect(server.url + "/v1/embeddings")
    server.asked.clear()

    vectors = embedder.encode([str(number) for number in range(20)], kind="passage")

    assert [len(body["input"]) for body in server.asked] == [20, 10, 10]
    assert vectors[19] == pytest.approx(server.expected("passage: 19"), abs=1e-6)


def test_the_token_is_sent(server: Server, connect: Connect) -> None:
    server.token = TOKEN

    embedder = connect(server.url + "/v1/embeddings", embedding_token=SecretStr(TOKEN))

    assert embedder.encode(["roads"], kind="query").shape == (1, 384)


@pytest.mark.parametrize("token", [None, SecretStr("wr0ng")])
def test_a_server_that_wants_another_token_says_401_and_nothing_leaks(server: Server, connect: Connect, token: SecretStr | None) -> None:
    server.token = TOKEN
    url = server.url.replace("http://", "http://user:pa55@") + "/v1/embeddings?key=hidden"

    with pytest.raises(NetworkError) as caught:
        connect(url, embedding_token=token)

    assert caught.value.code is Code.MODEL_UNAVAILABLE
    assert caught.value.message == f"The embedding server at {server.url}/v1/embeddings answered with HTTP status 401."
    assert caught.value.hint == "Set GCIO_EMBEDDING_TOKEN to a token that the server accepts."
    assert caught.value.details == {"status": 401}
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(server: Server, connect: Connect, status: int) -> None:
    embedder = connect(server.url + "/v1/embeddings")
    server.failures, server.headers = [status, status], {"retry-after": "0"}
    server.asked.clear()

    assert embedder.encode(["roads"], kind="query")[0] == pytest.approx(server.expected("query: roads"), abs=1e-6)

    assert len(server.asked) == 3


def test_a_server_that_stays_broken_is_told(server: Server, connect: Connect) -> None:
    embedder = connect(server.url + "/tei/embed")
    server.failures = [500] * 9
    server.asked.clear()

    with pytest.raises(NetworkError) as caught:
        embedder.encode(["roads"], kind="query")

    assert caught.value.message == f"The embedding server at {server.url}/tei/embed answered with HTTP status 500."
    assert "try again in a minute" in (caught.value.hint or "")
    assert len(server.asked) == remote.ATTEMPTS


def test_pauses_double_and_a_server_may_ask_for_its_own() -> None:
    pauses = [remote._pause(attempt) for attempt in (1, 2, 3)]

    assert all(0.75 * base <= pause <= 1.25 * base for pause, base in zip(pauses, (0.25, 0.5, 1.0), strict=True))
    assert remote._pause(1, "3") == 3
    assert remote._pause(1, "3600") == 10
    assert 0 < remote._pause(1, "Wed, 21 Oct 2026 07:28:00 GMT") < 1


def test_nobody_at_the_address_is_told(server: Server, connect: Connect) -> None:
    with pytest.raises(NetworkError) as caught:
        connect("http://127.0.0.1:9/v1/embeddings", embedding_token=SecretStr(TOKEN))

    assert caught.value.code is Code.MODEL_UNAVAILABLE
    assert caught.value.message == "The embedding server at http://127.0.0.1:9/v1/embeddings cannot be reached: nothing answers there."
    assert "GCIO_EMBEDDING_URL" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://127.0.0.1:8080/v1", "ftp://127.0.0.1/embed", "/embed", "http://127.0.0.1:port/embed"]
)
def test_an_address_of_no_known_format_is_told(url: str) -> None:
    with pytest.raises(NetworkError) as caught:
        load(Settings(embedding_url=url))

    assert caught.value.code is Code.MODEL_UNAVAILABLE
    assert caught.value.allowed == ("http(s)://…/v1/embeddings", "http(s)://…/embed")


def test_another_model_under_the_default_name_is_refused(server: Server, connect: Connect) -> None:
    server.dimensions = 768

    with pytest.raises(NetworkError, match="answers with 768 numbers a text; multilingual-e5-small has 384") as caught:
        connect(server.url + "/v1/embeddings")

    assert caught.value.details == {"dimensions": 768, "expected": 384}


def test_a_model_changed_behind_the_address_is_refused(server: Server, connect: Connect) -> None:
    embedder = connect(server.url + "/v1/embeddings")
    server.dimensions = 512

    with pytest.raises(NetworkError, match="answered with 512 numbers; at the start it answered with 384") as caught:
        embedder.encode(["roads"], kind="query")

    assert caught.value.details == {"dimensions": 512, "expected": 384}
    assert "Restart" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("spoiled", "message"),
    [
        (lambda _: {"error": "none"}, "not in the format that its address stands for"),
        (lambda answer: {"data": answer["data"] * 2}, "it answered 1 texts with 2 vectors"),
        (lambda _: {"data": [{"index": 0, "embedding": [0.0] * 384}]}, "a vector of zeros"),
        (lambda _: {"data": [{"index": 0, "embedding": "AAAA"}]}, "not in the format that its address stands for"),
        (lambda _: {"data": [{"index": 0, "embedding": ["1"] * 383 + ["x"]}]}, "not in the format that its address stands for"),
        (lambda _: {"data": [{"index": 0, "embedding": [None] * 384}]}, "something that is not a number"),
    ],
)
def test_an_answer_that_is_no_vector_is_told(server: Server, connect: Connect, spoiled: Callable[[Any], Any], message: str) -> None:
    embedder = connect(server.url + "/v1/embeddings")
    server.spoiled = spoiled

    with pytest.raises(NetworkError, match=message) as caught:
        embedder.encode(["roads"], kind="query")

    assert caught.value.code is Code.MODEL_UNAVAILABLE


async def test_the_service_works_on_a_remote_server(server: Server) -> None:
    embedding = EmbeddingService(Settings(embedding_url=server.url + "/tei/embed"))

    vectors = await embedding.passages([f"text {number}" for number in range(100)])
    query = await embedding.query("roads")
    await embedding.close()

    assert vectors[99] == pytest.approx(server.expected("passage: text 99"), abs=1e-6)
    assert query == pytest.approx(server.expected("query: roads"), abs=1e-6)
