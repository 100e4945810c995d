"""Korea's list: rows of one project become one, courses become offers, whatever is no project is told, and hand-kept records keep their ids."""

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
from graph.writer import write
from ingest.connector import Draft, OutOfScope, Rejected, Row
from ingest.engine import Options, ingest
from ingest.inputs import InputFile
from ingest.koica import Koica
from ingest.resolution import Index, Resolver
from tests.ingest.files import countries, finished, given, outcomes, resolver, targets

HEADER = (
    "id,project_year,country,project_name,region,type_of_cooperation,won_amount,usd_amount,duration,crs_code_name,koica_sector,"
    "recipient_agency,AidData_activity_codes,Aid_Data_purposecode\n"
)
PROJECT = "Infra-Preliminary Project/Prog"
COURSE = "Invitation of Trainees"


def line(
    number: int, year: int | str, country: str, name: str, kind: str = PROJECT, usd: str = "100", duration: str = "", agency: str = ""
) -> str:
    return f'{number},{year},{country},"{name}",Asia,{kind},1000,{usd},{duration},GOVERNMENT ADMINISTRATION,Governance,{agency},22040.01|15110.02,15110.0\n'


def test_a_project_over_several_years_is_one(tmp_path: Path) -> None:
    rows = [
        line(71, 2005, "El Savador", "Digital Registry  of Land", usd="300", duration="2004-05-01~2006-06-30"),
        line(72, 2006, "El Savador", "Unrelated works"),
        line(70, 2004, "El Savador", "Digital registry of land", usd="200", agency="Land Office"),
        line(73, 2006, "El Savador", "Digital Registry of Land", usd="-50"),
        line(74, 2006, "Laos", "Digital Registry of Land"),
    ]
    file = given(tmp_path, "list.csv", HEADER + "".join(rows))
    assert Koica().recognises(file)

    found = outcomes(Koica(), file)

    assert len(found) == 5
    assert [o.records[0].id for o in found if isinstance(o, Draft)] == ["project:koica-70"] * 3 + ["project:koica-72", "project:koica-74"]
    joined = finished(found[0])
    assert joined == finished(found[1]) == finished(found[2])
    assert dict(joined.properties) == {
        "title": "Digital registry of land",
        "summary": "Digital registry of land: a project of Korean cooperation, El Salvador, 2004–2006. Sector: governance, government administration.",
        "lang": "en",
        "startDate": date(2004, 1, 1),
        "endDate": date(2006, 1, 1),
        "datePrecision": "YEAR",
        "amountUsd": 450.0,
        "amount": 3000.0,
        "currency": "KRW",
        "amountDate": date(2006, 12, 31),
        "status": "CLOSED",
    }
    assert targets(joined, "countries") == ["country:SLV"]
    assert targets(joined, "funders")[1:] == ["country:KOR"]
    assert len(targets(joined, "implementers")) == 2
    assert "supporters" not in joined.links
    assert isinstance(found[0], Draft)
    assert found[0].row == "id 70 (and 2 more rows); 2004–2006; El Savador"
    assert found[0].about
    assert found[0].about.codes == ("15110", "22040")


def test_a_project_that_outlasts_the_list_has_an_end_nobody_knows(tmp_path: Path) -> None:
    text = line(1, 2007, "Serbia-Montenegro", "Digital archive", duration="2007-02-01~2009-12-31")
    record = finished(outcomes(Koica(), given(tmp_path, "list.csv", HEADER + text))[0])
    assert (record.properties["status"], record.properties["endDate"]) == ("UNKNOWN", date(2009, 1, 1))
    assert sorted(targets(record, "countries")) == ["country:MNE", "country:SRB"]


