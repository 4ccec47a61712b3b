"""A walk through /admin in a browser: it works by keyboard and on a phone, and axe finds no barriers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from geoapp.assign.catalogue import CatalogueMatter
from geoapp.assign.duties import Duty
from geoapp.assign.three_lists import ListKind
from geoapp.city import City
from geoapp.intake import lists
from geoapp.people import keeping
from geoapp.records import Role
from geoapp.store import disputes, units
from geoapp.store.cluster import Server
from geoapp.store.database import Database
from tests.browser.conftest import Open, Site, violations
from tests.people.make import PASSWORD, make_account


@pytest.fixture
def chief(site: Site, database: Server) -> Iterator[str]:
    """The login of an administrator of a city with units and people."""
    db = Database(database)
    with db.bulk.begin() as connection:
        units.grow(connection, site.city)
    make_account(db, "chief", Role.ADMINISTRATOR, city_id=site.city.id, language="en")
    keeping.add(db.web, "wang", "王强", role=Role.UNIT_HEAD, city=site.city, unit="A1", email="wang@example.org")
    keeping.add(db.web, "li", "<b>李梅</b>", role=Role.PLANNER, city=site.city)
    keeping.lock(db.web, "li", locked=True, reason="away")
    kept_lists(db, site.city)
    db.close()
    yield "chief"


def kept_lists(db: Database, city: City) -> None:
    """A catalogue, responsibilities with a gap and an overlap that also name what there is not, and a gap of duties."""
    day = datetime.now(city.zone).date()
    hole = CatalogueMatter("hole", "road", {"zh": "坑洼", "en": "Hole"}, {"zh": "道路", "en": "Road"}, keywords=("坑",))
    here = Duty("R1", category="road", level="offices", area="A1", unit="A1")
    duties = (here, replace(here, code="R2", unit="A2"), Duty("R3", matter="none", unit="nobody"))
    with db.bulk.begin() as connection:
        lists.take_in(connection, city, ListKind.CATALOGUE, [hole], day, "test", "a first list")
        lists.take_in(connection, city, ListKind.RESPONSIBILITIES, duties, day, "test", "a list with faults")
    with db.bulk.begin() as connection:
        ticket = connection.execute(text("SELECT id, unit_id FROM geoapp.ticket ORDER BY id LIMIT 1")).one()
        event = connection.execute(text("SELECT min(id) FROM geoapp.event")).scalar_one()
        disputes.consult(connection, city.id, ticket.id, None, [], event, "test", datetime.now(UTC))


def sign_in(page: Page, login: str) -> None:
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.locator(".admin-tabs")).to_be_visible()


PAGES = ("/admin", "/admin/people", "/admin/people/new", "/admin/people/wang", "/admin/people/li",
         "/admin/people/wang/leave", "/admin/people/import", "/admin/units", "/admin/units?q=a", "/admin/units/A1",
         "/admin/units/new", "/admin/units/import", "/admin/roles", "/admin/log", "/admin/looks",
         "/admin/lists", "/admin/lists/import", "/admin/lists/catalogue", "/admin/lists/catalogue/1",
         "/admin/lists/responsibilities/1?tried=365", "/admin/gaps")  # fmt: skip


@pytest.mark.parametrize(("width", "theme", "lang"), [(1440, "light", "en"), (1440, "dark", "zh"), (390, "dark", "en"),
                                                      (390, "light", "zh")])  # fmt: skip
def test_no_page_of_it_has_barriers(
    visit: Open, axe: str, site: Site, chief: str, width: int, theme: str, lang: str
) -> None:
    phone = {"is_mobile": True, "has_touch": True} if width < 500 else {}
    watched = visit(f"/sign-in?back=/admin&lang={lang}", width, 844, lang, color_scheme=theme, **phone)
    page = watched.page
    sign_in(page, chief)
    found = {}
    for path in PAGES:
        page.goto(site.url + path)
        for summary in page.locator(".admin details:not([open]) > summary").all():
            if summary.is_visible():
                summary.click(position={"x": 4, "y": 8})
        found[path] = violations(page, axe)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert {name: said for name, said in found.items() if said} == {} and watched.faults == []


def test_a_list_is_taken_in_and_somebody_leaves(visit: Open, axe: str, site: Site, chief: str, tmp_path: Path) -> None:
    watched = visit("/sign-in?back=/admin/people/import&lang=en", 390, 844, "en")
    page = watched.page
    sign_in(page, chief)
    file = tmp_path / "people.csv"
    file.write_text("login,name,role,unit\nzhao,赵磊,crew,\nsun,孙涛,emperor,A2\n", "utf-8")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.locator(".faults")).to_contain_text("no role")
    found = {"faults": violations(page, axe)}
    # That what is wrong is no fault of the page's.
    watched.faults.clear()
    file.write_text("login,name,role,unit\nzhao,赵磊,crew,A1\nsun,孙涛,unit_staff,A2\n", "utf-8")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.locator(".preview tbody tr")).to_have_count(2)
    found["preview"] = violations(page, axe)
    page.get_by_role("button", name="Take all of it in").click()
    expect(page.locator(".links code")).to_have_count(2)
    found["taken"] = violations(page, axe)
    page.goto(f"{site.url}/admin/people?q=wang")
    page.get_by_role("link", name="王强").click()
    page.get_by_role("link", name="Hand over").click()
    page.get_by_label("Who takes it on (login)").fill("zhao")
    page.get_by_role("button", name="Hand over and lock").click()
    expect(page.locator("h1")).to_have_text("Handed over")
    found["left"] = violations(page, axe)
    page.goto(f"{site.url}/admin/people/zhao")
    expect(page.locator("#roles")).to_contain_text("Head of unit")
    assert {name: said for name, said in found.items() if said} == {} and watched.faults == []


def test_a_role_is_given_by_the_keyboard_alone(visit: Open, site: Site, chief: str) -> None:
    page = visit("/sign-in?back=/admin/people/wang&lang=en").page
    sign_in(page, chief)
    page.locator("#roles > details > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Plan")
    page.locator("#roles [name=unit]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".done")).to_be_visible()
    expect(page.locator("#roles .listed").first).to_contain_text("Planner")
