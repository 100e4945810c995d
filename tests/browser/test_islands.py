"""The islands in a real browser: by keyboard alone, on a phone and a desktop, right to left, and with nothing for axe to find."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.test_journeys import DESKTOP, PHONE, choose_country
from tests.browser.test_pages import NEED, RULES, opened

pytestmark = [pytest.mark.live, pytest.mark.browser, pytest.mark.slow]

BOTH = pytest.mark.parametrize("device", [pytest.param(PHONE, id="phone"), pytest.param(DESKTOP, id="desktop")])


async def ready(page: Page) -> None:
    """Wait until the islands are there."""
    await page.locator("html[data-islands]").wait_for(state="attached")


def held_until(come: asyncio.Event) -> Callable[[Route], Awaitable[None]]:
    """Lets a file go to the page when `come` is set, as a weak connection would."""

    async def hold(route: Route) -> None:
        await come.wait()
        await route.continue_()

    return hold


async def check_barriers(page: Page) -> None:
    results = await Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()


@BOTH
@pytest.mark.parametrize("language", ["en", "ar"])
async def test_search_suggests_and_the_keyboard_chooses(chromium: Browser, base_url: str, device: dict[str, Any], language: str) -> None:
    async with opened(chromium, f"{base_url}/search?lang={language}", bypass_csp=True, **device) as (page, errors):
        await ready(page)
        field = page.locator("#q")
        await field.press_sequentially("digital identity")
        options = page.locator(".choices [role=option]")
        await expect(options).to_have_count(8, timeout=30_000)
        await expect(field).to_have_attribute("aria-expanded", "true")
        await field.press("ArrowDown")
        await field.press("ArrowDown")
        pointed = page.locator('[role="option"][aria-selected="true"]')
        assert await field.get_attribute("aria-activedescendant") == await pointed.get_attribute("id")
        await check_barriers(page)
        await field.press("Escape")
        await expect(field).to_have_attribute("aria-expanded", "false")
        assert await field.input_value() == "digital identity"
        await field.press("End")
        await field.press_sequentially("s")
        await expect(options).to_have_count(8, timeout=30_000)
        await field.press("ArrowDown")
        name = await pointed.locator("span").inner_text()
        await field.press("Enter")
        await page.wait_for_url(re.compile(rf"/(?!search)[\w-]+/[^?]+\?lang={language}$"))
        await expect(page.get_by_role("heading", level=1)).to_have_text(name)
        assert errors == []


async def test_who_types_while_an_island_comes_goes_on_typing(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/practices?lang=en") as (page, errors):
        come = asyncio.Event()
        await page.route("**/search-*.js", held_until(come))
        await page.reload()
        field = page.locator("#q")
        await field.press_sequentially("land")
        await field.press("ArrowLeft")
        come.set()
        await ready(page)
        await expect(field).to_have_attribute("role", "combobox")
        await page.keyboard.type("o")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/practices?q=lanod**")
        assert errors == []


async def test_who_chooses_from_a_list_while_an_island_comes_chooses_from_it_to_the_end(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/?lang=en", **DESKTOP) as (page, errors):
        come = asyncio.Event()
        await page.route("**/country-*.js", held_until(come))
        await page.reload()
        chosen = page.locator('select[name="country"]')
        await chosen.focus()
        come.set()
        await ready(page)
        await page.keyboard.type("Keny")
        await expect(chosen).to_be_focused()
        await page.keyboard.press("Tab")
        field = page.get_by_role("combobox", name="Country", exact=True)
        assert (await chosen.input_value(), await field.input_value()) == ("KEN", "Kenya")
        await expect(chosen).to_be_hidden()
        assert errors == []


async def test_enter_without_a_choice_searches(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/practices?lang=en") as (page, errors):
        await ready(page)
        await page.locator("#q").press_sequentially("land")
        await expect(page.locator(".choices [role=option]").first).to_be_visible(timeout=30_000)
        await page.locator("#q").press("Enter")
        await page.wait_for_url("**/practices?q=land**")
        assert errors == []


async def test_a_question_that_is_out_of_date_shows_nothing(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/search?lang=en") as (page, _):
        await ready(page)
        field = page.locator("#q")
        await field.press_sequentially("digital")
        await expect(page.locator(".choices [role=option]").first).to_be_visible(timeout=30_000)
        await field.fill("d")
        await expect(page.locator(".choices [role=option]")).to_have_count(0)


async def test_a_country_is_typed_in_any_language(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/?lang=fr", bypass_csp=True, **DESKTOP) as (page, errors):
        await ready(page)
        field, chosen = page.locator("#country"), page.locator('select[name="country"]')
        await field.press_sequentially("cote d")
        await expect(page.locator(".choices [role=option]")).to_have_count(1)
        await check_barriers(page)
        await field.press("Enter")
        assert await chosen.input_value() == "CIV"
        await field.fill("")
        await field.press_sequentially("Kenya")
        await field.press("Tab")
        assert await chosen.input_value() == "KEN"
        await field.fill("Nowhere at all")
        await page.locator("#text").focus()
        assert (await chosen.input_value(), await field.input_value()) == ("KEN", "Kenya")
        await field.fill("")
        await page.locator("#text").focus()
        assert await chosen.input_value() == ""
        await field.press_sequentially("Cambodia")
        assert page.url.endswith("/?lang=fr")
        assert errors == []


async def test_the_country_of_a_result_is_typed_and_never_none(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, f"{base_url}/match?{urlencode(NEED)}&lang=en", bypass_csp=True, **DESKTOP) as (page, errors):
        await ready(page)
        await page.get_by_text("Change what counts").click()
        field, chosen = page.locator("#country"), page.locator('select[name="country"]')
        assert await field.input_value() == "Cambodia"
        await field.fill("")
        await page.locator("#w-region").focus()
        assert (await chosen.input_value(), await field.input_value()) == ("KHM", "Cambodia")
        await field.fill("Viet")
        await expect(page.locator(".choices [role=option]")).to_have_count(1)
        await check_barriers(page)
        await field.press("Enter")
        await page.get_by_role("button", name="Match again").press("Enter")
        await page.wait_for_url("**country=VNM**")
        assert errors == []


async def test_a_provider_of_the_board_is_typed_with_its_kind_beside_it(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/board?lang=en", bypass_csp=True, **DESKTOP) as (page, errors):
        await ready(page)
        field = page.get_by_role("combobox", name="Money and help from")
        await field.press_sequentially("world bank g")
        await expect(page.locator(".choices [role=option]")).to_have_text(["World Bank Group Organisations"])
        await check_barriers(page)
        await field.fill("banque mondiale")
        await expect(page.locator(".choices [role=option]").first).to_have_text("World Bank Group Organisations", timeout=30_000)
        await field.press("ArrowDown")
        await field.press("Enter")
        assert await page.locator('select[name="provider"]').input_value() == "organization:world-bank"
        await field.press("Enter")
        await page.wait_for_url("**provider=organization%3Aworld-bank**")
        assert errors == []


async def test_four_countries_are_typed_to_be_compared(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/compare?lang=en", **DESKTOP) as (page, errors):
        await ready(page)
        for label, name in (("Your country", "Kenya"), ("Country 2", "Rwanda")):
            field = page.get_by_role("combobox", name=label)
            await field.press_sequentially(name)
            await field.press("Enter")
        await page.get_by_role("button", name="Compare").press("Enter")
        await page.wait_for_url("**countries=KEN%2CRWA**")
        assert errors == []


@BOTH
async def test_a_way_is_shown_to_the_record_that_was_suggested(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/graph/country:KEN?lang=fr", bypass_csp=True, **device) as (page, errors):
        await ready(page)
        field = page.locator("#q")
        await field.press_sequentially("Estonie")
        await expect(page.locator(".choices [role=option]").first).to_contain_text("Estonie", timeout=30_000)
        await check_barriers(page)
        await field.press("ArrowDown")
        await field.press("Enter")
        await page.wait_for_url("**/graph/country:KEN?to=country%3AEST&lang=fr")
        await expect(page.locator("#way ~ .path")).to_contain_text("Estonie")
        assert errors == []


async def test_a_phone_keeps_its_own_list_of_countries(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/?lang=en", **PHONE) as (page, errors):
        await ready(page)
        await page.locator("select#country").select_option("KHM")
        assert errors == []


@BOTH
async def test_topics_are_read_from_the_need_and_one_is_taken_away(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/?lang=en", bypass_csp=True, **device) as (page, errors):
        await ready(page)
        await page.locator("#text").press_sequentially(NEED["text"])
        chips = page.locator(".need-form .chip")
        await expect(chips).to_have_count(4, timeout=30_000)
        await expect(page.get_by_text("Topics read from your text: ")).to_be_attached()
        await check_barriers(page)
        await page.get_by_role("button", name="Remove topic Base registries").focus()
        await page.keyboard.press("Enter")
        await expect(chips).to_have_count(3)
        assert await page.locator(":focus").get_attribute("aria-label") == "Remove topic Data exchange platforms"
        await choose_country(page, "Cambodia", device)
        await page.get_by_role("button", name="Find partners").press("Enter")
        await page.wait_for_url("**/match?**")
        assert page.url.count("topics=") == 3
        assert "topics=base-registries" not in page.url
        await expect(page.get_by_role("list", name="Topics chosen").get_by_role("listitem")).to_have_count(3)
        assert errors == []


async def test_topics_left_as_they_were_read_are_not_sent(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/match?lang=en", **PHONE) as (page, _):
        await ready(page)
        await page.locator("#text").press_sequentially(NEED["text"])
        await expect(page.locator(".need-form .chip")).to_have_count(4, timeout=30_000)
        await page.locator("select#country").select_option("KHM")
        await page.get_by_role("button", name="Find partners").click()
        await page.wait_for_url("**/match?**")
        assert "topics=" not in page.url


@BOTH
async def test_filters_tell_how_much_they_leave(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/search?q=digital+identity&lang=en", bypass_csp=True, **device) as (page, errors):
        await ready(page)
        live = page.locator(".live")
        await expect(live).to_have_text("")
        if not await page.get_by_role("checkbox", name="Practices").is_visible():
            await page.get_by_text("Narrow down").click()
        await page.get_by_role("checkbox", name="Practices").check()
        await expect(live).to_have_text(re.compile(r"^[\d,]+ records fit$"))
        told = await live.inner_text()
        await check_barriers(page)
        await page.get_by_role("button", name="Apply").click()
        await page.wait_for_url("**kind=practices**")
        assert (await page.locator("#found").inner_text()).split()[0] == told.split()[0]
        assert errors == []


async def test_countries_are_counted_before_they_are_shown(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/countries?lang=en") as (page, errors):
        await ready(page)
        await page.get_by_label("Region", exact=True).select_option("western-africa")
        await expect(page.locator(".live")).to_have_text("17 countries fit")
        await page.get_by_label("Group", exact=True).select_option("sids")
        await expect(page.locator(".live")).to_have_text("2 countries fit")
        await page.get_by_role("button", name="Show").click()
        await page.wait_for_url("**group=sids**")
        await expect(page.locator("#table")).to_have_text("2 countries")
        assert errors == []


@BOTH
async def test_the_map_comes_closer_and_the_arrow_keys_travel(chromium: Browser, base_url: str, device: dict[str, Any]) -> None:
    async with opened(chromium, base_url + "/countries?lang=en", bypass_csp=True, reduced_motion="reduce", **device) as (page, errors):
        await ready(page)
        svg = page.locator(".map svg")
        whole = await svg.get_attribute("viewBox") or ""
        await expect(page.get_by_role("button", name="Zoom out")).to_be_disabled()
        await page.get_by_role("button", name="Zoom in").press("Enter")
        closer = await svg.get_attribute("viewBox") or ""
        assert float(closer.split()[2]) == pytest.approx(float(whole.split()[2]) / 1.6, abs=0.01)
        kenya = page.locator('.map a[href^="/countries/KEN"]')
        await kenya.focus()
        await page.keyboard.press("+")
        await page.keyboard.press("ArrowLeft")
        await expect(page.locator(":focus title")).to_have_text(re.compile("^Uganda"))
        await check_barriers(page)
        await page.keyboard.press("0")
        assert [float(n) for n in (await svg.get_attribute("viewBox") or "").split()] == [float(n) for n in whole.split()]
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/countries/UGA**")
        assert errors == []


async def test_the_map_is_dragged_without_opening_a_country(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/countries?lang=ar", reduced_motion="reduce", **DESKTOP) as (page, _):
        await ready(page)
        svg = page.locator(".map svg")
        await svg.scroll_into_view_if_needed()
        for _ in range(3):
            await page.locator(".map-tools button").first.click()
        before = await svg.get_attribute("viewBox") or ""
        box = await svg.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        await page.mouse.move(x, y)
        await page.mouse.down()
        await page.mouse.move(x - 120, y, steps=4)
        await page.mouse.up()
        after = await svg.get_attribute("viewBox") or ""
        assert float(after.split()[0]) > float(before.split()[0])
        assert "/countries?" in page.url


@BOTH
async def test_a_record_is_opened_in_the_drawing_and_relationships_are_left_out(
    chromium: Browser, base_url: str, device: dict[str, Any]
) -> None:
    async with opened(chromium, base_url + "/graph/country:KEN?lang=en", bypass_csp=True, **device) as (page, errors):
        await ready(page)
        boxes = page.locator("svg.graph a")
        before = await boxes.count()
        opener = page.locator('[data-opens="project:wb-p161329"], [data-opens^="project:"]').first
        record = await opener.get_attribute("data-opens")
        await opener.focus()
        await page.keyboard.press("Enter")
        opened_one = page.locator(f'[data-opens="{record}"]')
        await expect(opened_one).to_have_attribute("aria-expanded", "true", timeout=30_000)
        await expect(opened_one).to_be_focused()
        assert await boxes.count() > before
        await expect(page.locator("figure.around [role=status]")).to_have_text(re.compile("^Around "))
        await check_barriers(page)
        await page.keyboard.press(" ")
        await expect(opened_one).to_have_attribute("aria-expanded", "false")
        await expect(boxes).to_have_count(before)
        box = page.locator(".relations").get_by_role("checkbox").first
        await box.focus()
        await page.keyboard.press(" ")
        assert await boxes.count() < before
        assert errors == []


async def test_a_query_opens_in_graphiql_and_nothing_leaves_the_site(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/countries/KEN?lang=en", **DESKTOP) as (page, errors):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.get_by_role("link", name="This page’s query").click()
        await page.wait_for_url("**/graphiql?**")
        await expect(page.locator(".graphiql-query-editor .view-line").first).to_contain_text("query", timeout=30_000)
        await page.get_by_role("button", name="Execute query").click()
        await expect(page.locator(".graphiql-response")).to_contain_text('"data"', timeout=30_000)
        assert all(url.startswith((base_url, "data:", "blob:")) for url in asked)
        assert await page.evaluate("Object.keys(localStorage).length") == 0
        assert errors == []


GRAPHIQL_KNOWN = {"nested-interactive": "its tabs are list items with the role “tab” around the buttons that open and close them"}
"""Rules of axe that GraphiQL's own code breaks, each with what breaks it. The page around it breaks none."""


