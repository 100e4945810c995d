"""One real Neo4j for the whole session, with the starter data and its vectors; the application on it; a server on loopback.

Of several processes each has its own.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette

from api.app import create_app
from api.state import Network
from api.up import listening_socket, prepare
from graph.database import Database
from graph.settings import Settings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first: of several processes none is left alone with it at the end."""
    live = Path(__file__).parent / "live"
    items.sort(key=lambda item: not item.path.is_relative_to(live))


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the session: a data folder of its own, the machine's caches. Answers are worked out anew each time: tests change
    what they are made of behind the network's back."""
    # What a test looks at is not how long it takes: on a busy machine a question that was never planned may need more than the usual ten seconds.
    return Settings(home=tmp_path_factory.mktemp("gcio-home"), port=0, model_offline=True, answer_memory=0, query_timeout=60)


@pytest_asyncio.fixture(scope="session")
async def network(settings: Settings) -> AsyncIterator[Network]:
    """The network on the session's Neo4j: schema, starter data, vectors, model."""
    network = await Network.open(settings)
    try:
        await prepare(network)
        yield network
    finally:
        await network.close()


@pytest_asyncio.fixture(scope="session")
async def database(network: Network) -> Database:
    return network.database


@pytest_asyncio.fixture(scope="session")
async def app(network: Network) -> Starlette:
    return create_app(network)


@pytest_asyncio.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client that talks ASGI to the application, without a socket."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gcio.test", timeout=60) as client:
        yield client


@pytest_asyncio.fixture(scope="session")
async def base_url(app: Starlette, settings: Settings) -> AsyncIterator[str]:
    """The address of the application on a real server on loopback."""
    listener = listening_socket(settings)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn tells its start by an attribute only
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of public data beside the repository; tests that need it skip where it is not."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("the folder of public data is not beside this repository")
    return folder
