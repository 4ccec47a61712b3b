"""A raster laid over outlines, which answers for most points at once and leaves only those near a border to geometry.

Exact: a cell answers by itself only where the lowest of all outlines that touch it covers it whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.locate.datum import Floats

NONE: Final = -1
DEPTH: Final = 9
"""Halvings of the extent: 512 by 512 cells."""

# Cells are tested a little larger than they are, so that rounding cannot put a point beside its own cell.
_MARGIN: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Raster:
    """owners[x, y] is an outline's position, NONE, or -2 - k where those in listed[starts[k]:starts[k+1]] compete."""

    west: float
    south: float
    width: float
    height: float
    owners: NDArray[np.int32]
    starts: NDArray[np.int64]
    listed: NDArray[np.int64]

    @staticmethod
    def of(outlines: NDArray[np.object_]) -> Raster:
        """The raster of outlines in WGS-84 degrees, built by halving only the cells that are still undecided."""
        west, south, east, north = shapely.total_bounds(outlines)
        west, south = west - _MARGIN, south - _MARGIN
        side = 1 << DEPTH
        width, height = (east + _MARGIN - west) / side, (north + _MARGIN - south) / side
        owners = np.full((side, side), NONE, dtype=np.int32)
        x, y = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
        for depth in range(DEPTH + 1):
            size = 1 << (DEPTH - depth)
            cell, outline, lowest, covered = _touching(outlines, west, south, width, height, x, y, size)
            for at in np.flatnonzero(covered):
                owners[x[at] : x[at] + size, y[at] : y[at] + size] = lowest[at]
            open_ = np.zeros(len(x), dtype=bool)
            open_[cell] = True
            open_ &= ~covered
            if depth < DEPTH:
                x, y = _halved(x[open_], y[open_], size // 2)
        undecided = np.flatnonzero(open_)
        owners[x[undecided], y[undecided]] = -2 - np.arange(len(undecided), dtype=np.int32)
        keep = open_[cell]
        cell, outline = cell[keep], outline[keep]
        order = np.lexsort((outline, cell))
        starts = np.searchsorted(cell[order], np.append(undecided, len(x)))
        return Raster(west, south, width, height, owners, starts.astype(np.int64), outline[order].astype(np.int64))

    def find(self, outlines: NDArray[np.object_], lon: Floats, lat: Floats) -> NDArray[np.int64]:
        """The position of the lowest outline that covers each point (border included), or NONE."""
        side = self.owners.shape[0]
        x = np.floor((lon - self.west) / self.width)
        y = np.floor((lat - self.south) / self.height)
        within = (x >= 0) & (y >= 0) & (x < side) & (y < side)
        found = np.full(len(lon), NONE, dtype=np.int64)
        found[within] = self.owners[x[within].astype(np.int64), y[within].astype(np.int64)]
        near = np.flatnonzero(found < NONE)
        if len(near):
            found[near] = self._among(outlines, -2 - found[near], lon[near], lat[near])
        return found

    def _among(
        self, outlines: NDArray[np.object_], cell: NDArray[np.int64], lon: Floats, lat: Floats
    ) -> NDArray[np.int64]:
        first, counts = self.starts[cell], self.starts[cell + 1] - self.starts[cell]
        point = np.repeat(np.arange(len(cell)), counts)
        within = np.arange(len(point)) - np.repeat(np.cumsum(counts) - counts, counts)
        outline = self.listed[np.repeat(first, counts) + within]
        found = np.full(len(cell), len(outlines), dtype=np.int64)
        for candidate in np.unique(outline):
            tried = point[outline == candidate]
            # A point that intersects an outline lies in it or on its border: that is `covers`.
            hit = shapely.intersects_xy(outlines[candidate], lon[tried], lat[tried])
            np.minimum.at(found, tried[hit], candidate)
        found[found == len(outlines)] = NONE
        return found


def _touching(
    outlines: NDArray[np.object_], west: float, south: float, width: float, height: float,
    x: NDArray[np.int64], y: NDArray[np.int64], size: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:  # fmt: skip
    """(cell, outline) pairs that touch; for each cell the lowest outline, and whether that one covers it whole."""
    boxes = shapely.box(
        west + x * width - _MARGIN, south + y * height - _MARGIN,
        west + (x + size) * width + _MARGIN, south + (y + size) * height + _MARGIN,
    )  # fmt: skip
    tree = shapely.STRtree(boxes)
    outline, cell = tree.query(outlines, predicate="intersects")
    lowest = np.full(len(x), len(outlines), dtype=np.int64)
    np.minimum.at(lowest, cell, outline)
    covering, whole = tree.query(outlines, predicate="covers")
    covered = np.zeros(len(x), dtype=bool)
    covered[whole[covering == lowest[whole]]] = True
    return cell, outline, lowest, covered


def _halved(x: NDArray[np.int64], y: NDArray[np.int64], half: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.concatenate([x, x + half, x, x + half]), np.concatenate([y, y, y + half, y + half])
