"""Texts as publishers' databases keep them: HTML and entities in them, all in capitals, with words that stand for nothing."""

from __future__ import annotations

import html
import re
from typing import Final

BREAK: Final = re.compile(r"</(?:p|li|div|tr|h\d)\s*>|<br\b[^<>]*>", re.IGNORECASE)
# Only what is HTML: “<NC>” and “<5 %” are words of a text.
BLOCK: Final = re.compile(r"<(?:p|li|ol|ul|div|table|tbody|tr|td|th|h\d)\b[^<>]*>|</(?:ol|ul|table|tbody|td|th)\s*>", re.IGNORECASE)
INLINE: Final = re.compile(r"</?(?:strong|em|span|u|b|i|a|sup|sub|font)\b[^<>]*>", re.IGNORECASE)
SENTENCE: Final = re.compile(r"(?:^|[.!?:]\s+|\n\s*)([a-z])")
WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# A break at the end of a line of a fixed-width screen: “OPERA- TION”.
HYPHENATED: Final = re.compile(r"(?<=[A-Z])- (?=[A-Z]{2})")
NOTHING: Final = re.compile(
    r"(?:tbd|to be (?:determined|provided|given|defined|confirmed)|objective to be determined|n/?a|none|see above|same as above|no change|don't pub.*|[\W\d_]*|\w)\W*",
    re.IGNORECASE,
)
SHORT: Final = frozenset(
    "adb afdb aids api apl cad cas cat cdd cif cng covid ddo dfid dpl dpo ecowas ehr erp eu fao gef gdp gfmis gis gtz hiv hrmis ibrd ict id ida ifad ifc ifmis iii ii imf it iv "
    "lil mdg mis ngo oecs pfm pmu pos psac rtgs sac sal sap sim sme sms sop ta tal tb tv uk un undp unicef us usa usaid vat vii viii who wto xi xii".split()
)
COMMON: Final = frozenset("the of and to in for is are will with by on this from that its project be".split())
SMALL: Final = frozenset("a an and at by da de del des do du e el et for from in into la le les of on or the to under y with".split())


def plainly_english(text: str) -> bool:
    """Whether a text is English beyond doubt, by its commonest words: thousands of times cheaper than to ask a detector."""
    found = text.casefold().split()
    return "the" in found and sum(word in COMMON for word in found) >= 0.22 * len(found)


def plain(text: str) -> str:
    """The text without HTML and entities, runs of spaces made one, with its paragraphs."""
    # Some texts were escaped twice on their way.
    text = BREAK.sub("\n", html.unescape(html.unescape(text)))
    text = INLINE.sub("", BLOCK.sub(" ", text))
    lines = (" ".join(line.split()) for line in text.replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def says_nothing(text: str) -> bool:
    """Whether a text only holds the place of one: “TBD”, “N/A”, “see above”."""
    return NOTHING.fullmatch(text.strip()) is not None


def in_capitals(text: str) -> bool:
    """Whether a text is written in capitals, a word or two left aside."""
    letters = [c for c in text if c.isalpha()]
    return len(letters) > 3 and sum(c.isupper() for c in letters) > 0.9 * len(letters)


def sentences(text: str, *names: str) -> str:
    """Prose written in capitals as sentences; other prose as it is. Abbreviations stay capitals, and `names` are spelt as given."""
    if not in_capitals(text):
        return text
    text = HYPHENATED.sub("", text)
    text = WORD.sub(lambda word: word[0].upper() if _stays(word[0]) else word[0].lower(), text)
    text = SENTENCE.sub(lambda found: found[0][:-1] + found[1].upper(), text)
    for name in names:
        text = re.sub(rf"\b{re.escape(name)}\b", name, text, flags=re.IGNORECASE)
    return text


def heading(text: str) -> str:
    """A title written in capitals with capital first letters only; other titles as they are."""
    if not in_capitals(text):
        return text
    first = True

    def spelt(word: re.Match[str]) -> str:
        nonlocal first
        small, first = not first and word[0].lower() in SMALL, False
        return word[0].lower() if small else word[0].upper() if _stays(word[0]) else word[0].capitalize()

    return WORD.sub(spelt, text)


def _stays(word: str) -> bool:
    """Abbreviations: known ones, and what has a digit or no vowel."""
    return (
        word.lower() in SHORT or any(c.isdigit() for c in word) or (len(word) > 1 and not re.search("[aeiouyáéíóúàèâêôãõ]", word.lower()))
    )
