"""Texts of strangers made fit to be stored: without contact details, not longer than a field may be."""

from __future__ import annotations

import re
from typing import Final

E_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
TELEPHONE: Final = re.compile(
    r"(?:\b(?:tel|phone|fax|t[eé]l[eé]fono|t[eé]l[eé]phone|mobile|cell)[.:\s]*)?\+\d[\d\s().-]{7,}\d|\b(?:tel|phone|fax)[.:\s]+[\d\s().-]{7,}\d",
    re.IGNORECASE,
)
DIGIT: Final = re.compile(r"\d")
# A comma in brackets, or before a legal form, divides nothing.
DIVIDER: Final = re.compile(r"\s*(?:[;\n]|,(?!\s*(?:Inc|Ltd|LLC|Limited|Corp|GmbH)\b))(?![^()\n]*\))\s*")
AND: Final = re.compile(r"^and\s+|\s+and\s+(?=[A-Z]{2,}\b)")
LONGEST_TITLE: Final = 500
LONGEST_SUMMARY: Final = 19_000


def without_contacts(text: str) -> str:
    """The text without e-mail addresses and telephone numbers: contact details are never stored."""
    if "@" in text:
        text = E_MAIL.sub("", text)
    return TELEPHONE.sub("", text).strip() if DIGIT.search(text) else text


def cut(text: str, longest: int) -> str:
    """The text, shortened to `longest` characters with an ellipsis at its end."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def names(cell: str) -> list[str]:
    """Names of a list: “World Bank, CABEI and UNDP” are three; where there are upright bars, only they divide."""
    parts = cell.split("|") if "|" in cell else [name for part in DIVIDER.split(cell) for name in AND.split(part)]
    plain = (re.sub(r"^the ", "", " ".join(part.split())).strip(" ,") for part in parts)
    return list(dict.fromkeys(name for name in plain if name))


def address(text: str) -> str | None:
    """The web address that a cell holds, with its scheme; None where it holds none."""
    found = text.strip()
    if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+(?:/\S*)?", found):
        found = f"https://{found}"
    return found if re.fullmatch(r"https?://\S+", found) else None
