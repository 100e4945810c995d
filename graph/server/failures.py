"""What a server that does not start wants to say, in plain words.

Must not start or stop anything.
"""

from __future__ import annotations

import re
from pathlib import Path

from graph.errors import Code, NetworkError
from graph.server.claims import store_lock_holder
from graph.server.disk import full
from graph.server.places import log_file, password_file
from graph.server.processes import described

_NEWER = re.compile(
    r"newer version than the current binaries|from a newer version of neo4j|because it is a newer version|UnsupportedLogVersion"
)
_NO_ROOM = re.compile(r"No space left on device|[Qq]uota exceeded")
_NO_MEMORY = re.compile(r"OutOfMemoryError|Could not reserve enough space|Cannot allocate memory")


class PortTaken(Exception):  # noqa: N818 - not an error to anybody: the start is tried again on another port
    """Another program took the port between our look and Neo4j's."""


class RestartInVain(NetworkError):  # noqa: N818 - shown to a person like every other NetworkError
    """The server answers, and another one would say the same."""


def of_ended_server(home: Path, exit_code: int | None) -> NetworkError | PortTaken:
    """Why a server ended while it started, read from its log."""
    text = _log_text(home)
    if "PortBindException" in text or "Address already in use" in text:
        return PortTaken()
    if _NO_ROOM.search(text):
        return full(home, "Neo4j found no space left")
    holder = store_lock_holder(home)
    if holder is not None or "FileLockException" in text:
        return store_locked(home, holder or 0)
    if _NEWER.search(text):
        return store_newer(home, None)
    if _NO_MEMORY.search(text):
        return unready(home, "this machine has not enough free memory; GCIO_NEO4J_HEAP and GCIO_NEO4J_PAGECACHE set the sizes")
    return unready(home, f"it ended with exit code {exit_code}: {telling_line(text)}")


def of_database(home: Path, database: str, said: str) -> NetworkError:
    """Why the server runs but the database in it does not, from Neo4j's own status message."""
    if _NO_ROOM.search(said):
        return full(home, "Neo4j found no space left")
    if _NEWER.search(said):
        return store_newer(home, None)
    return unready(home, f"the database {database} cannot be opened: {said[:300]}")


def unready(home: Path, reason: str) -> NetworkError:
    """SERVER_START_FAILED that names the logs."""
    return NetworkError(
        Code.SERVER_START_FAILED,
        f"The embedded Neo4j did not start: {reason.rstrip('.')}.",
        hint=f"Its log is {log_file(home)}, details are in {home / 'logs' / 'debug.log'}.",
    )


def password_lost(home: Path) -> RestartInVain:
    """SERVER_START_FAILED: the store has a password that the password file no longer holds."""
    return RestartInVain(
        Code.SERVER_START_FAILED,
        f"The password in {password_file(home)} is missing or not the one of the database.",
        hint="Put the file back. If it is lost: `gcio db backup FILE`, move the folder away, `gcio db restore FILE` (neither needs it).",
    )


def wrong_name(database: str) -> RestartInVain:
    """BAD_INPUT for a database name that the embedded server does not have: Community has one database."""
    return RestartInVain(
        Code.BAD_INPUT,
        f"The embedded Neo4j has no database named {database!r}: its name was fixed at its first start.",
        hint="Correct or unset GCIO_NEO4J_DATABASE.",
    )


def store_locked(home: Path, holder: int) -> NetworkError:
    """SERVER_STORE_LOCKED that names the process where the system tells it (`holder` 0: it does not)."""
    who = f" {described(holder)}" if holder else ""
    return NetworkError(
        Code.SERVER_STORE_LOCKED,
        f"The database in {home} is in use by another process{who}.",
        hint=f"End process{who or ' that uses it'}, or set GCIO_HOME to another data folder.",
        details={"pid": holder} if holder else {},
    )


def in_use(home: Path, users: tuple[int, ...]) -> NetworkError:
    """SERVER_STORE_LOCKED: other gcio processes hold leases."""
    names = ", ".join(map(str, users))
    return NetworkError(
        Code.SERVER_STORE_LOCKED,
        f"The database in {home} is in use by gcio process {names}.",
        hint=f"End process {names} first.",
        details={"pids": list(users)},
    )


def store_newer(home: Path, written: str | None) -> NetworkError:
    """SERVER_STORE_NEWER: our Neo4j is older than the one that wrote the store."""
    by = f"Neo4j {written}" if written else "a newer Neo4j"
    return NetworkError(
        Code.SERVER_STORE_NEWER,
        f"The database in {home} was written by {by}, which is newer than the one that this version of gcio brings.",
        hint="Install the newer gcio again, or set GCIO_HOME to another data folder and restore a backup of this version there.",
        details={"written_by": written} if written else {},
    )


def port_busy(attempts: int) -> NetworkError:
    """SERVER_PORT_BUSY."""
    return NetworkError(
        Code.SERVER_PORT_BUSY,
        f"Other programs took the port of the embedded Neo4j {attempts} times while it started.",
        hint="Start again; if it happens again, look for a program that opens many ports on 127.0.0.1.",
    )


def telling_line(text: str) -> str:
    """The line of a Java program's output that says most about a failure."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("at ", "... ", "---", "Files: ", "INFO"))]
    telling = [line for line in lines if re.search(r"ERROR|^Error|^Exception|^Caused by|^Failed", line)]
    return (telling or lines or ["it said nothing"])[-1][:300]


def _log_text(home: Path) -> str:
    try:
        return log_file(home).read_bytes()[-200_000:].decode(errors="replace")
    except FileNotFoundError:
        return ""
