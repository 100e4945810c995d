"""One Neo4j process: launched, waited for until Bolt answers, stopped.

Must not know leases or who asks.
"""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graph.errors import Code, NetworkError
from graph.server import failures, java, processes
from graph.server.access import embedded_endpoint
from graph.server.disk import require_space
from graph.server.places import home_of, log_file
from graph.server.processes import Process
from graph.server.records import Endpoint, Progress, Reporter
from graph.settings import Settings

if TYPE_CHECKING:
    import neo4j

START_TIMEOUT = 420.0
STOP_TIMEOUT = 120.0
LEAST_SPACE = 4 * 2**20  # below it Neo4j hangs in its start without a word


def options(settings: Settings, port: int) -> list[str]:
    """Neo4j's settings as `key=value`: Bolt on loopback and nothing else, no calls home, small transaction logs, a quick end."""
    return [
        f"server.bolt.listen_address=127.0.0.1:{port}",
        f"server.bolt.advertised_address=127.0.0.1:{port}",
        "server.http.enabled=false",
        "server.https.enabled=false",
        # On loopback a dead server closes its connections itself. Asked for signs of life, the driver waits for each with a timer of its own,
        # which costs a fifth of a short read's processor time in Python.
        "server.bolt.connection_keep_alive_for_requests=OFF",
        f"initial.dbms.default_database={settings.neo4j_database}",
        f"server.memory.pagecache.size={settings.neo4j_pagecache}",
        # A search looks into every part of an index of vectors; with the default of 50, each commit leaves one more for a long time.
        "internal.dbms.index.vector.standard_merge_factor=8",
        "dbms.usage_report.enabled=false",
        "dbms.fleet_manager.enabled=false",
        "server.fleet_discovery.enabled=false",
        "client.allow_telemetry=false",
        "db.logs.query.enabled=OFF",
        "dbms.security.allow_csv_import_from_file_urls=false",
        "db.tx_log.preallocate=false",
        "db.tx_log.rotation.size=32m",
        "db.tx_log.rotation.retention_policy=128m size",
        "internal.dbms.bolt.local_enabled=false",
        "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration=0s",  # else every stop waits ten seconds
    ]


def launch(settings: Settings, jars: Sequence[Path], port: int, recording: Path | None = None) -> Process:
    """Start the server; does not wait for it. With `recording` it is a training server: it writes there, at its end, what the start-up cache is made of, and shares our priority."""
    home = home_of(settings)
    for folder in ("conf", "logs", "data"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    log = log_file(home)
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    command = java.server_command(settings, jars, options(settings, port), recording)
    with log.open("wb") as output:
        try:
            return processes.spawn(command, environment=java.environment(jars), output=output, folder=home, own_session=recording is None)
        except OSError as error:
            raise java.cannot_run(error) from error


def free_port(preferred: int | None) -> int:
    """The preferred port if nobody listens there, so that drivers find a restarted server again; else a free one."""
    for port in (preferred, 0) if preferred else (0,):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                probe.listen(1)
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise NetworkError(Code.SERVER_PORT_BUSY, "No free port is left on 127.0.0.1.", hint="End a program that holds many connections.")


def wait_ready(settings: Settings, process: Process, port: int, patience: float, progress: Reporter | None) -> Endpoint:
    """Wait until the server answers a query with our password. Raises what its failure means; the process may still run then."""
    home = home_of(settings)
    started = time.monotonic()
    endpoint = None
    told, reason = 0, "it did not open its port"
    while (passed := time.monotonic() - started) < patience:
        if not processes.alive(process):
            raise failures.of_ended_server(home, processes.exit_code(process))
        if processes.listens(process, port):
            endpoint = endpoint or embedded_endpoint(settings, port)
            problem = _ask(endpoint, home)
            if problem is None:
                return endpoint
            reason = problem
        if int(passed) > told:
            told = int(passed)
            require_space(home, LEAST_SPACE, "the database")
            if progress:
                progress(Progress("start", told, 0, f"Starting Neo4j: {told} s."))
        time.sleep(0.1)
    raise failures.unready(home, f"it did not answer within {patience:.0f} s ({reason})")


def stop(process: Process, patience: float) -> None:
    """End the server in order, by force only after `patience` seconds."""
    processes.send(process, signal.SIGTERM)
    if not _gone(process, patience):
        processes.send(process, signal.SIGKILL)
        _gone(process, STOP_TIMEOUT)


def _ask(endpoint: Endpoint, home: Path) -> str | None:
    """Send one query: None if it was answered, else the reason. Raises where waiting longer is in vain."""
    import neo4j  # noqa: PLC0415 - imported while the server starts, not before
    from neo4j.exceptions import DriverError, Neo4jError  # noqa: PLC0415 - as above

    with neo4j.GraphDatabase.driver(
        endpoint.uri,
        auth=(endpoint.user, endpoint.password),
        connection_timeout=5,
        connection_acquisition_timeout=5,
        max_transaction_retry_time=0,
    ) as driver:
        try:
            driver.execute_query(neo4j.Query("RETURN 1", timeout=10), database_=endpoint.database)
        except Neo4jError as error:
            code = error.code or type(error).__name__
            if code == "Neo.ClientError.Security.Unauthorized":
                raise failures.password_lost(home) from None
            if code == "Neo.ClientError.Database.DatabaseNotFound":
                raise failures.wrong_name(endpoint.database) from None
            said = _database_status(driver, endpoint.database)
            if said:
                raise failures.of_database(home, endpoint.database, said) from None
            return code
        except (DriverError, OSError) as error:
            return type(error).__name__
    return None


def _database_status(driver: neo4j.Driver, database: str) -> str:
    """Neo4j's own words on why a database is not open; empty while it is still opening."""
    from neo4j.exceptions import DriverError, Neo4jError  # noqa: PLC0415 - as above

    try:
        records, _, _ = driver.execute_query("SHOW DATABASE $name YIELD statusMessage", name=database, database_="system")
    except (DriverError, Neo4jError):
        return ""
    return " ".join(str(record["statusMessage"]) for record in records if record["statusMessage"])


def _gone(process: Process, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while processes.alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
