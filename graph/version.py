"""The version of the graph: changes whenever an answer may. What an answer was made of is told apart by it.

The change log covers records. Vectors, migrations and indexes change answers without a line there: they call `revise`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from graph.database import Database, Query, Transaction


@dataclass(frozen=True, slots=True)
class Versions:
    """`data` is the sequence number of the last change, 0 before the first; `graph` changes whenever an answer may."""

    data: int
    graph: str


async def versions(database: Database) -> Versions:
    """Both as of one moment. `graph` is `data`, a hyphen, 8 hex digits of everything else, such as `4711-0c9f3a21`.

    The digits also hold the moment of the last change, so that another graph, or one restored from a backup and then
    written to, does not pass for this one.
    """
    [(sequence, *rest)] = await database.read(read_version())
    return Versions(sequence or 0, f"{sequence or 0}-{hashlib.sha256(repr(rest).encode()).hexdigest()[:8]}")


async def graph_version(database: Database) -> str:
    """The version of the graph alone."""
    return (await versions(database)).graph


async def revise(transaction: Transaction) -> None:
    """Make the version another one, in the transaction that changes what the change log does not tell."""
    await transaction.run(raise_revision())


def read_version() -> Query:
    """One row: last sequence number, moment of that change, number of revisions, moment of the last one."""
    return Query(
        "OPTIONAL MATCH (s:Sequence {id: 'sequence:change'})\n"
        "OPTIONAL MATCH (c:Change {id: 'change:' + toString(s.value)})\n"
        "OPTIONAL MATCH (r:State {id: 'state:revision'})\n"
        "RETURN s.value, toString(c.at), r.value, toString(r.at)"
    )


def raise_revision() -> Query:
    return Query("MERGE (r:State {id: 'state:revision'})\nSET r.value = coalesce(r.value, 0) + 1, r.at = datetime()")
