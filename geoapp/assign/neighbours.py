"""How far borders are from points, and where else a point may lie that is not known to the metre."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.assign.areas import NONE, AreaLayer
from geoapp.assign.dispatch import Elsewhere, nowhere
from geoapp.assign.fitting import Flags
from geoapp.assign.lattice import Whole
from geoapp.locate.datum import Floats, degrees, transformer

ROUGH_M: Final = 200.0
"""How far an approximate outline is taken to be off."""

_BEYOND_M: Final = 0.5
"""How far behind a border one is surely across it."""

_OFFICIAL: Final = "official"

Points = NDArray[np.object_]


def points(lon: Floats, lat: Floats, metric_crs: str) -> Points:
    """Points in metres."""
    x, y = transformer("EPSG:4326", metric_crs).transform(lon, lat)
    return np.asarray(shapely.points(x, y), dtype=object)


def borders(layers: Sequence[AreaLayer], here: Points, metric_crs: str, asked: Flags) -> Floats:
    """Metres from each point to the nearest border of each layer, a column a layer; NaN where it is not asked for."""
    found = np.full((len(here), len(layers)), np.nan)
    for nth, layer in enumerate(layers):
        rows = np.flatnonzero(asked[:, nth])
        (which, _), metres = layer.in_metres(metric_crs).pieces.query_nearest(
            here[rows], return_distance=True, all_matches=False
        )
        found[rows[which], nth] = metres
    return found


def elsewhere(
    layers: Sequence[AreaLayer], at: Whole, here: Points, radius_m: Floats, border_m: Floats, metric_crs: str
) -> Elsewhere:
    """Where else each point may lie: for each neighbouring area in its radius the nearest place in it.

    at has the position of each point's area in each layer, border_m is what `borders` says; where that is NaN nothing
    is looked for. What of the other layers lies there is found there, too: a border of two layers is crossed in both.
    What an approximate outline says is looked for ROUGH_M around. Off the city lies nobody.
    """
    found = [_of_layer(layers, nth, at, here, radius_m, border_m[:, nth], metric_crs) for nth in range(len(layers))]
    return _joined(found) if found else nowhere(0)


def _joined(found: Sequence[Elsewhere]) -> Elsewhere:
    return Elsewhere(
        np.concatenate([one.case for one in found]), np.concatenate([one.areas for one in found]),
        np.concatenate([one.metres for one in found]), np.concatenate([one.loose for one in found]),
    )  # fmt: skip


def _of_layer(
    layers: Sequence[AreaLayer], nth: int, at: Whole, here: Points, radius_m: Floats, border_m: Floats, metric_crs: str
) -> Elsewhere:
    """The places in neighbouring areas of one layer."""
    layer, outlined = layers[nth], layers[nth].in_metres(metric_crs)
    rough = np.array([*(quality != _OFFICIAL for quality in layer.qualities), False], dtype=bool)
    reach_m = np.maximum(radius_m, ROUGH_M) if rough.any() else radius_m
    near = np.flatnonzero(border_m <= reach_m)
    if not len(near):
        return nowhere(len(layers))
    which, area = outlined.tree.query(here[near], predicate="dwithin", distance=reach_m[near])
    case = near[which]
    metres = shapely.distance(outlined.outlines[area], here[case])
    loose = rough[area] | rough[at[case, nth]]
    kept = (area != at[case, nth]) & (loose | (metres <= radius_m[case]))
    case, area, metres, loose = case[kept], area[kept], metres[kept], loose[kept]
    there = _across(layers, nth, at[case], here[case], outlined.outlines[area], metric_crs)
    there[:, nth] = area
    return Elsewhere(case, there, metres, loose)


def _across(layers: Sequence[AreaLayer], nth: int, at: Whole, here: Points, outlines: Points, metric_crs: str) -> Whole:
    """The areas at the nearest place in each outline; what a layer has nothing to say of stays as it is here."""
    ends = shapely.get_coordinates(shapely.shortest_line(outlines, here)).reshape(-1, 2, 2)
    step = ends[:, 0] - ends[:, 1]
    length = np.hypot(step[:, 0], step[:, 1])[:, None]
    beyond = ends[:, 0] + step / np.where(length > 0, length, 1.0) * _BEYOND_M
    lon, lat = degrees(beyond[:, 0], beyond[:, 1], metric_crs)
    found = at.copy()
    for other, layer in enumerate(layers):
        if other != nth:
            there = layer.find(lon, lat)
            found[:, other] = np.where(there == NONE, found[:, other], there)
    return found
