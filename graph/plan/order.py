"""Order and place: by what a list is sorted, and which records lie behind a cursor.

Records without the sort value come last, whichever way the values run; the id is always the last key. A condition behind a
cursor begins with a plain bound on the first key, which keeps its range index; alternatives alone would lose it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from graph import cursor as cursors
from graph.database import identifier
from graph.hops import Hop, hops
from graph.model import Kind, NodeType
from graph.plan.filters import count_of
from graph.plan.writing import Writing

Order = Mapping[str, Any]
"""One key as it was given: a property with a direction, a to-one relationship with a key of its target, a relationship's count."""
ASC: Final = "ASC"
DESC: Final = "DESC"
COUNT: Final = "Count"
RELEVANCE: Final = "relevance"
KEYS: Final = 5
"""Keys of one order at the most."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its name in cursors, what it is in Cypher, which way it runs, whether records may lack it.

    `property` is the stored property that it reads straight from the record, where it does; `computed` keys cost more than a
    look and are computed once; `temporal` is how cursors mark a date or a moment, where it is one.
    """

    name: str
    expression: str
    descending: bool
    nullable: bool
    property: str | None = None
    computed: bool = False
    temporal: str | None = None

    def shown(self) -> str:
        """The value as cursors have it: dates and moments as marked text, which costs the driver less than values of their own."""
        x = self.expression
        return x if self.temporal is None else f"CASE WHEN {x} IS NULL THEN null ELSE {{{self.temporal}: toString({x})}} END"

    def label(self) -> str:
        return f"{self.name} {DESC if self.descending else ASC}"


def direction(value: Any) -> bool:
    """Whether it runs downwards."""
    return str(getattr(value, "value", value)) == DESC


def sort_name(keys: Sequence[Key]) -> str:
    """What cursors are made for: `startDate DESC, title ASC`."""
    return ", ".join(key.label() for key in keys)


def default_keys(types: Sequence[NodeType], alias: str) -> tuple[Key, ...]:
    """The order in which a person would expect records of these types."""
    if len(types) == 1:
        [(name, descending)] = types[0].default_sort
        return (_property_key(types[0], name, alias, descending),)
    titles = [f"{alias}.{identifier(name)}" for name in dict.fromkeys(t.title for t in types)]
    return (Key("title", titles[0] if len(titles) == 1 else f"coalesce({', '.join(titles)})", False, True),)


def keys_of(types: Sequence[NodeType], order: Sequence[Order], alias: str, writing: Writing) -> tuple[Key, ...]:
    """The keys that an order names."""
    if not order:
        return default_keys(types, alias)
    return tuple(_key(types[0], given, alias, writing) for given in order)


def _key(node_type: NodeType, given: Order, alias: str, writing: Writing, prefix: str = "") -> Key:
    [(name, value)] = given.items()
    if name in node_type.by_physical_name or name == "id":
        key = _property_key(node_type, name, alias, direction(value))
        return replace(key, name=prefix + key.name, property=None if prefix else key.property)
    steps = hops(node_type.label)
    if name in steps and not steps[name].many:
        return _far_key(steps[name], value, alias, writing, f"{prefix}{name}.")
    return Key(prefix + name, count_of(steps[name.removesuffix(COUNT)], alias, writing), direction(value), False, computed=True)


def _property_key(node_type: NodeType, name: str, alias: str, descending: bool) -> Key:
    prop = node_type.by_physical_name.get(name)
    # Required ones are stored by the writer always; a name in another language is not.
    nullable = prop is not None and not (prop.required and name == prop.name)
    expression = f"{alias}.{identifier(name)}"
    if prop is not None and prop.kind is Kind.BOOLEAN:
        return Key(name, f"coalesce({expression}, false)", descending, False)
    return Key(name, expression, descending, nullable, name, temporal=cursors.TEMPORAL.get(prop.kind) if prop else None)


def _far_key(hop: Hop, value: Order, alias: str, writing: Writing, prefix: str) -> Key:
    """A key of the one record at the other end; records that lead nowhere come last."""
    far = writing.name("x")
    [target] = hop.targets
    key = _key(target, value, far, writing, prefix)
    seen = writing.seen(far, target)
    where = f" WHERE {seen}" if seen else ""
    expression = f"head(COLLECT {{ MATCH {hop.pattern(alias, far)}{where} RETURN {key.expression} }})"
    return replace(key, expression=expression, nullable=True, property=None, computed=True)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cursor stands: which of its sort values are absent, and the parameters of the values and of the id."""

    absent: tuple[bool, ...]
    values: tuple[str, ...]
    record: str


def order_by(keys: Sequence[Key], alias: str, backward: bool) -> str:
    """`ORDER BY …`: absent values last, in both directions of reading."""
    parts = []
    for key in keys:
        if key.nullable:
            parts.append(f"{key.expression} IS NULL{' DESC' if backward else ''}")
        parts.append(key.expression + (" DESC" if key.descending != backward else ""))
    parts.append(f"{alias}.id{' DESC' if backward else ''}")
    return f"ORDER BY {', '.join(parts)}"


def behind(keys: Sequence[Key], alias: str, place: Place, backward: bool) -> str:
    """Condition that holds for the records behind a cursor in reading direction."""
    condition = f"{alias}.id {'<' if backward else '>'} {place.record}"
    for key, absent, value in reversed(list(zip(keys, place.absent, place.values, strict=True))):
        condition = _behind_key(key, absent, value, condition, backward)
    return condition


def _behind_key(key: Key, absent: bool, value: str, then: str, backward: bool) -> str:
    x = key.expression
    if absent:
        # Absent values come last, and so first when read backwards.
        return f"({x} IS NULL AND {then})" if not backward else f"({x} IS NOT NULL OR ({x} IS NULL AND {then}))"
    beyond = "<" if key.descending != backward else ">"
    bounded = f"{x} {beyond}= {value} AND ({x} {beyond} {value} OR {then})"
    return f"({bounded} OR {x} IS NULL)" if key.nullable and not backward else f"({bounded})"
