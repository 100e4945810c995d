"""`surroundings` and `path` in GraphQL: what a record is linked to, and how two records hang together."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from api.answers import Rendered, ids_connection, value
from api.context import Info
from api.types import TYPES, computed, make_type
from graph.surroundings import read_around, read_path


def _build() -> None:
    TYPES["LinkedRecords"] = make_type(
        "LinkedRecords",
        {
            "field": value("str", "field", "The relationship, by the name of its field on the record's type."),
            "count": value("int", "count", "How many records there are at its other end."),
            "records": ids_connection("RecordInterface", "records", "The newest of them, at most 100."),
        },
        "What a record is linked to by one relationship.",
    )
    TYPES["WayStep"] = make_type(
        "WayStep",
        {
            "relationship": value("str | None", "relationship", "Type of the relationship that leads here; none leads to the first."),
            "along": value("bool | None", "along", "Whether the relationship's arrow points here; false where it points back."),
            "record": computed("RecordInterface", lambda root: root.record(root.value.node), "The record."),
        },
        "A record on the way from one to another.",
    )


_build()


def surroundings_field() -> StrawberryField:
    async def resolve(info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Global id of a record.")]) -> Any:  # noqa: A002 - the argument's name in GraphQL
        context = info.context
        return [Rendered(linked, context) for linked in await read_around(context.database, id, context.viewer)]

    return computed(
        "list[LinkedRecords]", resolve, "What a record is linked to, a list for each relationship, longest first; groups and sources last."
    )


def path_field() -> StrawberryField:
    async def resolve(
        info: Info,
        start: Annotated[strawberry.ID, strawberry.argument(description="Global id of the record where it begins.")],
        end: Annotated[strawberry.ID, strawberry.argument(description="Global id of the record where it ends.")],
    ) -> Any:
        context = info.context
        return [Rendered(step, context) for step in await read_path(context.database, start, end, context.viewer)]

    return computed("list[WayStep]", resolve, "The shortest way between two records, both ends among it; empty where there is none.")
