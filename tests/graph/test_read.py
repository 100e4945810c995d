"""Pages by keyset are the whole list, cut: forward and backward, whatever the size, nothing twice and nothing lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import cursor
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.hops import Hop
from graph.model import MODEL
from graph.read import Page, PageArgs, fetch_nodes, node_by_property
from graph.records import Link, Record
from graph.viewer import ANYONE
from graph.writer import write
from tests.graph.reading import count, fetch_linked, fetch_page, hop, linked_counts
from tests.graph.records import need, project

FORWARD = PageArgs(10)


@dataclass(frozen=True)
class Listed:
    """One record of the plain list: its sort value as it is compared, and its id."""

    value: Any
    id: str


def in_order(rows: list[tuple[Any, str]], *, descending: bool = False) -> list[Listed]:
    """The plain list: by value, then by id; without a value last."""
    plain = [Listed(v.to_native() if hasattr(v, "to_native") else v, i) for v, i in rows]
    by_id = sorted((row for row in plain if row.value is not None), key=lambda row: row.id)
    return sorted(by_id, key=lambda row: row.value, reverse=descending) + sorted(
        (row for row in plain if row.value is None), key=lambda row: row.id
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def undated(database: Database) -> AsyncIterator[Database]:
    """Three projects without a start date, and two of one day, among those of the starter data."""
    records = [project(f"test-undated-{n}", startDate=None) for n in range(3)] + [project(f"test-same-{n}") for n in range(2)]
    await write(database, records, actor="tests")
    yield database
    query = Query("MATCH (n:Project)\nWHERE n.id STARTS WITH 'project:test-'\nDETACH DELETE n")
    await database.write(lambda transaction: transaction.run(query))


async def plain_list(database: Database, label: str) -> list[Listed]:
    [(name, descending)] = MODEL[label].default_sort
    rows = await database.read(Query(f"MATCH (n:{label})\nRETURN n.{name}, n.id"))
    return in_order([(value, record_id) for value, record_id in rows], descending=descending)


def ids(page: Page) -> list[str]:
    return [edge.node.id for edge in page.edges]


async def walk(database: Database, label: str, sizes: list[int], *, backward: bool) -> list[str]:
    """Every id of a list, page by page, in the list's own order; sizes are used in turn."""
    found: list[str] = []
    behind: str | None = None
    while True:
        args = PageArgs(sizes[len(found) % len(sizes)], behind, backward)
        page = await fetch_page(database, MODEL[label], args, ANYONE)
        more, other_side = (page.has_previous, page.has_next) if backward else (page.has_next, page.has_previous)
        assert other_side == (behind is not None)
        found = ids(page) + found if backward else found + ids(page)
        if not more:
            return found
        assert len(page.edges) == args.limit
        behind = page.edges[0 if backward else -1].cursor


@pytest.mark.live
@pytest.mark.parametrize("label", ["Project", "Country"])
@given(sizes=st.lists(st.integers(20, 300), min_size=1, max_size=4), backward=st.booleans())
@settings(max_examples=8)
async def test_pages_of_any_size_make_the_plain_list(undated: Database, label: str, sizes: list[int], backward: bool) -> None:
    expected = [row.id for row in await plain_list(undated, label)]

    assert await walk(undated, label, sizes, backward=backward) == expected


@pytest.mark.live
async def test_pages_of_one_make_the_plain_list(database: Database) -> None:
    expected = [row.id for row in await plain_list(database, "Pillar")]

    assert len(expected) >= 8
    assert await walk(database, "Pillar", [1], backward=False) == expected
    assert await walk(database, "Pillar", [1], backward=True) == expected


@pytest.fixture(scope="module")
def observations() -> list[Listed]:
    """Filled by the first test that needs it: the figures do not change while the tests run."""
    return []


