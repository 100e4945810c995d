"""The World Bank's list of projects with a digital part: which systems were built, at what cost. It names projects without their numbers."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from graph.records import Link, Record, Value
from graph.vocabulary import OrganizationKind, ProjectStatus
from ingest.connector import Draft, OutOfScope, Rejected, Row
from ingest.ieg import rating
from ingest.inputs import InputFile
from ingest.prose import heading, in_capitals, plain, says_nothing
from ingest.resolution import Resolver, slug
from ingest.textfiles import Cells, table
from ingest.worldbank import project_id, project_url, recipients

NUMBERS: Final = Path(__file__).parent / "worldbank_numbers.csv"
STATUS: Final = {"active": ProjectStatus.ACTIVE, "closed": ProjectStatus.CLOSED, "pipeline": ProjectStatus.PIPELINE}
# What a column of codes is about; the key to the codes themselves is not published with the list.
TOPICS: Final = {
    "PFM Sys": "public-finance-systems",
    "e-Serv": "digital-services",
    "Open Gov": "open-government",
    "ID4D": "digital-identity",
}
# A system of a sector, by the practice that runs the project.
SECTORS: Final = {"EDU": "digital-education", "HNP": "digital-health", "SPL": "social-protection-systems", "AGR": "agriculture-services"}
RATINGS: Final = {
    "HS": "Highly Satisfactory",
    "S": "Satisfactory",
    "MS": "Moderately Satisfactory",
    "MU": "Moderately Unsatisfactory",
    "U": "Unsatisfactory",
    "HU": "Highly Unsatisfactory",
}
LONGEST: Final = 10_000
LONGEST_NAME: Final = 58
"""From this length on a name may have been cut off: the list keeps 60 characters."""


class WorldBankGovernance:
    """One project. It is in scope by its nature: the list holds no other."""

    name = "worldbank-governance"
    version = 1
    rank = 50
    title = "World Bank digital governance projects"
    refresh = "yearly"

    def recognises(self, file: InputFile) -> bool:
        header = file.head().partition(b"\n")[0]
        return file.suffix == ".csv" and all(column in header for column in (b"PFM Sys", b"e-Serv", b"ICT Cost ($m)"))

    def source(self, _file: InputFile) -> Record:
        values: dict[str, Value] = {
            "title": "World Bank digital governance projects database",
            "publisher": "World Bank",
            "sourceUrl": "https://www.worldbank.org/en/programs/govtech",
        }
        return Record("Source", "wb-digital-governance", values)

    def dataset(self, file: InputFile) -> str:
        return file.stem

    def as_of(self, _file: InputFile) -> str | None:
        return None

    def rows(self, file: InputFile) -> Iterator[Row[Cells] | Rejected]:
        yield from table(file, required=("Project Name", "Country", "Status", "Component", "Tot WB ($m)"))

    def read(self, row: Row[Cells], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        cells = row.cells
        name, country, net = (cells.get(column, "") for column in ("Project Name", "Country", "Net Co ($m)"))
        if not name:
            return OutOfScope("a row of totals, or of the key beside them")
        number = _numbers().get((name, country, net)) or _numbers().get((name, country, ""))
        record = project_id(number) if number else f"project:wb-dg-{slug(f'{name} {country}')}"
        status = STATUS.get(cells.get("Status", "").casefold())
        if status is None:
            return Rejected(row.line, "Status", cells.get("Status", ""), "is not a status", ("Active", "Closed", "Pipeline"), record)
        countries, aside = recipients(row.line, "Country", country, resolver, record)
        part = " ".join(plain(cells.get("Component", "")).split())[:LONGEST]
        title = " ".join(plain(name).split())
        cut = len(name) >= LONGEST_NAME or in_capitals(title)
        title = heading(title)
        values: dict[str, Value] = {
            "title": title,
            "summary": title if says_nothing(part) else part,
            "status": status.value,
            "lang": "en",
            "rating": rating(RATINGS.get(cells.get("IEG Out", ""))),
            **_amount(cells),
        }
        bank = resolver.organization("World Bank", kind=OrganizationKind.DEVELOPMENT_BANK)
        links = {"countries": [Link(c) for c in countries], "funders": [Link(bank)], "topics": [Link(f"topic:{t}") for t in _topics(cells)]}
        project = Record("Project", record.partition(":")[2], values, {name: found for name, found in links.items() if found})
        return Draft(
            [project],
            row=f"{name}, {country}",
            url=project_url(number) if number else None,
            set_aside=tuple(aside),
            yielding=frozenset({"title"} if cut else ()) | frozenset({"summary"} if says_nothing(part) else ()),
        )


def _topics(cells: Cells) -> list[str]:
    found = [topic for column, topic in TOPICS.items() if cells.get(column)]
    sector = SECTORS.get(cells.get("Practice", "")) if cells.get("Gov Sys") else None
    return [*found, *([sector] if sector else [])]


def _amount(cells: Cells) -> dict[str, Value]:
    """What the Bank committed, in US dollars; where that is nought, what all committed. The list counts in millions."""
    for column in ("Tot WB ($m)", "Net Co ($m)"):
        try:
            millions = float(cells.get(column) or 0)
        except ValueError:
            continue
        if 0 < millions < 1e6:
            amount = round(millions * 1e6, 2)
            return {"amount": amount, "currency": "USD", "amountUsd": amount}
    return {}


@lru_cache(maxsize=1)
def _numbers() -> dict[tuple[str, str, str], str]:
    """Project numbers by name and country as this list spells them, and by net commitment where two projects share these."""
    with NUMBERS.open(encoding="utf-8", newline="") as stream:
        return {(row["name"], row["country"], row["net"]): row["number"] for row in csv.DictReader(stream)}
