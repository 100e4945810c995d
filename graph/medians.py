"""Medians of indicators over the countries of a group, year by year: what a country's own figures are seen beside."""

from __future__ import annotations

from dataclasses import dataclass

from graph.database import Database, Query
from graph.errors import Code, NetworkError


@dataclass(frozen=True, slots=True)
class Median:
    """The middle of what an indicator says in a year of the `count` members that it measured; `indicator` is a code."""

    indicator: str
    year: int
    count: int
    value: float


def medians_of(group: str) -> Query:
    """Rows of (code, year, count, median), by code and year."""
    return Query(
        "MATCH (:CountryGroup {id: $group})<-[:MEMBER_OF]-(:Country)<-[:FOR]-(o:Observation)-[:OF]->(i:Indicator)\n"
        "RETURN i.code AS code, o.year AS year, count(o), percentileCont(o.value, 0.5)\n"
        "ORDER BY code, year",
        {"group": group},
    )


async def read_medians(database: Database, group: str) -> list[Median]:
    """Medians of a group, by id or key; none where no member is measured. Raises NOT_FOUND for what is no group."""
    group_id = group if group.startswith("group:") else f"group:{group}"
    rows = await database.read(medians_of(group_id))
    if not rows and not await database.read(Query("MATCH (g:CountryGroup {id: $group})\nRETURN g.id", {"group": group_id})):
        raise NetworkError(Code.NOT_FOUND, f"There is no group of countries “{group[:60]}”.", hint="Take an id from `countryGroups`.")
    return [Median(*row) for row in rows]
