"""`gcio ingest` and the decisions it leaves to a person: what they print, and how they end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from typer.testing import CliRunner, Result

from api import cli_ingest, terminal
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.settings import Settings
from tests.graph.test_merge import A, B, C, given_three

pytestmark = pytest.mark.live
HEADER = (
    "Survey Year,Country Name,E-Government Rank,E-Government Index,E-Participation Index,Online Service Index,Human Capital Index,"
    "Telecommunication Infrastructure Index\n"
)


@pytest_asyncio.fixture
async def kept(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """The session's database for the commands, rid afterwards of what they left there."""
    for module in (cli_ingest, terminal):
        monkeypatch.setattr(module, "settings", lambda: settings)
    yield database
    for text in (
        "MATCH (n)\nWHERE n.id CONTAINS ':test-' AND NOT n:Change\nDETACH DELETE n",
        "MATCH (n)\nWHERE n:Rejection OR n:IngestRun OR n.id STARTS WITH 'state:ingest:egdi:'\nDETACH DELETE n",
    ):
        await database.write(lambda transaction, text=text: transaction.run(Query(text)))


async def gcio(app: Any, *words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, list(words))


def survey(folder: Path, name: str, country: str) -> Path:
    """Rows of countries without figures: nothing of the record is changed; and one whose country may be unknown."""
    path = folder / name
    rows = "".join(f"2003,{known},,0,0,0,0,0\n" for known in ("Kenya", "Nepal", "Peru", "Chile"))
    path.write_text(f"{HEADER}{rows}2003,{country},,0,0,0,0,0\n", encoding="utf-8")
    return path


async def test_retry_takes_what_was_mended_and_tells_which_file_is_gone(kept: Database, tmp_path: Path) -> None:
    # given a row set aside in each of two files, of which one is mended, has a name like an archive's member, and one is gone
    mended, gone = survey(tmp_path, "survey!2003.csv", "Atlantis [/b]"), survey(tmp_path, "gone.csv", "Atlantis")
    for path in (mended, gone):
        assert (await gcio(cli_ingest.app, "egdi", str(path))).exit_code == 0
    table = await gcio(cli_ingest.app, "rejected", "--source", "egdi")
    survey(tmp_path, mended.name, "Ghana")
    gone.unlink()

    retried = await gcio(cli_ingest.app, "retry", "--json")
    waiting = json.loads((await gcio(cli_ingest.app, "rejected", "--source", "egdi", "--json")).stdout)

    assert "Atlantis [/b]" in table.stdout
    assert "2 rows are set aside" in table.stdout
    # Other tests leave rows of other sources aside: these are tried again too.
    told, report = (line for line in map(json.loads, retried.stdout.splitlines()) if line["source"] == "egdi")
    assert (told["source"], told["error"]["code"], str(gone) in told["error"]["message"]) == ("egdi", "BAD_INPUT", True)
    assert (report["source"], report["read"], report["rejected"]) == ("egdi", 5, 0)
    assert retried.exit_code == 2
    assert [(row["file"], row["row"], row["value"]) for row in waiting] == [("gone.csv", 6, "Atlantis")]


async def test_a_broken_archive_keeps_the_other_files_of_the_folder(kept: Database, tmp_path: Path) -> None:
    survey(tmp_path, "survey.csv", "Ghana")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and no more")

    one = await gcio(cli_ingest.app, "egdi", str(tmp_path), "--json")
    every = await gcio(cli_ingest.app, "all", str(tmp_path), "--json")

    [report] = [json.loads(line) for line in one.stdout.splitlines()]
    told, same = [json.loads(line) for line in every.stdout.splitlines()]
    assert (report["source"], report["read"], same["read"]) == ("egdi", 5, 5)
    assert (told["source"], told["error"]["code"]) == (None, "INGEST_BAD_FILE")
    assert (one.exit_code, every.exit_code) == (2, 2)
    assert "broken.zip cannot be unpacked" in one.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("rejected", "--source", "nonsense"), Code.BAD_INPUT),
        (("conflicts", "project:nothing"), Code.NOT_FOUND),
        (("conflicts", "nothing"), Code.NOT_FOUND),
    ],
)
async def test_what_is_not_there_is_no_empty_answer(kept: Database, words: tuple[str, ...], code: Code) -> None:
    failed = await gcio(cli_ingest.app, *words)

    assert isinstance(failed.exception, NetworkError)
    assert failed.exception.code is code


async def test_candidates_are_shown_and_decided(kept: Database) -> None:
    from api.cli import app

    await given_three(kept)
    table = await gcio(app, "candidates")
    listed = json.loads((await gcio(app, "candidates", "--json")).stdout)
    apart = await gcio(app, "distinct", A, B)
    merged = json.loads((await gcio(app, "merge", B, C, "--json")).stdout)
    after = json.loads((await gcio(app, "candidates", "--json")).stdout)

    # Ids are whole, also where there is no terminal: they are what a decision is made of.
    assert all(record in table.stdout for record in (A, B, C))
    assert [(c["kept"], c["other"]) for c in listed] == [(B, C), (A, B)]
    assert "stay two records" in apart.stdout
    assert (merged["kept"], merged["other"]) == (B, C)
    assert after == []
