"""Where reports with coordinates are: their points in WGS-84, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.locate.datum import Floats, UnknownDatum, to_wgs84
from geoapp.records import Problem

InCity = Callable[[Floats, Floats], NDArray[np.bool_]]
"""Says of each WGS-84 point whether it belongs to the city (or lies within its tolerance)."""

PRECISION: Final = "coordinates"
RADIUS_M: Final = 15.0
"""What a position given as coordinates is trusted to, in metres: a phone outdoors, a geocoded address."""

# A form's default is nothing at all; no city lies so near to 0,0, in the Gulf of Guinea.
_NOWHERE: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Located:
    """Points of a batch: lon, lat in WGS-84 degrees (NaN where unplaced) and the problem of each or None."""

    lon: Floats
    lat: Floats
    problems: tuple[Problem | None, ...]

    @property
    def placed(self) -> NDArray[np.bool_]:
        """Which of the batch have a point."""
        return np.isfinite(self.lon)


def locate(x: Sequence[float | None], y: Sequence[float | None], crs: Sequence[str], in_city: InCity) -> Located:
    """Locate a batch of coordinates, x east and y north, each in its own crs.

    A swapped pair is reported, not turned round: that is a guess for a person (or a mended mapping) to make.
    """
    given = np.array([a is not None and b is not None for a, b in zip(x, y, strict=True)], dtype=bool)
    east = np.array([np.nan if a is None else a for a in x], dtype=np.float64)
    north = np.array([np.nan if b is None else b for b in y], dtype=np.float64)
    problems = np.full(len(given), None, dtype=object)
    problems[~given] = Problem.MISSING
    finite = np.isfinite(east) & np.isfinite(north)
    problems[given & ~finite] = Problem.NOT_FINITE
    zero = finite & (np.abs(east) < _NOWHERE) & (np.abs(north) < _NOWHERE)
    problems[zero] = Problem.ZERO
    lon, lat = np.full(len(given), np.nan), np.full(len(given), np.nan)
    for name in set(crs):
        # Compared as Python's texts: NumPy takes trailing NULs for padding.
        chosen = finite & ~zero & np.array([other == name for other in crs], dtype=bool)
        if chosen.any():
            _locate_in(name, chosen, east, north, lon, lat, problems, in_city)
    unplaced = np.array([problem is not None for problem in problems], dtype=bool)
    lon[unplaced] = lat[unplaced] = np.nan
    return Located(lon, lat, tuple(problems))


def _locate_in(
    name: str, chosen: NDArray[np.bool_], east: Floats, north: Floats,
    lon: Floats, lat: Floats, problems: NDArray[np.object_], in_city: InCity,
) -> None:  # fmt: skip
    """Fill lon, lat and problems at the chosen places, all given in one crs."""
    at = np.flatnonzero(chosen)
    try:
        lon[at], lat[at] = to_wgs84(east[at], north[at], name)
    except UnknownDatum:
        problems[at] = Problem.BAD_CRS
        return
    inside = _inside(lon[at], lat[at], in_city)
    away = at[~inside]
    if not len(away):
        return
    turned = _inside(*to_wgs84(north[away], east[away], name), in_city)
    problems[away] = Problem.OUTSIDE
    problems[away[turned]] = Problem.SWAPPED


def _inside(lon: Floats, lat: Floats, in_city: InCity) -> NDArray[np.bool_]:
    usable = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    inside = np.zeros(len(lon), dtype=bool)
    if usable.any():
        inside[usable] = in_city(lon[usable], lat[usable])
    return inside
