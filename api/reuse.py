"""Answers over HTTP: encoded once, and reused while the graph's version holds.

Kept are whole answers without errors to queries, apart for each viewer and language. Must not know HTTP.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import version as package_version
from time import monotonic
from typing import Any, Final

import orjson
from graphql import OperationType

from api.bounded import Bounded
from api.documents import check_admitted
from api.execute import work_out
from api.limits import Operation, check_limits
from api.schema import sdl
from api.state import Network
from graph.errors import NetworkError
from graph.version import graph_version
from graph.viewer import ANYONE, Viewer

VOLATILE: Final = frozenset({"health"})
"""Fields at the root that tell of the process rather than of the graph."""
WORTH_PACKING: Final = 800
"""Bytes from which compression pays."""


@dataclass(frozen=True, slots=True)
class Question:
    """One operation that somebody asks."""

    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    viewer: Viewer = ANYONE
    language: str = "en"


@dataclass(slots=True)
class Answer:
    """An encoded answer. `whole` where nothing failed; `failure` is the first error's code where nothing was answered at all."""

    body: bytes
    whole: bool = False
    failure: str | None = None
    _packed: bytes | None = None

    def packed(self) -> bytes | None:
        """The body compressed, once; None where it is too short for that."""
        if self._packed is None and len(self.body) >= WORTH_PACKING:
            self._packed = gzip.compress(self.body, 6, mtime=0)
        return self._packed


Key = tuple[str, str | None, bytes, Viewer, str]


@dataclass(slots=True)
class Asked:
    """A question within its limits, with what is needed to find its answer again: nothing where it may not be kept."""

    question: Question
    operation: Operation | None
    version: str | None
    key: Key | None
    refused: NetworkError | None = None

    @property
    def kind(self) -> OperationType | None:
        return self.operation.kind if self.operation else None


class Answers:
    """The answers of one process."""

    def __init__(self, network: Network) -> None:
        self.network = network
        settings = network.settings
        self._kept: Bounded[Key, Answer] = Bounded(settings.answer_memory)
        self._running: dict[Key, asyncio.Task[Answer]] = {}
        self._staleness = settings.answer_staleness
        self._epoch: tuple[str, str, str] | None = None
        self._graph: str | None = None
        self._looked = 0.0
        self._writes = -1
        self._looking = asyncio.Lock()

    async def ask(self, question: Question) -> Asked:
        """The question with its limits checked. What is refused is an answer too, and told by `answer`."""
        settings = self.network.settings
        try:
            check_admitted(question.document, settings)
            operation = check_limits(question.document, question.variables, question.operation_name, settings)
        except NetworkError as error:
            return Asked(question, None, None, None, error)
        version = await self.version()
        key = None
        if version and operation and operation.kind is OperationType.QUERY and VOLATILE.isdisjoint(operation.roots):
            variables = orjson.dumps(question.variables, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)
            key = (question.document, question.operation_name, variables, question.viewer, question.language)
        return Asked(question, operation, version, key)

    async def answer(self, asked: Asked) -> Answer:
        """From memory where it is there, else worked out: once for all who ask the same at the same time."""
        if asked.refused is not None:
            return _failed([{"message": asked.refused.message, "extensions": asked.refused.as_dict()}])
        if asked.key is None or self._kept.most == 0:
            return await self._worked_out(asked)
        found = self._kept.get(asked.key)
        if found is not None:
            return found
        running = self._running.get(asked.key)
        if running is None:
            running = self._running[asked.key] = asyncio.create_task(self._worked_out(asked))
            running.add_done_callback(partial(self._ended, asked.key))
        # Who asks first may go away; the others still wait.
        return await asyncio.shield(running)

    def _ended(self, key: Key, task: asyncio.Task[Answer]) -> None:
        if self._running.get(key) is task:
            del self._running[key]
        if not task.cancelled():
            task.exception()  # those who wait are told; with nobody waiting it is no news either

    async def _worked_out(self, asked: Asked) -> Answer:
        epoch, question = self._epoch, asked.question
        told = await work_out(
            self.network, question.document, question.variables, question.operation_name, question.viewer, question.language
        )
        errors, data = told.get("errors"), told.get("data")
        if errors and not any(value is not None for value in (data or {}).values()):
            return _failed(errors)
        told["extensions"] = told.get("extensions", {}) | self._figures(asked)
        answer = Answer(orjson.dumps(told), whole=not errors)
        if asked.key is not None and answer.whole and epoch == self._epoch:
            self._kept.put(asked.key, answer, 2 * len(answer.body) + len(question.document) + len(asked.key[2]))
        return answer

    def _figures(self, asked: Asked) -> dict[str, Any]:
        figures: dict[str, Any] = {}
        if asked.operation is not None:
            figures["cost"] = {"requested": asked.operation.cost, "limit": self.network.settings.max_cost}
        if asked.version is not None:
            figures["version"] = asked.version
        return figures

    def tag(self, asked: Asked, media_type: str) -> str | None:
        """A weak validator: the same while the answer may not have changed. None for an answer that is not kept."""
        if asked.key is None or self._epoch is None:
            return None
        document, operation, variables, viewer, language = asked.key
        parts = (build(), self._epoch, document, operation, variables, repr(viewer), language, media_type)
        return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"'

    async def version(self) -> str | None:
        """The graph's version, at most `GCIO_ANSWER_STALENESS` seconds old and never older than our own last write.

        None while the database does not answer. What was kept for another version, another day (matches are made as of
        today) or another state of the model is let go.
        """
        try:
            await self._look()
        except NetworkError:
            self._graph = None
            return None
        epoch = (str(self._graph), datetime.now(UTC).date().isoformat(), self.network.embedding.state)
        if epoch != self._epoch:
            self._kept.clear()
            self._running.clear()
            self._epoch = epoch
        return self._graph

    async def _look(self) -> None:
        database = self.network.database
        if self._fresh(database.writes):
            return
        async with self._looking:
            # Who waited for somebody else's look need not look again.
            if self._fresh(database.writes):
                return
            writes, begun = database.writes, monotonic()
            self._graph = await graph_version(database)
            self._writes, self._looked = writes, begun

    def _fresh(self, writes: int) -> bool:
        return self._graph is not None and writes == self._writes and monotonic() - self._looked < self._staleness


def _failed(errors: list[dict[str, Any]]) -> Answer:
    """Where no field was answered there is no `data`: the status tells what the first failure means."""
    return Answer(orjson.dumps({"errors": errors}), failure=errors[0]["extensions"]["code"])


@cache
def build() -> str:
    """Changes with the program: its version, its schema."""
    return hashlib.sha256(f"{package_version('global-cio-network')}\n{sdl()}".encode()).hexdigest()[:8]
