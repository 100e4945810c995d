"""How the pages speak: sentences, numbers, money, dates and names of languages in the visitor's language.

Must not know requests or records.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache, cached_property, lru_cache
from gettext import NullTranslations
from typing import Final

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from markupsafe import Markup, escape

from api.wording import translations
from api.written import Writer
from graph.message import Message

RIGHT_TO_LEFT: Final = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku", "ps", "sd", "ug", "ur", "yi"})


def direction(language: str) -> str:
    """`rtl` or `ltr`, for the `dir` attribute beside a `lang`."""
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"


@cache
def speech_of(language: str) -> Speech:
    """The voice of a language, one for the process."""
    return Speech(language)


class Speech(Writer):
    """One language's voice. Its methods are what templates call."""

    @cached_property
    def translations(self) -> NullTranslations:
        return translations(self.language)

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
        return message.render(self.translations, self)

    def say_markup(self, text: str, /, **values: object) -> Markup:
        """As `say`, for templates: the sentence is escaped, and so is every value that is not markup already."""
        sentence = self._sentences.get(text)
        if sentence is None:
            sentence = self._sentences[text] = escape(self.translations.gettext(text))
        return _filled(sentence, values) if values else sentence

    @cached_property
    def _sentences(self) -> dict[str, Markup]:
        """Sentences of templates as they are shown, of which there are a thousand: a page says some hundred of them."""
        return {}

    def count_markup(self, singular: str, plural: str, n: int, /, **values: object) -> Markup:
        return _filled(escape(self.translations.ngettext(singular, plural, n)), {"n": self.number(n), **values})

    def day(self, value: str | date | None, precision: str | None = None) -> str:
        """`14 September 2026`, or only the year where only that is on record."""
        if not value:
            return ""
        moment = value if isinstance(value, date) else datetime.fromisoformat(value).date()
        return _year(self.locale, moment) if precision == "YEAR" else _day(self.locale, moment)

    def moment(self, value: str) -> str:
        """`14 September 2026, 10:30 UTC`."""
        found = datetime.fromisoformat(value).astimezone(UTC)
        time = format_time(found, "HH:mm", tzinfo=UTC, locale=self.locale)
        return self.say("{day}, {time} UTC", day=self.day(found.date()), time=time)


def _filled(sentence: Markup, values: Mapping[str, object]) -> Markup:
    """As `Markup.format`, whose own formatter takes ten times as long; sentences have no format specifications."""
    return Markup(str(sentence).format(**{name: escape(value) for name, value in values.items()}))  # noqa: S704 - all escaped


@lru_cache(16_384)
def _day(locale: Locale, moment: date) -> str:
    return format_date(moment, "long", locale)


@lru_cache(4_096)
def _year(locale: Locale, moment: date) -> str:
    return format_skeleton("y", moment, locale=locale)


@cache
def own_name(language: str) -> str:
    """A language's name in itself, as the switch shows it."""
    return (Locale.parse(language).get_display_name(language) or language).capitalize()
