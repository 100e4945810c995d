"""The wording: every sentence in every language, negotiation, numbers and dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from api.wording import CATALOGUES, LANGUAGES, negotiate, regions, translations
from graph.errors import Code
from graph.message import Languages, Message, Names, Number, Sum
from graph.vocabulary import UN_LANGUAGES
from web.errors import ERRORS
from web.speech import Speech, direction
from web.terms import VALUES, path_of
from web.tools.translations import catalogue_of, extracted, unfinished

FOREIGN = tuple(language for language in LANGUAGES if language != "en")


FORMS = {"fr": 2, "es": 2, "ar": 6, "zh": 1, "ru": 3}


def names(sentence: str) -> Counter[str]:
    return Counter(re.findall(r"\{(\w+)\}", sentence))


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


def test_the_languages_shown_are_those_of_the_united_nations() -> None:
    assert sorted(LANGUAGES) == sorted(UN_LANGUAGES)
    assert {path.name for path in CATALOGUES.iterdir()} == set(FOREIGN)


@pytest.mark.parametrize("language", FOREIGN)
def test_translations_fill_in_what_the_sentence_has(language: str) -> None:
    for english, told in pairs(language):
        assert names(told) - names(english) == Counter(), told
        assert set(names(english)) - set(names(told)) <= {"n"}, told


@pytest.mark.parametrize("language", FOREIGN)
def test_every_sentence_with_a_number_has_the_forms_of_its_language(language: str) -> None:
    catalogue = catalogue_of(language)
    assert catalogue.num_plurals == FORMS[language]
    assert {len(message.string) for message in catalogue if message.pluralizable} == {FORMS[language]}


@pytest.mark.parametrize("language", FOREIGN)
def test_a_form_for_many_numbers_tells_the_number(language: str) -> None:
    """A form may leave the number out only where it stands for one number: zero, one and two in Arabic, one in French and Spanish."""
    single = {"fr": {0}, "es": {0}, "ar": {0, 1, 2}, "zh": set(), "ru": set()}[language]
    for message in catalogue_of(language):
        if message.pluralizable and "{n}" in message.id[1]:
            for form, told in enumerate(message.string):
                assert form in single or "{n}" in told, told


@pytest.mark.parametrize("language", FOREIGN)
def test_a_sentence_ends_as_in_english(language: str) -> None:
    ends = {".": ".。", "?": "?؟？", ":": ":：", ",": ",،，"}
    for english, told in pairs(language):
        assert english[-1] not in ends or told.rstrip()[-1] in ends[english[-1]], told


@pytest.mark.parametrize("language", FOREIGN)
def test_space_and_marks_are_those_of_the_language(language: str) -> None:
    wrong = {
        "fr": r" [;:!?»%]|« |[\w}][;!?]",
        "es": r"[“”]| %|(?<!¿)\b(Qué|Cómo) [^¿?]*\?",
        "ar": r"[,;?]|[“”]| %|اً",
        "zh": r"[,;?!]|[\u4e00-\u9fff][:()]|[:()][\u4e00-\u9fff]|[«»]",
        "ru": r"[“”]| %| —|\{(day|moment)\}\.",
    }[language]
    assert [told for _, told in pairs(language) if re.search(wrong, told)] == []


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
        ("zh-CN,zh;q=0.9,en;q=0.8", None, ("zh", None)),
        ("zh-Hant-TW", None, ("zh", None)),
        ("cmn-Hans", None, ("zh", None)),
        ("es-419,en;q=0.9", None, ("es", None)),
        ("kk-KZ,ru;q=0.9,en;q=0.8", None, ("ru", None)),
        ("en", "zh-Hans", ("zh", None)),
        ("en", "es_419", ("es", None)),
        ("en", "arb", ("ar", None)),
        (";;;,q=,fr;q=x", None, ("en", None)),
    ],
)
def test_the_language_is_negotiated(header: str | None, explicit: str | None, expected: tuple[str, str | None]) -> None:
    assert negotiate(header, explicit) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, ()),
        ("fr-SN,fr;q=0.9,en-US;q=0.8", ("SN",)),
        ("en;q=0.9,sw-KE", ("KE",)),
        ("fr-CA;q=0.4,bs-Latn-BA;q=0.7", ("BA", "CA")),
        ("km", ("KH",)),
        ("km-KH,km;q=0.9", ("KH",)),
        ("sw", ()),
        ("en-US,en;q=0.9", ()),
        ("en_gb", ()),
        ("es-419,es;q=0.9", ()),
        (";;;,q=,x-;q=x", ()),
    ],
)
def test_countries_are_read_from_languages_where_they_speak_of_one(header: str | None, expected: tuple[str, ...]) -> None:
    assert regions(header) == expected


def test_arabic_counts_have_their_forms() -> None:
    speech = Speech("ar")
    told = [speech.count("{n} record", "{n} records", n) for n in (0, 1, 2, 3, 11, 100)]
    assert told == ["لا سجلات", "سجل واحد", "سجلان", "3 سجلات", "11 سجلًا", "100 سجل"]


def test_russian_counts_have_their_forms() -> None:
    speech = Speech("ru")
    told = [speech.count("{n} record", "{n} records", n) for n in (0, 1, 2, 5, 11, 21, 22, 111)]
    assert told == ["0 записей", "1 запись", "2 записи", "5 записей", "11 записей", "21 запись", "22 записи", "111 записей"]


def test_chinese_and_spanish_counts_have_their_forms() -> None:
    assert [Speech("zh").count("{n} record", "{n} records", n) for n in (0, 1, 1200)] == ["0条记录", "1条记录", "1,200条记录"]
    assert [Speech("es").count("{n} record", "{n} records", n) for n in (0, 1, 1200)] == ["0 fichas", "1 ficha", "1.200 fichas"]


@pytest.mark.parametrize(
    ("language", "number", "share", "million", "billion", "day", "year"),
    [
        ("en", "524,877", "0.50", "1.4 M USD", "2.5 billion EUR", "14 September 2026", "2026"),
        ("fr", "524\u202f877", "0,50", "1,4 M USD", "2,5 Md EUR", "14 septembre 2026", "2026"),
        ("es", "524.877", "0,50", "1,4 M USD", "2,5 mil millones de EUR", "14 de septiembre de 2026", "2026"),
        ("ar", "524,877", "0.50", "1.4 مليون USD", "2.5 مليار EUR", "14 سبتمبر 2026", "2026"),
        ("zh", "524,877", "0.50", "140 万 USD", "25 亿 EUR", "2026年9月14日", "2026年"),
        ("ru", "524\u00a0877", "0,50", "1,4 млн USD", "2,5 млрд EUR", "14 сентября 2026\u202fг.", "2026"),
    ],
)
def test_numbers_money_and_dates_follow_the_language(
    language: str, number: str, share: str, million: str, billion: str, day: str, year: str
) -> None:
    speech = Speech(language)
    assert speech.number(524877) == number
    assert speech.number(0.5, 2) == share
    assert speech.money(1_400_000) == million
    assert speech.money(2_500_000_000, "EUR") == billion
    assert speech.day("2026-09-14") == day
    assert speech.day("2026-01-01", "YEAR") == year


def test_a_minus_stands_before_its_number_and_never_before_zero() -> None:
    assert [Speech("ar").number(value, 2) for value in (-0.3, -0.001)] == ["\u200e-0.30", "0.00"]
    assert [Speech("ru").number(value, 2) for value in (-0.3, -0.001)] == ["-0,30", "0,00"]


def test_small_sums_are_written_out() -> None:
    assert [Speech(language).money(9_500) for language in ("en", "zh")] == ["9,500 USD", "9,500 USD"]
    assert Speech("zh").money(-125_000) == "-12.5 万 USD"


def test_lists_have_the_comma_of_the_language() -> None:
    assert [Speech(language).listed(["a", "b"]) for language in ("en", "ar", "zh", "ru")] == ["a, b", "a، b", "a、b", "a, b"]


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
    # No page asks for an assignment.
    elsewhere.add(Code.RANKING_UNDER_WAY)
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


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "The minimum is 2 M USD. You ask for 1.4 M USD, 600 k USD less."),
        ("fr", "Le minimum est de 2 M USD. Vous demandez 1,4 M USD, soit 600 000 USD de moins."),
        ("es", "El mínimo es de 2 M USD. Usted pide 1,4 M USD, es decir, 600.000 USD menos."),
        ("ar", "الحد الأدنى 2 مليون USD. المطلوب 1.4 مليون USD، أي أقل بمقدار 600,000 USD."),
        ("zh", "最低金额为200 万 USD。您申请140 万 USD，少60 万 USD。"),
        ("ru", "Минимум — 2 млн USD. Вы запрашиваете 1,4 млн USD, то есть на 600 000 USD меньше."),
    ],
)
def test_sums_in_a_sentence_are_written_in_its_language(language: str, told: str) -> None:
    sums = {"minimum": Sum(2_000_000), "asked": Sum(1_400_000), "less": Sum(600_000)}
    sentence = Speech(language).tell(Message("The minimum is {minimum}. You ask for {asked}, {less} less.", sums))
    assert re.sub(r"\s", " ", sentence) == told


def test_names_and_languages_in_a_sentence_are_those_of_its_language() -> None:
    speech = Speech("ru", {"Cambodia": "Камбоджа"})
    near = Message("In the same region as {country}.", {"country": Names(("Cambodia",))})
    assert speech.tell(near) == "В одном регионе с запрашивающей страной (Камбоджа)."
    assert Speech("ru").tell(near) == "В одном регионе с запрашивающей страной (Cambodia)."
    assert str(near) == "In the same region as Cambodia."
    shared = Message("Official languages in common: {shared}.", {"shared": Languages(("ar", "fr"))})
    assert Speech("en").tell(shared) == "Official languages in common: Arabic, French."
    assert Speech("zh").tell(shared) == "共同的官方语言：阿拉伯语、法语。"
    assert Speech("es").tell(Message("{n} record", {"n": 1200}, "{n} records")) == "1.200 fichas"
    there = Message("Inhabitants: {theirs} there, {own} here.", {"theirs": Number(1_100_000), "own": Number(0.5, 2)})
    assert Speech("es").tell(there) == "Habitantes: 1.100.000 allí, 0,50 aquí."
