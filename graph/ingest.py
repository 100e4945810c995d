"""The memory of ingestion: runs that exclude each other, checkpoints, what a source listed, rows set aside.

Checkpoints are State nodes, written in the transaction of the batch they belong to. Must not know connectors or files.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from graph.database import Database, Query, identifier
from graph.errors import Code, NetworkError
from graph.model import MODEL

T = TypeVar("T")
PATIENCE = 2.0


async def exclusively(database: Database, source: str, work: Callable[[], Awaitable[T]]) -> T:
    """Run `work` while holding the source's lock. Raises INGEST_BUSY where another process holds it.

    The lock is a transaction: a process that is killed lets go of it.
    """
    try:
        return await database.hold(take_lock(source), work, patience=PATIENCE)
    except NetworkError as error:
        if error.code is Code.INGEST_BUSY:
            raise NetworkError(
                Code.INGEST_BUSY,
                f"Another run of “{source}” is under way.",
                hint="Wait for it to end, then start again: unchanged rows cost no write.",
            ) from None
        raise


async def checkpoint(database: Database, name: str) -> dict[str, Any] | None:
    """What `save_checkpoint` kept under this name."""
    rows = await database.read(read_state(f"state:ingest:{name}"))
    return json.loads(rows[0][0]) if rows else None


def save_checkpoint(name: str, value: dict[str, Any]) -> Query:
    """The query that keeps a checkpoint, for the transaction of the batch it belongs to."""
    return Query(
        "MERGE (s:State {id: $id})\nSET s.value = $value",
        {"id": f"state:ingest:{name}", "value": json.dumps(value, ensure_ascii=False, sort_keys=True)},
    )


async def run_query(database: Database, query: Query) -> None:
    """Run one bookkeeping query in a transaction of its own."""
    await database.write(lambda transaction: transaction.run(query))


async def listed(database: Database, by: str, dataset: str) -> dict[str, list[str]]:
    """Ids, by label, of records that this data set of a connector lists and that are not marked withdrawn."""
    out: dict[str, list[str]] = {}
    for label, ids in await database.read(listed_records(by, dataset), timeout=120):
        known = next(name for name in label if name in MODEL.by_label)
        out.setdefault(known, []).extend(ids)
    return out


async def open_rejections(database: Database, connector: str | None = None, dataset: str | None = None) -> list[dict[str, Any]]:
    """Rows set aside that still wait: id and all properties of the Rejection, by connector, file and line."""
    return [row for (row,) in await database.read(rejections(connector, dataset), timeout=60)]


async def organization_names(database: Database) -> list[tuple[str, str, str | None, list[str], str | None]]:
    """All organisations: id, name, short name, aliases, IATI identifier."""
    rows = await database.read(
        Query("MATCH (o:Organization)\nRETURN o.id, o.name, o.shortName, coalesce(o.aliases, []), o.iatiId\nORDER BY o.id"), timeout=120
    )
    return [(i, name, short, list(aliases), ref) for i, name, short, aliases, ref in rows]


async def organizations_by_hand(database: Database) -> frozenset[str]:
    """Ids of the organisations that are kept by hand."""
    query = Query("MATCH (o:Organization)-[r:SOURCED_FROM]->(:Source)\nWHERE r.by IS NULL\nRETURN DISTINCT o.id")
    return frozenset([i for (i,) in await database.read(query, timeout=60)])


async def country_labels(database: Database) -> dict[str, list[str]]:
    """All names of each country, by alpha-3 code."""
    names = ", ".join(f"c.{identifier(n)}" for p in MODEL["Country"].properties if p.name == "name" for n in p.physical_names())
    rows = await database.read(Query(f"MATCH (c:Country)\nRETURN c.iso3, [{names}, c.officialName, c.iso2]"), timeout=60)
    return {iso3: [name for name in found if name] for iso3, found in rows}


async def topic_terms(database: Database) -> list[dict[str, Any]]:
    """All topics: key, parent's key, name, description, terms (names and keywords in every language), dacCodes."""
    names = [n for p in MODEL["Topic"].properties if p.name in {"name", "keywords"} for n in p.physical_names()]
    values = ", ".join(f"t.{identifier(n)}" for n in names)
    rows = await database.read(
        Query(
            f"MATCH (t:Topic)\nRETURN t.id, head([(t)-[:PART_OF]->(p:Topic) | p.id]), t.name, t.description, [{values}], coalesce(t.dacCodes, [])\nORDER BY t.id"
        ),
        timeout=60,
    )
    out = []
    for topic, parent, name, description, found, codes in rows:
        terms = [term for value in found if value for term in (value if isinstance(value, list) else [value])]
        out.append({"id": topic, "parent": parent, "name": name, "description": description, "terms": terms, "dacCodes": list(codes)})
    return out


async def curated_rows(database: Database) -> dict[tuple[str, str], list[str]]:
    """Records kept by hand that name their row in a source: (source id, row) to record ids, mostly one."""
    query = Query(
        "MATCH (s:Source)<-[r:SOURCED_FROM]-(n)\nWHERE r.by IS NULL AND r.row IS NOT NULL\n"
        "AND (n:Project OR n:Practice OR n:Solution OR n:Offer OR n:FundingCall OR n:Need OR n:Partnership)\n"
        "WITH s.id AS source, r.row AS row, n.id AS id\nORDER BY id\nRETURN source, row, collect(id)"
    )
    return {(source, row): list(found) for source, row, found in await database.read(query, timeout=60)}


async def has_run(database: Database) -> bool:
    """Whether any connector ever ran on this graph."""
    return bool((await database.read(Query("RETURN EXISTS { MATCH (:IngestRun) }")))[0][0])


async def redirects(database: Database) -> dict[str, str]:
    """Old id to new id of every record that was merged into another."""
    return dict(await database.read(Query("MATCH (r:Redirect)\nRETURN r.id, r.to"), timeout=60))


# The queries, pure: text and parameters.


def take_lock(source: str) -> Query:
    return Query("MERGE (l:Lock {id: $id})\nSET l.taken = datetime()", {"id": f"lock:ingest:{source}"})


def read_state(state: str) -> Query:
    return Query("MATCH (s:State {id: $id})\nRETURN s.value", {"id": state})


def listed_records(by: str, dataset: str) -> Query:
    return Query(
        "MATCH (n)-[r:SOURCED_FROM]->()\nWHERE r.dataset = $dataset AND r.by = $by AND r.withdrawn IS NULL\n"
        "WITH labels(n) AS label, n.id AS id\nRETURN label, collect(DISTINCT id)",
        {"by": by, "dataset": dataset},
    )


def rejections(connector: str | None, dataset: str | None) -> Query:
    return Query(
        "MATCH (r:Rejection {state: 'OPEN'})\nWHERE ($connector IS NULL OR r.connector = $connector) AND ($dataset IS NULL OR r.dataset = $dataset)\n"
        "RETURN r {.*}\nORDER BY r.connector, r.file, r.row, r.column",
        {"connector": connector, "dataset": dataset},
    )
