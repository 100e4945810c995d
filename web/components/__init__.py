"""The parts that pages are put together from. A folder for each holds its macros, its style and its examples with their data.

A new folder is all that a new component needs: its style is in the stylesheet, and its macros are in `parts`, at the next start.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

FOLDER: Final = Path(__file__).parent
TEMPLATE, STYLE, EXAMPLES, DATA = "template.html", "style.css", "examples.html", "data.json"


@cache
def names() -> tuple[str, ...]:
    """Every component, in the order of the alphabet."""
    return tuple(sorted(path.name for path in FOLDER.iterdir() if (path / STYLE).exists() or (path / TEMPLATE).exists()))


def macros() -> str:
    """The macros of all components as one template, so that they can call one another."""
    return "\n".join(text for name in names() if (text := _text(name, TEMPLATE)))


def styles() -> str:
    """The styles of all components, in the layer that stands between layout and helpers."""
    return "@layer components {\n" + "\n".join(text for name in names() if (text := _text(name, STYLE))) + "\n}"


def sample(name: str) -> Any:
    """The data of a component's examples; empty where it needs none."""
    return orjson.loads(_text(name, DATA) or "{}")


def _text(name: str, file: str) -> str:
    path = FOLDER / name / file
    return path.read_text(encoding="utf-8") if path.exists() else ""
