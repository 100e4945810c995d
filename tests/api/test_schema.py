"""The schema as a contract: committed, described throughout, and Relay's from end to end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    is_specified_scalar_type,
)

from api.schema import build, sdl
from api.types import CASES
from graph.database import Database, Query
from graph.model import MODEL, Access
from graph.records import Link, Record
from graph.settings import Settings
from graph.writer import write
from tests.api.asking import ask

COMMITTED = Path(__file__).parents[2] / "schema.graphql"
RARE = (
    Record("Session", "test-session", {"title": "A session", "lang": "en"}, {"forum": [Link("forum:global-e-government-forum-2012")]}),
    Record(
        "Evidence",
        "test-evidence",
        {"title": "A report", "date": date(2013, 1, 1), "lang": "en"},
        {"commitment": [Link("commitment:essential-services-electronic")]},
    ),
    Record(
        "Outcome",
        "test-outcome",
        {"result": "It works.", "confirmed": True, "date": date(2026, 1, 1), "lang": "en"},
        {"partnership": [Link("partnership:eth-asan-mesob")]},
    ),
    Record(
        "EssentialService",
        "test-service",
        {"name": "Birth registration", "level": "national", "lang": "en"},
        {"country": [Link("country:KHM")]},
    ),
    Record("IngestRun", "test-run", {"connector": "test", "startedAt": datetime(2026, 1, 1, tzinfo=UTC)}),
)
"""One record of each type that the starter data has none of."""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(sdl())


@pytest_asyncio.fixture(scope="module")
async def rare(database: Database) -> AsyncIterator[list[str]]:
    """Ids of records of the types that the starter data has none of; gone again afterwards."""
    report = await write(database, RARE, actor="test")
    assert report.refused == []
    ids = [record.id for record in RARE]
    yield ids
    await database.write(lambda transaction: transaction.run(Query("MATCH (n)\nWHERE n.id IN $ids\nDETACH DELETE n", {"ids": ids})))


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == sdl(), "schema.graphql is out of date: run `make schema` and look at what changed"


def test_everything_in_the_schema_is_described(schema: GraphQLSchema) -> None:
    silent = []
    for name, kind in schema.type_map.items():
        if name.startswith("__") or is_specified_scalar_type(kind):
            continue
        silent += [] if (kind.description or "").strip() else [name]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            silent += [f"{name}.{field}" for field, f in kind.fields.items() if not (f.description or "").strip()]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            silent += [
                f"{name}.{field}({argument})"
                for field, f in kind.fields.items()
                for argument, a in f.args.items()
                if not (a.description or "").strip()
            ]
    # Values of an enum are terms of the field that stand for themselves; what they have in common is said by the enum.
    assert silent == []


def test_every_enum_value_is_a_word_that_stands_for_itself(schema: GraphQLSchema) -> None:
    enums = [kind for name, kind in schema.type_map.items() if isinstance(kind, GraphQLEnumType) and not name.startswith("__")]
    assert len(enums) > 20
    odd = [f"{kind.name}.{value}" for kind in enums for value in kind.values if not value.replace("_", "").isalnum() or not value.isupper()]
    assert odd == []


def test_every_connection_is_relays(schema: GraphQLSchema) -> None:
    connections = {name: kind for name, kind in schema.type_map.items() if name.endswith("Connection")}
    assert len(connections) > 20
    for name, kind in connections.items():
        assert isinstance(kind, GraphQLObjectType)
        fields = {field: str(f.type) for field, f in kind.fields.items()}
        edge_name = name.removesuffix("Connection") + "Edge"
        edge = schema.type_map[edge_name]
        assert isinstance(edge, GraphQLObjectType)
        assert fields["edges"] == f"[{edge_name}!]!"
        assert fields["nodes"] == f"[{edge.fields['node'].type}]!"
        assert fields["pageInfo"] == "PageInfo!"
        assert fields["totalCount"] == "Int!"
        assert str(edge.fields["cursor"].type) == "String!"


def test_every_field_of_a_connection_pages_both_ways_but_search(schema: GraphQLSchema) -> None:
    wrong = [
        f"{kind.name}.{name}"
        for kind in schema.type_map.values()
        if isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items()
        if str(field.type).endswith("Connection!")
        and (kind.name, name) != ("Query", "search")
        and not {"first", "after", "last", "before"} <= set(field.args)
    ]
    assert wrong == []


def test_interfaces_are_implemented_by_the_types_the_model_says(schema: GraphQLSchema) -> None:
    implemented = {
        name: {t.name for t in schema.get_possible_types(interface)}
        for name in ("Node", "Record", "Case")
        if isinstance(interface := schema.type_map[name], GraphQLInterfaceType)
    }
    assert implemented == {
        "Node": {t.label for t in MODEL.exposed},
        "Record": {t.label for t in MODEL.exposed if t.path},
        "Case": set(CASES),
    }


def test_nothing_internal_is_in_the_schema(schema: GraphQLSchema) -> None:
    internal = {t.label for t in MODEL.types if not t.exposed}
    assert internal == {
        "Person",
        "Match",
        "Statement",
        "MergeCandidate",
        "Change",
        "Account",
        "Token",
        "Follow",
        "SavedSearch",
        "IdempotencyKey",
    }
    assert internal & set(schema.type_map) == set()


async def test_node_finds_a_record_of_every_type_again(client: httpx.AsyncClient, rare: list[str]) -> None:
    types = [t for t in MODEL.exposed if t.access is not Access.MEMBERS]
    listed = await ask(client, "{" + " ".join(f"{t.plural}(first: 1) {{ nodes {{ __typename id }} }}" for t in types) + "}")
    known = {t.label: found["nodes"][0] for t in types for found in [listed[t.plural]]}
    assert {label: node["__typename"] for label, node in known.items()} == {label: label for label in known}
    # Other tests leave records of these types too: the first of a list may be one of theirs.
    known |= {t.label: {"__typename": t.label, "id": record} for record in rare for t in [MODEL.by_prefix[record.partition(":")[0]]]}

    asked = " ".join(f'{label}: node(id: "{node["id"]}") {{ __typename id }}' for label, node in known.items())
    assert await ask(client, "{" + asked + "}") == known


async def test_records_with_a_page_show_title_and_address(client: httpx.AsyncClient, rare: list[str]) -> None:
    with_page = [t for t in MODEL.exposed if t.path]
    listed = await ask(client, "{" + " ".join(f"{t.plural}(first: 1) {{ nodes {{ id }} }}" for t in with_page) + "}")
    ids = [listed[t.plural]["nodes"][0]["id"] for t in with_page]

    found = await ask(client, "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Record { title url } } }", {"ids": ids})

    for node_type, node in zip(with_page, found["nodes"], strict=True):
        assert node["url"] == f"{node_type.path}/{node['id'].partition(':')[2]}"
        assert node["title"].strip()
        assert node["title"] != node["id"]


@pytest.mark.parametrize("label", CASES)
async def test_cases_show_their_summary(client: httpx.AsyncClient, label: str) -> None:
    node_type = MODEL[label]
    listed = await ask(client, f"{{ {node_type.plural}(first: 1) {{ nodes {{ id summary }} }} }}")
    expected = listed[node_type.plural]["nodes"][0]

    found = await ask(client, "query ($id: ID!) { node(id: $id) { __typename id ... on Case { summary } } }", {"id": expected["id"]})

    assert found["node"] == expected | {"__typename": label}
    assert expected["summary"].strip()


async def test_introspection_can_be_turned_off() -> None:
    question = "{ __schema { queryType { name } } }"

    allowed = await build(Settings(introspection=True)).execute(question)
    refused = await build(Settings(introspection=False)).execute(question)

    assert allowed.data == {"__schema": {"queryType": {"name": "Query"}}}
    assert refused.data is None
    assert refused.errors is not None
    assert "introspection" in refused.errors[0].message


def test_released_schema_still_holds() -> None:
    """Whoever wrote a query for the last release can go on using it. A release replaces the file with its schema."""
    released = build_schema((Path(__file__).parent / "released.graphql").read_text(encoding="utf-8"))

    changes = find_breaking_changes(released, build_schema(sdl()))

    assert [change.description for change in changes] == []
