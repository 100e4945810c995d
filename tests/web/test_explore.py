"""Ways in: facets of a search, its map, topics, pillars, the surroundings of a record and ways between two."""

from __future__ import annotations

import csv
import gzip
import io
import re
from html import unescape

import httpx
import pytest

pytestmark = pytest.mark.live


def facet(text: str, name: str) -> dict[str, int]:
    return {value: int(n) for value, n in re.findall(rf'name="{name}" value="([a-z-]+)".*?<data value="(\d+)">', text)}


async def test_topics_are_counted_in_the_results_and_narrow_them(client: httpx.AsyncClient) -> None:
    text = (await client.get("/search", params={"q": "digital identity", "kind": "practices"})).text
    counts = facet(text, "topic")
    assert len(counts) == 71
    for key in ("national-id", "authentication"):
        assert key in counts
        found = (await client.get("/search.json", params={"q": "digital identity", "kind": "practices", "topic": key})).json()["search"]
        assert found["totalCount"] >= counts[key]
    assert counts["national-id"] > 0
    assert 0 in counts.values()


async def test_counts_of_a_facet_do_not_depend_on_its_own_filter(client: httpx.AsyncClient) -> None:
    params = {"q": "land registry", "kind": "practices"}
    free = (await client.get("/search.json", params=params)).json()["search"]
    narrowed = (await client.get("/search.json", params=params | {"topic": "land-administration"})).json()["search"]
    most = free["byCountry"]["buckets"][0]
    placed = (await client.get("/search.json", params=params | {"country": most["value"].partition(":")[2]})).json()["search"]
    assert narrowed["byTopic"] == free["byTopic"]
    assert narrowed["byCountry"] != free["byCountry"]
    assert placed["byCountry"] == free["byCountry"]
    assert placed["totalCount"] >= most["count"] > 0


async def test_several_topics_at_once_stay_ticked(client: httpx.AsyncClient) -> None:
    text = (await client.get("/search?q=identity&topic=national-id&topic=data-protection")).text
    assert 'value="national-id" checked' in text
    assert text.count("checked>") == 2


async def test_results_on_a_map_say_the_same_as_their_table(client: httpx.AsyncClient) -> None:
    response = await client.get("/search", params={"q": "digital identity", "view": "map"})
    text = response.text
    buckets = {
        b["value"][8:]: b["count"] for b in (await client.get("/search.json?q=digital+identity")).json()["search"]["byCountry"]["buckets"]
    }
    table = text[text.index("The same as a table") :]
    rows = re.findall(r'country=([A-Z]{3})">[^<]+</a></th><td class="n">(\d+)</td>', table)
    assert {iso: int(n) for iso, n in rows} == buckets
    on_map = text[text.index('<figure class="atlas">') : text.index("</figure>")]
    assert f"<title>India: {buckets['IND']}</title>" in on_map
    assert "do not imply official endorsement" in text
    style = await client.get(re.findall(r'href="(/static/site[^"]+\.css)"', text)[0])
    assert len(gzip.compress(response.content)) + len(gzip.compress(style.content)) <= 40_000


async def test_topics_stand_under_their_wider_ones_with_counts(client: httpx.AsyncClient) -> None:
    text = (await client.get("/topics")).text
    section = text[text.index(">Digital identity</a></h2>") :]
    section = section[: section.index("</section>")]
    assert 'href="/topics/national-id"' in section
    rows = list(csv.DictReader(io.StringIO((await client.get("/topics.csv")).content.decode("utf-8-sig"))))
    assert len(rows) == 71
    row = next(row for row in rows if row["id"] == "topic:national-id")
    total = sum(int(value) for name, value in row.items() if name.endswith(".totalCount"))
    assert f'<data class="num quiet" value="{total}">' in section


async def test_pillars_name_the_topics_that_serve_them(client: httpx.AsyncClient) -> None:
    text = (await client.get("/pillars")).text
    assert text.count("Topics that serve it:") == (await client.get("/pillars.json")).json()["records"]["totalCount"]


