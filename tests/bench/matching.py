"""`python -m tests.bench.matching`: one match beside one vector search alone, in one run, as the number of documents grows.

Documents are generated: each is a copy of a real one, its vector moved at random, its text made of words of two real ones, its parties those
of real ones. A match is to take at most 3 times one vector search of the same text, and from 10,000 to 100,000 documents at most 1.5
times as long. Read the ratios, since machines differ and are shared.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from api.state import Network
from api.up import prepare
from graph.database import Query
from graph.embedding import text_hash
from graph.matching import PARAMETERS, Request, match
from graph.model import MODEL
from graph.settings import Settings
from graph.vectors import Space, document_text, space_in_use
from tests.bench.__main__ import median, need

BATCH = 500
SEED = 20240615


async def grow(network: Network, space: Space, documents: int) -> None:
    """Add generated projects, practices, partnerships and offers until the graph has so many documents that are evidence."""
    [(present,)] = await network.database.read(Query("MATCH (d:Document {evidence: true})\nRETURN count(d)"), timeout=120)
    rows = await network.database.read(
        Query(
            "MATCH (d:Project|Practice|Partnership|Offer)\nWHERE d.evidence AND d.visibility = 'PUBLIC' AND NOT d.id CONTAINS ':generated-'\n"
            f"RETURN d.documentType, d.title, d.summary, d.date, d.{space.stored_in},\n"
            "  [(d)-[r:IN|FROM|BETWEEN|BY]->(p) | [type(r), p.id, r.role]] + [(d)<-[r:FUNDS|IMPLEMENTS|SUPPORTS]-(p) | [type(r), p.id, null]]\n"
            "ORDER BY d.id"
        ),
        timeout=120,
    )
    random = np.random.default_rng(SEED)
    for start in range(present, documents, BATCH):
        batch = list(_generated(rows, random, range(start, min(start + BATCH, documents))))
        await network.database.write(lambda transaction, batch=batch: transaction.run(_stored(space, batch)))  # type: ignore[misc]  # bound now, run now
    await network.database.read(Query("CALL db.awaitIndexes(3600)"), timeout=3600)


def _generated(rows: list[tuple[Any, ...]], random: np.random.Generator, numbers: range) -> Iterator[dict[str, Any]]:
    for number in numbers:
        label, title, _, day, vector, parties = rows[int(random.integers(len(rows)))]
        other = rows[int(random.integers(len(rows)))]
        moved = np.asarray(vector) + random.normal(0, 0.3 * float(np.std(vector)), len(vector))
        words = f"{title} {other[2]}".split()
        random.shuffle(words)
        yield {
            "label": label,
            "id": f"{label.lower()}:generated-{number}",
            "title": f"{title} {number}",
            "summary": " ".join(words[:60]),
            "date": day,
            "vector": [float(x) for x in moved],
            "hash": text_hash(document_text(MODEL[label], {"title": f"{title} {number}", "summary": " ".join(words[:60])})),
            "parties": parties,
        }


def _stored(space: Space, rows: list[dict[str, Any]]) -> Query:
    outgoing = "".join(
        f"CALL (d, row) {{\n  UNWIND [p IN row.parties WHERE p[0] = '{kind}'] AS p\n  MATCH (x:Organization|Country {{id: p[1]}})\n"
        f"  CREATE {'(d)<-' if kind in {'FUNDS', 'IMPLEMENTS', 'SUPPORTS'} else '(d)-'}[:{kind} {{role: p[2]}}]"
        f"{'-(x)' if kind in {'FUNDS', 'IMPLEMENTS', 'SUPPORTS'} else '->(x)'}\n}}\n"
        for kind in ("IN", "FROM", "BETWEEN", "BY", "FUNDS", "IMPLEMENTS", "SUPPORTS")
    ).replace("{role: p[2]}", "{role: coalesce(p[2], '')}")
    return Query(
        "UNWIND $rows AS row\n"
        "CREATE (d:Document {id: row.id, title: row.title, summary: row.summary, date: row.date, lang: 'en',\n"
        f"  documentType: row.label, evidence: true, visibility: 'PUBLIC', {space.stored_in}: row.vector, {space.stored_in}_hash: row.hash}})\n"
        "SET d:$(row.label)\n" + outgoing,
        {"rows": rows},
    )


def one_search(space: Space, vector: list[float]) -> Query:
    """The vector search that a match is measured against: as many documents, the same filters, nothing else."""
    return Query(
        "MATCH (d:Document)\n"
        f"SEARCH d IN (VECTOR INDEX {space.index} FOR $vector WHERE d.evidence = true AND d.visibility IN $visible LIMIT $limit) SCORE AS score\n"
        "RETURN collect(d.id)",
        {"vector": vector, "visible": ["PUBLIC"], "limit": PARAMETERS.candidates},
    )


async def side_by_side(steps: Mapping[str, Callable[[int], Awaitable[object]]], rounds: int, offset: int) -> dict[str, float]:
    """Median milliseconds of each step, one after the other in every round: what else the machine does falls on all alike."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(rounds):
        for place, (name, work) in enumerate(steps.items()):
            taken[name].append(await median(work, 1, offset + 100_000_000 * place + number))
    return {name: statistics.median(times) for name, times in taken.items()}


async def measure(settings: Settings, sizes: list[int], rounds: int) -> dict[int, dict[str, float]]:
    network = await Network.open(settings)
    try:
        await prepare(network)
        await network.embedding.ready()
        space = await space_in_use(network.database)
        out = {}
        for place, size in enumerate(sorted(sizes)):
            await grow(network, space, size)

            async def search(number: int) -> object:
                return await network.database.read(
                    one_search(space, space.asked(await network.embedding.query(need(number)), need(number)))
                )

            async def whole(number: int) -> object:
                return await match(network.database, network.embedding, Request(need(number), "KHM", "en"), packaged=10)

            steps = {"vector search": search, "match": whole}
            for warm, work in enumerate(steps.values()):
                await median(work, max(20, rounds // 2), 1_000_000 * (10 * place + warm + 1))
            out[size] = await side_by_side(steps, rounds, 100_000_000 * (10 * place + 1))
        return out
    finally:
        await network.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.matching", description=__doc__)
    parser.add_argument("--documents", type=int, nargs="+", default=[10_000, 100_000], help="numbers of documents to measure at")
    parser.add_argument("--rounds", type=int, default=60, help="measurements of each step")
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gcio-bench-") as folder:
        home = Path(os.environ.get("GCIO_BENCH_HOME", folder))
        figures = asyncio.run(measure(Settings(home=home, port=0, neo4j_heap="2g"), options.documents, options.rounds))
    if options.json:
        json.dump({"cores": psutil.cpu_count(), "load": psutil.getloadavg()[0], "milliseconds": figures}, sys.stdout, indent=1)
        return
    print(f"{psutil.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f}, {options.rounds} rounds; median milliseconds")
    for size, steps in figures.items():
        print(
            f"  {size:>9,} documents: {steps['vector search']:8.1f} one vector search {steps['match']:8.1f} match {steps['match'] / steps['vector search']:6.2f} times"
        )
    if len(figures) > 1:
        least, most = min(figures), max(figures)
        print(f"  match at {most:,} documents against {least:,}: {figures[most]['match'] / figures[least]['match']:.2f} times")


if __name__ == "__main__":
    main()
