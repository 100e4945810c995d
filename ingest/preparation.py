"""Rows become records ready to be written: read, judged, checked. Runs in a thread, a batch ahead of the database.

Must not know the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice

from graph.errors import Code
from graph.records import Link, Record, Value, content_hash, validate
from ingest.connector import Connector, Draft, OutOfScope, Rejected, Row
from ingest.inputs import InputFile
from ingest.relevance import Classifier, Verdict
from ingest.resolution import Resolver

ROWS: int = 500

Known = Callable[[Sequence[Record]], AbstractSet[str]]
"""Which of these records the graph has, by id. What the connector itself has from later versions only is left out."""


class Scope(StrEnum):
    """What is loaded: records about e-government, or every record."""

    E_GOVERNMENT = "e-government"
    ALL = "all"


class Fate(StrEnum):
    """What became of a row before anything is written."""

    LOAD = "LOAD"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    REJECTED = "REJECTED"


@dataclass(slots=True)
class Prepared:
    """One row: its fate, its records with their source links, why it was rejected, the ids that its source lists with it."""

    line: int
    fate: Fate
    records: list[Record] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    listed: tuple[str, ...] = ()
    as_of: str | None = None


@dataclass(slots=True)
class Batch:
    """Rows in the order of the file, and the organisations and sources that they need."""

    rows: list[Prepared]
    before: list[Record]
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Preparation:
    """All that turning a file into batches needs."""

    connector: Connector[object]
    file: InputFile
    dataset: str
    as_of: str | None
    source: Record
    resolver: Resolver
    classifier: Classifier
    scope: Scope
    known: Known

    def batches(self) -> Generator[Batch, None, None]:
        """The file in batches of 500 rows."""
        rows = self.connector.rows(self.file)
        while chunk := list(islice(rows, ROWS)):
            yield self._batch(chunk)

    def _batch(self, chunk: Sequence[Row[object] | Rejected]) -> Batch:
        outcomes: list[tuple[int, Draft | OutOfScope | Rejected]] = [
            (row.line, row if isinstance(row, Rejected) else self.connector.read(row, self.resolver)) for row in chunk
        ]
        drafts = [draft for _, draft in outcomes if isinstance(draft, Draft) and draft.about]
        verdicts = dict(zip(map(id, drafts), self.classifier.judge([d.about for d in drafts if d.about]), strict=True))
        known = self._known([o for _, o in outcomes if isinstance(o, Draft)])
        rows = [self._prepared(line, outcome, verdicts.get(id(outcome)), known) for line, outcome in outcomes]
        own = [] if all(isinstance(o, Draft) and o.source for _, o in outcomes) else [self.source]
        sources = {source.id: source for source in own} | {o.source.id: o.source for _, o in outcomes if isinstance(o, Draft) and o.source}
        fresh = self.resolver.take()
        if fresh:
            sources[self.source.id] = self.source
        before = [*sources.values()]
        for record, doubt in fresh:
            before.append(self._sourced(record, Draft((record,), row=str(record.properties.get("iatiId") or record.key)), dataset=None))
            before += [doubt] if doubt else []
        broken = any(isinstance(outcome, Rejected) and outcome.broken for _, outcome in outcomes)
        return Batch(rows, before, broken)

    def _known(self, drafts: Sequence[Draft]) -> AbstractSet[str]:
        asked = [record for draft in drafts for record in (*(draft.records[:1] if draft.follows else ()), *draft.if_known)]
        return self.known([replace(record, key=self._key(record)) for record in asked]) if asked else frozenset()

    def _prepared(self, line: int, outcome: Draft | OutOfScope | Rejected, verdict: Verdict | None, known: AbstractSet[str]) -> Prepared:
        if isinstance(outcome, Rejected):
            return Prepared(line, Fate.REJECTED, rejected=[outcome, *outcome.also], listed=(outcome.record,) if outcome.record else ())
        if isinstance(outcome, OutOfScope):
            return Prepared(line, Fate.OUT_OF_SCOPE, listed=(outcome.record,) if outcome.record else ())
        listed = tuple(self.resolver.redirected(record.id) for record in (*outcome.records, *outcome.if_known))
        in_scope = verdict is None or verdict.in_scope or self.scope is Scope.ALL
        additions = [record for record in outcome.if_known if self.resolver.redirected(record.id) in known]
        followed = bool(additions) or (outcome.follows and listed[0] in known)
        if not followed and not (in_scope and outcome.records):
            return Prepared(line, Fate.OUT_OF_SCOPE, listed=listed)
        records = self._completed(outcome, verdict if in_scope else None)
        problems = [
            Rejected(line, problem.field, problem.value, problem.reason, problem.allowed, listed[0])
            for record in (*records, *additions)
            for problem in validate(record)
            # The writer looks again, at the record as the sources make it together.
            if problem.code is not Code.FIELD_REQUIRED or record in records
        ]
        if problems:
            return Prepared(line, Fate.REJECTED, rejected=problems, listed=listed)
        ready = [self._sourced(record, outcome, self.dataset, text=in_scope) for record in (*records, *additions)]
        return Prepared(line, Fate.LOAD, ready, list(outcome.set_aside), listed=listed, as_of=outcome.as_of or self.as_of)

    def _completed(self, draft: Draft, verdict: Verdict | None) -> list[Record]:
        """The row's own records with its topics, the first with its parties."""
        records = list(draft.records)
        if records and draft.finish:
            records[0] = draft.finish(records[0])
        return [_about(record, verdict.topics) for record in records] if verdict is not None and verdict.topics else records

    def _key(self, record: Record) -> str:
        return self.resolver.redirected(record.id).partition(":")[2]

    def _sourced(self, record: Record, draft: Draft, dataset: str | None, *, text: bool = True) -> Record:
        """The record as this source's statement: its link says who read it, where, and what it said. Without `text`, its text gives way."""
        own: dict[str, Value] = {"row": draft.row, "url": draft.url}
        source = (draft.source or self.source).id
        key = self._key(record)
        links = {
            name: [replace(link, target=self.resolver.redirected(link.target)) for link in found] for name, found in record.links.items()
        }
        plain = Record(record.label, key, record.properties, {**links, "sources": [Link(source, own)]})
        kept: dict[str, Value] = {"by": self.connector.name, "hash": content_hash(plain), "dataset": dataset}
        kept["asOf"] = draft.as_of or self.as_of
        yields = draft.yielding | (set() if text else _texts(record))
        kept["yields"] = sorted(yields & {*record.properties, *record.links}) or None
        return replace(plain, links={**links, "sources": [Link(source, own | kept)]})


