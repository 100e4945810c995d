"""Records are checked whole before anything is written, and their hash tells what changed."""

from __future__ import annotations

import math
import random
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import MODEL
from graph.records import Link, Problem, Record, Value, content_hash, stored_properties, validate

NEED: dict[str, Value] = {
    "title": "Digital land register",
    "description": "Land titles on paper are to become a register.",
    "date": date(2024, 3, 1),
    "status": "OPEN",
    "lang": "en",
    "amountUsd": 1_400_000.0,
}
LINKS = {"country": [Link("country:KHM")], "topics": [Link("topic:land-administration")]}


def need(links: dict[str, list[Link]] | None = None, key: str = "test-land", **changes: Value) -> Record:
    return Record("Need", key, {**NEED, **changes}, LINKS if links is None else links)


def run(**values: Value) -> Record:
    return Record("IngestRun", "test-run", {"connector": "test", "startedAt": datetime(2024, 3, 1, tzinfo=UTC), **values})


def test_sound_record_has_no_problems() -> None:
    record = need()

    assert validate(record) == []
    assert record.id == "need:test-land"
    assert record.type is MODEL["Need"]


@pytest.mark.parametrize("key", ["", "two words", "tab\there", "line\nbreak", "bell\x07", "x" * 121])
def test_key_with_spaces_or_without_end_is_a_problem(key: str) -> None:
    assert validate(need(key=key)) == [Problem("key", key, "is not a key: no spaces, at most 120 characters")]


def test_key_of_120_characters_is_sound() -> None:
    assert validate(need(key="x" * 120)) == []


def test_unknown_property_is_told_with_those_there_are() -> None:
    [problem] = validate(need(colour="red"))

    assert problem == Problem("colour", "red", "is not a property of Need", tuple(sorted(MODEL["Need"].content)))


@pytest.mark.parametrize("empty", [None, "", []])
def test_required_property_may_not_be_empty(empty: Value) -> None:
    assert validate(need(title=empty)) == [Problem("title", "", "is required and is empty")]


@pytest.mark.parametrize("empty", [None, "", []])
def test_optional_property_may_be_empty(empty: Value) -> None:
    assert validate(need(currency=empty)) == []


@pytest.mark.parametrize(
    ("name", "value", "shown", "kind"),
    [
        ("title", 7, "7", "STRING"),
        ("amountUsd", "1.4 M", "1.4 M", "FLOAT"),
        ("amountUsd", True, "True", "FLOAT"),
        ("date", "2024-03-01", "2024-03-01", "DATE"),
        ("date", datetime(2024, 3, 1, tzinfo=UTC), "2024-03-01 00:00:00+00:00", "DATE"),
        ("withdrawn", 1, "1", "BOOLEAN"),
        ("withdrawn", "true", "true", "BOOLEAN"),
        ("title", ["a", "b"], "['a', 'b']", "STRING"),
    ],
)
def test_value_of_another_type_is_a_problem(name: str, value: Value, shown: str, kind: str) -> None:
    assert validate(need(**{name: value})) == [Problem(name, shown, f"is not of type {kind}")]


def test_whole_number_is_a_number() -> None:
    assert validate(need(amountUsd=1_400_000)) == []


def test_number_with_a_fraction_is_not_a_whole_number() -> None:
    assert validate(run(read=1.5)) == [Problem("read", "1.5", "is not of type INTEGER")]


def test_item_of_a_list_has_to_be_text() -> None:
    record = Record("Organization", "test-body", {"name": "B", "kind": "NGO", "lang": "en", "aliases": ["a", 7]})  # type: ignore[list-item]

    assert validate(record) == [Problem("aliases", "7", "is not of type STRING")]


def test_value_outside_a_closed_list_is_told_with_the_list() -> None:
    assert validate(need(status="open")) == [Problem("status", "open", "is not an allowed value", ("OPEN", "MET", "WITHDRAWN"))]


