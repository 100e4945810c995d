"""`make bench-cache`: requests a second with answers worked out anew and with answers reused, side by side; and how long a refusal takes.

One process serves both on the same network, another asks. Read the ratios: machines differ and are shared.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter, process_time
from urllib.parse import urlsplit

import psutil
import uvicorn

from api.app import create_app
from api.limits import check_limits
from api.schema import schema
from api.state import Network
from api.up import listening_socket, prepare
from graph.errors import NetworkError
from graph.settings import Settings
from tests.bench.hostile import hostile
from web.queries import operation

ASKED: dict[str, tuple[str, Mapping[str, object]]] = {
    "one country": ('{ country(id: "KEN") { name capital population } }', {}),
    "page of 20 projects": ("{ projects(first: 20) { nodes { id title startDate countries(first: 3) { nodes { name } } } } }", {}),
    "list of needs, as the page asks": (operation("NeedList"), {"first": 20, "language": "EN"}),
    "page of a country": (operation("Country"), {"id": "KEN", "language": "EN"}),
    "search": ("query ($q: String!) { search(query: $q, first: 10) { nodes { id title url } } }", {"q": "digital identity for farmers"}),
}
SECONDS_WARM = 0.5


async def serve(settings: Settings) -> None:
    """Two servers on one network, the second keeping answers; their addresses go to standard output as JSON."""
    network = await Network.open(settings)
    try:
        await prepare(network)
        await network.embedding.ready()
        network.settings = settings.model_copy(update={"answer_memory": 0})
        apps = [create_app(network)]
        network.settings = settings
        apps.append(create_app(network))
        listeners = [listening_socket(settings) for _ in apps]
        servers = [uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off")) for app in apps]
        running = [asyncio.create_task(s.serve(sockets=[listener])) for s, listener in zip(servers, listeners, strict=True)]
        while not all(server.started for server in servers):  # noqa: ASYNC110 - uvicorn tells its start by an attribute only
            await asyncio.sleep(0.02)
        print(json.dumps([f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in listeners]), flush=True)
        await asyncio.gather(*running)
    finally:
        await network.close()


async def rate(url: str, body: bytes, clients: int, seconds: float) -> float:
    """Requests a second that `clients` get answered, each asking again as soon as it has its answer."""
    host, port = urlsplit(url).hostname, urlsplit(url).port
    request = (
        f"POST /graphql HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
    )
    counting, done, ends = False, 0, 0.0

    async def client(once: bool = False) -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection(host, port)
        while once or perf_counter() < ends:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            answer = await reader.readexactly(length)
            assert head.startswith(b"HTTP/1.1 200"), answer
            done += counting
            if once:
                break
        writer.close()
        await writer.wait_closed()

    await client(once=True)
    ends = perf_counter() + SECONDS_WARM + seconds
    tasks = [asyncio.create_task(client()) for _ in range(clients)]
    await asyncio.sleep(SECONDS_WARM)
    counting, begun = True, perf_counter()
    await asyncio.gather(*tasks)
    return done / (perf_counter() - begun)


def refusals(count: int) -> list[float]:
    """Milliseconds of CPU that each refusal of a hostile document takes, sorted."""
    settings, out = Settings(), []
    gc.collect()
    gc.freeze()  # as the server does when it begins to serve
    for request in hostile(schema._schema, count):
        try:
            asked = json.loads(request.body)
        except (ValueError, RecursionError):
            continue
        if not isinstance(asked, dict) or not isinstance(asked.get("query"), str) or not isinstance(asked.get("variables"), dict):
            continue
        begun = process_time()
        try:
            check_limits(asked["query"], asked["variables"], asked.get("operationName"), settings)
        except NetworkError:
            out.append((process_time() - begun) * 1000)
    return sorted(out)


async def measure(urls: list[str], clients: int, seconds: float, rounds: int) -> dict[str, tuple[float, float]]:
    """Requests a second by question: (worked out anew, reused), each the median of rounds that take turns."""
    out = {}
    for name, (document, variables) in ASKED.items():
        body = json.dumps({"query": document, "variables": variables}).encode()
        found = [[await rate(url, body, clients, seconds) for url in urls] for _ in range(rounds)]
        out[name] = (statistics.median(f[0] for f in found), statistics.median(f[1] for f in found))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-cache", description=__doc__)
    parser.add_argument("--clients", type=int, default=16, help="how many ask at the same time")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each is measured")
    parser.add_argument("--rounds", type=int, default=3, help="how often")
    parser.add_argument("--refusals", type=int, default=2_000, help="hostile documents to refuse")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(Settings(home=options.serve, port=0, rate=0)))
        return
    with tempfile.TemporaryDirectory(prefix="gcio-bench-") as folder:
        home = os.environ.get("GCIO_BENCH_HOME", folder)
        command = [sys.executable, "-m", "tests.bench.caching", "--serve", home]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
            try:
                assert server.stdout is not None
                urls = json.loads(server.stdout.readline() or "null") or sys.exit("the server did not start")
                figures = asyncio.run(measure(urls, options.clients, options.seconds, options.rounds))
            finally:
                server.terminate()
    tell(figures, refusals(options.refusals), options.clients)


def tell(figures: dict[str, tuple[float, float]], refused: list[float], clients: int) -> None:
    print(f"{psutil.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f}, {clients} clients; requests a second")
    print(f"  {'':<34}{'anew':>8}{'reused':>9}{'times':>8}")
    for name, (miss, hit) in figures.items():
        print(f"  {name:<34}{miss:>8.0f}{hit:>9.0f}{hit / miss:>8.1f}")
    ratios = [hit / miss for miss, hit in figures.values()]
    print(f"  {len(refused)} refusals: median {statistics.median(refused):.2f} ms of CPU, slowest {refused[-1]:.1f}")
    print(f"geometric mean of reused to anew: {statistics.geometric_mean(ratios):.1f}")


if __name__ == "__main__":
    main()
