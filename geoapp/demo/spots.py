"""Where in the demo city things go wrong: on its assets, and along its roads, more where more people live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.assign.assets import STRETCH_M
from geoapp.demo import plan, words
from geoapp.demo.assets import Assets, beside, carriageways
from geoapp.demo.drawing import ARTERIAL, COLLECTOR, EXPRESSWAY, LANE
from geoapp.demo.ground import Ground
from geoapp.locate.datum import Floats

ROADS: Final = "roads"
STREET: Final = "street"
"""Any road where people walk."""

_EVERY_M: Final = 16.0
_FEW: Final = 1000
_WIDE_M2: Final = 2500.0
_JITTER_M: Final = {
    ROADS: 2.5,
    "lamps": 4.0,
    "manholes": 2.5,
    "footbridges": 9.0,
    "signals": 9.0,
    "bus_stops": 5.0,
    "parks": 6.0,
}


@dataclass(frozen=True, slots=True)
class Pool:
    """Places of one layer: where, how likely each, the key of its site, its class, keeper and street office.

    names are how people call each, marks how they put it by the nearest landmark. sure: nobody could take the site for
    another, as at a crossing or where one stretch ends.
    """

    xy: NDArray[np.float64]
    weight: Floats
    sites: NDArray[np.object_]
    codes: NDArray[np.object_]
    names: NDArray[np.object_]
    marks: NDArray[np.object_]
    classes: NDArray[np.object_]
    maintainers: NDArray[np.object_]
    office: NDArray[np.int64]
    sure: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.xy)


def pools(chance: np.random.Generator, ground: Ground) -> Mapping[str, Pool]:
    """The places of whatever a matter can be on: a layer, or those of one class of it."""
    whole = {ROADS: _along_roads(chance, ground)}
    for layer, of in ground.assets.items():
        points, at = _within(chance, of)
        whole[layer] = Pool(
            points, _weights(chance, ground, points), _objects([f"{layer}:{code}" for code in of.codes])[at],
            _objects(of.codes)[at], _objects([zh for zh, _ in of.names])[at], _marks(ground, points, of.road[at]),
            _objects(of.classes)[at], _objects(of.parties.maintainer)[at], of.located.office[at],
            np.ones(len(points), dtype=bool),
        )  # fmt: skip
    return {told.on: _only(whole[told.layer], told.on.partition("/")[2]) for told in words.TOLD}


def _only(pool: Pool, classed: str) -> Pool:
    """The same places, those of other classes never met."""
    if not classed:
        return pool
    fit = pool.classes != EXPRESSWAY if classed == STREET else pool.classes == classed
    weight = np.where(fit, pool.weight, 0.0)
    return replace(pool, weight=weight / weight.sum()) if weight.sum() > 0 else pool


def _within(chance: np.random.Generator, of: Assets) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Where people stand who speak of each: at the thing; in a park, all over it. And the position of the thing."""
    wide = np.flatnonzero(shapely.area(of.shapes) > _WIDE_M2)
    if not len(wide):
        return of.points, np.arange(len(of.codes))
    shapes = shapely.buffer(of.shapes[wide], -8.0)
    whose = np.repeat(np.arange(len(wide)), np.clip(shapely.area(shapes) / _WIDE_M2, 4, 40).astype(np.int64) * 3)
    west, south, east, north = shapely.bounds(shapes)[whose].T
    xy = np.column_stack((chance.uniform(west, east), chance.uniform(south, north)))
    kept = shapely.contains_xy(shapes[whose], xy)
    narrow = np.setdiff1d(np.arange(len(of.codes)), wide[whose[kept]])
    return np.vstack((xy[kept], of.points[narrow])), np.r_[wide[whose[kept]], narrow]


def jitter_m(layer: str) -> float:
    """How far from the thing people put their pin, as a standard deviation."""
    return _JITTER_M.get(layer, 4.0)


def _along_roads(chance: np.random.Generator, ground: Ground) -> Pool:
    """A place every few metres beside the kerb of every road; its site is the stretch."""
    roads = ground.roads
    every = dict.fromkeys((EXPRESSWAY, ARTERIAL, COLLECTOR, LANE), _EVERY_M)
    found = beside(roads, every, roads.widths * 0.38, np.full(len(roads.codes), 0.5))
    busy = np.select([roads.classes == EXPRESSWAY, roads.classes == LANE], [0.35, 0.8], 1.0)
    stretch = (found.along // STRETCH_M).astype(np.int64)
    codes = _objects(roads.codes)[found.road]
    keys = [f"{ROADS}:{code}:{nth}" for code, nth in zip(codes.tolist(), stretch.tolist(), strict=True)]
    names = _objects([zh for zh, _ in roads.names])[found.road]
    house = (found.along / 9).astype(np.int64) + 1
    told = [
        f"{name}{metres / 1000:.1f}公里处" if fast else f"{name}{number}号"
        for name, number, metres, fast in zip(
            names.tolist(), house.tolist(), found.along.tolist(), (roads.classes[found.road] == EXPRESSWAY).tolist(),
            strict=True,
        )
    ]  # fmt: skip
    return Pool(
        found.xy, _weights(chance, ground, found.xy, busy[found.road]), _objects(keys), codes, _objects(told),
        _marks(ground, found.xy, found.road), _objects(roads.classes)[found.road],
        _objects(ground.road_parties().maintainer)[found.road], ground.areas.locate(plan.dots(found.xy)).office,
        (carriageways(roads, found.xy, 9.0) == 1) & (np.abs(found.along % STRETCH_M - STRETCH_M / 2) < 38),
    )  # fmt: skip


def _marks(ground: Ground, xy: NDArray[np.float64], road: NDArray[np.int64]) -> NDArray[np.object_]:
    """Each place by its road and the landmark nearest to it; by the landmark alone off the roads."""
    main = ground.landmarks.main()
    tree = shapely.STRtree(plan.dots(ground.landmarks.xy[main]))
    nearest = main[tree.nearest(plan.dots(xy))] if len(xy) else main[:0]
    names = [ground.roads.names[at][0] if at >= 0 else "" for at in road.tolist()]
    near = [ground.landmarks.names[at][0] for at in nearest.tolist()]
    return _objects([f"{name}{mark}附近" for name, mark in zip(names, near, strict=True)])


def _weights(
    chance: np.random.Generator, ground: Ground, xy: NDArray[np.float64], busy: Floats | float = 1.0
) -> Floats:
    """More where more people live; a few places are much worse than their neighbours. Together they are 1."""
    dense = ground.country.bend.density(xy)
    # Of few things no one has hundreds of tickets.
    worse = np.minimum(chance.pareto(1.7, len(xy)), 12.0 if len(xy) > _FEW else 1.5)
    weight = busy * (0.04 + dense**1.3) * (0.3 + worse)
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def _objects(values: object) -> NDArray[np.object_]:
    return np.array(values, dtype=object)
