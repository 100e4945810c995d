"""The pages in a real browser: no barrier that axe can find, no sideways scroll, no error, usable by keyboard and without JavaScript."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from web.terms import DOMAINS, Domain

pytestmark = [pytest.mark.live, pytest.mark.browser, pytest.mark.slow]

NEED = {
    "country": "KHM",
    "text": "A national data exchange layer between the registries of people, land and companies",
    "amount": "1400000",
}
PAGES = {
    "home": "/",
    "match": "/match?" + urlencode(NEED),
    "mistakes": "/match?" + urlencode(NEED | {"amount": "much"}),
    "form": "/match",
    "country": "/countries/KEN",
    "search": "/search?q=digital+identity",
    "list": "/practices",
    "api": "/api",
    "matching": "/how-matching-works",
    "accessibility": "/accessibility",
    "status": "/status",
    "components": "/components",
    "nowhere": "/nowhere",
}
MAIN = ("home", "match", "country", "search")
"""Pages that are looked at in every combination; of the others and of records each half of them."""
LOOKS = (("light", 1280), ("dark", 390), ("dark", 1280), ("light", 390))
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"


@asynccontextmanager
async def opened(chromium: Browser, address: str, **context: object) -> AsyncIterator[tuple[Page, list[str]]]:
    """A page and the errors that its console and its requests reported."""
    made = await chromium.new_context(**context)  # type: ignore[arg-type]  # the options of a browser context, by name
    page = await made.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    # A question of an island that the page leaves behind, or that a newer one replaces, is no failure.
    page.on("requestfailed", lambda request: errors.append(request.url) if request.failure != "net::ERR_ABORTED" else None)
    page.set_default_timeout(60_000)
    await page.goto(address)
    try:
        yield page, errors
    finally:
        await made.close()


def address_of(base_url: str, name: str, language: str) -> str:
    path = PAGES[name]
    return f"{base_url}{path}{'&' if '?' in path else '?'}lang={language}"


async def check_looks(chromium: Browser, address: str, looks: tuple[tuple[str, int], ...]) -> None:
    """Opened once: nothing for axe to find in any of the looks, no sideways scroll on the smallest phone, and an empty console."""
    async with opened(chromium, address, reduced_motion="reduce", bypass_csp=True) as (page, errors):
        await page.evaluate(OPEN_ALL)
        for turn, (scheme, width) in enumerate(looks):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two schemes
            await page.set_viewport_size({"width": width, "height": 800})
            # The other scheme at a width that was looked at changes colours alone.
            results = await Axe().run(page, options=RULES if turn < 2 else COLOURS)
            assert results.violations_count == 0, f"{scheme}, {width} px: {results.generate_report()}"
        await page.set_viewport_size({"width": 320, "height": 640})
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        assert [error for error in errors if "404" not in error and "400" not in error] == []


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", PAGES)
async def test_a_page_has_no_barrier(chromium: Browser, base_url: str, name: str, language: str) -> None:
    looks = LOOKS if name in MAIN else LOOKS[:2] if language == "en" else LOOKS[2:]
    await check_looks(chromium, address_of(base_url, name, language), looks)


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
async def test_a_record_of_each_kind_has_no_barrier(chromium: Browser, client: httpx.AsyncClient, base_url: str, domain: Domain) -> None:
    nodes = (await client.get(f"{domain.path}.json")).json()["records"]["nodes"]
    if not nodes:
        pytest.skip("none on record in the starter data")
    address = f"{base_url}{domain.path}/{nodes[0]['id'].partition(':')[2]}"
    language, looks = (("en", LOOKS[:2]), ("ar", LOOKS[2:]))[DOMAINS.index(domain) % 2]
    await check_looks(chromium, f"{address}?lang={language}", looks)


async def test_the_policy_blocks_no_data_of_a_page(chromium: Browser, base_url: str) -> None:
    """JSON-LD stands in the page although no inline script is allowed: it is data, and the browser says nothing."""
    async with opened(chromium, address_of(base_url, "country", "en")) as (page, errors):
        block = await page.locator('script[type="application/ld+json"]').text_content()
        assert json.loads(block or "")["@graph"][0]["@type"] == "Country"
        assert errors == []


async def test_every_stop_of_the_keyboard_is_seen(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, address_of(base_url, "home", "ar"), viewport={"width": 1280, "height": 900}) as (page, _):
        await page.locator("html[data-islands]").wait_for(state="attached")
        seen: list[str] = []
        for _stop in range(200):
            await page.keyboard.press("Tab")
            name, outline = await page.evaluate(
                "() => { const e = document.activeElement; const s = getComputedStyle(e);"
                " return [e.tagName + (e.getAttribute('href') || e.id || e.textContent.trim()), parseFloat(s.outlineWidth) * (s.outlineStyle !== 'none')] }"
            )
            if name.startswith("BODY") or (seen and name == seen[0]):
                break
            assert outline >= 3, name
            seen.append(name)
        assert seen[0] == "A#main"
        assert {"TEXTAREAtext", "INPUTcountry"} <= set(seen)
        assert len(seen) > 40


async def test_no_request_leaves_for_another_host(chromium: Browser, base_url: str) -> None:
    asked: list[str] = []
    context = await chromium.new_context()
    page = await context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(address_of(base_url, "match", "fr"))
    await context.close()
    assert asked
    assert all(url.startswith(base_url) for url in asked)


async def test_a_need_is_stated_with_the_keyboard_alone(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/?lang=en", java_script_enabled=False) as (page, _):
        await page.keyboard.press("Tab")
        assert await page.locator(":focus").inner_text() == "Skip to content"
        await page.locator("#text").focus()
        await page.keyboard.type(NEED["text"])
        while await page.locator(":focus").get_attribute("id") != "country":
            await page.keyboard.press("Tab")
        await page.keyboard.type("Camb")
        for _ in range(6):
            await page.keyboard.press("Tab")
            if await page.locator(":focus").inner_text() == "Find partners":
                break
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/match?**")
        assert await page.locator("article.pack").count() == 5
        assert NEED["text"] in await page.locator("h1").inner_text()


async def test_a_mistake_leads_to_its_field(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, address_of(base_url, "mistakes", "en"), java_script_enabled=False) as (page, _):
        await page.locator('[role="alert"] a').first.click()
        assert page.url.endswith("#amount")
        assert await page.locator("#amount").input_value() == "much"
        assert await page.locator("#amount").get_attribute("aria-invalid") == "true"


async def test_a_topic_is_removed_without_javascript(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, address_of(base_url, "match", "en"), java_script_enabled=False) as (page, _):
        chips = page.locator(".chip")
        before = await chips.count()
        if before < 2:
            pytest.skip("fewer than two topics were read from the text")
        await page.locator(".chip button").first.click()
        await page.wait_for_url("**topics=**")
        assert await page.locator(".chip").count() == before - 1


async def test_evidence_in_the_text_leads_to_its_entry(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, address_of(base_url, "match", "en"), viewport={"width": 1280, "height": 900}) as (page, _):
        mark = page.locator("a.ev").first
        target = await mark.get_attribute("href")
        await mark.click()
        assert await page.locator(f"{target}").is_visible()


async def test_the_language_switch_keeps_the_need(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, address_of(base_url, "match", "en"), viewport={"width": 1280, "height": 900}) as (page, _):
        await page.locator('.lang.wide a[hreflang="ar"]').click()
        await page.wait_for_url("**lang=ar**")
        assert await page.locator("html").get_attribute("dir") == "rtl"
        assert NEED["text"] in await page.locator("h1").inner_text()
