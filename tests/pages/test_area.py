"""An area's page tells what it is, how many tickets it holds and which are the newest; what is no area is not found."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import orjson
import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy import text

from geoapp.city import City
from geoapp.store import layers
from geoapp.store.database import Database
from layers.base import Feature

OFFICE = "/areas/probe/offices/O00"


def numbers(page: Any) -> list[str]:
    return re.findall(r'class="row"[^>]* data-number="([^"]+)"', page.text)


def counts(page: Any) -> dict[str, int]:
    """The counters: what each leads to, and its number."""
    found = re.findall(r'<a class="counter[^"]*" href="([^"]+)">\s*<strong>([\d,]+)</strong>', page.text)
    return {link.replace("&amp;", "&"): int(number.replace(",", "")) for link, number in found}


@pytest.mark.parametrize(("lang", "name", "label"), [("en", "O00 office", "Street office"), ("zh", "O00街道", "街道")])
def test_an_area_says_its_name_in_the_callers_language(
    client: FlaskClient, filled: City, lang: str, name: str, label: str
) -> None:
    page = client.get(f"{OFFICE}?lang={lang}")
    assert page.status_code == 200 and f"<h1>{name}</h1>" in page.text and label in page.text
    assert page.headers["Cache-Control"] == "no-cache"


def test_its_counters_are_the_public_tickets_in_it_and_lead_to_them(
    client: FlaskClient, db: Database, filled: City
) -> None:
    with db.bulk.begin() as connection:
        connection.execute(text("UPDATE geoapp.ticket SET late = true WHERE ended_at IS NULL AND number LIKE '%3'"))
    found = counts(client.get(OFFICE))
    assert len(found) == 3 and sum(found.values()) > 50
    for link, number in found.items():
        listed = client.get("/api/tickets" + link.removeprefix("/")).json
        assert listed["count"] == number
        assert "area=offices%2FO00" in link and client.get(link).status_code == 200


def test_its_list_is_the_newest_of_its_tickets(client: FlaskClient, filled: City) -> None:
    listed = [item["number"] for item in client.get("/api/tickets?area=offices/O00&limit=10").json["items"]]
    assert numbers(client.get(OFFICE)) == listed


def test_its_outline_and_its_box_are_given_to_the_map(client: FlaskClient, filled: City) -> None:
    page = client.get(OFFICE).text
    config = orjson.loads(re.search(r'id="config">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    assert config["fit"] == [114.0, 20.0, 114.5, 20.5] and config["area"] == "offices/O00"
    assert shapely.from_geojson(orjson.dumps(config["outline"])).equals(shapely.box(114.0, 20.0, 114.5, 20.5))


@pytest.mark.parametrize(
    "address",
    ["/areas/atlantis/offices/O00", "/areas/probe/moon/O00", "/areas/probe/offices/O99", "/areas/probe/offices/%00",
     "/areas/probe/offices", "/areas/probe/%00/O00", "/areas/probe/districts/O00", "/areas/probe/offices/O00%2F"],
)  # fmt: skip
def test_what_is_no_area_is_not_found(client: FlaskClient, filled: City, address: str) -> None:
    assert client.get(address).status_code == 404


def renew(db: Database, city: City, *features: Feature) -> None:
    with db.bulk.begin() as connection:
        layers.load(connection, city, city.layer("offices"), layers.AREAS, list(features), {})


def square(code: str, west: float, name: str = "") -> Feature:
    outline = shapely.MultiPolygon([shapely.box(west, 20.0, west + 0.4, 20.4)])
    return Feature(code, {"zh": name or code}, "approximate", outline)


def test_an_area_keeps_the_tickets_of_its_earlier_outline(client: FlaskClient, db: Database, filled: City) -> None:
    before = counts(client.get(OFFICE))
    renew(db, filled, square("O00", 114.55), square("O11", 114.0))
    page = client.get(f"{OFFICE}?lang=en")
    assert counts(page) == before and "approximate" in page.text
    assert "no longer in force" not in page.text


def test_an_area_that_the_layer_no_longer_has_says_so(client: FlaskClient, db: Database, filled: City) -> None:
    before = counts(client.get(OFFICE))
    renew(db, filled, square("O11", 114.0))
    page = client.get(f"{OFFICE}?lang=en")
    assert page.status_code == 200 and "O00 office" in page.text and "no longer in force" in page.text
    assert counts(page) == before


def test_a_code_may_be_any_words(client: FlaskClient, db: Database, filled: City) -> None:
    for code in ("龙华区", "a/b", "50% & more?", '"><script>alert(1)</script>'):
        renew(db, filled, square(code, 114.0, name=code))
        page = client.get(f"/areas/probe/offices/{quote(code)}?lang=en")
        assert page.status_code == 200 and "<script>alert" not in page.text
        (all_of_it,) = re.findall(r'class="quiet" href="(/\?[^"]*)"', page.text)
        assert client.get(all_of_it.replace("&amp;", "&")).status_code == 200


def test_a_tickets_areas_lead_to_their_pages(client: FlaskClient, filled: City) -> None:
    number = client.get("/api/tickets?area=offices/O00").json["items"][0]["number"]
    links = [area["url"] for area in client.get(f"/api/tickets/{number}").json["place"]["areas"]]
    assert links == ["/areas/probe/districts/D0", OFFICE]
    page = client.get(f"/tickets/{number}").text
    for link in links:
        assert f'href="{link}"' in page and client.get(link).status_code == 200


def test_words_of_others_are_ignored_and_its_own_come_once(client: FlaskClient, filled: City) -> None:
    assert client.get(f"{OFFICE}?utm_source=a&utm_source=b").status_code == 200
    assert client.get(f"{OFFICE}?lang=en&lang=zh").status_code == 400
