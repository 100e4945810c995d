"""The first page: one promise, the need form, what the network knows."""

from __future__ import annotations

from typing import Any, Final

from web import options
from web.page import Page
from web.terms import BY_KIND
from web.visit import Visit

BUSY_TOPICS: Final = 14
PARTS: Final = ("practices", "projects", "partnerships")


async def view(visit: Visit) -> Page:
    answer = await visit.ask("Home")
    records = await visit.ask_beside("HomeRecords")
    examples = [node for language in ("english", "french", "arabic") for node in answer[language]["nodes"]]
    countries = await options.countries(visit)
    country = options.guessed(visit, countries)
    values = {
        "form": {"text": "", "country": country, "amount": "", "as_of": ""},
        "guessed": bool(country),
        "problems": {},
        "countries": countries,
        "examples": examples,
        "partnerships": records["partnerships"],
        "topics": busiest(records["topics"]["nodes"]),
        "documents": answer["health"]["documents"],
        "counts": [(BY_KIND[c["kind"]], c["count"]) for c in answer["health"]["counts"] if c["kind"] in BY_KIND],
    }
    return Page("home.html", visit.speech.say("Say what your government needs"), values, menu="/")


def busiest(topics: list[dict[str, Any]]) -> list[tuple[dict[str, Any], int]]:
    """The topics with most documented cases, each with the number of records that are about exactly it."""
    counted = [(topic, sum(topic[part]["totalCount"] for part in PARTS)) for topic in topics]
    return sorted((pair for pair in counted if pair[1]), key=lambda pair: (-pair[1], pair[0]["title"]))[:BUSY_TOPICS]
