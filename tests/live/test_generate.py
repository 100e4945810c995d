"""`gcio bench generate` on a database of its own: complete, cut off and resumed, never into somebody else's records."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from api.cli_bench import fill, settings_for
from api.state import Network
from graph.bulk import Mark, add_batch, claim
from graph.check import check_graph
from graph.database import Database, Query
from graph.embedding import EmbeddingService
from graph.errors import Code, NetworkError
from graph.explain import Explanation
from graph.schema import missing_schema
from graph.server import connect
from graph.settings import Settings
from ingest.generated import VERSION, Generator
from tests.bench.hits import explained

pytestmark = pytest.mark.live


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Settings, Database]]:
    """Settings of a data folder of its own, and its database."""
    chosen = settings_for(Settings(home=tmp_path_factory.mktemp("network")), tmp_path_factory.mktemp("generated"), 300)
    with connect(chosen) as lease:
        async with Database(lease.endpoint, query_timeout=60) as database:
            yield chosen, database


async def counted(database: Database) -> tuple[int, int, int]:
    """(generated projects, generated bodies, links of the projects)."""
    query = Query(
        "MATCH (p:Project) WHERE p.id STARTS WITH 'project:generated' WITH count(p) AS projects, sum(COUNT { (p)--() }) AS links\n"
        "MATCH (o:Organization) WHERE o.id STARTS WITH 'organization:generated' RETURN projects, count(o), links"
    )
    [row] = await database.read(query)
    return row[0], row[1], row[2]


def expected(projects: int) -> tuple[int, int, int]:
    made = list(Generator(1).projects(0, projects))
    wanted = [record for record in made if record.label == "Project"]
    return len(wanted), len(made) - len(wanted), sum(len(found) for record in wanted for found in record.links.values())


async def test_it_fills_goes_on_after_a_cut_and_adds_what_is_missing(own: tuple[Settings, Database]) -> None:
    chosen, database = own

    first, _ = await fill(chosen, 200, 1)
    small = await counted(database)
    # Cut off in the middle of a later run: one batch is in, indexes are not.
    await database.change_schema([Query("DROP INDEX project_start_date")])
    await add_batch(database, list(Generator(1).projects(200, 250)), Mark(1, VERSION, 250))
    resumed, _ = await fill(chosen, 300, 1)

    assert (first, small) == (200, expected(200))
    assert (resumed, await counted(database)) == (300, expected(300))
    assert await missing_schema(database) == ()
    assert [f for f in await check_graph(database) if "generated" in f.record] == []


async def test_it_does_nothing_where_enough_is_there(own: tuple[Settings, Database]) -> None:
    chosen, database = own
    await fill(chosen, 300, 1)
    before = await counted(database)

    assert (await fill(chosen, 100, 1))[0] == 300
    assert await counted(database) == before


async def test_a_hubs_page_is_found_along_the_index_as_among_all_that_is_linked(own: tuple[Settings, Database]) -> None:
    chosen, database = own
    await fill(chosen, 2_000, 1)
    [[hub]] = await database.read(Query("MATCH (o:Organization)-[:FUNDS]->(:Project) RETURN o.id ORDER BY count(*) DESC LIMIT 1"))
    network = Network(chosen, EmbeddingService(chosen))
    await network.connect()
    query = (
        "query ($id: ID!, $first: Int!, $after: String) { organization(id: $id) { fundedProjects(first: $first, after: $after)"
        " { nodes { id } edges { cursor } pageInfo { hasNextPage } } } }"
    )

    async def page(first: int, after: str | None) -> tuple[list[str], str, list[Explanation]]:
        data, reads = await explained(network, query, {"id": hub, "first": first, "after": after})
        found = data["organization"]["fundedProjects"]
        return [node["id"] for node in found["nodes"]], found["edges"][-1]["cursor"], reads

    try:
        every, _, among_all = await page(100, None)
        walked, cursor, along = await page(1, None)
        while len(walked) < 30:
            ids, cursor, _ = await page(1, cursor)
            walked += ids
    finally:
        await network.close()

    assert len(every) == 100
    assert walked == every[:30]
    assert rows_of(along, "SemiApply") > 0
    assert rows_of(among_all, "SemiApply") == 0


def rows_of(reads: list[Explanation], operator: str) -> int:
    return sum(step.rows for read in reads for _, step in read.plan.walk() if step.operator == operator)


async def test_another_seed_is_refused(own: tuple[Settings, Database]) -> None:
    chosen, database = own
    before = await counted(database)

    with pytest.raises(NetworkError) as caught:
        await fill(chosen, 400, 2)

    assert caught.value.code is Code.BAD_INPUT
    assert "seed" in caught.value.message
    assert await counted(database) == before


async def test_records_of_the_network_are_never_added_to(database: Database) -> None:
    nodes = Query("MATCH (n) RETURN count(n)")
    before = await database.read(nodes)

    with pytest.raises(NetworkError) as caught:
        await claim(database, Mark(1, VERSION))

    assert caught.value.code is Code.BAD_INPUT
    assert await database.read(nodes) == before


def test_the_networks_own_folder_and_server_are_never_used(tmp_path: Path) -> None:
    given = Settings(home=tmp_path, neo4j_uri="bolt://127.0.0.1:1")

    assert settings_for(given, None, 10_000).home == tmp_path / "bench" / "10000"
    assert settings_for(given, None, 10_000).neo4j_uri is None
    with pytest.raises(NetworkError) as caught:
        settings_for(given, tmp_path / "x" / "..", 10_000)
    assert caught.value.code is Code.BAD_INPUT