@pytest.mark.live
@given(data=st.data(), size=st.integers(1, 60), backward=st.booleans())
@settings(max_examples=25)
async def test_page_behind_any_figure_is_a_slice_of_the_plain_list(
    database: Database, observations: list[Listed], data: st.DataObject, size: int, backward: bool
) -> None:
    if not observations:
        observations += await plain_list(database, "Observation")
    place = data.draw(st.integers(0, len(observations) - 1))
    behind = cursor.encode("year DESC", [observations[place].value], observations[place].id)

    page = await fetch_page(database, MODEL["Observation"], PageArgs(size, behind, backward), ANYONE)

    expected = observations[max(0, place - size) : place] if backward else observations[place + 1 : place + 1 + size]
    assert ids(page) == [row.id for row in expected]
    assert page.has_previous == (place - size > 0 if backward else True)
    assert page.has_next == (True if backward else place + 1 + size < len(observations))


@pytest.mark.live
async def test_records_without_the_sort_value_come_last_in_both_directions(undated: Database) -> None:
    last = ["project:test-undated-0", "project:test-undated-1", "project:test-undated-2"]
    everything = await plain_list(undated, "Project")
    without = [row.id for row in everything if row.value is None]
    assert set(last) <= set(without)

    from_the_end = await fetch_page(undated, MODEL["Project"], PageArgs(len(without) + 1, backward=True), ANYONE)
    behind_the_first = PageArgs(len(without), cursor.encode("startDate DESC", [None], without[0]))
    rest = await fetch_page(undated, MODEL["Project"], behind_the_first, ANYONE)

    assert ids(from_the_end) == [row.id for row in everything[-len(without) - 1 :]]
    assert from_the_end.edges[0].node.values["startDate"] == everything[-len(without) - 1].value
    assert ids(rest) == without[1:]
    assert rest.has_next is False


@pytest.mark.live
async def test_cursor_stays_good_when_its_record_is_gone(database: Database) -> None:
    gone = cursor.encode("name ASC", ["Cambodgia"], "country:ZZZ")

    page = await fetch_page(database, MODEL["Country"], PageArgs(2, gone), ANYONE)

    assert [edge.node.values["name"] for edge in page.edges] == ["Cambodia", "Cameroon"]


@pytest.mark.live
async def test_page_of_none_tells_whether_there_are_any(database: Database) -> None:
    page = await fetch_page(database, MODEL["Country"], PageArgs(0), ANYONE)

    assert page == Page((), has_next=True, has_previous=False)


@pytest.mark.live
@pytest.mark.parametrize("backward", [False, True])
async def test_cursor_of_another_list_is_refused(database: Database, backward: bool) -> None:
    foreign = cursor.encode("name ASC", ["Cambodia"], "country:KHM")

    with pytest.raises(NetworkError) as caught:
        await fetch_page(database, MODEL["Project"], PageArgs(5, foreign, backward), ANYONE)

    assert caught.value.code is Code.BAD_CURSOR


@pytest.mark.live
async def test_list_sorted_by_moments_can_be_paged(scratch: Database) -> None:
    moments = [datetime(2024, 3, 1, 8, minute, tzinfo=UTC) for minute in range(5)]
    runs = [Record("IngestRun", f"test-run-{n}", {"connector": "tests", "startedAt": moment}) for n, moment in enumerate(moments)]
    await write(scratch, runs, actor="tests")
    expected = [row.id for row in await plain_list(scratch, "IngestRun")]

    assert await walk(scratch, "IngestRun", [2], backward=False) == expected
    assert await walk(scratch, "IngestRun", [2], backward=True) == expected


@pytest.mark.parametrize(
    ("hop", "pattern"),
    [
        (hop("Project", "countries"), "(o)-[r:IN]->(n:Country)"),
        (hop("Project", "countries", inverse=True), "(o)<-[r:IN]-(n:Project)"),
        (hop("Project", "funders"), "(o)<-[r:FUNDS]-(n:Organization|Country)"),
        (hop("Project", "funders", inverse=True), "(o)-[r:FUNDS]->(n:Project)"),
    ],
)
def test_hop_follows_the_arrow_from_either_side(hop: Hop, pattern: str) -> None:
    assert hop.pattern("o", "n", "r") == pattern