@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", 1280), ("ar", "dark", 390)])
async def test_graphiql_has_no_barrier_but_those_known(chromium: Browser, base_url: str, language: str, scheme: str, width: int) -> None:
    shape = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}, "reduced_motion": "reduce"}
    address = f"{base_url}/graphiql?query=%7B%20__typename%20%7D&lang={language}"
    async with opened(chromium, address, bypass_csp=True, **shape) as (page, errors):
        await page.locator(".graphiql-query-editor .view-line").first.wait_for()
        await page.get_by_role("button", name="Execute query").click()
        await expect(page.locator(".graphiql-response")).to_contain_text('"Query"', timeout=30_000)
        found = (await Axe().run(page, options=RULES)).response["violations"]
        assert {violation["id"] for violation in found} == set(GRAPHIQL_KNOWN), found
        around = (await Axe().run(page, context={"exclude": [[".graphiql-room"]]}, options=RULES)).response["violations"]
        assert around == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert errors == []


async def test_graphiql_leaves_the_plain_editor_to_those_without_a_script(chromium: Browser, base_url: str) -> None:
    async with opened(chromium, base_url + "/graphiql?query=%7B%20__typename%20%7D&lang=en", java_script_enabled=False) as (page, errors):
        await page.get_by_role("button", name="Run").click()
        await page.wait_for_url("**/api?**")
        await expect(page.locator("#answer code")).to_contain_text('"__typename": "Query"')
        assert errors == []


async def test_who_saves_data_gets_the_page_alone(chromium: Browser, base_url: str) -> None:
    context = await chromium.new_context()
    await context.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    page = await context.new_page()
    await page.goto(base_url + "/search?lang=en")
    await page.wait_for_timeout(2500)
    names = await page.evaluate("performance.getEntriesByType('resource').map(e => e.name).filter(n => n.endsWith('.js'))")
    await context.close()
    assert len(names) == 1
