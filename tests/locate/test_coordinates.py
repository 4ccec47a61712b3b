"""Coordinates become a place or the reason why there is none; each reason is told from the others."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geoapp.locate.coordinates import Located, locate
from geoapp.locate.datum import Floats, gcj02_to_bd09, wgs84_to_gcj02
from geoapp.records import Problem

# How long an example takes says how busy the machine is.
UNHURRIED = settings(max_examples=60, deadline=None)

NAN, INF = math.nan, math.inf


def in_city(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    return (lon > 113.7) & (lon < 114.7) & (lat > 22.4) & (lat < 22.9)


def at(x: float | None, y: float | None, crs: str = "WGS-84") -> Located:
    return locate([x], [y], [crs], in_city)


@pytest.mark.parametrize(
    ("x", "y", "problem"),
    [
        (114.0, 22.5, None),
        (None, None, Problem.MISSING),
        (114.0, None, Problem.MISSING),
        (None, 22.5, Problem.MISSING),
        (NAN, 22.5, Problem.NOT_FINITE),
        (114.0, NAN, Problem.NOT_FINITE),
        (INF, 22.5, Problem.NOT_FINITE),
        (114.0, -INF, Problem.NOT_FINITE),
        (0.0, 0.0, Problem.ZERO),
        (-0.0, 0.0, Problem.ZERO),
        (1e-9, -1e-9, Problem.ZERO),
        (22.5, 114.0, Problem.SWAPPED),
        (113.0, 22.5, Problem.OUTSIDE),
        (0.0, 22.5, Problem.OUTSIDE),
        (-114.0, 22.5, Problem.OUTSIDE),
        (114.0, 95.0, Problem.OUTSIDE),
        (1e308, 1e308, Problem.OUTSIDE),
        (22.5, 1140.0, Problem.OUTSIDE),
    ],
)
def test_each_reason_is_told_from_the_others(x: float | None, y: float | None, problem: Problem | None) -> None:
    assert at(x, y).problems == (problem,)


@pytest.mark.parametrize("crs", ["EPSG:999999", "Mars", "", "EPSG:3145", "EPSG:4384", "EPSG:5773"])
def test_an_unknown_datum_is_a_reason_of_its_own(crs: str) -> None:
    assert at(114.0, 22.5, crs).problems == (Problem.BAD_CRS,)


@pytest.mark.parametrize("crs", ["EPSG:3855", "EPSG:4978", "EPSG:5773", "EPSG:2263\0"])
def test_a_crs_without_a_plane_never_gives_a_place(crs: str) -> None:
    assert at(114.0, 22.5, crs).problems[0] is not None


@pytest.mark.parametrize(("x", "y", "problem"), [(None, None, Problem.MISSING), (NAN, 1.0, Problem.NOT_FINITE)])
def test_what_is_missing_is_missing_in_an_unknown_datum_too(x: float | None, y: float | None, problem: Problem) -> None:
    assert at(x, y, "Mars").problems == (problem,)


def test_swapped_is_told_in_every_datum() -> None:
    x, y = gcj02_to_bd09(*wgs84_to_gcj02(np.array([114.0]), np.array([22.5])))
    assert at(float(y[0]), float(x[0]), "BD-09").problems == (Problem.SWAPPED,)


def test_an_empty_batch_gives_an_empty_answer() -> None:
    found = locate([], [], [], in_city)
    assert found.problems == () and len(found.lon) == len(found.lat) == len(found.placed) == 0


VALUE = st.none() | st.floats() | st.floats(113, 115) | st.floats(22, 23) | st.just(0.0)
CRS = st.sampled_from(["WGS-84", "GCJ-02", "BD-09", "EPSG:2263", "EPSG:4490", "EPSG:999999", "x", "x\0"])


@UNHURRIED
@given(st.lists(st.tuples(VALUE, VALUE, CRS), max_size=12))
def test_a_batch_says_what_its_points_say_alone(points: list[tuple[float | None, float | None, str]]) -> None:
    with np.errstate(all="ignore"):
        found = locate([p[0] for p in points], [p[1] for p in points], [p[2] for p in points], in_city)
        assert list(found.problems) == [at(*point).problems[0] for point in points]


@UNHURRIED
@given(st.lists(st.tuples(VALUE, VALUE, CRS), max_size=12))
def test_a_point_is_given_exactly_where_there_is_no_problem(
    points: list[tuple[float | None, float | None, str]],
) -> None:
    with np.errstate(all="ignore"):
        found = locate([p[0] for p in points], [p[1] for p in points], [p[2] for p in points], in_city)
    assert found.placed.tolist() == [problem is None for problem in found.problems]
    assert np.isfinite(found.lat).tolist() == found.placed.tolist()
