"""A closed loop of clients that POST one body over and over: `wrk` where the machine has it, else a small client of our own.

`python -m tests.bench.load URL BODY CLIENTS SECONDS` is that client, in a process of its own; it prints what it saw as JSON.
"""

from __future__ import annotations

import asyncio
import json
import math
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Final, cast
from urllib.parse import urlsplit

import httptools
import uvloop

ROOT: Final = Path(__file__).resolve().parents[2]
SCRIPT: Final = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of clients saw: times in milliseconds, `failed` answers that were not 200, `busy` the client's share of one core."""

    requests: int
    seconds: float
    p50: float
    p99: float
    failed: int
    busy: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def apply_load(url: str, body: bytes, clients: int, seconds: float, wrk: str | None = shutil.which("wrk")) -> Load:
    """Run the clients to their end. Raises `RuntimeError` where they could not run or an answer was refused."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(body)
        file.flush()
        arguments = [url, file.name, str(clients), str(seconds)]
        command = wrk_command(wrk, *arguments) if wrk else [sys.executable, "-m", "tests.bench.load", *arguments]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ran.returncode:
        raise RuntimeError(f"the clients of {url} failed: {ran.stderr.strip()[-500:]}")
    seen = json.loads(ran.stdout.splitlines()[-1])
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    load = Load(**({"busy": spent / seen["seconds"]} | seen))
    if load.failed:
        raise RuntimeError(f"{load.failed} of {load.requests} answers of {url} were not 200")
    return load


def wrk_command(wrk: str, url: str, body: str, clients: str, seconds: str) -> list[str]:
    return [wrk, "-t1", f"-c{clients}", f"-d{math.ceil(float(seconds))}s", "--timeout", "30s", "-s", str(SCRIPT), url, "--", body]


class Client(asyncio.Protocol):
    """One connection: a request, its answer, the next request, until `deadline`. Does what httptools tells it about the answer."""

    def __init__(self, request: bytes, times: list[float], done: asyncio.Future[int]) -> None:
        self.request = request
        self.times = times
        self.done = done
        self.failed = 0
        self.deadline = math.inf

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.parser = httptools.HttpResponseParser(self)

    def begin(self, deadline: float) -> None:
        self.deadline = deadline
        self.send()

    def send(self) -> None:
        self.sent = perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        now = perf_counter()
        self.times.append(now - self.sent)
        self.failed += self.parser.get_status_code() != 200
        if now < self.deadline:
            self.send()
        else:
            self.transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            # Who was cut off before the deadline counts as failed.
            self.done.set_result(self.failed + (perf_counter() < self.deadline))


async def run_clients(url: str, body: bytes, clients: int, seconds: float) -> Load:
    """Connect all clients, then let them ask for `seconds`. The last answers may come a little later."""
    parts = urlsplit(url)
    head = f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    loop = asyncio.get_running_loop()
    times: list[float] = []
    ends = [loop.create_future() for _ in range(clients)]
    everybody = [
        (await loop.create_connection(lambda end=end: Client(head.encode() + body, times, end), parts.hostname, parts.port))[1]
        for end in ends
    ]
    begun, spent = perf_counter(), process_time()
    for client in everybody:
        client.begin(begun + seconds)
    failed = sum(await asyncio.gather(*ends))
    took, spent = perf_counter() - begun, process_time() - spent
    times.sort()
    at = {share: times[min(len(times) - 1, int(len(times) * share))] * 1000 if times else math.nan for share in (0.5, 0.99)}
    return Load(len(times), took, at[0.5], at[0.99], failed, spent / took)


def main() -> None:
    url, body, clients, seconds = sys.argv[1:]
    seen = uvloop.run(run_clients(url, Path(body).read_bytes(), int(clients), float(seconds)))
    print(json.dumps(asdict(seen)))


if __name__ == "__main__":
    main()
