"""All countries: a map in the colours of one figure, and the same as a table that can be sorted and narrowed down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from graph.message import Message
from web import figures, options
from web.figures import Record
from web.options import Option, reading_order
from web.page import Page
from web.terms import BY_LABEL
from web.visit import Visit
from web.world import world

USUAL: Final = "egdi"
COUNTS: Final = {
    "practices": Message("Practices on record"),
    "projects": Message("Projects on record"),
    "partnerships": Message("Partnerships on record"),
    "needs": Message("Needs on record"),
    "solutions": Message("Solutions in use"),
}
SORTS: Final = ("name", "value", "population")
FILTERS: Final = {
    "region": ("REGION", "SUBREGION"),
    "income": ("INCOME",),
    "group": ("DEVELOPMENT", "ORGANIZATION", "LENDING"),
}
"""Parameters that take a group of countries, each with the kinds of group that it offers."""
KNOWN: Final = frozenset({"show", "sort", *FILTERS})


@dataclass(frozen=True, slots=True)
class Shade:
    """A line of the legend: a class of the map, where it begins and ends, and how many countries have it. Class 0 has no figure."""

    number: int
    begin: float | None
    end: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """A country with the figure shown; `year` and `rank` where the figure has them."""

    country: Record
    value: float | None
    year: int | None
    rank: int | None
    shade: int


async def view(visit: Visit) -> Page:
    domain = BY_LABEL["Country"]
    indicators = {node["code"]: node for node in (await visit.look_up("Indicators"))["indicators"]["nodes"]}
    groups = await options.groups(visit)
    chosen, left_out = choices(visit, indicators, groups)
    show = chosen["show"]
    where = {"and": [{"groups": {"some": {"id": {"eq": f"group:{chosen[name]}"}}}} for name in FILTERS if chosen[name]]}
    flags: dict[str, Any] = {name: name == show for name in COUNTS}
    answer = await visit.ask_whole("CountryList", where=where if where["and"] else None, indicator=show, figure=show in indicators, **flags)
    found = answer["records"]["nodes"]
    indicator = indicators.get(show)
    values = [figure_of(country, show, indicator is not None) for country in found]
    most = max((value for value, _, _ in values if value is not None), default=0.0)
    classes = figures.even_classes(indicator["minimum"] or 0.0, indicator["maximum"] or most) if indicator else figures.count_classes(most)
    rows = [
        Row(country, value, year, rank, figures.class_of(value, classes))
        for country, (value, year, rank) in zip(found, values, strict=True)
    ]
    rows = in_order(rows, chosen["sort"])
    # The twins show the same records in the same order as the page.
    answer["records"]["nodes"] = [row.country for row in rows]
    names = {name: visit.speech.tell(words) for name, words in COUNTS.items()}
    page = {
        "domain": domain,
        "listing": True,
        "rows": rows,
        "records": [row.country for row in rows],
        "by_iso": {row.country["iso3"]: row for row in rows},
        "world": world(),
        "chosen": chosen,
        "left_out": left_out,
        "indicator": indicator,
        "figure_name": indicator["title"] if indicator else names[show],
        "indicators": sorted(indicators.values(), key=lambda node: (node["publisher"], node["code"])),
        "counts": names,
        "filters": {name: [o for o in groups if o.kind in kinds] for name, kinds in FILTERS.items()},
        "shades": shades(rows, classes),
        "years": sorted({row.year for row in rows if row.year}),
        "narrowed": any(chosen[name] for name in FILTERS),
    }
    return Page("countries/list.html", visit.speech.tell(domain.many), page, KNOWN, menu=domain.path)


def choices(visit: Visit, indicators: dict[str, Any], groups: Sequence[Option]) -> tuple[dict[str, str], list[str]]:
    """(what the address chooses, what it asks for and nobody offers)."""
    offered = {"show": {*indicators, *COUNTS}, "sort": {*SORTS}}
    offered |= {name: {o.value for o in groups if o.kind in kinds} for name, kinds in FILTERS.items()}
    asked = {name: visit.parameter(name) for name in offered}
    left_out = [f"{name}={value[:40]}" for name, value in asked.items() if value and value not in offered[name]]
    chosen = {name: value if value in offered[name] else "" for name, value in asked.items()}
    return chosen | {"show": chosen["show"] or USUAL, "sort": chosen["sort"] or SORTS[0]}, left_out


def figure_of(country: Record, show: str, is_indicator: bool) -> tuple[float | None, int | None, int | None]:
    """(value, year, rank) of the figure shown."""
    if not is_indicator:
        return float(country[show]["totalCount"]), None, None
    newest = next(iter(country["observations"]["nodes"]), None)
    return (float(newest["value"]), int(newest["year"]), newest["rank"]) if newest else (None, None, None)


def in_order(rows: Sequence[Row], sort: str) -> list[Row]:
    """By name, or from the largest figure or population down; those without one last."""
    named = sorted(rows, key=lambda row: reading_order(row.country["title"]))
    if sort == "value":
        return sorted(named, key=lambda row: -row.value if row.value is not None else float("inf"))
    if sort == "population":
        return sorted(named, key=lambda row: -(row.country["population"] or -1))
    return named


def shades(rows: Sequence[Row], classes: Sequence[float]) -> list[Shade]:
    """The legend, highest class first, then what has no figure."""
    counted = [sum(row.shade == number for row in rows) for number in range(len(classes) + 1)]
    ends = [*classes[1:], None]
    out = [Shade(n, begin, end, counted[n]) for n, (begin, end) in enumerate(zip(classes, ends, strict=True), 1)]
    return [*reversed(out), Shade(0, None, None, counted[0])]
