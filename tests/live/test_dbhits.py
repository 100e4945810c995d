"""What the most used operations may cost on the starter data, in accesses to stored data, which do not move with the machine's load.

A new operation of the pages is a line in `OPERATIONS`: its variables and its budget, about a quarter above what it took when that was set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from api.state import Network
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.explain import explain
from tests.bench.hits import explained
from tests.bench.scale_questions import QUESTIONS, document
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
    "Home": Operation(47_000),
    "HomeRecords": Operation(34_000),
    "Match": Operation(83_000, {"first": 10, "input": {"country": "KHM", "text": NEED}}),
    "Search": Operation(47_000, {"first": 20, "query": "digital identity"}),
    "Search without words": Operation(350_000, {"first": 20, "kinds": ["PROJECT"], "topics": ["topic:digital-identity"]}, "Search"),
    "CountryList": Operation(61_000, {"first": 100}),
    "Country": Operation(4_000, record("country:KEN")),
    "CountryMedians": Operation(30_000, {"group": "group:eastern-africa"}),
    "Compare": Operation(8_700, {"codes": ["KEN", "RWA", "EST", "SGP"]}),
    "Peers": Operation(82_000, {"country": "KEN", "first": 8}),
    "Board": Operation(276_000, {"kind": "REGION", "first": 100}),
    "BoardCell": Operation(275_000, {"group": "group:africa", "topic": "topic:interoperability"}),
    "Surroundings": Operation(2_000, {"id": "country:KEN", "records": 12}),
    # Of ways of one length the database takes the first that it meets, by the order in which links were stored: 1,000 to 6,700 for six countries.
    "Way": Operation(9_000, {"start": "country:KEN", "end": "practice:est-x-road"}),
    "TopicList": Operation(84_000, {"first": 100}),
    "TopicOptions": Operation(5_700),
    "Topic": Operation(6_300, record("topic:digital-identity")),
    "ProjectList": Operation(3_800, page()),
    "Project": Operation(460, record("project:wb-p160230")),
    "PracticeList": Operation(2_400, page()),
    "Practice": Operation(600, record("practice:afg-police-mobile-money")),
    "NeedList": Operation(1_800, page()),
    "Need": Operation(200, record("need:need-wb-p175732")),
    "OfferList": Operation(2_500, page()),
    "Offer": Operation(2_300, record("offer:koica-it-development-policy")),
    "FundingCallList": Operation(2_600, page()),
    "FundingCall": Operation(3_000, record("funding-call:wb-ida-investment-financing")),
    "OrganizationList": Operation(4_200, page()),
    "Organization": Operation(9_500, record("organization:world-bank")),
}


@pytest.mark.live
@pytest.mark.parametrize("name", OPERATIONS)
async def test_operation_keeps_to_its_budget(network: Network, name: str) -> None:
    chosen = OPERATIONS[name]

    await keeps_to(chosen.budget, network, operation(chosen.document or name), {"language": "EN", **chosen.variables})


@pytest.mark.live
@pytest.mark.parametrize("name", QUESTIONS)
async def test_question_of_the_bench_keeps_to_its_budget(network: Network, name: str) -> None:
    chosen = QUESTIONS[name]

    await keeps_to(chosen.budget, network, document(name).text, {**chosen.variables, **chosen.starter})


async def keeps_to(budget: int, network: Network, asked: str, variables: Mapping[str, Any]) -> None:
    data, reads = await explained(network, asked, variables)

    assert [key for key, value in data.items() if value is None] == []
    taken = sum(one.db_hits for one in reads)
    assert 0 < taken <= budget, "\n\n".join(f"{one.db_hits} dbHits\n{one.query.text}\n{one.text()}" for one in reads)


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
