"""The GraphQL endpoint: GraphQL over HTTP, with trusted documents, batches where allowed, and `GET` that caches can stand before."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import orjson
from graphql import OperationType
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.cost import too_much
from api.documents import trusted
from api.rate import take
from api.reuse import Answer, Answers, Asked, Question
from api.sse import EventStream, last_event, wants_stream
from api.state import Network
from api.streams import Question as Streamed
from api.streams import check_transport
from api.subscriptions import Position
from api.viewers import viewer_of
from api.wording import negotiate
from graph.errors import Code, NetworkError
from graph.settings import Settings
from graph.viewer import ANYONE, Viewer

GRAPHQL: Final = "application/graphql-response+json"
JSON: Final = "application/json"
VARY: Final = "accept, accept-language, authorization"
EXAMPLE: Final = 'Send an object like {"query": "{ countries { nodes { name } } }"}.'


async def graphql(request: Request) -> Response:
    """`POST` with JSON, or `GET` with `query` or `documentId`; a browser is led to the query editor."""
    answers: Answers = request.app.state.answers
    settings = answers.network.settings
    reading = request.method in {"GET", "HEAD"}
    if reading and settings.graphiql and "documentId" not in request.query_params and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"/graphiql?{request.url.query}", 303, {"vary": VARY})
    viewer = await viewer_of(answers.network, request.headers)
    if wants_stream(request):
        payload = _parameters(request) if reading else _json(await _body(request), "The body")
        return _stream(request, answers.network, _question(payload, request, viewer, settings))
    media_type = chosen_media_type(request.headers.get("accept"))
    if reading:
        asked = await answers.ask(_question(_parameters(request), request, viewer, settings))
        _refuse_changes(asked)
        return await _read(request, answers, asked, media_type)
    payload = _json(await _body(request), "The body")
    if isinstance(payload, list):
        return await _batch(request, answers, payload, viewer, media_type)
    question = _question(payload, request, viewer, settings)
    check_transport(question.document, question.operation_name, settings, method="POST", stream=False)
    return respond(request, await answers.answer(await answers.ask(question)), media_type)


def _stream(request: Request, network: Network, asked: Question) -> EventStream:
    """The answers as events."""
    check_transport(asked.document, asked.operation_name, network.settings, method=request.method, stream=True)
    position = Position(last_event(request))
    question = Streamed(asked.document, asked.variables, asked.operation_name, asked.viewer, asked.language, position)
    return EventStream(network, question)


def respond(request: Request, answer: Answer, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer as a response. Where nothing was answered the status says what the failure means; plain JSON is always 200, as
    GraphQL over HTTP wants it of a request that was well formed."""
    told = {"vary": VARY, "cache-control": "no-store"} | dict(headers or {} if answer.whole else {})
    status = 200
    if answer.failure is not None:
        status = NetworkError(Code(answer.failure), "").status
        told |= later(status)
        status = 200 if media_type == JSON else status
    body = answer.body
    if "gzip" in request.headers.get("accept-encoding", "") and (packed := answer.packed()) is not None:
        body = packed
        told |= {"content-encoding": "gzip", "vary": f"{VARY}, accept-encoding"}
    return Response(body, status, told, media_type=f"{media_type}; charset=utf-8")


async def _read(request: Request, answers: Answers, asked: Asked, media_type: str) -> Response:
    """A `GET`: with a validator and leave to keep it where the answer may be kept, and 304 where the client has it already."""
    tag = answers.tag(asked, media_type)
    if tag is None:
        return respond(request, await answers.answer(asked), media_type)
    public = asked.question.viewer == ANYONE
    seconds = answers.network.settings.cache_seconds
    headers = {"etag": tag, "cache-control": f"public, max-age={seconds}, must-revalidate" if public else "private, no-cache"}
    if has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers | {"vary": VARY})
    return respond(request, await answers.answer(asked), media_type, headers)


def has(wanted: str, tag: str) -> bool:
    """Whether a validator is among those of an `If-None-Match`; weak and strong compare alike. `*` names none: there is always an answer."""
    opaque = tag.removeprefix("W/")
    return any(item.strip().removeprefix("W/") == opaque for item in wanted.split(","))


async def _batch(request: Request, answers: Answers, payload: list[Any], viewer: Viewer, media_type: str) -> Response:
    """Several operations in one request, one after the other; the answers stand in the order of the questions."""
    most = answers.network.settings.max_batch
    if most == 0:
        raise NetworkError(Code.MALFORMED_REQUEST, "The body is a list, and batches are not taken here.", hint=EXAMPLE)
    if not payload:
        raise NetworkError(Code.MALFORMED_REQUEST, "The batch is empty.", hint=f"Put 1 to {most} operations into it.")
    if len(payload) > most:
        raise too_much("batch", "The batch has {found} operations", len(payload), most, "Send several batches.")
    take(request.scope, len(payload) - 1)
    questions = [_question(item, request, viewer, answers.network.settings) for item in payload]
    bodies = [(await answers.answer(await answers.ask(question))).body for question in questions]
    return respond(request, Answer(b"[" + b",".join(bodies) + b"]"), media_type)


