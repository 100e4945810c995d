"""Countries: the map and its table, the profile, comparison, peers."""

from __future__ import annotations

import csv
import gzip
import io
import re
from datetime import date
from html import unescape
from statistics import median

import httpx
import pytest

from graph.database import Database, Query
from graph.records import Link, Record, Value
from graph.writer import write
from web.world import world

pytestmark = pytest.mark.live


def rows_of(text: str) -> list[str]:
    """Countries of the table in its order."""
    table = text[text.index('id="table"') :]
    return re.findall(r'<th scope="row"><a href="/countries/([A-Z]{3})', table)


async def test_the_map_and_the_table_show_every_country(client: httpx.AsyncClient) -> None:
    text = (await client.get("/countries")).text
    figure = text[text.index("<svg viewBox=") : text.index("</figure>")]
    on_map = set(re.findall(r'href="/countries/([A-Z]{3})', figure))
    in_table = rows_of(text)
    assert len(in_table) == 243
    assert on_map == set(in_table) & (set(world().shapes) | set(world().dots))
    assert "do not imply official endorsement" in text
    assert "<title>Kenya: 0.63 (2024)</title>" in text


async def test_the_legend_counts_every_country_once(client: httpx.AsyncClient) -> None:
    text = (await client.get("/countries", params={"show": "practices"})).text
    legend = re.search(r'<ul class="key">(.*?)</ul>', text, re.DOTALL)
    assert legend is not None
    assert sum(int(n) for n in re.findall(r": ([\d,]+) countr", legend[1])) == 243
    assert "none on record" in legend[1]


async def test_groups_narrow_the_countries_down(client: httpx.AsyncClient) -> None:
    params = {"region": "eastern-africa", "income": "low-income", "group": "lldc"}
    found = (await client.get("/countries.json", params=params)).json()["records"]
    shown = rows_of((await client.get("/countries", params=params)).text)
    assert found["totalCount"] == len(found["nodes"]) == len(shown) > 0
    assert "RWA" in shown
    assert "KEN" not in shown


async def test_the_order_is_by_name_figure_or_population(client: httpx.AsyncClient) -> None:
    by_value = (await client.get("/countries.json", params={"sort": "value"})).json()["records"]["nodes"]
    values = [node["observations"]["nodes"][0]["value"] for node in by_value if node["observations"]["nodes"]]
    assert values == sorted(values, reverse=True)
    assert rows_of((await client.get("/countries", params={"sort": "value"})).text) == [node["iso3"] for node in by_value]
    by_people = (await client.get("/countries.json", params={"sort": "population"})).json()["records"]["nodes"]
    assert by_people[0]["iso3"] == "IND"


async def test_the_csv_has_the_figure_of_every_country(client: httpx.AsyncClient) -> None:
    response = await client.get("/countries.csv", params={"show": "gtmi", "sort": "value"})
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert len(rows) == 243
    assert rows[0]["observations.nodes.year"] == "2025"


async def test_what_nobody_offers_is_left_out_with_a_note(client: httpx.AsyncClient) -> None:
    response = await client.get("/countries", params={"show": "beauty", "group": "atlantis", "income": "africa"})
    assert response.status_code == 200
    assert "We left out show=beauty, income=africa, group=atlantis" in response.text
    assert len(rows_of(response.text)) == 243


async def test_groups_without_a_common_member_say_so(client: httpx.AsyncClient) -> None:
    text = (await client.get("/countries", params={"region": "europe", "group": "asean"})).text
    assert "No country is in all of these groups." in text


@pytest.mark.parametrize("path", ["/countries", "/countries/KEN", "/compare?countries=KEN,RWA,EST,SGP", "/countries/KEN/peers"])
async def test_pages_of_countries_stay_small(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path, params={"lang": "ar"} if "?" not in path else None)
    style = await client.get(re.findall(r'href="(/static/site[^"]+\.css)"', page.text)[0])
    assert len(gzip.compress(page.content)) + len(gzip.compress(style.content)) <= 40_000


async def test_medians_are_those_of_plain_python(client: httpx.AsyncClient, database: Database) -> None:
    rows = await database.read(
        Query(
            "MATCH (:CountryGroup {id: 'group:sids'})<-[:MEMBER_OF]-(c:Country)<-[:FOR]-(o:Observation {year: 2024})-[:OF]->"
            "(:Indicator {id: 'indicator:egdi'})\nRETURN o.value",
            {},
        )
    )
    answer = (await client.get("/countries/CPV.json")).json()
    shown = {(row["indicator"], row["year"]): (row["count"], row["value"]) for row in answer["medians"]}
    assert answer["group"]["id"] == "group:sids"
    assert shown["egdi", 2024] == (len(rows), pytest.approx(median(value for (value,) in rows), rel=1e-9))


async def test_the_group_of_the_median_can_be_chosen(client: httpx.AsyncClient) -> None:
    usual = (await client.get("/countries/KEN")).text
    chosen = (await client.get("/countries/KEN", params={"group": "eac"})).text
    wrong = await client.get("/countries/KEN", params={"group": "asean"})
    assert "Median: Eastern Africa" in usual
    assert "Median: East African Community" in chosen
    assert wrong.status_code == 200
    assert "We left out group=asean" in wrong.text


