"""Reads of one text that arrive while others of it are under way are asked together: a short read costs more to send than to answer.

Nothing waits for company: only where two runs of a text are under way does a read wait, at most a tenth of a second, for one of them to
end. Each has its own parameters and row, and all of a party have one viewer: nothing of one can be seen in another.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.plan.cypher import Text
from graph.several import Several

Row = Sequence[Any]

AT_ONCE: Final = 2
"""Runs of one text that are under way before further reads of it wait: the next is sent while the answers of the one before are written."""
MOST: Final = 16
"""Reads that are asked together."""
LONGEST: Final = 0.025
"""Seconds that a run of several should take: dearer reads are asked in smaller parties, or alone."""
PROVEN: Final = 16
"""Reads that are answered one by one, few at a time, before anybody knows what they cost. While many are under way each would only tell how busy the database is."""
AGAIN: Final = 512
"""Reads too dear for company after which their cost is looked at again."""
PATIENCE: Final = 0.1
"""Seconds after which a read that still waits is asked alone, so that two slow ones hold up nobody."""
KEPT: Final = 1000
"""Lines that are remembered."""


@dataclass(eq=False, slots=True)
class Waiting:
    """A read that waits: its row, or None where it has to be asked alone after all, and what calls it away when it has waited too long."""

    parameters: dict[str, Any]
    row: asyncio.Future[Row | None]
    timer: asyncio.TimerHandle


@dataclass(eq=False, slots=True)
class Line:
    """Reads that may be asked together, under way or waiting. `size` of them are asked at once, `cost` is the time that one takes, in seconds."""

    text: str
    many: Several
    runs: int = 0
    size: int = 1
    answered: int = 0
    cost: float = math.inf
    waiting: deque[Waiting] = field(default_factory=deque)

    @property
    def full(self) -> bool:
        """Whether a further read waits. Reads that are known to be dear never do: there is little to share, and the database has more than one core for them."""
        return self.runs >= AT_ONCE and (self.size > 1 or self.answered < PROVEN)

    def tell(self, seconds: float, count: int) -> None:
        """A run of `count` reads took so long."""
        each = seconds / count
        if self.size > 1:
            # One slow run, for a plan or a pause of the machine, tells little.
            self.cost += (min(each, 2 * self.cost) - self.cost) / 8
            self.size = self._fitting()
        elif self.answered < PROVEN:
            # The shortest counts: others waited for a plan, or for a free core.
            self.cost = min(each, self.cost)
            self.answered += count
            self.size = self._fitting() if self.answered >= PROVEN else 1
        else:
            self.answered += count
            if self.answered >= AGAIN:
                self.answered, self.cost = 0, math.inf

    def _fitting(self) -> int:
        return max(1, min(MOST, int(LONGEST / self.cost)))


class Batcher:
    """Reads whose texts give one row each. Not for several threads at once."""

    def __init__(self, database: Database, *, kept: int = KEPT, patience: float = PATIENCE) -> None:
        self.database = database
        self.patience = patience
        self.kept = kept
        self.lines: dict[Hashable, Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def row(self, text: Text, parameters: dict[str, Any]) -> Row:
        """The one row of a read. Raises DATABASE_TIMEOUT, DATABASE_UNAVAILABLE and INTERNAL."""
        if text.many is None:
            [row] = await self.database.read(Query(text.text, parameters))
            return row
        line = self.line(text, parameters)
        if line.full:
            answered = await self._place(line, parameters)
            if answered is not None:
                return answered
        return await self._alone(line, parameters)

    def line(self, text: Text, parameters: Mapping[str, Any]) -> Line:
        """The line of all reads that could be asked together with this one. Raises `ValueError` for a text that is for one read only."""
        if text.many is None:
            raise ValueError("no text for several reads")
        key = (text.text, *((name, repr(value)) for name, value in parameters.items() if name not in text.many.own))
        line = self.lines.get(key)
        if line is None:
            if len(self.lines) >= self.kept:
                self._forget()
            line = self.lines[key] = Line(text.text, text.many)
        return line

    def _forget(self) -> None:
        """Let go of the oldest lines that nobody uses now, so that there is a place for one more."""
        idle = [key for key, line in self.lines.items() if not line.runs and not line.waiting]
        for key in idle[: len(self.lines) - self.kept + 1]:
            del self.lines[key]

    def _place(self, line: Line, parameters: dict[str, Any]) -> asyncio.Future[Row | None]:
        """A place among those who wait."""
        loop = asyncio.get_running_loop()
        row: asyncio.Future[Row | None] = loop.create_future()
        line.waiting.append(Waiting(parameters, row, loop.call_later(self.patience, _go_alone, row)))
        return row

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
        """Send on whoever waits."""
        while line.waiting and not line.full:
            party = [line.waiting.popleft() for _ in range(min(line.size, len(line.waiting)))]
            party = [one for one in party if not one.row.done()]
            for one in party:
                one.timer.cancel()
            if party:
                line.runs += 1
                task = asyncio.create_task(self._ask(line, party))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _ask(self, line: Line, party: Sequence[Waiting]) -> None:
        started = perf_counter()
        try:
            for number, row in await self._rows(line, party):
                if not party[number].row.done():
                    party[number].row.set_result(row)
            line.tell(perf_counter() - started, len(party))
        except NetworkError as error:
            if error.code is Code.DATABASE_UNAVAILABLE or len(party) == 1:
                for one in party:
                    if not one.row.done():
                        one.row.set_exception(error)
        finally:
            # Whatever one of them did wrong must not be the others' loss: who has no row now is asked again, alone.
            for one in party:
                _go_alone(one.row)
            line.runs -= 1
            self._next(line)

    async def _rows(self, line: Line, party: Sequence[Waiting]) -> list[tuple[int, Row]]:
        if len(party) == 1:
            [row] = await self.database.read(Query(line.text, party[0].parameters))
            return [(0, row)]
        return [(number, row) for number, *row in await self.database.read(line.many.query([one.parameters for one in party]))]


def _go_alone(row: asyncio.Future[Row | None]) -> None:
    if not row.done():
        row.set_result(None)
