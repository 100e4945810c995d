"""Figures of countries as drawings and tables: lines over the years, the group's median beside them, classes of colour.

Pure: answers of GraphQL in, values for templates out. Must not know requests or words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Record = Mapping[str, Any]
Medians = Mapping[tuple[str, int], float]
"""Medians of a group by (code of the indicator, year)."""

WIDTH: Final = 248.0
LEFT: Final = 4.0
TOP: Final = 8.0
BOTTOM: Final = 84.0
LABEL: Final = 13.0
CLASSES: Final = 5
STEPS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Where classes of a count may begin."""


@dataclass(frozen=True, slots=True)
class Trend:
    """One indicator over the years, latest last, as lines of a drawing of 290 by 104. `own_y` and `median_y` are where the last
    values are written."""

    name: str
    record_id: str
    points: tuple[tuple[int, float], ...]
    line: str
    median_line: str
    last_median: tuple[int, float] | None
    end: tuple[float, float]
    own_y: float
    median_y: float

    @property
    def first(self) -> tuple[int, float]:
        return self.points[0]

    @property
    def last(self) -> tuple[int, float]:
        return self.points[-1]


def medians_of(rows: Sequence[Record]) -> dict[tuple[str, int], float]:
    """Medians by code and year."""
    return {(row["indicator"], row["year"]): row["value"] for row in rows}


def of_code(observations: Sequence[Record], code: str) -> list[Record]:
    """Observations of one indicator, earliest first."""
    return sorted((o for o in observations if o["indicator"]["code"] == code), key=lambda o: int(o["year"]))


def trend(observations: Sequence[Record], code: str, medians: Medians) -> Trend | None:
    """The line of one indicator; none where there are fewer than two years."""
    found = of_code(observations, code)
    if len(found) < 2:
        return None
    points = tuple((int(o["year"]), float(o["value"])) for o in found)
    indicator = found[0]["indicator"]
    first, last, most = points[0][0], points[-1][0], float(indicator["maximum"] or 1)
    middle = [(year, medians[code, year]) for year, _ in points if (code, year) in medians]

    def place(year: int, value: float) -> tuple[float, float]:
        return round(LEFT + (year - first) / (last - first) * WIDTH, 1), round(BOTTOM - value / most * (BOTTOM - TOP), 1)

    def line(values: Sequence[tuple[int, float]]) -> str:
        return "M" + "L".join(f"{x} {y}" for x, y in (place(*point) for point in values))

    end = place(*points[-1])
    own_y = round(end[1] + 4, 1)
    median_y = round(place(*middle[-1])[1] + 4, 1) if middle else own_y
    if middle and abs(own_y - median_y) < LABEL:
        # Two labels at one height would cover each other: they move apart, the higher value stays above.
        centre, above = (own_y + median_y) / 2, own_y <= median_y
        own_y = round(centre + (-LABEL / 2 if above else LABEL / 2), 1)
        median_y = round(centre + (LABEL / 2 if above else -LABEL / 2), 1)
    return Trend(
        indicator["title"],
        indicator["id"],
        points,
        line(points),
        line(middle) if len(middle) > 1 else "",
        middle[-1] if middle else None,
        end,
        own_y,
        median_y,
    )


def table(observations: Sequence[Record], codes: Sequence[str], medians: Medians) -> list[dict[str, Any]]:
    """A row for every year, latest first: its rank in the first indicator, and for each its value with the group's median."""
    by_place = {(o["indicator"]["code"], int(o["year"])): o for o in observations}
    years = sorted({year for code, year in by_place if code in codes}, reverse=True)
    return [
        {
            "year": year,
            "rank": (by_place.get((codes[0], year)) or {}).get("rank"),
            "values": [((by_place.get((code, year)) or {}).get("value"), medians.get((code, year))) for code in codes],
        }
        for year in years
    ]


def ranks(observations: Sequence[Record], code: str) -> dict[str, Record] | None:
    """The latest, the first and the best ranked year of an indicator."""
    found = [o for o in of_code(observations, code) if o["rank"]]
    if not found:
        return None
    return {"last": found[-1], "first": found[0], "best": min(found, key=lambda o: (int(o["rank"]), -int(o["year"])))}


def parts(observations: Sequence[Record], codes: Sequence[str], medians: Medians) -> list[dict[str, Any]]:
    """For each indicator its latest and its first observation, and the group's median in the latest year."""
    out = []
    for code in codes:
        if found := of_code(observations, code):
            median = medians.get((code, int(found[-1]["year"])))
            out.append({"indicator": found[0]["indicator"], "last": found[-1], "first": found[0], "median": median})
    return out


def latest(observations: Sequence[Record], code: str) -> Record | None:
    """The newest observation of an indicator."""
    found = of_code(observations, code)
    return found[-1] if found else None


def even_classes(least: float, most: float) -> tuple[float, ...]:
    """Where five classes of equal width begin."""
    return tuple(round(least + (most - least) * n / CLASSES, 6) for n in range(CLASSES))


def count_classes(most: float) -> tuple[float, ...]:
    """Where classes of a count begin, at most five: 1, 2, 5, 10, …; nothing counted has no class."""
    begun = [float(step) for step in STEPS if step <= most] or [1.0]
    return (1.0, *begun[-(CLASSES - 1) :]) if len(begun) > CLASSES else tuple(begun)


def class_of(value: float | None, classes: Sequence[float]) -> int:
    """The class of a value, 1 is lowest; 0 where there is none."""
    return 0 if value is None else sum(value >= begin for begin in classes)
