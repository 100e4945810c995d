"""A country's own spreadsheet of needs, offers, practices or essential services, as CSV or XLSX, on the template or like it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from graph.language import detect
from graph.records import Link, Record, Value, validate
from graph.schema import snake
from graph.vocabulary import NeedStatus, Visibility
from ingest.connector import Draft, OutOfScope, Rejected, Row
from ingest.inputs import SPREADSHEETS, InputFile
from ingest.resolution import Resolver, slug
from ingest.sheet_columns import TOPICS, Column, Layout, SheetKind, UnfitError, key_of, layout, parts, reference, value_of
from ingest.textfiles import Cells, table
from ingest.workbooks import Grid, grids

HEADER_ROWS: Final = 3
# What the template puts before the number of a row: it tells one sheet from another, whatever the file is called.
MARK: Final = re.compile(r"([0-9a-f]{8})-\d{1,5}")
# What a spreadsheet shows where a formula failed.
FAILED: Final = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!)")
LONGEST_KEY: Final = 40
DELIMITERS: Final = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet, its layout, and the columns of the sheet that the layout does not have, told with the first row."""

    layout: Layout
    cells: Cells
    strangers: tuple[str, ...] = ()


@dataclass(slots=True)
class Findings:
    """What a row gives, and what is wrong with it: `unfit` makes the row impossible, `aside` is left out of it."""

    line: int
    values: dict[str, Value] = field(default_factory=dict)
    links: dict[str, list[Link]] = field(default_factory=dict)
    unfit: list[Rejected] = field(default_factory=list)
    aside: list[Rejected] = field(default_factory=list)

    def reject(self, column: str, value: str, reason: str, allowed: Sequence[str] = (), *, whole: bool = True) -> None:
        (self.unfit if whole else self.aside).append(Rejected(self.line, column, value[:200], reason, tuple(allowed)))