@pytest.mark.live
@pytest.mark.parametrize(
    ("start", "followed", "plain"),
    [
        ("Country", hop("Project", "countries", inverse=True), "MATCH (o:Country)<-[:IN]-(n:Project)\nRETURN o.id, n.startDate, n.id"),
        ("Country", hop("Project", "funders", inverse=True), "MATCH (o:Country)-[:FUNDS]->(n:Project)\nRETURN o.id, n.startDate, n.id"),
        ("Topic", hop("Practice", "topics", inverse=True), "MATCH (o:Topic)<-[:ABOUT]-(n:Practice)\nRETURN o.id, n.date, n.id"),
        ("Topic", hop("Topic", "parent", inverse=True), "MATCH (o:Topic)<-[:PART_OF]-(n:Topic)\nRETURN o.id, n.name, n.id"),
        ("Project", hop("Project", "funders"), "MATCH (o:Project)<-[:FUNDS]-(n)\nRETURN o.id, n.name, n.id"),
        ("Offer", hop("Offer", "openTo"), "MATCH (o:Offer)-[:OPEN_TO]->(n)\nRETURN o.id, n.name, n.id"),
    ],
    ids=["projects", "fundedProjects", "practices", "children", "funders", "openTo"],
)
async def test_linked_pages_and_counts_are_those_of_the_plain_list(database: Database, start: str, followed: Hop, plain: str) -> None:
    found: dict[str, list[tuple[Any, str]]] = {}
    for owner, value, record_id in await database.read(Query(plain)):
        found.setdefault(owner, []).append((value, record_id))
    descending = len(followed.targets) == 1 and followed.targets[0].default_sort[0][1]
    expected = {owner: [row.id for row in in_order(rows, descending=descending)] for owner, rows in found.items()}
    most = max(expected, key=lambda owner: (len(expected[owner]), owner))
    some = [most, *sorted(expected)[:20]]

    pages = await fetch_linked(database, MODEL[start], followed, some, PageArgs(3), ANYONE)
    last = await fetch_linked(database, MODEL[start], followed, some, PageArgs(3, backward=True), ANYONE)
    counts = await linked_counts(database, MODEL[start], followed, sorted(expected), ANYONE)

    assert {owner: ids(page) for owner, page in pages.items()} == {owner: expected[owner][:3] for owner in some}
    assert {owner: page.has_next for owner, page in pages.items()} == {owner: len(expected[owner]) > 3 for owner in some}
    assert {owner: ids(page) for owner, page in last.items()} == {owner: expected[owner][-3:] for owner in some}
    assert counts == {owner: len(rows) for owner, rows in expected.items()}
    page = pages[most]
    after = await fetch_linked(database, MODEL[start], followed, [most], PageArgs(1000, page.edges[-1].cursor), ANYONE)
    assert ids(page) + ids(after[most]) == expected[most]


@pytest.mark.live
async def test_linked_record_brings_the_properties_of_the_link(scratch: Database) -> None:
    link = Link("source:wb-projects", {"row": "P7", "url": "https://example.org/7"})
    await write(scratch, [project(links={"countries": [Link("country:KHM")], "sources": [link]})], actor="tests")

    pages = await fetch_linked(scratch, MODEL["Project"], hop("Project", "sources"), ["project:test-project"], FORWARD, ANYONE)

    [edge] = pages["project:test-project"].edges
    assert (edge.node.id, edge.values) == ("source:wb-projects", {"row": "P7", "url": "https://example.org/7"})


@pytest.mark.live
async def test_owner_without_links_has_an_empty_page_and_an_unknown_one_none(scratch: Database) -> None:
    await write(scratch, [project()], actor="tests")
    asked = ["project:test-project", "project:test-nothing"]

    pages = await fetch_linked(scratch, MODEL["Project"], hop("Project", "solutions"), asked, FORWARD, ANYONE)

    assert pages == {"project:test-project": Page((), has_next=False, has_previous=False)}


