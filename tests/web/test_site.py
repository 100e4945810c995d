"""What holds for every page: addresses of before, canonical addresses, feeds, data for machines, twins, validators, hostile queries."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape

import httpx
import pytest
from lxml import etree
from markupsafe import Markup
from starlette.requests import Request

from api.wording import LANGUAGES
from web.pages.site import PLACES, moved
from web.structured import structured
from web.terms import BY_LABEL, DOMAINS, path_of
from web.visit import LONGEST_QUERY, Visit

ATOM = {"a": "http://www.w3.org/2005/Atom"}
LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
LISTS = [domain.path for domain in DOMAINS]
NEED = {"country": "KHM", "text": "A national data exchange layer between the registries of people, land and companies"}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("/organisations", "/organizations"),
        ("/organisations/world-bank", "/organizations/world-bank"),
        ("/country/KEN", "/countries/KEN"),
        ("/country:KEN", "/countries/KEN"),
        ("/funding-call:x", "/funding-calls/x"),
        ("/countries/ken", "/countries/KEN"),
        ("/practice", "/practices"),
        ("/index", "/"),
        ("/countries/KEN", None),
        ("/countries/kenya", None),
        ("/person:x", None),
        ("/nowhere", None),
        ("/", None),
    ],
)
def test_an_address_of_before_leads_to_the_one_of_now(before: str, now: str | None) -> None:
    assert moved(before) == now


@pytest.mark.live
async def test_an_old_address_keeps_its_query(client: httpx.AsyncClient) -> None:
    response = await client.get("/organisations?after=x&lang=fr")
    assert response.status_code == 301
    assert response.headers["location"] == "/organizations?after=x&lang=fr"
    slash = await client.get("/practices/")
    assert slash.status_code == 307
    assert slash.headers["location"].endswith("/practices")


@pytest.mark.live
async def test_a_page_has_one_address_and_one_in_each_language(client: httpx.AsyncClient) -> None:
    text = (await client.get("/practices", params={"q": "identity", "lang": "fr", "old": "1"})).text
    assert '<link rel="canonical" href="http://gcio.test/practices?q=identity&amp;lang=fr">' in text
    assert set(re.findall(r'hreflang="([\w-]+)" href="http://gcio\.test/practices\?', text)) == {*LANGUAGES, "x-default"}
    plain = (await client.get("/countries/KEN")).text
    assert '<link rel="canonical" href="http://gcio.test/countries/KEN">' in plain
    assert '<meta property="og:url" content="http://gcio.test/countries/KEN">' in plain
    assert '<meta property="og:title" content="Kenya">' in plain
    [picture] = re.findall(r'<meta property="og:image" content="http://gcio\.test([^"]+)">', plain)
    assert (await client.get(picture)).headers["content-type"] == "image/png"


@pytest.mark.live
@pytest.mark.parametrize(("path", "params"), [("/match", NEED), ("/search", {"q": "land"}), ("/nowhere", {}), ("/api", {"query": "{ a }"})])
async def test_answers_to_what_somebody_wrote_are_not_indexed(client: httpx.AsyncClient, path: str, params: dict[str, str]) -> None:
    text = (await client.get(path, params=params)).text
    assert '<meta name="robots" content="noindex">' in text
    assert 'rel="canonical"' not in text


@pytest.mark.live
async def test_robots_and_sitemaps_name_every_page(client: httpx.AsyncClient) -> None:
    robots = (await client.get("/robots.txt")).text
    assert "Sitemap: http://gcio.test/sitemap.xml" in robots
    index = etree.fromstring((await client.get("/sitemap.xml")).content)
    files = [text.removeprefix("http://gcio.test") for text in index.itertext() if text.startswith("http")]
    assert files == ["/sitemaps/pages.xml", *(f"/sitemaps/{domain.slug}.xml" for domain in DOMAINS)]
    pages = etree.fromstring((await client.get("/sitemaps/pages.xml")).content)
    locations = pages.findall("{*}url/{*}loc")
    assert [element.text for element in locations] == [f"http://gcio.test{path}" for path in (*PLACES, *LISTS)]
    assert len(pages.findall("{*}url/{*}link")) == len(locations) * len(LANGUAGES)
    assert (await client.get("/sitemaps/none.xml")).status_code == 404


PLACE = {"/countries": r'<th scope="row">', "/topics": r'<(?:h2 id="t\d+"|li class="row apart")>'}
"""What stands before a record's link, where it is not a heading."""


