"""A server on a graph that an earlier version left: no answer until it is migrated, and the right one then without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import httpx
import pytest
import pytest_asyncio

from api.app import create_app
from api.state import Network
from graph.database import Query
from graph.model import UN_LANGUAGES, localised_name
from graph.records import Link, Record
from graph.schema import migrate
from graph.settings import Settings
from graph.writer import write
from tests.api.asking import ask, refused
from tests.graph.records import project

pytestmark = pytest.mark.slow

PATIENCE = 180.0
# What a link of a project says by itself since migration 0003.
TOTALS = '{ country(id: "KEN") { projects { totalCount aggregate { amountUsd { sum } } } } }'
UNMIGRATED = (
    "MATCH (m:Migration {number: 3})\nDETACH DELETE m",
    "MATCH (:Project)-[r:IN]->()\nREMOVE r.projectLevel, r.projectAmountUsd",
)
KENYA = Record(
    "Country", "KEN", {"iso3": "KEN", "iso2": "KE", "unStatus": "MEMBER"} | {localised_name("name", to): "Kenya" for to in UN_LANGUAGES}
)
PROJECT = project(links={"countries": [Link("country:KEN")]}, amountUsd=2_000_000.0)


@pytest_asyncio.fixture
async def old(tmp_path: Path) -> AsyncIterator[Network]:
    """A network whose graph, one project in Kenya, is as it was before migration 0003. It stays open: commands work on it."""
    network = await Network.open(Settings(home=tmp_path, port=0, model_offline=True, answer_memory=0))
    try:
        await migrate(network.database)
        report = await write(network.database, [KENYA, PROJECT], actor="test")
        assert report.refused == []
        for text in UNMIGRATED:
            query = Query(text)
            await network.database.write(lambda transaction, query=query: transaction.run(query))
        yield network
    finally:
        await network.close()


@pytest_asyncio.fixture
async def served(old: Network) -> AsyncIterator[httpx.AsyncClient]:
    """What `gcio serve` serves on it."""
    network = Network.starting(old.settings)
    transport = httpx.ASGITransport(app=create_app(network), raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://gcio.test", timeout=60) as client:
            yield client
    finally:
        await network.close()


async def test_a_graph_of_an_earlier_version_is_not_answered_from_until_it_is_migrated(old: Network, served: httpx.AsyncClient) -> None:
    wanted = "The graph is not as this version needs it: 0003_link_copies is to be applied."
    deadline = monotonic() + PATIENCE
    while (told := await refused(served, TOTALS)).code == "DATABASE_UNAVAILABLE":
        assert monotonic() < deadline
        await asyncio.sleep(0.2)

    assert (told.status, told.code, told.error["message"]) == (503, "SCHEMA_NOT_READY", wanted)
    assert told.headers["retry-after"] == "5"
    unready = await served.get("/readyz")
    assert (unready.status_code, unready.json()["missing"][0]) == (503, f"database: {wanted}")
    page = await served.get("/projects")
    assert page.status_code == 503
    assert "The network is being filled" in page.text

    report = await migrate(old.database)

    assert report.applied == ("0003_link_copies",)
    while (answer := await served.post("/graphql", json={"query": TOTALS})).status_code == 503:
        assert monotonic() < deadline
        await asyncio.sleep(0.5)
    assert await ask(served, TOTALS) == {"country": {"projects": {"totalCount": 1, "aggregate": {"amountUsd": {"sum": 2_000_000.0}}}}}
    assert answer.status_code == 200
