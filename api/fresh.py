"""Vectors for records that were just written: made in the background, one after the other, off the event loop's way.

What is lost when the process ends is made up for by `gcio embed`, which `gcio up` runs at each start.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from graph.database import Database
from graph.embedding import EmbeddingService
from graph.errors import NetworkError
from graph.vectors import embed_records

log = logging.getLogger("gcio")
AGAIN_SECONDS = 5.0
TRIES = 12


class FreshVectors:
    """Embeds records by id. Several writes of one record before its turn are one."""

    def __init__(self, service: EmbeddingService, database: Callable[[], Database]) -> None:
        self._service = service
        self._database = database
        self._waiting: dict[str, None] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, record_id: str) -> None:
        self._waiting[record_id] = None
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def done(self) -> None:
        """Wait until nothing is left to embed."""
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        tries = 0
        while self._waiting:
            batch = list(self._waiting)
            self._waiting.clear()
            try:
                await embed_records(self._database(), self._service, batch)
                tries = 0
            except NetworkError as error:
                tries += 1
                if tries >= TRIES:
                    log.warning("%d records have no vectors yet: %s Run `gcio embed`.", len(batch), error.message)
                    return
                self._waiting = dict.fromkeys([*batch, *self._waiting])
                await asyncio.sleep(AGAIN_SECONDS)
