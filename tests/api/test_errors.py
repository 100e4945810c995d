"""Failures over HTTP: status and code for programs, a sentence for people, and nothing of the inside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from api.app import create_app
from graph import cursor
from graph.database import Database, Query
from tests.api.asking import SECRETS, ask, refusal, refused

MATCH = "query ($input: MatchInput!) { match(input: $input) { text partners(first: 1) { totalCount } } }"
TEXT = "We want to connect the databases of all ministries so that citizens give their data only once."
COUNTRIES = "query ($first: Int, $after: String, $last: Int, $before: String) { countries(first: $first, after: $after, last: $last, before: $before) { nodes { id } } }"
JSON = {"content-type": "application/json"}


def need(**changes: Any) -> dict[str, Any]:
    return {"input": {"country": "KHM", "text": TEXT} | changes}


@pytest.mark.parametrize(
    ("country", "nearest"),
    [
        ("Cambodge", "Cambodia (KHM)"),
        ("cambodia", "Cambodia (KHM)"),
        ("KEM", "Yemen (YEM)"),
        ("Kenia", "Kenya (KEN)"),
        ("Viet Nam", "Viet Nam (VNM)"),
    ],
)
async def test_an_unknown_country_is_told_with_the_nearest(client: httpx.AsyncClient, country: str, nearest: str) -> None:
    told = await refused(client, MATCH, need(country=country))

    assert (told.status, told.code) == (400, "UNKNOWN_COUNTRY")
    assert country in told.error["message"]
    assert nearest in told.extensions["allowed"]
    assert len(told.extensions["allowed"]) == 3
    assert told.error["path"] == ["match"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"country": ""}, "UNKNOWN_COUNTRY", id="no country"),
        pytest.param({"country": "K" * 100_000}, "UNKNOWN_COUNTRY", id="endless country"),
        pytest.param({"text": ""}, "TEXT_EMPTY", id="no text"),
        pytest.param({"text": " \t\n  "}, "TEXT_EMPTY", id="blank text"),
        pytest.param({"text": None}, "TEXT_EMPTY", id="null text"),
        pytest.param({"text": "\u0000\u0001\u200b\u202e\u0007"}, "TEXT_EMPTY", id="control characters alone"),
        pytest.param({"text": "a need " * 2858}, "TEXT_TOO_LONG", id="20,000 characters"),
        pytest.param({"text": "12345 67890 !!! ??? ---"}, "TEXT_NOT_UNDERSTOOD", id="no letters"),
        pytest.param({"text": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, "TEXT_NOT_UNDERSTOOD", id="one letter"),
        pytest.param({"asOf": (date.today() + timedelta(days=2)).isoformat()}, "DATE_IN_FUTURE", id="as of the future"),
        pytest.param({"amountUsd": -5}, "BAD_INPUT", id="negative amount"),
        pytest.param({"amountUsd": 0}, "BAD_INPUT", id="no amount"),
        pytest.param({"amountUsd": 1e15}, "BAD_INPUT", id="all the money there is"),
        pytest.param({"language": "klingonisch"}, "BAD_INPUT", id="no language tag"),
        pytest.param({"topics": ["topic:nothing"]}, "UNKNOWN_TOPIC", id="unknown topic"),
    ],
)
async def test_input_that_cannot_be_matched(client: httpx.AsyncClient, change: dict[str, Any], code: str) -> None:
    told = await refused(client, MATCH, need(**change))

    assert (told.status, told.code) == (400, code)
    assert told.extensions["hint"]
    assert len(str(told.error)) < 1000


async def test_a_text_that_is_too_long_is_told_with_its_length(client: httpx.AsyncClient) -> None:
    told = await refused(client, MATCH, need(text="a need " * 2858))

    assert told.extensions["details"] == {"length": 20_005, "largest": 10_000}


async def test_control_characters_in_a_text_are_taken_for_spaces(client: httpx.AsyncClient) -> None:
    found = await ask(client, MATCH, need(text="We want\u0000 to connect\u0007 the\u202e databases\u200b of all ministries."))

    assert found["match"]["text"] == "We want to connect the databases of all ministries."


@pytest.mark.parametrize(
    ("window", "code"),
    [
        ({"first": 5, "last": 5}, "CONTRADICTORY_INPUT"),
        ({"first": 5, "before": cursor.encode("name ASC", ["Chad"], "country:TCD")}, "CONTRADICTORY_INPUT"),
        ({"last": 5, "after": cursor.encode("name ASC", ["Chad"], "country:TCD")}, "CONTRADICTORY_INPUT"),
        ({"before": cursor.encode("name ASC", ["Chad"], "country:TCD")}, "CONTRADICTORY_INPUT"),
        ({"first": 101}, "PAGE_SIZE"),
        ({"last": 101}, "PAGE_SIZE"),
        ({"first": -1}, "PAGE_SIZE"),
        ({"last": -1}, "PAGE_SIZE"),
        ({"after": "not a cursor"}, "BAD_CURSOR"),
        ({"after": ""}, "BAD_CURSOR"),
        ({"after": "é"}, "BAD_CURSOR"),
        ({"after": "W10"}, "BAD_CURSOR"),
        ({"after": cursor.encode("name ASC", ["Chad"], "country:TCD")[:-3]}, "BAD_CURSOR"),
        ({"after": cursor.encode("startDate DESC", [date(2020, 1, 1)], "project:x")}, "BAD_CURSOR"),
        ({"after": cursor.encode("match", [3], "country:TCD")}, "BAD_CURSOR"),
        ({"last": 5, "before": cursor.encode("title ASC", ["Chad"], "country:TCD")}, "BAD_CURSOR"),
    ],
)
async def test_paging_that_cannot_be(client: httpx.AsyncClient, window: dict[str, Any], code: str) -> None:
    told = await refused(client, COUNTRIES, window)

    assert (told.status, told.code) == (400, code)


@pytest.mark.parametrize("value", [{"a": 1}, [1], True, 12.5, "\ud7ff", "x" * 10_000, 10**30])
async def test_a_forged_cursor_never_reaches_the_database_as_more_than_a_value(client: httpx.AsyncClient, value: Any) -> None:
    import base64

    import orjson

    forged = base64.urlsafe_b64encode(orjson.dumps([1, "name ASC", value if value != 10**30 else 1e300, "country:TCD"])).decode()
    answer = await client.post("/graphql", json={"query": COUNTRIES, "variables": {"after": forged}})

    assert [word for word in SECRETS if word in answer.text] == []
    assert answer.status_code in {200, 400}
    if answer.status_code == 400:
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_CURSOR"


async def test_a_list_of_ids_has_a_bound(client: httpx.AsyncClient) -> None:
    told = await refused(client, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["country:KHM"] * 101})

    assert (told.status, told.code) == (400, "TOO_COMPLEX")
    assert told.extensions["details"] == {"name": "list", "found": 101, "limit": 100}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_SYNTAX"),
        ('{ country(id: "KHM" { id } }', "GRAPHQL_SYNTAX"),
        ("hello", "GRAPHQL_SYNTAX"),
        ("{ countries { nodes { nothing } } }", "GRAPHQL_INVALID"),
        ("{ nothing }", "GRAPHQL_INVALID"),
        ("mutation { delete }", "GRAPHQL_INVALID"),
        ('{ countries(first: "five") { nodes { id } } }', "GRAPHQL_INVALID"),
        ("{ countries(frist: 5) { nodes { id } } }", "GRAPHQL_INVALID"),
        ("{ country { id } }", "GRAPHQL_INVALID"),
        ("{ countries }", "GRAPHQL_INVALID"),
        ("query A { health { state } } query B { health { state } }", "GRAPHQL_INVALID"),
        ("fragment A on Query { health { state } }", "GRAPHQL_INVALID"),
        ("{ countries { nodes { ...F } } } fragment F on Country { groups { nodes { members { nodes { ...F } } } } }", "GRAPHQL_INVALID"),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "GRAPHQL_INVALID"),
        ("{ ...Nothing }", "GRAPHQL_INVALID"),
    ],
    ids=lambda value: value[:40],
)
async def test_documents_that_do_not_fit(client: httpx.AsyncClient, query: str, code: str) -> None:
    told = await refused(client, query)

    assert (told.status, told.code) == (400, code)
    assert told.extensions["hint"]


async def test_the_operation_that_is_named_runs(client: httpx.AsyncClient) -> None:
    document = 'query A { health { state } } query B { topic(id: "digital-identity") { id } }'

    chosen = await client.post("/graphql", json={"query": document, "operationName": "B"})
    unknown = refusal(await client.post("/graphql", json={"query": document, "operationName": "C"}))

    assert chosen.json()["data"] == {"topic": {"id": "topic:digital-identity"}}
    assert (unknown.status, unknown.code) == (400, "GRAPHQL_INVALID")
    assert unknown.extensions["allowed"] == ["A", "B"]


async def test_the_place_of_a_mistake_is_told(client: httpx.AsyncClient) -> None:
    told = await refused(client, "{\n  countries {\n    nodes { naem }\n  }\n}")

    assert told.error["locations"] == [{"line": 3, "column": 13}]
    assert "naem" in told.error["message"]
    assert "name" in told.error["message"]


@pytest.mark.parametrize(
    "variables",
    [
        {"first": "five"},
        {"first": 1.5},
        {"first": [1]},
        {"first": {"a": 1}},
        {"first": 2**40},
        {"after": 5},
        {"after": ["x"]},
    ],
    ids=str,
)
async def test_variables_of_the_wrong_type(client: httpx.AsyncClient, variables: dict[str, Any]) -> None:
    told = await refused(client, COUNTRIES, variables)

    assert told.status == 400
    assert told.code in {"GRAPHQL_INVALID", "TOO_COMPLEX"}


@pytest.mark.parametrize(
    "input_",
    [
        None,
        "KHM",
        {},
        {"country": "KHM", "text": TEXT, "nothing": 1},
        {"country": 5, "text": TEXT},
        {"country": "KHM", "asOf": "2026-13-40"},
    ],
    ids=str,
)
async def test_an_input_of_the_wrong_shape(client: httpx.AsyncClient, input_: Any) -> None:
    told = await refused(client, MATCH, {"input": input_})

    assert (told.status, told.code) == (400, "GRAPHQL_INVALID")


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("{ countries { nodes " + "{ groups { nodes { members { nodes " * 4 + "{ id }" + "} } } }" * 4 + " } }", id="too deep"),
        pytest.param("{" + " ".join(f'c{i}: country(id: "KHM") {{ id }}' for i in range(31)) + "}", id="too many aliases"),
        pytest.param("{ " + "health { state } " * 1400 + "}", id="too many tokens"),
        pytest.param("{ a" + "{a" * 1500 + "}" * 1500 + "}", id="too many brackets within each other"),
        pytest.param(
            "{ countries(first: 100) { nodes { projects(first: 100) { nodes { topics(first: 100) { nodes { id } } } } } } }",
            id="too costly",
        ),
        pytest.param(
            "{ countries { nodes { projects { nodes { topics { nodes { projects { nodes { id } } } } } } } } }", id="too costly by default"
        ),
        pytest.param(
            "{ countries { a: nodes { projects { b: nodes { topics { c: edges { node { projects { nodes { id } } } } } } } } } }",
            id="too costly under other names",
        ),
        pytest.param(
            "query ($n: Int = 100) { countries(first: $n) { nodes { projects(first: $n) { nodes { topics(first: $n) { nodes { id } } } } } } }",
            id="too costly by the default of a variable",
        ),
        pytest.param(
            "{ countries(first: 100) { ...C } } fragment C on CountryConnection { nodes { projects(first: 100) { nodes { topics(first: 100) { ...T } } } } } "
            "fragment T on TopicConnection { nodes { id } }",
            id="too costly by fragments",
        ),
        pytest.param(
            "{ nodes(ids: ["
            + '"country:KHM" ' * 100
            + "]) { ... on Country { projects(first: 100) { nodes { topics { nodes { id } } } } } } }",
            id="too costly by ids",
        ),
        pytest.param("{ countries(first: " + "9" * 5000 + ") { nodes { id } } }", id="a number without end"),
        pytest.param("{ health { state } } #" + "x" * 100_001, id="too many characters"),
        pytest.param("{ " + 'country(id: "KHM") { name } ' * 350 + "}", id="one field many times"),
        pytest.param("{ " + '... on Query { country(id: "KHM") { name } } ' * 220 + "}", id="one field in many places"),
        pytest.param(
            "{ health { state } } fragment Unused on Query { " + 'country(id: "KHM") { name } ' * 350 + "}",
            id="a fragment that is not used",
        ),
        pytest.param(
            "{ "
            + " ".join(f"...F{i}" for i in range(101))
            + " } "
            + " ".join(f"fragment F{i} on Query {{ health {{ state }} }}" for i in range(101)),
            id="too many fragments",
        ),
        pytest.param("{ " + "... on Query { " * 100 + "health { state }" + " }" * 100 + " }", id="type conditions within each other"),
    ],
)
async def test_operations_that_ask_for_too_much(
    client: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    reads: list[str] = []
    real = database.read

    async def counted(asked: Query, **more: Any) -> list[tuple[Any, ...]]:
        reads.append(asked.text)
        return await real(asked, **more)

    monkeypatch.setattr(database, "read", counted)
    told = await refused(client, query)

    assert (told.status, told.code) == (400, "TOO_COMPLEX")
    assert told.extensions["hint"]
    assert reads == []


async def test_what_is_allowed_and_what_was_asked_are_told(client: httpx.AsyncClient) -> None:
    told = await refused(
        client, "{ countries(first: 100) { nodes { projects(first: 100) { nodes { topics(first: 9) { nodes { id } } } } } } }"
    )

    assert told.extensions["details"] == {"name": "cost", "found": 100 * (1 + 100 * (1 + 9)), "limit": 30_000}
    assert "100100" in told.error["message"]


async def test_the_usual_question_about_the_schema_is_allowed(client: httpx.AsyncClient) -> None:
    from graphql import get_introspection_query

    found = await ask(client, get_introspection_query())

    assert found["__schema"]["queryType"] == {"name": "Query", "kind": "OBJECT"}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(b"hello", JSON, id="not JSON"),
        pytest.param(b"", JSON, id="nothing"),
        pytest.param(b"[1, 2]", JSON, id="a list"),
        pytest.param(b'[{"query": "{ health { state } }"}]', JSON, id="a batch"),
        pytest.param(b"null", JSON, id="null"),
        pytest.param(b'"{ health { state } }"', JSON, id="a string"),
        pytest.param(b'{"query": "{ health { st', JSON, id="half"),
        pytest.param(b'{"query": "\xff\xfe"}', JSON, id="not UTF-8"),
        pytest.param('{"query": "{ health { state } }"}'.encode("utf-16"), JSON, id="UTF-16"),
        pytest.param(b'{"query": "\\ud800"}', JSON, id="half a surrogate pair"),
        pytest.param(b"[" * 100_000, JSON, id="nested without end"),
        pytest.param(b"{}", JSON, id="no query"),
        pytest.param(b'{"query": null}', JSON, id="null query"),
        pytest.param(b'{"query": 5}', JSON, id="a number for a query"),
        pytest.param(b'{"query": ""}', JSON, id="an empty query"),
        pytest.param(b'{"query": " \\n "}', JSON, id="a blank query"),
        pytest.param(b'{"query": "{ health { state } }", "variables": [1]}', JSON, id="a list of variables"),
        pytest.param(b'{"query": "{ health { state } }", "variables": "x"}', JSON, id="a string of variables"),
        pytest.param(b'{"query": "{ health { state } }", "operationName": 5}', JSON, id="a number for a name"),
    ],
)
async def test_requests_that_are_not_graphql_over_http(client: httpx.AsyncClient, body: bytes, headers: dict[str, str]) -> None:
    told = refusal(await client.post("/graphql", content=body, headers=headers))

    assert (told.status, told.code) == (400, "MALFORMED_REQUEST")
    assert told.extensions["hint"]


@pytest.mark.parametrize("variables", ["{", "x", "[1]", '"x"'])
async def test_get_with_variables_that_are_no_object(client: httpx.AsyncClient, variables: str) -> None:
    told = refusal(await client.get("/graphql", params={"query": "{ health { state } }", "variables": variables}))

    assert (told.status, told.code) == (400, "MALFORMED_REQUEST")


async def test_get_answers_like_post(client: httpx.AsyncClient) -> None:
    query = "query ($id: ID!) { country(id: $id) { name } }"

    answer = await client.get("/graphql", params={"query": query, "variables": '{"id": "KHM"}'})

    assert answer.json()["data"] == await ask(client, query, {"id": "KHM"})


async def test_get_without_a_query_is_refused_and_a_browser_is_led_to_the_editor(client: httpx.AsyncClient) -> None:
    told = refusal(await client.get("/graphql"))
    browser = await client.get("/graphql", params={"query": "{ health { state } }"}, headers={"accept": "text/html,*/*"})

    assert (told.status, told.code) == (400, "MALFORMED_REQUEST")
    assert browser.status_code == 303
    assert browser.headers["location"].startswith("/graphiql?query=")


def oversized() -> bytes:
    return b'{"query": "{ health { state } }", "variables": {"x": "' + b"x" * 1024 * 1024 + b'"}}'


async def chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


@pytest.mark.parametrize("path", ["/graphql", "/match"])
async def test_a_body_over_the_limit_is_refused_by_its_stated_length(base_url: str, path: str) -> None:
    async with httpx.AsyncClient(base_url=base_url, timeout=30) as client:
        told = refusal(await client.post(path, content=oversized(), headers=JSON))

    assert (told.status, told.code) == (413, "BODY_TOO_LARGE")
    assert told.extensions["details"] == {"largest": 1024 * 1024}


async def test_a_body_over_the_limit_is_refused_as_it_streams(base_url: str) -> None:
    async with httpx.AsyncClient(base_url=base_url, timeout=30) as client:
        answer = await client.post("/graphql", content=chunks(oversized()), headers=JSON)

    told = refusal(answer)
    assert "content-length" not in answer.request.headers
    assert (told.status, told.code) == (413, "BODY_TOO_LARGE")


async def test_a_body_just_under_the_limit_is_read(client: httpx.AsyncClient) -> None:
    body = oversized()[: 1024 * 1024 - 3] + b'"}}'
    assert len(body) == 1024 * 1024

    told = refusal(await client.post("/graphql", content=body, headers=JSON))

    assert (told.status, told.code) == (400, "TOO_COMPLEX")
    assert told.extensions["details"]["name"] == "variables"


async def test_an_address_that_leads_nowhere(client: httpx.AsyncClient) -> None:
    page = await client.get("/nowhere", headers={"accept": "text/html"})
    told = refusal(await client.get("/nowhere.json"))
    record = await client.get("/countries/XXX")

    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "This address led nowhere" in page.text
    assert (told.status, told.code) == (404, "NOT_FOUND")
    assert record.status_code == 404
    assert [word for word in SECRETS if word in page.text + record.text] == []


@pytest.mark.parametrize(
    ("method", "path", "allowed"), [("PUT", "/graphql", {"GET", "HEAD", "POST"}), ("DELETE", "/readyz", {"GET", "HEAD"})]
)
async def test_a_method_that_is_not_taken(client: httpx.AsyncClient, method: str, path: str, allowed: set[str]) -> None:
    told = refusal(await client.request(method, path))

    assert (told.status, told.code) == (405, "METHOD_NOT_ALLOWED")
    assert set(told.headers["allow"].split(", ")) == allowed


async def test_a_page_does_not_take_what_it_is_not_sent(client: httpx.AsyncClient) -> None:
    answer = await client.post("/countries", headers={"accept": "text/html"})

    assert answer.status_code == 405
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_an_unforeseen_failure_tells_nothing_of_the_inside(
    app: Starlette, database: Database, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_query: Query, **_more: Any) -> list[tuple[Any, ...]]:
        raise ZeroDivisionError("MATCH (n) RETURN n at bolt://127.0.0.1")

    monkeypatch.setattr(database, "read", broken)
    told = await refused(client, "{ countries { nodes { id } } }")
    page = await client.get("/countries")

    assert (told.status, told.code) == (500, "INTERNAL")
    assert page.status_code == 500
    assert [word for word in SECRETS if word in page.text] == []
    assert "ZeroDivisionError" in caplog.text


async def test_a_query_that_takes_too_long_is_ended(app: Starlette, database: Database) -> None:
    slow = Query("UNWIND range(1, 100000) AS x\nUNWIND range(1, 100000) AS y\nRETURN count(x * y)")

    from graph.errors import NetworkError

    with pytest.raises(NetworkError) as caught:
        await database.read(slow, timeout=0.2)

    assert caught.value.code.value == "DATABASE_TIMEOUT"
    assert caught.value.status == 503
    assert [word for word in SECRETS if word in caught.value.message] == []


async def test_the_editor_can_be_turned_off(network: Any, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "settings", network.settings.model_copy(update={"graphiql": False}))
    app = create_app(network)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://gcio.test") as own:
        told = refusal(await own.get("/graphql", headers={"accept": "text/html,*/*"}))

    assert (told.status, told.code) == (400, "MALFORMED_REQUEST")
