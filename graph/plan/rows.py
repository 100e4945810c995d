"""Which records a list has and in which order: its start, its filter, its place behind a cursor.

The start matters most. A list begins at the hits of its search, at records whose ids its filter names, at the index that gives
its order, or at all records of its types, in this order of preference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from graph import cursor as cursors
from graph.database import identifier
from graph.hops import Hop, hops
from graph.model import NodeType
from graph.plan.filters import condition, edge_conditions, present_in
from graph.plan.order import RELEVANCE, Key, Place, behind, keys_of, order_by, sort_name
from graph.plan.parameters import many_more, one_more
from graph.plan.search import hits
from graph.plan.shape import CursorAt, Listing, Window
from graph.plan.writing import CARRIED, Writing

NAMED: Final = ("eq", "in")
"""Operators that name records."""
SHARE: Final = 100
"""A record is a hub where more than one in so many records of the other kind is linked to it."""


@dataclass(frozen=True, slots=True)
class Parent:
    """The record whose list it is, the step that leads to the list, and the record's label where it is not certain."""

    alias: str
    hop: Hop
    label: str = ""

    @property
    def start(self) -> str:
        return f"{self.alias}:{identifier(self.label)}" if self.label else self.alias


@dataclass(frozen=True, slots=True)
class Page:
    """The records of one page: clauses, and what they are called in them."""

    text: str
    alias: str
    link: str
    score: str
    keys: tuple[Key, ...]


def call(imported: Sequence[str], body: str) -> str:
    """A subquery that sees the names given and what the text carries along."""
    lines = "\n".join(f"  {line}" for line in body.splitlines())
    return f"CALL ({', '.join(imported)}{CARRIED}) {{\n{lines}\n}}"


def is_searched(listing: Listing, parent: Parent | None) -> bool:
    """Whether the list begins at the hits of a search."""
    return parent is None and len(listing.types) == 1 and "search" in (listing.where or {})


def list_keys(listing: Listing, parent: Parent | None, alias: str, score: str, writing: Writing) -> tuple[Key, ...]:
    """The keys of a list's order: those asked for, else how well a search is answered, else what a person would expect."""
    if is_searched(listing, parent) and not listing.order:
        return (Key(RELEVANCE, score, True, False),)
    return keys_of(listing.types, listing.order, alias, writing)


