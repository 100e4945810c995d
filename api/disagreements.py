"""Where sources differ about a record, in GraphQL: what is displayed, what else is said, and the rule that decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from api.context import Context, Info
from api.types import TYPES, computed, make_type
from graph.provenance import Conflict, conflicts
from graph.read import Node
from graph.vocabulary import Because

strawberry.enum(Because, description=Because.__doc__)
TYPES["Because"] = Because
RecordId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a record.")]


@dataclass(frozen=True, slots=True)
class Stated:
    """One side: values as text, or the linked records that the viewer may see, and the sources that say so."""

    values: list[str]
    records: list[Node]
    sources: list[Node]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A field on which sources differ, with both sides."""

    record: Node
    field: str
    displayed: Stated
    other: Stated
    row: str | None
    because: Because | None
    reason: str


def disagreements_field() -> StrawberryField:
    """The field of the root query."""

    async def disagreements(info: Info, record: RecordId) -> list[Disagreement]:
        context = info.context
        node = await context.node(record)
        if node is None:
            return []
        found = await conflicts(context.database, node.id)
        seen = await context.nodes([conflict.record for conflict in found])
        return [await _told(seen[conflict.record], conflict, context) for conflict in found if conflict.record in seen]

    return computed(
        "list[Disagreement]",
        disagreements,
        "Fields of a record on which its sources differ, by name, and for a country its figures; none where the record is not there.",
    )


async def _told(node: Node, conflict: Conflict, context: Context) -> Disagreement:
    displayed = await _stated(conflict, conflict.displayed, conflict.shown_by, context)
    other = await _stated(conflict, conflict.said, (conflict.source,), context)
    return Disagreement(node, conflict.field, displayed, other, conflict.row, conflict.because, conflict.reason)


async def _stated(conflict: Conflict, value: object, sources: Iterable[str], context: Context) -> Stated:
    items = value if isinstance(value, list) else [] if value is None else [value]
    said_by = list((await context.nodes(list(sources))).values())
    if conflict.linked:
        return Stated([], list((await context.nodes([str(target) for target, _ in items])).values()), said_by)
    return Stated([_text(item) for item in items], [], said_by)


def _text(value: object) -> str:
    """As GraphQL writes it: whole figures without a fraction."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _field(annotation: str, name: str, description: str) -> Any:
    return computed(annotation, lambda root: getattr(root, name), description)


TYPES["Stated"] = make_type(
    "Stated",
    {
        "values": _field("list[str]", "values", "The value as text; several where the field has several."),
        "records": _field("list[NodeInterface]", "records", "The records, where the field leads to some that you may see."),
        "sources": _field("list[Source]", "sources", "Who says so."),
    },
    "What is said of a field, and by whom.",
)
TYPES["Disagreement"] = make_type(
    "Disagreement",
    {
        "record": _field("NodeInterface", "record", "The record, or a country's figure."),
        "field": _field("str", "field", "The property or relationship."),
        "displayed": _field("Stated", "displayed", "What the record shows."),
        "other": _field("Stated", "other", "What another source says."),
        "row": _field("str | None", "row", "The record's own identifier or place in that other source."),
        "because": _field(
            "Because | None", "because", "The rule that decided; null for a statement that was written before rules had names."
        ),
        "reason": _field("str", "reason", "The same as a sentence in English."),
    },
    "A field of a record on which its sources differ.",
)
