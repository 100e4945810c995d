"""A page: one view, three addresses. The HTML, the data it shows as JSON, and its list as CSV come from the same answer."""

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

from graph.cells import safe_cell
from web.rendering import render
from web.visit import Visit

SECURITY: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
CELL_LISTS: Final = " | "
COMMON_PARAMETERS: Final = frozenset({"lang"})


@dataclass(frozen=True, slots=True)
class Page:
    """What a view answers. `title` is in the visitor's language; `known` are the query parameters it understands."""

    template: str
    title: str
    values: dict[str, Any] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    status: int = 200
    menu: str = ""


View = Callable[[Visit], Awaitable[Page | Response]]


def page(path: str, view: View, *, listing: bool = False) -> list[Route]:
    """Routes of a page: its address, its `.json`, and `.csv` where it is a list."""
    base = "/index" if path == "/" else path

    async def html(request: Request) -> Response:
        visit = Visit(request)
        answer = await view(visit)
        return answer if isinstance(answer, Response) else respond(visit, answer)

    async def data(request: Request) -> Response:
        visit = Visit(request)
        answer = await view(visit)
        return (
            answer
            if isinstance(answer, Response)
            else _twin(orjson.dumps(visit.data, option=orjson.OPT_INDENT_2), "application/json", answer.status)
        )

    async def table(request: Request) -> Response:
        visit = Visit(request)
        answer = await view(visit)
        return (
            answer
            if isinstance(answer, Response)
            else _twin(as_csv(visit.data).encode("utf-8-sig"), "text/csv; charset=utf-8", answer.status)
        )

    routes = [Route(base + ".json", data)]
    if listing:
        routes.append(Route(base + ".csv", table))
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
        "theme": "",
    }
    body = render(answer.template, visit, shown | answer.values).encode()
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = SECURITY | {"content-language": visit.language, "vary": "accept-language", "cache-control": "no-cache", "etag": etag}
    if answer.status == 200 and etag in visit.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, answer.status, headers, media_type="text/html")


def _twin(body: bytes, media_type: str, status: int) -> Response:
    headers = {"vary": "accept-language", "cache-control": "no-cache", "x-content-type-options": "nosniff"}
    return Response(body, status, headers, media_type=media_type)


def as_csv(data: Mapping[str, Any]) -> str:
    """The first list of records in an answer as a table: a column for every value, with its place as the name."""
    rows = [dict(_leaves(record, "")) for record in _records(data)]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[safe_cell(row.get(column)) for column in columns] for row in rows])
    return out.getvalue()


def _records(value: Any) -> list[Mapping[str, Any]]:
    """The first `nodes`, in reading order."""
    if isinstance(value, Mapping):
        if isinstance(value.get("nodes"), list):
            return [node for node in value["nodes"] if isinstance(node, Mapping)]
        for inner in value.values():
            if found := _records(inner):
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
