"""Which site (地点) a point belongs to, so that histories and repeats have something to hang on."""

from __future__ import annotations

from typing import Final

import numpy as np

from geoapp.locate.datum import Floats, transformer

SPOT_M: Final = 20.0
"""Side of a spot, metres: about the width of a street, and above the scatter of geocoded addresses."""


def spots(lon: Floats, lat: Floats, metric_crs: str) -> tuple[list[str], Floats, Floats]:
    """The key of each point's spot and the spot's centre in WGS-84 degrees.

    A spot is a square of the city's metric grid and not a cluster: which one a point belongs to depends on the point
    alone, so any order and any batching of the input gives the same sites.
    """
    if not len(lon):
        return [], lon, lat
    forth = transformer("EPSG:4326", metric_crs)
    x, y = forth.transform(lon, lat)
    column = np.floor(np.asarray(x) / SPOT_M).astype(np.int64)
    row = np.floor(np.asarray(y) / SPOT_M).astype(np.int64)
    centre_lon, centre_lat = forth.transform((column + 0.5) * SPOT_M, (row + 0.5) * SPOT_M, direction="INVERSE")
    keys = [f"{a}:{b}" for a, b in zip(column.tolist(), row.tolist(), strict=True)]
    return keys, np.asarray(centre_lon), np.asarray(centre_lat)
