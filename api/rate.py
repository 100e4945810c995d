"""How often a client may ask: a bucket of tokens for each, in a table that does not grow beyond its bound.

The headers are those of the IETF's draft-ietf-httpapi-ratelimit-headers-11.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from time import monotonic
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.errors import Code, NetworkError
from graph.settings import Settings

WINDOW: Final = 60
FREE: Final = ("/static/", "/healthz", "/readyz")
"""What costs nothing, or what a supervisor asks."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a client stands: whether this request is taken, whole tokens left, seconds until the bucket is full and until the next token."""

    taken: bool
    left: int
    full: int
    wait: int


class Rate:
    """`quota` requests a minute for each client, all at once or spread out."""

    def __init__(self, quota: int, clients: int, now: Callable[[], float] = monotonic) -> None:
        self.quota = quota
        self.clients = clients
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, client: str, tokens: int = 1) -> Standing:
        """Take tokens from the client's bucket, or none where it has too few."""
        now = self._now()
        speed = self.quota / WINDOW
        held, at = self._buckets.pop(client, (float(self.quota), now))
        held = min(self.quota, held + (now - at) * speed)
        taken = held >= tokens
        held -= tokens if taken else 0
        self._buckets[client] = (held, now)
        if len(self._buckets) > self.clients:
            self._buckets.popitem(last=False)
        return Standing(taken, int(held), ceil((self.quota - held) / speed), 0 if taken else ceil((tokens - held) / speed))


def client_of(scope: Scope) -> str | None:
    """Who asks: an IPv4 address, or the 64 bits that an IPv6 connection has in common. None on loopback and where it is not known."""
    return _client((scope.get("client") or ("",))[0])


@lru_cache(4096)
def _client(host: str) -> str | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return None if address.is_loopback else str(ipaddress.ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return None if address.is_loopback else str(address)


Refuse = Callable[[Request, NetworkError], Awaitable[Response]]


class RateLimit:
    """Refuses with 429 what a client asks beyond its rate, and tells every client of the API where it stands."""

    def __init__(self, app: ASGIApp, settings: Settings, refuse: Refuse) -> None:
        self.app = app
        self.refuse = refuse
        self.rate = Rate(settings.rate, settings.rate_clients) if settings.rate else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = client_of(scope) if self.rate is not None and scope["type"] == "http" else None
        if self.rate is None or client is None or scope["path"].startswith(FREE):
            await self.app(scope, receive, send)
            return
        rate = self.rate
        standing = rate.take(client)

        def more(tokens: int) -> None:
            nonlocal standing
            standing = rate.take(client, tokens)
            if not standing.taken:
                raise refusal(rate, standing)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["ratelimit-policy"] = f'"client";q={rate.quota};w={WINDOW}'
                headers["ratelimit"] = f'"client";r={standing.left};t={standing.full}'
            await send(message)

        if standing.taken:
            scope["take"] = more
            await self.app(scope, receive, told)
        else:
            response = await self.refuse(Request(scope), refusal(rate, standing))
            await response(scope, receive, told)


def refusal(rate: Rate, standing: Standing) -> NetworkError:
    details = {"name": "rate", "limit": rate.quota, "window": WINDOW, "retryAfter": standing.wait}
    return NetworkError(
        Code.RATE_LIMITED,
        f"More than {rate.quota} requests came from your address within a minute.",
        hint=f"Wait {standing.wait} seconds; the headers `RateLimit` and `Retry-After` tell when there is room again.",
        details=details,
    )


def take(scope: Scope, tokens: int) -> None:
    """Take further tokens for a request that stands for several. Raises RATE_LIMITED."""
    if tokens > 0 and "take" in scope:
        scope["take"](tokens)
