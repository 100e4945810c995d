"""The server of one data folder: adopted, started or ended. Every function here expects its caller to hold the folder's guard.

Must not know leases beyond asking who else is there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from graph.errors import NetworkError
from graph.server import aside, claims, engine, failures, java, processes
from graph.server.access import make_password
from graph.server.disk import require_space
from graph.server.jars import fetch, locked
from graph.server.places import database_folder, home_of, password_file, store_version
from graph.server.processes import Process
from graph.server.records import Endpoint, Progress, Reporter
from graph.settings import Settings

_FIRST_SPACE = 500 * 2**20
_LATER_SPACE = 100 * 2**20
_ATTEMPTS = 3
_GRACE = 20.0
_SHARED_GRACE = 60.0
_LETTING_GO = 15.0


def adopt_server(settings: Settings, progress: Reporter | None = None) -> Endpoint | None:
    """The running server, if it answers with our password; None if there is none.

    One that does not answer is stopped, and so is one of an older version that nobody else uses.
    """
    home = home_of(settings)
    server = claims.find_server(home)
    if server is None:
        return None
    version, _ = locked()
    state = claims.read_state(home)
    known = state if state and state.pid == server.pid else None
    if known and known.version != version and not claims.other_users(home):
        end(settings, server)
        return None
    try:
        port = claims.port_of(server)
        age = time.time() - server.created
        grace = _SHARED_GRACE if claims.other_users(home) else _GRACE
        patience = grace if processes.listens(server, port) else max(grace, engine.START_TIMEOUT - age)
        endpoint = engine.wait_ready(settings, server, port, patience, progress)
    except failures.RestartInVain:
        raise
    except (NetworkError, failures.PortTaken):
        end(settings, server, _GRACE)
        return None
    if known is None:
        claims.write_state(home, claims.state_of(server, port, version))
    return endpoint


def start_server(settings: Settings, progress: Reporter | None = None) -> Endpoint:
    """Start a server where none runs and wait until it answers. Raises SERVER_*; nothing is left running then."""
    home = home_of(settings)
    version, _ = locked()
    _refuse_newer(home, version)
    refuse_locked(home)
    jars = fetch(settings.neo4j_cache, progress=progress)
    first = not database_folder(home, "system").exists()
    require_space(home, _FIRST_SPACE if first else _LATER_SPACE, "the database")
    if first:
        set_password(settings, jars, progress)
    elif not password_file(home).exists():
        raise failures.password_lost(home)
    state = claims.read_state(home)
    preferred = state.port if state else None
    for _ in range(_ATTEMPTS):
        try:
            endpoint = _launch(settings, jars, engine.free_port(preferred), progress)
        except failures.PortTaken:
            preferred = None
        else:
            claims.replace_file(store_version(home), version + "\n")
            java.build_start_cache(settings, jars)
            return endpoint
    raise failures.port_busy(_ATTEMPTS)


def undo_interrupted_restore(settings: Settings) -> None:
    """Put back the store that a restore had moved away when it was killed: its backup never proved itself."""
    home = home_of(settings)
    if aside.is_aside(home):
        stop_server(settings)
        refuse_locked(home)
        aside.put_back(home)


def stop_server(settings: Settings) -> bool:
    """Stop whatever serves the folder. False if nothing did."""
    server = claims.find_server(home_of(settings))
    if server is None:
        return False
    end(settings, server)
    return True


def end(settings: Settings, server: Process, patience: float = engine.STOP_TIMEOUT) -> None:
    """Stop one server and remember its port for the next."""
    home = home_of(settings)
    engine.stop(server, patience)
    state = claims.read_state(home)
    if state:
        claims.write_state(home, replace(state, pid=0))


def _launch(settings: Settings, jars: Sequence[Path], port: int, progress: Reporter | None) -> Endpoint:
    server = engine.launch(settings, jars, port)
    try:
        claims.write_state(home_of(settings), claims.state_of(server, port, locked()[0]))
        return engine.wait_ready(settings, server, port, engine.START_TIMEOUT, progress)
    except BaseException:
        end(settings, server)
        raise


def set_password(settings: Settings, jars: Sequence[Path], progress: Reporter | None = None) -> None:
    """Before the first start. The tool reads the password from its file (`@file`), so that no process list ever shows it."""
    home = home_of(settings)
    make_password(home)
    if progress:
        progress(Progress("password", 0, 0, "Setting the password of the new database."))
    result = java.run_admin(settings, jars, "dbms", "set-initial-password", f"@{password_file(home)}")
    if result.returncode:
        raise failures.unready(home, f"its password could not be set: {failures.telling_line(result.stdout + result.stderr)}")


def refuse_locked(home: Path) -> None:
    """Raise SERVER_STORE_LOCKED, but give a process that was just killed the time to let go."""
    deadline = time.monotonic() + _LETTING_GO
    while (holder := claims.store_lock_holder(home)) is not None:
        if time.monotonic() > deadline or processes.look(holder) is not None:
            raise failures.store_locked(home, holder)
        time.sleep(0.05)


def _refuse_newer(home: Path, version: str) -> None:
    written = (claims.read_text(store_version(home)) or "").strip()
    if _ordered(written) > _ordered(version):
        raise failures.store_newer(home, written)


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