def test_experts_advise_and_keep_their_days(tmp_path: Path) -> None:
    text = line(5, 2006, "Mongolia", "Cyber Crime", "Experts", duration="2006-08-28~2006-10-27", agency="외무부")
    record = finished(outcomes(Koica(), given(tmp_path, "list.csv", HEADER + text))[0])
    assert record.properties["title"] == "Korean experts in Mongolia: Cyber Crime"
    assert (record.properties["startDate"], record.properties["endDate"], record.properties["datePrecision"]) == (
        date(2006, 8, 28),
        date(2006, 10, 27),
        "DAY",
    )
    assert targets(record, "supporters") == ["country:KOR"]
    assert len(targets(record, "implementers")) == 1


def test_a_course_is_one_offer_to_all_who_took_part(tmp_path: Path) -> None:
    rows = [
        line(1, 2004, "Kenya", "Digital Records", COURSE, duration="2004-03-01~2004-03-10"),
        line(2, 2006, "El Savador", "Digital records", COURSE, duration="2006-03-01~2006-03-21"),
        line(3, 2006, "UNESCO", "Digital Records", COURSE),
    ]
    found = outcomes(Koica(), given(tmp_path, "list.csv", HEADER + "".join(rows)))
    offer = finished(found[1])
    assert [finished(o).id for o in found] == ["offer:koica-course-digital-records"] * 3
    assert dict(offer.properties) == {
        "title": "Digital Records: training course in Korea",
        "summary": "Digital Records: a training course to which Korea invited officials and specialists from 2 countries and territories, 2004–2006. "
        "Sector: governance, government administration.",
        "kind": "CAPACITY_BUILDING",
        "mode": "ABROAD",
        "date": date(2006, 1, 1),
        "datePrecision": "YEAR",
        "durationDays": 21,
        "lang": "en",
    }
    assert targets(offer, "openTo") == ["country:KEN", "country:SLV"]
    assert targets(offer, "providers")[0] == "country:KOR"
    assert len(targets(offer, "providers")) == 2


def test_a_course_kept_by_hand_keeps_its_id_alone_and_beside_others(tmp_path: Path) -> None:
    curated = {
        ("source:koica-projects", "Digital Records, 2004-2006"): "offer:by-hand",
        ("source:koica-projects", "Tax Online, 2003; Tax Online for Islands, 2004"): "offer:both",
    }
    known = Resolver(Index(countries(), [], curated))
    rows = [
        line(1, 2004, "Kenya", "Digital Records", COURSE),
        line(2, 2006, "Kenya", "Digital Records", COURSE),
        line(3, 2003, "Kenya", "Tax Online", COURSE),
        line(4, 2004, "Fiji", "Tax Online for Islands", COURSE),
    ]
    found = outcomes(Koica(), given(tmp_path, "list.csv", HEADER + "".join(rows)), known)
    assert [o.records[0].id for o in found if isinstance(o, Draft)] == ["offer:by-hand", "offer:by-hand", "offer:both", "offer:both"]
    assert [o.as_of for o in found if isinstance(o, Draft)] == ["2006-01-01", "2006-01-01", "2003-01-01", "2004-01-01"]


def test_what_is_no_project_is_told(tmp_path: Path) -> None:
    rows = [
        line(1, 2004, "Kenya", "Computer Science", "Volunteers"),
        line(2, 2004, "Kenya", ""),
        line(3, 2004, "UNESCO", "Digital Records", COURSE),
        line(4, "soon", "Kenya", "Digital archive"),
        line(5, 2004, "Atlantis", "Digital archive"),
        line(6, 2004, "Atlantis", "Digital census", COURSE),
        line(7, 2004, "Kenya", "Digital census", COURSE),
    ]
    volunteer, blank, year, group, archive, census, taken = outcomes(Koica(), given(tmp_path, "list.csv", HEADER + "".join(rows)))
    assert volunteer == OutOfScope("“Volunteers” names an occupation or a budget line, no project")
    assert blank == OutOfScope("the row names no project")
    assert group == OutOfScope("the course names no country that took part", "offer:koica-course-digital-records")
    assert year == Rejected(5, "project_year", "soon", "is not a year", ("1991 to 2007",))
    for found, where, record in ((archive, 6, "project:koica-5"), (census, 7, "offer:koica-course-digital-census")):
        assert isinstance(found, Rejected)
        assert (found.line, found.field, found.value, found.record) == (where, "country", "Atlantis", record)
        assert len(found.allowed) == 3
    assert targets(finished(taken), "openTo") == ["country:KEN"]


