"""Search over all kinds of records, with the kinds counted beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graph.errors import Code, NetworkError
from web import figures, options
from web.errors import told
from web.options import Option
from web.page import Page
from web.pages.countries import Row, in_order, shades
from web.terms import BY_KIND, BY_SLUG
from web.visit import Visit
from web.world import world

PAGE_SIZE: Final = 12
KNOWN: Final = frozenset({"q", "kind", "topic", "country", "view", "after"})
PARTS: Final = {"topic": "byTopic", "country": "byCountry"}
MENDABLE: Final = frozenset({Code.UNKNOWN_COUNTRY, Code.UNKNOWN_TOPIC, Code.TEXT_TOO_LONG, Code.BAD_CURSOR, Code.BAD_INPUT})


async def view(visit: Visit) -> Page:
    text, country = visit.parameter("q"), visit.parameter("country")
    slugs = visit.parameters("kind")
    as_map = visit.parameter("view") == "map"
    kinds = [BY_SLUG[slug] for slug in slugs if slug in BY_SLUG and BY_SLUG[slug].searchable]
    topics = visit.parameters("topic")
    values: dict[str, Any] = {
        "text": text,
        "country": country,
        "kinds": {domain.slug for domain in kinds},
        "topics": topics,
        "countries": await options.countries(visit),
        "topic_options": await options.topics(visit),
        "as_map": as_map,
        "atlas": None,
        "by_country": {},
        "by_topic": {},
        "unknown_kinds": [slug for slug in slugs if slug not in BY_SLUG],
        "error": None,
        "listing": True,
    }
    title = visit.speech.say("Search: {text}", text=text[:80]) if text else visit.speech.say("Search")
    try:
        answer = await visit.ask(
            "Search",
            query=text,
            kinds=[domain.kind for domain in kinds] or None,
            topics=topics or None,
            country=country or None,
            first=PAGE_SIZE,
            after=visit.parameter("after") or None,
        )
    except NetworkError as error:
        if error.code not in MENDABLE:
            raise
        empty = {"records": [], "total": 0, "facets": {}, "notices": [], "following": None, "preceding": None}
        return Page(
            "search.html",
            title,
            values | empty | {"error": error, "told": told(error.code)},
            KNOWN,
            400,
            "/search",
            (error.message,),
            indexed=False,
        )
    found = answer["search"]
    narrow = [("q", text), *(("kind", slug) for slug in slugs), *(("topic", topic) for topic in topics)]
    query = [*narrow, ("country", country)]
    counts = {part: {options.key_of(b["value"]): b["count"] for b in found[field]["buckets"]} for part, field in PARTS.items()}
    place = found["pageInfo"]
    return Page(
        "search.html",
        title,
        values
        | {
            "records": found["nodes"],
            "total": found["totalCount"],
            "facets": {BY_KIND[f["kind"]].slug: f["count"] for f in found["facets"] if f["kind"] in BY_KIND},
            "notices": found["notices"],
            "query": query,
            "narrow": narrow,
            "by_country": counts["country"],
            "by_topic": counts["topic"],
            "atlas": atlas(values["countries"], counts["country"]) if as_map else None,
            "following": visit.href("/search", [*query, ("after", place["endCursor"])]) if place["hasNextPage"] else None,
            "preceding": visit.href("/search", query) if place["hasPreviousPage"] else None,
        },
        KNOWN,
        menu="/search",
        indexed=not visit.request.url.query,
    )


def atlas(countries: Sequence[Option], counts: Mapping[str, int]) -> dict[str, Any]:
    """The hits by country as a map and as rows, most first."""
    classes = figures.count_classes(max(counts.values(), default=0))
    rows = [
        Row({"iso3": o.value, "title": o.name}, float(n), None, None, figures.class_of(n, classes))
        for o in countries
        for n in [counts.get(o.value, 0)]
    ]
    ordered = in_order(rows, "value")
    return {
        "world": world(),
        "by_iso": {row.country["iso3"]: row for row in rows},
        "shades": shades(rows, classes),
        "rows": [row for row in ordered if row.value],
    }
