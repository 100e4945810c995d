"""Background step: `python -m graph.server.startcache RECORDED TARGET JAVA…` builds the start-up cache of the virtual machine.

Must stay harmless: whatever fails here only means that the next start is a normal one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from graph.server.java import FAILED

_STALE = 24 * 3600


def main(arguments: Sequence[str]) -> None:
    recorded, target, command = Path(arguments[0]), Path(arguments[1]), list(arguments[2:])
    os.nice(19)
    try:
        with FileLock(target.with_suffix(".lock"), timeout=0):
            if not target.exists():
                _build(target, command)
    except Timeout:
        pass
    finally:
        recorded.unlink(missing_ok=True)


def _build(target: Path, command: list[str]) -> None:
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    result = subprocess.run([*command, f"-XX:AOTCache={part}"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if result.returncode == 0 and part.exists():
        part.replace(target)
        _prune(target)
    else:
        part.unlink(missing_ok=True)
        target.with_suffix(FAILED).touch()


def _prune(target: Path) -> None:
    """Remove caches of earlier versions and recordings that nobody came back for."""
    for path in target.parent.iterdir():
        old = time.time() - path.stat().st_mtime > _STALE
        if path.suffix in (".aot", ".recorded", FAILED) and path != target and old:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    main(sys.argv[1:])
