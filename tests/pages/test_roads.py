"""Roads come as whole steps of a grid, main ones first, and are kept until a version comes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from flask.testing import FlaskClient

from geoapp.city import City, LayerSpec
from geoapp.store import cities, layers
from geoapp.store.database import Database
from layers.base import Feature

SPEC = LayerSpec("streets", "roads", "roads.geojson", "code", {"zh": "name"}, {"zh": "道路", "en": "Road"})


def line(code: str, classed: str, *places: tuple[float, float]) -> Feature:
    return Feature(code, {"zh": f"{code}路", "en": f"{code} Road"}, "official", shapely.LineString(places), classed)


@pytest.fixture
def roads(db: Database, city: City) -> City:
    """The probe city with a long main road, a street and a lane of two parts."""
    lane = shapely.MultiLineString([[(114.1, 20.1), (114.1003, 20.1)], [(114.11, 20.1), (114.1104, 20.1002)]])
    features = [
        line("M", "1", (114.0, 20.5), (114.3, 20.51), (114.9, 20.5)), line("S", "3", (114.2, 20.2), (114.25, 20.2)),
        Feature("L", {"zh": "小巷"}, "official", lane, "9"),
    ]  # fmt: skip
    with db.bulk.begin() as connection:
        known = cities.save_city(connection, replace(city, layers=(*city.layers, SPEC)))
        layers.load(connection, known, SPEC, "roads", features, {})
    return known


def drawn(steps: list[int], grid: float) -> np.ndarray:
    return np.cumsum(np.array(steps).reshape(-1, 2), axis=0) * grid


def test_roads_are_where_they_are_and_the_long_ones_are_the_main_ones(client: FlaskClient, roads: City) -> None:
    told = client.get("/api/roads?layer=streets&lang=en").json
    assert told["roads"][0][:2] == [0, "M Road"]
    by_name = {name: (rank, lines) for rank, name, lines in told["roads"]}
    assert by_name["小巷"][0] == 2 and len(by_name["小巷"][1]) == 2
    main = drawn(by_name["M Road"][1][0], told["grid"])
    assert np.abs(main - [(114.0, 20.5), (114.3, 20.51), (114.9, 20.5)]).max() < 1e-5


def test_roads_are_kept_until_a_version_comes(client: FlaskClient, roads: City) -> None:
    first = client.get("/api/roads?layer=streets")
    again = client.get("/api/roads?layer=streets", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "immutable" in client.get("/api/roads?layer=streets&version=1&lang=zh").headers["Cache-Control"]


@pytest.mark.parametrize("layer", ["moon", "offices", ""])
def test_what_is_no_layer_of_roads_is_named(client: FlaskClient, roads: City, layer: str) -> None:
    assert client.get(f"/api/roads?layer={layer}").status_code == 422


def test_the_map_draws_the_roads_of_its_city(client: FlaskClient, roads: City) -> None:
    page = client.get("/").text
    assert "/roads." in page or "roads.js" in page
    form = client.get("/report").text
    assert "/api/roads?" in form