@pytest.mark.parametrize("name", ["koica_egov_ict_subset.csv", "koica_ict_training_courses.csv"])
def test_extracts_of_the_list_are_left_alone(tmp_path: Path, name: str) -> None:
    header = HEADER if "subset" in name else "course,first_year,last_year,countries,country_list,rows,usd\n"
    assert not Koica().recognises(given(tmp_path, name, header))


def test_the_public_list_is_read_whole(shared: Path) -> None:
    path = shared / "data/bilateral/koica_1991_2007_all.csv"
    if not path.is_file():
        pytest.skip("the list of Korea is not among the public data")
    file = InputFile(path, str(path), path.name)
    assert Koica().recognises(file)
    known = resolver()
    rows = list(Koica().rows(file))
    assert [r for r in rows if isinstance(r, Rejected)] == []
    found = [Koica().read(row, known) for row in rows if isinstance(row, Row)]
    assert len(found) == 29_549
    assert [o for o in found if isinstance(o, Rejected)] == []
    drafts = {o.records[0].id: o for o in found if isinstance(o, Draft)}
    assert sum(isinstance(o, OutOfScope) for o in found) == 15_520
    assert len(drafts) == 2_977
    assert [problem for o in drafts.values() for problem in validate(o.records[0])] == []


@pytest.mark.live
async def test_the_starter_data_keeps_its_words_and_a_second_run_writes_nothing(database: Database, tmp_path: Path) -> None:
    rows = line(16833, 2004, "Laos", "Digital government plan of examples") + line(99999991, 2004, "Laos", "Digital archive of examples")
    file = given(tmp_path, "koica-examples.csv", HEADER + rows)
    before = (await stored_records(database, "Project", ["project:koica-16833"]))["project:koica-16833"]

    first = await ingest(database, Koica(), [file], Options())
    second = await ingest(database, Koica(), [file], Options(again=True))
    after = (await stored_records(database, "Project", ["project:koica-16833"]))["project:koica-16833"]
    said = {c.field for c in await conflicts(database, "project:koica-16833")}
    await _without_examples(database, before)

    assert {k: v for k, v in first.counts.as_dict().items() if v} == {"read": 2, "new": 1, "changed": 1}
    assert {k: v for k, v in second.counts.as_dict().items() if v} == {"read": 2, "unchanged": 2}
    assert {name: after.properties[name] for name in ("title", "summary", "amountUsd")} == {
        name: before.properties[name] for name in ("title", "summary", "amountUsd")
    }
    assert after.properties["currency"] == "KRW"
    assert "title" in said
    assert "countries" not in said


async def _without_examples(database: Database, before: Record) -> None:
    """The record as it was, without what this file brought in."""
    await write(database, [before], actor="tests")
    for text in (
        "MATCH (n:Project {id: 'project:koica-99999991'})\nDETACH DELETE n",
        "MATCH (s:Statement {record: 'project:koica-16833'})\nDETACH DELETE s",
        "MATCH (n)\nWHERE n.id STARTS WITH 'state:ingest:koica:koica-examples' OR (n:IngestRun AND n.connector = 'koica')\nDETACH DELETE n",
    ):
        await database.write(lambda transaction, text=text: transaction.run(Query(text)))


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(
    strategies.lists(
        strategies.lists(
            strategies.sampled_from(["1", "2004", "Kenya", "e-ID", COURSE, PROJECT, "Experts", '"', "~", "9" * 40, "é\0", ""])
        ),
        max_size=8,
    )
)
def test_any_cells_give_an_outcome(lines: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        text = HEADER + "\n".join(",".join(cells) for cells in lines)
        for outcome in outcomes(Koica(), given(Path(folder), "a.csv", text)):
            if isinstance(outcome, Draft):
                assert [problem for record in outcome.records for problem in validate(record)] == []
                finished(outcome)
