"""The engine that runs every connector: streams, batches, natural keys and hashes, resumption, quarantine, withdrawal.

A batch and the checkpoint behind it are one transaction, so a run that is killed goes on where it was. Must not know any source.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from secrets import token_hex
from time import monotonic
from typing import Any, Final

from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.ingest import (
    checkpoint,
    country_labels,
    curated_rows,
    exclusively,
    listed,
    open_rejections,
    organization_names,
    organizations_by_hand,
    redirects,
    run_query,
    save_checkpoint,
    topic_terms,
)
from graph.provenance import Standing, standings, stored_records, weigh
from graph.records import Link, Record, Value
from graph.writer import Outcome, write_batch
from ingest.connector import Connector, Gathers, Rejected
from ingest.inputs import InputFile
from ingest.preparation import Batch, Fate, Known, Preparation, Prepared, Scope, rejection
from ingest.relevance import VERSION, Classifier, Embed
from ingest.report import Counts, FileReport, RunReport, counted, foreseen
from ingest.resolution import CountryIndex, Index, Resolver

MOST_REJECTED: Final = 0.3
"""From this share of bad rows on, a file is taken for another file than the source's."""
ENOUGH_ROWS: Final = 100
"""Before the end of a file, the share is looked at from this many rows on."""

Progress = Callable[[InputFile, int], None]


@dataclass(slots=True)
class Options:
    """How a run goes. `again` reads files that have not changed as well; `embed` gives unit vectors of texts, for doubtful relevance.

    `mending` takes rows that were set aside: what another data set of the source says of a record stays, as in the run that read both.
    `partial` says that files beside these could not be opened: a data set that is spread over several is then not taken to have dropped anything.
    """

    scope: Scope = Scope.E_GOVERNMENT
    accept_bad_rows: bool = False
    again: bool = False
    partial: bool = False
    mending: bool = False
    embed: Embed | None = None
    progress: Progress | None = None
    ranks: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Knowledge:
    """What is read from the graph once, before a run."""

    index: Index
    topics: list[dict[str, Any]]

    @property
    def fingerprint(self) -> str:
        """Changes when the taxonomy does: then relevance is judged anew."""
        return hashlib.sha256(json.dumps(self.topics, sort_keys=True).encode()).hexdigest()[:12]


async def knowledge(database: Database) -> Knowledge:
    """Countries, organisations, topics, redirects. Raises SCHEMA_NOT_READY where the graph has no countries yet."""
    labels = await country_labels(database)
    if not labels:
        raise NetworkError(
            Code.SCHEMA_NOT_READY,
            "The network knows no countries yet.",
            hint="Run `gcio load` first: connectors refer to the starter data.",
        )
    rows = await curated_rows(database)
    single = {place: found[0] for place, found in rows.items() if len(found) == 1}
    shared = {place: found for place, found in rows.items() if len(found) > 1}
    organizations, by_hand = await organization_names(database), await organizations_by_hand(database)
    index = Index(CountryIndex(labels), organizations, single, await redirects(database), shared, by_hand)
    return Knowledge(index, await topic_terms(database))


async def ingest(database: Database, connector: Connector[Any], files: Sequence[InputFile], options: Options) -> RunReport:
    """Read these files of one source, older versions first. Two runs of one source exclude each other.

    Raises INGEST_BUSY. A file with 30 % bad rows is stopped, the others are read, and INGEST_TOO_MANY_REJECTED is raised at the end; what
    was written until then stays.
    """
    gathered = connector.gather(files) if isinstance(connector, Gathers) else files
    return await exclusively(database, connector.name, lambda: _Run(database, connector, options).all(gathered))


