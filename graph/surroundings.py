"""What a record is linked to, relationship by relationship, and the shortest way from one record to another.

Both are one query. The relationships are those of the model; `docs/surroundings.md` says which a path may take. Must not know how it is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graph.database import Database, Query, identifier
from graph.errors import Code, NetworkError
from graph.hops import Hop, hops
from graph.model import MODEL, NodeType
from graph.viewer import Viewer

AROUND: Final = 100
"""Records of one relationship that are brought at the most, newest first."""
LENGTH: Final = 6
"""Steps of the longest path that is looked for."""
TELLING: Final = (
    "Country",
    "Organization",
    "Post",
    "Project",
    "Practice",
    "Solution",
    "Offer",
    "FundingCall",
    "Need",
    "Partnership",
    "Forum",
    "Commitment",
    "EssentialService",
)
"""What a path goes through first: who did what with whom. A shared topic says less, and is tried where nothing else joins the two.
Groups of countries, indicators and sources join everything with everything and are never passed."""
TAIL: Final = ("groups", "sources")
"""Relationships that say least, and so come last."""
POINTS_THERE: Final = "[place IN range(0, length(p) - 1) | startNode(relationships(p)[place]) = nodes(p)[place]]"
DATES: Final = ("date", "startDate", "starts")


@dataclass(frozen=True, slots=True)
class Linked:
    """Records at the other end of one relationship. `field` is its name in GraphQL, `records` are ids, `count` says how many there are."""

    field: str
    records: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Step:
    """A record on a path, and the relationship that leads to it; `along` is false where its arrow points back. The first has none."""

    node: str
    relationship: str | None = None
    along: bool | None = None


def type_of(record_id: str) -> NodeType:
    """The type of a record with a page. Raises NOT_FOUND."""
    found = MODEL.by_prefix.get(record_id.partition(":")[0])
    if found is None or found not in MODEL.exposed or not found.path:
        raise NetworkError(
            Code.NOT_FOUND,
            f"“{record_id[:80]}” is not the id of a record.",
            hint="Give a global id such as country:KEN.",
            details={"id": record_id[:80]},
        )
    return found


def shown_hops(node_type: NodeType) -> dict[str, Hop]:
    """Relationships that lead to records with pages, by the name of their field."""
    return {name: hop for name, hop in hops(node_type.label).items() if all(target.path for target in hop.targets)}


def around(record_id: str, viewer: Viewer) -> Query:
    """One row: a list of `[field, ids, count]` for each relationship of the record's type; no row where the viewer may not see it."""
    node_type = type_of(record_id)
    seen = viewer.predicate("n", node_type)
    lines = [f"MATCH (n:{identifier(node_type.label)} {{id: $id}})"]
    if seen:
        lines.append(f"WHERE {seen}")
    names = list(shown_hops(node_type))
    for place, name in enumerate(names):
        lines.append(_linked(shown_hops(node_type)[name], place, viewer))
    lines.append(f"RETURN [{', '.join(f'[{name!r}, ids{place}, count{place}]' for place, name in enumerate(names))}]")
    return Query("\n".join(lines), {"id": record_id, "most": AROUND} | viewer.parameters)


def _linked(hop: Hop, place: int, viewer: Viewer) -> str:
    seen = viewer.predicate("x", *hop.targets)
    dates = [f"x.{name}" for name in DATES if any(name in target.by_physical_name for target in hop.targets)]
    newest = f"coalesce({', '.join(dates)})" if len(dates) > 1 else "".join(dates)
    order = f"{newest} IS NULL, {newest} DESC, x.id" if newest else "x.id"
    where = f"\n  WHERE {seen}" if seen else ""
    return (
        f"CALL (n) {{\n  MATCH {hop.pattern('n', 'x')}{where}\n  WITH DISTINCT x\n  ORDER BY {order}\n"
        f"  RETURN collect(x.id)[..$most] AS ids{place}, count(x) AS count{place}\n}}"
    )


def path(start: str, end: str, viewer: Viewer, labels: Sequence[str] = TELLING) -> Query:
    """One row, the shortest path: ids of its nodes, types of its relationships, and for each whether its arrow points that way."""
    types = [MODEL[label] for label in labels]
    names = "|".join(identifier(t.label) for t in types)
    seen = viewer.predicate("x", *types)
    ends = [
        f"MATCH ({alias}:{identifier(t.label)} {{id: ${alias}}})"
        + (f"\nWHERE {seen_end}" if (seen_end := viewer.predicate(alias, t)) else "")
        for alias, t in (("a", type_of(start)), ("b", type_of(end)))
    ]
    # The end was looked at already, and may be of any type.
    inner = f"x = b OR (x:{names}" + (f" AND {seen})" if seen else ")")
    return Query(
        "\n".join(
            [
                *ends,
                f"MATCH p = SHORTEST 1 (a) (()-[:{'|'.join(_relationships(types))}]-(x WHERE {inner})){{1,{LENGTH}}} (b)",
                "RETURN [n IN nodes(p) | n.id], [r IN relationships(p) | type(r)], " + POINTS_THERE,
            ]
        ),
        {"a": start, "b": end} | viewer.parameters,
    )


def _relationships(types: Sequence[NodeType]) -> list[str]:
    return sorted({identifier(hop.relationship.type) for t in types for hop in shown_hops(t).values()})


async def read_around(database: Database, record_id: str, viewer: Viewer) -> list[Linked]:
    """Everything the record is linked to, the longest list first, `TAIL` last. Raises NOT_FOUND."""
    rows = await database.read(around(record_id, viewer))
    if not rows:
        raise NetworkError(Code.NOT_FOUND, f"There is no record “{record_id[:80]}”.", hint="The record may have moved: search for it.")
    found = [Linked(name, tuple(ids), count) for name, ids, count in rows[0][0] if count]
    return sorted(found, key=lambda linked: (linked.field in TAIL, -linked.count, linked.field))


async def read_path(database: Database, start: str, end: str, viewer: Viewer) -> list[Step]:
    """The shortest way from one record to the other, both ends among it; empty where there is none. Raises NOT_FOUND, BAD_INPUT."""
    if start == end:
        raise NetworkError(Code.BAD_INPUT, "Both ends of the path are one record.", hint="Give two different ids.")
    for labels in (TELLING, (*TELLING, "Topic")):
        rows = await database.read(path(start, end, viewer, labels))
        if rows:
            nodes, types, along = rows[0]
            return [Step(nodes[0]), *(Step(n, t, a) for n, t, a in zip(nodes[1:], types, along, strict=True))]
    return []
