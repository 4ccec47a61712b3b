"""A loaded city, tickets in it, and a browser's stand-in for the tests of pages."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import shapely
from apiflask import APIFlask
from flask.testing import FlaskClient

from geoapp.app import create_app
from geoapp.city import City, city_from
from geoapp.intake.path import take
from geoapp.settings import CHECKOUT, Settings
from geoapp.store import catalogue, cities, layers
from geoapp.store.database import Database
from importers.base import Report, Standing
from layers.base import Feature
from tests.databases import TEMPLATE, Databases

# Two districts and four street offices over one square degree in the South China Sea: nobody's city.
PACK = {
    "code": "probe",
    "prefix": "PB",
    "names": {"zh": "试城", "en": "Probe City"},
    "time_zone": "Asia/Shanghai",
    "metric_crs": "EPSG:32650",
    "languages": ["zh", "en"],
    "responsible": "offices",
    "layers": [
        {"name": "districts", "kind": "districts", "file": "-", "key": "-", "names": {"zh": "名"},
         "label": {"zh": "区", "en": "District"}},
        {"name": "offices", "kind": "street_offices", "file": "-", "key": "-", "names": {"zh": "名"},
         "label": {"zh": "街道", "en": "Street office"}},
    ],
    "categories": {"roads": {"zh": "道路", "en": "Roads"}, "lamps": {"zh": "路灯", "en": "Lamps"}},
    "matters": [
        {"category": "roads", "code": "pothole", "names": {"zh": "坑洼", "en": "Pothole"}},
        {"category": "roads", "code": "step", "names": {"zh": "台阶破损", "en": "Broken step"}},
        {"category": "lamps", "code": "dark", "names": {"zh": "路灯不亮", "en": "Lamp out"}},
    ],
}  # fmt: skip
WEST, SOUTH = 114.0, 20.0
LOADED, FILLED = "probe_loaded", "probe_filled"


@pytest.fixture
def template(request: pytest.FixtureRequest, databases: Databases) -> str:
    """The city a test asks for is loaded, and filled, once; each test has a copy."""
    if "filled" in request.fixturenames:
        return databases.grown(FILLED, lambda db: _fill(db, load(db, city_from(PACK))))
    if "city" in request.fixturenames:
        return databases.grown(LOADED, lambda db: load(db, city_from(PACK)))
    return TEMPLATE


@pytest.fixture
def city(db: Database, template: str) -> City:
    """The probe city, loaded."""
    if template not in (LOADED, FILLED):
        return load(db, city_from(PACK))
    with db.bulk.connect() as connection:
        return cities.city(connection, str(PACK["code"]))


def load(db: Database, pack: City) -> City:
    """Load a city of four squares."""
    with db.bulk.begin() as connection:
        loaded = cities.save_city(connection, pack)
    catalogue.save_catalogue(db.bulk, loaded)
    halves = [_square(f"D{i}", WEST + i / 2, SOUTH, 0.5, 1.0) for i in range(2)]
    quarters = [_square(f"O{i}{j}", WEST + i / 2, SOUTH + j / 2, 0.5, 0.5) for i in range(2) for j in range(2)]
    with db.bulk.begin() as connection:
        layers.load(connection, loaded, loaded.layer("districts"), layers.AREAS, halves, {})
        layers.load(connection, loaded, loaded.layer("offices"), layers.AREAS, quarters, {})
    return loaded


def _square(code: str, west: float, south: float, width: float, height: float) -> Feature:
    box = shapely.box(west, south, west + width, south + height)
    names = {"zh": f"{code}街道", "en": f"{code} office"}
    return Feature(code, names, "official", shapely.MultiPolygon([box]))


@pytest.fixture
def filled(db: Database, city: City, template: str) -> City:
    """The probe city with 300 public tickets and 20 that are not, some of them ended, some on one spot."""
    if template != FILLED:
        _fill(db, city)
    return city


def _fill(db: Database, city: City) -> None:
    take(db.bulk, city, "probe", list(_reports(320)))


def _reports(count: int) -> Iterator[Report]:
    dice = random.Random(7)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(count):
        ended = number % 3 == 0
        said = start + timedelta(hours=number)
        # Every tenth lies on one spot, as repeated reports of one defect do.
        lon, lat = (WEST + 0.3, SOUTH + 0.3) if number % 10 == 0 else (WEST + dice.random(), SOUTH + dice.random())
        yield Report(
            ref=f"r{number}",
            said_at=said,
            body=f"report {number} <script>alert(1)</script> call 13800138000",
            category=("roads", "roads", "lamps")[number % 3],
            matter=("pothole", "step", "dark")[number % 3],
            x=lon,
            y=lat,
            public=number % 16 != 1,
            standing=Standing("closed", said + timedelta(hours=5), "repaired", "done") if ended else None,
        )


@pytest.fixture
def app(settings: Settings, db: Database) -> APIFlask:
    """The application on the test's database."""
    made = create_app(replace(settings, reports_per_hour=10_000), db)
    made.config["TESTING"] = False
    return made


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    """A caller that speaks English unless it says otherwise."""
    return app.test_client()


@pytest.fixture(scope="session", autouse=True)
def translations() -> None:
    """The catalogues compiled, as set-up does."""
    for po in sorted((CHECKOUT / "geoapp" / "translations").glob("*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            pybabel = Path(sys.executable).with_name("pybabel")
            subprocess.run([pybabel, "-q", "compile", "-i", po, "-o", mo], check=True)
