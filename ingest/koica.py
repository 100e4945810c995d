"""Korea's list of its cooperation by year, 1991–2007: the rows of one project become one project, training courses become offers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from graph.records import Link, Record, Value
from graph.vocabulary import Delivery, OfferKind, OrganizationKind, ProjectStatus
from ingest.connector import About, Draft, OutOfScope, Rejected, Row
from ingest.inputs import InputFile
from ingest.lists import agency, countries, dates, linked, year
from ingest.resolution import Resolver, slug, words
from ingest.textfiles import Cells, table
from ingest.texts import LONGEST_TITLE, cut

SOURCE: Final = "koica-projects"
ICT: Final = "22040"
LAST_YEAR: Final = 2007
COLUMNS: Final = ("id", "project_year", "country", "project_name", "type_of_cooperation", "usd_amount")
COURSES: Final = "Invitation of Trainees"
EXPERTS: Final = "Experts"
# How each kind of cooperation is told in a summary. Kinds that are not here name an occupation or a budget line, not a project.
KINDS: Final = {
    EXPERTS: "experts sent by Korea",
    "Infra-Preliminary Project/Prog": "a project of Korean cooperation",
    "Infra-Follow up": "the follow-up of a project of Korean cooperation",
    "Development Study-Preliminary": "a development study by Korea",
    "Development Study-Follow up": "the follow-up of a development study by Korea",
    "Aid In Kind/In Cash": "equipment or money given by Korea",
    "Emergency Relief": "emergency relief by Korea",
    "NGOs": "work of a non-governmental organisation paid by Korea",
}
ADVICE: Final = {EXPERTS, "Development Study-Preliminary", "Development Study-Follow up"}
DURATION: Final = re.compile(r"(\d{4}-\d\d-\d\d)~(\d{4}-\d\d-\d\d)")
LONGEST_COURSE: Final = 400


@dataclass(frozen=True, slots=True)
class Entry:
    """One row, with what is needed of it."""

    line: int
    id: str
    year: int
    country: str
    name: str
    kind: str
    agency: str
    usd: float | None
    won: float | None
    span: tuple[date, date] | None
    codes: tuple[str, ...]
    sector: str


@dataclass(frozen=True, slots=True)
class Share:
    """A row and all rows of the same project in the same country, or of the same course in every country, in the order of the file."""

    own: Entry
    all: Sequence[Entry]


class Koica:
    """Rows of one name, kind and country are one project; rows of one course, whatever the country, one offer."""

    name = "koica"
    version = 1
    rank = 40
    title = "Korea project list 1991–2007"
    refresh = "yearly"

    def recognises(self, file: InputFile) -> bool:
        head = file.head(400).decode("utf-8", "replace")
        # Subsets repeat the main file: taken for data sets, they would withdraw what they leave out.
        return file.suffix == ".csv" and "project_year" in head and "type_of_cooperation" in head and "subset" not in file.stem

    def source(self, _file: InputFile) -> Record:
        values: dict[str, Value] = {
            "title": "Korea project list 1991–2007 (AidData)",
            "publisher": "AidData",
            "licence": "ODC-By 1.0",
            "sourceUrl": "https://www.aiddata.org",
        }
        return Record("Source", SOURCE, values)

    def dataset(self, file: InputFile) -> str:
        return file.stem

    def as_of(self, _file: InputFile) -> str | None:
        return None

    def rows(self, file: InputFile) -> Iterator[Row[Share | str] | Rejected]:
        groups: dict[tuple[str, ...], list[Entry]] = {}
        for row in table(file, required=COLUMNS):
            found = row if isinstance(row, Rejected) else _entry(row)
            if isinstance(found, Entry):
                groups.setdefault(_group(found), []).append(found)
            elif isinstance(found, str):
                yield Row(row.line, found)
            else:
                yield found
        for entries in groups.values():
            for entry in entries:
                yield Row(entry.line, Share(entry, entries))

    def read(self, row: Row[Share | str], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        if isinstance(row.cells, str):
            return OutOfScope(row.cells)
        make = _offer if row.cells.own.kind == COURSES else _project
        return make(row.cells, resolver)


def _entry(row: Row[Cells]) -> Entry | Rejected | str:
    """The row; or why it is no project, in words."""
    cells = row.cells
    kind, name = cells.get("type_of_cooperation", ""), " ".join(cells.get("project_name", "").split())
    if kind != COURSES and kind not in KINDS:
        return f"“{kind}” names an occupation or a budget line, no project"
    if not re.search(r"[^\W\d_]", name):
        return "the row names no project"
    if not re.fullmatch(r"\d{1,9}", cells.get("id", "")):
        return Rejected(row.line, "id", cells.get("id", ""), "is not a number")
    when = year(cells.get("project_year", ""))
    if when is None:
        return Rejected(row.line, "project_year", cells.get("project_year", ""), "is not a year", ("1991 to 2007",))
    return Entry(
        row.line,
        cells["id"],
        when,
        cells.get("country", ""),
        name,
        kind,
        cells.get("recipient_agency", ""),
        _amount(cells.get("usd_amount", "")),
        _amount(cells.get("won_amount", "")),
        _span(cells.get("duration", "")),
        tuple(re.findall(r"\b\d{5}\b", f"{cells.get('Aid_Data_purposecode', '')} {cells.get('AidData_activity_codes', '')}")),
        ", ".join(dict.fromkeys(cells[c].lower() for c in ("koica_sector", "crs_code_name") if cells.get(c))),
    )


def _amount(text: str) -> float | None:
    """Amounts may be below nought: a correction of an earlier year, which the sum takes in."""
    return float(text) if re.fullmatch(r"-?\d{1,15}(?:\.\d{1,9})?", text) else None


def _span(text: str) -> tuple[date, date] | None:
    found = DURATION.fullmatch(text)
    try:
        first, last = (date.fromisoformat(found[1]), date.fromisoformat(found[2])) if found else (date.max, date.min)
    except ValueError:
        return None
    return (first, last) if first <= last else None


def _group(entry: Entry) -> tuple[str, ...]:
    name = " ".join(words(entry.name)) or entry.name
    return (entry.kind, name) if entry.kind == COURSES else (entry.kind, name, entry.country)


def _project(share: Share, resolver: Resolver) -> Draft | Rejected:
    entries, own = share.all, share.own
    first = min(entries, key=lambda e: int(e.id))
    record = f"project:koica-{first.id}"
    found, unknown = countries(own.country, resolver, own.line, "country", record)
    if unknown:
        return unknown[0]
    years = _years(entries)
    country = found[0].target if len(found) == 1 else None
    place = resolver.countries.names[country.partition(":")[2]] if country else own.country
    title = f"Korean experts in {place}: {first.name}" if own.kind == EXPERTS else first.name
    values: dict[str, Value] = {
        "title": cut(title, LONGEST_TITLE),
        "summary": f"{title}: {KINDS[own.kind]}, {place}, {years}. Sector: {first.sector or 'not named'}.",
        "lang": "en",
        **_when(entries),
        **_money(entries),
    }
    values["status"] = _status(values).value
    return Draft(
        [Record("Project", record.partition(":")[2], values, {"countries": found} if found else {})],
        row=_row(first, entries, years),
        about=About(title, first.sector, _codes(entries)),
        follows=True,
        finish=partial(_with_parties, entries=entries, country=country, resolver=resolver),
    )


def _row(first: Entry, entries: Sequence[Entry], years: str) -> str:
    more = f" (and {len(entries) - 1} more rows)" if len(entries) > 1 else ""
    return f"id {first.id}{more}; {years}; {first.country}"


def _years(entries: Sequence[Entry]) -> str:
    first, last = min(e.year for e in entries), max(e.year for e in entries)
    return str(first) if first == last else f"{first}–{last}"


def _when(entries: Sequence[Entry]) -> dict[str, Value]:
    spans = [e.span for e in entries if e.span]
    if entries[0].kind == EXPERTS and len(spans) == len(entries):
        return {"startDate": min(s[0] for s in spans), "endDate": max(s[1] for s in spans), "datePrecision": "DAY"}
    starts = [e.year for e in entries] + [s[0].year for s in spans]
    ends = [e.year for e in entries] + [s[1].year for s in spans]
    return dates(min(starts), max(ends))


def _money(entries: Sequence[Entry]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    if (usd := sum(e.usd or 0 for e in entries)) > 0:
        values["amountUsd"] = round(usd, 2)
    if (won := sum(e.won or 0 for e in entries)) > 0:
        values |= {"amount": round(won, 2), "currency": "KRW", "amountDate": date(max(e.year for e in entries), 12, 31)}
    return values


def _status(values: dict[str, Value]) -> ProjectStatus:
    """The list says nothing of it: what ended within its years is over, of the rest nobody knows."""
    end = values.get("endDate")
    return ProjectStatus.CLOSED if isinstance(end, date) and end.year <= LAST_YEAR else ProjectStatus.UNKNOWN


def _codes(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Purpose codes; the agency's own sector of information and communication technology stands for the code that means it."""
    return tuple(dict.fromkeys(code for e in entries for code in ((ICT,) if e.sector.startswith("ict,") else ()) + e.codes))


