"""`make bench-scale`: how the ten most used questions grow with the graph, in time and in accesses to stored data.

Graphs of both sizes run at once and are asked in turns, in process, without the embedding model. Read the ratios: machines differ
and are shared.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from api.cli_bench import MOST, fill, settings_for
from api.execute import execute
from api.state import Network
from graph.embedding import EmbeddingService
from graph.server import status
from graph.settings import Settings
from tests.bench.comparison import HOME, Elsewhere
from tests.bench.hits import explained
from tests.bench.report import Machine, table, write_page
from tests.bench.scale_questions import DEPTH, QUESTIONS, document

BEGIN: Final = "<!-- figures of make bench-scale -->"
PAGE: Final = 100
WARM: Final = 5
GOAL: Final = 2.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One question on one graph: the median time in milliseconds, and the dbHits."""

    milliseconds: float
    db_hits: int


Figures = dict[str, dict[int, Figure]]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-scale", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs=2, default=(10_000, MOST), help="projects in the two graphs; default 10000 1000000")
    parser.add_argument("--questions", nargs="+", choices=tuple(QUESTIONS), default=tuple(QUESTIONS))
    parser.add_argument("--rounds", type=int, default=30, help="measurements of each question and graph; default 30")
    parser.add_argument("--home", type=Path, default=HOME / "scale", help="where the graphs are kept; they are made where they are missing")
    parser.add_argument("--plans", action="store_true", help="print the plans of the larger graph")
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/performance.md")
    return parser.parse_args()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@asynccontextmanager
async def opened(home: Path, size: int) -> AsyncIterator[Network]:
    """The network on the graph of this size, filled first where it is not complete. No model is loaded."""
    chosen = settings_for(Settings(query_timeout=300, answer_memory=0), home / str(size), size)
    begun = perf_counter()
    done, _ = await fill(chosen, size, seed=1)
    say(f"{done:,} projects are there after {perf_counter() - begun:.0f} s.")
    network = Network(chosen, EmbeddingService(chosen))
    try:
        await network.connect()
        yield network
    finally:
        await network.close()


async def variables(network: Network, name: str) -> dict[str, Any]:
    """What the question is asked with; the deep page's cursor is paged to."""
    if name != "deep":
        return dict(QUESTIONS[name].variables)
    cursor = None
    for _ in range(DEPTH // PAGE):
        query = "query ($first: Int, $after: String) { projects(first: $first, after: $after) { pageInfo { endCursor } } }"
        cursor = (await execute(network, query, {"first": PAGE, "after": cursor}))["projects"]["pageInfo"]["endCursor"]
    return {"after": cursor}


async def measure(networks: Mapping[int, Network], names: Sequence[str], rounds: int, *, plans: bool) -> Figures:
    """Each question of each graph: warmed, then in turns."""
    figures: Figures = {}
    for name in names:
        text = document(name).text
        given = {size: await variables(network, name) for size, network in networks.items()}
        hits = {}
        for size, network in networks.items():
            _, reads = await explained(network, text, given[size])
            hits[size] = sum(read.db_hits for read in reads)
            if plans and size == max(networks):
                say("\n\n".join(f"{name}: {read.db_hits:,} dbHits\n{read.query.text}\n{read.text()}" for read in reads))
        times: dict[int, list[float]] = {size: [] for size in networks}
        for turn in range(WARM + rounds):
            for size, network in networks.items():
                begun = perf_counter()
                await execute(network, text, given[size])
                if turn >= WARM:
                    times[size].append((perf_counter() - begun) * 1000)
        figures[name] = {size: Figure(statistics.median(times[size]), hits[size]) for size in networks}
        say(f"{name}: " + ", ".join(f"{size:,}: {f.milliseconds:.1f} ms, {f.db_hits:,} dbHits" for size, f in figures[name].items()))
    return figures


def markdown(figures: Figures, machine: Machine) -> str:
    small, large = min(next(iter(figures.values()))), max(next(iter(figures.values())))
    head = ["Question", f"{small:,}, ms", f"{large:,}, ms", "times", f"{small:,}, dbHits", f"{large:,}, dbHits", "times "]
    rows = []
    for name, by_size in figures.items():
        one, other = by_size[small], by_size[large]
        growth = other.milliseconds / one.milliseconds
        mark = " ¹" if QUESTIONS[name].grows else "" if growth <= GOAL else " ²"
        rows.append(
            [
                document(name).title + mark,
                f"{one.milliseconds:.1f}",
                f"{other.milliseconds:.1f}",
                f"{growth:.2f}",
                f"{one.db_hits:,}",
                f"{other.db_hits:,}",
                f"{other.db_hits / max(1, one.db_hits):.2f}",
            ]
        )
    return f"{machine.sentence()}\n\n{table(head, rows)}\n"


async def run(chosen: argparse.Namespace) -> tuple[Figures, Machine]:
    async with AsyncExitStack() as stack:
        networks = {size: await stack.enter_async_context(opened(chosen.home, size)) for size in sorted(chosen.sizes)}
        pids = tuple(pid for network in networks.values() if (pid := status(network.settings).pid))
        elsewhere = Elsewhere(pids)
        figures = await measure(networks, chosen.questions, chosen.rounds, plans=chosen.plans)
        version = status(next(iter(networks.values())).settings).version
        return figures, Machine.this({"Neo4j": version or "unknown"}, elsewhere.cores())


def main() -> None:
    chosen = options()
    figures, machine = asyncio.run(run(chosen))
    if chosen.json:
        json.dump({name: {size: asdict(f) for size, f in by.items()} for name, by in figures.items()}, sys.stdout, indent=1)
        return
    text = markdown(figures, machine)
    if chosen.write:
        write_page(text, begin=BEGIN)
    print(text)


if __name__ == "__main__":
    main()
