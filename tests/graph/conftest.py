"""Records that tests of the graph write on the session's database and take away again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import hypothesis
import pytest_asyncio

from graph.database import Database, Query

# A shared machine can be slow for a moment: a slow example is not a failure.
hypothesis.settings.register_profile("network", deadline=None)
hypothesis.settings.load_profile("network")


@pytest_asyncio.fixture(loop_scope="session")
async def scratch(database: Database) -> AsyncIterator[Database]:
    """The database, rid afterwards of every record whose key begins with `test-`. The log keeps what happened."""
    yield database
    query = Query("MATCH (n)\nWHERE n.id CONTAINS ':test-' AND NOT n:Change\nDETACH DELETE n")
    await database.write(lambda transaction: transaction.run(query))
