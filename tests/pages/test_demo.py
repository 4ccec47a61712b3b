"""The door of a demo: its stories, the roles it is entered in, and the strip that leads from page to page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from geoapp.city import City
from geoapp.demo import stories
from geoapp.demo.tour import ORDER
from geoapp.settings import Settings
from geoapp.store import cities
from geoapp.store.database import Database


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


@pytest.mark.parametrize(
    ("role", "shown"), [("citizen", "city=probe"), ("office", "area=offices/O00"), ("planner", "view=heat")]
)
def test_one_click_enters_a_role_and_the_bar_says_so(client: FlaskClient, toured: City, role: str, shown: str) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/demo").text)[1]  # type: ignore[index]
    answer = client.post("/demo", data={"csrf_token": token, "role": role})
    assert answer.status_code == 303 and shown in answer.location
    assert 'class="acting"' in client.get("/").text


def test_a_role_gives_no_right_and_cannot_be_forged(client: FlaskClient, toured: City) -> None:
    hidden = client.get("/api/tickets").json["count"]
    assert client.post("/demo", data={"role": "planner"}).status_code in (400, 403)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/demo").text)[1]  # type: ignore[index]
    assert client.post("/demo", data={"csrf_token": token, "role": "owner"}).status_code == 404
    client.post("/demo", data={"csrf_token": token, "role": "dispatcher"})
    assert client.get("/api/tickets").json["count"] == hidden


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


def test_the_door_of_a_made_up_city_says_that_it_never_was(
    client: FlaskClient, db: Database, toured: City, settings: Settings
) -> None:
    told = settings.data_dir / "demo"
    (told / toured.code / "stories.json").rename(told / "stories.json")
    with db.bulk.begin() as connection:
        cities.save_city(connection, replace(toured, synthetic=True))
    page = client.get("/demo?lang=en").text
    assert "<h1>A city that never was</h1>" in page and "real city" not in page
