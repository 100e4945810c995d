"""Any order cut into pages of any size is the sorted list, forward and backward; figures and groups are those of plain Python."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cmp_to_key
from random import Random
from statistics import median
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.database import Database, Query
from graph.model import MODEL
from graph.plan.groups import mean, total
from graph.plan.shape import Bucket, Groups, Listing, Sums, Window
from graph.read import PageArgs, Reader, groups_of, sums_of

PRACTICE = MODEL["Practice"]
Row = Mapping[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def practices(database: Database) -> list[Row]:
    """Every public practice with what orders and groups read."""
    query = Query(
        "MATCH (p:Practice {visibility: 'PUBLIC'})-[:FROM]->(c:Country)\n"
        "RETURN p {.id, .title, .date, .lang, .costUsd, population: c.population, country: c.id,\n"
        "  topics: [(p)-[:ABOUT]->(t:Topic) | t.id]}"
    )
    rows = [row for (row,) in await database.read(query)]
    return [{k: v.to_native() if hasattr(v, "to_native") else v for k, v in row.items()} for row in rows]


KEYS = {
    "title": lambda row: row["title"],
    "date": lambda row: row["date"],
    "lang": lambda row: row["lang"],
    "topicsCount": lambda row: len(row["topics"]),
    "population": lambda row: row["population"],
}


def as_order(name: str, direction: str) -> dict[str, Any]:
    return {"country": {"population": direction}} if name == "population" else {name: direction}


def sorted_ids(rows: Sequence[Row], keys: Sequence[tuple[str, str]]) -> list[str]:
    """Absent values last whichever way a key runs; then by id."""

    def compare(one: Row, other: Row) -> int:
        for name, direction in keys:
            a, b = KEYS[name](one), KEYS[name](other)
            if a == b:
                continue
            if a is None or b is None:
                return 1 if a is None else -1
            return (-1 if a < b else 1) * (1 if direction == "ASC" else -1)
        return (one["id"] > other["id"]) - (one["id"] < other["id"])

    return [row["id"] for row in sorted(rows, key=cmp_to_key(compare))]


@pytest.mark.live
@given(
    keys=st.lists(
        st.tuples(st.sampled_from(sorted(KEYS)), st.sampled_from(["ASC", "DESC"])), min_size=1, max_size=3, unique_by=lambda k: k[0]
    ),
    size=st.integers(30, 120),
    backward=st.booleans(),
)
@settings(max_examples=25, deadline=None)
async def test_pages_of_any_order_make_the_sorted_list(
    database: Database, practices: list[Row], keys: list[tuple[str, str]], size: int, backward: bool
) -> None:
    order = tuple(as_order(name, direction) for name, direction in keys)
    reader = Reader(database)
    found: list[str] = []
    cursor: str | None = None
    more = True
    while more:
        page = await reader.page(Listing((PRACTICE,), order=order, window=PageArgs(size, cursor, backward).window))
        ids = [edge.node.id for edge in page.edges]
        found = ids + found if backward else found + ids
        more = page.has_previous if backward else page.has_next
        cursor = page.edges[0 if backward else -1].cursor

    assert found == sorted_ids(practices, keys)


@pytest.mark.live
async def test_figures_are_those_of_plain_python(database: Database, practices: list[Row]) -> None:
    sums = Sums((("count", None), ("sum", "costUsd"), ("avg", "costUsd"), ("median", "costUsd"), ("min", "date"), ("max", "date")))

    count, cost, average, middle, first, last = await Reader(database).answer(sums_of(Listing((PRACTICE,)), sums))

    costs = [row["costUsd"] for row in practices if row["costUsd"] is not None]
    dates = [row["date"] for row in practices]
    assert count == len(practices)
    assert total(cost) == pytest.approx(sum(costs), rel=1e-12)
    assert mean(average) == (pytest.approx(sum(costs) / len(costs), rel=1e-12) if costs else None)
    assert middle == (pytest.approx(median(costs), rel=1e-12) if costs else None)
    assert (first, last) == (min(dates).isoformat(), max(dates).isoformat())


@given(st.lists(st.floats(0, 1, width=16).map(lambda x: round(x, 5)), min_size=1, max_size=500), st.randoms(use_true_random=False))
def test_figures_do_not_change_with_the_order_of_their_parts(parts: list[float], chance: Random) -> None:
    shuffled = chance.sample(parts, len(parts))

    assert total(sum(shuffled)) == total(sum(parts))
    assert mean([sum(shuffled), len(parts)]) == mean([sum(parts), len(parts)])


def test_whole_sums_keep_every_digit() -> None:
    assert total(1_234_567_890_123_456.0) == 1_234_567_890_123_456.0
    assert total(0.1 + 0.2) == 0.3
    assert mean([0.0, 0]) is None


@pytest.mark.live
async def test_groups_are_those_of_plain_python(database: Database, practices: list[Row]) -> None:
    by = (Bucket("date", unit="YEAR"), Bucket("topics", link=True))

    rows = await Reader(database).answer(groups_of(Listing((PRACTICE,)), Groups(by, 10_000, Sums((("count", None),)))))

    expected: Counter[tuple[str, str | None]] = Counter()
    for row in practices:
        expected.update({(f"{row['date'].year}-01-01", topic) for topic in row["topics"] or [None]})
    assert {(year[0], topic[0]): count for (year, topic), (count,) in rows} == expected
    counts = [count for _, (count,) in rows]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.live
async def test_steps_of_a_figure_are_those_of_plain_python(database: Database) -> None:
    rows = await Reader(database).answer(
        groups_of(Listing((MODEL["Project"],)), Groups((Bucket("amountUsd", width=25e6),), 10_000, Sums((("count", None),))))
    )

    amounts = await database.read(Query("MATCH (p:Project {visibility: 'PUBLIC'})\nRETURN p.amountUsd"))
    expected: dict[float | None, int] = defaultdict(int)
    for (amount,) in amounts:
        expected[None if amount is None else math.floor(amount / 25e6) * 25e6] += 1
    assert {None if value is None else float(value): count for [[value, _]], (count,) in rows} == expected


@pytest.mark.live
async def test_limit_of_groups_keeps_the_largest(database: Database, practices: list[Row]) -> None:
    rows = await Reader(database).answer(
        groups_of(Listing((PRACTICE,)), Groups((Bucket("country", link=True),), 3, Sums((("count", None),))))
    )

    largest = sorted(Counter(row["country"] for row in practices).items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    assert [(country, count) for [[country, _]], (count,) in rows] == largest


@pytest.mark.live
async def test_page_of_a_list_in_several_orders_has_a_cursor_of_its_order_only(database: Database) -> None:
    page = await Reader(database).page(Listing((PRACTICE,), order=({"title": "ASC"},), window=Window(1)))
    other = await Reader(database).page(Listing((PRACTICE,), order=({"title": "DESC"},), window=Window(1)))

    assert page.edges[0].cursor != other.edges[0].cursor
