"""Which feature lies nearest to each point, within a reach: exact, in batches, from arrays that a file can hold.

Every shape is taken apart into segments (a point is one of no length), and each segment is listed in the cells of a
plain grid that it or its reach touches; a point then looks into its own cell only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.assign.arrays import OfArrays
from geoapp.assign.lattice import Whole, each, touched
from geoapp.locate.datum import Floats

NONE: Final = -1

_SMALLEST: Final = 20.0
"""Side of the smallest cell, metres."""

_SIDE: Final = 1 << 24  # a grid wider than the Earth, at any cell that is of use
_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Found:
    """For each point the position of the nearest shape or NONE, how far it is and how far along it, in metres.

    Along is counted from the shape's first vertex over all its parts.
    """

    at: Whole
    metres: Floats
    along: Floats


@dataclass(frozen=True, slots=True)
class Segments(OfArrays):
    """x0, y0, x1, y1 and along are a segment's ends and how far from its shape's beginning it begins, in metres.

    shape is its shape's position. listed[starts[k]:starts[k + 1]] are the segments in reach of cell keys[k].
    """

    scale: Floats
    keys: Whole
    starts: Whole
    listed: NDArray[np.int32]
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    along: Floats
    shape: NDArray[np.int32]

    @staticmethod
    def of(shapes: NDArray[np.object_], reach_m: float) -> Segments:
        """The segments of shapes in metres (points, lines, polygons' borders, or several of these)."""
        ends, shape = _ends(shapes)
        x0, y0, x1, y1 = ends
        length = np.hypot(x1 - x0, y1 - y0)
        first = np.searchsorted(shape, shape)
        before = np.cumsum(length) - length
        cell_m = max(2 * reach_m, _SMALLEST)
        key, segment = _cells(ends, reach_m, cell_m)
        order = np.lexsort((segment, key))
        keys, starts = np.unique(key[order], return_index=True)
        return Segments(
            np.array([reach_m, cell_m]), keys, np.append(starts, len(order)).astype(np.int64),
            segment[order].astype(np.int32), x0, y0, x1, y1, before - before[first] if len(first) else before,
            shape.astype(np.int32),
        )  # fmt: skip

    def nearest(self, x: Floats, y: Floats) -> Found:
        """The nearest shape to each point in metres, of several as near the lowest; none beyond the reach."""
        found = Found(np.full(len(x), NONE), np.full(len(x), np.inf), np.zeros(len(x)))
        for start in range(0, len(x), _CHUNK):
            part = slice(start, start + _CHUNK)
            self._look(x[part], y[part], Found(found.at[part], found.metres[part], found.along[part]))
        return found

    def _look(self, x: Floats, y: Floats, found: Found) -> None:
        reach_m, cell_m = self.scale.tolist()
        key = _key(np.floor(x / cell_m).astype(np.int64), np.floor(y / cell_m).astype(np.int64))
        at = np.minimum(np.searchsorted(self.keys, key), max(len(self.keys) - 1, 0))
        known = np.flatnonzero(self.keys[at] == key) if len(self.keys) else np.empty(0, dtype=np.int64)
        first, counts = self.starts[at[known]], self.starts[at[known] + 1] - self.starts[at[known]]
        which, nth = each(counts)
        point, segment = known[which], self.listed[first[which] + nth]
        metres, along = self._distance(segment, x[point], y[point])
        near = metres <= reach_m
        point, segment, metres, along = point[near], segment[near], metres[near], along[near]
        order = np.lexsort((self.shape[segment], metres, point))
        one, best = np.unique(point[order], return_index=True)
        chosen = order[best]
        found.at[one], found.metres[one], found.along[one] = self.shape[segment[chosen]], metres[chosen], along[chosen]

    def _distance(self, segment: NDArray[np.int32], x: Floats, y: Floats) -> tuple[Floats, Floats]:
        x0, y0 = self.x0[segment], self.y0[segment]
        dx, dy = self.x1[segment] - x0, self.y1[segment] - y0
        square = dx * dx + dy * dy
        share = np.clip(((x - x0) * dx + (y - y0) * dy) / np.where(square > 0, square, 1), 0, 1)
        metres = np.hypot(x - (x0 + share * dx), y - (y0 + share * dy))
        return metres, self.along[segment] + share * np.sqrt(square)


def _ends(shapes: NDArray[np.object_]) -> tuple[tuple[Floats, Floats, Floats, Floats], Whole]:
    """The ends of all segments, and the position of the shape each belongs to, rising."""
    parts, part_of = shapely.get_parts(shapes, return_index=True)
    # A collection's parts may be collections' parts again: multi-geometries within.
    parts, inner_of = shapely.get_parts(parts, return_index=True)
    part_of = part_of[inner_of]
    polygons = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    lines, line_of = [parts[~polygons]], [part_of[~polygons]]
    rings, ring_of = shapely.get_rings(parts[polygons], return_index=True)
    lines.append(rings)
    line_of.append(part_of[polygons][ring_of])
    every, of = np.concatenate(lines), np.concatenate(line_of)
    order = np.argsort(of, kind="stable")
    xy, line = shapely.get_coordinates(every[order], return_index=True)
    shape = of[order][line]
    follows = np.append(line[1:] == line[:-1], False) if len(line) else np.empty(0, dtype=bool)
    single = np.bincount(line, minlength=len(every))[line] == 1
    begin = np.flatnonzero(follows | single)
    end = np.where(single[begin], begin, np.minimum(begin + 1, max(len(xy) - 1, 0)))
    ends = (xy[begin, 0], xy[begin, 1], xy[end, 0], xy[end, 1])
    return ends, shape[begin].astype(np.int64)


def _cells(ends: tuple[Floats, Floats, Floats, Floats], reach_m: float, cell_m: float) -> tuple[Whole, Whole]:
    """(cell key, segment) pairs, single, of every cell that a segment or its reach may touch."""
    # A millimetre more than the reach, against rounding.
    slack = (reach_m + 1e-3) / cell_m
    x0, y0, x1, y1 = (values / cell_m for values in ends)
    column, row, of = touched(x0, y0, x1, y1, slack, slack)
    key = _key(column, row)
    order = np.lexsort((of, key))
    key, of = key[order], of[order]
    first = np.append(True, (key[1:] != key[:-1]) | (of[1:] != of[:-1])) if len(key) else np.empty(0, dtype=bool)
    return key[first], of[first]


def _key(column: Whole, row: Whole) -> Whole:
    return (row + _SIDE // 2) * _SIDE + column + _SIDE // 2
