"""What the rest of the system asks for: a lease on the database, started by the first who needs it, stopped after the last.

Must not know how the database is used.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from graph.errors import Code, NetworkError
from graph.server import claims, failures, java, processes
from graph.server.access import external_endpoint
from graph.server.disk import disk_errors
from graph.server.jars import fetch
from graph.server.places import home_of, keep_marker, log_file
from graph.server.records import Endpoint, Reporter, Status
from graph.server.serving import adopt_server, start_server, stop_server, undo_interrupted_restore
from graph.settings import Settings


class Lease:
    """The right to use a server. While any process holds one on the embedded server, it runs; the last `close` stops it."""

    def __init__(self, endpoint: Endpoint, release: Callable[[], None] | None = None) -> None:
        self.endpoint = endpoint
        self._release = release
        self._owner = os.getpid()
        if release:
            atexit.register(self.close)

    def close(self) -> None:
        """Give the right back. Safe to call twice; does nothing in a forked child."""
        release, self._release = self._release, None
        if release and os.getpid() == self._owner:
            atexit.unregister(self.close)
            release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def connect(settings: Settings, *, progress: Reporter | None = None) -> Lease:
    """A lease on the Neo4j of `GCIO_NEO4J_URI`, or on the embedded one, started if it does not run. Raises SERVER_* or BAD_INPUT."""
    if settings.neo4j_uri:
        return Lease(external_endpoint(settings))
    home = prepare(settings)
    lease = claims.take_lease(home)
    try:
        endpoint = ensure(settings, progress=progress)
    except BaseException:
        _release(settings, lease)
        raise
    return Lease(endpoint, lambda: _release(settings, lease))


def ensure(settings: Settings, *, progress: Reporter | None = None) -> Endpoint:
    """Where the database answers now; an embedded server that died is started again, on its old port if that is free."""
    if settings.neo4j_uri:
        return external_endpoint(settings)
    home = prepare(settings)
    with disk_errors(home):
        with claims.guard(home, progress):
            undo_interrupted_restore(settings)
            endpoint = adopt_server(settings, progress)
        if endpoint is None:
            fetch(settings.neo4j_cache, progress=progress)
            with claims.guard(home, progress):
                endpoint = adopt_server(settings, progress) or start_server(settings, progress)
    return endpoint


def start(settings: Settings, *, progress: Reporter | None = None) -> Status:
    """Start the embedded server and keep it when nobody uses it, until `stop`."""
    home = prepare(settings)
    marker = keep_marker(home)
    before = marker.exists()
    marker.touch(mode=0o600)
    try:
        ensure(settings, progress=progress)
    except BaseException:
        if not before:
            marker.unlink(missing_ok=True)
        raise
    return status(settings)


def stop(settings: Settings, *, force: bool = False) -> bool:
    """Stop the embedded server; False if none ran. Raises SERVER_STORE_LOCKED while other processes use it, unless `force`."""
    home = prepare(settings)
    with claims.guard(home):
        others = claims.other_users(home)
        if others and not force:
            raise failures.in_use(home, others)
        keep_marker(home).unlink(missing_ok=True)
        return stop_server(settings)


def status(settings: Settings) -> Status:
    """How the database stands, without starting or asking it."""
    if settings.neo4j_uri:
        endpoint = external_endpoint(settings)
        return Status(embedded=False, uri=endpoint.uri)
    home = home_of(settings)
    server = claims.find_server(home)
    if server is None:
        return Status(
            embedded=True, running=False, home=home, log=log_file(home), kept=keep_marker(home).exists(), users=claims.users(home)
        )
    state = claims.read_state(home)
    return Status(
        running=True,
        embedded=True,
        uri=f"bolt://127.0.0.1:{claims.port_of(server)}",
        version=state.version if state and state.pid == server.pid else None,
        pid=server.pid,
        started=datetime.fromtimestamp(server.created, UTC).isoformat(timespec="seconds"),
        kept=keep_marker(home).exists(),
        users=claims.users(home),
        memory=processes.memory(server),
        home=home,
        log=log_file(home),
    )


def prepare(settings: Settings) -> Path:
    """The embedded database's folder, made if need be, for its owner alone. Raises BAD_INPUT where another Neo4j is set."""
    if settings.neo4j_uri:
        raise NetworkError(
            Code.BAD_INPUT,
            "GCIO_NEO4J_URI is set, so there is no embedded database to start, stop, save or restore.",
            hint="Unset GCIO_NEO4J_URI, or use the tools of that server.",
        )
    java.require_platform()
    home = home_of(settings)
    with disk_errors(home):
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
        except (PermissionError, NotADirectoryError, FileExistsError) as error:
            raise NetworkError(
                Code.BAD_INPUT,
                f"The data folder {home} cannot be made: {error.strerror}.",
                hint="Set GCIO_HOME to a folder that you can write.",
            ) from error
    return home


def _release(settings: Settings, lease: Path) -> None:
    home = home_of(settings)
    home.mkdir(parents=True, exist_ok=True)  # it may have been deleted under us
    with claims.guard(home):
        lease.unlink(missing_ok=True)
        if not claims.users(home) and not keep_marker(home).exists():
            stop_server(settings)
