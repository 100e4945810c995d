"""An embedding server somewhere else, by URL: OpenAI-compatible (`…/v1/embeddings`) or text-embeddings-inference (`…/embed`).

Must not let the token or a password out: messages name the server without them.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any, Protocol

import httpx
import numpy as np
from numpy.typing import NDArray

from graph.embedding.model import (
    DEFAULT_DIMENSIONS,
    DEFAULT_MODEL,
    Kind,
    ModelInfo,
    Prompts,
    Vectors,
    family_prompts,
    is_default,
    model_key,
    named_multilingual,
    unit_rows,
)
from graph.errors import Code, NetworkError
from graph.settings import Settings

BATCH = 32
ATTEMPTS = 4
FIRST_PAUSE = 0.25
"""Seconds before the second attempt; doubled for each further one."""

LONGEST_PAUSE = 10.0
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_PASSING = frozenset({429, 500, 502, 503, 504})


class _Format(Protocol):
    """How one kind of server is asked, and how it answers."""

    def request(self, texts: Sequence[str], model: str) -> dict[str, Any]: ...

    def vectors(self, answer: Any) -> list[list[float]]: ...


class _OpenAI:
    def request(self, texts: Sequence[str], model: str) -> dict[str, Any]:
        return {"model": model, "input": list(texts), "encoding_format": "float"}

    def vectors(self, answer: Any) -> list[list[float]]:
        return [row["embedding"] for row in sorted(answer["data"], key=lambda row: row["index"])]


class _TextEmbeddingsInference:
    def request(self, texts: Sequence[str], model: str) -> dict[str, Any]:  # noqa: ARG002 - the server has one model
        return {"inputs": list(texts), "normalize": True, "truncate": True}

    def vectors(self, answer: Any) -> list[list[float]]:
        return list(answer)


class RemoteEmbedder:
    """An `Embedder` that asks a server. Requests are retried when the server is busy or restarting, not when it says no."""

    def __init__(self, client: httpx.Client, url: httpx.URL, name: str) -> None:
        self._client = client
        self._url = url
        self._format = _format_of(url)
        self._name = name
        self._prompts = Prompts()
        self._batch = BATCH
        self.info = ModelInfo(key="", name=name, dimensions=0, multilingual=False, source="remote")

    def identify(self) -> None:
        """Ask the server what it serves, and embed one text to learn the dimensions."""
        if isinstance(self._format, _TextEmbeddingsInference):
            self._read_card()
        self._prompts = family_prompts(self._name)
        dimensions = self._ask([self._prompts.passage + "warm-up"]).shape[1]
        if is_default(self._name) and dimensions != DEFAULT_DIMENSIONS:
            raise NetworkError(
                Code.MODEL_UNAVAILABLE,
                f"The embedding server at {self._place} answers with {dimensions} numbers a text; {DEFAULT_MODEL} has {DEFAULT_DIMENSIONS}.",
                hint="It serves another model: set GCIO_MODEL to that model's name, so that prompts and index fit it.",
                details={"dimensions": dimensions, "expected": DEFAULT_DIMENSIONS},
            )
        self.info = ModelInfo(
            key=model_key(self._name, dimensions, self._prompts),
            name=self._name,
            dimensions=dimensions,
            multilingual=named_multilingual(self._name),
            source="remote",
        )

    def encode(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        prompt = self._prompts.query if kind == "query" else self._prompts.passage
        vectors = np.empty((len(texts), self.info.dimensions), dtype=np.float32)
        for start in range(0, len(texts), self._batch):
            rows = self._ask([prompt + text for text in texts[start : start + self._batch]])
            self._check_dimensions(rows.shape[1])
            vectors[start : start + len(rows)] = unit_rows(rows)
        return vectors

    def close(self) -> None:
        self._client.close()

    @property
    def _place(self) -> str:
        return str(self._url.copy_with(userinfo=b"", query=None))

    def _check_dimensions(self, dimensions: int) -> None:
        if dimensions != self.info.dimensions:
            raise NetworkError(
                Code.MODEL_UNAVAILABLE,
                f"The embedding server at {self._place} answered with {dimensions} numbers; at the start it answered with {self.info.dimensions}.",
                hint="Its model was changed. Restart this process, so that the new model gets an index of its own.",
                details={"dimensions": dimensions, "expected": self.info.dimensions},
            )

    def _read_card(self) -> None:
        """text-embeddings-inference says at `/info` which model it serves and how many texts it takes; a server that does not is fine."""
        path = self._url.path.removesuffix("/").removesuffix("/embed") + "/info"
        try:
            card = self._client.get(self._url.copy_with(path=path, query=None)).raise_for_status().json()
            served, batch = card.get("model_id"), card.get("max_client_batch_size")
        except (httpx.HTTPError, ValueError, AttributeError):
            return
        # A server that was given a folder answers with its path, which is no name to know prompts by.
        if isinstance(served, str) and served.count("/") == 1 and not served.startswith(("/", ".")):
            self._name = served
        if isinstance(batch, int) and batch > 0:
            self._batch = min(BATCH, batch)

    def _ask(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The server's vectors as they are, shape (texts, its dimensions)."""
        response = self._post(texts)
        if response.status_code == 413 and len(texts) > 1:
            middle = len(texts) // 2
            return np.concatenate([self._ask(texts[:middle]), self._ask(texts[middle:])])
        if response.status_code != 200:
            raise self._refused(response)
        try:
            rows = np.array(self._format.vectors(response.json()), dtype=np.float32)
        except (ValueError, KeyError, TypeError) as error:
            raise self._unreadable("its answer is not in the format that its address stands for") from error
        if rows.ndim != 2:
            raise self._unreadable("its answer is not in the format that its address stands for")
        if len(rows) != len(texts):
            raise self._unreadable(f"it answered {len(texts)} texts with {len(rows)} vectors")
        return rows

    def _post(self, texts: Sequence[str]) -> httpx.Response:
        body = self._format.request(texts, self._name)
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                response = self._client.post(self._url, json=body)
            except httpx.ConnectError as error:
                if last:
                    raise self._unreachable("nothing answers there") from error
                pause = _pause(attempt)
            except httpx.TimeoutException as error:
                raise self._unreachable("it did not answer in time") from error
            except httpx.HTTPError as error:
                if last:
                    raise self._unreachable("the connection broke") from error
                pause = _pause(attempt)
            else:
                if last or response.status_code not in _PASSING:
                    return response
                pause = _pause(attempt, response.headers.get("retry-after"))
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _refused(self, response: httpx.Response) -> NetworkError:
        status = response.status_code
        if status in {401, 403}:
            hint = "Set GCIO_EMBEDDING_TOKEN to a token that the server accepts."
        elif status == 404:
            hint = "Check the path in GCIO_EMBEDDING_URL, and that the server has the model named in GCIO_MODEL."
        elif status in _PASSING:
            hint = "The server is busy or restarting: try again in a minute, and see its own log."
        else:
            hint = "See the server's own log; check GCIO_MODEL and GCIO_EMBEDDING_URL."
        return NetworkError(
            Code.MODEL_UNAVAILABLE,
            f"The embedding server at {self._place} answered with HTTP status {status}.",
            hint=hint,
            details={"status": status},
        )

    def _unreachable(self, reason: str) -> NetworkError:
        return NetworkError(
            Code.MODEL_UNAVAILABLE,
            f"The embedding server at {self._place} cannot be reached: {reason}.",
            hint="Check that it runs and that GCIO_EMBEDDING_URL is its address; unset GCIO_EMBEDDING_URL to use a model on this machine.",
        )

    def _unreadable(self, reason: str) -> NetworkError:
        return NetworkError(
            Code.MODEL_UNAVAILABLE,
            f"The embedding server at {self._place} cannot be understood: {reason}.",
            hint="An address that ends in /embeddings must speak the OpenAI format, one that ends in /embed that of text-embeddings-inference.",
        )


