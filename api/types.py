"""GraphQL object types, derived from the model: one type per exposed label, one connection per list.

The model's descriptions are the schema's. Resolvers read what `graph.read` brought and batch what they still need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField

from api.context import Context
from graph.model import MODEL, Kind, NodeType, Property, Relationship, localised_name
from graph.read import Hop, Node, Page, PageArgs
from graph.vocabulary import Language

Info = strawberry.Info[Context, None]
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

First = Annotated[int | None, strawberry.argument(description="How many from the start.")]
After = Annotated[str | None, strawberry.argument(description="Cursor to begin behind.")]
Last = Annotated[int | None, strawberry.argument(description="How many from the end.")]
Before = Annotated[str | None, strawberry.argument(description="Cursor to end before.")]
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
class Listing:
    """A connection's value: the page, and how to count the whole list when somebody asks."""

    page: Page
    total: Callable[[], Any]


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


def _one_field(hop: Hop, description: str, *, required: bool) -> StrawberryField:
    async def resolve(root: Node, info: Info) -> Any:
        page = await info.context.linked(root, hop, PageArgs(1))
        return page.edges[0].node if page.edges else None

    return computed(_target_name(hop) if required else f"{_target_name(hop)} | None", resolve, description)


def _many_field(hop: Hop, description: str) -> StrawberryField:
    async def resolve(root: Node, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None) -> Any:
        page = await info.context.linked(root, hop, info.context.page_args(first, after, last, before))
        return Listing(page, lambda: info.context.counted(root, hop))

    return computed(connection(_target_name(hop), hop.relationship), resolve, description)


def connection(target: str, relationship: Relationship | None = None) -> str:
    """Name of the connection type for a list of `target`; made on first use. Edge properties get a type of their own."""
    properties = relationship.properties if relationship else ()
    name = target + (relationship.name[0].upper() + relationship.name[1:] if relationship and properties else "") + "Connection"
    if name in TYPES:
        return name
    edge_name = name.removesuffix("Connection") + "Edge"
    edge: dict[str, Any] = {
        "cursor": computed("str", lambda root: root.cursor, "Cursor of this record."),
        "node": computed(target, lambda root: root.node, "The record."),
    }
    for prop in properties:
        edge[prop.name] = _property_field(prop)
    TYPES[edge_name] = make_type(edge_name, edge, "A record in a list, with what its link says.")

    def total(root: Listing) -> Any:
        return root.total()

    fields = {
        "edges": computed(f"list[{edge_name}]", lambda root: root.page.edges, "Records with their cursors."),
        "nodes": computed(f"list[{target}]", lambda root: [edge.node for edge in root.page.edges], "The records alone."),
        "pageInfo": computed("PageInfo", lambda root: page_info(root.page), "Where the page stands."),
        "totalCount": computed("int", total, "Length of the whole list; counted only when asked for."),
    }
    TYPES[name] = make_type(name, fields, "A page of a list.")
    return name


def make_type(
    name: str, fields: dict[str, Any], description: str, interfaces: tuple[type, ...] = (), value: NodeType | None = None
) -> type:
    """A Strawberry type whose fields are all given, with the GraphQL names they are filed under. `value` is the node type it stands for."""
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
    for prop in node_type.all_properties:
        if prop.name not in fields:
            fields[prop.name] = _property_field(prop)
    fields |= _relationship_fields(node_type)
    return make_type(node_type.label, fields, node_type.description, interfaces, node_type)


def _relationship_fields(node_type: NodeType) -> dict[str, StrawberryField]:
    fields = {}
    for relationship in node_type.all_relationships:
        hop = Hop(node_type, relationship)
        fields[relationship.name] = (
            _many_field(hop, relationship.description)
            if relationship.many
            else _one_field(hop, relationship.description, required=relationship.required)
        )
    for owner, relationship in MODEL.inverses(node_type.label):
        if owner.exposed and relationship.inverse:
            fields[relationship.inverse] = _many_field(
                Hop(owner, relationship, inverse=True), relationship.inverse_description or relationship.description
            )
    return fields


def build() -> None:
    """Fill `TYPES`: every object type, then the unions of them."""
    for node_type in MODEL.exposed:
        TYPES[node_type.label] = _object_type(node_type)
    for labels, name in UNIONS.items():
        members = [TYPES[label] for label in sorted(labels)]
        joined: Any = members[0]
        for member in members[1:]:
            joined |= member
        TYPES[name] = Annotated[joined, strawberry.union(name, description=UNION_DESCRIPTIONS[name])]


build()