def set_clauses(
    listing: Listing,
    parent: Parent | None,
    alias: str,
    writing: Writing,
    *extra: str,
    link: str = "",
    score: str = "",
    anchored: bool = True,
) -> str:
    """Clauses that bring every record of the list as `alias`. `extra` conditions narrow it.

    Without `anchored` they begin at all records of the type, whatever records the filter names.
    """
    types, where = listing.types, dict(listing.where or {})
    asked = [writing.seen(alias, *types)]
    distinct = False
    if parent is not None:
        link = link or (writing.name("r") if listing.edge else "")
        start = [f"MATCH {parent.hop.step(parent.start, alias, link)}"]
        asked += edge_conditions(parent.hop, listing.edge, link, writing) if listing.edge else []
    elif is_searched(listing, parent):
        score = score or writing.name("s")
        start = [hits(types[0], where.pop("search"), alias, score, writing), f"WITH {alias}, {score}{CARRIED}"]
    elif anchored and (anchor := _anchor(types, where)) is not None:
        start, conditions = _anchored(anchor, types[0], alias, where, writing)
        asked += conditions
        distinct = True
    else:
        start = [f"MATCH ({alias}:{'|'.join(identifier(t.label) for t in types)})"]
    asked += [condition(types, where, alias, writing) if where else "", *extra]
    if kept := [c for c in asked if c]:
        start.append(f"WHERE {' AND '.join(kept)}")
    if distinct:
        start.append(f"WITH DISTINCT {alias}{CARRIED}")
    return "\n".join(start)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A condition on a relationship that names the records at its other end."""

    name: str
    hop: Hop
    operator: str
    leaf: Any
    rest: dict[str, Any]


def _anchor(types: Sequence[NodeType], where: dict[str, Any]) -> Anchor | None:
    """Records that the filter names: starting there is cheaper than looking at every record, and the planner cannot know how
    few a parameter names, so the text says where to begin."""
    if len(types) != 1 or "id" in where:
        return None
    steps = hops(types[0].label)
    for name, given in where.items():
        hop = steps.get(name)
        if hop is None or not given or len(hop.targets) != 1 or hop.relationship.properties:
            continue
        inner = (given.get("some") if hop.many else given) or {}
        ids = inner.get("id") or {}
        if len(ids) == 1 and (operator := next(iter(ids))) in NAMED and ids[operator] is not None:
            return Anchor(name, hop, operator, ids[operator], {k: v for k, v in inner.items() if k != "id"})
    return None


def _anchored(anchor: Anchor, node_type: NodeType, alias: str, where: dict[str, Any], writing: Writing) -> tuple[list[str], list[str]]:
    """(clauses from the named records to those of the list, what is asked of the named ones). Takes from `where` what these say."""
    far = writing.name("x")
    [target] = anchor.hop.targets
    named = writing.parameters.add(anchor.leaf)
    start = []
    if anchor.operator == "in":
        one = writing.name("i")
        start.append(f"UNWIND {named} AS {one}")
        named = one
    start += [
        f"MATCH ({far}:{identifier(target.label)} {{id: {named}}})",
        f"MATCH {anchor.hop.pattern(f'{alias}:{identifier(node_type.label)}', far)}",
    ]
    rest = {k: v for k, v in where.pop(anchor.name).items() if k != "some"} if anchor.hop.many else where.pop(anchor.name) and {}
    if rest:
        where[anchor.name] = rest
    return start, [writing.seen(far, target), condition((target,), anchor.rest, far, writing) if anchor.rest else ""]


def page_clauses(listing: Listing, parent: Parent | None, writing: Writing, *, edge: bool = False) -> Page:
    """Clauses that bring one page of the list and one record more, in reading order."""
    alias = writing.name("n")
    link = writing.name("r") if edge or listing.edge else ""
    score = writing.name("s") if is_searched(listing, parent) else ""
    keys = list_keys(listing, parent, alias, score, writing)
    window = listing.window
    limit = writing.parameters.add(window.limit, one_more)
    place = _place(window, keys, writing)
    indexed = parent is None and not score and _ordered_by_index(listing, keys)
    anchor = _anchor(listing.types, dict(listing.where or {})) if indexed else None
    if indexed and anchor is None:
        return Page(_indexed(listing, keys, alias, place, limit, writing), alias, link, score, keys)
    extra = [behind(keys, alias, place, window.backward)] if place else []
    start = set_clauses(listing, parent, alias, writing, *extra, link=link, score=score)
    names = [name for name in (alias, link, score) if name]
    bound = []
    for key in keys:
        if key.computed:
            name = writing.name("k")
            names.append(f"{key.expression} AS {name}")
            key = replace(key, expression=name)  # noqa: PLW2901 - from here on the key is what was computed
        bound.append(key)
    text = "\n".join([start, f"WITH {', '.join(names)}{CARRIED}", order_by(bound, alias, window.backward), f"LIMIT {limit}"])
    if parent is not None and names == [alias] and _walkable(listing, parent, keys, place):
        text = _walk_first(listing, parent, text, keys, alias, place, limit, writing)
    if anchor is not None:
        text = _shorter_way(anchor, text, _indexed(listing, keys, alias, place, limit, writing), alias, limit, listing.types[0], writing)
    return Page(text, alias, link, score, tuple(bound))


def _place(window: Window, keys: Sequence[Key], writing: Writing) -> Place | None:
    if window.cursor is None:
        return None
    sort, leaf, absent = sort_name(keys), window.cursor.leaf, window.cursor.absent
    if len(absent) != len(keys):
        raise cursors.of_another_order()
    values = tuple("" if gone else writing.parameters.add(CursorAt(leaf, sort, len(keys), n)) for n, gone in enumerate(absent))
    return Place(absent, values, writing.parameters.add(CursorAt(leaf, sort, len(keys), None)))


def _ordered_by_index(listing: Listing, keys: Sequence[Key]) -> bool:
    """Whether the first key is a stored property with an index, and nothing else says where to begin."""
    first = keys[0].property
    if first is None or first == "id" or len(listing.types) != 1:
        return False
    return "id" not in (listing.where or {}) and listing.types[0].by_physical_name[first].indexed


def _indexed(listing: Listing, keys: Sequence[Key], alias: str, place: Place | None, limit: str, writing: Writing) -> str:
    """A page in the order of an index. The index lacks records without the value: these are read only where the page reaches them."""
    backward = listing.window.backward
    first, rest = keys[0], keys[1:]
    present = first.property in present_in(listing.where)

    def part(conditions: Sequence[str], order: str) -> str:
        start = set_clauses(listing, None, alias, writing, *conditions, anchored=False)
        return f"{start}\nWITH {alias}{CARRIED}\n{order}\nLIMIT {limit}"

    def valued(place: Place | None) -> str:
        certain = replace(first, nullable=False)
        if place is not None:
            conditions = [behind([certain, *rest], alias, place, backward)]
        else:
            conditions = [] if present else [f"{first.expression} IS NOT NULL"]
        return part(conditions, order_by([certain, *rest], alias, backward))

    def unvalued(place: Place | None) -> str:
        conditions = [f"{first.expression} IS NULL"]
        if place is not None:
            conditions.append(behind(rest, alias, Place(place.absent[1:], place.values[1:], place.record), backward))
        return part(conditions, order_by(rest, alias, backward))

    at_absent = place is not None and place.absent[0]
    if present or not first.nullable or (backward and place is not None and not at_absent):
        return valued(place)
    if at_absent and not backward:
        return unvalued(place)
    order = [unvalued(place), valued(None)] if backward else [valued(place), unvalued(None)]
    return _one_then_other(order[0], order[1], alias, limit, writing)


def _shorter_way(anchor: Anchor, anchored: str, indexed: str, alias: str, limit: str, node_type: NodeType, writing: Writing) -> str:
    """The page from the records that the filter names, or along the index of the order, whichever is the shorter way.

    The first looks at all that is linked to them, `near` records; the second at about `limit * every / near` before a page is full.
    Both numbers the database knows without a look at any record.
    """
    near, every, one, two, far = (writing.name(stem) for stem in ("c", "c", "a", "a", "x"))
    named = writing.parameters.add(anchor.leaf)
    many = anchor.operator == "in"
    target = identifier(anchor.hop.targets[0].label)
    degree = anchor.hop.pattern("", far).replace(f"({far}:{target})", f"({far})")
    seek = [f"UNWIND {named} AS id"] if many else []
    seek += [f"MATCH ({far}:{target} {{id: {'id' if many else named}}})", f"RETURN sum(COUNT {{ {degree} }}) AS {near}"]
    return "\n".join(
        [
            call([], "\n".join(seek)),
            call([], f"MATCH ({alias}:{identifier(node_type.label)})\nRETURN count({alias}) AS {every}"),
            _where([near, every], f"{near} * {near} > {every} * {limit}", indexed, alias, one, writing),
            _where([near, every], f"{near} * {near} <= {every} * {limit}", anchored, alias, two, writing),
            f"UNWIND {one} + {two} AS {alias}",
            f"WITH {alias}{CARRIED}",
        ]
    )


def _walkable(listing: Listing, parent: Parent, keys: Sequence[Key], place: Place | None) -> bool:
    """Whether a list of linked records could be found along the index of its order: forward, among the records that have the value."""
    return (
        _ordered_by_index(listing, keys)
        and listing.types[0].is_document
        and parent.hop.inverse
        and not (listing.where or listing.window.backward or any(key.computed for key in keys))
        and (place is None or not place.absent[0])
    )


def _walk_first(
    listing: Listing,
    parent: Parent,
    linked: str,
    keys: Sequence[Key],
    alias: str,
    place: Place | None,
    limit: str,
    writing: Writing,
) -> str:
    """The page of a record to which a hundredth of all others or more is linked: a stretch of the index is likely to hold it.

    How long the stretch is depends on the page alone. Where it holds too little, and for any other record, `linked` looks at all.
    """
    near, every, one, two = (writing.name(stem) for stem in ("c", "c", "a", "a"))
    stretch = writing.parameters.add(listing.window.limit, many_more)
    first = replace(keys[0], nullable=False)
    condition = behind([first, *keys[1:]], alias, place, False) if place else f"{first.expression} IS NOT NULL"
    walk = "\n".join(
        [
            set_clauses(listing, None, alias, writing, condition),
            f"WITH {alias}{CARRIED}",
            order_by([first, *keys[1:]], alias, False),
            f"LIMIT {stretch}",
            f"WITH {alias}{CARRIED}",
            f"WHERE EXISTS {{ {parent.hop.step(parent.alias, alias)} }}",
            f"WITH {alias}{CARRIED}",
            f"LIMIT {limit}",
        ]
    )
    here = [parent.alias]
    return "\n".join(
        [
            call(here, f"RETURN COUNT {{ {parent.hop.links(parent.alias)} }} AS {near}"),
            call([], f"MATCH ({alias}:{identifier(listing.types[0].label)})\nRETURN count({alias}) AS {every}"),
            _where([near, every, *here], f"{near} > {stretch} AND {near} * {SHARE} > {every}", walk, alias, one, writing, here),
            _where([one, *here], f"size({one}) < {limit}", linked, alias, two, writing, here),
            f"UNWIND CASE WHEN size({one}) < {limit} THEN {two} ELSE {one} END AS {alias}",
            f"WITH {alias}{CARRIED}",
        ]
    )


def _where(known: Sequence[str], condition: str, body: str, alias: str, found: str, writing: Writing, imported: Sequence[str] = ()) -> str:
    """The records of `body` as the list `found` where the condition on what is known holds, else none.

    The body is a subquery of its own: else the planner looks at its records first and at the condition afterwards.
    """
    inner = writing.name("a")
    records = call(imported, f"{body}\nRETURN collect({alias}) AS {inner}")
    asked = f"WITH {', '.join(known)}{CARRIED}\nWHERE {condition}\n{records}"
    return call(known, f"{asked}\nRETURN coalesce(head(collect({inner})), []) AS {found}")


def _one_then_other(one: str, other: str, alias: str, limit: str, writing: Writing) -> str:
    """Rows of the first part; where they are too few for the page, those of the other behind them."""
    first, second = writing.name("a"), writing.name("a")
    return "\n".join(
        [
            call([], f"{one}\nRETURN collect({alias}) AS {first}"),
            _where([first], f"size({first}) < {limit}", other, alias, second, writing),
            f"UNWIND {first} + {second} AS {alias}",
            f"WITH {alias}{CARRIED}",
            f"LIMIT {limit}",
        ]
    )
