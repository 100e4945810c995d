"""The routes of the pages, and the page that tells an error. `api.app` mounts them."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from graph.errors import Code, NetworkError
from web import static
from web.errors import told
from web.page import Page, View, page, respond
from web.pages import (
    board,
    compare,
    components,
    countries,
    country,
    home,
    match,
    peers,
    records,
    runs,
    search,
    site,
    status,
    surroundings,
    texts,
    topics,
)
from web.terms import DOMAINS
from web.visit import Visit

OWN_VIEWS: Final[dict[str, tuple[View | None, View | None]]] = {
    "countries": (countries.view, country.view),
    "topics": (topics.view, None),
    "sources": (runs.sources, None),
    "runs": (None, runs.view),
}
"""List and record of a kind, where they have a view of their own."""


def routes() -> list[BaseRoute]:
    """Every page with its twins, and the static files."""
    out: list[Route] = [*page("/", home.view), *page("/match", match.view), *page("/search", search.view, listing=True)]
    out += page("/countries/{key}/peers", peers.view, listing=True, feeds=False)
    out += page("/compare", compare.view, listing=True, feeds=False)
    out += page("/board", board.view, listing=True, feeds=False)
    out += page("/board/cell", board.cell_view)
    out += page("/graph/{key}", surroundings.view)
    for domain in DOMAINS:
        listed, record = OWN_VIEWS.get(domain.name, (None, None))
        out += page(domain.path, listed or records.list_view(domain), listing=True)
        out += page(domain.path + "/{key}", record or records.record_view(domain), listing=record is runs.view)
    out += [*page("/status", status.view), *page("/components", components.view, data=False)]
    for path, view in texts.VIEWS.items():
        out += page(path, view, data=path == "/api")
    return [
        *out,
        Route("/robots.txt", site.robots),
        Route("/schema.graphql", site.schema_text),
        Route("/sitemap.xml", site.sitemap),
        Route("/sitemaps/{name}.xml", site.sitemap_of),
        Route("/favicon.ico", static.mark),
        Route("/static/{path:path}", static.serve),
    ]


async def error_page(request: Request, error: NetworkError) -> Response:
    """An error as a page, in the visitor's language: what happened, where, what to do. An old address leads to the new one."""
    visit = Visit(request)
    if error.code is Code.NOT_FOUND and request.method in {"GET", "HEAD"} and (address := site.moved(visit.path)):
        query = request.url.query
        return RedirectResponse(address + (f"?{query}" if query else ""), 301)
    words = told(error.code)
    values = {
        "error": error,
        "told": words,
        "words": " ".join(re.findall(r"[^\W\d_]{3,}", visit.path.rpartition("/")[2])[:6]) if error.status == 404 else "",
        "again": visit.address() if error.status >= 500 else None,
    }
    known = frozenset(request.query_params)
    response = respond(visit, Page("error.html", visit.speech.tell(words.title), values, known, error.status, cache="no-store"))
    if error.code is Code.RATE_LIMITED:
        response.headers["retry-after"] = str(error.details["retryAfter"])
    if error.status == 503:
        response.headers["retry-after"] = "60" if error.code is Code.MODEL_LOADING else "10"
    return response