class Sheet:
    """A row is a record of the country that it names, under the key that it gives itself."""

    name = "sheet"
    version = 1
    rank = 60
    title = "a country's own spreadsheet"
    refresh = "weekly"

    def recognises(self, file: InputFile) -> bool:
        return _layout(_header(file)) is not None

    def source(self, _file: InputFile) -> Record:
        return Record("Source", "sheets", {"title": "Spreadsheets of countries", "publisher": "The countries themselves"})

    def dataset(self, file: InputFile) -> str:
        found = _header(file)
        kind = _layout(found)
        first = next(iter(found.rows), None) if found else None
        key, country = (first.cells.get("key", ""), first.cells.get("country", "")) if first else ("", "")
        name = kind.kind.value if kind else "sheet"
        if mark := MARK.fullmatch(key):
            return f"{name}-{mark[1]}"
        # Two countries may both send a file called `needs.xlsx`.
        return "-".join(part for part in (name, slug(country) if country else "", slug(file.stem)) if part)

    def as_of(self, _file: InputFile) -> str | None:
        return None

    def rows(self, file: InputFile) -> Iterator[Row[Line] | Rejected]:
        found = _header(file)
        chosen = _layout(found)
        if found is None or chosen is None:
            yield Rejected(1, "", file.name, "is no sheet of needs, offers, practices or essential services", _kinds(), broken=True)
            return
        if missing := [name for name in chosen.required if name not in found.header]:
            yield Rejected(
                1, missing[0], ", ".join(found.header)[:200], f"lacks this column of {chosen.kind.value}", chosen.required, broken=True
            )
            return
        strangers = tuple(name for name in found.header if name not in chosen.names)
        seen: dict[str, int] = {}
        for row in _lines(file, found.title):
            if isinstance(row, Rejected):
                yield row
                continue
            cells = _named(row.cells)
            # Keys are written before the rows are: a row that has nothing else is empty.
            if not any(value for name, value in cells.items() if name in chosen.names and name != "key"):
                continue
            key = cells.get("key", "").casefold()
            if key and key in seen:
                yield Rejected(row.line, "key", key, f"is the key of row {seen[key]} as well; every row needs its own")
                continue
            seen[key] = row.line
            yield Row(row.line, Line(chosen, cells, strangers))
            strangers = ()

    def read(self, row: Row[Line], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        chosen, cells = row.cells.layout, row.cells.cells
        found = Findings(row.line)
        for name in row.cells.strangers:
            found.aside.append(Rejected(1, name, name, f"is no column of {chosen.kind.value} and was not read", chosen.names))
        country = _country(cells, resolver, found)
        key = _key(cells, found)
        for column in chosen.columns:
            _take(column, chosen, cells.get(column.name, ""), found)
        _topics(cells, found)
        _completed(chosen, cells, country, resolver, found)
        record = _record(chosen, key, country, found) if key and country else None
        if record is None or found.unfit:
            return _rejected(found, record)
        state = country.partition(":")[2]
        name = resolver.countries.names[state]
        source: dict[str, Value] = {"title": f"Spreadsheets of {name}", "publisher": name}
        organization = cells.get("organization", "") if chosen.kind is SheetKind.OFFERS else ""
        return Draft(
            [record],
            row=key,
            source=Record("Source", f"sheet-{state.lower()}", source),
            finish=partial(_with_provider, name=organization, country=country, resolver=resolver) if organization else None,
            set_aside=tuple(found.aside),
        )


def _kinds() -> tuple[str, ...]:
    return tuple(f"{kind.value}: {', '.join(layout(kind).required)}" for kind in SheetKind)


def _header(file: InputFile) -> Grid | None:
    """The first rows of the sheet that a file is about, under the names that its columns have here; None where there is none."""
    if file.suffix in SPREADSHEETS:
        try:
            found = grids(file, most_rows=HEADER_ROWS)
        except ValueError:
            return None
    elif file.suffix == ".csv":
        found = [_csv_header(file)]
    else:
        return None
    normal = [Grid(grid.title, tuple(map(_name, grid.header)), tuple(Row(r.line, _named(r.cells)) for r in grid.rows)) for grid in found]
    return next((grid for grid in normal if _layout(grid)), None)


def _csv_header(file: InputFile) -> Grid:
    rows: list[Row[Cells]] = []
    for row in table(file, delimiter=_delimiter(file)):
        if isinstance(row, Row):
            rows.append(row)
        if len(rows) == HEADER_ROWS:
            break
    # A sheet without rows has a header all the same.
    names = tuple(rows[0].cells) if rows else tuple(_first_line(file).split(_delimiter(file)))
    return Grid(file.stem, names, tuple(rows))


def _first_line(file: InputFile) -> str:
    return file.head().decode("utf-8-sig", "replace").partition("\n")[0]


def _delimiter(file: InputFile) -> str:
    """Spreadsheets of many languages write CSV with semicolons."""
    line = _first_line(file)
    return max(DELIMITERS, key=line.count)


def _layout(grid: Grid | None) -> Layout | None:
    """The kind whose columns the header has most of: key, country and at least half of what is required."""
    # Tables of the starter data name the row of their source; they are loaded as they are.
    if grid is None or not {"key", "country"} <= set(grid.header) or "source_row" in grid.header:
        return None
    header = set(grid.header)
    best = max((layout(kind) for kind in SheetKind), key=lambda chosen: (len(header & set(chosen.names)), chosen.kind.value == grid.title))
    own = set(best.required) - {"key", "country"}
    return best if 2 * len(own & header) >= len(own) else None


def _lines(file: InputFile, title: str) -> Iterator[Row[Cells] | Rejected]:
    if file.suffix == ".csv":
        yield from table(file, delimiter=_delimiter(file))
        return
    try:
        found = grids(file)
    except ValueError as error:
        yield Rejected(1, "", file.name, str(error), broken=True)
        return
    yield from next(grid.rows for grid in found if grid.title == title)


def _name(column: str) -> str:
    return re.sub(r"[\s-]+", "_", column.strip().casefold())


def _named(cells: Mapping[str, str]) -> Cells:
    return {_name(name): value for name, value in cells.items()}


def _country(cells: Cells, resolver: Resolver, found: Findings) -> str:
    name = cells.get("country", "")
    country = resolver.country(name)
    if name and country is None:
        found.reject("country", name, "is no country that the network knows", resolver.countries.near(name))
    return country or ""


def _key(cells: Cells, found: Findings) -> str:
    key = cells.get("key", "")
    if key and not (re.search(r"[^\W_]", key) and len(key) <= LONGEST_KEY):
        found.reject("key", key, f"is not a key: letters or digits, at most {LONGEST_KEY} characters")
        return ""
    return key


def _take(column: Column, chosen: Layout, text: str, found: Findings) -> None:
    """Check one cell and put what it says into the row's values."""
    whole = column.required or column.closed
    if not text:
        if column.required:
            found.reject(column.name, "", "is required and is empty", () if column.open else column.allowed)
    elif FAILED.fullmatch(text):
        found.reject(column.name, text, "is a formula that failed; write the value itself", whole=whole)
    elif column.field:
        try:
            found.values[column.field] = value_of(column, chosen.property_of(column), text)
        except UnfitError as error:
            found.reject(column.name, text, str(error), error.allowed, whole=whole)


def _topics(cells: Cells, found: Findings) -> None:
    topics: dict[str, None] = {}
    for column in TOPICS:
        text = cells.get(column, "")
        if text and not FAILED.fullmatch(text):
            key = key_of("topics.csv", text)
            if key is None:
                found.reject(column, text, "is no topic of the network", [names[0] for names in reference("topics.csv").values()])
            else:
                topics[f"topic:{key}"] = None
    if topics:
        found.links["topics"] = [Link(topic) for topic in topics]


def _completed(chosen: Layout, cells: Cells, country: str, resolver: Resolver, found: Findings) -> None:
    """What follows from the cells: language, status, dollars, and the links to countries."""
    values, kind = found.values, chosen.kind
    if "lang" not in values:
        told = " ".join(str(values.get(name) or "") for name in ("name", "title", "summary", "description"))
        values["lang"] = detect(told).code or "en"
    if kind is not SheetKind.ESSENTIAL_SERVICES:
        # As everywhere: what leaves a country leaves it on purpose.
        values.setdefault("visibility", Visibility.MEMBERS.value)
        values["datePrecision"] = "DAY"
    if kind is SheetKind.NEEDS:
        values.setdefault("status", NeedStatus.OPEN.value)
        if values.get("currency") == "USD" and "amount" in values:
            values["amountUsd"] = values["amount"]
    if kind is SheetKind.OFFERS:
        found.links["providers"] = [Link(country)] if country else []
        found.links["openTo"] = _open_to(cells.get("open_to", ""), resolver, found)
    elif country:
        found.links["country"] = [Link(country)]


def _open_to(text: str, resolver: Resolver, found: Findings) -> list[Link]:
    links: dict[str, None] = {}
    for part in [] if FAILED.fullmatch(text) else parts(text):
        group = key_of("country_groups.csv", part)
        target = f"group:{group}" if group else resolver.country(part)
        if target is None:
            groups = [names[0] for names in reference("country_groups.csv").values()]
            found.reject("open_to", part, "is no country and no group of countries", [*resolver.countries.near(part), *groups])
        else:
            links[target] = None
    return [Link(target) for target in links]


def _record(chosen: Layout, key: str, country: str, found: Findings) -> Record:
    record = Record(chosen.label, f"sheet-{country.partition(':')[2].lower()}-{slug(key, LONGEST_KEY)}", found.values, found.links)
    told = {rejected.field for rejected in found.unfit}
    for problem in validate(record):
        column = _column_of(problem.field, chosen)
        if column not in told:
            found.reject(column, problem.value, problem.reason, problem.allowed)
    return record


def _column_of(name: str, chosen: Layout) -> str:
    column = {"topics": TOPICS[0], "openTo": "open_to", "providers": "country"}.get(name) or snake(name)
    return column if column in chosen.names else name


def _rejected(found: Findings, record: Record | None) -> Rejected:
    known = record.id if record else None
    every = [Rejected(r.line, r.field, r.value, r.reason, r.allowed, known) for r in (*found.unfit, *found.aside)]
    return Rejected(every[0].line, every[0].field, every[0].value, every[0].reason, every[0].allowed, known, also=tuple(every[1:]))


def _with_provider(offer: Record, *, name: str, country: str, resolver: Resolver) -> Record:
    """An offer of an organisation is that of its country as well."""
    providers = [Link(resolver.organization(name, country=country)), *offer.links["providers"]]
    return Record(offer.label, offer.key, offer.properties, {**offer.links, "providers": providers})
