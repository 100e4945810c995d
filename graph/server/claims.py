"""Who owns what in one data folder: the state file, the leases, the lock, and which process is the server.

Must not know how a server is started. A process id is never trusted alone: the system gives it to others after a crash.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import struct
import sys
import time
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path

from graph.server import processes
from graph.server.java import SERVER
from graph.server.locks import hold
from graph.server.places import database_folder
from graph.server.processes import Process
from graph.server.records import Progress, Reporter

_BOLT = "server.bolt.listen_address=127.0.0.1:"


@dataclass(frozen=True)
class State:
    """The last server of a data folder. `pid` 0 means that it was stopped in order; `created` and `started` are epoch seconds."""

    pid: int
    created: float
    port: int
    version: str
    started: float


def read_state(home: Path) -> State | None:
    """The state file, or None where it is absent or unreadable: it only saves work, the processes are the truth."""
    try:
        data = json.loads((home / "state.json").read_text())
        return State(int(data["pid"]), float(data["created"]), int(data["port"]), str(data["version"]), float(data["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_state(home: Path, state: State) -> None:
    replace_file(home / "state.json", json.dumps(asdict(state), indent=1) + "\n")


def replace_file(path: Path, text: str) -> None:
    """Write a file that only its owner reads, so that a reader sees the old or the new text, never a part."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        part.touch(mode=0o600)
        part.write_text(text)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def guard(home: Path, progress: Reporter | None = None) -> AbstractContextManager[None]:
    """Decisions about the server of `home` are taken by one process at a time."""

    def waiting(seconds: int) -> None:
        if progress:
            progress(Progress("wait", seconds, 0, "Another gcio process is starting or stopping the database; waiting for it."))

    return hold(home / "server.lock", waiting)


def find_server(home: Path) -> Process | None:
    """The live Neo4j of `home`: the one of the state file if its command line says so too, else any process that shows our folder."""
    state = read_state(home)
    noted = processes.look(state.pid) if state and state.pid else None
    if noted and _serves(noted, home):
        return noted
    return next((process for process in processes.mine() if _serves(process, home)), None)


def port_of(server: Process) -> int:
    """The Bolt port in a server's command line."""
    return next(int(part.removeprefix(_BOLT)) for part in server.command if part.startswith(_BOLT))


def _serves(process: Process, home: Path) -> bool:
    return SERVER in process.command and f"--home-dir={home}" in process.command


def take_lease(home: Path) -> Path:
    """Write that this process uses the server."""
    folder = home / "leases"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{os.getpid()}-{secrets.token_hex(4)}"
    replace_file(path, repr(processes.own().birth))
    return path


def users(home: Path) -> tuple[int, ...]:
    """The live processes that hold a lease, each once. Leases of dead processes are removed."""
    alive = set()
    for path in sorted((home / "leases").glob("[0-9]*-*")):
        process = processes.look(int(path.name.partition("-")[0]))
        if process and process.birth == _number(read_text(path)):
            alive.add(process.pid)
        else:
            path.unlink(missing_ok=True)
    return tuple(sorted(alive))


def other_users(home: Path) -> tuple[int, ...]:
    """The live processes but ours that hold a lease."""
    return tuple(pid for pid in users(home) if pid != os.getpid())


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def read_text(path: Path) -> str | None:
    try:
        return path.read_text()
    except FileNotFoundError:
        return None


def store_lock_holder(home: Path) -> int | None:
    """The process that holds the store's lock: its id, 0 if the system does not tell, None if the store is free."""
    import fcntl  # noqa: PLC0415 - absent on Windows, where a Neo4j that runs elsewhere can still be used

    path = database_folder(home, "store_lock")
    try:
        file = path.open("r+b")
    except FileNotFoundError:
        return None
    with file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                raise
            return _lock_owner(file.fileno())
        return None


def _lock_owner(descriptor: int) -> int:
    """F_GETLK's `l_pid`; `struct flock` is laid out differently on Linux and macOS."""
    import fcntl  # noqa: PLC0415 - as above

    if sys.platform == "darwin":
        return int(
            struct.unpack("qqihh", fcntl.fcntl(descriptor, fcntl.F_GETLK, struct.pack("qqihh", 0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET)))[2]
        )
    layout = "hhqqi"
    return int(struct.unpack(layout, fcntl.fcntl(descriptor, fcntl.F_GETLK, struct.pack(layout, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)))[4])


def state_of(process: Process, port: int, version: str) -> State:
    return State(process.pid, process.created, port, version, time.time())
