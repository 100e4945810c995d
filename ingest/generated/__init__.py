"""Projects that never happened, for measuring: linked and skewed like real ones, the same for the same seed. Must not know the database.

Every project is made of its number and the seed alone, so a larger graph begins with the smaller one. `shares.csv` has the spread of the
World Bank's list of 29 August 2024 over countries, years and states; topics, languages and funders are as frequent as in the starter data.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Final

from graph.records import Link, Record, Value
from ingest.starter import FOLDER

VERSION: Final = 1
"""Raise it when the same seed makes other records."""
SHARES: Final = Path(__file__).parent / "shares.csv"
LISTS: Final = (50, 25, 12, 8, 5)
"""Weights of the lists that projects come from."""
MANY_COUNTRIES: Final = 0.05
"""Share of projects in several countries."""
NAMED: Final = 0.3
"""Share of projects that name a body that carries them out: 6,696 of the 22,569 in the World Bank's list. The others name the country."""
BODIES: Final = 0.22
"""New bodies for each project: 5,064 with 22,569 projects there."""
FUNDED: Final = 0.9
AMOUNT: Final = (17.07, 1.76)
"""Mean and deviation of the logarithm of the amount in US dollars there; a tenth has no amount."""
DAYS: Final = (700, 3300)
"""Nine of ten projects there last so long."""
MEMBERS_ONLY: Final = 0.01
KINDS: Final = ("Ministry", "Agency", "Authority", "Commission", "Secretariat", "Institute", "Office", "Directorate")
WORKS: Final = (
    "Project",
    "Programme",
    "Modernisation",
    "Reform",
    "Platform",
    "Strengthening",
    "Pilot",
    "Second Phase",
    "Roll-out",
    "Study",
)
SYLLABLES: Final = ("ba", "ko", "ri", "ta", "mu", "ne", "sa", "lo", "di", "ve", "ga", "hu", "pe", "zi", "fo", "ya")


