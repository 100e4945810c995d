"""Reads of whole records, a level at a time: by id, lists, what records are linked to. The plan of one question each.

Pages are by keyset (sort values and id), never by offset. Visibility is part of every query.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from graph import cursor as cursors
from graph.database import Database, Query, identifier
from graph.errors import Code, NetworkError
from graph.hops import Hop
from graph.model import MODEL, NodeType
from graph.plan.binding import Vectors, bind, texts_to_embed
from graph.plan.cypher import Text, write, write_for_each
from graph.plan.order import RELEVANCE, Key, keys_of, sort_name
from graph.plan.rows import is_searched
from graph.plan.shape import Cursor, Fields, Groups, Listing, Score, SortValue, Sums, Value, Whole, WholeEdge, Window
from graph.plan.writing import Writing
from graph.viewer import ANYONE, Viewer

DEFAULT_PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class Node:
    """One record as read: its type, id, values by physical property name."""

    type: NodeType
    id: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edge:
    """A node in a list: its cursor, the properties of the relationship that led to it, how well it answers a search."""

    node: Node
    cursor: str
    values: dict[str, Any]
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list in the list's own order."""

    edges: tuple[Edge, ...]
    has_next: bool
    has_previous: bool


@dataclass(frozen=True, slots=True)
class PageArgs:
    """Relay's four arguments, checked: either the first `limit` behind `cursor`, or the last `limit` before it."""

    limit: int
    cursor: str | None = None
    backward: bool = False

    @classmethod
    def of(
        cls, first: int | None, after: str | None, last: int | None, before: str | None, *, largest: int, default: int = DEFAULT_PAGE
    ) -> PageArgs:
        """Raises `PAGE_SIZE` and `CONTRADICTORY_INPUT`."""
        check_direction(first, after, last, before)
        size = last if last is not None else default if first is None else first
        if not 0 <= size <= largest:
            raise NetworkError(
                Code.PAGE_SIZE,
                f"A page of {size} records was asked for.",
                hint=f"Ask for 0 to {largest} and page on with the cursor.",
                details={"largest": largest},
            )
        return cls(size, before if last is not None else after, last is not None)

    @property
    def window(self) -> Window:
        """Raises `BAD_CURSOR`."""
        cursor = None if self.cursor is None else Cursor(self.cursor, cursors.absent_in(self.cursor))
        return Window(self.limit, cursor, self.backward)


def check_direction(first: object, after: object, last: object, before: object) -> None:
    """Raises `CONTRADICTORY_INPUT` where the four arguments do not say one direction."""
    if first is not None and last is not None:
        raise NetworkError(
            Code.CONTRADICTORY_INPUT,
            "`first` and `last` were given together.",
            hint="Page forward with `first` and `after`, or backward with `last` and `before`.",
        )
    if (first is not None or last is None) and before is not None:
        raise NetworkError(Code.CONTRADICTORY_INPUT, "`before` needs `last`.", hint="Page backward with `last` and `before`.")
    if last is not None and after is not None:
        raise NetworkError(Code.CONTRADICTORY_INPUT, "`after` needs `first`.", hint="Page forward with `first` and `after`.")


Meaning = Callable[[Sequence[str]], Awaitable[Vectors]]


async def no_meaning(_texts: Sequence[str]) -> Vectors:
    """For readers that never search by meaning."""
    return {}


@dataclass(frozen=True)
class Reader:
    """Reads of one viewer. `index` is the vector index in use, `meaning` gives the vectors of texts that are searched for."""

    database: Database
    viewer: Viewer = ANYONE
    index: str | None = None
    meaning: Meaning = field(default=no_meaning)

    async def nodes(self, ids: Sequence[str]) -> dict[str, Node]:
        """Nodes by global id, whatever their types; unknown, invisible and malformed ids are absent."""
        by_type: dict[str, list[str]] = {}
        for record_id in dict.fromkeys(ids):
            node_type = MODEL.by_prefix.get(record_id.partition(":")[0])
            if node_type is not None and node_type.exposed:
                by_type.setdefault(node_type.label, []).append(record_id)
        found: dict[str, Node] = {}
        for label, group in by_type.items():
            for (values,) in await self.database.read(nodes_by_id(MODEL[label], group, self.viewer)):
                found[values["id"]] = node_of(values)
        return found

    async def page(self, listing: Listing) -> Page:
        [((rows,),)] = await self._run(page_text(listing, self._writing()))
        return page_of(rows, listing)

    async def pages(self, start: NodeType, hop: Hop, ids: Sequence[str], listing: Listing) -> dict[str, Page]:
        rows = await self._run(linked_page_text(start, hop, ids, listing, self._writing()))
        return {record_id: page_of(items, listing, linked=True) for record_id, (items,) in rows}

    async def answer(self, listing: Listing) -> Any:
        """What the listing asks of the whole list: its total, its figures or its groups."""
        [((answer,),)] = await self._run(write([listing], self._writing()))
        return answer

    async def answers(self, start: NodeType, hop: Hop, ids: Sequence[str], listing: Listing) -> dict[str, Any]:
        rows = await self._run(write_for_each(start, ids, hop, listing, self._writing()))
        return {record_id: answer for record_id, (answer,) in rows}

    def _writing(self) -> Writing:
        return Writing(self.viewer, self.index)

    async def _run(self, text: Text) -> list[tuple[Any, ...]]:
        wanted = texts_to_embed(text.writing, {})
        vectors = await self.meaning(wanted) if wanted else {}
        return await self.database.read(Query(text.text, bind(text.writing, {}, vectors, self.viewer)))


