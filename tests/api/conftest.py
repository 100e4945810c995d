"""Members: tokens on the session's database, clients that send them, and what they wrote taken away afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest_asyncio
from starlette.applications import Starlette

from api.state import Network
from graph.database import Database, Query
from graph.tokens import Token, create_token
from graph.vocabulary import TokenRole


@dataclass(frozen=True)
class Member:
    """A client that shows a token with every request."""

    client: httpx.AsyncClient
    token: Token
    secret: str

    @property
    def authorization(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secret}"}


NewMember = Callable[..., Awaitable[Member]]


@pytest_asyncio.fixture
async def new_member(app: Starlette, network: Network, database: Database) -> AsyncIterator[NewMember]:
    """Makes members, each with a token; `party` and `days` as for a token."""
    made: list[str] = []
    async with AsyncExitStack() as clients:

        async def new(party: str | None = None, days: int | None = None) -> Member:
            token, secret = await create_token(database, "Tests", TokenRole.MEMBER, party=party, days=days)
            made.append(token.id)
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            headers = {"authorization": f"Bearer {secret}"}
            client = httpx.AsyncClient(transport=transport, base_url="http://gcio.test", timeout=60, headers=headers)
            return Member(await clients.enter_async_context(client), token, secret)

        yield new
    await network.fresh.done()
    for query in (
        Query("MATCH (c:Change)\nWHERE c.actor IN $tokens\nMATCH (n:Document {id: c.record})\nDETACH DELETE n", {"tokens": made}),
        Query("MATCH (t:Token)\nWHERE t.id IN $tokens\nDELETE t", {"tokens": made}),
        Query("MATCH (k:IdempotencyKey)\nDELETE k"),
    ):
        await database.write(lambda transaction, query=query: transaction.run(query))  # type: ignore[misc]  # bound now, run now


@pytest_asyncio.fixture
async def member(new_member: NewMember) -> Member:
    """A member who writes for all."""
    return await new_member()
