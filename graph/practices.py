"""Practices as people write them down: what is left out, which day makes sense."""

from __future__ import annotations

from typing import Final

from graph.authoring import Authored, not_in_the_future, private_at_first

PRACTICES: Final = Authored(
    "Practice",
    owners="country",
    texts=("title", "summary", "problem", "approach", "results", "lessons", "whatFailed"),
    defaults=private_at_first,
    default_words={"visibility": "MEMBERS", "date": "today", "lang": "detected"},
    rules=(not_in_the_future("date"),),
)
