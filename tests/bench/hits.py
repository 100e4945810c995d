"""What an operation asks of the database, and what that takes it: every read explained, with its accesses to stored data (dbHits)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

from api.execute import execute
from api.state import Network
from graph.database import Database, Query
from graph.explain import Explanation, explain


async def explained(network: Network, document: str, variables: Mapping[str, Any]) -> tuple[dict[str, Any], list[Explanation]]:
    """(the operation's data, every read that it took, explained in order)."""
    asked: list[Query] = []
    read = Database.read

    async def noting(self: Database, query: Query, *, timeout: float | None = None) -> list[tuple[Any, ...]]:  # noqa: ASYNC109 - as in Database
        asked.append(query)
        return await read(self, query, timeout=timeout)

    with patch.object(Database, "read", noting):
        data = await execute(network, document, variables)
    return data, [await explain(network.database, query) for query in asked]
