"""Filters, time, heat and search, as hands, keys and addresses set them; what is drawn is what is listed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Site

DRAWN = "() => geoapp.tickets.drawn()"


def counted(page: Page) -> int:
    """The number that stands over the list."""
    found = re.match(r"[\d,]+", page.locator("#count").inner_text())
    assert found
    return int(found[0].replace(",", ""))


def asked(page: Page) -> Any:
    """What the API says to the very question the list has put."""
    return page.evaluate("async () => (await geoapp.getJson(`/api/tickets?${geoapp.query({ limit: 200 })}`))")


@pytest.mark.parametrize(
    "words", ["", "state=open", "state=done&since=2024-01-01", "matter=pothole", "area=offices/A1"]
)
def test_what_is_drawn_is_what_the_list_says_at_every_zoom(visit: Open, words: str) -> None:
    page = visit(f"/?z=11&lat=22.55&lon=113.95&{words}").page
    for zoom in (11, 12.5, 14, 17, 19):
        with page.expect_response(re.compile("/api/tickets")):
            page.evaluate(f"() => geoapp.map.setView([22.5501, 113.9503], {zoom}, {{ animate: false }})")
            page.wait_for_timeout(400)
        page.wait_for_function("() => !document.querySelector('.list.is-stale')")
        told = asked(page)
        assert page.evaluate(DRAWN) == counted(page) == told["count"] == len(told["items"])
        assert page.locator("#list .row").count() == min(40, told["count"])


def test_every_filter_is_reached_on_the_page_and_goes_into_the_address_and_back(visit: Open) -> None:
    page = visit("/?lang=en").page
    expect(page.locator("#count")).to_contain_text("40")
    page.locator("#more-filters summary").click()
    page.select_option("[name=matter]", "pothole")
    page.select_option("[name=outcome]", "repaired")
    expect(page.locator("#count")).to_contain_text("13")
    expect(page).to_have_url(re.compile("matter=pothole.*outcome=repaired"))
    expect(page.locator(".side .chip")).to_have_count(2)
    page.go_back()
    expect(page.locator("#count")).to_contain_text("40")
    expect(page.locator("[name=outcome]")).to_have_value("")
    page.go_forward()
    expect(page.locator("[name=outcome]")).to_have_value("repaired")
    expect(page.locator("#count")).to_contain_text("13")
    page.select_option("#category", "family")
    expect(page.locator("[name=matter]")).to_have_value("")
    page.click(".side .chips-all")
    page.fill("#area-find", "A1")
    page.locator("#area-finds li").first.click()
    expect(page).to_have_url(re.compile("area=offices%2FA1"))
    expect(page.locator(".side .chip[data-name=area]")).to_contain_text("A1")


def test_without_scripts_the_form_filters_all_the_same(visit: Open) -> None:
    page = visit("/?state=done", java_script_enabled=False).page
    expect(page.locator("#list .row")).to_have_count(13)
    page.locator("#more-filters summary").click()
    page.select_option("select[name=area]", "offices/A2")
    page.locator("#filters button[type=submit]").click()
    expect(page).to_have_url(re.compile("state=done.*area=offices%2FA2"))
    expect(page.locator("#list .row")).to_have_count(0)
    page.locator(".side .chip[data-name=area]").click()
    expect(page.locator("#list .row")).to_have_count(13)


def test_the_window_of_time_is_set_by_key_and_by_hand_and_played(visit: Open, site: Site) -> None:
    page = visit("/?lang=en").page
    body = {"text": "now", "lon": 113.93, "lat": 22.53}
    assert page.request.post(f"{site.url}/api/reports", data=body).status == 201
    page.reload()
    expect(page.locator("#time-said")).to_contain_text("Any time")
    since = page.locator("#time-since")
    since.focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("since=2024-"))
    expect(page.locator("#count")).to_have_text(re.compile("^1 in view"))
    assert since.get_attribute("aria-valuetext") and int(since.get_attribute("aria-valuenow") or 0) > 0
    page.keyboard.press("Home")
    expect(page.locator("#count")).to_contain_text("41")
    box = page.locator("#time-track").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile("until=2025-"))
    expect(page.locator("#count")).to_contain_text("40")
    page.click("[data-pick=month]")
    expect(page.locator("#count")).to_contain_text("1 in view")
    page.click("[data-pick=all]")
    expect(page.locator("#count")).to_contain_text("41")
    page.click("#time-play")
    expect(page).to_have_url(re.compile("until="))
    page.click("#time-play")
    expect(page.locator("#time-play")).to_have_attribute("aria-pressed", "false")


def test_bars_that_could_not_be_had_are_no_longer_the_views(visit: Open) -> None:
    page = visit("/?lang=en&z=12&lat=22.55&lon=113.95").page
    said, strip = page.locator("#time-said"), page.locator("#time")
    expect(said).to_contain_text("40 opened")
    page.route("**/api/times?*", lambda route: route.fulfill(status=503))
    page.evaluate("() => geoapp.map.setView([22.52, 113.92], 17, { animate: false })")
    expect(said).to_contain_text("could not be loaded")
    expect(strip).to_have_class(re.compile("is-stale"))
    page.locator("#time-since").press("Home")
    expect(said).not_to_contain_text("opened")
    page.evaluate("() => geoapp.map.setView([22.55, 113.95], 12, { animate: false })")
    expect(said).to_contain_text("40 opened")
    expect(strip).not_to_have_class(re.compile("is-stale"))
    page.evaluate("() => geoapp.map.setView([22.52, 113.92], 17, { animate: false })")
    expect(said).to_contain_text("could not be loaded")
    page.unroute("**/api/times?*")
    said.locator("button").click()
    expect(said).to_contain_text("1 opened")
    expect(strip).not_to_have_class(re.compile("is-stale"))


def test_heat_is_another_drawing_of_the_same_tickets(visit: Open) -> None:
    seen = visit("/?lang=en&view=heat&z=14&lat=22.55&lon=113.95")
    page = seen.page
    expect(page.locator(".heat-canvas")).to_be_attached()
    expect(page.locator(".ring, .sign")).to_have_count(0)
    page.locator("#legend summary").click()
    expect(page.locator("#heat-scale li")).to_have_count(6)
    page.locator(".folium-map").click(position={"x": 30, "y": 200})
    expect(page.locator("#toast")).to_contain_text("reported here")
    page.locator("label:has(input[name=view][value=''])").click()
    expect(page.locator(".ring, .sign").first).to_be_visible()
    assert "view" not in page.url
    page.go_back()
    expect(page.locator(".heat-canvas")).to_be_attached()
    assert seen.faults == []


def test_places_are_found_by_name_from_the_keyboard(visit: Open) -> None:
    page = visit("/?lang=en").page
    page.fill("#q", "sample road 4")
    expect(page.locator("#finds [role=option]").first).to_contain_text("Sample Road 4")
    page.press("#q", "ArrowDown")
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", "finds-0")
    page.press("#q", "Enter")
    expect(page.locator("#finds")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"lat=22\.55"))
    page.fill("#q", "示例1")
    expect(page.locator("#finds [role=option]").first).to_contain_text("Sample Road 1")
    page.fill("#q", "pothole")
    expect(page.locator("#finds [role=option]").last).to_contain_text("Tickets about “pothole”")
    page.locator("#finds [role=option]").last.click()
    expect(page.locator(".side .chip[data-name=q]")).to_contain_text("pothole")


def test_a_search_that_fails_says_so_and_not_that_there_is_nothing(visit: Open) -> None:
    page = visit("/?lang=en").page
    page.route("**/api/places?*", lambda route: route.fulfill(status=503))
    page.fill("#q", "sample road 4")
    none = page.locator("#finds-none")
    expect(none).to_contain_text("could not be loaded")
    page.press("#q", "Enter")
    page.wait_for_timeout(300)
    expect(none).to_contain_text("could not be loaded")
    expect(page.locator("#toast")).to_be_hidden()
    page.unroute("**/api/places?*")
    none.locator("button").click()
    expect(page.locator("#finds [role=option]").first).to_contain_text("Sample Road 4")
    expect(none).to_be_hidden()


def test_a_number_that_could_not_be_looked_up_is_not_unknown(visit: Open) -> None:
    page = visit("/?lang=en").page
    page.route("**/api/tickets/*", lambda route: route.fulfill(status=503))
    page.fill("#q", "AB-2024-000001")
    page.press("#q", "Enter")
    expect(page.locator("#finds-none")).to_contain_text("could not be loaded")
    page.unroute("**/api/tickets/*")
    page.press("#q", "Enter")
    expect(page.locator("#finds-none")).to_contain_text("Nothing here is called")


def test_the_arrows_lead_from_sign_to_sign_and_from_row_to_row(visit: Open) -> None:
    page = visit("/?z=16&lat=22.55&lon=113.95").page
    expect(page.locator(".ring, .sign").nth(2)).to_be_visible()
    assert page.locator(".leaflet-marker-pane [tabindex='0']").count() == 1
    page.locator(".leaflet-marker-pane [tabindex='0']").focus()
    before = page.evaluate("() => document.activeElement.title + document.activeElement.style.transform")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    after = page.evaluate("() => document.activeElement.title + document.activeElement.style.transform")
    assert before != after
    page.locator("#list .row").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("() => document.activeElement === document.querySelectorAll('#list .row')[1]")