@pytest.mark.live
@pytest.mark.parametrize("path", [*LISTS, "/search?q=identity"])
async def test_the_twins_of_a_list_hold_what_it_shows(client: httpx.AsyncClient, path: str) -> None:
    """The same records in the same order: on the page, as JSON, as CSV, and in the feed."""
    base, _, query = path.partition("?")
    suffix = f"?{query}" if query else ""
    html = (await client.get(path)).text
    answer = (await client.get(f"{base}.json{suffix}")).json()
    nodes = next(iter(answer.values()))["nodes"]
    shown = [unescape(address) for address in re.findall(PLACE.get(path, r"<h3>") + r'<a href="([^"?]+)', html)]
    assert shown == [path_of(node["id"]) for node in nodes]
    rows = list(csv.DictReader(io.StringIO((await client.get(f"{base}.csv{suffix}")).content.decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == [node["id"] for node in nodes]
    feed = await client.get(f"{base}.atom{suffix}")
    assert feed.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = etree.fromstring(feed.content)
    assert root.xpath("a:entry/a:id/text()", namespaces=ATOM) == [f"http://gcio.test{address}" for address in shown]
    assert root.xpath("a:entry/a:title/text()", namespaces=ATOM) == [node["title"] for node in nodes]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text) for text in root.xpath("//a:updated/text()", namespaces=ATOM))
    assert root.xpath("a:link[@rel='self']/@href", namespaces=ATOM) == [f"http://gcio.test{base}.atom{suffix}"]
    for node in nodes:
        assert node["title"] in unescape(html)


@pytest.mark.live
async def test_a_page_without_data_has_no_twin(client: httpx.AsyncClient) -> None:
    for path in ("/privacy", "/accessibility", "/components"):
        assert (await client.get(f"{path}.json")).status_code == 404
        assert ".json" not in (await client.get(path)).text


@pytest.mark.live
async def test_the_twin_of_a_mistake_says_what_is_wrong(client: httpx.AsyncClient) -> None:
    for path, says in (("/match.json?country=KHM&text=", "Write what you need"), ("/search.json?q=x&topic=none-such", "none-such")):
        response = await client.get(path)
        assert response.status_code == 400
        assert says in response.json()["errors"][0]["message"]


@pytest.mark.live
@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
async def test_a_record_tells_machines_what_it_is(client: httpx.AsyncClient, domain: object) -> None:
    path = domain.path  # type: ignore[attr-defined]  # a Domain, typed as object for the ids
    nodes = (await client.get(f"{path}.json")).json()["records"]["nodes"]
    if not nodes:
        pytest.skip("none on record in the starter data")
    address = path_of(nodes[0]["id"])
    html = (await client.get(str(address))).text
    [block] = LD.findall(html)
    record, trail = json.loads(block)["@graph"]
    assert record["@id"] == f"http://gcio.test{address}"
    assert record["identifier"] == nodes[0]["id"]
    assert record["name"] == nodes[0]["title"]
    assert None not in record.values()
    assert [step["position"] for step in trail["itemListElement"]] == [1, 2, 3]


@pytest.mark.live
async def test_a_project_says_who_paid_and_where(client: httpx.AsyncClient) -> None:
    [block] = LD.findall((await client.get("/projects/wb-p161329")).text)
    record = json.loads(block)["@graph"][0]
    assert record["@type"] == "Project"
    assert record["foundingDate"] == "2018-06-05"
    assert [place["name"] for place in record["areaServed"]] == ["Côte d'Ivoire", "Guinea"]
    assert record["funder"]["url"] == "http://gcio.test/organizations/world-bank"


def test_nothing_in_a_record_ends_the_block() -> None:
    class Site(Visit):
        @property
        def origin(self) -> str:
            return "http://gcio.test"

    visit = Site(Request({"type": "http", "path": "/topics/x", "headers": [], "query_string": b"", "server": ("gcio.test", 80)}))
    title = "</script><script>alert(1)</script><!-- & \u2028"
    made = structured(visit, title, {"record": {"__typename": "Topic", "id": "topic:x", "title": title}, "domain": BY_LABEL["Topic"]})
    assert isinstance(made, Markup)
    assert not {"<", ">", "&"} & set(made)
    assert json.loads(made)["@graph"][0]["name"] == title


@pytest.mark.live
@pytest.mark.parametrize("path", ["/", "/practices", "/countries/KEN.json", "/practices.csv", "/practices.atom"])
async def test_what_is_unchanged_travels_once(client: httpx.AsyncClient, path: str) -> None:
    first = await client.get(path)
    assert first.headers["cache-control"] == "no-cache"
    assert "accept-language" in first.headers["vary"]
    again = await client.get(path, headers={"if-none-match": f'"other", {first.headers["etag"]}'})
    assert again.status_code == 304
    assert again.content == b""
    other = await client.get(path, headers={"if-none-match": first.headers["etag"][:-2] + '"'})
    assert other.status_code == 200


@pytest.mark.live
@pytest.mark.parametrize(("header", "encoding"), [("br", "br"), ("gzip", "gzip"), ("gzip, deflate, br, zstd", "br")])
async def test_pages_are_compressed(client: httpx.AsyncClient, header: str, encoding: str) -> None:
    response = await client.get("/practices", headers={"accept-encoding": header})
    assert response.headers["content-encoding"] == encoding
    assert "accept-encoding" in response.headers["vary"].lower()


@pytest.mark.live
async def test_hostile_queries_are_a_page_that_says_so(client: httpx.AsyncClient) -> None:
    for query in ("q=%ff%fe", "q=%ed%a0%80", "%00=1", "a=1&" * 300):
        response = await client.get(f"/search?{query}")
        assert response.status_code == 400
        assert "<h1>This request is not as expected</h1>" in response.text
        assert len(response.content) < 20_000


def test_a_query_beyond_all_measure_is_refused_and_not_repeated() -> None:
    scope = {"type": "http", "path": "/search", "headers": [], "query_string": b"q=" + b"a" * LONGEST_QUERY}
    visit = Visit(Request(scope))
    assert visit.hopeless is not None
    assert visit.hopeless.status == 400
    assert visit.here("fr") == "/search?lang=fr"


@pytest.mark.live
async def test_no_query_breaks_a_page(client: httpx.AsyncClient) -> None:
    hostile = (
        "'",
        '"><script>alert(1)</script>',
        "%00",
        "../../etc/passwd",
        "{{7*7}}",
        "%0d%0aset-cookie:a=b",
        "-1",
        "9" * 400,
        "\u202e",
        "[]",
    )
    for path, names in (
        ("/search", ("q", "kind", "topic", "country", "after")),
        ("/match", ("text", "country", "need", "amount", "as_of", "topics", "kind", "after", "cited", "without")),
        ("/practices", ("q", "after", "before")),
        ("/api", ("query", "variables", "operationName")),
        ("/components", ("theme",)),
        ("/countries/KEN", ("lang", "[]", "__proto__")),
    ):
        for name in names:
            for value in hostile:
                response = await client.get(f"{path}?{name}={value}")
                assert response.status_code < 500, f"{path}?{name}={value}"
                assert "<script>alert" not in response.text
                assert "set-cookie" not in response.headers
    for value in hostile:
        assert (await client.get(f"/practices/{value.replace('/', '')}")).status_code in {301, 404}


@pytest.mark.live
async def test_an_address_that_leads_nowhere_offers_its_words_and_ways_in(client: httpx.AsyncClient) -> None:
    response = await client.get("/projects/kenya-digital-identity-2")
    assert response.status_code == 404
    assert 'value="kenya digital identity"' in response.text
    assert all(f'href="{path}"' in response.text for path in LISTS)
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.live
async def test_a_record_that_was_withdrawn_is_gone_but_told(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Visit.ask

    async def withdrawn(self: Visit, name: str, **variables: object) -> dict[str, object]:
        answer = await ask(self, name, **variables)
        answer["record"]["withdrawn"] = True
        return answer

    monkeypatch.setattr(Visit, "ask", withdrawn)
    response = await client.get("/projects/wb-p161329")
    assert response.status_code == 410
    assert "The source no longer lists this record." in response.text
    assert '<meta name="robots" content="noindex">' in response.text


@pytest.mark.live
async def test_status_names_what_answers(client: httpx.AsyncClient) -> None:
    response = await client.get("/status")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert "Everything answers." in response.text
    data = (await client.get("/status.json")).json()
    assert data["health"]["state"] == "ready"
    assert str(data["health"]["dataVersion"]) in response.text


async def test_status_answers_while_the_database_does_not() -> None:
    from api.app import create_app
    from api.state import Network
    from graph.embedding import EmbeddingService
    from graph.settings import Settings

    chosen = Settings(model_offline=True)
    app = create_app(Network(chosen, EmbeddingService(chosen)))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gcio.test") as client:
        response = await client.get("/status")
        assert response.status_code == 200
        assert "Not everything answers." in response.text
        assert "The database does not answer" in response.text
        down = await client.get("/countries")
        assert down.status_code == 503
        assert down.headers["retry-after"] == "10"
        assert 'href="/countries"' in down.text
        assert "Try again" in down.text


async def test_what_nobody_foresaw_is_a_page_with_a_reference(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    from api.app import create_app
    from api.state import Network
    from graph.embedding import EmbeddingService
    from graph.settings import Settings

    async def broken(self: Visit, name: str, **variables: object) -> dict[str, object]:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(Visit, "ask", broken)
    chosen = Settings(model_offline=True)
    transport = httpx.ASGITransport(app=create_app(Network(chosen, EmbeddingService(chosen))), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gcio.test") as client:
        response = await client.get("/practices")
    assert response.status_code == 500
    [reference] = re.findall(r"<code dir=\"ltr\">([0-9a-f]{8})</code>", response.text)
    assert f"reference {reference}" in caplog.text
    assert "secret" not in response.text
    assert "Traceback" not in response.text
