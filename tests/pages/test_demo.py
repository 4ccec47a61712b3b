"""The door of a demo: its stories, the roles it is entered in, and the strip that leads from page to page."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from geoapp.app import create_app
from geoapp.city import City
from geoapp.demo import people, stories
from geoapp.demo.tour import ORDER
from geoapp.pages.parts import visiting, who
from geoapp.people import passwords
from geoapp.people.rights import ROLES
from geoapp.settings import Settings
from geoapp.store import accounts, cities, units
from geoapp.store.acting import KEEPER, acting
from geoapp.store.database import Database
from tests.people.make import PASSWORD, enter, secret_of


@pytest.fixture
def toured(db: Database, filled: City, settings: Settings) -> City:
    """The probe city, a demo planted in it by hand: a story of each kind, and one that nobody can see."""
    with db.bulk.connect() as connection:
        numbers = connection.execute(text("SELECT number FROM geoapp.ticket WHERE public ORDER BY id")).scalars().all()
    told = [story(kind, [numbers[nth]]) for nth, kind in enumerate(ORDER)]
    folder = settings.data_dir / "demo" / filled.code
    folder.mkdir(parents=True)
    (folder / "stories.json").write_text(json.dumps([story(stories.LEAD, []), *told]), "utf-8")
    return filled


def story(kind: str, numbers: list[str]) -> dict[str, Any]:
    return {
        "code": kind, "story": kind, "city": "probe", "names": {"zh": f"故事{kind}", "en": f"The story of {kind}"},
        "sentences": {"zh": "看", "en": "Look <b>here</b>"}, "matter": "pothole", "refs": [], "tickets": numbers,
        "place": {"lon": 114.5, "lat": 20.5, "address": "", "site": "", "office": "O00"},
    }  # fmt: skip


def test_a_city_without_a_demo_has_no_door(client: FlaskClient, filled: City) -> None:
    assert client.get("/demo").status_code == 404
    assert 'class="tour"' not in client.get("/?tour=1").text


def test_every_story_that_can_be_seen_leads_to_a_page_that_tells_of_it(client: FlaskClient, toured: City) -> None:
    page = client.get("/demo?lang=en").text
    urls = [url.replace("&amp;", "&") for url in re.findall(r'<li><a href="([^"]+)"', page)]
    assert len(urls) == len(ORDER)
    for nth, url in enumerate(urls, 1):
        told = client.get(f"{url}&lang=en").text
        assert f"<small>{nth}/{len(ORDER)}</small> <strong>The story of {ORDER[nth - 1]}</strong>" in told
        assert "Look &lt;b&gt;here&lt;/b&gt;" in told


@pytest.mark.parametrize("word", ["0", "99", "-1", "1e3", "٣", "9" * 400, "<script>"])
def test_a_step_that_there_is_not_shows_no_strip(client: FlaskClient, toured: City, word: str) -> None:
    answer = client.get("/", query_string={"tour": word})
    assert answer.status_code == 200 and 'class="tour"' not in answer.text


@pytest.fixture
def made_up(db: Database, toured: City, settings: Settings) -> City:
    """The same, but the whole city never was."""
    told = settings.data_dir / "demo"
    (told / toured.code / "stories.json").rename(told / "stories.json")
    with db.bulk.begin() as connection:
        units.grow(connection, toured)
        return cities.save_city(connection, replace(toured, synthetic=True))


def click_on(client: FlaskClient, role: str) -> TestResponse:
    return client.post("/demo", data={"csrf_token": secret_of(client, "/demo"), "role": role})


def test_one_click_enters_any_role_with_its_rights(app: APIFlask, db: Database, made_up: City) -> None:
    client = app.test_client()
    for part in visiting.PARTS:
        answer = click_on(client, part.role)
        assert answer.status_code == 303 and "city=probe" in answer.location
        # The start of each role is a page that there is.
        page = client.get(f"{answer.location}&lang=en")
        assert page.status_code == 200 and f"</small> {ROLES[part.role]['en']}</a>" in page.text
        with client:
            client.get("/demo")
            me = who.person()
            assert me is not None and me.demo and [one.role for one in me.holdings] == [part.role]
            assert me.holdings[0].city_id == made_up.id
            assert (me.holdings[0].unit_id is not None) == (part.role in people.IN_OFFICE)
    with acting(db.web, KEEPER) as connection:
        assert len(accounts.every(connection)) == len(visiting.PARTS)


@pytest.mark.parametrize(
    ("role", "shown"), [("citizen", "city=probe"), ("unit_staff", "area=offices/O00"), ("planner", "view=heat")]
)
def test_a_role_begins_where_its_work_is(client: FlaskClient, made_up: City, role: str, shown: str) -> None:
    assert shown in click_on(client, role).location


def test_a_role_is_entered_over_and_over_by_one_account(app: APIFlask, db: Database, made_up: City) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(click_on, app.test_client(), "unit_staff") for _ in range(8)]
        assert {answer.result().status_code for answer in answers} == {303}
    with acting(db.web, KEEPER) as connection:
        (account,) = accounts.every(connection)
        assert len(accounts.held(connection, account.id)) == 1


def test_no_password_opens_a_demos_account_and_it_keeps_none(client: FlaskClient, db: Database, made_up: City) -> None:
    click_on(client, "administrator")
    client.delete_cookie("geoapp")
    with acting(db.web, KEEPER) as connection:
        account = accounts.every(connection)[0]
        accounts.change(connection, account.id, password=passwords.kept(PASSWORD), email="x@example.org")
        assert accounts.by_email(connection, "x@example.org") is None
    assert enter(client, account.login).status_code == 401


def test_a_demos_administrator_looks_after_all_who_play_there(client: FlaskClient, made_up: City) -> None:
    client.get("/?lang=en")
    click_on(client, "administrator")
    listed = client.get("/admin/people").text
    assert all(f">{name}<" in listed for name in ("Call taker", "Planner", "Supervisor", "Administrator"))
    assert "?state=never" not in client.get("/admin").text


def test_a_role_cannot_be_forged_nor_made_up(client: FlaskClient, made_up: City) -> None:
    assert client.post("/demo", data={"role": "planner"}).status_code == 400
    assert click_on(client, "owner").status_code == 404 == click_on(client, "api_client").status_code


def test_in_a_real_city_nobody_is_let_in_unless_the_setting_says_so(
    settings: Settings, db: Database, toured: City
) -> None:
    with db.bulk.begin() as connection:
        units.grow(connection, toured)
    clients = {
        setting: create_app(replace(settings, demo_roles=setting), db).test_client()
        for setting in ("off", "synthetic", "planted")
    }
    for setting in ("off", "synthetic"):
        page = clients[setting].get("/demo?lang=en").text
        assert "The story of" in page and "Come in as" not in page
        token = secret_of(clients[setting], "/sign-in")
        assert clients[setting].post("/demo", data={"csrf_token": token, "role": "visitor"}).status_code == 404
    assert click_on(clients["planted"], "visitor").status_code == 303
    cookie = clients["planted"].get_cookie("geoapp")
    assert cookie is not None and 'class="acting"' in clients["planted"].get("/").text
    # Who has been let in is out when the setting no longer lets them.
    clients["synthetic"].set_cookie("geoapp", cookie.value)
    assert 'class="acting"' not in clients["synthetic"].get("/").text


@pytest.mark.parametrize(
    ("lang", "title", "never"),
    [("en", "Made-up tickets in a real city", "A city that never was"), ("zh", "真实城市里的演示工单", "虚构的城市")],
)
def test_the_door_of_a_real_city_does_not_say_that_it_never_was(
    client: FlaskClient, db: Database, toured: City, lang: str, title: str, never: str
) -> None:
    page = client.get(f"/demo?lang={lang}").text
    assert f"<h1>{title}</h1>" in page and f"<title>{title}" in page and never not in page
    assert "DEMO" in page and "Nothing here is about anybody" not in page


def test_the_door_of_a_made_up_city_says_that_it_never_was(client: FlaskClient, made_up: City) -> None:
    page = client.get("/demo?lang=en").text
    assert "<h1>A city that never was</h1>" in page and "real city" not in page
