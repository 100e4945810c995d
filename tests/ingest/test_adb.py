"""Asian Development Bank: a proposal for one country is a need as well, a regional project has the countries of its places."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import strategies

from graph.database import Database, Query
from graph.provenance import stored_records
from graph.records import validate
from ingest.adb import Adb
from ingest.connector import Draft, Rejected
from ingest.engine import Options, ingest
from ingest.inputs import InputFile
from ingest.preparation import Preparation, Scope
from ingest.relevance import Classifier
from tests.ingest.files import finished, given, outcomes, resolver, targets

HEADER = (
    "Project Number,Project Name,Country,Financing,Project Type or Modality,Status,Approval Number,Approval Date,ADB Financing (US$),"
    "Geographical Location,Sector,Subsector,Executing Agency,iso3\n"
)
NAME = "adb_sovereign_projects_2026-03-31.csv"


def row(
    status: str = "Closed",
    country: str = "Nepal",
    approved: str = "07/03/2019",
    amount: str = '"1,500,000.00"',
    places: str = "Nation-wide",
    agency: str = "Ministry of Examples (formerly Ministry of Samples)",
) -> str:
    sector = "Information and communication technology | Public sector management"
    return f"12345-001,Digital examples,{country},Sovereign,Loan | Grant,{status},1,{approved},{amount},{places},{sector},ICT policy,{agency},NPL\n"


def test_a_project(tmp_path: Path) -> None:
    file = given(tmp_path, NAME, HEADER + row())
    assert Adb().recognises(file)
    assert (Adb().dataset(file), Adb().as_of(file)) == ("adb_sovereign_projects", "2026-03-31")
    known = resolver()
    [draft] = outcomes(Adb(), file, known)
    record = finished(draft)
    assert record.id == "project:adb-12345-001"
    assert dict(record.properties) == {
        "title": "Digital examples",
        "summary": "Digital examples. Support of the Asian Development Bank as loan, grant. Sector: Information and communication technology; "
        "Public sector management. Subsector: ICT policy. Executing agency: Ministry of Examples (formerly Ministry of Samples).",
        "status": "CLOSED",
        "lang": "en",
        "startDate": date(2019, 3, 7),
        "datePrecision": "DAY",
        "amount": 1500000.0,
        "currency": "USD",
        "amountUsd": 1500000.0,
        "amountDate": date(2019, 3, 7),
    }
    assert targets(record, "countries") == ["country:NPL"]
    assert len(targets(record, "funders")) == 1
    made = {r.id: r.properties["name"] for r, _ in known.take()}
    assert [made[target] for target in targets(record, "implementers")] == ["Ministry of Examples (Nepal)"]
    assert isinstance(draft, Draft)
    assert draft.about
    assert draft.about.codes == ("22040", "15110")


def test_a_proposal_for_one_country_is_a_need_of_it(tmp_path: Path) -> None:
    [draft] = outcomes(Adb(), given(tmp_path, NAME, HEADER + row("Proposed", approved="")))
    assert isinstance(draft, Draft)
    project, need = draft.records
    assert project.properties["status"] == "PIPELINE"
    assert "startDate" not in project.properties
    assert need.id == "need:need-adb-12345-001"
    assert {k: v for k, v in need.properties.items() if k != "description"} == {
        "title": "Digital examples",
        "date": date(2026, 3, 31),
        "datePrecision": "DAY",
        "status": "OPEN",
        "visibility": "PUBLIC",
        "lang": "en",
        "amount": 1500000.0,
        "currency": "USD",
        "amountUsd": 1500000.0,
    }
    assert targets(need, "country") == ["country:NPL"]
    assert validate(need) == []


def test_the_need_is_about_what_the_project_is_about(tmp_path: Path) -> None:
    file = given(tmp_path, NAME, HEADER + row("Proposed", approved=""))
    topic = {
        "id": "topic:examples",
        "name": "Examples",
        "description": "Examples.",
        "parent": None,
        "terms": ["digital examples"],
        "dacCodes": [],
    }
    adb = Adb()
    run = Preparation(
        adb, file, "adb", "2026-03-31", adb.source(file), resolver(), Classifier([topic]), Scope.E_GOVERNMENT, lambda _: frozenset()
    )
    [batch] = run.batches()
    [found] = batch.rows
    assert [(r.label, targets(r, "topics")) for r in found.records] == [("Project", ["topic:examples"]), ("Need", ["topic:examples"])]


def test_a_proposal_in_a_list_without_a_date_makes_no_need(tmp_path: Path) -> None:
    file = given(tmp_path, "adb.csv", HEADER + row("Proposed", approved=""))
    assert Adb().as_of(file) is None
    [draft] = outcomes(Adb(), file)
    assert isinstance(draft, Draft)
    assert [r.id for r in draft.records] == ["project:adb-12345-001"]
    assert [(r.line, r.field, r.value) for r in draft.set_aside] == [(2, "file name", "12345-001")]


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ("Bhutan - Nation-wide; India - Assam; Somewhere", ["country:BTN", "country:IND"]),
        ("Regional", []),
        ("Taipei,China", ["country:TWN"]),
    ],
)
def test_a_regional_project_has_the_countries_of_its_places(tmp_path: Path, places: str, found: list[str]) -> None:
    [draft] = outcomes(Adb(), given(tmp_path, NAME, HEADER + row("Proposed", "Regional", "", places=f'"{places}"')))
    assert isinstance(draft, Draft)
    assert targets(draft.records[0], "countries") == found
    assert len(draft.records) == (2 if len(found) == 1 else 1)


def test_what_cannot_be_taken_is_told(tmp_path: Path) -> None:
    text = HEADER + row(country="Atlantis", approved="31/02/2019", amount="much") + row("Asleep") + row().replace("12345-001", "?")
    draft, status, number = outcomes(Adb(), given(tmp_path, NAME, text))
    assert isinstance(draft, Draft)
    assert [(r.line, r.field, r.value) for r in draft.set_aside] == [
        (2, "Country", "Atlantis"),
        (2, "Approval Date", "31/02/2019"),
        (2, "ADB Financing (US$)", "much"),
    ]
    assert isinstance(status, Rejected)
    assert (status.line, status.value, status.allowed, status.record) == (
        3,
        "Asleep",
        ("Proposed", "Approved", "Active", "Closed"),
        "project:adb-12345-001",
    )
    assert number == Rejected(4, "Project Number", "?", "is not a number like 50254-001")


def test_the_public_list_is_read_whole(shared: Path) -> None:
    path = shared / "data/adb_projects/adb_sovereign_projects_2025-01-09.csv"
    if not path.is_file():
        pytest.skip("the list of the Asian Development Bank is not among the public data")
    public = InputFile(path, str(path), path.name)
    assert Adb().recognises(public)
    assert not Adb().recognises(InputFile(path, str(path), "adb_ict_subset.csv"))
    found = outcomes(Adb(), public)
    drafts = [o for o in found if isinstance(o, Draft)]
    assert (len(found), len(drafts), len({o.records[0].id for o in drafts})) == (7_330, 7_330, 7_330)
    assert [aside for o in drafts for aside in o.set_aside] == []
    assert [problem for o in drafts for record in o.records for problem in validate(record)] == []


@pytest.mark.live
async def test_a_need_is_withdrawn_once_the_project_is_approved(database: Database, tmp_path: Path) -> None:
    number = "99999-001"
    proposed, approved = (row(status).replace("12345-001", number) for status in ("Proposed", "Approved"))
    first = given(tmp_path, "adb-examples_2026-03-31.csv", HEADER + proposed)
    second = given(tmp_path, "adb-examples_2026-06-30.csv", HEADER + approved)

    before = await ingest(database, Adb(), [first], Options())
    after = await ingest(database, Adb(), [second], Options())
    need = (await stored_records(database, "Need", [f"need:need-adb-{number}"]))[f"need:need-adb-{number}"]
    project = (await stored_records(database, "Project", [f"project:adb-{number}"]))[f"project:adb-{number}"]
    for text in (
        "MATCH (n)\nWHERE n.id ENDS WITH 'adb-99999-001'\nDETACH DELETE n",
        "MATCH (n)\nWHERE n.id STARTS WITH 'state:ingest:adb:adb-examples' OR (n:IngestRun AND n.connector = 'adb')\nDETACH DELETE n",
    ):
        await database.write(lambda transaction, text=text: transaction.run(Query(text)))

    assert {k: v for k, v in before.counts.as_dict().items() if v} == {"read": 1, "new": 1}
    assert {k: v for k, v in after.counts.as_dict().items() if v} == {"read": 1, "changed": 1, "withdrawn": 1}
    assert (project.properties["status"], need.properties["withdrawn"]) == ("ACTIVE", True)


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(strategies.lists(strategies.lists(strategies.text(alphabet='1-/.0,"é\n\0Nepal|;', max_size=12), max_size=15), max_size=6))
def test_any_cells_give_an_outcome(lines: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        text = HEADER + row("Proposed") + "\n".join(",".join(["1-1", "x", "Nepal", "", "", "Proposed", "", *cells]) for cells in lines)
        for outcome in outcomes(Adb(), given(Path(folder), NAME, text)):
            if isinstance(outcome, Draft):
                assert [problem for record in outcome.records for problem in validate(record)] == []
                finished(outcome)
