"""Room on the disk: asked for before something large, and said plainly when it runs out."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.errors import Code, NetworkError

_FULL = {errno.ENOSPC, errno.EDQUOT}


def require_space(path: Path, needed: int, purpose: str) -> None:
    """Raise SERVER_DISK_FULL if fewer than `needed` bytes are free where `path` is or will be."""
    place = path
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed:
        raise full(path, f"{needed // 2**20} MB are needed for {purpose}, {free // 2**20} MB are free", needed=needed, free=free)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's "no space left" into SERVER_DISK_FULL that names `path`."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise full(path, "no space is left") from error


def full(path: Path, reason: str, **details: int) -> NetworkError:
    """SERVER_DISK_FULL for `path`."""
    return NetworkError(
        Code.SERVER_DISK_FULL,
        f"The disk that holds {path} is too full: {reason}.",
        hint="Free some space, or set GCIO_HOME (data) or GCIO_NEO4J_CACHE (program files) to a folder on another disk.",
        details=details,
    )