def _texts(record: Record) -> set[str]:
    """The text fields of a record but for its title, and their language: a text that is not about e-government does not replace one that is."""
    fields = set(record.type.text.fields) if record.type.text else set()
    return (fields - {record.type.title}) | {"lang"}


def _about(record: Record, topics: Sequence[str]) -> Record:
    """The record with these topics, where its type has topics and it has none of its own: a need beside its project is about the same."""
    if "topics" in record.links or all(relationship.name != "topics" for relationship in record.type.relationships):
        return record
    return replace(record, links={**record.links, "topics": [Link(topic) for topic in topics]})


def rejection(prepared: Preparation, run: str, rejected: Rejected) -> Record:
    """The Rejection record of a row. Its key is its place, so that a second run finds it again."""
    place = f"{prepared.connector.name}|{prepared.dataset}|{rejected.line}|{rejected.field}"
    values: dict[str, Value] = {
        "connector": prepared.connector.name,
        "dataset": prepared.dataset,
        "address": prepared.file.address,
        "scope": prepared.scope.value,
        "file": prepared.file.name,
        "row": rejected.line,
        "column": rejected.field or None,
        "value": rejected.value[:200] or None,
        "reason": rejected.reason,
        "allowed": list(rejected.allowed)[:20] or None,
        "state": "OPEN",
    }
    return Record("Rejection", hashlib.sha256(place.encode()).hexdigest()[:20], values, {"run": [Link(run)]})
