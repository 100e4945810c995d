"""`python -m tests.bench.assign`: what a programme of 500 needs and 200 partners takes, and of that the optimum alone.

Needs on record are copied with their vectors until there are 500. The programme runs until its processor time stops falling, since Java is slow at
first, each time after a change of the graph, so that nothing is kept; then as it is. Read processor time, and the ratio to 500 rankings in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import psutil

from api.state import Network
from api.up import prepare
from graph.assignment import LARGEST, Assignment, Guest, Programme, Wish, assign, assign_needs
from graph.database import Query
from graph.matching import Request, match
from graph.server import status
from graph.settings import Settings
from graph.version import revise
from graph.viewer import ANYONE
from tests.bench.servers import cpu_of

CHANGED = "the whole programme, after a change"
FALLING = 0.9
"""Of the processor time of a run that the next one takes while Java still gets faster."""
COPY = Query(
    "MATCH (n:Need {status: 'OPEN'})\nWHERE NOT n.id CONTAINS ':bench-'\n"
    "WITH n ORDER BY n.id\nWITH collect(n) AS needs\n"
    "UNWIND range(size(needs), $wanted - 1) AS i\nWITH i, needs[i % size(needs)] AS n\n"
    "MERGE (m:Need:Document {id: 'need:bench-' + i})\nSET m += n {.*, id: 'need:bench-' + i}\n"
    "WITH m, n\nMATCH (n)-[:OF]->(c:Country)\nMERGE (m)-[:OF]->(c)\n"
    "WITH m, n\nMATCH (n)-[:ABOUT]->(t:Topic)\nMERGE (m)-[:ABOUT]->(t)",
    {"wanted": LARGEST.needs},
)


def made_up(seed: int) -> tuple[list[Wish], list[Guest]]:
    """Needs and partners whose qualities fall off as those of matches do: a few good partners, many weak ones."""
    random = np.random.default_rng(seed)
    quality = random.random((LARGEST.needs, LARGEST.partners)) ** 3
    partners = [f"country:{j}" for j in range(LARGEST.partners)]
    wishes = [Wish(f"need:{i}", frozenset(("en",)), dict(zip(partners, map(float, row), strict=True))) for i, row in enumerate(quality)]
    return wishes, [Guest(partner, 3) for partner in partners]


async def measure(settings: Settings, rounds: int) -> dict[str, float]:
    solving = []
    for seed in range(rounds):
        wishes, guests = made_up(seed)
        begun = perf_counter()
        found = assign(wishes, guests, 0.2)
        solving.append(perf_counter() - begun)
        assert len(found.given) == LARGEST.needs
    network = await Network.open(settings)
    try:
        await prepare(network)
        await network.embedding.ready()
        await network.database.write(lambda transaction: transaction.run(COPY))
        request = Request("We look for experience with a data exchange layer between ministries", "KHM", "en")
        single = [await _timed_match(network, request) for _ in range(20)]
        first = await _timed_programme(network)
        earlier, changed = first, await _after_a_change(network)
        while _work(changed) < FALLING * _work(earlier):
            earlier, changed = changed, await _after_a_change(network)
        again = await _timed_programme(network)
    finally:
        await network.close()
    return {
        "optimum alone": statistics.median(solving),
        "one ranking of partners": statistics.median(single),
        "the whole programme, first": first["seconds"],
        CHANGED: changed["seconds"],
        "processor time of it, Python": changed["python"],
        "processor time of it, database": changed["database"],
        "the same once more": again["seconds"],
    }


async def _after_a_change(network: Network) -> dict[str, float]:
    await network.database.write(revise)
    return await _timed_programme(network)


def _work(figures: dict[str, float]) -> float:
    """Processor seconds."""
    return figures["python"] + figures["database"]


async def _timed_programme(network: Network) -> dict[str, float]:
    neo4j = await asyncio.to_thread(status, network.settings)
    assert neo4j.pid is not None, "an embedded Neo4j that is leased runs"
    python, database, begun = cpu_of(os.getpid()), cpu_of(neo4j.pid), perf_counter()
    whole, _ = await assign_needs(network.database, network.embedding, Programme(leave_out=True, floor=0.0), ANYONE)
    seconds = perf_counter() - begun
    _check(whole)
    return {"seconds": seconds, "python": cpu_of(os.getpid()) - python, "database": cpu_of(neo4j.pid) - database}


async def _timed_match(network: Network, request: Request) -> float:
    begun = perf_counter()
    await match(network.database, network.embedding, request, packaged=0)
    return perf_counter() - begun


def _check(found: Assignment) -> None:
    assert len(found.given) + len(found.left_out) == LARGEST.needs
    assert len(found.loads) == LARGEST.partners


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.assign", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="measurements of the optimum")
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gcio-bench-") as folder:
        home = Path(os.environ.get("GCIO_BENCH_HOME", folder))
        figures = asyncio.run(measure(Settings(home=home, port=0), options.rounds))
    load = psutil.getloadavg()[0]
    if options.json:
        json.dump({"cores": psutil.cpu_count(), "load": load, "seconds": figures}, sys.stdout, indent=1)
        return
    print(f"{psutil.cpu_count()} cores, load {load:.1f}; {LARGEST.needs} needs, {LARGEST.partners} partners; seconds")
    for name, value in figures.items():
        print(f"  {name:<40}{value:8.3f}")
    alone = LARGEST.needs * figures["one ranking of partners"]
    print(f"{LARGEST.needs} rankings one after the other would take {alone / figures[CHANGED]:.1f} times as long")


if __name__ == "__main__":
    main()
