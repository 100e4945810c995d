"""`kill -9` of the application and of its Neo4j at random moments of `gcio up`, ten times: the next start mends everything."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

GCIO = Path(sys.executable).with_name("gcio")
ROUNDS = 10
LONGEST = 14.0
SEED = 20121018


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"GCIO_HOME": str(home), "GCIO_MODEL_OFFLINE": "true"}


def start(home: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as stream:
        return subprocess.Popen([GCIO, "up", "--port", "0"], env=environment(home), stdout=stream, stderr=stream, start_new_session=True)


def servers(home: Path) -> list[psutil.Process]:
    """Processes of the embedded Neo4j of this data folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if any(part.startswith("--home-dir=") and str(home) in part for part in line):
            found.append(process)
    return found


def address(log: Path) -> str | None:
    for line in reversed(log.read_text(encoding="utf-8").splitlines()):
        if line.strip().startswith("Open"):
            return line.split()[1].rstrip("/")
    return None


def ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.mark.slow
def test_ten_crashes_leave_nothing_behind(tmp_path: Path) -> None:
    # given ten starts, each cut off at a random moment, application and database in random order
    chance = random.Random(SEED)
    home = tmp_path / "home"
    for number in range(ROUNDS):
        application = start(home, tmp_path / f"round-{number}.log")
        time.sleep(chance.uniform(0.5, LONGEST))
        victims = [application.pid, *(process.pid for process in servers(home))]
        chance.shuffle(victims)
        for pid in victims[: chance.randint(1, len(victims))]:
            os.kill(pid, signal.SIGKILL)
        if application.poll() is None and application.pid in victims:
            application.kill()
        application.wait(30)

    # when it is started once more
    log = tmp_path / "last.log"
    application = start(home, log)
    try:
        deadline = time.monotonic() + 600
        while not ((url := address(log)) and ready(url)):
            assert application.poll() is None, f"seed {SEED}: gcio up ended by itself\n{log.read_text()}"
            assert time.monotonic() < deadline, f"seed {SEED}: not ready\n{log.read_text()}"
            time.sleep(0.5)

        # then there is one database, the model is kept, and every record is there once
        assert len(servers(home)) == 1
        checked = subprocess.run([GCIO, "check", "--json"], env=environment(home), capture_output=True, text=True, timeout=300, check=False)
        assert (checked.returncode, json.loads(checked.stdout)) == (0, [])
        loaded = subprocess.run([GCIO, "load", "--json"], env=environment(home), capture_output=True, text=True, timeout=300, check=False)
        report = json.loads(loaded.stdout)
        assert (report["new"], report["changed"], report["rejected"]) == (0, 0, [])
        assert report["unchanged"] == report["read"]
    finally:
        application.send_signal(signal.SIGINT)
        try:
            application.wait(60)
        finally:
            if application.poll() is None:
                application.kill()

    # and stopping it stops the database
    assert servers(home) == []
