"""The wording in the languages shown: gettext catalogues, compiled in memory from their sources when first used.

Must not know pages or GraphQL: it turns a language into translations, and a request's wishes into a language.
"""

from __future__ import annotations

import gettext
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.core import get_global
from babel.languages import get_official_languages
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUES: Final = Path(__file__).parent / "translations"
SOURCE: Final = "en"
LANGUAGES: Final = (SOURCE, "fr", "es", "ar", "zh", "ru")
"""The languages of the United Nations, in the order of the switch. All but English have a catalogue."""
PARTS_OF: Final = {"cmn": "zh", "arb": "ar"}
"""Codes under which ISO 639-3 names one language of a group; the shown language carries the group's."""

SENT_FROM_ANYWHERE: Final = frozenset({"ar-SA", "de-DE", "en-GB", "en-US", "es-ES", "fr-FR", "nl-NL", "pt-BR", "pt-PT", "ru-RU", "zh-CN"})
"""What systems and browsers call a language where nobody has chosen a country."""


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Translations into a language; English, and any language without a catalogue, gets the sentences as they are."""
    path = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    if language not in LANGUAGES or language == SOURCE:
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def shown(tag: str) -> str | None:
    """The language shown for a BCP 47 tag: `fr` for `fr-CA`, `zh` for `zh-Hans-CN`; none where there is no catalogue."""
    base = tag.strip().lower().replace("_", "-").partition("-")[0]
    base = PARTS_OF.get(base, base)
    return base if base in LANGUAGES else None


@lru_cache(256)
def negotiate(header: str | None, explicit: str | None) -> tuple[str, str | None]:
    """(language of the answer, tag that was asked for and is not shown).

    The explicit wish counts first, then the best of `Accept-Language`, then English.
    """
    if explicit:
        chosen = shown(explicit)
        return (chosen, None) if chosen else (SOURCE, explicit[:20])
    return next((language for language in map(shown, _wishes(header or "")) if language), SOURCE), None


@lru_cache(256)
def regions(header: str | None) -> tuple[str, ...]:
    """Countries (ISO 3166-1 alpha-2) that an `Accept-Language` speaks of, most wanted first: those of tags like `fr-SN`, and the one in which
    a language is official where that is a single one (`km`). A tag that many send from elsewhere, like `en-US`, speaks of none."""
    found = []
    for tag in _wishes(header or ""):
        language, *parts = tag.strip().replace("_", "-").split("-")
        region = next((part.upper() for part in parts if len(part) == 2 and part.isalpha()), None)
        if region is None or f"{language.lower()}-{region}" in SENT_FROM_ANYWHERE:
            region = only_countries().get(language.lower())
        if region:
            found.append(region)
    return tuple(dict.fromkeys(found))


@cache
def only_countries() -> dict[str, str]:
    """By language, the country in which it is official, where that is a single one. Source: Unicode CLDR, as Babel has it."""
    official: dict[str, list[str]] = {}
    for territory in get_global("territory_languages"):
        for language in get_official_languages(territory, de_facto=True):
            official.setdefault(language, []).append(territory)
    return {language: where[0] for language, where in official.items() if len(where) == 1}


def _wishes(header: str) -> list[str]:
    """Tags of an `Accept-Language` header, most wanted first; of equal wishes the earlier."""
    wishes = []
    for place, item in enumerate(header[:500].split(",")):
        tag, _, parameter = item.partition(";")
        try:
            quality = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        if quality > 0 and tag.strip():
            wishes.append((-quality, place, tag))
    return [tag for _, _, tag in sorted(wishes)]
