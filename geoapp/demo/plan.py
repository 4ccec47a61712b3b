"""The plan the demo city is drawn on, a flat sheet in metres, and how the country bends it: bay, cape and slopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.locate.datum import Floats

SHORE: Final = -4500.0
"""Where on the sheet the sea begins, before the waves have gnawed at it."""

WEST: Final = -11500.0
EAST: Final = 11500.0
NORTH: Final = 6800.0
HEART: Final = (-1300.0, -1700.0)
"""The old town, at the head of the bay."""

# Where people live: centre on the sheet, how wide, how dense.
_TOWNS: Final = (
    (HEART, (3300.0, 2300.0), 1.0), ((5200.0, -900.0), (2500.0, 2300.0), 0.85),
    ((-7300.0, -900.0), (2300.0, 2100.0), 0.7), ((1400.0, 3300.0), (2500.0, 1500.0), 0.62),
    ((-4800.0, 3200.0), (1700.0, 1300.0), 0.5), ((8300.0, 2700.0), (1700.0, 1300.0), 0.5),
)  # fmt: skip

_STEPS_BACK: Final = 12

Metres = NDArray[np.float64]
"""Rows of two: metres east and north of the city's centre."""


@dataclass(frozen=True, slots=True)
class Bend:
    """How the sheet is laid over the country: streets follow the shore near the sea and straighten inland."""

    bay_at: float
    bay_deep: float
    cape_at: float
    cape_far: float
    phases: tuple[float, float, float, float]
    turned: float

    def __call__(self, uv: Metres) -> Metres:
        """Metres from the centre for points of the sheet; the sheet's origin stays where it is."""
        return np.asarray(self._bent(uv) - self._bent(np.zeros((1, 2))), dtype=np.float64)

    def lines(self, drawn: NDArray[np.object_], step: float = 60.0) -> NDArray[np.object_]:
        """Lines or outlines of the sheet, on the country."""
        return np.asarray(shapely.transform(shapely.segmentize(drawn, step), self), dtype=object)

    def shape(self, drawn: Any, step: float = 60.0) -> Any:
        """One shape of the sheet, on the country, valid."""
        return shapely.make_valid(shapely.transform(shapely.segmentize(drawn, step), self))

    def sheet(self, xy: Metres) -> Metres:
        """Where on the sheet points of the country are, to a few metres."""
        uv = xy
        for _ in range(_STEPS_BACK):
            uv = uv + xy - self(uv)
        return uv

    def density(self, xy: Metres) -> Floats:
        """How densely built each place of the country is, 0 to about 1."""
        u, v = self.sheet(xy).T
        return density(u, v)

    def _bent(self, uv: Metres) -> Metres:
        u, v = uv[:, 0], uv[:, 1]
        near = np.exp(-((np.maximum(v - SHORE, 0.0) / 4300.0) ** 2))
        shore = self.bay_deep * _hump(u, self.bay_at, 2500.0) - self.cape_far * _hump(u, self.cape_at, 2000.0)
        one, two, three, four = self.phases
        x = u + 480 * np.sin(v / 3700 + one) + 75 * np.sin(v / 820 + two) + 30 * np.sin((u + v) / 330 + three)
        y = (
            v
            + shore * near
            + 260 * np.sin(u / 3900 + two)
            + 75 * np.sin(u / 760 + three)
            + 30 * np.sin((u - v) / 370 + four)
        )
        cos, sin = np.cos(self.turned), np.sin(self.turned)
        return np.column_stack((x * cos - y * sin, x * sin + y * cos))


def bend(chance: np.random.Generator) -> Bend:
    """A country of the generator's choosing: the bay west of the middle, the cape east of it."""
    return Bend(
        float(chance.uniform(-2600, -1700)), float(chance.uniform(1700, 2200)),
        float(chance.uniform(4600, 5600)), float(chance.uniform(2100, 2600)),
        tuple(chance.uniform(0, 2 * np.pi, 4).tolist()), float(chance.uniform(-0.13, 0.13)),
    )  # fmt: skip


def dots(xy: Metres) -> NDArray[np.object_]:
    """Points as shapes."""
    return np.asarray(shapely.points(xy), dtype=object)


def density(u: Floats, v: Floats) -> Floats:
    """How densely built a place of the sheet is, 0 to about 1."""
    total = np.zeros_like(u)
    for (at_u, at_v), (wide, high), dense in _TOWNS:
        total = np.maximum(total, dense * np.exp(-(((u - at_u) / wide) ** 2) - ((v - at_v) / high) ** 2))
    return total


def waves(chance: np.random.Generator, at: Floats, first: int, last: int, size: float, fall: float = 1.1) -> Floats:
    """Waves over one full turn, the shorter the lower."""
    total = np.zeros_like(at)
    for wave in range(first, last + 1):
        total += size * (first / wave) ** fall * chance.normal() * np.sin(wave * at + chance.uniform(0, 2 * np.pi))
    return total


def blob(chance: np.random.Generator, at: tuple[float, float], wide: float, high: float, rough: float = 0.12) -> Any:
    """A round thing with a rough edge."""
    turn = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    far = 1 + np.clip(waves(chance, turn, 2, 9, rough), -0.45, 0.45)
    return shapely.Polygon(np.column_stack((at[0] + wide * far * np.cos(turn), at[1] + high * far * np.sin(turn))))


def _hump(at: Floats, middle: float, wide: float) -> Floats:
    return np.asarray(np.exp(-(((at - middle) / wide) ** 2)), dtype=np.float64)
