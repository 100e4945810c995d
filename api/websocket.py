"""GraphQL over WebSocket, protocol graphql-transport-ws: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Any, Final

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.http.websocket_origin import is_same_origin, normalize_origin
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from api.state import Network
from api.streams import Question, answers, lagging, nothing_ran, refusal, seat
from api.viewers import AUTHORIZATION, viewer_by, viewer_of
from api.wording import negotiate
from graph.errors import Code, NetworkError
from graph.viewer import Viewer

BAD_REQUEST: Final = 4400
NOT_ACKNOWLEDGED: Final = 4401
FORBIDDEN: Final = 4403
NOT_ACCEPTABLE: Final = 4406
TIMEOUT: Final = 4408
TAKEN: Final = 4409
LAGGING: Final = 4480
"""Ours; the protocol leaves the number open. Clients of graphql-ws come again after it."""
AGAIN: Final = 4429
TOO_LARGE: Final = 1009
RESTART: Final = 1012
LONGEST_ID: Final = 200


class CloseError(Exception):
    """The connection is to be closed, with a code and a sentence."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        # The protocol of WebSockets has room for 123 bytes.
        self.reason = reason.encode()[:123].decode(errors="ignore")


class LagError(Exception):
    """A message could not be sent in time."""


def check_origin(headers: Mapping[str, str], origins: str) -> None:
    """Raises ORIGIN_REFUSED where a page of another origin opens the socket: browsers ask nobody else before they do."""
    given = headers.get("origin")
    allowed = {origin.strip().rstrip("/") for origin in origins.split(",") if origin.strip()}
    if given is None or "*" in allowed or is_same_origin(given, headers.get("host")):
        return
    if normalize_origin(given) in {normalize_origin(origin) for origin in allowed} - {None}:
        return
    raise NetworkError(
        Code.ORIGIN_REFUSED,
        f"Pages of {given[:60]} may not open a WebSocket here.",
        hint="Open it from a page of this site; whoever runs it can name further origins in GCIO_ORIGINS.",
    )


async def websocket(socket: WebSocket) -> None:
    """`/graphql` as a WebSocket. What is wrong before it is open is told as an HTTP answer."""
    network: Network = socket.app.state.network
    try:
        check_origin(socket.headers, network.settings.origins)
        viewer = await viewer_of(network, socket.headers)
        with seat(network):
            await Connection(socket, network, viewer).serve()
    except NetworkError as error:
        from api.app import json_error  # noqa: PLC0415 - the application imports this module

        await socket.send_denial_response(json_error(error))