def test_each_value_of_a_list_has_to_be_allowed() -> None:
    call = Record(
        "FundingCall",
        "test-call",
        {"title": "T", "summary": "S", "instrument": "GRANT", "currency": "USD", "date": date(2024, 1, 1), "lang": "en"}
        | {"applicants": ["GOVERNMENT", "CITY"]},
        {"providers": [Link("organization:world-bank")], "openTo": [Link("group:ldc")]},
    )

    assert validate(call) == [
        Problem("applicants", "CITY", "is not an allowed value", ("GOVERNMENT", "NGO", "ACADEMIA", "PRIVATE", "MULTILATERAL"))
    ]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_number_that_is_not_finite_is_a_problem(value: float) -> None:
    assert validate(need(amountUsd=value)) == [Problem("amountUsd", str(value), "is not a finite number")]


def test_number_below_the_least_is_told_with_the_least() -> None:
    assert validate(need(amountUsd=-1.0)) == [Problem("amountUsd", "-1.0", "is out of range", ("0 or more",))]


@pytest.mark.parametrize("year", [1899, 2101])
def test_number_out_of_range_is_told_with_the_range(year: int) -> None:
    observation = Record(
        "Observation", "test-egdi", {"year": year, "value": 0.5}, {"indicator": [Link("indicator:egdi")], "country": [Link("country:KHM")]}
    )

    assert validate(observation) == [Problem("year", str(year), "is out of range", ("1900 to 2100",))]


@pytest.mark.parametrize("bound", [0, 2**63 - 1])
def test_whole_numbers_of_64_bits_are_sound(bound: int) -> None:
    assert validate(run(read=bound)) == []


@pytest.mark.parametrize("beyond", [2**63, -(2**63) - 1, 10**40])
def test_whole_number_that_the_database_cannot_hold_is_a_problem(beyond: int) -> None:
    assert validate(run(read=beyond)) == [Problem("read", str(beyond), "has more digits than can be stored")]


def test_text_that_is_too_long_is_a_problem_and_is_shown_cut() -> None:
    [problem] = validate(need(description="x" * 20_001))

    assert problem == Problem("description", "x" * 79 + "…", "is longer than 20000 characters")
    assert validate(need(description="x" * 20_000)) == []


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\r"])
def test_control_characters_are_a_problem(character: str) -> None:
    assert validate(need(title=f"Land{character}register")) == [Problem("title", f"Land{character}register", "has control characters")]


def test_line_breaks_and_tabs_are_text() -> None:
    assert validate(need(description="First.\n\tSecond.")) == []


def test_half_a_character_is_a_problem() -> None:
    [problem] = validate(need(title="Land \ud800"))

    assert (problem.field, problem.reason) == ("title", "has control characters")


def test_unknown_relationship_is_told_with_those_there_are() -> None:
    assert validate(need(LINKS | {"neighbours": [Link("country:THA")]})) == [
        Problem("neighbours", "", "is not a relationship of Need", ("country", "metBy", "sources", "statedBy", "topics"))
    ]


def test_required_relationship_needs_a_target() -> None:
    assert validate(need({"topics": []})) == [Problem("country", "", "is required and has no target")]


def test_relationship_to_one_takes_no_second_target() -> None:
    links = {"country": [Link("country:KHM"), Link("country:LAO")]}

    assert validate(need(links)) == [Problem("country", "country:KHM|country:LAO", "takes one target only")]


@pytest.mark.parametrize("target", ["organization:world-bank", "planet:mars", "KHM", ""])
def test_target_of_another_kind_is_told_with_the_right_kinds(target: str) -> None:
    assert validate(need({"country": [Link(target)]})) == [
        Problem("country", target, "does not lead to the right kind of record", ("Country",))
    ]


def test_properties_of_a_link_are_checked_as_those_of_a_record() -> None:
    values = {"title": "T", "summary": "S", "state": "DONE", "date": date(2024, 1, 1), "lang": "en"}
    links = {
        "parties": [
            Link("country:KHM"),
            Link("country:EST", {"role": "HELPER"}),
            Link("country:KOR", {"role": "PROVIDER", "since": "2020"}),
        ]
    }

    assert validate(Record("Partnership", "test-pair", values, links)) == [
        Problem("parties.role", "", "is required and is empty"),
        Problem("parties.role", "HELPER", "is not an allowed value", ("RECIPIENT", "PROVIDER", "FUNDER")),
        Problem("parties.since", "2020", "is not a property of BETWEEN", ("role",)),
    ]


