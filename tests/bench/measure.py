"""Rounds of clients, interleaved over what is compared, with the processor time that server and Neo4j spent on a request.

Must not know which servers or questions there are.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Final, Self

from tests.bench.load import apply_load
from tests.bench.servers import Server, cpu_of

MANY: Final = 16
# A run counts as faster when it takes a thirtieth less processor time than the best before it.
FASTER: Final = 0.97
WARMUPS: Final = 40
# How many runs the best has to stand: Java compiles what it runs in the background, and later on a busy machine.
STANDING: Final = 5
LONGEST: Final = 20.0
# A round with many clients lasts at least until each has had so many answers.
ENOUGH: Final = 10


@dataclass(frozen=True, slots=True)
class Round:
    """One run of clients: answers a second, milliseconds an answer, milliseconds of processor time a request, clients' share of a core."""

    rate: float
    p50: float
    p99: float
    server_cpu: float
    database_cpu: float
    busy: float

    @classmethod
    def median(cls, rounds: list[Self]) -> Self:
        """Each figure's own median."""
        return cls(**{f.name: statistics.median(getattr(r, f.name) for r in rounds) for f in fields(cls)})

    def as_dict(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Job:
    """One request, asked over and over."""

    server: Server
    url: str
    body: bytes

    @classmethod
    def of(cls, server: Server, question: str) -> Self:
        return cls(server, server.url(question), server.body(question))


@dataclass(frozen=True, slots=True)
class Meter:
    """How long is measured. `database` is the process id of Neo4j."""

    database: int
    rounds: int
    seconds: float

    def run(self, job: Job, clients: int, seconds: float) -> Round:
        server, database = job.server.cpu(), cpu_of(self.database)
        load = apply_load(job.url, job.body, clients, seconds)
        spent = job.server.cpu() - server, cpu_of(self.database) - database
        return Round(load.rate, load.p50, load.p99, *(1000 * s / max(load.requests, 1) for s in spent), load.busy)

    def warm(self, job: Job) -> float:
        """Ask until the processor time of a request has stopped falling: the best so far stands for `STANDING` runs.

        Returns how long a round with many clients has to be, so that requests cut off at its end weigh little.
        """
        best, standing, seconds = float("inf"), 0, min(1.0, self.seconds)
        for _ in range(WARMUPS):
            seen = self.run(job, MANY, seconds)
            if seen.rate * seconds < 2 * MANY:
                seconds = min(2 * seconds, LONGEST)
                continue
            cost = seen.server_cpu + seen.database_cpu
            standing = 0 if cost < best * FASTER else standing + 1
            best = min(best, cost)
            if standing == STANDING:
                return max(self.seconds, ENOUGH * MANY / seen.rate)
        raise RuntimeError(f"{job.server.name} does not settle at {job.url} within {WARMUPS} runs: {job.body[:200]!r}")

    def compare(self, jobs: Mapping[str, Job], clients: int) -> dict[str, Round]:
        """Medians by job after warming up, its rounds interleaved with those of the others: A B C … A B C."""
        lengths = {name: self.warm(job) if clients == MANY else self.seconds for name, job in jobs.items()}
        rounds: dict[str, list[Round]] = {name: [] for name in jobs}
        for _ in range(self.rounds):
            for name, job in jobs.items():
                rounds[name].append(self.run(job, clients, lengths[name]))
        return {name: Round.median(seen) for name, seen in rounds.items()}
