"""`make bench-peer`: the network beside Neo4j's own GraphQL library and beside hand-written Cypher, on one database in one run.

Read the ratios: machines differ and are shared. The last line is the geometric mean of the throughput against the peer's.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

import psutil

from graph.database import Database
from graph.errors import NetworkError
from graph.server import Endpoint, connect, status
from graph.settings import Settings
from tests.bench import questions
from tests.bench.graph import COUNTRIES, NAMED, PROJECTS, SHARED, counts, ensure_graph
from tests.bench.measure import MANY, Job, Meter, Round
from tests.bench.report import FLOOR, NETWORK, PEER, Figures, Machine, write_page
from tests.bench.servers import Server, cpu_of, start_floor, start_network, start_peer
from tests.bench.steps import STEPS
from web.tools.node import Missing, find_node, install_packages

HOME: Final = Path("~/.cache/global-cio-network/bench").expanduser()
# Neo4j works for the network about as much as for the floor; far less means that answers come from somewhere else.
LEAST: Final = 0.2


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    shared: Path
    servers: tuple[str, ...]
    questions: tuple[str, ...]
    rounds: int
    seconds: float
    steps: bool
    json: bool
    write: bool


def options() -> Options:
    parser = argparse.ArgumentParser(prog="make bench-peer", description=__doc__)
    every = (NETWORK, PEER, FLOOR)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of public data; default: ../shared beside the repository")
    parser.add_argument("--servers", nargs="+", choices=every, default=every, help="servers to compare; default: all")
    parser.add_argument("--questions", nargs="+", choices=tuple(questions.VARIABLES), default=tuple(questions.VARIABLES))
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each server, question and number of clients; default 3")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a round; default 3")
    parser.add_argument("--no-steps", dest="steps", action="store_false", help="leave out what the network is compared with itself in")
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/performance.md")
    given = vars(parser.parse_args())
    return Options(**given | {"servers": tuple(given["servers"]), "questions": tuple(given["questions"])})


def require(shared: Path) -> None:
    """Raises `Missing` where the public data is not there."""
    for name in (PROJECTS, NAMED, COUNTRIES):
        if not (shared / "data" / name).is_file():
            raise Missing(
                f"The bench needs the folder of public data, and {shared / 'data' / name} is not there. "
                'Put the folder `shared` beside this repository, or name it: make bench-peer ARGS="--shared PATH".'
            )


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def bring_graph(endpoint: Endpoint, shared: Path) -> dict[str, int]:
    async with Database(endpoint, query_timeout=120) as database:
        begun = perf_counter()
        if await ensure_graph(database, shared):
            say(f"Graph loaded in {perf_counter() - begun:.0f} s.")
        return await counts(database)


@contextlib.contextmanager
def running(chosen: Options, endpoint: Endpoint, settings: Settings) -> Iterator[dict[str, Server]]:
    """The servers by name, each at the page from which it is measured."""
    with contextlib.ExitStack() as stack:
        servers: dict[str, Server] = {}
        if NETWORK in chosen.servers:
            servers[NETWORK] = stack.enter_context(start_network(settings))
        if PEER in chosen.servers:
            node = find_node()
            install_packages(node, questions.PEER)
            servers[PEER] = stack.enter_context(start_peer(endpoint, node))
        if FLOOR in chosen.servers:
            servers[FLOOR] = stack.enter_context(start_floor(endpoint))
        for server in servers.values():
            server.page_on(chosen.questions)
        yield servers


def check_equal(question: str, servers: Mapping[str, Server]) -> None:
    """Raises `RuntimeError` where two servers do not give the same answer."""
    answers = {name: questions.common(question, server.ask(question)) for name, server in servers.items()}
    (first, wanted), *others = answers.items()
    for name, answer in others:
        if found := questions.difference(wanted, answer):
            raise RuntimeError(f"{question}: {first} and {name} answer differently: {found}")


def check_fresh(question: str, seen: Mapping[str, Round]) -> None:
    """Raises `RuntimeError` where the network answers without asking Neo4j."""
    if {NETWORK, FLOOR} <= set(seen) and seen[NETWORK].database_cpu < LEAST * seen[FLOOR].database_cpu:
        raise RuntimeError(f"{question}: the network's answers come from a cache, so its figures would mean nothing here")


class Elsewhere:
    """How many cores processes other than these, our own and those that we waited for have used since it was made."""

    def __init__(self, processes: tuple[int, ...]) -> None:
        self.processes = processes
        self.begun, self.spent = perf_counter(), self._spent()

    def _spent(self) -> float:
        machine = psutil.cpu_times()
        own = psutil.Process().cpu_times()
        ours = own.user + own.system + own.children_user + own.children_system + sum(cpu_of(pid) for pid in self.processes)
        return float(machine.user + machine.system + getattr(machine, "nice", 0.0)) - ours

    def cores(self) -> float:
        return max(0.0, (self._spent() - self.spent) / (perf_counter() - self.begun))


def measure(chosen: Options) -> Figures:
    require(chosen.shared)
    # A Neo4j of somebody's own is left alone: the graph is loaded into an empty database.
    settings = Settings(home=HOME, neo4j_uri=None)
    with connect(settings) as lease:
        graph = asyncio.run(bring_graph(lease.endpoint, chosen.shared))
        neo4j = status(settings)
        assert neo4j.pid is not None, "an embedded Neo4j that is leased runs"
        meter = Meter(neo4j.pid, chosen.rounds, chosen.seconds)
        many: dict[str, dict[str, Round]] = {}
        one: dict[str, dict[str, Round]] = {}
        with running(chosen, lease.endpoint, settings) as servers:
            away = Elsewhere((neo4j.pid, *(server.process.pid for server in servers.values())))
            for question in chosen.questions:
                check_equal(question, servers)
            for question in chosen.questions:
                jobs = {name: Job.of(server, question) for name, server in servers.items()}
                many[question] = meter.compare(jobs, MANY)
                check_fresh(question, many[question])
                one[question] = meter.compare(jobs, 1)
                say(f"{question}: " + ", ".join(f"{name} {seen.rate:,.0f}/s" for name, seen in many[question].items()))
            found: dict[str, float] = {}
            for what, step in STEPS.items() if chosen.steps and NETWORK in servers else ():
                found[what] = step(meter, servers[NETWORK], settings)
                say(f"{what}: {found[what]:.2f}")
            others = away.cores()
        versions = {"Neo4j": neo4j.version or "?"} | ({"Node": find_node().version} if PEER in servers else {})
        titles = {q: questions.document(q).title for q in chosen.questions}
        return Figures(titles, many, one, found, graph, Machine.this(versions, others))


def main() -> None:
    chosen = options()
    # Ended from outside, it stops its servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        figures = measure(chosen)
        if chosen.write:
            write_page(figures.markdown())
    except Missing as error:
        say(str(error))
        raise SystemExit(2) from None
    except NetworkError as error:
        say(f"{error.message} {error.hint or ''}")
        raise SystemExit(error.exit_code) from None
    except RuntimeError as error:
        say(str(error))
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    if chosen.json:
        json.dump(figures.as_dict(), sys.stdout, indent=1)
        return
    print(figures.markdown())
    if (mean := figures.against_peer) is not None:
        print(f"geometric mean against the peer: {mean:.2f}")


if __name__ == "__main__":
    main()
