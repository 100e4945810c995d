"""Who may ask for what. The rules of offers and funding windows are data; each is one condition that the database checks.

A condition stands on `x` (an offer, a funding window, or a map with the same names), on `admitted` and `excluded` (how its audience
meets the country) and on `taken` (places that agreed matches hold). It fails where it is true; unknown is never a failure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graph.matching.request import Request
from graph.matching.result import Rule
from graph.message import Languages, Message, Names, Sum, Value
from graph.vocabulary import HELP, INSTRUMENTS

NAMED: Final = 4
"""How many of an audience a sentence names."""
KINDS: Final[Mapping[str, Message]] = {**HELP, **INSTRUMENTS}
ASKED: Final = "CASE x.currency WHEN $currency THEN $amount WHEN 'USD' THEN $amountUsd END"


@dataclass(frozen=True, slots=True)
class Condition:
    """When a rule fails, and by how much, in Cypher; the unit of the distance, `currency` for that of the window."""

    rule: Rule
    fails: str
    distance: str = "null"
    unit: str | None = None


CONDITIONS: Final = (
    Condition(Rule.AUDIENCE, "NOT admitted OR excluded"),
    Condition(Rule.KIND, "(size($kinds) > 0 AND NOT x.kind IN $kinds) OR (size($instruments) > 0 AND NOT x.instrument IN $instruments)"),
    Condition(Rule.APPLICANT, "size(x.applicants) > 0 AND NOT $applicant IN x.applicants"),
    Condition(Rule.LANGUAGE, "size($languages) > 0 AND size(x.languages) > 0 AND none(l IN x.languages WHERE l IN $languages)"),
    Condition(Rule.NOT_YET_OPEN, "$day < x.opens", "duration.inDays($day, x.opens).days", "days"),
    Condition(Rule.CLOSED, "$day > x.closes", "duration.inDays(x.closes, $day).days", "days"),
    Condition(Rule.MINIMUM_AMOUNT, f"{ASKED} < x.minimumAmount", f"x.minimumAmount - {ASKED}", "currency"),
    Condition(Rule.MAXIMUM_AMOUNT, f"{ASKED} > x.maximumAmount", f"{ASKED} - x.maximumAmount", "currency"),
    Condition(Rule.CO_FINANCING, "x.coFinancingShare > $coFinancing", "x.coFinancingShare - $coFinancing", "share"),
    Condition(Rule.CAPACITY, "$places > x.capacity - taken", "$places - (x.capacity - taken)", "places"),
)


def failed_rules(own: Collection[str] = ()) -> str:
    """A Cypher expression: the list of [rule, distance] that an offer or a window fails, in the order of the conditions.

    `own` are values that the query has as variables instead of parameters: it checks many requests at once.
    """
    cases = ",\n    ".join(f"CASE WHEN {c.fails} THEN ['{c.rule.value}', {c.distance}] END" for c in CONDITIONS)
    text = f"[failure IN [\n    {cases}\n  ] WHERE failure IS NOT NULL]"
    return re.sub(rf"\$({'|'.join(own)})\b", r"\1", text) if own else text


def values(request: Request) -> dict[str, Any]:
    """The parameters that the conditions look at. What the request leaves open is null or empty and fails nothing."""
    return {
        "day": request.day,
        "kinds": list(request.kinds),
        "instruments": list(request.instruments),
        "applicant": request.applicant,
        "languages": list(request.languages),
        "amount": request.amount,
        "currency": request.currency,
        "amountUsd": request.amount_usd,
        "coFinancing": request.co_financing,
        "places": request.places,
    }


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that is not met, told with its distance."""

    rule: Rule
    explanation: Message
    distance: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a failed rule of an offer or a window is told with; empty where nothing failed."""

    audience: tuple[str, ...] = ()
    kind: str | None = None
    languages: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    currency: str | None = None
    share: float | None = None
    left: int | None = None


def told(rule: Rule, distance: float | None, facts: Facts, request: Request) -> Failure:
    """A failure that the database found, with its sentence."""
    unit = next(c.unit for c in CONDITIONS if c.rule is rule)
    if unit == "currency":
        unit = facts.currency
    return Failure(rule, _SENTENCES[rule](distance or 0, facts, request), distance, unit)


def _audience(_: float, facts: Facts, __: Request) -> Message:
    if not facts.audience:
        return Message("It is not open to this country.")
    if len(facts.audience) > NAMED:
        few: dict[str, Value] = {"audience": Names(facts.audience[:NAMED]), "others": len(facts.audience) - NAMED}
        return Message("It is not open to this country, but to: {audience} and {others} others.", few)
    return Message("It is not open to this country, but to: {audience}.", {"audience": Names(facts.audience)})


def _kind(_: float, facts: Facts, __: Request) -> Message:
    return Message("It is of another kind than you want: {kind}.", {"kind": KINDS[facts.kind] if facts.kind else ""})


def _closed(days: float, _: Facts, request: Request) -> Message:
    if request.starts is not None:
        return Message("It closes {n} day before your date.", {"n": int(days)}, "It closes {n} days before your date.")
    return Message("It closed {n} day ago.", {"n": int(days)}, "It closed {n} days ago.")


def _not_open(days: float, _: Facts, request: Request) -> Message:
    if request.starts is not None:
        return Message("It opens {n} day after your date.", {"n": int(days)}, "It opens {n} days after your date.")
    return Message("It opens in {n} day.", {"n": int(days)}, "It opens in {n} days.")


def _minimum(less: float, facts: Facts, _: Request) -> Message:
    least, currency = facts.minimum or 0.0, facts.currency or ""
    sums = {"minimum": Sum(least, currency), "asked": Sum(least - less, currency), "less": Sum(less, currency)}
    return Message("The minimum is {minimum}. You ask for {asked}, {less} less.", sums)


def _maximum(more: float, facts: Facts, _: Request) -> Message:
    most, currency = facts.maximum or 0.0, facts.currency or ""
    sums = {"maximum": Sum(most, currency), "asked": Sum(most + more, currency), "more": Sum(more, currency)}
    return Message("The maximum is {maximum}. You ask for {asked}, {more} more.", sums)


def _co_financing(_: float, facts: Facts, request: Request) -> Message:
    shares = {"wanted": f"{100 * (facts.share or 0):.4g}", "bring": f"{100 * (request.co_financing or 0):.4g}"}
    return Message("You have to bring {wanted} % of the money yourself; you can bring {bring} %.", shares)


def _places(_: float, facts: Facts, request: Request) -> Message:
    left = facts.left or 0
    return Message(
        "{n} place is left; you ask for {asked}.", {"n": left, "asked": request.places}, "{n} places are left; you ask for {asked}."
    )


_SENTENCES: Final[Mapping[Rule, Callable[[float, Facts, Request], Message]]] = {
    Rule.AUDIENCE: _audience,
    Rule.KIND: _kind,
    Rule.APPLICANT: lambda _, __, request: (
        Message("Governments may not apply; a partner of another kind has to.")
        if request.applicant == "GOVERNMENT"
        else Message("Applicants of your kind may not apply.")
    ),
    Rule.LANGUAGE: lambda _, facts, __: Message(
        "It is given in {languages}, none of the languages you can work in.", {"languages": Languages(facts.languages)}
    ),
    Rule.NOT_YET_OPEN: _not_open,
    Rule.CLOSED: _closed,
    Rule.MINIMUM_AMOUNT: _minimum,
    Rule.MAXIMUM_AMOUNT: _maximum,
    Rule.CO_FINANCING: _co_financing,
    Rule.CAPACITY: _places,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """An offer or a funding window as the database found it: whose it is, where they are at home, how near, what it fails.

    `homes` are (country, provider based there) pairs, `failed` (rule, distance) pairs.
    """

    id: str
    providers: tuple[str, ...]
    homes: tuple[tuple[str, str], ...]
    similarity: float
    topics: frozenset[str]
    failed: tuple[tuple[Rule, float | None], ...] = ()
    facts: Facts = Facts()

    @property
    def eligible(self) -> bool:
        return not self.failed

    def based_in(self, country: str) -> str:
        """The provider that is based in a country."""
        return next(party for home, party in self.homes if home == country)
