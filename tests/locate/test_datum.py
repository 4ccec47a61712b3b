"""Datums turned into each other and back: no metre is lost on the way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.locate import datum
from geoapp.locate.datum import (
    Floats,
    UnknownDatum,
    bd09_to_gcj02,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    to_wgs84,
    transformer,
    wgs84_to_gcj02,
)

# How long an example takes says how busy the machine is.
UNHURRIED = settings(max_examples=60, deadline=None)

LON = st.floats(113.7, 114.7)
LAT = st.floats(22.3, 22.9)


def one(value: float) -> Floats:
    return np.array([value])


def metres(a: tuple[Floats, Floats], lon: float, lat: float) -> float:
    east = (a[0][0] - lon) * 111_320 * np.cos(np.radians(lat))
    return float(np.hypot(east, (a[1][0] - lat) * 111_320))


@UNHURRIED
@given(LON, LAT)
def test_wgs84_to_gcj02_and_back_is_within_a_tenth_of_a_millimetre(lon: float, lat: float) -> None:
    assert metres(gcj02_to_wgs84(*wgs84_to_gcj02(one(lon), one(lat))), lon, lat) < 1e-4


@UNHURRIED
@given(LON, LAT)
def test_gcj02_to_bd09_and_back_is_within_a_tenth_of_a_millimetre(lon: float, lat: float) -> None:
    assert metres(bd09_to_gcj02(*gcj02_to_bd09(one(lon), one(lat))), lon, lat) < 1e-4


@UNHURRIED
@given(LON, LAT)
def test_wgs84_through_bd09_and_back_is_within_a_millimetre(lon: float, lat: float) -> None:
    shifted = gcj02_to_bd09(*wgs84_to_gcj02(one(lon), one(lat)))
    assert metres(to_wgs84(*shifted, "BD-09"), lon, lat) < 1e-3


@UNHURRIED
@given(LON, LAT)
def test_over_shenzhen_gcj02_lies_hundreds_of_metres_off(lon: float, lat: float) -> None:
    assert 300 < metres(wgs84_to_gcj02(one(lon), one(lat)), lon, lat) < 800


@UNHURRIED
@given(st.floats(-180, 70), st.floats(-80, 80))
def test_outside_china_gcj02_is_wgs84(lon: float, lat: float) -> None:
    assert metres(wgs84_to_gcj02(one(lon), one(lat)), lon, lat) == 0


@UNHURRIED
@given(st.lists(st.tuples(LON, LAT), max_size=20))
def test_a_batch_is_turned_as_its_points_are_one_by_one(points: list[tuple[float, float]]) -> None:
    x, y = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    lon, lat = to_wgs84(x, y, "BD-09")
    alone = [to_wgs84(one(a), one(b), "BD-09") for a, b in points]
    assert lon.tolist() == [a[0] for a, _ in alone] and lat.tolist() == [b[0] for _, b in alone]


@pytest.mark.parametrize("name", ["WGS-84", "wgs84", "GCJ-02", "gcj_02", "BD-09", "bd09", "EPSG:4326", "epsg:2263"])
def test_an_empty_batch_stays_empty(name: str) -> None:
    lon, lat = to_wgs84(np.array([]), np.array([]), name)
    assert lon.shape == lat.shape == (0,)


def test_the_state_plane_of_new_york_is_read_in_feet() -> None:
    # EPSG:2263 has its false easting, 300 000 m, at 74° W and its origin at 40°10' N: by definition, not by survey.
    lon, lat = to_wgs84(one(300_000 * 39.37 / 12), one(0.0), "EPSG:2263")
    assert abs(lon[0] + 74) < 2e-5 and abs(lat[0] - (40 + 10 / 60)) < 2e-5


def test_epsg_4326_is_read_east_first() -> None:
    lon, lat = to_wgs84(one(114.0), one(22.5), "EPSG:4326")
    assert (lon[0], lat[0]) == (114.0, 22.5)


@pytest.mark.parametrize("name", ["EPSG:999999", "EPSG:", "EPSG:x", "", "CGCS", "+proj=longlat", "ESRI:102100"])
def test_a_datum_nobody_knows_is_an_error(name: str) -> None:
    with pytest.raises(UnknownDatum):
        to_wgs84(one(1.0), one(2.0), name)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("EPSG:3145", "one PROJ has no way from"),
        ("EPSG:4384", "geocentric, no way from it"),
        ("EPSG:4978", "geocentric"),
        ("EPSG:5773", "heights"),
        ("EPSG:9707", "a place and a height"),
        ("EPSG:2263+5773", "put together"),
        ("EPSG:" + "9" * 30, "no code"),
    ],
)
def test_a_system_that_gives_no_place_on_the_ground_is_none_that_is_known(name: str, what: str) -> None:
    with pytest.raises(UnknownDatum):
        to_wgs84(one(22.5), one(114.0), name)


@pytest.mark.parametrize("name", ["EPSG:3145", "EPSG:5773", "EPSG:999999"])
def test_a_refusal_is_remembered(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownDatum):
        to_wgs84(one(1.0), one(2.0), name)
    monkeypatch.setattr("geoapp.locate.datum.CRS", None)
    with pytest.raises(UnknownDatum):
        to_wgs84(one(1.0), one(2.0), name)


def test_asking_for_ever_other_systems_keeps_only_some_of_them() -> None:
    for zone in range(32601, 32661):
        for hemisphere in (0, 100):
            transformer(f"EPSG:{zone + hemisphere}", "EPSG:4326")
    assert len(datum._KEPT.made) <= datum.MOST_KEPT


@UNHURRIED
@given(st.floats(), st.floats(), st.sampled_from(["WGS-84", "GCJ-02", "BD-09", "EPSG:2263"]))
def test_no_number_makes_it_fail(x: float, y: float, name: str) -> None:
    with np.errstate(all="ignore"):
        lon, lat = to_wgs84(one(x), one(y), name)
    assert lon.shape == lat.shape == (1,)
