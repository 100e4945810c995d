"""GraphQL over Server-Sent Events, on a real connection."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from api.state import Network
from graph.catalogue import data_version
from graph.database import Database
from graph.tokens import revoke_token
from tests.api.asking import SECRETS
from tests.api.conftest import PATIENCE, Member, NewMember, told_of_lag
from tests.api.test_mutations import create
from tests.api.test_websocket import EVERYTHING, patient, streams

pytestmark = pytest.mark.live
CHANGES = "subscription ($after: Int) { changes(after: $after, kinds: [NEED]) { sequence recordId } }"


@dataclass(frozen=True)
class Event:
    """One event: name, id, data."""

    name: str
    id: str | None
    data: Any


class Stream:
    """The events of a response; comments are counted."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.comments = 0
        self._lines = response.aiter_lines()

    async def next(self) -> Event | None:
        """The next event; None at the end."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                assert [word for word in SECRETS if word in line] == []
                if line:
                    name, _, value = line.partition(":")
                    self.comments += not name
                    fields[name] = value.removeprefix(" ")
                elif "event" in fields:
                    return Event(fields["event"], fields.get("id"), json.loads(fields["data"]) if fields["data"] else None)
        return None


@asynccontextmanager
async def streaming(
    base_url: str, query: str = CHANGES, headers: dict[str, str] | None = None, method: str = "POST", **variables: Any
) -> AsyncIterator[Stream]:
    given: dict[str, Any] = {"json": {"query": query, "variables": variables}}
    if method == "GET":
        given = {"params": {"query": query, "variables": json.dumps(variables)}}
    async with (
        httpx.AsyncClient(timeout=60, trust_env=False) as client,
        client.stream(method, f"{base_url}/graphql", headers={"accept": "text/event-stream"} | (headers or {}), **given) as response,
    ):
        yield Stream(response)


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_changes_come_as_events(base_url: str, member: Member, database: Database, network: Network, method: str) -> None:
    since = await data_version(database)
    need = await create(member)
    async with streaming(base_url, headers=member.authorization, method=method, after=since) as stream:
        assert stream.response.status_code == 200
        assert stream.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert stream.response.headers["cache-control"] == "no-store"
        assert await stream.next() == Event("next", str(since + 1), {"data": {"changes": {"sequence": since + 1, "recordId": need["id"]}}})
        other = await create(member)
        event = await stream.next()
        assert event is not None
        assert event.data["data"]["changes"]["recordId"] == other["id"]
    await streams(network, 0)


async def test_client_that_reconnects_goes_on_behind_its_last_event(base_url: str, member: Member, database: Database) -> None:
    since = await data_version(database)
    for _ in range(3):
        await create(member)
    headers = member.authorization | {"last-event-id": str(since + 1)}

    async with streaming(base_url, headers=headers, after=since) as stream:
        found = [event.id for event in [await stream.next(), await stream.next()] if event]

    assert found == [str(since + 2), str(since + 3)]


async def test_public_client_gets_public_changes_only(base_url: str, member: Member, database: Database) -> None:
    since = await data_version(database)
    await create(member)
    shown = await create(member, visibility="PUBLIC")

    async with streaming(base_url, after=since) as stream:
        event = await stream.next()

    assert event is not None
    assert event.data["data"]["changes"]["recordId"] == shown["id"]


async def test_query_is_one_event_and_complete(base_url: str) -> None:
    async with streaming(base_url, '{ country(id: "KEN") { id } }') as stream:
        assert await stream.next() == Event("next", None, {"data": {"country": {"id": "country:KEN"}}})
        assert await stream.next() == Event("complete", None, None)
        assert await stream.next() is None


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("subscription { changes { nothing } }", {}, "GRAPHQL_INVALID"),
        ("subscription A { changes { sequence } } subscription B { changes { sequence } }", {}, "GRAPHQL_INVALID"),
        (CHANGES, {"after": "first"}, "GRAPHQL_INVALID"),
        (CHANGES, {"after": -1}, "BAD_CURSOR"),
    ],
)
async def test_what_cannot_begin_is_told_in_an_event(base_url: str, query: str, variables: dict[str, Any], code: str) -> None:
    async with streaming(base_url, query, **variables) as stream:
        event = await stream.next()
        assert event is not None
        assert event.data["data"] is None
        assert event.data["errors"][0]["extensions"]["code"] == code
        assert await stream.next() == Event("complete", None, None)


@pytest.mark.parametrize("given", ["abc", "-1", "1.5", "9" * 16])
async def test_last_event_that_is_none_is_refused(base_url: str, given: str) -> None:
    async with streaming(base_url, headers={"last-event-id": given}) as stream:
        await stream.response.aread()

    assert (stream.response.status_code, stream.response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_INPUT")


async def test_wrong_token_opens_no_stream(base_url: str) -> None:
    async with streaming(base_url, headers={"authorization": "Bearer gcio_wrong"}) as stream:
        await stream.response.aread()

    assert (stream.response.status_code, stream.response.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_mutation_cannot_be_a_get_stream(base_url: str, member: Member, database: Database) -> None:
    since = await data_version(database)
    mutation = 'mutation { createPractice(input: {title: "T", summary: "S", country: "KEN", lang: "en"}) { errors { code } } }'

    async with streaming(base_url, mutation, headers=member.authorization, method="GET") as stream:
        await stream.response.aread()

    assert (stream.response.status_code, stream.response.json()["errors"][0]["extensions"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert await data_version(database) == since


async def test_revoked_token_ends_the_stream(base_url: str, new_member: NewMember, database: Database) -> None:
    one, other = await new_member(), await new_member()
    since = await data_version(database)
    async with streaming(base_url, headers=one.authorization, after=since) as stream:
        await revoke_token(database, one.token.id)
        await create(other)

        event = await stream.next()

        assert event is not None
        assert event.data["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_quiet_stream_gives_signs_of_life(base_url: str, network: Network, monkeypatch: pytest.MonkeyPatch, member: Member) -> None:
    patient(network, monkeypatch, stream_ping=0.1)
    async with streaming(base_url, headers=member.authorization) as stream:
        await asyncio.sleep(1)
        await create(member)
        assert await stream.next() is not None

    assert stream.comments >= 3
    await streams(network, 0)


async def test_streams_of_a_process_are_limited(base_url: str, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    patient(network, monkeypatch, streams=1)
    async with streaming(base_url):
        async with streaming(base_url) as second:
            await second.response.aread()
        assert second.response.status_code == 429
        assert second.response.json()["errors"][0]["extensions"]["code"] == "SUBSCRIPTION_LIMIT"
    await streams(network, 0)


@pytest.mark.parametrize("step", range(12))
async def test_stream_ends_with_its_client_whatever_the_server_is_doing(base_url: str, network: Network, step: int) -> None:
    """It goes while the log is still coming: at each step of sending an event once."""
    async with streaming(base_url, "subscription { changes(after: 0) { sequence } }") as stream:
        assert await stream.next() is not None
        for _ in range(step):
            await asyncio.sleep(0)
    await streams(network, 0)


async def test_client_that_lags_is_told_and_its_stream_ends(
    narrow_url: str, network: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    patient(network, monkeypatch, stream_patience=3)
    caplog.set_level(logging.INFO, "gcio")
    host, port = narrow_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=2**14)
    body = json.dumps({"query": EVERYTHING}).encode()
    head = f"POST /graphql HTTP/1.1\r\nhost: gcio.test\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await streams(network, 1)
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # the transport of a socket reads too
    await told_of_lag(caplog)
    writer.transport.resume_reading()  # type: ignore[attr-defined]  # as above
    received = b""
    async with asyncio.timeout(PATIENCE):
        while b"SUBSCRIPTION_LAGGING" not in received[-3000:] and (chunk := await reader.read(2**16)):
            received += chunk
    writer.close()
    text = received.decode(errors="ignore")

    events = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: {")]
    extensions = json.loads(events[-1])["errors"][0]["extensions"]
    assert extensions["code"] == "SUBSCRIPTION_LAGGING"
    assert extensions["details"]["after"] == json.loads(events[-2])["data"]["changes"]["sequence"]
    assert "event: complete" not in text
    await streams(network, 0)
