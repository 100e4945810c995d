"""Files in the format of the starter data that a person got wrong: each mistake is told by file, line and column, and the rest is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.errors import Code, NetworkError
from ingest.starter import read_starter
from ingest.tables import Table

SOURCES = "key,title,publisher,url,licence,retrieved,description\na-list,A list,The tests,,,,\n"
GROUPS = (
    "key,name,name_ar,name_es,name_fr,name_ru,name_zh,kind,description,source,source_row,url\n"
    "africa,Africa,a,b,c,d,e,REGION,,a-list,1,\n"
    "asia,Asia,a,b,c,d,e,CONTINENT,,a-list,2,\n"
    "Big Asia,Asia,a,b,c,d,e,REGION,,a-list,3,\n"
    "europe,,a,b,c,d,e,REGION,,a-list,4,\n"
    "oceania,Oceania,a,b,c,d,e,REGION,,another-list,5,\n"
    "america,America,a,b,c\n"
)


def read(folder: Path, **files: str | bytes) -> dict[str, Table]:
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return {table.file: table for table in read_starter(folder)}


def test_each_broken_row_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    table = read(tmp_path, sources=SOURCES, country_groups=GROUPS)["country_groups.csv"]

    told = {(r.line, r.column): (r.value, r.reason) for r in table.rejected}
    assert [row.record.key for row in table.rows] == ["africa"]
    assert {place: value for place, (value, _) in told.items()} == {
        (3, "kind"): "CONTINENT",
        (4, "key"): "Big Asia",
        (5, "name"): "",
        (6, "source"): "source:another-list",
        (7, ""): "",
    }
    assert told[3, "kind"][1] == "is not an allowed value"
    assert told[5, "name"][1] == "is required and is empty"
    assert told[7, ""][1] == "has more or fewer cells than the header"
    [kind] = [r for r in table.rejected if r.column == "kind"]
    assert {"REGION", "INCOME"} <= set(kind.allowed)
    assert str(kind).startswith("country_groups.csv, line 3, column kind: “CONTINENT” is not an allowed value. Allowed: ")


@pytest.mark.parametrize("name", ["sources", "observations_egdi"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("kez,title\nx,y\n", "is not the header of this file"),
        ("", "is not the header of this file"),
        ("{header}\nC\xf4te,1\n".encode("latin-1"), "is not UTF-8; save the file as UTF-8"),
        ('{header}\n"never ended', "breaks the CSV format; check the quotes of this line"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_message(tmp_path: Path, name: str, content: str | bytes, reason: str) -> None:
    header = SOURCES.partition("\n")[0] if name == "sources" else "country,year,rank,egdi,epi,osi,hci,tii"
    filled = content.replace(b"{header}", header.encode()) if isinstance(content, bytes) else content.replace("{header}", header)

    [rejected] = read(tmp_path, **{name: filled})[f"{name}.csv"].rejected

    assert (rejected.file, rejected.reason) == (f"{name}.csv", reason)


def test_figures_that_are_none_are_told_by_line(tmp_path: Path) -> None:
    rows = "KEN,2024,1,0.5,0.5,0.5,0.5,0.5\nKEN,soon,1,0.5,,,,\nKEN,2022,1,high,,,,\nKEN\n"

    table = read(tmp_path, observations_egdi=f"country,year,rank,egdi,epi,osi,hci,tii\n{rows}")["observations_egdi.csv"]

    assert table.read == 4
    assert {r.line for r in table.rejected if r.reason == "is not a row of figures"} == {3, 4, 5}


def test_a_folder_without_any_of_the_files_is_told(tmp_path: Path) -> None:
    (tmp_path / "project.csv").write_text("key\n")

    with pytest.raises(NetworkError) as caught:
        read_starter(tmp_path)

    assert caught.value.code is Code.BAD_INPUT
    assert "projects.csv" in caught.value.allowed