def _korea(resolver: Resolver) -> str:
    return resolver.organization("Korea International Cooperation Agency", kind=OrganizationKind.BILATERAL_AGENCY)


def _with_parties(project: Record, *, entries: Sequence[Entry], country: str | None, resolver: Resolver) -> Record:
    koica = _korea(resolver)
    latest = next((e.agency for e in reversed(entries) if e.agency), "")
    kind = OrganizationKind.NGO if entries[0].kind == "NGOs" else None
    theirs = None if latest == entries[0].name else agency(latest, resolver, kind=kind, country=country)
    parties: dict[str, list[str | None]] = {
        "funders": [koica, "country:KOR"],
        "implementers": [koica, theirs],
        "supporters": ["country:KOR"] if entries[0].kind in ADVICE else [],
    }
    return Record(project.label, project.key, project.properties, {**project.links, **linked(parties)})


def _offer(share: Share, resolver: Resolver) -> Draft | OutOfScope | Rejected:
    entries, own = share.all, share.own
    record, row = _course(entries, resolver)
    _, unknown = countries(own.country, resolver, own.line, "country", record)
    if unknown:
        return unknown[0]
    found, _ = countries("; ".join(dict.fromkeys(e.country for e in entries)), resolver, own.line, "country", record)
    if not found:
        return OutOfScope("the course names no country that took part", record)
    name = entries[0].name
    last = max(e.year for e in entries)
    took_part = "one country" if len(found) == 1 else f"{len(found)} countries and territories"
    values: dict[str, Value] = {
        "title": cut(f"{name}: training course in Korea", LONGEST_TITLE),
        "summary": f"{name}: a training course to which Korea invited officials and specialists from {took_part}, {_years(entries)}. "
        f"Sector: {entries[0].sector or 'not named'}.",
        "kind": OfferKind.CAPACITY_BUILDING.value,
        "mode": Delivery.ABROAD.value,
        "date": date(last, 1, 1),
        "datePrecision": "YEAR",
        "durationDays": _days([e for e in entries if e.year == last]),
        "lang": "en",
    }
    links = {"providers": [Link("country:KOR")], "openTo": found}
    return Draft(
        [Record("Offer", record.partition(":")[2], values, links)],
        row=row,
        # Courses that a record kept by hand joins: the latest speaks.
        as_of=date(last, 1, 1).isoformat(),
        about=About(name, entries[0].sector, _codes(entries)),
        follows=True,
        finish=partial(_by_koica, resolver=resolver),
    )


def _course(entries: Sequence[Entry], resolver: Resolver) -> tuple[str, str]:
    """The course's id, and its row as the starter data writes it: the name and the years. A course that is kept by hand keeps its id."""
    rows = []
    for spelling in dict.fromkeys(e.name for e in entries):
        years = [e.year for e in entries if e.name == spelling]
        rows.append(f"{spelling}, {min(years)}" + (f"-{max(years)}" if max(years) > min(years) else ""))
    known = next((record for row in rows if (record := resolver.record_of(f"source:{SOURCE}", row))), None)
    return known or f"offer:koica-course-{slug('-'.join(words(entries[0].name)), 45)}", rows[0]


def _days(entries: Sequence[Entry]) -> int | None:
    lengths = [(e.span[1] - e.span[0]).days + 1 for e in entries if e.span]
    return next((days for days in lengths if days <= LONGEST_COURSE), None)


def _by_koica(offer: Record, *, resolver: Resolver) -> Record:
    providers = [*offer.links["providers"], Link(_korea(resolver))]
    return Record(offer.label, offer.key, offer.properties, {**offer.links, "providers": providers})
