"""What every mutation has in common: carried out under the lock of the log, once for each key, on the version that was read.

Must not know what a mutation writes.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from graph.database import Database, Query, Transaction
from graph.errors import Code
from graph.records import Problem
from graph.writer import lock_sequence

KEPT_DAYS: Final = 30
"""How long a key of a mutation is remembered."""
LONGEST_KEY: Final = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """The id of the record, where one was written now or by the same key before; else why not. A dry run that finds nothing wrong has neither."""

    record: str | None = None
    problems: tuple[Problem, ...] = ()
    written: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """Whose token sent a mutation, under which key, and all that it asks for, as JSON can hold it."""

    token: str | None
    key: str | None
    asked: Sequence[object]

    @property
    def key_id(self) -> str | None:
        """The id under which the key is kept: each token has keys of its own."""
        if self.key is None:
            return None
        return "idempotency-key:" + hashlib.sha256(json.dumps([self.token, self.key]).encode()).hexdigest()[:32]

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(json.dumps(self.asked, sort_keys=True, default=str).encode()).hexdigest()


Work = Callable[[Transaction, int], Awaitable[Outcome]]
"""What a mutation does in its transaction; the number is that of the log's last entry."""


async def once(database: Database, sent: Sent, work: Work) -> Outcome:
    """Do the work under the lock of the log, so that nothing changes between its checks and its writes. Where the key was used, do nothing.

    A mutation that was refused, and a dry run, leave their key free.
    """
    if (problem := _no_key(sent)) is not None:
        return Outcome(problems=(problem,))
    now = datetime.now(UTC)

    async def locked(transaction: Transaction) -> Outcome:
        [(sequence,)] = await transaction.run(lock_sequence())
        key_id = sent.key_id
        for kept, record in await transaction.run(used_key(key_id)) if key_id else ():
            return _again(sent, kept, record)
        outcome = await work(transaction, sequence)
        if outcome.record and key_id:
            await transaction.run(remember_key(key_id, sent.fingerprint, outcome.record, now))
            await transaction.run(forget_keys(KEPT_DAYS))
        return outcome

    return await database.write(locked)


async def sent_before(database: Database, sent: Sent) -> Outcome | None:
    """What the key of a mutation brings where it was used; None where the work is to be done.

    For a mutation that has much to work out before it can write: `once` looks again.
    """
    if (problem := _no_key(sent)) is not None:
        return Outcome(problems=(problem,))
    for kept, record in await database.read(used_key(sent.key_id)) if sent.key_id else ():
        return _again(sent, kept, record)
    return None


def _no_key(sent: Sent) -> Problem | None:
    if sent.key is None or (0 < len(sent.key) <= LONGEST_KEY and sent.key.isprintable()):
        return None
    hint = f"Give a key of 1 to {LONGEST_KEY} printable characters, such as a UUID, or none."
    return Problem("idempotencyKey", sent.key[:80], "is not a key", (), Code.VALUE_MALFORMED, hint)


def _again(sent: Sent, kept: str, record: str) -> Outcome:
    if kept == sent.fingerprint:
        return Outcome(record)
    hint = "Send the same input again, or a new key for another mutation."
    reason = "was used for another mutation or another input"
    return Outcome(problems=(Problem("idempotencyKey", "", reason, (), Code.IDEMPOTENCY_KEY_REUSED, hint),))


def outdated(expected: int | None, version: int) -> Problem | None:
    """The conflict of a change that was made for another version."""
    if version == expected:
        return None
    hint = f"Read the record again, look at what changed, and send `expectedVersion: {version}`."
    reason = f"is not its version, which is {version}: somebody changed the record meanwhile"
    return Problem("expectedVersion", str(expected), reason, (str(version),), Code.VERSION_CONFLICT, hint)


def tidied(text: str) -> str | None:
    """A text in one Unicode form, without spaces around it and with one kind of line end; None where nothing is left."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip() or None


# The queries, pure: text and parameters.


def used_key(key_id: str) -> Query:
    """One row of (fingerprint, record) where the key was used."""
    return Query("MATCH (k:IdempotencyKey {id: $id})\nRETURN k.fingerprint, k.record", {"id": key_id})


def remember_key(key_id: str, fingerprint: str, record_id: str, now: datetime) -> Query:
    return Query(
        "CREATE (k:IdempotencyKey)\nSET k = $key",
        {"key": {"id": key_id, "fingerprint": fingerprint, "record": record_id, "createdAt": now}},
    )


def forget_keys(days: int) -> Query:
    """Take away keys that are older, a hundred at a time: a write must not wait for more."""
    return Query(
        "MATCH (k:IdempotencyKey)\nWHERE k.createdAt < datetime() - duration({days: $days})\nWITH k\nLIMIT 100\nDELETE k", {"days": days}
    )
