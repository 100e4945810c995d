"""Texts of strangers made fit to be stored: without contact details, not longer than a field may be."""

from __future__ import annotations

import re
from typing import Final

E_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
TELEPHONE: Final = re.compile(
    r"(?:\b(?:tel|phone|fax|t[eé]l[eé]fono|t[eé]l[eé]phone|mobile|cell)[.:\s]*)?\+\d[\d\s().-]{7,}\d|\b(?:tel|phone|fax)[.:\s]+[\d\s().-]{7,}\d",
    re.IGNORECASE,
)
LONGEST_TITLE: Final = 500
LONGEST_SUMMARY: Final = 19_000


def without_contacts(text: str) -> str:
    """The text without e-mail addresses and telephone numbers: contact details are never stored."""
    if "@" in text:
        text = E_MAIL.sub("", text)
    return TELEPHONE.sub("", text).strip() if any(c.isdigit() for c in text) else text


def cut(text: str, longest: int) -> str:
    """The text, shortened to `longest` characters with an ellipsis at its end."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
