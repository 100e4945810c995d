"""Every page answers: as HTML with the right headers, as JSON with the same data, as CSV where it is a list."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re

import httpx
import pytest

from api.wording import LANGUAGES
from web import static
from web.terms import DOMAINS

pytestmark = pytest.mark.live

TEXTS = ("/how-matching-works", "/accessibility", "/privacy", "/api")
LISTS = tuple(domain.path for domain in DOMAINS)
NEED = {"country": "KHM", "text": "A national data exchange layer between the registries of people, land and companies"}


def records(text: str, path: str) -> list[str]:
    """Addresses of records of a kind on a page."""
    return list(dict.fromkeys(re.findall(rf'href="({path}/[^"?#]+)', text)))


@pytest.mark.parametrize("path", ["/", "/search", "/match", *LISTS, *TEXTS])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_page_answers_in_each_language(client: httpx.AsyncClient, path: str, language: str) -> None:
    response = await client.get(path, params={"lang": language})
    assert response.status_code == 200
    assert response.headers["content-language"] == language
    assert "accept-language" in response.headers["vary"].lower()
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in response.text
    assert response.text.count("<h1") == 1


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
async def test_a_record_of_each_kind_has_a_page(client: httpx.AsyncClient, domain: object) -> None:
    path = domain.path  # type: ignore[attr-defined]  # a Domain, typed as object for the ids
    listing = await client.get(path)
    found = records(listing.text, path)
    if not found:
        assert "None on record yet" in listing.text
        return
    for address in found[:3]:
        page = await client.get(address)
        assert page.status_code == 200
        assert page.text.count("<h1") == 1
        data = (await client.get(address + ".json")).json()
        assert data["record"]["id"].endswith(":" + address.rpartition("/")[2])


async def test_the_policy_allows_nothing_inline(client: httpx.AsyncClient) -> None:
    response = await client.get("/")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"]
    scripts = re.findall(r"<script[^>]*>", response.text)
    assert [s for s in scripts if s != '<script type="application/ld+json">' and ' src="/static/islands/' not in s] == []
    assert " style=" not in response.text


@pytest.mark.parametrize("origin", ["none", "cross-site", "same-site"])
async def test_who_arrives_gets_the_stylesheet_in_the_page_and_keeps_it_for_the_next(client: httpx.AsyncClient, origin: str) -> None:
    response = await client.get("/privacy", headers={"sec-fetch-site": origin})

    [(style, sheet)] = [(m.start(), m[1]) for m in re.finditer(r"<style>(.*?)</style>", response.text, re.DOTALL)]
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    links = [(m.start(), m[0]) for m in re.finditer(r'<link rel="stylesheet"[^>]*>', response.text)]
    assert sheet == static.stylesheet()
    assert f"style-src 'sha256-{digest}' 'self';" in response.headers["content-security-policy"]
    assert style < response.text.index("<body>")
    assert [link for _, link in links] == [f'<link rel="stylesheet" href="{static.address("site.css")}" media="not all">']
    assert links[0][0] > response.text.index("</footer>")
    assert response.headers["vary"].startswith("accept-language, sec-fetch-site")


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {}], ids=["from another page", "a browser that does not say"])
async def test_who_has_been_here_gets_a_link_to_the_stylesheet(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    response = await client.get("/privacy", headers=headers)

    assert "<style" not in response.text
    assert re.findall(r'<link rel="stylesheet"[^>]*>', response.text) == [f'<link rel="stylesheet" href="{static.address("site.css")}">']
    assert "style-src 'self';" in response.headers["content-security-policy"]


async def test_the_console_allows_its_editor_its_own_styles_whoever_comes(client: httpx.AsyncClient) -> None:
    # A hash beside it would make browsers leave out 'unsafe-inline'.
    response = await client.get("/graphiql", headers={"sec-fetch-site": "none"})

    assert "style-src 'self' 'unsafe-inline';" in response.headers["content-security-policy"]
    assert "<style" not in response.text


async def test_pages_ask_no_other_host(client: httpx.AsyncClient) -> None:
    for path in ("/", "/search?q=identity", "/countries/KEN"):
        text = (await client.get(path)).text
        loaded = re.findall(r'<(?:link rel="(?:stylesheet|icon|modulepreload)"|img|script|source)[^>]+(?:href|src)="([^"]+)"', text)
        assert loaded
        assert all(address.startswith("/") for address in loaded)


async def test_static_files_are_kept_for_good(client: httpx.AsyncClient) -> None:
    home = (await client.get("/")).text
    [address] = re.findall(r'href="(/static/site\.[0-9a-f]{12}\.css)"', home)
    first = await client.get(address)
    assert first.status_code == 200
    assert "immutable" in first.headers["cache-control"]
    again = await client.get(address, headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert (await client.get("/static/site.000000000000.css")).status_code == 404


async def test_an_unchanged_page_travels_once(client: httpx.AsyncClient) -> None:
    first = await client.get("/privacy")
    again = await client.get("/privacy", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


async def test_first_visits_stay_small(client: httpx.AsyncClient) -> None:
    """What travels at the first visit: the page, and every file that it loads, compressed as any browser takes them."""
    for path, params in (
        ("/", {}),
        ("/match", NEED),
        ("/countries/KEN", {}),
        ("/search", {"q": "identity"}),
        *((path, {}) for path in LISTS),
    ):
        page = await client.get(path, params=params, headers={"accept-encoding": "gzip", "sec-fetch-site": "none"})
        files = re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"', page.text)
        files += (scripts := re.findall(r'<script [^>]*src="([^"]+)"', page.text))
        sizes = {path: int(page.headers["content-length"])}
        for file in files:
            sizes[file] = int((await client.get(file, headers={"accept-encoding": "gzip"})).headers["content-length"])
        assert sum(sizes.values()) <= (120_000 if scripts else 40_000), sizes
        assert sum(size for file, size in sizes.items() if file not in scripts) <= 40_000, sizes


async def test_the_csv_of_a_list_has_a_row_for_each_record(client: httpx.AsyncClient) -> None:
    response = await client.get("/practices.csv")
    assert response.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert len(rows) == 20
    assert {"id", "title", "summary", "country.title"} <= set(rows[0])


async def test_lists_page_forward_and_back(client: httpx.AsyncClient) -> None:
    first = (await client.get("/practices.json")).json()["records"]
    following = (await client.get("/practices.json", params={"after": first["pageInfo"]["endCursor"]})).json()["records"]
    assert following["pageInfo"]["hasPreviousPage"]
    assert not {n["id"] for n in first["nodes"]} & {n["id"] for n in following["nodes"]}
    back = (await client.get("/practices.json", params={"before": following["pageInfo"]["startCursor"]})).json()["records"]
    assert [n["id"] for n in back["nodes"]] == [n["id"] for n in first["nodes"]]


async def test_links_keep_the_language_that_was_chosen(client: httpx.AsyncClient) -> None:
    chosen = (await client.get("/countries", params={"lang": "fr"})).text
    assert 'href="/countries/' in chosen
    assert all("lang=fr" in address for address in re.findall(r'href="(/countries/[^"]+)"', chosen))
    negotiated = (await client.get("/countries", headers={"accept-language": "fr-CA,fr;q=0.8"})).text
    assert '<html lang="fr"' in negotiated
    assert "lang=" not in "".join(re.findall(r'href="(/countries/[^"]+)"', negotiated))


async def test_the_language_switch_keeps_page_and_query(client: httpx.AsyncClient) -> None:
    text = (await client.get("/search", params={"q": "land", "kind": "practices"})).text
    assert 'href="/search?q=land&amp;kind=practices&amp;lang=ar"' in text


async def test_an_unknown_language_falls_back_and_says_so(client: httpx.AsyncClient) -> None:
    response = await client.get("/privacy", params={"lang": "pt"})
    assert response.headers["content-language"] == "en"
    assert "Shown in English." in response.text
    assert "Portuguese" in response.text


async def test_an_unknown_parameter_is_left_out_with_a_note(client: httpx.AsyncClient) -> None:
    response = await client.get("/countries", params={"sort": "rank"})
    assert response.status_code == 200
    assert "We left out sort" in response.text


async def test_an_address_that_leads_nowhere_offers_search(client: httpx.AsyncClient) -> None:
    for path in ("/nowhere", "/countries/XXX", "/projects/none"):
        response = await client.get(path, headers={"accept-language": "fr"})
        assert response.status_code == 404
        assert "Cette adresse ne mène nulle part" in response.text
        assert 'name="q"' in response.text
    assert (await client.get("/countries/XXX.json")).status_code == 404


async def test_a_country_has_its_trend_and_the_same_as_a_table(client: httpx.AsyncClient) -> None:
    text = (await client.get("/countries/KEN")).text
    assert text.count('class="spark ltr"') == 5
    assert "The same as a table" in text
    assert "What it gives" in text
    assert "What it asks" in text


async def test_a_record_names_its_source_with_row(client: httpx.AsyncClient) -> None:
    text = (await client.get("/projects/wb-p161329")).text
    assert "/sources/wb-projects" in text
    assert "P161329" in text


async def test_text_in_another_language_is_marked(client: httpx.AsyncClient) -> None:
    text = (await client.get("/practices", params={"lang": "ar"})).text
    assert 'lang="en" dir="ltr"' in text
    assert "باللغة: الإنجليزية" in text


async def test_this_pages_query_runs_on_the_api_page(client: httpx.AsyncClient) -> None:
    from html import unescape

    text = (await client.get("/pillars")).text
    [address] = re.findall(r'href="(/graphql\?query=[^"]+)"', text)
    answer = await client.get(unescape(address), headers={"accept": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["data"]["records"]["totalCount"] > 0
    shown = await client.get(unescape(address), headers={"accept": "text/html"}, follow_redirects=True)
    assert shown.status_code == 200
    assert "totalCount" in shown.text


async def test_the_examples_on_the_api_page_run(client: httpx.AsyncClient) -> None:
    from html import unescape

    text = (await client.get("/api")).text
    addresses = re.findall(r'href="(/api\?query=[^"]+)#answer"', text)
    assert len(addresses) == 3
    for address in addresses:
        answer = await client.get(unescape(address))
        assert answer.status_code == 200
        assert "&#34;errors&#34;" not in answer.text


async def test_a_solution_says_where_it_is_in_use_and_whom_to_ask(client: httpx.AsyncClient) -> None:
    text = (await client.get("/solutions/x-road")).text
    record = (await client.get("/solutions/x-road.json")).json()["record"]
    asked = text.partition('id="ask"')[2].partition("</section>")[0]
    assert [body["title"] for body in record["organizations"]["nodes"]] == ["Nordic Institute for Interoperability Solutions"]
    assert records(asked, "/organizations") == ["/organizations/niis"]
    assert record["countries"]["totalCount"] == 14
    assert len(records(text.partition('id="where"')[2].partition("</section>")[0], "/countries")) == 14