async def test_surroundings_are_drawn_and_listed(client: httpx.AsyncClient) -> None:
    text = (await client.get("/graph/practice:est-x-road")).text
    drawing = text[text.index('<svg class="graph') : text.index("</svg>", text.index('<svg class="graph'))]
    drawn = set(re.findall(r'href="/graph/([^"]+)"', drawing))
    listed = set(re.findall(r'<a class="small around-link" href="/graph/([^"]+)"', text))
    data = (await client.get("/graph/practice:est-x-road.json")).json()["surroundings"]
    assert len(drawn) == 12
    assert drawn <= listed == {node["id"] for group in data for node in group["records"]["nodes"]}
    assert "Adapted by others" in drawing


async def test_one_relationship_can_be_chosen(client: httpx.AsyncClient) -> None:
    data = (await client.get("/graph/country:KEN.json", params={"by": "projects"})).json()["surroundings"]
    wrong = await client.get("/graph/country:KEN", params={"by": "friends"})
    assert [group["field"] for group in data] == ["projects"]
    assert len(data[0]["records"]["nodes"]) == data[0]["count"]
    assert wrong.status_code == 200
    assert "We left out by=friends" in wrong.text


async def test_a_second_record_is_found_and_the_way_shown(client: httpx.AsyncClient) -> None:
    text = (await client.get("/graph/country:KEN", params={"q": "X-Road"})).text
    [address] = re.findall(r'href="(/graph/country:KEN\?to=practice%3Aest-x-road)"', text)
    way = (await client.get(unescape(address))).text
    section = way[way.index('id="way"') : way.index("</section>", way.index('id="way"'))]
    assert re.findall(r"<b><a[^>]*>([^<]+)</a></b>", section)[0] == "Kenya"
    assert "a shortest way" in section


async def test_records_lead_to_their_surroundings(client: httpx.AsyncClient) -> None:
    for path, record in (("/countries/KEN", "country:KEN"), ("/practices/est-x-road", "practice:est-x-road")):
        assert f'href="/graph/{record}"' in (await client.get(path)).text


@pytest.mark.parametrize("record", ["country:ZZZ", "nothing", "observation:egdi-KEN-2024"])
async def test_surroundings_of_nothing_are_not_found(client: httpx.AsyncClient, record: str) -> None:
    assert (await client.get(f"/graph/{record}")).status_code == 404


async def test_a_practice_tells_who_adapted_it_and_what_they_changed(client: httpx.AsyncClient) -> None:
    text = (await client.get("/practices/est-x-road")).text
    data = (await client.get("/practices/est-x-road.json")).json()["record"]
    assert text.count("What was changed") == data["adaptations"]["totalCount"] == 15
    assert "Scaled to a small island administration." in text
    failed = text[text.index('id="failed"') :]
    assert "Not on record" in failed[: failed.index("</section>")]
    assert "Information System Authority of Estonia" in text[text.index('id="ask"') :]


async def test_a_practice_that_failed_says_so_as_large_as_what_came_of_it(client: httpx.AsyncClient) -> None:
    found = (
        await client.get(
            "/graphql",
            params={
                "query": "{ practices(first: 1, where: {whatFailed: {isNull: false}, results: {isNull: false}}) { nodes { id whatFailed } } }"
            },
        )
    ).json()
    practice = found["data"]["practices"]["nodes"][0]
    text = unescape((await client.get(f"/practices/{practice['id'].partition(':')[2]}")).text)
    failed = text[text.index('id="failed"') :]
    assert f'<p class="lede">{practice["whatFailed"]}</p>' in failed[: failed.index("</section>")]


async def test_an_offer_and_a_window_list_open_needs_on_their_topics(client: httpx.AsyncClient) -> None:
    data = (await client.get("/funding-calls/google-org-ai-government-2026.json")).json()["record"]
    text = (await client.get("/funding-calls/google-org-ai-government-2026")).text
    needs = {need["id"] for topic in data["topics"]["nodes"] for need in topic["needs"]["nodes"]}
    assert needs
    assert len(set(re.findall(r'href="/match\?need=([^"]+)"', text))) == min(len(needs), 8)
    assert "Who may ask" in (await client.get("/offers/ckan-portal")).text


async def test_an_organisation_says_where_it_works_and_on_what(client: httpx.AsyncClient) -> None:
    text = (await client.get("/organizations/world-bank")).text
    where = text[text.index('id="where"') :]
    assert 0 < where[: where.index("</section>")].count("<li") <= 16
    assert 'href="#funded"' in text
    assert 'id="funded"' in text
