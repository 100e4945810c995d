"""The log as a feed: in order, each change once, nothing that the viewer may not see, whoever writes meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import neo4j
import pytest
import pytest_asyncio

from graph import changes as feeds
from graph.catalogue import data_version
from graph.changes import ChangeFilter, Feed, changes
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.records import Link, Record
from graph.tokens import create_token, revoke_token
from graph.viewer import ANYONE, Role, Viewer
from graph.vocabulary import TokenRole
from graph.writer import write
from tests.graph.records import need, project, source

pytestmark = pytest.mark.live
MEMBER = Viewer(Role.MEMBER)
ALL = ChangeFilter()
PATIENCE = 180
"""Seconds after which a test gives up waiting for what has to come."""


@pytest_asyncio.fixture
async def feed(scratch: Database) -> AsyncIterator[Feed]:
    feed = Feed(lambda: scratch)
    yield feed
    feed.close()


async def put(database: Database, *records: Record) -> None:
    report = await write(database, records, actor="tests")
    assert report.refused == []


async def seen(database: Database, since: int, wanted: ChangeFilter = ALL, viewer: Viewer = ANYONE) -> list[tuple[str, str]]:
    """(action, record) of all changes since then."""
    until = await data_version(database)
    return [(action, record) for _, _, action, record, _ in await database.read(changes(since, until, wanted, viewer))]


async def take(feed: Feed, number: int, after: int | None, wanted: ChangeFilter = ALL, viewer: Viewer = ANYONE) -> list[int]:
    """Sequence numbers of the next changes."""
    found: list[int] = []
    source = feed.follow(after, wanted, viewer)
    async for change in source:
        found.append(change.sequence)
        if len(found) == number:
            break
    await source.aclose()
    return found


async def test_change_tells_what_was_done(scratch: Database) -> None:
    since = await data_version(scratch)
    await put(scratch, source())
    await put(scratch, source(licence="CC0"))

    [first, second] = await scratch.read(changes(since, since + 10, ALL, ANYONE))

    assert (first[0], first[2], first[3]) == (since + 1, "CREATE", "source:test-source")
    assert (second[0], second[2], second[4]) == (since + 2, "UPDATE", ["licence"])


async def test_viewer_gets_the_changes_of_what_it_may_see(scratch: Database) -> None:
    since = await data_version(scratch)
    await put(scratch, *(need(f"test-{v.lower()}", visibility=v) for v in ("PUBLIC", "MEMBERS", "MASKED")))

    assert await seen(scratch, since) == [("CREATE", "need:test-public")]
    assert await seen(scratch, since, viewer=MEMBER) == [("CREATE", "need:test-public"), ("CREATE", "need:test-members")]


async def test_record_that_becomes_invisible_takes_its_past_with_it(scratch: Database) -> None:
    since = await data_version(scratch)
    await put(scratch, need(visibility="PUBLIC"))
    assert await seen(scratch, since) == [("CREATE", "need:test-need")]

    await put(scratch, need(visibility="MEMBERS", title="Hidden"))

    assert await seen(scratch, since) == []
    assert await seen(scratch, since, viewer=MEMBER) == [("CREATE", "need:test-need"), ("UPDATE", "need:test-need")]


async def test_what_was_done_while_a_record_was_hidden_stays_hidden(scratch: Database) -> None:
    since = await data_version(scratch)
    await put(scratch, need(visibility="MASKED"))
    await put(scratch, need(visibility="MASKED", title="A secret title"))
    await put(scratch, need(visibility="PUBLIC", title="Shown"))

    assert await seen(scratch, since) == [("UPDATE", "need:test-need")]


async def test_records_of_the_system_are_no_changes_to_anybody(scratch: Database) -> None:
    since = await data_version(scratch)
    token, _ = await create_token(scratch, "Tests", TokenRole.MEMBER)
    await revoke_token(scratch, token.id)
    await scratch.write(lambda transaction: transaction.run(Query("MATCH (t:Token {id: $id})\nDELETE t", {"id": token.id})))

    assert await data_version(scratch) == since + 2
    assert await seen(scratch, since, viewer=MEMBER) == []


async def test_changes_are_filtered_by_kind_record_and_country(scratch: Database) -> None:
    since = await data_version(scratch)
    away = {"countries": [Link("country:LAO")], "funders": [Link("country:KHM")]}
    await put(scratch, source(), project(), project("test-away", links=away), need())

    of_project, of_away, of_need = (("CREATE", i) for i in ("project:test-project", "project:test-away", "need:test-need"))
    assert await seen(scratch, since, ChangeFilter(labels=("Project",))) == [of_project, of_away]
    assert await seen(scratch, since, ChangeFilter(records=("need:test-need", "need:none"))) == [of_need]
    assert await seen(scratch, since, ChangeFilter(countries=("country:LAO",))) == [of_away]
    # A funder is linked to the project too.
    assert await seen(scratch, since, ChangeFilter(countries=("country:KHM",))) == [of_project, of_away, of_need]
    assert await seen(scratch, since, ChangeFilter(("Need",), (), ("country:LAO",))) == []


def test_kinds_without_countries_fit_no_country() -> None:
    assert ChangeFilter(("Topic", "Pillar"), (), ("country:KEN",)).types == ()
    assert [t.label for t in ChangeFilter(("Topic", "Country"), (), ("country:KEN",)).types] == ["Country"]


async def test_whole_log_is_read_in_windows_without_gap_or_double(feed: Feed, scratch: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    since = await data_version(scratch)
    await put(scratch, *(source(f"test-{n}") for n in range(25)))

    for window in (1, 7, 200):
        monkeypatch.setattr(feeds, "WINDOW", window)
        assert await take(feed, 25, since) == list(range(since + 1, since + 26))


async def test_windows_without_a_visible_change_are_passed(feed: Feed, scratch: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "WINDOW", 3)
    since = await data_version(scratch)
    await put(scratch, *(need(f"test-{n}", visibility="MASKED") for n in range(10)), source())

    assert await take(feed, 1, since) == [since + 11]


async def test_follower_hears_of_what_this_process_and_another_write(feed: Feed, scratch: Database) -> None:
    since = await data_version(scratch)
    waiting = asyncio.create_task(take(feed, 2, None))
    await asyncio.sleep(0.1)

    await put(scratch, source("test-a"))
    feed.nudge()
    await put(scratch, source("test-b"))

    async with asyncio.timeout(PATIENCE):
        assert await waiting == [since + 1, since + 2]


async def test_follower_hears_of_what_another_follower_came_to_know_first(
    feed: Feed, scratch: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that waits is told of a change even where one that just begins was the first to see it."""
    monkeypatch.setattr(feeds, "POLL_SECONDS", 3.0)
    since = await data_version(scratch)
    waiting = asyncio.create_task(take(feed, 1, since))
    await asyncio.sleep(0.5)

    await put(scratch, source())
    beginning = await take(feed, 1, since)

    assert beginning == [since + 1]
    async with asyncio.timeout(PATIENCE):
        assert await waiting == [since + 1]


