"""A page: one view, several addresses. The HTML, the data it shows as JSON, and its list as CSV and as a feed come from the same answer."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.http import has
from graph.cells import safe_cell
from web import static
from web.feed import feed
from web.rendering import render
from web.structured import structured
from web.visit import Visit

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY: Final = {
    "content-security-policy": POLICY,
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
SECURITY_OF_GRAPHIQL: Final = SECURITY | {
    "content-security-policy": POLICY.replace(
        "style-src 'self';", "style-src 'self' 'unsafe-inline'; font-src 'self' data:; worker-src 'self';"
    )
}
"""GraphiQL's editor writes its own styles, has its fonts in its sheet, and reads GraphQL in a worker: allowed on its page alone."""
VARY: Final = "accept-language"
ROOMY: Final = 120_000
"""Characters of a page up to which it may carry the stylesheet: a first visit is to take no more than 40 kB."""
CELL_LISTS: Final = " | "
COMMON_PARAMETERS: Final = frozenset({"lang"})
ALWAYS_ASKED: Final = "no-cache"
"""A page may be kept, and is asked for again each time: an unchanged one travels once."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a view answers. `title` is in the visitor's language; `known` are the query parameters it understands.

    `problems` are what is wrong, in words, where the status is 400 or more. `indexed` is false for what search engines should
    leave alone: answers to what somebody wrote. `cache` is the `Cache-Control` of the page, `security` what else its headers say.
    """

    template: str
    title: str
    values: dict[str, Any] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    status: int = 200
    menu: str = ""
    problems: tuple[str, ...] = ()
    indexed: bool = True
    cache: str = ALWAYS_ASKED
    security: Mapping[str, str] = field(default_factory=lambda: SECURITY)


View = Callable[[Visit], Awaitable[Page | Response]]


def page(path: str, view: View, *, listing: bool = False, data: bool = True, feeds: bool = True) -> list[Route]:
    """Routes of a page: its address, its `.json` where it shows data, `.csv` where it is a list, `.atom` where that is one of records."""
    base = "/index" if path == "/" else path

    async def answered(request: Request) -> tuple[Visit, Page | Response]:
        visit = Visit(request)
        if (problem := visit.hopeless) is not None:
            raise problem
        return visit, await view(visit)

    async def html(request: Request) -> Response:
        visit, answer = await answered(request)
        return answer if isinstance(answer, Response) else respond(visit, answer)

    async def twin(request: Request) -> Response:
        visit, answer = await answered(request)
        if isinstance(answer, Response):
            return answer
        shown = {"errors": [{"message": problem} for problem in answer.problems]} if answer.problems else visit.data
        return _twin(visit, answer, orjson.dumps(shown, option=orjson.OPT_INDENT_2), "application/json")

    async def table(request: Request) -> Response:
        visit, answer = await answered(request)
        if isinstance(answer, Response):
            return answer
        return _twin(visit, answer, as_csv(visit.data).encode("utf-8-sig"), "text/csv; charset=utf-8")

    async def entries(request: Request) -> Response:
        visit, answer = await answered(request)
        if isinstance(answer, Response):
            return answer
        return _twin(visit, answer, feed(visit, answer.title, records_of(visit.data)), "application/atom+xml; charset=utf-8")

    routes = [Route(base + ".json", twin)] if data else []
    if listing:
        routes.append(Route(base + ".csv", table))
    if listing and feeds:
        routes.append(Route(base + ".atom", entries))
    return [*routes, Route(path, html)]


def respond(visit: Visit, answer: Page) -> Response:
    """The page as HTML, with a weak ETag so that an unchanged page travels once."""
    unknown = sorted(set(visit.request.query_params) - answer.known - COMMON_PARAMETERS)
    shown = {
        "title": answer.title,
        "unknown_parameters": unknown,
        "current": answer.menu,
        "status": answer.status,
        "listing": False,
        "feeds": True,
        "theme": "",
        "indexed": answer.indexed and answer.status == 200,
        "canonical": visit.canonical(answer.known),
        "structured": structured(visit, answer.title, answer.values),
    }
    body = render(answer.template, visit, shown | answer.values)
    headers = {**answer.security, "content-language": visit.language, "vary": f"{VARY}, sec-fetch-site"}
    if visit.arriving and answer.security is SECURITY and len(body) <= ROOMY:
        # On a weak connection a second request for the stylesheet is what a visitor would wait for longest.
        body = static.with_stylesheet(body)
        headers["content-security-policy"] = POLICY.replace("style-src", f"style-src {static.stylesheet_source()}")
    return _validated(visit, answer, body.encode(), "text/html", headers)


def _twin(visit: Visit, answer: Page, body: bytes, media_type: str) -> Response:
    return _validated(visit, answer, body, media_type, {"x-content-type-options": "nosniff", "x-robots-tag": "noindex"})


def _validated(visit: Visit, answer: Page, body: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """The response with its validator; 304 where the browser has it already."""
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    told = {"vary": VARY, **headers, "cache-control": answer.cache}
    if answer.cache == ALWAYS_ASKED and answer.status == 200:
        told["etag"] = etag
        if has(visit.request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=told)
    return Response(body, answer.status, told, media_type=media_type)


def as_csv(data: Mapping[str, Any]) -> str:
    """The first list of records in an answer as a table: a column for every value, with its place as the name."""
    rows = [dict(_leaves(record, "")) for record in records_of(data)]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[safe_cell(row.get(column)) for column in columns] for row in rows])
    return out.getvalue()


def records_of(value: Any) -> list[Mapping[str, Any]]:
    """The first `nodes` of an answer, in reading order."""
    if isinstance(value, Mapping):
        if isinstance(value.get("nodes"), list):
            return [node for node in value["nodes"] if isinstance(node, Mapping)]
        for inner in value.values():
            if found := records_of(inner):
                return found
    return []


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        if all(not isinstance(item, Mapping | list) for item in value):
            yield place, CELL_LISTS.join(str(item) for item in value)
        else:
            columns: dict[str, list[str]] = {}
            for item in value:
                for name, inner in _leaves(item, place):
                    columns.setdefault(name, []).append("" if inner is None else str(inner))
            yield from ((name, CELL_LISTS.join(values)) for name, values in columns.items())
    else:
        yield place, value
