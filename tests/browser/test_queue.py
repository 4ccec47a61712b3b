"""The queue of reports without a place in a browser: two clicks, a name by selection, the keyboard, a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from geoapp.intake.path import take
from geoapp.records import Role
from geoapp.store import aliases
from geoapp.store.cluster import Server
from geoapp.store.database import Database
from tests.browser.conftest import Open, Site, violations
from tests.make import make_report
from tests.people.make import PASSWORD, make_account


@pytest.fixture
def waiting(database: Server, site: Site) -> Iterator[tuple[Database, int]]:
    """A report that waits, and a dispatcher who may place it."""
    db = Database(database)
    (one,) = take(
        db.bulk, site.city, "hotline", [make_report("q1", x=None, y=None, body="彩云里三号楼门口有坑", address="")]
    )
    assert one.number is None
    make_account(db, "dora", Role.DISPATCHER, city_id=site.city.id)
    yield db, one.report_id
    db.close()


def come_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/sign-in?lang=zh")
    page.fill("input[name=login]", "dora")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.goto(f"{site.url}/unplaced")


def placed(db: Database, report_id: int) -> tuple[bool, str | None]:
    with db.web.connect() as connection:
        row = connection.execute(
            text("SELECT ticket_id IS NOT NULL, precision FROM geoapp.report WHERE id = :id"), {"id": report_id}
        ).one()
    return row[0], row[1]


def test_two_clicks_place_a_report_and_selected_words_become_its_name(
    visit: Open, site: Site, waiting: tuple[Database, int]
) -> None:
    db, report_id = waiting
    seen = visit("/")
    page = seen.page
    come_in(page, site)
    send = page.locator("#place-here")
    expect(send).to_be_disabled()
    page.evaluate(
        """() => { const words = document.querySelector("#words p:last-child").firstChild;
        const range = document.createRange(); range.setStart(words, 0); range.setEnd(words, 6);
        const chosen = getSelection(); chosen.removeAllRanges(); chosen.addRange(range); }"""
    )
    expect(page.locator("#alias")).to_have_value("")
    page.click("#take-name button")
    expect(page.locator("#alias")).to_have_value("彩云里三号楼")
    page.locator("#queue-canvas").click(position={"x": 300, "y": 400})
    with page.expect_navigation():
        send.click()
    assert placed(db, report_id) == (True, "by_hand")
    with db.web.connect() as connection:
        assert [one.name for one in aliases.of_city(connection, site.city.id)] == ["彩云里三号楼"]
    assert seen.faults == []


def test_the_keyboard_places_a_report(visit: Open, site: Site, waiting: tuple[Database, int]) -> None:
    db, report_id = waiting
    page = visit("/", 390, 844).page
    come_in(page, site)
    page.locator("#queue-canvas").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#place-here")).to_be_enabled()
    page.locator("#place-here").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert placed(db, report_id) == (True, "by_hand")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_axe_finds_nothing_in_the_queue_nor_at_the_door(
    visit: Open, site: Site, waiting: tuple[Database, int], axe: str, theme: str, width: int, height: int
) -> None:
    page = visit("/sign-in?lang=zh", width, height, color_scheme=theme).page
    found = {"door": violations(page, axe)}
    come_in(page, site)
    found["queue"] = violations(page, axe)
    page.locator("#queue-canvas").click(position={"x": 150, "y": 150})
    found["queue at work"] = violations(page, axe)
    page.goto(f"{site.url}/account")
    found["account"] = violations(page, axe)
    assert {name: said for name, said in found.items() if said} == {}
