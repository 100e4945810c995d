"""GraphQL object types, derived from the model: one type per exposed label, one connection per list.

The model's descriptions are the schema's. Resolvers read what `graph.read` brought and batch what they still need.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField

from api.context import Info
from api.inputs import as_given, build_inputs, link_name
from api.lists import GROUPS, all_sums, edge_filter, groups_of, list_arguments, listing_of, summed, with_arguments
from graph.hops import Hop, hops
from graph.model import MODEL, Kind, NodeType, Property, Relationship, localised_name
from graph.plan.groups import SHOWN, SPANS
from graph.plan.shape import Groups, Sums
from graph.read import Node, Page
from graph.vocabulary import Language

SCALARS: Final[dict[Kind, Any]] = {
    Kind.STRING: str,
    Kind.INTEGER: int,
    Kind.FLOAT: float,
    Kind.BOOLEAN: bool,
    Kind.DATE: date,
    Kind.DATETIME: datetime,
    Kind.STRINGS: list[str],
}
UNIONS: Final = {
    frozenset(("Organization", "Country")): "Party",
    frozenset(("CountryGroup", "Country")): "Audience",
    frozenset(("Project", "Partnership")): "Fulfilment",
}
UNION_DESCRIPTIONS: Final = {
    "Party": "A country or an organisation.",
    "Audience": "A country or a group of countries.",
    "Fulfilment": "What met a need.",
}
CASES: Final = ("Project", "Practice", "Partnership")

InLanguage = Annotated[Language, strawberry.argument(description="Language wanted; English where there is none.")]

strawberry.enum(Language, description=Language.__doc__)


@strawberry.interface(name="Node", description="Anything with a global id.")
class NodeInterface:
    """Relay's Node."""

    @strawberry.field(description="Global id: the type's prefix, a colon, the key.")
    def id(self) -> strawberry.ID:
        raise NotImplementedError


@strawberry.interface(name="Record", description="A node with a page of its own.")
class RecordInterface(NodeInterface):
    """What every list of mixed records can show."""

    @strawberry.field(description="What it is called, in the language asked for where there is one.")
    def title(self, language: InLanguage = Language.EN) -> str:
        raise NotImplementedError

    @strawberry.field(description="Address of its page.")
    def url(self) -> str:
        raise NotImplementedError


@strawberry.interface(
    name="Case", description="What somebody did: a project, a practice, a partnership. It can vote for partners in a match."
)
class CaseInterface(RecordInterface):
    """Evidence that can be opened."""

    @strawberry.field(description="The case in a few sentences.")
    def summary(self) -> str:
        raise NotImplementedError


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Relay's PageInfo."""

    has_next_page: bool = strawberry.field(description="Whether there is more behind this page.")
    has_previous_page: bool = strawberry.field(description="Whether there is more before this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first record.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last record.")


@dataclass(frozen=True, slots=True)
class Listed:
    """A connection's value: the page, and how to ask for what concerns the whole list."""

    page: Page
    total: Callable[[], Any]
    sums: Callable[[Sums], Any] | None = None
    groups: Callable[[Groups], Any] | None = None


def page_info(page: Page) -> PageInfo:
    edges = page.edges
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )


# Strawberry looks forward references up in the module of the class that has the field: the types made here live in this module.
TYPES: Final[dict[str, Any]] = globals()
ID = strawberry.ID


def computed(annotation: str, resolver: Callable[..., Any], description: str) -> StrawberryField:
    """A field with a resolver and a type by name; names are looked up when the schema is built, so types may refer to each other."""
    field: Any = strawberry.field(resolver=resolver, description=description)
    return typed(field, annotation)


def typed(field: Any, annotation: Any) -> StrawberryField:
    """The field with this type."""
    field.type_annotation = StrawberryAnnotation(annotation, namespace=TYPES)
    result: StrawberryField = field
    return result


def page_url(info: Info, node: Node) -> str:
    """Address of a record's page: absolute where the public address is set."""
    return (info.context.settings.base_url or "").rstrip("/") + f"{node.type.path}/{node.id.partition(':')[2]}"


def title_of(node: Node, language: Language = Language.EN) -> str:
    """The record's name in a language, else in English."""
    name = node.type.title
    return str(node.values.get(localised_name(name, language.value)) or node.values.get(name) or node.id)


