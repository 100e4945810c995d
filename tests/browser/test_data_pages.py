"""The pages with data in a real browser: no barrier that axe can find, nothing scrolls sideways, no error in the console."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from tests.browser.test_pages import NEED, OPEN_ALL, RULES, opened

pytestmark = [pytest.mark.live, pytest.mark.browser, pytest.mark.slow]

PAGES = {
    "countries": "/countries?show=practices",
    "country": "/countries/CPV?group=ecowas",
    "compare": "/compare?countries=KEN,RWA,EST,SGP",
    "peers": "/countries/KEN/peers?region=x",
    "board": "/board",
    "cell": "/board/cell?topic=interoperability&group=africa",
    "practice": "/practices/est-x-road",
    "organisation": "/organizations/world-bank",
    "window": "/funding-calls/google-org-ai-government-2026",
    "partnership": "/partnerships/dom-eclac-digital-governance",
    "topics": "/topics",
    "pillars": "/pillars",
    "results on a map": "/search?q=digital+identity&view=map",
    "graph": "/graph/country:KEN?to=practice:est-x-road&q=x",
    "two partners": "/match?" + urlencode(NEED) + "&side=country:EST&side=organization:kadaster-international&exclude=country:FIN",
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
async def test_axe_finds_nothing(chromium: Browser, base_url: str, name: str, language: str, scheme: str) -> None:
    path = PAGES[name]
    address = f"{base_url}{path}{'&' if '?' in path else '?'}lang={language}"
    async with opened(chromium, address, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True) as (page, _):
        await page.evaluate(OPEN_ALL)
        results = await Axe().run(page, options=RULES)
        assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("name", PAGES)
async def test_nothing_scrolls_sideways_and_the_console_stays_empty(chromium: Browser, base_url: str, name: str) -> None:
    async with opened(chromium, base_url + PAGES[name], viewport={"width": 320, "height": 640}) as (page, errors):
        await page.evaluate(OPEN_ALL)
        await page.wait_for_load_state("networkidle")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        assert [error for error in errors if "400 (Bad Request)" not in error] == []
