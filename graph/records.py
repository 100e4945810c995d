"""A record on its way in: a node's properties and links, checked against the model before anything is written.

Must not know the database. `validate` returns every problem of a record, with what is allowed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from graph.errors import Code
from graph.model import MODEL, Kind, NodeType, Property, Relationship

Scalar = str | int | float | bool | date | datetime
Value = Scalar | list[str] | None

PYTHON_TYPES: Final[dict[Kind, tuple[type, ...]]] = {
    Kind.STRING: (str,),
    Kind.INTEGER: (int,),
    Kind.FLOAT: (float, int),
    Kind.BOOLEAN: (bool,),
    Kind.DATE: (date,),
    Kind.DATETIME: (datetime,),
    Kind.STRINGS: (list,),
}

# Control characters but for tab and line break, and half a surrogate pair.
UNSTORABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")
# The database's integers have 64 bits.
LEAST: Final = -(2**63)
MOST: Final = 2**63 - 1

# A range index takes 8,167 bytes, a character up to four; a longer name would end a whole batch.
INDEXED: Final = 2_000


@dataclass(frozen=True, slots=True)
class Link:
    """One relationship to another node, by its id, with the relationship's own properties."""

    target: str
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One node: its label, the key after the colon of its id, values by property name, links by relationship name."""

    label: str
    key: str
    properties: Mapping[str, Value]
    links: Mapping[str, Sequence[Link]] = field(default_factory=dict)

    @property
    def type(self) -> NodeType:
        return MODEL[self.label]

    @property
    def id(self) -> str:
        return f"{self.type.prefix}:{self.key}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a record cannot be written: the field, what stood there, the reason, what is allowed, what to do."""

    field: str
    value: str
    reason: str
    allowed: tuple[str, ...] = ()
    code: Code = dataclasses.field(default=Code.INVALID_RECORD, compare=False)
    hint: str | None = dataclasses.field(default=None, compare=False)


def validate(record: Record) -> list[Problem]:
    """Every way in which the record breaks the model; an empty list when it is sound."""
    node_type = record.type
    problems = []
    if not record.key or len(record.key) > 120 or not record.key.isprintable() or " " in record.key:
        problems.append(Problem("key", record.key, "is not a key: no spaces, at most 120 characters"))
    known = node_type.content
    problems += [
        Problem(name, _short(value), f"is not a property of {node_type.label}", tuple(sorted(known)))
        for name, value in record.properties.items()
        if name not in known
    ]
    for name, prop in known.items():
        problems += _check_value(name, prop, record.properties.get(name))
    problems += _check_links(record, node_type)
    return problems


def _check_value(name: str, prop: Property, value: Value) -> Iterator[Problem]:
    if value is None or value in ("", []):
        if prop.required:
            yield Problem(name, "", "is required and is empty", code=Code.FIELD_REQUIRED)
        return
    wrong_bool = isinstance(value, bool) and prop.kind is not Kind.BOOLEAN
    wrong_date = isinstance(value, datetime) and prop.kind is Kind.DATE
    if not isinstance(value, PYTHON_TYPES[prop.kind]) or wrong_bool or wrong_date:
        yield Problem(name, _short(value), f"is not of type {prop.kind.value}", code=Code.VALUE_MALFORMED)
        return
    for item in value if isinstance(value, list) else [value]:
        yield from _check_item(name, prop, item)


