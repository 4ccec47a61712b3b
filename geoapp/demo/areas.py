"""Districts, street offices, communities and grids of the demo city: blocks between roads, put together by level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.demo.clusters import cluster
from geoapp.demo.coast import Country
from geoapp.demo.names import Name
from geoapp.locate.datum import Floats

OFFICES: Final = 24
DISTRICTS: Final = 5
_COMMUNITIES: Final = 6
_GRID_KM2: Final = 0.3

_DISTRICTS: Final[tuple[Name, ...]] = (
    ("西岭区", "Xiling District"), ("云湖区", "Yunhu District"), ("中港区", "Zhonggang District"),
    ("东湾区", "Dongwan District"), ("海岬区", "Haijia District"),
)  # fmt: skip
_NUMERALS: Final = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Level:
    """One level of areas: outlines in metres around the centre, and which area of the level above each lies in."""

    codes: tuple[str, ...]
    names: tuple[Name, ...]
    outlines: NDArray[np.object_]
    above: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Located:
    """The area of each level that each of some points lies in, by its position."""

    grid: NDArray[np.int64]
    community: NDArray[np.int64]
    office: NDArray[np.int64]
    district: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Areas:
    """The four levels; each is made of whole areas of the next finer one."""

    districts: Level
    offices: Level
    communities: Level
    grids: Level

    def locate(self, points: NDArray[np.object_]) -> Located:
        """Where points lie; one on a border is in the grid of the lower number, one in none is in the nearest."""
        tree = shapely.STRtree(self.grids.outlines)
        which, where = tree.query(points, predicate="intersects")
        grid = np.full(len(points), -1)
        grid[which[::-1]] = where[::-1]
        away = np.flatnonzero(grid < 0)
        if len(away):
            grid[away] = tree.nearest(points[away])
        community = self.grids.above[grid]
        office = self.communities.above[community]
        return Located(grid, community, office, self.offices.above[office])


def make(
    chance: np.random.Generator, country: Country, blocks: NDArray[np.object_], bridges: Any, called: Iterator[Name]
) -> Areas:
    """The areas of a country, made of the blocks between its roads."""
    middles, weight = shapely.get_coordinates(shapely.centroid(blocks)), _weights(country, blocks)
    apart = middles + np.column_stack((_side(country, middles) * 5000.0, np.zeros(len(middles))))
    office = _from_west(cluster(chance, apart, weight, OFFICES), middles)
    district = _districts(office, middles)
    community = _within(chance, office, middles, weight, [_COMMUNITIES] * OFFICES)
    size = np.bincount(community, shapely.area(blocks)) / 1e6
    grid = _within(chance, community, middles, shapely.area(blocks), np.maximum(1, np.ceil(size / _GRID_KM2)).tolist())
    outlines = _with_bridges(_together(blocks, grid), bridges)
    district, office, community = (_first(level, grid) for level in (district, office, community))
    return _named(outlines, district, office, community, called)


def _weights(country: Country, blocks: NDArray[np.object_]) -> Floats:
    """Area, counted more where many live, so that areas are small in towns and wide in the hills."""
    middles = shapely.get_coordinates(shapely.centroid(blocks))
    dense = country.bend.density(middles)
    return np.asarray(shapely.area(blocks) * (0.35 + dense), dtype=np.float64)


def _side(country: Country, points: NDArray[np.float64]) -> Floats:
    """-1 west of the river, 1 east of it: no street office reaches across."""
    course = shapely.get_coordinates(shapely.centroid(shapely.get_parts(_strips(country.river))))
    order = np.argsort(course[:, 1])
    return np.where(points[:, 0] < np.interp(points[:, 1], course[order, 1], course[order, 0]), -1.0, 1.0)


def _strips(river: Any) -> Any:
    west, south, east, north = river.bounds
    edges = np.linspace(south, north, 41)
    return shapely.multipolygons(
        [
            part
            for low, high in pairwise(edges.tolist())
            for part in shapely.get_parts(shapely.get_parts([river.intersection(shapely.box(west, low, east, high))]))
            if part.geom_type == "Polygon"
        ]
    )


def _from_west(group: NDArray[np.int64], middles: NDArray[np.float64]) -> NDArray[np.int64]:
    order = np.argsort(np.bincount(group, middles[:, 0]) / np.bincount(group))
    return np.argsort(order)[group]


def _districts(office: NDArray[np.int64], middles: NDArray[np.float64]) -> NDArray[np.int64]:
    """The district of each block: whole offices, the middle ones parted into north and south."""
    x, y = (np.bincount(office, middles[:, axis]) / np.bincount(office) for axis in (0, 1))
    band = np.searchsorted(np.quantile(x, (0.25, 0.5, 0.75)), x)
    inland = y > np.median(y[(band == 1) | (band == 2)])
    found = np.select([band == 0, band == 3, inland], [0, 4, 1], np.where(band == 1, 2, 3))
    return np.asarray(found[office], dtype=np.int64)


def _within(
    chance: np.random.Generator, above: NDArray[np.int64], middles: NDArray[np.float64], weight: Floats,
    counts: Sequence[float],
) -> NDArray[np.int64]:  # fmt: skip
    """Each group parted into so many; numbers rise with those of the groups."""
    found, next_number = np.zeros(len(above), dtype=np.int64), 0
    for at, count in enumerate(counts):
        mine = np.flatnonzero(above == at)
        parts = cluster(chance, middles[mine], weight[mine], int(count))
        found[mine] = next_number + parts
        next_number += int(parts.max(initial=-1)) + 1
    return found


def _together(shapes: NDArray[np.object_], group: NDArray[np.int64]) -> NDArray[np.object_]:
    order = np.argsort(group, kind="stable")
    parts = np.split(shapes[order], np.flatnonzero(np.diff(group[order])) + 1)
    made = np.empty(len(parts), dtype=object)
    made[:] = [_many(shapely.union_all(part)) for part in parts]
    return made


def _with_bridges(grids: NDArray[np.object_], bridges: Any) -> NDArray[np.object_]:
    """Bridge decks given to the grid they begin in, each half to its own bank: whoever stands on one is somewhere."""
    found = grids.copy()
    tree = shapely.STRtree(grids)
    for deck in shapely.get_parts(shapely.get_parts([bridges])):
        for half in _halves(deck):
            nearest = int(tree.nearest(half))
            found[nearest] = _many(shapely.union_all([found[nearest], half]))
    return found


def _halves(deck: Any) -> list[Any]:
    west, south, east, north = deck.bounds
    if east - west >= north - south:
        boxes = shapely.box(west, south, (west + east) / 2, north), shapely.box((west + east) / 2, south, east, north)
    else:
        boxes = shapely.box(west, south, east, (south + north) / 2), shapely.box(west, (south + north) / 2, east, north)
    parts = [part for box in boxes for part in shapely.get_parts([deck.intersection(box)])]
    return [part for part in parts if part.geom_type == "Polygon"]


def _first(level: NDArray[np.int64], finer: NDArray[np.int64]) -> NDArray[np.int64]:
    """The area of a level in which each finer one lies."""
    return np.asarray(level[np.unique(finer, return_index=True)[1]], dtype=np.int64)


def _named(
    grids: NDArray[np.object_], district: NDArray[np.int64], office: NDArray[np.int64], community: NDArray[np.int64],
    called: Iterator[Name],
) -> Areas:  # fmt: skip
    office_of = _first(office, community)
    district_of = _first(district, office)
    offices = [next(called) for _ in range(OFFICES)]
    communities = [next(called) for _ in office_of]
    nth_community, nth_grid = _nth(office_of), _nth(community)
    community_codes = [f"C{at + 1:02d}{nth + 1:02d}" for at, nth in zip(office_of, nth_community, strict=True)]
    return Areas(
        Level(
            tuple(f"D{at + 1:02d}" for at in range(DISTRICTS)), _DISTRICTS, _together(grids, district),
            np.zeros(DISTRICTS, dtype=np.int64),
        ),
        Level(
            tuple(f"S{at + 1:02d}" for at in range(OFFICES)),
            tuple((f"{zh}街道", f"{en} Street Office") for zh, en in offices), _together(grids, office), district_of,
        ),
        Level(
            tuple(community_codes), tuple((f"{zh}社区", f"{en} Community") for zh, en in communities),
            _together(grids, community), office_of,
        ),
        Level(
            tuple(f"G{community_codes[at][1:]}{nth + 1:02d}" for at, nth in zip(community, nth_grid, strict=True)),
            tuple(
                (f"{communities[at][0]}第{_numeral(nth)}网格", f"{communities[at][1]} Grid {nth + 1}")
                for at, nth in zip(community, nth_grid, strict=True)
            ),
            grids, community,
        ),
    )  # fmt: skip


def _nth(above: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of each among those of the same area above; above rises."""
    starts = np.searchsorted(above, above)
    return np.asarray(np.arange(len(above)) - starts, dtype=np.int64)


def _numeral(nth: int) -> str:
    return _NUMERALS[nth] if nth < 10 else f"{_NUMERALS[9]}{_NUMERALS[nth - 10]}"


def _many(shape: Any) -> Any:
    parts = shapely.get_parts(shapely.get_parts([shape]))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])
