"""A move in the browser: a form of the ticket's panel, the ground fenced off drawn on the map, works shown there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from geoapp.records import Role
from geoapp.store import units
from geoapp.store.database import Database
from tests.browser.conftest import Site
from tests.people.make import PASSWORD, make_account


@pytest.mark.parametrize("phone", [False, True])
def test_works_are_told_by_a_form_and_drawn_on_the_map(browser: Browser, site: Site, db: Database, phone: bool) -> None:
    with db.bulk.begin() as connection:
        units.grow(connection, site.city)
        unit = units.of_area(connection, site.city.id, "offices", "A1")
        assert unit is not None
        number = connection.execute(
            text(
                "UPDATE geoapp.ticket SET state = 'in_hand', unit_id = :unit, ended_at = NULL, outcome = NULL "
                "WHERE id = (SELECT min(id) FROM geoapp.ticket WHERE public) RETURNING number"
            ),
            {"unit": unit.id},
        ).scalar_one()
    make_account(db, "wang", Role.UNIT_STAFF, city_id=site.city.id, unit_id=unit.id)
    size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
    context = browser.new_context(viewport=size, is_mobile=phone, has_touch=phone, locale="en-GB")  # type: ignore[arg-type]
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{site.url}/sign-in?lang=en")
    page.fill("[name=login]", "wang")
    page.fill("[name=password]", PASSWORD)
    page.click("main form [type=submit]")
    page.goto(f"{site.url}/tickets/{number}?lang=en")
    page.locator("#move-begin_works summary").click()
    form = page.locator("#move-begin_works form")
    form.get_by_label("Promised end").fill(f"{datetime.now(UTC).year + 1}-05-01")
    form.get_by_role("button", name="Draw it on the map").click()
    # The sheet of a phone makes room for the map.
    page.wait_for_timeout(600)
    box = page.locator(".chart").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] * (0.25 if phone else 0.35), box["y"] + box["height"] * (0.2 if phone else 0.4))
    for dx, dy in ((0, 0), (24, 0), (24, 24)):
        page.mouse.click(middle[0] + dx, middle[1] + dy)
        page.wait_for_timeout(350)
    outline = form.locator("[data-outline]")
    assert len(outline.input_value().split()) == 3
    form.get_by_role("button", name="Works begin").click()
    expect(page.get_by_role("status").filter(has_text="Works begin")).to_be_visible()
    page.goto(f"{site.url}/tickets/{number}?lang=en")
    expect(page.locator(".ticket-state strong")).to_have_text("Works under way")
    expect(page.locator("path.hoarding").first).to_be_attached()
    expect(page.locator(".works-sign")).to_contain_text("Works until 1 May")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert wrong == []
    context.close()
