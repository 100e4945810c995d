"""The files of the Digital Impact Exchange, each in a layout of its own, as works, products and designs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeVar

from ingest.connector import Rejected, Row
from ingest.inputs import InputFile
from ingest.jsonfiles import Object, items, objects, text, texts
from ingest.textfiles import Cells, clean, table
from ingest.texts import address, without_contacts

NOTHING: Final = {"", "na", "n/a", "null", "none", "no", "unknown", "unavailable", "don't know", "other"}


@dataclass(frozen=True, slots=True)
class Work:
    """A digital tool in use somewhere: a project. Parties are cells with names."""

    name: str
    countries: str
    text: str
    about: str = ""
    funders: str = ""
    implementers: str = ""
    software: str = ""
    start: date | None = None
    end: date | None = None
    url: str | None = None
    bad: tuple[tuple[str, str], ...] = ()
    """Fields, with their values, that are no dates."""


@dataclass(frozen=True, slots=True)
class Product:
    """Reusable software: a solution."""

    name: str
    text: str
    licence: str
    goals: tuple[str, ...]
    website: str | None
    repository: str | None
    owners: tuple[str, ...]
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    """A use case or building block: a solution under the catalogue's own licence."""

    slug: str
    name: str
    text: str
    kind: str


Item = Work | Product | Design
T = TypeVar("T")
TOOLS: Final = "country phase,source,country,tool,"
ATLAS: Final = "Name,Country,Implementation Date,"
TRACKER: Final = "Platform Name,Jurisdiction of Origin,"
USES: Final = "Countries of Implementation,List with Line Breaks,"
GOODS: Final = "digital-global-goods.json"
STACK: Final = "india-stack.json"
DESIGNS: Final = {"use-cases.json": "use case", "building-blocks.json": "building block"}


def layout(file: InputFile) -> str | None:
    """Which of the layouts a file has: the beginning of its header, or its name."""
    head = file.head(400).decode("utf-8", "replace").lstrip("\ufeff")
    if file.suffix == ".csv":
        return next((opening for opening in (TOOLS, ATLAS, TRACKER, USES) if head.startswith(opening)), None)
    if file.name in {GOODS, STACK}:
        return file.name if '"name"' in head else None
    return file.name if file.name in DESIGNS and '\\"ops\\"' in head else None


def read(file: InputFile) -> Iterator[Row[Item] | Rejected]:
    """The rows of a file. `GOODS` comes with `USES`, which says where its products are in use, as parts of one file."""
    parts = {layout(part): part for part in file.parts}
    if GOODS in parts:
        yield from _products(parts[GOODS], parts.get(USES))
        return
    found = layout(file)
    if found == GOODS:
        yield from _products(file, None)
    elif found == STACK:
        yield from _each(items(file), _platform)
    elif found in DESIGNS:
        yield from _each(items(file), lambda cells: _design(cells, DESIGNS[file.name]))
    elif found in READERS:
        columns, reader = READERS[found]
        yield from _each(table(file, required=columns), reader)


def _each(rows: Iterator[Row[T] | Rejected], reader: Callable[[T], Item]) -> Iterator[Row[Item] | Rejected]:
    for row in rows:
        yield row if isinstance(row, Rejected) else Row(row.line, reader(row.cells))


def _tool(cells: Cells) -> Work:
    contributes = cells.get("govt_contribution", "").casefold().startswith("yes")
    return Work(
        _said(cells, "tool"),
        _said(cells, "country"),
        _text(cells, "tool_description"),
        f"{_said(cells, 'use_cases')} {'government' if contributes else ''}",
        _said(cells, "funder"),
        _said(cells, "implementer"),
        _said(cells, "software"),
        url=address(cells.get("tool_link", "")),
    )


def _atlas(cells: Cells) -> Work:
    dates = {name: _date(cells.get(name, "")) for name in ("Start Date", "End Date")}
    start, end = (value if isinstance(value, date) else None for value in dates.values())
    return Work(
        _said(cells, "Name"),
        _said(cells, "Country"),
        _text(cells, "Overview of digital health implementation"),
        f"{_said(cells, 'Health Focus Areas')} {'government' if cells.get('Government Investor') == 'yes' else ''}",
        _said(cells, "Donors"),
        ";".join(filter(None, (_said(cells, "Organisation Name").replace(",", " "), _said(cells, "Implementing Partners")))),
        _said(cells, "Software"),
        start,
        end if start is None or end is None or end >= start else None,
        bad=tuple((name, value) for name, value in dates.items() if isinstance(value, str)),
    )


