"""What matches and pages ask is planned before anybody asks it, and costs the database little: dbHits, which do not vary with the machine's load."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest

from api.state import Network
from graph.ahead import of_matches, plan_ahead
from graph.assignment import Programme, assign_needs
from graph.board import read_board
from graph.chains import ChainBasis, ChainKind, find_chains
from graph.changes import ChangeFilter, Feed
from graph.database import Database, Query
from graph.explain import explain
from graph.matching import PARAMETERS, Request, match
from graph.matching.package import supply_for
from graph.peers import checked_weights, find_new_topics, find_peers
from graph.search import Filters, counts_by_country, counts_by_topic, search
from graph.surroundings import read_around, read_path
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
    assert planned >= {query.text for query in of_matches(await space_in_use(network.database))}


async def test_whatever_an_assignment_asks_before_needs_are_ranked_is_planned_ahead(network: Network, noted: list[str]) -> None:
    few = ("need:need-dpi-ken-data-exchange",)
    for programme in (Programme(), Programme(few)):
        await assign_needs(network.database, network.embedding, programme, ANYONE)
    noted.clear()
    await plan_ahead(network.database)
    planned = {text.removeprefix("EXPLAIN ") for text in noted if text.startswith("EXPLAIN ")}
    noted.clear()

    for programme in (Programme(), Programme(few)):
        await assign_needs(network.database, network.embedding, programme, ANYONE)

    assert len(noted) >= 6
    assert {text for text in noted if ":State" not in text and ":Sequence" not in text} - planned == set()


async def test_whatever_a_search_asks_is_planned_ahead(network: Network, noted: list[str]) -> None:
    await plan_ahead(network.database)
    planned = {text.removeprefix("EXPLAIN ") for text in noted if text.startswith("EXPLAIN ")}
    noted.clear()

    for text in ("land registry", ""):
        hits = await search(network.database, network.embedding, text, Filters(), ANYONE)
        ids = [hit.id for hit in hits.hits]
        for counts in (counts_by_topic, counts_by_country):
            await network.database.read(counts(ids, ANYONE))

    assert len(noted) >= 8
    assert {text for text in noted if ":State" not in text} - planned == set()


async def test_whatever_the_board_chains_peers_and_surroundings_ask_is_planned_ahead(network: Network, noted: list[str]) -> None:
    database = network.database
    await plan_ahead(database)
    planned = {text.removeprefix("EXPLAIN ") for text in noted if text.startswith("EXPLAIN ")}
    noted.clear()

    await read_board(database, ANYONE)
    for basis in ChainBasis:
        for kind in (ChainKind.EXCHANGE_OF_TWO, ChainKind.EXCHANGE_OF_THREE):
            await find_chains(database, kind, basis, ANYONE)
    await find_chains(database, ChainKind.TRIANGULAR, ChainBasis.HAPPENED, ANYONE)
    await find_peers(database, "country:KHM", checked_weights({}))
    await find_new_topics(database, "country:KHM", ["country:LAO"], ANYONE)
    for record_id in ("country:KHM", "topic:digital-identity", "need:need-dpi-ken-data-exchange"):
        await read_around(database, record_id, ANYONE)
    await read_path(database, "country:KHM", "country:EST", ANYONE)
    feed = Feed(lambda: database)
    for countries in ((), ("country:KHM",)):
        async with aclosing(feed.follow(0, ChangeFilter(countries=countries), ANYONE)) as news:
            assert (await anext(news)).sequence > 0
    feed.close()

    assert len(noted) >= 17
    assert {text for text in noted if ":Sequence" not in text} - planned == set()


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
