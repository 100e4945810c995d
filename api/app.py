"""The ASGI application: `/graphql`, `/healthz`, `/readyz`, and the pages. `uvicorn api.app:app` serves it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.execute import run
from api.sse import EventStream, last_event, wants_stream
from api.state import Network
from api.streams import Question, check_transport
from api.subscriptions import Position
from api.viewers import viewer_of
from api.websocket import websocket
from api.wording import negotiate
from graph.errors import Code, NetworkError
from graph.settings import settings
from web.app import error_page, routes

log = logging.getLogger("gcio")


class BodyLimit:
    """Refuses a request body over the limit with 413, by its stated length or as it streams in."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self.app = app
        self.largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        stated = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if stated.isdigit() and int(stated) > self.largest:
            await too_large(self.largest)(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.largest:
                raise _too_large_error(self.largest)
            return message

        await self.app(scope, counted, send)


def _too_large_error(largest: int) -> NetworkError:
    return NetworkError(
        Code.BODY_TOO_LARGE, f"The request is larger than {largest} bytes.", hint="Send less in one request.", details={"largest": largest}
    )


def too_large(largest: int) -> Response:
    return json_error(_too_large_error(largest))


def json_response(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, media_type="application/json")


def json_error(error: NetworkError) -> Response:
    errors = [{"message": error.message, "extensions": error.as_dict()}]
    return json_response({"data": None, "errors": errors}, error.status, _later(error.status))


async def graphql(request: Request) -> Response:
    """GraphQL over HTTP: `POST` with JSON, or `GET` with `query` and `variables`; a browser is led to the query editor."""
    if request.method == "GET":
        if request.app.state.network.settings.graphiql and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"/api?{request.url.query}#editor", 303)
        payload: Any = dict(request.query_params)
        if "variables" in payload:
            payload["variables"] = _json(payload["variables"].encode(), "The parameter `variables`")
    else:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise NetworkError(
                Code.MALFORMED_REQUEST,
                "The request is not JSON.",
                hint="Send `content-type: application/json` with an object that has `query`.",
            )
        payload = _json(await request.body(), "The body")
    if not isinstance(payload, dict) or not isinstance(payload.get("query"), str) or not payload["query"].strip():
        raise NetworkError(
            Code.MALFORMED_REQUEST, "The request has no `query`.", hint='Send an object like {"query": "{ countries { nodes { name } } }"}.'
        )
    variables = payload.get("variables") or {}
    operation = payload.get("operationName")
    if not isinstance(variables, dict) or not (operation is None or isinstance(operation, str)):
        raise NetworkError(
            Code.MALFORMED_REQUEST,
            "`variables` is not an object, or `operationName` is not a string.",
            hint='Send {"query": "…", "variables": {"id": "country:KEN"}}.',
        )
    language, _ = negotiate(request.headers.get("accept-language"), None)
    network = request.app.state.network
    viewer, stream = await viewer_of(network, request.headers), wants_stream(request)
    check_transport(payload["query"], operation, network.settings, method=request.method, stream=stream)
    if stream:
        return EventStream(network, Question(payload["query"], variables, operation, viewer, language, Position(last_event(request))))
    answer = await run(network, payload["query"], variables, operation_name=operation, viewer=viewer, language=language)
    status = _status(answer)
    return json_response(answer, status, {"vary": "accept-language, authorization"} | _later(status))


def _status(answer: dict[str, Any]) -> int:
    """200 where any field has data; else what the first failure means: 400 for the caller's, 503 where trying again helps."""
    if not answer.get("errors") or any(value is not None for value in (answer.get("data") or {}).values()):
        return 200
    code = Code(answer["errors"][0]["extensions"]["code"])
    return NetworkError(code, "").status


def _later(status: int) -> dict[str, str]:
    return {401: {"www-authenticate": "Bearer"}, 503: {"retry-after": "5"}}.get(status, {})


def _json(body: bytes, what: str) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NetworkError(
            Code.MALFORMED_REQUEST, f"{what} is not JSON: line {error.lineno}, column {error.colno}.", hint="Send JSON in UTF-8."
        ) from None


async def healthz(_: Request) -> Response:
    """Whether the process answers."""
    return json_response({"status": "ok"})


async def readyz(request: Request) -> Response:
    """Whether database, schema and model are ready; else 503 with what is missing."""
    missing = await request.app.state.network.missing()
    if missing:
        return json_response({"status": "starting", "missing": missing}, 503, _later(503))
    return json_response({"status": "ready"})


async def on_network_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, NetworkError)  # noqa: S101 - registered for this class only
    if error.code is Code.INTERNAL:
        log.error("request failed: %s", request.url.path, exc_info=error)
    if _wants_data(request):
        return json_error(error)
    return await error_page(request, error)


async def on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    code = Code.NOT_FOUND if error.status_code == 404 else Code.MALFORMED_REQUEST
    if error.status_code == 404:
        told = NetworkError(code, "This address led nowhere.", hint="The record may have moved: search for it.")
    else:
        told = NetworkError(code, f"This address does not take {request.method}.", hint="Use GET, or POST with JSON at /graphql.")
    response = await on_network_error(request, told)
    if error.status_code == 405:
        response.status_code = 405
        response.headers.update(error.headers or {})
    return response


async def on_bug(request: Request, error: Exception) -> Response:
    """Anything that nobody foresaw: to the log, and a plain answer."""
    return await on_network_error(request, _bug(error))


def _bug(error: Exception) -> NetworkError:
    told = NetworkError(Code.INTERNAL, "Something went wrong on our side.", hint="Try again in a minute.")
    told.__cause__ = error
    return told


def _wants_data(request: Request) -> bool:
    return request.url.path.startswith(("/graphql", "/healthz", "/readyz")) or request.url.path.endswith((".json", ".csv"))


def create_app(network: Network | None = None) -> Starlette:
    """The application on a network that is open already, or on one of its own from the settings."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        own = network is None
        app.state.network = network or Network.starting(settings())
        yield
        if own:
            await app.state.network.close()

    limit = (network.settings if network else settings()).max_body
    app = Starlette(
        routes=[
            Route("/graphql", graphql, methods=["GET", "POST"]),
            WebSocketRoute("/graphql", websocket),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *routes(),
        ],
        middleware=[Middleware(GZipMiddleware, minimum_size=800), Middleware(BodyLimit, largest=limit)],
        exception_handlers={NetworkError: on_network_error, HTTPException: on_http_error, Exception: on_bug},
        lifespan=lifespan,
    )
    if network is not None:
        app.state.network = network
    return app


app = create_app()
