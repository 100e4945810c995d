"""The one writer: validates, writes in batches, appends to the change log in the same transaction.

Idempotent by natural key: a record whose content is unchanged costs one look-up and no write.
Must not know where records come from.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from graph.database import Database, Query, Transaction, identifier
from graph.model import MODEL, VISIBILITY, Access, NodeType, Relationship
from graph.records import Problem, Record, content_hash, stored_properties, validate
from graph.vocabulary import LEVELS, Visibility

BATCH = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that was not written, and every reason."""

    record: Record
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class WriteReport:
    """Counts of one write. `refused` records were left out; everything else went in."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.created + self.changed + self.unchanged + len(self.refused)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one batch did: ids created and changed, and what was refused. All other records were unchanged."""

    created: frozenset[str]
    changed: frozenset[str]
    refused: tuple[Refusal, ...] = ()


async def write(
    database: Database,
    records: Iterable[Record],
    *,
    actor: str,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> WriteReport:
    """Write records in the order given; a link's target has to stand before it or be in the database already.

    `actor` says who writes (`ingest:starter`, `cli`). With `dry_run` everything is checked and nothing written.
    `progress` is told the number of records done after each batch.
    """
    report = WriteReport()
    seen: set[str] = set()
    sound: set[str] = set()
    batch: list[Record] = []
    for record in records:
        problems = validate(record)
        if record.id in seen:
            problems.append(Problem("key", record.key, "stands twice in this input"))
        seen.add(record.id)
        if problems:
            report.refused.append(Refusal(record, tuple(problems)))
            continue
        batch.append(record)
        if len(batch) == BATCH:
            await _write_batch(database, batch, sound, actor, dry_run, report)
            batch = []
            if progress:
                progress(report.total)
    if batch:
        await _write_batch(database, batch, sound, actor, dry_run, report)
    if progress:
        progress(report.total)
    return report


async def write_batch(
    database: Database,
    records: Sequence[Record],
    *,
    actor: str,
    beside: Callable[[Outcome], Sequence[Query]] = lambda _outcome: (),
) -> Outcome:
    """Write records in one transaction, together with what `beside` makes of the outcome: both or neither is stored.

    Every id stands once. A link's target is among the records or in the database. For callers that keep account of a stream.
    """
    refused = [Refusal(record, tuple(problems)) for record in records if (problems := validate(record))]
    unsound = {refusal.record.id for refusal in refused}
    by_id = {record.id: record for record in records if record.id not in unsound}
    for record_id, problems in (await _dangling(database, by_id, set())).items():
        refused.append(Refusal(by_id.pop(record_id), tuple(problems)))

    async def work(transaction: Transaction) -> Outcome:
        outcome = await _change(transaction, list(by_id.values()), actor, dry_run=False)
        outcome = Outcome(outcome.created, outcome.changed, tuple(refused))
        for query in beside(outcome):
            await transaction.run(query)
        return outcome

    return await database.write(work)


async def _write_batch(
    database: Database, batch: Sequence[Record], sound: set[str], actor: str, dry_run: bool, report: WriteReport
) -> None:
    by_id = {record.id: record for record in batch}
    dangling = await _dangling(database, by_id, sound)
    for record_id, problems in dangling.items():
        report.refused.append(Refusal(by_id.pop(record_id), tuple(problems)))
    # A dry run writes no batch, yet the next one may lead to its records.
    sound |= set(by_id)
    outcome = await database.write(lambda transaction: _change(transaction, list(by_id.values()), actor, dry_run=dry_run))
    report.created += len(outcome.created)
    report.changed += len(outcome.changed)
    report.unchanged += len(by_id) - len(outcome.created) - len(outcome.changed)


async def _change(transaction: Transaction, records: Sequence[Record], actor: str, *, dry_run: bool) -> Outcome:
    # The counter's lock comes first: transactions that log are thereby in the order of their sequence numbers.
    [(sequence,)] = await transaction.run(lock_sequence())
    return await store(transaction, records, sequence, actor, dry_run=dry_run)


async def store(transaction: Transaction, records: Sequence[Record], sequence: int, actor: str, *, dry_run: bool = False) -> Outcome:
    """Write sound records and their entries in the log; `sequence` is what `lock_sequence` brought in this transaction."""
    hashes = {record.id: content_hash(record) for record in records}
    known = await _known_hashes(transaction, records)
    changed = [r for r in records if known.get(r.id) != hashes[r.id]]
    if changed and not dry_run:
        before = await _before(transaction, [r for r in changed if r.id in known])
        await _store(transaction, changed, known, hashes)
        entries = [_entry(r, before.get(r.id), actor) for r in changed]
        for place, entry in enumerate(entries, sequence + 1):
            entry |= {"id": f"change:{place}", "sequence": place}
        await transaction.run(append_changes(entries))
        await transaction.run(set_sequence(sequence + len(entries)))
    return Outcome(frozenset(r.id for r in changed if r.id not in known), frozenset(r.id for r in changed if r.id in known))


async def _dangling(database: Database, by_id: dict[str, Record], sound: set[str]) -> dict[str, list[Problem]]:
    """Problems of records that link to nothing; a record that links to such a record is dangling too. `sound` stood before them."""
    wanted: dict[str, set[str]] = defaultdict(set)
    present = sound | set(by_id)
    for record in by_id.values():
        for links in record.links.values():
            for link in links:
                if link.target not in present:
                    wanted[MODEL.by_prefix[link.target.partition(":")[0]].label].add(link.target)
    for label, ids in wanted.items():
        present |= {found for (found,) in await database.read(existing_ids(label, sorted(ids)))}
    out: dict[str, list[Problem]] = {}
    while True:
        fresh = {
            record.id: [
                Problem(name, link.target, "leads to a record that is not there")
                for name, links in record.links.items()
                for link in links
                if link.target not in present
            ]
            for record in by_id.values()
            if record.id not in out
        }
        fresh = {record_id: problems for record_id, problems in fresh.items() if problems}
        if not fresh:
            return out
        out |= fresh
        present -= set(fresh)


async def _known_hashes(transaction: Transaction, records: Iterable[Record]) -> dict[str, str]:
    known: dict[str, str] = {}
    for label, ids in _ids_by_label(records).items():
        known |= {found: stored or "" for found, stored in await transaction.run(stored_hashes(label, ids))}
    return known


async def _before(transaction: Transaction, records: Sequence[Record]) -> dict[str, dict[str, Any]]:
    before: dict[str, dict[str, Any]] = {}
    for label, ids in _ids_by_label(records).items():
        for record_id, properties, links in await transaction.run(stored_content(MODEL[label], ids)):
            content = {k: _plain(v) for k, v in properties.items() if v is not None}
            before[record_id] = content | {k: _plain_links((t, p) for t, p in found) for k, found in links.items() if found}
    return before


async def store_links(transaction: Transaction, records: Sequence[Record], node_type: NodeType, relationship: Relationship) -> None:
    """The records' links of one relationship, a query for each type of target."""
    by_target: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        copies = _copies(record, relationship)
        for link in record.links.get(relationship.name, ()):
            target = MODEL.by_prefix[link.target.partition(":")[0]].label
            by_target[target].append({"from": record.id, "to": link.target, "properties": {**link.properties, **copies}})
    for target, rows in by_target.items():
        await transaction.run(create_links(node_type, relationship, target, rows))


def _copies(record: Record, relationship: Relationship) -> dict[str, Any]:
    """What each link repeats of the record."""
    if not relationship.copies:
        return {}
    stored = stored_properties(record)
    found = {record.type.copy_name(name): stored.get(name) for name in relationship.copies}
    return found | {record.type.level_name: LEVELS[str(stored[VISIBILITY.name])]}


async def _store(transaction: Transaction, records: Sequence[Record], known: dict[str, str], hashes: dict[str, str]) -> None:
    by_label: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_label[record.label].append(record)
    for label, group in by_label.items():
        rows = [{"id": r.id, "properties": stored_properties(r) | {"hash": hashes[r.id]}} for r in group]
        await transaction.run(merge_nodes(MODEL[label], rows))
    for label, group in by_label.items():
        node_type = MODEL[label]
        existing = [r.id for r in group if r.id in known]
        for relationship in node_type.all_relationships:
            if existing:
                await transaction.run(delete_links(node_type, relationship, existing))
            await store_links(transaction, group, node_type, relationship)


def _entry(record: Record, before: dict[str, Any] | None, actor: str) -> dict[str, Any]:
    content = record.type.content
    after = {k: _plain(v) for k, v in stored_properties(record).items() if v is not None and k in content}
    after |= {name: _plain_links((link.target, link.properties) for link in links) for name, links in record.links.items() if links}
    names = sorted(k for k in {*after, *(before or {})} if after.get(k) != (before or {}).get(k))
    told = [k for k in names if not (k in content and content[k].secret)]
    return {
        "at": datetime.now(UTC),
        "action": "CREATE" if before is None else "WITHDRAW" if after.get("withdrawn") and not before.get("withdrawn") else "UPDATE",
        "record": record.id,
        "actor": actor,
        "changed": names,
        "before": None if before is None else json.dumps({k: before[k] for k in told if k in before}, ensure_ascii=False, default=str),
        "after": json.dumps({k: after[k] for k in told if k in after}, ensure_ascii=False, default=str),
        "visibility": _seen_by(record.type, after),
    }


def _seen_by(node_type: NodeType, after: Mapping[str, Any]) -> str | None:
    if node_type.access is Access.BY_RECORD:
        return str(after["visibility"])
    return {Access.PUBLIC: Visibility.PUBLIC.value, Access.MEMBERS: Visibility.MEMBERS.value}.get(node_type.access)


def _plain(value: Any) -> Any:
    native = value.to_native() if hasattr(value, "to_native") else value
    return native.isoformat() if hasattr(native, "isoformat") else native


def _plain_links(links: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str | list[Any]]:
    """Each link as its target's id, or as the id and the link's own properties where it has any."""
    found: list[str | list[Any]] = []
    for target, properties in links:
        own = {name: _plain(value) for name, value in sorted(properties.items()) if value is not None}
        found.append([target, own] if own else target)
    return sorted(found, key=json.dumps)


def _ids_by_label(records: Iterable[Record]) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = defaultdict(list)
    for record in records:
        ids[record.label].append(record.id)
    return ids


# The queries, pure: text and parameters.


def lock_sequence() -> Query:
    """Takes the write lock of the counter and returns the last number given."""
    return Query("MATCH (s:Sequence {id: 'sequence:change'})\nSET s.locked = true\nRETURN s.value")


def set_sequence(value: int) -> Query:
    return Query("MATCH (s:Sequence {id: 'sequence:change'})\nSET s.value = $value", {"value": value})


def append_changes(entries: list[dict[str, Any]]) -> Query:
    return Query("UNWIND $entries AS entry\nCREATE (c:Change)\nSET c = entry", {"entries": entries})


def existing_ids(label: str, ids: list[str]) -> Query:
    return Query(f"UNWIND $ids AS id\nMATCH (n:{identifier(label)} {{id: id}})\nRETURN n.id", {"ids": ids})


def stored_hashes(label: str, ids: list[str]) -> Query:
    return Query(f"UNWIND $ids AS id\nMATCH (n:{identifier(label)} {{id: id}})\nRETURN n.id, n.hash", {"ids": ids})


def stored_content(node_type: NodeType, ids: list[str]) -> Query:
    """Rows of (id, declared properties, [target, the link's properties] pairs by relationship name)."""
    properties = ", ".join(f".{identifier(name)}" for name in node_type.content)
    links = ", ".join(f"{identifier(r.name)}: [{_pattern(r, 'n', 't', 'r')} | [t.id, {_own(r)}]]" for r in node_type.all_relationships)
    return Query(
        f"UNWIND $ids AS id\nMATCH (n:{identifier(node_type.label)} {{id: id}})\nRETURN n.id, n {{{properties}}}, {{{links}}}",
        {"ids": ids},
    )


def _own(relationship: Relationship) -> str:
    """What a record says of its link `r`, as a map: without what the link repeats of the record."""
    names = ", ".join(f".{identifier(p.name)}" for p in relationship.stored_properties)
    return f"r {{{names}}}" if names else "{}"


def merge_nodes(node_type: NodeType, rows: list[dict[str, Any]]) -> Query:
    second = "\nSET n:Document" if node_type.is_document else ""
    return Query(
        f"UNWIND $rows AS row\nMERGE (n:{identifier(node_type.label)} {{id: row.id}}){second}\nSET n += row.properties, n.version = coalesce(n.version, 0) + 1",
        {"rows": rows},
    )


def delete_links(node_type: NodeType, relationship: Relationship, ids: list[str]) -> Query:
    return Query(
        f"UNWIND $ids AS id\nMATCH (n:{identifier(node_type.label)} {{id: id}})\nMATCH {_pattern(relationship, 'n', 't', 'r')}\nDELETE r",
        {"ids": ids},
    )


def create_links(node_type: NodeType, relationship: Relationship, target: str, rows: list[dict[str, Any]]) -> Query:
    return Query(
        f"UNWIND $rows AS row\nMATCH (n:{identifier(node_type.label)} {{id: row.from}})\nMATCH (t:{identifier(target)} {{id: row.to}})\n"
        f"CREATE {_pattern(relationship, 'n', 't', 'r', labelled=False)}\nSET r = row.properties",
        {"rows": rows},
    )


def _pattern(relationship: Relationship, owner: str, target: str, name: str = "", *, labelled: bool = True) -> str:
    labels = ":" + "|".join(identifier(label) for label in relationship.targets) if labelled else ""
    arrow = f"[{name}:{identifier(relationship.type)}]"
    return f"({owner})<-{arrow}-({target}{labels})" if relationship.incoming else f"({owner})-{arrow}->({target}{labels})"
