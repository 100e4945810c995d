"""Asian Development Bank sovereign projects: one row is one project; what is proposed for one country is a need of it as well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from graph.records import Link, Record, Value
from graph.vocabulary import NeedStatus, OrganizationKind, ProjectStatus
from ingest.connector import About, Draft, OutOfScope, Rejected, Row
from ingest.inputs import InputFile
from ingest.lists import agency, countries, linked, money
from ingest.resolution import Resolver
from ingest.textfiles import Cells, table
from ingest.texts import LONGEST_SUMMARY, LONGEST_TITLE, cut

COLUMNS: Final = ("Project Number", "Project Name", "Country", "Status", "Approval Date", "ADB Financing (US$)", "Sector")
STATUS: Final = {
    "Proposed": ProjectStatus.PIPELINE,
    "Approved": ProjectStatus.ACTIVE,
    "Active": ProjectStatus.ACTIVE,
    "Closed": ProjectStatus.CLOSED,
}
DATED: Final = re.compile(r"[-_ ]?(\d{4}-\d\d-\d\d)$")
# The bank's sectors are names; two of them are purposes of the DAC as well.
MOST_SECTORS: Final = 2
CODES: Final = {"information and communication technology": "22040", "public sector management": "15110"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A row, and the day of the list it stands in."""

    cells: Cells
    day: date | None


