"""Coordinates of any datum to WGS-84, vectorised: GCJ-02, BD-09 and EPSG codes.

GCJ-02 is the obfuscated datum that Chinese law asks of public maps (GB 20263); its published approximation shifts
WGS-84 by up to some 600 m. BD-09 is Baidu's further shift of GCJ-02. The formulae are the ones in common use; the
inverse of GCJ-02 is found by fixed-point iteration, exact to 0.1 mm after three steps over Shenzhen.
"""

from __future__ import annotations

import re
import threading
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

Floats = NDArray[np.float64]

_A: Final = 6378245.0  # semi-major axis of Krasovsky 1940, metres
_EE: Final = 0.00669342162296594323
_BD: Final = np.pi * 3000.0 / 180.0
_STEPS: Final = 4

# Where the shift applies; Hong Kong and Macau maps are not shifted in practice but lie inside: a pack decides.
_CHINA: Final = (72.004, 0.8293, 137.8347, 55.8271)


class UnknownDatum(ValueError):
    """The datum is none of WGS-84, GCJ-02, BD-09 or EPSG:<code> of a system that gives places on the ground."""


def to_wgs84(x: Floats, y: Floats, crs: str) -> tuple[Floats, Floats]:
    """Longitude and latitude in WGS-84 degrees of points given in crs, x east and y north, shapes alike.

    Values that are not finite stay so; points outside an EPSG system's domain come back infinite.

    Raises:
        UnknownDatum: crs is none that is known.
    """
    name = crs.strip().upper().replace("_", "-")
    if name in ("WGS-84", "WGS84", "EPSG:4326", "EPSG:4979", "OGC:CRS84"):
        return x.astype(np.float64), y.astype(np.float64)
    if name in ("GCJ-02", "GCJ02"):
        return gcj02_to_wgs84(x, y)
    if name in ("BD-09", "BD09"):
        return gcj02_to_wgs84(*bd09_to_gcj02(x, y))
    lon, lat = _transformer(name).transform(x, y)
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


_KEPT: Final = threading.local()
_REFUSED: Final[dict[tuple[str, str], None]] = {}
_GROUND: Final = frozenset({"Geographic 2D CRS", "Geographic 3D CRS", "Projected CRS"})
MOST_KEPT: Final = 64
"""How many systems a thread keeps ready: anybody may ask for any of the thousands there are."""

_MOST_REFUSED: Final = 4096
_EPSG: Final = re.compile(r"EPSG:\d{4,6}", re.ASCII)


def transformer(source: str, target: str) -> Transformer:
    """From one CRS to another, x east and y north; made once a thread, since PROJ's are not to be shared.

    To make one takes longer than all else that happens to a single report, and to find that there is none as long.

    Raises:
        UnknownDatum: PROJ does not know one of them or no way between them, or one is no place on the ground: a
            geocentric system, heights.
    """
    made: dict[tuple[str, str], Transformer] = _KEPT.__dict__.setdefault("made", {})
    pair = source, target
    if pair not in made:
        if pair in _REFUSED:
            raise UnknownDatum(source)
        if len(made) >= MOST_KEPT:
            made.clear()
        try:
            made[pair] = Transformer.from_crs(_on_the_ground(source), _on_the_ground(target), always_xy=True)
        except (ProjError, UnknownDatum) as error:
            if len(_REFUSED) >= _MOST_REFUSED:
                _REFUSED.clear()
            _REFUSED[pair] = None
            raise UnknownDatum(source) from error
    return made[pair]


def _on_the_ground(name: str) -> CRS:
    crs = CRS.from_user_input(name)
    if crs.type_name not in _GROUND:
        raise UnknownDatum(f"{name}: {crs.type_name}")
    return crs


def project(shapes: Any, target: str) -> Any:
    """A shape, or an array of shapes, in WGS-84 degrees as the same in another CRS."""
    turn = transformer("EPSG:4326", target).transform
    return shapely.transform(shapes, lambda xy: np.column_stack(turn(xy[:, 0], xy[:, 1])))


def unproject(shapes: Any, source: str) -> Any:
    """The way back: a shape, or an array of shapes, of a metric CRS in WGS-84 degrees."""
    return shapely.transform(shapes, lambda xy: np.column_stack(degrees(xy[:, 0], xy[:, 1], source)))


def degrees(x: ArrayLike, y: ArrayLike, source: str) -> tuple[Floats, Floats]:
    """Longitude and latitude (WGS-84) of points in a metric CRS."""
    lon, lat = transformer("EPSG:4326", source).transform(np.asarray(x), np.asarray(y), direction="INVERSE")
    return np.asarray(lon), np.asarray(lat)


def _transformer(name: str) -> Transformer:
    if not _EPSG.fullmatch(name):
        raise UnknownDatum(name)
    return transformer(name, "EPSG:4326")


def wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """GCJ-02 of WGS-84 degrees; outside China nothing is shifted."""
    dx, dy = _shift(lon, lat)
    west, south, east, north = _CHINA
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return np.where(inside, lon + dx, lon), np.where(inside, lat + dy, lat)


def gcj02_to_wgs84(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """WGS-84 of GCJ-02 degrees, by iterating the forward shift."""
    guess_lon, guess_lat = lon.astype(np.float64), lat.astype(np.float64)
    for _ in range(_STEPS):
        back_lon, back_lat = wgs84_to_gcj02(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + (lon - back_lon), guess_lat + (lat - back_lat)
    return guess_lon, guess_lat


def gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """BD-09 of GCJ-02 degrees."""
    z = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def bd09_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """GCJ-02 of BD-09 degrees, by iterating the forward shift."""
    guess_lon, guess_lat = lon - 0.0065, lat - 0.006
    for _ in range(_STEPS):
        back_lon, back_lat = gcj02_to_bd09(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + (lon - back_lon), guess_lat + (lat - back_lat)
    return guess_lon, guess_lat


def _shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    waves = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north = north + 2.0 / 3.0 * (
        waves
        + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)
        + 160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)
    )  # fmt: skip
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east = east + 2.0 / 3.0 * (
        waves
        + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)
        + 150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)
    )  # fmt: skip
    radians = lat / 180.0 * np.pi
    magic = 1.0 - _EE * np.sin(radians) ** 2
    meridian = _A * (1.0 - _EE) / (magic * np.sqrt(magic))
    parallel = _A / np.sqrt(magic) * np.cos(radians)
    return east * 180.0 / (parallel * np.pi), north * 180.0 / (meridian * np.pi)
