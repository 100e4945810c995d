"""`gcio ingest all`: a folder of several sources, one that fails among them, and the public data as a whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.settings import Settings
from ingest.report import Counts
from tests.live.test_crash import GCIO, environment

HOLIDAY = "Country;Name\nKenya;A name\n"
ADB = (
    "Project Number,Project Name,Country,Financing,Project Type or Modality,Status,Approval Number,Approval Date,ADB Financing (US$),"
    "Geographical Location,Sector,Subsector,Executing Agency,iso3\n"
)
CHINA = (
    "project_id,recommended_for_research,year,title,description,recipient_condensed,all_recipients,status,flow,end_actual,"
    "usd_current,amount,currency,funding_agency,implementing_agency,recipient_agencies\n"
)


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([GCIO, "ingest", "all", *words], env=environment(home), capture_output=True, text=True, timeout=3600, check=False)


def balanced(file: dict[str, Any]) -> bool:
    return Counts(
        **{name: file[name] for name in ("read", "new", "changed", "unchanged", "out_of_scope", "withdrawn", "rejected")}
    ).balanced


@pytest.fixture
def home(settings: Settings) -> Path:
    return settings.home


@pytest.mark.live
@pytest.mark.usefixtures("network")
def test_a_folder_without_a_known_source_is_told(home: Path, tmp_path: Path) -> None:
    (tmp_path / "holiday.csv").write_text(HOLIDAY)
    done = run(home, str(tmp_path), "--json")
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"], "adb" in error["allowed"]) == (2, "BAD_INPUT", True)
    assert "None of the 1 files" in error["message"]
    assert "Traceback" not in done.stderr


@pytest.mark.live
@pytest.mark.usefixtures("network")
def test_a_source_that_fails_keeps_no_other_out_and_has_its_line(home: Path, tmp_path: Path) -> None:
    # given a list of which every row is bad, and one of which the only row is about roads
    (tmp_path / "adb_2026-03-31.csv").write_text(ADB + "12345-001,Digital identity,Nepal,Sovereign,Loan,Nonsense,,,,,Transport,,,\n")
    (tmp_path / "china.csv").write_text(CHINA + "999999901,TRUE,2010,Rural roads,,Kenya,,Completion,,,,,,,,\n")
    # when the folder is read, as by cron
    done = run(home, str(tmp_path), "--json")
    # then each has one line, there are no bars, and the exit code tells that something has to be done
    adb, china = [json.loads(line) for line in done.stdout.splitlines()]
    assert (adb["source"], adb["error"]["code"]) == ("adb", "INGEST_TOO_MANY_REJECTED")
    assert (china["source"], china["read"], china["out_of_scope"], china["new"]) == ("china", 1, 1, 0)
    assert done.returncode == 2
    assert "INGEST_TOO_MANY_REJECTED" in done.stderr
    assert "Reading" not in done.stderr


@pytest.fixture
def own_home(tmp_path: Path) -> Iterator[Path]:
    """A data folder with a server that stays between commands."""
    words = [sys.executable, "-c", "from api.cli import main; main()", "db"]
    home = tmp_path / "home"
    subprocess.run([*words, "start"], env=environment(home), check=True, timeout=300, capture_output=True)
    yield home
    subprocess.run([*words, "stop", "--force"], env=environment(home), check=True, timeout=300, capture_output=True)


@pytest.mark.slow
@pytest.mark.skipif(
    not os.environ.get("GCIO_TEST_PUBLIC_DATA"), reason="reads all public data, which takes minutes: set GCIO_TEST_PUBLIC_DATA=1"
)
def test_the_public_data_comes_in_whole_and_a_second_run_writes_nothing(own_home: Path, shared: Path) -> None:
    first = run(own_home, str(shared / "data"), "--json")
    second = run(own_home, str(shared / "data"), "--json")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    before, after = ([json.loads(line) for line in done.stdout.splitlines()] for done in (first, second))
    # No row unaccounted for, in any file; no file broken or stopped.
    assert [f["file"] for run_ in (*before, *after) for f in run_["files"] if not balanced(f)] == []
    assert [f["file"] for run_ in before for f in run_["files"] if f.get("note")] == []
    assert {run_["source"]: len(run_["files"]) for run_ in before}["iati"] == len(list((shared / "data/iati").rglob("*.xml"))) - len(
        list((shared / "data/iati/codelists").rglob("*.xml"))
    )
    for old, new in zip(before, after, strict=True):
        assert (new["new"], new["changed"], new["withdrawn"], new["read"]) == (0, 0, 0, old["read"])
        assert {f["note"] for f in new["files"]} == {"read before, has not changed"}
