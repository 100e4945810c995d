"""Reads of nodes and of what they are linked to: pure builders of Cypher from the model, and the rows they bring.

Pages are by keyset (sort value and id), never by offset. Visibility is part of every query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graph import cursor as cursors
from graph.database import Database, Query, identifier
from graph.errors import Code, NetworkError
from graph.model import MODEL, NodeType, Relationship
from graph.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Node:
    """One record as read: its type, id, values by physical property name."""

    type: NodeType
    id: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edge:
    """A node in a list: its cursor and the properties of the relationship that led to it."""

    node: Node
    cursor: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list in the list's own order."""

    edges: tuple[Edge, ...]
    has_next: bool
    has_previous: bool


@dataclass(frozen=True, slots=True)
class PageArgs:
    """Relay's four arguments, checked: either the first `limit` behind `cursor`, or the last `limit` before it."""

    limit: int
    cursor: str | None = None
    backward: bool = False

    @classmethod
    def of(cls, first: int | None, after: str | None, last: int | None, before: str | None, *, largest: int, default: int = 20) -> PageArgs:
        """Raises `PAGE_SIZE` and `CONTRADICTORY_INPUT`."""
        if first is not None and last is not None:
            raise NetworkError(
                Code.CONTRADICTORY_INPUT,
                "`first` and `last` were given together.",
                hint="Page forward with `first` and `after`, or backward with `last` and `before`.",
            )
        if (first is not None or last is None) and before is not None:
            raise NetworkError(Code.CONTRADICTORY_INPUT, "`before` needs `last`.", hint="Page backward with `last` and `before`.")
        if last is not None and after is not None:
            raise NetworkError(Code.CONTRADICTORY_INPUT, "`after` needs `first`.", hint="Page forward with `first` and `after`.")
        size = last if last is not None else default if first is None else first
        if not 0 <= size <= largest:
            raise NetworkError(
                Code.PAGE_SIZE,
                f"A page of {size} records was asked for.",
                hint=f"Ask for 0 to {largest} and page on with the cursor.",
                details={"largest": largest},
            )
        return cls(size, before if last is not None else after, last is not None)


@dataclass(frozen=True, slots=True)
class Hop:
    """A relationship followed from one side. `inverse` follows it from a target back to its owner."""

    owner: NodeType
    relationship: Relationship
    inverse: bool = False

    @property
    def targets(self) -> tuple[NodeType, ...]:
        return (self.owner,) if self.inverse else tuple(MODEL[label] for label in self.relationship.targets)

    def pattern(self, start: str, end: str, name: str) -> str:
        labels = "|".join(identifier(t.label) for t in self.targets)
        arrow = f"[{name}:{identifier(self.relationship.type)}]"
        points_at_start = self.relationship.incoming != self.inverse
        return f"({start})<-{arrow}-({end}:{labels})" if points_at_start else f"({start})-{arrow}->({end}:{labels})"


def default_sort(types: Sequence[NodeType]) -> tuple[str, bool, str]:
    """(Cypher expression over `n`, descending, name of the sort for cursors)."""
    if len(types) == 1:
        [(name, descending)] = types[0].default_sort
        return f"n.{identifier(name)}", descending, f"{name} {'DESC' if descending else 'ASC'}"
    titles = ", ".join(f"n.{identifier(name)}" for name in dict.fromkeys(t.title for t in types))
    return f"coalesce({titles})", False, "title ASC"


def nodes_by_id(node_type: NodeType, ids: Sequence[str], viewer: Viewer) -> Query:
    """Rows of one map per node found and visible, in no order."""
    return Query(
        f"UNWIND $ids AS id\nMATCH (n:{identifier(node_type.label)} {{id: id}})\n{_where(viewer.predicate('n', node_type))}RETURN {_projection([node_type])}",
        {"ids": list(ids)} | viewer.parameters,
    )


def node_by_property(node_type: NodeType, name: str, value: str, viewer: Viewer) -> Query:
    """The node whose unique property has the value."""
    return Query(
        f"MATCH (n:{identifier(node_type.label)} {{{identifier(name)}: $value}})\n{_where(viewer.predicate('n', node_type))}RETURN {_projection([node_type])}\nLIMIT 1",
        {"value": value} | viewer.parameters,
    )


def list_page(node_type: NodeType, args: PageArgs, viewer: Viewer) -> Query:
    """Rows of (map, sort value), one more than asked for, in reading order (reversed when backward)."""
    condition, parameters = _keyset([node_type], args)
    return Query(
        f"MATCH (n:{identifier(node_type.label)})\n{_where(viewer.predicate('n', node_type), condition)}"
        f"WITH n\n{_order([node_type], args.backward)}\nLIMIT $limit\nRETURN {_projection([node_type])}, {default_sort([node_type])[0]}",
        {"limit": args.limit + 1} | parameters | viewer.parameters,
    )


def count(node_type: NodeType, viewer: Viewer) -> Query:
    return Query(
        f"MATCH (n:{identifier(node_type.label)})\n{_where(viewer.predicate('n', node_type))}RETURN count(n)", dict(viewer.parameters)
    )


