"""World Bank GovTech Maturity Index 2020, 2022 and 2025: scores and groups, and the answers to its 48 indicators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from graph.records import Record, Value
from graph.vocabulary import GovTechGroup
from ingest.connector import Draft, OutOfScope, Rejected, Row
from ingest.figures import number, observation
from ingest.inputs import InputFile
from ingest.resolution import Resolver
from ingest.textfiles import Cells, table

SCORES: Final = {"gtmi": "gtmi", "gtmi-cgsi": "cgsi", "gtmi-psdi": "psdi", "gtmi-dcei": "dcei|cei", "gtmi-gtei": "gtei"}
CODE: Final = "country_code|Code"
NAME: Final = "country_name|Economy"
YEAR: Final = "year|Year"
ANSWER: Final = re.compile(r"I-(\d{1,2})")
# An answer in words: the question was not asked that year, or not answered.
NO_ANSWER: Final = {"new", "-", ""}
NAMES: Final = {
    "name": "GovTech Maturity Index, indicator I-{}",
    "nameAr": "مؤشر نضج التكنولوجيا الحكومية، المؤشر الفرعي I-{}",
    "nameEs": "Índice de Madurez GovTech, indicador I-{}",
    "nameFr": "Indice de maturité GovTech, indicateur I-{}",
    "nameRu": "Индекс зрелости GovTech, показатель I-{}",
    "nameZh": "政府科技成熟度指数，指标 I-{}",
}


class Gtmi:
    """The scores of an economy in one year, or its answers in one year."""

    name = "gtmi"
    version = 1
    rank = 60
    title = "World Bank GovTech Maturity Index"
    refresh = "yearly"

    def recognises(self, file: InputFile) -> bool:
        header = file.head(400).decode("utf-8", "replace").lstrip("\ufeff").partition("\n")[0]
        return file.suffix == ".csv" and (("gtmi" in header and "cgsi" in header) or "Economy,I-1" in header or "FMIS,TMIS" in header)

    def source(self, _file: InputFile) -> Record:
        values: dict[str, Value] = {
            "title": "GovTech Maturity Index 2020, 2022 and 2025",
            "publisher": "World Bank",
            "licence": "CC BY 4.0",
            "sourceUrl": "https://www.worldbank.org/en/programs/govtech/gtmi",
        }
        return Record("Source", "gtmi", values)

    def dataset(self, file: InputFile) -> str:
        return file.stem

    def as_of(self, _file: InputFile) -> str | None:
        return None

    def rows(self, file: InputFile) -> Iterator[Row[Cells] | Rejected]:
        yield from table(file, required=(CODE, NAME, YEAR))

    def read(self, row: Row[Cells], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        code, name, text = (_cell(row.cells, column) for column in (CODE, NAME, YEAR))
        # The World Bank's own codes (ROM, ZAR, WBG) are among the known names.
        country = resolver.countries.one(code) or resolver.countries.one(name)
        if country is None:
            if name.isdigit() or not code or (why := resolver.countries.why_not(name)):
                return OutOfScope(f"“{name}” is no country: {'a group' if name.isdigit() or not code else why}")
            return Rejected(row.line, "country_code", code, "is no country that the network knows", resolver.countries.near(name))
        year = number(text, 2000, 2100)
        if not isinstance(year, float) or year != int(year):
            return Rejected(row.line, "year", text, "is not the year of a survey", ("2020", "2022", "2025"))
        if any(ANSWER.fullmatch(column) for column in row.cells):
            return _answers(row, country, int(year))
        if not any(column in row.cells for column in ("gtmi", "cgsi")):
            return OutOfScope("adoption codes whose key is not published with the file")
        return _scores(row, country, int(year))


def _scores(row: Row[Cells], country: str, year: int) -> Draft | OutOfScope | Rejected:
    records: list[Record] = []
    aside: list[Rejected] = []
    for indicator, column in SCORES.items():
        text = _cell(row.cells, column)
        value = number(text, 0, 1)
        if isinstance(value, str):
            aside.append(Rejected(row.line, column, text, value, ("0 to 1",)))
        elif value is not None:
            group = row.cells.get("grp", "").upper() if indicator == "gtmi" else ""
            if group and group not in {g.value for g in GovTechGroup}:
                aside.append(Rejected(row.line, "grp", group, "is not an allowed value", tuple(g.value for g in GovTechGroup)))
                group = ""
            records.append(observation(indicator, country, year, round(value, 4), {"group": group} if group else {}))
    return _drafted(records, aside, country, year)


def _answers(row: Row[Cells], country: str, year: int) -> Draft | OutOfScope | Rejected:
    records: list[Record] = []
    aside: list[Rejected] = []
    for column, text in row.cells.items():
        if (match := ANSWER.fullmatch(column)) is None or text.casefold() in NO_ANSWER:
            continue
        value = number(text, -1000, 1000)
        if isinstance(value, str):
            aside.append(Rejected(row.line, column, text, value, ("a number", "New", "-")))
        elif value is not None:
            records.append(observation(f"gtmi-i-{match[1]}", country, year, round(value, 6)))
    draft = _drafted(records, aside, country, year)
    if isinstance(draft, Draft):
        indicators = [_indicator(column) for column in row.cells if ANSWER.fullmatch(column)]
        return Draft([*indicators, *draft.records], row=draft.row, set_aside=draft.set_aside)
    return draft


def _drafted(records: list[Record], aside: list[Rejected], country: str, year: int) -> Draft | OutOfScope | Rejected:
    if records:
        return Draft(records, row=f"{country} {year}", set_aside=tuple(aside))
    return aside[0] if aside else OutOfScope(f"{country} has no figures of {year}")


def _indicator(column: str) -> Record:
    number_ = column.removeprefix("I-")
    values: dict[str, Value] = {name: text.format(number_) for name, text in NAMES.items()}
    values |= {
        "code": f"gtmi-i-{number_}",
        "publisher": "World Bank",
        "unit": "score",
        "description": f"Answer to indicator I-{number_} of the GovTech survey, as published: for most indicators 0 is no and the highest number a full yes.",
    }
    return Record("Indicator", f"gtmi-i-{number_}", values)


def _cell(cells: Cells, names: str) -> str:
    return next((cells[name] for name in names.split("|") if name in cells), "")
