"""What the network is compared with itself in: one operation against three, a deep page against the first, a kept answer against a fresh one."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from graph.settings import Settings
from tests.bench import questions
from tests.bench.measure import MANY, Job, Meter, Round
from tests.bench.servers import Server, start_network

DEPTH: Final = 10_000
STRIDE: Final = 100
THREE: Final = ("q1", "q2", "q6")
# A single client's median swings by half between two rounds on a shared machine, and what is compared here lies closer together.
LEAST: Final = 9
# A small answer, a large one, and one that takes Neo4j long.
KEPT: Final = ("q1", "q3", "q8")


def alone(meter: Meter, jobs: Mapping[str, Job]) -> dict[str, Round]:
    """What one client sees of each, after all are warm, in enough rounds."""
    for job in jobs.values():
        meter.warm(job)
    return replace(meter, rounds=max(meter.rounds, LEAST)).compare(jobs, 1)


def one_operation(meter: Meter, network: Server) -> float:
    """Time of three root fields in one operation, as a share of that of three operations one after the other."""
    variables = {name: value for q in THREE for name, value in network.variables[q].items()}
    together = request(network, questions.document("three_roots").text, variables)
    data = network.post(together.url, together.body)
    apart = {q: network.ask(q) for q in THREE}
    if list(data.values()) != [value for answer in apart.values() for value in answer.values()]:
        raise RuntimeError("three root fields in one operation do not answer what three operations answer")
    jobs = {"together": together} | {q: Job.of(network, q) for q in THREE}
    seen = alone(meter, jobs)
    return seen["together"].p50 / sum(seen[q].p50 for q in THREE)


def deep_page(meter: Meter, network: Server) -> float:
    """Time of the page behind the ten-thousandth record, as a multiple of the first page's."""
    text = questions.document("page").text
    cursor, read = None, 0
    while read < DEPTH:
        job = request(network, text, {"first": STRIDE, "after": cursor})
        [page] = network.post(job.url, job.body).values()
        read += len(page["nodes"])
        if not page["pageInfo"]["hasNextPage"]:
            raise RuntimeError(f"the list ends at {read} records, before {DEPTH}")
        cursor = page["pageInfo"]["endCursor"]
    jobs = {name: request(network, text, {"first": 20, "after": after}) for name, after in (("first", None), ("deep", cursor))}
    seen = alone(meter, jobs)
    return seen["deep"].p50 / seen["first"].p50


def kept_answers(meter: Meter, network: Server, settings: Settings) -> float:
    """Throughput where answers are kept in the process, as a multiple of that where they are not: geometric mean over three questions."""
    ratios = []
    with start_network(settings, cached=True, name="network with kept answers") as keeping:
        for question in KEPT:
            jobs = {server.name: Job.of(server, question) for server in (keeping, network)}
            seen = meter.compare(jobs, MANY)
            ratios.append(seen[keeping.name].rate / seen[network.name].rate)
    return statistics.geometric_mean(ratios)


def request(server: Server, text: str, variables: dict[str, Any]) -> Job:
    return Job(server, f"http://127.0.0.1:{server.port}/graphql", orjson.dumps({"query": text, "variables": variables}))


# What each ratio is, in words, and how it is measured.
STEPS: Final[dict[str, Callable[[Meter, Server, Settings], float]]] = {
    "time of three root fields in one operation, against three operations": lambda meter, network, _: one_operation(meter, network),
    f"time of a page at depth {DEPTH:,}, against the first page": lambda meter, network, _: deep_page(meter, network),
    "throughput of answers kept in the process, against fresh ones": kept_answers,
}
