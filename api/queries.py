"""The root query: nodes by id, a single record and a list of every exposed type."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from api.types import TYPES, After, Before, First, Info, Last, Listing, NodeInterface, computed, connection, make_type
from graph import read
from graph.errors import Code, NetworkError
from graph.model import MODEL, NodeType

Ids = Annotated[list[strawberry.ID], strawberry.argument(description="Global ids, at most 100.")]
Key = Annotated[strawberry.ID, strawberry.argument(description="Global id, or the key behind its colon.")]
GlobalId = Annotated[strawberry.ID, strawberry.argument(description="Global id.")]
TYPES["NodeInterface"] = NodeInterface


def _node_field() -> StrawberryField:
    async def node(info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Global id.")]) -> Any:  # noqa: A002 - Relay's name
        return (await read.fetch_nodes(info.context.database, [id], info.context.viewer)).get(id)

    return computed("NodeInterface | None", node, "The node with this global id, if there is one that you may see.")


def _nodes_field() -> StrawberryField:
    async def nodes(info: Info, ids: Ids) -> Any:
        if len(ids) > 100:
            raise NetworkError(
                Code.PAGE_SIZE, f"{len(ids)} ids were given.", hint="Ask for at most 100 at a time.", details={"largest": 100}
            )
        found = await read.fetch_nodes(info.context.database, ids, info.context.viewer)
        return [found.get(record_id) for record_id in ids]

    return computed("list[NodeInterface | None]", nodes, "Nodes in the order of their ids; null where there is none.")


def _single_field(node_type: NodeType) -> StrawberryField:
    async def resolve(info: Info, id: Key) -> Any:  # noqa: A002 - Relay's name
        record_id = id if ":" in id else f"{node_type.prefix}:{id}"
        found = (await read.fetch_nodes(info.context.database, [record_id], info.context.viewer)).get(record_id)
        return found if found is None or found.type is node_type else None

    return computed(f"{node_type.label} | None", resolve, f"One {node_type.label} by id.")


def _list_field(node_type: NodeType) -> StrawberryField:
    async def resolve(info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None) -> Any:
        context = info.context
        page = await read.fetch_page(context.database, node_type, context.page_args(first, after, last, before), context.viewer)

        async def total() -> int:
            return int((await context.database.read(read.count(node_type, context.viewer)))[0][0])

        return Listing(page, total)

    return computed(connection(node_type.label), resolve, f"All records of type {node_type.label} that you may see.")


def model_fields() -> dict[str, StrawberryField]:
    """Fields of the root query that the model implies, by GraphQL name."""
    fields = {"node": _node_field(), "nodes": _nodes_field()}
    for node_type in MODEL.exposed:
        fields[node_type.single] = _single_field(node_type)
        fields[node_type.plural] = _list_field(node_type)
    return fields


ModelQuery = make_type("ModelQuery", model_fields(), "Reads that the model implies.")
