"""Backup and restore of the embedded database, with Neo4j's own dump and load.

Must not know what the database holds. Both need the server stopped: Community has no online backup.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from graph.errors import Code, NetworkError
from graph.server import aside, claims, failures, java
from graph.server.disk import disk_errors, full, require_space
from graph.server.jars import fetch
from graph.server.lifecycle import prepare
from graph.server.places import database_folder, home_of
from graph.server.records import Progress, Reporter
from graph.server.serving import refuse_locked, start_server, stop_server, undo_interrupted_restore
from graph.settings import Settings

_SLACK = 50 * 1024 * 1024


def backup(settings: Settings, target: Path, *, progress: Reporter | None = None) -> Path:
    """Write the database to `target`, or to a dated file in it if it is a folder. Returns the file, which only its owner can read.

    A running server is stopped and started again. Raises SERVER_STORE_LOCKED while other processes use it,
    SERVER_NOT_RUNNING if there is no database yet.
    """
    home = prepare(settings)
    store = database_folder(home, settings.neo4j_database)
    jars = fetch(settings.neo4j_cache, progress=progress)
    with disk_errors(target), _stopped(settings, progress):
        if not store.exists():
            raise NetworkError(
                Code.SERVER_NOT_RUNNING, f"There is no database in {home} to save yet.", hint="Start it once, or correct GCIO_HOME."
            )
        file = target / datetime.now(UTC).strftime("gcio-%Y%m%d-%H%M%S.dump") if target.is_dir() else target
        file.parent.mkdir(parents=True, exist_ok=True)
        require_space(file.parent, _size(store) + _SLACK, "the backup")
        _tell(progress, "dump", f"Saving the database to {file}.")
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".gcio-backup-") as folder:
            result = java.run_admin(settings, jars, "database", "dump", settings.neo4j_database, f"--to-path={folder}")
            written = Path(folder) / f"{settings.neo4j_database}.dump"
            if result.returncode or not written.exists():
                raise _failed(home, "saved", result.stdout + result.stderr)
            written.chmod(0o600)
            written.replace(file)
    return file


def restore(settings: Settings, source: Path, *, progress: Reporter | None = None) -> None:
    """Replace the database by the backup `source`. The old one is put back if the backup cannot be loaded or does not start.

    The server is started once to prove the backup, and stays only if it ran before. Raises as `backup`, BAD_INPUT for a bad file.
    """
    home = prepare(settings)
    _readable(source)
    jars = fetch(settings.neo4j_cache, progress=progress)
    with disk_errors(home), _stopped(settings, progress) as was_running:
        require_space(home, 3 * source.stat().st_size + _SLACK, "the restored database")
        aside.put_aside(home, settings.neo4j_database)
        try:
            _tell(progress, "load", f"Loading {source}.")
            with source.open("rb") as file:
                command = ("database", "load", settings.neo4j_database, "--from-stdin", "--overwrite-destination=true")
                result = java.run_admin(settings, jars, *command, stdin=file)
            if result.returncode:
                raise _failed(home, "restored", result.stdout + result.stderr)
            start_server(settings, progress)
            aside.forget(home)
        finally:
            undo_interrupted_restore(settings)
        if not was_running:
            stop_server(settings)


@contextmanager
def _stopped(settings: Settings, progress: Reporter | None) -> Iterator[bool]:
    """With the guard held and the server stopped; starts it again if it ran (the value) and does not run at the end."""
    home = home_of(settings)
    with claims.guard(home, progress):
        others = claims.other_users(home)
        if others:
            raise failures.in_use(home, others)
        undo_interrupted_restore(settings)
        was_running = stop_server(settings)
        refuse_locked(home)
        try:
            yield was_running
        finally:
            if was_running and claims.find_server(home) is None:
                start_server(settings, progress)


def _readable(source: Path) -> None:
    try:
        with source.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise NetworkError(Code.BAD_INPUT, f"The backup {source} cannot be read: {error.strerror}.", hint="Check the path.") from error
    if head not in (b"DZV1", b"DGV1"):
        raise NetworkError(
            Code.BAD_INPUT, f"The file {source} is not a backup of a Neo4j database.", hint="Name a file that `gcio db backup` wrote."
        )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _failed(home: Path, verb: str, output: str) -> NetworkError:
    if re.search(r"No space left|quota exceeded", output):
        return full(home, "Neo4j's admin tool found no space left")
    return NetworkError(
        Code.SERVER_START_FAILED,
        f"The database in {home} could not be {verb}: {failures.telling_line(output)}",
        hint="The database is as it was before.",
    )


def _tell(progress: Reporter | None, step: str, text: str) -> None:
    if progress:
        with contextlib.suppress(BrokenPipeError):
            progress(Progress(step, 0, 0, text))
