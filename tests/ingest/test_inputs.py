"""Paths, folders and archives become files; what would do harm is refused."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from graph.errors import Code, NetworkError
from graph.settings import Settings
from ingest.inputs import inputs


@pytest.fixture
def limited(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", ingest_max_bytes=4 * 1024**2)


def read(address: Path | str, settings: Settings) -> dict[str, bytes]:
    with inputs(str(address), settings) as files:
        return {file.address.removeprefix(str(address)): file.path.read_bytes() for file in files}


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refusal(address: Path, settings: Settings) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        read(address, settings)
    return caught.value


def test_a_folder_gives_its_files_in_order_without_hidden_ones(tmp_path: Path, limited: Settings) -> None:
    for name in ("b.csv", "a/c.csv", ".git/x", "a/.hidden"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(name)
    assert read(tmp_path / "in", limited) == {"/a/c.csv": b"a/c.csv", "/b.csv": b"b.csv"}


def test_archives_are_unpacked_and_taken_away_again(tmp_path: Path, limited: Settings) -> None:
    archive = zipped(tmp_path / "a.zip", **{"folder/one.csv": b"1", "two.csv": b"2"})
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"3"))
    assert read(archive, limited) == {"!folder/one.csv": b"1", "!two.csv": b"2"}
    assert read(tmp_path / "b.csv.gz", limited) == {"": b"3"}
    with inputs(str(archive), limited) as files:
        kept = [file.path for file in files]
        assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in kept)


def test_a_broken_archive_in_a_folder_keeps_its_neighbours_if_that_is_wanted(tmp_path: Path, limited: Settings) -> None:
    # given an archive whose second member cannot be unpacked, between two files
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_bytes(b"1")
    (folder / "c.csv").write_bytes(b"3")
    archive = zipped(folder / "b.zip", good=b"good", bad=bytes(range(256)))
    content = archive.read_bytes()
    place = content.index(b"bad") + 3
    archive.write_bytes(content[:place] + b"\xff\xff\xff" + content[place + 3 :])

    refused: list[NetworkError] = []
    with inputs(str(folder), limited, refused) as files:
        names = [file.name for file in files]

    # then nothing of the archive is given, and it is told by its name
    assert names == ["a.csv", "c.csv"]
    assert [(error.code, str(archive) in error.message) for error in refused] == [(Code.INGEST_BAD_FILE, True)]
    assert refusal(folder, limited).code is Code.INGEST_BAD_FILE


@pytest.mark.parametrize("member", ["../escape.csv", "/etc/passwd", "a/../../b", "C:\\windows\\x", "..\\x"])
def test_a_path_that_leads_outside_is_refused(tmp_path: Path, limited: Settings, member: str) -> None:
    error = refusal(zipped(tmp_path / "a.zip", **{member: b"x"}), limited)
    assert error.code is Code.INGEST_BAD_FILE
    assert "leads outside its folder" in error.message


@pytest.mark.parametrize("size", [3 * 1024**2, 64 * 1024**2])
def test_bombs_are_refused(tmp_path: Path, limited: Settings, size: int) -> None:
    assert refusal(zipped(tmp_path / "a.zip", bomb=b"\0" * size), limited).code is Code.INGEST_BAD_FILE
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"\0" * max(size, 5 * 1024**2)))
    assert refusal(tmp_path / "b.gz", limited).code is Code.INGEST_BAD_FILE


def test_an_archive_that_lies_about_its_sizes_is_refused(tmp_path: Path, limited: Settings) -> None:
    archive = zipped(tmp_path / "a.zip", bomb=bytes(range(256)) * 4096)
    raw = archive.read_bytes()
    size = (1024**2).to_bytes(4, "little")
    assert raw.count(size) == 2
    archive.write_bytes(raw.replace(size, (10).to_bytes(4, "little")))
    assert refusal(archive, limited).code is Code.INGEST_BAD_FILE


@pytest.mark.parametrize("cut", [10, 60])
def test_truncated_archives_are_refused(tmp_path: Path, limited: Settings, cut: int) -> None:
    archive = zipped(tmp_path / "a.zip", one=b"content " * 100)
    archive.write_bytes(archive.read_bytes()[:cut])
    assert refusal(archive, limited).code is Code.INGEST_BAD_FILE
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as stream:
        stream.write(bytes(range(256)))
    (tmp_path / "b.gz").write_bytes(buffer.getvalue()[:cut])
    assert refusal(tmp_path / "b.gz", limited).code is Code.INGEST_BAD_FILE


def test_a_place_that_is_not_there_is_told(tmp_path: Path, limited: Settings) -> None:
    error = refusal(tmp_path / "nowhere", limited)
    assert error.code is Code.BAD_INPUT
    assert str(tmp_path / "nowhere") in error.message


def test_a_stream_counts_what_was_read(tmp_path: Path, limited: Settings) -> None:
    (tmp_path / "a.csv").write_bytes(b"x" * 100)
    with inputs(str(tmp_path / "a.csv"), limited) as files:
        [file] = files
        with file.open() as stream:
            assert stream.read() == b"x" * 100
        assert (file.done, file.size, file.stem, file.suffix) == (100, 100, "a", ".csv")
