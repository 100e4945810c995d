"""`match` over HTTP: the answer's shape, its records, its sums, its sentences."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from graph.database import Database, Query
from tests.api.asking import ask, refused

# As the issue has it, to the letter.
ISSUE = """query ($input: MatchInput!) { match(input: $input) { partners(first: 10) { edges { node { partner { __typename ... on Country { id iso3 name } ... on Organization { id name } } score  parts { name value weight explanation } cases(first: 3) { nodes { id title url } }  offers(first: 3) { nodes { id title url } }  fundingCalls(first: 3) { nodes { id title url } } paths { steps { relationship node { id __typename } } } } } } nearMisses { partner { __typename } rule explanation } } }"""
NEEDS = {
    "once only": {
        "country": "KHM",
        "text": "We want to connect the databases of all ministries so that citizens give their data only once.",
    },
    "broadband": {
        "country": "MLI",
        "text": "Le pays veut étendre le haut débit aux zones rurales et mettre les démarches administratives en ligne.",
        "amountUsd": 1_000_000,
    },
    "identity": {
        "country": "ETH",
        "text": "We need a national digital identity so that everybody can prove who they are to a public service.",
        "partnerKind": "COUNTRY",
    },
}
PARTS = ["HELP_GIVEN", "OWN_EXPERIENCE", "OWN_DESCRIPTION", "OTHER_REGIONS", "SAME_REGION", "SHARED_LANGUAGE"]
STATED = "need:need-wb-p175732"


@pytest_asyncio.fixture(scope="module", params=NEEDS)
async def answer(request: pytest.FixtureRequest, base_url: str) -> dict[str, Any]:
    """The issue's query, answered over a real socket."""
    async with httpx.AsyncClient(base_url=base_url, timeout=60) as client:
        data = await ask(client, ISSUE, {"input": NEEDS[request.param]})
    found: dict[str, Any] = data["match"]
    return found


def partners(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in answer["partners"]["edges"]]


async def test_the_answer_has_the_shape_of_the_question(answer: dict[str, Any]) -> None:
    assert set(answer) == {"partners", "nearMisses"}
    found = partners(answer)
    assert len(found) == 10
    for partner in found:
        assert list(partner) == ["partner", "score", "parts", "cases", "offers", "fundingCalls", "paths"]
        who = partner["partner"]
        assert set(who) == ({"__typename", "id", "iso3", "name"} if who["__typename"] == "Country" else {"__typename", "id", "name"})
        assert [part["name"] for part in partner["parts"]] == PARTS
        assert all(part["explanation"].endswith(".") for part in partner["parts"])
        for listed in ("cases", "offers", "fundingCalls"):
            assert len(partner[listed]["nodes"]) <= 3
            assert all(set(node) == {"id", "title", "url"} and node["title"].strip() for node in partner[listed]["nodes"])
    for miss in answer["nearMisses"]:
        assert set(miss) == {"partner", "rule", "explanation"}
        assert miss["partner"]["__typename"] in {"Country", "Organization"}
        assert miss["explanation"].endswith(".")


async def test_a_score_is_the_sum_of_its_parts_and_falls_down_the_list(answer: dict[str, Any]) -> None:
    scores = [partner["score"] for partner in partners(answer)]

    assert scores == [pytest.approx(sum(part["value"] * part["weight"] for part in p["parts"]), abs=1e-9) for p in partners(answer)]
    assert [round(score, 9) for score in scores] == sorted((round(score, 9) for score in scores), reverse=True)
    best = partners(answer)[0]
    assert sum(part["value"] * part["weight"] for part in best["parts"][:2]) <= 1 + 1e-9


async def test_partners_are_different_and_not_the_country_itself(answer: dict[str, Any], request: pytest.FixtureRequest) -> None:
    asking = NEEDS[request.node.callspec.params["answer"]]["country"]
    ids = [partner["partner"]["id"] for partner in partners(answer)]

    assert len(ids) == len(set(ids))
    assert f"country:{asking}" not in ids


