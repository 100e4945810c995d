"""How often a client may ask, told by headers; who counts as one client."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.app import create_app
from api.rate import Rate, Standing, client_of
from api.state import Network

QUERY = {"query": "{ __typename }"}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again() -> None:
    clock = Clock()
    rate = Rate(60, 10, clock)

    assert [rate.take("a").left for _ in range(60)] == list(range(59, -1, -1))
    assert rate.take("a") == Standing(taken=False, left=0, full=60, wait=1)
    assert rate.take("b") == Standing(taken=True, left=59, full=1, wait=0)

    clock.now += 2.5
    assert rate.take("a") == Standing(taken=True, left=1, full=59, wait=0)
    clock.now += 10_000
    assert rate.take("a") == Standing(taken=True, left=59, full=1, wait=0)


def test_several_tokens_are_taken_together_or_not_at_all() -> None:
    rate = Rate(60, 10, Clock())

    assert rate.take("a", 50).left == 10
    assert rate.take("a", 11) == Standing(taken=False, left=10, full=50, wait=1)
    assert rate.take("a", 10).left == 0


def test_the_table_forgets_whom_it_has_not_seen_longest() -> None:
    rate = Rate(60, 3, Clock())
    for client in ("a", "b", "c", "a", "d"):
        rate.take(client, 10)

    assert len(rate) == 3
    assert rate.take("a", 0).left == 40
    assert rate.take("b", 0).left == 60


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("127.0.0.1", None),
        ("127.8.9.1", None),
        ("::1", None),
        ("::ffff:127.0.0.1", None),
        ("testclient", None),
    ],
)
def test_who_is_one_client(host: str, client: str | None) -> None:
    assert client_of({"type": "http", "client": (host, 5)}) == client


def test_a_socket_without_an_address_is_no_client() -> None:
    assert client_of({"type": "http", "client": None}) is None


def visitor(network: Network, monkeypatch: pytest.MonkeyPatch, host: str, **changes: Any) -> httpx.AsyncClient:
    monkeypatch.setattr(network, "settings", network.settings.model_copy(update=changes))
    transport = httpx.ASGITransport(app=create_app(network), client=(host, 5))
    return httpx.AsyncClient(transport=transport, base_url="http://gcio.test")


async def test_a_client_is_told_where_it_stands_and_refused_beyond(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    async with visitor(network, monkeypatch, "203.0.113.7", rate=3) as client:
        taken = [await client.post("/graphql", json=QUERY) for _ in range(3)]
        refused = await client.post("/graphql", json=QUERY)
        page = await client.get("/accessibility")
        free = [await client.get(path) for path in ("/healthz", "/static/nothing.css")]

    assert [answer.headers["ratelimit"] for answer in taken] == ['"client";r=2;t=20', '"client";r=1;t=40', '"client";r=0;t=60']
    assert taken[0].headers["ratelimit-policy"] == '"client";q=3;w=60'
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "20")
    told = refused.json()["errors"][0]
    assert told["extensions"]["code"] == "RATE_LIMITED"
    assert told["extensions"]["details"] == {"name": "rate", "limit": 3, "window": 60, "retryAfter": 20}
    assert "data" not in refused.json()
    assert (page.status_code, page.headers["retry-after"]) == (429, "20")
    assert "Too many requests came from your address" in page.text
    assert [answer.status_code for answer in free] == [200, 404]
    assert "ratelimit" not in free[0].headers


@pytest.mark.parametrize(("host", "rate"), [("127.0.0.1", 1), ("203.0.113.7", 0)])
async def test_loopback_and_a_rate_of_nothing_have_no_limit(
    network: Network, monkeypatch: pytest.MonkeyPatch, host: str, rate: int
) -> None:
    async with visitor(network, monkeypatch, host, rate=rate) as client:
        answers = [await client.post("/graphql", json=QUERY) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert "ratelimit" not in answers[0].headers


async def test_each_operation_of_a_batch_counts(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    async with visitor(network, monkeypatch, "203.0.113.7", rate=5, max_batch=5) as client:
        taken = await client.post("/graphql", json=[QUERY] * 3)
        refused = await client.post("/graphql", json=[QUERY] * 3)

    assert (taken.status_code, taken.headers["ratelimit"]) == (200, '"client";r=2;t=36')
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (429, "RATE_LIMITED")


async def test_an_address_that_a_client_claims_is_not_believed(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    async with visitor(network, monkeypatch, "203.0.113.7", rate=1) as client:
        taken = await client.post("/graphql", json=QUERY, headers={"x-forwarded-for": "198.51.100.1"})
        refused = await client.post("/graphql", json=QUERY, headers={"x-forwarded-for": "198.51.100.2"})

    assert (taken.status_code, refused.status_code) == (200, 429)
