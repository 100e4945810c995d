"""Two records that are one: the second goes into the first, its history stays, and its address leads to the first.

Only a person decides that. Candidates come from `ingest/resolution.py`; here they are listed and decided.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from graph.database import Database, Query, identifier
from graph.errors import Code, NetworkError
from graph.model import MODEL
from graph.provenance import stored_records
from graph.records import Link, Record, Value
from graph.vocabulary import MergeState
from graph.writer import Outcome, existing_ids, write_batch

MERGEABLE: Final = ("Organization", "Project", "Practice", "Solution", "Offer", "FundingCall", "Partnership", "Need", "Post")


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: the id that stays, the id that leads to it now, how many relationships moved."""

    kept: str
    other: str
    moved: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two organisations that may be one, each with its name, the country that it is based in, and how many links it has."""

    id: str
    kept: str
    kept_name: str
    kept_country: str | None
    kept_links: int
    other: str
    other_name: str
    other_country: str | None
    other_links: int
    score: float
    reason: str


async def candidates(database: Database) -> list[Candidate]:
    """Pairs that nobody has decided, the most alike first. A pair that other merges made one is left out."""
    return [Candidate(*row) for row in await database.read(open_candidates(), timeout=60)]


async def keep_apart(database: Database, one: str, another: str, *, actor: str) -> None:
    """Say that two records are two: they are no candidates any more. Raises NOT_FOUND where they are none."""
    ids = [c.id for c in await candidates(database) if {c.kept, c.other} == {one, another}]
    if not ids:
        raise NetworkError(
            Code.NOT_FOUND, f"{one} and {another} are no open candidates.", hint="`gcio candidates` lists those that wait for a decision."
        )
    found = (await stored_records(database, "MergeCandidate", ids)).values()
    decided = [replace(r, properties={**r.properties, "state": MergeState.DISTINCT.value}) for r in found]
    await write_batch(database, decided, actor=actor)


async def merge(database: Database, kept: str, other: str, *, actor: str) -> Merged:
    """Merge `other` into `kept`: values that `kept` lacks, names as aliases, sources, and all relationships, in one transaction.

    Raises BAD_INPUT for two kinds of record or a kind that is not merged, NOT_FOUND for an id that is not there.
    """
    label = _label_of(kept, other)
    found = await stored_records(database, label, [kept, other])
    for record_id in (kept, other):
        if record_id not in found:
            raise NetworkError(Code.NOT_FOUND, f"There is no record {record_id}.", hint="Search for it: it may have been merged already.")
    joined = _joined(found[kept], found[other])
    moved = (await database.read(count_links(label, other)))[0][0]

    def beside(_outcome: Outcome) -> Sequence[Query]:
        return [
            move_links(label, kept, other, incoming=False),
            move_links(label, kept, other, incoming=True),
            *(rename(holder, kept, other) for holder in ("Statement", "Follow")),
            decide_candidates(kept, other),
            log_merge(kept, found[other], actor),
            redirect(label, kept, other),
        ]

    await write_batch(database, [joined], actor=actor, beside=beside)
    return Merged(kept, other, moved)


async def existing(database: Database, record: str) -> str:
    """The id of a record, or of the one that it was merged into. Raises NOT_FOUND."""
    node_type = MODEL.by_prefix.get(record.partition(":")[0])
    found = await moved_to(database, record) or record
    if node_type is None or not await database.read(existing_ids(node_type.label, [found])):
        raise NetworkError(
            Code.NOT_FOUND, f"There is no record {record}.", hint="An id is a kind and a key, such as country:KEN or organization:caf."
        )
    return found


async def moved_to(database: Database, record: str) -> str | None:
    """Where a record went that was merged into another."""
    return (await moved(database, [record])).get(record)


async def moved(database: Database, records: Sequence[str]) -> dict[str, str]:
    """Those of these ids whose records were merged into others, each with the id of the record that stayed."""
    asked = [r for r in records if (node_type := MODEL.by_prefix.get(r.partition(":")[0])) and node_type.label in MERGEABLE]
    return dict(await database.read(redirects_of(asked))) if asked else {}


async def history_of(database: Database, record: str) -> list[str]:
    """The ids under which the log keeps the record's history: its own and those of the records merged into it."""
    rows = await database.read(Query("MATCH (r:Redirect {to: $id})\nRETURN r.id\nORDER BY r.id", {"id": record}))
    return [record, *(found for (found,) in rows)]


def _label_of(kept: str, other: str) -> str:
    types = [MODEL.by_prefix.get(record_id.partition(":")[0]) for record_id in (kept, other)]
    if types[0] is None or types[0] is not types[1] or types[0].label not in MERGEABLE or kept == other:
        raise NetworkError(
            Code.BAD_INPUT,
            f"{kept} and {other} cannot be merged.",
            hint=f"Give two different ids of one kind, such as organization:…; kinds that are merged: {', '.join(MERGEABLE)}.",
        )
    return types[0].label


