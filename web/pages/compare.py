"""Up to four countries side by side: figures with their years, what they share, what only one has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from web import figures, options
from web.figures import Record
from web.page import Page
from web.pages.country import MATURITY, SURVEY
from web.visit import Visit

MOST: Final = 4
KNOWN: Final = frozenset({"countries"})
APART: Final = 4
"""Of how many indicators the difference is told in words."""


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator: for each country its newest observation, or none."""

    indicator: Record
    cells: tuple[Record | None, ...]

    @property
    def comparable(self) -> bool:
        """Whether every country has a value and all are of one year."""
        return all(self.cells) and len({cell["year"] for cell in self.cells if cell}) == 1

    @property
    def spread(self) -> float:
        values = [float(cell["value"]) for cell in self.cells if cell]
        return max(values) - min(values) if len(values) > 1 else 0.0

    @property
    def highest(self) -> int:
        return max(range(len(self.cells)), key=lambda n: float((self.cells[n] or {"value": -1})["value"]))

    @property
    def lowest(self) -> int:
        return min(range(len(self.cells)), key=lambda n: float((self.cells[n] or {"value": 2})["value"]))


async def view(visit: Visit) -> Page | Response:
    asked = [code.upper() for code in visit.parameters("countries")]
    if len(visit.request.query_params.getlist("countries")) > 1:
        return RedirectResponse(visit.href("/compare", {"countries": ",".join(asked[:MOST])}), 303)
    known = {option.value: option.name for option in await options.countries(visit)}
    codes = [code for code in asked if code in known][:MOST]
    found: dict[str, Record] = {}
    if codes:
        nodes = (await visit.ask("Compare", codes=codes))["countries"]["nodes"]
        found = {node["iso3"]: node for node in nodes}
        visit.data["countries"]["nodes"] = [found[code] for code in codes]
    countries = [found[code] for code in codes]
    lines = [line for code in (*SURVEY, "gtmi", *MATURITY) if (line := line_of(countries, code))]
    told = sorted((line for line in lines if line.comparable), key=lambda line: -line.spread)[:APART] if len(countries) > 1 else []
    values = {
        "countries": countries,
        "codes": codes,
        "options": await options.countries(visit),
        "left_out": [code[:20] for code in asked if code not in known] + [code for code in asked if code in known][MOST:],
        "lines": lines,
        "told": told,
        "ranks": [figures.latest(country["observations"]["nodes"], "egdi") for country in countries],
        "govtech": [figures.latest(country["observations"]["nodes"], "gtmi") for country in countries],
        "common_groups": common_groups(countries),
        "topics": topics_of(countries),
        "listing": bool(countries),
        "feeds": False,
    }
    title = visit.speech.say("Compare countries")
    if countries:
        title = visit.speech.say("Compare: {countries}", countries=visit.speech.listed([country["title"] for country in countries]))
    return Page("countries/compare.html", title, values, KNOWN, menu="/countries")


def line_of(countries: Sequence[Record], code: str) -> Line | None:
    cells = tuple(figures.latest(country["observations"]["nodes"], code) for country in countries)
    first = next((cell for cell in cells if cell), None)
    return Line(first["indicator"], cells) if first else None


def common_groups(countries: Sequence[Record]) -> list[Record]:
    """Groups that all of them are in."""
    if len(countries) < 2:
        return []
    shared = set.intersection(*({group["id"] for group in country["groups"]["nodes"]} for country in countries))
    return [group for group in countries[0]["groups"]["nodes"] if group["id"] in shared]


def topics_of(countries: Sequence[Record]) -> list[dict[str, Any]]:
    """Topics of practices and projects, with a count for each country: those that fewest countries have first, then by records."""
    names: dict[str, str] = {}
    counted: list[Mapping[str, int]] = []
    for country in countries:
        own: dict[str, int] = {}
        for part in ("practices", "projects"):
            for bucket in country[part]["facets"][0]["buckets"]:
                if bucket["value"]:
                    names[bucket["value"]] = bucket["label"]
                    own[bucket["value"]] = own.get(bucket["value"], 0) + bucket["count"]
        counted.append(own)
    rows = [{"id": topic, "title": name, "counts": [own.get(topic, 0) for own in counted]} for topic, name in names.items()]
    return sorted(rows, key=lambda row: (sum(n > 0 for n in row["counts"]), -sum(row["counts"]), row["title"]))
