"""Countries whose digital government is mature and that no record shows with the subject: listed apart, never ranked by an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graph.database import Database, Query

# From here on the United Nations call a country's index very high (E-Government Survey).
VERY_HIGH: Final = 0.75


def mature_besides(known: Sequence[str]) -> Query:
    """Rows of ids of UN members with a very high index in their latest survey, without those given, in the order of their names."""
    return Query(
        "MATCH (c:Country {unStatus: 'MEMBER'})\n"
        "WHERE NOT c.id IN $known\n"
        "CALL (c) {\n"
        "  MATCH (c)<-[:FOR]-(o:Observation)-[:OF]->(:Indicator {id: 'indicator:egdi'})\n"
        "  RETURN o.value AS value\n  ORDER BY o.year DESC\n  LIMIT 1\n"
        "}\n"
        "WITH c, value\nWHERE value >= $least\nRETURN c.id\nORDER BY c.name, c.id",
        {"known": list(known), "least": VERY_HIGH},
    )


async def mature_without_evidence(database: Database, country: str, partners: Sequence[str]) -> list[str]:
    """Ids of mature countries that are neither the asking one (alpha-3) nor among the partners."""
    return [record_id for (record_id,) in await database.read(mature_besides([f"country:{country}", *partners]))]
