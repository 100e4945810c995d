"""CSV from strangers: whatever the bytes are, rows or rejections come out, never an exception."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import strategies

from ingest.connector import Rejected, Row
from ingest.textfiles import LONGEST_LINE, table
from tests.ingest.files import given


def read(folder: Path, content: bytes | str, required: tuple[str, ...] = ()) -> list[tuple[int, dict[str, str]] | Rejected]:
    return [(r.line, r.cells) if isinstance(r, Row) else r for r in table(given(folder, "a.csv", content), required=required)]


@pytest.mark.parametrize(
    "content",
    [
        "name,place\r\nÉva,Zürich\r\n".encode(),
        "\ufeffname,place\nÉva,Zürich\n".encode(),
        "name,place\nÉva,Zürich\n".encode("utf-16"),
        "name,place\nÉva,Zürich\n".encode("cp1252"),
        b'name,place\n"\xc3\x89va\0","Z\xc3\xbcrich "',
    ],
)
def test_encodings_marks_and_nul_bytes_are_cleaned(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, content) == [(2, {"name": "Éva", "place": "Zürich"})]


def test_an_endless_line_is_rejected_and_the_next_ones_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, b"a,b\n1,2\n" + b"x" * (3 * LONGEST_LINE) + b"\n3,4\n")
    assert [found[0], found[2]] == [(2, {"a": "1", "b": "2"}), (4, {"a": "3", "b": "4"})]
    assert isinstance(found[1], Rejected)
    assert (found[1].line, found[1].reason) == (3, "is longer than a line may be")


def test_rows_that_do_not_fit_the_header_are_told(tmp_path: Path) -> None:
    found = read(tmp_path, "a,b\n1,2,3\n4\n5,6,\n\n")
    assert isinstance(found[0], Rejected)
    assert (found[0].line, found[0].value, found[0].allowed) == (2, "3 cells", ("2 cells",))
    assert found[1:] == [(3, {"a": "4"}), (4, {"a": "5", "b": "6"})]


def test_another_files_header_ends_the_file(tmp_path: Path) -> None:
    [found] = read(tmp_path, "x,y\n1,2\n", required=("a|b",))
    assert isinstance(found, Rejected)
    assert (found.broken, found.field, found.value, found.allowed) == (True, "a|b", "x, y", ("a or b",))


@hypothesis.settings(max_examples=200, deadline=None)
@hypothesis.given(
    strategies.one_of(strategies.binary(max_size=400), strategies.text(alphabet='a,"\r\n\0é\ufeff;', max_size=200).map(str.encode))
)
def test_any_bytes_give_rows_or_rejections(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        for row in read(Path(folder), content):
            if isinstance(row, tuple):
                assert all("\0" not in cell for cell in row[1].values())
