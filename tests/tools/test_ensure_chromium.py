"""How a Chromium is found and which command installs one."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

import pytest

from tests.tools import ensure_chromium


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose PATH is one folder, without browsers in other places."""
    monkeypatch.setenv("PATH", f"{tmp_path}")
    monkeypatch.setattr(ensure_chromium, "MAC_APPLICATIONS", ())
    monkeypatch.setattr(ensure_chromium, "_playwright_chromium", lambda: "")
    return tmp_path


def program(path: Path, status: int) -> Path:
    path.write_text(f"#!/bin/sh\nexit {status}\n")
    path.chmod(0o755)
    return path


def test_a_browser_that_starts_is_found(only: Path) -> None:
    program(only / "chromium", 1)
    works = program(only / "google-chrome", 0)
    assert ensure_chromium.find_chromium() == works


def test_a_browser_that_does_not_start_is_none(only: Path) -> None:
    program(only / "chromium-browser", 1)
    assert ensure_chromium.find_chromium() is None


@pytest.mark.parametrize(
    ("user", "system", "has_apt", "first"),
    [
        (0, "debian", True, "apt-get"),
        (0, "ubuntu", True, "playwright"),
        (1000, "debian", True, "playwright"),
        (0, "debian", False, "playwright"),
    ],
)
def test_the_system_installs_where_it_can(monkeypatch: pytest.MonkeyPatch, user: int, system: str, has_apt: bool, first: str) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": system})
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if has_apt else None)
    assert first in ensure_chromium.install_commands()[0]


def test_a_failed_installation_says_what_to_do(only: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(ensure_chromium, "install_commands", lambda: [[str(program(only / "install", 1))]])
    assert ensure_chromium.main() == 1
    assert "Install one and put it on PATH (chromium," in capsys.readouterr().err
