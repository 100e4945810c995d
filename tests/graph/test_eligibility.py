"""Who may ask for what: the conditions that the database checks, against the same rules in plain Python; the sentence of a near miss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from graph.database import Database, Query
from graph.matching import PARAMETERS, Request, eligibility
from graph.matching.eligibility import CONDITIONS, Facts, Terms, failed_rules, told
from graph.matching.package import Supply, fits, near_misses
from graph.matching.result import Rule
from graph.message import Sum
from graph.vocabulary import Applicant, Instrument, OfferKind

TODAY = date(2024, 6, 15)


def request(**more: Any) -> Request:
    return replace(Request("We want to link registers.", "KHM", "en", as_of=TODAY), **more)


@dataclass(frozen=True)
class Declared:
    """An offer or a window as its record declares it, and how its audience meets the country."""

    record: dict[str, Any]
    admitted: bool = True
    excluded: bool = False
    taken: int = 0


async def checked(database: Database, declared: list[Declared], asked: Request) -> list[dict[Rule, float | None]]:
    """What the database says of each."""
    rows = [{"x": d.record, "admitted": d.admitted, "excluded": d.excluded, "taken": d.taken} for d in declared]
    query = (
        "UNWIND range(0, size($rows) - 1) AS place\n"
        "WITH place, $rows[place].x AS x, $rows[place].admitted AS admitted, $rows[place].excluded AS excluded, $rows[place].taken AS taken\n"
        f"RETURN {failed_rules()}\nORDER BY place"
    )
    found = await database.read(Query(query, {"rows": rows} | eligibility.values(asked)))
    return [{Rule(rule): distance for rule, distance in failed} for (failed,) in found]


def expected(declared: Declared, asked: Request) -> dict[Rule, float | None]:
    """The rules written the long way: no Cypher, no shared code."""
    x = declared.record
    out: dict[Rule, float | None] = {}
    if declared.excluded or not declared.admitted:
        out[Rule.AUDIENCE] = None
    wrong_kind = asked.kinds and x.get("kind") is not None and x["kind"] not in asked.kinds
    wrong_instrument = asked.instruments and x.get("instrument") is not None and x["instrument"] not in asked.instruments
    if wrong_kind or wrong_instrument:
        out[Rule.KIND] = None
    if x.get("applicants") and asked.applicant not in x["applicants"]:
        out[Rule.APPLICANT] = None
    if asked.languages and x.get("languages") and not set(x["languages"]) & set(asked.languages):
        out[Rule.LANGUAGE] = None
    return out | expected_in_numbers(declared, asked)


def expected_in_numbers(declared: Declared, asked: Request) -> dict[Rule, float | None]:
    x = declared.record
    day = asked.starts if asked.starts is not None else asked.as_of
    assert day is not None
    amount = asked.amount if x.get("currency") is not None and x["currency"] == asked.currency else None
    if amount is None and x.get("currency") == "USD" and asked.currency != "USD":
        amount = asked.amount_usd
    # Each: by how much it fails; nothing where a side says nothing.
    distances: dict[Rule, float | None] = {
        Rule.NOT_YET_OPEN: difference(x.get("opens"), day),
        Rule.CLOSED: difference(day, x.get("closes")),
        Rule.MINIMUM_AMOUNT: difference(x.get("minimumAmount"), amount),
        Rule.MAXIMUM_AMOUNT: difference(amount, x.get("maximumAmount")),
        Rule.CO_FINANCING: difference(x.get("coFinancingShare"), asked.co_financing),
        Rule.CAPACITY: None if x.get("capacity") is None else asked.places - (x["capacity"] - declared.taken),
    }
    return {rule: distance for rule, distance in distances.items() if distance is not None and distance > 0}


def difference(more: Any, less: Any) -> float | None:
    if more is None or less is None:
        return None
    return more.toordinal() - less.toordinal() if isinstance(more, date) else more - less


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


def some(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), unique=True, max_size=3)


DAYS = st.dates(TODAY - timedelta(days=400), TODAY + timedelta(days=400))
SUMS = st.integers(1, 5_000_000).map(float)
# Sixteenths, so that a difference is exact in either language.
SHARES = st.integers(0, 16).map(lambda n: n / 16)
TONGUES = ["en", "fr", "ar"]
CURRENCIES = ["USD", "EUR"]
RECORDS = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from([k.value for k in OfferKind]),
            "languages": maybe(some(TONGUES)),
            "capacity": maybe(st.integers(0, 30)),
            "opens": maybe(DAYS),
            "closes": maybe(DAYS),
        }
    ),
    st.fixed_dictionaries(
        {
            "instrument": st.sampled_from([i.value for i in Instrument]),
            "minimumAmount": maybe(SUMS),
            "maximumAmount": maybe(SUMS),
            "currency": maybe(st.sampled_from(CURRENCIES)),
            "coFinancingShare": maybe(SHARES),
            "applicants": maybe(some([a.value for a in Applicant])),
            "opens": maybe(DAYS),
            "closes": maybe(DAYS),
        }
    ),
)
DECLARED = st.lists(st.builds(Declared, RECORDS, st.booleans(), st.booleans(), st.integers(0, 30)), min_size=1, max_size=25)
ASKED = st.builds(
    request,
    as_of=DAYS,
    starts=maybe(DAYS),
    amount_usd=maybe(SUMS),
    amount=maybe(SUMS),
    currency=maybe(st.sampled_from(CURRENCIES)),
    kinds=some([k.value for k in OfferKind]).map(tuple),
    instruments=some([i.value for i in Instrument]).map(tuple),
    languages=some(TONGUES).map(tuple),
    applicant=st.sampled_from([a.value for a in Applicant]),
    co_financing=maybe(SHARES),
    places=st.integers(1, 40),
)


@pytest.mark.live
@profile(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(DECLARED, ASKED)
async def test_database_finds_what_the_rules_written_the_long_way_find(
    database: Database, declared: list[Declared], asked: Request
) -> None:
    assert await checked(database, declared, asked) == [expected(d, asked) for d in declared]


EVERY_RULE: dict[Rule, tuple[Declared, Request]] = {
    Rule.AUDIENCE: (Declared({}, admitted=False), request()),
    Rule.KIND: (Declared({"instrument": "LOAN"}), request(instruments=("GRANT",))),
    Rule.APPLICANT: (Declared({"applicants": ["NGO"]}), request()),
    Rule.LANGUAGE: (Declared({"languages": ["en"]}), request(languages=("fr", "km"))),
    Rule.NOT_YET_OPEN: (Declared({"opens": TODAY + timedelta(days=2)}), request()),
    Rule.CLOSED: (Declared({"closes": TODAY + timedelta(days=7)}), request(starts=TODAY + timedelta(days=10))),
    Rule.MINIMUM_AMOUNT: (Declared({"minimumAmount": 2e6, "currency": "USD"}), request(amount_usd=1.4e6)),
    Rule.MAXIMUM_AMOUNT: (Declared({"maximumAmount": 1e6, "currency": "EUR"}), request(amount=1.25e6, currency="EUR")),
    Rule.CO_FINANCING: (Declared({"coFinancingShare": 0.5}), request(co_financing=0.25)),
    Rule.CAPACITY: (Declared({"capacity": 20}, taken=18), request(places=5)),
}
DISTANCES: dict[Rule, float] = {
    Rule.NOT_YET_OPEN: 2,
    Rule.CLOSED: 3,
    Rule.MINIMUM_AMOUNT: 600_000.0,
    Rule.MAXIMUM_AMOUNT: 250_000.0,
    Rule.CO_FINANCING: 0.25,
    Rule.CAPACITY: 3,
}


@pytest.mark.live
@pytest.mark.parametrize("rule", list(Rule))
async def test_every_rule_fails_alone_and_tells_its_distance(database: Database, rule: Rule) -> None:
    declared, asked = EVERY_RULE[rule]

    assert await checked(database, [declared], asked) == [{rule: DISTANCES.get(rule)}]


def test_every_rule_has_one_condition() -> None:
    assert [c.rule for c in CONDITIONS] == list(Rule)


@pytest.mark.live
@pytest.mark.parametrize(
    ("record", "asked"),
    [
        ({}, request(amount_usd=5.0, places=40, languages=("fr",), kinds=("HUMAN_EXCHANGE",), co_financing=0.0)),
        ({"opens": TODAY, "closes": TODAY}, request()),
        ({"minimumAmount": 1.4e6, "maximumAmount": 1.4e6, "currency": "USD"}, request(amount_usd=1.4e6)),
        ({"minimumAmount": 2e6, "maximumAmount": 1.0, "currency": "EUR"}, request(amount_usd=1.4e6)),
        ({"minimumAmount": 2e6, "maximumAmount": 1.0, "currency": None}, request(amount_usd=1.4e6)),
        ({"applicants": ["NGO", "GOVERNMENT"]}, request()),
        ({"coFinancingShare": 0.25}, request(co_financing=0.25)),
        ({"capacity": 5}, request(places=5)),
    ],
)
async def test_what_is_open_is_open_to_the_last_day_and_sum(database: Database, record: dict[str, Any], asked: Request) -> None:
    assert await checked(database, [Declared(record)], asked) == [{}]


SENTENCES = [
    (Rule.AUDIENCE, None, Facts(), request(), "It is not open to this country.", None),
    (Rule.AUDIENCE, None, Facts(audience=("Kenya", "SIDS")), request(), "It is not open to this country, but to: Kenya, SIDS.", None),
    (
        Rule.AUDIENCE,
        None,
        Facts(audience=("A", "B", "C", "D", "E", "F")),
        request(),
        "It is not open to this country, but to: A, B, C, D and 2 others.",
        None,
    ),
    (Rule.KIND, None, Facts(kind="LOAN"), request(), "It is of another kind than you want: Loan.", None),
    (Rule.APPLICANT, None, Facts(), request(), "Governments may not apply; a partner of another kind has to.", None),
    (Rule.APPLICANT, None, Facts(), request(applicant="NGO"), "Applicants of your kind may not apply.", None),
    (Rule.LANGUAGE, None, Facts(languages=("en", "ko")), request(), "It is given in en, ko, none of the languages you can work in.", None),
    (Rule.NOT_YET_OPEN, 1, Facts(), request(), "It opens in 1 day.", "days"),
    (Rule.NOT_YET_OPEN, 30, Facts(), request(starts=TODAY), "It opens 30 days after your date.", "days"),
    (Rule.CLOSED, 400, Facts(), request(), "It closed 400 days ago.", "days"),
    (Rule.CLOSED, 3, Facts(), request(starts=TODAY), "It closes 3 days before your date.", "days"),
    (
        Rule.MINIMUM_AMOUNT,
        6e5,
        Facts(minimum=2e6, currency="USD"),
        request(),
        "The minimum is 2 M USD. You ask for 1.4 M USD, 600 k USD less.",
        "USD",
    ),
    (
        Rule.MAXIMUM_AMOUNT,
        1.5e5,
        Facts(maximum=1.25e6, currency="EUR"),
        request(),
        "The maximum is 1.25 M EUR. You ask for 1.4 M EUR, 150 k EUR more.",
        "EUR",
    ),
    (
        Rule.CO_FINANCING,
        0.25,
        Facts(share=0.5),
        request(co_financing=0.25),
        "You have to bring 50 % of the money yourself; you can bring 25 %.",
        "share",
    ),
    (Rule.CAPACITY, 3, Facts(left=2), request(places=5), "2 places are left; you ask for 5.", "places"),
    (Rule.CAPACITY, 4, Facts(left=1), request(places=5), "1 place is left; you ask for 5.", "places"),
]


@pytest.mark.parametrize(("rule", "distance", "facts", "asked", "sentence", "unit"), SENTENCES)
def test_failure_is_told_with_its_distance(
    rule: Rule, distance: float | None, facts: Facts, asked: Request, sentence: str, unit: str | None
) -> None:
    failure = told(rule, distance, facts, asked)

    assert (failure.rule, str(failure.explanation), failure.distance, failure.unit) == (rule, sentence, distance, unit)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 USD"),
        (0.5, "0.5 USD"),
        (999, "999 USD"),
        (1000, "1 k USD"),
        (600_000, "600 k USD"),
        (1_400_000, "1.4 M USD"),
        (1_250_000, "1.25 M USD"),
        (2_000_000, "2 M USD"),
        (100_000_000, "100 M USD"),
        (2_500_000_000, "2.5 B USD"),
        (999_999, "1 M USD"),
        (999_999_999, "1 B USD"),
    ],
)
def test_money_is_short(amount: float, text: str) -> None:
    assert str(Sum(amount)) == text


MISSED = Terms("funding-call:a", ("organization:bank",), (), 0.5, frozenset(), ((Rule.CLOSED, 3),))


def test_near_miss_tells_whose_it_is_the_rule_and_the_distance() -> None:
    sound = replace(MISSED, id="funding-call:sound", failed=())
    one = replace(MISSED, id="funding-call:one", failed=((Rule.MINIMUM_AMOUNT, 6e5),), facts=Facts(minimum=2e6, currency="USD"))
    far = replace(one, id="funding-call:far", similarity=0.01)

    [miss] = near_misses(Supply((), (sound, one, far)), request(amount_usd=1.4e6), frozenset(), PARAMETERS)

    assert (miss.partner, miss.record, miss.rule) == ("organization:bank", "funding-call:one", Rule.MINIMUM_AMOUNT)
    assert (miss.distance, miss.unit) == (600_000.0, "USD")
    assert str(miss.explanation) == "The minimum is 2 M USD. You ask for 1.4 M USD, 600 k USD less."


def test_near_misses_that_a_number_can_bridge_come_before_those_for_others() -> None:
    others = replace(MISSED, id="offer:others", similarity=0.9, failed=((Rule.AUDIENCE, None),))
    kind = replace(MISSED, id="offer:kind", similarity=0.8, failed=((Rule.KIND, None),))

    found = near_misses(Supply((others, kind), (MISSED,)), request(), frozenset(), PARAMETERS)

    assert [miss.record for miss in found] == ["funding-call:a", "offer:kind", "offer:others"]


def test_what_closed_more_than_a_year_before_is_no_near_miss() -> None:
    bygone = replace(MISSED, id="funding-call:bygone", failed=((Rule.CLOSED, 366),))
    last_year = replace(MISSED, id="funding-call:last-year", failed=((Rule.CLOSED, 365),))

    found = near_misses(Supply((), (bygone, last_year)), request(), frozenset(), PARAMETERS)

    assert [miss.record for miss in found] == ["funding-call:last-year"]


def test_a_window_for_the_topic_fits_however_far_its_words_are_and_an_offer_does_not() -> None:
    topics = frozenset({"topic:a"})
    far = Terms("funding-call:far", ("organization:bank",), (), -0.2, topics)

    assert fits(far, topics, PARAMETERS)
    assert not fits(far, frozenset({"topic:b"}), PARAMETERS)
    assert not fits(replace(far, id="offer:far"), topics, PARAMETERS)
    assert fits(replace(far, id="offer:nearer", similarity=PARAMETERS.relevant / 2), topics, PARAMETERS)


def test_near_misses_are_nearest_in_subject_first_and_at_most_ten() -> None:
    topics = frozenset({"topic:a", "topic:b", "topic:c"})
    calls = tuple(replace(MISSED, id=f"funding-call:{n:02}", similarity=0.2 + n / 100) for n in range(12))
    shared = replace(MISSED, id="offer:shared", similarity=0.2, topics=frozenset({"topic:a", "topic:b"}))
    without_provider = replace(MISSED, id="funding-call:nobody", similarity=0.9, providers=())

    found = near_misses(Supply((shared,), (*calls, without_provider)), request(), topics, PARAMETERS)

    # Two shared topics lift 0.20 to 0.40, above the 0.31 of the nearest window; what nobody provides takes no place.
    assert [miss.record for miss in found] == ["offer:shared", *(f"funding-call:{n:02}" for n in range(11, 2, -1))]
    assert {(str(miss.explanation), miss.distance) for miss in found} == {("It closed 3 days ago.", 3)}
