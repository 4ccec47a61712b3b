"""Cells are square, half-open and found again; what is snapped is whole cells."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geoapp.store import mercator
from geoapp.store.mercator import LIMIT, SIDE, Box

longitudes = st.floats(-180, 180)
latitudes = st.floats(-90, 90)
whole = st.integers(0, SIDE - 1)


@given(x=whole, y=whole)
def test_a_morton_code_gives_back_its_numbers_and_its_prefixes_are_the_cells_above(x: int, y: int) -> None:
    quad = int(mercator.morton(x, y))
    assert tuple(int(v) for v in mercator.unmorton(quad)) == (x, y)
    assert tuple(int(v) for v in mercator.unmorton(quad >> 16)) == (x >> 8, y >> 8)


def test_a_morton_code_holds_x_in_the_even_bits() -> None:
    assert (int(mercator.morton(1, 0)), int(mercator.morton(0, 1))) == (1, 2)


@given(x=whole, y=whole)
def test_the_middle_of_a_square_is_in_it(x: int, y: int) -> None:
    lon, lat = mercator.degrees(x + 0.5, y + 0.5)
    assert tuple(int(v) for v in mercator.whole(lon, lat)) == (x, y)


@given(lon=longitudes, lat=latitudes)
def test_every_point_lies_in_the_square(lon: float, lat: float) -> None:
    x, y = mercator.whole(lon, lat)
    assert 0 <= x < SIDE and 0 <= y < SIDE


def test_points_are_taken_many_at_a_time() -> None:
    x, y = mercator.whole(np.array([-180.0, 0.0, 180.0]), np.array([90.0, 0.0, -90.0]))
    assert x.tolist() == [0, SIDE // 2, SIDE - 1]
    assert y.tolist() == [0, SIDE // 2, SIDE - 1]


@given(a=longitudes, b=longitudes, c=latitudes, d=latitudes, zoom=st.integers(0, 24))
def test_a_snapped_box_holds_the_asked_one_and_snaps_to_itself(
    a: float, b: float, c: float, d: float, zoom: int
) -> None:
    asked = Box(min(a, b), min(c, d), max(a, b), max(c, d))
    cells = mercator.snap(asked, zoom)
    box = cells.box()
    assert box.west <= asked.west + 1e-9 and asked.east <= box.east + 1e-9
    assert box.south <= max(asked.south, -LIMIT) + 1e-9 and min(asked.north, LIMIT) <= box.north + 1e-9
    assert mercator.snap(box, zoom) == cells


def test_cells_are_fewer_when_too_many_are_asked_for() -> None:
    assert mercator.snap_within(Box(-180, -85, 180, 85), 16, 4096).zoom == 6
