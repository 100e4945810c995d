"""The World Bank's list of its projects, in the two forms that it has been published in: with and without sectors and borrower."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Final

from graph.language import detect
from graph.records import Link, Record, Value
from graph.vocabulary import NeedStatus, OrganizationKind, ProjectStatus
from ingest.connector import About, Draft, OutOfScope, Rejected, Row
from ingest.inputs import InputFile
from ingest.prose import heading, in_capitals, plain, plainly_english, says_nothing, sentences
from ingest.resolution import GOVERNMENT_OF, NOBODY, Resolver, kind_of
from ingest.textfiles import Cells, table
from ingest.texts import LONGEST_SUMMARY, without_contacts

NUMBER: Final = re.compile(r"P\d{6}", re.IGNORECASE)
EDITION: Final = re.compile(r"(\d{4})-\d{2}-\d{2}")
# Extracts repeat rows of the list: as data sets of their own they would say everything twice.
EXTRACT: Final = re.compile(r"subset|strict|extract|sample", re.IGNORECASE)
STATUS: Final = {
    "active": ProjectStatus.ACTIVE,
    "closed": ProjectStatus.CLOSED,
    "dropped": ProjectStatus.CANCELLED,
    "pipeline": ProjectStatus.PIPELINE,
    "": ProjectStatus.UNKNOWN,
}
NEED_STATUS: Final = {
    ProjectStatus.ACTIVE: NeedStatus.MET,
    ProjectStatus.CLOSED: NeedStatus.MET,
    ProjectStatus.CANCELLED: NeedStatus.WITHDRAWN,
}
ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T[\d:.]*Z?)?")
AMERICAN: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: [\d:]+ ?[AP]M)?", re.IGNORECASE)
COUNTRY_PREFIX: Final = re.compile(r"([A-Za-z]{2}) ?[:–-] ?(?=\w)")
ICT: Final = "22040"
# The Bank's sectors and themes that have a purpose code of their own.
PURPOSES: Final = (
    (re.compile(r"\bICT\b|Information and Communications? Technolog", re.IGNORECASE), ICT),
    (
        re.compile(
            r"^Public Administration|Public Administration$|Central Government|Sub-National Government|civil service", re.IGNORECASE
        ),
        "15110",
    ),
    (re.compile(r"^Public expenditure, financial management|Public financial management$", re.IGNORECASE), "15111"),
    (re.compile(r"^Tax policy", re.IGNORECASE), "15114"),
    (re.compile(r"^Law and Justice$", re.IGNORECASE), "15130"),
)
# A comma ends an agency's name where another one begins: “Ministry of Labour, Ministry of Finance”, but “Ministry of Labour, Youth and Sports”.
AGENCY: Final = re.compile(
    r";|\n|, (?=(?:the )?(?:\w+ )?(?:minist|department|agency|agenc|authority|bank\b|banco|banque|government|gov\.|office|commission|institut|council|directorate|direc|secretar"
    r"|municipal|university|fund\b|fondo|fonds|unit\b|center|centre|corporation|company|republic|state of|bureau|board|cellule|unidad))",
    re.IGNORECASE,
)
OF_COUNTRY: Final = re.compile(r"\(([^()]+)\)$|\bof (?=(?:the )?([^,()]+)$)")
LONGEST_TITLE: Final = 300
AS_OF: Final = "as of"
"""Column that `rows` adds: the edition's date."""


