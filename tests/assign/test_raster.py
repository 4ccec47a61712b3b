"""The raster gives each point to the lowest outline that covers it, row for row what shapely says, at any fineness."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.assign.arrays import DamagedIndex, Packed, load, save
from geoapp.assign.raster import NONE, Raster
from geoapp.bench.assigning import areas
from tests.assign.test_areas import POINTS, Shape, grids

UNHURRIED = settings(max_examples=120, deadline=None)


def array(shapes: list[Shape]) -> np.ndarray:
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    shapely.prepare(found)
    return found


def covered(outlines: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """The lowest outline that covers each point, by shapely's own tree."""
    found = np.full(len(lon), len(outlines))
    point, outline = shapely.STRtree(outlines).query(shapely.points(lon, lat), predicate="covered_by")
    np.minimum.at(found, point, outline)
    return np.where(found == len(outlines), NONE, found)


@UNHURRIED
@given(grids(), POINTS.filter(bool), st.sampled_from([16, 60, 257, 1000, 65536]))
def test_any_fineness_says_what_shapely_says(
    shapes: dict[str, Shape], points: list[tuple[float, float]], cells: int
) -> None:
    outlines = array([shapes[code] for code in sorted(shapes)])
    lon, lat = (np.array(values) for values in zip(*points, strict=True))
    assert Raster.of(outlines, cells).find(outlines, lon, lat).tolist() == covered(outlines, lon, lat).tolist()


@UNHURRIED
@given(st.integers(0, 10_000), st.sampled_from([30, 300, 3000]), st.integers(2, 60))
def test_many_small_areas_in_few_cells(seed: int, cells: int, count: int) -> None:
    chance = np.random.default_rng(seed)
    seeds = shapely.MultiPoint(chance.uniform(0, 1, (count, 2)))
    parts = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=shapely.box(0, 0, 1, 1)))
    outlines = array(list(shapely.intersection(parts, shapely.box(0, 0, 1, 1))))
    corners = shapely.get_coordinates(outlines)
    middles = (corners[1:] + corners[:-1]) / 2
    places = np.concatenate([chance.uniform(-0.1, 1.1, (400, 2)), corners, middles, corners + 1e-12, corners - 1e-10])
    found = Raster.of(outlines, cells).find(outlines, places[:, 0], places[:, 1])
    assert (found == covered(outlines, places[:, 0], places[:, 1])).all()


def test_a_cell_full_of_neighbours_borders_still_knows_the_area_it_lies_in() -> None:
    # The box of the slanting border reaches into cells that lie wholly in the third area.
    wedge = shapely.Polygon([(0, 0), (10, 0), (10, 3)])
    above = shapely.Polygon([(0, 0), (10, 3), (10, 10), (0, 10)])
    outlines = array([wedge, shapely.box(-5, 0, -1, 10), above])
    grid = np.stack(np.meshgrid(np.linspace(-5, 10, 301), np.linspace(-1, 11, 301)), axis=-1).reshape(-1, 2)
    for cells in (16, 40, 200):
        found = Raster.of(outlines, cells).find(outlines, grid[:, 0], grid[:, 1])
        assert (found == covered(outlines, grid[:, 0], grid[:, 1])).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e308])
def test_what_is_no_place_is_in_no_area(value: float) -> None:
    outlines = array([shapely.box(0, 0, 1, 1)])
    found = Raster.of(outlines).find(outlines, np.array([value, 0.5, value]), np.array([0.5, value, value]))
    assert found.tolist() == [NONE] * 3


def test_shenzhens_street_offices_row_for_row(shared_data: Path) -> None:
    frame = geopandas.read_file(shared_data / "shenzhen" / "streets.geojson").sort_values("code")
    outlines = array(list(frame.geometry))
    west, south, east, north = shapely.total_bounds(outlines)
    chance = np.random.default_rng(5)
    lon, lat = chance.uniform(west, east, 300_000), chance.uniform(south, north, 300_000)
    raster = Raster.of(outlines)
    assert (raster.find(outlines, lon, lat) == covered(outlines, lon, lat)).all()
    borders = shapely.get_coordinates(outlines)
    middles = (borders[1:] + borders[:-1]) / 2
    for places in (borders, middles):
        assert (raster.find(outlines, *places.T) == covered(outlines, *places.T)).all()


def test_two_thousand_areas_row_for_row() -> None:
    outlines = array(list(areas(2000)))
    chance = np.random.default_rng(6)
    lon, lat = chance.uniform(113.7, 114.7, 200_000), chance.uniform(22.4, 22.9, 200_000)
    assert (Raster.of(outlines).find(outlines, lon, lat) == covered(outlines, lon, lat)).all()


def test_an_index_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    outlines = array([shapely.box(0, 0, 1, 1), shapely.box(0.5, 0.5, 2, 2)])
    made = Raster.of(outlines)
    words = Packed.of([b"", "街道".encode(), b"x"])
    path = tmp_path / "a" / "one.index"
    save(path, {**made.arrays(), **words.arrays("words")})
    back = load(path)
    again = Raster.from_arrays(back)
    assert all((one == back[name]).all() for name, one in made.arrays().items())
    lon = lat = np.linspace(-0.5, 2.5, 50)
    assert (again.find(outlines, lon, lat) == made.find(outlines, lon, lat)).all()
    assert [Packed.from_arrays(back, "words")[at].decode() for at in range(3)] == ["", "街道", "x"]
    assert [one.name for one in path.parent.iterdir()] == ["one.index"]
    assert not back["owners"].flags.writeable


@pytest.mark.parametrize("cut", [0, 5, 20, 200, -1])
def test_a_damaged_index_is_never_taken_for_one(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "one.index"
    save(path, Raster.of(array([shapely.box(0, 0, 1, 1)])).arrays())
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DamagedIndex):
        load(path)
