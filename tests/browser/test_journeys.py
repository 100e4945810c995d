"""Journeys from the first page to what somebody came for, on a phone and on a desktop, with JavaScript and without."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.test_pages import opened

pytestmark = [pytest.mark.live, pytest.mark.browser, pytest.mark.slow]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
DEVICES = pytest.mark.parametrize(
    "device",
    [
        pytest.param(shape | {"java_script_enabled": script}, id=f"{name}-{'script' if script else 'plain'}")
        for name, shape in (("phone", PHONE), ("desktop", DESKTOP))
        for script in (True, False)
    ],
)


async def go(page: Page, name: str) -> None:
    """Follow an entry of the main menu, which is folded on a phone."""
    menu = page.locator("details.menu > summary")
    if await menu.is_visible():
        await menu.click()
    await page.get_by_role("navigation", name=re.compile("^Main")).get_by_role("link", name=name, exact=True).filter(visible=True).click()


async def choose_country(page: Page, name: str, device: dict[str, Any]) -> None:
    """From the list; typed where a script has made a field of it, which it does where there is no touch."""
    field = page.get_by_label("Country", exact=True)
    if scripted := device.get("java_script_enabled", True):
        await page.locator("html[data-islands]").wait_for(state="attached")
    if scripted and not device.get("has_touch"):
        await field.fill(name)
        await field.press("Enter")
    else:
        await field.select_option(label=name)


@DEVICES
async def test_a_cio_finds_peers_and_what_they_did(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/?lang=en", **device) as (page, errors):
        await go(page, "Countries")
        await page.locator("#table ~ .scroll").get_by_role("link", name="Kenya", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Kenya")
        await page.get_by_role("link", name="Find countries like it").click()
        first = await page.locator(".peer h3 a").first.inner_text()
        await page.get_by_label("Region", exact=True).fill("0")
        await page.get_by_label("Official languages", exact=True).fill("0")
        await page.get_by_role("button", name="Compare again").click()
        await page.wait_for_url("**region=0**")
        assert await page.locator(".peer h3 a").first.inner_text() != first
        did = page.locator(".peer").filter(has_text="What it did that Kenya has not").first
        await expect(did).to_be_visible()
        await did.get_by_role("link", name=re.compile("^Compare Kenya with")).click()
        await expect(page.get_by_role("columnheader", name="Kenya").first).to_be_visible()
        assert errors == []


@DEVICES
async def test_somebody_gets_to_know_a_country_from_the_map(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/?lang=en", **device) as (page, errors):
        await go(page, "Countries")
        await page.get_by_label("Region", exact=True).select_option("western-africa")
        await page.get_by_label("Group", exact=True).select_option("sids")
        await page.get_by_role("button", name="Show").click()
        await page.wait_for_url("**group=sids**")
        place = page.locator(".map").get_by_role("link", name=re.compile("^Cabo Verde: 0"))
        await place.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/countries/CPV**")
        await expect(page.get_by_role("img", name=re.compile("^Online Service Index: .*median of the group"))).to_be_visible()
        await page.get_by_text("The same as a table").click()
        await expect(page.get_by_role("row", name=re.compile("^2024"))).to_be_visible()
        for heading in ("Where its experience lies", "What it gives", "What it asks", "Projects", "Its own practice"):
            await expect(page.get_by_role("heading", name=heading)).to_be_visible()
        await expect(page.get_by_role("heading", name="Office of the Chief Information Officer")).to_be_visible()
        await expect(page.get_by_role("heading", name=re.compile("^Essential services"))).to_be_visible()
        assert errors == []


NEED = "A national data exchange layer between the registries of people, land and companies"


@DEVICES
async def test_a_need_leads_to_partners_and_two_are_compared(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/?lang=en", **device) as (page, errors):
        await page.get_by_label("What do you need?").fill(NEED)
        await choose_country(page, "Cambodia", device)
        await page.get_by_role("button", name="Find partners").click()
        await page.wait_for_url("**/match?**")
        await expect(page.locator("article.pack")).to_have_count(5)
        await expect(page.get_by_role("heading", name=re.compile("^(Narrowly not|Nothing narrowly missed)"))).to_be_visible()
        boxes = page.get_by_role("checkbox", name=re.compile("^Compare "))
        await boxes.nth(0).check()
        await boxes.nth(2).check()
        await page.get_by_role("button", name="Compare two side by side").click()
        await expect(page.locator("#sides table")).to_be_visible()
        first = await page.locator("article.pack h2").first.inner_text()
        await page.get_by_role("link", name=re.compile("^Not this partner")).first.click()
        await page.wait_for_url("**exclude=**")
        assert await page.locator("article.pack h2").first.inner_text() != first
        await page.get_by_text("Change what counts").click()
        await page.get_by_label("Same region", exact=True).fill("0")
        await page.get_by_role("button", name="Match again").click()
        await page.wait_for_url("**region=0**")
        await expect(page.locator("article.pack")).to_have_count(5)
        await page.emulate_media(media="print")
        await expect(page.get_by_role("button", name="Match again")).to_be_hidden()
        await expect(page.locator("article.pack").first).to_be_visible()
        assert errors == []


@DEVICES
async def test_somebody_learns_from_a_case(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/practices?lang=en", **device) as (page, errors):
        await page.get_by_label("Search in Practices").fill("X-Road data exchange Estonia")
        await page.get_by_role("button", name="Search").click()
        await page.get_by_role("link", name="X-Road: the data exchange layer of the Estonian state").click()
        for heading in (
            "The problem",
            "What was done",
            "What came of it",
            "What failed",
            "What others should know",
            "Whom to ask",
            "Documents",
        ):
            await expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        adapted = page.locator("section", has=page.get_by_role("heading", name=re.compile("^Who adapted it"))).get_by_role("listitem")
        await expect(adapted.filter(has_text="Scaled to a small island administration.").first).to_be_visible()
        await page.get_by_role("link", name="Heldin: an exchange layer for a small society").click()
        await expect(page.get_by_role("heading", name="It was adapted from")).to_be_visible()
        assert errors == []


@DEVICES
async def test_a_funder_finds_a_gap_and_its_records(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/?lang=en", **device) as (page, errors):
        await go(page, "Funders’ board")
        await page.get_by_label("Columns").select_option("income")
        await page.get_by_role("button", name="Show").click()
        await page.wait_for_url("**columns=income**")
        gap = page.locator("td.gap a.cell").first
        await gap.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/board/cell**")
        await expect(page.locator(".tag", has_text=re.compile("no open money|no offer")).first).to_be_visible()
        await expect(page.get_by_role("heading", name=re.compile("^Offers that could answer"))).to_be_visible()
        await expect(page.get_by_role("heading", name=re.compile("^Funding windows that could answer"))).to_be_visible()
        await page.get_by_role("link", name="Partners, offers and money for it").first.click()
        await expect(page.locator("article.pack").first).to_be_visible()
        assert errors == []


@DEVICES
async def test_somebody_explores(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/?lang=en", **device) as (page, errors):
        await go(page, "Search")
        await page.get_by_role("link", name="Topics", exact=True).click()
        await page.get_by_role("link", name="National ID systems", exact=True).click()
        await page.get_by_role("link", name="Search in this topic").click()
        fold = page.locator("details.facets > summary")
        if not await page.get_by_role("checkbox", name="Practices").is_visible():
            await fold.click()
        await expect(page.get_by_role("checkbox", name="National ID systems")).to_be_checked()
        await page.get_by_role("checkbox", name="Practices").check()
        await page.get_by_role("button", name="Apply").click()
        await page.wait_for_url("**kind=practices**")
        await page.get_by_role("link", name="Show them on a map").click()
        place = page.locator(".map").get_by_role("link", name=re.compile("^India: "))
        await place.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**country=IND**")
        await page.locator(".results h3 a").first.click()
        await page.get_by_role("link", name="What it is linked to, and ways to other records").click()
        await page.get_by_label("Which record?").fill("Estonia")
        await page.get_by_label("Which record?").press("Enter")
        await page.get_by_role("link", name="Estonia", exact=True).click()
        await expect(page.get_by_role("heading", name="How the two hang together")).to_be_visible()
        await expect(page.locator("#way ~ .path")).to_contain_text("Estonia")
        assert errors == []
