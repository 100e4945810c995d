"""GraphQL over Server-Sent Events, distinct connections mode: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md.

Each event of a subscription carries its place in the log as `id`, so that an `EventSource` that reconnects goes on by itself.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.state import Network
from api.streams import Answer, Question, answers, lagging, refusal, seat
from graph.errors import Code, NetworkError

EVENT_STREAM: Final = "text/event-stream"
SIGN_OF_LIFE: Final = b":\n\n"
COMPLETE: Final = b"event: complete\ndata:\n\n"


def wants_stream(request: Request) -> bool:
    """Whether the client asks for an event stream."""
    return EVENT_STREAM in request.headers.get("accept", "").lower()


def last_event(request: Request) -> int | None:
    """Where a client that reconnects was. Raises BAD_INPUT."""
    given = request.headers.get("last-event-id")
    if not given:
        return None
    if not given.isdecimal() or len(given) > 15:
        raise NetworkError(
            Code.BAD_INPUT, "`Last-Event-ID` is not the id of an event.", hint="Leave it out, or send the last id that came."
        )
    return int(given)


class EventStream(Response):
    """The answers to one question, an event each. Ends when the client goes, lags, or the process ends."""

    def __init__(self, network: Network, question: Question) -> None:
        self.network = network
        self.question = question
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        with seat(self.network):
            headers = [
                (b"content-type", b"text/event-stream; charset=utf-8"),
                (b"cache-control", b"no-store"),
                (b"x-accel-buffering", b"no"),
            ]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            tasks = {asyncio.create_task(self._gone(receive)), asyncio.create_task(self._pump(send))}
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            for task in done:
                task.result()

    async def _gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _pump(self, send: Send) -> None:
        patience = self.network.settings.stream_patience
        sent = None
        try:
            async with aclosing(answers(self.network, self.question)) as source:
                upcoming = asyncio.ensure_future(anext(source))
                try:
                    while True:
                        ready, _ = await asyncio.wait({upcoming}, timeout=self.network.settings.stream_ping)
                        if not ready:
                            await _write(send, SIGN_OF_LIFE, patience)
                            continue
                        try:
                            answer = upcoming.result()
                        except StopAsyncIteration:
                            break
                        await _write(send, _next(answer, self.question.position.sequence), patience)
                        sent = self.question.position.sequence
                        upcoming = asyncio.ensure_future(anext(source))
                finally:
                    upcoming.cancel()
                    await asyncio.gather(upcoming, return_exceptions=True)
            # A stream that the server ends is no complete one: the client is to come again.
            last = b"" if self.network.feed.closed else COMPLETE
        except TimeoutError:
            last = _next(refusal(lagging(sent, patience)), None)
        with suppress(TimeoutError):
            await _write(send, last, patience, more=False)


async def _write(send: Send, body: bytes, patience: float, *, more: bool = True) -> None:
    """Raises TimeoutError where the client has not read for so many seconds."""
    async with asyncio.timeout(patience):
        await send({"type": "http.response.body", "body": body, "more_body": more})


def _next(answer: Answer, sequence: int | None) -> bytes:
    place = b"" if sequence is None else b"id: %d\n" % sequence
    return b"event: next\n" + place + b"data: " + orjson.dumps(answer) + b"\n\n"
