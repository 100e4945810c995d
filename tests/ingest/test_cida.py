"""Canada's projects of 2009: one number listed several times is one project."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import strategies

from graph.records import validate
from ingest.cida import Cida
from ingest.connector import Draft, Rejected
from ingest.inputs import InputFile
from tests.ingest.files import finished, given, outcomes, targets

HEADER = "webscrape_id,source_url,title,project_number,max_cida_contribution,executing_agency,project_status,start_year,end_year,countries,sectors,project_abstract\n"


def test_rows_of_one_number_are_one_project(tmp_path: Path) -> None:
    rows = (
        '1,http://x.example/1,,A000001-001,500000.0,Information not available,NONE PROVIDED,,,"Kenya, Africa multiple countries",Governance,\n'
        '2,http://x.example/2,An electronic land registry,a000001-001,750000.0,Agency of Examples,Operational,2004.0,2008.0,"Peru, Bolivia","Public sector",Deeds are kept by computer.\n'
        "3,http://x.example/3,Another name,A000001-001,600000.0,Other Agency,Closed,2003.0,2009.0,Kenya,Other,Shorter.\n"
    )
    file = given(tmp_path, "cida.csv", HEADER + rows)
    assert Cida().recognises(file)
    found = outcomes(Cida(), file)
    assert [finished(o).id for o in found] == ["project:cida-a000001-001"] * 3
    record = finished(found[0])
    assert dict(record.properties) == {
        "title": "An electronic land registry",
        "summary": "Deeds are kept by computer.",
        "status": "UNKNOWN",
        "lang": "en",
        "startDate": date(2003, 1, 1),
        "endDate": date(2009, 1, 1),
        "datePrecision": "YEAR",
        "amount": 750000.0,
        "currency": "CAD",
    }
    assert sorted(targets(record, "countries")) == ["country:BOL", "country:KEN", "country:PER"]
    assert targets(record, "funders")[1:] == ["country:CAN"]
    assert len(targets(record, "implementers")) == 1
    assert isinstance(found[0], Draft)
    assert (found[0].row, found[0].url, found[0].set_aside) == ("A000001-001", "http://x.example/2", ())


def test_a_project_told_in_french_says_so(tmp_path: Path) -> None:
    row = "1,x,Un registre électronique des terres,A2,1,,Terminating,2004.0,2008.0,Sénégal,,Le ministère tient un registre électronique des terres pour tous les citoyens.\n"
    [draft] = outcomes(Cida(), given(tmp_path, "cida.csv", HEADER + row))
    record = finished(draft)
    assert (record.properties["lang"], record.properties["status"], targets(record, "countries")) == ("fr", "CLOSED", ["country:SEN"])
    assert isinstance(draft, Draft)
    assert draft.url is None


def test_what_cannot_be_taken_is_told(tmp_path: Path) -> None:
    rows = "1,x,Land registry,A3,much,,Asleep,soon,,Atlantis,,Text.\n2,x,,A4,1,,Closed,,,Kenya,,\n3,x,Land registry,,1,,Closed,,,Kenya,,\n"
    number, draft, title = outcomes(Cida(), given(tmp_path, "cida.csv", HEADER + rows))
    assert isinstance(draft, Draft)
    assert [(r.field, r.value, r.reason, r.record) for r in draft.set_aside] == [
        ("countries", "Atlantis", "is no country that the network knows", "project:cida-a3"),
        ("project_status", "Asleep", "is not a status of this list", "project:cida-a3"),
        ("max_cida_contribution", "much", "is not a number", "project:cida-a3"),
    ]
    assert number == Rejected(4, "project_number", "", "is required and is empty")
    assert title == Rejected(3, "title", "", "is required and is empty", record="project:cida-a4")


def test_the_public_list_is_read_whole(shared: Path) -> None:
    path = shared / "data/bilateral/cida_2009.csv"
    if not path.is_file():
        pytest.skip("the list of Canada is not among the public data")
    public = InputFile(path, str(path), path.name)
    assert Cida().recognises(public)
    assert not Cida().recognises(InputFile(path, str(path), "cida_ict_subset.csv"))
    found = outcomes(Cida(), public)
    drafts = {o.records[0].id: o for o in found if isinstance(o, Draft)}
    assert (len(found), len(drafts)) == (2_740, 2_373)
    # One number is listed with no title at all.
    assert [(r.field, r.reason) for r in found if isinstance(r, Rejected)] == [("title", "is required and is empty")]
    assert [aside for o in drafts.values() for aside in o.set_aside] == []
    assert [problem for o in drafts.values() for problem in validate(o.records[0])] == []


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(strategies.lists(strategies.lists(strategies.text(alphabet='A1.0,"é\n\0Kenya;', max_size=12), max_size=13), max_size=6))
def test_any_cells_give_an_outcome(lines: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        for outcome in outcomes(Cida(), given(Path(folder), "a.csv", HEADER + "\n".join(",".join(cells) for cells in lines))):
            if isinstance(outcome, Draft):
                finished(outcome)