def _joined(kept: Record, other: Record) -> Record:
    properties: dict[str, Value] = {**{k: v for k, v in other.properties.items() if v is not None}, **kept.properties}
    if "aliases" in kept.type.by_physical_name:
        names = [n for r in (kept, other) for n in (r.properties.get("aliases") or []) if isinstance(n, str)]  # type: ignore[union-attr]  # aliases is a list
        names += [str(n) for n in (other.properties.get("name"), other.properties.get("shortName")) if n]
        properties["aliases"] = [n for n in dict.fromkeys(names) if n != kept.properties.get("name")]
    links: dict[str, list[Link]] = {name: list(found) for name, found in kept.links.items()}
    for name, found in other.links.items():
        own = links.setdefault(name, [])
        there = {(link.target, link.properties.get("by"), link.properties.get("row")) for link in own}
        many = kept.type.relationship(name).many
        own += [
            link
            for link in found
            if link.target != kept.id
            and (link.target, link.properties.get("by"), link.properties.get("row")) not in there
            and (many or not own)
        ]
    return replace(kept, properties=properties, links=links)


# The queries, pure: text and parameters.


def redirects_of(ids: list[str]) -> Query:
    return Query("UNWIND $ids AS id\nMATCH (r:Redirect {id: id})\nRETURN r.id, r.to", {"ids": ids})


def count_links(label: str, other: str) -> Query:
    return Query(f"MATCH (o:{identifier(label)} {{id: $other}})\nRETURN COUNT {{ (o)--() }}", {"other": other})


def move_links(label: str, kept: str, other: str, *, incoming: bool) -> Query:
    """Relationships of the second to the first, except where the first has the same already."""
    left, right = ("<-", "-") if incoming else ("-", "->")
    return Query(
        f"MATCH (o:{identifier(label)} {{id: $other}})\nMATCH (k:{identifier(label)} {{id: $kept}})\nMATCH (o){left}[r]{right}(t)\n"
        f"WHERE t <> k AND NOT EXISTS {{ (k){left}[same]{right}(t) WHERE type(same) = type(r) }}\n"
        f"CREATE (k){left}[moved:$(type(r))]{right}(t)\nSET moved = properties(r)",
        {"kept": kept, "other": other},
    )


def open_candidates() -> Query:
    """Rows as `Candidate` has its fields. Where one of a pair was merged into another record, that one stands for it."""
    sides = "".join(
        f"OPTIONAL MATCH ({side}Gone:Redirect {{id: m.{side}}})\nMATCH ({side}:Organization {{id: coalesce({side}Gone.to, m.{side})}})\n"
        for side in ("kept", "other")
    )
    fields = ", ".join(
        f"{side}.id, {side}.name, head([({side})-[:BASED_IN]->(c:Country) | c.iso3]), COUNT {{ ({side})--() }}"
        for side in ("kept", "other")
    )
    return Query(
        f"MATCH (m:MergeCandidate {{state: $open}})\n{sides}WITH m, kept, other\nWHERE kept <> other\n"
        f"RETURN m.id, {fields}, m.score, m.reason\nORDER BY m.score DESC, m.id",
        {"open": MergeState.OPEN.value},
    )


def rename(holder: str, kept: str, other: str) -> Query:
    return Query(f"MATCH (h:{identifier(holder)} {{record: $other}})\nSET h.record = $kept", {"kept": kept, "other": other})


def decide_candidates(kept: str, other: str) -> Query:
    return Query(
        "MATCH (m:MergeCandidate)\nWHERE (m.kept = $kept AND m.other = $other) OR (m.kept = $other AND m.other = $kept)\nSET m.state = 'MERGED'",
        {"kept": kept, "other": other},
    )


def log_merge(kept: str, gone: Record, actor: str) -> Query:
    """The last entry in the history of the record that went."""
    before = json.dumps(dict(gone.properties), ensure_ascii=False, default=str)
    return Query(
        "MATCH (s:Sequence {id: 'sequence:change'})\nSET s.value = s.value + 1\n"
        "CREATE (c:Change {id: 'change:' + toString(s.value), sequence: s.value})\nSET c += $entry",
        {
            "entry": {
                "at": datetime.now(UTC),
                "action": "MERGE",
                "record": gone.id,
                "actor": actor,
                "changed": ["mergedInto"],
                "before": before,
                "after": json.dumps({"mergedInto": kept}),
            }
        },
    )


def redirect(label: str, kept: str, other: str) -> Query:
    """Earlier redirects to the record that goes lead on to the one that stays."""
    return Query(
        f"MATCH (o:{identifier(label)} {{id: $other}})\nDETACH DELETE o\nMERGE (r:Redirect {{id: $other}})\nSET r.to = $kept\n"
        "WITH DISTINCT 1 AS once\nMATCH (earlier:Redirect {to: $other})\nSET earlier.to = $kept",
        {"kept": kept, "other": other},
    )