async def test_many_followers_and_writers_at_once(feed: Feed, scratch: Database) -> None:
    """Each follower breaks off after every fourth change and goes on from there, while four writers write."""
    since = await data_version(scratch)

    async def follow() -> list[int]:
        found: list[int] = []
        while len(found) < 40:
            found += await take(feed, 4, found[-1] if found else since)
        return found

    async def writes(who: int) -> None:
        for n in range(10):
            await put(scratch, source(f"test-{who}-{n}"))
            feed.nudge()

    async with asyncio.timeout(PATIENCE):
        found = await asyncio.gather(*(follow() for _ in range(5)), *(writes(who) for who in range(4)))

    assert found[:5] == [list(range(since + 1, since + 41))] * 5


@pytest.mark.parametrize("beyond", [1, 1_000_000])
async def test_place_that_the_log_has_not_reached_is_refused(feed: Feed, scratch: Database, beyond: int) -> None:
    last = await data_version(scratch)

    with pytest.raises(NetworkError) as caught:
        await take(feed, 1, last + beyond)

    assert caught.value.code is Code.BAD_CURSOR
    assert caught.value.details == {"last": last}


async def test_negative_place_is_refused(feed: Feed) -> None:
    with pytest.raises(NetworkError) as caught:
        await take(feed, 1, -1)

    assert caught.value.code is Code.BAD_CURSOR


async def test_follower_whose_token_was_revoked_gets_nothing_more(feed: Feed, scratch: Database) -> None:
    token, _ = await create_token(scratch, "Tests", TokenRole.MEMBER)
    found: list[str] = []

    async def follow() -> None:
        async for change in feed.follow(None, ALL, Viewer(Role.MEMBER, token.id)):
            found.append(change.record)  # noqa: PERF401 - what came before the failure is wanted too

    following = asyncio.create_task(follow())
    await asyncio.sleep(0.1)
    await revoke_token(scratch, token.id)
    await put(scratch, source())

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(NetworkError) as caught:
            await following
    assert caught.value.code is Code.UNAUTHENTICATED
    assert found == []
    await scratch.write(lambda transaction: transaction.run(Query("MATCH (t:Token {id: $id})\nDELETE t", {"id": token.id})))


async def test_followers_end_with_the_feed(feed: Feed) -> None:
    following = [asyncio.create_task(take(feed, 1, None)) for _ in range(3)]
    await asyncio.sleep(0.1)

    feed.close()

    async with asyncio.timeout(PATIENCE):
        assert await asyncio.gather(*following) == [[], [], []]


async def test_feed_asks_the_database_only_while_somebody_waits(scratch: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "POLL_SECONDS", 0.02)
    asked: list[None] = []

    def database() -> Database:
        asked.append(None)
        return scratch

    feed = Feed(database)
    await put(scratch, source())
    await take(feed, 1, await data_version(scratch) - 1)
    waiting = asyncio.create_task(take(feed, 1, None))
    while len(asked) < 10:  # noqa: ASYNC110 - a plain list grows
        await asyncio.sleep(0.02)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await asyncio.sleep(0.2)
    after = len(asked)
    await asyncio.sleep(0.3)

    assert len(asked) == after
    feed.close()


async def test_window_costs_its_own_entries_whatever_is_filtered(scratch: Database) -> None:
    """The log is sought in its index, and a record by its id: some hits for each entry and each kind of record."""
    last = await data_version(scratch)
    query = changes(last - 100, last, ChangeFilter(countries=("country:KEN",)), MEMBER)

    plan = await profile(scratch, query)

    assert ("NodeIndexSeekByRange", 101) in plan
    # Measured: 54 for an entry of a need; two for each of the other kinds.
    assert sum(hits for _, hits in plan) <= 100 * 60


async def profile(database: Database, query: Query) -> list[tuple[str, int]]:
    """(operator, dbHits) of every step."""
    endpoint = database.endpoint
    async with neo4j.AsyncGraphDatabase.driver(endpoint.uri, auth=(endpoint.user, endpoint.password)) as driver:
        _, summary, _ = await driver.execute_query(f"CYPHER 25 PROFILE {query.text}", query.parameters, database_=endpoint.database)

    def walk(step: dict[str, Any]) -> list[tuple[str, int]]:
        below = [found for child in step.get("children", ()) for found in walk(child)]
        return [(step["operatorType"].partition("@")[0], step.get("dbHits", 0)), *below]

    assert summary.profile is not None
    return walk(summary.profile)
