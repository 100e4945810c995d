"""What computed answers (a match, peers, the board) have in common: sentences in the reader's language, records fetched when selected, pages of lists in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from strawberry.types.field import StrawberryField

from api.context import Context, Info
from api.lists import After, Before, First, Last
from api.types import Listed, computed, connection
from api.wording import translations
from graph import cursor as cursors
from graph.errors import Code, NetworkError
from graph.message import Message
from graph.read import Edge, Node, Page, PageArgs

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A value of the result with the context that can tell its sentences and fetch its records."""

    value: Any
    context: Context

    def tell(self, message: Message) -> str:
        return message.render(translations(self.context.language), self.context.writer)

    async def record(self, record_id: str) -> Node | None:
        return await self.context.node(record_id)


class Once(Generic[T]):
    """Work that the first who asks starts and all others wait for: what a page of answers reads together."""

    def __init__(self, work: Callable[[], Awaitable[T]]) -> None:
        self._work = work
        self._task: asyncio.Future[T] | None = None

    async def get(self) -> T:
        if self._task is None:
            self._task = asyncio.ensure_future(self._work())
        return await self._task


def value(annotation: str, name: str, description: str) -> StrawberryField:
    """A field that is an attribute of the value."""
    return computed(annotation, lambda root: getattr(root.value, name), description)


def told(name: str, description: str) -> StrawberryField:
    """A field that is a sentence of the value, in the reader's language."""
    return computed("str", lambda root: root.tell(getattr(root.value, name)), description)


def rendered(annotation: str, name: str, description: str) -> StrawberryField:
    """A field that is a list of values, each with the context."""
    return computed(annotation, lambda root: [Rendered(item, root.context) for item in getattr(root.value, name)], description)


def record(annotation: str, name: str, description: str) -> StrawberryField:
    """A field that is the record with the id in the value."""
    return computed(annotation, lambda root: root.record(getattr(root.value, name)), description)


def ids_connection(target: str, ids: str, description: str) -> StrawberryField:
    """A connection over a list of ids that the answer already ordered."""

    async def resolve(
        root: Rendered, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Any:
        args = info.context.page_args(first, after, last, before)
        return await _page_of_ids(root, getattr(root.value, ids), args)

    return computed(connection(target), resolve, description)


async def _page_of_ids(root: Rendered, ids: Sequence[str], args: PageArgs) -> Listed:
    chosen, has_next, has_previous = slice_of(ids, args)
    found = await root.context.nodes([record_id for _, record_id in chosen])
    edges = tuple(
        Edge(node, cursors.encode("match", [place], node.id), {})
        for place, record_id in chosen
        if (node := found.get(record_id)) is not None
    )
    return Listed(Page(edges, has_next, has_previous), lambda: len(ids))


def page_of(values: Mapping[str, T], args: PageArgs, what: str, shown: Callable[[list[T]], list[Any]]) -> Listed:
    """A page of values by key, in their order, as `shown` prepares those of the page. A cursor of another list than `what` is refused."""
    chosen, has_next, has_previous = slice_of(list(values), args, what)
    nodes = shown([values[key] for _, key in chosen])
    edges = tuple(Edge(node, cursors.encode(what, [place], key), {}) for node, (place, key) in zip(nodes, chosen, strict=True))
    return Listed(Page(edges, has_next, has_previous), lambda: len(values))


def slice_of(keys: Sequence[str], args: PageArgs, what: str = "match") -> tuple[list[tuple[int, str]], bool, bool]:
    """Items of a list in memory with their places, and whether there are more behind and before."""
    places = list(enumerate(keys))
    start, end = 0, len(places)
    if args.cursor is not None:
        (place,), _ = cursors.decode(args.cursor, what)
        if not isinstance(place, int) or not 0 <= place < len(places):
            raise NetworkError(
                Code.BAD_CURSOR, f"The cursor belongs to another {what}.", hint="Leave `after` and `before` out to begin again."
            )
        start, end = (0, place) if args.backward else (place + 1, end)
    start, end = (max(start, end - args.limit), end) if args.backward else (start, min(end, start + args.limit))
    return places[start:end], end < len(places), start > 0