def whole(listing: Listing, hop: Hop | None = None) -> Listing:
    """The listing with everything of its records, and the sort values of their cursors."""
    keys = max(1, len(listing.order))
    return replace(listing, fields=Fields([Value("id"), Whole(), WholeEdge(hop), Score(), *(SortValue(n) for n in range(keys))]))


def page_text(listing: Listing, writing: Writing) -> Text:
    return write([whole(listing)], writing)


def linked_page_text(start: NodeType, hop: Hop, ids: Sequence[str], listing: Listing, writing: Writing) -> Text:
    return write_for_each(start, ids, hop, whole(listing, hop), writing)


def total_of(listing: Listing) -> Listing:
    """Only how many records the list has."""
    return replace(listing, fields=None, total=True, sums=None, groups=[])


def sums_of(listing: Listing, sums: Sums) -> Listing:
    """Only figures over the list."""
    return replace(listing, fields=None, total=False, sums=sums, groups=[])


def groups_of(listing: Listing, groups: Groups) -> Listing:
    """Only the list in groups."""
    return replace(listing, fields=None, total=False, sums=None, groups=[groups])


def nodes_by_id(node_type: NodeType, ids: Sequence[str], viewer: Viewer) -> Query:
    """Rows of one map per node found and visible, in no order."""
    return Query(
        f"UNWIND $ids AS id\nMATCH (n:{identifier(node_type.label)} {{id: id}})\n{_where(viewer.predicate('n', node_type))}RETURN {_projection(node_type)}",
        {"ids": list(ids)} | viewer.parameters,
    )


def node_by_property(node_type: NodeType, name: str, value: str, viewer: Viewer) -> Query:
    """The node whose unique property has the value."""
    return Query(
        f"MATCH (n:{identifier(node_type.label)} {{{identifier(name)}: $value}})\n{_where(viewer.predicate('n', node_type))}RETURN {_projection(node_type)}\nLIMIT 1",
        {"value": value} | viewer.parameters,
    )


async def fetch_nodes(database: Database, ids: Sequence[str], viewer: Viewer) -> dict[str, Node]:
    """Nodes by global id, as `Reader.nodes`."""
    return await Reader(database, viewer).nodes(ids)


def cursor_order(listing: Listing, *, linked: bool) -> str:
    """What cursors of the list are made for. A list of linked records keeps its order where it is searched."""
    if not linked and is_searched(listing, None) and not listing.order:
        return sort_name([Key(RELEVANCE, "", True, False)])
    return sort_name(keys_of(listing.types, listing.order, "n", Writing(ANYONE)))


def page_of(rows: Sequence[Sequence[Any]], listing: Listing, *, linked: bool = False) -> Page:
    """A page from rows in reading order, at most one more than the limit."""
    window = listing.window
    more = len(rows) > window.limit
    kept = list(rows[: window.limit])
    if window.backward:
        kept.reverse()
    sort = cursor_order(listing, linked=linked)
    edges = tuple(
        Edge(node_of(values), cursors.encode(sort, sort_values, record_id), link or {}, score)
        for record_id, values, link, score, *sort_values in kept
    )
    behind = window.cursor is not None
    return Page(edges, more if not window.backward else behind, more if window.backward else behind)


def node_of(values: dict[str, Any]) -> Node:
    """A node from a map with its id; the id's prefix names the type."""
    plain = {name: _native(value) for name, value in values.items() if value is not None}
    return Node(MODEL.by_prefix[values["id"].partition(":")[0]], values["id"], plain)


def _native(value: Any) -> Any:
    return value.to_native() if hasattr(value, "to_native") else value


def _projection(node_type: NodeType) -> str:
    return "n {.id, " + ", ".join(f".{identifier(name)}" for name in node_type.by_physical_name) + "}"


def _where(condition: str) -> str:
    return f"WHERE {condition}\n" if condition else ""
