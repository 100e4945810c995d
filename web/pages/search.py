"""Search over all kinds of records, with the kinds counted beside it."""

from __future__ import annotations

from typing import Final

from graph.errors import Code, NetworkError
from web import options
from web.errors import told
from web.page import Page
from web.terms import BY_KIND, BY_SLUG
from web.visit import Visit

PAGE_SIZE: Final = 12
KNOWN: Final = frozenset({"q", "kind", "topic", "country", "after"})
MENDABLE: Final = frozenset({Code.UNKNOWN_COUNTRY, Code.UNKNOWN_TOPIC, Code.TEXT_TOO_LONG, Code.BAD_CURSOR, Code.BAD_INPUT})


async def view(visit: Visit) -> Page:
    text, country = visit.parameter("q"), visit.parameter("country")
    slugs = visit.parameters("kind")
    kinds = [BY_SLUG[slug] for slug in slugs if slug in BY_SLUG and BY_SLUG[slug].searchable]
    topics = visit.parameters("topic")
    values = {
        "text": text,
        "country": country,
        "kinds": {domain.slug for domain in kinds},
        "topics": topics,
        "countries": await options.countries(visit),
        "topic_options": await options.topics(visit),
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
    query = [("q", text), *(("kind", slug) for slug in slugs), *(("topic", topic) for topic in topics), ("country", country)]
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
            "following": visit.href("/search", [*query, ("after", place["endCursor"])]) if place["hasNextPage"] else None,
            "preceding": visit.href("/search", query) if place["hasPreviousPage"] else None,
        },
        KNOWN,
        menu="/search",
        indexed=not visit.request.url.query,
    )