class Adb:
    """The project's number is its key. The day of the list is read from the file's name."""

    name = "adb"
    version = 1
    rank = 60
    title = "Asian Development Bank sovereign projects"
    refresh = "monthly"

    def recognises(self, file: InputFile) -> bool:
        head = file.head(600).decode("utf-8", "replace")
        return file.suffix == ".csv" and "ADB Financing (US$)" in head and "Project Number" in head and "subset" not in file.stem

    def source(self, _file: InputFile) -> Record:
        values: dict[str, Value] = {
            "title": "Asian Development Bank sovereign projects",
            "publisher": "Asian Development Bank",
            "licence": "ADB data terms, attribution",
            "sourceUrl": "https://www.adb.org/projects",
        }
        return Record("Source", "adb-projects", values)

    def dataset(self, file: InputFile) -> str:
        return DATED.sub("", file.stem)

    def as_of(self, file: InputFile) -> str | None:
        day = _day(file)
        return day.isoformat() if day else None

    def rows(self, file: InputFile) -> Iterator[Row[Listed] | Rejected]:
        day = _day(file)
        for row in table(file, required=COLUMNS):
            yield row if isinstance(row, Rejected) else Row(row.line, Listed(row.cells, day))

    def read(self, row: Row[Listed], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        cells, line = row.cells.cells, row.line
        number = cells.get("Project Number", "")
        if not re.fullmatch(r"[0-9A-Za-z]{1,12}(?:-[0-9A-Za-z]{1,6})*", number):
            return Rejected(line, "Project Number", number, "is not a number like 50254-001")
        record = f"project:adb-{number.lower()}"
        title, status = " ".join(cells.get("Project Name", "").split()), cells.get("Status", "")
        if not title:
            return Rejected(line, "Project Name", "", "is required and is empty", record=record)
        if status not in STATUS:
            return Rejected(line, "Status", status, "is not a status of this list", tuple(STATUS), record)
        found, aside = _countries(cells, resolver, line, record)
        text = _described(cells)
        values: dict[str, Value] = {
            "title": cut(title, LONGEST_TITLE),
            "summary": cut(f"{title}. {text}", LONGEST_SUMMARY),
            "status": STATUS[status].value,
            "lang": "en",
            **_approval(cells, line, record, aside),
        }
        values |= _money(cells, values.get("startDate"), line, record, aside)
        records = [Record("Project", record.partition(":")[2], values, {"countries": found} if found else {})]
        if status == "Proposed" and len(found) == 1:
            if row.cells.day is None:
                reason = "has no date like 2026-03-31 at the end of the file's name, so the proposal makes no need"
                aside.append(Rejected(line, "file name", number, reason, record=record))
            else:
                records.append(_need(number, found[0], values, text, row.cells.day))
        return Draft(
            records,
            row=number,
            about=About(title, _agencies(cells), _codes(cells)),
            follows=True,
            finish=partial(_with_parties, cells=cells, resolver=resolver),
            set_aside=tuple(aside),
        )


def _day(file: InputFile) -> date | None:
    found = DATED.search(file.stem)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _countries(cells: Cells, resolver: Resolver, line: int, record: str) -> tuple[list[Link], list[Rejected]]:
    """The row's country; of a regional project those that its locations begin with: “Bhutan - Nation-wide; India - Assam”."""
    name = cells.get("Country", "")
    found, unknown = countries(name, resolver, line, "Country", record)
    if found or unknown or resolver.countries.why_not(name) is None:
        return found, unknown
    places = (part.partition(" - ")[0].strip() for part in cells.get("Geographical Location", "").split(";"))
    named = dict.fromkeys(resolver.country(place) for place in places)
    return [Link(country) for country in named if country], []


def _described(cells: Cells) -> str:
    """The list has no descriptions: its columns, as sentences."""
    kinds = cells.get("Project Type or Modality", "").replace(" | ", ", ").lower()
    parts = [
        f"Support of the Asian Development Bank as {kinds}." if kinds else "",
        *(f"{name}: {cells[name].replace(' | ', '; ')}." for name in ("Sector", "Subsector") if cells.get(name)),
        f"Executing agency: {cells['Executing Agency'].replace(' | ', '; ')}." if cells.get("Executing Agency") else "",
    ]
    return " ".join(part for part in parts if part)


def _approval(cells: Cells, line: int, record: str, aside: list[Rejected]) -> dict[str, Value]:
    text = cells.get("Approval Date", "")
    if not text:
        return {}
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    try:
        day = date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        day = None
    if day is None:
        aside.append(Rejected(line, "Approval Date", text, "is not a date like 31/03/2026", record=record))
        return {}
    return {"startDate": day, "datePrecision": "DAY"}


def _money(cells: Cells, approved: Value, line: int, record: str, aside: list[Rejected]) -> dict[str, Value]:
    text = cells.get("ADB Financing (US$)", "")
    value = money(text)
    if isinstance(value, str):
        aside.append(Rejected(line, "ADB Financing (US$)", text, value, ("a number like 1,500,000.00",), record))
        return {}
    if value is None:
        return {}
    return {"amount": value, "currency": "USD", "amountUsd": value, "amountDate": approved}


def _need(number: str, country: Link, project: dict[str, Value], text: str, day: date) -> Record:
    values: dict[str, Value] = {
        "title": project["title"],
        "description": f"{project['title']}. Proposed to the Asian Development Bank and not approved yet. {text}"[:LONGEST_SUMMARY],
        "date": day,
        "datePrecision": "DAY",
        "status": NeedStatus.OPEN.value,
        "visibility": "PUBLIC",
        "lang": "en",
        **{name: project[name] for name in ("amount", "currency", "amountUsd") if name in project},
    }
    return Record("Need", f"need-adb-{number.lower()}", values, {"country": [country]})


def _codes(cells: Cells) -> tuple[str, ...]:
    """Purpose codes of the sectors. Of a project of many sectors no single one tells what it is about."""
    sectors = [part.strip().casefold() for part in cells.get("Sector", "").split("|")]
    return tuple(CODES[sector] for sector in sectors if sector in CODES) if len(sectors) <= MOST_SECTORS else ()


def _agencies(cells: Cells) -> str:
    return cells.get("Executing Agency", "").replace(" | ", "; ")


def _with_parties(project: Record, *, cells: Cells, resolver: Resolver) -> Record:
    adb = resolver.organization("Asian Development Bank", kind=OrganizationKind.DEVELOPMENT_BANK)
    found = project.links.get("countries", ())
    country = found[0].target if len(found) == 1 else None
    parties: dict[str, list[str | None]] = {
        "funders": [adb],
        "implementers": [agency(name, resolver, country=country) for name in cells.get("Executing Agency", "").split("|")],
    }
    return Record(project.label, project.key, project.properties, {**project.links, **linked(parties)})
