"""A record that was merged into another: its address and its id lead to the one that stayed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from graph.database import Database, Query
from graph.merge import history_of, merge
from graph.records import Link, Record
from graph.writer import write
from tests.api.asking import ask
from tests.api.conftest import Member

pytestmark = pytest.mark.live


def body(key: str, name: str) -> Record:
    return Record("Organization", key, {"name": name, "kind": "GOVERNMENT", "lang": "en"}, {"basedIn": [Link("country:KHM")]})


def project(key: str, visibility: str) -> Record:
    values = {"title": f"Project {key}", "summary": "Boats get a register.", "status": "ACTIVE", "lang": "en", "visibility": visibility}
    return Record("Project", key, values, {"implementers": [Link("organization:test-old")]})


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def merged(database: Database) -> AsyncIterator[None]:
    """Three names of one office, merged one after the other; two projects of members only, merged."""
    bodies = [body("test-oldest", "Old Boat Office"), body("test-old", "Boat Office"), body("test-new", "Harbour Agency")]
    projects = [project("test-a", "MEMBERS"), project("test-b", "MEMBERS")]
    assert (await write(database, [*bodies, *projects], actor="tests")).refused == []
    await merge(database, "organization:test-old", "organization:test-oldest", actor="tests")
    await merge(database, "organization:test-new", "organization:test-old", actor="tests")
    await merge(database, "project:test-a", "project:test-b", actor="tests")
    yield
    for text in (
        "MATCH (n:Document) WHERE n.id CONTAINS ':test-' DETACH DELETE n",
        "MATCH (r:Redirect) WHERE r.id CONTAINS ':test-' DELETE r",
    ):
        await database.write(lambda transaction, text=text: transaction.run(Query(text)))  # type: ignore[misc]  # bound now, run now


@pytest.mark.parametrize("old", ["test-old", "test-oldest"])
@pytest.mark.parametrize(("suffix", "query"), [("", ""), ("", "?lang=fr"), (".json", ""), (".json", "?lang=ar")])
async def test_the_old_address_leads_to_the_new_one(client: httpx.AsyncClient, old: str, suffix: str, query: str) -> None:
    answer = await client.get(f"/organizations/{old}{suffix}{query}")
    arrived = await client.get(answer.headers["location"])

    assert (answer.status_code, answer.headers["location"]) == (301, f"/organizations/test-new{suffix}{query}")
    assert arrived.status_code == 200
    assert "Harbour Agency" in arrived.text


async def test_the_old_id_leads_to_the_record_that_stayed(client: httpx.AsyncClient) -> None:
    query = (
        '{ node(id: "organization:test-oldest") { id } organization(id: "test-old") { id name aliases } '
        'nodes(ids: ["organization:test-old", "organization:test-new", "organization:test-none"]) { id } other: project(id: "test-old") { id } }'
    )
    kept = {"id": "organization:test-new"}

    data = await ask(client, query)

    assert data["node"] == kept
    assert (data["organization"]["id"], data["organization"]["name"]) == ("organization:test-new", "Harbour Agency")
    assert {"Boat Office", "Old Boat Office"} <= set(data["organization"]["aliases"])
    assert data["nodes"] == [kept, kept, None]
    assert data["other"] is None


async def test_the_old_id_in_a_variable_leads_there_too(client: httpx.AsyncClient) -> None:
    query = "query ($id: ID!, $ids: [ID!]!) { node(id: $id) { __typename id } nodes(ids: $ids) { id } }"

    data = await ask(client, query, {"id": "organization:test-old", "ids": ["organization:test-oldest"]})

    assert data == {"node": {"__typename": "Organization", "id": "organization:test-new"}, "nodes": [{"id": "organization:test-new"}]}


async def test_a_record_that_one_may_not_see_is_not_given_away_by_its_old_id(client: httpx.AsyncClient, member: Member) -> None:
    query = '{ node(id: "project:test-b") { id } }'

    assert await ask(client, query) == {"node": None}
    assert await ask(member.client, query) == {"node": {"id": "project:test-a"}}
    assert (await client.get("/projects/test-b", follow_redirects=False)).status_code == 404


async def test_both_histories_are_kept(database: Database) -> None:
    ids = await history_of(database, "organization:test-new")
    actions = await database.read(
        Query("MATCH (c:Change) WHERE c.record IN $ids AND c.actor = 'tests' RETURN c.record, c.action ORDER BY c.sequence", {"ids": ids})
    )

    assert set(ids) == {"organization:test-new", "organization:test-old", "organization:test-oldest"}
    assert ("organization:test-oldest", "MERGE") in actions
    assert ("organization:test-old", "CREATE") in actions
