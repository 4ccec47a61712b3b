"""Where else a point may lie: the neighbours in its radius, in all layers at once, and none farther."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import shapely

from geoapp.assign.areas import AreaLayer
from geoapp.assign.dispatch import Elsewhere
from geoapp.assign.neighbours import borders, elsewhere, points
from geoapp.locate.datum import degrees

CRS = "EPSG:32650"
EAST, NORTH = 200_000.0, 2_500_000.0


def layer(name: str, boxes: Sequence[tuple[float, float, float, float]], qualities: Sequence[str] = ()) -> AreaLayer:
    """A layer of boxes in metres east and north of a place in Shenzhen."""
    shapes = [shapely.segmentize(shapely.box(w, s, e, n), 50.0) for w, s, e, n in boxes]
    in_degrees = shapely.transform(
        np.array(shapes, dtype=object),
        lambda xy: np.column_stack(degrees(xy[:, 0] + EAST, xy[:, 1] + NORTH, CRS)),
    )
    codes = [f"{name}{nth}" for nth in range(len(boxes))]
    keys, names = list(range(len(boxes))), [{"en": code} for code in codes]
    return AreaLayer.of(name, name, 1, keys, codes, names, list(qualities or ["official"] * len(boxes)), in_degrees)


OFFICES = [(0, 0, 1000, 1000), (1000, 0, 2000, 1000), (2000, 0, 3000, 1000)]
DISTRICTS = [(0, 0, 2000, 1000), (2000, 0, 3000, 1000)]


def look(
    layers: Sequence[AreaLayer], place: tuple[float, float], radius_m: float
) -> tuple[list[float], list[tuple[list[int], float, bool]]]:
    """The distances to borders, and where else a place may lie: areas, metres, whether by an approximate outline."""
    lon, lat = degrees(np.array([place[0] + EAST]), np.array([place[1] + NORTH]), CRS)
    at = np.column_stack([one.find(lon, lat) for one in layers])
    here, asked = points(lon, lat, CRS), np.ones((1, len(layers)), dtype=bool)
    border_m = borders(layers, here, CRS, asked)
    found: Elsewhere = elsewhere(layers, at, here, np.array([radius_m]), border_m, CRS)
    rows = zip(found.areas.tolist(), found.metres.tolist(), found.loose.tolist(), strict=True)
    return border_m[0].tolist(), [(areas, round(metres, 1), loose) for areas, metres, loose in rows]


def test_a_neighbour_in_the_radius_is_where_it_may_lie_and_one_beyond_is_not() -> None:
    offices = [layer("o", OFFICES)]
    assert look(offices, (990, 500), 15)[1] == [([1], 10.0, False)]
    assert look(offices, (990, 500), 9)[1] == []
    assert look(offices, (990, 500), 9)[0] == pytest.approx([10.0], abs=0.1)


def test_a_border_of_two_layers_is_crossed_in_both_at_once() -> None:
    layers = [layer("d", DISTRICTS), layer("o", OFFICES)]
    assert look(layers, (1990, 500), 15)[1] == [([1, 2], 10.0, False), ([1, 2], 10.0, False)]
    assert look(layers, (990, 500), 15)[1] == [([0, 1], 10.0, False)]


def test_off_the_city_lies_nobody() -> None:
    border_m, found = look([layer("o", OFFICES)], (500, 3), 15)
    assert found == [] and border_m == pytest.approx([3.0], abs=0.1)


def test_an_approximate_outline_is_looked_for_farther_off_and_says_so() -> None:
    rough = [layer("o", OFFICES, ["official", "approximate", "official"])]
    assert look(rough, (880, 500), 15)[1] == [([1], 120.0, True)]
    assert look(rough, (1880, 500), 15)[1] == [([2], 120.0, True)]
    assert look(rough, (700, 500), 15)[1] == []


def test_pieces_measure_as_the_whole_border_does() -> None:
    chance = np.random.default_rng(3)
    offices = layer("o", OFFICES)
    lon, lat = degrees(chance.uniform(0, 3000, 200) + EAST, chance.uniform(0, 1000, 200) + NORTH, CRS)
    at = offices.find(lon, lat)
    inside = at >= 0
    found = borders([offices], points(lon, lat, CRS), CRS, np.ones((200, 1), dtype=bool))[inside, 0]
    assert found == pytest.approx(offices.borders_m(at[inside], lon[inside], lat[inside], CRS), abs=0.06)
