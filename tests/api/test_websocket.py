"""Subscriptions over graphql-transport-ws, on a real socket."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
import websockets.asyncio.client as websockets
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.state import Network
from graph.catalogue import data_version
from graph.database import Database
from graph.settings import Settings
from graph.tokens import revoke_token
from tests.api.asking import SECRETS
from tests.api.conftest import PATIENCE, Member, NewMember, told_of_lag
from tests.api.test_mutations import create, mutate

pytestmark = pytest.mark.live
CHANGES = (
    "subscription ($after: Int) { changes(after: $after, kinds: [NEED]) { sequence action recordId record { id ... on Need { title } } } }"
)


class Socket:
    """A client that speaks JSON."""

    def __init__(self, inner: websockets.ClientConnection) -> None:
        self.inner = inner

    async def send(self, **message: Any) -> None:
        await self.inner.send(json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        """The next message that is no ping."""
        async with asyncio.timeout(PATIENCE):
            while True:
                text = await self.inner.recv()
                assert [word for word in SECRETS if word in str(text)] == []
                message: dict[str, Any] = json.loads(text)
                if message != {"type": "ping"}:
                    return message

    async def subscribe(self, query: str = CHANGES, operation: str = "1", **variables: Any) -> None:
        await self.send(type="subscribe", id=operation, payload={"query": query, "variables": variables})

    async def closed(self) -> tuple[int, str]:
        """Code and sentence with which the server closes."""
        async with asyncio.timeout(PATIENCE):
            async for _ in self.messages():
                pass
        assert self.inner.close_code is not None
        return self.inner.close_code, self.inner.close_reason or ""

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """All that still comes, to the end of the connection."""
        with suppress(ConnectionClosed):
            while True:
                yield json.loads(await self.inner.recv())


@asynccontextmanager
async def opened(
    base_url: str, *, begin: bool = True, payload: Any = None, protocol: str = "graphql-transport-ws", **more: Any
) -> AsyncIterator[Socket]:
    address = base_url.replace("http", "ws") + "/graphql"
    async with websockets.connect(address, subprotocols=[protocol], proxy=None, **more) as inner:  # type: ignore[list-item]  # a plain string is one
        socket = Socket(inner)
        if begin:
            await socket.send(type="connection_init", **({} if payload is None else {"payload": payload}))
            assert await socket.receive() == {"type": "connection_ack"}
        yield socket


def patient(network: Network, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Settings:
    """Settings of this test alone."""
    chosen = network.settings.model_copy(update=changes)
    monkeypatch.setattr(network, "settings", chosen)
    return chosen


async def streams(network: Network, number: int) -> None:
    """Wait until so many streams are open."""
    async with asyncio.timeout(PATIENCE):
        while network.streams != number:  # noqa: ASYNC110 - the count is a plain number
            await asyncio.sleep(0.02)


async def settled(socket: Socket) -> None:
    """Whatever was sent before has been taken up: a pong comes back in order."""
    await socket.send(type="ping")
    assert await socket.receive() == {"type": "pong"}
    await asyncio.sleep(0.3)


async def test_change_comes_while_it_is_made(base_url: str, member: Member) -> None:
    async with opened(base_url, additional_headers=member.authorization) as socket:
        await socket.subscribe()
        await settled(socket)

        need = await create(member)

        message = await socket.receive()
        assert (message["id"], message["type"]) == ("1", "next")
        change = message["payload"]["data"]["changes"]
        assert (change["action"], change["recordId"], change["record"]) == (
            "CREATE",
            need["id"],
            {"id": need["id"], "title": need["title"]},
        )


async def test_member_and_public_see_what_they_may(base_url: str, member: Member, database: Database) -> None:
    since = await data_version(database)
    payload = {"Authorization": f"Bearer {member.secret}"}
    async with opened(base_url, payload=payload) as known, opened(base_url) as anybody:
        for socket in (known, anybody):
            await socket.subscribe(after=since)
        hidden = await create(member)
        shown = await create(member, visibility="PUBLIC")

        assert [(await known.receive())["payload"]["data"]["changes"]["recordId"] for _ in range(2)] == [hidden["id"], shown["id"]]
        assert (await anybody.receive())["payload"]["data"]["changes"]["recordId"] == shown["id"]


async def test_record_that_becomes_invisible_is_not_told_of(base_url: str, member: Member) -> None:
    need = await create(member, visibility="PUBLIC")
    async with opened(base_url) as anybody:
        await anybody.subscribe()
        await settled(anybody)
        await mutate(member.client, "updateNeed", {"id": need["id"], "expectedVersion": 1, "visibility": "MEMBERS", "title": "Hidden"})
        shown = await create(member, visibility="PUBLIC")

        assert (await anybody.receive())["payload"]["data"]["changes"]["recordId"] == shown["id"]


async def test_client_goes_on_where_it_broke_off(base_url: str, member: Member, database: Database) -> None:
    """Needs are made all the while; the client reads three changes a connection."""
    since = await data_version(database)
    making = asyncio.gather(*(create(member, title=f"Need {n}") for n in range(12)))
    found: list[int] = []
    while len(found) < 12:
        async with opened(base_url, additional_headers=member.authorization) as socket:
            await socket.subscribe(after=found[-1] if found else since)
            found += [(await socket.receive())["payload"]["data"]["changes"]["sequence"] for _ in range(3)]
    made = await making

    assert found == list(range(since + 1, since + 13))
    assert len({need["id"] for need in made}) == 12


async def test_queries_and_mutations_are_answered_too(base_url: str, member: Member) -> None:
    async with opened(base_url, additional_headers=member.authorization) as socket:
        await socket.subscribe('{ country(id: "KEN") { id } }', "q")
        assert await socket.receive() == {"id": "q", "type": "next", "payload": {"data": {"country": {"id": "country:KEN"}}}}
        assert await socket.receive() == {"id": "q", "type": "complete"}

        await socket.subscribe(
            "mutation ($id: ID!) { withdrawNeed(input: {id: $id, expectedVersion: 1}) { errors { code } } }", "q", id="need:no"
        )
        answer = await socket.receive()
        assert answer["payload"] == {"data": {"withdrawNeed": {"errors": [{"code": "NOT_FOUND"}]}}}


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("subscription { changes { nothing } }", {}, "GRAPHQL_INVALID"),
        ("subscription { changes", {}, "GRAPHQL_SYNTAX"),
        ("query A { health { state } } query B { health { state } }", {}, "GRAPHQL_INVALID"),
        (CHANGES, {"after": "first"}, "GRAPHQL_INVALID"),
        (CHANGES, {"after": -1}, "BAD_CURSOR"),
        (CHANGES, {"after": 2_000_000_000}, "BAD_CURSOR"),
        ('subscription { changes(countries: ["XXX"]) { sequence } }', {}, "UNKNOWN_COUNTRY"),
        ('subscription { changes(records: ["token:1"]) { sequence } }', {}, "BAD_INPUT"),
        ("subscription { changes(records: []) { sequence } }", {}, "BAD_INPUT"),
        ('subscription { changes(kinds: [TOPIC], countries: ["KEN"]) { sequence } }', {}, "CONTRADICTORY_INPUT"),
        ("subscription { a: changes { sequence } b: changes { sequence } }", {}, "GRAPHQL_INVALID"),
    ],
)
async def test_operation_that_cannot_begin_is_told_so(base_url: str, query: str, variables: dict[str, Any], code: str) -> None:
    async with opened(base_url) as socket:
        await socket.subscribe(query, **variables)

        message = await socket.receive()

        assert (message["id"], message["type"]) == ("1", "error")
        assert message["payload"][0]["extensions"]["code"] == code
        await socket.subscribe('{ country(id: "KEN") { id } }')
        assert (await socket.receive())["type"] == "next"


async def test_mutation_without_a_token_is_refused(base_url: str) -> None:
    async with opened(base_url) as socket:
        await socket.subscribe('mutation { withdrawNeed(input: {id: "need:1", expectedVersion: 1}) { errors { code } } }')

        assert (await socket.receive())["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_completed_operation_ends_and_its_id_is_free(base_url: str, member: Member) -> None:
    async with opened(base_url, additional_headers=member.authorization) as socket:
        await socket.subscribe(operation="a")
        await settled(socket)
        await socket.send(type="complete", id="a")
        await socket.send(type="complete", id="never")
        await socket.subscribe(operation="a")
        await socket.subscribe(operation="b")
        await settled(socket)

        await create(member)

        assert {(await socket.receive())["id"] for _ in range(2)} == {"a", "b"}


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1.elsewhere.example"])
async def test_page_of_another_site_cannot_open_a_socket(base_url: str, origin: str) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with opened(base_url, origin=origin):
            pass

    assert caught.value.response.status_code == 403
    assert json.loads(caught.value.response.body or b"")["errors"][0]["extensions"]["code"] == "ORIGIN_REFUSED"


@pytest.mark.parametrize("origins", ["https://cio.example.org", "https://a.example, https://cio.example.org/", "*"])
async def test_pages_of_this_site_and_of_named_ones_can(
    base_url: str, network: Network, monkeypatch: pytest.MonkeyPatch, origins: str
) -> None:
    async with opened(base_url, origin=base_url):
        pass
    patient(network, monkeypatch, origins=origins)
    async with opened(base_url, origin="https://cio.example.org"):
        pass


async def test_wrong_token_opens_no_socket(base_url: str) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with opened(base_url, additional_headers={"authorization": "Bearer gcio_wrong"}):
            pass

    assert caught.value.response.status_code == 401
    assert json.loads(caught.value.response.body or b"")["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_wrong_token_in_connection_init_closes_the_socket(base_url: str) -> None:
    async with opened(base_url, begin=False) as socket:
        await socket.send(type="connection_init", payload={"authorization": "Bearer gcio_wrong"})

        assert await socket.closed() == (4403, "UNAUTHENTICATED: The token is wrong, has ended or was revoked.")


async def test_revoked_token_ends_what_it_opened(base_url: str, new_member: NewMember, database: Database) -> None:
    one, other = await new_member(), await new_member()
    async with opened(base_url, additional_headers=one.authorization) as socket:
        await socket.subscribe()
        await settled(socket)
        await revoke_token(database, one.token.id)

        await create(other)

        message = await socket.receive()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "UNAUTHENTICATED")


BROKEN: list[tuple[str | bytes, int]] = [
    ("not json", 4400),
    ("[]", 4400),
    ('{"type": "dance"}', 4400),
    ("{}", 4400),
    (b"\x00\x01", 4400),
    ('{"type": "connection_init", "payload": 3}', 4400),
    ('{"type": "subscribe", "id": "1", "payload": {"query": "{ a }"}}', 4401),
]


@pytest.mark.parametrize(("message", "code"), BROKEN)
async def test_message_that_breaks_the_protocol_closes_the_socket(base_url: str, message: str | bytes, code: int) -> None:
    async with opened(base_url, begin=False) as socket:
        await socket.inner.send(message)

        found, reason = await socket.closed()

        assert found == code
        assert reason.endswith(".")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "connection_init"}, 4429),
        ({"type": "subscribe", "id": "1"}, 4400),
        ({"type": "subscribe", "id": "1", "payload": {"query": 3}}, 4400),
        ({"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": [1]}}, 4400),
        ({"type": "subscribe", "payload": {"query": "{ a }"}}, 4400),
        ({"type": "subscribe", "id": "", "payload": {"query": "{ a }"}}, 4400),
    ],
)
async def test_message_that_breaks_it_later_does_too(base_url: str, message: dict[str, Any], code: int) -> None:
    async with opened(base_url) as socket:
        await socket.send(**message)

        assert (await socket.closed())[0] == code


async def test_id_in_use_closes_the_socket(base_url: str) -> None:
    async with opened(base_url) as socket:
        await socket.subscribe()
        await socket.subscribe()

        assert await socket.closed() == (4409, "Subscriber for 1 already exists")


async def test_other_protocol_is_told_which_one_is_spoken(base_url: str) -> None:
    async with opened(base_url, begin=False, protocol="graphql-ws") as socket:
        assert (await socket.closed())[0] == 4406


async def test_message_that_is_too_long_closes_the_socket(base_url: str, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    patient(network, monkeypatch, max_body=2000)
    async with opened(base_url) as socket:
        await socket.subscribe("{ a } #" + "x" * 2000)

        code, reason = await socket.closed()
        assert (code, reason.partition(":")[0]) == (1009, "BODY_TOO_LARGE")


async def test_socket_that_does_not_begin_is_closed(base_url: str, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    patient(network, monkeypatch, stream_init=0.2)
    async with opened(base_url, begin=False) as socket:
        assert await socket.closed() == (4408, "No connection_init came in time.")


async def test_socket_that_gives_no_sign_of_life_is_closed(base_url: str, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    patient(network, monkeypatch, stream_ping=0.3)
    async with opened(base_url) as socket:
        assert (await socket.closed())[0] == 4408


async def test_socket_that_answers_pings_stays(base_url: str, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    patient(network, monkeypatch, stream_ping=0.2)
    async with opened(base_url) as socket:
        for _ in range(5):
            assert json.loads(await socket.inner.recv()) == {"type": "ping"}
            await socket.send(type="pong")


async def test_operations_on_a_socket_are_limited(base_url: str, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    patient(network, monkeypatch, stream_operations=2)
    async with opened(base_url) as socket:
        for operation in ("1", "2", "3"):
            await socket.subscribe(operation=operation)

        message = await socket.receive()

        assert (message["id"], message["type"]) == ("3", "error")
        assert message["payload"][0]["extensions"]["code"] == "SUBSCRIPTION_LIMIT"
        assert message["payload"][0]["extensions"]["details"] == {"limit": 2}
        await socket.send(type="complete", id="1")
        await socket.subscribe('{ country(id: "KEN") { id } }', "3")
        assert (await socket.receive())["type"] == "next"


async def test_streams_of_a_process_are_limited(base_url: str, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    patient(network, monkeypatch, streams=1)
    async with opened(base_url) as first:
        with pytest.raises(InvalidStatus) as caught:
            async with opened(base_url):
                pass
        assert caught.value.response.status_code == 429
        assert json.loads(caught.value.response.body or b"")["errors"][0]["extensions"]["code"] == "SUBSCRIPTION_LIMIT"
        await settled(first)
    await streams(network, 0)
    async with opened(base_url):
        pass
    await streams(network, 0)


REPEATED = " ".join(f"{letter}: summary" for letter in "abcdefghijklmnopqrstuvwxy")
EVERYTHING = f"subscription {{ changes(after: 0, kinds: [PROJECT, PRACTICE]) {{ sequence record {{ ... on Case {{ {REPEATED} }} }} }} }}"


async def test_client_that_lags_is_told_and_closed(
    narrow_url: str, network: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It asks for the whole log and reads nothing for longer than the server waits."""
    patient(network, monkeypatch, stream_patience=3)
    async with opened(narrow_url, max_queue=1, ping_interval=None) as socket:
        caplog.set_level(logging.INFO, "gcio")
        for operation in range(3):
            await socket.subscribe(EVERYTHING, str(operation))
        socket.inner.transport.pause_reading()
        await told_of_lag(caplog)
        socket.inner.transport.resume_reading()
        last: dict[str, int] = {}
        told: dict[str, dict[str, Any]] = {}
        async for message in socket.messages():
            if message["type"] == "next":
                last[message["id"]] = message["payload"]["data"]["changes"]["sequence"]
            elif message["type"] == "error":
                told[message["id"]] = message["payload"][0]["extensions"]

    assert socket.inner.close_code == 4480
    assert (socket.inner.close_reason or "").startswith("SUBSCRIPTION_LAGGING: ")
    assert {found["code"] for found in told.values()} == {"SUBSCRIPTION_LAGGING"}
    # Who goes on with the place told misses nothing and gets nothing twice.
    assert {operation: found["details"]["after"] for operation, found in told.items()} == {str(o): last.get(str(o)) for o in range(3)}
    await streams(network, 0)


async def test_nothing_of_a_connection_stays_when_it_is_gone(base_url: str, network: Network) -> None:
    async with opened(base_url) as socket:
        await socket.subscribe()
        await settled(socket)
        assert network.streams == 1
    await streams(network, 0)

    left = [task for task in asyncio.all_tasks() if "Connection._run" in repr(task.get_coro())]
    assert left == []


@pytest.mark.parametrize("step", range(12))
async def test_socket_ends_with_its_client_whatever_the_server_is_doing(base_url: str, network: Network, step: int) -> None:
    """It goes while the log is still coming: at each step of sending an answer once."""
    async with opened(base_url) as socket:
        await socket.subscribe("subscription { changes(after: 0) { sequence } }")
        assert (await socket.receive())["type"] == "next"
        for _ in range(step):
            await asyncio.sleep(0)
    await streams(network, 0)


async def test_subscription_by_plain_post_is_told_what_it_needs(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": "subscription { changes { sequence } }"})

    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (406, "NOT_ACCEPTABLE")
