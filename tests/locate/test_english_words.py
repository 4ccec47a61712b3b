"""English words behind pinyin names: Caitian Road is 彩田路, and English says what becomes of it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geoapp.locate.gazetteer import Layer, build
from geoapp.locate.locator import Locator
from geoapp.locate.names import Kind
from tests.locate.conftest import CRS, at

ROADS = {
    "彩田路": [(1, 0.8), (1, 1.4)], "滨河大道": [(0, 1.2), (3, 1.2)], "东门街": [(2, 1), (2, 1.4)],
    "红岭北路": [(2.6, 1), (2.6, 1.4)],
}  # fmt: skip


@pytest.fixture(scope="module")
def town() -> Locator:
    """Four roads, a park and a station."""
    lines = np.empty(len(ROADS), dtype=object)
    lines[:] = [shapely.LineString([at(*point) for point in points]) for points in ROADS.values()]
    layers = [
        Layer("offices", Kind.AREA, ["海山街道"], np.array([shapely.box(*at(0, 0), *at(8, 4))], dtype=object)),
        Layer("roads", Kind.ROAD, list(ROADS), lines),
        Layer("parks", Kind.LANDMARK, ["荔香公园"], np.array([shapely.Point(at(2.2, 2))], dtype=object)),
        Layer("stations", Kind.STATION, ["桃园地铁站"], np.array([shapely.Point(at(1.2, 2))], dtype=object)),
    ]
    return Locator(build(layers, CRS, city=("深圳市", "深圳")))


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("corner of Caitian Road and Binhe Avenue", "彩田路 × 滨河大道"),
        ("Pothole at Caitian Rd & Binhe Blvd", "彩田路 × 滨河大道"),
        ("streetlight broken on Dongmen Street", "东门街"),
        ("Hongling North Road is flooded", "红岭北路"),
        ("rubbish in Lixiang Park", "荔香公园"),
        ("near Taoyuan Metro Station", "桃园地铁站"),
    ],
)
def test_kinds_of_place_are_understood(town: Locator, text: str, called: str) -> None:
    found = town.locate([text])[0]
    assert found.problem is None and found.called == called, found


@pytest.mark.parametrize("text", ["Park is dirty", "the road is broken", "Guangzhou Caitian Road", "Binhe Bridge"])
def test_nothing_is_made_up(town: Locator, text: str) -> None:
    assert town.locate([text])[0].lon is None
