"""Selections on connections: what of a list is asked for, and the function that makes the response object of its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import FieldNode, GraphQLObjectType

from api.compiler.collect import Unsupported
from api.compiler.records import Compilation, edge_value, record
from api.compiler.source import mapping
from api.lists import groups_of, listing_of
from graph.errors import NetworkError
from graph.hops import Hop
from graph.model import NodeType, Property
from graph.plan.groups import COUNT, SHOWN
from graph.plan.shape import Cursor, Groups, Listing, Score, SortValue, Sums, Window
from graph.plan.shape import Fields as Columns
from graph.read import DEFAULT_PAGE, check_direction, cursor_order


def listed(
    types: Sequence[NodeType],
    connection: Any,
    nodes: Sequence[FieldNode],
    arguments: Mapping[str, Any],
    compilation: Compilation,
    hop: Hop | None = None,
) -> tuple[Listing, str]:
    """(the list that is asked for, source of its response object with `«c»` where its answers stand)."""
    try:
        listing = listing_of(types, arguments, _window(arguments, compilation))
        made = _Connection(listing, connection, compilation, hop)
    except NetworkError as error:
        raise Unsupported(error.message) from error
    return listing, made.text(nodes)


def _window(arguments: Mapping[str, Any], compilation: Compilation) -> Window:
    first, after, last, before = (arguments.get(name) for name in ("first", "after", "last", "before"))
    check_direction(first, after, last, before)
    backward = last is not None
    limit = last if backward else DEFAULT_PAGE if first is None else first
    leaf = before if backward else after
    if leaf is None:
        return Window(limit, None, backward)
    return Window(limit, Cursor(leaf, compilation.absent(leaf)), backward)


class _Connection:
    """One connection in the making."""

    def __init__(self, listing: Listing, connection: GraphQLObjectType, compilation: Compilation, hop: Hop | None) -> None:
        self.listing = listing
        self.connection = connection
        self.compilation = compilation
        self.hop = hop
        self.columns = Columns()
        self.figures: list[tuple[str, str | None]] = []
        self.groups: list[Groups] = []
        self.rows = compilation.source.name("p")

    def text(self, nodes: Sequence[FieldNode]) -> str:
        fields = self.compilation.collector.below(nodes, self.connection)
        names = {found[0].name.value for found in fields.values()}
        # A cursor of another list is refused whatever is asked for: only where its place is looked up does that come to light.
        if names & {"edges", "nodes", "pageInfo"} or self.listing.window.cursor:
            self.listing.fields = self.columns
        self.listing.total = "totalCount" in names
        paged = "pageInfo" in names
        limit = self.compilation.value(self.listing.window.limit)
        page = f"[:{limit}][::-1]" if self.listing.window.backward else f"[:{limit}]"
        if not paged:
            self.rows = f"«c»[0]{page}"
        entries = [(key, self._field(found)) for key, found in fields.items()]
        if self.figures:
            self.listing.sums = Sums(tuple(self.figures))
        self.listing.groups = self.groups
        text = self._placed(mapping(entries))
        if not paged:
            return text
        lines = [f"more = len(c[0]) > {limit}", f"{self.rows} = c[0]{page}", f"return {text.replace('«c»', 'c')}"]
        return f"{self.compilation.source.function('c, x', lines)}(«c», x)"

    def _placed(self, text: str) -> str:
        """The text with the places of the answers: they follow one another, and which there are is known at the end only."""
        place = 0 if self.listing.fields is None else 1
        text = text.replace("«total»", f"«c»[{place}]")
        place += self.listing.total
        text = text.replace("«sums»", f"«c»[{place}]")
        place += self.listing.sums is not None
        for number in range(len(self.groups)):
            text = text.replace(f"«groups{number}»", f"«c»[{place + number}]")
        return text

    def _field(self, nodes: list[FieldNode]) -> str:
        name = nodes[0].name.value
        if name in {"__typename", "totalCount"}:
            return repr(self.connection.name) if name == "__typename" else "«total»"
        parts = {
            "nodes": self._nodes,
            "edges": self._edges,
            "pageInfo": self._page_info,
            "aggregate": self._aggregate,
            "groups": self._groups,
            "facets": self._facets,
        }
        return parts[name](nodes)

    def _nodes(self, nodes: list[FieldNode]) -> str:
        row = self.compilation.source.name("o")
        return f"[{record(self.listing.types, nodes, self.columns, row, self.compilation)} for {row} in {self.rows}]"

    def _edges(self, nodes: list[FieldNode]) -> str:
        on = self.compilation.field_type(self.connection, "edges")
        assert isinstance(on, GraphQLObjectType)  # noqa: S101 - an edge is an object
        row = self.compilation.source.name("o")
        properties = {p.name: p for p in self.hop.relationship.properties} if self.hop else {}
        entries = []
        for key, found in self.compilation.collector.below(nodes, on).items():
            entries.append((key, self._edge_field(on, found, row, properties)))
        return f"[{mapping(entries)} for {row} in {self.rows}]"

    def _edge_field(self, on: GraphQLObjectType, nodes: list[FieldNode], row: str, properties: Mapping[str, Property]) -> str:
        match nodes[0].name.value:
            case "__typename":
                return repr(on.name)
            case "cursor":
                return self._cursor(row)
            case "node":
                return record(self.listing.types, nodes, self.columns, row, self.compilation)
            case "score":
                return f"{row}[{self.columns.place(Score())}]"
            case name:
                return edge_value(properties[name], self.columns, row, self.compilation.source)

    def _cursor(self, row: str) -> str:
        places = [self.columns.place(SortValue(number)) for number in range(max(1, len(self.listing.order)))]
        values = ", ".join(f"{row}[{place}]" for place in places)
        return f"cursor({cursor_order(self.listing, linked=self.hop is not None)!r}, [{values}], {row}[0])"

    def _page_info(self, nodes: list[FieldNode]) -> str:
        on = self.compilation.object_type("PageInfo")
        window = self.listing.window
        behind = repr(window.cursor is not None)
        values = {
            "hasNextPage": behind if window.backward else "more",
            "hasPreviousPage": "more" if window.backward else behind,
        }
        entries = []
        for key, found in self.compilation.collector.below(nodes, on).items():
            name = found[0].name.value
            if name in values:
                entries.append((key, values[name]))
            elif name == "__typename":
                entries.append((key, repr(on.name)))
            else:
                end = f"{self.rows}[{0 if name == 'startCursor' else -1}]"
                entries.append((key, f"({self._cursor(end)} if {self.rows} else None)"))
        return mapping(entries)

    def _aggregate(self, nodes: list[FieldNode]) -> str:
        on = self.compilation.field_type(self.connection, "aggregate")
        return self._figures(on, nodes, self.figures, "«sums»")

    def _figures(self, on: Any, nodes: Sequence[FieldNode], figures: list[tuple[str, str | None]], row: str) -> str:
        """Source of an aggregate; adds to `figures` those that it needs."""
        entries = []
        for key, found in self.compilation.collector.below(nodes, on).items():
            name = found[0].name.value
            if name == "__typename":
                entries.append((key, repr(on.name)))
            elif name == COUNT:
                entries.append((key, f"{row}[{_place(figures, (COUNT, None))}]"))
            else:
                entries.append((key, self._figures_of(on, name, found, figures, row)))
        return mapping(entries)

    def _figures_of(self, on: Any, name: str, nodes: Sequence[FieldNode], figures: list[tuple[str, str | None]], row: str) -> str:
        inner: Any = self.compilation.field_type(on, name)
        entries = []
        for key, found in self.compilation.collector.below(nodes, inner).items():
            function = found[0].name.value
            if function == "__typename":
                entries.append((key, repr(inner.name)))
                continue
            value = f"{row}[{_place(figures, (function, name))}]"
            entries.append((key, f"{function}({value})" if function in SHOWN else value))
        return mapping(entries)

    def _grouping(self, arguments: Mapping[str, Any], figures: list[tuple[str, str | None]]) -> str:
        """Ask for groups; returns where they stand."""
        self.groups.append(groups_of(arguments["by"], arguments["first"], Sums(tuple(figures)), arguments["language"]))
        return f"«groups{len(self.groups) - 1}»"

    def _groups(self, nodes: list[FieldNode]) -> str:
        arguments = self.compilation.arguments(self.connection, nodes[0])
        on: Any = self.compilation.field_type(self.connection, "groups")
        row = self.compilation.source.name("g")
        figures: list[tuple[str, str | None]] = [(COUNT, None)]
        entries = []
        for key, found in self.compilation.collector.below(nodes, on).items():
            match found[0].name.value:
                case "__typename":
                    entries.append((key, repr(on.name)))
                case "count":
                    entries.append((key, f"{row}[1][0]"))
                case "aggregate":
                    inner = self.compilation.field_type(on, "aggregate")
                    entries.append((key, self._figures(inner, found, figures, f"{row}[1]")))
                case _:
                    entries.append((key, self._keys(found, arguments["by"], row)))
        return f"[{mapping(entries)} for {row} in {self._grouping(arguments, figures)}]"

    def _keys(self, nodes: Sequence[FieldNode], by: Sequence[Mapping[str, Any]], row: str) -> str:
        on = self.compilation.object_type("GroupKey")
        parts = []
        for number, bucket in enumerate(by):
            key = f"{row}[0][{number}]"
            values = {"__typename": repr(on.name), "by": repr(field_of(bucket)), "value": f"{key}[0]", "label": f"{key}[1]"}
            fields = self.compilation.collector.below(nodes, on)
            parts.append(mapping([(name, values[found[0].name.value]) for name, found in fields.items()]))
        return f"[{', '.join(parts)}]"

    def _facets(self, nodes: list[FieldNode]) -> str:
        arguments = self.compilation.arguments(self.connection, nodes[0])
        on = self.compilation.object_type("Facet")
        fields = self.compilation.collector.below(nodes, on)
        parts = []
        for bucket in arguments["by"]:
            place = self._grouping({**arguments, "by": [bucket]}, [(COUNT, None)])
            entries = []
            for key, found in fields.items():
                values = {"__typename": repr(on.name), "by": repr(field_of(bucket))}
                name = found[0].name.value
                entries.append((key, values[name] if name in values else self._buckets(found, place)))
            parts.append(mapping(entries))
        return f"[{', '.join(parts)}]"

    def _buckets(self, nodes: Sequence[FieldNode], place: str) -> str:
        on = self.compilation.object_type("FacetBucket")
        row = self.compilation.source.name("g")
        values = {"__typename": repr(on.name), "value": f"{row}[0][0][0]", "label": f"{row}[0][0][1]", "count": f"{row}[1][0]"}
        fields = self.compilation.collector.below(nodes, on)
        return f"[{mapping([(key, values[found[0].name.value]) for key, found in fields.items()])} for {row} in {place}]"


def field_of(bucket: Mapping[str, Any]) -> str:
    """The property or relationship of a bucket."""
    [value] = bucket.values()
    return str(value["field"] if isinstance(value, Mapping) else value)


def _place(figures: list[tuple[str, str | None]], figure: tuple[str, str | None]) -> int:
    if figure not in figures:
        figures.append(figure)
    return figures.index(figure)
