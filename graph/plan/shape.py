"""What is asked of the graph, as plain data: records with columns, lists of records, what is counted and summed over a list.

A plan is made by the API from a GraphQL operation and becomes one Cypher text in `graph.plan.cypher`. Must know neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graph.hops import Hop
from graph.model import NodeType
from graph.plan.filters import Where
from graph.plan.order import Order
from graph.plan.parameters import Leaf


@dataclass(frozen=True, slots=True)
class Value:
    """A property of the record, in a language where it has several."""

    name: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class EdgeValue:
    """A property of the relationship that led to the record."""

    name: str


@dataclass(frozen=True, slots=True)
class SortValue:
    """The value of one key of the order, as cursors need it."""

    number: int


@dataclass(frozen=True, slots=True)
class Score:
    """How well the record answers the search that the list begins with."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Every property of the record as a map."""


@dataclass(frozen=True, slots=True)
class WholeEdge:
    """Every property of the relationship that led to the record as a map, empty where none did."""

    hop: Hop | None = None


@dataclass(frozen=True, slots=True)
class One:
    """The record at the other end of a to-one relationship: its columns, or null."""

    hop: Hop
    fields: Fields
    of: NodeType


@dataclass(frozen=True, slots=True)
class Many:
    """A list of linked records."""

    hop: Hop
    listing: Listing
    of: NodeType


Column: TypeAlias = Value | EdgeValue | SortValue | Score | Whole | WholeEdge | One | Many


@dataclass
class Fields:
    """Columns of one record, in the order in which a row has them. The first is always the id."""

    columns: list[Column] = field(default_factory=lambda: [Value("id")])

    def place(self, column: Column) -> int:
        """Where the column stands in a row; equal values stand there once."""
        if isinstance(column, One | Many) or column not in self.columns:
            self.columns.append(column)
            return len(self.columns) - 1
        return self.columns.index(column)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A cursor that arrives with the request or stands in the document; `absent` says which of its sort values are."""

    leaf: Leaf
    absent: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class CursorAt:
    """One sort value of a cursor as a parameter, or its record's id where `number` is absent. `keys` is how many values it has."""

    leaf: Leaf
    sort: str
    keys: int
    number: int | None


@dataclass(frozen=True, slots=True)
class Window:
    """Which records of a list: so many behind a cursor in reading direction."""

    limit: Leaf
    cursor: Cursor | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """Figures over a list: their names, each with the property that it is of. `count` has none."""

    figures: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Bucket:
    """One way to put records into groups: by a property, by a span of dates, by steps of a number, by a relationship."""

    field: str
    unit: str | None = None
    width: Leaf = None
    link: bool = False


@dataclass(frozen=True, slots=True)
class Groups:
    """A list in groups: by one bucket or several at once, largest first, so many at the most."""

    by: tuple[Bucket, ...]
    limit: Leaf
    sums: Sums
    language: str = "en"


@dataclass
class Listing:
    """A list of records and everything that is asked about it. A part that nobody asked for is absent."""

    types: Sequence[NodeType]
    where: Where | None = None
    edge: Mapping[str, Any] | None = None
    order: Sequence[Order] = ()
    window: Window = field(default_factory=lambda: Window(20))
    fields: Fields | None = None
    total: bool = False
    sums: Sums | None = None
    groups: list[Groups] = field(default_factory=list)


@dataclass
class Single:
    """Records by global id: `ids` in the order asked for."""

    ids: Leaf
    types: Sequence[NodeType]
    fields: Fields
    many: bool = False


Root: TypeAlias = Listing | Single
