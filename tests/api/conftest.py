"""Members: tokens on the session's database, clients that send them, and what they wrote taken away afterwards."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette

from api.state import Network
from api.up import listening_socket
from graph.database import Database, Query
from graph.settings import Settings
from graph.tokens import Token, create_token
from graph.vocabulary import TokenRole

PATIENCE = 180
"""Seconds after which a test gives up waiting for what has to come: 30 were too few on a machine that did much else."""


@dataclass(frozen=True)
class Member:
    """A client that shows a token with every request."""

    client: httpx.AsyncClient
    token: Token
    secret: str

    @property
    def authorization(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secret}"}


@pytest.fixture
def swept() -> Iterator[None]:
    """Collects what refused operations leave, resolvers that were never awaited, while the test that left them can still be asked to bear it."""
    yield
    gc.collect()


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
        Query("MATCH (c:Change)\nWHERE c.actor IN $tokens\nMATCH (n:Document|Match {id: c.record})\nDETACH DELETE n", {"tokens": made}),
        Query("MATCH (t:Token)\nWHERE t.id IN $tokens\nDELETE t", {"tokens": made}),
        Query("MATCH (k:IdempotencyKey)\nDELETE k"),
    ):
        await database.write(lambda transaction, query=query: transaction.run(query))  # type: ignore[misc]  # bound now, run now


@pytest_asyncio.fixture
async def member(new_member: NewMember) -> Member:
    """A member who writes for all."""
    return await new_member()


@pytest_asyncio.fixture
async def narrow_url(app: Starlette, settings: Settings) -> AsyncIterator[str]:
    """The application on a server whose connections hold little that nobody reads, so that a client that does not read is soon noticed."""
    listener = listening_socket(settings)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn tells its start by an attribute only
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await task


async def told_of_lag(caplog: pytest.LogCaptureFixture) -> None:
    """Wait until the server has noticed that a client does not read."""
    async with asyncio.timeout(PATIENCE):
        while "a client lags and is closed" not in caplog.messages:  # noqa: ASYNC110 - a plain list grows
            await asyncio.sleep(0.02)
