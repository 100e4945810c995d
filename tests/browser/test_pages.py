"""The pages in a real browser: no barrier that axe can find, no sideways scroll, no error, usable by keyboard and without JavaScript."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

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
    "country": "/countries/KEN",
    "search": "/search?q=digital+identity",
    "list": "/practices",
    "record": "/projects/wb-p161329",
    "api": "/api",
    "nowhere": "/nowhere",
}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"


@asynccontextmanager
async def opened(chromium: Browser, address: str, **context: object) -> AsyncIterator[tuple[Page, list[str]]]:
    """A page and the errors that its console and its requests reported."""
    made = await chromium.new_context(**context)  # type: ignore[arg-type]  # the options of a browser context, by name
    page = await made.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("requestfailed", lambda request: errors.append(request.url))
    page.set_default_timeout(60_000)
    await page.goto(address)
    try:
        yield page, errors
    finally:
        await made.close()


def address_of(base_url: str, name: str, language: str) -> str:
    path = PAGES[name]
    return f"{base_url}{path}{'&' if '?' in path else '?'}lang={language}"


MAIN = ("home", "match", "country", "search", "list")
OTHER = tuple(name for name in PAGES if name not in MAIN)
LOOKS = [
    *((name, language, scheme) for name in MAIN for language in ("en", "fr", "ar") for scheme in ("light", "dark")),
    *((name, language, scheme) for name in OTHER for language, scheme in (("en", "light"), ("ar", "dark"))),
]


@pytest.mark.parametrize(("name", "language", "scheme"), LOOKS)
async def test_axe_finds_nothing(chromium: Browser, base_url: str, name: str, language: str, scheme: str) -> None:
    async with opened(chromium, address_of(base_url, name, language), color_scheme=scheme, reduced_motion="reduce", bypass_csp=True) as (
        page,
        _,
    ):
        await page.evaluate(OPEN_ALL)
        results = await Axe().run(page, options=RULES)
        assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize(
    ("name", "language"), [*((name, language) for name in MAIN for language in ("en", "ar")), *((name, "fr") for name in OTHER)]
)
async def test_nothing_scrolls_sideways_on_a_small_phone(chromium: Browser, base_url: str, name: str, language: str) -> None:
    async with opened(chromium, address_of(base_url, name, language), viewport={"width": 320, "height": 640}) as (page, _):
        await page.evaluate(OPEN_ALL)
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320


@pytest.mark.parametrize("name", [name for name in PAGES if name not in {"nowhere", "mistakes"}])
async def test_the_console_stays_empty(chromium: Browser, base_url: str, name: str) -> None:
    async with opened(chromium, address_of(base_url, name, "en")) as (page, errors):
        await page.wait_for_load_state("networkidle")
        assert errors == []


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
