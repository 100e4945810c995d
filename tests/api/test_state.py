"""The network's state: what it remembers between requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from api.state import Network
from graph.database import Database, Query
from graph.settings import Settings

pytestmark = pytest.mark.live


@pytest_asyncio.fixture(loop_scope="session")
async def bare(settings: Settings, database: Database) -> AsyncIterator[Network]:
    """Another network on the session's database, which for its while says that nothing was embedded."""
    away = Query("MATCH (s:State {id: 'state:vectors'})\nSET s.id = 'state:test-vectors-away'")
    back = Query("MATCH (s:State {id: 'state:test-vectors-away'})\nSET s.id = 'state:vectors'")
    await database.write(lambda transaction: transaction.run(away))
    network = await Network.open(settings)
    try:
        yield network
    finally:
        await network.close()
        await database.write(lambda transaction: transaction.run(back))


@pytest.fixture
def reads(bare: Network, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts of the reads of that network."""
    seen: list[str] = []
    read = bare.database.read

    async def counted(query: Query, **options: Any) -> list[tuple[Any, ...]]:
        seen.append(query.text)
        return await read(query, **options)

    monkeypatch.setattr(bare.database, "read", counted)
    return seen


async def test_that_there_are_no_vectors_is_not_asked_by_every_request(bare: Network, reads: list[str]) -> None:
    assert await bare.vector_index() is None
    assert len(reads) == 1

    assert await bare.vector_index() is None
    assert len(reads) == 1


async def test_what_this_process_wrote_may_be_vectors(bare: Network, reads: list[str]) -> None:
    await bare.vector_index()
    await bare.database.write(lambda transaction: transaction.run(Query("RETURN 1")))

    await bare.vector_index()

    assert len(reads) == 2
