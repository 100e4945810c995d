"""Reads of one text that arrive while others of it are under way are asked together, as one text in one round trip.

A short read costs the driver and the database more to send and to hand over than to answer. A read that meets nobody is asked at once and alone; nothing
ever waits for company. Only where reads of one text already run do further ones wait for the first of these to end, and are then asked together.

Each read has its own parameters and gets its own row, and all that are asked together have one viewer: nothing of one can be seen in another.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.plan.cypher import READS, ForMany, Text

Row = Sequence[Any]

AT_ONCE: Final = 2
"""Runs of one text that are under way before further reads of it wait: the next is sent while the answers of the one before are written."""
MOST: Final = 16
"""Reads that are asked together."""
LONGEST: Final = 0.025
"""Seconds that a run of several should take: reads that would take longer together are asked in smaller parties, or alone."""
FORGETTING: Final = 1.05
"""By what the shortest time grows with every run, so that a line learns of it when its reads have become dearer."""
PROVEN: Final = 16
"""Reads that are answered one by one after a rest, before any are asked together: until then nobody knows what they cost."""


def for_many(many: ForMany, reads: Sequence[Mapping[str, Any]]) -> Query:
    """One query for several reads that differ in their own parameters only: rows of (place among the reads, its columns)."""
    shared = {name: value for name, value in reads[0].items() if name not in many.own}
    own = [{"number": number} | {name: each[name] for name in many.own} for number, each in enumerate(reads)]
    return Query(many.text, shared | {READS: own})


@dataclass(eq=False, slots=True)
class Waiting:
    """A read that waits: its row, or None where it has to be asked alone after all."""

    parameters: dict[str, Any]
    row: asyncio.Future[Row | None]


@dataclass(eq=False, slots=True)
class Line:
    """Reads that may be asked together, under way or waiting. `cost` is the time that one of them takes, in seconds."""

    key: Hashable
    text: str
    many: ForMany
    runs: int = 0
    answered: int = 0
    cost: float = 0.0
    waiting: deque[Waiting] = field(default_factory=deque)

    @property
    def most(self) -> int:
        """How many of its reads may be asked together now; 1 where none."""
        if self.answered < PROVEN:
            return 1
        return max(1, min(MOST, int(LONGEST / self.cost)))

    def tell(self, seconds: float, count: int) -> None:
        """A run of `count` reads took so long. The shortest counts: the others waited for something else, such as a plan or a free core."""
        each = seconds / count
        self.cost = min(each, self.cost * FORGETTING) if self.answered else each
        self.answered += count


class Batcher:
    """Reads whose texts give one row each. Not for several threads at once."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.lines: dict[Hashable, Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def row(self, text: Text, parameters: dict[str, Any]) -> Row:
        """The one row of a read. Raises DATABASE_TIMEOUT, DATABASE_UNAVAILABLE and INTERNAL."""
        if text.many is None:
            [row] = await self.database.read(Query(text.text, parameters))
            return row
        line = self.line(text, parameters)
        if line.runs >= AT_ONCE and line.most > 1:
            place = Waiting(parameters, asyncio.get_running_loop().create_future())
            line.waiting.append(place)
            answered = await place.row
            if answered is not None:
                return answered
        return await self._alone(line, parameters)

    def line(self, text: Text, parameters: Mapping[str, Any]) -> Line:
        """The line of all reads that could be asked together with this one. Raises `ValueError` for a text that is for one read only."""
        if text.many is None:
            raise ValueError("no text for several reads")
        key = (text.text, *((name, repr(value)) for name, value in parameters.items() if name not in text.many.own))
        return self.lines.setdefault(key, Line(key, text.text, text.many))

    async def _alone(self, line: Line, parameters: dict[str, Any]) -> Row:
        line.runs += 1
        started = perf_counter()
        try:
            [row] = await self.database.read(Query(line.text, parameters))
            line.tell(perf_counter() - started, 1)
            return row
        finally:
            line.runs -= 1
            self._next(line)

    def _next(self, line: Line) -> None:
        """Send on whoever waits; forget a line that nobody uses."""
        while line.waiting and line.runs < AT_ONCE:
            party = [line.waiting.popleft() for _ in range(min(line.most, len(line.waiting)))]
            party = [one for one in party if not one.row.done()]
            if len(party) == 1:
                party[0].row.set_result(None)
            elif party:
                line.runs += 1
                task = asyncio.create_task(self._ask(line, party))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        if not line.runs and not line.waiting:
            self.lines.pop(line.key, None)

    async def _ask(self, line: Line, party: Sequence[Waiting]) -> None:
        query = for_many(line.many, [one.parameters for one in party])
        started = perf_counter()
        try:
            for number, *row in await self.database.read(query):
                if not party[number].row.done():
                    party[number].row.set_result(row)
            line.tell(perf_counter() - started, len(party))
        except NetworkError as error:
            if error.code is Code.DATABASE_UNAVAILABLE:
                for one in party:
                    if not one.row.done():
                        one.row.set_exception(error)
        finally:
            # Whatever one of them did wrong must not be the others' loss: who has no row now is asked again, alone.
            for one in party:
                if not one.row.done():
                    one.row.set_result(None)
            line.runs -= 1
            self._next(line)
