"""Innovative Public Services: cases of European administrations, mostly with artificial intelligence or blockchain, become practices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Final

from graph.language import detect
from graph.records import Link, Record, Value
from graph.vocabulary import DatePrecision, OrganizationKind
from ingest.connector import Draft, OutOfScope, Rejected, Row
from ingest.inputs import InputFile
from ingest.jsonfiles import items, texts
from ingest.resolution import Resolver, kind_of, slug
from ingest.textfiles import Cells, table
from ingest.texts import LONGEST_SUMMARY, LONGEST_TITLE, address, cut, without_contacts

COLUMNS: Final = ("id", "name", "description", "geocoverage", "lead_organisation_name", "lead_organisation_category", "start_date")
# Topics by words of technology and sectors, which are those of the UN's classification of the functions of government.
TOPICS: Final = (
    ("technology", "Artificial intelligence", "artificial-intelligence"),
    ("technology", "Blockchain", "blockchain"),
    ("primary_sector", "Health", "digital-health"),
    ("primary_sector", "Education", "digital-education"),
    ("primary_sector", "Social protection", "social-protection-systems"),
    ("secondary_sector", "Law courts", "e-justice"),
    ("secondary_sector", "Transport", "transport-and-licensing"),
    ("secondary_sector", "Agriculture", "agriculture-services"),
)
KINDS: Final = {
    "central-government": OrganizationKind.GOVERNMENT,
    "regional government": OrganizationKind.GOVERNMENT,
    "local government": OrganizationKind.GOVERNMENT,
    "governmental": OrganizationKind.GOVERNMENT,
    "private sector": OrganizationKind.PRIVATE,
    "academic-research": OrganizationKind.ACADEMIA,
    "non-governmental": OrganizationKind.NGO,
    "consortium": OrganizationKind.NETWORK,
}


class Ips:
    """A case is a practice of the country that it covers."""

    name = "ips"
    version = 1
    rank = 50
    title = "Innovative Public Services catalogue"
    refresh = "yearly"

    def recognises(self, file: InputFile) -> bool:
        head = file.head()
        return file.suffix in {".csv", ".json"} and b"entry_type" in head[:200] and b"lead_organisation_name" in head

    def source(self, _file: InputFile) -> Record:
        values: dict[str, Value] = {
            "title": "Innovative Public Services catalogue",
            "publisher": "European Commission, Joint Research Centre",
            "licence": "EUPL-1.2",
            "sourceUrl": "https://github.com/ipsoeu/ips-explorer",
        }
        return Record("Source", "ips-catalogue", values)

    def dataset(self, file: InputFile) -> str:
        return file.name

    def as_of(self, _file: InputFile) -> str | None:
        return None

    def rows(self, file: InputFile) -> Iterator[Row[Cells] | Rejected]:
        if file.suffix == ".csv":
            yield from table(file, required=COLUMNS)
            return
        for row in items(file):
            yield row if isinstance(row, Rejected) else Row(row.line, {name: " | ".join(texts(value)) for name, value in row.cells.items()})

    def read(self, row: Row[Cells], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        cells = row.cells
        number, where = cells.get("id", ""), cells.get("geocoverage", "")
        if not number:
            return Rejected(row.line, "id", "", "is required and is empty")
        record = resolver.record_of("source:ips-catalogue", number, "practice") or f"practice:ips-{slug(number)}"
        named = resolver.countries.many(where)
        if named.unknown or not where:
            near = resolver.countries.near(where) if where else ()
            return Rejected(row.line, "geocoverage", where, "is no country that the network knows", near, record)
        if len(named.codes) != 1:
            why = "; ".join(f"“{name}” is no country: {why}" for name, why in named.not_countries)
            return OutOfScope(why or "a case of several countries is no country's own practice", record)
        title, summary = (without_contacts(" ".join(cells.get(column, "").split())) for column in ("name", "description"))
        year = re.fullmatch(r"((?:19|20)\d\d)(?:\.0)?", cells.get("start_date", ""))
        for column, value in (("name", title), ("description", summary)):
            if not value:
                return Rejected(row.line, column, "", "is required and is empty", record=record)
        if year is None:
            return Rejected(row.line, "start_date", cells.get("start_date", ""), "is not a year", ("1900 to 2099",), record)
        country = f"country:{named.codes[0]}"
        found = detect(f"{title}. {summary}")
        values: dict[str, Value] = {
            "title": cut(title, LONGEST_TITLE),
            "summary": cut(" ".join((summary, *_told(cells))), LONGEST_SUMMARY),
            "date": date(int(year[1]), 1, 1),
            "datePrecision": DatePrecision.YEAR.value,
            "lang": found.code if found.code and found.confidence >= 0.95 else "en",
            "sourceUrl": address(cells.get("url", "")),
        }
        topics = [Link(f"topic:{topic}") for column, word, topic in TOPICS if word in cells.get(column, "")]
        links = {"country": [Link(country)], **({"topics": topics} if topics else {})}
        practice = Record("Practice", record.partition(":")[2], values, links)
        return Draft(
            [practice],
            row=number,
            url=address(cells.get("url", "")),
            finish=partial(_with_body, cells=cells, country=country, resolver=resolver),
        )


def _told(cells: Cells) -> list[str]:
    """What the columns say besides the description."""
    ended = cells.get("end_date", "").removesuffix(".0")
    told = [
        f"{word}: {cells[column].rstrip('.')}"
        for column, word in (("technology", "technology"), ("type", "kind of use"), ("secondary_sector", "sector"), ("status", "status"))
        if cells.get(column)
    ]
    told += [f"ended: {ended}"] if ended else []
    return [f"In the catalogue: {', '.join(told)}."] if told else []


def _with_body(practice: Record, *, cells: Cells, country: str, resolver: Resolver) -> Record:
    name = without_contacts(cells.get("lead_organisation_name", ""))
    kind = KINDS.get(cells.get("lead_organisation_category", "").casefold()) or kind_of(name)
    body = resolver.party(name, kind=kind, country=country if kind is OrganizationKind.GOVERNMENT else None)
    if body is None or not body.startswith("organization:"):
        return practice
    return Record(practice.label, practice.key, practice.properties, {**practice.links, "organization": [Link(body)]})
