"""What is asked of a match, checked before anything is computed. Every refusal has a code and says what is allowed."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz, process, utils

from graph.errors import Code, NetworkError
from graph.language import detect
from graph.matching.parameters import Parameters
from graph.vocabulary import Applicant

UNSURE: Final = 0.45
WORDY: Final = 30
VOWELS: Final = frozenset("aeiouy")
# Zero-width joiners are part of the spelling of Persian, Sinhala and others, though Python does not count them as printable.
JOINERS: Final = "\u200c\u200d"


class PartnerKind(StrEnum):
    """Which partners are wanted."""

    ANY = "ANY"
    COUNTRY = "COUNTRY"
    ORGANIZATION = "ORGANIZATION"


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request. `country` is an ISO 3166-1 alpha-3 code, `topics` are global ids, `language` a BCP 47 tag.

    `as_of` lets only what was known before that day count. `blind_from` hides documents about the country itself that are
    dated then or later, or not dated (the leak rule of the evaluation). `cases` is the source whose masked cases may count; those of the
    same country or need never do. `amount` is in `currency` (ISO 4217), beside or instead of
    `amount_usd`. `starts` is the day on which help or money is wanted, `languages` those that the asking side can work in (BCP 47),
    `co_financing` the share of the money that it can bring (0 to 1), `places` how many places of a course it wants.
    `excluded` are partners that are not wanted. `own`, `region` and `shared_language` are what own experience, the same region and a shared
    language count, where that is not as usual.
    """

    text: str
    country: str
    language: str | None = None
    topics: tuple[str, ...] = ()
    amount_usd: float | None = None
    partner_kind: PartnerKind = PartnerKind.ANY
    as_of: date | None = None
    need: str | None = None
    blind_from: date | None = None
    cases: str | None = None
    amount: float | None = None
    currency: str | None = None
    starts: date | None = None
    kinds: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    applicant: str = Applicant.GOVERNMENT.value
    co_financing: float | None = None
    places: int = 1
    excluded: tuple[str, ...] = ()
    own: float | None = None
    region: float | None = None
    shared_language: float | None = None

    def weighted(self, parameters: Parameters) -> Parameters:
        """The constants with the weights that are asked for."""
        return replace(
            parameters,
            own=parameters.own if self.own is None else self.own,
            region=parameters.region if self.region is None else self.region,
            language=parameters.language if self.shared_language is None else self.shared_language,
        )

    @property
    def today(self) -> date:
        return self.as_of or datetime.now(UTC).date()

    @property
    def day(self) -> date:
        """The day on which an offer or a window has to be open."""
        return self.starts or self.today


@dataclass(frozen=True, slots=True)
class Wish:
    """What offers and windows have to suit, as it came in; the fields are those of `Request`."""

    amount: float | None = None
    currency: str | None = None
    co_financing: float | None = None
    starts: date | None = None
    kinds: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    applicant: str = Applicant.GOVERNMENT.value
    places: int = 1


def check(
    text: str | None,
    country: str,
    *,
    countries: Mapping[str, str],
    known_topics: Mapping[str, str] | None = None,
    topics: tuple[str, ...] = (),
    amount_usd: float | None = None,
    partner_kind: PartnerKind = PartnerKind.ANY,
    as_of: date | None = None,
    language: str | None = None,
    need: str | None = None,
    max_text: int = 10_000,
    wish: Wish = Wish(),
) -> Request:
    """A request from raw input. `countries` and `known_topics` map what is known (code or id) to its name.

    Raises UNKNOWN_COUNTRY, UNKNOWN_TOPIC, TEXT_EMPTY, TEXT_TOO_LONG, TEXT_NOT_UNDERSTOOD, DATE_IN_FUTURE, BAD_INPUT.
    """
    code = known_country(country, countries)
    if known_topics is not None:
        topics = tuple(_known_topic(topic, known_topics) for topic in topics)
    if as_of is not None and as_of > datetime.now(UTC).date():
        raise NetworkError(
            Code.DATE_IN_FUTURE,
            f"The as-of date {as_of.isoformat()} is in the future.",
            hint="Give a day up to today, or none to use everything that is known.",
        )
    for amount in (amount_usd, wish.amount):
        if amount is not None and not 0 < amount < 1e12:
            raise NetworkError(
                Code.BAD_INPUT, "The amount is not a sum of money.", hint="Write the amount as a number of US dollars above 0: 1400000."
            )
    clean = checked_text(text or "", max_text)
    plain = Request(clean, code, checked_language(clean, language), topics, amount_usd, partner_kind, as_of, need)
    return _with_wish(plain, wish)