class Connection:
    """One socket and the operations that run on it."""

    def __init__(self, socket: WebSocket, network: Network, viewer: Viewer) -> None:
        self.socket = socket
        self.network = network
        self.viewer = viewer
        self.language, _ = negotiate(socket.headers.get("accept-language"), None)
        self.operations: dict[str, asyncio.Task[None]] = {}
        self.places: dict[str, int | None] = {}
        self._ready = False
        self._heard = True
        self._sending = asyncio.Lock()
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        if GRAPHQL_TRANSPORT_WS_PROTOCOL not in self.socket.scope.get("subprotocols", ()):
            await self.socket.accept()
            await self.socket.close(NOT_ACCEPTABLE, f"Use the WebSocket protocol {GRAPHQL_TRANSPORT_WS_PROTOCOL}.")
            return
        await self.socket.accept(GRAPHQL_TRANSPORT_WS_PROTOCOL)
        own = [asyncio.create_task(self._listen()), asyncio.create_task(self._keep_alive())]
        try:
            await asyncio.wait([*own, self._failed], return_when=asyncio.FIRST_COMPLETED)
        finally:
            tasks = [*own, *self.operations.values()]
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        failures = [*ended, self._failed.exception() if self._failed.done() else None]
        if any(isinstance(failure, LagError) for failure in failures):
            await self._tell_lag()
            return
        for failure in failures:
            if isinstance(failure, CloseError):
                await self._close(failure)
                return
            if isinstance(failure, Exception) and not isinstance(failure, WebSocketDisconnect):
                raise failure

    async def _tell_lag(self) -> None:
        """Say it as soon as the client reads again; one that does not even then is left."""
        patience = self.network.settings.stream_patience
        with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(patience):
                for operation, place in self.places.items():
                    told = refusal(lagging(place, patience))["errors"]
                    await self.socket.send_text(orjson.dumps({"id": operation, "type": "error", "payload": told}).decode())
        await self._close(CloseError(LAGGING, f"{Code.SUBSCRIPTION_LAGGING}: read faster, and go on with `after` where you broke off."))

    async def _close(self, end: CloseError) -> None:
        with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(self.network.settings.stream_patience):
                await self.socket.close(end.code, end.reason)

    async def _send(self, message: Mapping[str, Any]) -> None:
        """Raises LagError where the client has not read for too long."""
        text = orjson.dumps(message).decode()
        async with self._sending:
            try:
                async with asyncio.timeout(self.network.settings.stream_patience):
                    await self.socket.send_text(text)
            except TimeoutError:
                raise LagError from None

    async def _listen(self) -> None:
        try:
            async with asyncio.timeout(self.network.settings.stream_init):
                message = await self._receive()
        except TimeoutError:
            raise CloseError(TIMEOUT, "No connection_init came in time.") from None
        while True:
            await self._handle(message)
            message = await self._receive()

    async def _receive(self) -> dict[str, Any]:
        received = await self.socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1000))
        text = received.get("text")
        if text is None:
            raise CloseError(BAD_REQUEST, "Messages are JSON in text frames.")
        if len(text) > self.network.settings.max_body:
            raise CloseError(TOO_LARGE, f"{Code.BODY_TOO_LARGE}: a message has at most {self.network.settings.max_body} characters.")
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise CloseError(BAD_REQUEST, "The message is not JSON.") from None
        if not isinstance(message, dict):
            raise CloseError(BAD_REQUEST, "The message is not a JSON object with a `type`.")
        self._heard = True
        return message

    async def _handle(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "connection_init":
                await self._begin(message.get("payload"))
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(message)
            case "complete":
                task = self.operations.pop(str(message.get("id")), None)
                if task is not None:
                    task.cancel()
            case other:
                raise CloseError(BAD_REQUEST, f"There is no message of type {str(other)[:40]!r}.")

    async def _begin(self, payload: object) -> None:
        """`connection_init`: its payload may carry the credential that a browser cannot send as a header."""
        if self._ready:
            raise CloseError(AGAIN, "connection_init was sent twice.")
        if not (payload is None or isinstance(payload, dict)):
            raise CloseError(BAD_REQUEST, "The payload of connection_init is not an object.")
        given = next((value for name, value in (payload or {}).items() if name.lower() == AUTHORIZATION), None)
        if given is not None:
            try:
                self.viewer = await viewer_by(self.network, str(given))
            except NetworkError as error:
                raise CloseError(FORBIDDEN, f"{error.code}: {error.message}") from None
        self._ready = True
        await self._send({"type": "connection_ack"})

    async def _subscribe(self, message: dict[str, Any]) -> None:
        if not self._ready:
            raise CloseError(NOT_ACKNOWLEDGED, "Send connection_init first, and wait for connection_ack.")
        operation, question = message.get("id"), self._question(message.get("payload"))
        if not isinstance(operation, str) or not 0 < len(operation) <= LONGEST_ID:
            raise CloseError(BAD_REQUEST, f"subscribe needs an `id` of 1 to {LONGEST_ID} characters.")
        if operation in self.operations:
            raise CloseError(TAKEN, f"Subscriber for {operation} already exists")
        most = self.network.settings.stream_operations
        if len(self.operations) >= most:
            error = NetworkError(
                Code.SUBSCRIPTION_LIMIT,
                f"{most} operations run on this connection, more are not taken.",
                hint="Complete one, or open another connection.",
                details={"limit": most},
            )
            await self._send({"id": operation, "type": "error", "payload": refusal(error)["errors"]})
            return
        self.operations[operation] = asyncio.create_task(self._run(operation, question))

    def _question(self, payload: object) -> Question:
        if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
            raise CloseError(BAD_REQUEST, "The payload of subscribe has no `query`.")
        variables, name = payload.get("variables") or {}, payload.get("operationName")
        if not isinstance(variables, dict) or not (name is None or isinstance(name, str)):
            raise CloseError(BAD_REQUEST, "`variables` is not an object, or `operationName` is not a string.")
        return Question(payload["query"], variables, name, self.viewer, self.language)

    async def _run(self, operation: str, question: Question) -> None:
        """Answer an operation to its end. What ends the connection with it is handed to `serve`."""
        self.places[operation] = question.position.sequence
        try:
            async with aclosing(answers(self.network, question)) as source:
                async for answer in source:
                    if nothing_ran(answer):
                        self._over(operation)
                        await self._send({"id": operation, "type": "error", "payload": answer["errors"]})
                        return
                    await self._send({"id": operation, "type": "next", "payload": answer})
                    self.places[operation] = question.position.sequence
            await self._complete(operation)
        except Exception as error:  # noqa: BLE001 - `serve` raises it: an operation that ends without a word would leave its client waiting
            if not self._failed.done():
                self._failed.set_exception(error)
        finally:
            if self.operations.get(operation) is asyncio.current_task():
                self._over(operation)

    async def _complete(self, operation: str) -> None:
        if self.network.feed.closed:
            raise CloseError(RESTART, "The server ends: come again, and go on with `after` where you broke off.")
        self._over(operation)
        await self._send({"id": operation, "type": "complete"})

    def _over(self, operation: str) -> None:
        """The id is free again, before the last message is sent."""
        self.operations.pop(operation, None)

    async def _keep_alive(self) -> None:
        """Ask for a sign of life now and then, and end a connection from which none comes."""
        while True:
            await asyncio.sleep(self.network.settings.stream_ping)
            if not self._heard:
                raise CloseError(TIMEOUT, "No sign of life came: answer each ping with pong.")
            if self._ready:
                self._heard = False
                await self._send({"type": "ping"})
