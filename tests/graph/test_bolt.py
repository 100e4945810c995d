"""Lean reads: every value as the driver brings it, every failure as the driver tells it, on a real Neo4j; what is not spoken goes to the driver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import neo4j.time
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import bolt
from graph.bolt import Codec, Reader, Refused, Unsuited, chunked
from graph.database import LANGUAGE, Database, Query
from graph.errors import Code, NetworkError

pytestmark = pytest.mark.live

ECHO: Final = "RETURN $v AS v"
SLOW: Final = "UNWIND range(1, 100000000) AS a\nWITH a WHERE a % 7 = 3\nRETURN sum(a * a % 11)"
EDGES: Final = (
    *(None, True, False, 0, -1, -16, -17, 127, 128, -128, -129, 32767, 32768, 2**31 - 1, 2**31, -(2**31) - 1, 2**63 - 1, -(2**63)),
    *(0.0, -0.0, 0.1, 1e308, float("inf"), float("-inf"), "", "x" * 15, "x" * 16, "x" * 255, "x" * 256, "x" * 65_535, "é" * 40_000),
    *("السلام عليكم", "电子政务", "👩🏽‍💻", "a\0b", [], {}, [[], [[]], {}], {"": {"a": [1, None, "x"]}}, list(range(20_000)), [0.5] * 384),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=20), inner, max_size=20),
    max_leaves=40,
)


@pytest_asyncio.fixture(scope="module")
async def driver(database: Database) -> AsyncIterator[Database]:
    """The same database, each read through the driver."""
    async with Database(database.endpoint, query_timeout=60, lean=False) as driver:
        yield driver


def of(database: Database, port: int | None = None) -> Reader:
    """A reader of its own, at another port where one is given."""
    endpoint = database.endpoint
    uri = endpoint.uri if port is None else f"bolt://127.0.0.1:{port}"
    reader = Reader.of(uri, endpoint.user, endpoint.password, endpoint.database, "gcio-test")
    assert reader is not None
    return reader


@pytest_asyncio.fixture
async def reader(database: Database) -> AsyncIterator[Reader]:
    reader = of(database)
    yield reader
    reader.close()


async def echoed(reader: Reader, value: Any) -> Any:
    [(same,)] = await reader.read(LANGUAGE + ECHO, {"v": value}, 60)
    return same


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that comes about by itself."""
    async with asyncio.timeout(30):
        while not await condition():  # noqa: ASYNC110 - the database gives no signal
            await asyncio.sleep(0.05)


def test_the_driver_has_its_encoding_where_it_is_looked_for() -> None:
    # Without it every read would go through the driver, and only be slower.
    assert Codec.of_driver() is not None


@pytest.mark.parametrize("value", EDGES, ids=lambda value: f"{type(value).__name__} {str(value)[:12]!a}")
async def test_a_value_comes_back_as_it_went(reader: Reader, value: Any) -> None:
    same = await echoed(reader, value)

    assert same == value
    assert type(same) is type(value)
    assert reader.left == {}


@given(value=VALUES)
@settings(max_examples=200)
async def test_values_come_as_the_driver_brings_them(database: Database, driver: Database, value: Any) -> None:
    query = Query("UNWIND [$v, [$v], 1] AS v\nRETURN v, $v", {"v": value})
    lean, through = await database.read(query), await driver.read(query)
    assert lean == through
    assert repr(lean) == repr(through)


async def test_many_rows_come_in_their_order(reader: Reader) -> None:
    rows = await reader.read(LANGUAGE + "UNWIND range(1, 30000) AS n\nRETURN n, toString(n)", {}, 60)
    assert rows == [(n, str(n)) for n in range(1, 30_001)]


async def test_no_row_is_an_empty_list(reader: Reader) -> None:
    assert await reader.read(LANGUAGE + "UNWIND [] AS n\nRETURN n", {}, 60) == []


def test_a_long_message_travels_in_chunks() -> None:
    sent = chunked(b"a" * 65_535 + b"bc")
    assert sent == b"\xff\xff" + b"a" * 65_535 + b"\0\2bc" + b"\0\0"
    assert chunked(b"x") == b"\0\1x\0\0"


@pytest.mark.parametrize(
    "text", ["RETURN time('12:00Z')", "RETURN [1, {a: duration('P1D')}]", "MATCH (c:Country)\nRETURN c\nORDER BY c.id\nLIMIT 1"]
)
async def test_what_has_no_plain_value_is_left_to_the_driver(database: Database, driver: Database, reader: Reader, text: str) -> None:
    with pytest.raises(Unsuited):
        await reader.read(text, {}, 60)

    # The answer was read to its end: the connection serves the next, and the text is not tried again.
    assert list(reader.left) == [text]
    assert await echoed(reader, 1) == 1
    assert len(reader._idle) == 1
    assert repr(await database.read(Query(text))) == repr(await driver.read(Query(text)))


