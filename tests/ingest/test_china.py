"""China's official finance: agencies behind their kinds, several recipients, statuses whose end nobody knows."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import strategies

from graph.records import validate
from ingest.china import China
from ingest.connector import Draft, Rejected
from ingest.inputs import InputFile
from tests.ingest.files import finished, given, outcomes, resolver, targets

COLUMNS = (
    "project_id,recommended_for_research,umbrella,year,funding_agency,implementing_agency,recipient_condensed,title,description,status,flow,"
    "amount,currency,usd_current,recipient_agencies,end_actual,all_recipients"
)
ROW = {
    "project_id": "77",
    "recommended_for_research": "True",
    "umbrella": "0",
    "year": "2009",
    "funding_agency": "Export-Import Bank of China, Government Agency",
    "implementing_agency": "Wires Co., Ltd., Private Sector; Chinese Embassy, Government Agency",
    "recipient_condensed": "Kenya",
    "title": "A digital registry (linked to #12, #13)",
    "description": "Write to someone@example.org about the registry.",
    "status": "Completion",
    "flow": "Grant",
    "amount": "2000000",
    "currency": "CNY",
    "usd_current": "293000.49",
    "recipient_agencies": "Registry of Examples (ROE), Government Agency",
    "end_actual": "2011-05-01",
    "all_recipients": "Kenya",
}


def file(folder: Path, **changes: str) -> InputFile:
    cells = ROW | changes
    return given(folder, "list.csv", COLUMNS + "\n" + ",".join(f'"{cells[c]}"' for c in COLUMNS.split(",")) + "\n")


def test_a_project(tmp_path: Path) -> None:
    assert China().recognises(file(tmp_path))
    [draft] = outcomes(China(), file(tmp_path))
    record = finished(draft)
    assert record.id == "project:china-77"
    assert dict(record.properties) == {
        "title": "A digital registry",
        "summary": "Write to  about the registry.",
        "status": "CLOSED",
        "lang": "en",
        "startDate": date(2009, 1, 1),
        "endDate": date(2011, 1, 1),
        "datePrecision": "YEAR",
        "amountUsd": 293000.0,
        "amount": 2000000.0,
        "currency": "CNY",
        "amountDate": date(2009, 1, 1),
    }
    assert targets(record, "countries") == ["country:KEN"]
    assert targets(record, "funders")[1:] == ["country:CHN"]
    assert len(targets(record, "implementers")) == 2
    assert "supporters" not in record.links
    assert isinstance(draft, Draft)
    assert (draft.row, draft.set_aside) == ("project_id 77", ())


def test_agencies_are_told_by_their_kind_and_country(tmp_path: Path) -> None:
    known = resolver()
    [draft] = outcomes(China(), file(tmp_path), known)
    finished(draft)
    made = {
        str(r.properties["name"]): (r.properties["kind"], [link.target for link in r.links.get("basedIn", ())]) for r, _ in known.take()
    }
    assert made == {
        "Export-Import Bank of China": ("GOVERNMENT", ["country:CHN"]),
        "Wires Co., Ltd": ("PRIVATE", []),
        "Registry of Examples (Kenya)": ("GOVERNMENT", ["country:KEN"]),
    }


@pytest.mark.parametrize(
    ("status", "kept"),
    [("Implementation", "UNKNOWN"), ("Pipeline: Pledge", "UNKNOWN"), ("Suspended", "UNKNOWN"), ("Cancelled", "CANCELLED")],
)
def test_what_was_going_on_when_the_list_ended_has_an_unknown_end(tmp_path: Path, status: str, kept: str) -> None:
    [draft] = outcomes(China(), file(tmp_path, status=status))
    assert finished(draft).properties["status"] == kept


def test_several_recipients_a_region_and_advice(tmp_path: Path) -> None:
    [several] = outcomes(China(), file(tmp_path, all_recipients="Kenya; Viet Nam", flow="Free-standing technical assistance"))
    assert targets(finished(several), "countries") == ["country:KEN", "country:VNM"]
    assert targets(finished(several), "supporters") == ["country:CHN"]
    [region] = outcomes(China(), file(tmp_path, all_recipients="", recipient_condensed="Africa, regional"))
    assert targets(finished(region), "countries") == []


def test_an_end_before_the_year_is_the_year(tmp_path: Path) -> None:
    [draft] = outcomes(China(), file(tmp_path, year="2009", end_actual="2004-06-07"))
    record = finished(draft)
    assert (record.properties["startDate"], record.properties["endDate"]) == (date(2004, 1, 1), date(2004, 1, 1))


def test_what_cannot_be_taken_is_told(tmp_path: Path) -> None:
    changes = {"all_recipients": "Kenya; Atlantis", "status": "Over", "year": "soon", "usd_current": "much", "amount": "-5"}
    [draft] = outcomes(China(), file(tmp_path, **changes))
    assert isinstance(draft, Draft)
    assert [(r.line, r.field, r.value, r.reason) for r in draft.set_aside] == [
        (2, "all_recipients", "Atlantis", "is no country that the network knows"),
        (2, "status", "Over", "is not a status of this list"),
        (2, "year", "soon", "is not a year"),
        (2, "usd_current", "much", "is not a number"),
        (2, "amount", "-5", "is out of range"),
    ]
    assert {r.record for r in draft.set_aside} == {"project:china-77"}
    record = finished(draft)
    assert {"amount", "amountUsd", "startDate"} & set(record.properties) == set()
    for column, value in (("project_id", "x"), ("title", " ")):
        [rejected] = outcomes(China(), file(tmp_path, **{column: value}))
        assert isinstance(rejected, Rejected)
        assert (rejected.line, rejected.field, rejected.value) == (2, column, value.strip())


def test_the_public_list_is_read_whole(shared: Path) -> None:
    path = shared / "data/bilateral/china_official_finance_2000_2014_v1.0.csv"
    if not path.is_file():
        pytest.skip("the list of China is not among the public data")
    public = InputFile(path, str(path), path.name)
    assert China().recognises(public)
    assert not China().recognises(InputFile(path, str(path), "china_ict_subset.csv"))
    found = outcomes(China(), public)
    drafts = [o for o in found if isinstance(o, Draft)]
    assert (len(found), len(drafts), len({o.records[0].id for o in drafts})) == (5_466, 5_466, 5_466)
    assert [aside for o in drafts for aside in o.set_aside] == []
    assert [problem for o in drafts for problem in validate(o.records[0])] == []


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(
    strategies.dictionaries(strategies.sampled_from(COLUMNS.split(",")), strategies.text(alphabet='09.-;,"() KenyaÉ\n\0#', max_size=30))
)
def test_any_cells_give_an_outcome(changes: dict[str, str]) -> None:
    with TemporaryDirectory() as folder:
        for outcome in outcomes(China(), file(Path(folder), **changes)):
            if isinstance(outcome, Draft):
                finished(outcome)