class _Run:
    """One run of one connector."""

    def __init__(self, database: Database, connector: Connector[Any], options: Options) -> None:
        self.database, self.connector, self.options = database, connector, options
        self.actor = f"ingest:{connector.name}"
        self.started = datetime.now(UTC)
        key = f"{connector.name}-{self.started:%Y%m%dT%H%M%S}-{token_hex(3)}"
        self.report = RunReport(connector.name, options.scope.value, f"ingest-run:{key}")
        # Ids met in this run, with the date and the data set of the version that won, so that a repetition neither flickers nor withdraws.
        self.met: dict[str, tuple[str, str]] = {}
        self.sources: set[str] = set()
        self.read_from: set[str] = set()

    async def all(self, files: Sequence[InputFile]) -> RunReport:
        began = monotonic()
        await self._keep_account(began, ended=False)
        known = await knowledge(self.database)
        resolver, classifier = Resolver(known.index), Classifier(known.topics, self.options.embed)
        judged = f"{VERSION}m" if self.options.embed else VERSION
        version = f"{self.connector.version}.{judged}.{known.fingerprint}.{self.options.scope.value}"
        stopped: list[NetworkError] = []
        try:
            for file in sorted(files, key=lambda f: (self.connector.dataset(f), self.connector.as_of(f) or "", f.name)):
                preparation = Preparation(
                    self.connector,
                    file,
                    self.connector.dataset(file),
                    self.connector.as_of(file),
                    self.connector.source(file),
                    resolver,
                    classifier,
                    self.options.scope,
                    self._known(self.connector.as_of(file) or ""),
                )
                self.read_from.add(preparation.source.id)
                try:
                    await self._file(preparation, version)
                except NetworkError as error:
                    if error.code is not Code.INGEST_TOO_MANY_REJECTED:
                        raise
                    stopped.append(error)
        finally:
            with suppress(NetworkError):
                await self._keep_account(began, ended=True)
        if stopped:
            raise _of_all(stopped)
        return self.report

    async def _keep_account(self, began: float, *, ended: bool) -> None:
        counts = self.report.counts
        self.report.seconds = monotonic() - began
        values: dict[str, Value] = {"connector": self.connector.name, "startedAt": self.started}
        if ended:
            values |= {
                "finishedAt": datetime.now(UTC),
                "read": counts.read,
                "new": counts.new,
                "changed": counts.changed,
                "unchanged": counts.unchanged,
                "outOfScope": counts.out_of_scope,
                "withdrawnRows": counts.withdrawn,
                "rejected": counts.rejected,
                "seconds": round(self.report.seconds, 3),
            }
        # A file of which nothing was taken may leave its Source unwritten.
        there = await stored_records(self.database, "Source", sorted(self.read_from | self.sources))
        links = {"readFrom": [Link(source) for source in sorted(there)]}
        await write_batch(self.database, [Record("IngestRun", self.report.run.partition(":")[2], values, links)], actor=self.actor)

    async def _file(self, preparation: Preparation, version: str) -> None:
        name = f"{self.connector.name}:{preparation.dataset}"
        state = await checkpoint(self.database, name) or {}
        digest = f"{preparation.file.digest()}.{version}.{preparation.as_of or ''}"
        report = FileReport(preparation.file.address, preparation.dataset)
        self.report.files.append(report)
        if not self.options.again and digest in state.get("versions", {}):
            report.counts = Counts(**state["versions"][digest]).again()
            report.note = "read before, has not changed"
            return
        await _Reading(self, preparation, report, name, state, digest).run()

    def _known(self, date: str) -> Known:
        """What the preparing thread asks of the database while this one waits for it or writes."""
        loop = asyncio.get_running_loop()

        async def ask(records: Sequence[Record]) -> frozenset[str]:
            found = await standings(self.database, records)
            return frozenset(record for record, said in found.items() if _concerns(said, self.connector.name, date))

        return lambda records: asyncio.run_coroutine_threadsafe(ask(records), loop).result()

    async def fresh_sources(self, records: Sequence[Record]) -> list[Record]:
        """Sources are written once; one that is there already may have been described by hand."""
        new = [r for r in records if r.label == "Source" and r.id not in self.sources]
        if not new:
            return []
        self.sources |= {r.id for r in new}
        there = await stored_records(self.database, "Source", [r.id for r in new])
        return [r for r in new if r.id not in there]


