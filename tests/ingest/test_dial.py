"""The Digital Impact Exchange: tools, products and designs of files in several layouts; persons among the partners are left out."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import strategies

from graph.records import Record, validate
from ingest.connector import Draft, OutOfScope, Rejected
from ingest.dial import Dial
from ingest.dial_files import quill
from ingest.inputs import InputFile
from ingest.resolution import Index, Resolver
from tests.ingest.files import Outcome, any_json, countries, given, outcomes, public, resolver, starter_resolver

TOOLS = "country phase,source,country,tool,software,tool_description,funder,implementer,govt_contribution,use_cases,tool_link\n"
ATLAS = (
    "Name,Country,Implementation Date,Start Date,End Date,Organisation Name,Donors,Implementing Partners,"
    "Overview of digital health implementation,Health Focus Areas,Software,Government Investor\n"
)
TRACKER = "Platform Name,Jurisdiction of Origin,Pillar,Lead Organization,Description,Partners,Open Source + Repo,Link\n"
USES = "Countries of Implementation,List with Line Breaks,Count of Implementations\n"
GOODS = [
    {
        "name": "Ferry Desk",
        "website": "ferry.example",
        "organizations": [{"name": "Harbour Foundation", "org_type": "owner"}, {"name": "Ann Example"}],
        "description": "Timetables of ferries.",
        "SDGs": [9, 16],
        "license": "MIT",
        "repositoryURL": "https://code.example/ferry",
    },
    {"name": "Old Desk", "description": "Timetables of coaches."},
]


def finished(outcome: Outcome) -> Record:
    assert isinstance(outcome, Draft)
    record = outcome.finish(outcome.records[0]) if outcome.finish else outcome.records[0]
    assert validate(record) == []
    return record


def targets(record: Record) -> dict[str, list[str]]:
    return {name: [link.target for link in links] for name, links in record.links.items()}


def only(file: InputFile, known: Resolver | None = None) -> Outcome:
    assert Dial().recognises(file)
    [outcome] = outcomes(Dial(), file, known)
    return outcome


def test_a_tool_is_a_project_of_its_country(tmp_path: Path) -> None:
    row = '2,kii,Uganda,Tide  Table,"DHIS2, Other",Tells tides. Ask a@b.example,"UNDP, Unknown","MOH, Uganda MoH",Yes,surveillance,https://tide.example\n'
    shared = {("source:dpg-registry", "dhis2"): ["offer:dhis2", "solution:dhis2"]}
    known = Resolver(
        Index(
            countries(),
            [("organization:undp", "United Nations Development Programme", "UNDP", [], None)],
            {},
            {},
            shared,
            frozenset({"organization:undp"}),
        )
    )

    draft = only(given(tmp_path, "tools.csv", TOOLS + row), known)

    project = finished(draft)
    assert isinstance(draft, Draft)
    assert project.id.startswith("project:dial-uga-tide-table-")
    assert draft.row == "uga: Tide Table"
    assert project.properties["title"] == "Tide  Table (Uganda)"
    assert project.properties["summary"] == "Tells tides. Ask"
    assert (project.properties["status"], project.properties["startDate"], project.properties["sourceUrl"]) == (
        "UNKNOWN",
        None,
        "https://tide.example",
    )
    links = targets(project)
    assert links["countries"] == ["country:UGA"]
    assert links["solutions"] == ["solution:dhis2"]
    assert links["funders"] == ["organization:undp"]
    assert len(links["implementers"]) == 1
    assert [record.properties["name"] for record, _ in known.take()] == ["Ministry of Health (Uganda)"]
    assert draft.about is not None
    assert "government" in draft.about.text


def test_persons_and_placeholders_are_no_organisations(tmp_path: Path) -> None:
    people = "Ann Example, JOHN EXAMPLE, ann, Dr. Example of Tide University, McExample, None (for-profit company), Inc, half (a name"
    row = f'1,x,Kenya,Tide,Other,Tells tides,"{people}","Tide University, TideWorks, Rain Trust; John Sea, Inc., World Bank Group",No,,\n'
    known = resolver()

    project = finished(only(given(tmp_path, "tools.csv", TOOLS + row), known))

    assert "funders" not in project.links
    made = {record.id: record.properties["name"] for record, _ in known.take()}
    assert list(made.values()) == ["Tide University", "TideWorks", "Rain Trust", "John Sea, Inc."]
    assert targets(project)["implementers"] == [*made, "organization:world-bank"]


def test_an_organisation_is_known_for_what_a_person_keeps_only(tmp_path: Path) -> None:
    row = "1,x,Kenya,Tide,Other,Tells tides,,Broad tides,No,,\n"
    names = [("organization:broad-tides", "Broad Tides", None, [], None)]
    read_before, by_hand = (Resolver(Index(countries(), names, by_hand=frozenset(kept))) for kept in ((), ("organization:broad-tides",)))
    file = given(tmp_path, "tools.csv", TOOLS + row)
    assert "implementers" not in finished(only(file, read_before)).links
    assert targets(finished(only(file, by_hand)))["implementers"] == ["organization:broad-tides"]


def test_a_work_of_the_atlas_has_its_days(tmp_path: Path) -> None:
    rows = [
        "Tide,Kenya,01/10/2015,01/10/2015,31/12/2199,Tide Institute,,,Tells tides,,,yes",
        "Rain,Kenya,,31/02/2015,03/08/2017,,,,Tells rain,,,no",
        "Wind,Kenya,,03/08/2017,03/08/2016,,,,Tells wind,,,no",
    ]
    tide, rain, wind = outcomes(Dial(), given(tmp_path, "DHA-Data.csv", ATLAS + "\n".join(rows)))
    assert (finished(tide).properties["startDate"], finished(tide).properties["endDate"]) == (date(2015, 10, 1), None)
    assert (finished(rain).properties["startDate"], finished(rain).properties["endDate"]) == (None, date(2017, 8, 3))
    assert isinstance(rain, Draft)
    assert [(r.field, r.value, r.record) for r in rain.set_aside] == [("Start Date", "31/02/2015", "project:dial-ken-rain")]
    assert (finished(wind).properties["startDate"], finished(wind).properties["endDate"]) == (date(2017, 8, 3), None)


def test_a_platform_of_the_tracker_and_rows_that_are_none(tmp_path: Path) -> None:
    rows = [
        'Tide,"\nIndia, Pakistan and Bangladesh",Payments,"Ministry of Tides, Government of India",Tells tides,N/A,No,null',
        "Rain,N/A,Payments,Guild,Tells rain,N/A,No,rain.example",
        "Wind,Atlantis,Payments,Guild,Tells wind,N/A,No,wind.example",
        "Snow,Kenya,Payments,Guild,N/A,N/A,No,N/A",
        ",Kenya,Payments,Guild,Tells,N/A,No,N/A",
        "Hail,Kenya,Payments,Guild,Tells, of hail, and more,N/A,No,N/A",
    ]
    tide, rain, wind, snow, nameless, wide = outcomes(Dial(), given(tmp_path, "tracker.csv", TRACKER + "\n".join(rows)))
    assert targets(finished(tide))["countries"] == ["country:IND", "country:PAK", "country:BGD"]
    assert finished(tide).key == "dial-bgd-ind-pak-tide"
    assert finished(tide).properties["sourceUrl"] is None
    assert rain == OutOfScope("no country is named")
    assert isinstance(wind, Rejected)
    assert (wind.value, wind.record, len(wind.allowed)) == ("Atlantis", "project:dial-unknown-wind", 3)
    assert snow == OutOfScope("a tool without a description", "project:dial-ken-snow")
    assert isinstance(nameless, Rejected)
    assert (nameless.field, nameless.reason) == ("name", "is required and is empty")
    assert isinstance(wide, Rejected)
    assert wide.reason == "has more cells than the header"


def test_products_are_joined_with_where_they_are_in_use(tmp_path: Path) -> None:
    files = [
        given(tmp_path, "digital-global-goods.json", json.dumps(GOODS)),
        given(tmp_path, "uses.csv", USES + 'Kenya,"ferry desk\r\n Tide",2\nAtlantis,Ferry Desk,1\nMyanmar (Burma),Ferry Desk,1\n'),
        given(tmp_path, "tools.csv", TOOLS),
    ]
    tools, products = Dial().gather(files)
    assert (tools.name, Dial().dataset(products)) == ("tools.csv", "dial-digital-global-goods")

    ferry, old, tide = outcomes(Dial(), products)

    solution = finished(ferry)
    assert solution.id.startswith("solution:dial-ferry-desk")
    assert (solution.properties["licence"], solution.properties["sdgs"], solution.properties["website"]) == (
        "MIT",
        ["9", "16"],
        "https://ferry.example",
    )
    assert targets(solution)["deployedIn"] == ["country:KEN", "country:MMR"]
    assert len(targets(solution)["organizations"]) == 1
    assert isinstance(ferry, Draft)
    assert [r.value for r in ferry.set_aside] == ["Atlantis"]
    why = "a product whose licence or description is not on record"
    assert [(outcome.reason if isinstance(outcome, OutOfScope) else "") for outcome in (old, tide)] == [why, why]


def test_a_product_kept_by_hand_keeps_its_id(tmp_path: Path) -> None:
    known = Resolver(Index(countries(), (), {("source:dpg-registry", "ferry-desk"): "solution:ferry"}))
    draft, _ = outcomes(Dial(), given(tmp_path, "digital-global-goods.json", json.dumps(GOODS)), known)
    assert isinstance(draft, Draft)
    assert (draft.records[0].id, draft.about) == ("solution:ferry", None)


def test_a_design_is_told_by_its_document(tmp_path: Path) -> None:
    delta = json.dumps(
        {
            "ops": [
                {"insert": "Description: "},
                {"insert": {"image": "x"}},
                {"attributes": {"bold": True}, "insert": "Tides\u00a0told.  \n\n\nIn time"},
            ]
        }
    )
    listed = [{"name": "Tides", "slug": "tide_table", "description": delta}, {"name": "Rain", "slug": "rain", "description": '{"ops": 7}'}]

    tides, rain = outcomes(Dial(), given(tmp_path, "use-cases.json", json.dumps(listed)))

    solution = finished(tides)
    assert solution.id.startswith("solution:dial-use-case-tide-table")
    assert (solution.properties["name"], solution.properties["licence"]) == ("Tides (use case)", "CC-BY-SA-4.0")
    assert solution.properties["summary"] == "Description: Tides told.\nIn time"
    assert isinstance(rain, Rejected)
    assert rain.field == "description"
    assert Dial().source(given(tmp_path, "x.json", "[]")).properties["licence"] == "CC-BY-SA-4.0"


def test_a_platform_of_the_india_stack_is_a_project_of_india(tmp_path: Path) -> None:
    listed = [
        {
            "name": "Tide ID",
            "website": "https://tide.example",
            "organizations": [{"name": "Tide Authority (TA)"}],
            "description": "Who sails",
        }
    ]
    project = finished(only(given(tmp_path, "india-stack.json", json.dumps(listed, indent=1))))
    assert targets(project)["countries"] == ["country:IND"]
    assert project.key.startswith("dial-ind-tide-id")


@pytest.mark.parametrize("text", ["plain words", "[1, 2]", '"a"', "{" * 5000, ""])
def test_a_description_that_is_no_document_stays_as_it_is(text: str) -> None:
    assert quill(text) == text


def test_all_files_of_the_public_data_are_read(shared: Path) -> None:
    known = starter_resolver()
    files = [file for file in public(shared / "data/dial") if Dial().recognises(file)]
    found = {Dial().dataset(file): outcomes(Dial(), file, known) for file in Dial().gather(files)}

    assert {name: (len(rows), sum(isinstance(row, Rejected) for row in rows)) for name, rows in found.items()} == {
        "dial-dha-data": (518, 0),
        "dial-mmphase1": (1772, 2),
        "dial-mmphase2": (1134, 0),
        "dial-newamerica-digital-platform-tracker": (104, 3),
        "dial-india-stack": (15, 0),
        "dial-building-blocks": (23, 0),
        "dial-use-cases": (16, 0),
        "dial-digital-global-goods": (60, 0),
    }
    rejected = {row.reason for rows in found.values() for row in rows if isinstance(row, Rejected)}
    assert rejected == {"is required and is empty", "has more cells than the header"}
    drafts = [row for rows in found.values() for row in rows if isinstance(row, Draft)]
    assert {(aside.field, aside.value) for draft in drafts for aside in draft.set_aside} == {("End Date", "Invalid Date")}
    first = [finished(draft) for draft in drafts]
    organizations = {record.id for record, _ in known.take()}
    # What the first reading brought in is known to the second, and changes nothing.
    assert [finished(draft) for draft in drafts] == first
    assert known.take() == []
    assert organizations


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(
    strategies.lists(strategies.text(alphabet='0123456789/.,;|-"()NAKenyaMOH \n\0é', max_size=60), max_size=6),
    strategies.sampled_from([TOOLS, ATLAS, TRACKER]),
    strategies.sampled_from(["1,x,Kenya,Tide,DHIS2,", "Tide,Kenya,,1/1/2020,", "Tide,Kenya,x,"]),
)
def test_any_cells_give_an_outcome(lines: list[str], header: str, opening: str) -> None:
    with TemporaryDirectory() as folder:
        for outcome in outcomes(Dial(), given(Path(folder), "a.csv", header + "\n".join([*lines, *(opening + line for line in lines)]))):
            if isinstance(outcome, Draft):
                finished(outcome)


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(
    any_json("ops", "insert", "name", "slug", "description", "license", "organizations"),
    strategies.sampled_from(["name", "description", "license", "SDGs", "organizations", "website", "slug"]),
)
def test_any_json_gives_an_outcome(value: object, field: str) -> None:
    with TemporaryDirectory() as folder:
        design = {"slug": "x", "name": "Tide", "description": json.dumps({"ops": value})}
        for name in ("digital-global-goods.json", "india-stack.json", "use-cases.json"):
            listed = json.dumps(
                [{"name": "first", "description": '{"ops"'}, GOODS[0] | {field: value}, design | {field: value}, design, value]
            )
            for outcome in outcomes(Dial(), given(Path(folder), name, listed)):
                if isinstance(outcome, Draft):
                    finished(outcome)
