"""Lean reads of the embedded database: one message there, rows back, on connections that are kept open.

The driver's thousand Python calls for a short read cost more than all the rest of its answer. So this module speaks just so much of Bolt 5.4
(https://neo4j.com/docs/bolt/current/), in the driver's own encoding, and leaves to it by `Unsuited` whatever it does not know.
Must not know labels, what a query means, or what a person is told about a failure.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Any, Final, Self, cast
from urllib.parse import urlsplit

import neo4j.time

log = logging.getLogger("gcio")

VERSION: Final = bytes.fromhex("00000405")
HANDSHAKE: Final = bytes.fromhex("6060b017") + VERSION + bytes(12)
"""Bolt's magic, and the one version that is spoken."""
HELLO, LOGON, RUN, PULL_ALL, RESET = b"\xb1\x01", b"\xb1\x6a", b"\xb3\x10", b"\xb1\x3f\xa1\x81n\xff", b"\xb0\x0f"
RECORD, FAILURE = 0x71, 0x7F

DAYS: Final = b"D"
"""The tag of a date, which travels as the days from `EPOCH`."""
EPOCH: Final = date(1970, 1, 1).toordinal()
END: Final = b"\0\0"
"""The size of an empty chunk, which ends a message."""
CHUNK: Final = 0xFFFF
"""Bytes that a chunk of a message holds at the most."""
MOST: Final = 50
"""Connections at a time, as many as the driver would open."""
CONNECTING: Final = 5.0
"""Seconds that a new connection may take."""
WAITING: Final = 10.0
"""Seconds that a read waits for a connection while all of them are in use."""
REMEMBERED: Final = 1000
"""Texts that are remembered as none for this module."""


class Unsuited(Exception):  # noqa: N818 - says what the read is, it is no failure
    """This read is for the driver: its values are none that are spoken here, or no connection came about."""


class Refused(Exception):  # noqa: N818 - an answer of the database
    """The database refused the query, or ended it. `code` is Neo4j's, such as `Neo.ClientError.Transaction.TransactionTimedOut`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class OtherVersionError(ConnectionError):
    """The server does not speak the version of Bolt that is spoken here."""


class Busy(Exception):  # noqa: N818 - nothing failed yet
    """No connection came free in time."""


@dataclass(frozen=True, slots=True)
class Codec:
    """How values are packed, and the one of a message unpacked."""

    pack: Callable[[Any], bytes]
    unpack: Callable[[bytearray], Any]

    @classmethod
    def of_driver(cls) -> Codec | None:
        """The driver's compiled encoding; None where it is not where it was, for it is private."""
        try:
            common, hydration = import_module("neo4j._codec.packstream"), import_module("neo4j._codec.hydration")
            rust = import_module("neo4j._rust.codec.packstream.v1")
        except ImportError:
            return None

        def days(value: date) -> object:
            return common.Structure(DAYS, value.toordinal() - EPOCH)

        def known(structure: Any) -> neo4j.time.Date:
            if structure.tag != DAYS:
                raise Unsuited(f"a value of the kind {structure.tag!r}")
            return neo4j.time.Date.from_ordinal(EPOCH + structure.fields[0])

        outgoing = hydration.DehydrationHooks(exact_values={}, exact_types={tuple: list, date: days}, subtypes={})
        incoming = {common.Structure: known}
        # Two bytes of a message say what it is.
        return cls(lambda value: rust.pack(value, outgoing), lambda message: rust.unpack(message, 2, incoming)[0])


def chunked(message: bytes) -> bytes:
    """A message as it travels: chunks with their sizes, and an empty one at the end."""
    parts = []
    for start in range(0, len(message), CHUNK):
        part = message[start : start + CHUNK]
        parts += [len(part).to_bytes(2, "big"), part]
    return b"".join([*parts, END])


class Connection(asyncio.Protocol):
    """One connection, for one exchange at a time."""

    def __init__(self, unpack: Callable[[bytearray], Any]) -> None:
        self.lost = False
        self._unpack = unpack
        self._transport: asyncio.Transport | None = None
        self._greeted = False
        self._bytes = bytearray()
        self._message = bytearray()
        self._rows: list[tuple[Any, ...]] = []
        self._summaries = 0
        self._trouble: Exception | None = None
        self._answer: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.lost = True
        self._end(ConnectionError("the database closed the connection"))

    def data_received(self, data: bytes) -> None:
        buffer = self._bytes
        buffer += data
        start, end = 0, len(buffer)
        if not self._greeted:
            if end < len(VERSION):
                return
            start, self._greeted = len(VERSION), True
            self._end(None if buffer[:start] == VERSION else OtherVersionError("the server speaks another version of Bolt"))
        while end - start >= len(END):
            stop = start + len(END) + int.from_bytes(buffer[start : start + 2])
            if stop > end:
                break
            if stop > start + len(END):
                self._message += buffer[start + len(END) : stop]
            elif self._message:  # an empty chunk alone is a sign of life
                message, self._message = self._message, bytearray()
                self._take(message)
            start = stop
        del buffer[:start]

    def _take(self, message: bytearray) -> None:
        tag = message[1]
        try:
            if tag == RECORD:
                self._rows.append(tuple(self._unpack(message)))
                return
            if tag == FAILURE:
                told = self._unpack(message)
                self._trouble = Refused(str(told.get("code", "")), str(told.get("message", "")))
        except Unsuited as error:
            self._trouble = self._trouble or error
            if tag == RECORD:
                return
        self._summaries -= 1
        if not self._summaries:
            self._end(self._trouble)

    def _end(self, trouble: Exception | None) -> None:
        answer, self._answer = self._answer, None
        if answer is None or answer.done():
            return
        if trouble is None:
            answer.set_result(None)
        else:
            answer.set_exception(trouble)

    async def exchange(self, data: bytes, summaries: int) -> list[tuple[Any, ...]]:
        """Send `data` and wait for as many messages that end something. Raises `Refused`, `Unsuited` and `ConnectionError`."""
        if self.lost or self._transport is None:
            raise ConnectionError("the connection is closed")
        self._rows, self._summaries, self._trouble = [], summaries, None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        await self._answer
        return self._rows

    def abort(self) -> None:
        """Close at once. The database ends what it was doing for this connection."""
        self.lost = True
        if self._transport is not None:
            self._transport.abort()