class Weighted:
    """Values drawn as often as their weights say."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.values = tuple(weights)
        self.sums = tuple(accumulate(weights.values()))

    def draw(self, random: Random) -> str:
        return self.values[bisect_right(self.sums, random.random() * self.sums[-1])]

    def share(self, value: str) -> float:
        place = self.values.index(value)
        return (self.sums[place] - (self.sums[place - 1] if place else 0)) / self.sums[-1]


def shares(of: str) -> dict[str, float]:
    with SHARES.open(encoding="utf-8", newline="") as stream:
        return {row["value"]: float(row["projects"]) for row in csv.DictReader(stream) if row["of"] == of}


def _column(name: str, column: str) -> list[str]:
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as stream:
        return [row[column] for row in csv.DictReader(stream)]


def _counted(name: str, column: str) -> dict[str, float]:
    return {value: float(n) for value, n in Counter(v for cell in _column(name, column) for v in cell.split("|") if v).most_common()}


@dataclass(frozen=True)
class Generator:
    """Records for one seed. `projects(a, b)` gives the projects numbered from `a` up to `b`, their bodies before them."""

    seed: int = 1

    @cached_property
    def countries(self) -> Weighted:
        return Weighted({iso3: weight for iso3, weight in shares("country").items() if iso3})

    @cached_property
    def regional(self) -> float:
        """Share of projects that name no country."""
        found = shares("country")
        return found[""] / sum(found.values())

    @cached_property
    def years(self) -> Weighted:
        return Weighted(shares("year"))

    @cached_property
    def states(self) -> Weighted:
        return Weighted(shares("status"))

    @cached_property
    def topics(self) -> Weighted:
        return Weighted(_counted("projects.csv", "topics"))

    @cached_property
    def funders(self) -> Weighted:
        return Weighted(_counted("projects.csv", "funders"))

    @cached_property
    def languages(self) -> Weighted:
        return Weighted(_counted("projects.csv", "lang"))

    @cached_property
    def lists(self) -> Weighted:
        return Weighted({source.id: weight for source, weight in zip(self.sources(), LISTS, strict=True)})

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """What the texts are put together from: sentences of the starter data's projects."""
        return tuple(dict.fromkeys(s for text in _column("projects.csv", "summary") for s in re.split(r"(?<=[.!?]) ", text) if len(s) > 30))

    @cached_property
    def topic_names(self) -> dict[str, str]:
        return dict(zip(_column("topics.csv", "key"), _column("topics.csv", "name"), strict=True))

    @cached_property
    def country_names(self) -> dict[str, str]:
        return dict(zip(_column("countries.csv", "key"), _column("countries.csv", "name"), strict=True))

    def sources(self) -> tuple[Record, ...]:
        """The lists that the projects come from, to be written first."""
        said = "Made up by `gcio bench generate`. Nothing of it happened."
        return tuple(
            Record(
                "Source",
                f"generated-{number}",
                {"title": f"Generated for measuring, list {number}", "publisher": "gcio", "licence": "CC0-1.0", "description": said},
            )
            for number in range(1, len(LISTS) + 1)
        )

    def projects(self, start: int, end: int) -> Iterator[Record]:
        yield from self._bodies(start, end)
        for number in range(start, end):
            yield self._project(number)

    def bodies_of(self, iso3: str, projects: int) -> int:
        """How many bodies a country has once there are so many projects."""
        return 1 + int(BODIES * self.countries.share(iso3) * projects)

    def _bodies(self, start: int, end: int) -> Iterator[Record]:
        for iso3 in self.countries.values:
            first = 1 if start == 0 else self.bodies_of(iso3, start) + 1
            for number in range(first, self.bodies_of(iso3, end) + 1):
                yield self._body(iso3, number)

    def _body(self, iso3: str, number: int) -> Record:
        random = Random(f"{self.seed} body {iso3} {number}")  # noqa: S311 - records, no secrets
        topic = self.topic_names[self.topics.draw(random)]
        name = f"{random.choice(KINDS)} for {topic} of {self._place(random, number)}, {self.country_names[iso3]} {number}"
        values: dict[str, Value] = {"name": name, "kind": "GOVERNMENT", "lang": "en"}
        return Record(
            "Organization", _body_key(iso3, number), values, {"basedIn": [Link(f"country:{iso3}")], "sources": [self._source(random)]}
        )

    def _project(self, number: int) -> Record:
        random = Random(f"{self.seed} project {number}")  # noqa: S311 - as above
        countries = self._countries(random)
        topics = list(dict.fromkeys(self.topics.draw(random) for _ in range(random.choice((1, 1, 2, 3)))))
        places = [self._place(random, number), self._place(random, number)]
        where = self.country_names[countries[0]] if countries else "the region"
        values: dict[str, Value] = {
            "title": f"{self.topic_names[topics[0]]} {random.choice(WORKS)} {places[0]}, {where}",
            "summary": f"{random.choice(self.sentences)} {random.choice(self.sentences)} It is for {places[0]} and {places[1]} in {where}.",
            "status": self.states.draw(random),
            "lang": self.languages.draw(random),
            "visibility": "MEMBERS" if random.random() < MEMBERS_ONLY else "PUBLIC",
        }
        if year := self.years.draw(random):
            begins = date(int(year), 1, 1) + timedelta(days=random.randrange(365))
            values |= {"startDate": begins, "endDate": begins + timedelta(days=random.randint(*DAYS)), "datePrecision": "DAY"}
        if random.random() < FUNDED:
            values["amountUsd"] = round(random.lognormvariate(*AMOUNT), -3)
        links = {
            "countries": [Link(f"country:{iso3}") for iso3 in countries],
            "topics": [Link(f"topic:{key}") for key in topics],
            "funders": [Link(_party(self.funders.draw(random)))],
            "implementers": self._implementers(random, countries, number),
            "sources": [self._source(random, f"G{number:07}")],
        }
        return Record("Project", f"generated-{number:07}", values, {name: found for name, found in links.items() if found})

    def _countries(self, random: Random) -> list[str]:
        if random.random() < self.regional:
            return []
        many = random.randint(2, 5) if random.random() < MANY_COUNTRIES else 1
        return list(dict.fromkeys(self.countries.draw(random) for _ in range(many)))

    def _implementers(self, random: Random, countries: Sequence[str], number: int) -> list[Link]:
        if not countries:
            return []
        if random.random() >= NAMED:
            return [Link(f"country:{countries[0]}")]
        # Few bodies carry out much and many little: the place in the list of a country's bodies is drawn by its logarithm.
        place = int(self.bodies_of(countries[0], number) ** random.random())
        return [Link(f"organization:{_body_key(countries[0], place)}")]

    def _place(self, random: Random, number: int) -> str:
        """A name that nobody bears: the first ones often, ever new ones the longer the list."""
        left = int((number + 50) ** random.random())
        name = ""
        while not name or left:
            left, digit = divmod(left, len(SYLLABLES))
            name += SYLLABLES[digit]
        return name.capitalize() + "land"

    def _source(self, random: Random, row: str | None = None) -> Link:
        return Link(self.lists.draw(random), {"row": row, "by": "generated", "dataset": "generated"} if row else {})


def _party(key: str) -> str:
    return f"country:{key}" if key.isupper() else f"organization:{key}"


def _body_key(iso3: str, number: int) -> str:
    return f"generated-{iso3.lower()}-{number}"
