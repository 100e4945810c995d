"""Processes of this machine, each known by its id and its time of creation: an id alone is given to others after a crash.

Must not know Neo4j.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psutil  # type: ignore[import-untyped] # no types are published with it


class _Child(subprocess.Popen[bytes]):
    """A child that may outlive us."""

    def __del__(self) -> None:
        """Do not warn that it still runs: that is what a shared server does."""


@dataclass(frozen=True)
class Process:
    """A process as it was when looked at. `created` is in epoch seconds; `birth` is the same on a clock that is never set."""

    pid: int
    created: float
    birth: float
    command: tuple[str, ...]


_children: dict[tuple[int, float], _Child] = {}


def look(pid: int) -> Process | None:
    """The live process of that id, if we may see it; one that ended but was not waited for does not count."""
    try:
        found = psutil.Process(pid)
        if found.status() == psutil.STATUS_ZOMBIE:
            return None
        created = float(found.create_time())
        return Process(pid, created, _birth(pid, created), tuple(found.cmdline()))
    except psutil.Error:
        return None


def own() -> Process:
    """This process."""
    here = psutil.Process()
    created = float(here.create_time())
    return Process(here.pid, created, _birth(here.pid, created), tuple(here.cmdline()))


def mine() -> Iterator[Process]:
    """Every live process of this user."""
    for found in psutil.process_iter():
        try:
            same_user = found.uids().real == os.getuid()
        except psutil.Error:
            continue
        process = look(found.pid) if same_user else None
        if process:
            yield process


def spawn(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    output: BinaryIO | int,
    folder: Path | None = None,
    own_session: bool = True,
) -> Process:
    """Start a program, as a rule in a session of its own, so that Ctrl-C in our terminal does not reach it. Raises OSError."""
    for earlier in _children.values():
        earlier.poll()
    child = _Child(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=own_session,
    )
    process = look(child.pid) or Process(child.pid, 0.0, 0.0, tuple(command))
    _children[process.pid, process.birth] = child
    return process


def alive(process: Process) -> bool:
    """Whether this very process still runs. A child of ours counts until its last thread has let go of its files."""
    child = _children.get((process.pid, process.birth))
    if child is not None:
        return child.poll() is None
    now = look(process.pid)
    return now is not None and now.birth == process.birth


def exit_code(process: Process) -> int | None:
    """How a child of ours ended; None if it runs or was not ours."""
    child = _children.get((process.pid, process.birth))
    return child.poll() if child else None


def send(process: Process, signal: int) -> None:
    """Send a signal to this very process, or to nobody if it is gone."""
    if alive(process):
        try:
            psutil.Process(process.pid).send_signal(signal)
        except psutil.NoSuchProcess:
            return


def listens(process: Process, port: int) -> bool:
    """Whether this very process listens on the TCP port."""
    try:
        connections = psutil.Process(process.pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in connections)


def memory(process: Process) -> int | None:
    """Resident bytes."""
    try:
        return int(psutil.Process(process.pid).memory_info().rss)
    except psutil.Error:
        return None


def _birth(pid: int, created: float) -> float:
    """Linux keeps ticks since the start of the machine (field 22 of `stat`); setting the clock moves what is computed from them."""
    try:
        return float(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (OSError, IndexError, ValueError):
        return created


def described(pid: int) -> str:
    """`123 (name)`, or `123` where the name cannot be read."""
    try:
        return f"{pid} ({psutil.Process(pid).name()})"
    except psutil.Error:
        return str(pid)
