"""A need and its packages: the page, its form, and what it says when something is wrong."""

from __future__ import annotations

import re

import httpx
import pytest

pytestmark = pytest.mark.live

TEXT = "A national data exchange layer between the registries of people, land and companies"


async def test_a_need_gets_packages_with_numbered_evidence(client: httpx.AsyncClient) -> None:
    response = await client.get("/match", params={"country": "KHM", "text": TEXT})
    assert response.status_code == 200
    assert response.text.count('<article class="pack"') == 5
    assert TEXT in response.text
    numbers = [int(n) for n in re.findall(r'<li id="e(\d+)" value=', response.text)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {int(n) for n in re.findall(r'class="ev" href="#e(\d+)"', response.text)} <= set(numbers)


async def test_a_score_is_the_sum_of_the_parts_shown(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/match.json", params={"country": "KHM", "text": TEXT})).json()["match"]
    for partner in answer["partners"]["nodes"]:
        assert partner["score"] == pytest.approx(sum(part["value"] * part["weight"] for part in partner["parts"]))


async def test_every_package_has_four_stops(client: httpx.AsyncClient) -> None:
    text = (await client.get("/match", params={"country": "KHM", "text": TEXT})).text
    assert len(re.findall(r'<li class="stop (?:found|near|hole)">', text)) == 20


async def test_the_next_page_of_partners_goes_on_with_the_numbers(client: httpx.AsyncClient) -> None:
    from html import unescape

    first = (await client.get("/match", params={"country": "KHM", "text": TEXT})).text
    last = max(int(n) for n in re.findall(r'<li id="e(\d+)"', first))
    [address] = re.findall(r'href="([^"]+)" rel="next"', first)
    second = (await client.get(unescape(address))).text
    assert f'id="e{last + 1}"' in second
    assert '<span class="rank" aria-hidden="true">6</span>' in second


async def test_a_topic_can_be_taken_away_without_javascript(client: httpx.AsyncClient) -> None:
    params = {"country": "KHM", "text": TEXT, "topics": ["data-exchange", "base-registries"], "without": "base-registries"}
    response = await client.get("/match", params=params)
    assert response.status_code == 303
    assert "topics=data-exchange" in response.headers["location"]
    assert "base-registries" not in response.headers["location"]


async def test_a_need_on_record_is_matched_in_its_own_words(client: httpx.AsyncClient) -> None:
    need = (await client.get("/needs.json")).json()["records"]["nodes"][0]
    key = need["id"].split(":")[1]
    led = await client.get("/match", params={"need": key})
    assert led.status_code == 303
    response = await client.get(led.headers["location"])
    assert response.status_code == 200
    assert f"/needs/{key}" in response.text


async def test_the_empty_form_is_no_mistake(client: httpx.AsyncClient) -> None:
    response = await client.get("/match")
    assert response.status_code == 200
    assert 'role="alert"' not in response.text


@pytest.mark.parametrize("path", ["/", "/match"])
@pytest.mark.parametrize(("languages", "country"), [("en-FJ,en;q=0.9", "FJI"), ("fr-SN,fr;q=0.9", "SEN"), ("km", "KHM")])
async def test_the_country_is_guessed_from_the_languages_of_the_browser(
    client: httpx.AsyncClient, path: str, languages: str, country: str
) -> None:
    text = (await client.get(path, params={"lang": "en"}, headers={"accept-language": languages})).text

    assert re.findall(r'<option value="(\w*)" selected>', text) == [country]
    assert text.count("Guessed from your browser’s languages") == 1
    assert 'id="country" name="country" aria-describedby="country-hint"' in text


@pytest.mark.parametrize(
    ("params", "languages", "country"),
    [({}, "en-US,en;q=0.9", []), ({}, "en-ZZ", []), ({"country": "KHM"}, "en-FJ", ["KHM"]), ({"text": TEXT}, "en-FJ", [])],
    ids=["no country", "no country that there is", "chosen", "something was written"],
)
async def test_nothing_is_guessed_where_nobody_spoke_of_a_country_or_the_form_was_sent(
    client: httpx.AsyncClient, params: dict[str, str], languages: str, country: list[str]
) -> None:
    text = (await client.get("/match", params=params, headers={"accept-language": languages})).text

    assert re.findall(r'<option value="(\w*)" selected>', text) == country
    assert "Guessed from" not in text


@pytest.mark.parametrize(
    ("params", "field", "says"),
    [
        ({"country": "KHM", "text": " "}, "text", "Write what you need"),
        ({"country": "KHM", "text": "!!! 123 ???"}, "text", "no language"),
        ({"country": "KHM", "text": "x\x00\x01y " * 7_000}, "text", "Shorten it to at most 10,000"),
        ({"text": TEXT}, "country", "Choose your country"),
        ({"country": "Figi", "text": TEXT}, "country", "Fiji"),
        ({"country": "KHM", "text": TEXT, "amount": "1.4 mio"}, "amount", "Write the amount as a number: 1400000"),
        ({"country": "KHM", "text": TEXT, "amount": "-5"}, "amount", "Write the amount as a number"),
        ({"country": "KHM", "text": TEXT, "as_of": "next week"}, "as_of", "Write the day as 2024-12-31"),
        ({"country": "KHM", "text": TEXT, "as_of": "2999-01-01"}, "as_of", "in the future"),
    ],
)
async def test_a_mistake_is_told_at_its_field_and_nothing_typed_is_lost(
    client: httpx.AsyncClient, params: dict[str, str], field: str, says: str
) -> None:
    response = await client.get("/match", params=params)
    assert response.status_code == 400
    assert f'<a href="#{field}">' in response.text
    assert f'id="{field}-problem"' in response.text
    assert says in response.text
    if params.get("text") == TEXT:
        assert TEXT in response.text


async def test_mistakes_are_told_in_the_language_of_the_page(client: httpx.AsyncClient) -> None:
    response = await client.get("/match", params={"country": "KHM", "text": "", "amount": "viel", "lang": "ar"})
    assert response.status_code == 400
    assert "شيئان للإصلاح" in response.text


async def test_what_is_typed_is_never_markup(client: httpx.AsyncClient) -> None:
    text = 'We need <script>alert(1)</script> a portal for "all" public services & forms'
    response = await client.get("/match", params={"country": "KHM", "text": text})
    assert response.status_code == 200
    assert [tag for tag in re.findall(r"<script[^>]*>", response.text) if ' src="/static/' not in tag] == []
    assert "&lt;script&gt;" in response.text


async def test_only_countries_when_only_countries_are_wanted(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/match.json", params={"country": "KHM", "text": TEXT, "kind": "country"})).json()["match"]
    assert {node["partner"]["__typename"] for node in answer["partners"]["nodes"]} == {"Country"}


async def test_a_need_in_arabic_is_shown_in_arabic(client: httpx.AsyncClient) -> None:
    text = "بعد مرحلة انتقال سياسي تريد الحكومة نظامًا إلكترونيًا شفافًا للمشتريات العمومية"
    response = await client.get("/match", params={"country": "TUN", "text": text, "lang": "ar"})
    assert response.status_code == 200
    assert text in response.text
    assert "تونس" in response.text
    assert "الدرجة" in response.text


async def test_weights_change_the_score_and_the_highest_there_can_be(client: httpx.AsyncClient) -> None:
    usual = (await client.get("/match.json", params={"country": "KHM", "text": TEXT})).json()["match"]
    changed = (await client.get("/match.json", params={"country": "KHM", "text": TEXT, "own": "2", "region": "0", "language": "0"})).json()
    own = [part["weight"] for part in changed["match"]["partners"]["nodes"][0]["parts"] if part["name"] == "OWN_EXPERIENCE"]
    assert own == [2.0]
    assert usual["maximumScore"] == pytest.approx(1.4)
    assert changed["match"]["maximumScore"] == changed["match"]["partners"]["nodes"][0]["maximumScore"] == 1.0
    for partner in changed["match"]["partners"]["nodes"]:
        assert partner["score"] == pytest.approx(sum(part["value"] * part["weight"] for part in partner["parts"]))


async def test_weights_stay_in_the_form_and_in_the_addresses(client: httpx.AsyncClient) -> None:
    text = (await client.get("/match", params={"country": "KHM", "text": TEXT, "own": "2"})).text
    assert re.search(r'id="w-own" name="own" inputmode="decimal" value="2"', text)
    [following] = re.findall(r'href="([^"]+)" rel="next"', text)
    assert "own=2" in following


@pytest.mark.parametrize(("name", "weight"), [("own", "3"), ("region", "-1"), ("language", "much"), ("own", "nan")])
async def test_a_wrong_weight_is_told(client: httpx.AsyncClient, name: str, weight: str) -> None:
    response = await client.get("/match", params={"country": "KHM", "text": TEXT, name: weight})
    assert response.status_code == 400
    assert f"Write a number from 0 to 2, not “{weight}”" in response.text


async def test_a_partner_is_left_out_and_taken_in_again(client: httpx.AsyncClient) -> None:
    from html import unescape

    usual = (await client.get("/match.json", params={"country": "KHM", "text": TEXT})).json()["match"]["partners"]
    first = usual["nodes"][0]["partner"]
    text = (await client.get("/match", params={"country": "KHM", "text": TEXT})).text
    addresses = [unescape(a) for a in re.findall(r'href="(/match\?[^"]+)">Not this partner', text)]
    assert len(addresses) == 5
    without = (await client.get(addresses[0])).text
    data = (await client.get(addresses[0].replace("/match?", "/match.json?"))).json()["match"]["partners"]
    assert first["id"] not in {node["partner"]["id"] for node in data["nodes"]}
    assert data["totalCount"] == usual["totalCount"] - 1
    [back] = re.findall(rf'href="([^"]+)">take {re.escape(first["title"])} in again', without)
    again = (await client.get(unescape(back).replace("/match?", "/match.json?"))).json()["match"]["partners"]
    assert again["nodes"][0]["partner"]["id"] == first["id"]


async def test_who_is_left_out_has_to_be_a_partner(client: httpx.AsyncClient) -> None:
    response = await client.get("/match", params={"country": "KHM", "text": TEXT, "exclude": "practice:est-x-road"})
    assert response.status_code == 400
    assert "is not a partner" in response.text


async def test_two_partners_stand_side_by_side(client: httpx.AsyncClient) -> None:
    nodes = (await client.get("/match.json", params={"country": "KHM", "text": TEXT})).json()["match"]["partners"]["nodes"]
    chosen = [nodes[0]["partner"], nodes[3]["partner"]]
    text = (await client.get("/match", params={"country": "KHM", "text": TEXT, "side": [party["id"] for party in chosen]})).text
    sides = text[text.index('id="sides"') : text.index("</section>", text.index('id="sides"'))]
    assert all(party["title"] in sides for party in chosen)
    assert sides.count("<tr>") == 1 + 1 + 6 + 3 + 1
    one = (await client.get("/match", params={"country": "KHM", "text": TEXT, "side": chosen[0]["id"]})).text
    assert "Choose two partners of this page" in one


async def test_the_address_of_a_result_can_be_shared(client: httpx.AsyncClient) -> None:
    from html import unescape

    text = (await client.get("/match", params={"country": "KHM", "text": TEXT, "own": "1"})).text
    [address] = re.findall(r'<a class="address" href="([^"]+)">this result</a>', text)
    again = await client.get(unescape(address))
    assert again.status_code == 200
    assert re.findall(r'<article class="pack" id="p\d+".*?<h2[^>]*>(.*?)</h2>', again.text) == re.findall(
        r'<article class="pack" id="p\d+".*?<h2[^>]*>(.*?)</h2>', text
    )
