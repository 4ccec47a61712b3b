"""The blocks between the demo city's roads, and those of them that are parks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.demo.coast import Country
from geoapp.demo.names import Name
from geoapp.demo.roads import Roads

_PARKS: Final = 46
_KERB_M: Final = 16.0
_HILLS: Final[tuple[Name, ...]] = (
    ("西岭郊野公园", "Xiling Country Park"), ("云湖郊野公园", "Yunhu Country Park"),
    ("凤凰山森林公园", "Phoenix Hill Forest Park"), ("灯塔山海岸公园", "Lighthouse Hill Coast Park"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parks:
    """Names, classes and outlines in metres around the centre."""

    names: tuple[Name, ...]
    classes: tuple[str, ...]
    outlines: NDArray[np.object_]


def enclosed(country: Country, roads: Roads) -> NDArray[np.object_]:
    """What roads and water enclose; together they are the dry land."""
    lines = shapely.union_all([*roads.lines, shapely.boundary(country.dry)])
    found = shapely.get_parts(shapely.polygonize(shapely.get_parts([lines])))
    dry = country.dry
    shapely.prepare(dry)
    return np.asarray(found[shapely.contains(dry, shapely.point_on_surface(found))], dtype=object)


def parks(chance: np.random.Generator, country: Country, blocks: NDArray[np.object_], called: Iterator[Name]) -> Parks:
    """The hills, and blocks of the right size where people live, the more the more people; none at the centre."""
    area, middle = shapely.area(blocks), shapely.get_coordinates(shapely.centroid(blocks))
    dense = country.bend.density(middle)
    hilly = shapely.intersects(shapely.union_all(list(country.hills)), blocks)
    right = (area > 25_000) & (area < 330_000) & (dense > 0.12) & ~hilly & (np.hypot(*middle.T) > 900)
    fit = np.flatnonzero(right & (4 * np.pi * area / shapely.length(blocks) ** 2 > 0.35))
    # On the shore a block in two is a park.
    shore = shapely.distance(shapely.boundary(country.whole), blocks[fit]) < 30
    chosen = chance.choice(fit, min(_PARKS, len(fit)), replace=False, p=_shares(dense[fit] + 3.0 * shore))
    outlines = np.array([_smooth(blocks[at]) for at in np.sort(chosen)], dtype=object)
    names = [(f"{zh}公园", f"{en} Park") for zh, en in (next(called) for _ in outlines)]
    every = np.array([*country.hills, *outlines], dtype=object)
    classes = ("country-park",) * len(country.hills) + ("park",) * len(outlines)
    return Parks((*_HILLS, *names), classes, every)


def _shares(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def _smooth(block: shapely.Polygon) -> shapely.Polygon:
    """A block without its kerbs, its corners rounded."""
    inner = block.buffer(-_KERB_M - 20).buffer(20, quad_segs=4)
    parts: list[shapely.Polygon] = shapely.get_parts([inner]).tolist()
    return max(parts, key=lambda part: part.area)
