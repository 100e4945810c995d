"""The figures as people read them: tables in Markdown, ratios, the machine; written into `docs/performance.md` between its markers."""

from __future__ import annotations

import os
import platform
import re
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import psutil

from tests.bench.measure import MANY, Round

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN: Final = "<!-- figures of make bench-peer -->"
END: Final = "<!-- end of figures -->"
NETWORK, PEER, FLOOR = "network", "peer", "floor"


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it was measured, and how many cores other processes took meanwhile."""

    processor: str
    cores: int
    memory: int
    system: str
    versions: Mapping[str, str]
    day: date
    others: float

    @classmethod
    def this(cls, versions: Mapping[str, str], others: float) -> Machine:
        memory = round(psutil.virtual_memory().total / 2**30)
        versions = {"Python": platform.python_version()} | dict(versions)
        return cls(processor(), os.cpu_count() or 1, memory, platform.system(), versions, datetime.now(UTC).date(), others)

    def sentence(self) -> str:
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return (
            f"Measured on {self.day.isoformat()}: {self.cores} cores of {self.processor}, {self.memory} GiB, {self.system}; {versions}. "
            f"Other processes used {self.others:.1f} cores meanwhile."
        )


def processor() -> str:
    path = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE) if path.exists() else None
    return found[1].strip() if found else platform.processor() or platform.machine()


@dataclass(frozen=True, slots=True)
class Figures:
    """All that one run measured. `many` and `one` are by question and server, at 16 clients and at one; `steps` are ratios."""

    titles: Mapping[str, str]
    many: Mapping[str, Mapping[str, Round]]
    one: Mapping[str, Mapping[str, Round]]
    steps: Mapping[str, float]
    graph: Mapping[str, int]
    machine: Machine

    @property
    def servers(self) -> tuple[str, ...]:
        return tuple(next(iter(self.many.values())))

    def ratio(self, figure: str, over: str, question: str) -> float:
        """A figure of the network at 16 clients over that of another server."""
        seen = self.many[question]
        return float(getattr(seen[NETWORK], figure) / getattr(seen[over], figure))

    def mean(self, figure: str, over: str) -> float | None:
        """Geometric mean of a figure's ratio over the questions; None where either server was left out."""
        if not {NETWORK, over} <= set(self.servers):
            return None
        return statistics.geometric_mean(self.ratio(figure, over, q) for q in self.many)

    @property
    def against_peer(self) -> float | None:
        return self.mean("rate", PEER)

    def means(self) -> dict[str, float]:
        found = {
            "throughput against the peer": self.against_peer,
            "throughput against the floor": self.mean("rate", FLOOR),
            "server's processor time against the floor": self.mean("server_cpu", FLOOR),
        }
        return {what: value for what, value in found.items() if value is not None}

    def busiest(self) -> float:
        """Largest share of a core that the clients took: near 1 they, not a server, set the pace."""
        return max(r.busy for by_server in self.many.values() for r in by_server.values())

    def markdown(self) -> str:
        parts = [self.machine.sentence(), self.graph_sentence(), self.speeds(), self.costs(), self.ratios()]
        return "\n\n".join(parts) + "\n"

    def graph_sentence(self) -> str:
        return "The graph: " + ", ".join(f"{count:,} {name}" for name, count in self.graph.items()) + "."

    def speeds(self) -> str:
        compared = [s for s in self.servers if s != NETWORK and NETWORK in self.servers]
        head = ["Question", *(f"{s}, answers/s" for s in self.servers), *(f"network ÷ {s}" for s in compared)]
        head += [f"{s}, p50 ms" for s in self.servers]
        rows = [
            [
                f"{q.upper()} {self.titles[q]}",
                *(f"{self.many[q][s].rate:,.0f}" for s in self.servers),
                *(f"{self.ratio('rate', s, q):.2f}" for s in compared),
                *(f"{self.one[q][s].p50:.1f}" for s in self.servers),
            ]
            for q in self.many
        ]
        note = f"Answers a second with {MANY} clients, and the median time of an answer with one client:"
        return note + "\n\n" + table(head, rows)

    def costs(self) -> str:
        head = ["Question", *(f"{s} + Neo4j, ms" for s in self.servers), *(f"{s}, p99 ms" for s in self.servers)]
        rows = [
            [
                q.upper(),
                *(f"{self.many[q][s].server_cpu:.2f} + {self.many[q][s].database_cpu:.2f}" for s in self.servers),
                *(f"{self.many[q][s].p99:,.0f}" for s in self.servers),
            ]
            for q in self.many
        ]
        return (
            f"Processor time of a request in the server and in Neo4j, and the slowest hundredth of answers, with {MANY} clients:\n\n"
            + table(head, rows)
        )

    def ratios(self) -> str:
        rows = [[f"Geometric mean of {what}", f"{value:.2f}"] for what, value in self.means().items()]
        rows += [[what[0].upper() + what[1:], f"{value:.2f}"] for what, value in self.steps.items()]
        rows.append(["Largest share of a core that the clients took", f"{self.busiest():.2f}"])
        return table(["Ratio", "Value"], rows)

    def as_dict(self) -> dict[str, Any]:
        def plain(seen: Mapping[str, Mapping[str, Round]]) -> dict[str, Any]:
            return {q: {s: r.as_dict() for s, r in by_server.items()} for q, by_server in seen.items()}

        return {
            "machine": self.machine.sentence(),
            "graph": dict(self.graph),
            "clients_16": plain(self.many),
            "clients_1": plain(self.one),
            "geometric_means": self.means(),
            "steps": dict(self.steps),
        }


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, first column to the left, the others to the right."""
    rule = ["---"] + ["--:"] * (len(head) - 1)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def write_page(figures: str, page: Path = PAGE, *, begin: str = BEGIN) -> None:
    """Put the figures between the page's markers. Raises `ValueError` where they are not there."""
    text = page.read_text(encoding="utf-8")
    before, found, rest = text.partition(begin)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise ValueError(f"{page} has no place for figures: {begin} … {END}")
    page.write_text(f"{before}{begin}\n\n{figures}\n{END}{after}", encoding="utf-8")