async def test_a_parameter_without_plain_value_is_left_to_the_driver(database: Database, reader: Reader) -> None:
    moment = datetime(2026, 11, 30, 12, tzinfo=UTC)
    with pytest.raises(Unsuited, match="parameter"):
        await echoed(reader, moment)

    assert reader.left == {}
    assert await database.read(Query("RETURN toString($v)", {"v": moment})) == [("2026-11-30T12:00:00Z",)]


@pytest.mark.parametrize("day", [date(1970, 1, 1), date(1969, 12, 31), date(2024, 2, 29), date.min, date.max], ids=str)
async def test_a_day_is_asked_for_as_a_date(reader: Reader, day: date) -> None:
    query = LANGUAGE + "RETURN toString($v), $v = date($text), [v IN [$v] | v.year]"
    assert await reader.read(query, {"v": day, "text": day.isoformat()}, 60) == [(day.isoformat(), True, [day.year])]
    assert reader.left == {}


@pytest.mark.parametrize("text", ["1970-01-01", "1969-12-31", "2024-02-29", "0001-01-01", "9999-12-31"])
async def test_a_date_comes_as_the_driver_brings_it(driver: Database, reader: Reader, text: str) -> None:
    query = "RETURN date($text), [{day: date($text)}]"
    lean = await reader.read(LANGUAGE + query, {"text": text}, 60)
    assert lean == await driver.read(Query(query, {"text": text}))
    assert [type(value) for value in lean[0]] == [neo4j.time.Date, list]
    assert reader.left == {}


async def test_texts_that_are_left_are_forgotten_in_the_end(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bolt, "REMEMBERED", 2)
    texts = [f"RETURN localtime('{hour}:00')" for hour in (10, 11, 12)]
    for text in texts:
        with pytest.raises(Unsuited):
            await reader.read(text, {}, 60)
    assert list(reader.left) == texts[1:]


async def test_a_refused_query_has_a_code_and_leaves_the_connection_usable(database: Database, reader: Reader) -> None:
    with pytest.raises(Refused) as refused:
        await reader.read("RETURN nothing", {}, 60)

    assert refused.value.code == "Neo.ClientError.Statement.SyntaxError"
    assert await echoed(reader, 1) == 1
    assert len(reader._idle) == 1
    with pytest.raises(NetworkError) as told:
        await database.read(Query("RETURN nothing"))
    assert told.value.code is Code.INTERNAL
    assert "nothing" not in str(told.value)


async def test_a_failure_after_rows_gives_no_row(reader: Reader) -> None:
    with pytest.raises(Refused) as refused:
        await reader.read(LANGUAGE + "UNWIND [1, 2, 0] AS n\nRETURN 1 / n", {}, 60)
    assert refused.value.code == "Neo.ClientError.Statement.ArithmeticError"


@pytest.mark.parametrize("seconds", [0.2, 0.0004])
async def test_the_database_ends_a_read_that_takes_too_long(database: Database, seconds: float) -> None:
    with pytest.raises(NetworkError) as told:
        await database.read(Query(SLOW), timeout=seconds)
    assert told.value.code is Code.DATABASE_TIMEOUT
    assert await database.read(Query(ECHO, {"v": 1})) == [(1,)]


async def test_a_read_cannot_write(scratch: Database) -> None:
    with pytest.raises(NetworkError) as told:
        await scratch.read(Query("CREATE (n:Topic {id: 'topic:test-lean'})\nRETURN n.id"))
    assert told.value.code is Code.INTERNAL
    assert await scratch.read(Query("MATCH (n {id: 'topic:test-lean'})\nRETURN count(n)")) == [(0,)]


async def test_a_cancelled_read_is_ended_in_the_database(database: Database, reader: Reader) -> None:
    mark = "// cancelled-lean-read\n"
    running = Query("SHOW TRANSACTIONS YIELD currentQuery\nRETURN currentQuery")

    async def seen() -> bool:
        return any(mark.strip() in (text or "") and "SHOW" not in (text or "") for (text,) in await database.read(running))

    async def gone() -> bool:
        return not await seen()

    task = asyncio.create_task(reader.read(LANGUAGE + mark + SLOW, {}, 60))
    await until(seen)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await until(gone)
    assert reader._idle == []
    assert await echoed(reader, 1) == 1


