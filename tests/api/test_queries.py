"""Reading the graph: one record, lists, what records are linked to, search, health."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio

from graph.database import Database, Query
from graph.records import Link, Record
from graph.writer import write
from tests.api.asking import ask, refused

MEMBERS_ONLY = Record(
    "Need",
    "test-members-only",
    {
        "title": "Zanzibar clove register",
        "description": "A register of clove farmers that only members may read about.",
        "date": date(2026, 1, 1),
        "status": "OPEN",
        "visibility": "MEMBERS",
        "lang": "en",
    },
    {"country": [Link("country:KHM")], "topics": [Link("topic:land-administration")]},
)


@pytest_asyncio.fixture
async def members_only(database: Database) -> AsyncIterator[str]:
    """Id of a need that the public may not see; gone again afterwards."""
    report = await write(database, [MEMBERS_ONLY], actor="test")
    assert report.refused == []
    yield MEMBERS_ONLY.id
    await database.write(lambda t: t.run(Query("MATCH (n:Need {id: $id})\nDETACH DELETE n", {"id": MEMBERS_ONLY.id})))


@pytest.fixture
def reads(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Text of every read that reaches the database while the test runs."""
    made: list[str] = []
    real = database.read

    async def counted(query: Query, **more: Any) -> list[tuple[Any, ...]]:
        made.append(query.text)
        return await real(query, **more)

    monkeypatch.setattr(database, "read", counted)
    return made


def questions(reads: list[str]) -> list[str]:
    """Those of the reads that an operation asked; which vectors are in use, and of which version the graph is, is looked up now and then."""
    return [text for text in reads if "state:vectors" not in text and "sequence:change" not in text]


