"""`gcio token`: what it prints, what it keeps to itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from typer.testing import CliRunner, Result

from api import cli_token
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.settings import Settings
from graph.tokens import bearer, tokens
from graph.viewer import Role

pytestmark = pytest.mark.live


@pytest_asyncio.fixture
async def kept(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """The session's database for the commands, rid of all tokens afterwards."""
    monkeypatch.setattr(cli_token, "settings", lambda: settings)
    yield database
    await database.write(lambda transaction: transaction.run(Query("MATCH (t:Token)\nDELETE t")))


async def gcio_token(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, cli_token.app, list(arguments))


async def test_token_is_made_listed_and_revoked(kept: Database) -> None:
    made = await gcio_token("create", "Registry", "--for", "country:KHM", "--days", "30")
    secret = made.stdout.strip()
    viewer = await bearer(kept, secret)
    listed = json.loads((await gcio_token("list", "--json")).stdout)
    revoked = await gcio_token("revoke", viewer.token or "")
    table = await gcio_token("list")

    assert (made.exit_code, viewer.role, viewer.party) == (0, Role.MEMBER, "country:KHM")
    assert secret not in made.stderr
    assert [(row["id"], row["name"], row["for"], row["state"]) for row in listed] == [(viewer.token, "Registry", "country:KHM", "valid")]
    assert secret not in json.dumps(listed)
    assert "is revoked since" in revoked.stdout
    assert "revoked" in table.stdout
    with pytest.raises(NetworkError, match="was revoked"):
        await bearer(kept, secret)


async def test_secret_comes_as_json_too(kept: Database) -> None:
    made = json.loads((await gcio_token("create", "Registry", "--json")).stdout)

    assert (await bearer(kept, made["secret"])).token == made["id"]


async def test_party_that_is_not_there_makes_no_token(kept: Database) -> None:
    failed = await gcio_token("create", "Registry", "--for", "country:XXX")

    assert isinstance(failed.exception, NetworkError)
    assert failed.exception.code is Code.UNKNOWN_RECORD
    assert await tokens(kept) == []