def _refuse_changes(asked: Asked) -> None:
    """Raises METHOD_NOT_ALLOWED for an operation that is no read: a `GET` changes nothing."""
    if asked.kind is not None and asked.kind is not OperationType.QUERY:
        raise NetworkError(
            Code.METHOD_NOT_ALLOWED, f"A {asked.kind.value} cannot be sent with GET.", hint="Send it with POST and a JSON body."
        )


@lru_cache(256)
def chosen_media_type(accept: str | None) -> str:
    """The media type of the answer. GraphQL's own where the client leaves it open. Raises NOT_ACCEPTABLE."""
    if not accept or not accept.strip():
        return GRAPHQL
    wishes: dict[str, float] = {}
    for item in accept[:1000].split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        quality = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
        try:
            wishes[name] = float(quality)
        except ValueError:
            wishes[name] = 0.0
    open_to_all = max(wishes.get("*/*", 0.0), wishes.get("application/*", 0.0))
    offered = {name: wishes.get(name, open_to_all) for name in (GRAPHQL, JSON)}
    best = max(offered, key=lambda name: offered[name])
    if offered[best] > 0:
        return best
    raise NetworkError(
        Code.NOT_ACCEPTABLE,
        "None of the media types in `Accept` can be sent.",
        hint="Accept one of those in `allowed`.",
        allowed=[GRAPHQL, JSON],
    )


def _parameters(request: Request) -> dict[str, Any]:
    given: dict[str, Any] = {name: value for name, value in request.query_params.items() if value}
    for name in ("variables", "extensions"):
        if name in given:
            given[name] = _json(given[name].encode(), f"The parameter `{name}`")
    return given


async def _body(request: Request) -> bytes:
    _check_content_type(request.headers)
    return await request.body()


def _check_content_type(headers: Headers) -> None:
    name, *parameters = (part.strip().lower() for part in headers.get("content-type", "").split(";"))
    charset = next((p.partition("=")[2].strip('"') for p in parameters if p.startswith("charset=")), "utf-8")
    if name != JSON or charset not in {"utf-8", "utf8"}:
        told = f"`{name[:60]}`" if name else "nothing of that kind"
        raise NetworkError(
            Code.UNSUPPORTED_MEDIA_TYPE,
            f"A request is JSON in UTF-8; `content-type` says {told if name != JSON else f'`{charset[:60]}`'}.",
            hint="Send `content-type: application/json` with an object that has `query`.",
            allowed=[JSON],
        )


def _question(payload: Any, request: Request, viewer: Viewer, settings: Settings) -> Question:
    """What is asked. Raises MALFORMED_REQUEST, and PERSISTED_QUERY_NOT_FOUND for a hash that is not known."""
    if not isinstance(payload, dict):
        raise NetworkError(Code.MALFORMED_REQUEST, "The request is not a JSON object.", hint=EXAMPLE)
    variables, extensions = payload.get("variables") or {}, payload.get("extensions") or {}
    operation = payload.get("operationName") or None
    if not isinstance(variables, dict) or not isinstance(extensions, dict) or not (operation is None or isinstance(operation, str)):
        raise NetworkError(
            Code.MALFORMED_REQUEST,
            "`variables` or `extensions` is not an object, or `operationName` is not a string.",
            hint='Send {"query": "…", "variables": {"id": "country:KEN"}}.',
        )
    language, _ = negotiate(request.headers.get("accept-language"), None)
    return Question(_document(payload, extensions, settings), variables, operation, viewer, language)


def _document(payload: Mapping[str, Any], extensions: Mapping[str, Any], settings: Settings) -> str:
    """The document that was sent, or the trusted one whose hash was: `documentId`, or Apollo's `persistedQuery`."""
    query = payload.get("query")
    persisted = extensions.get("persistedQuery")
    digest = payload.get("documentId") or (persisted.get("sha256Hash") if isinstance(persisted, dict) else None)
    if query is None and isinstance(digest, str):
        return trusted(settings.documents).text(digest)
    if not isinstance(query, str) or not query.strip():
        raise NetworkError(Code.MALFORMED_REQUEST, "The request has no `query`.", hint=EXAMPLE)
    return query


def _json(body: bytes, what: str) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NetworkError(
            Code.MALFORMED_REQUEST, f"{what} is not JSON: line {error.lineno}, column {error.colno}.", hint="Send JSON in UTF-8."
        ) from None


def later(status: int) -> dict[str, str]:
    """When to try again, where that helps."""
    return {401: {"www-authenticate": "Bearer"}, 503: {"retry-after": "5"}}.get(status, {})
