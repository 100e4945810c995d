"""Whether pages are valid HTML, by html-validate with the rules of the standard."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from web.tools.node import find_node, install_packages

FOLDER = Path(__file__).parent / "html"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: on which page, at which line and column, against which rule."""

    address: str
    place: str
    rule: str
    message: str


def faults(pages: Mapping[str, str]) -> list[Fault]:
    """What is wrong with pages, given by address, all in one run. Raises `Missing` where there is no Node and none can be installed."""
    node = find_node()
    install_packages(node, FOLDER)
    given = json.dumps([{"address": address, "html": html} for address, html in pages.items()])
    ran = subprocess.run([*node.node, "check.mjs"], input=given, capture_output=True, text=True, cwd=FOLDER, check=True)
    return [Fault(**found) for found in json.loads(ran.stdout)]
