"""An area's page as people see it: its outline fitted to the map, its tickets in it, readable without scripts too."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, Site

SIZES = [(1440, 900), (390, 844)]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_map_is_fitted_to_the_area_and_shows_its_tickets(
    visit: Open, site: Site, width: int, height: int, lang: str
) -> None:
    seen = visit(f"/areas/{site.city.code}/offices/A1", width, height, lang)
    page = seen.page
    expect(page.locator("h1")).to_have_text("A1区" if lang == "zh" else "A1")
    expect(page.locator(".area-outline")).to_be_attached()
    expect(page.locator(".ring, .sign").first).to_be_visible()
    west, south, east, north = page.evaluate(
        "() => { const b = geoapp.map.getBounds(); return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]; }"
    )
    assert west <= 113.9 and east >= 114.0 and south <= 22.5 and north >= 22.6
    assert east - west < 0.4 or north - south < 0.4
    counters = page.locator(".counter strong")
    assert [int(text) for text in counters.all_inner_texts()] == [27, 0, 13]
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert seen.faults == []


def test_its_counters_lead_to_the_map_with_just_these(visit: Open, site: Site) -> None:
    page = visit(f"/areas/{site.city.code}/offices/A1?lang=en").page
    page.locator(".counter").first.click()
    expect(page.locator("#count")).to_contain_text("27 in view")
    expect(page.locator(".side .narrowed")).to_contain_text("A1")
    expect(page.locator("input[value=open]")).to_be_checked()


def test_a_tickets_panel_leads_there_and_a_ticket_back(visit: Open, site: Site) -> None:
    page = visit("/?lang=en").page
    page.locator("#list .row").first.click()
    page.locator(".areas a").filter(has_text="A1").click()
    expect(page).to_have_url(re.compile(f"/areas/{site.city.code}/offices/A1"))
    page.locator(".row").first.click()
    expect(page.locator("#panel .ticket h1")).to_be_visible()


def test_a_sign_on_its_map_opens_the_ticket(visit: Open, site: Site) -> None:
    page = visit(f"/areas/{site.city.code}/offices/A1").page
    expect(page.locator(".ring, .sign").first).to_be_visible()
    page.evaluate("() => geoapp.map.setView([22.52, 113.92], 17, { animate: false })")
    page.locator(".sign").first.click()
    expect(page).to_have_url(re.compile("/tickets/"))


def test_without_scripts_it_reads_as_well(visit: Open, site: Site) -> None:
    page = visit(f"/areas/{site.city.code}/offices/A1", 390, 844, java_script_enabled=False).page
    expect(page.locator("h1")).to_have_text("A1")
    expect(page.locator(".row")).to_have_count(10)
