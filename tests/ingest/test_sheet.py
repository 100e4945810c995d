"""A country's own sheet: the template goes out and comes back; whatever is wrong is told by row and column; hostile files do no harm."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies
from openpyxl import Workbook, load_workbook

from graph.cells import FORMULA, safe_cell
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.provenance import stored_records
from graph.records import Record, validate
from graph.settings import Settings
from graph.vocabulary import UN_LANGUAGES
from ingest.connector import Draft, Rejected, Row
from ingest.connectors import sorted_out
from ingest.engine import Options, ingest
from ingest.inputs import MOST_SPREADSHEET, InputFile, inputs
from ingest.sheet import Sheet
from ingest.sheet_columns import HINTS, SheetKind, layout
from ingest.starter import FOLDER
from ingest.template import ROWS, as_csv, as_xlsx
from tests.ingest.files import given, outcomes, resolver

MARK = "0a1b2c3d"
NEED: Mapping[str, Any] = {
    "country": "Kenya",
    "title": "Registry of land",
    "description": "We need an electronic registry of land for all districts.",
    "date": date(2026, 3, 31),
    "topic_1": "Digital identity",
}
ROWS_OF: Mapping[SheetKind, Mapping[str, Any]] = {
    SheetKind.NEEDS: NEED,
    SheetKind.OFFERS: {
        "country": "Estonia",
        "title": "Course",
        "summary": "A course for officials.",
        "kind": "CAPACITY_BUILDING",
        "open_to": "Africa; Nepal",
        "date": date(2026, 1, 2),
        "topic_1": "digital-identity",
    },
    SheetKind.PRACTICES: {
        "country": "Uruguay",
        "title": "One counter",
        "summary": "One counter for all permits.",
        "date": date(2025, 5, 1),
        "topic_1": "Identité numérique",
    },
    SheetKind.ESSENTIAL_SERVICES: {"country": "肯尼亚", "name": "Birth certificate", "level": "national", "channels": "web; post office"},
}


def filled(folder: Path, kind: SheetKind, *rows: Mapping[str, Any], name: str = "sheet.xlsx") -> InputFile:
    """The template with these rows filled in from the second one on, a column by its name."""
    book = load_workbook(io.BytesIO(as_xlsx(kind, mark=MARK)))
    names = layout(kind).names
    for number, row in enumerate(rows, 2):
        for column, value in row.items():
            book[kind.value].cell(number, names.index(column) + 1, value)
    book.save(folder / name)
    return InputFile(folder / name, str(folder / name), name)


def lines(
    folder: Path, *rows: Mapping[str, Any], kind: SheetKind = SheetKind.NEEDS, delimiter: str = ",", name: str = "mine.csv"
) -> InputFile:
    out = io.StringIO()
    writer = csv.DictWriter(out, layout(kind).names, delimiter=delimiter, extrasaction="raise")
    writer.writeheader()
    writer.writerows(rows)
    return given(folder, name, out.getvalue())


def told(outcome: object) -> list[tuple[int, str, str, str]]:
    assert isinstance(outcome, Rejected)
    return [(r.line, r.field, r.value, r.reason) for r in (outcome, *outcome.also)]


def record(outcome: object) -> Record:
    assert isinstance(outcome, Draft)
    found = outcome.finish(outcome.records[0]) if outcome.finish else outcome.records[0]
    assert validate(found) == []
    return found


def links(found: Record) -> dict[str, list[str]]:
    return {name: [link.target for link in targets] for name, targets in found.links.items()}


def test_a_filled_template_comes_back_as_a_need(tmp_path: Path) -> None:
    row = {
        **NEED,
        "deadline": datetime(2026, 12, 31),
        "amount": 1500000.5,
        "currency": "usd",
        "topic_2": "数字身份",
        "visibility": "PUBLIC",
    }
    file = filled(tmp_path, SheetKind.NEEDS, row)
    assert Sheet().recognises(file)
    assert Sheet().dataset(file) == f"needs-{MARK}"
    [draft] = outcomes(Sheet(), file)
    need = record(draft)
    assert need.id == f"need:sheet-ken-{MARK}-1"
    assert dict(need.properties) == {
        "title": "Registry of land",
        "description": "We need an electronic registry of land for all districts.",
        "date": date(2026, 3, 31),
        "datePrecision": "DAY",
        "deadline": date(2026, 12, 31),
        "amount": 1500000.5,
        "currency": "USD",
        "amountUsd": 1500000.5,
        "status": "OPEN",
        "lang": "en",
        "visibility": "PUBLIC",
    }
    assert links(need) == {"country": ["country:KEN"], "topics": ["topic:digital-identity"]}
    assert isinstance(draft, Draft)
    assert (draft.row, draft.source and draft.source.id, draft.about) == (f"{MARK}-1", "source:sheet-ken", None)


@pytest.mark.parametrize("kind", list(SheetKind))
def test_each_kind_comes_back_from_xlsx_and_csv_alike(tmp_path: Path, kind: SheetKind) -> None:
    row = ROWS_OF[kind]
    [sheet] = outcomes(Sheet(), filled(tmp_path, kind, row))
    [text] = outcomes(Sheet(), lines(tmp_path, {"key": f"{MARK}-1", **row}, kind=kind))
    [semicolons] = outcomes(Sheet(), lines(tmp_path, {"key": f"{MARK}-1", **row}, kind=kind, delimiter=";", name="semi.csv"))
    assert record(sheet) == record(text) == record(semicolons)
    assert record(sheet).label == layout(kind).label


def test_an_offer_of_an_organisation_is_open_to_groups_and_countries(tmp_path: Path) -> None:
    row = {**ROWS_OF[SheetKind.OFFERS], "organization": "Academy of Examples", "languages": "en; et", "capacity": 20, "mode": "online"}
    offer = record(outcomes(Sheet(), filled(tmp_path, SheetKind.OFFERS, row))[0])
    assert links(offer)["openTo"] == ["group:africa", "country:NPL"]
    assert links(offer)["providers"][1:] == ["country:EST"]
    assert links(offer)["providers"][0].startswith("organization:academy-of-examples")
    values = {name: offer.properties[name] for name in ("languages", "capacity", "mode", "visibility")}
    assert values == {"languages": ["en", "et"], "capacity": 20, "mode": "ONLINE", "visibility": "MEMBERS"}


def test_a_service_that_nobody_delivers_electronically(tmp_path: Path) -> None:
    service = record(outcomes(Sheet(), filled(tmp_path, SheetKind.ESSENTIAL_SERVICES, ROWS_OF[SheetKind.ESSENTIAL_SERVICES]))[0])
    assert service.id == f"essential-service:sheet-ken-{MARK}-1"
    assert dict(service.properties) == {"name": "Birth certificate", "level": "national", "channels": ["web", "post office"], "lang": "en"}


def test_rows_keep_their_records_when_they_are_sorted_and_changed(tmp_path: Path) -> None:
    first, second = {"key": "land", **NEED}, {"key": "Personal ID", **NEED, "title": "Identity"}
    before = [record(o) for o in outcomes(Sheet(), lines(tmp_path, first, second))]
    after = [record(o) for o in outcomes(Sheet(), lines(tmp_path, {**second, "title": "Identity cards"}, first))]
    assert [r.id for r in before] == [r.id for r in reversed(after)]
    assert len({r.id for r in before}) == 2
    assert after[0].properties["title"] == "Identity cards"


def test_two_countries_may_call_their_files_the_same(tmp_path: Path) -> None:
    kenya = Sheet().dataset(lines(tmp_path, {"key": "1", **NEED}, name="needs.csv"))
    nepal = Sheet().dataset(lines(tmp_path, {"key": "1", **NEED, "country": "Nepal"}, name="needs.csv"))
    assert (kenya, nepal) == ("needs-kenya-needs", "needs-nepal-needs")
    renamed = [Sheet().dataset(filled(tmp_path, SheetKind.NEEDS, NEED, name=name)) for name in ("needs.xlsx", "needs (1).xlsx")]
    assert renamed == [f"needs-{MARK}"] * 2


def test_everything_that_is_wrong_with_a_row_is_told_at_once(tmp_path: Path) -> None:
    row = {
        "key": "a",
        "country": "Kenia Islands",
        "title": "",
        "description": "#REF!",
        "date": "31.3.2026",
        "amount": "1,5",
        "status": "perhaps",
        "topic_1": "Identity of digits",
        "visibility": "friends",
    }
    [outcome] = outcomes(Sheet(), lines(tmp_path, row))
    assert told(outcome) == [
        (2, "country", "Kenia Islands", "is no country that the network knows"),
        (2, "title", "", "is required and is empty"),
        (2, "description", "#REF!", "is a formula that failed; write the value itself"),
        (2, "date", "31.3.2026", "is not a date like 2026-03-31"),
        (2, "status", "perhaps", "is not an allowed value"),
        (2, "visibility", "friends", "is not an allowed value"),
        (2, "topic_1", "Identity of digits", "is no topic of the network"),
        (2, "amount", "1,5", "is not a number without separators"),
    ]
    assert isinstance(outcome, Rejected)
    allowed = {r.field: r.allowed for r in (outcome, *outcome.also)}
    assert allowed["status"] == ("OPEN", "MET", "WITHDRAWN")
    assert allowed["visibility"] == ("PUBLIC", "MEMBERS", "MASKED")
    assert "Digital identity" in allowed["topic_1"]
    assert len(allowed["country"]) == 3


def test_what_can_be_left_out_is_set_aside_and_the_row_taken(tmp_path: Path) -> None:
    [outcome] = outcomes(
        Sheet(), lines(tmp_path, {"key": "a", **NEED, "amount": "much", "currency": "shilling", "deadline": "soon", "lang": "sw"})
    )
    assert isinstance(outcome, Draft)
    assert [(r.line, r.field, r.value) for r in outcome.set_aside] == [
        (2, "deadline", "soon"),
        (2, "amount", "much"),
        (2, "currency", "shilling"),
    ]
    need = record(outcome)
    assert need.properties["lang"] == "sw"
    assert {"amount", "currency", "deadline"} & set(need.properties) == set()


def test_nothing_leaves_a_country_by_accident(tmp_path: Path) -> None:
    assert record(outcomes(Sheet(), lines(tmp_path, {"key": "a", **NEED}))[0]).properties["visibility"] == "MEMBERS"
    [wrong] = outcomes(Sheet(), lines(tmp_path, {"key": "a", **NEED, "visibility": "private"}))
    assert told(wrong) == [(2, "visibility", "private", "is not an allowed value")]


def test_keys_are_needed_and_used_once(tmp_path: Path) -> None:
    none, first, again, odd, long = outcomes(
        Sheet(),
        lines(tmp_path, NEED, {"key": "a", **NEED}, {"key": "A", **NEED}, {"key": "—", **NEED}, {"key": "x" * 41, **NEED}),
    )
    assert told(none) == [(2, "key", "", "is required and is empty")]
    assert isinstance(first, Draft)
    assert told(again) == [(4, "key", "a", "is the key of row 3 as well; every row needs its own")]
    assert told(odd) == [(5, "key", "—", "is not a key: letters or digits, at most 40 characters")]
    assert told(long) == [(6, "key", "x" * 41, "is not a key: letters or digits, at most 40 characters")]


def test_columns_of_ones_own_are_told_once_and_rows_with_a_key_only_are_empty(tmp_path: Path) -> None:
    text = "Key;Country;Title;Description;Date;Topic 1;My notes\na;Kenya;T;D;2026-03-31;Digital identity;private\nb;;;;;;\nc;Kenya;T;D;2026-03-31;Digital identity;\n"
    first, second = outcomes(Sheet(), given(tmp_path, "a.csv", text))
    assert isinstance(first, Draft)
    assert [(r.line, r.field, r.reason) for r in first.set_aside] == [(1, "my_notes", "is no column of needs and was not read")]
    assert isinstance(second, Draft)
    assert (second.row, second.set_aside) == ("c", ())


def test_a_missing_column_ends_the_file_with_its_name(tmp_path: Path) -> None:
    file = given(tmp_path, "a.csv", "key,country,title,description,date\na,Kenya,T,D,2026-03-31\n")
    assert Sheet().recognises(file)
    [rejected] = outcomes(Sheet(), file)
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.field, rejected.reason, rejected.broken) == (1, "topic_1", "lacks this column of needs", True)


def test_other_tables_are_left_alone(tmp_path: Path, shared: Path) -> None:
    assert not Sheet().recognises(given(tmp_path, "a.csv", "key,country\n1,Kenya\n"))
    assert not Sheet().recognises(given(tmp_path, "a.txt", as_csv(SheetKind.NEEDS)))
    assert not Sheet().recognises(given(tmp_path, "a.xlsx", b"PK\x03\x04 no archive"))
    tables = [*FOLDER.glob("*.csv"), *(shared / "data").rglob("*.csv")]
    found, _ = sorted_out(InputFile(path, str(path), path.name) for path in tables)
    assert "sheet" not in found


@pytest.mark.parametrize("kind", list(SheetKind))
def test_the_template_has_drop_downs_and_hints_in_six_languages(kind: SheetKind) -> None:
    book = load_workbook(io.BytesIO(as_xlsx(kind, mark=MARK)))
    rows, hints, lists = (book[name] for name in (kind.value, "hints", "lists"))
    chosen = layout(kind)
    assert [cell.value for cell in rows[1]] == list(chosen.names)
    assert [rows.cell(row, 1).value for row in (2, 3, ROWS + 1)] == [f"{MARK}-1", f"{MARK}-2", f"{MARK}-{ROWS}"]
    rules = {str(rule.sqref).split(":")[0]: rule for rule in rows.data_validations.dataValidation}
    for number, column in enumerate(chosen.columns, 1):
        rule = rules[rows.cell(2, number).coordinate]
        assert rule.prompt == chosen.hints(column)["en"]
        if column.allowed:
            place = str(rule.formula1).partition("!")[2].replace("$", "")
            assert tuple(cell.value for (cell,) in lists[place]) == column.allowed
            assert bool(rule.showErrorMessage) is column.closed
    assert lists.sheet_state == "hidden"
    table = [[cell.value for cell in row] for row in hints.iter_rows()]
    assert table[0] == ["column", "required", "allowed", "English", "العربية", "Español", "Français", "Русский", "中文"]
    assert [row[0] for row in table[1:]] == list(chosen.names)
    assert all(len(set(row[3:])) == len(UN_LANGUAGES) and all(row[3:]) for row in table[1:])


def test_every_hint_belongs_to_a_column() -> None:
    with HINTS.open(encoding="utf-8", newline="") as stream:
        hints = {row["column"] for row in csv.DictReader(stream)}
    columns = {(kind, column.name) for kind in SheetKind for column in layout(kind).columns}
    used = {f"{kind.value}.{name}" for kind, name in columns} | {name for _, name in columns} | {"topic"}
    assert hints <= used
    assert all(len(layout(kind).hints(column)["en"]) <= 250 for kind in SheetKind for column in layout(kind).columns)


@pytest.mark.parametrize("kind", list(SheetKind))
def test_the_csv_template_is_read_as_empty(tmp_path: Path, kind: SheetKind) -> None:
    file = given(tmp_path, "a.csv", as_csv(kind).encode("utf-8-sig"))
    assert Sheet().recognises(file)
    assert outcomes(Sheet(), file) == []
    assert Sheet().dataset(file).startswith(f"{kind.value}-")


def test_each_template_has_keys_of_its_own() -> None:
    first, second = (as_csv(SheetKind.NEEDS).splitlines()[1].split(",")[0] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("opening", FORMULA)
def test_no_cell_that_goes_out_is_a_formula(opening: str) -> None:
    assert safe_cell(f"{opening}cmd|' /C calc'!A0") == f"'{opening}cmd|' /C calc'!A0"
    assert (safe_cell("a=b"), safe_cell(None), safe_cell(-5)) == ("a=b", "", -5)
    # A mark that somebody gave is text all the same, in both forms.
    assert as_csv(SheetKind.NEEDS, mark="=1+1").splitlines()[1].lstrip('"').startswith("'=1+1-1")
    book = load_workbook(io.BytesIO(as_xlsx(SheetKind.NEEDS, mark="=1+1")))
    assert (book["needs"]["A2"].value, book["needs"]["A2"].data_type) == ("'=1+1-1", "s")


def test_formulas_give_their_last_value_and_links_and_macros_are_not_read(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append([*NEED, "key"])
    sheet.append([*NEED.values(), '=HYPERLINK("https://example.org","a")'])
    sheet["C2"].hyperlink = "https://example.org"
    book.save(tmp_path / "plain.xlsx")
    # A workbook as a program with macros would save it: with a part of code that nothing here looks at.
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as plain, zipfile.ZipFile(tmp_path / "macros.xlsm", "w") as macros:
        for name in plain.namelist():
            macros.writestr(name, plain.read(name))
        macros.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 code")
        macros.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    for name in ("plain.xlsx", "macros.xlsm"):
        [outcome] = outcomes(Sheet(), InputFile(tmp_path / name, name, name))
        # Nobody ever worked the formula out, so that the cell is empty.
        assert told(outcome) == [(2, "key", "", "is required and is empty")]


def archive(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("xl/workbook.xml", "<workbook/>")
        out.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("xl/sheet.xml", b"<a/>" + b" " * (20 << 20), "more than is allowed"),
        ("xl/sheet.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares a document type"),
        ("xl/sheet.dat", '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a []><a/>'.encode("utf-16"), "declares a document type"),
        ("xl/sheet.xml", b'<?xml version="1.0" encoding="utf-7"?><a/>', "in the encoding utf-7"),
        ("../sheet.xml", b"<a/>", "leads outside its folder"),
    ],
)
def test_bombs_and_entities_are_refused_before_the_workbook_is_opened(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    path = archive(tmp_path / "a.xlsx", name, content)
    with pytest.raises(NetworkError) as caught, inputs(str(path), Settings(home=tmp_path)) as files:
        list(files)
    assert (caught.value.code, why in caught.value.message) == (Code.INGEST_BAD_FILE, True)
    # In an archive as well.
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as out:
        out.write(path, "a.xlsx")
    with pytest.raises(NetworkError) as caught, inputs(str(tmp_path / "b.zip"), Settings(home=tmp_path)) as files:
        list(files)
    assert (caught.value.code, why in caught.value.message) == (Code.INGEST_BAD_FILE, True)


def test_many_parts_together_are_a_bomb_too(tmp_path: Path) -> None:
    part = b"".join(b"<row n='%d'/>" % n for n in range(600_000))
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as out:
        for number in range(MOST_SPREADSHEET // len(part) + 1):
            out.writestr(f"xl/{number}.xml", part)
    with pytest.raises(NetworkError) as caught, inputs(str(tmp_path / "a.xlsx"), Settings(home=tmp_path)) as files:
        list(files)
    assert caught.value.code is Code.INGEST_BAD_FILE


def test_a_template_passes_the_input_layer(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(as_xlsx(SheetKind.OFFERS))
    with inputs(str(tmp_path / "a.xlsx"), Settings(home=tmp_path)) as files:
        assert [file.name for file in files] == ["a.xlsx"]


@pytest.mark.live
async def test_a_sheet_goes_in_once_and_a_row_that_is_dropped_is_withdrawn(database: Database, tmp_path: Path) -> None:
    rows = [{"key": "test-a", **NEED}, {"key": "test-b", **NEED, "title": "Second"}, {"key": "test-c", **NEED, "country": "Atlantis"}]
    ids = [f"need:sheet-ken-test-{letter}" for letter in "ab"]

    first = await ingest(database, Sheet(), [lines(tmp_path, *rows)], Options(accept_bad_rows=True))
    again = await ingest(database, Sheet(), [lines(tmp_path, *rows)], Options(accept_bad_rows=True, again=True))
    mended = await ingest(database, Sheet(), [lines(tmp_path, {**rows[0], "title": "Registry of all land"})], Options())
    stored = await stored_records(database, "Need", ids)
    for text in (
        "MATCH (n)\nWHERE n.id STARTS WITH 'need:sheet-ken-test-' OR n.id IN ['source:sheet-ken', 'source:sheets']\nDETACH DELETE n",
        "MATCH (n)\nWHERE n.id STARTS WITH 'state:ingest:sheet:' OR ((n:IngestRun OR n:Rejection) AND n.connector = 'sheet')\nDETACH DELETE n",
    ):
        await database.write(lambda transaction, text=text: transaction.run(Query(text)))

    assert {k: v for k, v in first.counts.as_dict().items() if v} == {"read": 3, "new": 2, "rejected": 1}
    assert {k: v for k, v in again.counts.as_dict().items() if v} == {"read": 3, "unchanged": 2, "rejected": 1}
    assert {k: v for k, v in mended.counts.as_dict().items() if v} == {"read": 1, "changed": 1, "withdrawn": 1}
    assert [(stored[i].properties["title"], stored[i].properties.get("withdrawn")) for i in ids] == [
        ("Registry of all land", None),
        ("Second", True),
    ]
    assert [link.target for link in stored[ids[0]].links["sources"]] == ["source:sheet-ken"]


CELL = strategies.one_of(
    strategies.none(),
    strategies.booleans(),
    strategies.integers(),
    strategies.floats(allow_nan=False, allow_infinity=False),
    strategies.dates(),
    strategies.text(strategies.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20),
    strategies.sampled_from(["Kenya", "OPEN", "PUBLIC", "Digital identity", "2026-03-31", "en; fr", "#N/A", "web", "national", "=1+1"]),
)


@hypothesis.settings(max_examples=40, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
@hypothesis.given(strategies.sampled_from(list(SheetKind)), strategies.data())
def test_any_cells_give_an_outcome(kind: SheetKind, data: strategies.DataObject) -> None:
    rows = data.draw(strategies.lists(strategies.fixed_dictionaries({}, optional=dict.fromkeys(layout(kind).names, CELL)), max_size=4))
    book = Workbook()
    book.active.append(list(layout(kind).names))
    for row in rows:
        book.active.append([row.get(name) for name in layout(kind).names])
    with TemporaryDirectory() as folder:
        book.save(Path(folder) / "a.xlsx")
        for file in (InputFile(Path(folder) / "a.xlsx", "a.xlsx", "a.xlsx"), lines(Path(folder), *rows, kind=kind)):
            for outcome in outcomes(Sheet(), file):
                if isinstance(outcome, Draft):
                    record(outcome)


@hypothesis.settings(max_examples=60, deadline=None)
@hypothesis.given(strategies.integers(0, 25_000), strategies.binary(min_size=1, max_size=40), strategies.booleans())
def test_damaged_workbooks_do_no_harm(place: int, damage: bytes, cut: bool) -> None:
    known = resolver()
    whole = as_xlsx(SheetKind.NEEDS, mark=MARK)
    place %= len(whole)
    broken = whole[:place] + (b"" if cut else damage + whole[place + len(damage) :])
    with TemporaryDirectory() as folder:
        file = given(Path(folder), "a.xlsx", broken)
        Sheet().recognises(file)
        Sheet().dataset(file)
        for row in Sheet().rows(file):
            if isinstance(row, Row):
                Sheet().read(row, known)
