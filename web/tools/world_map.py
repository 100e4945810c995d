"""Outlines of countries for the map: TopoJSON in, one small file of SVG paths out, `web/world.json`. Run again for another topology.

npm pack world-atlas@2.0.2 && tar xf world-atlas-2.0.2.tgz
python -m web.tools.world_map package/countries-110m.json
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import orjson

WIDTH, HEIGHT = 960, 425
MERIDIAN: Final = 11
"""Degrees east in the middle: the map then parts in the Bering Strait."""
EQUATOR: Final = 236
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
SCALE: Final = WIDTH / 5.5
STARTER: Final = Path("ingest/starter/countries.csv")
OUT: Final = Path("web/world.json")
# Outlines that the topology keeps apart and that the list of countries has within another.
WITHIN: Final = {"N. Cyprus": "CYP", "Somaliland": "SOM"}
LEFT_OUT: Final = "010"
"""Antarctica: nobody governs it, and it would take a fifth of the sheet."""

Point = tuple[float, float]


def equal_earth(longitude: float, latitude: float) -> Point:
    """A place in degrees as a point of the sheet, y downwards. Equal Earth: areas are true, so that Africa and the Pacific keep their size.

    Formula: Šavrič, Patterson, Jenny, "The Equal Earth map projection", International Journal of Geographical Information Science 33(3), 2019.
    """
    lam = math.radians((longitude - MERIDIAN + 180) % 360 - 180)
    t = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    t2, t6 = t * t, t**6
    x = 2 * math.sqrt(3) * lam * math.cos(t) / (3 * (9 * A4 * t6 * t2 + 7 * A3 * t6 + 3 * A2 * t2 + A1))
    y = t * (A1 + A2 * t2 + t6 * (A3 + A4 * t2))
    return WIDTH / 2 + x * SCALE, EQUATOR - y * SCALE


def arcs_of(topology: Mapping[str, Any]) -> list[list[Point]]:
    """Arcs in degrees; TopoJSON keeps them as steps on a grid."""
    (scale_x, scale_y), (left, top) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        arc = []
        for dx, dy in steps:
            x, y = x + dx, y + dy
            arc.append((x * scale_x + left, y * scale_y + top))
        arcs.append(arc)
    return arcs


def ring_path(ring: Sequence[int], arcs: Sequence[Sequence[Point]]) -> str:
    """One ring as a path of whole numbers; nothing where it is smaller than that."""
    points: list[Point] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc if not points else arc[1:]
    if any(x > 178 for x, _ in points) or all(x < -168.5 for x, _ in points):
        # The far end of Chukotka lies beyond the edge of the sheet: it stays beside the rest of Russia.
        points = [(-169.01 if -169.01 < x < -168 else x, y) for x, y in points]
    placed = [(round(x), round(y)) for x, y in (equal_earth(*point) for point in points)]
    thin = [placed[0], *(b for a, b in pairwise(placed) if a != b)]
    if len(thin) < 4:
        return ""
    out, (x, y) = f"M{thin[0][0]} {thin[0][1]}l", thin[0]
    for next_x, next_y in thin[1:-1]:
        dx, dy = next_x - x, next_y - y
        out += f"{'' if out[-1] == 'l' or dx < 0 else ' '}{dx}{'' if dy < 0 else ' '}{dy}"
        x, y = next_x, next_y
    return out + "z"


def world(topology: Mapping[str, Any], countries: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """`shapes`: a path by ISO code; `dots`: a point for each country that is too small for one; `land`: the path of what is no country of ours."""
    rows = list(countries)
    by_m49 = {row["m49"]: row["key"] for row in rows if row["m49"]}
    arcs = arcs_of(topology)
    shapes: dict[str, str] = {}
    land = ""
    for geometry in topology["objects"]["countries"]["geometries"]:
        number = str(geometry.get("id", "")).zfill(3)
        if number == LEFT_OUT:
            continue
        polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
        path = "".join(ring_path(ring, arcs) for polygon in polygons for ring in polygon)
        iso = by_m49.get(number) or WITHIN.get(geometry["properties"]["name"])
        if iso:
            shapes[iso] = shapes.get(iso, "") + path
        else:
            land += path
    dots = {
        row["key"]: [round(n) for n in equal_earth(float(row["longitude"]), float(row["latitude"]))]
        for row in rows
        if not shapes.get(row["key"]) and row["latitude"]
    }
    return {
        "source": "Natural Earth 1:110m through world-atlas 2.0.2",
        "licence": "Natural Earth: public domain; world-atlas: ISC, © 2013-2019 Michael Bostock",
        "projection": "Equal Earth",
        "viewBox": f"0 0 {WIDTH} {HEIGHT}",
        "shapes": {iso: path for iso, path in sorted(shapes.items()) if path},
        "dots": dict(sorted(dots.items())),
        "land": land,
    }


def main(topology: Path) -> None:
    with STARTER.open(encoding="utf-8", newline="") as lines:
        made = world(orjson.loads(topology.read_bytes()), csv.DictReader(lines))
    OUT.write_bytes(orjson.dumps(made, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
