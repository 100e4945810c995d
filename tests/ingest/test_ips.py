"""Innovative public services: cases from either format, countries that are none, and whatever the cells may hold."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import strategies

from graph.records import validate
from ingest.connector import Draft, OutOfScope, Rejected
from ingest.ips import Ips
from ingest.resolution import Index, Resolver
from tests.ingest.files import countries, given, outcomes, public, resolver, starter_ids, starter_resolver

HEADER = (
    "entry_type,id,name,url,contact,description,geocoverage,lead_organisation_name,lead_organisation_category,start_date,end_date,"
    "primary_sector,secondary_sector,technology,type,status,lead_organisation:name\n"
)
CASE = (
    "case,77,Tide  table for all,\u00a0,,A model tells harbours the tide. Ask tide@harbour.example or read on.,Netherlands,Harbour Office,Local Government,"
    "2019,2021.0,Economic affairs,Transport.,Artificial intelligence,Prediction and planning,Not in use anymore,Harbour Office\n"
)


def test_a_case_is_a_practice(tmp_path: Path) -> None:
    file = given(tmp_path, "cases.csv", HEADER + CASE)
    assert Ips().recognises(file)
    known = resolver()

    [draft] = outcomes(Ips(), file, known)

    assert isinstance(draft, Draft)
    assert (draft.row, draft.url, draft.about) == ("77", None, None)
    assert known.take() == []
    assert draft.finish is not None
    practice = draft.finish(draft.records[0])
    assert validate(practice) == []
    assert practice.id == "practice:ips-77"
    assert practice.properties == {
        "title": "Tide table for all",
        "summary": "A model tells harbours the tide. Ask  or read on. In the catalogue: technology: Artificial intelligence, "
        "kind of use: Prediction and planning, sector: Transport, status: Not in use anymore, ended: 2021.",
        "date": date(2019, 1, 1),
        "datePrecision": "YEAR",
        "lang": "en",
        "sourceUrl": None,
    }
    assert [link.target for link in practice.links["topics"]] == ["topic:artificial-intelligence", "topic:transport-and-licensing"]
    assert [link.target for link in practice.links["country"]] == ["country:NLD"]
    [(body, _)] = known.take()
    assert (body.properties["name"], body.properties["kind"]) == ("Harbour Office (Netherlands)", "GOVERNMENT")
    assert [link.target for link in practice.links["organization"]] == [body.id]


def test_the_json_gives_the_same_practice(tmp_path: Path) -> None:
    cells: dict[str, object] = dict(zip(HEADER.strip().split(","), CASE.strip().split(","), strict=True))
    cells |= {"id": 77, "geocoverage": ["Netherlands"], "end_date": "2021", "lead_organisation": {"name": "Harbour Office"}}
    table, listed = given(tmp_path, "cases.csv", HEADER + CASE), given(tmp_path, "cases.json", json.dumps([cells]))
    assert Ips().recognises(listed)
    [first], [second] = outcomes(Ips(), table), outcomes(Ips(), listed)
    assert isinstance(first, Draft)
    assert isinstance(second, Draft)
    assert (first.records, first.row) == (second.records, second.row)
    assert {Ips().dataset(table), Ips().dataset(listed)} == {"cases.csv", "cases.json"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Netherlands", "European Union", OutOfScope("“European Union” is no country: region", "practice:ips-77")),
        ("Netherlands", "Norway | Sweden", OutOfScope("a case of several countries is no country's own practice", "practice:ips-77")),
        ("Netherlands", "", Rejected(2, "geocoverage", "", "is no country that the network knows", (), "practice:ips-77")),
        (",77,", ",,", Rejected(2, "id", "", "is required and is empty")),
        ("Tide  table for all", " ", Rejected(2, "name", "", "is required and is empty", record="practice:ips-77")),
        (",2019,", ",soon,", Rejected(2, "start_date", "soon", "is not a year", ("1900 to 2099",), "practice:ips-77")),
    ],
)
def test_what_cannot_be_taken_is_told(tmp_path: Path, old: str, new: str, expected: object) -> None:
    assert outcomes(Ips(), given(tmp_path, "cases.csv", HEADER + CASE.replace(old, new, 1))) == [expected]


def test_an_unknown_country_is_told_with_the_nearest(tmp_path: Path) -> None:
    [rejected] = outcomes(Ips(), given(tmp_path, "cases.csv", HEADER + CASE.replace("Netherlands", "Netherlandia")))
    assert isinstance(rejected, Rejected)
    assert (rejected.value, len(rejected.allowed)) == ("Netherlandia", 3)


def test_a_case_kept_by_hand_keeps_its_id(tmp_path: Path) -> None:
    known = Resolver(Index(countries(), (), {("source:ips-catalogue", "77"): "practice:nld-tide-table"}))
    [draft] = outcomes(Ips(), given(tmp_path, "cases.csv", HEADER + CASE), known)
    assert isinstance(draft, Draft)
    assert draft.records[0].id == "practice:nld-tide-table"


def test_all_cases_of_the_public_data_are_read_and_land_on_the_starter_data(shared: Path) -> None:
    known = starter_resolver()
    files = public(shared / "data/ips", "cases.csv", "cases.json")
    table, listed = (outcomes(Ips(), file, known) for file in files)

    assert len(table) == len(listed) == 853
    assert {row.reason for row in table if not isinstance(row, Draft)} == {"“European Union” is no country: region"}
    drafts = [row for row in table if isinstance(row, Draft)]
    assert len(drafts) == 841
    assert [d.records for d in drafts] == [d.records for d in listed if isinstance(d, Draft)]
    assert len(starter_ids() & {d.records[0].id for d in drafts}) == 62
    for draft in drafts:
        assert draft.finish is not None
        assert validate(draft.finish(draft.records[0])) == []


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(
    strategies.lists(strategies.text(max_size=12), min_size=16, max_size=18),
    strategies.sampled_from(["Norway", "NO", "Norway|Sweden", "?"]),
)
def test_any_cells_give_an_outcome(cells: list[str], country: str) -> None:
    values = dict(zip(HEADER.strip().split(","), cells, strict=False))
    with TemporaryDirectory() as folder:
        lines = [",".join(cells), CASE.replace("Netherlands", country).replace("Harbour Office", cells[0]).replace("2019", cells[1])]
        found = outcomes(Ips(), given(Path(folder), "cases.csv", (HEADER + "\n".join(lines)).encode("utf-8", "replace")))
        listed = [values | {"geocoverage": [country], "start_date": 2019}, values, cells]
        found += outcomes(Ips(), given(Path(folder), "cases.json", json.dumps(listed)))
    assert found
    for outcome in found:
        if isinstance(outcome, Draft):
            assert outcome.finish is not None
            assert validate(outcome.finish(outcome.records[0])) == []