def _with_wish(request: Request, wish: Wish) -> Request:
    currency = wish.currency.strip().upper() if wish.currency else None
    if currency is not None and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise NetworkError(
            Code.BAD_INPUT, f"“{wish.currency[:10] if wish.currency else ''}” is not a currency.", hint="Use an ISO 4217 code: EUR."
        )
    if (wish.amount is None) != (currency is None):
        raise NetworkError(Code.BAD_INPUT, "An amount and its currency belong together.", hint="Give both, or `amountUsd` alone.")
    if currency == "USD" and request.amount_usd is not None and request.amount_usd != wish.amount:
        raise NetworkError(Code.CONTRADICTORY_INPUT, "Two different amounts in US dollars are given.", hint="Give `amountUsd` alone.")
    if wish.co_financing is not None and not 0 <= wish.co_financing <= 1:
        raise NetworkError(Code.BAD_INPUT, "The share that you bring is not between 0 and 1.", hint="Write a quarter as 0.25.")
    if wish.places < 1:
        raise NetworkError(Code.BAD_INPUT, "At least one place has to be asked for.", hint="Leave `places` out for one.")
    languages = tuple(checked_language(request.text, tag) for tag in wish.languages)
    return replace(
        request,
        amount=wish.amount,
        currency=currency,
        co_financing=wish.co_financing,
        starts=wish.starts,
        kinds=wish.kinds,
        instruments=wish.instruments,
        languages=languages,
        applicant=wish.applicant,
        places=wish.places,
    )


LARGEST_WEIGHT: Final = 2.0
PARTNERS: Final = ("country:", "organization:")


def with_choices(
    request: Request, excluded: tuple[str, ...], own: float | None, region: float | None, shared_language: float | None
) -> Request:
    """The request with partners left out and weights of its own. Raises BAD_INPUT."""
    for weight in (own, region, shared_language):
        if weight is not None and not 0 <= weight <= LARGEST_WEIGHT:
            raise NetworkError(
                Code.BAD_INPUT, f"A weight of {weight:g} is not between 0 and {LARGEST_WEIGHT:g}.", hint="0 leaves a part out of the score."
            )
    if wrong := [party for party in excluded if not party.startswith(PARTNERS)]:
        raise NetworkError(
            Code.BAD_INPUT, f"“{wrong[0][:60]}” is not a partner.", hint="Leave out countries and organisations by their global ids."
        )
    return replace(request, excluded=excluded, own=own, region=region, shared_language=shared_language)


def checked_text(text: str, max_text: int) -> str:
    """The text without control characters and surplus spaces. Raises TEXT_EMPTY, TEXT_TOO_LONG."""
    clean = " ".join("".join(c if c.isprintable() or c in JOINERS else " " for c in unicodedata.normalize("NFC", text)).split())
    if not clean:
        raise NetworkError(
            Code.TEXT_EMPTY, "The need has no text.", hint="Describe in a sentence what should change for whom, in any language."
        )
    if len(clean) > max_text:
        raise NetworkError(
            Code.TEXT_TOO_LONG,
            f"The text has {len(clean)} characters.",
            hint=f"Shorten it to at most {max_text} characters: what should change, for whom, and what exists already.",
            details={"length": len(clean), "largest": max_text},
        )
    return clean


def checked_language(text: str, language: str | None) -> str:
    """The language said, or the one detected. Raises TEXT_NOT_UNDERSTOOD for a text in no known language."""
    if language:
        tag = language.strip().lower().partition("-")[0]
        if not (2 <= len(tag) <= 3 and tag.isascii() and tag.isalpha()):
            raise NetworkError(
                Code.BAD_INPUT, f"“{language[:20]}” is not a language tag.", hint="Use a BCP 47 tag such as en, fr or ar, or leave it out."
            )
        return tag
    found = detect(text)
    if found.code is None or (found.confidence < UNSURE and len(text) >= WORDY and _unpronounceable(text)):
        raise NetworkError(
            Code.TEXT_NOT_UNDERSTOOD,
            "The text is in no language that we know.",
            hint="Write a sentence in any language, or say which language it is in.",
        )
    # A few words, such as a title or a product's name, tell no language: they are treated as English, the language of most records.
    return found.code if found.confidence >= UNSURE else "en"


def _unpronounceable(text: str) -> bool:
    """Whether a third of the words, or more, have no vowel: keys that were hit at random, not words of a language."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    words = [word for word in plain.split() if len(word) >= 3 and word.isascii() and word.isalpha()]
    return 3 * sum(not VOWELS & set(word) for word in words) >= len(words)


def known_country(country: str, countries: Mapping[str, str]) -> str:
    """The alpha-3 code as known. Raises UNKNOWN_COUNTRY with the nearest names."""
    code = country.strip().upper().removeprefix("COUNTRY:")
    if code in countries:
        return code
    near = process.extract(
        country, {c: f"{name} ({c})" for c, name in countries.items()}, scorer=fuzz.WRatio, processor=utils.default_process, limit=3
    )
    raise NetworkError(
        Code.UNKNOWN_COUNTRY,
        f"“{country[:60]}” is not the code of a country.",
        hint="Use the three letters of ISO 3166-1 alpha-3.",
        allowed=[name for name, _, _ in near],
    )


def _known_topic(topic: str, known: Mapping[str, str]) -> str:
    record_id = topic if topic.startswith("topic:") else f"topic:{topic}"
    if record_id in known:
        return record_id
    near = process.extract(record_id, list(known), limit=3)
    raise NetworkError(
        Code.UNKNOWN_TOPIC, f"“{topic[:60]}” is not a topic.", hint="Take ids from `topics`.", allowed=[name for name, _, _ in near]
    )
