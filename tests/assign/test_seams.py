"""Areas that fit together have no overlap and no gap; a moved vertex is found, and so is what lies elsewhere."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from geoapp.assign import seams

PLANE = shapely.box(0, 0, 10_000, 10_000)


def array(shapes: list[Any]) -> Any:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def cut(shape: shapely.Polygon, dice: random.Random, times: int) -> list[shapely.Polygon]:
    """A plane cut straight again and again; a piece has no vertex where its neighbour was cut."""
    pieces = [shape]
    for _ in range(times):
        pieces.sort(key=lambda piece: piece.area)
        piece = pieces.pop()
        west, south, east, north = piece.bounds
        if dice.random() < 0.5:
            x = round(dice.uniform(west, east))
            halves = [shapely.box(west, south, x, north), shapely.box(x, south, east, north)]
        else:
            y = round(dice.uniform(south, north))
            halves = [shapely.box(west, south, east, y), shapely.box(west, y, east, north)]
        pieces += [half for half in halves if half.area > 0]
    return pieces


@given(st.integers(0, 10_000), st.integers(1, 60))
@hypothesis_settings(deadline=None)
def test_any_cut_of_a_plane_has_no_gap_and_no_overlap(seed: int, times: int) -> None:
    areas = array(cut(PLANE, random.Random(seed), times))
    assert seams.overlaps(areas) == seams.Overlaps((), 0, 0.0)
    assert seams.gaps(areas) == seams.Gaps((), (), 0, 0.0)


@given(st.integers(0, 10_000), st.integers(20, 80))
@hypothesis_settings(deadline=None)
def test_cells_around_points_fit_but_for_slivers(seed: int, count: int) -> None:
    areas = cells(seed, count)
    over, between = seams.overlaps(areas), seams.gaps(areas)
    assert over.pairs == () and between.m2 == ()
    assert over.slivers_m2 + between.slivers_m2 < 0.01


def cells(seed: int, count: int) -> Any:
    dice = random.Random(seed)
    points = shapely.MultiPoint([(dice.uniform(0, 10_000), dice.uniform(0, 10_000)) for _ in range(count)])
    found = shapely.voronoi_polygons(points, extend_to=PLANE).geoms
    return array([cell.intersection(PLANE) for cell in found])


@given(st.integers(0, 10_000), st.floats(5, 200), st.floats(0, 6.28))
@hypothesis_settings(deadline=None)
def test_a_moved_vertex_is_found(seed: int, metres: float, turn: float) -> None:
    """Moved in one area alone, an inner vertex opens a gap, claims what is another's, or both."""
    areas = cells(seed, 40)
    inner = [at for at, area in enumerate(areas) if PLANE.exterior.distance(area) > 250]
    assume(inner)
    ring = np.array(areas[inner[0]].exterior.coords)
    ring[0] = ring[-1] = ring[0] + metres * np.array([np.cos(turn), np.sin(turn)])
    moved = shapely.Polygon(ring)
    assume(moved.is_valid)
    changed = shapely.symmetric_difference(moved, areas[inner[0]]).area
    assume(changed > 20)
    areas[inner[0]] = moved
    over, between = seams.overlaps(areas), seams.gaps(areas)
    assert over.pairs or between.m2
    assert all(inner[0] in (pair.one, pair.other) for pair in over.pairs)
    # What the area gained is claimed twice, what it lost by nobody.
    claimed = sum(pair.m2 for pair in over.pairs) + over.slivers_m2
    lost = sum(between.m2) + between.slivers_m2
    assert claimed + lost == pytest.approx(changed, abs=0.1)


def test_a_lake_is_a_gap_and_the_island_in_it_is_not() -> None:
    lake = shapely.box(4000, 4000, 6000, 6000)
    island = shapely.box(4500, 4500, 5500, 5500).difference(shapely.box(4900, 4900, 5100, 5100))
    tarn = shapely.box(4950, 4950, 5050, 5050)
    found = seams.gaps(array([PLANE.difference(lake), island, tarn]))
    assert found.m2 == pytest.approx((2000**2 - 1000**2, 200**2 - 100**2))
    assert all(lake.contains(point) and not island.covers(point) and not tarn.covers(point) for point in found.where)


def test_slivers_are_counted_and_summed_and_not_named() -> None:
    areas = array([shapely.box(0, 0, 10, 10), shapely.box(9.99, 0, 20, 10), shapely.box(20.01, 0, 30, 10)])
    assert seams.overlaps(areas) == seams.Overlaps((), 1, pytest.approx(0.1))
    holed = array([shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 4.5, 4.5))])
    assert seams.gaps(holed) == seams.Gaps((), (), 1, pytest.approx(0.25))


def test_the_largest_overlap_comes_first() -> None:
    areas = array([shapely.box(0, 0, 10, 10), shapely.box(8, 0, 20, 10), shapely.box(0, 5, 9, 20)])
    assert [(pair.one, pair.other, pair.m2) for pair in seams.overlaps(areas).pairs] == [
        (0, 2, 45.0), (0, 1, 20.0), (1, 2, 5.0),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.integers(-500, 1500), st.integers(-500, 1500)), min_size=1), st.integers(0, 300))
@hypothesis_settings(deadline=None)
def test_near_is_within_so_many_metres_of_an_area(places: list[tuple[int, int]], metres: int) -> None:
    ground = array([shapely.box(0, 0, 400, 1000), shapely.box(600, 0, 1000, 1000)])
    points = array([shapely.Point(place) for place in places])
    expected = [min(shapely.distance(point, ground)) <= metres for point in points]
    assert seams.near(points, ground, metres).tolist() == expected


def test_layers_agree_as_far_as_both_cover_the_same() -> None:
    half = array([shapely.box(0, 0, 5000, 10_000)])
    assert seams.agreement(array([PLANE]), array([PLANE]), areas=True) == 1
    assert seams.agreement(half, array([PLANE]), areas=True) == 0.5
    points = array([shapely.Point(1, 1), shapely.Point(9000, 1), shapely.Point(2, 2), shapely.Point(3, 3)])
    assert seams.agreement(points, half, areas=False) == 0.75