async def test_every_address_leads_to_a_page(answer: dict[str, Any], client: httpx.AsyncClient) -> None:
    listed = [node["url"] for p in partners(answer) for kind in ("cases", "offers", "fundingCalls") for node in p[kind]["nodes"]]
    urls = sorted(set(listed))
    assert urls

    statuses = {url: (await client.get(url)).status_code for url in urls}

    assert {url: status for url, status in statuses.items() if status != 200} == {}


async def test_paths_hang_together_in_the_graph(answer: dict[str, Any], database: Database) -> None:
    paths = [(partner["partner"]["id"], path["steps"]) for partner in partners(answer) for path in partner["paths"]]
    assert paths

    for party, steps in paths:
        assert steps[0]["relationship"] is None
        assert all(step["node"] is not None for step in steps)
        chain = [step["node"]["id"] for step in steps]
        funding = any(i.startswith("funding-call:") for i in chain)
        assert chain[0] == party or (funding and chain[0].startswith(("organization:", "country:")))
        pairs = [
            {"from": before, "to": after["node"]["id"], "type": after["relationship"]}
            for before, after in zip(chain, steps[1:], strict=False)
        ]
        assert await broken(database, pairs) == []


async def broken(database: Database, pairs: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    """Steps that no relationship of the graph stands for; being open to a country may go through a group."""
    rows = await database.read(
        Query(
            "UNWIND $pairs AS pair\n"
            "OPTIONAL MATCH (a {id: pair.from})\nOPTIONAL MATCH (b {id: pair.to})\n"
            "WITH pair, a, b\n"
            "WHERE a IS NULL OR b IS NULL OR NOT (\n"
            "  EXISTS { (a)-[r]-(b) WHERE type(r) = pair.type }\n"
            "  OR pair.type = 'OPEN_TO' AND EXISTS { (a)-[:OPEN_TO]->(:CountryGroup)<-[:MEMBER_OF]-(b) })\n"
            "RETURN pair.from, pair.type, pair.to",
            {"pairs": pairs},
        )
    )
    return [(start, kind, end) for start, kind, end in rows]


async def test_partners_page_without_overlap(client: httpx.AsyncClient) -> None:
    query = """query ($input: MatchInput!, $first: Int, $after: String, $last: Int, $before: String) { match(input: $input) {
      partners(first: $first, after: $after, last: $last, before: $before) {
        totalCount edges { cursor node { rank partner { ... on Country { id } ... on Organization { id } } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""

    async def page(**window: Any) -> dict[str, Any]:
        found: dict[str, Any] = (await ask(client, query, {"input": NEEDS["once only"], **window}))["match"]["partners"]
        return found

    whole = await page(first=9)
    first = await page(first=4)
    second = await page(first=5, after=first["pageInfo"]["endCursor"])
    back = await page(last=4, before=second["pageInfo"]["startCursor"])
    end = await page(last=1)

    assert first["edges"] + second["edges"] == whole["edges"]
    assert [edge["node"]["rank"] for edge in whole["edges"]] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert back == first | {"pageInfo": back["pageInfo"]}
    assert (first["pageInfo"]["hasPreviousPage"], first["pageInfo"]["hasNextPage"]) == (False, True)
    assert (second["pageInfo"]["hasPreviousPage"], second["pageInfo"]["hasNextPage"]) == (True, True)
    assert end["edges"][0]["node"]["rank"] == whole["totalCount"]
    assert end["pageInfo"]["hasNextPage"] is False


async def test_the_same_question_has_the_same_answer(client: httpx.AsyncClient) -> None:
    variables = {"input": NEEDS["identity"]}

    assert await ask(client, ISSUE, variables) == await ask(client, ISSUE, variables)


@pytest.mark.parametrize(("kind", "types"), [("COUNTRY", {"Country"}), ("ORGANIZATION", {"Organization"})])
async def test_only_partners_of_the_kind_wanted(client: httpx.AsyncClient, kind: str, types: set[str]) -> None:
    query = "query ($input: MatchInput!) { match(input: $input) { partners(first: 50) { nodes { partner { __typename } } } } }"

    found = await ask(client, query, {"input": NEEDS["once only"] | {"partnerKind": kind}})

    assert {node["partner"]["__typename"] for node in found["match"]["partners"]["nodes"]} == types


async def test_nothing_younger_than_the_as_of_date_counts(client: httpx.AsyncClient) -> None:
    query = """query ($input: MatchInput!) { match(input: $input) { asOf partners(first: 10) { nodes { evidence(first: 100) { node {
      id ... on Project { startDate } ... on Practice { date } ... on Partnership { date } ... on Offer { date } } } } } } }"""

    found = await ask(client, query, {"input": NEEDS["once only"] | {"asOf": "2015-01-01"}})

    documents = [item["node"] for node in found["match"]["partners"]["nodes"] for item in node["evidence"]]
    assert found["match"]["asOf"] == "2015-01-01"
    assert documents
    assert [d for d in documents if not (d.get("date") or d.get("startDate") or "9") < "2015-01-01"] == []


async def test_evidence_adds_up_to_what_was_given_and_owned(client: httpx.AsyncClient) -> None:
    query = """query ($input: MatchInput!) { match(input: $input) { maximumScore partners(first: 5) { nodes {
      maximumScore parts { name value weight } evidence(first: 100) { value place own relationship node { id title url } } } } } }"""

    found = (await ask(client, query, {"input": NEEDS["once only"]}))["match"]

    for partner in found["partners"]["nodes"]:
        by_name = {part["name"]: part["value"] * part["weight"] for part in partner["parts"]}
        given = sum(item["value"] for item in partner["evidence"] if not item["own"])
        own = sum(item["value"] for item in partner["evidence"] if item["own"])
        assert given == pytest.approx(by_name["HELP_GIVEN"], abs=1e-9)
        assert own == pytest.approx(by_name["OWN_EXPERIENCE"], abs=1e-9)
        assert partner["maximumScore"] == found["maximumScore"] == pytest.approx(1.4)
        assert all(1 <= item["place"] <= 100 for item in partner["evidence"])


async def test_a_need_on_record_is_matched_by_its_own_words(client: httpx.AsyncClient) -> None:
    query = """query ($input: MatchInput!) { match(input: $input) { text language need { id title description lang topics(first: 50) { nodes { id } } }
      topics { id } country { iso3 } notices { code message } partners(first: 1) { totalCount } } }"""

    found = (await ask(client, query, {"input": {"country": "uga", "need": STATED}}))["match"]

    need = found["need"]
    assert need["id"] == STATED
    assert found["text"] == f"{need['title']}. {need['description']}"
    assert found["language"] == need["lang"] == "en"
    assert found["country"] == {"iso3": "UGA"}
    assert {topic["id"] for topic in found["topics"]} == {node["id"] for node in need["topics"]["nodes"]}
    assert "AMOUNTS_IN_USD" in {notice["code"] for notice in found["notices"]}
    assert found["partners"]["totalCount"] > 10


async def test_words_given_beside_a_need_come_first(client: httpx.AsyncClient) -> None:
    query = "query ($input: MatchInput!) { match(input: $input) { text need { id } } }"

    found = await ask(client, query, {"input": {"country": "UGA", "need": STATED, "text": "  A register of\nland titles, please. "}})

    assert found["match"] == {"text": "A register of land titles, please.", "need": {"id": STATED}}


async def test_a_need_of_another_country_contradicts_the_country(client: httpx.AsyncClient) -> None:
    told = await refused(client, ISSUE, {"input": {"country": "KHM", "need": STATED}})

    assert (told.status, told.code) == (400, "CONTRADICTORY_INPUT")
    assert "UGA" in told.error["message"]
    assert "KHM" in told.error["message"]


async def test_an_unknown_need_is_not_found(client: httpx.AsyncClient) -> None:
    told = await refused(client, ISSUE, {"input": {"country": "KHM", "need": "need:nowhere"}})

    assert (told.status, told.code) == (404, "UNKNOWN_NEED")


@pytest.mark.parametrize("topic", ["topic:nothing-of-the-kind", "digital identity", ""])
async def test_an_unknown_topic_is_told_with_the_nearest(client: httpx.AsyncClient, topic: str) -> None:
    told = await refused(client, ISSUE, {"input": NEEDS["once only"] | {"topics": [topic]}})

    assert (told.status, told.code) == (400, "UNKNOWN_TOPIC")
    assert len(told.extensions["allowed"]) == 3
    assert all(near.startswith("topic:") for near in told.extensions["allowed"])


async def test_sentences_come_in_the_language_of_the_reader(client: httpx.AsyncClient) -> None:
    query = """query ($input: MatchInput!) { match(input: $input) { notices { code message }
      partners(first: 1) { nodes { sentence parts { name explanation } } } } }"""
    variables = {"input": NEEDS["broadband"]}

    english = (await ask(client, query, variables))["match"]
    french = (await ask(client, query, variables, language="fr-CA, fr;q=0.9, en;q=0.5"))["match"]

    assert {n["code"]: n["message"] for n in english["notices"]}["AMOUNTS_IN_USD"] == (
        "Amounts were compared only with funding windows in US dollars."
    )
    assert [n["code"] for n in french["notices"]] == [n["code"] for n in english["notices"]]
    both = zip(english["notices"], french["notices"], strict=True)
    assert [e["code"] for e, f in both if e["message"] == f["message"]] == []
    [first], [same] = english["partners"]["nodes"], french["partners"]["nodes"]
    assert first["sentence"] != same["sentence"]
    told = zip(first["parts"], same["parts"], strict=True)
    assert [e["name"] for e, f in told if e["explanation"] == f["explanation"]] == []


async def test_a_near_miss_says_the_rule_and_the_distance(client: httpx.AsyncClient) -> None:
    query = """query ($input: MatchInput!) { match(input: $input) {
      partners(first: 10) { nodes { fundingCalls(first: 10) { nodes { id } } offers(first: 10) { nodes { id } } } }
      nearMisses { partner { ... on Organization { id } ... on Country { id } } record { id } rule explanation distance unit } } }"""
    text = (
        "Credits for an investment project of the state: connectivity, digital platforms, services and skills, financed by the World Bank."
    )

    found = (await ask(client, query, {"input": {"country": "ETH", "text": text, "amountUsd": 1000}}))["match"]

    misses = found["nearMisses"]
    assert misses
    shown = {node["id"] for p in found["partners"]["nodes"] for kind in ("fundingCalls", "offers") for node in p[kind]["nodes"]}
    assert shown & {miss["record"]["id"] for miss in misses} == set()
    minimum = next(miss for miss in misses if miss["rule"] == "MINIMUM_AMOUNT")
    assert minimum["unit"] == "USD"
    assert minimum["distance"] > 0
    assert "1 k USD" in minimum["explanation"]


async def test_a_future_as_of_date_is_refused_and_today_is_not(client: httpx.AsyncClient) -> None:
    query = "query ($input: MatchInput!) { match(input: $input) { asOf } }"
    today = date.today()

    told = await refused(client, query, {"input": NEEDS["once only"] | {"asOf": (today + timedelta(days=2)).isoformat()}})
    found = await ask(client, query, {"input": NEEDS["once only"] | {"asOf": (today - timedelta(days=1)).isoformat()}})

    assert (told.status, told.code) == (400, "DATE_IN_FUTURE")
    assert found["match"] == {"asOf": (today - timedelta(days=1)).isoformat()}
