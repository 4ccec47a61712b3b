"""A raster laid over outlines, which answers for most points at once and leaves only those near a border to geometry.

Exact: a cell that no border touches is covered whole or not at all by each outline; in any other, geometry decides
among all outlines that have a border in the cell or cover its centre. A list of those with a border in it would not do:
a cell marked by its neighbours' borders may lie wholly inside a third outline.
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

# Cells are taken a little larger than they are, so that rounding cannot put a point or a border beside its own cell.
_MARGIN: Final = 1e-9
_CELLS_A_VERTEX: Final = 12
_FEWEST: Final = 1 << 16
_MOST: Final = 1 << 23
_CHUNK: Final = 1 << 15
"""Points looked up at a time: what is computed on the way stays in the processor's cache."""

_ONE: Final = 1 << 40
"""In a cell's sum the number of outlines counts so much, and each outline its position, which is smaller."""


@dataclass(frozen=True, slots=True)
class Raster(OfArrays):
    """frame is west, south, cells a degree eastward and northward; owners[row, column], rows from the south.

    An owner is an outline's position, NONE, or -2 - k where those in listed[starts[k]:starts[k + 1]] compete. The
    outermost cells are no outline's, so that whatever lies outside can be looked up there.
    """

    frame: Floats
    owners: NDArray[np.int32]
    starts: Whole
    listed: Whole

    @staticmethod
    def of(outlines: NDArray[np.object_], cells: int | None = None) -> Raster:
        """The raster of valid outlines in degrees, of some so many cells; else as many as their vertices call for."""
        edges = _Edges.of(outlines)
        wanted = cells or min(max(_CELLS_A_VERTEX * len(edges.outline), _FEWEST), _MOST)
        grid = _Grid.over(shapely.total_bounds(outlines), wanted)
        sums = grid.sums(edges)
        cell, outline = grid.touched(edges, len(outlines))
        touched = np.zeros(grid.size, dtype=bool)
        touched[cell] = True
        flat = sums.ravel()
        single = (flat >> 40) == 1
        owners = np.where(single, (flat & (_ONE - 1)) - 1, NONE).astype(np.int32)
        grid.settle_overlaps(outlines, flat, touched, owners)
        where = np.flatnonzero(touched)
        cell, outline = grid.with_centres(outlines, cell, outline, where, flat, owners, len(outlines))
        owners[where] = -2 - np.arange(len(where), dtype=np.int32)
        starts = np.searchsorted(cell, np.append(where, grid.size)).astype(np.int64)
        frame = np.array([grid.west, grid.south, grid.across, grid.up])
        return Raster(frame, owners.reshape(grid.rows, grid.columns), starts, outline)

    def find(self, outlines: NDArray[np.object_], lon: Floats, lat: Floats) -> Whole:
        """The position of the lowest outline that covers each point (border included), or NONE."""
        found = np.empty(len(lon), dtype=np.int64)
        for start in range(0, len(lon), _CHUNK):
            part = slice(start, start + _CHUNK)
            found[part] = self._cells(lon[part], lat[part])
        near = np.flatnonzero(found < NONE)
        if len(near):
            found[near] = self._among(outlines, -2 - found[near], lon[near], lat[near])
        return found

    def _cells(self, lon: Floats, lat: Floats) -> NDArray[np.int32]:
        west, south, across, up = self.frame.tolist()
        rows, columns = self.owners.shape
        # fmax and fmin also put NaN at an edge, where nothing is.
        x = np.fmin(np.fmax((lon - west) * across, 0), columns - 1).astype(np.int32)
        y = np.fmin(np.fmax((lat - south) * up, 0), rows - 1).astype(np.int32)
        y *= columns
        y += x
        owners: NDArray[np.int32] = self.owners.reshape(-1).take(y)
        return owners

    def _among(self, outlines: NDArray[np.object_], cell: Whole, lon: Floats, lat: Floats) -> Whole:
        """Try the candidates of each point's cell in rising order: the first that covers it is the lowest."""
        at, end = self.starts[cell], self.starts[cell + 1]
        found = np.full(len(cell), NONE, dtype=np.int64)
        left = np.arange(len(cell))
        while len(left):
            candidate = self.listed[at[left]]
            # A point that intersects an outline lies in it or on its border: that is `covers`.
            hit = shapely.intersects_xy(outlines[candidate], lon[left], lat[left])
            found[left[hit]] = candidate[hit]
            at[left] += 1
            left = left[~hit & (at[left] < end[left])]
        return found


