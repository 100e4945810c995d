"""Subscriptions in GraphQL: the change log as a viewer may see it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

import strawberry

from api.context import Context, Info
from api.types import TYPES, NodeInterface, computed, make_type
from graph import read
from graph.changes import Change, ChangeFilter
from graph.errors import Code, NetworkError
from graph.matching.request import known_country
from graph.model import MODEL
from graph.schema import snake

MOST: Final = 100
"""Ids in one filter."""

NodeKind = StrEnum("NodeKind", {snake(t.label).upper(): t.label for t in MODEL.exposed})  # type: ignore[misc]  # its members are the model's types
strawberry.enum(NodeKind, name="NodeKind", description="Kinds of nodes that can change.")


@strawberry.enum(name="ChangeAction", description="What was done to a record.")
class ChangeAction(StrEnum):
    """The log's words."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    WITHDRAW = "WITHDRAW"


@dataclass(slots=True)
class Position:
    """Where a stream is in the log: `resume` is where the transport says that the client was, `sequence` the last change given out."""

    resume: int | None = None
    sequence: int | None = None


def _build() -> None:
    async def record(root: Change, info: Info) -> Any:
        return (await read.fetch_nodes(info.context.database, [root.record], info.context.viewer)).get(root.record)

    TYPES["datetime"] = datetime
    TYPES["ChangeAction"], TYPES["NodeKind"] = ChangeAction, NodeKind
    TYPES["NodeInterface"] = NodeInterface
    TYPES["RecordChange"] = make_type(
        "RecordChange",
        {
            "sequence": computed(
                "int", lambda root: root.sequence, "Place in the log, without gaps; give it as `after` to go on from here."
            ),
            "at": computed("datetime", lambda root: root.at, "When it was written."),
            "action": computed("ChangeAction", lambda root: ChangeAction(root.action), "What was done."),
            "kind": computed(
                "NodeKind", lambda root: NodeKind(MODEL.by_prefix[root.record.partition(":")[0]].label), "Kind of the record."
            ),
            "recordId": computed("ID", lambda root: root.record, "Global id of the record."),
            "changed": computed("list[str]", lambda root: list(root.changed), "Names of the fields that changed."),
            "record": computed(
                "NodeInterface | None", record, "The record as it is now, not as it was then; null once it is no longer yours to see."
            ),
        },
        "An entry of the change log.",
    )


_build()

Sequence = Annotated[
    int | None,
    strawberry.argument(description="Give out changes behind this `sequence`: 0 is the whole log. Left out: only what comes from now on."),
]
Kinds = Annotated[list[NodeKind] | None, strawberry.argument(description="Only records of these kinds.")]
Records = Annotated[list[strawberry.ID] | None, strawberry.argument(description="Only these records, at most 100.")]
Countries = Annotated[
    list[str] | None, strawberry.argument(description="Only these countries and what is linked to them, ISO 3166-1 alpha-3, at most 100.")
]


async def _filter(context: Context, kinds: list[Any] | None, records: list[Any] | None, countries: list[str] | None) -> ChangeFilter:
    for name, given in (("records", records), ("countries", countries)):
        if given is not None and not 1 <= len(given) <= MOST:
            raise NetworkError(Code.BAD_INPUT, f"`{name}` has {len(given)} values.", hint=f"Give 1 to {MOST}, or leave it out.")
    for record_id in records or ():
        node_type = MODEL.by_prefix.get(record_id.partition(":")[0])
        if node_type is None or not node_type.exposed:
            raise NetworkError(Code.BAD_INPUT, f"“{record_id[:60]}” is not a global id.", hint="Take ids as other fields give them.")
    known, _ = await context.network.known()
    places = tuple(f"country:{known_country(code[:100], known)}" for code in countries or ())
    wanted = ChangeFilter(tuple(kind.value for kind in kinds or ()), tuple(records or ()), places)
    if not wanted.types:
        raise NetworkError(
            Code.CONTRADICTORY_INPUT,
            "Records of these kinds are not linked to countries.",
            hint="Leave `countries` out, or name other kinds.",
        )
    return wanted


@strawberry.type(description="What can be followed.")
class Subscription:
    """The root of subscriptions; its value is the stream's `Position`."""

    @strawberry.subscription(
        graphql_type=TYPES["RecordChange"],
        description="Changes of records that you may see, in the order of the log, each once. Resume with `after` where you broke off.",
    )
    async def changes(
        root: Position,  # noqa: N805 - Strawberry's name for the root value
        info: Info,
        after: Sequence = None,
        kinds: Kinds = None,
        records: Records = None,
        countries: Countries = None,
    ) -> AsyncGenerator[Any, None]:
        context = info.context
        wanted = await _filter(context, kinds, records, countries)
        start = after if root.resume is None else root.resume
        async with aclosing(context.network.feed.follow(start, wanted, context.viewer)) as found:
            async for change in found:
                # Loaders must not remember the graph as it was at an earlier change.
                context.forget()
                root.sequence = change.sequence
                yield change
