"""Builds the islands, the TypeScript of the pages, with Node; and writes what of them follows from packages and schema.

Only the standard library, so that it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from web.tools.node import Missing, Node, find_node, install_packages

FOLDER: Final = Path(__file__).parents[1] / "islands"
STAMP: Final = FOLDER / "dist" / ".built"
LOCK: Final = FOLDER / "package-lock.json"
ELSEWHERE: Final = ("resolved", "funding")
"""Entries of a lock file that are addresses."""


def main(arguments: Sequence[str] | None = None) -> int:
    """`build`, or `update` for the lock file and the types. Without Node or packages `build` tells it and succeeds, unless `--required`."""
    parser = argparse.ArgumentParser(prog="python -m web.tools.islands", description=__doc__)
    parser.add_argument("what", choices=["build", "update"])
    parser.add_argument("--required", action="store_true", help="Fail where the islands cannot be built.")
    chosen = parser.parse_args(arguments)
    try:
        node = find_node()
        if chosen.what == "update":
            lock(node)
            install_packages(node, FOLDER)
            generate(node)
        else:
            build(node)
    except Missing as problem:
        sys.stderr.write(
            f"The islands were not built, so the pages come without type-ahead, map zoom and GraphiQL; all else works.\n{problem}\n"
        )
        return 1 if chosen.required or chosen.what == "update" else 0
    return 0


def build(node: Node) -> None:
    """Raises `Missing` where the packages cannot be had, CalledProcessError where the sources are at fault."""
    install_packages(node, FOLDER, tools=False)
    subprocess.run([*node.node, "node_modules/vite/bin/vite.js", "build"], cwd=FOLDER, check=True)
    STAMP.touch()


def lock(node: Node) -> None:
    """Write the lock file for `package.json`, without any address."""
    subprocess.run([*node.npm, "install", "--package-lock-only", "--loglevel=error"], cwd=FOLDER, check=True)
    LOCK.write_text(json.dumps(without_addresses(json.loads(LOCK.read_text(encoding="utf-8"))), indent=2) + "\n", encoding="utf-8")


def without_addresses(read: dict[str, Any]) -> dict[str, Any]:
    """A lock file's content without where its packages come from and who asks for money for them."""
    kept = {name: {k: v for k, v in entry.items() if k not in ELSEWHERE} for name, entry in read["packages"].items()}
    return read | {"packages": kept}


def generate(node: Node, target: Path | None = None) -> None:
    """Write the types of what the islands ask, into `src/documents.ts` or another file."""
    subprocess.run([*node.node, "generate.ts", *([str(target)] if target else [])], cwd=FOLDER, check=True)


if __name__ == "__main__":
    sys.exit(main())
