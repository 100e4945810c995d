"""A plan in words: what is read of which records, an indented line for each list and each linked record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graph.hops import Hop
from graph.plan.order import direction
from graph.plan.parameters import Leaf, Ref
from graph.plan.shape import EdgeValue, Fields, Listing, Many, One, Root, Value


def outline(roots: Mapping[str, Root]) -> list[str]:
    """Lines for the questions of an operation, by response key."""
    return [line for key, root in roots.items() for line in _root(key, root)]


def _root(key: str, root: Root) -> Iterator[str]:
    if isinstance(root, Listing):
        yield from _listing(key, root, 0)
        return
    yield f"{key}: {' or '.join(t.label for t in root.types)} by id {_leaf(root.ids)}: {_columns(root.fields)}"
    yield from _linked(root.fields, 1)


def _listing(name: str, listing: Listing, depth: int) -> Iterator[str]:
    parts = [f"list of {' and '.join(t.label for t in listing.types)}"]
    if listing.where:
        parts.append(f"where {_given(listing.where)}")
    if listing.order:
        parts.append("by " + ", ".join(_order(key) for key in listing.order))
    window = listing.window
    asked = []
    if listing.fields is not None:
        end = "before" if window.backward else "behind"
        place = f" {end} {_leaf(window.cursor.leaf)}" if window.cursor else ""
        asked.append(f"{'last' if window.backward else 'first'} {_leaf(window.limit)}{place}: {_columns(listing.fields)}")
    asked += ["total"] if listing.total else []
    if listing.sums:
        asked.append("figures " + ", ".join(f"{function}({prop})" if prop else function for function, prop in listing.sums.figures))
    asked += ["groups by " + ", ".join(bucket.field for bucket in groups.by) for groups in listing.groups]
    yield f"{'  ' * depth}{name}: {', '.join(parts)}; {'; '.join(asked)}"
    if listing.fields is not None:
        yield from _linked(listing.fields, depth + 1)


def _linked(fields: Fields, depth: int) -> Iterator[str]:
    for column in fields.columns:
        match column:
            case One():
                yield f"{'  ' * depth}{_hop(column.hop)}: one {' or '.join(t.label for t in column.hop.targets)}: {_columns(column.fields)}"
                yield from _linked(column.fields, depth + 1)
            case Many():
                yield from _listing(_hop(column.hop), column.listing, depth)


def _hop(hop: Hop) -> str:
    arrow = "<-" if hop.relationship.incoming != hop.inverse else "->"
    return f"{arrow}{hop.relationship.type}"


def _columns(fields: Fields) -> str:
    return ", ".join(c.name for c in fields.columns if isinstance(c, Value | EdgeValue))


def _order(key: Mapping[str, Any]) -> str:
    [(name, value)] = key.items()
    return f"{name}.{_order(value)}" if isinstance(value, Mapping) else f"{name}{' descending' if direction(value) else ''}"


def _given(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_given(inner)}" for name, inner in value.items()) + "}"
    return "[" + ", ".join(_given(item) for item in value) + "]" if isinstance(value, list) else _leaf(value)


def _leaf(leaf: Leaf) -> str:
    return "$" + ".".join(str(step) for step in leaf.path) if isinstance(leaf, Ref) else repr(leaf)
