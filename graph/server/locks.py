"""One process at a time, by a lock file. The system lets go of it when its holder dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from graph.errors import Code, NetworkError

_PATIENCE = 900


@contextmanager
def hold(path: Path, waiting: Callable[[int], None]) -> Iterator[None]:
    """Hold the lock of `path`. `waiting` is called each second that another holds it; after a quarter of an hour we give up."""
    lock = FileLock(path, mode=0o600)
    for waited in range(_PATIENCE):
        try:
            lock.acquire(timeout=1)
        except Timeout:
            waiting(waited + 1)
        else:
            break
    else:
        raise NetworkError(
            Code.SERVER_START_FAILED,
            f"Another gcio process has been holding {path} for {_PATIENCE // 60} minutes.",
            hint="End the gcio process that hangs, then try again.",
        )
    try:
        yield
    finally:
        lock.release()
