"""What the most used operations may cost on the starter data, in accesses to stored data, which do not move with the machine's load.

A new operation is a line in `OPERATIONS`: its variables and its budget, about a quarter above what it took when that was set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from api.execute import execute
from api.state import Network
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.explain import explain
from web.queries import operation

NEED: Final = "We want one data exchange layer that links the registers of our ministries"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the pages: the most dbHits that it may take, its variables besides the language, a document that has it."""

    budget: int
    variables: Mapping[str, Any] = field(default_factory=dict)
    document: str | None = None


def page() -> dict[str, Any]:
    return {"first": 20}


def record(record_id: str) -> dict[str, Any]:
    return {"id": record_id}


OPERATIONS: Final[dict[str, Operation]] = {
    "Home": Operation(140_000),
    "Match": Operation(83_000, {"first": 10, "input": {"country": "KHM", "text": NEED}}),
    "Search": Operation(5_600, {"first": 20, "query": "digital identity"}),
    "Search without words": Operation(350_000, {"first": 20, "kinds": ["PROJECT"], "topics": ["topic:digital-identity"]}, "Search"),
    "CountryList": Operation(
        1,
        {"first": 100, "indicator": "egdi", "figure": True}
        | dict.fromkeys(("projects", "practices", "partnerships", "needs", "solutions"), False),
    ),
    "Country": Operation(1, record("country:KEN")),
    "CountryMedians": Operation(1, {"group": "group:eastern-africa"}),
    "Compare": Operation(1, {"codes": ["KEN", "RWA", "EST", "SGP"]}),
    "Peers": Operation(1, {"country": "KEN", "first": 8}),
    "Board": Operation(1, {"kind": "REGION", "first": 100}),
    "BoardCell": Operation(1, {"group": "group:africa", "topic": "topic:interoperability"}),
    "Surroundings": Operation(1, {"id": "country:KEN", "records": 12}),
    "Way": Operation(1, {"start": "country:KEN", "end": "practice:est-x-road"}),
    "TopicList": Operation(1, {"first": 100}),
    "TopicOptions": Operation(5_700),
    "Topic": Operation(6_300, record("topic:digital-identity")),
    "ProjectList": Operation(3_800, page()),
    "Project": Operation(460, record("project:wb-p160230")),
    "PracticeList": Operation(2_400, page()),
    "Practice": Operation(290, record("practice:afg-police-mobile-money")),
    "NeedList": Operation(1_800, page()),
    "Need": Operation(200, record("need:need-wb-p175732")),
    "OfferList": Operation(2_500, page()),
    "Offer": Operation(410, record("offer:koica-it-development-policy")),
    "FundingCallList": Operation(2_600, page()),
    "FundingCall": Operation(430, record("funding-call:wb-ida-investment-financing")),
    "OrganizationList": Operation(4_200, page()),
    "Organization": Operation(5_800, record("organization:world-bank")),
}


@pytest.mark.live
@pytest.mark.parametrize("name", OPERATIONS)
async def test_operation_keeps_to_its_budget(network: Network, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    asked: list[Query] = []
    read = Database.read

    async def noting(self: Database, query: Query, *, timeout: float | None = None) -> list[tuple[Any, ...]]:  # noqa: ASYNC109 - as in Database
        asked.append(query)
        return await read(self, query, timeout=timeout)

    chosen = OPERATIONS[name]
    monkeypatch.setattr(Database, "read", noting)
    data = await execute(network, operation(chosen.document or name), {"language": "EN", **chosen.variables})
    monkeypatch.undo()

    assert [key for key, value in data.items() if value is None] == []
    explained = [await explain(network.database, query) for query in asked]
    taken = sum(one.db_hits for one in explained)
    assert 0 < taken <= chosen.budget, "\n\n".join(f"{one.db_hits} dbHits\n{one.query.text}\n{one.text()}" for one in explained)


@pytest.mark.live
async def test_explanation_tells_rows_accesses_and_plan(database: Database) -> None:
    explained = await explain(database, Query("MATCH (c:Country {id: $id})\nRETURN c.name", {"id": "country:KEN"}))

    assert explained.rows == 1
    assert [step.operator for _, step in explained.plan.walk()] == ["ProduceResults", "Projection", "NodeUniqueIndexSeek"]
    assert explained.db_hits == sum(step.db_hits for _, step in explained.plan.walk()) > 0
    head, *steps = explained.text().splitlines()
    assert head.split() == ["operator", "rows", "estimated", "dbHits", "details"]
    assert [line.split()[0] for line in steps] == ["ProduceResults", "Projection", "NodeUniqueIndexSeek"]
    assert "country:KEN" not in explained.text()


@pytest.mark.live
async def test_explaining_writes_nothing(database: Database) -> None:
    with pytest.raises(NetworkError) as refused:
        await explain(database, Query("CREATE (c:Country {id: $id})", {"id": "country:ZZZ"}))

    assert refused.value.code is Code.INTERNAL
    assert await database.read(Query("MATCH (c:Country {id: $id})\nRETURN c.id", {"id": "country:ZZZ"})) == []
