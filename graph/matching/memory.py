"""What matches learned about the graph and may keep until it changes: the asking country's surroundings, how much a party stands in.

Every change of the graph makes its version another one (`graph/version.py`), and a new version forgets everything. Must not know requests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from weakref import WeakKeyDictionary

from graph.database import Database

T = TypeVar("T")
MOST = 50_000


@dataclass(slots=True)
class Memory:
    """Values by subject (a function's name, who looks, an id) of one version of the graph."""

    version: str = ""
    values: dict[tuple[object, ...], object] = field(default_factory=dict)

    def at(self, version: str) -> Memory:
        if version != self.version or len(self.values) > MOST:
            self.version, self.values = version, {}
        return self

    async def one(self, key: tuple[object, ...], read: Callable[[], Awaitable[T]]) -> T:
        """The value under a key, read where it is not at hand."""
        if key in self.values:
            return self.values[key]  # type: ignore[return-value]  # a key stands for one type
        version, value = self.version, await read()
        # What was read may be newer than the version it was asked for under, never older; a version that came in between drops it.
        if version == self.version:
            self.values[key] = value
        return value

    async def each(
        self, subject: tuple[object, ...], ids: Sequence[str], read: Callable[[list[str]], Awaitable[dict[str, T]]], missing: T
    ) -> dict[str, T]:
        """Values of ids, those not at hand read at once. `missing` stands for an id that the graph says nothing about."""
        unknown = [i for i in ids if (*subject, i) not in self.values]
        version, found = self.version, await read(unknown) if unknown else {}
        if version == self.version:
            for i in unknown:
                self.values[(*subject, i)] = found.get(i, missing)
        return {i: found[i] if i in found else self.values.get((*subject, i), missing) for i in ids}  # type: ignore[misc]  # as above


_memories: WeakKeyDictionary[Database, Memory] = WeakKeyDictionary()


def memory_of(database: Database, version: str) -> Memory:
    """The memory of a database, empty where its version is another than last time."""
    return _memories.setdefault(database, Memory()).at(version)
