"""Kept matches over GraphQL: what is saved is read back, followed and compared; nobody else sees it, and nothing is written twice."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pytest

from graph.catalogue import data_version
from graph.database import Database, Query
from graph.matching.keeping import FOLLOWS
from tests.api.asking import ask, refused
from tests.api.conftest import Member, NewMember
from tests.api.test_docs_streams import DOCS, snippets
from tests.api.test_mutations import ERRORS, create

pytestmark = pytest.mark.live
KEPT = "id version state declineReason rank score need { id } partner { ... on Node { id } }"
SAVE = f"mutation ($input: SaveMatchInput!) {{ saveMatch(input: $input) {{ matches {{ {KEPT} }} {ERRORS} }} }}"
UPDATE = (
    "mutation ($input: UpdateMatchStateInput!) { updateMatchState(input: $input) { "
    f"match {{ {KEPT} }} partnership {{ id state withdrawn visibility }} {ERRORS} }} }}"
)
LIST = f"query ($need: ID!) {{ savedMatches(need: $need, first: 100) {{ totalCount nodes {{ {KEPT} }} }} }}"
CHANGES = (
    "query ($need: ID!) { matchChanges(need: $need) { dataVersionThen dataVersionNow modelThen modelNow parameters { name then now } "
    "changes { match { id rank } rankThen rankNow scoreThen scoreNow parts { name then now } newEvidence { id } goneEvidence { id } } "
    "newPartners { ... on Node { id } } } }"
)
MATCH = (
    'query ($need: ID!) { match(input: {country: "KHM", need: $need}) { dataVersion model partners(first: 5) { nodes { '
    "partner { ... on Node { id } } rank score parts { name value weight } evidence(first: 3) { value node { id } } "
    "cases(first: 1) { nodes { id } } offers(first: 1) { nodes { id } } fundingCalls(first: 1) { nodes { id } } "
    "solutions(first: 1) { nodes { id } } posts(first: 1) { nodes { id } } } } } }"
)


async def matched(member: Member, need: str) -> dict[str, Any]:
    found: dict[str, Any] = (await ask(member.client, MATCH, {"need": need}))["match"]
    return found


async def partners_of(member: Member, need: str, how_many: int = 1) -> list[str]:
    found = await matched(member, need)
    return [node["partner"]["id"] for node in found["partners"]["nodes"]][:how_many]


async def save(member: Member, need: str, partners: list[str], **more: Any) -> dict[str, Any]:
    """The payload of `saveMatch`."""
    given = {"match": {"country": "KHM", "need": need}, "partners": partners} | more
    payload: dict[str, Any] = (await ask(member.client, SAVE, {"input": given}))["saveMatch"]
    return payload


async def kept(member: Member, need: str, partners: list[str], **more: Any) -> list[dict[str, Any]]:
    """Matches that were saved."""
    payload = await save(member, need, partners, **more)
    assert payload["errors"] == []
    found: list[dict[str, Any]] = payload["matches"]
    return found


async def update(member: Member, match: str, version: int, state: str, **more: Any) -> dict[str, Any]:
    """The payload of `updateMatchState`."""
    given = {"id": match, "expectedVersion": version, "state": state} | more
    payload: dict[str, Any] = (await ask(member.client, UPDATE, {"input": given}))["updateMatchState"]
    return payload


async def listed(member: Member, need: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await ask(member.client, LIST, {"need": need}))["savedMatches"]["nodes"]
    return found


def told(payload: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """(code, field) of each error of a payload that has nothing else."""
    assert [value for key, value in payload.items() if key != "errors" and value] == []
    for error in payload["errors"]:
        assert error["message"].endswith(".")
        assert error["hint"].endswith((".", "`"))
    return [(error["code"], error["field"]) for error in payload["errors"]]


async def test_what_the_match_said_is_kept_and_read_back(member: Member, database: Database) -> None:
    need = (await create(member))["id"]
    found = await matched(member, need)
    first, second = found["partners"]["nodes"][:2]

    made = await kept(member, need, [second["partner"]["id"], first["partner"]["id"], second["partner"]["id"]])

    whole = (
        "query ($need: ID!) { savedMatches(need: $need) { totalCount nodes { id version state declineReason rank score dataVersion model "
        "need { id } partner { ... on Node { id } } parts { name value } evidence(first: 3) { value node { id } } package { id } } } }"
    )
    read = (await ask(member.client, whole, {"need": need}))["savedMatches"]
    assert read["totalCount"] == 2
    for one, shown in zip(read["nodes"], (first, second), strict=True):
        assert re.fullmatch("match:[0-9a-f]{24}", one["id"])
        assert (one["version"], one["state"], one["declineReason"], one["need"]) == (1, "PROPOSED", None, {"id": need})
        assert {k: one[k] for k in ("partner", "rank", "score", "evidence")} == {
            k: shown[k] for k in ("partner", "rank", "score", "evidence")
        }
        assert one["parts"] == [{"name": p["name"], "value": p["value"] * p["weight"]} for p in shown["parts"]]
        parts = ("cases", "offers", "fundingCalls", "solutions", "posts")
        assert {r["id"] for r in one["package"]} == {node["id"] for part in parts for node in shown[part]["nodes"]}
        assert (one["dataVersion"], one["model"]) == (found["dataVersion"], found["model"])
    assert [one["id"] for one in made] == [one["id"] for one in read["nodes"]]
    log = Query("MATCH (c:Change {record: $id})\nRETURN c.action, c.actor", {"id": made[0]["id"]})
    assert await database.read(log) == [("CREATE", member.token.id)]


async def test_kept_matches_come_in_pages(member: Member) -> None:
    need = (await create(member))["id"]
    await kept(member, need, await partners_of(member, need, 3))
    query = (
        "query ($need: ID!, $after: String) { savedMatches(need: $need, first: 2, after: $after) "
        "{ totalCount pageInfo { hasNextPage endCursor } nodes { rank } } }"
    )

    one = (await ask(member.client, query, {"need": need}))["savedMatches"]
    two = (await ask(member.client, query, {"need": need, "after": one["pageInfo"]["endCursor"]}))["savedMatches"]

    assert [node["rank"] for node in one["nodes"] + two["nodes"]] == [1, 2, 3]
    assert [page["pageInfo"]["hasNextPage"] for page in (one, two)] == [True, False]
    assert one["totalCount"] == 3


async def test_same_key_and_input_twice_keeps_once(member: Member, database: Database) -> None:
    need = (await create(member))["id"]
    partners = await partners_of(member, need)
    first = await kept(member, need, partners, idempotencyKey="keep-1")
    since = await data_version(database)

    assert await kept(member, need, partners, idempotencyKey="keep-1") == first
    agreed = await update(member, first[0]["id"], 1, "AGREED", idempotencyKey="keep-2")
    assert await update(member, first[0]["id"], 1, "AGREED", idempotencyKey="keep-2") == agreed

    assert await data_version(database) == since + 2  # the match and its partnership
    reused = [("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])]
    assert told(await save(member, need, ["country:EST"], idempotencyKey="keep-1")) == reused
    assert told(await update(member, first[0]["id"], 2, "DONE", idempotencyKey="keep-1")) == reused
    assert told(await save(member, need, partners, idempotencyKey="")) == [("VALUE_MALFORMED", ["input", "idempotencyKey"])]
    assert await data_version(database) == since + 2


async def test_same_key_at_once_keeps_once(member: Member, database: Database) -> None:
    need = (await create(member))["id"]
    partners = await partners_of(member, need)
    since = await data_version(database)

    made = await asyncio.gather(*(kept(member, need, partners, idempotencyKey="keep-3") for _ in range(6)))

    assert [one["version"] for [one] in made] == [1] * 6
    assert await data_version(database) == since + 1


async def test_dry_run_checks_and_writes_nothing(member: Member, database: Database) -> None:
    need = (await create(member))["id"]
    partners = await partners_of(member, need)
    [one] = await kept(member, need, partners)
    since = await data_version(database)

    assert told(await save(member, need, partners, dryRun=True)) == []
    assert told(await save(member, need, ["country:KHM"], dryRun=True)) == [("NOT_FOUND", ["input", "partners", "0"])]
    assert told(await update(member, one["id"], 1, "AGREED", dryRun=True)) == []
    assert told(await update(member, one["id"], 1, "DONE", dryRun=True)) == [("CONTRADICTORY_INPUT", ["input", "state"])]

    assert await data_version(database) == since
    assert await listed(member, need) == [one]


WRONG: list[tuple[dict[str, Any], list[str] | None, list[tuple[str, list[str]]]]] = [
    ({"need": None, "text": "We want registers that talk to each other."}, None, [("FIELD_REQUIRED", ["match", "need"])]),
    ({"need": ""}, [], [("FIELD_REQUIRED", ["match", "need"]), ("FIELD_REQUIRED", ["partners"])]),
    ({"need": "need:none"}, None, [("UNKNOWN_NEED", ["match"])]),
    ({"country": "LAO"}, None, [("CONTRADICTORY_INPUT", ["match"])]),
    ({"topics": ["topic:none"]}, None, [("UNKNOWN_TOPIC", ["match"])]),
    ({"places": 0}, None, [("BAD_INPUT", ["match"])]),
    ({}, [], [("FIELD_REQUIRED", ["partners"])]),
    ({}, ["country:KHM", "nonsense"], [("NOT_FOUND", ["partners", "0"]), ("NOT_FOUND", ["partners", "1"])]),
]


@pytest.mark.parametrize(("changes", "partners", "expected"), WRONG)
async def test_wrong_input_is_told_and_keeps_nothing(
    member: Member, database: Database, changes: dict[str, Any], partners: list[str] | None, expected: list[tuple[str, list[str]]]
) -> None:
    need = (await create(member))["id"]
    chosen = await partners_of(member, need) if partners is None else partners
    since = await data_version(database)

    payload = await save(member, need, chosen, match={"country": "KHM", "need": need} | changes)

    assert told(payload) == [(code, ["input", *field]) for code, field in expected]
    assert await data_version(database) == since
    assert await listed(member, need) == []


async def test_state_is_followed_and_the_agreed_match_is_a_partnership(member: Member, client: httpx.AsyncClient) -> None:
    need = (await create(member))["id"]
    [one] = await kept(member, need, await partners_of(member, need))

    introduced = await update(member, one["id"], 1, "INTRODUCED")
    agreed = await update(member, one["id"], 2, "AGREED")

    assert introduced == {"match": one | {"version": 2, "state": "INTRODUCED"}, "partnership": None, "errors": []}
    partnership = f"partnership:{one['id'].partition(':')[2]}"
    assert agreed == {
        "match": one | {"version": 3, "state": "AGREED"},
        "partnership": {"id": partnership, "state": "AGREED", "withdrawn": False, "visibility": "MEMBERS"},
        "errors": [],
    }
    query = "query ($id: ID!) { partnership(id: $id) { needs { nodes { id } } parties { edges { role node { ... on Node { id } } } } } }"
    found = (await ask(member.client, query, {"id": partnership}))["partnership"]
    assert found["needs"]["nodes"] == [{"id": need}]
    assert {(edge["role"], edge["node"]["id"]) for edge in found["parties"]["edges"]} == {
        ("RECIPIENT", "country:KHM"),
        ("PROVIDER", one["partner"]["id"]),
    }
    assert await ask(client, query, {"id": partnership}) == {"partnership": None}
    declined = await update(member, one["id"], 3, "DECLINED", reason="  The programme\r\nended. ")
    assert declined["partnership"] == {"id": partnership, "state": "AGREED", "withdrawn": True, "visibility": "MEMBERS"}
    assert declined["match"] == one | {"version": 4, "state": "DECLINED", "declineReason": "The programme\nended."}


@pytest.mark.parametrize(
    ("version", "state", "reason", "expected"),
    [
        (1, "DONE", None, [("CONTRADICTORY_INPUT", ["state"])]),
        (1, "DECLINED", " ", [("FIELD_REQUIRED", ["reason"])]),
        (1, "DECLINED", "x" * 20_001, [("TEXT_TOO_LONG", ["reason"])]),
        (1, "AGREED", "Why not?", [("CONTRADICTORY_INPUT", ["reason"])]),
        (1, "DONE", "Why not?", [("CONTRADICTORY_INPUT", ["state"]), ("CONTRADICTORY_INPUT", ["reason"])]),
        (2, "AGREED", None, [("VERSION_CONFLICT", ["expectedVersion"])]),
    ],
)
async def test_state_that_is_refused_changes_nothing(
    member: Member, database: Database, version: int, state: str, reason: str | None, expected: list[tuple[str, list[str]]]
) -> None:
    need = (await create(member))["id"]
    [one] = await kept(member, need, await partners_of(member, need))
    since = await data_version(database)

    payload = await update(member, one["id"], version, state, reason=reason)

    assert told(payload) == [(code, ["input", *field]) for code, field in expected]
    assert await data_version(database) == since
    assert await listed(member, need) == [one]


async def test_state_error_names_what_may_follow(member: Member) -> None:
    need = (await create(member))["id"]
    [one] = await kept(member, need, await partners_of(member, need))

    assert await update(member, one["id"], 1, "DELIVERING") == {
        "match": None,
        "partnership": None,
        "errors": [
            {
                "code": "CONTRADICTORY_INPUT",
                "message": "`state` “DELIVERING” does not follow on PROPOSED.",
                "field": ["input", "state"],
                "allowed": ["INTRODUCED", "AGREED", "DECLINED"],
                "hint": "Take a state that follows.",
            }
        ],
    }


async def test_of_ten_states_of_one_version_at_once_one_goes_in(member: Member) -> None:
    need = (await create(member))["id"]
    [one] = await kept(member, need, await partners_of(member, need))

    payloads = await asyncio.gather(*(update(member, one["id"], 1, "INTRODUCED" if n % 2 else "AGREED") for n in range(10)))

    went_in = [payload["match"] for payload in payloads if not payload["errors"]]
    assert len(went_in) == 1
    assert [told(payload) for payload in payloads if payload["errors"]] == [[("VERSION_CONFLICT", ["input", "expectedVersion"])]] * 9
    assert await listed(member, need) == went_in


async def test_declined_partner_is_not_found_again_for_this_need(member: Member) -> None:
    need = (await create(member))["id"]
    [partner] = await partners_of(member, need)
    [one] = await kept(member, need, [partner])

    await update(member, one["id"], 1, "DECLINED", reason="No staff this year.")

    assert partner not in await partners_of(member, need, 5)
    assert told(await save(member, need, [partner])) == [("NOT_FOUND", ["input", "partners", "0"])]
    changes = (await ask(member.client, CHANGES, {"need": need}))["matchChanges"]
    assert [(c["rankThen"], c["rankNow"], c["scoreNow"]) for c in changes["changes"]] == [(1, None, None)]


async def test_changes_tell_then_and_now(member: Member, database: Database) -> None:
    need = (await create(member))["id"]
    found = await matched(member, need)
    first, second, third = found["partners"]["nodes"][:3]
    [one] = await kept(member, need, [third["partner"]["id"]])

    changes = (await ask(member.client, CHANGES, {"need": need}))["matchChanges"]

    assert changes == {
        "dataVersionThen": found["dataVersion"],
        "dataVersionNow": await data_version(database),
        "modelThen": found["model"],
        "modelNow": found["model"],
        "parameters": [],
        "changes": [
            {
                "match": {"id": one["id"], "rank": 3},
                "rankThen": 3,
                "rankNow": 3,
                "scoreThen": third["score"],
                "scoreNow": third["score"],
                "parts": [],
                "newEvidence": [],
                "goneEvidence": [],
            }
        ],
        "newPartners": [first["partner"], second["partner"]],
    }


async def test_changes_name_evidence_that_went_and_hide_what_may_not_be_seen(member: Member, database: Database) -> None:
    need = (await create(member))["id"]
    found = await matched(member, need)
    best = found["partners"]["nodes"][0]
    await kept(member, need, [best["partner"]["id"]])
    document = best["evidence"][0]["node"]["id"]
    seen = Query("MATCH (d:Document {id: $id})\nRETURN d.visibility", {"id": document})
    [(visibility,)] = await database.read(seen)

    async def changed(name: str, value: object) -> list[dict[str, str]]:
        text = f"MATCH (d:Document {{id: $id}})\nSET d.{name} = $value"
        await database.write(lambda transaction: transaction.run(Query(text, {"id": document, "value": value})))
        gone: list[dict[str, str]] = (await ask(member.client, CHANGES, {"need": need}))["matchChanges"]["changes"][0]["goneEvidence"]
        return gone

    try:
        assert {"id": document} in await changed("withdrawn", True)
        assert {"id": document} not in await changed("visibility", "MASKED")
        shown = await ask(
            member.client,
            "query ($need: ID!) { savedMatches(need: $need) { nodes { evidence { node { id } } } } }",
            {"need": need},
        )
        assert {"node": {"id": document}} not in shown["savedMatches"]["nodes"][0]["evidence"]
    finally:
        await changed("withdrawn", None)
        await changed("visibility", visibility)


async def test_what_is_kept_is_for_the_country_whose_need_it_is(new_member: NewMember, database: Database) -> None:
    cambodia, laos, everybody = await new_member("country:KHM"), await new_member("country:LAO"), await new_member()
    need = (await create(cambodia))["id"]
    partners = await partners_of(cambodia, need)
    [one] = await kept(cambodia, need, partners)
    since = await data_version(database)

    assert await listed(cambodia, need) == await listed(everybody, need) == [one]
    for query in (LIST, CHANGES):
        refusal = await refused(laos.client, query, {"need": need})
        assert (refusal.status, refusal.code) == (403, "FORBIDDEN")
    assert told(await save(laos, need, partners)) == [("FORBIDDEN", ["input", "match", "need"])]
    # Whether anything is kept is not told either.
    assert told(await update(laos, one["id"], 1, "AGREED")) == [("NOT_FOUND", ["input", "id"])]
    assert told(await update(laos, "match:none", 1, "AGREED")) == [("NOT_FOUND", ["input", "id"])]
    assert await data_version(database) == since


async def test_partner_may_move_its_state_and_nothing_else(new_member: NewMember) -> None:
    cambodia = await new_member("country:KHM")
    need = (await create(cambodia))["id"]
    first, second = await kept(cambodia, need, await partners_of(cambodia, need, 2))
    partner = await new_member(first["partner"]["id"])

    moved = await update(partner, first["id"], 1, "DECLINED", reason="No staff this year.")

    assert moved["match"] == first | {"version": 2, "state": "DECLINED", "declineReason": "No staff this year."}
    assert told(await update(partner, second["id"], 1, "DECLINED", reason="Not them.")) == [("NOT_FOUND", ["input", "id"])]
    assert (await refused(partner.client, LIST, {"need": need})).code == "FORBIDDEN"
    assert await listed(cambodia, need) == [moved["match"], second]


async def test_partner_makes_no_agreement_by_itself(new_member: NewMember) -> None:
    cambodia = await new_member("country:KHM")
    need = (await create(cambodia))["id"]
    [one] = await kept(cambodia, need, await partners_of(cambodia, need))
    partner = await new_member(one["partner"]["id"])

    refused_by_rule = await update(partner, one["id"], 1, "AGREED")
    agreed = await update(cambodia, one["id"], 1, "AGREED")
    delivering = await update(partner, one["id"], 2, "DELIVERING")

    assert told(refused_by_rule) == [("FORBIDDEN", ["input", "state"])]
    assert refused_by_rule["errors"][0]["allowed"] == ["INTRODUCED", "DECLINED"]
    assert refused_by_rule["partnership"] is None
    assert agreed["match"]["state"] == "AGREED"
    assert delivering["match"]["state"] == "DELIVERING"


async def test_masked_need_opens_nothing(new_member: NewMember, database: Database) -> None:
    cambodia, everybody = await new_member("country:KHM"), await new_member()
    need = (await create(cambodia))["id"]
    partners = await partners_of(cambodia, need)
    [one] = await kept(cambodia, need, partners)
    masked = Query("MATCH (n:Need {id: $id})\nSET n.visibility = 'MASKED'", {"id": need})
    await database.write(lambda transaction: transaction.run(masked))

    for query in (LIST, CHANGES):
        refusal = await refused(everybody.client, query, {"need": need})
        assert (refusal.status, refusal.code) == (404, "UNKNOWN_NEED")
    assert told(await save(everybody, need, partners)) == [("UNKNOWN_NEED", ["input", "match"])]
    assert told(await update(everybody, one["id"], 1, "AGREED")) == [("NOT_FOUND", ["input", "id"])]


async def test_nobody_keeps_or_reads_anything_without_a_token(member: Member, client: httpx.AsyncClient, database: Database) -> None:
    need = (await create(member, visibility="PUBLIC"))["id"]
    partners = await partners_of(member, need)
    [one] = await kept(member, need, partners)
    since = await data_version(database)
    asked: list[tuple[str, dict[str, Any]]] = [
        (LIST, {"need": need}),
        (CHANGES, {"need": need}),
        (SAVE, {"input": {"match": {"country": "KHM", "need": need}, "partners": partners}}),
        (UPDATE, {"input": {"id": one["id"], "expectedVersion": 1, "state": "AGREED"}}),
    ]

    for document, variables in asked:
        refusal = await refused(client, document, variables)
        assert (refusal.status, refusal.code) == (401, "UNAUTHENTICATED")

    assert await ask(client, "query ($id: ID!) { node(id: $id) { id } }", {"id": one["id"]}) == {"node": None}
    assert await data_version(database) == since
    assert await listed(member, need) == [one]


async def test_examples_of_the_page_run_as_they_stand(member: Member) -> None:
    [*_, save_match, read, agree] = snippets("mutations.md", "graphql")
    need = (await create(member))["id"]
    partners = await partners_of(member, need, 2)

    saved = (await ask(member.client, save_match, {"need": need, "partners": partners}))["saveMatch"]
    found = await ask(member.client, read, {"need": need})
    agreed = (await ask(member.client, agree, {"id": saved["matches"][0]["id"], "version": 1}))["updateMatchState"]

    assert (saved["errors"], agreed["errors"]) == ([], [])
    assert [one["state"] for one in saved["matches"]] == ["PROPOSED", "PROPOSED"]
    assert [one["id"] for one in found["savedMatches"]["nodes"]] == [one["id"] for one in saved["matches"]]
    assert [(c["rankThen"], c["rankNow"]) for c in found["matchChanges"]["changes"]] == [(1, 1), (2, 2)]
    assert agreed["match"] == {"id": saved["matches"][0]["id"], "version": 2, "state": "AGREED"}
    assert agreed["partnership"]["visibility"] == "MEMBERS"


def test_page_tells_which_state_follows_on_which() -> None:
    page = (DOCS / "mutations.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([A-Z]+)` \|(.*)\|$", page, re.MULTILINE))

    assert {state: re.findall("[A-Z]+", after) for state, after in rows.items()} == {
        state.value: [one.value for one in after] for state, after in FOLLOWS.items()
    }
