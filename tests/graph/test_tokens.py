"""Tokens: a secret opens the network until it is revoked or has ended, and stands nowhere but with its bearer."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.tokens import bearer, create_token, revoke_token, secret_hash, still_valid, tokens
from graph.viewer import ANYONE, Role, Viewer
from graph.vocabulary import TokenRole

pytestmark = pytest.mark.live


@pytest_asyncio.fixture
async def kept(database: Database) -> AsyncIterator[Database]:
    """The database, rid of all tokens afterwards."""
    yield database
    await database.write(lambda transaction: transaction.run(Query("MATCH (t:Token)\nDELETE t")))


async def code_of(database: Database, secret: str) -> Code:
    with pytest.raises(NetworkError) as caught:
        await bearer(database, secret)
    return caught.value.code


async def end(database: Database, token: str, ago: timedelta) -> None:
    query = Query("MATCH (t:Token {id: $id})\nSET t.expiresAt = $at", {"id": token, "at": datetime.now(UTC) - ago})
    await database.write(lambda transaction: transaction.run(query))


async def test_secret_tells_who_shows_it(kept: Database) -> None:
    token, secret = await create_token(kept, "Ministry of Kenya", TokenRole.MEMBER, party="country:KEN")

    assert re.fullmatch(r"gcio_[\w-]{43}", secret)
    assert await bearer(kept, secret) == Viewer(Role.MEMBER, token.id, "country:KEN")


async def test_only_the_hash_is_kept_and_not_even_that_in_the_log(kept: Database) -> None:
    token, secret = await create_token(kept, "Tests", TokenRole.MEMBER)

    [(values,)] = await kept.read(Query("MATCH (t:Token {id: $id})\nRETURN properties(t)", {"id": token.id}))
    [(entry,)] = await kept.read(Query("MATCH (c:Change {record: $id})\nRETURN properties(c)", {"id": token.id}))
    assert values["secretHash"] == secret_hash(secret)
    assert secret not in json.dumps([values, entry], default=str)
    assert values["secretHash"] not in json.dumps(entry, default=str)
    assert "secretHash" in entry["changed"]
    assert "visibility" not in entry


async def test_wrong_ended_and_revoked_secrets_are_refused_alike(kept: Database) -> None:
    revoked, first = await create_token(kept, "Revoked", TokenRole.MEMBER)
    ended, second = await create_token(kept, "Ended", TokenRole.MEMBER, days=1)
    await revoke_token(kept, revoked.id)
    await end(kept, ended.id, timedelta(seconds=1))

    for secret in (first, second, "gcio_wrong", "", "x" * 100_000, first[:-1], f"{first}x"):
        assert await code_of(kept, secret) is Code.UNAUTHENTICATED


async def test_token_holds_until_its_day(kept: Database) -> None:
    token, secret = await create_token(kept, "For a week", TokenRole.MEMBER, days=7)

    assert token.expires is not None
    assert token.expires - token.created == timedelta(days=7)
    assert (await bearer(kept, secret)).token == token.id


async def test_list_tells_the_state_of_each(kept: Database) -> None:
    for name in ("One", "Two", "Three"):
        await create_token(kept, name, TokenRole.MEMBER, days=1)
    one, two, _ = await tokens(kept)
    await revoke_token(kept, one.id.removeprefix("token:"))
    await end(kept, two.id, timedelta(seconds=1))

    found = await tokens(kept)

    assert [(t.name, t.state(datetime.now(UTC))) for t in found] == [("One", "revoked"), ("Two", "expired"), ("Three", "valid")]


async def test_revoking_twice_is_revoking_once(kept: Database) -> None:
    token, _ = await create_token(kept, "Tests", TokenRole.MEMBER)

    first, second = await revoke_token(kept, token.id), await revoke_token(kept, token.id)

    assert first.revoked == second.revoked
    assert await kept.read(Query("MATCH (c:Change {record: $id})\nRETURN count(c)", {"id": token.id})) == [(2,)]


async def test_bearer_is_seen_to_be_revoked(kept: Database) -> None:
    token, secret = await create_token(kept, "Tests", TokenRole.MEMBER)
    viewer = await bearer(kept, secret)
    await still_valid(kept, viewer)
    await still_valid(kept, ANYONE)

    await revoke_token(kept, token.id)

    with pytest.raises(NetworkError, match="was revoked"):
        await still_valid(kept, viewer)


@pytest.mark.parametrize("party", ["country:XXX", "need:1", "Kenya", ""])
async def test_party_has_to_be_a_country_or_an_organisation_on_record(kept: Database, party: str) -> None:
    with pytest.raises(NetworkError) as caught:
        await create_token(kept, "Tests", TokenRole.MEMBER, party=party)

    assert caught.value.code is Code.UNKNOWN_RECORD
    assert await tokens(kept) == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb"])
async def test_token_needs_a_name(kept: Database, name: str) -> None:
    with pytest.raises(NetworkError) as caught:
        await create_token(kept, name, TokenRole.MEMBER)

    assert caught.value.code is Code.BAD_INPUT


async def test_token_that_is_not_there_cannot_be_revoked(kept: Database) -> None:
    with pytest.raises(NetworkError) as caught:
        await revoke_token(kept, "token:none")

    assert caught.value.code is Code.NOT_FOUND
