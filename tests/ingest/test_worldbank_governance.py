"""The World Bank's list of projects with a digital part: numbers by name, columns of codes, rows of totals."""

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import strategies

from graph.records import validate
from ingest.connector import Draft, OutOfScope, Rejected
from ingest.inputs import InputFile
from ingest.worldbank_governance import NUMBERS, WorldBankGovernance
from tests.ingest.files import given, outcomes

HEADER = "Project Name,Region,Country,Practice,Status,Tot WB ($m),Net Co ($m),PFM Sys,Gov Sys,e-Serv,Open Gov,ID4D,Component,ICT Cost ($m),IEG Out\n"


def test_projects_and_totals(tmp_path: Path) -> None:
    rows = 'Offices online,AFE,Kenya,EDU,Closed,2.5,3.0,"1, 2",4,,,7,C1: Online offices,0.5,MS\n'
    rows += "OFFICES ONLINE II,AFE,Caribbean,GOV,Pipeline,0.0,0.41,,,,,,?,,\n"
    rows += ",,,DPL,314,1.0,1.0,1,1,1,1,1,,,\n"
    rows += "Offices,AFE,Atlantis,GOV,Paused,,,,,,,,,,\nOffices,AFE,Atlantis,GOV,Active,much,,,,,,,,,\n"
    file = given(tmp_path, "list.csv", HEADER + rows)
    assert WorldBankGovernance().recognises(file)
    whole, region, totals, paused, unknown = outcomes(WorldBankGovernance(), file)
    assert isinstance(whole, Draft)
    [record] = whole.records
    assert (whole.about, whole.row, record.key.startswith("wb-dg-offices-online-kenya")) == (None, "Offices online, Kenya", True)
    assert record.properties == {
        "title": "Offices online",
        "summary": "C1: Online offices",
        "status": "CLOSED",
        "lang": "en",
        "rating": "IEG outcome: Moderately Satisfactory",
        "amount": 2500000.0,
        "currency": "USD",
        "amountUsd": 2500000.0,
    }
    assert {name: [link.target for link in links] for name, links in record.links.items()} == {
        "countries": ["country:KEN"],
        "funders": ["organization:world-bank"],
        "topics": ["topic:public-finance-systems", "topic:digital-identity", "topic:digital-education"],
    }
    assert isinstance(region, Draft)
    assert (region.records[0].properties["title"], region.records[0].properties["amountUsd"], region.yielding) == (
        "Offices Online II",
        410000.0,
        {"title", "summary"},
    )
    assert "countries" not in region.records[0].links
    assert totals == OutOfScope("a row of totals, or of the key beside them")
    assert isinstance(paused, Rejected)
    assert (paused.field, paused.value) == ("Status", "Paused")
    assert isinstance(unknown, Draft)
    assert [(r.field, r.value) for r in unknown.set_aside] == [("Country", "Atlantis")]
    assert [p for o in (whole, region, unknown) for r in o.records for p in validate(r)] == []


def test_a_project_gets_its_number_by_name_country_and_sum(tmp_path: Path) -> None:
    with NUMBERS.open(encoding="utf-8", newline="") as stream:
        known = list(csv.DictReader(stream))
    assert len({row["number"] for row in known}) == len(known)
    one, other = [row for row in known if row["net"]][:2]
    assert (one["name"], one["country"]) == (other["name"], other["country"])
    rows = "".join(f'"{r["name"]}",,{r["country"]},,Active,1.0,{r["net"]},,,,,,,,\n' for r in (one, other, {**one, "net": "99"}))
    first, second, third = outcomes(WorldBankGovernance(), given(tmp_path, "list.csv", HEADER + rows))
    assert [o.records[0].id for o in (first, second) if isinstance(o, Draft)] == [f"project:wb-{r['number'].lower()}" for r in (one, other)]
    assert isinstance(third, Draft)
    assert third.records[0].key.startswith("wb-dg-")


def test_all_projects_of_the_public_data_are_read(shared: Path) -> None:
    path = shared / "data/wb_projects/wb_digital_governance_projects.csv"
    if not path.exists():
        pytest.skip("the digital governance list is not among the public data")
    found = outcomes(WorldBankGovernance(), InputFile(path, str(path), path.name))
    drafts = [o for o in found if isinstance(o, Draft)]
    assert [sum(isinstance(o, kind) for o in found) for kind in (Draft, OutOfScope, Rejected)] == [1449, 11, 0]
    assert [r for o in drafts for r in o.set_aside] == []
    assert [p for o in drafts for r in o.records for p in validate(r)] == []
    ids = [o.records[0].id for o in drafts]
    assert len(set(ids)) == len(ids)
    assert sum(not i.startswith("project:wb-dg-") for i in ids) == 1421


@hypothesis.settings(max_examples=100, deadline=None)
@hypothesis.given(strategies.lists(strategies.text(alphabet='KenyaClosd,"1.9e \n\0', max_size=60), max_size=6))
def test_any_cells_give_an_outcome(lines: list[str]) -> None:
    with TemporaryDirectory() as folder:
        for outcome in outcomes(WorldBankGovernance(), given(Path(folder), "a.csv", HEADER + "\n".join(lines))):
            if isinstance(outcome, Draft):
                assert [problem for record in outcome.records for problem in validate(record)] == []