class _Reading:
    """One file on its way in."""

    def __init__(self, run: _Run, preparation: Preparation, report: FileReport, name: str, state: dict[str, Any], digest: str) -> None:
        self.run_, self.preparation, self.report = run, preparation, report
        self.database, self.options = run.database, run.options
        self.name, self.state, self.digest = name, state, digest
        current = state.get("current") or {}
        resumes = current.get("digest") == digest and not (current.get("done") or self.options.again)
        self.skip: int = current["rows"] if resumes else 0
        if resumes:
            report.counts = Counts(**current["counts"])
            report.note = f"resumed after row {self.skip}"
        self.place = 0
        self.listed: set[str] = set()
        self.rejections: set[str] = set()
        # A row that could not even be identified may be any record: then nothing may be taken for dropped.
        self.unidentified = False
        self.broken = False
        self.partial = self.options.partial and bool(preparation.file.parts)

    async def run(self) -> None:
        batches = self.preparation.batches()
        loop = asyncio.get_running_loop()
        # One thread from the first byte to the last: libxml2 trees must not wander between threads.
        with ThreadPoolExecutor(1, thread_name_prefix="ingest") as thread:
            upcoming = loop.run_in_executor(thread, _next, batches)
            try:
                while (batch := await upcoming) is not None:
                    # The next batch is read while this one is written: parsing and the database are two processes.
                    upcoming = loop.run_in_executor(thread, _next, batches)
                    await self._batch(batch)
            finally:
                await asyncio.wait([upcoming])
                await loop.run_in_executor(thread, batches.close)
        self._check_share(self.report.counts, at_end=True)
        await self._finish()

    async def _batch(self, batch: Batch) -> None:
        run = self.preparation
        for row in batch.rows:
            self.listed.update(row.listed)
            self.unidentified |= row.fate is Fate.REJECTED and not row.listed
            self.rejections |= {rejection(run, self.run_.report.run, r).id for r in row.rejected}
        self.broken |= batch.broken
        begin, self.place = self.place, self.place + len(batch.rows)
        rows = batch.rows[max(0, self.skip - begin) :]
        # Organisations of rows that were written before the run was killed are there already and cost no write.
        if rows or batch.before:
            await self._write(rows, batch.before)
        if self.options.progress:
            self.options.progress(run.file, self.place)

    async def _write(self, rows: Sequence[Prepared], before: Sequence[Record]) -> None:
        rejected = [r for row in rows for r in row.rejected]
        self._check_share(foreseen(self.report.counts, rows), at_end=False)
        wanted = self._chosen(rows)
        known = await standings(self.database, wanted.values())
        latest = self.state.get("asOf") or ""
        changed = [record for record in wanted.values() if not self._stays(record, known.get(record.id, ()), latest)]
        records = {r.id: r for r in await self.run_.fresh_sources(before)}
        records |= {r.id: r for r in before if r.label != "Source"}
        records |= {r.id: r for r in await weigh(self.database, changed, self.options.ranks, known)}
        for item in rejected:
            record = rejection(self.preparation, self.run_.report.run, item)
            records[record.id] = record
        counts = Counts()
        refused: list[Rejected] = []

        def account(outcome: Outcome) -> list[Query]:
            nonlocal counts, refused
            counts, refused = counted(self.report.counts, rows, outcome)
            return [save_checkpoint(self.name, self._progress_state(counts))]

        await write_batch(self.database, list(records.values()), actor=self.run_.actor, beside=account)
        self.report.counts = counts
        if refused:
            late = {r.id: r for r in (rejection(self.preparation, self.run_.report.run, item) for item in refused)}
            self.rejections |= set(late)
            await write_batch(self.database, list(late.values()), actor=self.run_.actor)

    def _stays(self, record: Record, known: Sequence[Standing], latest: str) -> bool:
        """Whether the record stays as it is, though this row states it."""
        source, own = record.links["sources"][0].target, self.run_.connector.name
        spoken = (s for s in known if s.source == source and s.by == own and s.dataset != self.preparation.dataset and not s.withdrawn)
        return _settled(record, known, latest) or (self.options.mending and any(spoken))

    def _chosen(self, rows: Sequence[Prepared]) -> dict[str, Record]:
        """The records to write: of several versions of one id in this run the latest, of equally old ones the first."""
        chosen: dict[str, Record] = {}
        for row in rows:
            for record in row.records:
                date = row.as_of or ""
                if record.id not in self.run_.met or date > self.run_.met[record.id][0]:
                    self.run_.met[record.id] = (date, self.preparation.dataset)
                    chosen[record.id] = record
        return chosen

    def _progress_state(self, counts: Counts) -> dict[str, Any]:
        # While rows that were written before are read again, the checkpoint stays where it was: their counts are in already.
        rows = max(self.place, self.skip)
        return {**self.state, "current": {"digest": self.digest, "rows": rows, "counts": counts.as_dict()}}

    def _check_share(self, counts: Counts, *, at_end: bool) -> None:
        if self.options.accept_bad_rows or not counts.rejected or counts.rejected < MOST_REJECTED * counts.read:
            return
        if counts.read < ENOUGH_ROWS and not at_end:
            return
        raise NetworkError(
            Code.INGEST_TOO_MANY_REJECTED,
            f"{self.preparation.file.address}: {counts.rejected} of {counts.read} rows are bad, 30 % or more. The file was stopped there; "
            f"{counts.new + counts.changed} rows of it are loaded.",
            hint="Look at `gcio ingest rejected`. If the good rows are wanted all the same, run it again with --accept-bad-rows.",
            details=counts.as_dict(),
        )

    async def _finish(self) -> None:
        counts = self.report.counts
        latest = self.state.get("asOf")
        is_latest = not latest or (self.preparation.as_of or "") >= latest
        if self.broken:
            self.report.note = "broken: read up to the place named in `gcio ingest rejected`"
        elif is_latest and not self.unidentified and not self.partial:
            counts.withdrawn += await self._withdraw()
        await self._settle_rejections()
        versions = {} if is_latest and self.preparation.as_of is None else dict(self.state.get("versions", {}))
        if not (self.broken or self.partial):
            versions[self.digest] = counts.as_dict()
        done = {"asOf": self.preparation.as_of if is_latest else latest, "versions": versions, "current": None}
        await run_query(self.database, save_checkpoint(self.name, done))

    async def _withdraw(self) -> int:
        """Mark what this data set listed before and lists no more. A record that another source still lists stays as it is."""
        gone = 0
        by, dataset, date = self.run_.connector.name, self.preparation.dataset, self.preparation.as_of
        found = await listed(self.database, by, dataset)
        for label, ids in found.items():
            missing = [i for i in ids if i not in self.listed and self.run_.met.get(i, ("", dataset))[1] == dataset]
            for start in range(0, len(missing), 500):
                stored = await stored_records(self.database, label, missing[start : start + 500])
                records = [_withdrawn(r, by, dataset, date) for r in stored.values()]
                await write_batch(self.database, records, actor=self.run_.actor)
                gone += len(records)
        return gone

    async def _settle_rejections(self) -> None:
        """Rows that were set aside before and are good now are no longer waiting."""
        before = [r["id"] for r in await open_rejections(self.database, self.run_.connector.name, self.preparation.dataset)]
        taken = await stored_records(self.database, "Rejection", [i for i in before if i not in self.rejections])
        if taken:
            records = [replace(r, properties={**r.properties, "state": "TAKEN"}) for r in taken.values()]
            await write_batch(self.database, records, actor=self.run_.actor)


