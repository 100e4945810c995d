"""The DPI Map: practices where a system is in place, candidate needs where there is a gap, and cells that say nothing."""

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
from ingest.dpi_map import DpiMap
from ingest.resolution import Index, Resolver
from tests.ingest.files import Outcome, countries, given, outcomes, public, resolver, starter_ids, starter_resolver

IDENTITY = (
    "Country / Region,Last updated,Digital ID name,Count for DPI,URL,Status of Implementation,Claim of digital ID,"
    "National Data Protection Act,Digital authentication function,Governing entity,Funding organizations identified,Technical support organizations identified\n"
)
PAYMENT = (
    "Country / Region,Last updated,Count for DPI,Payment system name,URL,Active real-time payment system present,Status of Implementation,"
    "National / Regional,Types of transactions supported,Cost of transactions\n"
)
EXCHANGE = "Country / Region,Last updated,Count for DPI,Data exchange system name,URL,Status of implementation,Base technical architecture,Governing entity\n"


def only(outcome: Outcome) -> Record:
    assert isinstance(outcome, Draft)
    assert [problem for record in outcome.records for problem in validate(record)] == []
    [record] = outcome.records
    return record


def targets(record: Record) -> dict[str, list[str]]:
    return {name: [link.target for link in links] for name, links in record.links.items()}


def test_a_system_in_operation_is_a_practice_with_its_project(tmp_path: Path) -> None:
    row = (
        'Kenya,03/09/25,Sunrise Pass,1,https://pass.example,Implemented,Yes,No,Yes,"Ministry of Sunrise, Posts and Rivers",'
        '"Government of Japan, World Bank, UNDP (country office, west) and USAID",NA\n'
    )
    file = given(tmp_path, "identity.csv", IDENTITY + row)
    assert DpiMap().recognises(file)

    known = resolver()
    [draft] = outcomes(DpiMap(), file, known)

    assert isinstance(draft, Draft)
    assert (draft.row, draft.url, draft.about) == ("identity:Kenya:Sunrise Pass", "https://pass.example", None)
    project, practice = draft.records
    assert [problem for record in draft.records for problem in validate(record)] == []
    assert project.label == "Project"
    assert practice.label == "Practice"
    assert practice.key == project.key
    assert practice.key.startswith("dpi-ken-identity-sunrise-pass-")
    assert practice.properties["title"] == "Sunrise Pass (Kenya)"
    assert practice.properties["date"] == date(2025, 9, 3)
    assert practice.properties["summary"] == (
        "Sunrise Pass, a digital identity of Kenya, is in operation. Governed by Ministry of Sunrise, Posts and Rivers. "
        "On record: authentication online. Not there: a data protection law. "
        "Funding: Government of Japan, World Bank, UNDP (country office, west) and USAID."
    )
    assert targets(practice)["project"] == [project.id]
    assert targets(practice)["topics"] == ["topic:national-id", "topic:digital-identity", "topic:authentication"]
    funders = targets(project)["funders"]
    assert (funders[0], funders[1], len(funders), funders[3]) == ("country:JPN", "organization:world-bank", 4, "organization:usaid")
    assert "supporters" not in project.links
    [body] = targets(practice)["organization"]
    assert {record.id: record.properties["name"] for record, _ in known.take()}[body] == "Ministry of Sunrise, Posts and Rivers (Kenya)"


@pytest.mark.parametrize(
    ("cell", "first"),
    [
        ("Secretariat for Tides (SETI), Ministry of Rain (MORA)", "Secretariat for Tides (SETI) (Kenya)"),
        ("(SETI) Office of Tides", "Office of Tides (Kenya)"),
        ("Department of Tides, Rain and Wind", "Department of Tides, Rain and Wind (Kenya)"),
        ("NA", None),
    ],
)
def test_several_bodies_are_told_from_one_with_commas_in_its_name(tmp_path: Path, cell: str, first: str | None) -> None:
    known = resolver()
    file = given(tmp_path, "exchange.csv", EXCHANGE + f'Kenya,01/10/24,1,Bridge,NA,Implemented,NA,"{cell}"\n')
    only(*outcomes(DpiMap(), file, known))
    assert [record.properties["name"] for record, _ in known.take()] == ([first] if first else [])


def test_a_gap_is_a_candidate_need_that_members_see(tmp_path: Path) -> None:
    rows = "Nepal,01/10/24,0,Data Bridge,NA,Planned/Piloted,NA,NA\nBhutan,01/10/24,0,NA,NA,NA,NA,NA\n"

    planned, unknown = outcomes(DpiMap(), given(tmp_path, "exchange.csv", EXCHANGE + rows))

    need = only(planned)
    assert need.id == "need:need-dpi-npl-exchange"
    assert (need.properties["status"], need.properties["visibility"], need.properties["date"]) == ("OPEN", "MEMBERS", date(2024, 10, 1))
    assert need.properties["title"] == "Nepal: a data exchange between public bodies"
    assert need.properties["description"] == (
        "On the DPI Map, a data exchange system (Data Bridge) of Nepal was planned or piloted when its row was last updated, on 2024-10-01. "
        "The country has not itself stated that it looks for a data exchange between public bodies: this is a candidate need, made from the gap."
    )
    assert unknown == OutOfScope("whether Bhutan has a data exchange system or wants one is not on record")


