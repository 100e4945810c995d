"""Offers as people make them: what is left out, which languages and days make sense."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from graph.authoring import Authored, Draft, in_order, not_in_the_future, private_at_first
from graph.errors import Code, NetworkError
from graph.matching.request import checked_language
from graph.records import Problem


def _languages(draft: Draft) -> Iterator[Problem]:
    given = draft.values.get("languages")
    for place, tag in enumerate(given if isinstance(given, list) else ()):
        try:
            checked_language("", tag or "-")
        except NetworkError as error:
            yield Problem(f"languages.{place}", tag[:20], "is not a language tag", (), Code.VALUE_MALFORMED, error.hint)


OFFERS: Final = Authored(
    "Offer",
    owners="providers",
    texts=("title", "summary"),
    defaults=private_at_first,
    default_words={"visibility": "MEMBERS", "date": "today", "lang": "detected"},
    rules=(_languages, not_in_the_future("date"), in_order("opens", "closes", "is before the day on which it opens")),
)
