"""How the pages speak: sentences, numbers, money, dates and names of languages in the visitor's language.

Must not know requests or records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from gettext import NullTranslations
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from api.wording import translations
from graph.message import Message

REGIONAL: Final = {"en": "en_GB"}
RIGHT_TO_LEFT: Final = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku", "ps", "sd", "ug", "ur", "yi"})
MILLION: Final = 1e6
BILLION: Final = 1e9


def direction(language: str) -> str:
    """`rtl` or `ltr`, for the `dir` attribute beside a `lang`."""
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"


@dataclass(frozen=True)
class Speech:
    """One language's voice. Its methods are what templates call."""

    language: str

    @cached_property
    def translations(self) -> NullTranslations:
        return translations(self.language)

    @cached_property
    def locale(self) -> Locale:
        return Locale.parse(REGIONAL.get(self.language, self.language))

    @property
    def direction(self) -> str:
        return direction(self.language)

    def say(self, text: str, /, **values: object) -> str:
        """A sentence as plain text; `{names}` are filled in."""
        chosen = self.translations.gettext(text)
        return chosen.format(**values) if values else chosen

    def count(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        """A sentence that depends on a number; `{n}` is the number as it is written here."""
        return self.translations.ngettext(singular, plural, n).format(n=self.number(n), **values)

    def tell(self, message: Message) -> str:
        return message.render(self.translations)

    def say_markup(self, text: str, /, **values: object) -> Markup:
        """As `say`, for templates: the sentence is escaped, and so is every value that is not markup already."""
        return Markup(escape(self.translations.gettext(text))).format(**values)  # noqa: S704 - escaped just here

    def count_markup(self, singular: str, plural: str, n: int, /, **values: object) -> Markup:
        sentence = self.translations.ngettext(singular, plural, n)
        return Markup(escape(sentence)).format(n=self.number(n), **values)  # noqa: S704 - escaped just here

    def number(self, value: float, decimals: int = 0) -> str:
        """`524 877` as the language groups it, with a fixed number of decimals."""
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(value, pattern, self.locale)

    def short(self, value: float) -> str:
        """At most two decimals, none that say nothing."""
        return format_decimal(round(value, 2), "#,##0.##", self.locale)

    def money(self, amount: float, currency: str = "USD") -> str:
        """`1.4 M USD`."""
        if abs(amount) >= BILLION:
            return self.say("{amount} billion {currency}", amount=self.short(amount / BILLION), currency=currency)
        if abs(amount) >= MILLION:
            return self.say("{amount} M {currency}", amount=self.short(amount / MILLION), currency=currency)
        return self.say("{amount} {currency}", amount=self.number(amount), currency=currency)

    def day(self, value: str | date | None, precision: str | None = None) -> str:
        """`14 September 2026`, or only the year where only that is on record."""
        if not value:
            return ""
        moment = value if isinstance(value, date) else datetime.fromisoformat(value).date()
        return str(moment.year) if precision == "YEAR" else format_date(moment, "d MMMM y", self.locale)

    def moment(self, value: str) -> str:
        """`14 September 2026, 10:30 UTC`."""
        found = datetime.fromisoformat(value).astimezone(UTC)
        return f"{self.day(found.date())}, {format_time(found, 'HH:mm', tzinfo=UTC, locale=self.locale)} UTC"

    def language_name(self, tag: str) -> str:
        """A language's name in this language; the tag itself where nobody has a name for it."""
        try:
            return Locale.parse(tag, sep="-").get_display_name(self.locale) or tag
        except (UnknownLocaleError, ValueError):
            return str(self.locale.languages.get(tag, tag))

    def listed(self, items: list[str]) -> str:
        """`a, b, c` with the language's comma."""
        return ("، " if self.language == "ar" else ", ").join(items)


def own_name(language: str) -> str:
    """A language's name in itself, as the switch shows it."""
    return (Locale.parse(language).get_display_name(language) or language).capitalize()
