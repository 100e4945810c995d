"""The servers that are compared, each one process on loopback over the same Neo4j: the network, the peer, the floor."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any, Final, Self

import httpx
import orjson
import psutil

from graph.server import Endpoint
from graph.settings import Settings
from tests.bench import questions
from tests.bench.load import ROOT
from web.tools.node import Node

PATIENCE: Final = 180.0
NETWORK: Final = "from api.cli import main; main()"


@dataclass
class Server:
    """A process that answers questions. `paths` says where it takes a question, `documents` are GraphQL texts by question."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    log: IO[bytes]
    documents: dict[str, str] = field(default_factory=dict)
    variables: dict[str, dict[str, Any]] = field(default_factory=lambda: dict(questions.VARIABLES))

    @property
    def graphql(self) -> bool:
        return bool(self.documents)

    def url(self, question: str) -> str:
        return f"http://127.0.0.1:{self.port}/{'graphql' if self.graphql else question}"

    def body(self, question: str) -> bytes:
        said = {"query": self.documents[question]} if self.graphql else {}
        return orjson.dumps(said | {"variables": self.variables[question]})

    def ask(self, question: str) -> dict[str, Any]:
        """`data` of one answer. Raises `RuntimeError` with the errors where there are any."""
        return self.post(self.url(question), self.body(question))

    def post(self, url: str, body: bytes) -> dict[str, Any]:
        answer = httpx.post(url, content=body, headers={"content-type": "application/json"}, timeout=60)
        if answer.status_code != 200 or answer.json().get("errors"):
            raise RuntimeError(f"{self.name} refused {url}: {answer.status_code} {answer.text[:500]}")
        data: dict[str, Any] = answer.json()["data"]
        return data

    def page_on(self, chosen: Iterable[str] = questions.PAGED) -> None:
        """Read the first pages of those questions that page, so that they are asked behind these from now on."""
        for question in set(chosen) & set(questions.PAGED):
            for _ in range(questions.BEFORE // questions.SIZE):
                page = self.ask(question)
                [connection] = page.values()
                self.variables[question] = self.variables[question] | {"after": connection["pageInfo"]["endCursor"]}

    def cpu(self) -> float:
        """Seconds of processor time so far, in user and system mode, of the process and its children."""
        return cpu_of(self.process.pid)

    def memory(self) -> int:
        """Resident bytes."""
        return psutil.Process(self.process.pid).memory_info().rss

    def wait_until(self, url: str, ready: Callable[[httpx.Response], bool]) -> None:
        """Poll until `ready(response)`. Raises `RuntimeError` with the end of the log where it ends or takes too long."""
        until = monotonic() + PATIENCE
        while monotonic() < until and self.process.poll() is None:
            try:
                if ready(httpx.get(url, timeout=5)):
                    return
            except httpx.TransportError:
                pass
            sleep(0.1)
        raise RuntimeError(f"{self.name} did not start: {self.tail()}")

    def tail(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors="replace").strip()[-800:]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def cpu_of(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(name: str, command: list[str], port: int, environment: dict[str, str], folder: Path = ROOT) -> Server:
    """Start a process with the settings given here and no others, but for the places of what is fetched once."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GCIO_") or key.endswith("_CACHE")}
    log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server
    process = subprocess.Popen(command, cwd=folder, env=inherited | environment, stdout=log, stderr=subprocess.STDOUT)
    return Server(name, process, port, log)


def start_network(settings: Settings, *, cached: bool = False, name: str = "network") -> Server:
    """The network as `gcio serve` serves it. Answers kept in the process are off unless `cached`."""
    port = free_port()
    environment = {"GCIO_HOME": str(settings.home), "GCIO_MODEL_OFFLINE": "1"}
    if not cached:
        environment["GCIO_ANSWER_MEMORY"] = "0"
    server = start(name, [sys.executable, "-c", NETWORK, "serve", "--port", str(port)], port, environment)
    # The embedding model loads in the background; until then it takes a core. Vectors are no part of this graph.
    server.wait_until(
        f"http://127.0.0.1:{port}/readyz", lambda response: not any(m.startswith("model") for m in response.json().get("missing", []))
    )
    server.documents = {q: questions.document(q).text for q in questions.VARIABLES}
    return server


def start_peer(endpoint: Endpoint, node: Node) -> Server:
    port = free_port()
    environment = {
        "NODE_ENV": "production",
        "PORT": str(port),
        "NEO4J_URI": endpoint.uri,
        "NEO4J_USER": endpoint.user,
        "NEO4J_PASSWORD": endpoint.password,
        "NEO4J_DATABASE": endpoint.database,
    }
    server = start("peer", [*node.node, "server.mjs"], port, environment, questions.PEER)
    server.wait_until(f"http://127.0.0.1:{port}/graphql?query=%7B__typename%7D", lambda response: response.status_code == 200)
    server.documents = {q: questions.peer_document(q).text for q in questions.VARIABLES}
    return server


def start_floor(endpoint: Endpoint) -> Server:
    port = free_port()
    environment = {
        "FLOOR_URI": endpoint.uri,
        "FLOOR_USER": endpoint.user,
        "FLOOR_PASSWORD": endpoint.password,
        "FLOOR_DATABASE": endpoint.database,
    }
    server = start("floor", [sys.executable, "-m", "tests.bench.floor", str(port)], port, environment)
    server.wait_until(f"http://127.0.0.1:{port}/q1", lambda response: response.status_code == 405)
    return server
