"""The language of a text, by a maintained detector, among the languages that governments write in."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

DETECTABLE: Final = [
    "am",
    "ar",
    "az",
    "be",
    "bg",
    "bn",
    "bs",
    "ca",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "fa",
    "fi",
    "fr",
    "gl",
    "he",
    "hi",
    "hr",
    "hu",
    "hy",
    "id",
    "is",
    "it",
    "ja",
    "ka",
    "kk",
    "km",
    "ko",
    "ky",
    "lo",
    "lt",
    "lv",
    "mg",
    "mk",
    "mn",
    "ms",
    "mt",
    "my",
    "nb",
    "ne",
    "nl",
    "no",
    "pl",
    "ps",
    "pt",
    "ro",
    "ru",
    "rw",
    "si",
    "sk",
    "sl",
    "sq",
    "sr",
    "sv",
    "sw",
    "ta",
    "te",
    "th",
    "tl",
    "tr",
    "uk",
    "ur",
    "uz",
    "vi",
    "zh",
]


@dataclass(frozen=True, slots=True)
class Detected:
    """BCP 47 tag, and how sure the detector is, 0 to 1. `code` is None where the text has no letters to go by."""

    code: str | None
    confidence: float


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - unpacks a model of some megabytes, wanted only where text comes in

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in DETECTABLE if code in identifier.labels])
    return identifier


def detect(text: str) -> Detected:
    """The language of a text. A text of few letters gets a low confidence, one without letters no language at all."""
    letters = [c for c in text if c.isalpha()]
    if len(letters) < 2 or len(set(letters)) < 2:
        return Detected(None, 0.0)
    if (script := _script(letters)) is not None:
        return Detected(script, 1.0)
    code, confidence = _identifier().classify(text)
    return Detected("no" if code == "nb" else str(code), float(confidence))


def _script(letters: list[str]) -> str | None:
    """Languages that their script alone tells."""
    names = [unicodedata.name(c, "").split(" ")[0] for c in letters[:400]]
    share = {name: names.count(name) / len(names) for name in set(names)}
    if share.get("HIRAGANA", 0) + share.get("KATAKANA", 0) > 0.1:
        return "ja"
    for name, code in (
        ("HANGUL", "ko"),
        ("CJK", "zh"),
        ("THAI", "th"),
        ("KHMER", "km"),
        ("LAO", "lo"),
        ("GEORGIAN", "ka"),
        ("ARMENIAN", "hy"),
        ("HEBREW", "he"),
        ("GREEK", "el"),
    ):
        if share.get(name, 0) > 0.5:
            return code
    return None
