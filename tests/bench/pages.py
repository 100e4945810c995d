"""`make bench-pages`: how long the server takes for a page beside its GraphQL, and when the largest thing is seen on a slow phone.

Everything runs in one process on one network, in turns. Read the ratios: machines differ and are shared.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import statistics
import tempfile
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import psutil
import uvicorn
from playwright.async_api import async_playwright
from starlette.applications import Starlette
from starlette.types import Message, Scope

from api.app import create_app
from api.state import Network
from api.up import listening_socket, prepare
from graph.settings import Settings
from tests.tools.ensure_chromium import find_chromium
from web import visit
from web.terms import DOMAINS

NEED = urlencode({"country": "KHM", "text": "A national data exchange layer between the registries of people, land and companies"})
PAGES = {
    "home": "/",
    "result": f"/match?{NEED}",
    "country": "/countries/KEN",
    "search": "/search?q=digital+identity",
    **{domain.name: domain.path for domain in DOMAINS},
    "project": "/projects/wb-p161329",
    "topic": "/topics/digital-identity",
    "organisation": "/organizations/world-bank",
}
SEEN_FIRST = ("home", "result", "country")
ALLOWED = 2.0
"""Times the GraphQL time that a page may take, at the median."""
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 400 * 1000 / 8, "uploadThroughput": 400 * 1000 / 8}
"""400 kbit/s both ways and 400 ms there and back: the slow 3G of WebPageTest."""
SLOWER_CPU = 4
SETTLING = 2.0
"""Seconds that a new window of the browser is left alone: here it starts on the server's processors, a phone does not."""
SEEN = """() => new Promise(done => new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
  .observe({type: "largest-contentful-paint", buffered: true}))"""

spent: ContextVar[list[float]] = ContextVar("spent")


def watch_graphql() -> None:
    """Count the time that pages spend on their questions; it is theirs to ask, and GraphQL's to answer."""
    execute = visit.execute

    async def timed(*given: Any, **named: Any) -> dict[str, Any]:
        begun = perf_counter()
        try:
            return await execute(*given, **named)
        finally:
            spent.get().append(perf_counter() - begun)

    visit.execute = timed


async def ask(app: Starlette, address: str) -> tuple[float, float]:
    """(seconds for the page, seconds of them for GraphQL), without a socket, compressed as browsers take it."""
    path, _, query = address.partition("?")
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"accept-encoding", b"br"), (b"host", b"bench")],
        "client": ("127.0.0.1", 1),
        "server": ("bench", 80),
    }
    status = 0

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    spent.set([])
    begun = perf_counter()
    await app(scope, receive, send)
    whole = perf_counter() - begun
    assert status == 200, address
    return whole, sum(spent.get())


async def server_times(app: Starlette, rounds: int) -> dict[str, tuple[float, float]]:
    """Median milliseconds of each page: (page, its GraphQL)."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PAGES}
    for turn in range(rounds + 2):
        for name, address in PAGES.items():
            times = await ask(app, address)
            if turn >= 2:
                found[name].append(times)
    return {
        name: (statistics.median(t[0] for t in times) * 1000, statistics.median(t[1] for t in times) * 1000)
        for name, times in found.items()
    }


async def first_seen(base_url: str, rounds: int) -> dict[str, float]:
    """Median milliseconds until the largest thing is seen, on a first visit with a slow phone on slow 3G."""
    out: dict[str, list[float]] = {name: [] for name in SEEN_FIRST}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        for _ in range(rounds):
            for name in SEEN_FIRST:
                context = await browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True)
                page = await context.new_page()
                session = await context.new_cdp_session(page)
                await session.send("Network.enable")
                await session.send("Network.emulateNetworkConditions", SLOW_3G)
                await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})
                await asyncio.sleep(SETTLING)
                await page.goto(base_url + PAGES[name])
                out[name].append(await page.evaluate(SEEN))
                await context.close()
        await browser.close()
    return {name: statistics.median(times) for name, times in out.items()}


async def run(home: Path, rounds: int, visits: int) -> tuple[dict[str, tuple[float, float]], dict[str, float]]:
    settings = Settings(home=home, port=0, rate=0, answer_memory=0)
    network = await Network.open(settings)
    try:
        await prepare(network)
        await network.embedding.ready()
        watch_graphql()
        app = create_app(network)
        gc.collect()
        gc.freeze()  # as the server does when it begins to serve
        times = await server_times(app, rounds)
        listener = listening_socket(settings)
        server = uvicorn.Server(uvicorn.Config(counted(app), log_level="warning", lifespan="off"))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells its start by an attribute only
            await asyncio.sleep(0.02)
        seen = await first_seen(f"http://127.0.0.1:{listener.getsockname()[1]}", visits) if visits else {}
        server.should_exit = True
        await task
    finally:
        await network.close()
    return times, seen


def counted(app: Starlette) -> Any:
    async def served(scope: Scope, receive: Any, send: Any) -> None:
        spent.set([])
        await app(scope, receive, send)

    return served


def tell(times: Mapping[str, tuple[float, float]], seen: Mapping[str, float]) -> None:
    print(f"{psutil.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f}; medians in milliseconds")
    print(f"  {'':<20}{'page':>8}{'GraphQL':>9}{'times':>8}")
    for name, (whole, graphql) in times.items():
        print(f"  {name:<20}{whole:>8.1f}{graphql:>9.1f}{whole / graphql:>8.2f}")
    ratios = sorted(whole / graphql for whole, graphql in times.values())
    print(f"median of page to GraphQL: {statistics.median(ratios):.2f} (allowed {ALLOWED}); worst {ratios[-1]:.2f}")
    for name, moment in seen.items():
        print(f"largest contentful paint, slow 3G, phone {SLOWER_CPU} times slower: {name} {moment:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="how often each page is asked for")
    parser.add_argument("--visits", type=int, default=5, help="how often each page is opened in the browser; 0 leaves it out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gcio-bench-") as folder:
        times, seen = asyncio.run(run(Path(os.environ.get("GCIO_BENCH_HOME", folder)), options.rounds, options.visits))
    tell(times, seen)
    raise SystemExit(statistics.median(whole / graphql for whole, graphql in times.values()) > ALLOWED)


if __name__ == "__main__":
    main()