def _platform_of(cells: Cells) -> Work:
    return Work(
        _said(cells, "Platform Name"),
        _said(cells, "Jurisdiction of Origin"),
        _text(cells, "Description"),
        f"government {_said(cells, 'Pillar')}",
        implementers=_said(cells, "Lead Organization"),
        url=address(cells.get("Link", "")),
    )


def _platform(cells: Object) -> Work:
    owners = [text(owner.get("name")) for owner in objects(cells.get("organizations"))]
    return Work(
        text(cells.get("name")),
        "India",
        without_contacts(text(cells.get("description"))),
        "government",
        implementers="|".join(owner.replace("|", " ") for owner in owners if owner),
        url=address(text(cells.get("website"))),
    )


def _design(cells: Object, kind: str) -> Design:
    return Design(text(cells.get("slug")), text(cells.get("name")), without_contacts(quill(text(cells.get("description")))), kind)


def _products(goods: InputFile, uses: InputFile | None) -> Iterator[Row[Item] | Rejected]:
    """Products with the countries of the other file; then those that only that one names."""
    countries: dict[str, list[str]] = {}
    spelling: dict[str, str] = {}
    for row in table(uses, required=("Countries of Implementation", "List with Line Breaks")) if uses else ():
        if isinstance(row, Rejected):
            yield row
            continue
        for name in filter(None, map(clean, row.cells["List with Line Breaks"].splitlines())):
            countries.setdefault(name.casefold(), []).append(row.cells["Countries of Implementation"])
            spelling.setdefault(name.casefold(), name)
    line = 0
    for found in items(goods):
        line = found.line
        if isinstance(found, Rejected):
            yield found
        else:
            product = _product(found.cells)
            yield Row(line, replace(product, countries=tuple(countries.pop(product.name.casefold(), ()))))
    for name, where in countries.items():
        line += 1
        yield Row(line, Product(spelling[name], "", "", (), None, None, (), tuple(where)))


def _product(cells: Object) -> Product:
    return Product(
        text(cells.get("name")),
        without_contacts(text(cells.get("description"))),
        text(cells.get("license")),
        tuple(texts(cells.get("SDGs"))),
        address(text(cells.get("website"))),
        address(text(cells.get("repositoryURL"))),
        tuple(n for owner in objects(cells.get("organizations")) if (n := text(owner.get("name")))),
    )


def quill(delta: str) -> str:
    """The text of a Quill document, which is JSON inside a text; the text itself where it is none."""
    try:
        found = json.loads(delta)
    except (ValueError, RecursionError):
        return delta
    if not isinstance(found, dict):
        return delta
    told = "".join(insert for op in objects(found.get("ops")) if isinstance(insert := op.get("insert"), str))
    return re.sub(r"[ \t]*\n\s*", "\n", clean(told.replace("\u00a0", " ")))


def _said(cells: Cells, column: str) -> str:
    value = cells.get(column, "")
    return "" if value.casefold() in NOTHING else value


def _text(cells: Cells, column: str) -> str:
    return " ".join(without_contacts(_said(cells, column)).split())


def _date(cell: str) -> date | str | None:
    """The day; None where there is none, or one that stands for no end (31/12/2199); the cell itself where it is no date."""
    if not cell:
        return None
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", cell)
    try:
        day = date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        day = None
    return cell if day is None else day if day.year < 2100 else None


READERS: Final[dict[str | None, tuple[tuple[str, ...], Callable[[Cells], Item]]]] = {
    TOOLS: (("country", "tool", "tool_description", "funder", "implementer"), _tool),
    ATLAS: (("Name", "Country", "Overview of digital health implementation"), _atlas),
    TRACKER: (("Platform Name", "Jurisdiction of Origin", "Description"), _platform_of),
}
