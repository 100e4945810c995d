"""A country: its figures over the years, what it gives, what it asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from web.page import Page
from web.pages.records import differences, fetch
from web.terms import BY_LABEL
from web.visit import Visit

WIDTH: Final = 248.0
LEFT: Final = 4.0
TOP: Final = 8.0
BOTTOM: Final = 84.0
LABEL_GAP: Final = 13.0
SURVEY: Final = ("egdi", "egdi-osi", "egdi-hci", "egdi-tii", "egdi-epi")
ORDER: Final = ("REGION", "SUBREGION", "DEVELOPMENT", "INCOME", "LENDING", "ORGANIZATION")
MATURITY: Final = ("gtmi-cgsi", "gtmi-psdi", "gtmi-dcei", "gtmi-gtei")


@dataclass(frozen=True, slots=True)
class Trend:
    """One indicator over the years, latest last, and its line in the units of the drawing: 290 by 104."""

    name: str
    record_id: str
    points: tuple[tuple[int, float], ...]
    line: str
    end: tuple[float, float]

    @property
    def first(self) -> tuple[int, float]:
        return self.points[0]

    @property
    def last(self) -> tuple[int, float]:
        return self.points[-1]


async def view(visit: Visit) -> Page:
    domain = BY_LABEL["Country"]
    record = await fetch(visit, domain)
    observations = record["observations"]["nodes"]
    parties = record["partnerships"]["edges"]
    values = {
        "record": record,
        "domain": domain,
        "differences": await differences(visit, domain, record),
        "trends": [made for code in SURVEY if (made := trend(observations, code))],
        "survey": table(observations, SURVEY),
        "ranks": ranks(observations, "egdi"),
        "maturity": latest_and_first(observations, MATURITY),
        "govtech": next((o for o in observations if o["indicator"]["code"] == "gtmi"), None),
        "gave": [edge["node"] for edge in parties if edge["role"] != "RECIPIENT"],
        "received": [edge["node"] for edge in parties if edge["role"] == "RECIPIENT"],
        "groups": sorted(record["groups"]["nodes"], key=lambda group: (ORDER.index(group["groupKind"]), group["title"])),
    }
    return Page("countries/record.html", record["title"], values, menu=domain.path)


def trend(observations: Sequence[Mapping[str, Any]], code: str) -> Trend | None:
    """The line of one indicator; none where there are fewer than two years."""
    found = sorted((o for o in observations if o["indicator"]["code"] == code), key=lambda o: int(o["year"]))
    if len(found) < 2:
        return None
    points = tuple((int(o["year"]), float(o["value"])) for o in found)
    first, last = points[0][0], points[-1][0]
    highest = float(found[0]["indicator"]["maximum"] or 1)

    def place(year: int, value: float) -> tuple[float, float]:
        return round(LEFT + (year - first) / (last - first) * WIDTH, 1), round(BOTTOM - value / highest * (BOTTOM - TOP), 1)

    placed = [place(year, value) for year, value in points]
    line = "M" + "L".join(f"{x} {y}" for x, y in placed)
    return Trend(found[0]["indicator"]["title"], found[0]["indicator"]["id"], points, line, placed[-1])


def table(observations: Sequence[Mapping[str, Any]], codes: Sequence[str]) -> list[dict[str, Any]]:
    """A row for every year, latest first: its rank in the first indicator and a value for each."""
    years = sorted({int(o["year"]) for o in observations if o["indicator"]["code"] in codes}, reverse=True)
    by_place = {(int(o["year"]), o["indicator"]["code"]): o for o in observations}
    return [
        {
            "year": year,
            "rank": (by_place.get((year, codes[0])) or {}).get("rank"),
            "values": [(by_place.get((year, code)) or {}).get("value") for code in codes],
        }
        for year in years
    ]


def ranks(observations: Sequence[Mapping[str, Any]], code: str) -> dict[str, dict[str, Any]] | None:
    """The latest, the first and the best ranked year of an indicator."""
    found = sorted((dict(o) for o in observations if o["indicator"]["code"] == code and o["rank"]), key=lambda o: int(o["year"]))
    if not found:
        return None
    return {"last": found[-1], "first": found[0], "best": min(found, key=lambda o: (int(o["rank"]), -int(o["year"])))}


def latest_and_first(observations: Sequence[Mapping[str, Any]], codes: Sequence[str]) -> list[dict[str, Any]]:
    """For each indicator its latest and its first observation."""
    out = []
    for code in codes:
        found = sorted((o for o in observations if o["indicator"]["code"] == code), key=lambda o: int(o["year"]))
        if found:
            out.append({"indicator": found[0]["indicator"], "last": found[-1], "first": found[0]})
    return out
