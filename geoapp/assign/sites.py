"""Which site (地点) a report belongs to, so that histories and repeats have something to hang on.

An asset, where the matter is one that assets have; else a stretch of the nearest road; else a spot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from geoapp.assign.areas import Ground
from geoapp.assign.assets import NONE, STRETCH_M, AssetLayer, choose
from geoapp.locate.datum import Floats, degrees, transformer

SPOT_M: Final = 20.0
"""Side of a spot, metres: about the width of a street, and above the scatter of geocoded addresses."""

ASSET: Final = "asset"
STRETCH: Final = "stretch"
SPOT: Final = "spot"


@dataclass(frozen=True, slots=True)
class Site:
    """A site by its key, with a point of its own in WGS-84 degrees: the same whoever meets it first."""

    kind: str
    key: str
    lon: float
    lat: float


def named_by(kind: str, key: str) -> tuple[str, str, int | None]:
    """What the key of an asset or a stretch names: layer, code, and which stretch."""
    layer, _colon, code = key.partition(":")
    if kind != STRETCH:
        return layer, code, None
    code, _colon, nth = code.rpartition(":")
    return layer, code, int(nth)


def sites(here: Ground, lon: Floats, lat: Floats, matters: Sequence[str | None]) -> list[Site]:
    """The site of each point in degrees; matters are codes of the catalogue.

    Which one a point belongs to depends on the point and its matter alone, so any order and any batching of the input
    gives the same sites.
    """
    found: list[Site | None] = [None] * len(lon)
    _assets(here.assets, lon, lat, matters, found)
    _stretches(here.roads, lon, lat, found)
    left = np.array([at for at, site in enumerate(found) if site is None], dtype=np.int64)
    keys, centre_lon, centre_lat = spots(lon[left], lat[left], here.metric_crs)
    for at, key, x, y in zip(left.tolist(), keys, centre_lon.tolist(), centre_lat.tolist(), strict=True):
        found[at] = Site(SPOT, key, x, y)
    return [site for site in found if site is not None]


def _assets(
    layers: Sequence[AssetLayer], lon: Floats, lat: Floats, matters: Sequence[str | None], found: list[Site | None]
) -> None:
    """Only a matter that a layer names can be of an asset: a quarrel beside a lamp is none of the lamp's."""
    named = {matter for layer in layers for matter in layer.matters}
    asked = np.array([at for at, matter in enumerate(matters) if matter in named], dtype=np.int64)
    if not len(asked):
        return
    chosen = choose(layers, lon[asked], lat[asked], [matters[at] or "" for at in asked.tolist()])
    for nth, layer in enumerate(layers):
        mine = [(at, one[1]) for at, one in zip(asked.tolist(), chosen, strict=True) if one and one[0] == nth]
        features = sorted({feature for _, feature in mine})
        places = zip(*(values.tolist() for values in layer.places(features, [0.0] * len(features))), strict=True)
        where = dict(zip(features, places, strict=True))
        for at, feature in mine:
            found[at] = Site(ASSET, f"{layer.name}:{layer.code(feature)}", *where[feature])


def _stretches(layers: Sequence[AssetLayer], lon: Floats, lat: Floats, found: list[Site | None]) -> None:
    for layer in layers:
        left = np.array([at for at, site in enumerate(found) if site is None], dtype=np.int64)
        if not len(left):
            return
        near = layer.find(lon[left], lat[left])
        on = near.at != NONE
        stretch = (near.along[on] // STRETCH_M).astype(np.int64)
        pairs = list(zip(near.at[on].tolist(), stretch.tolist(), strict=True))
        single = sorted(set(pairs))
        middles = [(nth + 0.5) * STRETCH_M for _, nth in single]
        places = zip(*(values.tolist() for values in layer.places([at for at, _ in single], middles)), strict=True)
        where = dict(zip(single, places, strict=True))
        for at, pair in zip(left[on].tolist(), pairs, strict=True):
            found[at] = Site(STRETCH, f"{layer.name}:{layer.code(pair[0])}:{pair[1]}", *where[pair])


def spots(lon: Floats, lat: Floats, metric_crs: str) -> tuple[list[str], Floats, Floats]:
    """The key of each point's spot and the spot's centre in WGS-84 degrees: a square of the city's metric grid."""
    if not len(lon):
        return [], lon, lat
    x, y = transformer("EPSG:4326", metric_crs).transform(lon, lat)
    column = np.floor(np.asarray(x) / SPOT_M).astype(np.int64)
    row = np.floor(np.asarray(y) / SPOT_M).astype(np.int64)
    centre_lon, centre_lat = degrees((column + 0.5) * SPOT_M, (row + 0.5) * SPOT_M, metric_crs)
    keys = [f"{a}:{b}" for a, b in zip(column.tolist(), row.tolist(), strict=True)]
    return keys, centre_lon, centre_lat
