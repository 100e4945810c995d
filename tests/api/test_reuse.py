"""Answers are reused while the graph's version holds, and only then; never for somebody else, never a failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from api.bounded import Bounded
from api.reuse import Answers, Question
from api.state import Network
from graph.database import Database, Query
from graph.records import Record
from graph.version import graph_version, revise
from graph.viewer import Role, Viewer
from graph.writer import write

COUNT = "{ solutions { totalCount } }"
NEEDS = "{ needs { totalCount } }"
MEMBER = Viewer(Role.MEMBER)


class Counted:
    """A database that counts the reads which go beyond the version's."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reads: list[str] = []
        self.looks = 0
        real = database.read

        async def read(query: Query, **more: Any) -> list[tuple[Any, ...]]:
            if "state:revision" in query.text:
                self.looks += 1
            else:
                self.reads.append(query.text)
            return await real(query, **more)

        monkeypatch.setattr(database, "read", read)


@pytest.fixture
def counted(database: Database, monkeypatch: pytest.MonkeyPatch) -> Counted:
    return Counted(database, monkeypatch)


def answers(network: Network, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Answers:
    chosen = network.settings.model_copy(update={"answer_memory": 10_000_000, "answer_staleness": 3600.0} | changes)
    monkeypatch.setattr(network, "settings", chosen)
    return Answers(network)


@pytest_asyncio.fixture
async def elsewhere(network: Network) -> AsyncIterator[Database]:
    """The same graph through another process's eyes."""
    async with Database(network.database.endpoint) as database:
        yield database


async def body(kept: Answers, document: str = COUNT, **more: Any) -> bytes:
    return (await kept.answer(await kept.ask(Question(document, **more)))).body


async def test_an_answer_is_worked_out_once(network: Network, counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = answers(network, monkeypatch)

    first = await body(kept)
    reads = len(counted.reads)
    again = [await body(kept) for _ in range(5)]

    assert again == [first] * 5
    assert len(counted.reads) == reads > 0
    assert counted.looks == 1


async def test_the_same_question_at_the_same_time_is_worked_out_once(
    network: Network, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = answers(network, monkeypatch)
    await body(kept)
    alone = len(counted.reads)
    await network.database.write(revise)
    counted.reads.clear()

    together = await asyncio.gather(*(body(kept) for _ in range(8)))

    assert len(set(together)) == 1
    assert len(counted.reads) == alone


async def test_who_asked_first_may_go_away(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = answers(network, monkeypatch)
    asked = await kept.ask(Question(COUNT))
    first = asyncio.create_task(kept.answer(asked))
    second = asyncio.create_task(kept.answer(asked))
    await asyncio.sleep(0)

    first.cancel()
    answer = await second

    assert b"totalCount" in answer.body
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_our_own_write_is_seen_at_once(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = answers(network, monkeypatch)
    before = await body(kept)

    record = Record("Solution", "test-answers", {"name": "A", "summary": "B.", "licence": "MIT", "openSource": True, "lang": "en"})
    report = await write(network.database, [record], actor="test")
    after = await body(kept)
    await network.database.write(lambda t: t.run(Query("MATCH (s:Solution {id: 'solution:test-answers'})\nDETACH DELETE s")))

    assert report.created == 1
    assert int(after.split(b'"totalCount":')[1].split(b"}")[0]) == int(before.split(b'"totalCount":')[1].split(b"}")[0]) + 1


async def test_a_write_elsewhere_is_seen_once_the_bound_has_passed(
    network: Network, elsewhere: Database, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, eager = answers(network, monkeypatch), answers(network, monkeypatch, answer_staleness=0.0)
    first, first_eager = await body(kept), await body(eager)

    await elsewhere.write(revise)
    reads = len(counted.reads)
    stale = await body(kept)
    assert len(counted.reads) == reads
    fresh = await body(eager)

    assert stale == first
    assert fresh != first_eager
    assert len(counted.reads) > reads


async def test_viewers_languages_variables_and_operations_are_kept_apart(
    network: Network, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = answers(network, monkeypatch)
    both = "query A { needs { totalCount } } query B { needs(first: 1) { nodes { id } } }"
    page = "query ($n: Int) { countries(first: $n) { nodes { id } } }"
    asked: list[dict[str, Any]] = [
        {"document": NEEDS},
        {"document": NEEDS, "viewer": MEMBER},
        {"document": NEEDS, "language": "fr"},
        {"document": both, "operation_name": "A"},
        {"document": both, "operation_name": "B"},
        {"document": page, "variables": {"n": 1}},
        {"document": page, "variables": {"n": 2}},
        {"document": page, "variables": {}},
    ]
    for question in asked:
        reads = len(counted.reads)
        await body(kept, **question)
        assert len(counted.reads) > reads, question
    reads = len(counted.reads)
    for question in asked:
        await body(kept, **question)
    assert len(counted.reads) == reads


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("{ health { documents } }", id="of the process"),
        pytest.param('{ a: countries { totalCount } b: countries(after: "x") { totalCount } }', id="failed"),
        pytest.param('{ country(id: "KEN") { name } other: country(id: "KHM") { needs(first: -1) { totalCount } } }', id="failed in part"),
    ],
)
async def test_what_is_never_kept(network: Network, counted: Counted, monkeypatch: pytest.MonkeyPatch, document: str) -> None:
    kept = answers(network, monkeypatch)

    await body(kept, document)
    reads = len(counted.reads)
    await body(kept, document)

    assert len(counted.reads) > reads


async def test_another_state_of_the_model_is_another_answer(network: Network, counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = answers(network, monkeypatch)
    await body(kept)
    reads = len(counted.reads)

    monkeypatch.setattr(network.embedding, "state", "loading")
    await body(kept)

    assert len(counted.reads) > reads


async def test_nothing_is_kept_where_there_is_no_room(network: Network, counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = answers(network, monkeypatch, answer_memory=0)

    await body(kept)
    reads = len(counted.reads)
    await body(kept)

    assert len(counted.reads) > reads


async def test_the_version_tells_changes_revisions_and_graphs_apart(database: Database) -> None:
    first = await graph_version(database)
    same = await graph_version(database)
    await database.write(revise)
    revised = await graph_version(database)

    assert first == same != revised
    assert first.partition("-")[0] == revised.partition("-")[0]


async def test_a_failed_write_makes_one_look_again(database: Database) -> None:
    before = database.writes

    async def broken(_: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(broken)

    assert database.writes == before + 1


def test_a_store_keeps_to_its_bound_and_drops_what_was_used_longest_ago() -> None:
    store: Bounded[str, int] = Bounded(100)
    for name in "abcdefghij":
        store.put(name, 1, 10)
    assert store.get("a") == 1

    store.put("k", 2, 10)
    store.put("too large", 3, 11)
    store.put("c", 4, 5)

    assert (store.get("a"), store.get("b"), store.get("k"), store.get("too large"), store.get("c")) == (1, None, 2, None, 4)
    assert (len(store), store.size) == (10, 95)
    store.clear()
    assert (len(store), store.size, store.get("a")) == (0, 0, None)
