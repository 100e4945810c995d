"""Who says what: several sources on one record, which one is displayed, and why.

A source's statement hangs on the record's SOURCED_FROM link: who read it (`by`), a hash of what it said, and the fields it `gives`.
What is said and not displayed is a Statement. Must not know connectors, only their names and ranks.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from graph.database import Database, Query, identifier
from graph.model import MODEL
from graph.records import Link, Record, Value
from graph.vocabulary import Because
from graph.writer import stored_content

CURATED: Final = 100
"""Rank of a record kept by hand: it goes before whatever a connector reads."""
USUAL: Final = 50
NOT_A_STATEMENT: Final = {"withdrawn", "sourceUrl", "visibility"}

Origin = tuple[str | None, str | None]
Ranks = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """One source's link on a stored record: the source's id and the link's own properties."""

    source: str
    by: str | None
    hash: str | None
    dataset: str | None
    as_of: str | None
    withdrawn: bool

    @property
    def origin(self) -> Origin:
        return origin_of(self.source, self.by)


def origin_of(source: str, by: str | None) -> Origin:
    """Who speaks: a connector for one source; or, for records kept by hand, the hand."""
    return (by, source) if by else (None, None)


async def standings(database: Database, records: Iterable[Record]) -> dict[str, tuple[Standing, ...]]:
    """What is on record for each of these ids; ids that are not in the graph are absent."""
    ids: dict[str, list[str]] = defaultdict(list)
    for record in records:
        ids[record.label].append(record.id)
    found: dict[str, tuple[Standing, ...]] = {}
    for label, wanted in ids.items():
        if not MODEL[label].sourced:
            continue
        for record_id, links in await database.read(source_links(label, wanted), timeout=60):
            found[record_id] = tuple(
                Standing(source, p.get("by"), p.get("hash"), p.get("dataset"), p.get("asOf"), bool(p.get("withdrawn")))
                for source, p in links
            )
    return found


async def stored_records(database: Database, label: str, ids: Sequence[str]) -> dict[str, Record]:
    """Records as they stand in the graph, by id."""
    out: dict[str, Record] = {}
    for record_id, properties, links in await database.read(stored_content(MODEL[label], list(ids)), timeout=60):
        values: dict[str, Value] = {name: _native(value) for name, value in properties.items() if value is not None}
        targets = {
            name: [Link(target, {k: _native(v) for k, v in own.items()}) for target, own in found] for name, found in links.items() if found
        }
        out[record_id] = Record(label, record_id.partition(":")[2], values, targets)
    return out


def _native(value: Any) -> Any:
    return value.to_native() if hasattr(value, "to_native") else value


@dataclass(frozen=True, slots=True)
class Joined:
    """A record with the statements of all its sources weighed, and the statements that are not displayed."""

    record: Record
    statements: tuple[Record, ...] = ()


def join(stored: Record, incoming: Record, ranks: Ranks) -> Joined:
    """Weigh what one source says now against what is on record from others.

    Field by field, a relationship counting as one field: what nobody else gives is taken; where two differ, the higher rank is
    displayed and the other becomes a Statement; of equal ranks the later `asOf`, else the one that was there. A field that its
    source `yields` goes behind one that is meant, whatever the ranks.
    """
    coming = tuple(incoming.links.get("sources", ()))
    origin = origin_of(coming[0].target, _text(coming[0], "by")) if coming else (None, None)
    others = [link for link in stored.links.get("sources", ()) if origin_of(link.target, _text(link, "by")) != origin]
    if not others:
        return Joined(incoming)
    if _says_the_same(stored, incoming, coming):
        return Joined(stored)
    gives = _given(stored, others)
    properties, links = dict(incoming.properties), {k: v for k, v in incoming.links.items() if k != "sources"}
    statements: list[Record] = []
    mine: set[str] = set()
    for name in sorted(_fields(stored) | _fields(incoming)):
        now, new = _value(stored, name), _value(incoming, name)
        owner = next((link for link in others if name in gives[id(link)]), None)
        if owner is None or now is None:
            if new is not None:
                mine.add(name)
            continue
        if new is not None and _plain(new) != _plain(now):
            why = _why(name, coming[0], owner, ranks)
            displayed = owner if why.kept else coming[0]
            hidden, value = (coming[0], new) if why.kept else (owner, now)
            statements.append(_statement(incoming.id, name, value, hidden, why))
            if displayed is not owner:
                gives[id(owner)].discard(name)
                mine.add(name)
                continue
        _put(properties, links, name, stored)
    for name in NOT_A_STATEMENT:
        if properties.get(name) is None and stored.properties.get(name) is not None and name != "withdrawn":
            properties[name] = stored.properties[name]
    if any(not _flag(link, "withdrawn") for link in (*others, *coming)):
        properties["withdrawn"] = None
    links["sources"] = [
        *(_with(link, gives=sorted(gives[id(link)])) for link in others),
        *(_with(link, gives=sorted(mine)) for link in coming),
    ]
    return Joined(replace(incoming, properties=properties, links=links), tuple(statements))


