"""Square web-mercator cells: degrees to whole numbers at zoom 24, their Morton codes, and boxes of cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

ZOOM: Final = 24
SIDE: Final = 1 << ZOOM
LIMIT: Final = math.degrees(math.atan(math.sinh(math.pi)))
"""The latitude at which the square ends, some 85.05 degrees; what lies beyond counts as lying on the edge."""

Whole = NDArray[np.int64]

_SPREAD: Final = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)
# A latitude that came from `box` finds its way back only within the rounding of a double: a micron or two.
# In units of zoom 24, whatever the zoom of the cells: of a cell that is a hemisphere it would be metres.
_ROUNDING: Final = 1e-6
_NO_DEGREES: Final = 1e-10


@dataclass(frozen=True, slots=True)
class Box:
    """A box in degrees; west ≤ east, south ≤ north."""

    west: float
    south: float
    east: float
    north: float

    def as_list(self) -> list[float]:
        """In the order of GeoJSON's bbox."""
        return [self.west, self.south, self.east, self.north]


def around(boxes: Sequence[Box]) -> Box | None:
    """The box around some; None around none."""
    if not boxes:
        return None
    south_west = min(box.west for box in boxes), min(box.south for box in boxes)
    return Box(*south_west, max(box.east for box in boxes), max(box.north for box in boxes))


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one zoom from x0 to x1 and y0 (north) to y1, both ends included."""

    zoom: int
    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def count(self) -> int:
        """How many cells these are."""
        return (self.x1 - self.x0 + 1) * (self.y1 - self.y0 + 1)

    def holds(self, x: int, y: int) -> bool:
        """Whether the cell is one of these."""
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1

    def box(self) -> Box:
        """The box these cells fill."""
        return Box(
            _longitude(self.x0, self.zoom),
            _latitude(self.y1 + 1, self.zoom),
            _longitude(self.x1 + 1, self.zoom),
            _latitude(self.y0, self.zoom),
        )


def whole(lon: ArrayLike, lat: ArrayLike) -> tuple[Whole, Whole]:
    """Points in degrees as whole numbers at zoom 24, x from the west, y from the north; both must be finite."""
    x, y = _spot(np.asarray(lon, float), np.asarray(lat, float))
    return _in_square(x), _in_square(y)


def degrees(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of numbers at zoom 24, whole or between (a mean)."""
    east, south = np.asarray(x, float), np.asarray(y, float)
    lon = east * 360.0 / SIDE - 180.0
    lat = np.degrees(np.arctan(np.sinh(math.pi * (1.0 - 2.0 * south / SIDE))))
    return lon, lat


def morton(x: ArrayLike, y: ArrayLike) -> Whole:
    """One number of two: the bits of x at even places, those of y at odd ones; its prefixes are the cells above."""
    return np.asarray(_spread(np.asarray(x, np.int64)) | (_spread(np.asarray(y, np.int64)) << 1), np.int64)


def unmorton(quad: ArrayLike) -> tuple[Whole, Whole]:
    """The x and y of which `morton` made the number, at whatever zoom."""
    code = np.asarray(quad, np.int64)
    return _gather(code), _gather(code >> 1)


def quads(lon: ArrayLike, lat: ArrayLike) -> Whole:
    """The Morton codes at zoom 24 of points in degrees: what the column ticket.quad holds."""
    return morton(*whole(lon, lat))


def snap(box: Box, zoom: int) -> Cells:
    """All cells of the zoom that the box touches; a box of no size touches the one it lies in."""
    x0, y0 = _corner(box.west, box.north, zoom)
    x1, y1 = _corner(box.east, box.south, zoom)
    side, slack = 1 << zoom, _ROUNDING / (SIDE >> zoom)
    first_x, first_y = (min(max(math.floor(v + slack), 0), side - 1) for v in (x0, y0))
    last_x, last_y = (min(math.ceil(v - slack) - 1, side - 1) for v in (x1, y1))
    return Cells(zoom, first_x, first_y, max(first_x, last_x), max(first_y, last_y))


def whole_cells(box: Box, deepest: int) -> Cells | None:
    """The cells that a box consists of, the larger the better; None where it cuts some even at the deepest zoom."""
    for zoom in range(deepest + 1):
        cells = snap(box, zoom)
        if all(abs(a - b) <= _NO_DEGREES for a, b in zip(cells.box().as_list(), box.as_list(), strict=True)):
            return cells
    return None


def snap_within(box: Box, zoom: int, most: int) -> Cells:
    """The same, at the deepest zoom up to the given one whose cells are not more than `most`."""
    cells = snap(box, zoom)
    while cells.count > most and cells.zoom > 0:
        cells = snap(box, cells.zoom - 1)
    return cells


def _spot(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    sine = np.sin(np.radians(np.clip(lat, -LIMIT, LIMIT)))
    return (lon + 180.0) / 360.0 * SIDE, (0.5 - np.arctanh(sine) / (2.0 * math.pi)) * SIDE


def _in_square(value: NDArray[np.float64]) -> Whole:
    return np.clip(np.floor(value), 0, SIDE - 1).astype(np.int64)


def _corner(lon: float, lat: float, zoom: int) -> tuple[float, float]:
    x, y = _spot(np.asarray(lon, float), np.asarray(lat, float))
    scale = SIDE >> zoom
    return float(x) / scale, float(y) / scale


def _longitude(x: int, zoom: int) -> float:
    return x * 360.0 / (1 << zoom) - 180.0


def _latitude(y: int, zoom: int) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * y / (1 << zoom)))))


def _spread(value: Whole) -> Whole:
    for shift, mask in _SPREAD:
        value = (value | (value << shift)) & mask
    return value


def _gather(value: Whole) -> Whole:
    value = value & _SPREAD[-1][1]
    for (shift, _), mask in zip(reversed(_SPREAD), (*(m for _, m in reversed(_SPREAD[:-1])), 0xFFFFFFFF), strict=True):
        value = (value | (value >> shift)) & mask
    return value
