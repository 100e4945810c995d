"""The database dies under the running application: it says so, stays up, and is whole again without a restart."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import httpx
import pytest
import pytest_asyncio

from api.app import create_app
from api.state import Network
from graph import server
from graph.records import Record
from graph.schema import migrate
from graph.settings import Settings
from graph.vectors import embed_documents
from graph.writer import write
from tests.api.asking import SECRETS, ask, refused

pytestmark = pytest.mark.slow

MATCH = 'query { match(input: { country: "KHM", text: "We want to join our registers." }) { text } }'
LIST = "{ solutions { totalCount nodes { id } } }"
ONE = Record("Solution", "one", {"name": "One", "summary": "It does one thing.", "licence": "MIT", "openSource": True, "lang": "en"})
PATIENCE = 180.0


@pytest_asyncio.fixture(scope="module")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    """A network of this module's own, which it may break, with one record in it."""
    network = await Network.open(Settings(home=Path(tmp_path_factory.mktemp("outage")), port=0, model_offline=True, answer_memory=0))
    try:
        await migrate(network.database)
        report = await write(network.database, [ONE], actor="test")
        assert report.refused == []
        await embed_documents(network.database, network.embedding)
        yield network
    finally:
        await network.close()


@pytest_asyncio.fixture
async def visitor(own: Network) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(own), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gcio.test", timeout=30) as client:
        yield client


async def ready(client: httpx.AsyncClient) -> None:
    deadline = monotonic() + PATIENCE
    while (answer := await client.get("/readyz")).status_code != 200:
        assert monotonic() < deadline, answer.text
        await asyncio.sleep(0.2)
    assert answer.json() == {"status": "ready"}


async def test_a_network_without_countries_says_that_it_knows_nothing_yet(visitor: httpx.AsyncClient) -> None:
    told = await refused(visitor, MATCH)

    assert (told.status, told.code) == (503, "SCHEMA_NOT_READY")
    assert told.headers["retry-after"] == "5"


async def test_the_site_outlives_its_database(own: Network, visitor: httpx.AsyncClient) -> None:
    await ready(visitor)
    stored = await ask(visitor, LIST)
    first = server.status(own.settings).pid
    assert first is not None

    os.kill(first, signal.SIGKILL)

    for query in (LIST, '{ solution(id: "one") { id } }', '{ node(id: "solution:one") { id } }', MATCH):
        told = await refused(visitor, query)
        assert (told.status, told.code) == (503, "DATABASE_UNAVAILABLE")
        assert told.headers["retry-after"] == "5"
        assert told.extensions["hint"]
    page = await visitor.get("/solutions")
    assert page.status_code == 503
    assert int(page.headers["retry-after"]) > 0
    assert "The database does not answer" in page.text
    assert [word for word in SECRETS if word in page.text] == []
    alive = await visitor.get("/healthz")
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    unready = await visitor.get("/readyz")
    assert unready.status_code == 503
    assert unready.json() == {"status": "starting", "missing": ["database: The database does not answer."]}

    await ready(visitor)

    second = server.status(own.settings).pid
    assert second is not None
    assert second != first
    assert await ask(visitor, LIST) == stored == {"solutions": {"totalCount": 1, "nodes": [{"id": "solution:one"}]}}
    assert (await visitor.get("/solutions")).status_code == 200
