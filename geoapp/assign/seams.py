"""How well the areas of a layer fit together, and whether a layer lies where another lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

SLIVER_M2: Final = 1.0
"""What is smaller is left behind where a border was digitised twice: not worth a name, but worth a sum."""

Shapes = NDArray[np.object_]
Measure = Callable[[Shapes], NDArray[np.float64]]
"""The square metres of each of some shapes."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two areas, by position, that both claim so many square metres."""

    one: int
    other: int
    m2: float


@dataclass(frozen=True, slots=True)
class Overlaps:
    """The overlaps that are more than slivers, the largest first; the slivers counted and summed."""

    pairs: tuple[Overlap, ...]
    slivers: int
    slivers_m2: float


@dataclass(frozen=True, slots=True)
class Gaps:
    """The holes in what all areas cover together, in square metres, the largest first; slivers counted and summed.

    A lake that belongs to nobody is a gap as much as a mistake is; where is a point in each gap.
    """

    m2: tuple[float, ...]
    where: tuple[shapely.Point, ...]
    slivers: int
    slivers_m2: float


def overlaps(areas: Shapes, measure: Measure = shapely.area) -> Overlaps:
    """What more than one area claims; areas are valid.

    They are laid over each other as they are, in degrees if that is what they are in: there, borders are straight
    and meet. Turned to metres first, an area whose neighbour's border ends half-way along its own would overlap it.
    """
    one, other = shapely.STRtree(areas).query(areas, predicate="intersects")
    once = one < other
    one, other = one[once], other[once]
    m2 = measure(shapely.intersection(areas[one], areas[other]))
    large = np.flatnonzero(m2 >= SLIVER_M2)
    order = large[np.lexsort((other[large], one[large], -m2[large]))]
    small = m2[(m2 > 0) & (m2 < SLIVER_M2)]
    pairs = tuple(Overlap(int(one[at]), int(other[at]), float(m2[at])) for at in order)
    return Overlaps(pairs, len(small), float(small.sum()))


def gaps(areas: Shapes, measure: Measure = shapely.area) -> Gaps:
    """The holes in what all areas cover together; areas are valid, and taken as they are."""
    parts = np.asarray(shapely.get_parts(shapely.union_all(areas)), dtype=object)
    holes = np.array([shapely.Polygon(ring) for part in parts for ring in part.interiors], dtype=object)
    if not len(holes):
        return Gaps((), (), 0, 0.0)
    # An island in a lake is covered and no part of the gap; a hole in the island is a gap of its own.
    which, inner = shapely.STRtree(parts).query(holes, predicate="contains")
    for at in np.unique(which):
        islands = [shapely.Polygon(part.exterior) for part in parts[inner[which == at]]]
        holes[at] = shapely.difference(holes[at], shapely.union_all(islands))
    m2 = measure(holes)
    large = np.flatnonzero(m2 >= SLIVER_M2)
    large = large[np.argsort(-m2[large], kind="stable")]
    small = m2[m2 < SLIVER_M2]
    where = tuple(shapely.point_on_surface(holes[large]).tolist())
    return Gaps(tuple(m2[large].tolist()), where, len(small), float(small.sum()))


def near(shapes: Shapes, ground: Shapes, within_m: float) -> NDArray[np.bool_]:
    """Whether each shape touches an area of the ground or lies within so many metres of one; all in metres."""
    found = _hit(shapes, ground, "intersects")
    away = np.flatnonzero(~found)
    found[away] = _hit(shapes[away], ground, "dwithin", within_m)
    return found


def agreement(shapes: Shapes, ground: Shapes, areas: bool) -> float:
    """How far shapes lie where the ground lies, from 0 to 1; all in metres.

    Of areas: what both cover of what either covers. Of others: how many have their middle on the ground.
    """
    if areas:
        one, other = shapely.union_all(shapes), shapely.union_all(ground)
        return float(shapely.area(one.intersection(other)) / shapely.area(one.union(other)))
    return float(_hit(np.asarray(shapely.point_on_surface(shapes), dtype=object), ground, "intersects").mean())


def _hit(shapes: Shapes, ground: Shapes, predicate: str, distance: float | None = None) -> NDArray[np.bool_]:
    # The ground asks, since whoever asks is prepared: its outlines are long and the shapes are many.
    _, where = shapely.STRtree(shapes).query(ground, predicate=predicate, distance=distance)  # type: ignore[call-overload]
    found = np.zeros(len(shapes), dtype=bool)
    found[where] = True
    return found
