"""`gcio ingest schedule`: a cron line and a systemd timer for each source, that run outside of this shell."""

from __future__ import annotations

import shlex
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli_ingest import app
from graph.settings import settings
from ingest.connectors import CONNECTORS

PLACE = "https://example.org/a%20b.xml"
FIELDS = {"daily": "15 3 * * *", "weekly": "15 3 * * 1", "monthly": "15 3 1 * *", "yearly": "15 3 1 10 *"}


@pytest.fixture(scope="module")
def printed() -> dict[str, str]:
    """What is printed, by the file that it is for."""
    done = CliRunner().invoke(app, ["schedule", PLACE])
    assert done.exit_code == 0, done.output
    parts = done.output.split("# ")[1:]
    return {name: text for name, _, text in (part.partition("\n") for part in parts)}


def test_cron_reads_each_source_as_often_as_it_changes(printed: dict[str, str]) -> None:
    lines = printed["crontab"].strip().splitlines()
    # Cron takes a bare % for the end of the command.
    words = [shlex.split(line.replace(r"\%", "%"))[5:] for line in lines]
    gcio = str(Path(sys.executable).with_name("gcio"))

    assert [" ".join(line.split()[:5]) for line in lines] == [FIELDS[c.refresh] for c in CONNECTORS.values()]
    assert [w[:6] for w in words] == [["env", f"GCIO_HOME={settings().home}", gcio, "ingest", name, PLACE] for name in CONNECTORS]
    assert all("%" not in line.replace(r"\%", "") for line in lines)


def test_systemd_has_one_service_and_a_timer_for_each_source(printed: dict[str, str]) -> None:
    units = {name: ConfigParser(interpolation=None, strict=True) for name in printed if name != "crontab"}
    for name, unit in units.items():
        unit.read_string(printed[name])
    service = units.pop("/etc/systemd/system/gcio-ingest@.service")

    assert service["Service"]["ExecStart"].endswith(' ingest %i "https://example.org/a%%20b.xml" --json')
    assert set(units) == {f"/etc/systemd/system/gcio-ingest@{name}.timer" for name in CONNECTORS}
    assert {unit["Install"]["WantedBy"] for unit in units.values()} == {"timers.target"}
    assert all(unit["Timer"]["OnCalendar"] for unit in units.values())