class WorldBank:
    """One project of the list: a project, or, while it is in preparation for one country, a need."""

    name = "worldbank"
    version = 1
    rank = 60
    title = "World Bank projects"
    refresh = "monthly"

    def recognises(self, file: InputFile) -> bool:
        header = file.head().partition(b"\n")[0]
        return (
            file.suffix == ".csv"
            and not EXTRACT.search(file.stem)
            and all(column in header for column in (b"id,", b"project_name", b"pdo", b"boardapprovaldate", b"lendinginstr"))
        )

    def source(self, file: InputFile) -> Record:
        edition = self.as_of(file)
        values: dict[str, Value] = {
            "title": f"World Bank projects list, edition of {edition[:4]}" if edition else "World Bank projects list",
            "publisher": "World Bank",
            "licence": "CC BY 4.0",
            "sourceUrl": "https://projects.worldbank.org",
        }
        # Editions of different years have different columns: as two sources, the later wins field by field.
        return Record("Source", "wb-projects" if edition is None or edition < "2025" else f"wb-projects-{edition[:4]}", values)

    def dataset(self, file: InputFile) -> str:
        return re.sub(rf"[-_]?{EDITION.pattern}$", "", file.stem)

    def as_of(self, file: InputFile) -> str | None:
        found = EDITION.search(file.stem)
        return found[0] if found and isinstance(_day(found[0]), date) else None

    def rows(self, file: InputFile) -> Iterator[Row[Cells] | Rejected]:
        edition = self.as_of(file) or ""
        required = ("id", "countryname|countryshortname", "projectstatusdisplay|status", "project_name", "pdo", "boardapprovaldate")
        for row in table(file, required=required):
            if isinstance(row, Row):
                row.cells[AS_OF] = edition
            yield row

    def read(self, row: Row[Cells], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        number = row.cells.get("id", "").upper()
        if not NUMBER.fullmatch(number):
            return Rejected(row.line, "id", number, "is not a project number", ("P and six digits",))
        if not any(value for name, value in row.cells.items() if name not in {"id", AS_OF}):
            return OutOfScope("a number without a project", record=project_id(number))
        title = " ".join(plain(row.cells.get("project_name", "")).split())
        if not title:
            return Rejected(row.line, "project_name", "", "is required and is empty", record=project_id(number))
        status = STATUS.get(_cell(row.cells, "projectstatusdisplay", "status").casefold())
        if status is None:
            text = _cell(row.cells, "projectstatusdisplay", "status")
            return Rejected(row.line, "status", text, "is not a status", ("Active", "Closed", "Dropped", "Pipeline"), project_id(number))
        return _draft(row, number, title, status, resolver)


def project_id(number: str) -> str:
    """The project's id by its World Bank number."""
    return f"project:wb-{number.lower()}"


def project_url(number: str) -> str:
    """The project's public page."""
    return f"https://projects.worldbank.org/en/projects-operations/project-detail/{number.upper()}"


def recipients(line: int, field: str, text: str, resolver: Resolver, record: str) -> tuple[list[str], list[Rejected]]:
    """Ids of the countries in a cell, none for a region or an organisation; names that nobody knows are set aside."""
    found = resolver.countries.many(text)
    aside = [
        Rejected(line, field, name, "is no country that the network knows", resolver.countries.near(name), record) for name in found.unknown
    ]
    # “South East Asia - BN, MY, PH, TH” is a region, though two letters of it are codes.
    codes = () if found.not_countries else found.codes
    return [f"country:{code}" for code in codes], aside


@dataclass(frozen=True, slots=True)
class _Said:
    """What a row says, in the network's terms. `short` marks a working title, `dates` are approval and closing."""

    title: str
    goal: str
    short: bool
    status: ProjectStatus
    countries: tuple[str, ...]
    dates: Mapping[str, Value]
    listed: date | None
    edition: date | None
    amount: Mapping[str, Value]


def _draft(row: Row[Cells], number: str, title: str, status: ProjectStatus, resolver: Resolver) -> Draft:
    cells, record = row.cells, project_id(number)
    countries, aside = recipients(row.line, "country", _cell(cells, "countryname", "countryshortname"), resolver, record)
    goal = without_contacts(plain(cells.get("pdo", "")))
    names = [resolver.countries.names[country.partition(":")[2]] for country in countries]
    goal = "" if says_nothing(goal) else sentences(goal, *names)[:LONGEST_SUMMARY]
    short, title = in_capitals(title), heading(_without_country(title, countries, resolver))[:LONGEST_TITLE]
    days: dict[str, date | None] = {}
    for column in ("boardapprovaldate", "closingdate", "public_disclosure_date"):
        day = _day(cells.get(column, ""))
        days[column] = None if isinstance(day, str) else day
        if isinstance(day, str):
            aside.append(Rejected(row.line, column, cells[column], day, ("2024-06-27", "6/27/2024"), record))
    dates: dict[str, Value] = {"startDate": days["boardapprovaldate"], "endDate": days["closingdate"]}
    edition = _day(cells[AS_OF])
    told = days["public_disclosure_date"]
    said = _Said(title, goal, short, status, tuple(countries), dates, told, edition if isinstance(edition, date) else None, _amount(cells))
    drafted = Draft(
        [],
        row=number,
        url=project_url(number),
        about=About(title, goal, _purposes(cells)),
        as_of=cells[AS_OF] or None,
        set_aside=tuple(aside),
        follows=True,
        yielding=_yielding(said),
    )
    if status is ProjectStatus.PIPELINE and len(countries) == 1:
        # In preparation it is what its country looks for. What was a project in an earlier edition is in preparation again.
        return replace(drafted, records=[_need(record, said, NeedStatus.OPEN)], if_known=[_project(record, said)])
    after = NEED_STATUS.get(status) if len(countries) == 1 else None
    known = [_need(record, said, after)] if after else []
    return replace(drafted, records=[_project(record, said)], if_known=known, finish=partial(_with_parties, cells=cells, resolver=resolver))


def _project(record: str, said: _Said) -> Record:
    values: dict[str, Value] = {
        "title": said.title,
        "summary": said.goal or said.title,
        "status": said.status.value,
        "lang": _language(said.goal),
        **said.amount,
    }
    # What was dropped was never approved, whatever day had been thought of.
    if said.status not in {ProjectStatus.CANCELLED, ProjectStatus.PIPELINE} and any(said.dates.values()):
        values |= {**said.dates, "datePrecision": "DAY"}
    return Record("Project", record.partition(":")[2], values, {"countries": [Link(country) for country in said.countries]})


def _need(record: str, said: _Said, status: NeedStatus) -> Record:
    """The need that a project is while it is in preparation; an approved project has met it, with a dropped one it is withdrawn."""
    values: dict[str, Value] = {
        "title": said.title,
        "description": said.goal or said.title,
        "status": status.value,
        "date": said.listed or said.edition,
        "datePrecision": "DAY",
        "lang": _language(said.goal),
        **said.amount,
    }
    links = {"country": [Link(said.countries[0])]} | ({"metBy": [Link(record)]} if status is NeedStatus.MET else {})
    return Record("Need", f"need-{record.partition(':')[2]}", values, links)


def _yielding(said: _Said) -> frozenset[str]:
    """A working title, a title that stands for a text, a status that is not told and the day of the edition give way to another edition's."""
    weak = {
        "title": said.short,
        "summary": not said.goal,
        "description": not said.goal,
        "lang": not said.goal,
        "status": said.status is ProjectStatus.UNKNOWN,
        "date": said.listed is None,
    }
    return frozenset(name for name, yes in weak.items() if yes)


def _language(text: str) -> str:
    """English, as nearly all of the list is, unless the objective plainly reads otherwise; a title is too little to tell."""
    found = detect(text) if len(text) >= 60 and not plainly_english(text) else None
    return found.code if found and found.code and found.confidence >= 0.95 else "en"


def _without_country(title: str, countries: Sequence[str], resolver: Resolver) -> str:
    """“ZM: Roads” of Zambia is “Roads”."""
    found = COUNTRY_PREFIX.match(title)
    return title[found.end() :] if found and f"country:{resolver.countries.code(found[1])}" in countries else title


def _day(text: str) -> date | str | None:
    """A day in one of the list's two forms; None for an empty cell; else the reason why it is none."""
    try:
        if found := ISO.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := AMERICAN.fullmatch(text):
            return date(int(found[3]), int(found[1]), int(found[2]))
    except ValueError:
        return "is not a day of the calendar"
    return "is not a date" if text else None


def _amount(cells: Cells) -> dict[str, Value]:
    """Commitments with the grants, in US dollars. The list with `idacommamt` has the grants in its total, the one before it has not."""
    total = _dollars(cells.get("curr_total_commitment", ""))
    if "idacommamt" not in cells:
        total += _dollars(cells.get("grantamt", ""))
    return {"amount": total, "currency": "USD", "amountUsd": total} if total > 0 else {}


def _dollars(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{1,13}(?:\.\d*)?", text) else 0.0


def _purposes(cells: Cells) -> tuple[str, ...]:
    """Purpose codes of sectors and themes. Many a road project has some ICT: what counts is whether that is its first sector."""
    found = [(column, cells[column]) for column in ("sector1", "sector2", "sector3", "theme1", "theme2") if cells.get(column)]
    codes = (code for column, text in found for pattern, code in PURPOSES if pattern.search(text) and (column == "sector1" or code != ICT))
    return tuple(dict.fromkeys(codes))


def _with_parties(project: Record, *, cells: Cells, resolver: Resolver) -> Record:
    """The project with the Bank, which pays, and the agencies that carry it out."""
    bank = resolver.organization("World Bank", kind=OrganizationKind.DEVELOPMENT_BANK)
    countries = [link.target for link in project.links.get("countries", ())]
    home = countries[0] if len(countries) == 1 else None
    agencies = [_agency(name, resolver, home) for name in AGENCY.split(plain(cells.get("impagency", "")))]
    links: dict[str, Sequence[Link]] = {**project.links, "funders": [Link(bank)]}
    if found := [Link(agency) for agency in dict.fromkeys(agencies) if agency]:
        links["implementers"] = found
    return replace(project, links=links)


def _agency(name: str, resolver: Resolver, home: str | None) -> str | None:
    name = heading(without_contacts(name).strip(" ,.-"))
    if len(name) < 3 or NOBODY.search(name) or says_nothing(name):
        return None
    state = GOVERNMENT_OF.match(name)
    if country := resolver.country(state[1] if state else name):
        return country
    kind, known = kind_of(name), resolver.known_organization(name)
    # A single word is the town of an office, or an abbreviation that another country may have as well.
    if " " not in name or (known and kind is not OrganizationKind.GOVERNMENT):
        return known
    if home is None and kind is OrganizationKind.GOVERNMENT:
        named = (resolver.country(found[1] or found[2]) for found in OF_COUNTRY.finditer(name))
        home = next((country for country in named if country), None)
        if home is None:
            return None
    if home and kind is OrganizationKind.OTHER:
        # What carries out one country's project is that country's: there is a project office in all of them.
        name = f"{name} ({resolver.countries.names[home.partition(':')[2]]})"
    return resolver.organization(name, kind=kind, country=home if kind in {OrganizationKind.GOVERNMENT, OrganizationKind.OTHER} else None)


def _cell(cells: Cells, *names: str) -> str:
    return next((cells[name] for name in names if name in cells), "")
