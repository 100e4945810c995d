"""Canada's development projects as its web site told of them in 2009: one number is one project, though it is listed up to three times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from graph.language import detect
from graph.records import Record, Value
from graph.vocabulary import OrganizationKind, ProjectStatus
from ingest.connector import About, Draft, OutOfScope, Rejected, Row
from ingest.inputs import InputFile
from ingest.lists import agency, countries, dates, linked, money, year
from ingest.prose import plainly_english
from ingest.resolution import Resolver, slug
from ingest.textfiles import Cells, table
from ingest.texts import LONGEST_SUMMARY, LONGEST_TITLE, cut, without_contacts

COLUMNS: Final = ("title", "project_number", "project_status", "start_year", "end_year", "countries", "project_abstract")
# Operational in 2009: whether it ended since, the list does not say.
STATUS: Final = {
    "Operational": ProjectStatus.UNKNOWN,
    "Planning": ProjectStatus.UNKNOWN,
    "NONE PROVIDED": ProjectStatus.UNKNOWN,
    "Terminating": ProjectStatus.CLOSED,
    "Closed": ProjectStatus.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Share:
    """A row and all rows of the same project number, in the order of the file, with their lines."""

    line: int
    number: str
    all: Sequence[Row[Cells]]


class Cida:
    """Of the rows of one number the first with a title speaks; countries, sectors and years are those of all of them."""

    name = "cida"
    version = 1
    rank = 40
    title = "Canadian International Development Agency projects 2009"
    refresh = "yearly"

    def recognises(self, file: InputFile) -> bool:
        head = file.head(400).decode("utf-8", "replace")
        return file.suffix == ".csv" and "max_cida_contribution" in head and "subset" not in file.stem

    def source(self, _file: InputFile) -> Record:
        values: dict[str, Value] = {
            "title": "Canadian International Development Agency projects 2009 (AidData)",
            "publisher": "AidData",
            "licence": "ODC-By 1.0",
            "sourceUrl": "https://www.aiddata.org",
        }
        return Record("Source", "cida-projects", values)

    def dataset(self, file: InputFile) -> str:
        return file.stem

    def as_of(self, _file: InputFile) -> str | None:
        return None

    def rows(self, file: InputFile) -> Iterator[Row[Share] | Rejected]:
        groups: dict[str, list[Row[Cells]]] = {}
        for row in table(file, required=COLUMNS):
            if isinstance(row, Rejected):
                yield row
                continue
            number = row.cells.get("project_number", "")
            if not re.search(r"\w", number):
                yield Rejected(row.line, "project_number", number, "is required and is empty")
            else:
                groups.setdefault(number.upper(), []).append(row)
        for number, found in groups.items():
            for row in found:
                yield Row(row.line, Share(row.line, number, found))

    def read(self, row: Row[Share], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        line, number = row.cells.line, row.cells.number
        rows = [r.cells for r in row.cells.all]
        record = resolver.record_of("source:cida-projects", number) or f"project:cida-{slug(number, 50)}"
        first = next((r for r in rows if r["title"]), None)
        if first is None:
            return Rejected(line, "title", "", "is required and is empty", record=record)
        text = max((without_contacts(r.get("project_abstract", "")) for r in rows), key=len)
        title = without_contacts(first["title"]) or number
        links, aside = countries(
            "; ".join(dict.fromkeys(r["countries"] for r in rows if r.get("countries"))), resolver, line, "countries", record
        )
        values: dict[str, Value] = {
            "title": cut(title, LONGEST_TITLE),
            "summary": cut(text or title, LONGEST_SUMMARY),
            "status": _status(first, line, record, aside).value,
            "lang": _language(f"{title}. {text}"),
            **dates(min(_years(rows, "start_year"), default=None), max(_years(rows, "end_year"), default=None)),
            **_money(rows, line, record, aside),
        }
        about = About(title, f"{text} {' '.join(dict.fromkeys(r.get('sectors', '') for r in rows))}")
        return Draft(
            [Record("Project", record.partition(":")[2], values, {"countries": links} if links else {})],
            row=number,
            url=_address(first),
            about=about,
            follows=True,
            finish=partial(_with_parties, name=first.get("executing_agency", ""), resolver=resolver),
            set_aside=tuple(aside),
        )


def _status(first: Cells, line: int, record: str, aside: list[Rejected]) -> ProjectStatus:
    said = first.get("project_status", "")
    if said not in STATUS:
        aside.append(Rejected(line, "project_status", said, "is not a status of this list", tuple(STATUS), record))
    return STATUS.get(said, ProjectStatus.UNKNOWN)


def _language(text: str) -> str:
    """Titles and abstracts are English, some French; the detector is believed only where it is sure."""
    if plainly_english(text):
        return "en"
    found = detect(text)
    return "fr" if found.code == "fr" and found.confidence >= 0.95 else "en"


def _years(rows: Sequence[Cells], column: str) -> list[int]:
    return [value for r in rows if (value := year(r.get(column, ""))) is not None]


def _money(rows: Sequence[Cells], line: int, record: str, aside: list[Rejected]) -> dict[str, Value]:
    """The column is a maximum, so of several rows the largest holds."""
    found: list[float] = []
    for text in dict.fromkeys(r.get("max_cida_contribution", "") for r in rows):
        value = money(text)
        if isinstance(value, str):
            aside.append(Rejected(line, "max_cida_contribution", text, value, ("a number",), record))
        elif value is not None:
            found.append(value)
    return {"amount": max(found), "currency": "CAD"} if found else {}


def _address(first: Cells) -> str | None:
    url = first.get("source_url", "")
    return url if re.fullmatch(r"https?://[^\s<>\"]{4,400}", url) else None


def _with_parties(project: Record, *, name: str, resolver: Resolver) -> Record:
    cida = resolver.organization("Canadian International Development Agency", kind=OrganizationKind.BILATERAL_AGENCY)
    parties: dict[str, list[str | None]] = {"funders": [cida, "country:CAN"], "implementers": [agency(name, resolver)]}
    return Record(project.label, project.key, project.properties, {**project.links, **linked(parties)})
