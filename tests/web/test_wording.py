"""The wording: every sentence in every language, negotiation, numbers and dates."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from api.wording import LANGUAGES, negotiate, translations
from graph.errors import Code
from graph.message import Message
from web.errors import ERRORS
from web.speech import Speech, direction
from web.terms import VALUES, path_of
from web.tools.translations import catalogue_of, extracted, unfinished

FOREIGN = tuple(language for language in LANGUAGES if language != "en")


def names(sentence: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", sentence))


def pairs(language: str) -> Iterator[tuple[str, str]]:
    """(English, translation), plural forms each with the English plural."""
    for message in catalogue_of(language):
        if message.id:
            for told in [message.string] if isinstance(message.string, str) else message.string:
                yield (message.id if isinstance(message.id, str) else message.id[1]), told


@pytest.mark.parametrize("language", FOREIGN)
def test_every_sentence_is_translated(language: str) -> None:
    template = extracted()
    catalogue = catalogue_of(language)
    said = {message.id if isinstance(message.id, str) else message.id[0] for message in template if message.id}
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if message.id}
    assert said - known == set(), "run `python -m web.tools.translations`"
    assert known - said == set(), "run `python -m web.tools.translations`"
    assert list(unfinished(catalogue)) == []


@pytest.mark.parametrize("language", FOREIGN)
def test_translations_fill_in_only_what_the_sentence_has(language: str) -> None:
    for english, told in pairs(language):
        assert names(told) <= names(english), told
        assert names(english) - names(told) <= {"n"}, told


@pytest.mark.parametrize("language", FOREIGN)
def test_translations_have_no_straight_quotes(language: str) -> None:
    assert [told for english, told in pairs(language) if ("'" in told or '"' in told) and "'" not in english and '"' not in english] == []


@pytest.mark.parametrize(
    ("header", "explicit", "expected"),
    [
        (None, None, ("en", None)),
        ("fr-CA,fr;q=0.8,en;q=0.5", None, ("fr", None)),
        ("pt,ar;q=0.3,fr;q=0.2", None, ("ar", None)),
        ("en;q=0.1,fr;q=0.9", None, ("fr", None)),
        ("fr", "ar", ("ar", None)),
        ("fr", "AR-tn", ("ar", None)),
        ("fr", "pt", ("en", "pt")),
        (";;;,q=,fr;q=x", None, ("en", None)),
    ],
)
def test_the_language_is_negotiated(header: str | None, explicit: str | None, expected: tuple[str, str | None]) -> None:
    assert negotiate(header, explicit) == expected


def test_arabic_counts_have_their_forms() -> None:
    speech = Speech("ar")
    told = [speech.count("{n} record", "{n} records", n) for n in (0, 1, 2, 3, 11, 100)]
    assert told == ["لا سجلات", "سجل واحد", "سجلان", "3 سجلات", "11 سجلًا", "100 سجل"]


def test_numbers_money_and_dates_follow_the_language() -> None:
    assert Speech("en").number(524877) == "524,877"
    assert Speech("fr").number(0.5, 2) == "0,50"
    assert Speech("en").money(1_400_000) == "1.4 M USD"
    assert Speech("en").money(2_500_000_000, "EUR") == "2.5 billion EUR"
    assert Speech("ar").money(1_400_000) == "1.4 مليون USD"
    assert Speech("en").day("2026-09-14") == "14 September 2026"
    assert Speech("fr").day("2026-09-14") == "14 septembre 2026"
    assert Speech("ar").day("2026-09-14") == "14 سبتمبر 2026"
    assert Speech("en").day("2026-01-01", "YEAR") == "2026"


def test_languages_are_named_or_left_as_they_are() -> None:
    assert Speech("fr").language_name("en") == "anglais"
    assert Speech("en").language_name("zz-nonsense-zz") == "zz-nonsense-zz"
    assert direction("ar") == "rtl"
    assert direction("fr") == "ltr"


def test_a_message_is_told_in_french() -> None:
    message = Message("It opens in {n} day.", {"n": 3}, "It opens in {n} days.")
    assert message.render(translations("fr")) == "Ouverture dans 3 jours."


def test_every_error_a_visitor_can_meet_has_words() -> None:
    elsewhere = {code for code in Code if code.value.startswith(("SERVER_", "MIGRATION_", "INGEST_", "SUBSCRIPTION_", "VALUE_"))}
    # Pages read: what mutations, tokens and sockets are refused with is told to programs, in English.
    elsewhere |= {
        *(Code.INVALID_RECORD, Code.FIELD_REQUIRED, Code.UNKNOWN_RECORD, Code.VERSION_CONFLICT, Code.RECORD_WITHDRAWN),
        *(Code.IDEMPOTENCY_KEY_REUSED, Code.UNAUTHENTICATED, Code.FORBIDDEN, Code.ORIGIN_REFUSED),
    }
    assert set(Code) - elsewhere <= set(ERRORS)


def test_every_value_of_the_vocabulary_has_words() -> None:
    from graph import vocabulary

    groups = {
        "income": vocabulary.IncomeGroup,
        "group": vocabulary.CountryGroupKind,
        "un": vocabulary.UnStatus,
        "organization": vocabulary.OrganizationKind,
        "post": vocabulary.PostRole,
        "project": vocabulary.ProjectStatus,
        "offer": vocabulary.OfferKind,
        "delivery": vocabulary.Delivery,
        "instrument": vocabulary.Instrument,
        "applicant": vocabulary.Applicant,
        "need": vocabulary.NeedStatus,
        "visibility": vocabulary.Visibility,
        "partnership": vocabulary.PartnershipState,
        "role": vocabulary.PartnershipRole,
        "commitment": vocabulary.CommitmentState,
    }
    for group, enum in groups.items():
        assert set(VALUES[group]) == {member.value for member in enum}


def test_addresses_come_from_the_model() -> None:
    assert path_of("country:KEN") == "/countries/KEN"
    assert path_of("funding-call:x") == "/funding-calls/x"
    assert path_of("person:x") is None
