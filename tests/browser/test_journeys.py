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
