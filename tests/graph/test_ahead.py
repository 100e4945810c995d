"""What a match asks is planned before anybody asks it, and costs the database little: dbHits, which do not vary with the machine's load."""

from __future__ import annotations

from typing import Any

import pytest

from api.state import Network
from graph.database import Database, Query
from graph.explain import explain
from graph.matching import PARAMETERS, Request, match, plan_ahead
from graph.matching.package import supply_for
from graph.vectors import space_in_use
from graph.viewer import ANYONE

pytestmark = pytest.mark.live
FRENCH = Request("Un registre de la population relié à celui de l'état civil, avec MOSIP", "SEN", "fr")
SCANS = {"AllNodesScan", "NodeByLabelScan", "UnionNodeByLabelsScan", "NodeIndexScan", "DirectedRelationshipTypeScan"}


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that the database was asked."""
    read, texts = Database.read, []

    async def noting(self: Database, query: Query, **options: Any) -> list[tuple[Any, ...]]:
        texts.append(query.text)
        return await read(self, query, **options)

    monkeypatch.setattr(Database, "read", noting)
    return texts


async def test_whatever_a_match_asks_is_planned_ahead(network: Network, noted: list[str]) -> None:
    await plan_ahead(network.database)
    planned = {text.removeprefix("EXPLAIN ") for text in noted if text.startswith("EXPLAIN ")}
    noted.clear()
    for request in (FRENCH, Request("X-Road", "KHM", "en")):
        await match(network.database, network.embedding, request)

    assert {text for text in noted if ":State" not in text and ":Sequence" not in text} - planned == set()
    assert len(planned) == 12


async def test_offers_and_windows_are_found_without_a_scan_and_within_their_budget(network: Network) -> None:
    space = await space_in_use(network.database)
    vector = space.asked(await network.embedding.query(FRENCH.text), FRENCH.text, "fr")
    query = supply_for(FRENCH, ["topic:civil-registration", "topic:digital-identity"], space, vector, PARAMETERS, ANYONE)

    found = await explain(network.database, query)

    steps = [step for _, step in found.plan.walk()]
    assert {step.operator for step in steps} & SCANS == set()
    # The country and its groups are one row: put beside what was found they multiply nothing.
    assert [step.children[0].rows for step in steps if step.operator == "CartesianProduct"] == [1]
    assert 0 < found.db_hits <= 4_300, found.text()