def _says_the_same(stored: Record, incoming: Record, coming: Sequence[Link]) -> bool:
    """Whether a record kept by hand names this very row of the source and gives all that the row says: then there is nothing to add."""
    rows = {(link.target, _text(link, "row")) for link in stored.links.get("sources", ()) if link.properties.get("by") is None}
    if not all((link.target, _text(link, "row")) in rows for link in coming) or stored.properties.get("withdrawn"):
        return False
    return all(_plain(_value(stored, name)) == _plain(_value(incoming, name)) for name in _fields(incoming))


def _given(stored: Record, others: Sequence[Link]) -> dict[int, set[str]]:
    """Fields that each of the other links gives. One that names none gives all that nobody else names."""
    named = {name for link in stored.links.get("sources", ()) for name in _list(link, "gives")}
    rest = _fields(stored) - named
    return {id(link): set(_list(link, "gives")) if link.properties.get("gives") is not None else set(rest) for link in others}


def _fields(record: Record) -> set[str]:
    names = {name for name, value in record.properties.items() if value not in (None, "", [])} - NOT_A_STATEMENT
    return names | {name for name, links in record.links.items() if links and name != "sources"}


def _value(record: Record, name: str) -> object:
    if name in record.links:
        return list(record.links[name]) or None
    value = record.properties.get(name)
    return None if value in ("", []) else value


