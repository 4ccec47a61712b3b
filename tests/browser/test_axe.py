"""What axe finds on the pages: nothing, in both languages, by day and by night, on a desk and on a phone."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Site, violations
from tests.browser.test_map import first_number


def settle(page: Page) -> None:
    """Wait until the map has its signs and its time."""
    expect(page.locator(".ring, .sign").first).to_be_visible()
    expect(page.locator("#time-said strong")).to_be_attached()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_on_any_page(visit: Open, site: Site, axe: str, lang: str, theme: str) -> None:
    page = visit("/", lang=lang, color_scheme=theme).page
    settle(page)
    found = {"map": violations(page, axe)}
    page.locator("#more-filters summary").click()
    page.locator("label:has(input[value=open])").click()
    page.locator("#legend summary").click()
    page.fill("#q", "sample" if lang == "en" else "示例")
    expect(page.locator("#finds li").first).to_be_visible()
    found["map at work"] = violations(page, axe)
    page.keyboard.press("Escape")
    page.locator("label:has(input[value=heat])").click()
    expect(page.locator(".heat-canvas")).to_be_attached()
    found["heat"] = violations(page, axe)
    page.goto(site.url + f"/tickets/{first_number(page)}")
    settle(page)
    found["ticket"] = violations(page, axe)
    history = page.request.get(site.url + f"/api{urlsplit(page.url).path}").json()["site"]["url"]
    for name, path in {
        "site": history,
        "report": "/report",
        "area": f"/areas/{site.city.code}/offices/A1",
        "error": "/nowhere",
        "bad": "/?since=foo",
    }.items():
        page.goto(site.url + path)
        page.wait_for_timeout(300)
        found[name] = violations(page, axe)
    page.goto(f"{site.url}/report")
    page.fill("textarea[name=body]", "x")
    page.locator("#report-form button[type=submit]").click()
    expect(page.locator(".receipt")).to_be_visible()
    found["receipt"] = violations(page, axe)
    assert {name: said for name, said in found.items() if said} == {}


def at_rest(page: Page) -> None:
    """Wait until nothing moves any more: on its way a sheet lies half behind another."""
    page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_a_phone(visit: Open, axe: str, theme: str) -> None:
    page = visit("/?state=open", 390, 844, "zh", color_scheme=theme, has_touch=True, is_mobile=True).page
    settle_map = page.locator(".ring, .sign").first
    expect(settle_map).to_be_visible()
    found = {"map": violations(page, axe)}
    page.click("#time-toggle")
    expect(page.locator("#time-said strong")).to_be_attached()
    found["time"] = violations(page, axe)
    page.click("#dock-list")
    expect(page.locator("#list .row").first).to_be_visible()
    at_rest(page)
    found["list"] = violations(page, axe)
    page.locator("#list .row").first.click()
    expect(page.locator("#panel .ticket")).to_be_visible()
    at_rest(page)
    found["ticket"] = violations(page, axe)
    assert {name: said for name, said in found.items() if said} == {}
