"""What the most used operations may cost on the starter data, in accesses to stored data, which do not move with the machine's load.

A new operation is a line in `OPERATIONS`: its name, what it asks, its budget: a quarter above what it took when it was set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest
import pytest_asyncio

from api.state import Network
from graph import read, search
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.explain import explain
from graph.matching import PARAMETERS, Request, candidates, package
from graph.matching.match import likeness, topics_near
from graph.model import MODEL
from graph.read import Hop, PageArgs
from graph.schema import NAME_INDEX, TEXT_INDEX
from graph.search import Filters
from graph.vectors import Space, space_in_use
from graph.viewer import ANYONE

NEED: Final = "We want one data exchange layer that links the registers of our ministries"
REQUEST: Final = Request(NEED, "KHM", "en")
TERMS: Final = search.name_terms("digital identity")
TWENTY: Final = PageArgs(20)


@dataclass(frozen=True, slots=True)
class Sample:
    """Records of the starter data to ask about: 20 projects and countries, the cursor behind the projects, 100 documents, their parties."""

    space: Space
    vector: list[float]
    projects: list[str]
    countries: list[str]
    cursor: str
    documents: list[str]
    parties: list[str]


@dataclass(frozen=True, slots=True)
class Operation:
    """What is asked of a sample, and the most dbHits that it may take."""

    query: Callable[[Sample], Query]
    budget: int


def linked(start: str, owner: str, name: str, ids: Callable[[Sample], list[str]]) -> Callable[[Sample], Query]:
    hop = Hop(MODEL[owner], MODEL[owner].relationship(name), inverse=start != owner)
    return lambda sample: read.linked_pages(MODEL[start], hop, ids(sample), TWENTY, ANYONE)


def of_projects(name: str) -> Callable[[Sample], Query]:
    return linked("Project", "Project", name, lambda sample: sample.projects)


OPERATIONS: Final[dict[str, Operation]] = {
    "country by id": Operation(lambda _: read.nodes_by_id(MODEL["Country"], ["country:KEN"], ANYONE), 35),
    "country by alpha-2 code": Operation(lambda _: read.node_by_property(MODEL["Country"], "iso2", "KE", ANYONE), 35),
    "first page of countries": Operation(lambda _: read.list_page(MODEL["Country"], TWENTY, ANYONE), 1_600),
    "first page of projects": Operation(lambda _: read.list_page(MODEL["Project"], TWENTY, ANYONE), 2_000),
    "second page of projects": Operation(lambda s: read.list_page(MODEL["Project"], PageArgs(20, s.cursor), ANYONE), 3_500),
    "number of projects": Operation(lambda _: read.count(MODEL["Project"], ANYONE), 550),
    "countries of 20 projects": Operation(of_projects("countries"), 1_000),
    "funders of 20 projects": Operation(of_projects("funders"), 1_300),
    "topics of 20 projects": Operation(of_projects("topics"), 1_900),
    "sources of 20 projects": Operation(of_projects("sources"), 490),
    "projects of 20 countries": Operation(linked("Country", "Project", "countries", lambda s: s.countries), 1_200),
    "observations of a country": Operation(linked("Country", "Observation", "country", lambda _: ["country:KEN"]), 520),
    "search by meaning": Operation(lambda s: search.by_meaning(s.space, s.vector, Filters(), ANYONE), 600),
    "search by words": Operation(lambda _: search.by_words(TEXT_INDEX, "digital identity", Filters(), ANYONE), 2_300),
    "search by names": Operation(lambda _: search.by_words(NAME_INDEX, TERMS, Filters(), ANYONE), 1_100),
    "browsing": Operation(lambda _: search.browse(Filters(), ANYONE), 22_000),
    "rankings of a match": Operation(lambda s: candidates.rankings(REQUEST, NEED, s.space, s.vector, PARAMETERS, ANYONE), 3_100),
    "parties of 100 documents": Operation(lambda s: candidates.document_edges(s.documents, "KHM"), 8_800),
    "documents of these parties": Operation(lambda s: candidates.document_counts(s.parties, ANYONE), 5_400),
    "countries like one": Operation(lambda _: likeness("KHM"), 750),
    "topics near a need": Operation(lambda s: topics_near(s.space, s.vector, PARAMETERS.topics), 22),
    "offers of these parties": Operation(lambda s: package.offers_of(s.parties, REQUEST, s.space, s.vector, ANYONE), 17_000),
    "calls for a need": Operation(lambda s: package.calls_for(REQUEST, s.space, s.vector, ANYONE), 23_000),
    "surroundings of a package": Operation(lambda s: package.surroundings(s.parties, s.documents[:20], ANYONE), 5_700),
}


@pytest_asyncio.fixture(scope="module")
async def sample(network: Network) -> Sample:
    database = network.database
    space = await space_in_use(database)
    vector = space.centred(await network.embedding.query(NEED))
    projects = (await read.fetch_page(database, MODEL["Project"], TWENTY, ANYONE)).edges
    countries = (await read.fetch_page(database, MODEL["Country"], TWENTY, ANYONE)).edges
    [(documents, _)] = await database.read(candidates.rankings(REQUEST, "", space, vector, PARAMETERS, ANYONE))
    known = await candidates.candidates(database, documents[:100], "KHM")
    parties = sorted({edge.party for candidate in known.values() for edge in candidate.edges})
    return Sample(
        space,
        vector,
        [edge.node.id for edge in projects],
        [edge.node.id for edge in countries],
        projects[-1].cursor,
        documents[:100],
        parties[:50],
    )


@pytest.mark.live
@pytest.mark.parametrize("name", OPERATIONS)
async def test_operation_keeps_to_its_budget(database: Database, sample: Sample, name: str) -> None:
    operation = OPERATIONS[name]

    explained = await explain(database, operation.query(sample))

    assert explained.rows > 0
    assert explained.db_hits <= operation.budget, explained.text()


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
