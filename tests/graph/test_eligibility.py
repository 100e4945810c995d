"""Who may ask for what, against the same rules written once more the long way; and the sentence of a near miss."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.matching import PARAMETERS, NearMiss, Request
from graph.matching.eligibility import Terms, failures, money
from graph.matching.package import Supply, near_misses
from graph.matching.result import Rule
from graph.vocabulary import Applicant

TODAY = date(2024, 6, 15)
OPEN = Terms(
    id="funding-call:a",
    title="A window",
    providers=("organization:bank",),
    admitted=True,
    excluded=False,
    opens=None,
    closes=None,
    minimum=None,
    maximum=None,
    currency="USD",
    applicants=(),
    similarity=0.5,
    topics=frozenset(),
)


def request(amount: float | None = None) -> Request:
    return Request("We want to link registers.", "KHM", "en", amount_usd=amount, as_of=TODAY)


def told(terms: Terms, amount: float | None = None) -> list[tuple[Rule, str, float | None, str | None]]:
    return [(f.rule, str(f.explanation), f.distance, f.unit) for f in failures(terms, request(amount))]


def test_window_without_rules_is_open_to_everybody() -> None:
    assert told(OPEN) == []
    assert told(OPEN, 5.0) == []


@pytest.mark.parametrize(("admitted", "excluded"), [(False, False), (False, True), (True, True)])
def test_country_outside_the_audience_or_excepted_from_it_is_not_eligible(admitted: bool, excluded: bool) -> None:
    terms = replace(OPEN, admitted=admitted, excluded=excluded)

    assert told(terms) == [(Rule.AUDIENCE, "It is not open to this country.", None, None)]


@pytest.mark.parametrize(("days", "sentence"), [(1, "It opens in 1 day."), (2, "It opens in 2 days."), (30, "It opens in 30 days.")])
def test_window_that_is_not_open_yet_tells_the_days(days: int, sentence: str) -> None:
    assert told(replace(OPEN, opens=TODAY + timedelta(days=days))) == [(Rule.NOT_YET_OPEN, sentence, days, "days")]


@pytest.mark.parametrize(("days", "sentence"), [(1, "It closed 1 day ago."), (400, "It closed 400 days ago.")])
def test_window_that_is_closed_tells_the_days(days: int, sentence: str) -> None:
    assert told(replace(OPEN, closes=TODAY - timedelta(days=days))) == [(Rule.CLOSED, sentence, days, "days")]


def test_first_and_last_day_are_open() -> None:
    assert told(replace(OPEN, opens=TODAY, closes=TODAY)) == []


def test_amount_below_the_minimum_tells_by_how_much() -> None:
    sentence = "The minimum is 2 M USD. You ask for 1.4 M USD, 600 k USD less."

    assert told(replace(OPEN, minimum=2e6), 1.4e6) == [(Rule.MINIMUM_AMOUNT, sentence, 600_000.0, "USD")]


def test_amount_above_the_maximum_tells_by_how_much() -> None:
    sentence = "The maximum is 1.25 M USD. You ask for 1.4 M USD, 150 k USD more."

    assert told(replace(OPEN, maximum=1.25e6), 1.4e6) == [(Rule.MAXIMUM_AMOUNT, sentence, 150_000.0, "USD")]


def test_amount_at_either_end_is_within() -> None:
    assert told(replace(OPEN, minimum=1.4e6, maximum=1.4e6), 1.4e6) == []


@pytest.mark.parametrize("currency", ["EUR", None])
def test_amounts_in_another_currency_are_not_compared(currency: str | None) -> None:
    assert told(replace(OPEN, minimum=2e6, maximum=1.0, currency=currency), 1.4e6) == []


def test_window_for_others_than_governments_says_so() -> None:
    terms = replace(OPEN, applicants=("NGO", "ACADEMIA"))

    assert told(terms) == [(Rule.APPLICANT, "Governments may not apply; a partner of another kind has to.", None, None)]
    assert told(replace(OPEN, applicants=("NGO", "GOVERNMENT"))) == []


DAYS = st.one_of(st.none(), st.dates(TODAY - timedelta(days=400), TODAY + timedelta(days=400)))
AMOUNTS = st.one_of(st.none(), st.integers(0, 5_000_000).map(float))
TERMS = st.builds(
    Terms,
    id=st.just("funding-call:a"),
    title=st.just("A window"),
    providers=st.just(("organization:bank",)),
    admitted=st.booleans(),
    excluded=st.booleans(),
    opens=DAYS,
    closes=DAYS,
    minimum=AMOUNTS,
    maximum=AMOUNTS,
    currency=st.sampled_from(["USD", "EUR", None]),
    applicants=st.lists(st.sampled_from([a.value for a in Applicant]), unique=True).map(tuple),
    similarity=st.just(0.5),
    topics=st.just(frozenset()),
)


@given(TERMS, AMOUNTS.filter(lambda amount: amount != 0), st.dates(TODAY - timedelta(days=400), TODAY))
def test_failures_are_those_of_the_rules_written_the_long_way(terms: Terms, amount: float | None, day: date) -> None:
    expected: dict[Rule, float | None] = {}
    if terms.excluded or not terms.admitted:
        expected[Rule.AUDIENCE] = None
    if terms.opens is not None and day.toordinal() < terms.opens.toordinal():
        expected[Rule.NOT_YET_OPEN] = terms.opens.toordinal() - day.toordinal()
    if terms.closes is not None and day.toordinal() > terms.closes.toordinal():
        expected[Rule.CLOSED] = day.toordinal() - terms.closes.toordinal()
    if len(terms.applicants) > 0 and "GOVERNMENT" not in terms.applicants:
        expected[Rule.APPLICANT] = None
    if amount is not None and terms.currency == "USD":
        if terms.minimum is not None and amount < terms.minimum:
            expected[Rule.MINIMUM_AMOUNT] = terms.minimum - amount
        if terms.maximum is not None and amount > terms.maximum:
            expected[Rule.MAXIMUM_AMOUNT] = amount - terms.maximum

    found = list(failures(terms, replace(request(amount), as_of=day)))

    assert {f.rule: f.distance for f in found} == expected
    assert len(found) == len(expected)
    assert all((f.unit is None) == (f.distance is None) for f in found)
    assert [f for f in found if f.distance is not None and f.distance <= 0] == []


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
    assert money(amount) == text


def supply(*calls: Terms, offers: tuple[Terms, ...] = ()) -> Supply:
    return Supply(offers, calls, {}, {}, {}, {})


def test_near_miss_fails_exactly_one_rule_and_tells_the_distance() -> None:
    sound = replace(OPEN, id="funding-call:sound")
    one = replace(OPEN, id="funding-call:one", minimum=2e6)
    two = replace(OPEN, id="funding-call:two", minimum=2e6, closes=TODAY - timedelta(days=1))
    far = replace(OPEN, id="funding-call:far", minimum=2e6, similarity=0.01)

    [miss] = near_misses(supply(sound, one, two, far), request(1.4e6), frozenset(), PARAMETERS)

    assert (miss.partner, miss.record, miss.rule) == ("organization:bank", "funding-call:one", Rule.MINIMUM_AMOUNT)
    assert (miss.distance, miss.unit) == (600_000.0, "USD")
    assert str(miss.explanation) == "The minimum is 2 M USD. You ask for 1.4 M USD, 600 k USD less."


def test_near_misses_are_nearest_in_subject_first_and_at_most_ten() -> None:
    topics = frozenset({"topic:a", "topic:b", "topic:c"})
    closed = replace(OPEN, closes=TODAY - timedelta(days=3))
    calls = [replace(closed, id=f"funding-call:{n:02}", similarity=0.2 + n / 100) for n in range(12)]
    shared = replace(closed, id="offer:shared", similarity=0.2, topics=frozenset({"topic:a", "topic:b"}))
    without_provider = replace(closed, id="funding-call:nobody", similarity=0.9, providers=())

    found: tuple[NearMiss, ...] = near_misses(supply(*calls, without_provider, offers=(shared,)), request(), topics, PARAMETERS)

    # Two shared topics lift 0.20 to 0.40, above the 0.31 of the nearest window; what nobody provides takes no place.
    assert [miss.record for miss in found] == ["offer:shared", *(f"funding-call:{n:02}" for n in range(11, 2, -1))]
    assert {(str(miss.explanation), miss.distance) for miss in found} == {("It closed 3 days ago.", 3)}
