"""The writer: good records go in and are logged in the same transaction, bad ones stay out and say why."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from graph import writer
from graph.catalogue import data_version
from graph.check import Finding, check_graph
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.model import MODEL
from graph.records import Link, Problem, Record, validate
from graph.writer import Refusal, WriteReport, write
from tests.graph.records import project, source

pytestmark = pytest.mark.live
ACTOR = "tests"


def label_of(record_id: str) -> str:
    return MODEL.by_prefix[record_id.partition(":")[0]].label


async def values_of(database: Database, record_id: str) -> dict[str, Any] | None:
    rows = await database.read(Query(f"MATCH (n:{label_of(record_id)} {{id: $id}})\nRETURN properties(n)", {"id": record_id}))
    return rows[0][0] if rows else None


async def targets_of(database: Database, record_id: str, kind: str) -> list[tuple[str, dict[str, Any]]]:
    query = f"MATCH (n:{label_of(record_id)} {{id: $id}})-[r]-(t)\nWHERE type(r) = $kind\nRETURN t.id, properties(r)\nORDER BY t.id"
    return [(target, properties) for target, properties in await database.read(Query(query, {"id": record_id, "kind": kind}))]


async def log_since(database: Database, sequence: int) -> list[dict[str, Any]]:
    query = "MATCH (c:Change)\nWHERE c.sequence > $since\nRETURN properties(c)\nORDER BY c.sequence"
    return [entry for (entry,) in await database.read(Query(query, {"since": sequence}))]


async def test_new_record_goes_in_with_its_links_and_is_logged(scratch: Database) -> None:
    since = await data_version(scratch)
    links = {
        "countries": [Link("country:KHM"), Link("country:LAO")],
        "funders": [Link("organization:world-bank"), Link("country:KOR")],
        "sources": [Link("source:wb-projects", {"row": "P1", "url": None})],
    }

    report = await write(scratch, [project(links=links)], actor=ACTOR)

    assert report == WriteReport(created=1)
    stored = await values_of(scratch, "project:test-project")
    assert stored is not None
    assert stored["title"] == "Title of test-project"
    assert (stored["documentType"], stored["evidence"], stored["visibility"]) == ("Project", True, "PUBLIC")
    assert stored["date"].to_native() == stored["startDate"].to_native() == date(2021, 5, 4)
    shown = {"projectLevel": 0}
    assert await targets_of(scratch, "project:test-project", "IN") == [("country:KHM", shown), ("country:LAO", shown)]
    assert await targets_of(scratch, "project:test-project", "FUNDS") == [("country:KOR", shown), ("organization:world-bank", shown)]
    assert await targets_of(scratch, "project:test-project", "SOURCED_FROM") == [("source:wb-projects", {"row": "P1"})]
    [entry] = await log_since(scratch, since)
    assert (entry["id"], entry["sequence"]) == (f"change:{since + 1}", since + 1)
    assert (entry["action"], entry["record"], entry["actor"]) == ("CREATE", "project:test-project", "tests")
    assert entry["changed"] == [
        *("countries", "funders", "lang", "sources", "startDate", "status", "summary", "title", "visibility"),
    ]
    assert "before" not in entry
    assert json.loads(entry["after"]) == {
        "countries": ["country:KHM", "country:LAO"],
        "funders": ["country:KOR", "organization:world-bank"],
        "lang": "en",
        "sources": [["source:wb-projects", {"row": "P1"}]],
        "startDate": "2021-05-04",
        "status": "ACTIVE",
        "summary": "A register of fishing boats is put online.",
        "title": "Title of test-project",
        "visibility": "PUBLIC",
    }


async def test_arrow_of_a_funder_points_at_the_project(scratch: Database) -> None:
    await write(scratch, [project(links={"countries": [Link("country:KHM")], "funders": [Link("country:KOR")]})], actor=ACTOR)

    query = "MATCH (:Country {id: 'country:KOR'})-[:FUNDS]->(p:Project {id: 'project:test-project'})\nRETURN count(*)"
    assert await scratch.read(Query(query)) == [(1,)]


async def test_second_write_of_the_same_record_writes_nothing(scratch: Database) -> None:
    await write(scratch, [source(), project()], actor=ACTOR)
    since = await data_version(scratch)

    report = await write(scratch, [source(), project()], actor=ACTOR)

    assert report == WriteReport(unchanged=2)
    assert await data_version(scratch) == since
    assert await log_since(scratch, since) == []


async def test_links_repeat_what_is_counted_and_follow_each_change(scratch: Database) -> None:
    links = {"countries": [Link("country:KHM")], "funders": [Link("country:KOR")]}
    await write(scratch, [project(links=links, amountUsd=2e6)], actor=ACTOR)
    first = {kind: await targets_of(scratch, "project:test-project", kind) for kind in ("IN", "FUNDS")}
    since = await data_version(scratch)

    await write(scratch, [project(links=links, visibility="MEMBERS")], actor=ACTOR)

    repeated = {"projectLevel": 0, "projectAmountUsd": 2e6}
    assert first == {"IN": [("country:KHM", repeated)], "FUNDS": [("country:KOR", repeated)]}
    hidden = {"projectLevel": 1}
    assert await targets_of(scratch, "project:test-project", "IN") == [("country:KHM", hidden)]
    assert await targets_of(scratch, "project:test-project", "FUNDS") == [("country:KOR", hidden)]
    # The log tells of the project alone: its links have not changed.
    [entry] = await log_since(scratch, since)
    assert entry["changed"] == ["amountUsd", "visibility"]
    assert await check_graph(scratch) == []


async def test_link_that_says_something_else_than_its_project_is_found(scratch: Database) -> None:
    links = {"countries": [Link("country:KHM")]}
    await write(scratch, [project(links=links, amountUsd=2e6)], actor=ACTOR)
    link = "MATCH (:Project {id: 'project:test-project'})-[r:IN]->()\n"

    found = []
    for change in (
        "SET r.projectAmountUsd = 3.0",
        "SET r.projectAmountUsd = null",
        "SET r.projectAmountUsd = 2e6, r.projectLevel = 1",
    ):
        await scratch.write(lambda transaction, change=change: transaction.run(Query(link + change)))  # type: ignore[misc]  # bound now, run now
        found.append(await check_graph(scratch))

    assert found == [[Finding("project:test-project", "copy", "Project.countries")]] * 3


async def test_update_logs_only_what_changed_with_before_and_after(scratch: Database) -> None:
    await write(scratch, [project(amountUsd=2e6, rating="Good")], actor=ACTOR)
    since = await data_version(scratch)

    changed = project(amountUsd=3e6, startDate=date(2021, 6, 1), endDate=date(2025, 1, 1))
    report = await write(scratch, [changed], actor=ACTOR)

    assert report == WriteReport(changed=1)
    [entry] = await log_since(scratch, since)
    assert entry["action"] == "UPDATE"
    assert entry["changed"] == ["amountUsd", "endDate", "rating", "startDate"]
    assert json.loads(entry["before"]) == {"amountUsd": 2e6, "rating": "Good", "startDate": "2021-05-04"}
    assert json.loads(entry["after"]) == {"amountUsd": 3e6, "endDate": "2025-01-01", "startDate": "2021-06-01"}
    stored = await values_of(scratch, "project:test-project")
    assert stored is not None
    assert "rating" not in stored


async def test_version_counts_the_writes_that_changed_something(scratch: Database) -> None:
    versions = []
    for licence in (None, None, "CC0", "CC0", "CC-BY-4.0"):
        await write(scratch, [source(licence=licence)], actor=ACTOR)
        stored = await values_of(scratch, "source:test-source")
        assert stored is not None
        versions.append(stored["version"])

    assert versions == [1, 1, 2, 2, 3]


def test_version_cannot_be_given() -> None:
    assert [(p.field, p.reason) for p in validate(source(version=7))] == [("version", "is not a property of Source")]


@pytest.mark.parametrize(
    ("record", "visibility"),
    [(source(), "PUBLIC"), (project(visibility="MEMBERS"), "MEMBERS"), (project(), "PUBLIC")],
    ids=["always-public", "members", "public-by-default"],
)
async def test_entry_says_who_could_see_the_record(scratch: Database, record: Record, visibility: str) -> None:
    since = await data_version(scratch)

    await write(scratch, [record], actor=ACTOR)

    assert [entry["visibility"] for entry in await log_since(scratch, since)] == [visibility]


async def test_links_are_replaced_on_update(scratch: Database) -> None:
    before = {"countries": [Link("country:KHM"), Link("country:LAO")], "funders": [Link("country:KOR")]}
    after = {"countries": [Link("country:LAO"), Link("country:VNM")]}
    await write(scratch, [project(links=before)], actor=ACTOR)
    since = await data_version(scratch)

    await write(scratch, [project(links=after)], actor=ACTOR)

    assert await targets_of(scratch, "project:test-project", "IN") == [
        ("country:LAO", {"projectLevel": 0}),
        ("country:VNM", {"projectLevel": 0}),
    ]
    assert await targets_of(scratch, "project:test-project", "FUNDS") == []
    [entry] = await log_since(scratch, since)
    assert entry["changed"] == ["countries", "funders"]
    assert json.loads(entry["before"]) == {"countries": ["country:KHM", "country:LAO"], "funders": ["country:KOR"]}
    assert json.loads(entry["after"]) == {"countries": ["country:LAO", "country:VNM"]}


async def test_links_of_others_to_a_record_outlive_its_update(scratch: Database) -> None:
    sourced = {"countries": [Link("country:KHM")], "sources": [Link("source:test-source")]}
    await write(scratch, [source(), project(links=sourced)], actor=ACTOR)

    await write(scratch, [source(licence="CC0")], actor=ACTOR)

    assert await targets_of(scratch, "project:test-project", "SOURCED_FROM") == [("source:test-source", {})]


async def test_change_of_a_links_own_property_is_logged(scratch: Database) -> None:
    def sourced(url: str) -> Record:
        return project(links={"countries": [Link("country:KHM")], "sources": [Link("source:wb-projects", {"row": "P1", "url": url})]})

    await write(scratch, [sourced("https://old.example")], actor=ACTOR)
    since = await data_version(scratch)

    await write(scratch, [sourced("https://new.example")], actor=ACTOR)

    [entry] = await log_since(scratch, since)
    assert entry["changed"] == ["sources"]
    assert json.loads(entry["before"]) == {"sources": [["source:wb-projects", {"row": "P1", "url": "https://old.example"}]]}
    assert json.loads(entry["after"]) == {"sources": [["source:wb-projects", {"row": "P1", "url": "https://new.example"}]]}


async def test_moment_that_stays_is_not_logged(scratch: Database) -> None:
    def run(read: int) -> Record:
        return Record("IngestRun", "test-run", {"connector": "tests", "startedAt": datetime(2024, 3, 1, 8, 30, tzinfo=UTC), "read": read})

    await write(scratch, [run(1)], actor=ACTOR)
    since = await data_version(scratch)

    await write(scratch, [run(2)], actor=ACTOR)

    assert [(e["changed"], e["before"], e["after"]) for e in await log_since(scratch, since)] == [(["read"], '{"read": 1}', '{"read": 2}')]


async def test_withdrawal_is_logged_as_such(scratch: Database) -> None:
    await write(scratch, [project()], actor=ACTOR)
    since = await data_version(scratch)

    await write(scratch, [project(withdrawn=True)], actor=ACTOR)
    await write(scratch, [project(withdrawn=True, rating="Good")], actor=ACTOR)

    assert [(e["action"], e["changed"]) for e in await log_since(scratch, since)] == [("WITHDRAW", ["withdrawn"]), ("UPDATE", ["rating"])]


async def test_refused_records_are_listed_while_good_ones_go_in(scratch: Database) -> None:
    since = await data_version(scratch)
    bad = project("test-bad", status="DREAMT")

    report = await write(scratch, [source(), bad, project()], actor=ACTOR)

    allowed = ("PIPELINE", "ACTIVE", "CLOSED", "CANCELLED", "UNKNOWN")
    assert report.refused == [Refusal(bad, (Problem("status", "DREAMT", "is not an allowed value", allowed),))]
    assert (report.created, report.changed, report.unchanged, report.total) == (2, 0, 0, 3)
    assert await values_of(scratch, "project:test-bad") is None
    assert [e["record"] for e in await log_since(scratch, since)] == ["source:test-source", "project:test-project"]


async def test_record_that_leads_to_nothing_is_refused(scratch: Database) -> None:
    lost = project(links={"countries": [Link("country:KHM")], "topics": [Link("topic:test-nothing"), Link("topic:national-id")]})

    report = await write(scratch, [lost], actor=ACTOR)

    assert report == WriteReport(refused=[Refusal(lost, (Problem("topics", "topic:test-nothing", "leads to a record that is not there"),))])
    assert await values_of(scratch, "project:test-project") is None


async def test_record_that_leads_to_a_refused_one_is_refused_and_so_on(scratch: Database) -> None:
    def case(key: str, origin: str) -> Record:
        values = {"title": key, "summary": "S", "date": date(2024, 1, 1), "lang": "en"}
        return Record("Practice", key, values, {"country": [Link("country:KHM")], "adaptedFrom": [Link(f"practice:{origin}")]})

    first = project("test-first", links={"countries": [Link("country:XXX")]})
    values = {"title": "Second", "summary": "S", "date": date(2024, 1, 1), "lang": "en"}
    second = Record("Practice", "test-second", values, {"country": [Link("country:KHM")], "project": [Link(first.id)]})
    third = case("test-third", "test-second")

    report = await write(scratch, [first, second, third, source()], actor=ACTOR)

    assert {(r.record.id, *((p.field, p.value, p.reason) for p in r.problems)) for r in report.refused} == {
        ("project:test-first", ("countries", "country:XXX", "leads to a record that is not there")),
        ("practice:test-second", ("project", "project:test-first", "leads to a record that is not there")),
        ("practice:test-third", ("adaptedFrom", "practice:test-second", "leads to a record that is not there")),
    }
    assert report.created == 1
    assert await values_of(scratch, "practice:test-third") is None


async def test_key_that_stands_twice_in_one_input_is_refused_the_second_time(scratch: Database) -> None:
    second = source(publisher="Somebody else")

    report = await write(scratch, [source(), second], actor=ACTOR)

    assert report == WriteReport(created=1, refused=[Refusal(second, (Problem("key", "test-source", "stands twice in this input"),))])
    stored = await values_of(scratch, "source:test-source")
    assert stored is not None
    assert stored["publisher"] == "Tests"


async def test_one_key_may_stand_once_in_each_type(scratch: Database) -> None:
    assert await write(scratch, [source("test-same"), project("test-same")], actor=ACTOR) == WriteReport(created=2)


async def test_dry_run_tells_what_would_be_done_and_does_nothing(scratch: Database) -> None:
    await write(scratch, [source("test-kept"), source("test-same")], actor=ACTOR)
    since = await data_version(scratch)
    records = [source("test-kept", licence="CC0"), source("test-same"), source("test-new"), project(status="DREAMT")]

    report = await write(scratch, records, actor=ACTOR, dry_run=True)

    assert (report.created, report.changed, report.unchanged, len(report.refused)) == (1, 1, 1, 1)
    assert await data_version(scratch) == since
    assert await log_since(scratch, since) == []
    assert await values_of(scratch, "source:test-new") is None
    kept = await values_of(scratch, "source:test-kept")
    assert kept is not None
    assert "licence" not in kept


async def test_dry_run_knows_the_records_of_earlier_batches(scratch: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "BATCH", 2)
    sourced = {"countries": [Link("country:KHM")], "sources": [Link("source:test-a")]}

    report = await write(scratch, [source("test-a"), source("test-b"), project(links=sourced)], actor=ACTOR, dry_run=True)

    assert report == WriteReport(created=3)


async def test_progress_counts_every_record_batch_by_batch(scratch: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "BATCH", 2)
    told: list[int] = []
    records = [source("test-a"), source("test-b"), source("test-b"), source("test-c"), source("test-d", title=""), source("test-e")]

    await write(scratch, records, actor=ACTOR, progress=told.append)

    # After the first two sound ones, after the next two with the two refused between them, at the end.
    assert told == [2, 6, 6]


async def test_target_of_a_later_batch_is_not_there_yet(scratch: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "BATCH", 1)
    sourced = {"countries": [Link("country:KHM")], "sources": [Link("source:test-source")]}

    report = await write(scratch, [project(links=sourced), source()], actor=ACTOR)

    assert (report.created, [r.record.id for r in report.refused]) == (1, ["project:test-project"])


async def test_nothing_to_write_is_no_work(scratch: Database) -> None:
    since = await data_version(scratch)

    assert await write(scratch, [], actor=ACTOR) == WriteReport()
    assert await data_version(scratch) == since


async def test_five_writers_at_once_leave_a_sequence_without_gaps(scratch: Database) -> None:
    since = await data_version(scratch)
    groups = [[source(f"test-{who}-{n}") for n in range(4)] for who in range(5)]

    reports = await asyncio.gather(*(write(scratch, group, actor=f"tests:{who}") for who, group in enumerate(groups)))

    assert reports == [WriteReport(created=4)] * 5
    entries = await log_since(scratch, since)
    assert [e["sequence"] for e in entries] == list(range(since + 1, since + 21))
    assert await data_version(scratch) == since + 20
    # Each writer's entries stand together: they were given in one transaction.
    assert [e["actor"] for e in entries[::4]] == [entries[place]["actor"] for place in range(3, 20, 4)]


async def test_five_writers_of_the_same_records_create_them_once(scratch: Database) -> None:
    since = await data_version(scratch)
    records = [source(f"test-{n}") for n in range(4)]

    reports = await asyncio.gather(*(write(scratch, records, actor=ACTOR) for _ in range(5)))

    assert sorted((r.created, r.unchanged) for r in reports) == [(0, 4), (0, 4), (0, 4), (0, 4), (4, 0)]
    assert await data_version(scratch) == since + 4


async def test_failure_inside_the_transaction_leaves_nothing(scratch: Database) -> None:
    since = await data_version(scratch)
    actor_that_cannot_be_sent = "\ud800"

    with pytest.raises(UnicodeEncodeError):
        await write(scratch, [source(), project()], actor=actor_that_cannot_be_sent)

    assert await values_of(scratch, "source:test-source") is None
    assert await values_of(scratch, "project:test-project") is None
    assert await data_version(scratch) == since
    assert await log_since(scratch, since) == []


async def test_longest_sound_record_can_be_stored(scratch: Database) -> None:
    longest = project("test-" + "x" * 115, title="😀" * 2000, summary="字" * 20_000)

    assert await write(scratch, [longest], actor=ACTOR) == WriteReport(created=1)


async def test_name_too_long_to_be_indexed_is_refused_and_the_rest_goes_in(scratch: Database) -> None:
    endless = project(title="字" * 20_000)

    report = await write(scratch, [endless, source()], actor=ACTOR)

    problem = Problem("title", "字" * 79 + "…", "is longer than 2000 characters")
    assert report == WriteReport(created=1, refused=[Refusal(endless, (problem,))])


async def test_broken_query_is_our_fault_and_says_nothing_of_the_database(scratch: Database) -> None:
    with pytest.raises(NetworkError) as caught:
        await scratch.write(lambda transaction: transaction.run(Query("MATCH (n {id: $missing})\nRETURN n")))

    assert caught.value.code is Code.INTERNAL
    assert caught.value.message == "The database could not answer."
