"""Many records into a database that is for measuring alone: no change log, no look at what is there, indexes made at the end.

A batch and the place it reaches are one transaction, so a load that is cut off goes on. Must not know how records come about.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from graph.database import Database, Query, Transaction, identifier
from graph.errors import Code, NetworkError
from graph.model import MODEL
from graph.records import Record, stored_properties
from graph.schema import UNIQUENESS, migrate, wanted
from graph.state import remembered
from graph.writer import merge_nodes, store_links

MARK: Final = "generated"
POLL: Final = 1.0


@dataclass(frozen=True, slots=True)
class Mark:
    """What makes a database one for measuring: the seed and the version of what fills it, and how many records of it are in."""

    seed: int
    version: int
    done: int = 0


async def claim(database: Database, mark: Mark) -> Mark:
    """The mark of this database, put there where the database is empty.

    Raises BAD_INPUT where it holds anything of somebody else's, or records of another seed or version.
    """
    kept = await remembered(database, MARK)
    if kept is None:
        if (await database.read(Query("RETURN EXISTS { MATCH (n) WHERE NOT (n:Lock OR n:Migration) }")))[0][0]:
            raise NetworkError(
                Code.BAD_INPUT,
                "This database holds records that were not generated: nothing was written.",
                hint="Name an empty folder with --home. Generated records go into a database of their own.",
            )
        await database.write(lambda transaction: transaction.run(keep_mark(mark)))
        return mark
    found = Mark(**json.loads(kept))
    if replace(found, done=0) != replace(mark, done=0):
        raise NetworkError(
            Code.BAD_INPUT,
            f"This database holds generated records of seed {found.seed}, version {found.version}; "
            f"seed {mark.seed}, version {mark.version} was asked for.",
            hint="Name another folder with --home, or remove that one.",
        )
    return found


async def add_batch(database: Database, records: Sequence[Record], mark: Mark) -> None:
    """Write new records and the mark behind them, both or neither."""

    async def work(transaction: Transaction) -> None:
        await store_new(transaction, records)
        await transaction.run(keep_mark(mark))

    await database.write(work)


async def store_new(transaction: Transaction, records: Iterable[Record]) -> None:
    """Nodes and links of sound records that are not in the graph; a link's target is among them or there."""
    by_label: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_label[record.label].append(record)
    for label, group in by_label.items():
        rows = [{"id": r.id, "properties": {k: v for k, v in stored_properties(r).items() if v is not None}} for r in group]
        await transaction.run(merge_nodes(MODEL[label], rows))
    for label, group in by_label.items():
        for relationship in MODEL[label].all_relationships:
            await store_links(transaction, group, MODEL[label], relationship)


async def without_indexes(database: Database) -> None:
    """Take away every index that no constraint needs: kept up to date row by row they cost more than made at once."""
    names = [item.name for item in wanted() if item.kind != UNIQUENESS]
    await database.change_schema([Query(f"DROP INDEX {identifier(name)} IF EXISTS") for name in names])


async def with_indexes(database: Database, progress: Callable[[float], None] | None = None) -> None:
    """Make the schema whole and wait until every index is filled, however long that takes. `progress` is told the share, 0 to 1."""
    await database.change_schema([Query(item.statement) for item in wanted() if item.kind != UNIQUENESS])
    while True:
        states = await database.read(Query("SHOW INDEXES YIELD name, state, populationPercent RETURN name, state, populationPercent"))
        if failed := sorted(name for name, state, _ in states if state == "FAILED"):
            raise NetworkError(Code.INTERNAL, f"The index {failed[0]} could not be made.", hint="The server's log has the cause.")
        if progress:
            progress(sum(percent for _, _, percent in states) / 100 / max(1, len(states)))
        if all(state == "ONLINE" for _, state, _ in states):
            break
        await asyncio.sleep(POLL)
    await migrate(database)


# The queries, pure: text and parameters.


def keep_mark(mark: Mark) -> Query:
    return Query("MERGE (s:State {id: $id})\nSET s.value = $value", {"id": f"state:{MARK}", "value": json.dumps(asdict(mark))})
