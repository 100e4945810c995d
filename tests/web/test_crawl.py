"""A walk over the whole site in process: no link that leads nowhere, no page that breaks, no anchor without its target."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

import httpx
import pytest

from web.pages.site import PLACES
from web.terms import DOMAINS, path_of

pytestmark = [pytest.mark.live, pytest.mark.slow]

EVERY = 30
"""Of a kind with more records than this, so many are read, evenly over the list. Links from them are checked against all records."""
TWINS = (".json", ".csv", ".atom")
LINK = re.compile(r"<a\b[^>]*?\bhref=\"([^\"]*)\"")
ASSET = re.compile(r"<(?:link|img|script)\b[^>]*?\b(?:href|src)=\"(/static/[^\"]*)\"")


def links(html: str) -> Iterator[tuple[str, str, str]]:
    """(path, query, fragment) of every link to a page of this site."""
    for address in LINK.findall(html):
        parts = urlsplit(unescape(address))
        if not parts.scheme and not parts.netloc:
            yield parts.path, parts.query, parts.fragment


def evenly(paths: list[str]) -> list[str]:
    return paths if len(paths) <= EVERY else [paths[place * len(paths) // EVERY] for place in range(EVERY)]


async def test_every_link_of_the_site_leads_somewhere(client: httpx.AsyncClient) -> None:
    records: dict[str, list[str]] = {}
    for domain in DOMAINS:
        sitemap = (await client.get(f"/sitemaps/{domain.slug}.xml")).text
        records[domain.path] = re.findall(r"<loc>http://gcio\.test([^<]+)</loc>", sitemap)
        assert len(records[domain.path]) == (await client.get(f"{domain.path}.json")).json()["records"]["totalCount"]
    existing = {path for paths in records.values() for path in paths}
    waiting = [*PLACES, *records, "/search?q=identity", "/match?country=KHM&text=A+national+data+exchange+layer", *existing_sample(records)]
    checked: set[str] = set()
    dead: list[str] = []
    while waiting:
        address = waiting.pop()
        if address in checked:
            continue
        checked.add(address)
        response = await client.get(address)
        if response.status_code != 200:
            dead.append(f"{address}: {response.status_code}")
            continue
        if not response.headers["content-type"].startswith("text/html"):
            continue
        for path, query, fragment in links(response.text):
            where = path or urlsplit(address).path
            if fragment and where == urlsplit(address).path and not query and f'id="{fragment}"' not in response.text:
                dead.append(f"{address}: nothing has the id {fragment}")
            if where in existing or where.endswith(TWINS):
                continue
            leads, fault = followed(where, query, existing, records)
            if fault:
                dead.append(f"{address}: {where} {fault}")
            # One cell of the board stands for all.
            elif leads and not (where == "/board/cell" and any(known.startswith(where) for known in [*checked, *waiting])):
                waiting.append(leads)

    assert dead == []
    assert len(checked) > 500


def followed(where: str, query: str, existing: set[str], records: dict[str, list[str]]) -> tuple[str | None, str | None]:
    """(the address to read next, what is wrong with the link); neither where another answer stands for it."""
    if where.startswith("/graph/"):
        return None, None if path_of(where.removeprefix("/graph/")) in existing else "surrounds no record"
    if where == "/board/cell":
        return f"{where}?{query}", None
    if re.fullmatch(r"/[a-z-]+/[^/]+", where):
        return None, "is no record"
    # A list is walked to its end; of what can be asked of search, one answer stands for all.
    if "after=" in query and where in records:
        return f"{where}?{query}", None
    return (None if query else where), None


def existing_sample(records: dict[str, list[str]]) -> list[str]:
    return [path for paths in records.values() for path in evenly(paths)]


async def test_twins_and_files_that_pages_name_are_there(client: httpx.AsyncClient) -> None:
    for address in ("/", "/practices", "/countries/KEN", "/search?q=identity"):
        html = (await client.get(address)).text
        twins = re.findall(r'<link rel="alternate" type="application/[^"]+"[^>]* href="([^"]+)"', html)
        assert twins
        for twin in [*twins, *ASSET.findall(html)]:
            assert (await client.get(unescape(twin))).status_code == 200
