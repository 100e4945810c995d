"""The GovTech Maturity Index: scores, answers that mix numbers and words, rows that are no countries."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import strategies

from graph.records import validate
from ingest.connector import Draft, OutOfScope, Rejected
from ingest.gtmi import Gtmi
from ingest.inputs import InputFile
from tests.ingest.files import given, outcomes

SCORES = "year,country_code,country_name,grp,gtmi,cgsi,psdi,dcei,gtei\n"
ANSWERS = "Year,Code,Economy,I-1,I-2,I-3,Grp,GTMI\n"


def test_scores_and_group(tmp_path: Path) -> None:
    file = given(tmp_path, "scores.csv", SCORES + '2020,ZAR,"Congo, Dem. Rep.",c,0.44181,0.3536,,0.6161,0.299\n')
    assert Gtmi().recognises(file)
    [draft] = outcomes(Gtmi(), file)
    assert isinstance(draft, Draft)
    assert {r.key: (r.properties["value"], r.properties.get("group")) for r in draft.records} == {
        "gtmi-COD-2020": (0.4418, "C"),
        "gtmi-cgsi-COD-2020": (0.3536, None),
        "gtmi-dcei-COD-2020": (0.6161, None),
        "gtmi-gtei-COD-2020": (0.299, None),
    }
    assert draft.row == "COD 2020"


def test_answers_in_words_are_no_figures(tmp_path: Path) -> None:
    file = given(tmp_path, "answers.csv", ANSWERS + "2022.0,AFG,Afghanistan,2.0,New,maybe,C,0.35\n2020.0,ALB,Albania,-,New,,A,0.7\n")
    assert Gtmi().recognises(file)
    first, second = outcomes(Gtmi(), file)
    assert isinstance(first, Draft)
    assert [(r.id, r.properties.get("value")) for r in first.records] == [
        ("indicator:gtmi-i-1", None),
        ("indicator:gtmi-i-2", None),
        ("indicator:gtmi-i-3", None),
        ("observation:gtmi-i-1-AFG-2022", 2.0),
    ]
    assert [problem for record in first.records for problem in validate(record)] == []
    assert [(r.field, r.value, r.reason) for r in first.set_aside] == [("I-3", "maybe", "is not a number")]
    assert second == OutOfScope("ALB has no figures of 2020")


def test_rows_of_groups_and_codes_without_a_key_are_out_of_scope(tmp_path: Path) -> None:
    rows = "2020,,80,,,,,,\n2020,XXX,Sub-Saharan Africa,A,0.5,,,,\n2020,QQQ,Atlantis,A,0.5,,,,\n2021.5,KEN,Kenya,A,0.5,,,,\n2020,KEN,Kenya,E,0.5,,,,\n"
    group, region, unknown, year, letter = outcomes(Gtmi(), given(tmp_path, "scores.csv", SCORES + rows))
    assert group == OutOfScope("“80” is no country: a group")
    assert region == OutOfScope("“Sub-Saharan Africa” is no country: region")
    assert isinstance(unknown, Rejected)
    assert unknown.value == "QQQ"
    assert isinstance(year, Rejected)
    assert (year.field, year.value) == ("year", "2021.5")
    assert isinstance(letter, Draft)
    assert [(r.field, r.value, r.allowed) for r in letter.set_aside] == [("grp", "E", ("A", "B", "C", "D"))]
    adoption = given(tmp_path, "ims.csv", "country_code,country_name,FMIS,TMIS,year\nAFG,Afghanistan,6,W3,2025.0\n")
    assert Gtmi().recognises(adoption)
    assert outcomes(Gtmi(), adoption) == [OutOfScope("adoption codes whose key is not published with the file")]


def test_all_economies_of_the_public_data_are_read(shared: Path) -> None:
    files = sorted((shared / "data/gtmi").glob("*.csv"))
    if not files:
        pytest.skip("the GTMI files are not among the public data")
    found: dict[str, list[object]] = {}
    for path in files:
        file = InputFile(path, str(path), path.name)
        assert Gtmi().recognises(file), path
        found[path.stem] = list(outcomes(Gtmi(), file))
    assert {name: len(rows) for name, rows in found.items()} == {
        "gtmi_indicators_2020_2022": 396,
        "gtmi_scores_2020_2022_2025": 593,
        "ims_adoption_2025": 198,
    }
    assert [row for rows in found.values() for row in rows if isinstance(row, Rejected) or (isinstance(row, Draft) and row.set_aside)] == []


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(strategies.lists(strategies.text(alphabet='0123456789.,-"NewKEAB \n\0', max_size=40), max_size=8), strategies.booleans())
def test_any_cells_give_an_outcome(lines: list[str], answers: bool) -> None:
    with TemporaryDirectory() as folder:
        for outcome in outcomes(Gtmi(), given(Path(folder), "a.csv", (ANSWERS if answers else SCORES) + "\n".join(lines))):
            if isinstance(outcome, Draft):
                assert [problem for record in outcome.records for problem in validate(record)] == []
