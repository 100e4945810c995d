"""Observations: a figure of one indicator for one country and year, under the key that every connector gives it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from graph.records import Link, Record, Value


def number(text: str | None, least: float, most: float) -> float | str | None:
    """The number in a cell; None where the cell is empty or says that there is none; else a reason that ends the sentence “x …”."""
    if text is None or text.strip() in {"", "-", "–", "..", "NA", "N/A", "n/a", "NaN", "nan"}:
        return None
    try:
        value = float(text)
    except ValueError:
        return "is not a number"
    if not math.isfinite(value):
        return "is not a number"
    return value if least <= value <= most else "is out of range"


def observation(indicator: str, country: str, year: int, value: float, extra: Mapping[str, Value] | None = None) -> Record:
    """The record; `country` is an alpha-3 code. `extra` are further properties, such as the rank."""
    links = {"indicator": [Link(f"indicator:{indicator}")], "country": [Link(f"country:{country}")]}
    return Record("Observation", f"{indicator}-{country}-{year}", {"year": year, "value": value, **(extra or {})}, links)
