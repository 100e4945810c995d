"""The bar of `gcio ingest`: how far, how fast, how long; and nothing where nobody looks."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from api import cli_ingest
from tests.ingest.files import given


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_shows_rate_and_remaining_time_on_a_terminal_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(cli_ingest, "err", Console(file=screen, force_terminal=terminal, width=120, _environ={"TERM": "xterm"}))
    files = [given(tmp_path, name, b"x" * 1000) for name in ("a.csv", "b.csv")]

    with cli_ingest._bars(files) as report:
        for done, file in enumerate(files, start=1):
            with file.open() as stream:
                stream.read()
            report(file, 500 * done)

    shown = screen.getvalue()
    assert [word in shown for word in ("b.csv, 1000 rows", "2.0/2.0 kB", "/s", "0:00:00")] == [terminal] * 4
    assert bool(shown) is terminal
