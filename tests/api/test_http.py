"""GraphQL over HTTP: media types, statuses, batches, what caches may keep, who may ask from a browser, what errors tell."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.app import create_app
from api.http import GRAPHQL, JSON, chosen_media_type, has
from api.state import Network
from graph.errors import Code, NetworkError
from tests.api.asking import refusal

GOOD = {"query": '{ country(id: "KEN") { name } }'}
KENYA = {"country": {"name": "Kenya"}}
UNKNOWN_FIELD = {"query": "{ countries { nodes { naem } } }"}


def visitor(network: Network, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> httpx.AsyncClient:
    monkeypatch.setattr(network, "settings", network.settings.model_copy(update=changes))
    transport = httpx.ASGITransport(app=create_app(network), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://gcio.test", timeout=60)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, GRAPHQL),
        ("", GRAPHQL),
        ("*/*", GRAPHQL),
        ("application/*", GRAPHQL),
        ("application/graphql-response+json", GRAPHQL),
        ("application/json", JSON),
        ("Application/JSON; charset=utf-8", JSON),
        ("application/graphql-response+json, application/json;q=0.9", GRAPHQL),
        ("application/graphql-response+json;q=0.5, application/json", JSON),
        ("text/html, application/json;q=0.1", JSON),
        ("text/html, */*;q=0.1", GRAPHQL),
        ("application/graphql-response+json;q=0, */*", JSON),
    ],
)
def test_the_media_type_is_the_one_wanted_most(accept: str | None, chosen: str) -> None:
    assert chosen_media_type(accept) == chosen


@pytest.mark.parametrize("accept", ["text/html", "application/xml, text/*", "*/*;q=0", "application/json;q=x", ",;q=;;"])
def test_what_cannot_be_sent_is_told(accept: str) -> None:
    with pytest.raises(NetworkError) as caught:
        chosen_media_type(accept)

    assert (caught.value.code, caught.value.status) == (Code.NOT_ACCEPTABLE, 406)
    assert caught.value.allowed == (GRAPHQL, JSON)


async def test_statuses_are_those_of_graphql_over_http(client: httpx.AsyncClient) -> None:
    told = {
        (name, accept): await client.post("/graphql", json=body, headers={"accept": accept})
        for accept in (GRAPHQL, JSON)
        for name, body in (("good", GOOD), ("invalid", UNKNOWN_FIELD), ("no query", {}))
    }

    assert {key: answer.status_code for key, answer in told.items()} == {
        ("good", GRAPHQL): 200,
        ("good", JSON): 200,
        ("invalid", GRAPHQL): 400,
        ("invalid", JSON): 200,
        ("no query", GRAPHQL): 400,
        ("no query", JSON): 400,
    }
    assert told["good", JSON].headers["content-type"] == "application/json; charset=utf-8"
    assert told["invalid", GRAPHQL].headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert set(told["invalid", JSON].json()) == {"errors"}


async def test_where_one_field_fails_the_others_are_answered(client: httpx.AsyncClient) -> None:
    query = 'query ($id: ID!) { good: country(id: "KEN") { name } bad: country(id: $id) { needs(first: -1) { nodes { id } } } }'

    answer = await client.get("/graphql", params={"query": query, "variables": '{"id": "KHM"}'})

    assert answer.status_code == 200
    assert answer.json()["data"] == {"good": {"name": "Kenya"}, "bad": None}
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["PAGE_SIZE"]
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"query": "{ __typename }"}', None),
        (b'{"query": "{ __typename }"}', "text/plain"),
        (b'{"query": "{ __typename }"}', "application/json; charset=latin-1"),
        (b"query=%7B__typename%7D", "application/x-www-form-urlencoded"),
        (b'--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--', "multipart/form-data; boundary=x"),
        (b"{ __typename }", "application/graphql"),
    ],
)
async def test_other_content_types(client: httpx.AsyncClient, body: bytes, content_type: str | None) -> None:
    headers = {"content-type": content_type} if content_type else {}

    told = refusal(await client.post("/graphql", content=body, headers=headers))

    assert (told.status, told.code) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert told.extensions["allowed"] == ["application/json"]


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON;charset=UTF-8", 'application/json; charset="utf-8"'])
async def test_json_in_utf_8_under_any_spelling(client: httpx.AsyncClient, content_type: str) -> None:
    answer = await client.post("/graphql", content=b'{"query": "{ __typename }"}', headers={"content-type": content_type})

    assert answer.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{ __typename }", "extensions": 5}, "MALFORMED_REQUEST"),
        ({"documentId": 5}, "MALFORMED_REQUEST"),
        ({"query": "query A { __typename } query B { __typename }"}, "GRAPHQL_INVALID"),
        ({"query": "query ($n: Int) { countries(first: $n) { totalCount } }", "variables": {"n": "x"}}, "GRAPHQL_INVALID"),
        ({"query": "query ($n: Int) { countries(first: $n) { totalCount } }", "variables": {"n": -1}}, "PAGE_SIZE"),
        ({"query": "{ countries(first: 101) { totalCount } }"}, "PAGE_SIZE"),
        ({"query": "{ countries(first: 1, last: 1) { totalCount } }"}, "CONTRADICTORY_INPUT"),
        ({"query": '{ countries(after: "x") { totalCount } }'}, "BAD_CURSOR"),
        ({"query": "{ countries(nothing: 1) { totalCount } }"}, "GRAPHQL_INVALID"),
    ],
)
async def test_each_mistake_has_a_code_and_a_sentence(client: httpx.AsyncClient, payload: dict[str, Any], code: str) -> None:
    told = refusal(await client.post("/graphql", json=payload))

    assert (told.status, told.code) == (400, code)
    assert told.error["message"].endswith((".", "?", "'"))


async def test_an_answer_tells_its_cost_and_the_version_of_the_graph(client: httpx.AsyncClient, network: Network) -> None:
    from graph.version import graph_version

    answer = await client.post("/graphql", json={"query": "{ countries(first: 3) { nodes { projects(first: 2) { nodes { id } } } } }"})

    assert answer.json()["extensions"] == {
        "cost": {"requested": 3 * (1 + 2), "limit": network.settings.max_cost},
        "version": await graph_version(network.database),
    }


async def test_a_batch_is_answered_only_where_a_setting_takes_it(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    async with visitor(network, monkeypatch) as client:
        off = refusal(await client.post("/graphql", json=[GOOD]))
    async with visitor(network, monkeypatch, max_batch=2) as client:
        two = await client.post("/graphql", json=[GOOD, UNKNOWN_FIELD])
        three = refusal(await client.post("/graphql", json=[GOOD] * 3))
        none = refusal(await client.post("/graphql", json=[]))
        odd = refusal(await client.post("/graphql", json=[GOOD, 5]))

    assert (off.status, off.code) == (400, "MALFORMED_REQUEST")
    assert two.status_code == 200
    assert [set(answer) for answer in two.json()] == [{"data", "extensions"}, {"errors"}]
    assert two.json()[0]["data"] == KENYA
    assert (three.code, three.extensions["details"]) == ("TOO_COMPLEX", {"name": "batch", "found": 3, "limit": 2})
    assert none.code == odd.code == "MALFORMED_REQUEST"


async def test_get_is_answered_with_a_validator_and_304(client: httpx.AsyncClient) -> None:
    first = await client.get("/graphql", params=GOOD)
    again = await client.get("/graphql", params=GOOD, headers={"if-none-match": first.headers["etag"]})
    french = await client.get("/graphql", params=GOOD, headers={"if-none-match": first.headers["etag"], "accept-language": "fr"})
    plain = await client.get("/graphql", params=GOOD, headers={"if-none-match": first.headers["etag"], "accept": JSON})
    other = await client.get(
        "/graphql", params={"query": '{ country(id: "KHM") { name } }'}, headers={"if-none-match": first.headers["etag"]}
    )

    assert first.json()["data"] == KENYA
    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert {name.strip() for name in first.headers["vary"].split(",")} >= {"accept", "accept-language", "authorization"}
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert [answer.status_code for answer in (french, plain, other)] == [200, 200, 200]
    assert len({answer.headers["etag"] for answer in (first, french, plain, other)}) == 4


async def test_a_validator_ends_with_the_version_of_the_graph(client: httpx.AsyncClient, network: Network) -> None:
    from graph.version import revise

    first = await client.get("/graphql", params=GOOD)
    await network.database.write(revise)
    again = await client.get("/graphql", params=GOOD, headers={"if-none-match": first.headers["etag"]})

    assert again.status_code == 200
    assert again.headers["etag"] != first.headers["etag"]
    assert again.json()["extensions"]["version"] != first.json()["extensions"]["version"]


async def test_caches_may_keep_an_answer_as_long_as_the_setting_says(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    async with visitor(network, monkeypatch, cache_seconds=60) as client:
        answer = await client.get("/graphql", params=GOOD)

    assert answer.headers["cache-control"] == "public, max-age=60, must-revalidate"


@pytest.mark.parametrize("query", ["{ health { state } }", "{ countries { nodes { naem } } }", "{ countries(first: -1) { totalCount } }"])
async def test_what_changes_by_itself_and_what_failed_is_kept_nowhere(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get("/graphql", params={"query": query})

    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


@pytest.mark.parametrize(
    ("header", "found"),
    [('W/"a"', True), ('"a"', True), ('"b", W/"a"', True), ("*", False), ('"b"', False), ("", False), ('W/"ab"', False)],
)
def test_a_validator_is_found_among_those_sent(header: str, found: bool) -> None:
    assert has(header, 'W/"a"') is found


async def test_a_change_is_not_sent_with_get(client: httpx.AsyncClient) -> None:
    told = refusal(await client.get("/graphql", params={"query": "mutation { anything { id } }"}))

    assert (told.status, told.code) == (405, "METHOD_NOT_ALLOWED")
    assert "POST" in told.extensions["hint"]


async def test_pages_of_other_origins_ask_only_where_a_setting_names_them(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = {"origin": "https://cio.example.org"}, {"origin": "https://evil.example.org"}
    preflight = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    async with visitor(network, monkeypatch) as client:
        closed = await client.post("/graphql", json=GOOD, headers=ours)
        closed_preflight = await client.options("/graphql", headers=ours | preflight)
    async with visitor(network, monkeypatch, origins="https://cio.example.org, https://other.example.org") as client:
        known = await client.post("/graphql", json=GOOD, headers=ours)
        known_preflight = await client.options("/graphql", headers=ours | preflight)
        failed = await client.post("/graphql", json=UNKNOWN_FIELD, headers=ours)
        foreign = await client.options("/graphql", headers=theirs | preflight)
        elsewhere = await client.get("/healthz", headers=ours)

    allowed = "access-control-allow-origin"
    assert allowed not in closed.headers
    assert closed_preflight.status_code == 405
    assert [known.headers[allowed], known_preflight.headers[allowed], failed.headers[allowed]] == ["https://cio.example.org"] * 3
    assert "origin" in known.headers["vary"].lower()
    assert (foreign.status_code, allowed in foreign.headers) == (400, False)
    assert allowed not in elsewhere.headers


@pytest.mark.parametrize(
    ("changes", "named"), [({}, True), ({"suggestions": False}, False), ({"suggestions": True, "introspection": False}, False)]
)
async def test_near_names_are_told_only_where_they_may(
    network: Network, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], named: bool
) -> None:
    async with visitor(network, monkeypatch, **changes) as client:
        told = refusal(await client.post("/graphql", json=UNKNOWN_FIELD))

    assert "naem" in told.error["message"]
    assert ("Did you mean" in told.error["message"]) is named


async def test_a_large_answer_is_compressed_where_that_is_accepted(client: httpx.AsyncClient) -> None:
    query = {"query": "{ countries(first: 100) { nodes { id name } } }"}

    packed = await client.post("/graphql", json=query, headers={"accept-encoding": "gzip"})
    plain = await client.post("/graphql", json=query, headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in packed.headers["vary"]
    assert "content-encoding" not in plain.headers
    assert packed.json()["data"] == plain.json()["data"]
