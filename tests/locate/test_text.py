"""Coordinates written in a text: every usual way of writing them, and nothing guessed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geoapp.locate.text import locate_text


def _box(west: float, south: float, east: float, north: float):  # type: ignore[no-untyped-def]
    def inside(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)

    return inside


SHENZHEN = _box(113.7, 22.4, 114.7, 22.9)
NEW_YORK = _box(-74.3, 40.4, -73.6, 41.0)


@pytest.mark.parametrize(
    "text",
    [
        "114.05,22.54",
        "22.54, 114.05",
        "22.54 114.05",
        "(114.05；22.54)",
        "１１４．０５，２２．５４",
        "经度:114.05 纬度：22.54",
        "北纬22.54度，东经114.05度",
        "22.54°N, 114.05°E",
        '{"lon": 114.05, "lat": 22.54}',
        "台阶坏了，在22.54,114.05这里",
        "https://www.openstreetmap.org/#map=17/22.54/114.05",
        "geo:22.54,114.05?z=17",
        "114.05%2C22.54",
    ],
)
def test_ways_of_writing(text: str) -> None:
    found = locate_text(text, SHENZHEN)
    assert (found.lon, found.lat) == pytest.approx((114.05, 22.54)), found
    assert found.precision == "coordinates"
    assert found.problem is None


@pytest.mark.parametrize("text", ["40°45'N 73°59'W", "N40°45′ W73°59′", "40°45'0\"N, 73°59'0\"W"])
def test_degrees_and_minutes(text: str) -> None:
    found = locate_text(text, NEW_YORK)
    assert (found.lon, found.lat) == pytest.approx((-73.98333, 40.75), abs=1e-4)


def test_a_map_links_pin_goes_before_its_view() -> None:
    found = locate_text("https://www.google.com/maps/place/X/@40.70,-74.10,17z/data=!3d40.7580!4d-73.9855", NEW_YORK)
    assert (found.lon, found.lat) == (-73.9855, 40.758)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no_coordinates"),
        ("石岩街道台阶坏了", "no_coordinates"),
        ("坡度12.5，宽1.20米", "no_coordinates"),
        ("13800138000", "no_coordinates"),
        ("2026-01-02", "no_coordinates"),
        ("nan,nan", "no_coordinates"),
        ("0,0", "zero"),
        ("10,10", "outside"),
        ("114.051,22.541 还有 114.251,22.541", "ambiguous"),
    ],
)
def test_what_is_no_place(text: str, problem: str) -> None:
    found = locate_text(text, SHENZHEN)
    assert (found.lon, found.lat, found.problem) == (None, None, problem)
    assert found.confidence == 0


def test_labels_are_not_turned_round() -> None:
    assert locate_text("lat=114.05&lng=22.54", SHENZHEN).problem == "swapped"


def test_both_orders_in_the_city_are_no_answer() -> None:
    assert locate_text("10.5,11.5", _box(9, 9, 13, 13)).problem == "ambiguous"


def test_datum() -> None:
    plain, shifted = locate_text("114.05,22.54", SHENZHEN), locate_text("114.05,22.54", SHENZHEN, "GCJ-02")
    assert plain.lon and shifted.lon and 0.003 < plain.lon - shifted.lon < 0.007
    projected = locate_text("506000.5 2493000.0", SHENZHEN, "EPSG:4547")
    assert projected.lat == pytest.approx(22.5346, abs=1e-3)
    assert locate_text("114.05,22.54", SHENZHEN, "nonsense").problem == "bad_crs"


def test_the_radius_tells_how_finely_it_was_written() -> None:
    assert locate_text("114.051234,22.541234", SHENZHEN).radius_m == 15.0
    assert 500 < (locate_text("114.05,22.54", SHENZHEN).radius_m or 0) < 600


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    found = locate_text(text, SHENZHEN)
    assert (found.lon is None) == (found.problem is not None)
