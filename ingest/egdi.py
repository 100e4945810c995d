"""UN E-Government Development Index: the EGOVKB tables, one for each survey since 2003."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from graph.records import Record, Value
from ingest.connector import Draft, OutOfScope, Rejected, Row
from ingest.figures import number, observation
from ingest.inputs import InputFile
from ingest.resolution import Resolver
from ingest.textfiles import Cells, table

# Indicator by the spellings of its column; the order of columns differs from year to year.
COLUMNS: Final = {
    "egdi": ("E-Government Index", "E_Index", "e-gov-index", "egdi"),
    "egdi-epi": ("E-Participation Index", "E_Participation", "e-pat-index", "epi"),
    "egdi-osi": ("Online Service Index", "Online_Service", "osi"),
    "egdi-hci": ("Human Capital Index", "Human_Capital", "hci"),
    "egdi-tii": ("Telecommunication Infrastructure Index", "Tele_Infra", "tii"),
}
RANK: Final = ("E-Government Rank", "Rank", "e-gov-rank", "rank")
COUNTRY: Final = ("Country Name", "Country", "country-name", "country")
YEAR: Final = ("Survey Year", "year")
SOCIAL: Final = ("egdi-hci", "egdi-tii")
"""Components from statistics of others; until 2010 a zero stands for figures that those did not have."""
SURVEYED_SINCE: Final = 2014
"""Before this survey a zero stands for a country that was not surveyed; from it on, for a score of nought."""


class Egdi:
    """Five figures for each country and survey."""

    name = "egdi"
    version = 1
    rank = 60
    title = "UN E-Government Development Index"
    refresh = "yearly"

    def recognises(self, file: InputFile) -> bool:
        head = file.head(400).decode("utf-8", "replace").lstrip("\ufeff").partition("\n")[0]
        return (file.suffix == ".csv" and any(c in head for c in COLUMNS["egdi"][:3])) or (
            file.stem.startswith("egdi_") and ",egdi,epi," in head
        )

    def source(self, _file: InputFile) -> Record:
        values: dict[str, Value] = {
            "title": "United Nations E-Government Survey: E-Government Development Index",
            "publisher": "United Nations Department of Economic and Social Affairs",
            "sourceUrl": "https://publicadministration.un.org/egovkb",
        }
        return Record("Source", "egdi", values)

    def dataset(self, file: InputFile) -> str:
        return file.stem

    def as_of(self, _file: InputFile) -> str | None:
        return None

    def rows(self, file: InputFile) -> Iterator[Row[Cells] | Rejected]:
        year = _year_of(file.stem)
        required = ("|".join(COUNTRY), "|".join(RANK), *("|".join(names) for names in COLUMNS.values()))
        for row in table(file, required=required if year else (*required, "|".join(YEAR))):
            if isinstance(row, Row) and year and not _cell(row.cells, YEAR):
                row.cells[YEAR[0]] = year
            yield row

    def read(self, row: Row[Cells], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        cells = row.cells
        name, text = _cell(cells, COUNTRY) or "", _cell(cells, YEAR) or ""
        country = resolver.countries.one(cells.get("iso3") or cells.get("country-code") or "") or resolver.countries.one(name)
        if country is None:
            if why := resolver.countries.why_not(name):
                return OutOfScope(f"“{name}” is no country: {why}")
            return Rejected(row.line, COUNTRY[0], name, "is no country that the network knows", resolver.countries.near(name))
        if not text.isdigit() or not 2000 <= int(text) <= 2100:
            return Rejected(row.line, YEAR[0], text, "is not the year of a survey", ("2003 to 2100",))
        year = int(text)
        figures: dict[str, float] = {}
        aside: list[Rejected] = []
        for indicator, names in COLUMNS.items():
            value = number(_cell(cells, names), 0, 1)
            if isinstance(value, str):
                aside.append(Rejected(row.line, names[0], _cell(cells, names) or "", value, ("0 to 1",)))
            elif value is not None:
                figures[indicator] = round(value, 4)
        surveyed = _surveyed(figures, year)
        extra: dict[str, Value] = {}
        # What stands for the rank of a country that was left out says nothing.
        rank = number(_cell(cells, RANK), 1, 250) if "egdi" in surveyed else None
        if isinstance(rank, str):
            aside.append(Rejected(row.line, RANK[0], _cell(cells, RANK) or "", rank, ("1 to 250",)))
        elif rank is not None:
            extra["rank"] = int(rank)
        records = [observation(i, country, year, v, extra if i == "egdi" else {}) for i, v in surveyed.items()]
        if records:
            return Draft(records, row=f"{country} {year}", set_aside=tuple(aside))
        return aside[0] if aside else OutOfScope(f"{name} was not surveyed in {year}")


def _surveyed(figures: dict[str, float], year: int) -> dict[str, float]:
    """The figures of a survey that took place. Before 2014, a zero index or service index means that the country was left out."""
    if year >= SURVEYED_SINCE:
        return figures
    left_out = not figures.get("egdi")
    return {i: v for i, v in figures.items() if v or not (left_out or (i in SOCIAL and year < 2012))}


def _cell(cells: Cells, names: tuple[str, ...]) -> str | None:
    return next((cells[name] for name in names if name in cells), None)


def _year_of(stem: str) -> str | None:
    """`unu_egdi-2018` has no column of years; its name says it."""
    digits = [part for part in stem.replace("-", "_").split("_") if part.isdigit() and len(part) == 4]
    return digits[0] if len(digits) == 1 else None
