"""Land and water of the demo city: the coast with its bay and cape, islands, a port, the river, hills with a lake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.demo import plan
from geoapp.demo.plan import EAST, NORTH, SHORE, WEST, Bend

ISLAND_U: Final = -5900.0
"""Where on the sheet the island lies that a bridge leads to."""

_ISLAND_V: Final = -6350.0
_PIERS: Final = 5


@dataclass(frozen=True, slots=True)
class Country:
    """What is there before people build, in metres around the centre.

    dry is land without its waters; whole is land with the river; hills are where nobody builds.
    crossing is where a road may be: over the river and along the bridge to the island.
    """

    bend: Bend
    dry: Any
    whole: Any
    river: Any
    hills: tuple[Any, ...]
    crossing: Any

    @property
    def buildable(self) -> Any:
        """Dry land outside the hills."""
        return self.dry.difference(shapely.union_all(list(self.hills)))


def make(chance: np.random.Generator) -> Country:
    """A country of the generator's choosing."""
    bend = plan.bend(chance)
    island = plan.blob(chance, (ISLAND_U, _ISLAND_V), 1050, 640)
    rocks = [plan.blob(chance, (u, -6300 + chance.uniform(-400, 400)), 260, 170, 0.2) for u in (900.0, 9000.0)]
    mainland = _mainland(chance).union(shapely.union_all(_port(chance)))
    flat = shapely.union_all([mainland, island, *rocks])
    course, width = _course(chance)
    river, hills = _river(course, width), _hills(chance)
    lake = plan.blob(chance, shapely.get_coordinates(hills[1].centroid)[0], 520, 260, 0.25)
    bridge = shapely.LineString([(ISLAND_U, SHORE + 1200), (ISLAND_U, _ISLAND_V)]).buffer(400)
    water = bend.shape(shapely.union_all([river, lake]), 40)
    whole = bend.shape(flat, 40)
    dry = _large(whole.difference(water))
    shaped = tuple(bend.shape(hill).intersection(dry) for hill in hills)
    crossing = shapely.union_all([dry, bend.shape(river, 40).intersection(whole), bend.shape(bridge)])
    return Country(bend, dry, whole, bend.shape(river, 40), shaped, crossing)


def _mainland(chance: np.random.Generator) -> Any:
    """The city's limits inland, and the shore that the waves have gnawed at."""
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    cos, sin = np.cos(turn), np.sin(turn)
    far = 1 + np.clip(plan.waves(chance, turn, 3, 40, 0.03, 0.9), -0.14, 0.12)
    u = (WEST + EAST) / 2 + EAST * np.sign(cos) * np.abs(cos) ** 0.75 * far
    v = NORTH * np.sign(sin) * np.abs(sin) ** 0.6 * far
    limits = shapely.make_valid(shapely.Polygon(np.column_stack((u, v))))
    along = np.linspace(WEST - 2000, EAST + 2000, 800)
    gnawed = plan.waves(chance, (along - WEST) / (EAST - WEST) * 2 * np.pi, 5, 90, 150.0, 1.15)
    shore = SHORE + np.clip(gnawed, -420, 420)
    sea = shapely.Polygon([*zip(along, shore, strict=True), (EAST + 2000, -12000), (WEST - 2000, -12000)])
    return limits.difference(shapely.make_valid(sea))


def _port(chance: np.random.Generator) -> list[Any]:
    """A quay and its piers, which no wave has drawn."""
    west = float(chance.uniform(900, 1300))
    quay = shapely.box(west, SHORE - 260, west + _PIERS * 300, SHORE + 300)
    return [quay, *(shapely.box(west + at * 300, SHORE - 900, west + at * 300 + 130, SHORE) for at in range(_PIERS))]


def _course(chance: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The river's middle from the hills to the bay, and its width there."""
    v = np.linspace(NORTH + 1500, SHORE - 700, 240)
    down = (v[0] - v) / (v[0] - v[-1])
    phase = chance.uniform(-0.4, 0.4)
    u = 700 + 1500 * (1 - down) + 900 * np.sin(v / 1700 + phase) * (1 - 0.5 * down) - 2300 * down**3
    u += 130 * np.sin(v / 420 + chance.uniform(0, 6))
    return np.column_stack((u, v)), 50 + 110 * down + 420 * np.clip(down - 0.86, 0, 1) / 0.14


def _river(course: NDArray[np.float64], width: NDArray[np.float64]) -> Any:
    pieces = [
        shapely.LineString(course[at : at + 2]).buffer(width[at] / 2, quad_segs=4) for at in range(len(course) - 1)
    ]
    return shapely.union_all(pieces).simplify(4)


def _hills(chance: np.random.Generator) -> list[Any]:
    places = ((-8300.0, 4700.0), (-1600.0, 5350.0), (5300.0, 5200.0), (6100.0, -4000.0))
    sizes = ((1700.0, 1300.0), (2000.0, 900.0), (1700.0, 1000.0), (900.0, 420.0))
    return [
        plan.blob(chance, (u + chance.uniform(-300, 300), v), wide, high, 0.14)
        for (u, v), (wide, high) in zip(places, sizes, strict=True)
    ]


def _large(shape: Any) -> Any:
    """Without crumbs that clipping left."""
    parts = shapely.get_parts(shapely.get_parts([shape]))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon" and part.area > 15_000])