def _property_field(prop: Property) -> StrawberryField:
    convert: Callable[[Any], Any] = lambda value: value  # noqa: E731 - replaced below for enums
    annotation: Any = SCALARS[prop.kind]
    if prop.enum is not None:
        enum = prop.enum
        strawberry.enum(enum, description=(enum.__doc__ or enum.__name__).strip())
        annotation = list[enum] if prop.kind is Kind.STRINGS else enum  # type: ignore[valid-type]  # built at run time from the model
        convert = (lambda value: [enum(v) for v in value]) if prop.kind is Kind.STRINGS else enum
    absent: Any = [] if prop.kind is Kind.STRINGS else False if prop.kind is Kind.BOOLEAN else None
    if not prop.required and absent is None:
        annotation = annotation | None

    if prop.localised:

        def localised(root: Node, language: InLanguage = Language.EN) -> Any:
            value = root.values.get(localised_name(prop.name, language.value)) or root.values.get(prop.name)
            return absent if value is None else value

        field = strawberry.field(resolver=localised, description=prop.description)
    else:

        def plain(root: Node) -> Any:
            value = root.values.get(prop.name)
            return absent if value is None else convert(value)

        field = strawberry.field(resolver=plain, description=prop.description)
    return typed(field, annotation)


def _target_name(hop: Hop) -> str:
    labels = tuple(t.label for t in hop.targets)
    return labels[0] if len(labels) == 1 else UNIONS[frozenset(labels)]


def _one_field(hop: Hop) -> StrawberryField:
    async def resolve(root: Node, info: Info) -> Any:
        return await info.context.one(root, hop)

    return computed(_target_name(hop) if hop.required else f"{_target_name(hop)} | None", resolve, hop.description)


def _many_field(hop: Hop) -> StrawberryField:
    target = _target_name(hop)

    async def resolve(root: Node, info: Info, **given: Any) -> Any:
        plain = given_to_list(given)
        listing = listing_of(hop.targets, plain, info.context.window(plain))
        key = repr(sorted(plain.items()))
        page = await info.context.pages(root, hop, key, listing)

        def asked(kind: str) -> Callable[..., Any]:
            return lambda *wanted: info.context.answer(root, hop, f"{kind} {wanted} {key}", listing, *wanted)

        return Listed(page, asked("total"), asked("sums"), asked("groups"))

    arguments = list_arguments(target, hop.targets, TYPES, edge_filter(hop, link_name(target, hop.relationship)))
    return computed(
        connection(target, hop.targets, hop.relationship), with_arguments(resolve, arguments, root=True, info=True), hop.description
    )


def given_to_list(given: dict[str, Any]) -> dict[str, Any]:
    """Arguments of a list as plain data by GraphQL name, without those that were not given."""
    names = {"order_by": "orderBy"}
    return {names.get(name, name): as_given(value) for name, value in given.items() if value is not strawberry.UNSET and value is not None}


def connection(target: str, types: Sequence[NodeType] = (), relationship: Relationship | None = None) -> str:
    """Name of the connection type for a list of `target`; made on first use. Edge properties get a type of their own."""
    properties = relationship.properties if relationship else ()
    stem = link_name(target, relationship) if relationship else target
    name = f"{stem}Connection"
    if name in TYPES:
        return name
    edge: dict[str, Any] = {
        "cursor": computed("str", lambda root: root.cursor, "Cursor of this record."),
        "node": computed(target, lambda root: root.node, "The record."),
    }
    if len(types) == 1 and types[0].is_document:
        edge["score"] = computed(
            "float | None", lambda root: root.score, "How well it answers `where.search`, in a list that begins with a search."
        )
    for prop in properties:
        edge[prop.name] = _property_field(prop)
    TYPES[f"{stem}Edge"] = make_type(f"{stem}Edge", edge, "A record in a list, with what its link says.")
    fields = {
        "edges": computed(f"list[{stem}Edge]", lambda root: root.page.edges, "Records with their cursors."),
        "nodes": computed(f"list[{target}]", lambda root: [edge.node for edge in root.page.edges], "The records alone."),
        "pageInfo": computed("PageInfo", lambda root: page_info(root.page), "Where the page stands."),
        "totalCount": computed("int", lambda root: root.total(), "Length of the whole list; counted only when asked for."),
    }
    TYPES[name] = make_type(name, fields | (_summaries(types[0]) if len(types) == 1 else {}), "A page of a list.")
    return name


