"""The connection: one driver, reads under a server-side timeout, writes in managed transactions.

Reads of the embedded database go past the driver (`bolt.py`), as far as they can: it costs them more than they cost themselves.
Must not know labels or what a query means. Queries come as text and parameters from the other modules of this room.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import neo4j
from neo4j import exceptions

from graph.bolt import Busy, Reader, Refused, Unsuited
from graph.errors import Code, NetworkError

if TYPE_CHECKING:
    from graph.server import Endpoint

T = TypeVar("T")
LANGUAGE = "CYPHER 25 "
AGENT = "global-cio-network"


@dataclass(frozen=True, slots=True)
class Query:
    """Cypher text and its parameters; the text never carries a value."""

    text: str
    parameters: dict[str, Any] = field(default_factory=dict)


def identifier(name: str) -> str:
    """A label, property or type name that is safe to stand in Cypher text. Raises `ValueError` on anything but a plain name."""
    if not name.isidentifier() or not name.isascii():
        raise ValueError(f"not a plain name: {name!r}")
    return name


class Transaction:
    """A write transaction: `run` returns all rows."""

    def __init__(self, inner: neo4j.AsyncManagedTransaction | neo4j.AsyncTransaction) -> None:
        self._inner = inner

    async def run(self, query: Query) -> list[tuple[Any, ...]]:
        # The text comes from this room only, values travel as parameters.
        result = await self._inner.run(LANGUAGE + query.text, query.parameters)
        return [tuple(record.values()) async for record in result]


class Database:
    """The graph behind one endpoint. Use as an async context manager or call `close`."""

    def __init__(self, endpoint: Endpoint, *, query_timeout: float = 10.0, lean: bool = True) -> None:
        self.endpoint = endpoint
        self.query_timeout = query_timeout
        self.writes = 0
        """Writes that went through here since the start. Who keeps answers for reuse sees by it that they may be old."""
        self._idle: list[neo4j.AsyncSession] = []
        """Sessions that nobody reads with now. Making one costs a tenth of a short read's processor time; an idle one holds no connection."""
        self._driver = neo4j.AsyncGraphDatabase.driver(
            endpoint.uri,
            auth=(endpoint.user, endpoint.password),
            connection_timeout=5.0,
            connection_acquisition_timeout=10.0,
            max_connection_pool_size=50,
            max_transaction_retry_time=15.0,
            keep_alive=True,
            notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
            user_agent=AGENT,
        )
        self.reader = (
            Reader.of(endpoint.uri, endpoint.user, endpoint.password, endpoint.database, AGENT) if lean and endpoint.embedded else None
        )
        """Reads without the driver; None where every read goes through it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        if self.reader is not None:
            self.reader.close()
        while self._idle:
            await self._idle.pop().close()
        await self._driver.close()

    async def ping(self) -> None:
        """Raises `DATABASE_UNAVAILABLE` when the database does not answer."""
        try:
            await self._driver.verify_connectivity()
        except (exceptions.DriverError, exceptions.Neo4jError) as error:
            raise translated(error) from error

    async def read(self, query: Query, *, timeout: float | None = None) -> list[tuple[Any, ...]]:  # noqa: ASYNC109 - the server ends the query, not the event loop
        """All rows of a read. The server ends it after `timeout` seconds (default: the setting)."""
        if self.reader is not None:
            try:
                return await self.reader.read(LANGUAGE + query.text, query.parameters, timeout or self.query_timeout)
            except Unsuited:
                pass  # the driver can do all of it, and says what is wrong with the connection
            except Busy as error:
                raise _broken() from error
            except Refused as error:
                raise _refused(error.code) from error
        text = neo4j.Query(LANGUAGE + query.text, timeout=timeout or self.query_timeout)
        session = self._idle.pop() if self._idle else self._reading()
        try:
            result = await session.run(text, query.parameters)
            rows = [tuple(record.values()) async for record in result]
        except asyncio.CancelledError:
            session.cancel()
            await session.close()
            raise
        except Exception as error:
            await session.close()
            if isinstance(error, exceptions.DriverError | exceptions.Neo4jError):
                raise translated(error) from error
            raise
        self._idle.append(session)
        return rows

    def _reading(self) -> neo4j.AsyncSession:
        return self._driver.session(database=self.endpoint.database, default_access_mode=neo4j.READ_ACCESS)

    async def profile(self, query: Query) -> tuple[int, dict[str, Any]]:
        """Run a read to its end: how many rows it gave, and the plan with what each step did, as the driver tells it."""
        text = neo4j.Query(f"{LANGUAGE}PROFILE {query.text}", timeout=self.query_timeout)
        try:
            async with self._reading() as session:
                result = await session.run(text, query.parameters)
                rows = len([record async for record in result])
                return rows, (await result.consume()).profile or {}
        except (exceptions.DriverError, exceptions.Neo4jError) as error:
            raise translated(error) from error

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` in one transaction, again on a transient failure: it must not have effects of its own."""

        async def inside(transaction: neo4j.AsyncManagedTransaction) -> T:
            return await work(Transaction(transaction))

        try:
            async with self._driver.session(database=self.endpoint.database) as session:
                return await session.execute_write(inside)
        except (exceptions.DriverError, exceptions.Neo4jError) as error:
            raise translated(error) from error
        finally:
            self.writes += 1  # also after a failure: a commit may have come through although its answer did not

    async def change_schema(self, statements: Sequence[Query]) -> None:
        """Run schema statements in one transaction: all or none."""
        if not statements:
            return

        async def inside(transaction: Transaction) -> None:
            for statement in statements:
                await transaction.run(statement)

        await self.write(inside)

    async def hold(self, query: Query, work: Callable[[], Awaitable[T]], *, patience: float | None = None) -> T:
        """Run `query` in an open transaction, then `work`, then commit: the locks `query` took are held all the while.

        With `patience`, raises INGEST_BUSY where somebody else holds them for longer than that many seconds.
        """
        try:
            async with self._driver.session(database=self.endpoint.database) as session:
                if patience is not None:
                    await self._probe(session, query, patience)
                async with await session.begin_transaction() as transaction:
                    await Transaction(transaction).run(query)
                    outcome = await work()
                    await transaction.commit()
                    return outcome
        except (exceptions.DriverError, exceptions.Neo4jError) as error:
            raise translated(error) from error
        finally:
            self.writes += 1

    async def _probe(self, session: neo4j.AsyncSession, query: Query, patience: float) -> None:
        """A transaction's timeout covers all of it, so the wait for a lock is tried in one that ends at once."""
        try:
            async with await session.begin_transaction(timeout=patience) as transaction:
                await Transaction(transaction).run(query)
                await transaction.commit()
        except exceptions.Neo4jError as error:
            # A transaction that ends while it waits for a lock says so in words of its own.
            if translated(error).code is Code.DATABASE_TIMEOUT or "Lock" in (error.code or ""):
                raise NetworkError(Code.INGEST_BUSY, "Somebody else holds this lock.", hint="Wait for the other run to end.") from error
            raise


