"""A store that never grows beyond its bound: what was used longest ago goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """Values by key, each with a size; their sum stays at or below `most`. A value that alone is larger than a tenth is not kept."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K) -> V | None:
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V, size: int = 1) -> None:
        self.drop(key)
        if size * 10 > self.most:
            return
        self._kept[key] = (value, size)
        self.size += size
        while self.size > self.most:
            _, (_, oldest) = self._kept.popitem(last=False)
            self.size -= oldest

    def drop(self, key: K) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self.size -= found[1]

    def clear(self) -> None:
        self._kept.clear()
        self.size = 0
