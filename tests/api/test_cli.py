"""`gcio` as scripts use it: data on standard output, words on standard error, exit codes that tell whose turn it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api.schema import sdl
from api.state import Network
from graph.settings import Settings

GCIO = Path(sys.executable).with_name("gcio")
NEED = "We want to connect the databases of all ministries so that citizens give their data only once"

pytestmark = pytest.mark.live


class Gcio:
    """Runs commands on the session's database, as a process of its own."""

    def __init__(self, settings: Settings) -> None:
        self.environment = os.environ | {"GCIO_HOME": str(settings.home), "GCIO_MODEL_OFFLINE": "true", "COLUMNS": "200"}

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([GCIO, *words], env=self.environment, capture_output=True, text=True, timeout=300, check=False)

    def data(self, *words: str) -> Any:
        done = self(*words, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)


@pytest.fixture
def gcio(network: Network, settings: Settings) -> Gcio:
    return Gcio(settings)


def test_match_is_told_as_data_and_as_a_table(gcio: Gcio) -> None:
    found = gcio.data("match", "--country", "KHM", "--first", "3", "--kind", "country", NEED)
    shown = gcio("match", "--country", "KHM", "--first", "3", "--kind", "country", NEED)

    assert [(partner["rank"], partner["partner"]["__typename"]) for partner in found["partners"]["nodes"]] == [
        (1, "Country"),
        (2, "Country"),
        (3, "Country"),
    ]
    assert shown.returncode == 0
    assert "score of" in shown.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("match", "--country", "KHN", NEED), "UNKNOWN_COUNTRY"),
        (("match", "--country", "[/]", NEED), "UNKNOWN_COUNTRY"),
        (("match", "--country", "KHM", "  "), "TEXT_EMPTY"),
        (("match", "--country", "KHM", "--as-of", "2999-01-01", NEED), "DATE_IN_FUTURE"),
        (("match", "--country", "KHM", "--kind", "ministry", NEED), "BAD_INPUT"),
        (("match", "--country", "KHM", "--topic", "topic:nothing", NEED), "UNKNOWN_TOPIC"),
    ],
)
def test_bad_input_has_a_code_and_the_exit_code_of_input(gcio: Gcio, words: tuple[str, ...], code: str) -> None:
    done = gcio(*words, "--json")

    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == code
    assert "Traceback" not in done.stderr


def test_mistake_is_told_in_words_with_the_nearest_name(gcio: Gcio) -> None:
    done = gcio("match", "--country", "Camboda", NEED)

    assert done.returncode == 2
    assert done.stdout == ""
    assert "UNKNOWN_COUNTRY" in done.stderr
    assert "KHM" in done.stderr


def test_brackets_in_what_is_typed_are_no_markup(gcio: Gcio) -> None:
    shown = gcio("match", "--country", "KHM", "--first", "1", f"{NEED} [/red] [bold]")
    refused = gcio("match", "--country", "[/]", NEED)

    assert shown.returncode == 0
    assert f"{NEED} [/red] [bold]" in shown.stdout
    assert refused.returncode == 2
    assert "“[/]” is not the code of a country" in refused.stderr


def test_rankings_of_pairs_are_written_a_line_each(gcio: Gcio, tmp_path: Path) -> None:
    pairs, rankings = tmp_path / "pairs.csv", tmp_path / "rankings.jsonl"
    pairs.write_text(f"pair_id,recipient_iso3,need,year\nA1,KHM,{NEED},2018\nA2,XXX,{NEED},2018\n", encoding="utf-8")

    done = gcio("evaluate", "--pairs", str(pairs), "--out", str(rankings))

    assert done.returncode == 0
    first, second = [json.loads(text) for text in rankings.read_text(encoding="utf-8").splitlines()]
    assert first["pair_id"] == "A1"
    assert "KHM" not in first["countries"]
    assert len(first["countries"]) > 5
    assert second == {"pair_id": "A2", "countries": [], "organisations": []}
    assert "Left out A2: “XXX” is not the code of a country." in done.stderr


def test_database_in_order_needs_nothing(gcio: Gcio) -> None:
    embedded = gcio.data("embed")

    assert (embedded["documents"] > 1000, embedded["switched"]) == (True, False)
    assert gcio.data("migrate") == {"applied": [], "created": [], "dropped": []}


@pytest.mark.parametrize("command", [("schema",), ("template", "needs"), ("evaluate", "--pairs", __file__), ("documents", "build")])
def test_a_file_that_cannot_be_written_is_told_before_the_work(tmp_path: Path, command: tuple[str, ...]) -> None:
    for place, why in ((tmp_path, "it is a folder"), (tmp_path / "none" / "x", f"there is no folder {tmp_path / 'none'}")):
        done = subprocess.run([GCIO, *command, "--out", str(place)], capture_output=True, text=True, timeout=60, check=False)

        assert (done.returncode, done.stdout) == (2, "")
        assert f"{place} cannot be written: {why}." in done.stderr
        assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_does_not_answer_is_told_once(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("secret")
    password.chmod(0o600)
    environment = {"GCIO_HOME": str(tmp_path), "GCIO_NEO4J_URI": "bolt://127.0.0.1:1", "GCIO_NEO4J_PASSWORD_FILE": str(password)}

    done = subprocess.run(
        [GCIO, "ingest", "rejected"], env=os.environ | environment, capture_output=True, text=True, timeout=120, check=False
    )

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines()[0] == "Error The database does not answer.  DATABASE_UNAVAILABLE"
    assert len(done.stderr.splitlines()) == 2


def test_schema_is_printed_as_it_is(gcio: Gcio) -> None:
    assert gcio("schema").stdout == sdl()


def test_unknown_command_is_the_callers_mistake(gcio: Gcio) -> None:
    done = gcio("mtach")

    assert done.returncode == 2
    assert done.stdout == ""
    assert "match" in done.stderr
