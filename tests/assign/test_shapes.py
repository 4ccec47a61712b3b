"""A site is drawn where its key says it is."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geoapp.assign.shapes import spot, stretch
from geoapp.assign.sites import spots
from geoapp.locate.datum import project

CRS = "EPSG:32650"
STRAIGHT = shapely.LineString([(114.0, 20.0), (114.0025, 20.0)])
PARTED = shapely.MultiLineString([[(114.0, 20.0), (114.0005, 20.0)], [(114.001, 20.0), (114.003, 20.0)]])


def metres(shape: BaseGeometry) -> float:
    return float(project(shape, CRS).length)


@pytest.mark.parametrize("road", [STRAIGHT, PARTED])
def test_the_stretches_of_a_road_add_up_to_it(road: BaseGeometry) -> None:
    pieces = [stretch(road, nth, CRS) for nth in range(3)]
    assert [round(metres(piece)) for piece in pieces[:2]] == [100, 100]
    assert sum(map(metres, pieces)) == pytest.approx(metres(road), abs=0.01)


def test_what_lies_beyond_the_roads_end_is_the_road() -> None:
    assert stretch(STRAIGHT, 9, CRS) == STRAIGHT


def test_what_is_no_line_is_drawn_as_it_is() -> None:
    point = shapely.Point(114.0, 20.0)
    assert stretch(point, 0, CRS) == point


def test_a_spots_square_lies_round_its_points() -> None:
    keys, lon, lat = spots(np.array([114.1, 114.2]), np.array([20.1, 20.2]), CRS)
    for key, x, y in zip(keys, lon.tolist(), lat.tolist(), strict=True):
        square = spot(key, CRS)
        assert square is not None and square.centroid.distance(shapely.Point(x, y)) < 1e-6
        assert metres(square) == pytest.approx(80.0, abs=0.1)


def test_what_is_no_key_has_no_square() -> None:
    assert [spot(key, CRS) for key in ("", "a:b", "1", "1:2:3")] == [None] * 4
