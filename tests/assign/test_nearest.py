"""The nearest feature is the one shapely measures as nearest, whatever its shape; ties go to the lowest code."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geoapp.assign.nearest import NONE, Segments

UNHURRIED = settings(max_examples=80, deadline=None)

# Halves of a metre: ties and points upon lines come often.
METRE = st.integers(-400, 400).map(lambda n: n / 2)
PLACE = st.tuples(METRE, METRE)
LINES = st.lists(PLACE, min_size=2, max_size=6).map(shapely.LineString)
POINTS = PLACE.map(shapely.Point)
BOXES = st.tuples(PLACE, st.integers(1, 60), st.integers(1, 60)).map(
    lambda b: shapely.box(b[0][0], b[0][1], b[0][0] + b[1], b[0][1] + b[2])
)
SEVERAL = st.lists(LINES, min_size=1, max_size=3).map(shapely.MultiLineString)
SHAPES = st.lists(LINES | POINTS | BOXES | SEVERAL, min_size=1, max_size=12)


def array(shapes: list[BaseGeometry]) -> np.ndarray:
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def border(shape: BaseGeometry) -> BaseGeometry:
    return shape.boundary if shape.geom_type == "Polygon" else shape


@UNHURRIED
@given(SHAPES, st.lists(PLACE, min_size=1, max_size=30), st.sampled_from([0.0, 1.0, 15.0, 80.0]))
def test_nearest_is_what_shapely_measures(
    shapes: list[BaseGeometry], places: list[tuple[float, float]], reach: float
) -> None:
    x, y = (np.array(values) for values in zip(*places, strict=True))
    found = Segments.of(array(shapes), reach).nearest(x, y)
    for place, at, metres in zip(places, found.at.tolist(), found.metres.tolist(), strict=True):
        distances = [shapely.distance(border(shape), shapely.Point(place)) for shape in shapes]
        nearest = min(distances)
        if nearest > reach + 1e-9:
            assert at == NONE
        elif nearest < reach - 1e-9:
            assert metres == pytest.approx(nearest, abs=1e-9)
            assert at == min(one for one, away in enumerate(distances) if away <= nearest + 1e-12)


@UNHURRIED
@given(LINES.filter(lambda line: line.length > 0 and line.is_simple), st.floats(0, 1))
def test_along_is_how_far_from_the_lines_beginning(line: shapely.LineString, share: float) -> None:
    place = line.interpolate(share, normalized=True)
    found = Segments.of(array([line]), 5.0).nearest(np.array([place.x]), np.array([place.y]))
    assert line.interpolate(found.along[0]).distance(place) < 1e-6


def test_the_same_from_a_file_s_arrays_as_fresh() -> None:
    shapes = array([shapely.Point(0, 0), shapely.LineString([(0, 30), (900, 40)])])
    made = Segments.of(shapes, 20.0)
    again = Segments.from_arrays(made.arrays())
    x, y = np.linspace(-50, 950, 400), np.linspace(-10, 60, 400)
    for one, other in zip(
        (made.nearest(x, y).at, made.nearest(x, y).along),
        (again.nearest(x, y).at, again.nearest(x, y).along),
        strict=True,
    ):
        assert (one == other).all()


def test_no_shapes_and_no_points_find_nothing() -> None:
    nothing = Segments.of(array([]), 10.0)
    assert nothing.nearest(np.array([1.0]), np.array([2.0])).at.tolist() == [NONE]
    assert len(Segments.of(array([shapely.Point(0, 0)]), 10.0).nearest(np.array([]), np.array([])).at) == 0