def _summaries(node_type: NodeType) -> dict[str, StrawberryField]:
    """Fields of a connection that speak of the whole list, whatever page is asked for."""
    sums = all_sums(node_type)

    async def aggregate(root: Listed) -> Any:
        assert root.sums is not None  # noqa: S101 - lists of one type have them
        return _figures(sums, await root.sums(sums))

    fields = {"aggregate": computed(_aggregate_type(node_type), aggregate, "Figures over the whole list.")}
    if f"{node_type.label}Bucket" not in TYPES:
        return fields
    several = {
        "by": (list[TYPES[f"{node_type.label}Bucket"]], "What makes a group: 1 to 3 buckets at once.", inspect.Parameter.empty),  # type: ignore[misc]  # made at run time from the model
        "first": (int, "How many groups, largest first; 200 at the most.", GROUPS),
        "language": (InLanguage, "", Language.EN),
    }

    async def groups(root: Listed, *, by: list[Any], first: int, language: Language) -> Any:
        assert root.groups is not None  # noqa: S101 - as above
        wanted = groups_of([as_given(b) for b in by], first, sums, language.value)
        rows = await root.groups(wanted)
        return [
            Grouped([GroupKey(by=b.field, value=key[0], label=key[1]) for b, key in zip(wanted.by, keys, strict=True)], _figures(sums, row))
            for keys, row in rows
        ]

    async def facets(root: Listed, *, by: list[Any], first: int, language: Language) -> Any:
        assert root.groups is not None  # noqa: S101 - as above
        counted = Sums((("count", None),))
        out = []
        for bucket in by:
            wanted = groups_of([as_given(bucket)], first, counted, language.value)
            rows = await root.groups(wanted)
            out.append(
                Facet(by=wanted.by[0].field, buckets=[FacetBucket(value=key[0], label=key[1], count=count) for [key], [count] in rows])
            )
        return out

    grouping = f"{node_type.label}Grouping"
    if grouping not in TYPES:
        TYPES[grouping] = make_type(
            grouping,
            {
                "keys": computed("list[GroupKey]", lambda root: root.keys, "What its records have in common, a key for each bucket."),
                "count": computed("int", lambda root: root.figures["count"], "How many records it has."),
                "aggregate": computed(f"{node_type.label}Aggregate", lambda root: root.figures, "Figures over its records."),
            },
            f"Records of type {node_type.label} that have something in common.",
        )
    fields["groups"] = computed(f"list[{grouping}]", with_arguments(groups, several, root=True), "The whole list in groups, largest first.")
    fields["facets"] = computed(
        "list[Facet]", with_arguments(facets, several, root=True), "Counts for each value, a facet for each bucket."
    )
    return fields


@strawberry.type(description="What the records of a group have in common.")
class GroupKey:
    """One key of a group."""

    by: str = strawberry.field(description="The property or relationship that made the group.")
    value: str | None = strawberry.field(
        description="The value as text, the first day of the span, the lower end of the step, or the linked record's id; null where there is none."
    )
    label: str | None = strawberry.field(description="What the linked record is called.")


@strawberry.type(description="How many records have a value.")
class FacetBucket:
    """One value of a facet."""

    value: str | None = strawberry.field(description="The value, as in `GroupKey`; null where there is none.")
    label: str | None = strawberry.field(description="What the linked record is called.")
    count: int = strawberry.field(description="How many records have it.")


@strawberry.type(description="Counts for each value of one property or relationship.")
class Facet:
    """One facet of a list."""

    by: str = strawberry.field(description="The property or relationship.")
    buckets: list[FacetBucket] = strawberry.field(description="Values, most frequent first.")


@strawberry.type(description="Figures over a number.")
class NumberAggregate:
    """Figures over one number of a list."""

    sum: float = strawberry.field(description="Sum; 0 where no record has the value.")
    avg: float | None = strawberry.field(description="Mean of those that have the value.")
    median: float | None = strawberry.field(
        description="Middle of those that have the value; between the two middle ones where they are even."
    )
    min: float | None = strawberry.field(description="Smallest.")
    max: float | None = strawberry.field(description="Largest.")


