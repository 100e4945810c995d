"""Reads that arrive together are asked together, each gets its own row, and none suffers from another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from graph.batching import AGAIN, LONGEST, MOST, PROVEN, Batcher, Line
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.model import MODEL
from graph.plan.binding import bind
from graph.plan.cypher import Text, write
from graph.plan.parameters import Ref
from graph.plan.shape import Fields, Listing, Single, Value, Window
from graph.plan.writing import Writing
from graph.several import Several, several
from graph.viewer import ANYONE, Role, Viewer

COUNTRIES = ("EST", "KEN", "KHM", "KOR", "RWA", "SGP", "TON", "URY")
EITHER = Text("RETURN 84 / $p0 AS r0", ("r0",), Writing(ANYONE), several("RETURN 84 / $p0 AS r0", ["p0"], ["r0"]))
"""A division, which the database refuses for 0."""


class Watched(Database):
    """The database, and how many reads each query that it was sent was for."""

    sent: list[int]

    async def read(self, query: Query, *, timeout: float | None = None) -> list[tuple[Any, ...]]:  # noqa: ASYNC109 - as the original
        self.sent.append(len(query.parameters.get("reads", [None])))
        return await super().read(query, timeout=timeout)


@pytest_asyncio.fixture(loop_scope="session")
async def watched(database: Database) -> AsyncIterator[Watched]:
    async with Watched(database.endpoint) as found:
        found.sent = []
        yield found


def patient(database: Database) -> Batcher:
    """A batcher whose reads wait however slow the machine is."""
    return Batcher(database, patience=60.0)


def country() -> Text:
    return write([Single(Ref(("id",)), (MODEL["Country"],), Fields([Value("id"), Value("name")]))], Writing(ANYONE))


def projects() -> Text:
    return write([Listing((MODEL["Project"],), window=Window(Ref(("first",))), fields=Fields([Value("id")]))], Writing(ANYONE))


def ask(batcher: Batcher, text: Text, viewer: Viewer = ANYONE, **variables: Any) -> asyncio.Task[Any]:
    return asyncio.create_task(wait(batcher, text, bind(text.writing, variables, {}, viewer)))


async def wait(batcher: Batcher, text: Text, parameters: dict[str, Any]) -> Any:
    [answer] = await batcher.row(text, parameters)
    return answer


def proven(batcher: Batcher, text: Text, viewer: Viewer = ANYONE, **variables: Any) -> None:
    """As if the text had been asked often and quickly a moment ago."""
    line = batcher.line(text, bind(text.writing, variables, {}, viewer))
    line.tell(0.001 * PROVEN, PROVEN)


@pytest.mark.live
async def test_read_that_meets_nobody_is_asked_at_once_and_alone(watched: Watched) -> None:
    batcher, text = patient(watched), country()
    proven(batcher, text, id="KEN")

    answer = await ask(batcher, text, id="KEN")

    assert answer == ["country:KEN", "Kenya"]
    assert watched.sent == [1]


@pytest.mark.live
async def test_reads_that_arrive_while_two_are_under_way_are_asked_together_and_get_their_own_rows(watched: Watched) -> None:
    batcher, text = patient(watched), country()
    proven(batcher, text, id="KEN")

    answers = await asyncio.gather(*(ask(batcher, text, id=iso3) for iso3 in (*COUNTRIES, "ZZZ")))

    assert [answer and answer[0] for answer in answers] == [*(f"country:{iso3}" for iso3 in COUNTRIES), None]
    assert watched.sent == [1, 1, 7]


@pytest.mark.live
async def test_two_slow_reads_hold_up_nobody(watched: Watched) -> None:
    batcher, text = Batcher(watched, patience=0.0), country()
    proven(batcher, text, id="KEN")

    answers = await asyncio.gather(*(ask(batcher, text, id=iso3) for iso3 in COUNTRIES))

    assert [answer[0] for answer in answers] == [f"country:{iso3}" for iso3 in COUNTRIES]
    assert watched.sent == [1] * len(COUNTRIES)


@pytest.mark.live
async def test_reads_of_a_text_that_was_seldom_asked_go_one_by_one(watched: Watched) -> None:
    batcher, text = patient(watched), country()

    answers = await asyncio.gather(*(ask(batcher, text, id=iso3) for iso3 in COUNTRIES))

    assert [answer[0] for answer in answers] == [f"country:{iso3}" for iso3 in COUNTRIES]
    assert watched.sent == [1] * len(COUNTRIES)


@pytest.mark.live
async def test_reads_of_two_viewers_are_never_asked_together(watched: Watched) -> None:
    batcher, text, member = patient(watched), projects(), Viewer(Role.MEMBER)
    proven(batcher, text, first=3)
    proven(batcher, text, member, first=3)

    await asyncio.gather(*(ask(batcher, text, viewer, first=3) for viewer in (ANYONE, member) * 4))

    assert watched.sent == [1, 1, 1, 1, 2, 2]


@pytest.mark.live
async def test_pages_of_two_sizes_are_never_asked_together(watched: Watched) -> None:
    batcher, text = patient(watched), projects()
    proven(batcher, text, first=1)
    proven(batcher, text, first=2)

    answers = await asyncio.gather(*(ask(batcher, text, first=first) for first in (1, 2) * 4))

    # A page is read with one record more.
    assert [len(answer[0]) for answer in answers] == [2, 3] * 4
    assert watched.sent == [1, 1, 1, 1, 2, 2]


@pytest.mark.live
async def test_read_that_fails_does_not_spoil_the_others(watched: Watched) -> None:
    batcher, divisors = patient(watched), (1, 2, 3, 0, 4)
    batcher.line(EITHER, {"p0": 1}).tell(0.001 * PROVEN, PROVEN)

    answers = await asyncio.gather(*(wait(batcher, EITHER, {"p0": n}) for n in divisors), return_exceptions=True)

    assert [answer for answer in answers if not isinstance(answer, Exception)] == [84, 42, 28, 21]
    assert isinstance(answers[3], NetworkError)
    assert answers[3].code is Code.INTERNAL
    assert watched.sent == [1, 1, 3, 1, 1, 1]


@pytest.mark.live
async def test_reader_that_went_away_does_not_stop_the_others(watched: Watched) -> None:
    batcher, text = patient(watched), country()
    proven(batcher, text, id="KEN")
    tasks = [ask(batcher, text, id=iso3) for iso3 in COUNTRIES]
    await asyncio.sleep(0)

    tasks[3].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(answers[3], asyncio.CancelledError)
    assert [answer[0] for n, answer in enumerate(answers) if n != 3 and not isinstance(answer, BaseException)] == [
        f"country:{iso3}" for n, iso3 in enumerate(COUNTRIES) if n != 3
    ]
    assert watched.sent == [1, 1, 5]


@pytest.mark.live
async def test_all_are_told_that_the_database_is_gone(database: Database) -> None:
    async with Watched(replace(database.endpoint, uri="bolt://127.0.0.1:9")) as gone:
        gone.sent = []
        batcher, text = patient(gone), country()
        proven(batcher, text, id="KEN")

        answers = await asyncio.gather(*(ask(batcher, text, id=iso3) for iso3 in COUNTRIES), return_exceptions=True)

    assert [answer.code for answer in answers if isinstance(answer, NetworkError)] == [Code.DATABASE_UNAVAILABLE] * len(COUNTRIES)
    assert gone.sent == [1, 1, 6]


@pytest.mark.live
async def test_only_so_many_lines_are_remembered(watched: Watched) -> None:
    batcher, text = Batcher(watched, kept=3), projects()

    await asyncio.gather(*(ask(batcher, text, first=first) for first in range(1, 9)))
    await ask(batcher, text, first=9)

    assert [dict(key[1:])["p0"] for key in batcher.lines if isinstance(key, tuple)] == ["8", "9", "10"]


@pytest.mark.live
async def test_no_more_than_two_reads_are_under_way_while_nobody_knows_what_they_cost(watched: Watched) -> None:
    batcher, text = patient(watched), country()

    tasks = [ask(batcher, text, id=iso3) for iso3 in COUNTRIES]
    await asyncio.sleep(0)

    assert watched.sent == [1, 1]
    await asyncio.gather(*tasks)
    assert watched.sent == [1] * len(COUNTRIES)


@pytest.mark.live
async def test_reads_that_take_long_never_wait_for_each_other(watched: Watched) -> None:
    batcher, text = patient(watched), country()
    batcher.line(text, bind(text.writing, {"id": "KEN"}, {}, ANYONE)).tell(1.0 * PROVEN, PROVEN)

    tasks = [ask(batcher, text, id=iso3) for iso3 in COUNTRIES]
    await asyncio.sleep(0)

    assert watched.sent == [1] * len(COUNTRIES)
    await asyncio.gather(*tasks)


@pytest.mark.parametrize(("each", "size"), [(0.0001, MOST), (LONGEST / 4, 4), (LONGEST, 1), (1.0, 1)])
def test_reads_that_take_long_are_asked_in_smaller_parties(each: float, size: int) -> None:
    line = Line(EITHER.text, Several("", frozenset()))

    line.tell(PROVEN * each, PROVEN)

    assert line.size == size


def test_slow_first_read_says_nothing_of_the_others() -> None:
    line = Line(EITHER.text, Several("", frozenset()))

    for seconds in (4.0, *[LONGEST / 8] * (PROVEN - 1)):
        line.tell(seconds, 1)

    assert line.size == 8


def test_parties_shrink_when_their_reads_become_dearer_and_hardly_for_one_slow_run() -> None:
    line = Line(EITHER.text, Several("", frozenset()))
    line.tell(PROVEN * LONGEST / 16, PROVEN)

    line.tell(16 * 4.0, 16)

    assert line.cost == pytest.approx(LONGEST / 16 * (1 + 1 / 8))
    assert line.size == 14
    for _ in range(100):
        line.tell(2 * LONGEST / 2.5, 2)
    assert line.size == 2


def test_cost_of_dear_reads_is_looked_at_again() -> None:
    line = Line(EITHER.text, Several("", frozenset()))
    line.tell(PROVEN * 1.0, PROVEN)

    for _ in range(AGAIN):
        line.tell(LONGEST / 4, 1)

    assert line.size == 4


def test_query_for_several_has_what_is_shared_once_and_what_differs_for_each() -> None:
    text = several("RETURN $p0 + $p1 AS r0", ["p0"], ["r0"])

    query = text.query([{"p0": 1, "p1": 20}, {"p0": 2, "p1": 20}])

    assert query == Query(
        "UNWIND $reads AS q\nCALL (q) {\n  RETURN q.p0 + $p1 AS r0\n}\nRETURN q.number AS number, r0",
        {"p1": 20, "reads": [{"number": 0, "p0": 1}, {"number": 1, "p0": 2}]},
    )
