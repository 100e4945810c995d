"""The journeys by keyboard alone: Tab, typing, Enter and Space. Whatever Tab stops at is in view and shows that it has the focus."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.test_journeys import DESKTOP
from tests.browser.test_pages import opened

pytestmark = [pytest.mark.live, pytest.mark.browser, pytest.mark.slow]

WAYS = pytest.mark.parametrize(
    "device", [pytest.param(DESKTOP | {"java_script_enabled": script}, id="script" if script else "plain") for script in (True, False)]
)
MOST_STOPS = 150
"""Stops from one thing of a journey to the next; who needs more has no path by keyboard worth the name."""
UNSEEN = """() => {
  const at = document.activeElement
  const box = at.getBoundingClientRect()
  const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth
  const marked = [at, ...at.querySelectorAll('path, circle, rect')].some(e => {
    const style = getComputedStyle(e)
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || (e !== at && parseFloat(style.strokeWidth) >= 2)
  })
  return inside && marked ? '' : at.outerHTML.slice(0, 200)
}"""


async def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        assert await page.evaluate(UNSEEN) == ""
        if await target.evaluate("e => e === document.activeElement"):
            return
    pytest.fail(f"{MOST_STOPS} stops do not lead to {target}")


async def arrived(page: Page, device: dict[str, Any]) -> None:
    """Wait for the islands where there are any: what they make a field of is a field from then on."""
    if device["java_script_enabled"]:
        await page.locator("html[data-islands]").wait_for(state="attached")


async def follow(page: Page, target: Locator) -> None:
    await tab_to(page, target)
    await page.keyboard.press("Enter")


async def test_the_first_stop_leads_past_the_menu(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/board?lang=en", **DESKTOP) as (page, errors):
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("#main")).to_be_focused()
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.closest('#main') !== null")
        assert errors == []


@WAYS
async def test_peers_are_found_by_keyboard(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/countries/KEN?lang=en", **device) as (page, errors):
        await follow(page, page.get_by_role("link", name="Find countries like it"))
        await page.wait_for_url("**/peers**")
        await tab_to(page, page.get_by_label("Region", exact=True))
        await page.keyboard.type("0")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**region=0**")
        await follow(page, page.get_by_role("link", name=re.compile("^Compare Kenya with")).first)
        await expect(page.get_by_role("columnheader", name="Kenya").first).to_be_visible()
        assert errors == []


@WAYS
async def test_a_case_is_learnt_from_by_keyboard(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/practices?lang=en", **device) as (page, errors):
        await tab_to(page, page.get_by_label("Search in Practices"))
        await page.keyboard.type("X-Road data exchange Estonia")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**q=X-Road**")
        await follow(page, page.get_by_role("link", name="X-Road: the data exchange layer of the Estonian state"))
        await page.wait_for_url("**/practices/est-x-road**")
        await expect(page.get_by_role("heading", name="What failed", exact=True)).to_be_visible()
        await follow(page, page.get_by_role("link", name="Heldin: an exchange layer for a small society"))
        await expect(page.get_by_role("heading", name="It was adapted from")).to_be_visible()
        assert errors == []


@WAYS
async def test_money_is_placed_by_keyboard(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/board?lang=en", **device) as (page, errors):
        await arrived(page, device)
        await tab_to(page, page.get_by_label("Money and help from"))
        await page.keyboard.type("World B")
        if device["java_script_enabled"]:
            await page.keyboard.press("Enter")
        await follow(page, page.get_by_role("button", name="Show", exact=True))
        await page.wait_for_url("**provider=organization%3Aworld-bank**")
        await expect(page.locator('select[name="provider"]')).to_have_value("organization:world-bank")
        await follow(page, page.locator("td a.cell").first)
        await page.wait_for_url("**/board/cell**provider=**")
        await follow(page, page.get_by_role("link", name="Show everybody’s"))
        await expect(page.get_by_role("heading", name=re.compile("^Funding windows that could answer"))).to_be_visible()
        assert errors == []


@WAYS
async def test_a_country_is_got_to_know_by_keyboard(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/countries?region=western-africa&group=sids&lang=en", **device) as (page, errors):
        await follow(page, page.locator(".map").get_by_role("link", name=re.compile("^Cabo Verde: 0")))
        await page.wait_for_url("**/countries/CPV**")
        await follow(page, page.locator("summary", has_text="The same as a table").first)
        await expect(page.get_by_role("row", name=re.compile("^2024"))).to_be_visible()
        assert errors == []


@WAYS
async def test_records_are_explored_by_keyboard(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/search?q=digital+identity&lang=en", **device) as (page, errors):
        await tab_to(page, page.get_by_role("checkbox", name="Practices"))
        await page.keyboard.press("Space")
        await follow(page, page.get_by_role("button", name="Apply"))
        await page.wait_for_url("**kind=practices**")
        await follow(page, page.locator(".results h3 a").first)
        await page.wait_for_url("**/practices/**")
        await follow(page, page.get_by_role("link", name="What it is linked to, and ways to other records"))
        await page.wait_for_url("**/graph/**")
        await tab_to(page, page.get_by_label("Which record?"))
        await page.keyboard.type("Estonia")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name="Estonia", exact=True)).to_be_visible()
        await follow(page, page.get_by_role("link", name="Estonia", exact=True))
        await expect(page.get_by_role("heading", name="How the two hang together")).to_be_visible()
        assert errors == []