@dataclass(frozen=True, slots=True)
class _Edges:
    """The edges of all rings, ends in degrees, directed so that an outline lies on their left."""

    outline: Whole
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats

    @staticmethod
    def of(outlines: NDArray[np.object_]) -> _Edges:
        parts, part_of = shapely.get_parts(shapely.orient_polygons(outlines), return_index=True)
        rings, ring_of = shapely.get_rings(parts, return_index=True)
        xy, vertex_of = shapely.get_coordinates(rings, return_index=True)
        inner = vertex_of[1:] == vertex_of[:-1]
        start, end = xy[:-1][inner], xy[1:][inner]
        outline = part_of[ring_of[vertex_of[:-1][inner]]].astype(np.int64)
        return _Edges(outline, start[:, 0], start[:, 1], end[:, 0], end[:, 1])


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the cells lie: across and up are cells a degree."""

    west: float
    south: float
    across: float
    up: float
    columns: int
    rows: int

    @staticmethod
    def over(bounds: Floats, cells: int) -> _Grid:
        west, south, east, north = bounds.tolist()
        width, height = max(east - west, 1e-6) * 1.000001, max(north - south, 1e-6) * 1.000001
        side = np.sqrt(width * height / cells)
        columns, rows = max(int(np.ceil(width / side)), 4), max(int(np.ceil(height / side)), 4)
        across, up = columns / width, rows / height
        # One more cell all round.
        return _Grid(west - 1 / across, south - 1 / up, across, up, columns + 2, rows + 2)

    @property
    def size(self) -> int:
        return self.columns * self.rows

    def sums(self, edges: _Edges) -> Whole:
        """For each cell's centre the outlines that cover it: _ONE for each, and the sum of their positions + 1.

        A row of centres is walked eastward: what an edge that goes down is met with begins, upward ends. A crossing
        counts from the next cell on; in its own cell, which it touches, the centre is asked of others only.
        """
        first, last = (np.ceil((y - self.south) * self.up - 0.5).astype(np.int64) for y in (edges.y0, edges.y1))
        crossings = np.abs(last - first)
        edge, nth = each(crossings)
        row = np.minimum(first, last)[edge] + nth
        y = self.south + (row + 0.5) / self.up
        x0, x1, y0, y1 = edges.x0[edge], edges.x1[edge], edges.y0[edge], edges.y1[edge]
        x = np.clip(x0 + (y - y0) * ((x1 - x0) / (y1 - y0)), np.minimum(x0, x1), np.maximum(x0, x1))
        column = ((x - self.west) * self.across).astype(np.int64) + 1
        weight = np.where(last < first, 1, -1)[edge] * (_ONE + edges.outline[edge] + 1)
        change = np.zeros(self.size, dtype=np.int64)
        np.add.at(change, row * self.columns + column, weight)
        return np.cumsum(change.reshape(self.rows, self.columns), axis=1)

    def touched(self, edges: _Edges, outlines: int) -> tuple[Whole, Whole]:
        """(cell, outline) pairs, sorted and single, of every cell that a border touches or nearly touches."""
        x0, y0 = (edges.x0 - self.west) * self.across, (edges.y0 - self.south) * self.up
        x1, y1 = (edges.x1 - self.west) * self.across, (edges.y1 - self.south) * self.up
        column, row, edge = touched(x0, y0, x1, y1, _MARGIN * self.across, _MARGIN * self.up)
        pairs = _distinct((row * self.columns + column) * outlines + edges.outline[edge])
        return pairs // outlines, pairs % outlines

    def settle_overlaps(
        self, outlines: NDArray[np.object_], sums: Whole, touched: NDArray[np.bool_], owners: NDArray[np.int32]
    ) -> None:
        """Give the cells that several outlines cover whole to the lowest of them."""
        several = (sums >> 40 > 1) & ~touched
        if not several.any():
            return
        # Neighbours of one sum with no border between them are covered by the same: the first of each run is asked.
        begins = several.copy()
        begins[1:] &= ~(several[:-1] & (sums[1:] == sums[:-1]))
        runs = np.flatnonzero(begins)
        run, outline = self._covering(outlines, runs)
        lowest = np.full(len(runs), len(outlines), dtype=np.int64)
        np.minimum.at(lowest, run, outline)
        cells = np.flatnonzero(several)
        owners[cells] = lowest[np.searchsorted(runs, cells, side="right") - 1]

    def with_centres(
        self, outlines: NDArray[np.object_], cell: Whole, outline: Whole, where: Whole, sums: Whole,
        owners: NDArray[np.int32], count: int,
    ) -> tuple[Whole, Whole]:  # fmt: skip
        """The pairs of the touched cells with those added whose outline covers the cell's centre."""
        number = sums[where] >> 40
        single = where[number == 1]
        several = where[number > 1]
        which, more = self._covering(outlines, several)
        cells = np.concatenate([cell, single, several[which]])
        found = np.concatenate([outline, owners[single].astype(np.int64), more])
        pairs = _distinct(cells * count + found)
        return pairs // count, pairs % count

    def _covering(self, outlines: NDArray[np.object_], cells: Whole) -> tuple[Whole, Whole]:
        """(position in cells, outline) pairs of the outlines that cover the cells' centres."""
        if not len(cells):
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        x = self.west + (cells % self.columns + 0.5) / self.across
        y = self.south + (cells // self.columns + 0.5) / self.up
        which, outline = shapely.STRtree(outlines).query(shapely.points(x, y), predicate="intersects")
        return which.astype(np.int64), outline.astype(np.int64)


def _distinct(values: Whole) -> Whole:
    # numpy's own unique hashes first, which takes several times as long as sorting what is nearly sorted.
    values.sort()
    return values[np.append(True, values[1:] != values[:-1])] if len(values) else values
