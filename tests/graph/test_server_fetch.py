"""Fetching the embedded Neo4j: a real repository on loopback, found through jgo's own settings, with a lock file of five small jars."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from graph import server
from graph.errors import Code, NetworkError
from graph.server import disk, jars, java, processes, startcache
from graph.server.records import Progress
from graph.settings import Settings


class Repository(ThreadingHTTPServer):
    """A Maven repository on loopback. It serves `files`, fails for names in `broken`, and remembers what was asked."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.asked, self.broken = files, [], set[str]()
        super().__init__(("127.0.0.1", 0), Handler)

    asked: list[str]


class Handler(SimpleHTTPRequestHandler):
    server: Repository

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        self.server.asked.append(name)
        body = self.server.files.get(self.path)
        if body is None or name in self.server.broken:
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """Five jars in a lock file of jgo's form, and a repository that jgo's own settings name in place of Maven Central."""
    contents = {f"part{number}": f"jar {number}".encode() * 1000 for number in range(5)}
    lock = tmp_path / "lock.toml"
    lock.write_text(
        "".join(
            f'[[dependencies]]\ngroupId = "org.neo4j"\nartifactId = "{name}"\nversion = "1.0"\npackaging = "jar"\n'
            f'sha256 = "{hashlib.sha256(body).hexdigest()}"\n'
            for name, body in contents.items()
        )
    )
    monkeypatch.setattr(jars, "LOCK_FILE", lock)
    monkeypatch.setattr(jars, "PAUSE", 0.01)
    jars.locked.cache_clear()
    with Repository({f"/maven/org/neo4j/{name}/1.0/{name}-1.0.jar": body for name, body in contents.items()}) as running:
        configuration = tmp_path / "jgo.conf"
        configuration.write_text(f"[repositories]\ncentral = http://127.0.0.1:{running.server_port}/maven\n")
        monkeypatch.setenv("JGO_CONFIG_FILE", str(configuration))
        thread = threading.Thread(target=partial(running.serve_forever, poll_interval=0.02))
        thread.start()
        yield running
        running.shutdown()
        thread.join()
    jars.locked.cache_clear()


def test_fetch_takes_every_locked_jar_once_and_tells_how_far_it_is(repository: Repository, tmp_path: Path) -> None:
    # given an empty cache
    seen: list[Progress] = []

    # when
    paths = server.fetch(tmp_path / "cache", progress=seen.append)

    # then
    assert [path.name for path in paths] == [f"part{number}-1.0.jar" for number in range(5)]
    assert sorted(repository.asked) == [path.name for path in paths]
    assert [path.read_bytes()[:5] for path in paths] == [f"jar {number}".encode() for number in range(5)]
    assert [(step.step, step.done, step.total) for step in seen] == [("fetch", done, 5) for done in range(6)]
    assert seen[2].text == "Fetching Neo4j: 2 of 5 files."

    # and a second time nothing is asked for
    repository.asked.clear()
    assert server.fetch(tmp_path / "cache") == paths
    assert repository.asked == []


def test_fetch_that_failed_says_what_is_there_and_resumes(repository: Repository, tmp_path: Path) -> None:
    # given a repository that fails for two of five
    repository.broken = {"part3-1.0.jar", "part4-1.0.jar"}

    # when
    with pytest.raises(NetworkError) as caught:
        server.fetch(tmp_path / "cache")

    # then
    present = sorted(path.name for path in (tmp_path / "cache" / "jars").glob("*.jar"))
    assert caught.value.code is Code.SERVER_FETCH_FAILED
    assert caught.value.exit_code == 3
    assert "was answered with HTTP 503" in caught.value.message
    assert f"{len(present)} of 5 files are already here" in caught.value.message
    assert "only the missing files are fetched" in str(caught.value.hint)
    assert list((tmp_path / "cache" / "jars").glob(".part-*")) == []

    # when it works again
    repository.broken = set()
    repository.asked.clear()
    server.fetch(tmp_path / "cache")

    # then only the missing ones were asked for
    assert sorted(repository.asked + present) == [f"part{number}-1.0.jar" for number in range(5)]


