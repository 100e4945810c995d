"""`make bench`: what a match costs beside a raw Bolt round trip, in one run on one machine.

Times are medians in milliseconds; read the ratios, since machines differ and are shared.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter

import httpx
import psutil
import uvicorn

from api.app import create_app
from api.execute import execute
from api.state import Network
from api.up import listening_socket, prepare
from graph.database import Query
from graph.matching import PARAMETERS, Request
from graph.matching.candidates import rankings
from graph.settings import Settings
from graph.vectors import space_in_use
from graph.viewer import ANYONE

MATCH = (
    "query ($input: MatchInput!) { match(input: $input) { partners(first: 10) { edges { node { score partner { __typename }"
    " parts { name value weight explanation } cases(first: 3) { nodes { id title url } } offers(first: 3) { nodes { id title url } }"
    " fundingCalls(first: 3) { nodes { id title url } } paths { steps { relationship node { id __typename } } } } } } } }"
)
PAGE = "{ projects(first: 20) { nodes { id title startDate countries(first: 3) { nodes { name } } } } }"
SEARCH = "query ($q: String!) { search(query: $q, first: 10) { nodes { id title url } } }"
SUBJECTS = (
    "civil registration",
    "customs declarations",
    "a data exchange layer",
    "open data",
    "tax filing",
    "land titles",
    "digital signatures",
    "public procurement",
)
PLACES = ("districts", "islands", "mountain villages", "border posts", "the capital", "municipalities", "schools", "clinics")


def need(number: int) -> str:
    """A text that was not asked before, so that no cache of query vectors helps."""
    return f"Our ministry looks for experience with {SUBJECTS[number % 8]} for {PLACES[number // 8 % 8]}, programme {number}"


async def median(work: Callable[[int], Awaitable[object]], rounds: int, offset: int) -> float:
    times = []
    for number in range(rounds):
        begun = perf_counter()
        await work(offset + number)
        times.append((perf_counter() - begun) * 1000)
    return statistics.median(times)


async def measure(settings: Settings, rounds: int) -> dict[str, float]:
    network = await Network.open(settings)
    try:
        await prepare(network)
        await network.embedding.ready()
        listener = listening_socket(settings)
        server = uvicorn.Server(uvicorn.Config(create_app(network), log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells its start by an attribute only
            await asyncio.sleep(0.02)
        space = await space_in_use(network.database)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=60) as client:

            async def bolt(_: int) -> object:
                return await network.database.read(Query("RETURN 1"))

            async def embedding(number: int) -> object:
                return await network.embedding.query(need(number))

            async def vector_search(number: int) -> object:
                text = need(number)
                vector = space.asked(await network.embedding.query(text), text)
                return await network.database.read(rankings(Request(text, "KHM", "en"), "", space, vector, PARAMETERS, ANYONE))

            async def match_inside(number: int) -> object:
                return await execute(network, MATCH, {"input": {"country": "KHM", "text": need(number)}})

            async def match_http(number: int) -> object:
                answer = (
                    await client.post("/graphql", json={"query": MATCH, "variables": {"input": {"country": "KHM", "text": need(number)}}})
                ).json()
                assert "errors" not in answer, answer
                return answer

            async def page(_: int) -> object:
                return await client.post("/graphql", json={"query": PAGE})

            async def search(number: int) -> object:
                return await client.post("/graphql", json={"query": SEARCH, "variables": {"q": need(number)}})

            steps: dict[str, Callable[[int], Awaitable[object]]] = {
                "raw Bolt round trip": bolt,
                "embedding of one query": embedding,
                "embedding and both rankings": vector_search,
                "match in process": match_inside,
                "match over GraphQL": match_http,
                "page of 20 projects over GraphQL": page,
                "search over GraphQL": search,
            }
            for place, work in enumerate(steps.values()):
                await median(work, max(20, rounds // 2), 100_000 * (place + 1))
            out = {name: await median(work, rounds, 10_000_000 + 100_000 * place) for place, (name, work) in enumerate(steps.items())}
        server.should_exit = True
        await serving
        return out
    finally:
        await network.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60, help="measurements of each step")
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gcio-bench-") as folder:
        home = Path(os.environ.get("GCIO_BENCH_HOME", folder))
        figures = asyncio.run(measure(Settings(home=home, port=0), options.rounds))
    load = psutil.getloadavg()[0]
    if options.json:
        json.dump({"cores": psutil.cpu_count(), "load": load, "milliseconds": figures}, sys.stdout, indent=1)
        return
    bolt = figures["raw Bolt round trip"]
    print(
        f"{psutil.cpu_count()} cores, load {load:.1f}, {options.rounds} rounds; median milliseconds, and how many Bolt round trips that is"
    )
    for name, value in figures.items():
        print(f"  {name:<36}{value:8.1f}{value / bolt:8.1f}")


if __name__ == "__main__":
    main()
