"""Rows become records ready to be written: read, judged, checked. Runs in a thread, a batch ahead of the database.

Must not know the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice

from graph.records import Link, Record, Value, content_hash, validate
from ingest.connector import Connector, Draft, OutOfScope, Rejected, Row
from ingest.inputs import InputFile
from ingest.relevance import Classifier, Verdict
from ingest.resolution import Resolver

ROWS: int = 500


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
        rows = [self._prepared(line, outcome, verdicts.get(id(outcome))) for line, outcome in outcomes]
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

    def _prepared(self, line: int, outcome: Draft | OutOfScope | Rejected, verdict: Verdict | None) -> Prepared:
        if isinstance(outcome, Rejected):
            return Prepared(line, Fate.REJECTED, rejected=[outcome, *outcome.also], listed=(outcome.record,) if outcome.record else ())
        if isinstance(outcome, OutOfScope):
            return Prepared(line, Fate.OUT_OF_SCOPE, listed=(outcome.record,) if outcome.record else ())
        listed = tuple(self.resolver.redirected(record.id) for record in outcome.records)
        if verdict is not None and not verdict.in_scope and self.scope is Scope.E_GOVERNMENT:
            return Prepared(line, Fate.OUT_OF_SCOPE, listed=listed)
        records = list(outcome.records)
        if outcome.finish:
            records[0] = outcome.finish(records[0])
        if verdict is not None and verdict.topics:
            records = [_about(record, verdict.topics) for record in records]
        problems = [
            Rejected(line, problem.field, problem.value, problem.reason, problem.allowed, listed[0])
            for record in records
            for problem in validate(record)
        ]
        if problems:
            return Prepared(line, Fate.REJECTED, rejected=problems, listed=listed)
        ready = [self._sourced(record, outcome, self.dataset) for record in records]
        return Prepared(line, Fate.LOAD, ready, list(outcome.set_aside), listed=listed, as_of=outcome.as_of or self.as_of)

    def _sourced(self, record: Record, draft: Draft, dataset: str | None) -> Record:
        """The record as this source's statement: its link says who read it, where, and what it said."""
        own: dict[str, Value] = {"row": draft.row, "url": draft.url}
        source = (draft.source or self.source).id
        key = self.resolver.redirected(record.id).partition(":")[2]
        links = {
            name: [replace(link, target=self.resolver.redirected(link.target)) for link in found] for name, found in record.links.items()
        }
        plain = Record(record.label, key, record.properties, {**links, "sources": [Link(source, own)]})
        kept: dict[str, Value] = {"by": self.connector.name, "hash": content_hash(plain), "dataset": dataset}
        kept["asOf"] = draft.as_of or self.as_of
        return replace(plain, links={**links, "sources": [Link(source, own | kept)]})


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
