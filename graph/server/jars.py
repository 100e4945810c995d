"""The jars of the embedded Neo4j: which ones (jgo's lock file), and how they get into the cache, checked and resumable.

Must not know the server or its data.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import threading
import tomllib
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from graph.errors import Code, NetworkError
from graph.server.disk import disk_errors, require_space
from graph.server.locks import hold
from graph.server.records import Progress, Reporter

if TYPE_CHECKING:
    import httpx

LOCK_FILE = Path(__file__).parent.parent / "neo4j.lock.toml"
GROUP, ARTIFACT = "org.neo4j", "neo4j"
THREADS = 16
ATTEMPTS = 3
PAUSE = 0.5
STAMP = ".verified"
FETCH_SPACE = 400 * 1024 * 1024


@dataclass(frozen=True)
class Jar:
    """One locked jar. `path` is its place below any Maven base address, `name` its file name, unique in the lock."""

    path: str
    name: str
    sha256: str


class _UnusableError(Exception):
    """A jar could not be had from any repository; the text says why, without addresses."""


@lru_cache(maxsize=1)
def locked() -> tuple[str, tuple[Jar, ...]]:
    """(Neo4j version, every jar in class path order) of the committed lock file."""
    with LOCK_FILE.open("rb") as file:
        entries = tomllib.load(file)["dependencies"]
    jars = []
    version = ""
    for entry in entries:
        group, artifact, release = entry["groupId"], entry["artifactId"], entry["version"]
        classifier = f"-{entry['classifier']}" if entry.get("classifier") else ""
        name = f"{artifact}-{release}{classifier}.{entry['packaging']}"
        jars.append(Jar(f"{group.replace('.', '/')}/{artifact}/{release}/{name}", name, entry["sha256"]))
        if (group, artifact) == (GROUP, ARTIFACT):
            version = release
    return version, tuple(jars)


def fetch(cache: Path, *, progress: Reporter | None = None, recheck: bool = False) -> list[Path]:
    """Every jar in class path order, each one's SHA-256 checked. Fetches what is missing or damaged, 16 at a time.

    A jar that did not change since it was checked is not read again, unless `recheck`.
    A jar appears under its name only when it is whole and checked, so a fetch that was cut off goes on where it stopped.
    Raises SERVER_FETCH_FAILED or SERVER_DISK_FULL.
    """
    folder = _folder(cache)
    _, jars = locked()
    if recheck or not _stamped(folder, jars):
        try:
            with disk_errors(cache):
                _complete(cache, jars, progress)
        except PermissionError as error:
            raise NetworkError(
                Code.SERVER_FETCH_FAILED,
                f"Neo4j could not be fetched: the folder {cache} cannot be written.",
                hint="Set GCIO_NEO4J_CACHE to a folder that you can write.",
            ) from error
    return [folder / jar.name for jar in jars]


def regenerate_lock(version: str) -> None:
    """Resolve `org.neo4j:neo4j:<version>` with jgo and write its lock file over ours. Takes some minutes."""
    from graph.server import maven  # noqa: PLC0415 - jgo takes most of a second to import

    try:
        lock = maven.resolve(GROUP, ARTIFACT, version, threads=THREADS)
    except (OSError, RuntimeError, ValueError) as error:
        raise NetworkError(
            Code.SERVER_FETCH_FAILED,
            f"Neo4j {version} could not be resolved: {_plain(error)}",
            hint="Check the version and the network, then run the command again; the lock file is unchanged.",
        ) from error
    lock.save(LOCK_FILE)
    locked.cache_clear()


def _complete(cache: Path, jars: Sequence[Jar], progress: Reporter | None) -> None:
    folder = _folder(cache)
    if _missing(folder, jars):
        folder.mkdir(parents=True, exist_ok=True)
        with _fetching_alone(cache, len(jars), progress):
            missing = _missing(folder, jars)
            if missing:
                require_space(cache, FETCH_SPACE, "the program files of Neo4j")
                _download_all(folder, missing, len(jars), progress)
    with contextlib.suppress(PermissionError):  # a cache that came with an image may be read-only
        (folder / STAMP).write_text(_fingerprint(folder, jars))


def _folder(cache: Path) -> Path:
    return cache.expanduser().resolve() / "jars"


def _stamped(folder: Path, jars: Sequence[Jar]) -> bool:
    """Whether no jar changed since all of them were hashed: hashing 176 MB takes most of a second, at every start."""
    try:
        return (folder / STAMP).read_text() == _fingerprint(folder, jars)
    except FileNotFoundError:
        return False


def _fingerprint(folder: Path, jars: Sequence[Jar]) -> str:
    digest = hashlib.sha256()
    for jar in jars:
        stat = (folder / jar.name).stat()
        digest.update(f"{jar.name} {jar.sha256} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _missing(folder: Path, jars: Sequence[Jar]) -> list[Jar]:
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        whole = list(pool.map(lambda jar: _sha256(folder / jar.name) == jar.sha256, jars))
    return [jar for jar, good in zip(jars, whole, strict=True) if not good]


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _fetching_alone(cache: Path, total: int, progress: Reporter | None) -> AbstractContextManager[None]:
    def waiting(_: int) -> None:
        if progress:
            progress(Progress("fetch", 0, total, "Another gcio process is fetching Neo4j; waiting for it."))

    return hold(cache / "fetch.lock", waiting)


def _download_all(folder: Path, missing: Sequence[Jar], total: int, progress: Reporter | None) -> None:
    import httpx  # noqa: PLC0415 - only a first start needs it

    from graph.server import maven  # noqa: PLC0415 - jgo takes most of a second to import

    there = total - len(missing)
    bases = [base.rstrip("/") for base in maven.repositories().values()]
    counter = threading.Lock()
    stop = threading.Event()

    def report() -> None:
        if progress:
            progress(Progress("fetch", there, total, f"Fetching Neo4j: {there} of {total} files."))

    def one(client: httpx.Client, jar: Jar) -> None:
        nonlocal there
        if not stop.is_set():
            _download(client, bases, jar, folder, stop)
            with counter:
                there += 1
                report()

    report()
    limits = httpx.Limits(max_connections=THREADS, max_keepalive_connections=THREADS)
    with (
        httpx.Client(limits=limits, timeout=httpx.Timeout(30, connect=10), follow_redirects=True) as client,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        tasks = [pool.submit(one, client, jar) for jar in missing]
        try:
            _first_failure(tasks)
        except _UnusableError as error:
            stop.set()
            raise NetworkError(
                Code.SERVER_FETCH_FAILED,
                f"Neo4j could not be fetched: {error}. {there} of {total} files are already here.",
                hint="Check the network connection (or proxy settings) and start again: only the missing files are fetched. "
                "Or set GCIO_NEO4J_URI to use a Neo4j that runs elsewhere.",
                details={"present": there, "total": total},
            ) from error
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)


def _first_failure(tasks: Sequence[Future[None]]) -> None:
    done, _ = wait(tasks, return_when=FIRST_EXCEPTION)
    for task in done:
        task.result()


def _download(client: httpx.Client, bases: Sequence[str], jar: Jar, folder: Path, stop: threading.Event) -> None:
    import httpx  # noqa: PLC0415 - as above

    reason = "no repository is configured"
    for attempt in range(ATTEMPTS):
        for base in bases:
            if stop.is_set():
                return
            try:
                _download_one(client, f"{base}/{jar.path}", jar, folder, stop)
            except httpx.HTTPStatusError as error:
                reason = f"{jar.name} was answered with HTTP {error.response.status_code}"
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                reason = f"{jar.name}: {_plain(error)}"
            except _UnusableError as error:
                reason = str(error)
            else:
                return
        stop.wait(PAUSE * 2**attempt)
    raise _UnusableError(reason)


def _download_one(client: httpx.Client, url: str, jar: Jar, folder: Path, stop: threading.Event) -> None:
    digest = hashlib.sha256()
    handle, name = tempfile.mkstemp(dir=folder, prefix=".part-")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, client.stream("GET", url) as answer:
            answer.raise_for_status()
            for chunk in answer.iter_bytes(1 << 16):
                if stop.is_set():
                    raise _UnusableError("stopped")
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != jar.sha256:
            raise _UnusableError(f"{jar.name} has the wrong SHA-256 (expected {jar.sha256}, got {digest.hexdigest()}) and was refused")
        part.chmod(0o644)
        part.replace(folder / jar.name)
    finally:
        part.unlink(missing_ok=True)


def _plain(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return text[0].rstrip(".") if text else type(error).__name__
