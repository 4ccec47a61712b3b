"""How fast points find their areas, the index built anew, against a spatial join of the same points."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.assign.raster import NONE, Raster
from geoapp.bench import town
from geoapp.bench.figure import Figure
from geoapp.demo import land
from geoapp.locate.datum import Floats

FEW_POINTS: Final = 1_000_000
MANY_POINTS: Final = 10_000_000
MANY_AREAS: Final = 2_000
_REPEATS: Final = 3
_BOX: Final = (113.7, 22.4, 114.7, 22.9)
_STEP: Final = 1.5e-4  # degrees between vertices: as close as surveyed borders have them


def measure(offices: NDArray[np.object_] | None = None) -> Iterator[Figure]:
    """A million points in some seventy areas (a city's own, if given), ten million in two thousand."""
    few = offices if offices is not None else _own()
    yield from _compared("assign_points_per_second", few, FEW_POINTS)
    yield from _compared("assign_points_per_second_many_areas", areas(MANY_AREAS), MANY_POINTS)


def _own() -> NDArray[np.object_]:
    """The street offices of the bench's town."""
    outlines = [land.in_degrees(office) for office in town.make().offices]
    found = np.empty(len(outlines), dtype=object)
    found[:] = outlines
    return found


def areas(count: int) -> NDArray[np.object_]:
    """So many areas that cover a box without gap or overlap, their borders full of vertices."""
    chance = np.random.default_rng(1)
    box = shapely.box(*_BOX)
    seeds = np.column_stack([chance.uniform(_BOX[0], _BOX[2], count), chance.uniform(_BOX[1], _BOX[3], count)])
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=box))
    return np.asarray(shapely.segmentize(shapely.intersection(cells, box), _STEP), dtype=object)


def _compared(name: str, outlines: NDArray[np.object_], count: int) -> Iterator[Figure]:
    west, south, east, north = shapely.total_bounds(outlines).tolist()
    chance = np.random.default_rng(2)
    lon, lat = chance.uniform(west, east, count), chance.uniform(south, north, count)
    took, found = min((_found(outlines, lon, lat) for _ in range(_REPEATS)), key=lambda one: one[0])
    joined = _join(outlines, lon, lat)
    wrong = int((found != joined[1]).sum())
    if wrong:
        # A point upon a border is within none, and covered by both: only those may differ.
        raise RuntimeError(f"{name}: {wrong} points differ from the join")
    yield Figure(f"{name} ({len(outlines)} areas)", count, count / took, "points/s", "sjoin_within", count / joined[0])


def _found(outlines: NDArray[np.object_], lon: Floats, lat: Floats) -> tuple[float, NDArray[np.int64]]:
    fresh = np.array(shapely.from_wkb(shapely.to_wkb(outlines)), dtype=object)
    started = time.perf_counter()
    shapely.prepare(fresh)
    found = Raster.of(fresh).find(fresh, lon, lat)
    return time.perf_counter() - started, found


def _join(outlines: NDArray[np.object_], lon: Floats, lat: Floats) -> tuple[float, NDArray[np.int64]]:
    points = geopandas.GeoDataFrame(geometry=shapely.points(lon, lat), crs="EPSG:4326")
    polygons = geopandas.GeoDataFrame(geometry=list(outlines), crs="EPSG:4326")
    started = time.perf_counter()
    joined = geopandas.sjoin(points, polygons, predicate="within")
    took = time.perf_counter() - started
    found = np.full(len(lon), NONE, dtype=np.int64)
    order = np.argsort(-joined["index_right"].to_numpy(), kind="stable")
    found[joined.index.to_numpy()[order]] = joined["index_right"].to_numpy()[order]
    return took, found
