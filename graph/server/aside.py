"""A store that is put aside while a backup takes its place, and comes back unless the backup proved itself.

Must not know servers. Expects its caller to hold the folder's guard and the server to be stopped.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from graph.server.places import database_folder, store_version

_KINDS = ("databases", "transactions")


def put_aside(home: Path, database: str) -> None:
    """Move the database's files away. What an earlier restore left aside must have been dealt with."""
    folder = _aside(home)
    (folder / database).mkdir(parents=True)
    for kind in _KINDS:
        if database_folder(home, database, kind).exists():
            database_folder(home, database, kind).replace(folder / database / kind)
    if store_version(home).exists():
        store_version(home).replace(folder / "store-version")


def is_aside(home: Path) -> bool:
    """Whether a restore is under way, or was cut off."""
    return _aside(home).exists()


def put_back(home: Path) -> None:
    """Undo `put_aside`, whatever took the place in the meantime."""
    folder = _aside(home)
    for database in (path for path in folder.iterdir() if path.is_dir()):
        for kind in _KINDS:
            shutil.rmtree(database_folder(home, database.name, kind), ignore_errors=True)
            if (database / kind).exists():
                (database / kind).replace(database_folder(home, database.name, kind))
    store_version(home).unlink(missing_ok=True)
    if (folder / "store-version").exists():
        (folder / "store-version").replace(store_version(home))
    shutil.rmtree(folder)


def forget(home: Path) -> None:
    """Delete what was put aside. From the renaming on, nothing would bring it back."""
    done = home / "restored"
    shutil.rmtree(done, ignore_errors=True)
    _aside(home).replace(done)
    shutil.rmtree(done)


def _aside(home: Path) -> Path:
    return home / "before-restore"
