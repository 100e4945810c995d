"""China's official finance 2000–2014 as AidData tracked it: one row is one project or pledge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Final

from graph.records import Record, Value
from graph.vocabulary import OrganizationKind, ProjectStatus
from ingest.connector import About, Draft, OutOfScope, Rejected, Row
from ingest.inputs import InputFile
from ingest.lists import agency, countries, dates, linked, money, year
from ingest.resolution import Resolver
from ingest.textfiles import Cells, table
from ingest.texts import LONGEST_SUMMARY, LONGEST_TITLE, cut, without_contacts

COLUMNS: Final = ("project_id", "year", "title", "status", "flow", "all_recipients", "usd_current")
# The data set ends in 2014: what was pledged or going on then has an end that nobody knows.
STATUS: Final = {"Completion": ProjectStatus.CLOSED, "Cancelled": ProjectStatus.CANCELLED}
STATUSES: Final = ("Completion", "Implementation", "Pipeline: Commitment", "Pipeline: Pledge", "Cancelled", "Suspended")
ADVICE: Final = {"Free-standing technical assistance", "Scholarships/training in the donor country"}
# What AidData writes behind the name of an agency.
KINDS: Final = {
    "Government Agency": OrganizationKind.GOVERNMENT,
    "State-Owned Company": OrganizationKind.PRIVATE,
    "Private Sector": OrganizationKind.PRIVATE,
    "Public Private Partnership": OrganizationKind.PRIVATE,
    "Academic, Training and Research": OrganizationKind.ACADEMIA,
    "National NGO": OrganizationKind.NGO,
    "International NGO": OrganizationKind.NGO,
    "Regional NGO": OrganizationKind.NGO,
    "Multilateral": OrganizationKind.MULTILATERAL,
    "Foundation": OrganizationKind.FOUNDATION,
    "Political Party": OrganizationKind.OTHER,
}
KIND: Final = re.compile(rf"\s*,\s*({'|'.join(map(re.escape, KINDS))})$")
# A government's missions abroad stand for the government, which is named anyway.
MISSION: Final = re.compile(r"\bembass|\bconsul|^unspecified\b", re.IGNORECASE)


CROSS_REFERENCE: Final = re.compile(r"\s*\((?:linked to|ID|see)\b[^()]*#?\d[^()]*\)", re.IGNORECASE)


class China:
    """The project's number in the data set is its key."""

    name = "china"
    version = 1
    rank = 40
    title = "Chinese Official Finance Dataset 2000–2014"
    refresh = "yearly"

    def recognises(self, file: InputFile) -> bool:
        head = file.head(400).decode("utf-8", "replace")
        return file.suffix == ".csv" and "project_id" in head and "recommended_for_research" in head and "subset" not in file.stem

    def source(self, _file: InputFile) -> Record:
        values: dict[str, Value] = {
            "title": "Chinese Official Finance Dataset 2000–2014, version 1.0 (AidData)",
            "publisher": "AidData",
            "licence": "ODC-By 1.0",
            "sourceUrl": "https://www.aiddata.org/data/chinese-global-official-finance-dataset",
        }
        return Record("Source", "china-official-finance", values)

    def dataset(self, file: InputFile) -> str:
        return file.stem

    def as_of(self, _file: InputFile) -> str | None:
        return None

    def rows(self, file: InputFile) -> Iterator[Row[Cells] | Rejected]:
        yield from table(file, required=COLUMNS)

    def read(self, row: Row[Cells], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        cells, line = row.cells, row.line
        number = cells.get("project_id", "")
        if not re.fullmatch(r"\d{1,9}", number):
            return Rejected(line, "project_id", number, "is not a number")
        record = f"project:china-{number}"
        title, text = (without_contacts(CROSS_REFERENCE.sub("", " ".join(cells.get(c, "").split()))) for c in ("title", "description"))
        if not title:
            return Rejected(line, "title", "", "is required and is empty", record=record)
        field = "all_recipients" if cells.get("all_recipients") else "recipient_condensed"
        found, unknown = countries(cells.get(field, ""), resolver, line, field, record)
        aside = list(unknown)
        status = cells.get("status", "")
        if status not in STATUSES:
            aside.append(Rejected(line, "status", status, "is not a status of this list", STATUSES, record))
        start, end = year(cells.get("year", "")), year(cells.get("end_actual", "")[:4])
        if start is None:
            aside.append(Rejected(line, "year", cells.get("year", ""), "is not a year", ("2000 to 2014",), record))
        values: dict[str, Value] = {
            "title": cut(title, LONGEST_TITLE),
            "summary": cut(text or title, LONGEST_SUMMARY),
            "status": STATUS.get(status, ProjectStatus.UNKNOWN).value,
            "lang": "en",
            **dates(start, end),
            **_money(cells, start, line, record, aside),
        }
        one = found[0].target if len(found) == 1 else None
        links = {"countries": found} if found else {}
        return Draft(
            [Record("Project", record.partition(":")[2], values, links)],
            row=f"project_id {number}",
            about=About(title, text),
            follows=True,
            finish=partial(_with_parties, cells=cells, country=one, resolver=resolver),
            set_aside=tuple(aside),
        )


def _money(cells: Cells, start: int | None, line: int, record: str, aside: list[Rejected]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    found: dict[str, float] = {}
    for column in ("usd_current", "amount"):
        value = money(cells.get(column, ""))
        if isinstance(value, str):
            aside.append(Rejected(line, column, cells[column], value, ("a number",), record))
        elif value is not None:
            found[column] = value
    if usd := found.get("usd_current"):
        # Converted at a year's mean rate: cents would claim what nobody knows.
        values["amountUsd"] = float(round(usd))
    currency = cells.get("currency", "")
    if (amount := found.get("amount")) and re.fullmatch(r"[A-Z]{3}", currency):
        values |= {"amount": amount, "currency": currency, "amountDate": date(start, 1, 1) if start else None}
    return values


def _with_parties(project: Record, *, cells: Cells, country: str | None, resolver: Resolver) -> Record:
    funding, carried_out, received = (
        _agencies(cells.get(column, ""), resolver, home)
        for column, home in (("funding_agency", "country:CHN"), ("implementing_agency", country), ("recipient_agencies", country))
    )
    parties: dict[str, list[str | None]] = {
        "funders": [*funding, "country:CHN"],
        "implementers": [*carried_out, *received],
        "supporters": ["country:CHN"] if cells.get("flow") in ADVICE else [],
    }
    return Record(project.label, project.key, project.properties, {**project.links, **linked(parties)})


def _agencies(cell: str, resolver: Resolver, country: str | None) -> list[str | None]:
    out = []
    for part in cell.split(";"):
        found = KIND.search(part)
        name = KIND.sub("", part).strip()
        if not MISSION.search(name):
            # Behind a short form in brackets the name alone is what others call it.
            name = re.sub(r"\s*\([A-Z&]{2,8}\)\s*$", "", name) or name
            home = "country:CHN" if re.search(r"\bchin", name, re.IGNORECASE) else country
            out.append(agency(name, resolver, kind=KINDS[found[1]] if found else None, country=home))
    return out