class Reader:
    """Reads of one server on this machine. For one event loop."""

    def __init__(self, codec: Codec, address: tuple[str, int], logon: Mapping[str, str], database: str, agent: str) -> None:
        self._codec = codec
        self._address = address
        self._hello = {"user_agent": agent, "bolt_agent": {"product": agent}, "notifications_minimum_severity": "OFF"}
        self._logon = dict(logon)
        self._database = database
        self._idle: list[Connection] = []
        self._closed = False
        self._free = asyncio.Semaphore(MOST)
        self.able = True
        """Whether the server has not yet said that it speaks otherwise."""
        self.left: dict[str, None] = {}
        """Texts whose values are none that are spoken here, oldest first."""

    @classmethod
    def of(cls, uri: str, user: str, password: str, database: str, agent: str) -> Self | None:
        """A reader of the server at `uri`; None where it is not to be had."""
        parts, codec = urlsplit(uri), Codec.of_driver()
        if codec is None:
            log.warning("reads go through the driver, which is slower: its compiled encoding is not where it was")
        if codec is None or parts.scheme != "bolt" or parts.hostname is None or parts.port is None:
            return None
        logon = {"scheme": "basic", "principal": user, "credentials": password}
        return cls(codec, (parts.hostname, parts.port), logon, database, agent)

    async def read(self, text: str, parameters: Mapping[str, Any], timeout: float) -> list[tuple[Any, ...]]:  # noqa: ASYNC109 - the server ends the query
        """All rows of a read, which the server ends after `timeout` seconds. Raises `Unsuited`, `Refused` and `Busy`."""
        if text in self.left or not self.able:
            raise Unsuited("known to be none")
        pack = self._codec.pack
        # Milliseconds; 0 would be no end at all.
        extra = {"mode": "r", "db": self._database, "tx_timeout": max(1, round(timeout * 1000))}
        try:
            message = chunked(RUN + pack(text) + pack(parameters) + pack(extra))
        except (ValueError, TypeError, OverflowError) as error:
            raise Unsuited(f"a parameter: {error}") from error
        await self._turn()
        try:
            return await self._ask(message + chunked(PULL_ALL))
        except Unsuited:
            if len(self.left) >= REMEMBERED:
                del self.left[next(iter(self.left))]
            self.left[text] = None
            raise
        except OtherVersionError as error:
            self.able = False
            log.warning("reads go through the driver, which is slower: %s", error)
            raise Unsuited(str(error)) from error
        except OSError as error:
            # A read may be asked twice: the driver knows what to tell about a server that is gone.
            raise Unsuited(f"the connection: {error}") from error
        finally:
            self._free.release()

    async def _turn(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(WAITING):
                await self._free.acquire()
        except TimeoutError:
            raise Busy(f"{MOST} connections were in use for {WAITING:.0f} seconds") from None

    async def _ask(self, data: bytes) -> list[tuple[Any, ...]]:
        connection = await self._connection()
        try:
            rows = await connection.exchange(data, 2)
        except Refused:
            await self._reset(connection)
            raise
        except Unsuited:
            self._back(connection)  # all of the answer has been read
            raise
        except BaseException:
            connection.abort()
            raise
        self._back(connection)
        return rows

    async def _reset(self, connection: Connection) -> None:
        try:
            await connection.exchange(chunked(RESET), 1)
        except BaseException:
            connection.abort()
            raise
        self._back(connection)

    def _back(self, connection: Connection) -> None:
        if self._closed:
            connection.abort()
        else:
            self._idle.append(connection)

    async def _connection(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.lost:
                return connection
        async with asyncio.timeout(CONNECTING):
            _, connection = await asyncio.get_running_loop().create_connection(lambda: Connection(self._codec.unpack), *self._address)
            try:
                await connection.exchange(HANDSHAKE, 0)
                hello, logon = (chunked(tag + self._codec.pack(value)) for tag, value in ((HELLO, self._hello), (LOGON, self._logon)))
                await connection.exchange(hello + logon, 2)
            except BaseException as error:
                connection.abort()
                if isinstance(error, Refused):
                    raise ConnectionError(f"no connection: {error.code}") from error
                raise
        return connection

    def close(self) -> None:
        """Close what is idle now, and the rest when its answer is there."""
        self._closed = True
        while self._idle:
            self._idle.pop().abort()
