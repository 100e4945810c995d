"""The change log as a feed: what a viewer may see of it, from any place on, and word of what is new.

The log is the buffer: nobody who reads slowly makes anything pile up in memory. Must not know GraphQL or sockets.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from graph.catalogue import data_version
from graph.database import Database, Query, identifier
from graph.errors import Code, NetworkError
from graph.model import MODEL, NodeType
from graph.tokens import still_valid
from graph.viewer import PARAMETER, Viewer

log = logging.getLogger("gcio")
WINDOW: Final = 200
"""Entries of the log that one query looks at; its numbers have no gaps, so that this bounds the work whatever is filtered."""
POLL_SECONDS: Final = 0.5
"""How soon changes of other processes are noticed; those of this one are told at once."""


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes are wanted: labels, ids of records, ids of countries that the record is linked to. Empty means all."""

    labels: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()

    @property
    def types(self) -> tuple[NodeType, ...]:
        """Types whose records can fit: exposed, named, and linked to countries where some are named."""
        named = [t for t in MODEL.exposed if not self.labels or t.label in self.labels]
        return tuple(t for t in named if not self.countries or _in_countries(t))


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the log that the viewer may see. `changed` names properties and relationships."""

    sequence: int
    at: datetime
    action: str
    record: str
    changed: tuple[str, ...]


class Feed:
    """One per process: knows the last sequence number, and wakes whoever waits for a later one. It asks only while somebody waits."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database
        self._last = 0
        self._news = asyncio.Event()
        self._nudged = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._waiting = 0
        self.closed = False

    def nudge(self) -> None:
        """This process wrote something."""
        self._nudged.set()

    def close(self) -> None:
        """Let everybody go: the process ends."""
        self.closed = True
        if self._task is not None:
            self._task.cancel()
        self._news.set()

    async def last(self) -> int:
        """The last number of the log."""
        self._learn(await data_version(self._database()))
        return self._last

    def _learn(self, last: int) -> None:
        """The log goes to `last`: whoever asked for it, all who wait are told. What was read earlier may come in later, and is no news."""
        if last > self._last:
            self._last = last
            self._news.set()
            self._news = asyncio.Event()

    async def beyond(self, sequence: int) -> int:
        """The last number, once it is greater than `sequence`; `sequence` itself when the feed is closed."""
        self._waiting += 1
        try:
            while self._last <= sequence and not self.closed:
                if self._task is None or self._task.done():
                    self._task = asyncio.create_task(self._watch())
                await self._news.wait()
        finally:
            self._waiting -= 1
        return sequence if self.closed else self._last

    async def _watch(self) -> None:
        while self._waiting:
            self._nudged.clear()
            try:
                self._learn(await data_version(self._database()))
            except NetworkError as error:
                log.warning("change log: %s", error.message)
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._nudged.wait()
            except TimeoutError:
                continue

    async def follow(self, after: int | None, wanted: ChangeFilter, viewer: Viewer) -> AsyncGenerator[Change, None]:
        """Changes behind `after` in their order, each once, then new ones as they come; from now on where `after` is None.

        Ends when the feed is closed. Raises `BAD_CURSOR` for a number that the log has not reached, and `UNAUTHENTICATED` once
        the viewer's token does not hold any more.
        """
        last = await self.last()
        place = last if after is None else after
        if not 0 <= place <= last:
            raise NetworkError(
                Code.BAD_CURSOR,
                f"The log has no change {place}; its last one is {last}.",
                hint="Take `sequence` of the last change that you saw, 0 for the whole log, or leave `after` out to begin now.",
                details={"last": last},
            )
        while True:
            last = await self.beyond(place)
            if last == place:
                return
            await still_valid(self._database(), viewer)
            until = min(last, place + WINDOW)
            for sequence, at, action, record, changed in await self._database().read(changes(place, until, wanted, viewer)):
                yield Change(sequence, at.to_native(), action, record, tuple(changed or ()))
            place = until


def changes(after: int, until: int, wanted: ChangeFilter, viewer: Viewer) -> Query:
    """Rows of (sequence, at, action, record, changed) in order.

    A change is seen by who may see the record now and could see it right after the change: what was hidden once stays so, and
    what is hidden now tells nothing of its past.
    """
    conditions = [
        "c.sequence > $after",
        "c.sequence <= $until",
        f"c.visibility IN ${PARAMETER}",
        "split(c.record, ':')[0] IN $prefixes",
    ]
    parameters: dict[str, object] = {"after": after, "until": until, "prefixes": [t.prefix for t in wanted.types]}
    if wanted.records:
        conditions.append("c.record IN $records")
        parameters["records"] = list(wanted.records)
    if wanted.countries:
        parameters["countries"] = list(wanted.countries)
    # All types, whatever is wanted: a text for each choice of kinds would have the database plan anew for each.
    types = ChangeFilter(countries=wanted.countries).types
    branches = "\n  UNION ALL\n".join(f"  {_visible(t, wanted, viewer)}" for t in types)
    return Query(
        f"MATCH (c:Change)\nWHERE {' AND '.join(conditions)}\nCALL (c) {{\n{branches}\n}}\n"
        "RETURN c.sequence, c.at, c.action, c.record, c.changed\nORDER BY c.sequence",
        parameters | viewer.parameters,
    )


def _visible(node_type: NodeType, wanted: ChangeFilter, viewer: Viewer) -> str:
    conditions = [viewer.predicate("n", node_type), _in_countries(node_type) if wanted.countries else ""]
    kept = " AND ".join(c for c in conditions if c)
    where = f" WHERE {kept}" if kept else ""
    return f"MATCH (n:{identifier(node_type.label)} {{id: c.record}}){where} RETURN n.id AS seen"


def _in_countries(node_type: NodeType) -> str:
    """Cypher that holds where `n` is one of the countries or linked to one; empty where the type has no such link."""
    if node_type.label == "Country":
        return "n.id IN $countries"
    links = [r for r in node_type.all_relationships if "Country" in r.targets]
    each = []
    for r in links:
        arrow = f"[:{identifier(r.type)}]"
        pattern = f"(n)<-{arrow}-(t:Country)" if r.incoming else f"(n)-{arrow}->(t:Country)"
        each.append(f"EXISTS {{ {pattern} WHERE t.id IN $countries }}")
    return f"({' OR '.join(each)})" if each else ""
