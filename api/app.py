"""The ASGI application: `/graphql`, `/healthz`, `/readyz`, and the pages. `uvicorn api.app:app` serves it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware

from api.http import graphql, later
from api.rate import RateLimit
from api.reuse import Answers
from api.state import Network
from api.websocket import websocket
from graph.errors import Code, NetworkError
from graph.settings import Settings, settings
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


class PagesCompressed(CompressMiddleware):
    """Compresses all but the answers of GraphQL, which are kept compressed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.app if scope.get("path") == "/graphql" else super().__call__)(scope, receive, send)


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
    headers = {"cache-control": "no-store"} | later(error.status)
    if error.code is Code.RATE_LIMITED:
        headers["retry-after"] = str(error.details["retryAfter"])
    return json_response({"errors": errors}, error.status, headers)


async def healthz(_: Request) -> Response:
    """Whether the process answers."""
    return json_response({"status": "ok"})


async def readyz(request: Request) -> Response:
    """Whether database, schema and model are ready; else 503 with what is missing."""
    missing = await request.app.state.network.missing()
    if missing:
        return json_response({"status": "starting", "missing": missing}, 503, later(503))
    return json_response({"status": "ready"})


async def on_network_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, NetworkError)  # noqa: S101 - registered for this class only
    if error.code is Code.INTERNAL:
        error.details["reference"] = secrets.token_hex(4)
        log.error("request failed, reference %s: %s", error.details["reference"], request.url.path, exc_info=error)
    if _wants_data(request):
        return json_error(error)
    return await error_page(request, error)


async def on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    if error.status_code == 404:
        told = NetworkError(Code.NOT_FOUND, "This address led nowhere.", hint="The record may have moved: search for it.")
    else:
        told = NetworkError(
            Code.METHOD_NOT_ALLOWED, f"This address does not take {request.method}.", hint="Use GET, or POST with JSON at /graphql."
        )
    response = await on_network_error(request, told)
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
    return request.url.path.startswith(("/graphql", "/healthz", "/readyz")) or request.url.path.endswith((".json", ".csv", ".atom"))


def create_app(network: Network | None = None) -> Starlette:
    """The application on a network that is open already, or on one of its own from the settings."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        own = network is None
        _attach(app, network or Network.starting(settings()))
        yield
        if own:
            await app.state.network.close()

    chosen = network.settings if network else settings()
    app = Starlette(
        routes=[
            graphql_route(chosen),
            WebSocketRoute("/graphql", websocket),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *routes(),
        ],
        middleware=[
            Middleware(RateLimit, settings=chosen, refuse=on_network_error),
            Middleware(PagesCompressed, minimum_size=800, zstd=False, brotli_quality=5, gzip_level=6),
            Middleware(BodyLimit, largest=chosen.max_body),
        ],
        exception_handlers={NetworkError: on_network_error, HTTPException: on_http_error, Exception: on_bug},
        lifespan=lifespan,
    )
    if network is not None:
        _attach(app, network)
    return app


def _attach(app: Starlette, network: Network) -> None:
    app.state.network = network
    app.state.answers = Answers(network)


def graphql_route(chosen: Settings) -> Route:
    """`/graphql`; pages of other origins may ask there where the settings name them."""
    origins = [origin.strip().rstrip("/") for origin in chosen.origins.split(",") if origin.strip()]
    if not origins:
        return Route("/graphql", graphql, methods=["GET", "POST"])
    shared = Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST"],
        allow_headers=["content-type", "authorization", "accept-language"],
        expose_headers=["etag", "ratelimit", "ratelimit-policy", "retry-after"],
        max_age=3600,
    )
    return Route("/graphql", graphql, methods=["GET", "POST", "OPTIONS"], middleware=[shared])


app = create_app()