def test_every_problem_of_a_record_is_told_at_once() -> None:
    record = Record("Need", "a b", {"title": "T", "colour": "red", "status": "open", "lang": "en"}, {})

    assert [(p.field, p.reason) for p in validate(record)] == [
        ("key", "is not a key: no spaces, at most 120 characters"),
        ("colour", "is not a property of Need"),
        ("description", "is required and is empty"),
        ("date", "is required and is empty"),
        ("status", "is not an allowed value"),
        ("country", "is required and has no target"),
    ]


def test_what_is_stored_clears_what_is_absent_and_says_what_the_indexes_filter_on() -> None:
    stored = stored_properties(need(currency=""))

    assert set(stored) == {*MODEL["Need"].content, "documentType", "evidence"}
    assert stored["currency"] is None
    assert stored["visibility"] == "PUBLIC"
    assert (stored["documentType"], stored["evidence"], stored["date"]) == ("Need", False, date(2024, 3, 1))


def test_date_of_a_document_is_the_one_its_type_names() -> None:
    project = Record("Project", "test-project", {"title": "T", "startDate": date(2020, 5, 1), "endDate": date(2023, 5, 1)})
    solution = Record("Solution", "test-software", {"name": "N", "openSource": False})

    assert stored_properties(project)["date"] == date(2020, 5, 1)
    assert stored_properties(solution)["date"] is None
    assert stored_properties(solution)["evidence"] is True


def test_nought_and_no_are_values() -> None:
    stored = stored_properties(need(amountUsd=0.0, withdrawn=False))

    assert (stored["amountUsd"], stored["withdrawn"]) == (0.0, False)


TEXT = st.text(max_size=12)
VALUES: dict[str, st.SearchStrategy[Value]] = {
    "title": TEXT,
    "description": TEXT,
    "currency": TEXT,
    "visibility": st.sampled_from(["PUBLIC", "MEMBERS", "MASKED", None]),
    "amountUsd": st.one_of(st.none(), st.floats(0, 1e9)),
    "withdrawn": st.one_of(st.none(), st.booleans()),
    "date": st.dates(),
    "deadline": st.one_of(st.none(), st.dates()),
}
ANY_VALUES = st.fixed_dictionaries({}, optional=VALUES)
ANY_LINKS = st.lists(
    st.builds(Link, st.sampled_from([f"topic:{c}" for c in "abcdef"]), st.dictionaries(st.sampled_from(["row", "url"]), TEXT, max_size=2)),
    max_size=6,
)


def hash_of(values: dict[str, Value], links: list[Link]) -> str:
    return content_hash(Record("Need", "test-hash", values, {"topics": links}))


@given(ANY_VALUES, ANY_LINKS, st.randoms(use_true_random=False))
def test_hash_does_not_depend_on_the_order_of_links_or_properties(
    values: dict[str, Value], links: list[Link], chance: random.Random
) -> None:
    shuffled = chance.sample(links, len(links))
    turned = dict(reversed(values.items()))

    assert hash_of(turned, shuffled) == hash_of(values, links)


@given(ANY_VALUES, st.sampled_from(sorted(VALUES)), st.data())
def test_hash_changes_with_any_property(values: dict[str, Value], name: str, data: st.DataObject) -> None:
    changed = {**values, name: data.draw(VALUES[name])}
    one, other = (stored_properties(Record("Need", "test-hash", v)) for v in (values, changed))

    assert (hash_of(values, []) == hash_of(changed, [])) == (one == other)


@given(ANY_LINKS, ANY_LINKS)
def test_hash_changes_with_any_link(links: list[Link], others: list[Link]) -> None:
    one, other = (sorted((link.target, sorted(link.properties.items())) for link in found) for found in (links, others))

    assert (hash_of({}, links) == hash_of({}, others)) == (one == other)


def test_hash_differs_between_records_of_one_content() -> None:
    assert len(content_hash(need())) == 16
    assert content_hash(need()) != content_hash(need(key="test-sea"))