def connect(settings: Settings) -> RemoteEmbedder:
    """An embedder for `settings.embedding_url`, once the server has answered. Raises `MODEL_UNAVAILABLE`."""
    try:
        url = httpx.URL(settings.embedding_url or "")
    except httpx.InvalidURL as error:
        raise _bad_address() from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise _bad_address()
    token = settings.embedding_token
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
    client = httpx.Client(headers=headers, timeout=TIMEOUT)
    try:
        embedder = RemoteEmbedder(client, url, settings.model)
        embedder.identify()
    except BaseException:
        client.close()
        raise
    return embedder


def _format_of(url: httpx.URL) -> _Format:
    path = url.path.removesuffix("/")
    if path.endswith("/embeddings"):
        return _OpenAI()
    if path.endswith("/embed"):
        return _TextEmbeddingsInference()
    raise _bad_address()


def _bad_address() -> NetworkError:
    return NetworkError(
        Code.MODEL_UNAVAILABLE,
        "The address in GCIO_EMBEDDING_URL is not that of an embedding server.",
        hint="Give the whole address of the service, such as http://127.0.0.1:8080/embed or https://models.example.org/v1/embeddings.",
        allowed=["http(s)://…/v1/embeddings", "http(s)://…/embed"],
    )


def _pause(attempt: int, asked: str | None = None) -> float:
    """Seconds to wait after an attempt: what the server asked for, else doubling with some chance in it; never over ten."""
    if asked is not None and asked.isdecimal():
        return min(float(asked), LONGEST_PAUSE)
    doubled: float = FIRST_PAUSE * 2 ** (attempt - 1)
    return min(doubled * random.uniform(0.75, 1.25), LONGEST_PAUSE)  # noqa: S311 - spreads load, hides nothing
