"""The World Bank's projects list: both forms, needs in preparation, texts in capitals and with entities, regions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import strategies

from graph.database import Database, Query
from graph.provenance import conflicts, stored_records
from graph.records import Record, validate
from ingest.connector import Draft, OutOfScope, Rejected
from ingest.connectors import RANKS
from ingest.engine import Options, ingest
from ingest.ieg import Ieg
from ingest.inputs import InputFile
from ingest.worldbank import WorldBank
from tests.ingest.files import given, outcomes, resolver

OLD = (
    "id,regionname,countryname,projectstatusdisplay,project_name,pdo,impagency,url,boardapprovaldate,closingdate,"
    "curr_total_commitment,grantamt,borrower,lendinginstr,sector1,theme1\n"
)
NEW = (
    "id,regionname,countryshortname,status,project_name,pdo,impagency,public_disclosure_date,boardapprovaldate,closingdate,"
    "idacommamt,grantamt,curr_total_commitment,lendinginstr\n"
)
CLOSED = (
    'P900001,Africa,Republic of Kenya,Closed,KE: Online Tax Office,"<p>To let people pay taxes &ldquo;online&rdquo;. Call +1 (202) 712 4810.</p>",'
    '"Ministry of Finance, Planning and Trade; Revenue Authority, Nairobi",,2011-04-26T00:00:00Z,12/30/2017 12:00:00 AM,10000000.0,500000.0,,Loan,ICT Services,Tax policy and administration\n'
)


def first(outcome: object) -> Record:
    assert isinstance(outcome, Draft)
    record = outcome.finish(outcome.records[0]) if outcome.finish else outcome.records[0]
    assert [problem for found in (record, *outcome.if_known) for problem in validate(found)] == []
    return record


def targets(record: Record, name: str) -> list[str]:
    return [link.target for link in record.links.get(name, ())]


def test_a_project_of_the_list_with_sectors(tmp_path: Path) -> None:
    file = given(tmp_path, "list_2024-08-29.csv", OLD + CLOSED)
    connector = WorldBank()
    assert connector.recognises(file)
    assert (connector.dataset(file), connector.as_of(file), connector.source(file).id) == ("list", "2024-08-29", "source:wb-projects")
    known = resolver()

    [draft] = outcomes(connector, file, known)

    record = first(draft)
    assert record.id == "project:wb-p900001"
    assert record.properties == {
        "title": "Online Tax Office",
        "summary": "To let people pay taxes “online”. Call .",
        "status": "CLOSED",
        "startDate": date(2011, 4, 26),
        "endDate": date(2017, 12, 30),
        "datePrecision": "DAY",
        "lang": "en",
        "amount": 10500000.0,
        "currency": "USD",
        "amountUsd": 10500000.0,
    }
    assert targets(record, "countries") == ["country:KEN"]
    assert targets(record, "funders") == ["organization:world-bank"]
    assert sorted(r.properties["name"] for r, _ in known.take()) == [  # type: ignore[type-var]  # names are texts by the model
        "Ministry of Finance, Planning and Trade (Kenya)",
        "Revenue Authority, Nairobi (Kenya)",
    ]
    assert isinstance(draft, Draft)
    assert draft.about is not None
    assert draft.about.codes == ("22040", "15114")
    assert (draft.row, draft.as_of, draft.follows, draft.yielding) == ("P900001", "2024-08-29", True, {"date"})
    [need] = draft.if_known
    assert (need.id, need.properties["status"], targets(need, "metBy")) == ("need:need-wb-p900001", "MET", ["project:wb-p900001"])


def test_a_working_title_in_capitals_gives_way(tmp_path: Path) -> None:
    row = "P900002,Africa,Kenya,Active,TAX OFF. ONLINE II,TBD,,2020-01-02,2020-02-03T00:00:00Z,2025-06-30,1.0,400.0,1400.0,\n"
    file = given(tmp_path, "list_2025-03-31.csv", NEW + row)
    assert (WorldBank().recognises(file), WorldBank().source(file).id) == (True, "source:wb-projects-2025")
    [draft] = outcomes(WorldBank(), file)
    record = first(draft)
    assert (record.properties["title"], record.properties["summary"], record.properties["amountUsd"]) == (
        "Tax Off. Online II",
        "Tax Off. Online II",
        1400.0,
    )
    assert isinstance(draft, Draft)
    assert draft.yielding == {"title", "summary", "description", "lang"}


def test_a_project_in_preparation_is_a_need(tmp_path: Path) -> None:
    rows = "P900003,Africa,Kenya,Pipeline,Digital land offices,SECURE LAND RIGHTS FOR THE PEOPLE OF KENYA.,,2024-11-05,2025-09-30T00:00:00Z,,,,7000.0,\n"
    rows += "P900004,Africa,Kenya,Pipeline,Digital land offices,,,,,,,,,\n"
    rows += "P900005,Africa,Western and Central Africa,Pipeline,Digital land offices,,,,,,,,,\n"
    told, untold, region = outcomes(WorldBank(), given(tmp_path, "list_2025-03-31.csv", NEW + rows))
    need = first(told)
    assert (need.id, targets(need, "country")) == ("need:need-wb-p900003", ["country:KEN"])
    assert need.properties == {
        "title": "Digital land offices",
        "description": "Secure land rights for the people of Kenya.",
        "status": "OPEN",
        "date": date(2024, 11, 5),
        "datePrecision": "DAY",
        "lang": "en",
        "amount": 7000.0,
        "currency": "USD",
        "amountUsd": 7000.0,
    }
    # The list does not say since when: it was so on the day of the edition, until another edition knows better.
    assert first(untold).properties["date"] == date(2025, 3, 31)
    assert isinstance(untold, Draft)
    assert "date" in untold.yielding
    assert (first(region).id, first(region).properties["status"], first(region).links.get("countries")) == (
        "project:wb-p900005",
        "PIPELINE",
        [],
    )


def test_a_dropped_project_withdraws_its_need(tmp_path: Path) -> None:
    row = "P900006,Africa,Kenya,Dropped,Digital land offices,Land rights.,,2024-11-05,2025-09-30T00:00:00Z,,,,7000.0,\n"
    [draft] = outcomes(WorldBank(), given(tmp_path, "list_2025-03-31.csv", NEW + row))
    record = first(draft)
    assert (record.properties["status"], record.properties.get("startDate")) == ("CANCELLED", None)
    assert isinstance(draft, Draft)
    assert [(r.id, r.properties["status"], targets(r, "metBy")) for r in draft.if_known] == [("need:need-wb-p900006", "WITHDRAWN", [])]


def test_rows_that_cannot_be_taken(tmp_path: Path) -> None:
    rows = "P900007" + "," * 15 + "\n"
    rows += "900008,Africa,Kenya,Closed,A title" + "," * 11 + "\n"
    rows += "P900009,Africa,Kenya,Closed," + "," * 11 + "\n"
    rows += "P900010,Africa,Kenya,Paused,A title" + "," * 11 + "\n"
    rows += "P900011,Africa,Kenia and Atlantis,,A title,,,,31/31/2011,31 December,many,,,,,\n"
    number, key, title, status, fields = outcomes(WorldBank(), given(tmp_path, "list_2024-08-29.csv", OLD + rows))
    assert number == OutOfScope("a number without a project", record="project:wb-p900007")
    assert [(r.field, r.value, r.record) for r in (key, title, status) if isinstance(r, Rejected)] == [
        ("id", "900008", None),
        ("project_name", "", "project:wb-p900009"),
        ("status", "Paused", "project:wb-p900010"),
    ]
    assert isinstance(fields, Draft)
    assert [(r.field, r.value, r.reason) for r in fields.set_aside] == [
        ("country", "Kenia and Atlantis", "is no country that the network knows"),
        ("boardapprovaldate", "31/31/2011", "is not a day of the calendar"),
        ("closingdate", "31 December", "is not a date"),
    ]
    record = first(fields)
    assert (record.properties["status"], record.properties.get("amountUsd"), record.links.get("countries")) == ("UNKNOWN", None, [])
    assert "status" in fields.yielding


@pytest.mark.parametrize("name", ["list_subset.csv", "list_2025_strict.csv", "list_2025-03-31.txt"])
def test_extracts_are_no_data_sets(tmp_path: Path, name: str) -> None:
    assert not WorldBank().recognises(given(tmp_path, name, NEW))


@pytest.mark.parametrize(
    ("agencies", "country", "wanted"),
    [
        (
            "Ministry of Labour, Youth and Sports, Ministry of Finance",
            "Kenya",
            ["Ministry of Labour, Youth and Sports (Kenya)", "Ministry of Finance (Kenya)"],
        ),
        ("Government of Kenya", "Kenya", ["country:KEN"]),
        ("UNDP", "Kenya", ["organization:undp"]),
        ("Nairobi", "Kenya", []),
        ("Ministry of Finance", "Western and Central Africa", []),
        (
            "Ministry of Finance of Ghana, Ministry of Works (Mali)",
            "Western and Central Africa",
            ["Ministry of Finance of Ghana", "Ministry of Works (Mali)"],
        ),
    ],
)
def test_agencies(tmp_path: Path, agencies: str, country: str, wanted: list[str]) -> None:
    known = resolver()
    file = given(tmp_path, "list_2025-03-31.csv", NEW + f'P900001,,{country},Active,A title,,"{agencies}",,,,,,,\n')
    [draft] = outcomes(WorldBank(), file, known)
    found = targets(first(draft), "implementers")
    names = {record.id: record.properties["name"] for record, _ in known.take()}
    assert [names.get(target, target) for target in found] == wanted


@pytest.mark.slow
def test_both_editions_of_the_public_data_are_read(shared: Path) -> None:
    paths = [p for p in sorted((shared / "data/wb_projects").glob("*.csv")) if WorldBank().recognises(InputFile(p, str(p), p.name))]
    if not paths:
        pytest.skip("the World Bank files are not among the public data")
    found = {path.name: outcomes(WorldBank(), InputFile(path, str(path), path.name)) for path in paths}
    counts = {name: [sum(isinstance(o, kind) for o in rows) for kind in (Draft, OutOfScope, Rejected)] for name, rows in found.items()}
    assert counts == {"wb_projects_2024-08-29.csv": [20796, 1773, 0], "wb_projects_2025-03-31.csv": [27132, 0, 0]}
    # All names of countries are known, and every record is sound.
    assert [r for rows in found.values() for o in rows if isinstance(o, Draft) for r in o.set_aside] == []
    needs = {name: sum(o.records[0].label == "Need" for o in rows if isinstance(o, Draft)) for name, rows in found.items()}
    assert needs == {"wb_projects_2024-08-29.csv": 642, "wb_projects_2025-03-31.csv": 223}
    assert [
        p for rows in found.values() for o in rows if isinstance(o, Draft) for r in (*o.records, *o.if_known) for p in validate(r)
    ] == []


CELLS = strategies.one_of(
    strategies.sampled_from(
        ["P900001", "Kenya", "Pipeline", "Closed", "2020-13-01T00:00:00Z", "1/2/2020 12:00:00 AM", "&#0;&#xD800;", "<p>", "1e999", "ONLINE"]
    ),
    strategies.text(max_size=12),
)


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(strategies.lists(strategies.lists(CELLS, max_size=17), max_size=6), strategies.booleans())
def test_any_cells_give_an_outcome(lines: list[list[str]], old: bool) -> None:
    content = (OLD if old else NEW) + "\n".join(",".join(cells) for cells in lines)
    with TemporaryDirectory() as folder:
        for outcome in outcomes(WorldBank(), given(Path(folder), "list_2024-08-29.csv", content.encode("utf-8", "replace"))):
            if isinstance(outcome, Draft):
                first(outcome)


async def brought(database: Database, label: str, key: str) -> Record | None:
    return next(iter((await stored_records(database, label, [f"{label.lower()}:{key}"])).values()), None)


@pytest.mark.live
async def test_two_editions_and_the_ratings_tell_one_story(database: Database, tmp_path: Path) -> None:
    # given one edition with proper titles, a later one with working titles, where a need has become a project
    old = OLD + "P999991,,Kenya,Pipeline,Digital identity for public services,,,,,,5.0,,,\n"
    old += "P999992,,Kenya,Active,Digital identity for the government,To issue digital identity cards.,,,2020-01-02T00:00:00Z,,5.0,,,\n"
    old += "P999993,,Kenya,Active,Digital identity for the government,,,,,,,,,\nP999994,,Kenya,Active,Rural roads,,,,,,,,,\n"
    new = NEW + "P999991,,Kenya,Active,DIG ID PUB SERV,,,2023-05-06,2024-10-10T00:00:00Z,,,,6.0,\n"
    new += "P999992,,Kenya,Closed,DIG ID GOVT,,,,2020-01-02T00:00:00Z,2024-12-31,,,7.0,\n"
    new += "P999994,,Kenya,Closed,RURAL ROADS,,,,,,,,,\n"
    files = [given(tmp_path, "list_2024-08-29.csv", old), given(tmp_path, "list_2025-03-31.csv", new)]
    ratings = given(
        tmp_path,
        "ratings.csv",
        "As of Date,Project ID,Evaluation FY,Quality at Entry,Outcome\n01/15/2026,P999992,2025,,Satisfactory\n01/15/2026,P999994,2025,,Satisfactory\n",
    )
    try:
        # when they are read
        report = await ingest(database, WorldBank(), files, Options(ranks=RANKS))
        rated = await ingest(database, Ieg(), [ratings], Options(ranks=RANKS))
        again = await ingest(database, WorldBank(), files, Options(ranks=RANKS, again=True))
        need, met = await brought(database, "Need", "need-wb-p999991"), await brought(database, "Project", "wb-p999991")
        told, gone = await brought(database, "Project", "wb-p999992"), await brought(database, "Project", "wb-p999993")
        hidden = {(c.field, c.said) for c in await conflicts(database, "project:wb-p999992")}

        # then the later wins where it says something, and what it does not say stays
        assert all(file.counts.balanced for file in (*report.files, *rated.files, *again.files))
        assert (report.counts.new, report.counts.changed, report.counts.out_of_scope, report.counts.withdrawn) == (4, 1, 2, 1)
        assert (again.counts.new, again.counts.changed, again.counts.withdrawn, again.counts.rejected) == (0, 0, 0, 0)
        assert need is not None
        assert (need.properties["status"], need.properties["date"], need.properties["title"]) == (
            "MET",
            date(2023, 5, 6),
            "Digital identity for public services",
        )
        assert [link.target for link in need.links["metBy"]] == ["project:wb-p999991"]
        assert met is not None
        assert (met.properties["status"], met.properties["amountUsd"]) == ("ACTIVE", 6.0)
        assert told is not None
        assert {name: told.properties.get(name) for name in ("title", "summary", "status", "amountUsd", "endDate", "rating")} == {
            "title": "Digital identity for the government",
            "summary": "To issue digital identity cards.",
            "status": "CLOSED",
            "amountUsd": 7.0,
            "endDate": date(2024, 12, 31),
            "rating": "IEG outcome: Satisfactory",
        }
        assert {("status", "ACTIVE"), ("amountUsd", 5.0), ("title", "Dig ID Govt")} <= hidden
        assert gone is not None
        assert (gone.properties.get("withdrawn"), await brought(database, "Project", "wb-p999994")) == (True, None)
    finally:
        for text in (
            "MATCH (n)\nWHERE n.id CONTAINS 'wb-p99999' AND NOT n:Change OR n.record CONTAINS 'wb-p99999' AND n:Statement\nDETACH DELETE n",
            "MATCH (s:State)\nWHERE s.id STARTS WITH 'state:ingest:worldbank' OR s.id STARTS WITH 'state:ingest:ieg'\nDELETE s",
            "MATCH (s:Source {id: 'source:wb-projects-2025'})\nDETACH DELETE s",
        ):
            await database.write(lambda transaction, text=text: transaction.run(Query(text)))
