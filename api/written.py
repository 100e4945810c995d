"""How values are written in a language: numbers, sums, languages, lists, and names that the graph knows in several languages.

Must not know pages or GraphQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal

from api.wording import SOURCE, translations
from graph.message import Languages, Message, Names, Number, Sum, Value

REGIONAL: Final = {"en": "en_GB"}
COMMAS: Final = {"ar": "، ", "zh": "、"}
COLONS: Final = {"fr": "\N{NO-BREAK SPACE}: ", "zh": "："}
LEFT_TO_RIGHT: Final = "\N{LEFT-TO-RIGHT MARK}"
MILLION: Final = 1e6
BILLION: Final = 1e9
MYRIADS: Final = ((1e8, "亿"), (1e4, "万"))
"""Chinese counts large sums in steps of ten thousand, not of a thousand."""


@dataclass(frozen=True)
class Writer:
    """The figures and names of one language. `names` has, by English name, the name in this language where the graph has one."""

    language: str
    names: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, value: Value) -> str:
        """A value of a sentence; in English as the sentence itself has it, but for the names of languages."""
        told = str(value)
        if self.language == SOURCE and not isinstance(value, Languages):
            return told
        match value:
            case Sum(amount, currency):
                told = self.money(amount, currency)
            case Number(number, decimals):
                told = self.number(number, decimals)
            case Names(items):
                told = self.listed(self.names.get(item, item) for item in items)
            case Languages(tags):
                told = self.listed(map(self.language_name, tags))
            case int():
                told = self.number(value)
        return told

    @cached_property
    def locale(self) -> Locale:
        return Locale.parse(REGIONAL.get(self.language, self.language))

    def number(self, value: float, decimals: int = 0) -> str:
        """`524 877` as the language groups it, with a fixed number of decimals."""
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return self._figure(value, decimals, pattern)

    def short(self, value: float) -> str:
        """At most two decimals, none that say nothing."""
        return self._figure(value, 2, "#,##0.##")

    def _figure(self, value: float, decimals: int, pattern: str) -> str:
        """Rounded, never a zero with a minus. In Arabic a mark keeps the minus before the number."""
        told = _decimal(self.locale, round(value, decimals) + 0.0, pattern)
        return LEFT_TO_RIGHT + told if self.language == "ar" and told.startswith("-") else told

    def money(self, amount: float, currency: str = "USD") -> str:
        """`1.4 M USD`; `140 万 USD` in Chinese."""
        if self.language == "zh":
            return self._money_in_myriads(amount, currency)
        if abs(amount) >= BILLION:
            return self._said(Message("{amount} billion {currency}", {"amount": self.short(amount / BILLION), "currency": currency}))
        if abs(amount) >= MILLION:
            return self._said(Message("{amount} M {currency}", {"amount": self.short(amount / MILLION), "currency": currency}))
        return self._said(Message("{amount} {currency}", {"amount": self.number(amount), "currency": currency}))

    def _said(self, message: Message) -> str:
        return message.render(translations(self.language))

    def _money_in_myriads(self, amount: float, currency: str) -> str:
        step = next((step for step in MYRIADS if abs(amount) >= step[0]), None)
        return f"{self.short(amount / step[0])} {step[1]} {currency}" if step else f"{self.number(amount)} {currency}"

    def language_name(self, tag: str) -> str:
        """A language's name in this language; the tag itself where nobody has a name for it."""
        return _language_name(self.locale, tag)

    def listed(self, items: Iterable[str]) -> str:
        """`a, b, c` with the language's comma."""
        return self.comma.join(items)

    @property
    def comma(self) -> str:
        """What stands between the items of a list, with its space."""
        return COMMAS.get(self.language, ", ")

    @property
    def colon(self) -> str:
        """What stands between a label and what it names, with its spaces."""
        return COLONS.get(self.language, ": ")


# What pages write a hundred times each is worked out once. Keys are figures and tags of the graph; what visitors make up pushes out what is old.


@lru_cache(16_384)
def _decimal(locale: Locale, value: float, pattern: str) -> str:
    return format_decimal(value, pattern, locale)


@lru_cache(4_096)
def _language_name(locale: Locale, tag: str) -> str:
    try:
        return Locale.parse(tag, sep="-").get_display_name(locale) or tag
    except (UnknownLocaleError, ValueError):
        return str(locale.languages.get(tag, tag))
