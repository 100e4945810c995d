"""Who asks, as the endpoint sees it; and what a method may carry."""

from __future__ import annotations

import logging

import httpx
import pytest

from api.state import Network
from api.viewers import viewer_of
from graph.catalogue import data_version
from graph.database import Database
from graph.tokens import revoke_token
from graph.viewer import ANYONE, Role, Viewer
from tests.api.asking import refusal
from tests.api.conftest import Member, NewMember

pytestmark = pytest.mark.live
ASK = {"query": '{ country(id: "KEN") { id } }'}
MUTATION = 'mutation { createPractice(input: {title: "T", summary: "S", country: "KEN", lang: "en"}) { errors { code } } }'


async def test_viewer_is_the_tokens_or_anybody(network: Network, new_member: NewMember) -> None:
    member = await new_member("country:KEN")

    assert await viewer_of(network, {}) == ANYONE
    assert await viewer_of(network, {"authorization": f"Bearer {member.secret}"}) == Viewer(Role.MEMBER, member.token.id, "country:KEN")
    assert await viewer_of(network, {"authorization": f"bearer   {member.secret} "}) == Viewer(Role.MEMBER, member.token.id, "country:KEN")


@pytest.mark.parametrize(
    "credential", ["Bearer gcio_wrong", "Bearer", "Bearer ", "Basic YTpi", "gcio_wrong", "", "Bearer " + "x" * 5000, "Bearer ünïcode"]
)
async def test_credential_that_is_none_is_401_even_for_reads(client: httpx.AsyncClient, credential: str) -> None:
    answer = await client.post("/graphql", json=ASK, headers={"authorization": credential.encode()})  # type: ignore[dict-item]  # bytes, since headers have no ü

    told = refusal(answer)
    assert (told.status, told.code) == (401, "UNAUTHENTICATED")
    assert told.headers["www-authenticate"] == "Bearer"


async def test_revoked_token_is_401(member: Member, database: Database) -> None:
    assert (await member.client.post("/graphql", json=ASK)).status_code == 200

    await revoke_token(database, member.token.id)

    told = refusal(await member.client.post("/graphql", json=ASK))
    assert (told.status, told.code) == (401, "UNAUTHENTICATED")


async def test_secret_is_in_no_log(member: Member, database: Database, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await member.client.post("/graphql", json=ASK)
        await revoke_token(database, member.token.id)
        await member.client.post("/graphql", json=ASK)

    # The driver's own log of its wire protocol has parameters, of which the hash is one; the secret is none.
    assert [r for r in caplog.records if member.secret in r.getMessage() and not r.name.startswith(("httpx", "httpcore"))] == []


async def test_mutation_by_get_is_refused(member: Member, database: Database) -> None:
    since = await data_version(database)

    told = refusal(await member.client.get("/graphql", params={"query": MUTATION}))

    assert (told.status, told.code) == (405, "METHOD_NOT_ALLOWED")
    assert told.extensions["hint"] == "Send it with POST and a JSON body."
    assert await data_version(database) == since


async def test_mutation_by_get_is_refused_by_the_operation_that_would_run(member: Member, database: Database) -> None:
    since = await data_version(database)
    both = f'query Read {{ country(id: "KEN") {{ id }} }} {MUTATION.replace("mutation", "mutation Write")}'

    read = await member.client.get("/graphql", params={"query": both, "operationName": "Read"})
    written = refusal(await member.client.get("/graphql", params={"query": both, "operationName": "Write"}))
    neither = refusal(await member.client.get("/graphql", params={"query": both}))

    assert read.json()["data"] == {"country": {"id": "country:KEN"}}
    assert (written.status, written.code) == (405, "METHOD_NOT_ALLOWED")
    assert (neither.status, neither.code, neither.extensions["allowed"]) == (400, "GRAPHQL_INVALID", ["Read", "Write"])
    assert await data_version(database) == since


async def test_two_operations_without_a_name_run_neither(member: Member, database: Database) -> None:
    since = await data_version(database)

    told = refusal(
        await member.client.post(
            "/graphql", json={"query": f"{MUTATION.replace('mutation', 'mutation A')} query B {{ health {{ state }} }}"}
        )
    )

    assert (told.status, told.code) == (400, "GRAPHQL_INVALID")
    assert told.error["message"] == "The document has 2 operations."
    assert await data_version(database) == since


async def test_answers_to_members_are_kept_apart(member: Member, client: httpx.AsyncClient) -> None:
    for asked in (member.client, client):
        assert "authorization" in (await asked.get("/graphql", params=ASK)).headers["vary"]
