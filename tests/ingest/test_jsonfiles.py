"""JSON from strangers: objects, or a rejection that says what is wrong; never a failure."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given as examples
from hypothesis import strategies

from ingest.connector import Rejected, Row
from ingest.inputs import InputFile
from ingest.jsonfiles import LARGEST, items, parsed, text
from tests.ingest.files import given

NAMES = [{"name": "Côte d’Ivoire\0"}, {"name": "中国"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_marks_and_nul_characters_are_cleaned(tmp_path: Path, encoding: str) -> None:
    file = given(tmp_path, "a.json", json.dumps(NAMES, ensure_ascii=False).encode(encoding))

    found = [row for row in items(file) if isinstance(row, Row)]

    assert [(row.line, text(row.cells["name"])) for row in found] == [(1, "Côte d’Ivoire"), (2, "中国")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "breaks the JSON format"),
        (b'[{"name": "cut', "breaks the JSON format"),
        ('[{"name": "Côte"}]'.encode("latin-1"), "breaks the JSON format"),
        (b"[" * 100_000, "breaks the JSON format"),
        (b"[" + b"9" * 5_000 + b"]", "breaks the JSON format"),
        (b'{"name": "x"}', "is not a list of records"),
    ],
)
def test_what_cannot_be_read_ends_the_file_with_a_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    [rejected] = items(given(tmp_path, "a.json", content))

    assert isinstance(rejected, Rejected)
    assert rejected.broken
    assert rejected.reason.startswith(reason)


def test_a_file_beyond_the_limit_is_not_read_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with path.open("wb") as stream:
        stream.truncate(LARGEST + 1)

    rejected = parsed(InputFile(path, str(path), path.name))

    assert isinstance(rejected, Rejected)
    assert (rejected.broken, rejected.reason, rejected.allowed) == (True, "is more than a.json may have", (f"{LARGEST} bytes",))


@examples(
    strategies.one_of(
        strategies.binary(max_size=200), strategies.text(alphabet='[]{}":,0123456789.eE-truefalsn\\u ', max_size=80).map(str.encode)
    )
)
def test_any_bytes_give_rows_or_rejections(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        found = list(items(given(Path(folder), "a.json", content)))

    assert all(isinstance(row, Row | Rejected) for row in found)
    assert all(isinstance(row.cells, dict) for row in found if isinstance(row, Row))