def test_fetch_refuses_wrong_content_and_replaces_damaged_files(repository: Repository, tmp_path: Path) -> None:
    # given a repository that serves something else under one name
    good = repository.files["/maven/org/neo4j/part2/1.0/part2-1.0.jar"]
    repository.files["/maven/org/neo4j/part2/1.0/part2-1.0.jar"] = b"malware"

    # when
    with pytest.raises(NetworkError) as caught:
        server.fetch(tmp_path / "cache")

    # then it is refused and never appears under the name
    assert caught.value.code is Code.SERVER_FETCH_FAILED
    assert f"part2-1.0.jar has the wrong SHA-256 (expected {hashlib.sha256(good).hexdigest()}" in caught.value.message
    assert not (tmp_path / "cache" / "jars" / "part2-1.0.jar").exists()

    # when the repository is right again, and a file that was here is damaged
    repository.files["/maven/org/neo4j/part2/1.0/part2-1.0.jar"] = good
    paths = server.fetch(tmp_path / "cache")
    paths[0].write_bytes(b"torn")
    repository.asked.clear()

    # then the damaged one alone is replaced
    assert server.fetch(tmp_path / "cache") == paths
    assert repository.asked == ["part0-1.0.jar"]
    assert paths[0].read_bytes() == b"jar 0" * 1000


def test_fetch_without_network(repository: Repository, tmp_path: Path) -> None:
    # given that nobody answers at the repository's address
    configuration = Path(os.environ["JGO_CONFIG_FILE"])
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        configuration.write_text(f"[repositories]\ncentral = http://127.0.0.1:{unused.getsockname()[1]}/maven\n")

        # when
        with pytest.raises(NetworkError) as caught:
            server.fetch(tmp_path / "cache")

    # then
    assert caught.value.code is Code.SERVER_FETCH_FAILED
    assert caught.value.details == {"present": 0, "total": 5}
    assert "Check the network connection" in str(caught.value.hint)


def test_fetch_asks_for_room_first(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a disk smaller than what is asked for
    monkeypatch.setattr(jars, "FETCH_SPACE", 10**18)

    # when
    with pytest.raises(NetworkError) as caught:
        server.fetch(tmp_path / "cache")

    # then
    assert caught.value.code is Code.SERVER_DISK_FULL
    assert str(tmp_path / "cache") in caught.value.message
    assert repository.asked == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_fills_up_is_named() -> None:
    # when the system says that no space is left
    with pytest.raises(NetworkError) as caught, disk.disk_errors(Path("/data")):
        Path("/dev/full").write_text("x")

    # then
    assert caught.value.code is Code.SERVER_DISK_FULL
    assert caught.value.message == "The disk that holds /data is too full: no space is left."


def test_the_start_cache_is_built_once_for_these_very_jars(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given fetched jars, and a note of every background process that would be started
    settings = Settings(neo4j_cache=tmp_path / "cache")
    paths = server.fetch(settings.neo4j_cache)
    started: list[list[str]] = []
    monkeypatch.setattr(processes, "spawn", lambda command, **_: started.append(command))

    # when there is none yet, it was built, building it failed, and a jar has changed
    target = java.start_cache(settings, paths)
    java.build_start_cache(settings, paths)
    target.parent.mkdir()
    target.touch()
    java.build_start_cache(settings, paths)
    target.rename(target.with_suffix(java.FAILED))
    java.build_start_cache(settings, paths)
    assert len(started) == 1
    os.utime(paths[0], (1, 1))
    java.build_start_cache(settings, paths)

    # then it is asked for at first and after the change
    assert [command[1:] for command in started] == [["-m", "graph.server.startcache", str(tmp_path / "cache")]] * 2
    assert java.start_cache(settings, paths) != target


def test_what_a_killed_training_left_is_removed(tmp_path: Path) -> None:
    # given the files of this version, of an old one, of a new one, and of a training
    for name in ("this.aot", "this.lock", "old.aot", "new.aot", "training-1/neo4j/data"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    os.utime(tmp_path / "old.aot", (1, 1))
    os.utime(tmp_path / "this.lock", (1, 1))

    # when
    startcache._tidy(tmp_path / "this.aot")

    # then
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.aot", "this.aot", "this.lock"]


def test_the_committed_lock_names_no_addresses() -> None:
    # given
    text = jars.LOCK_FILE.read_text()
    jars.locked.cache_clear()
    version, wanted = jars.locked()

    # then
    assert version == "2026.08.1"
    assert len(wanted) == 237
    assert len({jar.name for jar in wanted}) == 237
    assert "://" not in text
    assert wanted[0].path == "org/neo4j/neo4j/2026.08.1/neo4j-2026.08.1.jar"
