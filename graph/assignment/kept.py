"""Scores of needs on record, kept while the graph stays as it is: a programme that is asked again, with other partners or places, ranks nothing anew.

Ranking five hundred needs costs the database half a minute of processor time, and the optimum a tenth of a second.
"""

from __future__ import annotations

import asyncio
import logging
import math
import sys
from array import array
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final
from weakref import WeakKeyDictionary

from graph.database import Database
from graph.errors import Code, NetworkError
from graph.matching import Request

log = logging.getLogger("gcio")
MOST: Final = 2_000
"""Needs whose scores are kept, some 10 kB each."""
EACH_SECOND: Final = 25
"""Needs that are ranked in a second, about, on two cores: who is told to ask again is told when by it."""

Quality = Mapping[str, float]
Score = Callable[[Sequence[Request]], Awaitable[Sequence[Quality]]]


@dataclass(slots=True)
class Qualities:
    """Scores by what they depend on beside the graph (who asks, the kind of partner) and by need, of one version of the graph."""

    version: str = ""
    kept: dict[tuple[Hashable, str], tuple[tuple[str, ...], array[float]]] = field(default_factory=dict)
    ranking: asyncio.Task[None] | None = None
    """What is being ranked now, or was last."""

    async def each(
        self, version: str, subject: Hashable, requests: Sequence[Request], score: Score, patience: float | None = None
    ) -> list[Quality]:
        """The score of every partner for each request, all of needs on record. `score` is asked for those not at hand.

        One ranking after the other: who asks for the same at the same time waits, and finds it. `version` was read before; what is scored
        may be newer than it, never older. Who has `patience`, in seconds, is told RANKING_UNDER_WAY after it; the ranking goes on.
        """
        until = None if patience is None else monotonic() + patience
        while not self._holds(version, subject, requests):
            # Of many that cannot wait, one at a time has anything ranked: the others would pile up.
            ranking, own = self.ranking, False
            if ranking is None or ranking.done():
                ranking = self.ranking = asyncio.create_task(self._learn(version, subject, requests, score))
                ranking.add_done_callback(_told)
                own = True
            await self._wait(ranking, until, len(requests))
            # What goes wrong with another's ranking is told to who asked for it.
            if own:
                ranking.result()
        return [dict(zip(*self.kept[subject, str(request.need)], strict=True)) for request in requests]

    async def close(self) -> None:
        """End a ranking that nobody waits for any more."""
        if self.ranking is not None:
            self.ranking.cancel()
            await asyncio.gather(self.ranking, return_exceptions=True)

    async def _wait(self, ranking: asyncio.Task[None], until: float | None, needs: int) -> None:
        """Until the ranking is done, well or not, whoever started it; who goes away does not end it. Raises RANKING_UNDER_WAY at the moment `until`."""
        done, _ = await asyncio.wait({ranking}, timeout=None if until is None else max(0.0, until - monotonic()))
        if not done:
            seconds = math.ceil(needs / EACH_SECOND)
            raise NetworkError(
                Code.RANKING_UNDER_WAY,
                f"Partners for {needs} needs are being ranked. It takes a while after each change of the graph.",
                hint=f"Ask the same again in {seconds} {'second' if seconds == 1 else 'seconds'}: what is ranked is kept.",
                details={"needs": needs, "retryAfter": seconds},
            )

    async def _learn(self, version: str, subject: Hashable, requests: Sequence[Request], score: Score) -> None:
        if version != self.version:
            self.version, self.kept = version, {}
        wanted = {(subject, str(request.need)): request for request in requests}
        unknown = {key: request for key, request in wanted.items() if key not in self.kept}
        if len(self.kept) + len(unknown) > MOST:
            self.kept = {key: scores for key, scores in self.kept.items() if key in wanted}
        for key, quality in zip(unknown, await score(list(unknown.values())), strict=True):
            self.kept[key] = tuple(map(sys.intern, quality)), array("d", quality.values())

    def _holds(self, version: str, subject: Hashable, requests: Sequence[Request]) -> bool:
        return version == self.version and all((subject, str(request.need)) in self.kept for request in requests)


def _told(ranking: asyncio.Task[None]) -> None:
    """Those who wait for a ranking that failed are told; the log too, since there may be none."""
    if not ranking.cancelled() and (failure := ranking.exception()) is not None:
        log.warning("ranking needs: %s", failure)


_kept: WeakKeyDictionary[Database, Qualities] = WeakKeyDictionary()


def qualities_of(database: Database) -> Qualities:
    return _kept.setdefault(database, Qualities())
