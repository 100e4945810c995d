"""Search: facets, filters, pages, and wrong filters."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

pytestmark = pytest.mark.live


async def test_search_counts_every_kind(client: httpx.AsyncClient) -> None:
    text = (await client.get("/search", params={"q": "digital identity"})).text
    counts = {slug: int(n) for slug, n in re.findall(r'name="kind" value="([a-z-]+)".*?<data value="(\d+)">', text)}
    assert counts["practices"] > 0
    assert set(counts) >= {"countries", "needs", "offers", "funding-calls"}


async def test_a_filter_narrows_and_stays_ticked(client: httpx.AsyncClient) -> None:
    response = await client.get("/search", params={"q": "digital identity", "kind": "practices"})
    assert 'value="practices" checked' in response.text
    found = (await client.get("/search.json", params={"q": "digital identity", "kind": "practices"})).json()["search"]["nodes"]
    assert {node["__typename"] for node in found} == {"Practice"}


async def test_results_go_on_behind_the_cursor(client: httpx.AsyncClient) -> None:
    first = (await client.get("/search", params={"q": "training"})).text
    [address] = re.findall(r'href="([^"]+)" rel="next"', first)
    second = (await client.get(unescape(address))).text
    assert re.findall(r"<h3><a href=\"([^\"]+)\"", first) != re.findall(r"<h3><a href=\"([^\"]+)\"", second)


async def test_a_list_searches_only_its_kind(client: httpx.AsyncClient) -> None:
    found = (await client.get("/offers.json", params={"q": "training for officials"})).json()["search"]["nodes"]
    assert {node["__typename"] for node in found} == {"Offer"}


@pytest.mark.parametrize(
    ("params", "says"), [({"country": "Figi"}, "FJI"), ({"topic": "none-such"}, "not a topic"), ({"after": "%%%"}, "no longer exists")]
)
async def test_a_wrong_filter_is_told(client: httpx.AsyncClient, params: dict[str, str], says: str) -> None:
    response = await client.get("/search", params={"q": "land", **params})
    assert response.status_code == 400
    assert says in response.text
    assert 'value="land"' in response.text


async def test_a_kind_that_does_not_exist_is_left_out_with_a_note(client: httpx.AsyncClient) -> None:
    response = await client.get("/search", params={"q": "land", "kind": "unicorns"})
    assert response.status_code == 200
    assert "unicorns" in response.text
