"""Needs as people state them: what is left out, how money and dates hang together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from babel.numbers import list_currencies
from rapidfuzz import process

from graph.authoring import Authored, Draft, in_order, not_in_the_future, private_at_first
from graph.errors import Code
from graph.records import Problem, Value
from graph.vocabulary import NeedStatus

MONEY: Final = frozenset(("amount", "currency"))


def _defaults(today: date) -> Mapping[str, Value]:
    return private_at_first(today) | {"status": NeedStatus.OPEN.value}


def _amount_in_dollars(draft: Draft) -> Mapping[str, Value]:
    """The amount in US dollars where it follows from the amount; where it does not follow any more, none."""
    if not MONEY & draft.given or "amountUsd" in draft.given:
        return {}
    return {"amountUsd": draft.values.get("amount") if draft.values.get("currency") == "USD" else None}


def _money(draft: Draft) -> Iterator[Problem]:
    amount, currency = draft.values.get("amount"), draft.values.get("currency")
    if amount is not None and currency is None:
        hint = "Give `currency` too, or `amountUsd` alone."
        yield Problem("currency", "", "is required with `amount`", (), Code.CONTRADICTORY_INPUT, hint)
    if isinstance(currency, str) and currency not in (known := list_currencies()):
        near = tuple(code for code, _, _ in process.extract(currency[:10].upper(), sorted(known), limit=3))
        yield Problem("currency", currency[:20], "is not a currency", near, Code.VALUE_NOT_ALLOWED, "Use the three letters of ISO 4217.")
    dollars = draft.values.get("amountUsd")
    if currency == "USD" and amount is not None and dollars is not None and dollars != amount:
        hint = "Leave `amountUsd` out: it follows from an amount in US dollars."
        yield Problem("amountUsd", str(dollars), "is not `amount`, which is in US dollars", (str(amount),), Code.CONTRADICTORY_INPUT, hint)


def _open_or_met(draft: Draft) -> Iterator[Problem]:
    if draft.values.get("status") == NeedStatus.WITHDRAWN.value:
        hint = "Use `withdrawNeed`."
        yield Problem("status", "WITHDRAWN", "is set by withdrawing the need", ("OPEN", "MET"), Code.CONTRADICTORY_INPUT, hint)


NEEDS: Final = Authored(
    "Need",
    owners="country",
    texts=("title", "description"),
    defaults=_defaults,
    default_words={"visibility": "MEMBERS", "date": "today", "status": "OPEN", "lang": "detected"},
    rules=(_money, _open_or_met, not_in_the_future("date"), in_order("date", "deadline", "is before the day on which it was stated")),
    derive=_amount_in_dollars,
    withdrawal={"withdrawn": True, "status": NeedStatus.WITHDRAWN.value},
)
