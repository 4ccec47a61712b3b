"""The map page as people use it: look, open, go back, search, and be told when something fails."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, Route, expect

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


@pytest.mark.parametrize("zoom", ["10.5", "12.5", "14", "16.5"])
def test_roads_are_drawn_in_the_maps_own_colours_at_any_zoom(visit: Open, zoom: str) -> None:
    seen = visit(f"/?z={zoom}&lat=22.55&lon=113.95")
    expect(seen.page.locator(".leaflet-roads-pane canvas")).to_be_attached()
    expect(seen.page.locator(".ring, .sign").first).to_be_visible()
    colours = seen.page.evaluate(
        "() => { const found = []; geoapp.map.eachLayer((one) => {"
        " if (one.options.renderer) found.push(one.options.color); }); return found; }"
    )
    assert colours and "#3388ff" not in colours
    if float(zoom) > 15:
        seen.page.wait_for_function("() => geoapp.names.shown().some((name) => name.includes('Sample Road'))")
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
    page.locator(".ring").first.click()
    expect(page.locator("#count")).to_contain_text("at this spot")


def test_a_ring_clicked_again_and_again_is_answered_once_and_its_list_stays(visit: Open) -> None:
    seen = visit("/?z=19&lat=22.55&lon=113.95")
    page = seen.page
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/api/tickets?" in one.url else None)
    ring = page.locator(".ring").first
    expect(ring).to_be_visible()
    asked.clear()
    page.evaluate("() => { for (let i = 0; i < 4; i++) document.querySelector('.ring').click(); }")
    expect(page.locator("#count")).to_contain_text("at this spot")
    page.wait_for_timeout(1200)
    expect(page.locator("#count")).to_contain_text("at this spot")
    assert len(asked) == 1 and seen.faults == []


def test_rows_still_coming_in_never_mix_with_those_of_another_filter(visit: Open, site: Site) -> None:
    page = visit("/").page
    for number in range(10):
        body = {"text": f"{number}", "lon": 113.93, "lat": 22.53}
        assert page.request.post(f"{site.url}/api/reports", data=body).status == 201
    page.reload()
    expect(page.locator("#more")).to_be_visible()
    held: list[Route] = []
    page.route(re.compile("/api/tickets.*cursor="), lambda route: held.append(route))
    page.click("#more")
    page.wait_for_timeout(300)
    assert len(held) == 1
    page.locator("label:has(input[value=done])").click()
    expect(page.locator("#list .row")).to_have_count(13)
    with suppress(Error):
        held[0].continue_()
    page.wait_for_timeout(800)
    expect(page.locator("#list .row")).to_have_count(13)
    expect(page.locator("#more")).to_be_hidden()


@pytest.mark.parametrize(
    "words", ["z=12&lat=abc&lon=1", "z=abc", "z=abc&lat=22.5&lon=113.9", "z=12&lat=999&lon=1", "lat=22.5", "z=1e99"]
)
def test_an_address_that_looks_nowhere_shows_the_whole_city(visit: Open, words: str) -> None:
    seen = visit(f"/?{words}&utm_source=letter")
    expect(seen.page.locator("#count")).to_contain_text("40")
    expect(seen.page.locator(".ring, .sign").first).to_be_visible()
    assert seen.faults == []


def test_what_cannot_be_understood_is_said_with_a_way_out(visit: Open) -> None:
    seen = visit("/?since=foo&lang=en&z=14&lat=22.55&lon=113.95")
    page = seen.page
    expect(page.locator("main")).to_contain_text("A day is written 2026-01-31.")
    page.click(".actions a")
    expect(page.locator("#count")).to_contain_text("in view")
    expect(page).to_have_url(re.compile(r"z=14"))


def test_a_question_refused_later_is_not_asked_again_but_widened(visit: Open) -> None:
    page = visit("/?lang=en").page
    expect(page.locator("#count")).to_contain_text("40")
    refused = {"error": {"code": "bad_field", "message": "no", "fields": {"category": "There is no road here."}}}
    page.route(re.compile("/api/(clusters|tickets).*category="), lambda route: route.fulfill(status=422, json=refused))
    page.select_option("#category", "road")
    expect(page.locator("#toast")).to_contain_text("There is no road here.")
    expect(page.locator("#list-note")).to_contain_text("There is no road here.")
    page.click("#toast button")
    expect(page.locator("#toast")).to_be_hidden()
    expect(page.locator("#count")).to_contain_text("40")
    expect(page.locator("#category")).to_have_value("")


def test_the_words_of_an_address_are_the_forms_and_each_can_be_taken_away(visit: Open) -> None:
    page = visit("/?state=done&category=road&lang=en").page
    expect(page.locator("#count")).to_contain_text("13")
    expect(page.locator("input[value=done]")).to_be_checked()
    expect(page.locator("#category")).to_have_value("road")
    page = visit("/?state=closed,in_hand&until=2024-12-31&lang=en").page
    expect(page.locator("#count")).to_contain_text("13")
    expect(page.locator(".side .chip[data-name=state]")).to_contain_text("Solved, In hand")
    page.locator("label:has(input[value=open])").click()
    expect(page.locator("#count")).to_contain_text("27")
    expect(page.locator(".side .chip[data-name=state]")).to_contain_text("Open")
    page.click(".side .chip[data-name=until]")
    expect(page.locator(".side .chip")).to_have_count(1)
    assert "until" not in page.url
    page.click(".side .chips-all")
    expect(page.locator("#count")).to_contain_text("40")
    expect(page.locator(".side .narrowed")).to_be_hidden()


def test_on_a_phone_what_narrows_the_map_stands_over_it(visit: Open, site: Site) -> None:
    page = visit(f"/?city={site.city.code}&area=offices/A1&lang=en", 390, 844).page
    expect(page.locator(".narrowed-over")).to_be_visible()
    expect(page.locator(".narrowed-over")).to_contain_text("A1")
    page.click(".narrowed-over .chip")
    expect(page.locator(".narrowed-over")).to_be_hidden()
    assert "area" not in page.url


def test_the_box_of_an_address_is_where_the_map_looks(visit: Open) -> None:
    page = visit("/?bbox=113.9199,22.5199,113.9201,22.5201&lang=en").page
    expect(page.locator("#count")).to_contain_text("1 in view")


def test_search_finds_numbers_and_coordinates_and_says_when_not(visit: Open) -> None:
    page = visit("/").page
    number = first_number(page)
    page.fill("#q", number.lower())
    page.press("#q", "Enter")
    expect(page.locator("#panel .number")).to_have_text(number)
    page.fill("#q", "22.55, 113.95")
    page.press("#q", "Enter")
    expect(page).to_have_url(re.compile(r"lat=22\.5500"))
    page.fill("#q", "Atlantis Road")
    page.press("#q", "Enter")
    expect(page.locator("#finds-none")).to_be_visible()
    expect(page.locator("#finds-none")).to_contain_text("Nothing here is called “Atlantis Road”")
    expect(page).to_have_url(re.compile(r"/\?"))


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


def test_an_answer_that_comes_after_the_way_back_is_not_taken_for_the_views(visit: Open) -> None:
    page = visit("/?z=12&lat=22.55&lon=113.95").page
    expect(page.locator("#count")).to_contain_text("40")
    expect(page.locator("#time-said")).to_contain_text("40 opened")
    held: list[Route] = []
    slow = re.compile("/api/(clusters|times)")
    page.route(slow, lambda route: held.append(route))
    page.evaluate("() => geoapp.map.setView([22.52, 113.92], 17, { animate: false })")
    expect(page.locator("#toast")).to_contain_text("Loading")
    assert len(held) == 2
    page.evaluate("() => geoapp.map.setView([22.55, 113.95], 12, { animate: false })")
    expect(page.locator("#toast")).to_be_hidden()
    page.wait_for_timeout(700)
    page.unroute(slow)
    for route in held:
        with suppress(Error):
            route.continue_()
    page.wait_for_timeout(800)
    assert page.evaluate("() => geoapp.tickets.drawn()") == 40
    expect(page.locator("#count")).to_contain_text("40")
    expect(page.locator("#time-said")).to_contain_text("40 opened")
    expect(page.locator("#time")).not_to_have_class(re.compile("is-stale"))


def test_signs_whose_pictures_fail_are_plain_until_these_come(visit: Open) -> None:
    page = visit("/report").page
    refused: list[Route] = []

    def refuse(route: Route) -> None:
        # What the page's own icons ask for is left alone: only the signs' question is refused, and only once.
        if route.request.resource_type != "fetch" or refused:
            return route.fallback()
        refused.append(route)
        return route.fulfill(status=503)

    page.route("**/marks.svg*", refuse)
    page.goto(page.url.replace("/report", "/?z=17&lat=22.52&lon=113.92"))
    painted = """() => {
      const canvas = document.querySelector("canvas.signs"), pen = canvas.getContext("2d");
      const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((n, one, i) => (i % 4 === 3 && one ? n + 1 : n), 0);
    }"""
    expect(page.locator(".sign")).to_have_count(1)
    page.wait_for_function(f"() => ({painted})() > 100")
    assert refused
    plain = page.evaluate(painted)
    page.wait_for_function(f"() => ({painted})() > 100 && ({painted})() !== {plain}")


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


def test_search_reads_words_that_say_where(site: Site, visit: Open) -> None:
    page = visit("/?lang=zh").page
    page.fill("#q", "示例1路和示例4路交叉口有坑")
    expect(page.locator("#finds-none")).to_contain_text("不相交")
    page.fill("#q", "示例4路上的坑")
    option = page.locator("#finds li").first
    expect(option.locator("strong")).to_have_text("示例4路")
    option.click()
    expect(page.locator(".found-spot, .reach").first).to_be_attached()