async def pages(client: httpx.AsyncClient, plural: str, size: int, *, backward: bool) -> list[list[str]]:
    """Ids of a whole list, page by page, in the order in which the pages came."""
    window, cursor = ("last: $size, before: $cursor", "startCursor") if backward else ("first: $size, after: $cursor", "endCursor")
    query = f"""query ($size: Int!, $cursor: String) {{ {plural}({window}) {{
      nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""
    out: list[list[str]] = []
    behind = None
    while True:
        found = (await ask(client, query, {"size": size, "cursor": behind}))[plural]
        out.append([node["id"] for node in found["nodes"]])
        info = found["pageInfo"]
        further, back = ("hasPreviousPage", "hasNextPage") if backward else ("hasNextPage", "hasPreviousPage")
        assert info[back] is (len(out) > 1)
        if not info[further]:
            return out
        assert len(out[-1]) == size
        behind = info[cursor]


@pytest.mark.parametrize("key", ["KHM", "country:KHM"])
async def test_a_record_is_found_by_key_and_by_id(client: httpx.AsyncClient, key: str) -> None:
    found = await ask(client, "query ($id: ID!) { country(id: $id) { __typename id iso2 name title url } }", {"id": key})

    assert found["country"] == {
        "__typename": "Country",
        "id": "country:KHM",
        "iso2": "KH",
        "name": "Cambodia",
        "title": "Cambodia",
        "url": "/countries/KHM",
    }


@pytest.mark.parametrize("key", ["XXX", "khm", "", "country:", "organization:world-bank", "nothing:KHM", "country:KHM:", "' OR 1=1 //"])
async def test_what_is_not_there_is_null(client: httpx.AsyncClient, key: str) -> None:
    assert await ask(client, "query ($id: ID!) { country(id: $id) { id } }", {"id": key}) == {"country": None}


async def test_nodes_keep_their_places_with_null_for_what_is_not_there(client: httpx.AsyncClient) -> None:
    ids = ["topic:digital-identity", "country:XXX", "country:KHM", "gibberish", "change:1", "country:KHM", "organization:world-bank"]

    found = await ask(client, "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", {"ids": ids})

    assert found["nodes"] == [
        {"__typename": "Topic", "id": "topic:digital-identity"},
        None,
        {"__typename": "Country", "id": "country:KHM"},
        None,
        None,
        {"__typename": "Country", "id": "country:KHM"},
        {"__typename": "Organization", "id": "organization:world-bank"},
    ]


@pytest.mark.parametrize(("plural", "size"), [("countryGroups", 7), ("projects", 100)])
async def test_a_list_is_the_same_forward_and_backward(client: httpx.AsyncClient, plural: str, size: int) -> None:
    counted = await ask(client, f"{{ {plural}(first: 0) {{ totalCount nodes {{ id }} }} }}")
    assert counted[plural]["nodes"] == []

    forward = [record for page in await pages(client, plural, size, backward=False) for record in page]
    backward = [record for page in reversed(await pages(client, plural, size, backward=True)) for record in page]

    assert forward == backward
    assert len(forward) == len(set(forward)) == counted[plural]["totalCount"]


async def test_a_list_is_sorted_and_a_page_is_twenty_where_nothing_is_said(client: httpx.AsyncClient) -> None:
    found = await ask(client, "{ countries { nodes { name } } latest: practices(first: 50) { nodes { date } } }")

    names = [node["name"] for node in found["countries"]["nodes"]]
    dates = [node["date"] for node in found["latest"]["nodes"]]
    assert len(names) == 20
    assert names == sorted(names)
    assert dates == sorted(dates, reverse=True)


async def test_a_cursor_leads_on_from_any_edge(client: httpx.AsyncClient) -> None:
    whole = await ask(client, "{ countries(first: 10) { edges { cursor node { id } } } }")
    edges = whole["countries"]["edges"]

    after = await ask(client, "query ($c: String!) { countries(first: 3, after: $c) { nodes { id } } }", {"c": edges[3]["cursor"]})
    before = await ask(client, "query ($c: String!) { countries(last: 3, before: $c) { nodes { id } } }", {"c": edges[3]["cursor"]})

    assert after["countries"]["nodes"] == [edge["node"] for edge in edges[4:7]]
    assert before["countries"]["nodes"] == [edge["node"] for edge in edges[0:3]]


async def test_names_come_in_the_language_asked_for(client: httpx.AsyncClient) -> None:
    found = await ask(
        client,
        """{ country(id: "KHM") { name fr: name(language: FR) ar: title(language: AR) zh: title(language: ZH) }
             organization(id: "world-bank") { title(language: FR) } }""",
    )

    assert found["country"] == {"name": "Cambodia", "fr": "Cambodge", "ar": "كمبوديا", "zh": "柬埔寨"}
    assert found["organization"] == {"title": "World Bank Group"}


async def test_links_are_followed_both_ways(client: httpx.AsyncClient) -> None:
    found = await ask(
        client,
        """{
          observation(id: "egdi-KHM-2024") { year indicator { id } country { id } sources { nodes { id } } }
          country(id: "KHM") { groups(first: 100) { nodes { id } } }
          countryGroup(id: "asean") { members(first: 100) { nodes { id } } }
          topic(id: "data-exchange") { parent { id } }
        }""",
    )

    assert found["observation"] == {
        "year": 2024,
        "indicator": {"id": "indicator:egdi"},
        "country": {"id": "country:KHM"},
        "sources": {"nodes": [{"id": "source:egdi"}]},
    }
    assert {"id": "group:asean"} in found["country"]["groups"]["nodes"]
    assert {"id": "country:KHM"} in found["countryGroup"]["members"]["nodes"]
    assert found["topic"]["parent"] == {"id": "topic:interoperability"}
    wider = await ask(client, '{ topic(id: "interoperability") { parent { id } children(first: 50) { nodes { id } } } }')
    assert wider["topic"]["parent"] is None
    assert {"id": "topic:data-exchange"} in wider["topic"]["children"]["nodes"]


async def test_links_say_what_the_relationship_says(client: httpx.AsyncClient) -> None:
    found = await ask(
        client,
        """{ partnership(id: "eth-asan-mesob") { modality parties { totalCount edges { role node {
             __typename ... on Country { iso3 } ... on Organization { id } } } } } }""",
    )

    parties = found["partnership"]["parties"]
    assert found["partnership"]["modality"] == "TECHNOLOGY_SUPPORT"
    assert parties["totalCount"] == 3
    assert sorted(parties["edges"], key=lambda edge: (edge["node"]["__typename"], edge["role"])) == [
        {"role": "PROVIDER", "node": {"__typename": "Country", "iso3": "AZE"}},
        {"role": "RECIPIENT", "node": {"__typename": "Country", "iso3": "ETH"}},
        {"role": "PROVIDER", "node": {"__typename": "Organization", "id": "organization:asan-service-agency"}},
    ]


async def test_linked_lists_page_and_count_like_others(client: httpx.AsyncClient) -> None:
    query = """query ($size: Int!, $after: String) { countryGroup(id: "oda-eligible") {
      members(first: $size, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } } }"""
    whole = (await ask(client, query, {"size": 100}))["countryGroup"]["members"]
    rest = (await ask(client, query, {"size": 100, "after": whole["pageInfo"]["endCursor"]}))["countryGroup"]["members"]

    ids = [node["id"] for node in whole["nodes"] + rest["nodes"]]
    assert whole["pageInfo"]["hasNextPage"] is True
    assert rest["pageInfo"]["hasNextPage"] is False
    assert len(ids) == len(set(ids)) == whole["totalCount"] == rest["totalCount"]


async def test_nested_lists_are_read_together(client: httpx.AsyncClient, reads: list[str]) -> None:
    found = await ask(
        client,
        """{ countries(first: 20) { totalCount nodes { name
             groups(first: 5) { totalCount nodes { name } }
             observations(first: 3) { nodes { value indicator { name } } }
             projects(first: 2) { nodes { title topics(first: 3) { nodes { name } } } } } } }""",
    )

    assert len(found["countries"]["nodes"]) == 20
    assert sum(len(country["observations"]["nodes"]) for country in found["countries"]["nodes"]) > 20
    assert len(questions(reads)) == 1


async def test_what_is_not_selected_is_not_read(client: httpx.AsyncClient, reads: list[str]) -> None:
    await ask(client, "{ countries(first: 5) { nodes { name groups(first: 2) { nodes { name } } } } }")

    assert len(questions(reads)) == 1
    assert [text for text in reads if "count(" in text or "COUNT {" in text] == []


async def test_what_only_members_may_see_is_nowhere(client: httpx.AsyncClient, members_only: str) -> None:
    found = await ask(
        client,
        """query ($id: ID!) { need(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id }
             needs(first: 100) { totalCount nodes { id } }
             country(id: "KHM") { needs(first: 100) { totalCount nodes { id } } }
             topic(id: "land-administration") { needs(first: 100) { totalCount nodes { id } } }
             search(query: "Zanzibar clove register", first: 100) { nodes { id } } }""",
        {"id": members_only},
    )

    assert (found["need"], found["node"], found["nodes"]) == (None, None, [None])
    shown = [found["needs"], found["country"]["needs"], found["topic"]["needs"], found["search"]]
    assert [members_only in {node["id"] for node in listing["nodes"]} for listing in shown] == [False] * 4
    assert found["country"]["needs"]["totalCount"] == len(found["country"]["needs"]["nodes"])
    assert found["topic"]["needs"]["totalCount"] == len(found["topic"]["needs"]["nodes"])


async def test_search_finds_by_words_and_by_meaning(client: httpx.AsyncClient) -> None:
    query = "query ($q: String!) { search(query: $q, first: 10) { edges { kind score snippet node { id title url } } } }"

    words = (await ask(client, query, {"q": "X-Road"}))["search"]["edges"]
    meaning = (await ask(client, query, {"q": "échange de données entre administrations"}))["search"]["edges"]

    assert "solution:x-road" in {edge["node"]["id"] for edge in words}
    assert [edge["score"] for edge in words] == sorted((edge["score"] for edge in words), reverse=True)
    assert "topic:data-exchange" in {edge["node"]["id"] for edge in meaning}


async def test_search_counts_all_kinds_whichever_are_asked_for(client: httpx.AsyncClient) -> None:
    query = """query ($kinds: [RecordKind!]) { search(query: "digital identity", kinds: $kinds, first: 50) {
      totalCount facets { kind count } edges { kind } } }"""

    every = (await ask(client, query))["search"]
    offers = (await ask(client, query, {"kinds": ["OFFER"]}))["search"]

    counts = {facet["kind"]: facet["count"] for facet in every["facets"]}
    assert every["totalCount"] == sum(counts.values())
    assert {edge["kind"] for edge in offers["edges"]} == {"OFFER"}
    assert {facet["kind"] for facet in offers["facets"]} == set(counts)


async def test_search_pages_without_overlap(client: httpx.AsyncClient) -> None:
    query = """query ($size: Int!, $after: String) { search(query: "broadband", first: $size, after: $after) {
      nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
    whole = (await ask(client, query, {"size": 12}))["search"]

    first = (await ask(client, query, {"size": 6}))["search"]
    second = (await ask(client, query, {"size": 6, "after": first["pageInfo"]["endCursor"]}))["search"]

    assert first["nodes"] + second["nodes"] == whole["nodes"]
    assert first["pageInfo"]["hasNextPage"] is True
    assert second["pageInfo"]["hasPreviousPage"] is True


async def test_empty_search_browses_what_passes_the_filters(client: httpx.AsyncClient) -> None:
    found = await ask(
        client,
        """{ search(query: " ", kinds: [PRACTICE], country: "EST", first: 100) { totalCount edges { kind } nodes { id } }
             country(id: "EST") { practices(first: 100) { totalCount nodes { id } } } }""",
    )

    assert {edge["kind"] for edge in found["search"]["edges"]} == {"PRACTICE"}
    assert {node["id"] for node in found["search"]["nodes"]} == {node["id"] for node in found["country"]["practices"]["nodes"]}
    assert found["search"]["totalCount"] == found["country"]["practices"]["totalCount"]


async def test_search_refuses_a_cursor_of_other_hits(client: httpx.AsyncClient) -> None:
    found = await ask(client, '{ search(query: "broadband", first: 1) { pageInfo { endCursor } } }')
    cursor = found["search"]["pageInfo"]["endCursor"]

    told = await refused(
        client, 'query ($c: String!) { search(query: "", kinds: [FUNDING_CALL], after: $c) { nodes { id } } }', {"c": cursor}
    )

    assert (told.status, told.code) == (400, "BAD_CURSOR")


async def test_health_tells_what_there_is(client: httpx.AsyncClient, database: Database) -> None:
    [(sequence,)] = await database.read(Query("MATCH (c:Change)\nRETURN max(c.sequence)"))

    found = await ask(client, "{ health { state model documents dataVersion counts { kind count } } countries(first: 0) { totalCount } }")

    health = found["health"]
    counts = {c["kind"]: c["count"] for c in health["counts"]}
    assert health["state"] == "ready"
    assert health["model"]
    assert health["dataVersion"] == sequence
    assert health["documents"] == sum(counts.values())
    assert counts["COUNTRY"] == found["countries"]["totalCount"]
