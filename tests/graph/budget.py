"""What a query costs the database: hits of its storage, as PROFILE counts them. They do not vary with the machine's load."""

from __future__ import annotations

from typing import Any

import neo4j

from graph.database import LANGUAGE, Database, Query


async def db_hits(database: Database, query: Query) -> int:
    endpoint = database.endpoint
    async with (
        neo4j.AsyncGraphDatabase.driver(
            endpoint.uri, auth=(endpoint.user, endpoint.password), notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF
        ) as driver,
        driver.session(database=endpoint.database) as session,
    ):
        result = await session.run(neo4j.Query(f"{LANGUAGE}PROFILE {query.text}"), query.parameters)  # type: ignore[arg-type]  # text of our own builders
        profile = (await result.consume()).profile
    assert profile is not None
    return _hits(profile)


def _hits(step: dict[str, Any]) -> int:
    return int(step.get("dbHits", 0)) + sum(_hits(child) for child in step.get("children", []))
