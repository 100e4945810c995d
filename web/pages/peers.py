"""Countries like one's own on what matters to the visitor, and what they did that it has not. The weights stand in the address."""

from __future__ import annotations

import math
from typing import Any, Final

from graph.errors import Code, NetworkError
from graph.measures import LARGEST_WEIGHT, WEIGHTS
from web.page import Page
from web.visit import Visit

PAGE_SIZE: Final = 8
NAMES: Final = {measure.value.lower().replace("_", "-"): measure for measure in WEIGHTS}
"""Measures by the name of their parameter."""
KNOWN: Final = frozenset({*NAMES, "after"})
SHOWN_TOPICS: Final = 4


async def view(visit: Visit) -> Page:
    typed = {name: visit.parameter(name) for name in NAMES}
    weights = {name: weight_of(text) for name, text in typed.items() if text}
    problems = {
        name: visit.speech.say("Write a number from 0 to {largest}, not “{text}”", largest=int(LARGEST_WEIGHT), text=typed[name][:20])
        for name, weight in weights.items()
        if weight is None
    }
    if not problems and not any({**{name: WEIGHTS[measure] for name, measure in NAMES.items()}, **weights}.values()):
        problems["population"] = visit.speech.say("Give one measure at least a weight above 0")
    given = [{"measure": NAMES[name].value, "weight": weight} for name, weight in weights.items() if weight is not None]
    key = str(visit.request.path_params["key"])
    after = visit.parameter("after") or None
    try:
        answer = (await visit.ask("Peers", country=key, weights=(given or None) if not problems else None, first=PAGE_SIZE, after=after))[
            "peers"
        ]
    except NetworkError as error:
        if error.code is Code.UNKNOWN_COUNTRY:
            raise NetworkError(
                Code.NOT_FOUND, f"There is no country “{key[:20]}” here.", hint="Choose one from the list of countries."
            ) from error
        raise
    country = answer["country"]
    place = answer["peers"]["pageInfo"]
    path = f"/countries/{country['iso3']}/peers"
    kept = [(name, text) for name, text in typed.items() if text]
    values: dict[str, Any] = {
        "country": country,
        "listing": True,
        "feeds": False,
        "path": path,
        "peers": answer["peers"]["nodes"],
        "total": answer["peers"]["totalCount"],
        "measures": [(name, measure.value, typed[name] or f"{WEIGHTS[measure]:g}", WEIGHTS[measure]) for name, measure in NAMES.items()],
        "problems": problems,
        "changed": bool(kept),
        "unusable": answer["missing"],
        "notices": answer["notices"],
        "shown_topics": SHOWN_TOPICS,
        "following": visit.href(path, [*kept, ("after", place["endCursor"])]) if place["hasNextPage"] else None,
        "preceding": visit.href(path, kept) if place["hasPreviousPage"] else None,
    }
    title = visit.speech.say("Countries like {country}", country=country["title"])
    return Page("countries/peers.html", title, values, KNOWN, 400 if problems else 200, "/countries", tuple(problems.values()))


def weight_of(text: str) -> float | None:
    """A weight as people write it, 0 to the largest; none where it is anything else."""
    try:
        weight = float(text.replace(",", "."))
    except ValueError:
        return None
    return weight if math.isfinite(weight) and 0 <= weight <= LARGEST_WEIGHT else None
