"""HTML that a maintained validator has nothing to say against: a page of each kind, from left to right and from right to left."""

from __future__ import annotations

import httpx
import pytest

from tests.tools.html_check import faults
from web.pages.site import PLACES
from web.terms import DOMAINS

NEED = "country=KHM&text=A+national+data+exchange+layer+between+the+registries+of+people&amount=1400000"
PAGES = (*PLACES, *(domain.path for domain in DOMAINS), "/match", f"/match?{NEED}", "/search?q=digital+identity")
MISTAKEN = ("/match?country=Figi&text=&amount=much", "/search?q=x&country=Figi", "/nowhere", "/search?q=%ff", "/api?query=%7B")


@pytest.mark.live
@pytest.mark.slow
async def test_every_kind_of_page_is_valid_html(client: httpx.AsyncClient) -> None:
    addresses = [*PAGES, *MISTAKEN]
    for domain in DOMAINS:
        nodes = (await client.get(f"{domain.path}.json")).json()["records"]["nodes"]
        addresses += [f"{domain.path}/{node['id'].partition(':')[2]}" for node in nodes[:1]]
    pages = {}
    for address in addresses:
        for language in ("en", "ar"):
            wanted = f"{address}{'&' if '?' in address else '?'}lang={language}"
            response = await client.get(wanted)
            assert (response.status_code < 400) is (address not in MISTAKEN), wanted
            assert response.status_code < 500, wanted
            pages[wanted] = response.text

    assert faults(pages) == []


def test_what_is_wrong_is_found() -> None:
    found = faults({"/x": "<!doctype html><html lang='en'><head><title>x</title></head><body><p id='a'><p id='a'><b></p></body></html>"})

    assert {fault.rule for fault in found} >= {"no-dup-id", "close-order"}
    assert {fault.address for fault in found} == {"/x"}