def translated(error: exceptions.DriverError | exceptions.Neo4jError) -> NetworkError:
    """The error a person gets. Nothing of the database's own words is in it; the cause is chained for the log."""
    if isinstance(error, exceptions.AuthError):
        return NetworkError(
            Code.DATABASE_UNAVAILABLE,
            "The database refused the user name or password.",
            hint="Check GCIO_NEO4J_USER and GCIO_NEO4J_PASSWORD_FILE.",
        )
    if isinstance(error, exceptions.ServiceUnavailable | exceptions.SessionExpired):
        return _away()
    if isinstance(error, exceptions.DriverError):
        return _broken()
    return _refused(error.code or "")


def _refused(code: str) -> NetworkError:
    """What a code of the database means for a person."""
    if "DatabaseUnavailable" in code:
        return _away()
    if "Terminated" in code or "TransactionTimedOut" in code:
        return NetworkError(
            Code.DATABASE_TIMEOUT,
            "The question took the database too long.",
            hint="Ask for less: fewer records, fewer levels, a narrower filter.",
        )
    return NetworkError(Code.INTERNAL, "The database could not answer.", hint="This is our fault, not yours. The log has the cause.")


def _away() -> NetworkError:
    return NetworkError(
        Code.DATABASE_UNAVAILABLE, "The database does not answer.", hint="Try again in a few seconds. It is started again by itself."
    )


def _broken() -> NetworkError:
    return NetworkError(Code.DATABASE_UNAVAILABLE, "The connection to the database broke.", hint="Try again in a few seconds.")
