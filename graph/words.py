"""Words of a text for full-text indexes. Lucene's own syntax never gets through, and no query has more clauses than it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from graph.schema import text_properties

WORD: Final = re.compile(r"[^\W_]+", re.UNICODE)
IDEOGRAPH: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
CLAUSES: Final = 1000
"""Lucene refuses a query of more than 1,024 clauses, and a word is a clause for each field of the index."""
LONGEST: Final = 100
"""Letters of a word. Longer ones are no words, and looking for their near spellings takes minutes."""


def full_text_terms(text: str) -> str:
    """Words of a text as a Lucene query over all fields: distinct, as many as one query can take, joined by OR."""
    return " ".join(as_many_as_fit(_distinct(text), len(text_properties())))


def terms_in(text: str, fields: Sequence[str]) -> str:
    """The same over these fields alone: Lucene reads each word anew for each field, which costs it more than to look it up."""
    words = " ".join(as_many_as_fit(_distinct(text), len(fields)))
    return " ".join(f"{field}:({words})" for field in fields) if words else ""


def _distinct(text: str) -> Iterable[str]:
    return dict.fromkeys(word.lower() for word in WORD.findall(text))


def as_many_as_fit(words: Iterable[str], fields: int) -> Iterator[str]:
    """Words until their clauses are used up. An ideograph is a word to the index, however many stand in a row."""
    left = CLAUSES // fields
    for word in words:
        signs = len(IDEOGRAPH.findall(word))
        if not signs and len(word) > LONGEST:
            continue
        left -= max(1, signs)
        if left < 0:
            return
        yield word