def _of_all(stopped: Sequence[NetworkError]) -> NetworkError:
    """One error for all files of a run that were stopped."""
    first = stopped[0]
    if len(stopped) == 1:
        return first
    return NetworkError(
        first.code, " ".join(error.message for error in stopped), hint=first.hint, details={"files": [error.details for error in stopped]}
    )


def _next(batches: Generator[Batch, None, None]) -> Batch | None:
    return next(batches, None)


def _concerns(known: Sequence[Standing], by: str, date: str) -> bool:
    """Whether a version of this date has to do with a record: not where the same connector has it from later versions only."""
    own = [standing for standing in known if standing.by == by]
    return not own or any(standing.withdrawn or (standing.as_of or "") <= date for standing in own)


def _settled(record: Record, known: Sequence[Standing], latest: str) -> bool:
    """Whether this statement is on record already, or an older version of it than the one on record.

    A row that did not change keeps the date on which it was written; what its data set was last read as (`latest`) counts as well.
    """
    link = record.links["sources"][0]
    own = next((s for s in known if s.source == link.target and s.by == link.properties["by"]), None)
    if own is None:
        return False
    if own.hash == link.properties["hash"] and not own.withdrawn:
        return True
    date = max(own.as_of or "", latest if own.dataset == link.properties["dataset"] else "")
    return str(link.properties.get("asOf") or "") < date


def _withdrawn(record: Record, by: str, dataset: str, date: str | None) -> Record:
    links = [
        replace(link, properties={**link.properties, "withdrawn": True, "asOf": date})
        if link.properties.get("by") == by and link.properties.get("dataset") == dataset
        else link
        for link in record.links["sources"]
    ]
    properties = dict(record.properties)
    if all(link.properties.get("withdrawn") for link in links) and "withdrawn" in record.type.by_physical_name:
        properties["withdrawn"] = True
    return replace(record, properties=properties, links={**record.links, "sources": links})
