"""Scores of needs on record, kept while the graph stays as it is: a programme that is asked again, with other partners or places, ranks nothing anew.

Ranking five hundred needs costs the database half a minute of processor time, and the optimum a tenth of a second.
"""

from __future__ import annotations

import asyncio
import sys
from array import array
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

from graph.database import Database
from graph.matching import Request

MOST: Final = 2_000
"""Needs whose scores are kept, some 10 kB each."""

Quality = Mapping[str, float]
Score = Callable[[Sequence[Request]], Awaitable[Sequence[Quality]]]


@dataclass(slots=True)
class Qualities:
    """Scores by what they depend on beside the graph (who asks, the kind of partner) and by need, of one version of the graph."""

    version: str = ""
    kept: dict[tuple[Hashable, str], tuple[tuple[str, ...], array[float]]] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def each(self, version: str, subject: Hashable, requests: Sequence[Request], score: Score) -> list[Quality]:
        """The score of every partner for each request, all of needs on record. `score` is asked for those not at hand.

        One after the other: who asks for the same at the same time waits, and finds it. `version` was read before; what is scored may be
        newer than it, never older.
        """
        if not self._holds(version, subject, requests):
            async with self.lock:
                await self._learn(version, subject, requests, score)
                return self._of(subject, requests)
        return self._of(subject, requests)

    async def _learn(self, version: str, subject: Hashable, requests: Sequence[Request], score: Score) -> None:
        if version != self.version:
            self.version, self.kept = version, {}
        wanted = {(subject, str(request.need)): request for request in requests}
        unknown = {key: request for key, request in wanted.items() if key not in self.kept}
        if not unknown:
            return
        if len(self.kept) + len(unknown) > MOST:
            self.kept = {key: scores for key, scores in self.kept.items() if key in wanted}
        for key, quality in zip(unknown, await score(list(unknown.values())), strict=True):
            self.kept[key] = tuple(map(sys.intern, quality)), array("d", quality.values())

    def _holds(self, version: str, subject: Hashable, requests: Sequence[Request]) -> bool:
        return version == self.version and all((subject, str(request.need)) in self.kept for request in requests)

    def _of(self, subject: Hashable, requests: Sequence[Request]) -> list[Quality]:
        return [dict(zip(*self.kept[subject, str(request.need)], strict=True)) for request in requests]


_kept: WeakKeyDictionary[Database, Qualities] = WeakKeyDictionary()


def qualities_of(database: Database) -> Qualities:
    return _kept.setdefault(database, Qualities())
