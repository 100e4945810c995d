"""DPI Map: digital identity, payment and data exchange systems of countries. What is in place is a practice, a gap a candidate need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from graph.records import Link, Record, Value
from graph.vocabulary import DatePrecision, NeedStatus, OrganizationKind, ProjectStatus, Visibility
from ingest.connector import Draft, OutOfScope, Rejected, Row
from ingest.dpi_map_columns import DETAILS, KINDS, PLATFORMS, TRANSACTIONS, Kind
from ingest.inputs import InputFile
from ingest.jsonfiles import items, text
from ingest.resolution import Resolver, kind_of, slug
from ingest.textfiles import Cells, table
from ingest.texts import DIVIDER, LONGEST_SUMMARY, LONGEST_TITLE, address, cut, names, without_contacts

COUNTRY: Final = "Country / Region"
UPDATED: Final = "Last updated"
SOURCE: Final = "source:dpi-map"
NO_ANSWER: Final = {"", "-", "na", "n/a", "n.a."}
# What a name begins with that is one of several bodies, and not the rest of a ministry's own name.
BODY: Final = re.compile(
    r"(?i:minist|viceminist|agenc|authorit|office\b|department|secr[eé]t|council|committee|bureau|instit|commission|directorate)|[A-Z]{3,}\b|.*\([A-Z]{2,}\)"
)
ACRONYM_FIRST: Final = re.compile(r"^\([A-Z]{2,}\)\s*")


@dataclass(frozen=True, slots=True)
class System:
    """One row. `covered` says that another row of the table has a system of that country in operation."""

    kind: Kind
    cells: Cells
    covered: bool


class DpiMap:
    """A row is a practice where a national system is in operation, a candidate need where it is planned or there is none."""

    name = "dpi_map"
    version = 1
    rank = 50
    title = "DPI Map"
    refresh = "yearly"

    def recognises(self, file: InputFile) -> bool:
        head = file.head().decode("utf-8", "replace")
        return file.suffix in {".csv", ".json"} and COUNTRY in head[:200] and UPDATED in head[:300] and _kind(file) is not None

    def source(self, _file: InputFile) -> Record:
        values: dict[str, Value] = {
            "title": "DPI Map, release of 15 January 2026",
            "publisher": "UCL Institute for Innovation and Public Purpose",
            "licence": "No licence stated. Cite as: DPI Map (2026-01-15). IIPP, UCL. Ask before redistribution.",
            "sourceUrl": "https://github.com/olizilla/digital-public-infra-map",
        }
        return Record("Source", "dpi-map", values)

    def dataset(self, file: InputFile) -> str:
        kind = _kind(file)
        return f"dpi-map-{kind.key}" if kind else file.stem

    def as_of(self, file: InputFile) -> str | None:
        found = re.match(r"\d{4}-\d\d-\d\d", file.name)
        return found[0] if found else None

    def rows(self, file: InputFile) -> Iterator[Row[System] | Rejected]:
        kind = _kind(file)
        if kind is None:
            return
        covered = {row.cells[COUNTRY] for row in _table(file, kind) if isinstance(row, Row) and _in_place(kind, row.cells)}
        for row in _table(file, kind):
            yield row if isinstance(row, Rejected) else Row(row.line, System(kind, row.cells, row.cells[COUNTRY] in covered))

    def read(self, row: Row[System], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        kind, cells, name = row.cells.kind, row.cells.cells, row.cells.cells[COUNTRY]
        country = resolver.country(name)
        if country is None:
            if why := resolver.countries.why_not(name):
                return OutOfScope(f"“{name}” is no country: {why}")
            return Rejected(row.line, COUNTRY, name, "is no country that the network knows", resolver.countries.near(name))
        state = resolver.countries.names[country.partition(":")[2]]
        updated = _date(cells.get(UPDATED, ""))
        in_place = _in_place(kind, cells)
        if in_place and cells.get("National / Regional") == "Regional":
            return OutOfScope("a regional system is no country's own practice")
        gap = None if in_place else _gap(row.cells)
        if not in_place and gap is None:
            return OutOfScope(f"whether {state} has a {kind.noun} or wants one is not on record")
        of = f"{kind.key}:{name}:{cells.get(kind.name, '')}" if in_place else f"{kind.key}.csv:{name}"
        if updated is None:
            record = None if in_place else _need_id(kind, country, of, resolver)
            return Rejected(row.line, UPDATED, cells.get(UPDATED, ""), "is not a date like 31/03/26", ("dd/mm/yy",), record)
        place = Place(kind, cells, country, state, updated, of)
        records = [*_project(place, resolver), _practice(place, resolver) if gap is None else _need(place, gap, resolver)]
        return Draft(_linked(records), row=of, url=address(cells.get("URL", "")))


@dataclass(frozen=True, slots=True)
class Place:
    """A row whose country and date are known. `row` is its identifier in the source."""

    kind: Kind
    cells: Cells
    country: str
    state: str
    updated: date
    row: str

    @property
    def title(self) -> str:
        name = self.cells.get(self.kind.name, "") or self.kind.noun.capitalize()
        return cut(name if self.state.casefold() in name.casefold() else f"{name} ({self.state})", LONGEST_TITLE)

    @property
    def key(self) -> str:
        iso3 = self.country.partition(":")[2].lower()
        name = self.cells.get(self.kind.name, "")
        return f"dpi-{iso3}-{self.kind.key}" + (f"-{slug(name, 40)}" if name else "")


def _kind(file: InputFile) -> Kind | None:
    head = file.head().decode("utf-8", "replace")
    return next((kind for kind in KINDS if kind.name in head), None)


def _table(file: InputFile, kind: Kind) -> Iterator[Row[Cells] | Rejected]:
    """The rows of either format, spaces made plain and “NA” empty."""
    if file.suffix == ".json":
        listed: Iterator[Row[Cells] | Rejected] = (
            row if isinstance(row, Rejected) else Row(row.line, {name.strip(): text(value) for name, value in row.cells.items()})
            for row in items(file)
        )
    else:
        listed = table(file, required=(COUNTRY, UPDATED, kind.name, kind.status))
    for row in listed:
        if isinstance(row, Rejected):
            yield row
        else:
            # The table has spaces where the JSON breaks the line.
            plain = {name: " ".join(without_contacts(value).split()) for name, value in row.cells.items()}
            yield Row(row.line, {COUNTRY: "", **{name: "" if value.casefold() in NO_ANSWER else value for name, value in plain.items()}})


def _in_place(kind: Kind, cells: Cells) -> bool:
    status = cells.get(kind.status, "")
    return status == "Implemented" or (not status and cells.get("Active real-time payment system present") == "Yes")


def _gap(system: System) -> str | None:
    """What the map says in place of a system in operation: it is planned, or there is none. None where it says neither."""
    cells = system.cells
    if cells.get(system.kind.status) == "Planned/Piloted":
        regional = cells.get("National / Regional") == "Regional"
        return None if regional and system.covered else "planned or piloted"
    none = "No" in (cells.get("Claim of digital ID"), cells.get("Active real-time payment system present"))
    return "not there" if none and not system.covered else None


def _practice(place: Place, resolver: Resolver) -> Record:
    kind, cells = place.kind, place.cells
    name = cells.get(kind.name, "") or f"A {kind.noun}"
    verb = "is in operation" if cells.get(kind.status) == "Implemented" else "is active"
    lines = [f"{name}, a {kind.noun} of {place.state}, {verb}.", *_told(place)]
    values: dict[str, Value] = {
        "title": place.title,
        "summary": cut(" ".join(lines), LONGEST_SUMMARY),
        "cost": cells.get("Cost of transactions") or None,
        "date": place.updated,
        "datePrecision": DatePrecision.DAY.value,
        "lang": "en",
        "sourceUrl": address(cells.get("URL", "")),
    }
    links = {"country": [Link(place.country)], "topics": [Link(f"topic:{t}") for t in _topics(place)], **_solutions(place, resolver)}
    if bodies := _bodies(cells.get("Governing entity", "")):
        told = kind_of(bodies[0])
        # Who governs a national system is a public body where its name does not say otherwise.
        body = resolver.party(
            bodies[0], kind=OrganizationKind.GOVERNMENT if told is OrganizationKind.OTHER else told, country=place.country
        )
        links |= {"organization": [Link(body)]} if body and body.startswith("organization:") else {}
    record = resolver.record_of(SOURCE, place.row, "practice")
    return Record("Practice", record.partition(":")[2] if record else place.key, values, links)


def _need(place: Place, gap: str, resolver: Resolver) -> Record:
    """A candidate: the map sees the gap, the country has not stated the need. Members see it until it does."""
    kind, cells = place.kind, place.cells
    name = cells.get(kind.name, "")
    called = f" ({name})" if name else ""
    lines = [
        f"On the DPI Map, a {kind.noun}{called} of {place.state} was {gap} when its row was last updated, on {place.updated.isoformat()}.",
        *_told(place),
        f"The country has not itself stated that it looks for {kind.wanted}: this is a candidate need, made from the gap.",
    ]
    record = _need_id(kind, place.country, place.row, resolver)
    by_hand = resolver.record_of(SOURCE, place.row, "need") is not None
    values: dict[str, Value] = {
        "title": cut(f"{place.state}: {kind.wanted}", LONGEST_TITLE),
        "description": cut(" ".join(lines), LONGEST_SUMMARY),
        "date": place.updated,
        "datePrecision": DatePrecision.DAY.value,
        "status": NeedStatus.OPEN.value,
        # Who may see a need that is kept by hand, the hand decides.
        "visibility": None if by_hand else Visibility.MEMBERS.value,
        "lang": "en",
        "sourceUrl": address(cells.get("URL", "")),
    }
    links = {"country": [Link(place.country)], "topics": [Link(f"topic:{t}") for t in kind.topics]}
    return Record("Need", record.partition(":")[2], values, links)


def _need_id(kind: Kind, country: str, row: str, resolver: Resolver) -> str:
    return resolver.record_of(SOURCE, row, "need") or f"need:need-dpi-{country.partition(':')[2].lower()}-{kind.key}"


def _project(place: Place, resolver: Resolver) -> list[Record]:
    """The work behind a system, where the map names who pays for it or supports it: those count as experienced partners."""
    cells = place.cells
    links = {
        name: _parties(cells.get(column, ""), resolver)
        for name, column in (("funders", "Funding organizations identified"), ("supporters", "Technical support organizations identified"))
    }
    if not any(links.values()):
        return []
    name = cells.get(place.kind.name, "") or f"the {place.kind.noun}"
    values: dict[str, Value] = {
        "title": place.title,
        "summary": cut(f"Work on {name} of {place.state}. {' '.join(_told(place))}", LONGEST_SUMMARY),
        # The map tells how far the system is, not the work on it.
        "status": ProjectStatus.UNKNOWN.value,
        "lang": "en",
        "sourceUrl": address(cells.get("URL", "")),
    }
    links |= {"countries": [Link(place.country)], "topics": [Link(f"topic:{t}") for t in _topics(place)], **_solutions(place, resolver)}
    return [Record("Project", place.key, values, {name: found for name, found in links.items() if found})]


def _parties(cell: str, resolver: Resolver) -> list[Link]:
    found = [resolver.party(name) for name in names(cell)]
    return [Link(party) for party in dict.fromkeys(found) if party]


def _linked(records: list[Record]) -> list[Record]:
    """A practice belongs to the project before it."""
    *projects, last = records
    if projects and last.label == "Practice":
        last = Record(last.label, last.key, last.properties, {**last.links, "project": [Link(projects[0].id)]})
    return [*projects, last]


def _told(place: Place) -> list[str]:
    """What the row says, in sentences."""
    cells, facts = place.cells, place.kind.facts
    yes = [fact for column, fact in facts.items() if cells.get(column) == "Yes"]
    no = [fact for column, fact in facts.items() if cells.get(column) == "No"]
    details = [f"{word}: {cells[column]}" for column, word in DETAILS.items() if cells.get(column)]
    lines = [f"Governed by {cells['Governing entity'].rstrip('.')}."] if cells.get("Governing entity") else []
    lines += [f"On record: {', '.join(yes)}."] if yes else []
    lines += [f"Not there: {', '.join(no)}."] if no else []
    told = "; ".join(details).rstrip(".")
    return [*lines, *([f"{told[0].upper()}{told[1:]}."] if told else [])]


def _topics(place: Place) -> list[str]:
    topics = dict.fromkeys(place.kind.topics)
    if place.cells.get("Digital authentication function") == "Yes":
        topics["authentication"] = None
    kinds = names(place.cells.get("Types of transactions supported", ""))
    topics |= {topic: None for kind, topic in TRANSACTIONS.items() if kind in kinds}
    return list(topics)


def _solutions(place: Place, resolver: Resolver) -> dict[str, list[Link]]:
    """Software that the row names and the network keeps."""
    named = {place.cells.get("Base technical architecture", ""), *names(place.cells.get("Technical support organizations identified", ""))}
    rows = [row for name, row in PLATFORMS.items() if name in named]
    found = [r for row in rows for s in ("dpi-atlas", "dpg-registry") if (r := resolver.record_of(f"source:{s}", row, "solution"))]
    return {"solutions": [Link(record) for record in dict.fromkeys(found)]} if found else {}


def _bodies(cell: str) -> list[str]:
    """Several bodies, or the one whose name has commas in it: “Ministry of Posts, Telecommunications, and Digital Technology”."""
    plain = ACRONYM_FIRST.sub("", cell)
    parts = [part for part in DIVIDER.split(plain) if part]
    return parts if len(parts) > 1 and all(BODY.match(part) for part in parts) else [plain] if plain else []


def _date(cell: str) -> date | None:
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})", cell)
    if not found:
        return None
    try:
        return date(int(found[3]) + (2000 if len(found[3]) == 2 else 0), int(found[2]), int(found[1]))
    except ValueError:
        return None
