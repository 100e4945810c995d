"""How the database answers a query: its plan with the rows and the accesses to stored data (dbHits) of every step.

Accesses do not move with the load of the machine, so that tests hold budgets of them. Must not know what a query means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graph.database import Database, Query


@dataclass(frozen=True, slots=True)
class Step:
    """One operator of a plan with what it did itself; `children` gave it its rows. `estimated` rows are what the planner expected."""

    operator: str
    details: str
    rows: int
    estimated: float
    db_hits: int
    children: tuple[Step, ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Step]]:
        """This step and all below it with their depths, in the order in which they are shown: a step before those that feed it."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one run of a query took: rows returned, dbHits in all, and the plan."""

    query: Query
    rows: int
    db_hits: int
    plan: Step

    def text(self) -> str:
        """The plan as an indented table for a terminal."""
        lines = [("operator", "rows", "estimated", "dbHits", "details")]
        lines += [
            ("  " * depth + step.operator, f"{step.rows:,}", f"{step.estimated:,.0f}", f"{step.db_hits:,}", step.details)
            for depth, step in self.plan.walk()
        ]
        widths = [max(len(line[column]) for line in lines) for column in range(4)]
        return "\n".join(
            f"{name:<{widths[0]}}  {rows:>{widths[1]}}  {estimated:>{widths[2]}}  {hits:>{widths[3]}}  {details}".rstrip()
            for name, rows, estimated, hits, details in lines
        )


async def explain(database: Database, query: Query) -> Explanation:
    """Run a read to its end and tell how it went. Raises what the read would raise."""
    rows, profile = await database.profile(query)
    plan = step_of(profile)
    return Explanation(query, rows, sum(step.db_hits for _, step in plan.walk()), plan)


def step_of(profile: Mapping[str, Any]) -> Step:
    """A step from the driver's tree of dictionaries."""
    arguments = profile.get("args", {})
    return Step(
        operator=profile["operatorType"].partition("@")[0],
        details=" ".join(str(arguments.get("Details", "")).split()),
        rows=int(arguments.get("Rows", 0)),
        estimated=float(arguments.get("EstimatedRows", 0.0)),
        db_hits=int(arguments.get("DbHits", 0)),
        children=tuple(step_of(child) for child in profile.get("children", ())),
    )
