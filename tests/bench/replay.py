"""`make bench-hostile`: requests made to hurt against a server of its own. None may be answered with 5xx or after more than a second,
and the server's memory has to come back to where it was.

`python -m tests.bench.replay --count 10000 --seed 1`; GCIO_BENCH_HOME names a data folder that is filled already.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, perf_counter

import httpx
import psutil

from api.schema import schema
from tests.bench.hostile import Hostile, hostile

READY_SECONDS = 600
SLOW_SECONDS = 1.0
GROWTH = 1.15
"""Memory after the second half of the requests against that after the first: the caches are full by then, and stay as large as they are."""


@dataclass
class Found:
    """What a replay came to."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refusals: list[float] = field(default_factory=list)
    failed: list[tuple[int, Hostile]] = field(default_factory=list)
    slow: list[tuple[float, Hostile]] = field(default_factory=list)
    """Seconds of waiting; with those of the server's own work beside them one sees what the machine's other work had its part in."""
    busy: dict[int, float] = field(default_factory=dict)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def ready(client: httpx.AsyncClient, server: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + READY_SECONDS
    while monotonic() < deadline:
        if server.poll() is not None:
            sys.exit(f"the server ended with {server.returncode}")
        try:
            if (await client.get("/readyz")).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.5)
    sys.exit("the server was not ready in time")


async def replay(client: httpx.AsyncClient, process: psutil.Process, requests: list[Hostile], found: Found) -> None:
    """Send the requests one after the other and note what becomes of them."""
    for request in requests:
        used, begun = process.cpu_times(), perf_counter()
        answer = await client.post("/graphql", content=request.body, headers=dict(request.headers))
        seconds = perf_counter() - begun
        found.statuses[request.kind, answer.status_code] += 1
        found.seconds[request.kind].append(seconds)
        errors = answer.json().get("errors") or []
        for error in errors[:1]:
            found.codes[error["extensions"]["code"]] += 1
            if error["extensions"]["code"] in {"TOO_COMPLEX", "BODY_TOO_LARGE", "MALFORMED_REQUEST", "UNSUPPORTED_MEDIA_TYPE"}:
                found.refusals.append(seconds)
        if answer.status_code >= 500 or any(error["extensions"]["code"] == "INTERNAL" for error in errors):
            found.failed.append((answer.status_code, request))
        if seconds > SLOW_SECONDS:
            found.slow.append((seconds, request))
            now = process.cpu_times()
            found.busy[id(request)] = now.user + now.system - used.user - used.system


async def measure(url: str, server: subprocess.Popen[bytes], count: int, seed: int) -> tuple[Found, list[int]]:
    """What came of the requests, and the server's memory in bytes before, in the middle, at the end."""
    requests = list(hostile(schema._schema, count, seed))
    process = psutil.Process(server.pid)
    found = Found()
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        await ready(client, server)
        memory = [process.memory_info().rss]
        for half in (requests[: count // 2], requests[count // 2 :]):
            await replay(client, process, half, found)
            memory.append(process.memory_info().rss)
    return found, memory


def tell(found: Found, memory: list[int], count: int) -> bool:
    """Print the figures; whether they are as they have to be."""
    print(f"{count} requests, {psutil.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f}; milliseconds")
    print(f"  {'kind':<16}{'median':>8}{'slowest':>9}  statuses")
    for kind, seconds in sorted(found.seconds.items()):
        statuses = ", ".join(f"{n} x {status}" for (k, status), n in sorted(found.statuses.items()) if k == kind)
        print(f"  {kind:<16}{statistics.median(seconds) * 1000:>8.1f}{max(seconds) * 1000:>9.1f}  {statuses}")
    print("  codes: " + ", ".join(f"{code} {n}" for code, n in found.codes.most_common()))
    ordered = sorted(found.refusals)
    print(
        f"  {len(ordered)} refusals: median {statistics.median(ordered) * 1000:.1f}, 99 of 100 within {ordered[len(ordered) * 99 // 100] * 1000:.1f}"
    )
    print("  memory of the server in MB: " + " → ".join(f"{size / 2**20:.0f}" for size in memory))
    for what, listed in (("failed", found.failed), ("slow", sorted(found.slow, key=lambda pair: -pair[0]))):
        print(f"  {what}: {len(listed)}")
        for figure, request in listed[:10]:
            work = f" ({found.busy[id(request)]:.2f} of them the server's own)" if id(request) in found.busy else ""
            print(f"    {figure:.3g}{work} {request.kind}: {request.body[:300]!r}")
    return not found.failed and not found.slow and memory[-1] <= memory[1] * GROWTH


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-hostile", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="how many requests")
    parser.add_argument("--seed", type=int, default=1, help="which requests: the same seed makes the same")
    parser.add_argument("--save", type=Path, help="write the slow and failed requests to this file, one JSON object a line")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gcio-hostile-") as folder:
        port = free_port()
        environment = os.environ | {"GCIO_HOME": os.environ.get("GCIO_BENCH_HOME", folder), "GCIO_PORT": str(port)}
        command = [sys.executable, "-c", "from api.cli import main; main()", "up"]
        server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            found, memory = asyncio.run(measure(f"http://127.0.0.1:{port}", server, options.count, options.seed))
        finally:
            server.terminate()
            server.wait(60)
    if options.save:
        worst = [{"seconds": s, "kind": r.kind, "body": r.body.decode(errors="replace")} for s, r in found.slow]
        worst += [{"status": s, "kind": r.kind, "body": r.body.decode(errors="replace")} for s, r in found.failed]
        options.save.write_text("".join(json.dumps(entry) + "\n" for entry in worst), encoding="utf-8")
    if not tell(found, memory, options.count):
        sys.exit(1)


if __name__ == "__main__":
    main()
