"""Tables in, records out: one CSV file is one node type, a column is a property or a relationship of the model.

Every bad row comes back as a `Rejected` with file, line, column, value, reason and what is allowed; good rows go on.
Must not know the database.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from rapidfuzz import process

from graph.model import MODEL, Kind, NodeType, Property, Relationship
from graph.records import Link, Problem, Record, Value, validate
from graph.schema import snake

KEY: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*|[A-Z]{3}")
MAX_FIELD: Final = 200_000


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was set aside. `line` is the line in the file, the header is line 1."""

    file: str
    line: int
    column: str
    value: str
    reason: str
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        allowed = f" Allowed: {', '.join(self.allowed)}." if self.allowed else ""
        return f"{self.file}, line {self.line}, column {self.column}: “{self.value}” {self.reason}.{allowed}"


@dataclass(frozen=True, slots=True)
class Row:
    """A record with the line it stood on."""

    line: int
    record: Record


@dataclass(slots=True)
class Table:
    """What one file gave."""

    file: str
    rows: list[Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    read: int = 0


@dataclass(frozen=True, slots=True)
class LinkColumn:
    """A column that names other records. `properties` are the link's own; `extra` maps its property to a column beside it."""

    relationship: str
    properties: Mapping[str, Value] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file's columns map on a node type where they do not simply carry the names of the model."""

    label: str
    links: Mapping[str, LinkColumn] = field(default_factory=dict)
    same_as_key: str | None = None
    derived: Callable[[dict[str, str]], dict[str, Value]] | None = None


def read_table(path: Path, layout: Layout) -> Table:
    """Read one CSV file. A file that is not UTF-8 or has no usable header is one rejection that says so."""
    table = Table(path.name)
    node_type = MODEL[layout.label]
    columns = _link_columns(node_type, layout)
    properties = {_column(name): (name, prop) for name, prop in node_type.content.items()}
    csv.field_size_limit(MAX_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            header = reader.fieldnames or []
            known = {"key", "source", "source_row", *columns, *properties, *(c for link in columns.values() for c in link.extra.values())}
            unknown = [name for name in header if name not in known]
            if "key" not in header or unknown:
                table.rejected.append(
                    Rejected(
                        path.name,
                        1,
                        unknown[0] if unknown else "key",
                        ", ".join(header)[:80],
                        "is not the header of this file",
                        tuple(sorted(known)),
                    )
                )
                return table
            for cells in reader:
                table.read += 1
                _read_row(table, reader.line_num, cells, layout, node_type, columns, properties)
    except UnicodeDecodeError as error:
        table.rejected.append(Rejected(path.name, table.read + 2, "", f"byte {error.start}", "is not UTF-8; save the file as UTF-8"))
    except csv.Error as error:
        table.rejected.append(Rejected(path.name, table.read + 2, "", str(error), "breaks the CSV format; check the quotes of this line"))
    return table


def _read_row(
    table: Table,
    line: int,
    cells: dict[str, str],
    layout: Layout,
    node_type: NodeType,
    columns: Mapping[str, LinkColumn],
    properties: Mapping[str, tuple[str, Property]],
) -> None:
    rejected: list[Rejected] = []

    def reject(column: str, value: str, reason: str, allowed: Sequence[str] = ()) -> None:
        rejected.append(Rejected(table.file, line, column, value[:80], reason, tuple(allowed)))

    if None in cells or None in cells.values():  # DictReader files surplus cells under None
        reject("", "", "has more or fewer cells than the header")
        table.rejected += rejected
        return
    key = cells["key"].strip()
    if not KEY.fullmatch(key) or len(key) > 60:
        reject(
            "key", key, "is not a key: lower-case letters, digits and single hyphens, at most 60 characters; countries in three capitals"
        )
    values = _values(cells, columns, properties, reject)
    if layout.same_as_key:
        values[layout.same_as_key] = key
    if layout.derived:
        values |= layout.derived(cells)
    links = _links(cells, columns, node_type)
    if cells.get("source"):
        links["sources"] = [
            Link(f"source:{cells['source'].strip()}", {"row": cells.get("source_row") or None, "url": cells.get("url") or None})
        ]
    record = Record(node_type.label, key, values, links)
    failed = {r.column for r in rejected}
    for problem in validate(record):
        column = _column_of(problem, columns, properties)
        if column not in failed:
            reject(column, problem.value, problem.reason, problem.allowed)
    if rejected:
        table.rejected += rejected
    else:
        table.rows.append(Row(line, record))


def _link_columns(node_type: NodeType, layout: Layout) -> dict[str, LinkColumn]:
    named = {link.relationship for link in layout.links.values()}
    plain = {snake(r.name): LinkColumn(r.name) for r in node_type.relationships if r.name not in named}
    return plain | dict(layout.links)


def _links(cells: Mapping[str, str], columns: Mapping[str, LinkColumn], node_type: NodeType) -> dict[str, list[Link]]:
    links: dict[str, list[Link]] = {}
    for column, spec in columns.items():
        relationship = node_type.relationship(spec.relationship)
        for key in split(cells.get(column) or ""):
            extra: dict[str, Value] = {name: (cells.get(other) or "").strip() or None for name, other in spec.extra.items()}
            links.setdefault(spec.relationship, []).append(Link(target_id(key, relationship), dict(spec.properties) | extra))
    return links


def target_id(key: str, relationship: Relationship) -> str:
    """The id a key in a cell means: three capitals are a country where the relationship may lead to one."""
    if ":" in key:
        return key
    labels = list(relationship.targets)
    if "Country" in labels and len(labels) > 1:
        labels = ["Country"] if re.fullmatch(r"[A-Z]{3}", key) else [label for label in labels if label != "Country"]
    return f"{MODEL[labels[0]].prefix}:{key}"


def _values(
    cells: Mapping[str, str],
    columns: Mapping[str, LinkColumn],
    properties: Mapping[str, tuple[str, Property]],
    reject: Callable[[str, str, str], None],
) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for column, (name, prop) in properties.items():
        if (text := (cells.get(column) or "").strip()) and column not in columns:
            try:
                values[name] = parse(text, prop)
            except ValueError as error:
                reject(column, text, str(error))
    return values


def _column_of(problem: Problem, columns: Mapping[str, LinkColumn], properties: Mapping[str, tuple[str, Property]]) -> str:
    name = problem.field.partition(".")[0]
    by_property = {physical: column for column, (physical, _) in properties.items()}
    by_link = {link.relationship: column for column, link in columns.items()}
    return by_property.get(name, by_link.get(name, snake(name)))


def _column(name: str) -> str:
    return "url" if name == "sourceUrl" else snake(name)


def split(cell: str) -> list[str]:
    """Values of a cell, separated by `|`, without repeats."""
    return list(dict.fromkeys(part.strip() for part in cell.split("|") if part.strip()))


def parse(text: str, prop: Property) -> Value:
    """The value of a cell. Raises `ValueError` with a reason that ends the sentence “x …”."""
    try:
        match prop.kind:
            case Kind.INTEGER:
                return int(text)
            case Kind.FLOAT:
                return float(text)
            case Kind.DATE:
                return date.fromisoformat(text)
            case Kind.BOOLEAN:
                return {"true": True, "false": False}[text.lower()]
            case Kind.STRINGS:
                return split(text)
            case _:
                return text
    except (ValueError, KeyError):
        wanted = {
            Kind.INTEGER: "a whole number",
            Kind.FLOAT: "a number",
            Kind.DATE: "a date like 2026-03-31",
            Kind.BOOLEAN: "true or false",
        }[prop.kind]
        raise ValueError(f"is not {wanted}") from None


def unknown_targets(tables: Sequence[Table]) -> Iterator[tuple[Table, Row, Rejected]]:
    """Rows whose links lead to no row of these tables, with the nearest keys. Repeated until none is left dangling."""
    left = [(table, row) for table in tables for row in table.rows]
    known = {row.record.id for _, row in left}
    near: dict[str, tuple[str, ...]] = {}
    while True:
        kept, lost = [], []
        for table, row in left:
            missing = next(
                ((name, link.target) for name, links in row.record.links.items() for link in links if link.target not in known), None
            )
            if missing is None:
                kept.append((table, row))
            else:
                lost.append((table, row, *missing))
        if not lost:
            return
        for table, row, name, target in lost:
            if target not in near:
                prefix = target.partition(":")[0] + ":"
                found = process.extract(target, [k for k in known if k.startswith(prefix)], limit=3)
                near[target] = tuple(k.partition(":")[2] for k, _, _ in found)
            yield table, row, Rejected(table.file, row.line, _link_column(name), target, "leads to no record", near[target])
        known -= {row.record.id for _, row, _, _ in lost}
        left = kept


def _link_column(relationship: str) -> str:
    """The column that a person looks for. There is one source to a row, and so the column is called."""
    return "source" if relationship == "sources" else snake(relationship)


def as_rejected(table: Table, row: Row, problem: Problem) -> Rejected:
    """A problem the writer found, with its place in the file."""
    return Rejected(table.file, row.line, snake(problem.field), problem.value, problem.reason, problem.allowed)