async def test_every_chart_of_a_profile_has_its_table_with_years_and_medians(client: httpx.AsyncClient) -> None:
    text = (await client.get("/countries/CPV")).text
    assert text.count('class="spark ltr"') == 5
    assert text.count('class="med" d="M') >= 5
    table = text[text.index("The same as a table") :]
    assert len(re.findall(r'<tr><th scope="row">20\d\d</th>', table)) == 12
    assert "Median 0.42; it was 0.44 in 2020" in text
    assert "United Nations E-Government Survey, 2003 to 2024." in text


async def test_a_profile_says_what_is_missing(client: httpx.AsyncClient) -> None:
    text = (await client.get("/countries/ABW")).text
    assert "No index measures this country." in text
    assert "No public need is on record." in text
    assert "It has not told which services it chose as essential." in text


async def test_essential_services_are_counted_of_those_the_country_chose(client: httpx.AsyncClient, scratch: Database) -> None:
    def chosen(key: str, **values: Value) -> Record:
        told: dict[str, Value] = {"name": f"Service {key}", "level": "national", "lang": "en"}
        return Record("EssentialService", f"test-{key}", told | values, {"country": [Link("country:NRU")]})

    births = chosen("births", electronicSince=date(2020, 5, 1), channels=["web", "kiosk"])
    report = await write(scratch, [births, chosen("land"), chosen("permits")], actor="tests")
    assert report.refused == []

    text = (await client.get("/countries/NRU")).text

    section = text[text.index('id="services"') : text.index("</section>", text.index('id="services"'))]
    assert re.search(r"<b[^>]*>1</b> of <b[^>]*>3</b> are delivered electronically\.", section)
    assert section.count('class="dot found"') == 1
    assert section.count('class="dot hole"') == 2
    assert "web, kiosk" in section
    assert '<time datetime="2020-05-01">1 May 2020</time>' in section


async def test_strengths_lead_to_their_records(client: httpx.AsyncClient) -> None:
    text = (await client.get("/countries/EST")).text
    [address] = re.findall(r'<th scope="row"><a href="(/search\?country=EST&amp;topic=data-exchange)">', text)
    found = await client.get(unescape(address).replace("/search", "/search.json"))
    assert found.json()["search"]["totalCount"] > 0


async def test_countries_are_compared_in_the_order_asked_for(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/compare.json", params={"countries": "RWA,KEN"})).json()
    text = (await client.get("/compare", params={"countries": "rwa,KEN"})).text
    assert [node["iso3"] for node in answer["countries"]["nodes"]] == ["RWA", "KEN"]
    assert text.index(">Rwanda</a></th>") < text.index(">Kenya</a></th>")
    assert re.search(
        r"Telecommunication Infrastructure Index</a>: Kenya <b[^>]*>0\.59</b>, Rwanda <b[^>]*>0\.37</b>; 0\.22 apart in 2024", text
    )


async def test_a_choice_of_four_becomes_one_address(client: httpx.AsyncClient) -> None:
    response = await client.get("/compare?countries=KEN&countries=&countries=RWA")
    assert response.status_code == 303
    assert response.headers["location"] == "/compare?countries=KEN%2CRWA"


async def test_a_fifth_country_and_an_unknown_one_are_left_out_with_a_note(client: httpx.AsyncClient) -> None:
    text = (await client.get("/compare", params={"countries": "KEN,RWA,UGA,TZA,EST,XX"})).text
    assert "We left out XX, EST" in text
    assert text.count('<th scope="col" class="n">') >= 3


async def test_weights_change_who_is_a_peer(client: httpx.AsyncClient) -> None:
    usual = (await client.get("/countries/KEN/peers.json")).json()["peers"]
    changed = (await client.get("/countries/KEN/peers.json", params={"region": "0", "languages": "0", "core-systems": "8"})).json()["peers"]
    assert {w["measure"]: w["weight"] for w in changed["weights"]}["REGION"] == 0
    assert [p["country"]["iso3"] for p in usual["peers"]["nodes"]] != [p["country"]["iso3"] for p in changed["peers"]["nodes"]]


async def test_weights_stand_in_the_form_and_in_the_link_to_the_next_page(client: httpx.AsyncClient) -> None:
    text = (await client.get("/countries/KEN/peers", params={"region": "0"})).text
    assert re.search(r'id="region" name="region" inputmode="decimal" value="0"', text)
    [following] = re.findall(r'href="([^"]+)" rel="next"', text)
    assert "region=0" in following
    second = (await client.get(unescape(following))).text
    assert '<span class="quiet num">9</span>' in second


@pytest.mark.parametrize(("name", "text"), [("population", "much"), ("region", "-1"), ("income", "1000"), ("income", "nan")])
async def test_a_wrong_weight_is_told_and_kept(client: httpx.AsyncClient, name: str, text: str) -> None:
    response = await client.get("/countries/KEN/peers", params={name: text})
    assert response.status_code == 400
    assert f'<a href="#{name}">Write a number from 0 to 100, not “{text}”</a>' in response.text
    assert f'value="{text}" aria-invalid="true"' in response.text


async def test_all_weights_of_nothing_are_refused(client: httpx.AsyncClient) -> None:
    form = (await client.get("/countries/KEN/peers")).text
    names = re.findall(r'<input id="([a-z-]+)" name="\1" inputmode="decimal"', form)
    assert len(names) == 11
    response = await client.get("/countries/KEN/peers", params=dict.fromkeys(names, "0"))
    assert response.status_code == 400
    assert "Give one measure at least a weight above 0" in response.text


async def test_peers_of_no_country_are_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/countries/ZZZ/peers")).status_code == 404
