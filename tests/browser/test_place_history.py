"""A place's page as people see it: its history, its picture and its map; a ticket's panel tells the same either way."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Site
from tests.make import INSIDE

SIZES = [(1440, 900), (390, 844)]


def number_there(page: Page, site: Site) -> str:
    """The newest ticket of the place where most is reported."""
    items = page.request.get(f"{site.url}/api/tickets?limit=200&lang=en").json()["items"]
    return str(next(item["number"] for item in items if (item["lon"], item["lat"]) == INSIDE))


def often(page: Page, site: Site) -> str:
    """The address of the place where most is reported."""
    number = number_there(page, site)
    return str(page.request.get(f"{site.url}/api/tickets/{number}?lang=en").json()["site"]["url"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_places_page_shows_its_history_and_fits_the_screen(
    visit: Open, site: Site, width: int, height: int, lang: str, scheme: str
) -> None:
    seen = visit("/report", width, height, lang, color_scheme=scheme)
    page = seen.page
    page.goto(f"{site.url}{often(page, site)}?lang={lang}")
    expect(page.locator("h1")).to_contain_text("距示例4路 56 米" if lang == "zh" else "56 m from Sample Road 4")
    expect(page.locator(".site-lines li").first).to_be_visible()
    expect(page.locator(".site-chart .lane-name").first).to_be_visible()
    expect(page.locator(".leaflet-overlay-pane .site-shape, .site-shape").first).to_be_attached()
    expect(page.locator(".sign").first).to_be_attached()
    assert page.locator(".entry-ticket").count() > 5
    assert 0 < page.locator(".entry-ticket.is-open").count() < page.locator(".entry-ticket").count()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert seen.faults == []


def test_an_entry_unfolds_and_leads_to_its_ticket_and_back(visit: Open, site: Site) -> None:
    page = visit("/report").page
    address = often(page, site)
    page.goto(f"{site.url}{address}?lang=en")
    page.locator(".steps summary").first.click()
    expect(page.locator(".steps li").first).to_contain_text("Opened")
    page.locator(".entry-title a").first.click()
    expect(page.locator("#panel .site-line")).to_contain_text("time")
    page.locator("#panel .site-line a").click()
    expect(page).to_have_url(re.compile(re.escape(address)))


def test_a_sign_of_the_picture_leads_to_its_ticket(visit: Open, site: Site) -> None:
    page = visit("/report").page
    page.goto(f"{site.url}{often(page, site)}?lang=en")
    page.locator(".site-chart a").last.click()
    expect(page).to_have_url(re.compile("/tickets/"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_panel_tells_the_same_with_scripts_and_without(visit: Open, site: Site, lang: str) -> None:
    page = visit(f"/?lang={lang}").page
    page.locator(f'#list .row[data-number="{number_there(page, site)}"]').click()
    expect(page.locator("#panel .ticket h1")).to_be_visible()
    plain = visit(page.url.removeprefix(site.url) + f"?lang={lang}", java_script_enabled=False).page
    drawn, written = (one.locator("#panel .site-line") for one in (page, plain))
    texts = [one.locator("span, a").all_inner_texts() for one in (drawn, written)]
    assert texts[0] == texts[1] and len(texts[0]) > 1
    assert drawn.locator("a").get_attribute("href") == written.locator("a").get_attribute("href")
    who = [re.sub(r"\s+", " ", one.locator("#panel .facts").inner_text()) for one in (page, plain)]
    assert ("A1" in who[0]) == ("A1" in who[1])


def test_without_scripts_a_place_reads_as_well(visit: Open, site: Site) -> None:
    address = often(visit("/report").page, site)
    page = visit(f"{address}?lang=en", 390, 844, java_script_enabled=False).page
    expect(page.locator(".site-lines li").first).to_be_visible()
    expect(page.locator(".site-chart")).to_be_visible()
    assert page.locator(".entry-ticket").count() > 5


def test_rows_of_the_list_say_the_place_on_a_line_of_its_own(visit: Open, site: Site) -> None:
    page = visit("/?lang=en").page
    row = page.locator("#list .row").first
    expect(row.locator(".row-place")).to_have_text("A1")
    expect(row.locator(".row-title")).to_have_text("Pothole")
    heights = page.eval_on_selector_all("#list .row-title", "all => all.map(one => one.getBoundingClientRect().height)")
    assert max(heights) < 50


def test_a_receipt_without_a_place_is_given_one_on_the_map(visit: Open, site: Site) -> None:
    seen = visit("/report?lang=en", 390, 844)
    page = seen.page
    page.fill("textarea", "Somewhere a lamp is out")
    page.click("button[type=submit]")
    expect(page.locator(".receipt")).to_contain_text("not on the map yet")
    expect(page.locator(".pin-cross")).to_be_visible()
    page.click("button[type=submit]")
    expect(page.locator("#wrong-all")).to_be_visible()
    page.locator("#pin-canvas").focus()
    # A nearer look first: from far away nothing is pointed out.
    page.evaluate("() => geoapp.map.setZoom(15, { animate: false })")
    expect(page.locator("#lon")).to_have_value("")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#lon")).not_to_have_value("")
    page.click("button[type=submit]")
    expect(page.locator(".receipt-label")).to_have_text("Your ticket")
    page.click(".receipt .primary")
    expect(page.locator("#panel .said")).to_contain_text("a lamp is out")
    assert [fault for fault in seen.faults if "422" not in fault] == []
