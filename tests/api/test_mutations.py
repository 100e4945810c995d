"""Mutations of needs, offers and practices: what goes in is read back, what is wrong says where, and nothing is written twice."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.state import Network
from graph.catalogue import data_version
from graph.database import Database, Query
from graph.search import Filters
from graph.search import search as search_records
from graph.tokens import revoke_token
from graph.viewer import Viewer
from tests.api.asking import ask, refused
from tests.api.conftest import Member, NewMember

pytestmark = pytest.mark.live
ULID = r"[0-9A-HJKMNP-TV-Z]{26}"
NEED = {
    "country": "country:KHM",
    "title": "Online birth certificates for river communities",
    "description": "Families on the Tonle Sap travel a day to register a birth. The registry is to come to them, by boat and by phone.",
    "topics": ["topic:national-id"],
}
OFFER = {
    "title": "Study week on birth registration by mobile teams",
    "summary": "Registrars of other countries join a mobile team for a week and take its handbook home.",
    "kind": "HUMAN_EXCHANGE",
    "providers": ["country:RWA"],
    "openTo": ["country:KHM", "country:LAO"],
}
PRACTICE = {
    "title": "Birth registration by mobile teams",
    "summary": "Teams with tablets visited villages on market days and registered births on the spot.",
    "country": "country:RWA",
}
ERRORS = "errors { code message field allowed hint }"


async def mutate(client: httpx.AsyncClient, name: str, given: dict[str, Any], selection: str = "") -> dict[str, Any]:
    """The payload of one mutation."""
    label = re.sub("^[a-z]+", "", name)
    single = label.lower()
    document = (
        f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ "
        f"{single} {{ id version title lang visibility withdrawn {selection} }} {ERRORS} }} }}"
    )
    payload: dict[str, Any] = (await ask(client, document, {"input": given}))[name]
    return payload


async def create(member: Member, selection: str = "", **changes: Any) -> dict[str, Any]:
    """A need that was created."""
    payload = await mutate(member.client, "createNeed", NEED | changes, selection)
    assert payload["errors"] == []
    need: dict[str, Any] = payload["need"]
    return need


async def problems(member: Member, name: str, given: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """(code, field) of each error of a mutation that has to write nothing."""
    payload = await mutate(member.client, name, given)
    assert [value for key, value in payload.items() if key != "errors"] == [None]
    for error in payload["errors"]:
        assert error["message"].endswith(".")
        assert error["hint"].endswith((".", "`"))
    return [(error["code"], error["field"]) for error in payload["errors"]]


async def stored(database: Database, record_id: str) -> dict[str, Any] | None:
    rows = await database.read(Query("MATCH (d:Document {id: $id})\nRETURN properties(d)", {"id": record_id}))
    return rows[0][0] if rows else None


async def logged(database: Database, record_id: str) -> list[tuple[str, str, list[str]]]:
    query = "MATCH (c:Change {record: $id})\nRETURN c.action, c.actor, c.changed\nORDER BY c.sequence"
    return [(action, actor, changed) for action, actor, changed in await database.read(Query(query, {"id": record_id}))]


async def test_need_is_created_with_what_was_left_out_filled_in(member: Member, database: Database) -> None:
    since = await data_version(database)

    need = await create(member, "status date description country { id } topics { nodes { id } } amountUsd", amount=250000, currency="USD")

    assert re.fullmatch(f"need:{ULID}", need.pop("id"))
    assert need == {
        "version": 1,
        "title": NEED["title"],
        "lang": "en",
        "visibility": "MEMBERS",
        "withdrawn": False,
        "status": "OPEN",
        "date": datetime.now(UTC).date().isoformat(),
        "description": NEED["description"],
        "country": {"id": "country:KHM"},
        "topics": {"nodes": [{"id": "topic:national-id"}]},
        "amountUsd": 250000,
    }
    assert await data_version(database) == since + 1


async def test_created_need_is_there_at_once_for_members_and_not_for_others(
    member: Member, client: httpx.AsyncClient, network: Network
) -> None:
    need = await create(member)

    read = "query ($id: ID!) { need(id: $id) { title } node(id: $id) { id } }"
    assert await ask(member.client, read, {"id": need["id"]}) == {"need": {"title": NEED["title"]}, "node": {"id": need["id"]}}
    assert await ask(client, read, {"id": need["id"]}) == {"need": None, "node": None}
    of_country = '{ country(id: "KHM") { needs(first: 100) { nodes { id } } } }'
    assert {"id": need["id"]} in (await ask(member.client, of_country))["country"]["needs"]["nodes"]
    assert {"id": need["id"]} not in (await ask(client, of_country))["country"]["needs"]["nodes"]


async def test_created_need_is_found_by_words_at_once_and_by_meaning_soon(
    member: Member, client: httpx.AsyncClient, network: Network
) -> None:
    need = await create(member, visibility="PUBLIC")

    found = await ask(client, '{ search(query: "Tonle Sap birth registry boat") { nodes { ... on Node { id } } } }')
    assert {"id": need["id"]} in found["search"]["nodes"]

    await network.fresh.done()
    values = await stored(network.database, need["id"])
    assert values is not None
    [vector] = [value for name, value in values.items() if name.startswith("vector_") and not name.endswith("_hash")]
    assert len(vector) == 384
    hits = await search_records(network.database, network.embedding, "Geburtsurkunden für Dörfer am Fluss", Filters(("Need",)), Viewer())
    assert need["id"] in [hit.id for hit in hits.hits[:5]]


async def test_created_need_can_be_matched(member: Member, network: Network) -> None:
    need = await create(member)

    query = 'query ($id: ID!) { match(input: {country: "KHM", need: $id}) { need { id } topics { id } partners(first: 3) { nodes { score } } } }'
    found = (await ask(member.client, query, {"id": need["id"]}))["match"]

    assert found["need"] == {"id": need["id"]}
    assert found["topics"] == [{"id": "topic:national-id"}]
    assert len(found["partners"]["nodes"]) == 3


async def test_change_of_the_text_makes_a_new_vector(member: Member, network: Network) -> None:
    need = await create(member)
    await network.fresh.done()
    before = await stored(network.database, need["id"])

    await mutate(member.client, "updateNeed", {"id": need["id"], "expectedVersion": 1, "description": "A register of fishing boats."})
    await network.fresh.done()

    after = await stored(network.database, need["id"])
    assert before is not None
    assert after is not None
    [name] = [n for n in after if n.endswith("_hash")]
    assert after[name] != before[name]


async def test_offer_is_created(member: Member) -> None:
    given = OFFER | {
        "languages": ["fr", "en"],
        "mode": "ON_SITE",
        "capacity": 12,
        "opens": "2026-01-01",
        "closes": "2030-01-31",
        "visibility": "PUBLIC",
    }

    payload = await mutate(
        member.client,
        "createOffer",
        given,
        "kind languages mode capacity opens closes providers { nodes { ... on Node { id } } } openTo { nodes { ... on Node { id } } }",
    )

    offer = payload["offer"]
    assert payload["errors"] == []
    assert re.fullmatch(f"offer:{ULID}", offer["id"])
    assert (offer["kind"], offer["mode"], offer["capacity"], offer["languages"]) == ("HUMAN_EXCHANGE", "ON_SITE", 12, ["fr", "en"])
    assert (offer["opens"], offer["closes"], offer["visibility"]) == ("2026-01-01", "2030-01-31", "PUBLIC")
    assert offer["providers"]["nodes"] == [{"id": "country:RWA"}]
    assert sorted(node["id"] for node in offer["openTo"]["nodes"]) == ["country:KHM", "country:LAO"]


async def test_practice_is_created_with_what_it_was_adapted_from(member: Member) -> None:
    first = (await mutate(member.client, "createPractice", PRACTICE))["practice"]
    given = PRACTICE | {"country": "KHM", "adaptedFrom": [{"id": first["id"], "changed": "Boats in place of cars."}], "durationMonths": 8}

    payload = await mutate(
        member.client, "createPractice", given, "durationMonths country { id } adaptedFrom { edges { changed node { id } } }"
    )

    practice = payload["practice"]
    assert payload["errors"] == []
    assert practice["country"] == {"id": "country:KHM"}
    assert practice["durationMonths"] == 8
    assert practice["adaptedFrom"]["edges"] == [{"changed": "Boats in place of cars.", "node": {"id": first["id"]}}]


async def test_update_changes_what_is_given_and_keeps_the_rest(member: Member, database: Database) -> None:
    need = await create(member, amount=1000, currency="EUR", deadline="2030-01-01")

    payload = await mutate(
        member.client,
        "updateNeed",
        {
            "id": need["id"],
            "expectedVersion": 1,
            "title": "Birth certificates online",
            "deadline": None,
            "topics": ["topic:digital-services"],
        },
        "description deadline amount currency topics { nodes { id } } country { id }",
    )

    assert payload["errors"] == []
    changed = payload["need"]
    assert (changed["version"], changed["title"], changed["deadline"]) == (2, "Birth certificates online", None)
    assert (changed["description"], changed["amount"], changed["currency"]) == (NEED["description"], 1000, "EUR")
    assert (changed["topics"]["nodes"], changed["country"]) == ([{"id": "topic:digital-services"}], {"id": "country:KHM"})
    actor = member.token.id
    log = await logged(database, need["id"])
    assert [(action, who) for action, who, _ in log] == [("CREATE", actor), ("UPDATE", actor)]
    assert log[1][2] == ["deadline", "title", "topics"]


async def test_update_that_changes_nothing_writes_nothing(member: Member, database: Database) -> None:
    need = await create(member)
    since = await data_version(database)

    payload = await mutate(member.client, "updateNeed", {"id": need["id"], "expectedVersion": 1, "title": NEED["title"]})

    assert payload["errors"] == []
    assert payload["need"]["version"] == 1
    assert await data_version(database) == since


@pytest.mark.parametrize(
    ("changes", "dollars"),
    [
        ({"amount": 300}, 300),
        ({"amount": 300, "currency": "EUR"}, None),
        ({"amount": 300, "currency": "EUR", "amountUsd": 320}, 320),
        ({"title": "Another title"}, 200),
    ],
)
async def test_dollars_follow_the_amount(member: Member, changes: dict[str, Any], dollars: float | None) -> None:
    need = await create(member, amount=200, currency="USD")

    payload = await mutate(member.client, "updateNeed", {"id": need["id"], "expectedVersion": 1} | changes, "amountUsd")

    assert payload["errors"] == []
    assert payload["need"]["amountUsd"] == dollars


async def test_withdrawal_marks_the_need_and_ends_its_changes(member: Member, database: Database) -> None:
    need = await create(member)

    payload = await mutate(member.client, "withdrawNeed", {"id": need["id"], "expectedVersion": 1}, "status")

    assert payload["errors"] == []
    assert (payload["need"]["withdrawn"], payload["need"]["status"], payload["need"]["version"]) == (True, "WITHDRAWN", 2)
    assert [action for action, _, _ in await logged(database, need["id"])] == ["CREATE", "WITHDRAW"]
    again = {"id": need["id"], "expectedVersion": 2}
    assert await problems(member, "withdrawNeed", again) == [("RECORD_WITHDRAWN", ["input", "id"])]
    assert await problems(member, "updateNeed", again | {"title": "Back"}) == [("RECORD_WITHDRAWN", ["input", "id"])]


@pytest.mark.parametrize("kind", ["Offer", "Practice"])
async def test_offers_and_practices_are_changed_and_withdrawn_too(member: Member, kind: str) -> None:
    made = (await mutate(member.client, f"create{kind}", OFFER if kind == "Offer" else PRACTICE))[kind.lower()]

    changed = await mutate(member.client, f"update{kind}", {"id": made["id"], "expectedVersion": 1, "visibility": "PUBLIC"})
    withdrawn = await mutate(member.client, f"withdraw{kind}", {"id": made["id"], "expectedVersion": 2})

    assert (changed["errors"], withdrawn["errors"]) == ([], [])
    assert (changed[kind.lower()]["visibility"], changed[kind.lower()]["version"]) == ("PUBLIC", 2)
    assert (withdrawn[kind.lower()]["withdrawn"], withdrawn[kind.lower()]["version"]) == (True, 3)


async def test_version_conflict_names_the_version_of_now(member: Member, database: Database) -> None:
    need = await create(member)
    await mutate(member.client, "updateNeed", {"id": need["id"], "expectedVersion": 1, "title": "First"})

    payload = await mutate(member.client, "updateNeed", {"id": need["id"], "expectedVersion": 1, "title": "Second"})

    assert payload == {
        "need": None,
        "errors": [
            {
                "code": "VERSION_CONFLICT",
                "message": "`expectedVersion` “1” is not its version, which is 2: somebody changed the record meanwhile.",
                "field": ["input", "expectedVersion"],
                "allowed": ["2"],
                "hint": "Read the record again, look at what changed, and send `expectedVersion: 2`.",
            }
        ],
    }
    values = await stored(database, need["id"])
    assert values is not None
    assert values["title"] == "First"


async def test_of_ten_changes_of_one_version_at_once_one_goes_in(member: Member, database: Database) -> None:
    need = await create(member)

    payloads = await asyncio.gather(
        *(mutate(member.client, "updateNeed", {"id": need["id"], "expectedVersion": 1, "title": f"Title {n}"}) for n in range(10))
    )

    went_in = [p["need"]["title"] for p in payloads if not p["errors"]]
    assert len(went_in) == 1
    assert [e["code"] for p in payloads for e in p["errors"]] == ["VERSION_CONFLICT"] * 9
    values = await stored(database, need["id"])
    assert values is not None
    assert (values["title"], values["version"]) == (went_in[0], 2)


async def test_same_key_and_input_twice_is_one_need(member: Member, database: Database) -> None:
    first = await create(member, idempotencyKey="key-1")
    since = await data_version(database)

    second = await create(member, idempotencyKey="key-1")

    assert second == first
    assert await data_version(database) == since


async def test_same_key_at_once_is_one_need(member: Member, database: Database) -> None:
    since = await data_version(database)

    made = await asyncio.gather(*(create(member, idempotencyKey="key-2") for _ in range(8)))

    assert len({need["id"] for need in made}) == 1
    assert await data_version(database) == since + 1


async def test_key_of_an_update_lets_it_be_sent_again(member: Member) -> None:
    need = await create(member)
    change = {"id": need["id"], "expectedVersion": 1, "title": "Sent twice", "idempotencyKey": "key-3"}

    first, second = await mutate(member.client, "updateNeed", change), await mutate(member.client, "updateNeed", change)

    assert first == second
    assert (first["errors"], first["need"]["version"]) == ([], 2)


async def test_same_key_with_other_input_or_mutation_is_refused(member: Member, database: Database) -> None:
    await create(member, idempotencyKey="key-4")
    since = await data_version(database)

    reused = [("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])]
    assert await problems(member, "createNeed", NEED | {"title": "Another", "idempotencyKey": "key-4"}) == reused
    assert await problems(member, "createPractice", PRACTICE | {"idempotencyKey": "key-4"}) == reused
    assert await data_version(database) == since


async def test_each_token_has_keys_of_its_own(new_member: NewMember) -> None:
    one, other = await new_member(), await new_member()

    assert (await create(one, idempotencyKey="key-5"))["id"] != (await create(other, idempotencyKey="key-5"))["id"]


async def test_key_of_a_refused_mutation_is_free_again(member: Member) -> None:
    assert await problems(member, "createNeed", NEED | {"title": " ", "idempotencyKey": "key-6"}) == [
        ("FIELD_REQUIRED", ["input", "title"])
    ]

    assert (await create(member, idempotencyKey="key-6"))["version"] == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb"])
async def test_what_is_no_key_is_refused(member: Member, key: str) -> None:
    assert await problems(member, "createNeed", NEED | {"idempotencyKey": key}) == [("VALUE_MALFORMED", ["input", "idempotencyKey"])]


async def test_old_keys_are_forgotten(member: Member, database: Database) -> None:
    old = {"id": "idempotency-key:old", "fingerprint": "f", "record": "need:x", "createdAt": datetime.now(UTC) - timedelta(days=31)}
    await database.write(lambda transaction: transaction.run(Query("CREATE (k:IdempotencyKey)\nSET k = $old", {"old": old})))

    await create(member, idempotencyKey="key-7")

    kept = [i for (i,) in await database.read(Query("MATCH (k:IdempotencyKey)\nRETURN k.id"))]
    assert "idempotency-key:old" not in kept
    assert len(kept) == 1


async def test_dry_run_leaves_nothing(member: Member, database: Database) -> None:
    need = await create(member)
    since = await data_version(database)
    dry = {"dryRun": True, "idempotencyKey": "key-8"}

    made = await mutate(member.client, "createNeed", NEED | dry)
    changed = await mutate(member.client, "updateNeed", {"id": need["id"], "expectedVersion": 1, "title": "Never"} | dry)
    withdrawn = await mutate(member.client, "withdrawNeed", {"id": need["id"], "expectedVersion": 1} | dry)

    assert made == changed == withdrawn == {"need": None, "errors": []}
    assert await data_version(database) == since
    values = await stored(database, need["id"])
    assert values is not None
    assert (values["title"], values["version"], "withdrawn" in values) == (NEED["title"], 1, False)
    assert await database.read(Query("MATCH (k:IdempotencyKey)\nRETURN k.id")) == []


async def test_dry_run_tells_what_is_wrong(member: Member) -> None:
    assert await problems(member, "createNeed", NEED | {"country": "country:XXX", "dryRun": True}) == [
        ("UNKNOWN_COUNTRY", ["input", "country"])
    ]


TOMORROW = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
WRONG: list[tuple[str, dict[str, Any], list[tuple[str, list[str]]]]] = [
    ("createNeed", {"title": ""}, [("FIELD_REQUIRED", ["title"])]),
    ("createNeed", {"title": "  \n "}, [("FIELD_REQUIRED", ["title"])]),
    ("createNeed", {"title": "x" * 2001}, [("TEXT_TOO_LONG", ["title"])]),
    ("createNeed", {"description": "The registry is to come to the families. " * 251}, [("TEXT_TOO_LONG", ["description"])]),
    ("createNeed", {"description": "bell \u0007 rings"}, [("VALUE_MALFORMED", ["description"])]),
    ("createNeed", {"country": "organization:world-bank"}, [("VALUE_MALFORMED", ["country"])]),
    ("createNeed", {"country": "Cambodia"}, [("UNKNOWN_COUNTRY", ["country"])]),
    ("createNeed", {"topics": ["topic:national-id", "topic:nationl-id"]}, [("UNKNOWN_TOPIC", ["topics", "1"])]),
    ("createNeed", {"topics": ["nothing"]}, [("VALUE_MALFORMED", ["topics"])]),
    ("createNeed", {"metBy": ["project:none"]}, [("UNKNOWN_RECORD", ["metBy", "0"])]),
    ("createNeed", {"amount": -1, "currency": "USD"}, [("VALUE_OUT_OF_RANGE", ["amount"]), ("VALUE_OUT_OF_RANGE", ["amountUsd"])]),
    ("createNeed", {"amount": 5}, [("CONTRADICTORY_INPUT", ["currency"])]),
    ("createNeed", {"amount": 5, "currency": "US dollars"}, [("VALUE_NOT_ALLOWED", ["currency"])]),
    ("createNeed", {"amount": 5, "currency": "USD", "amountUsd": 6}, [("CONTRADICTORY_INPUT", ["amountUsd"])]),
    ("createNeed", {"date": TOMORROW}, [("DATE_IN_FUTURE", ["date"])]),
    ("createNeed", {"date": "2024-05-01", "deadline": "2024-04-30"}, [("CONTRADICTORY_INPUT", ["deadline"])]),
    ("createNeed", {"status": "WITHDRAWN"}, [("CONTRADICTORY_INPUT", ["status"])]),
    ("createNeed", {"lang": "français"}, [("VALUE_MALFORMED", ["lang"])]),
    ("createNeed", {"title": "1234", "description": "5678 90"}, [("TEXT_NOT_UNDERSTOOD", ["lang"])]),
    ("createNeed", {"sourceUrl": "javascript:alert(1)"}, [("VALUE_MALFORMED", ["sourceUrl"])]),
    ("createNeed", {"title": "", "country": "country:XXX"}, [("FIELD_REQUIRED", ["title"]), ("UNKNOWN_COUNTRY", ["country"])]),
    ("createOffer", {"providers": []}, [("FIELD_REQUIRED", ["providers"])]),
    ("createOffer", {"openTo": ["group:none"]}, [("UNKNOWN_RECORD", ["openTo", "0"])]),
    ("createOffer", {"languages": ["fr", "klingon!"]}, [("VALUE_MALFORMED", ["languages", "1"])]),
    ("createOffer", {"opens": "2026-03-01", "closes": "2026-02-01"}, [("CONTRADICTORY_INPUT", ["closes"])]),
    ("createPractice", {"durationMonths": -2}, [("VALUE_OUT_OF_RANGE", ["durationMonths"])]),
    ("createPractice", {"adaptedFrom": [{"id": "practice:none"}]}, [("UNKNOWN_RECORD", ["adaptedFrom", "0"])]),
]


@pytest.mark.parametrize(("name", "changes", "expected"), WRONG)
async def test_wrong_input_is_told_field_by_field(
    member: Member, database: Database, name: str, changes: dict[str, Any], expected: list[tuple[str, list[str]]]
) -> None:
    since = await data_version(database)
    sound = {"createNeed": NEED, "createOffer": OFFER, "createPractice": PRACTICE}[name]

    told = await problems(member, name, sound | changes)

    assert told == [(code, ["input", *field]) for code, field in expected]
    assert await data_version(database) == since


async def test_error_names_what_is_allowed(member: Member) -> None:
    payload = await mutate(member.client, "createNeed", NEED | {"topics": ["topic:nationl-id"], "country": "country:KEM"})

    allowed = {error["code"]: error["allowed"] for error in payload["errors"]}
    assert "topic:national-id" in allowed["UNKNOWN_TOPIC"]
    assert {i.partition(":")[0] for i in allowed["UNKNOWN_COUNTRY"]} == {"country"}
    assert len(allowed["UNKNOWN_COUNTRY"]) == 3


async def test_required_field_cannot_be_cleared(member: Member) -> None:
    need = await create(member)

    told = await problems(member, "updateNeed", {"id": need["id"], "expectedVersion": 1, "title": None, "country": None})

    assert told == [("FIELD_REQUIRED", ["input", "title"]), ("FIELD_REQUIRED", ["input", "country"])]


@pytest.mark.parametrize("record", ["need:none", "offer:none", "nonsense", "token:none", ""])
async def test_record_that_is_not_there_cannot_be_changed(member: Member, record: str) -> None:
    assert await problems(member, "updateNeed", {"id": record, "expectedVersion": 1}) == [("NOT_FOUND", ["input", "id"])]


async def test_masked_need_is_seen_by_its_writer_alone(new_member: NewMember) -> None:
    cambodia, laos = await new_member("country:KHM"), await new_member("country:LAO")

    need = await create(cambodia, "description", visibility="MASKED")

    assert need["description"] == NEED["description"]
    assert await ask(cambodia.client, "query ($id: ID!) { need(id: $id) { id } }", {"id": need["id"]}) == {"need": None}
    assert await problems(laos, "updateNeed", {"id": need["id"], "expectedVersion": 1}) == [("NOT_FOUND", ["input", "id"])]
    shown = await mutate(cambodia.client, "updateNeed", {"id": need["id"], "expectedVersion": 1, "visibility": "PUBLIC"})
    assert (shown["errors"], shown["need"]["version"]) == ([], 2)


async def test_link_to_what_the_member_may_not_see_leads_to_nothing(member: Member) -> None:
    masked = (await mutate(member.client, "createPractice", PRACTICE | {"visibility": "MASKED"}))["practice"]

    told = await problems(member, "createPractice", PRACTICE | {"adaptedFrom": [{"id": masked["id"]}]})

    assert told == [("UNKNOWN_RECORD", ["input", "adaptedFrom", "0"])]


async def test_token_of_a_country_writes_for_it_alone(new_member: NewMember, database: Database) -> None:
    cambodia, laos = await new_member("country:KHM"), await new_member("country:LAO")
    need = await create(cambodia)
    since = await data_version(database)

    assert await problems(laos, "createNeed", NEED) == [("FORBIDDEN", ["input", "country"])]
    assert await problems(laos, "updateNeed", {"id": need["id"], "expectedVersion": 1, "title": "Ours"}) == [("FORBIDDEN", ["input", "id"])]
    assert await problems(laos, "withdrawNeed", {"id": need["id"], "expectedVersion": 1}) == [("FORBIDDEN", ["input", "id"])]
    assert await problems(cambodia, "updateNeed", {"id": need["id"], "expectedVersion": 1, "country": "country:LAO"}) == [
        ("FORBIDDEN", ["input", "country"])
    ]
    assert await data_version(database) == since


async def test_provider_may_offer_together_with_others(new_member: NewMember) -> None:
    rwanda = await new_member("country:RWA")

    payload = await mutate(rwanda.client, "createOffer", OFFER | {"providers": ["country:RWA", "organization:world-bank"]})

    assert payload["errors"] == []


async def test_nobody_changes_anything_without_a_token(client: httpx.AsyncClient, database: Database) -> None:
    since = await data_version(database)
    document = f"mutation ($input: CreateNeedInput!) {{ createNeed(input: $input) {{ need {{ id }} {ERRORS} }} }}"

    told = await refused(client, document, {"input": NEED})

    assert (told.status, told.code) == (401, "UNAUTHENTICATED")
    assert told.headers["www-authenticate"] == "Bearer"
    assert await data_version(database) == since


async def test_revoked_token_changes_nothing(member: Member, database: Database) -> None:
    await revoke_token(database, member.token.id)
    since = await data_version(database)
    document = f"mutation ($input: CreateNeedInput!) {{ createNeed(input: $input) {{ need {{ id }} {ERRORS} }} }}"

    told = await refused(member.client, document, {"input": NEED})

    assert (told.status, told.code) == (401, "UNAUTHENTICATED")
    assert await data_version(database) == since


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"visibility": "EVERYBODY"}, "visibility"),
        ({"amount": "much"}, "amount"),
        ({"date": "2026-13-40"}, "date"),
        ({"topics": [None]}, "topics"),
        ({"colour": "red"}, "colour"),
        ({"country": None}, "country"),
    ],
)
async def test_variable_of_the_wrong_type_is_refused_before_anything_runs(
    member: Member, database: Database, given: dict[str, Any], place: str
) -> None:
    since = await data_version(database)
    document = f"mutation ($input: CreateNeedInput!) {{ createNeed(input: $input) {{ need {{ id }} {ERRORS} }} }}"

    told = await refused(member.client, document, {"input": NEED | given})

    assert (told.status, told.code) == (400, "GRAPHQL_INVALID")
    assert place in told.error["message"]
    assert await data_version(database) == since


async def test_two_mutations_in_one_operation_run_one_after_the_other(member: Member) -> None:
    document = (
        'mutation ($id: ID!) { first: updateNeed(input: {id: $id, expectedVersion: 1, topics: ["topic:national-id"]}) '
        "{ need { version topics { totalCount } } errors { code } } "
        "second: updateNeed(input: {id: $id, expectedVersion: 2, topics: []}) { need { version topics { totalCount } } errors { code } } }"
    )
    need = await create(member, topics=[])

    data = await ask(member.client, document, {"id": need["id"]})

    assert data["first"] == {"need": {"version": 2, "topics": {"totalCount": 1}}, "errors": []}
    assert data["second"] == {"need": {"version": 3, "topics": {"totalCount": 0}}, "errors": []}


async def test_language_of_the_text_is_told_from_it_or_given(member: Member) -> None:
    french = await create(
        member,
        title="Registre d'état civil en ligne",
        description="Les familles doivent pouvoir déclarer une naissance près de chez elles.",
    )
    said = await create(member, lang="PT-br")

    assert (french["lang"], said["lang"]) == ("fr", "pt")


async def test_page_of_a_new_need_opens(member: Member, client: httpx.AsyncClient) -> None:
    need = await create(member, visibility="PUBLIC", title="<script>alert(1)</script> in a title")

    answer = await client.get(f"/needs/{need['id'].partition(':')[2]}")

    assert answer.status_code == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt; in a title" in answer.text
    assert "<script>alert(1)" not in answer.text