def _plain(value: object) -> object:
    if isinstance(value, list) and value and isinstance(value[0], Link):
        return sorted([link.target, {k: str(v) for k, v in sorted(link.properties.items()) if v is not None}] for link in value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _put(properties: dict[str, Value], links: dict[str, Sequence[Link]], name: str, stored: Record) -> None:
    if name in stored.links:
        links[name] = stored.links[name]
    else:
        properties[name] = stored.properties.get(name)


@dataclass(frozen=True, slots=True)
class _Why:
    kept: bool
    because: Because
    reason: str


def _why(name: str, coming: Link, owner: Link, ranks: Ranks) -> _Why:
    weak, firm = name in _list(coming, "yields"), name not in _list(owner, "yields")
    if weak is firm:
        return _Why(kept=firm, because=Because.MEANT, reason="It is said for want of better, the other is not.")
    new, old = _rank(coming, ranks), _rank(owner, ranks)
    if new != old:
        kept = old > new
        winner, loser = (owner, coming) if kept else (coming, owner)
        if winner.properties.get("by") is None:
            return _Why(kept, Because.BY_HAND, "A record kept by hand goes before what a connector reads.")
        return _Why(kept, Because.RANK, f"{winner.properties['by']} goes before {loser.properties.get('by') or 'this source'} by rank.")
    new_date, old_date = _text(coming, "asOf") or "", _text(owner, "asOf") or ""
    if new_date > old_date:
        reason = f"The other statement is of {new_date}, this one of {old_date or 'an unknown date'}."
        return _Why(kept=False, because=Because.LATER, reason=reason)
    return _Why(kept=True, because=Because.FIRST, reason="The sources have equal rank, and the other statement was there before.")


def _rank(link: Link, ranks: Ranks) -> int:
    by = _text(link, "by")
    return CURATED if by is None else ranks.get(by, USUAL)


def _statement(record: str, name: str, value: object, link: Link, why: _Why) -> Record:
    by = _text(link, "by")
    key = hashlib.sha256(f"{record}|{name}|{by}|{link.target}".encode()).hexdigest()[:20]
    text = json.dumps(_plain(value), ensure_ascii=False, default=str)[:20_000]
    own = {k: v for k, v in link.properties.items() if k in {"row", "url"}}
    values: dict[str, Value] = {"record": record, "field": name, "value": text, "by": by, "stands": True}
    values |= {"reason": why.reason, "because": why.because.value}
    return Record("Statement", key, values, {"sources": [Link(link.target, own)]})


def _with(link: Link, **more: Value) -> Link:
    return Link(link.target, {**link.properties, **more})


def _text(link: Link, name: str) -> str | None:
    value = link.properties.get(name)
    return value if isinstance(value, str) else None


def _list(link: Link, name: str) -> list[str]:
    value = link.properties.get(name)
    return value if isinstance(value, list) else []


def _flag(link: Link, name: str) -> bool:
    return bool(link.properties.get(name))


async def weigh(
    database: Database, records: Sequence[Record], ranks: Ranks, known: Mapping[str, Sequence[Standing]] | None = None
) -> list[Record]:
    """The records as they should be written beside what other sources say of them, with the statements that are not displayed.

    Records that nobody else speaks of come back as they are. Statements that no longer hold come back with `stands` false.
    `known` spares a look-up where the caller has asked for the standings.
    """
    known = await standings(database, records) if known is None else known
    shared: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        own = {origin_of(link.target, _text(link, "by")) for link in record.links.get("sources", ())}
        if any(standing.origin not in own for standing in known.get(record.id, ())):
            shared[record.label].append(record)
    out = {record.id: record for record in records}
    statements: dict[str, Record] = {}
    for label, group in shared.items():
        stored = await stored_records(database, label, [record.id for record in group])
        for record in group:
            joined = join(stored[record.id], record, ranks)
            out[record.id] = joined.record
            statements |= {statement.id: statement for statement in joined.statements}
    said_now = {(r.id, origin_of(link.target, _text(link, "by"))) for r in records for link in r.links.get("sources", ())}
    if shared:
        settled = [i for i in await _open_statements(database, [r.id for group in shared.values() for r in group]) if i not in statements]
        for statement_id, statement in (await stored_records(database, "Statement", settled)).items():
            record_id, by = str(statement.properties["record"]), statement.properties.get("by")
            origin = origin_of(statement.links["sources"][0].target, str(by) if by else None)
            # Who speaks now and does not say it again has dropped it.
            if (record_id, origin) in said_now or _speaks(statement, out[record_id]):
                statements[statement_id] = replace(statement, properties={**statement.properties, "stands": False})
    # A record that stands twice stays twice: the writer says so.
    return [*(out.pop(record.id, record) for record in records), *statements.values()]


def _speaks(statement: Record, record: Record) -> bool:
    """Whether the statement's field is displayed with the same value now, so that there is no conflict any more."""
    value = _plain(_value(record, str(statement.properties["field"])))
    return json.dumps(value, ensure_ascii=False, default=str)[:20_000] == statement.properties.get("value")


async def _open_statements(database: Database, ids: list[str]) -> list[str]:
    return [found for (found,) in await database.read(statements_of(ids), timeout=60)]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field on which sources differ: what is displayed, what else is said, by whom (source id, row), and why it is not displayed.

    `shown_by` are the ids of the sources of what is displayed. A relationship's value is a list of [id, the link's properties].
    """

    record: str
    field: str
    displayed: object
    said: object
    source: str
    row: str | None
    by: str | None
    reason: str
    because: Because | None = None
    shown_by: tuple[str, ...] = ()

    @property
    def linked(self) -> bool:
        """Whether the field leads to other records."""
        return any(r.name == self.field for r in MODEL.by_prefix[self.record.partition(":")[0]].relationships)


async def conflicts(database: Database, record: str) -> list[Conflict]:
    """Every open conflict about one record, by field; for a country also those about its figures."""
    asked = [record, *(figure for (figure,) in await database.read(figures_of(record)))] if record.startswith("country:") else [record]
    standing = await _open_statements(database, asked)
    if not standing:
        return []
    by_record: dict[str, list[Record]] = defaultdict(list)
    for statement in (await stored_records(database, "Statement", standing)).values():
        by_record[str(statement.properties["record"])].append(statement)
    out: list[Conflict] = []
    for about, statements in by_record.items():
        label = MODEL.by_prefix[about.partition(":")[0]].label
        if stored := (await stored_records(database, label, [about])).get(about):
            out += [_conflict(stored, statement) for statement in statements]
    return sorted(out, key=lambda c: (c.record != record, c.record, c.field, c.source))


def _conflict(stored: Record, statement: Record) -> Conflict:
    name, link = str(statement.properties["field"]), statement.links["sources"][0]
    links = stored.links.get("sources", ())
    gives = _given(stored, links)
    by, because = (statement.properties.get(key) for key in ("by", "because"))
    return Conflict(
        stored.id,
        name,
        _plain(_value(stored, name)),
        json.loads(str(statement.properties.get("value") or "null")),
        link.target,
        _text(link, "row"),
        str(by) if by else None,
        str(statement.properties["reason"]),
        Because(because) if because else None,
        tuple(dict.fromkeys(own.target for own in links if name in gives[id(own)])),
    )


# The queries, pure: text and parameters.


def source_links(label: str, ids: list[str]) -> Query:
    """Rows of (id, [source id, the link's properties] pairs)."""
    return Query(
        f"UNWIND $ids AS id\nMATCH (n:{identifier(label)} {{id: id}})\nRETURN n.id, [(n)-[r:SOURCED_FROM]->(s:Source) | [s.id, properties(r)]]",
        {"ids": ids},
    )


def figures_of(country: str) -> Query:
    return Query("MATCH (c:Country {id: $id})<-[:FOR]-(o:Observation)\nRETURN o.id", {"id": country})


def statements_of(ids: list[str]) -> Query:
    return Query("UNWIND $ids AS id\nMATCH (s:Statement {record: id})\nWHERE s.stands\nRETURN s.id\nORDER BY s.id", {"ids": ids})