def test_a_country_with_one_payment_system_lacks_none(tmp_path: Path) -> None:
    rows = [
        "Ghana,01/10/24,0,NA,NA,No,NA,National,NA,NA",
        'Ghana,01/10/24,1,Cowrie,NA,Yes,Implemented,National,"P2P, G2P, P2G",free',
        "Togo,01/10/24,0,Lagoon,NA,Yes,Implemented,Regional,NA,NA",
        "Togo,01/10/24,0,NA,NA,No,NA,National,NA,NA",
        "Benin,01/10/24,0,NA,NA,No,NA,National,NA,NA",
        "Benin,01/10/24,0,River,NA,No,Planned/Piloted,National,NA,NA",
        '"Central America, Caribbean",01/10/24,0,Reef,NA,Yes,Implemented,Regional,NA,NA',
        "Atlantis,01/10/24,0,Wave,NA,Yes,Implemented,National,NA,NA",
        "Mali,31/02/24,0,Dune,NA,No,NA,National,NA,NA",
    ]
    file = given(tmp_path, "payment.csv", PAYMENT + "\n".join(rows))

    covered, cowrie, regional, served, none, planned, region, unknown, undated = outcomes(DpiMap(), file)

    assert covered == OutOfScope("whether Ghana has a payment system or wants one is not on record")
    practice = only(cowrie)
    assert targets(practice)["topics"] == [
        "topic:digital-payments",
        "topic:government-to-person-payments",
        "topic:government-revenue-payments",
    ]
    assert practice.properties["cost"] == "free"
    assert regional == OutOfScope("a regional system is no country's own practice")
    assert isinstance(served, OutOfScope)
    assert only(none).id == only(planned).id == "need:need-dpi-ben-payment"
    assert region == OutOfScope("“Central America, Caribbean” is no country: region")
    assert isinstance(unknown, Rejected)
    assert (unknown.line, unknown.value) == (9, "Atlantis")
    assert isinstance(undated, Rejected)
    assert (undated.field, undated.value, undated.record) == ("Last updated", "31/02/24", "need:need-dpi-mli-payment")


def test_the_json_gives_the_same_records(tmp_path: Path) -> None:
    row = 'Kenya,01/10/24,1,Bridge over water,NA,Implemented,X-Road,"Ministry of Rain"\n'
    table = given(tmp_path, "exchange.csv", EXCHANGE + row)
    cells = dict(
        zip(
            EXCHANGE.strip().split(","),
            ["Kenya", "01/10/24", 1, "Bridge\n\nover water", "NA", "Implemented", "X-Road", "Ministry of Rain"],
            strict=True,
        )
    )
    listed = given(tmp_path, "2026-01-15-exchange.json", json.dumps([cells]))
    assert DpiMap().recognises(listed)

    known = Resolver(Index(countries(), (), {("source:dpg-registry", "x-road"): "solution:x-road"}))
    first, second = (only(*outcomes(DpiMap(), file, known)) for file in (table, listed))

    assert first == second
    assert targets(first)["solutions"] == ["solution:x-road"]
    assert {DpiMap().dataset(file) for file in (table, listed)} == {"dpi-map-exchange"}
    assert [DpiMap().as_of(file) for file in (table, listed)] == [None, "2026-01-15"]


def test_a_record_kept_by_hand_keeps_its_id_and_who_may_see_it(tmp_path: Path) -> None:
    rows = "Nepal,01/10/24,0,NA,NA,Planned/Piloted,NA,NA\nKenya,01/10/24,1,Bridge,NA,Implemented,NA,NA\n"
    shared = {("source:dpi-map", "exchange.csv:Nepal"): ["need:by-hand", "partnership:beside"]}
    known = Resolver(Index(countries(), (), {("source:dpi-map", "exchange:Kenya:Bridge"): "practice:bridge"}, {}, shared))

    need, practice = (only(outcome) for outcome in outcomes(DpiMap(), given(tmp_path, "exchange.csv", EXCHANGE + rows), known))

    assert (need.id, need.properties["visibility"]) == ("need:by-hand", None)
    assert practice.id == "practice:bridge"


def test_all_rows_of_the_public_data_are_read_and_land_on_the_starter_data(shared: Path) -> None:
    known = starter_resolver()
    files = [file for file in public(shared / "data/dpi_map") if DpiMap().recognises(file)]
    found = {file.name: outcomes(DpiMap(), file, known) for file in files}

    assert {name: len(rows) for name, rows in found.items() if name.endswith(".csv")} == {
        "exchange.csv": 213,
        "identity.csv": 212,
        "payment.csv": 257,
    }
    assert [row for rows in found.values() for row in rows if isinstance(row, Rejected)] == []
    for kind in ("exchange", "identity", "payment"):
        table, listed = found[f"{kind}.csv"], found[f"2026-01-15-{kind}.json"]
        assert [row.records for row in table if isinstance(row, Draft)] == [row.records for row in listed if isinstance(row, Draft)]
    records = {r.id: r for rows in found.values() for row in rows if isinstance(row, Draft) for r in row.records}
    assert [problem for record in records.values() for problem in validate(record)] == []
    by_hand = starter_ids() & records.keys()
    assert (sum(i.startswith("practice:") for i in by_hand), sum(i.startswith("need:") for i in by_hand)) == (27, 52)


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(
    strategies.lists(strategies.text(alphabet='0123456789/.,;-"()NAKenyaYesPlnd \n\0', max_size=50), max_size=8),
    strategies.sampled_from([IDENTITY, PAYMENT, EXCHANGE]),
    strategies.sampled_from(["Kenya,01/10/24,x,", "Kenya,01/10/24,0,y,NA,Implemented,", "Kenya,1/1/2024,,z,,No,Planned/Piloted,"]),
)
def test_any_cells_give_an_outcome(lines: list[str], header: str, opening: str) -> None:
    with TemporaryDirectory() as folder:
        for outcome in outcomes(DpiMap(), given(Path(folder), "a.csv", header + "\n".join([*lines, *(opening + line for line in lines)]))):
            if isinstance(outcome, Draft):
                assert [problem for record in outcome.records for problem in validate(record)] == []