async def test_many_at_once_share_the_connections_there_may_be(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    reader._free = asyncio.Semaphore(3)
    assert await asyncio.gather(*(echoed(reader, n) for n in range(60))) == list(range(60))
    assert len(reader._idle) == 3


async def test_who_waits_too_long_for_a_connection_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert database.reader is not None
    monkeypatch.setattr(database.reader, "_free", asyncio.Semaphore(0))
    monkeypatch.setattr(bolt, "WAITING", 0.05)
    with pytest.raises(NetworkError) as told:
        await database.read(Query(ECHO, {"v": 1}))
    assert told.value.code is Code.DATABASE_UNAVAILABLE


async def test_a_closed_reader_keeps_nothing(database: Database) -> None:
    reader = of(database)
    task = asyncio.create_task(echoed(reader, [1] * 1000))
    await asyncio.sleep(0)
    reader.close()
    assert await task == [1] * 1000
    assert reader._idle == []


async def test_a_wrong_password_is_told_as_by_the_driver(database: Database) -> None:
    async with Database(replace(database.endpoint, password="not the password")) as locked_out:
        with pytest.raises(NetworkError) as told:
            await locked_out.read(Query(ECHO, {"v": 1}))
    assert told.value.code is Code.DATABASE_UNAVAILABLE
    assert "GCIO_NEO4J_PASSWORD_FILE" in str(told.value.hint)
    assert "not the password" not in str(told.value)


async def test_only_the_embedded_database_is_read_without_the_driver(database: Database) -> None:
    endpoint = database.endpoint
    assert database.reader is not None
    async with Database(replace(endpoint, embedded=False)) as other, Database(endpoint, lean=False) as through:
        assert other.reader is None
        assert through.reader is None
        assert await other.read(Query(ECHO, {"v": 1})) == [(1,)]
    assert Reader.of("neo4j://127.0.0.1:7687", "neo4j", "x", "neo4j", "gcio-test") is None


# On the wire


@asynccontextmanager
async def between(database: Database, forward: Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[int]:
    """A port that passes everything on to the database; what comes back goes through `forward`."""
    port = urlsplit(database.endpoint.uri).port
    tasks: set[asyncio.Task[None]] = set()

    async def pump(
        source: asyncio.StreamReader, target: asyncio.StreamWriter, send: Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
    ) -> None:
        try:
            while data := await source.read(65_536):
                await send(data, target)
        finally:
            target.close()

    async def as_it_is(data: bytes, target: asyncio.StreamWriter) -> None:
        target.write(data)
        await target.drain()

    async def client(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        inner_source, inner_target = await asyncio.open_connection("127.0.0.1", port)
        tasks.add(asyncio.create_task(pump(source, inner_target, as_it_is)))
        tasks.add(asyncio.create_task(pump(inner_source, target, forward)))

    server = await asyncio.start_server(client, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_answers_may_come_in_pieces_of_any_size(database: Database) -> None:
    async def in_pieces(data: bytes, target: asyncio.StreamWriter) -> None:
        for size in (1, 2, 3, 1, 5, 1, 1, 7):
            piece, data = data[:size], data[size:]
            target.write(piece)
            await target.drain()
            await asyncio.sleep(0)
        target.write(data)
        await target.drain()

    async with between(database, in_pieces) as port:
        reader = of(database, port)
        for value in ([], ["x" * 300, {"a": 1.5}], list(range(30_000))):
            assert await echoed(reader, value) == value
        reader.close()


async def test_signs_of_life_before_an_answer_are_no_messages(database: Database) -> None:
    greeted = False

    async def with_signs(data: bytes, target: asyncio.StreamWriter) -> None:
        nonlocal greeted
        target.write(b"\0\0\0\0" + data if greeted else data)
        greeted = True
        await target.drain()

    async with between(database, with_signs) as port:
        reader = of(database, port)
        assert await echoed(reader, "alive") == "alive"
        reader.close()


async def test_a_connection_that_breaks_leaves_the_read_to_the_driver(database: Database) -> None:
    cut = False

    async def until_cut(data: bytes, target: asyncio.StreamWriter) -> None:
        if cut:
            target.write(data[: len(data) // 2])
            await target.drain()
            target.close()
        else:
            target.write(data)
            await target.drain()

    async with between(database, until_cut) as port:
        reader = of(database, port)
        assert await echoed(reader, 1) == 1
        cut = True
        with pytest.raises(Unsuited, match="connection"):
            await echoed(reader, 2)
        # It is no matter of the text: the next read tries again, on a new connection.
        cut = False
        assert reader.left == {}
        assert await echoed(reader, 3) == 3
        reader.close()


async def test_a_server_that_is_gone_is_told_as_by_the_driver(database: Database) -> None:
    async with Database(replace(database.endpoint, uri="bolt://127.0.0.1:1")) as nowhere:
        with pytest.raises(NetworkError) as told:
            await nowhere.read(Query(ECHO, {"v": 1}))
    assert told.value.code is Code.DATABASE_UNAVAILABLE


async def test_another_version_of_bolt_is_left_to_the_driver_once_and_for_all(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    asked = 0

    async def none_of_these(data: bytes, target: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        target.write(bytes(4))
        await target.drain()

    async with between(database, none_of_these) as port:
        reader = of(database, port)
        for _ in range(3):
            with pytest.raises(Unsuited):
                await echoed(reader, 1)
    assert not reader.able
    assert asked == 1
    assert [record.message for record in caplog.records if "another version" in record.message] != []
