"""The door and one's own account in a browser: nothing is complained of, and axe finds no barriers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from geoapp.records import Role
from geoapp.store.cluster import Server
from geoapp.store.database import Database
from tests.browser.conftest import Open, Site, violations
from tests.people.make import PASSWORD, make_account


@pytest.fixture
def wang(site: Site, database: Server) -> Iterator[str]:
    """The login of a planner."""
    db = Database(database)
    make_account(db, "wang", Role.PLANNER, city_id=site.city.id, language="en")
    db.close()
    yield "wang"


def sign_in(page: Page, login: str) -> None:
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click(".door button[type=submit]")


@pytest.mark.parametrize(("width", "theme", "lang"), [(1440, "light", "zh"), (390, "dark", "en"), (390, "light", "zh")])
def test_the_door_and_the_account_have_no_barriers(
    visit: Open, axe: str, wang: str, width: int, theme: str, lang: str
) -> None:
    watched = visit(f"/sign-in?back=/account&lang={lang}", width, 844, lang, color_scheme=theme)
    page = watched.page
    found = {"door": violations(page, axe)}
    sign_in(page, wang)
    expect(page.locator("#rights")).to_be_visible()
    found["account"] = violations(page, axe)
    page.fill("#factor [name=current]", PASSWORD)
    page.click("#factor button[type=submit]")
    expect(page.locator("svg.qr")).to_be_visible()
    found["factor"] = violations(page, axe)
    page.goto(page.url.partition("/account")[0] + "/account")
    page.fill("#tokens [name=name]", "x")
    page.check("#tokens [value=plan]")
    page.fill("#tokens [name=current]", PASSWORD)
    page.get_by_role("button", name="Make a token" if lang == "en" else "生成令牌").click()
    expect(page.locator(".once code")).to_be_visible()
    found["token"] = violations(page, axe)
    page.locator(".me summary").click()
    found["menu"] = violations(page, axe)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing is wider than the screen"
    page.locator(".menu-button").click()
    expect(page.locator(".sign-in")).to_be_visible()
    page.goto(page.url.rstrip("/") + "/reset")
    found["reset"] = violations(page, axe)
    assert {name: said for name, said in found.items() if said} == {} and watched.faults == []


def test_a_wrong_password_is_said_and_the_login_is_kept(visit: Open, wang: str) -> None:
    page = visit("/sign-in").page
    page.fill("[name=login]", wang)
    page.fill("[name=password]", "not the password")
    page.click(".door button[type=submit]")
    expect(page.locator("[role=alert]")).to_be_visible()
    assert page.input_value("[name=login]") == wang and page.input_value("[name=password]") == ""