def linked_pages(start: NodeType, hop: Hop, ids: Sequence[str], args: PageArgs, viewer: Viewer) -> Query:
    """One row for each id: (id, list of [map, sort value, map of relationship properties])."""
    condition, parameters = _keyset(hop.targets, args)
    properties = ", ".join(f".{identifier(p.name)}" for p in hop.relationship.properties)
    return Query(
        f"UNWIND $ids AS id\nMATCH (o:{identifier(start.label)} {{id: id}})\nCALL (o) {{\n  MATCH {hop.pattern('o', 'n', 'r')}\n"
        f"  {_where(viewer.predicate('n', *hop.targets), condition)}  WITH n, r\n  {_order(hop.targets, args.backward)}\n  LIMIT $limit\n"
        f"  RETURN collect([{_projection(hop.targets)}, {default_sort(hop.targets)[0]}, r {{{properties}}}]) AS items\n}}\nRETURN id, items",
        {"ids": list(ids), "limit": args.limit + 1} | parameters | viewer.parameters,
    )


def linked_counts(start: NodeType, hop: Hop, ids: Sequence[str], viewer: Viewer) -> Query:
    """Rows of (id, number of visible links)."""
    where = _where(viewer.predicate("n", *hop.targets))
    return Query(
        f"UNWIND $ids AS id\nMATCH (o:{identifier(start.label)} {{id: id}})\nRETURN id, COUNT {{\n  MATCH {hop.pattern('o', 'n', 'r')}\n  {where}}}",
        {"ids": list(ids)} | viewer.parameters,
    )


async def fetch_nodes(database: Database, ids: Sequence[str], viewer: Viewer) -> dict[str, Node]:
    """Nodes by global id, whatever their types; unknown, invisible and malformed ids are absent."""
    by_type: dict[str, list[str]] = {}
    for record_id in dict.fromkeys(ids):
        node_type = MODEL.by_prefix.get(record_id.partition(":")[0])
        if node_type is not None and node_type.exposed:
            by_type.setdefault(node_type.label, []).append(record_id)
    found: dict[str, Node] = {}
    for label, group in by_type.items():
        for (values,) in await database.read(nodes_by_id(MODEL[label], group, viewer)):
            found[values["id"]] = node_of(values)
    return found


async def fetch_page(database: Database, node_type: NodeType, args: PageArgs, viewer: Viewer) -> Page:
    rows = await database.read(list_page(node_type, args, viewer))
    return page_of([(values, sort_value, {}) for values, sort_value in rows], args, [node_type])


async def fetch_linked(
    database: Database, start: NodeType, hop: Hop, ids: Sequence[str], args: PageArgs, viewer: Viewer
) -> dict[str, Page]:
    rows = await database.read(linked_pages(start, hop, ids, args, viewer))
    return {record_id: page_of([(v, s, r) for v, s, r in items], args, hop.targets) for record_id, items in rows}


def page_of(rows: Sequence[tuple[dict[str, Any], Any, dict[str, Any]]], args: PageArgs, types: Sequence[NodeType]) -> Page:
    """A page from rows in the order they were read, at most one more than the limit."""
    more = len(rows) > args.limit
    kept = list(rows[: args.limit])
    if args.backward:
        kept.reverse()
    sort = default_sort(types)[2]
    edges = tuple(
        Edge(node_of(values), cursors.encode(sort, _native(value), values["id"]), properties) for values, value, properties in kept
    )
    has_next = more if not args.backward else args.cursor is not None
    has_previous = more if args.backward else args.cursor is not None
    return Page(edges, has_next, has_previous)


def node_of(values: dict[str, Any]) -> Node:
    """A node from a map with its id; the id's prefix names the type."""
    plain = {name: _native(value) for name, value in values.items() if value is not None}
    return Node(MODEL.by_prefix[values["id"].partition(":")[0]], values["id"], plain)


def _native(value: Any) -> Any:
    return value.to_native() if hasattr(value, "to_native") else value


def _projection(types: Sequence[NodeType]) -> str:
    names = dict.fromkeys(name for t in types for name in t.by_physical_name)
    return "n {.id, " + ", ".join(f".{identifier(name)}" for name in names) + "}"


def _where(*conditions: str) -> str:
    kept = [c for c in conditions if c]
    return f"WHERE {' AND '.join(kept)}\n" if kept else ""


def _order(types: Sequence[NodeType], backward: bool) -> str:
    expression, descending, _ = default_sort(types)
    # Records without the sort value come last, in both directions of the sort.
    nulls, value, record_id = (
        ("DESC", "ASC" if descending else "DESC", "DESC") if backward else ("ASC", "DESC" if descending else "ASC", "ASC")
    )
    return f"ORDER BY {expression} IS NULL {nulls}, {expression} {value}, n.id {record_id}"


def _keyset(types: Sequence[NodeType], args: PageArgs) -> tuple[str, dict[str, Any]]:
    if args.cursor is None:
        return "", {}
    expression, descending, sort = default_sort(types)
    value, record_id = cursors.decode(args.cursor, sort)
    beyond = "<" if descending != args.backward else ">"
    behind = "<" if args.backward else ">"
    if value is None:
        condition = f"({expression} IS NULL AND n.id {behind} $afterId)"
        if args.backward:
            condition = f"({expression} IS NOT NULL OR {condition})"
        return condition, {"afterId": record_id}
    condition = f"{expression} {beyond} $afterValue OR ({expression} = $afterValue AND n.id {behind} $afterId)"
    if not args.backward:
        condition += f" OR {expression} IS NULL"
    return f"({condition})", {"afterValue": value, "afterId": record_id}
