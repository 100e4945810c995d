"""`gcio template` writes a file that `gcio ingest sheet` reads, in bytes and without a database."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ingest.inputs import InputFile
from ingest.sheet import Sheet
from ingest.sheet_columns import SheetKind

GCIO = Path(sys.executable).with_name("gcio")


def gcio(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"GCIO_HOME": str(folder / "home")}
    return subprocess.run([GCIO, *words], env=environment, capture_output=True, timeout=120, check=False)


@pytest.mark.parametrize("kind", list(SheetKind))
def test_a_spreadsheet_goes_to_standard_output(tmp_path: Path, kind: SheetKind) -> None:
    done = gcio(tmp_path, "template", kind.value)
    assert (done.returncode, done.stderr) == (0, b"")
    assert load_workbook(io.BytesIO(done.stdout)).sheetnames == [kind.value, "hints", "lists"]
    assert not (tmp_path / "home").exists()


def test_csv_goes_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "needs.csv"
    done = gcio(tmp_path, "template", "needs", "--csv", "--out", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert path.read_bytes().startswith(b"\xef\xbb\xbfkey,country,title,")
    assert Sheet().recognises(InputFile(path, str(path), path.name))


def test_an_unknown_kind_is_the_callers_mistake(tmp_path: Path) -> None:
    done = gcio(tmp_path, "template", "wishes")
    assert done.returncode == 2
    assert b"essential-services" in done.stderr
