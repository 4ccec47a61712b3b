"""The map page as people use it: look, open, go back, search, and be told when something fails."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NASTY, Open, Site

SIZES = [(1440, 900), (390, 844)]


def first_number(page: Page) -> str:
    """The number of the first ticket in the list."""
    return page.locator("#list .row").first.get_attribute("data-number") or ""


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_shows_what_is_in_view_and_asks_nobody_else(visit: Open, width: int, height: int, lang: str) -> None:
    seen = visit("/", width, height, lang)
    expect(seen.page.locator(".ring, .sign").first).to_be_visible()
    expect(seen.page.locator("#count")).to_contain_text("40")
    expect(seen.page.locator(".land").first).to_be_attached()
    assert seen.faults == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_what_must_be_reached_lies_free_and_inside(visit: Open, width: int, height: int, lang: str) -> None:
    page = visit("/", width, height, lang).page
    expect(page.locator(".ring, .sign").first).to_be_visible()
    if width < 900:
        page.click("#dock-list")
    page.locator("#list .row").first.click()
    expect(page.locator("#panel .ticket")).to_be_visible()
    page.wait_for_timeout(400)
    for reach in ("#q", "#report", "#panel-close", ".leaflet-control-zoom-in", '.tongue[data-lang="en"]'):
        # A trial click fails when something else lies on top.
        page.locator(reach).click(trial=True, timeout=3000)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_ticket_opens_in_place_and_the_browsers_back_closes_it(visit: Open, site: Site) -> None:
    page = visit("/").page
    page.locator("#list .row").first.click()
    expect(page.locator("#panel .ticket h1")).to_be_visible()
    expect(page).to_have_url(re.compile("/tickets/"))
    page.go_back()
    expect(page.locator("#panel")).to_be_hidden()
    page.go_forward()
    expect(page.locator("#panel .ticket h1")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()


@pytest.mark.parametrize("java_script", [True, False])
def test_a_tickets_address_shows_it_with_and_without_scripts(visit: Open, java_script: bool) -> None:
    number = first_number(visit("/").page)
    page = visit(f"/tickets/{number}", 390, 844, java_script_enabled=java_script).page
    expect(page.locator("#panel .ticket .number")).to_have_text(number)
    expect(page.locator("#panel .ticket h1")).to_be_visible()
    expect(page.locator("#panel .timeline li").first).to_be_visible()


def test_what_citizens_wrote_is_only_ever_text(visit: Open, site: Site) -> None:
    where = "z=17&lat=22.52&lon=113.92"
    found = visit("/").page.request.get(f"{site.url}/api/tickets?bbox=113.919,22.519,113.921,22.521").json()["items"]
    number = found[0]["number"]
    for path in (f"/?{where}", f"/tickets/{number}"):
        seen = visit(path)
        if path.startswith("/?"):
            seen.page.locator(f'#list .row[data-number="{number}"]').click()
        expect(seen.page.locator(".said p")).to_have_text(NASTY)
        assert seen.page.locator(".said :is(img, b)").count() == 0
        assert seen.faults == []


def test_a_marker_opens_from_the_keyboard(visit: Open) -> None:
    page = visit("/?z=16&lat=22.52&lon=113.92").page
    sign = page.locator(".sign").first
    expect(sign).to_have_attribute("aria-label", re.compile("Pothole"))
    sign.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel .ticket h1")).to_be_visible()


def test_a_ring_zooms_in_and_at_the_deepest_lists(visit: Open) -> None:
    page = visit("/?z=14&lat=22.55&lon=113.95").page
    page.locator(".ring").first.click()
    expect(page).to_have_url(re.compile("z=16"))
    page.goto(page.url.replace("z=16", "z=19"))
    ring = page.locator(".ring").first
    expect(ring).to_be_visible()
    # The list of the view arrives after the rings; a click before it would be answered twice.
    page.wait_for_load_state("networkidle")
    ring.click()
    expect(page.locator("#count")).to_contain_text("at this spot")


def test_search_finds_numbers_and_coordinates_and_says_when_not(visit: Open) -> None:
    page = visit("/").page
    number = first_number(page)
    page.fill("#q", number.lower())
    page.press("#q", "Enter")
    expect(page.locator("#panel .number")).to_have_text(number)
    page.fill("#q", "22.55, 113.95")
    page.press("#q", "Enter")
    expect(page).to_have_url(re.compile(r"lat=22\.5500"))
    page.fill("#q", "MT-none")
    page.press("#q", "Enter")
    expect(page.locator("#panel")).to_contain_text("no ticket")


def test_a_failure_is_said_and_can_be_tried_again(visit: Open) -> None:
    page = visit("/").page
    expect(page.locator("#count")).to_contain_text("40")
    page.route("**/api/clusters?*", lambda route: route.abort())
    page.locator("label:has(input[value=open])").click()
    expect(page.locator("#toast")).to_contain_text("could not be loaded")
    expect(page.locator("#count")).not_to_contain_text("40")
    page.unroute("**/api/clusters?*")
    page.click("#toast button")
    expect(page.locator("#toast")).to_be_hidden()
    expect(page.locator("#count")).to_contain_text("27")


def test_the_other_language_keeps_the_place(visit: Open) -> None:
    page = visit("/?z=14&lat=22.55&lon=113.95").page
    expect(page.locator("#count")).to_contain_text("in view")
    page.click('.tongue[data-lang="zh"]')
    expect(page.locator("#count")).to_contain_text("视野内")
    expect(page).to_have_url(re.compile("z=14"))


def test_the_sheet_follows_its_handle(visit: Open) -> None:
    page = visit("/", 390, 844).page
    expect(page.locator("#side")).to_be_hidden()
    page.click("#dock-list")
    expect(page.locator("#side")).to_be_visible()
    page.click("#side-handle")
    expect(page.locator("#side")).to_have_class(re.compile("is-full"))
