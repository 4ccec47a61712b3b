"""Where roads meet, computed from their lines: each pair of roads and the points where they cross or come close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.locate.datum import Floats
from geoapp.locate.normalise import Places

CLOSE_M: Final = 20.0
"""Lines of a register often end a carriageway short of the road they lead into."""

ONE_M: Final = 80.0
"""Points of one pair so close together are one crossing: the carriageways of a wide road."""

_PAIRS_AT_ONCE: Final = 200_000


@dataclass(frozen=True, slots=True)
class Crossings:
    """Crossings in rising order of key, which is a * count + b of the roads a < b."""

    keys: Places
    x: Floats
    y: Floats
    gap: Floats

    def of_pair(self, a: int, b: int, count: int) -> list[int]:
        """The crossings of one pair."""
        key = min(a, b) * count + max(a, b)
        first = int(self.keys.searchsorted(key))
        end = first
        while end < len(self.keys) and self.keys[end] == key:
            end += 1
        return list(range(first, end))

    def between(self, a: Places, b: Places, count: int) -> tuple[Places, Places]:
        """(position in a and b, crossing) of every crossing of the pairs."""
        keys = np.minimum(a, b).astype(np.int64) * count + np.maximum(a, b)
        first, end = self.keys.searchsorted(keys), self.keys.searchsorted(keys, side="right")
        sizes = end - first
        position = np.repeat(np.arange(len(keys)), sizes)
        offset = np.arange(len(position)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return position, first[position] + offset


def of_lines(lines: NDArray[np.object_], ids: Places, count: int) -> Crossings:
    """The crossings of lines in metres; ids are the roads' and count is above all of them."""
    tree = shapely.STRtree(lines)
    left, right = tree.query(lines, predicate="dwithin", distance=CLOSE_M)
    once = ids[left] < ids[right]
    left, right = left[once], right[once]
    parts = [
        _points(lines, ids, left[at : at + _PAIRS_AT_ONCE], right[at : at + _PAIRS_AT_ONCE], count)
        for at in range(0, len(left), _PAIRS_AT_ONCE)
    ]
    if not parts:
        return Crossings(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0))
    return merged(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _points(
    lines: NDArray[np.object_], ids: Places, left: Places, right: Places, count: int
) -> tuple[Places, Floats, Floats, Floats]:
    keys = ids[left].astype(np.int64) * count + ids[right]
    met: NDArray[Any] = shapely.intersection(lines[left], lines[right])
    empty = shapely.is_empty(met)
    bridges = shapely.shortest_line(lines[left[empty]], lines[right[empty]])
    parts, of = shapely.get_parts(met[~empty], return_index=True)
    # Roads that share a stretch meet at its middle.
    points = shapely.centroid(parts)
    middles = shapely.centroid(bridges)
    every = np.concatenate([points, middles])
    gaps = np.concatenate([np.zeros(len(points)), shapely.length(bridges)])
    return np.concatenate([keys[~empty][of], keys[empty]]), shapely.get_x(every), shapely.get_y(every), gaps


def merged(keys: Places, x: Floats, y: Floats, gap: Floats) -> Crossings:
    """Sorted, with the points of a pair that lie close together made one."""
    order = np.lexsort((y, x, keys))
    keys, x, y, gap = keys[order], x[order], y[order], gap[order]
    group = np.arange(len(keys))
    # A pair meets a few times at most: each point joins the first of its pair within reach.
    for back in range(1, 9):
        if back >= len(keys):
            break
        same = keys[back:] == keys[:-back]
        near = same & (np.hypot(x[back:] - x[:-back], y[back:] - y[:-back]) < ONE_M)
        at = np.flatnonzero(near)
        group[at + back] = np.minimum(group[at + back], group[at])
    distinct, where = np.unique(group, return_inverse=True)
    size = np.bincount(where)
    least = np.full(len(distinct), np.inf)
    np.minimum.at(least, where, gap)
    return Crossings(keys[distinct], np.bincount(where, x) / size, np.bincount(where, y) / size, least)
