"""Plain country for measuring with: a wavy coast, street offices, districts and a grid of streets, from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.locate.datum import Floats, degrees, transformer

CENTRE: Final = (114.5, 22.5)
METRIC_CRS: Final = "EPSG:4547"
OFFICES: Final = 10
DISTRICTS: Final = 3

_RADIUS_M: Final = 4800.0
_STEP_M: Final = 60.0
_STREETS_EACH_WAY: Final = 13
_APART_M: Final = 620.0
_TURNED: Final = np.radians(17.0)


@dataclass(frozen=True, slots=True)
class Land:
    """Outlines in metres around the town's centre: offices in order from west to east, district[i] the office's."""

    offices: tuple[shapely.MultiPolygon, ...]
    district: tuple[int, ...]
    streets: NDArray[np.object_]

    @property
    def whole(self) -> Any:
        """All offices together."""
        return shapely.union_all(list(self.offices))

    def districts(self) -> tuple[shapely.MultiPolygon, ...]:
        """Each district: its offices together."""
        return tuple(
            mended(shapely.union_all([o for o, d in zip(self.offices, self.district, strict=True) if d == number]))
            for number in range(DISTRICTS)
        )


def make(chance: np.random.Generator, offices: int = OFFICES) -> Land:
    """A town of the generator's choosing, with so many street offices."""
    land = _land(chance)
    cells = _cells(chance, land, offices)
    order = np.argsort([cell.centroid.x for cell in cells])
    district = tuple(int(at * DISTRICTS / offices) for at in range(offices))
    bend = _bend(chance)
    outlines = tuple(mended(shapely.transform(shapely.segmentize(cells[at], _STEP_M), bend)) for at in order)
    return Land(outlines, district, _streets(chance, shapely.union_all(list(outlines))))


def to_degrees(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitude and latitude of offsets from the centre, as rows of two."""
    east, north = transformer("EPSG:4326", METRIC_CRS).transform(*CENTRE)
    return np.column_stack(degrees(metres[:, 0] + east, metres[:, 1] + north, METRIC_CRS))


def in_degrees(outline: shapely.MultiPolygon) -> shapely.MultiPolygon:
    """An outline in WGS-84 degrees, valid."""
    return mended(shapely.make_valid(shapely.transform(outline, to_degrees)))


def _noise(chance: np.random.Generator, at: Floats, waves: int, size: float) -> Floats:
    """Waves over a full turn, the shorter the lower: it ends where it began."""
    total = np.zeros_like(at)
    for wave in range(1, waves + 1):
        total += size / wave**1.2 * chance.normal() * np.sin(wave * at + chance.uniform(0, 2 * np.pi))
    return total


def _land(chance: np.random.Generator) -> Any:
    """A round of country, its south cut off by the sea, which has eaten a bay into it."""
    turn = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    radius = _RADIUS_M * (1 + np.clip(_noise(chance, turn, 6, 0.06), -0.25, 0.25))
    country = shapely.Polygon(np.column_stack((radius * np.cos(turn), radius * np.sin(turn))))
    along = np.linspace(-8000.0, 8000.0, 320)
    phase = (along + 8000) / 16000 * 2 * np.pi
    bay = 1500 * np.exp(-(((along - chance.uniform(-900, 900)) / 1300) ** 2))
    coast = -2400 + np.clip(_noise(chance, phase, 24, 260.0), -700, 700) + bay
    sea = shapely.Polygon([*zip(along, coast, strict=True), (8000, -9000), (-8000, -9000)])
    left = shapely.make_valid(country).difference(shapely.make_valid(sea))
    return max(shapely.get_parts([left]), key=lambda part: part.area)


def _cells(chance: np.random.Generator, land: Any, offices: int) -> list[Any]:
    """Voronoi cells of points that were moved apart, clipped to the land."""
    points = _inside(chance, land, offices)
    for _ in range(3):
        cells = _voronoi(points, land)
        points = np.array([shapely.get_coordinates(cell.centroid)[0] for cell in cells])
    return _voronoi(points, land)


def _voronoi(points: NDArray[np.float64], land: Any) -> list[Any]:
    cells = shapely.get_parts([shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=land)])
    return [shapely.intersection(cell, land) for cell in cells]


def _inside(chance: np.random.Generator, land: Any, count: int) -> NDArray[np.float64]:
    west, south, east, north = land.bounds
    tried = chance.uniform((west, south), (east, north), (count * 40, 2))
    return np.asarray(tried[shapely.contains_xy(land, tried[:, 0], tried[:, 1])][:count], dtype=np.float64)


def _bend(chance: np.random.Generator) -> Any:
    """A gentle distortion, the same everywhere a border is shared: no town is drawn with a ruler."""
    phases = chance.uniform(0, 2 * np.pi, 4)

    def bend(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = xy[:, 0], xy[:, 1]
        east = 110 * np.sin(y / 530 + phases[0]) + 60 * np.sin((x + y) / 310 + phases[1])
        north = 110 * np.sin(x / 570 + phases[2]) + 60 * np.sin((x - y) / 290 + phases[3])
        return np.column_stack((x + east, y + north))

    return bend


def _streets(chance: np.random.Generator, land: Any) -> NDArray[np.object_]:
    """Streets both ways, turned a little, kept where they are on land; the longest part of each."""
    turn = np.array([[np.cos(_TURNED), -np.sin(_TURNED)], [np.sin(_TURNED), np.cos(_TURNED)]])
    lines = []
    for across in (False, True):
        for number in range(_STREETS_EACH_WAY):
            away = (number - _STREETS_EACH_WAY / 2 + 0.5) * _APART_M + chance.normal() * 70
            along = np.linspace(-6000, 6000, 60)
            beside = away + 45 * np.sin(along / chance.uniform(700, 1500) + chance.uniform(0, 6))
            points = np.column_stack((beside, along) if across else (along, beside)) @ turn.T
            parts = [part for part in shapely.get_parts([shapely.LineString(points).intersection(land)])]
            kept = [part for part in parts if part.geom_type == "LineString" and part.length > 400]
            lines += [max(kept, key=lambda part: part.length)] if kept else []
    return np.array(lines, dtype=object)


def mended(shape: Any) -> shapely.MultiPolygon:
    """The polygons in a shape, as one."""
    flat = [part for one in shapely.get_parts([shape]) for part in shapely.get_parts([one])]
    return shapely.MultiPolygon([part for part in flat if part.geom_type == "Polygon" and part.area > 0])
