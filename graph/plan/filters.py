"""Filters: what `where` may say about records of a type, and the Cypher that it becomes.

A filter holds or does not hold; an absent value satisfies no comparison, and `not` turns exactly that round. A new operator is
a line in `OPERATORS`: the GraphQL inputs, the documentation and the text below follow from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from graph.database import identifier
from graph.errors import Code, NetworkError
from graph.hops import Hop, hops
from graph.model import Kind, NodeType, Property
from graph.plan.parameters import Leaf
from graph.plan.search import search_condition
from graph.plan.writing import Bounds, Writing

Where = Mapping[str, Any]
"""A filter as it was given: names of properties and relationships; leaves are values, or `Ref`s to values of the request."""


class Takes(StrEnum):
    """What stands behind an operator."""

    ONE = "ONE"
    LIST = "LIST"
    FLAG = "FLAG"


ORDERED: Final = (Kind.STRING, Kind.INTEGER, Kind.FLOAT, Kind.DATE, Kind.DATETIME)
SINGLE: Final = (*ORDERED, Kind.BOOLEAN)
ID: Final = Property("id", "Global id.", required=True, indexed=True)


@dataclass(frozen=True, slots=True)
class Operator:
    """`text` has `{x}` for the property and `{p}` for the parameter. `present` tells that it never holds for an absent value."""

    name: str
    text: str
    description: str
    kinds: tuple[Kind, ...]
    takes: Takes = Takes.ONE
    present: bool = True
    enums: bool = True


OPERATORS: Final = (
    Operator("eq", "{x} = {p}", "Equal to.", SINGLE),
    Operator("ne", "NOT coalesce({x} = {p}, false)", "Not equal to; holds where there is no value.", SINGLE, present=False),
    Operator("in", "{x} IN {p}", "One of these.", ORDERED, Takes.LIST),
    Operator("lt", "{x} < {p}", "Less than, or before.", ORDERED, enums=False),
    Operator("lte", "{x} <= {p}", "Less than or equal to, or not after.", ORDERED, enums=False),
    Operator("gt", "{x} > {p}", "Greater than, or after.", ORDERED, enums=False),
    Operator("gte", "{x} >= {p}", "Greater than or equal to, or not before.", ORDERED, enums=False),
    Operator("contains", "toLower({x}) CONTAINS toLower({p})", "Has this text in it, upper or lower case.", (Kind.STRING,), enums=False),
    Operator("startsWith", "{x} STARTS WITH {p}", "Begins with this text.", (Kind.STRING,), enums=False),
    Operator("endsWith", "{x} ENDS WITH {p}", "Ends with this text.", (Kind.STRING,), enums=False),
    Operator("has", "{p} IN {x}", "Has this value.", (Kind.STRINGS,)),
    Operator("hasAny", "any(v IN {p} WHERE v IN {x})", "Has one of these values at least.", (Kind.STRINGS,), Takes.LIST),
    Operator("hasAll", "all(v IN {p} WHERE v IN coalesce({x}, []))", "Has every one of these values.", (Kind.STRINGS,), Takes.LIST, False),
    Operator("isNull", "({x} IS NULL) = {p}", "Whether there is no value.", (*ORDERED, Kind.STRINGS), Takes.FLAG, present=False),
)
BY_NAME: Final = {operator.name: operator for operator in OPERATORS}
QUANTIFIERS: Final = ("some", "none", "every", "count")
LOWER: Final = ("gt", "gte")
UPPER: Final = ("lt", "lte")


def operators(prop: Property) -> tuple[Operator, ...]:
    """What can be asked of a property."""
    return tuple(o for o in OPERATORS if prop.kind in o.kinds and (prop.enum is None or o.enums))


def member(node_type: NodeType) -> str:
    """The name under which a type stands in a filter on several types: `Organization` → `organization`."""
    return node_type.label[0].lower() + node_type.label[1:]


def condition(types: Sequence[NodeType], where: Where, alias: str, writing: Writing) -> str:
    """Cypher that holds where the filter does; empty where everything passes. Raises BAD_INPUT and TOO_COMPLEX."""
    if len(types) == 1:
        return _all(_of_type(types[0], where, alias, writing))
    [(name, inner)] = where.items()
    if name == "id":
        return _all(_comparisons(ID, "id", inner, alias, writing))
    chosen = next(t for t in types if member(t) == name)
    return _all([f"{alias}:{identifier(chosen.label)}", *_of_type(chosen, _given(name, inner), alias, writing)])


def _of_type(node_type: NodeType, where: Where, alias: str, writing: Writing) -> list[str]:
    found: list[str] = []
    for name, given in where.items():
        inner = _given(name, given)
        match name:
            case "and":
                found += [c for item in inner for c in _of_type(node_type, item, alias, writing)]
            case "or":
                found.append(_any(_all(_of_type(node_type, item, alias, writing)) for item in inner))
            case "not":
                found.append(_not(_all(_of_type(node_type, inner, alias, writing))))
            case "search":
                found.append(search_condition(node_type, inner, alias, writing))
            case _ if name == "id" or name in node_type.by_physical_name:
                found += _comparisons(node_type.by_physical_name.get(name, ID), name, inner, alias, writing)
            case _:
                found += _linked(hops(node_type.label)[name], inner, alias, writing)
    return [c for c in found if c]


def _given(name: str, value: Any) -> Any:
    if value is None:
        raise NetworkError(
            Code.BAD_INPUT,
            f"`{name}` is null in a filter.",
            hint="Leave it out where it does not matter; ask `isNull: true` for records without a value.",
        )
    return value


def _comparisons(prop: Property, name: str, given: Mapping[str, Leaf], alias: str, writing: Writing) -> list[str]:
    expression = f"{alias}.{identifier(name)}"
    if prop.kind is Kind.BOOLEAN:
        expression = f"coalesce({expression}, false)"
    return _compared(expression, name, given, writing)


def _compared(expression: str, name: str, given: Mapping[str, Leaf], writing: Writing) -> list[str]:
    for operator, leaf in given.items():
        _given(operator, leaf)
    _check_sense(name, given)
    for low in LOWER:
        for high in UPPER:
            if low in given and high in given:
                writing.bounds.append(Bounds(name, given[low], given[high], (low, high) != ("gte", "lte")))
    found = []
    for operator, leaf in given.items():
        writing.count_condition()
        found.append(BY_NAME[operator].text.format(x=expression, p=writing.parameters.add(leaf)))
    return found


def _check_sense(name: str, given: Mapping[str, Leaf]) -> None:
    demanding = [operator for operator in given if BY_NAME[operator].present]
    if given.get("isNull") is True and demanding:
        raise NetworkError(
            Code.CONTRADICTORY_INPUT,
            f"`{name}` is to have no value and to satisfy `{demanding[0]}` at once.",
            hint="Leave one of the two out.",
        )


def _linked(hop: Hop, given: Mapping[str, Any], alias: str, writing: Writing) -> list[str]:
    if not hop.many:
        return [_exists(hop, given, None, alias, writing)]
    found = []
    for quantifier, value in given.items():
        inner = _given(quantifier, value)
        if quantifier == "count":
            found += _compared(count_of(hop, alias, writing), f"{hop.relationship.name} count", inner, writing)
            continue
        edge = None
        if hop.relationship.properties:
            edge, inner = inner.get("edge"), inner.get("node") or {}
        match quantifier:
            case "some":
                found.append(_exists(hop, inner, edge, alias, writing))
            case "none":
                found.append("NOT " + _exists(hop, inner, edge, alias, writing))
            case _:
                found.append("NOT " + _exists(hop, inner, edge, alias, writing, fails=True))
    return found


def _exists(hop: Hop, where: Where, edge: Where | None, alias: str, writing: Writing, *, fails: bool = False) -> str:
    """`EXISTS { … }` for a linked record that the viewer may see and that passes, or that `fails` to pass, the filter."""
    writing.count_condition()
    far = writing.name("x")
    link = writing.name("r") if edge else ""
    asked = [condition(hop.targets, where, far, writing) if where else ""]
    if edge:
        asked += edge_conditions(hop, edge, link, writing)
    asked = [c for c in asked if c]
    wanted = ([_not(_all(asked))] if asked else ["false"]) if fails else asked
    inside = [c for c in (writing.seen(far, *hop.targets), *wanted) if c]
    return f"EXISTS {{ MATCH {hop.pattern(alias, far, link)}{' WHERE ' + ' AND '.join(inside) if inside else ''} }}"


def edge_conditions(hop: Hop, edge: Where, link: str, writing: Writing) -> list[str]:
    """Conditions on the properties of the relationship itself."""
    properties = {p.name: p for p in hop.relationship.properties}
    return [c for name, given in edge.items() for c in _comparisons(properties[name], name, _given(name, given), link, writing)]


def count_of(hop: Hop, alias: str, writing: Writing) -> str:
    """How many linked records the viewer may see, as an expression."""
    if hop.repeats():
        link = writing.name("r")
        return f"COUNT {{ MATCH {hop.links(alias, name=link)} WHERE {writing.link_seen(link, hop.owner)} }}"
    seen = any(writing.seen("x", t) for t in hop.targets)
    far = writing.name("x") if seen else ""
    where = f" WHERE {writing.seen(far, *hop.targets)}" if seen else ""
    return f"COUNT {{ MATCH {hop.pattern(alias, far)}{where} }}" if seen else f"COUNT {{ {hop.pattern(alias, far)} }}"


def present_in(where: Where | None) -> frozenset[str]:
    """Properties that every record which passes the filter has."""
    if not where:
        return frozenset()
    found: set[str] = set()
    for name, given in where.items():
        if name == "and" and given:
            found |= {p for item in given for p in present_in(item)}
        elif name not in {"or", "not", "search"} and isinstance(given, Mapping) and _needs_value(given):
            found.add(name)
    return frozenset(found)


def _needs_value(given: Mapping[str, Leaf]) -> bool:
    operators = [BY_NAME[name] for name in given if name in BY_NAME]
    return len(operators) == len(given) and (any(o.present for o in operators) or given.get("isNull") is False)


def _all(conditions: Iterable[str]) -> str:
    return " AND ".join(c for c in conditions if c)


def _any(conditions: Iterable[str]) -> str:
    """One of them at least: nothing passes an empty list, and an empty condition lets everything pass."""
    found = list(conditions)
    if not found:
        return "false"
    return "" if "" in found else f"({' OR '.join(found)})"


def _not(condition: str) -> str:
    return f"NOT coalesce({condition}, false)" if condition else "false"
