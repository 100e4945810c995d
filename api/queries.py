"""The root query: nodes by id, a single record and a list of every exposed type."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from api.context import Info
from api.lists import list_arguments, listing_of, with_arguments
from api.types import TYPES, Listed, NodeInterface, computed, connection, given_to_list
from graph.errors import Code, NetworkError
from graph.model import MODEL, NodeType

Ids = Annotated[list[strawberry.ID], strawberry.argument(description="Global ids, at most 100.")]
Key = Annotated[strawberry.ID, strawberry.argument(description="Global id, or the key behind its colon.")]
MOST_IDS = 100
TYPES["NodeInterface"] = NodeInterface


def _node_field() -> StrawberryField:
    async def node(info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Global id.")]) -> Any:  # noqa: A002 - Relay's name
        return await info.context.node(id)

    return computed(
        "NodeInterface | None",
        node,
        "The node with this global id, if there is one that you may see. The id of a record that was merged into another leads to the one that stayed.",
    )


def _nodes_field() -> StrawberryField:
    async def nodes(info: Info, ids: Ids) -> Any:
        if len(ids) > MOST_IDS:
            raise NetworkError(
                Code.PAGE_SIZE, f"{len(ids)} ids were given.", hint=f"Ask for at most {MOST_IDS} at a time.", details={"largest": MOST_IDS}
            )
        found = await info.context.nodes(ids)
        return [found.get(record_id) for record_id in ids]

    return computed(
        "list[NodeInterface | None]",
        nodes,
        "Nodes in the order of their ids; null where there is none. Ids of merged records lead on, as in `node`.",
    )


def _single_field(node_type: NodeType) -> StrawberryField:
    async def resolve(info: Info, id: Key) -> Any:  # noqa: A002 - Relay's name
        found = await info.context.node(node_type.global_id(id))
        return found if found is None or found.type is node_type else None

    return computed(f"{node_type.label} | None", resolve, f"One {node_type.label} by id.")


def _list_field(node_type: NodeType) -> StrawberryField:
    types = (node_type,)

    async def resolve(info: Info, **given: Any) -> Any:
        context = info.context
        plain = given_to_list(given)
        listing = listing_of(types, plain, context.window(plain))
        answer = partial(context.answer_of, listing)
        return Listed(await (await context.reader()).page(listing), answer, answer, answer)

    arguments = list_arguments(node_type.label, types, TYPES)
    return computed(
        connection(node_type.label, types),
        with_arguments(resolve, arguments, info=True),
        f"All records of type {node_type.label} that you may see.",
    )


def model_fields() -> dict[str, StrawberryField]:
    """Fields of the root query that the model implies, by GraphQL name."""
    fields = {"node": _node_field(), "nodes": _nodes_field()}
    for node_type in MODEL.exposed:
        fields[node_type.single] = _single_field(node_type)
        fields[node_type.plural] = _list_field(node_type)
    return fields
