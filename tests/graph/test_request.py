"""A request is checked whole before anything is computed; each refusal has its code and says what to do."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import Code, NetworkError
from graph.matching import PARAMETERS, PartnerKind, Request, check
from graph.matching.request import checked_text, with_choices

COUNTRIES = {"KHM": "Cambodia", "CMR": "Cameroon", "CAN": "Canada", "KOR": "Republic of Korea", "PRK": "Korea (DPR)", "FRA": "France"}
TOPICS = {"topic:national-id": "National ID", "topic:civil-registration": "Civil registration", "topic:e-voting": "E-voting"}
TEXT = "We want to link the civil registration and identity registers."
TODAY = datetime.now(UTC).date()


def refusal(ask: Callable[[], object]) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        ask()
    return caught.value


def test_sound_request_comes_back_clean() -> None:
    request = check(
        f"  {TEXT}\n",
        " khm ",
        countries=COUNTRIES,
        known_topics=TOPICS,
        topics=("national-id", "topic:e-voting"),
        amount_usd=1_400_000,
        partner_kind=PartnerKind.COUNTRY,
        as_of=date(2020, 1, 1),
        need="need:a",
    )

    assert request == Request(
        TEXT, "KHM", "en", ("topic:national-id", "topic:e-voting"), 1_400_000, PartnerKind.COUNTRY, date(2020, 1, 1), "need:a"
    )
    assert request.today == date(2020, 1, 1)


def test_request_without_a_day_is_of_today() -> None:
    assert check(TEXT, "KHM", countries=COUNTRIES).today in {TODAY, TODAY + timedelta(days=1)}


@pytest.mark.parametrize("country", ["KHM", "khm", " Khm ", "country:KHM", "Country:khm"])
def test_country_is_known_by_its_code_however_written(country: str) -> None:
    assert check(TEXT, country, countries=COUNTRIES).country == "KHM"


@pytest.mark.parametrize(
    ("country", "nearest"),
    [
        ("Cambodia", "Cambodia (KHM)"),
        ("Kambodja", "Cambodia (KHM)"),
        ("cameron", "Cameroon (CMR)"),
        ("Korea, Republic", "Republic of Korea (KOR)"),
    ],
)
def test_unknown_country_is_told_with_the_nearest_names(country: str, nearest: str) -> None:
    error = refusal(lambda: check(TEXT, country, countries=COUNTRIES))

    assert error.code is Code.UNKNOWN_COUNTRY
    assert error.message == f"“{country}” is not the code of a country."
    assert error.hint == "Use the three letters of ISO 3166-1 alpha-3."
    assert error.allowed[0] == nearest
    assert len(error.allowed) == 3
    assert (error.status, error.exit_code) == (400, 2)


@pytest.mark.parametrize("country", ["", "  ", "KH", "XXX", "🇰🇭", "x" * 5000, "\x00"])
def test_anything_else_is_no_country_either(country: str) -> None:
    error = refusal(lambda: check(TEXT, country, countries=COUNTRIES))

    assert error.code is Code.UNKNOWN_COUNTRY
    assert len(error.message) < 120


def test_unknown_topic_is_told_with_the_nearest() -> None:
    error = refusal(lambda: check(TEXT, "KHM", countries=COUNTRIES, known_topics=TOPICS, topics=("national-id", "civil-registraton")))

    assert error.code is Code.UNKNOWN_TOPIC
    assert error.message == "“civil-registraton” is not a topic."
    assert error.hint == "Take ids from `topics`."
    assert error.allowed[0] == "topic:civil-registration"


@pytest.mark.parametrize("text", [None, "", "   ", "\n\t\r\n", "\x00\x07\x1b", "\u200b\u2028\ufeff"])
def test_text_of_nothing_is_refused(text: str | None) -> None:
    error = refusal(lambda: check(text, "KHM", countries=COUNTRIES))

    assert error.code is Code.TEXT_EMPTY
    assert error.message == "The need has no text."
    assert error.hint == "Describe in a sentence what should change for whom, in any language."


def test_text_of_20_000_characters_is_refused_with_the_most() -> None:
    error = refusal(lambda: check("civil " * 3333 + "id", "KHM", countries=COUNTRIES))

    assert error.code is Code.TEXT_TOO_LONG
    assert error.message == "The text has 20000 characters."
    assert error.details == {"length": 20_000, "largest": 10_000}


def test_text_of_10_000_characters_is_taken_and_surplus_spaces_do_not_count() -> None:
    text = ("We want to link registers. " * 400)[:10_000].strip()
    padded = text.replace(" ", "   ")

    assert check(padded, "KHM", countries=COUNTRIES, language="en").text == text
    assert refusal(lambda: check("word " * 21, "KHM", countries=COUNTRIES, max_text=100)).details == {"length": 104, "largest": 100}


@pytest.mark.parametrize("text", ["1234567890 !!! 42", "aaaaaaaa", "asdf qwer zxcv uiop hjkl vbnm tzui ghjk"])
def test_text_in_no_language_is_refused(text: str) -> None:
    error = refusal(lambda: check(text, "KHM", countries=COUNTRIES))

    assert error.code is Code.TEXT_NOT_UNDERSTOOD
    assert error.message == "The text is in no language that we know."
    assert error.hint == "Write a sentence in any language, or say which language it is in."


def test_text_in_no_known_language_is_taken_where_its_language_is_said() -> None:
    text = "asdf qwer zxcv uiop hjkl vbnm tzui ghjk"

    assert check(text, "KHM", countries=COUNTRIES, language="tpi").language == "tpi"


def test_name_of_a_product_is_taken_for_english() -> None:
    assert check("X-Road", "KHM", countries=COUNTRIES).language == "en"


@pytest.mark.parametrize(("said", "language"), [("fr", "fr"), ("FR", "fr"), ("fr-CA", "fr"), (" zh-Hans ", "zh"), ("", "en"), (None, "en")])
def test_language_that_is_said_counts_before_the_one_detected(said: str | None, language: str) -> None:
    assert check(TEXT, "KHM", countries=COUNTRIES, language=said).language == language


@pytest.mark.parametrize("said", ["english", "e", "e1", "  ", "中文", "x-klingon", "-en", "fr\n\n;"])
def test_tag_that_is_none_is_refused(said: str) -> None:
    error = refusal(lambda: check(TEXT, "KHM", countries=COUNTRIES, language=said))

    assert error.code is Code.BAD_INPUT
    assert error.message == f"“{said}” is not a language tag."
    assert error.hint == "Use a BCP 47 tag such as en, fr or ar, or leave it out."


def test_day_in_the_future_is_refused() -> None:
    day = TODAY + timedelta(days=2)

    error = refusal(lambda: check(TEXT, "KHM", countries=COUNTRIES, as_of=day))

    assert error.code is Code.DATE_IN_FUTURE
    assert error.message == f"The as-of date {day.isoformat()} is in the future."
    assert check(TEXT, "KHM", countries=COUNTRIES, as_of=TODAY).as_of == TODAY


@pytest.mark.parametrize("amount", [0, -1.0, math.nan, math.inf, -math.inf, 1e12])
def test_amount_that_is_no_sum_of_money_is_refused(amount: float) -> None:
    error = refusal(lambda: check(TEXT, "KHM", countries=COUNTRIES, amount_usd=amount))

    assert error.code is Code.BAD_INPUT
    assert error.message == "The amount is not a sum of money."
    assert error.hint == "Write the amount as a number of US dollars above 0: 1400000."


@pytest.mark.parametrize("amount", [None, 0.01, 1_400_000, 999_999_999_999.0])
def test_amount_is_taken_as_it_is(amount: float | None) -> None:
    assert check(TEXT, "KHM", countries=COUNTRIES, amount_usd=amount).amount_usd == amount


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("link\x00 the\x1b[31m registers", "link the [31m registers"),
        ("link\u202ethe\u2066registers", "link the registers"),
        ("link\r\n\r\n\tthe   registers ", "link the registers"),
        ("link \ud800 registers", "link registers"),
        ("e\u0301tat civil", "état civil"),
        ("می\u200cخواهیم", "می\u200cخواهیم"),
        ("ශ්\u200dරී ලංකාව", "ශ්\u200dරී ලංකාව"),
        ("ត្រូវ\u200bការ", "ត្រូវ ការ"),
    ],
)
def test_characters_that_do_not_print_are_taken_out(text: str, clean: str) -> None:
    assert checked_text(text, 10_000) == clean


@given(st.text())
def test_clean_text_is_printable_single_spaced_and_composed(text: str) -> None:
    try:
        clean = checked_text(text, 10_000)
    except NetworkError as error:
        assert error.code is Code.TEXT_EMPTY  # noqa: PT017 - the other outcome of the same property
        return

    assert clean.replace("\u200c", "").replace("\u200d", "").isprintable()
    assert clean == " ".join(clean.split())
    assert checked_text(clean, 10_000) == clean
    assert unicodedata.is_normalized("NFC", clean)
    clean.encode()


def test_weights_asked_for_stand_in_the_place_of_the_usual_ones() -> None:
    request = with_choices(Request("text", "KEN"), ("country:EST",), own=1.0, region=0.0, shared_language=None)

    weighted = request.weighted(PARAMETERS)

    assert request.excluded == ("country:EST",)
    assert (weighted.own, weighted.region, weighted.language) == (1.0, 0.0, PARAMETERS.language)
    assert weighted.maximum == 1.0 + PARAMETERS.language
    assert Request("text", "KEN").weighted(PARAMETERS) == PARAMETERS


@pytest.mark.parametrize("weight", [-0.1, 2.1, float("nan"), float("inf")])
def test_a_weight_out_of_bounds_is_refused(weight: float) -> None:
    with pytest.raises(NetworkError, match="is not between 0 and 2") as refused:
        with_choices(Request("text", "KEN"), (), own=None, region=weight, shared_language=None)
    assert refused.value.code is Code.BAD_INPUT


def test_only_countries_and_organisations_can_be_left_out() -> None:
    with pytest.raises(NetworkError, match="“practice:est-x-road” is not a partner") as refused:
        with_choices(Request("text", "KEN"), ("country:EST", "practice:est-x-road"), own=None, region=None, shared_language=None)
    assert refused.value.code is Code.BAD_INPUT