@strawberry.type(description="Span of a date.")
class DateAggregate:
    """First and last date of a list."""

    min: date | None = strawberry.field(description="First.")
    max: date | None = strawberry.field(description="Last.")


@dataclass(frozen=True, slots=True)
class Grouped:
    """One group: its keys and its figures by name."""

    keys: list[GroupKey]
    figures: dict[str, Any]


def _figures(sums: Sums, row: Sequence[Any]) -> dict[str, Any]:
    """Figures as the aggregate types show them: the count, and an object for each property."""
    by_property: dict[str, dict[str, Any]] = {}
    out: dict[str, Any] = {}
    for (function, name), value in zip(sums.figures, row, strict=True):
        if name is None:
            out[function] = value
        else:
            by_property.setdefault(name, {})[function] = SHOWN[function](value) if function in SHOWN else value
    for name, found in by_property.items():
        if set(found) == set(SPANS):
            out[name] = DateAggregate(**{k: date.fromisoformat(v) if v else None for k, v in found.items()})
        else:
            out[name] = NumberAggregate(**found)
    return out


def _figure_of(name: str) -> Callable[[Any], Any]:
    return lambda root: root[name]


def _aggregate_type(node_type: NodeType) -> str:
    name = f"{node_type.label}Aggregate"
    if name not in TYPES:
        fields = {"count": computed("int", lambda root: root["count"], "How many records.")}
        for prop, functions in summed(node_type).items():
            kind = "NumberAggregate" if len(functions) > 2 else "DateAggregate"
            fields[prop] = computed(kind, _figure_of(prop), node_type.by_physical_name[prop].description)
        TYPES[name] = make_type(name, fields, f"Figures over records of type {node_type.label}.")
    return name


def make_type(
    name: str, fields: dict[str, Any], description: str, interfaces: tuple[type, ...] = (), value: NodeType | None = None
) -> type:
    """A Strawberry type whose fields are all given, with the GraphQL names they are filed under. `value` is the node type it stands for."""
    if name in TYPES:
        raise ValueError(f"two types of the schema are called {name}")
    body: dict[str, Any] = {"__module__": __name__}
    if value is not None:
        body["is_type_of"] = classmethod(lambda _cls, node, _info: isinstance(node, Node) and node.type is value)
    for graphql_name, field in fields.items():
        field.graphql_name = graphql_name
        body[graphql_name] = field
    return strawberry.type(type(name, interfaces, body), name=name, description=description)


def _object_type(node_type: NodeType) -> type:
    fields: dict[str, Any] = {"id": computed("ID", lambda root: root.id, "Global id.")}
    interfaces: tuple[type, ...] = (NodeInterface,)
    if node_type.path:
        interfaces = (CaseInterface,) if node_type.label in CASES else (RecordInterface,)

        def title(root: Node, language: InLanguage = Language.EN) -> str:
            return title_of(root, language)

        def url(root: Node, info: Info) -> str:
            return page_url(info, root)

        fields["title"] = strawberry.field(resolver=title, description="What it is called, in the language asked for where there is one.")
        fields["url"] = strawberry.field(resolver=url, description="Address of its page.")
    for prop in node_type.shown_properties:
        if prop.name not in fields:
            fields[prop.name] = _property_field(prop)
    fields |= _relationship_fields(node_type)
    return make_type(node_type.label, fields, node_type.description, interfaces, node_type)


def _relationship_fields(node_type: NodeType) -> dict[str, StrawberryField]:
    return {name: _many_field(hop) if hop.many else _one_field(hop) for name, hop in hops(node_type.label).items()}


def build() -> None:
    """Fill `TYPES`: the inputs, every object type, then the unions of them."""
    build_inputs(TYPES, UNIONS)
    for node_type in MODEL.exposed:
        TYPES[node_type.label] = _object_type(node_type)
    for labels, name in UNIONS.items():
        members = [TYPES[label] for label in sorted(labels)]
        joined: Any = members[0]
        for member in members[1:]:
            joined |= member
        TYPES[name] = Annotated[joined, strawberry.union(name, description=UNION_DESCRIPTIONS[name])]


build()
