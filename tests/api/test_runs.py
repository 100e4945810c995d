"""Runs of connectors and the rows they set aside: everybody sees the figures, members the rows, in GraphQL and on the pages."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import httpx
import pytest
import pytest_asyncio

from graph.database import Database, Query
from graph.records import Link, Record
from graph.writer import write
from tests.api.asking import ask
from tests.api.conftest import Member

pytestmark = pytest.mark.live

SECRET = "=HYPERLINK(1) <b>Ada</b>"
RUN = "ingest-run:test-run"


def records() -> list[Record]:
    source = Record(
        "Source", "test-list", {"title": "A list", "publisher": "A ministry", "licence": "CC BY 4.0", "retrieved": date(2024, 5, 1)}
    )
    begun, ended = datetime(2024, 5, 1, 3, 15, tzinfo=UTC), datetime(2024, 5, 1, 3, 16, tzinfo=UTC)
    counts = {"read": 2316, "new": 2300, "changed": 10, "unchanged": 3, "outOfScope": 1, "withdrawnRows": 4, "rejected": 2}
    run = Record(
        "IngestRun",
        "test-run",
        {"connector": "test-list", "startedAt": begun, "finishedAt": ended, "seconds": 61.5, **counts},
        {"readFrom": [Link(source.id)]},
    )
    other = Record("IngestRun", "test-other", {"connector": "test-list", "startedAt": begun})
    place = {"connector": "test-list", "dataset": "a", "address": "/srv/private/a.csv", "scope": "all", "file": "a.csv", "state": "OPEN"}
    rows = [
        Record(
            "Rejection",
            f"test-{line}",
            {**place, "row": line, "column": "country", "value": value, "reason": "is no country", "allowed": ["Kenya", "Peru"]},
            {"run": [Link(of.id)]},
        )
        for line, value, of in ((11, "Atlantis", run), (7, SECRET, run), (3, "Elsewhere", other))
    ]
    return [source, run, other, *rows]


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def stored(database: Database) -> AsyncIterator[None]:
    report = await write(database, records(), actor="tests")
    assert report.refused == []
    yield
    query = Query("MATCH (n:Source|IngestRun|Rejection)\nWHERE n.id CONTAINS ':test-'\nDETACH DELETE n")
    await database.write(lambda transaction: transaction.run(query))


ROWS = (
    '{ rejections(where: { connector: { eq: "test-list" } }) { totalCount nodes { id value } groups(by: [{ field: STATE }]) { count } } }'
)


async def test_who_is_no_member_gets_no_row_by_any_way(client: httpx.AsyncClient) -> None:
    listed = await ask(client, ROWS)
    by_id = await ask(
        client, '{ node(id: "rejection:test-7") { id } rejection(id: "test-7") { id } nodes(ids: ["rejection:test-7"]) { id } }'
    )
    through = await ask(
        client, f'{{ ingestRun(id: "{RUN}") {{ rejected rejections {{ totalCount nodes {{ id }} edges {{ cursor }} }} }} }}'
    )
    guessed = await ask(client, '{ ingestRuns(where: { rejections: { some: { value: { contains: "Atlantis" } } } }) { totalCount } }')
    counted = await ask(
        client, f'{{ ingestRuns(where: {{ id: {{ eq: "{RUN}" }}, rejections: {{ count: {{ gt: 0 }} }} }}) {{ totalCount }} }}'
    )

    assert listed == {"rejections": {"totalCount": 0, "nodes": [], "groups": []}}
    assert by_id == {"node": None, "rejection": None, "nodes": [None]}
    assert through == {"ingestRun": {"rejected": 2, "rejections": {"totalCount": 0, "nodes": [], "edges": []}}}
    assert (guessed["ingestRuns"]["totalCount"], counted["ingestRuns"]["totalCount"]) == (0, 0)


async def test_a_member_gets_them(member: Member) -> None:
    listed = await ask(member.client, ROWS)
    through = await ask(member.client, f'{{ ingestRun(id: "{RUN}") {{ rejections {{ totalCount nodes {{ row value run {{ id }} }} }} }} }}')

    assert listed["rejections"]["totalCount"] == 3
    assert through["ingestRun"]["rejections"] == {
        "totalCount": 2,
        "nodes": [{"row": 7, "value": SECRET, "run": {"id": RUN}}, {"row": 11, "value": "Atlantis", "run": {"id": RUN}}],
    }


async def test_where_a_file_lies_is_part_of_no_answer(member: Member) -> None:
    fields = await ask(member.client, '{ __type(name: "Rejection") { fields { name } } }')

    assert "address" not in {field["name"] for field in fields["__type"]["fields"]}
    for suffix in ("", ".json", ".csv"):
        assert "/srv/private" not in (await member.client.get(f"/runs/test-run{suffix}")).text


async def test_everybody_sees_the_figures_of_a_run(client: httpx.AsyncClient) -> None:
    page = await client.get("/runs/test-run")
    table = await client.get("/runs/test-run.csv")
    data = (await client.get("/runs/test-run.json")).json()

    assert page.status_code == 200
    assert "2,316 read, 2,313 taken in, 1 out of scope, 2 set aside." in page.text
    assert "gcio ingest rejected" in page.text
    assert 'href="/sources/test-list"' in page.text
    for answer in (page, table):
        assert "Atlantis" not in answer.text
        assert "Ada" not in answer.text
    assert (data["record"]["rejected"], data["record"]["rejections"]["nodes"]) == (2, [])


async def test_a_member_sees_the_rows_on_the_page_and_in_its_table(member: Member) -> None:
    page = await member.client.get("/runs/test-run")
    table = await member.client.get("/runs/test-run.csv")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))

    assert "Atlantis" in page.text
    assert "<b>Ada" not in page.text
    assert page.text.index("2,316 read") < page.text.index("Atlantis")
    assert [(row["file"], row["row"], row["column"], row["reason"], row["allowed"]) for row in rows] == [
        ("a.csv", "7", "country", "is no country", "Kenya | Peru"),
        ("a.csv", "11", "country", "is no country", "Kenya | Peru"),
    ]
    # What a spreadsheet would run is told as text.
    assert rows[0]["value"] == "'" + SECRET


async def test_a_token_that_does_not_hold_is_refused(client: httpx.AsyncClient) -> None:
    page = await client.get("/runs/test-run", headers={"authorization": "Bearer gcio_nonsense"})

    assert page.status_code == 401
    assert "This token is not valid" in page.text
    assert "Atlantis" not in page.text


async def test_a_run_that_has_not_ended_says_so(client: httpx.AsyncClient) -> None:
    assert "it is under way, or was cut off" in (await client.get("/runs/test-other")).text


async def test_sources_lead_to_their_runs(client: httpx.AsyncClient) -> None:
    source = (await client.get("/sources/test-list")).text
    runs = (await client.get("/runs")).text
    sources = await client.get("/sources")
    table = (await client.get("/sources.csv")).content.decode("utf-8-sig")

    assert 'href="/runs/test-run"' in source
    assert "2,316" in source
    assert 'href="/runs/test-run"' in runs
    assert "Last runs" in sources.text
    assert 'href="/runs/test-run"' in sources.text
    # The table is that of the sources.
    assert "licence" in table.partition("\r\n")[0]
