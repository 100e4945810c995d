"""Digital public goods: nominee and registered good joined, the atlas beside them, and whatever a file may hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import strategies

from graph.records import validate
from ingest.connector import Draft, OutOfScope, Rejected
from ingest.dpg import Dpg
from ingest.inputs import InputFile
from ingest.resolution import Index, Resolver, slug
from tests.ingest.files import Outcome, any_json, countries, given, outcomes, public, starter_resolver

NOMINEE: dict[str, object] = {
    "name": "Ferry Desk",
    "aliases": [],
    "description": "Permits and timetables of ferries for a harbour authority. Write to desk@ferry.example.",
    "website": "ferry.example/desk",
    "license": [{"spdx": "MIT", "licenseURL": "https://ferry.example/licence"}, {"spdx": "CC-BY-NC-4.0"}, {"spdx": "MIT"}],
    "SDGs": [{"SDGNumber": 9, "evidenceText": "Harbours"}, {"SDGNumber": 16}],
    "sectors": ["Transport"],
    "type": ["software"],
    "repositories": [{"name": "main", "url": "none yet"}, {"name": "code", "url": "https://code.example/ferry"}],
    "organizations": [
        {"name": "Harbour Guild", "org_type": "owner", "contact_name": "A Name", "contact_email": "a.name@guild.example"},
        {"name": "Ferry Fund", "org_type": "funder"},
        {"name": "United Nations Development Programme (UNDP)", "org_type": "maintainer"},
    ],
    "stage": "DPG",
}
GOOD: dict[str, object] = {
    "name": "Ferry Desk",
    "clearOwnership": {"isOwnershipExplicit": "Yes"},
    "locations": {
        "developmentCountries": ["Norway"],
        "deploymentCountries": ["Palestine State", "Cote d\u2019Ivoire", "Kazahkstan", "Atlantis", ""],
    },
}
PROJECT: dict[str, object] = {
    "id": "ferry-desk",
    "name": "Ferry Desk",
    "description": "Permits and timetables of ferries",
    "website": "https://ferry.example",
    "repository_urls": ["https://code.example/ferry"],
    "licenses": ["MIT"],
    "deployment_countries": ["Myanmar (formerly Burma)", "Netherlands Antilles"],
    "steward_organizations": ["guild", "nobody"],
    "sdgs": ["SDG-09", "SDG-16"],
    "activity_score": 3,
}
KEEPERS = [{"id": "guild", "name": "Harbour Guild", "type": "ngo non profit", "country": "Norway", "staff": ["A Name"]}]


def registry(folder: Path, **files: object) -> InputFile:
    """A registry of files named `nominees__name` and `digitalpublicgoods__name`; text is written as it is."""
    found = []
    for name, content in files.items():
        kind, _, stem = name.partition("__")
        (folder / kind).mkdir(exist_ok=True)
        found.append(given(folder / kind, f"{stem.replace('_', '-')}.json", content if isinstance(content, str) else json.dumps(content)))
    assert all(Dpg().recognises(file) for file in found)
    [one] = Dpg().gather(found)
    return one


def atlas(folder: Path, projects: list[object], keepers: Sequence[object] = KEEPERS) -> InputFile:
    head = '{\n  "generated_at": "2026-05-21T23:17:54.226Z",\n  "count": 1,\n'
    files = [
        given(folder, "atlas_projects.json", f'{head}  "projects": [{", ".join(map(json.dumps, projects))}]}}'),
        given(folder, "atlas_organizations.json", f'{head}  "organizations": {json.dumps(keepers)}}}'),
    ]
    assert all(Dpg().recognises(file) for file in files)
    [one] = Dpg().gather(files)
    return one


def finished(outcome: Outcome) -> dict[str, list[str]]:
    assert isinstance(outcome, Draft)
    assert outcome.finish is not None
    record = outcome.finish(outcome.records[0])
    assert validate(record) == []
    return {name: [link.target for link in links] for name, links in record.links.items()}


def test_nominee_and_good_are_one_solution(tmp_path: Path) -> None:
    file = registry(tmp_path, nominees__ferry_desk=NOMINEE, digitalpublicgoods__ferry_desk=GOOD)

    [draft] = outcomes(Dpg(), file)

    assert isinstance(draft, Draft)
    [solution] = draft.records
    assert (solution.id, draft.row, draft.url) == ("solution:ferry-desk", "ferry-desk", "https://ferry.example/desk")
    assert solution.properties == {
        "name": "Ferry Desk",
        "summary": "Permits and timetables of ferries for a harbour authority. Write to .",
        "licence": "MIT AND CC-BY-NC-4.0",
        "openSource": False,
        "repository": "https://code.example/ferry",
        "website": "https://ferry.example/desk",
        "sdgs": ["9", "16"],
        "lang": "en",
    }
    assert finished(draft) == {
        "deployedIn": ["country:PSE", "country:CIV", "country:KAZ"],
        "organizations": [f"organization:{slug('Harbour Guild')}", "organization:undp"],
    }
    [aside] = draft.set_aside
    assert (aside.field, aside.value, aside.record) == (
        "ferry-desk: locations.deploymentCountries",
        "Atlantis",
        "solution:ferry-desk",
    )
    assert draft.about is not None
    assert (Dpg().source(file).key, Dpg().dataset(file), Dpg().as_of(file)) == ("dpg-registry", "digital-public-goods", None)
    assert "guild.example" not in repr(draft)
    assert "A Name" not in repr(draft)


def test_what_is_no_registered_good_is_told(tmp_path: Path) -> None:
    file = registry(
        tmp_path,
        nominees__a=NOMINEE | {"stage": "nominee"},
        nominees__b=NOMINEE,
        digitalpublicgoods__c="ferry-desk.json",
        digitalpublicgoods__d=GOOD | {"standards": ["x" * 200]} | {"locations": {"deploymentCountries": [""]}},
        nominees__e=NOMINEE | {"license": "MIT"},
        nominees__f='{"SDGs": "license" "description" "stage"' + " " * 300,
    )

    nominee, registered, link, alone, unlicensed, broken = outcomes(Dpg(), file)

    assert nominee == OutOfScope("nominated, not registered as a digital public good")
    assert isinstance(registered, Draft)
    assert "deployedIn" not in registered.records[0].links
    assert link == OutOfScope("c.json leads to ferry-desk.json")
    assert isinstance(alone, Rejected)
    assert (alone.line, alone.field, alone.record) == (4, "d: description", "solution:d")
    assert isinstance(unlicensed, Rejected)
    assert (unlicensed.field, unlicensed.record) == ("e: license", "solution:e")
    assert isinstance(broken, Rejected)
    assert (broken.line, broken.reason, broken.record, broken.broken) == (6, "breaks the JSON format of f.json", "solution:f", False)


def test_a_good_kept_by_hand_keeps_its_id_and_is_always_in_scope(tmp_path: Path) -> None:
    known = Resolver(Index(countries(), (), {("source:dpg-registry", "ferry-desk"): "solution:ferry"}))
    [draft] = outcomes(Dpg(), registry(tmp_path, nominees__ferry_desk=NOMINEE, digitalpublicgoods__ferry_desk=GOOD), known)
    again, second = outcomes(Dpg(), atlas(tmp_path, [PROJECT, PROJECT | {"id": "ferry-desk-1"}]), known)
    for outcome in (draft, again, second):
        assert isinstance(outcome, Draft)
        assert (outcome.records[0].id, outcome.about) == ("solution:ferry", None)


def test_the_atlas_names_stewards_by_its_other_file(tmp_path: Path) -> None:
    file = atlas(tmp_path, [PROJECT, PROJECT | {"id": ""}, 7])

    draft, nameless, number = outcomes(Dpg(), file)

    assert isinstance(draft, Draft)
    assert draft.records[0].properties["sdgs"] == ["9", "16"]
    links = finished(draft)
    assert links["deployedIn"] == ["country:MMR"]
    assert len(links["organizations"]) == 1
    assert list(draft.set_aside) == []
    assert nameless == Rejected(2, "id", "", "is required and is empty")
    assert isinstance(number, Rejected)
    assert (number.line, number.value, number.reason) == (3, "7", "is not a record")
    assert (Dpg().source(file).key, Dpg().dataset(file), Dpg().as_of(file)) == ("dpi-atlas", "dpi-atlas", "2026-05-21")


def test_a_file_that_breaks_off_says_so(tmp_path: Path) -> None:
    file = given(tmp_path, "atlas.json", '{"generated_at": "2026-05-21", "projects": [{"id": "a"')
    assert Dpg().recognises(file)
    [rejected] = outcomes(Dpg(), file)
    assert isinstance(rejected, Rejected)
    assert rejected.broken


def test_the_registry_of_the_public_data_is_read_and_joined_with_the_starter_data(shared: Path) -> None:
    files = [file for file in public(shared / "data/dpg") if Dpg().recognises(file)]
    known = starter_resolver()
    found = {file.name: outcomes(Dpg(), file, known) for file in Dpg().gather(files)}

    assert {name: len(rows) for name, rows in found.items()} == {"digital-public-goods": 230, "dpi-atlas": 252}
    rejected = {name: [r.field for r in rows if isinstance(r, Rejected)] for name, rows in found.items()}
    assert rejected == {
        "digital-public-goods": ["public-utility-data-liberation-project: description", "yallakhedmeh: description"],
        "dpi-atlas": ["baserow: license", "mifos-payment-hub-ee: license"],
    }
    drafts = [row for rows in found.values() for row in rows if isinstance(row, Draft)]
    assert [aside.value for draft in drafts for aside in draft.set_aside] == []
    assert len({draft.records[0].id for draft in drafts if draft.about is None}) == 237
    for draft in drafts:
        finished(draft)


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(
    any_json(*NOMINEE, *GOOD, "spdx", "org_type", "SDGNumber", "deploymentCountries"),
    strategies.sampled_from([*NOMINEE, *GOOD]),
)
def test_any_json_gives_an_outcome(value: object, field: str) -> None:
    with TemporaryDirectory() as folder:
        files = [given(Path(folder), "a.json", json.dumps(NOMINEE | {field: value})), given(Path(folder), "b.json", json.dumps(value))]
        [one] = Dpg().gather(files)
        found = [
            *outcomes(Dpg(), one),
            *outcomes(Dpg(), atlas(Path(folder), [PROJECT | {"id": "x", "name": value, "licenses": value}], [value])),
        ]
    assert len(found) >= 3
    for outcome in found:
        if isinstance(outcome, Draft):
            assert outcome.finish is not None
            assert validate(outcome.finish(outcome.records[0])) == []


@pytest.mark.parametrize("content", ["", "[]", "7", '"a"', "{}", '{"SDGs": 1}', "[" * 100_000])
def test_other_json_is_not_taken_for_the_registry(tmp_path: Path, content: str) -> None:
    assert not Dpg().recognises(given(tmp_path, "a.json", content))
