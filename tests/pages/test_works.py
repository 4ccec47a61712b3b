"""A ticket's page says what its place is, whose it is, and what is done there until when."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy import text

from geoapp.city import City, LayerSpec
from geoapp.intake.path import take
from geoapp.store import cities, layers
from geoapp.store.database import Database
from importers.base import Report
from layers.base import Feature
from tests.make import SAID

LAMPS = LayerSpec(
    "lamps",
    "assets",
    "lamps.csv",
    "code",
    {"zh": "name"},
    {"zh": "路灯", "en": "Lamp"},
    reach_m=20.0,
    matters=("dark",),
)
STREETS = LayerSpec("streets", "roads", "streets.csv", "code", {"zh": "name"}, {"zh": "道路", "en": "Road"})
LAMP, ROAD = (114.1, 20.1), [(114.3, 20.3), (114.31, 20.3)]


@pytest.fixture
def lit(db: Database, city: City) -> City:
    """The probe city with one lamp and one street."""
    lamp = Feature(
        "L-7",
        {"zh": "7号灯", "en": "Lamp 7"},
        "official",
        shapely.Point(LAMP),
        "lamp",
        "照明局",
        "市照明公司",
        "养护一队",
    )
    street = Feature("S-1", {"zh": "示例路", "en": "Sample Road"}, "official", shapely.LineString(ROAD), "3")
    with db.bulk.begin() as connection:
        known = cities.save_city(connection, replace(city, layers=(*city.layers, LAMPS, STREETS)))
        layers.load(connection, known, LAMPS, "assets", [lamp], {})
        layers.load(connection, known, STREETS, "roads", [street], {})
    return known


def file(db: Database, city: City, x: float, y: float, matter: str) -> str:
    said = Report(f"{x}/{y}/{matter}", SAID, body="坏了", category="", matter=matter, x=x, y=y)
    (taken,) = take(db.bulk, city, "probe", [said])
    assert taken.number is not None
    return taken.number


def story(client: FlaskClient, number: str) -> dict[str, object]:
    return client.get(f"/api/tickets/{number}?lang=en").json


def test_a_lamp_that_is_out_hangs_on_its_lamp_and_names_its_three_parties(
    client: FlaskClient, db: Database, lit: City
) -> None:
    number = file(db, lit, LAMP[0] + 0.0001, LAMP[1], "dark")
    site = story(client, number)["site"]
    assert (site["kind"], site["label"], site["text"], site["code"]) == ("asset", "Lamp", "Lamp 7", "L-7")
    assert [party["name"] for party in site["parties"]] == ["养护一队", "市照明公司", "照明局"]
    page = client.get(f"/tickets/{number}?lang=zh").text
    assert all(words in page for words in ("7号灯", "养护单位", "养护一队", "权属单位", "主管部门"))


def test_another_matter_beside_the_lamp_is_none_of_the_lamps(client: FlaskClient, db: Database, lit: City) -> None:
    assert story(client, file(db, lit, *LAMP, "hole"))["site"]["kind"] == "spot"


def test_a_place_on_a_road_says_how_far_along_it(client: FlaskClient, db: Database, lit: City) -> None:
    site = story(client, file(db, lit, 114.3025, 20.30005, "hole"))["site"]
    assert (site["kind"], site["code"], site["from_m"], site["to_m"]) == ("stretch", "S-1", 200, 300)
    assert site["text"] == "Sample Road, 200–300 m from its beginning"


def test_works_at_the_place_are_shown_with_their_promised_end(client: FlaskClient, db: Database, lit: City) -> None:
    number = file(db, lit, *LAMP, "dark")
    with db.bulk.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO geoapp.repair (city_id, source, ref, placed_by, as_of, site_id, started_at, "
                "promised_at, hoarding, liability_until) SELECT city_id, 'repairs.probe', 'W-1', "
                "'ticket', now(), site_id, '2024-01-05', '2024-02-01', true, '2099-01-01' FROM geoapp.ticket"
            )
        )
    (work,) = story(client, number)["works"]
    assert (work["stage"], work["late"], work["label"]) == ("works", True, "Works under way")
    assert work["details"] == ["hoarding", "liability until 2099-01-01"]
    page = client.get(f"/tickets/{number}?lang=zh").text
    assert all(words in page for words in ("此处施工与维修", "施工中", "围挡", "缺陷责任期至 2099-01-01"))
