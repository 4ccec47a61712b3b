"""The lines of the demo city's roads as they are drawn on the sheet, before the country bends and cuts them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geoapp.demo import plan
from geoapp.demo.coast import ISLAND_U
from geoapp.demo.plan import EAST, HEART, NORTH, SHORE, WEST
from geoapp.locate.datum import Floats

EXPRESSWAY: Final = "expressway"
ARTERIAL: Final = "arterial"
COLLECTOR: Final = "collector"
LANE: Final = "lane"

_BEACH: Final = SHORE - 450
_BLOCK_M: Final = 1500.0
_COLLECTORS_FROM: Final = 0.15
_LANES_FROM: Final = 0.36


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line; those of one group share a name and are told apart by part: north, south, east, west, or a number."""

    classed: str
    group: int
    part: str
    line: shapely.LineString


@dataclass(frozen=True, slots=True)
class _Mesh:
    """Where the lines of the mesh run: those to the north at u, those to the east at v; great ones are arterials."""

    u: Floats
    v: Floats
    great_u: tuple[bool, ...]
    great_v: tuple[bool, ...]


def draw(chance: np.random.Generator) -> list[Drawn]:
    """Every line: the great roads first, so that the best names go to them."""
    mesh = _mesh(chance)
    found = [*_expressways(), *_shore(), *_radials(), *_arterials(mesh), *_collectors(mesh), *_lanes(chance, mesh)]
    return found


def _mesh(chance: np.random.Generator) -> _Mesh:
    great_u = np.arange(-7, 8) * _BLOCK_M + chance.normal(0, 120, 15)
    # The bridge to the island goes on from one of them.
    great_u[np.argmin(np.abs(great_u - ISLAND_U))] = ISLAND_U
    great_v = np.array([SHORE + 620, -2750, -1350, 150, 1700, 3350, 5100]) + np.r_[0, chance.normal(0, 90, 6)]
    u, on_u = _between(great_u, (0.34, 0.67))
    v, on_v = _between(great_v, (0.36, 0.68))
    return _Mesh(u, v, on_u, on_v)


def _between(great: Floats, at: tuple[float, ...]) -> tuple[Floats, tuple[bool, ...]]:
    gaps = np.diff(great)
    small = np.concatenate([great[:-1] + gaps * share for share in at])
    every = np.sort(np.r_[great, small])
    return every, tuple(bool(one in great) for one in every)


def _expressways() -> list[Drawn]:
    turn = np.linspace(0.6, 0.6 + 2 * np.pi, 120)
    ring = np.column_stack((HEART[0] + 900 + 4700 * np.cos(turn), -850 + 2650 * np.sin(turn)))
    u = np.linspace(WEST - 2500, EAST + 2500, 120)
    north = np.column_stack((u, 2550 + 330 * np.sin(u / 2900)))
    v = np.linspace(1790, NORTH + 2500, 50)
    out = np.column_stack((HEART[0] + 1700 + 0.16 * (v - 1790), v))
    lines = (ring, north, out)
    return [Drawn(EXPRESSWAY, nth, "", shapely.LineString(line)) for nth, line in enumerate(lines)]


def _shore() -> list[Drawn]:
    """The boulevard along the sea, west and east of the old town."""
    return [
        Drawn(ARTERIAL, 100, "west", shapely.LineString([(WEST - 2000, SHORE + 620), (HEART[0], SHORE + 620)])),
        Drawn(ARTERIAL, 100, "east", shapely.LineString([(HEART[0], SHORE + 620), (EAST + 2000, SHORE + 620)])),
    ]


def _radials() -> list[Drawn]:
    found = []
    for nth, (degrees, far) in enumerate(((37.0, 8300.0), (143.0, 7600.0))):
        away = np.linspace(250, far, 60)
        at = np.radians(degrees + 7 * np.sin(away / 2600))
        line = np.column_stack((HEART[0] + away * np.cos(at), HEART[1] + away * np.sin(at)))
        found.append(Drawn(ARTERIAL, 110 + nth, "", shapely.LineString(line)))
    return found


def _arterials(mesh: _Mesh) -> list[Drawn]:
    found = []
    for nth, u in enumerate(mesh.u[list(mesh.great_u)].tolist()):
        south = -6400.0 if u == ISLAND_U else _BEACH
        found.append(Drawn(ARTERIAL, 200 + nth, "south", shapely.LineString([(u, south), (u, HEART[1])])))
        found.append(Drawn(ARTERIAL, 200 + nth, "north", shapely.LineString([(u, HEART[1]), (u, NORTH + 2000)])))
    for nth, v in enumerate(mesh.v[list(mesh.great_v)].tolist()[1:]):
        found.append(Drawn(ARTERIAL, 300 + nth, "west", shapely.LineString([(WEST - 2000, v), (HEART[0], v)])))
        found.append(Drawn(ARTERIAL, 300 + nth, "east", shapely.LineString([(HEART[0], v), (EAST + 2000, v)])))
    return found


def _collectors(mesh: _Mesh) -> list[Drawn]:
    """Between the great roads, where enough people live: runs from one great road to another."""
    found: list[Drawn] = []
    great_u, great_v = mesh.u[list(mesh.great_u)], mesh.v[list(mesh.great_v)]
    for u in mesh.u[~np.array(mesh.great_u)].tolist():
        for start, end in _runs(plan.density(np.full(len(great_v) - 1, u), _middles(great_v))):
            south = great_v[start] if start else _BEACH
            line = shapely.LineString([(u, south), (u, great_v[end])])
            found.append(Drawn(COLLECTOR, 1000 + len(found), "", line))
    for v in mesh.v[~np.array(mesh.great_v)].tolist():
        for start, end in _runs(plan.density(_middles(great_u), np.full(len(great_u) - 1, v))):
            line = shapely.LineString([(great_u[start], v), (great_u[end], v)])
            found.append(Drawn(COLLECTOR, 1000 + len(found), "", line))
    return found


def _runs(dense: Floats) -> list[tuple[int, int]]:
    """First and last line of each run of sections where a road is, at most four sections long."""
    runs: list[tuple[int, int]] = []
    for at in np.flatnonzero(dense > _COLLECTORS_FROM).tolist():
        if runs and runs[-1][1] == at and at - runs[-1][0] < 4:
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs


def _lanes(chance: np.random.Generator, mesh: _Mesh) -> list[Drawn]:
    """Through the blocks of the mesh where many live, from side to side; three neighbours share a name."""
    found: list[Drawn] = []
    for nth in range(len(mesh.u) - 1):
        west, east = mesh.u[nth : nth + 2]
        dense = plan.density(np.full(len(mesh.v) - 1, (west + east) / 2), _middles(mesh.v))
        for at in np.flatnonzero(dense > _LANES_FROM).tolist():
            south, north = mesh.v[at : at + 2]
            for nth_lane in range(1 + int(chance.uniform() < dense[at] - 0.3)):
                share = chance.uniform(0.38, 0.62) if nth_lane == 0 else chance.uniform(0.3, 0.7)
                if (nth + at + nth_lane) % 2:
                    ends = [(west + share * (east - west), south), (west + share * (east - west), north)]
                else:
                    ends = [(west, south + share * (north - south)), (east, south + share * (north - south))]
                number = len(found)
                found.append(Drawn(LANE, 3000 + number // 3, str(number % 3), shapely.LineString(ends)))
    return found


def _middles(of: Floats) -> Floats:
    return np.asarray((of[:-1] + of[1:]) / 2, dtype=np.float64)
