"""The outlines of countries, as `web.tools.world_map` wrote them. Where they come from and their licence stand in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import orjson


@dataclass(frozen=True, slots=True)
class World:
    """`shapes` are SVG paths by ISO code, `dots` points for countries too small for one, `land` the path of what is neither."""

    view_box: str
    source: str
    licence: str
    shapes: Mapping[str, str]
    dots: Mapping[str, tuple[int, int]]
    land: str


@cache
def world() -> World:
    read = orjson.loads(resources.files("web").joinpath("world.json").read_bytes())
    dots = {iso: (x, y) for iso, (x, y) in read["dots"].items()}
    return World(read["viewBox"], read["source"], read["licence"], read["shapes"], dots, read["land"])
