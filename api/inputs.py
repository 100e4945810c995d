"""GraphQL inputs of lists, derived from the model: what `where`, `orderBy` and the buckets of groups may say about each type.

What an operator means stands in `graph.plan.filters`; here it only gets its place in the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Any, Final

import strawberry

from graph.hops import Hop, hops
from graph.model import MODEL, Kind, NodeType, Property, Relationship
from graph.plan.filters import ID, Takes, member, operators
from graph.plan.groups import UNITS
from graph.plan.order import ASC, COUNT, DESC
from graph.schema import snake

VALUES: Final = frozenset(("lang", "year", "licence", "connector", "datePrecision", "region"))
"""Properties that few values are of, beside those with a closed list of them."""
NUMBERS: Final = (Kind.INTEGER, Kind.FLOAT)
SCALAR_NAMES: Final = {
    Kind.STRING: ("String", "str"),
    Kind.INTEGER: ("Int", "int"),
    Kind.FLOAT: ("Float", "float"),
    Kind.BOOLEAN: ("Boolean", "bool"),
    Kind.DATE: ("Date", "date"),
    Kind.DATETIME: ("DateTime", "datetime"),
    Kind.STRINGS: ("StringList", "str"),
}
SortDirection = StrEnum("SortDirection", {ASC: ASC, DESC: DESC})  # type: ignore[misc]  # two members by name
DateUnit = StrEnum("DateUnit", {unit: unit for unit in UNITS})  # type: ignore[misc]  # members by name
strawberry.enum(SortDirection, description="Which way an order runs. Records without a value come last either way.")
strawberry.enum(DateUnit, description="Span of dates that makes a group.")


class Namespace:
    """The types of the schema by name, and the ways to add inputs to them."""

    def __init__(self, types: dict[str, Any], unions: Mapping[frozenset[str], str]) -> None:
        self.types = types
        self.unions = unions
        types.update({"SortDirection": SortDirection, "DateUnit": DateUnit, "date": date, "datetime": datetime})

    def input(self, name: str, fields: Mapping[str, tuple[str, str]], description: str, *, one_of: bool = False) -> str:
        """An input whose fields are all optional: (type, description) by name."""
        if name in self.types:
            return name
        body: dict[str, Any] = {"__module__": "api.types", "__annotations__": {}}
        for graphql_name, (annotation, told) in fields.items():
            place = f"{graphql_name}_"
            body["__annotations__"][place] = f"{annotation} | None"
            body[place] = strawberry.field(name=graphql_name, description=told, default=strawberry.UNSET)
        self.types[name] = strawberry.input(type(name, (), body), name=name, description=description, one_of=one_of)
        return name

    def enum(self, name: str, members: Sequence[str], description: str) -> str:
        """An enumeration of names: `startDate` is `START_DATE`."""
        made: Any = StrEnum(name, {snake(m).upper(): m for m in members})  # type: ignore[misc]  # members of the model
        made.__doc__ = description
        self.types[name] = strawberry.enum(made, name=name, description=description)
        return name

    def target(self, hop: Hop) -> str:
        labels = frozenset(t.label for t in hop.targets)
        return next(iter(labels)) if len(labels) == 1 else self.unions[labels]


def build_inputs(types: dict[str, Any], unions: Mapping[frozenset[str], str]) -> None:
    """Add the inputs of every type that has lists."""
    space = Namespace(types, unions)
    space.input(
        "SearchFilter",
        {
            "words": ("str", "Words to look for, in English records; the 1,000 best hits."),
            "meaning": ("str", "A text in any language, of which the first 500 characters count; the 200 records nearest to its meaning."),
        },
        "Search inside a filter. A list that begins with it comes best hits first.",
        one_of=True,
    )
    for labels, name in unions.items():
        _union_filter(space, name, [MODEL[label] for label in sorted(labels)])
    for node_type in MODEL.exposed:
        _filter(space, node_type)
        _order(space, node_type)
        _bucket(space, node_type)


def _filter(space: Namespace, node_type: NodeType) -> None:
    name = f"{node_type.label}Filter"
    fields = {
        "and": (f"list[{name}]", "All of these hold."),
        "or": (f"list[{name}]", "One of these holds at least."),
        "not": (name, "This does not hold."),
        "id": (_scalar_filter(space, ID), ID.description),
    }
    fields |= {p.name: (_scalar_filter(space, p), p.description) for p in node_type.shown_properties}
    for field_name, hop in hops(node_type.label).items():
        fields[field_name] = (_link_filter(space, hop) if hop.many else f"{space.target(hop)}Filter", hop.description)
    if node_type.is_document:
        fields["search"] = ("SearchFilter", "Records that answer a search.")
    space.input(name, fields, f"What records of type {node_type.label} have to be. Everything given has to hold.")


def _scalar_filter(space: Namespace, prop: Property) -> str:
    stem, python = ("ID", "strawberry.ID") if prop is ID else SCALAR_NAMES[prop.kind]
    if prop.enum is not None:
        strawberry.enum(prop.enum, description=(prop.enum.__doc__ or prop.enum.__name__).strip())
        space.types[prop.enum.__name__] = prop.enum
        stem = prop.enum.__name__ + ("List" if prop.kind is Kind.STRINGS else "")
        python = prop.enum.__name__
    takes = {Takes.ONE: python, Takes.LIST: f"list[{python}]", Takes.FLAG: "bool"}
    name = f"{stem}Filter"
    return space.input(
        name, {o.name: (takes[o.takes], o.description) for o in _offered(prop)}, "Comparisons. Everything given has to hold."
    )


def _offered(prop: Property) -> Iterator[Any]:
    text_only = {"contains", "startsWith", "endsWith", "lt", "lte", "gt", "gte"}
    return (o for o in operators(prop) if prop is not ID or o.name not in text_only | {"isNull"})


def link_name(target: str, relationship: Relationship) -> str:
    """What types about a list of `target` are called: after the relationship too where it has properties of its own."""
    return target + (relationship.name[0].upper() + relationship.name[1:] if relationship.properties else "")


def _link_filter(space: Namespace, hop: Hop) -> str:
    target = space.target(hop)
    stem = link_name(target, hop.relationship)
    inner = f"{target}Filter"
    if hop.relationship.properties:
        edge = {p.name: (_scalar_filter(space, p), p.description) for p in hop.relationship.properties}
        space.input(f"{stem}EdgeFilter", edge, "What the link itself has to be.")
        fields = {
            "node": (inner, "What the linked record has to be."),
            "edge": (f"{stem}EdgeFilter", "What the link itself has to be."),
        }
        inner = space.input(f"{stem}LinkFilter", fields, "A linked record together with its link.")
    fields = {
        "some": (inner, "One linked record is so at least."),
        "none": (inner, "No linked record is so."),
        "every": (inner, "Every linked record is so; holds where there is none."),
        "count": (_scalar_filter(space, Property("count", "", Kind.INTEGER, required=True)), "How many linked records there are."),
    }
    return space.input(f"{stem}ListFilter", fields, "What is linked. Everything given has to hold.")


def _union_filter(space: Namespace, name: str, members: Sequence[NodeType]) -> None:
    fields = {"id": (_scalar_filter(space, ID), ID.description)}
    fields |= {member(t): (f"{t.label}Filter", f"It is a record of type {t.label}, and this holds.") for t in members}
    space.input(f"{name}Filter", fields, "What a record of one of several types has to be.", one_of=True)


def _order(space: Namespace, node_type: NodeType) -> None:
    steps = hops(node_type.label)
    fields = {"id": ("SortDirection", "By global id.")}
    fields |= {p.name: ("SortDirection", p.description) for p in node_type.shown_properties if p.indexed and p.kind is not Kind.STRINGS}
    for name, hop in steps.items():
        if hop.many:
            fields[name + COUNT] = ("SortDirection", f"By how many there are: {hop.description[0].lower()}{hop.description[1:]}")
        elif len(hop.targets) == 1:
            fields[name] = (f"{hop.targets[0].label}Order", f"By the linked record: {hop.description[0].lower()}{hop.description[1:]}")
    space.input(f"{node_type.label}Order", fields, "One key of an order.", one_of=True)


def _bucket(space: Namespace, node_type: NodeType) -> None:
    label = node_type.label
    plain = [p.name for p in node_type.shown_properties if p.indexed and (p.enum or p.kind is Kind.BOOLEAN) and p.kind is not Kind.STRINGS]
    plain += [p.name for p in node_type.shown_properties if p.name in VALUES]
    dates = [p.name for p in node_type.shown_properties if p.kind is Kind.DATE]
    numbers = [p.name for p in node_type.shown_properties if p.kind in NUMBERS]
    links = [name for name, hop in hops(label).items() if all(t.path for t in hop.targets)]
    fields: dict[str, tuple[str, str]] = {}
    if plain:
        space.enum(f"{label}GroupField", list(dict.fromkeys(plain)), f"Properties of {label} that make groups by their value.")
        fields["field"] = (f"{label}GroupField", "One group for each value.")
    if dates:
        space.enum(f"{label}DateField", dates, f"Dates of {label}.")
        space.types[f"{label}DateBucket"] = _required_input(
            f"{label}DateBucket",
            {"field": (f"{label}DateField", "Which date."), "by": ("DateUnit", "Length of a span.")},
            "Spans of dates.",
        )
        fields["date"] = (f"{label}DateBucket", "One group for each span of dates.")
    if numbers:
        space.enum(f"{label}NumberField", numbers, f"Figures of {label}.")
        space.types[f"{label}NumberBucket"] = _required_input(
            f"{label}NumberBucket",
            {"field": (f"{label}NumberField", "Which figure."), "width": ("float", "Length of a step, above 0.")},
            "Steps of a figure: a histogram.",
        )
        fields["number"] = (f"{label}NumberBucket", "One group for each step.")
    if links:
        space.enum(f"{label}Link", links, f"What records of type {label} are linked to.")
        fields["link"] = (f"{label}Link", "One group for each linked record; a record stands in the group of each that it is linked to.")
    if fields:
        space.input(f"{label}Bucket", fields, "One way to put records into groups.", one_of=True)


def _required_input(name: str, fields: Mapping[str, tuple[str, str]], description: str) -> Any:
    body: dict[str, Any] = {"__module__": "api.types", "__annotations__": {}}
    for graphql_name, (annotation, told) in fields.items():
        body["__annotations__"][f"{graphql_name}_"] = annotation
        body[f"{graphql_name}_"] = strawberry.field(name=graphql_name, description=told)
    return strawberry.input(type(name, (), body), name=name, description=description)


def as_given(value: Any) -> Any:
    """An input as plain data: names of the schema, nothing that was not given."""
    if isinstance(value, Enum):
        return value.value
    definition = getattr(type(value), "__strawberry_definition__", None)
    if definition is not None:
        given = ((field.graphql_name, getattr(value, field.python_name)) for field in definition.fields)
        return {name: as_given(inner) for name, inner in given if inner is not strawberry.UNSET}
    if isinstance(value, list):
        return [as_given(item) for item in value]
    return value
