"""Small things the system remembers about itself, by name, in the graph."""

from __future__ import annotations

from graph.database import Database, Query


async def remembered(database: Database, name: str) -> str | None:
    rows = await database.read(Query("MATCH (s:State {id: $id})\nRETURN s.value", {"id": f"state:{name}"}))
    return rows[0][0] if rows else None


async def remember(database: Database, name: str, value: str) -> None:
    query = Query("MERGE (s:State {id: $id})\nSET s.value = $value", {"id": f"state:{name}", "value": value})
    await database.write(lambda transaction: transaction.run(query))