def _check_item(name: str, prop: Property, item: Scalar) -> Iterator[Problem]:
    if prop.kind is Kind.STRINGS and not isinstance(item, str):
        yield Problem(name, _short(item), f"is not of type {Kind.STRING.value}", code=Code.VALUE_MALFORMED)
        return
    if prop.enum is not None and item not in (allowed := tuple(m.value for m in prop.enum)):
        yield Problem(name, _short(item), "is not an allowed value", allowed, Code.VALUE_NOT_ALLOWED)
    if isinstance(item, float) and not math.isfinite(item):
        yield Problem(name, _short(item), "is not a finite number", code=Code.VALUE_MALFORMED)
    elif isinstance(item, int) and not LEAST <= item <= MOST:
        yield Problem(name, _short(item), "has more digits than can be stored", code=Code.VALUE_OUT_OF_RANGE)
    elif isinstance(item, int | float) and not (-math.inf if prop.minimum is None else prop.minimum) <= item <= (
        math.inf if prop.maximum is None else prop.maximum
    ):
        yield Problem(name, _short(item), "is out of range", (_range(prop),), Code.VALUE_OUT_OF_RANGE)
    if isinstance(item, str):
        if len(item) > (longest := min(prop.max_length, INDEXED) if prop.indexed else prop.max_length):
            yield Problem(name, _short(item), f"is longer than {longest} characters", code=Code.TEXT_TOO_LONG)
        # Half a surrogate pair has no UTF-8, so that it could be neither hashed nor sent.
        if UNSTORABLE.search(item):
            yield Problem(name, _short(item), "has control characters", code=Code.VALUE_MALFORMED)


def _range(prop: Property) -> str:
    if prop.maximum is None:
        return f"{prop.minimum} or more"
    return f"{prop.maximum} or less" if prop.minimum is None else f"{prop.minimum} to {prop.maximum}"


def _check_links(record: Record, node_type: NodeType) -> Iterator[Problem]:
    relationships = {r.name: r for r in node_type.all_relationships}
    for name in record.links:
        if name not in relationships:
            yield Problem(name, "", f"is not a relationship of {node_type.label}", tuple(sorted(relationships)))
    for name, relationship in relationships.items():
        links = record.links.get(name, ())
        if relationship.required and not links:
            yield Problem(name, "", "is required and has no target", code=Code.FIELD_REQUIRED)
        if not relationship.many and len(links) > 1:
            yield Problem(name, "|".join(link.target for link in links), "takes one target only")
        for link in links:
            yield from _check_link(name, relationship, link)


def _check_link(name: str, relationship: Relationship, link: Link) -> Iterator[Problem]:
    target = MODEL.by_prefix.get(link.target.partition(":")[0])
    if target is None or target.label not in relationship.targets:
        yield Problem(name, link.target, "does not lead to the right kind of record", relationship.targets, Code.VALUE_MALFORMED)
    declared = {p.name: p for p in relationship.stored_properties}
    for prop in declared.values():
        yield from _check_value(f"{name}.{prop.name}", prop, link.properties.get(prop.name))
    for extra in set(link.properties) - set(declared):
        yield Problem(
            f"{name}.{extra}", _short(link.properties[extra]), f"is not a property of {relationship.type}", tuple(sorted(declared))
        )


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:79] + "…"


def stored_properties(record: Record) -> dict[str, Value]:
    """All declared properties of the node, absent ones as None, so that a write also clears what is no longer there.

    Documents get the `visibility` and the evidence `date` that their type implies.
    """
    node_type = record.type
    out: dict[str, Value] = {name: record.properties.get(name) or _zero(record.properties.get(name)) for name in node_type.content}
    if "visibility" in out and out["visibility"] is None:
        out["visibility"] = "PUBLIC"
    if node_type.text is not None:
        # The vector index filters on these three inside the index.
        out["documentType"] = node_type.label
        out["evidence"] = node_type.text.evidence
        out["date"] = out.get(node_type.text.date) if node_type.text.date else None
    return out


def _zero(value: Value) -> Value:
    return value if isinstance(value, int | float) else None


def content_hash(record: Record) -> str:
    """Changes when a property or a link of the record changes; the order of links does not matter. 16 hex digits."""
    links = {name: sorted(_link_text(link) for link in found) for name, found in record.links.items() if found}
    properties = {name: value for name, value in stored_properties(record).items() if value is not None}
    text = json.dumps([record.label, record.key, properties, links], sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _link_text(link: Link) -> str:
    return json.dumps([link.target, {k: v for k, v in link.properties.items() if v is not None}], sort_keys=True, default=str)
