"""Shell completion of `gcio`, as a shell asks for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.connectors import CONNECTORS

GCIO = Path(sys.executable).with_name("gcio")


def asked(**variables: str) -> list[str]:
    done = subprocess.run([GCIO], env=os.environ | variables, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("gcio ing", {"ingest"}),
        ("gcio db s", {"start", "stop", "status", "shell"}),
        ("gcio ingest ", {*CONNECTORS, "all", "rejected", "retry", "conflicts", "schedule"}),
        ("gcio ingest iati --scope ", {"e-government", "all"}),
        ("gcio ingest rejected --source ", set(CONNECTORS)),
        ("gcio match --kind ", {"country", "organization", "any"}),
        ("gcio template ", {"needs", "offers", "practices", "essential-services"}),
    ],
)
def test_what_can_stand_next_is_told(words: str, found: set[str]) -> None:
    place = len(words.split()) - (not words.endswith(" "))

    assert set(asked(_GCIO_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(place))) == found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_has_its_script(shell: str) -> None:
    script = "\n".join(asked(_GCIO_COMPLETE=f"source_{shell}"))

    assert f"complete_{shell}" in script
    assert "gcio" in script
