"""Who may ask for what: the rules of offers and funding windows, as a pure check of values the query brought."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from graph.matching.request import Request
from graph.matching.result import Rule
from graph.message import Message
from graph.vocabulary import Applicant


@dataclass(frozen=True, slots=True)
class Terms:
    """What an offer or a funding window demands. `admitted` and `excluded` say how its audience meets the country."""

    id: str
    title: str
    providers: tuple[str, ...]
    admitted: bool
    excluded: bool
    opens: date | None
    closes: date | None
    minimum: float | None
    maximum: float | None
    currency: str | None
    applicants: tuple[str, ...]
    similarity: float
    topics: frozenset[str]


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that is not met, told with its distance."""

    rule: Rule
    explanation: Message
    distance: float | None = None
    unit: str | None = None


def failures(terms: Terms, request: Request) -> Iterator[Failure]:
    """Every rule that the request fails; none means eligible."""
    if not terms.admitted or terms.excluded:
        yield Failure(Rule.AUDIENCE, Message("It is not open to this country."))
    today = request.today
    if terms.opens and today < terms.opens:
        days = (terms.opens - today).days
        yield Failure(Rule.NOT_YET_OPEN, Message("It opens in {n} day.", {"n": days}, "It opens in {n} days."), days, "days")
    if terms.closes and today > terms.closes:
        days = (today - terms.closes).days
        yield Failure(Rule.CLOSED, Message("It closed {n} day ago.", {"n": days}, "It closed {n} days ago."), days, "days")
    if terms.applicants and Applicant.GOVERNMENT.value not in terms.applicants:
        yield Failure(Rule.APPLICANT, Message("Governments may not apply; a partner of another kind has to."))
    # Amounts are compared in US dollars only: there are no exchange rates on record to convert others honestly.
    if request.amount_usd is not None and terms.currency == "USD":
        yield from _amount(terms, request.amount_usd)


def _amount(terms: Terms, asked: float) -> Iterator[Failure]:
    if terms.minimum is not None and asked < terms.minimum:
        less = terms.minimum - asked
        values = {"minimum": money(terms.minimum), "asked": money(asked), "less": money(less)}
        yield Failure(Rule.MINIMUM_AMOUNT, Message("The minimum is {minimum}. You ask for {asked}, {less} less.", values), less, "USD")
    if terms.maximum is not None and asked > terms.maximum:
        more = asked - terms.maximum
        values = {"maximum": money(terms.maximum), "asked": money(asked), "more": money(more)}
        yield Failure(Rule.MAXIMUM_AMOUNT, Message("The maximum is {maximum}. You ask for {asked}, {more} more.", values), more, "USD")


def money(amount: float) -> str:
    """`1.4 M USD`: at most two decimals, no trailing zeros."""
    for size, unit in ((1e9, " B"), (1e6, " M"), (1e3, " k")):
        # From where the next smaller unit would be rounded up to 1,000.
        if round(abs(amount) / size * 1000, 2) >= 1000:
            return f"{amount / size:.2f}".rstrip("0").rstrip(".") + unit + " USD"
    return f"{amount:.2f}".rstrip("0").rstrip(".") + " USD"
