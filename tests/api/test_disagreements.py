"""Where two sources differ about a record: both sides with their sources and the rule that decided, in GraphQL and on the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from graph.database import Database, Query
from graph.provenance import weigh
from graph.records import Link, Record, Value
from graph.writer import write
from tests.api.asking import ask

pytestmark = pytest.mark.live

RANKS = {"test-low": 40, "test-high": 60}
QUERY = """query ($record: ID!) { disagreements(record: $record) {
  record { id } field because reason row
  displayed { values records { id } sources { id } } other { values records { id } sources { id } }
} }"""


def said(by: str, **values: Value) -> Record:
    own: dict[str, Value] = {"by": by, "row": f"{by} 7", "hash": by, "dataset": by}
    common: dict[str, Value] = {"title": "Boat register", "summary": "Boats get a register.", "status": "ACTIVE", "lang": "en"}
    country = "KHM" if by == "test-high" else "LAO"
    links = {"countries": [Link(f"country:{country}")], "sources": [Link(f"source:{by}", own)]}
    return Record("Project", "test-boats", common | values, links)


def figure(by: str, value: float) -> Record:
    own: dict[str, Value] = {"by": by, "row": "LAO 2020", "hash": f"{by}{value}", "dataset": by}
    links = {"indicator": [Link("indicator:egdi")], "country": [Link("country:LAO")], "sources": [Link(f"source:{by}", own)]}
    return Record("Observation", "test-figure", {"year": 1999, "value": value}, links)


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def stored(database: Database) -> AsyncIterator[None]:
    sources = [Record("Source", by, {"title": f"List {by}", "publisher": "A ministry"}) for by in RANKS]
    await write(database, sources, actor="tests")
    for first, second in (
        (said("test-high", amountUsd=1_400_000.0), said("test-low", amountUsd=2_000_000.0)),
        (figure("test-high", 0.4), figure("test-low", 0.3)),
    ):
        await write(database, [first], actor="tests")
        report = await write(database, await weigh(database, [second], RANKS), actor="tests")
        assert report.refused == []
    yield
    query = Query(
        "MATCH (n:Project|Observation|Source|Statement)\nWHERE n.id CONTAINS ':test-' OR n.record CONTAINS ':test-'\nDETACH DELETE n"
    )
    await database.write(lambda transaction: transaction.run(query))


async def test_both_sides_are_told_with_their_sources_and_the_rule(client: httpx.AsyncClient) -> None:
    found = {one["field"]: one for one in (await ask(client, QUERY, {"record": "project:test-boats"}))["disagreements"]}
    high, low = [{"id": "source:test-high"}], [{"id": "source:test-low"}]

    assert sorted(found) == ["amountUsd", "countries"]
    assert found["amountUsd"] == {
        "record": {"id": "project:test-boats"},
        "field": "amountUsd",
        "because": "RANK",
        "reason": "test-high goes before test-low by rank.",
        "row": "test-low 7",
        "displayed": {"values": ["1400000"], "records": [], "sources": high},
        "other": {"values": ["2000000"], "records": [], "sources": low},
    }
    assert found["countries"]["displayed"] == {"values": [], "records": [{"id": "country:KHM"}], "sources": high}
    assert found["countries"]["other"] == {"values": [], "records": [{"id": "country:LAO"}], "sources": low}


async def test_figures_of_a_country_are_among_its_differences(client: httpx.AsyncClient) -> None:
    found = (await ask(client, QUERY, {"record": "country:LAO"}))["disagreements"]
    page = (await client.get("/countries/LAO")).text

    assert [(one["record"]["id"], one["field"], one["displayed"]["values"], one["other"]["values"]) for one in found] == [
        ("observation:test-figure", "value", ["0.4"], ["0.3"])
    ]
    assert "Where sources differ" in page
    assert "List test-low" in page


@pytest.mark.parametrize("record", ["project:test-none", "nonsense", "project:wb-p160230"])
async def test_where_sources_agree_or_nothing_is_there_there_is_none(client: httpx.AsyncClient, record: str) -> None:
    assert await ask(client, QUERY, {"record": record}) == {"disagreements": []}


async def test_the_page_shows_what_is_displayed_and_why(client: httpx.AsyncClient) -> None:
    text = (await client.get("/projects/test-boats")).text
    data: dict[str, Any] = (await client.get("/projects/test-boats.json")).json()

    assert "Where sources differ" in text
    assert "1.4 M USD" in text
    assert "2 M USD" in text
    assert "Its source goes before the other by rank." in text
    assert 'href="/sources/test-low"' in text
    assert [one["field"] for one in data["disagreements"]] == ["amountUsd", "countries"]
    assert "Where sources differ" not in (await client.get("/projects/wb-p160230")).text


async def test_a_record_that_one_may_not_see_has_no_differences(client: httpx.AsyncClient, database: Database) -> None:
    hide = Query("MATCH (p:Project {id: 'project:test-boats'}) SET p.visibility = $visibility", {"visibility": "MEMBERS"})
    show = Query(hide.text, {"visibility": "PUBLIC"})
    await database.write(lambda transaction: transaction.run(hide))
    try:
        assert await ask(client, QUERY, {"record": "project:test-boats"}) == {"disagreements": []}
    finally:
        await database.write(lambda transaction: transaction.run(show))