@pytest.mark.live
async def test_nodes_are_found_by_their_ids_whatever_their_types(scratch: Database) -> None:
    await write(scratch, [need(amountUsd=0.0)], actor="tests")
    asked = ["country:KHM", "need:test-need", "topic:national-id", "country:KHM", "country:XXX", "nonsense", "change:1", "person:1", ""]

    found = await fetch_nodes(scratch, asked, ANYONE)

    assert set(found) == {"country:KHM", "need:test-need", "topic:national-id"}
    assert found["need:test-need"].type is MODEL["Need"]
    assert found["need:test-need"].values == {
        "id": "need:test-need",
        "title": "Title of test-need",
        "description": "Boats on paper are to become a register.",
        "date": date(2024, 3, 1),
        "status": "OPEN",
        "lang": "en",
        "visibility": "PUBLIC",
        "amountUsd": 0.0,
        "version": 1,
    }


@pytest.mark.live
async def test_node_is_found_by_a_unique_property(database: Database) -> None:
    [(values,)] = await database.read(node_by_property(MODEL["Country"], "iso2", "KH", ANYONE))

    assert (values["id"], values["nameFr"]) == ("country:KHM", "Cambodge")
    assert await database.read(node_by_property(MODEL["Country"], "iso2", "ZZ", ANYONE)) == []


@pytest.mark.live
async def test_count_is_that_of_the_plain_list(database: Database) -> None:
    assert await count(database, MODEL["Country"], ANYONE) == len(await plain_list(database, "Country"))


@pytest.mark.parametrize(
    ("first", "after", "last", "before", "expected"),
    [
        (None, None, None, None, PageArgs(20)),
        (5, None, None, None, PageArgs(5)),
        (0, None, None, None, PageArgs(0)),
        (100, "c", None, None, PageArgs(100, "c")),
        (None, "c", None, None, PageArgs(20, "c")),
        (None, None, 5, None, PageArgs(5, None, backward=True)),
        (None, None, 5, "c", PageArgs(5, "c", backward=True)),
    ],
)
def test_arguments_of_a_page(first: int | None, after: str | None, last: int | None, before: str | None, expected: PageArgs) -> None:
    assert PageArgs.of(first, after, last, before, largest=100) == expected


@pytest.mark.parametrize(
    ("first", "after", "last", "before", "message"),
    [
        (5, None, 5, None, "`first` and `last` were given together."),
        (0, None, 0, None, "`first` and `last` were given together."),
        (5, None, None, "c", "`before` needs `last`."),
        (None, None, None, "c", "`before` needs `last`."),
        (None, "c", None, "c", "`before` needs `last`."),
        (None, "c", 5, None, "`after` needs `first`."),
    ],
)
def test_arguments_that_contradict_each_other_are_refused(
    first: int | None, after: str | None, last: int | None, before: str | None, message: str
) -> None:
    with pytest.raises(NetworkError) as caught:
        PageArgs.of(first, after, last, before, largest=100)

    assert caught.value.code is Code.CONTRADICTORY_INPUT
    assert caught.value.message == message


@pytest.mark.parametrize(("first", "last", "size"), [(101, None, 101), (-1, None, -1), (None, 101, 101), (None, -1, -1)])
def test_page_too_large_or_below_nought_is_refused_with_the_largest(first: int | None, last: int | None, size: int) -> None:
    with pytest.raises(NetworkError) as caught:
        PageArgs.of(first, None, last, None, largest=100)

    assert caught.value.code is Code.PAGE_SIZE
    assert caught.value.message == f"A page of {size} records was asked for."
    assert caught.value.hint == "Ask for 0 to 100 and page on with the cursor."
    assert caught.value.details == {"largest": 100}
