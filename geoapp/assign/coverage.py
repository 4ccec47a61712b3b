"""How two sets of areas cover each other: which part of each old area lies in which new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoapp.locate.datum import project

LEAST_SHARE: Final = 1e-4
"""Smaller parts are what digitising a border twice leaves behind."""


@dataclass(frozen=True, slots=True)
class Share:
    """The part (0 to 1, by area) of the old area at one position that lies in the new area at another."""

    old: int
    new: int
    share: float


def shares(old: Sequence[BaseGeometry], new: Sequence[BaseGeometry], metric_crs: str) -> list[Share]:
    """Which part of each old area lies in each new one, parts below LEAST_SHARE left out; shapes in WGS-84 degrees.

    An area whose outline stayed as it was has one row, itself, with 1.0.
    """
    before, after = metric(old, metric_crs), metric(new, metric_crs)
    which, where = shapely.STRtree(after).query(before, predicate="intersects")
    sizes = shapely.area(before)
    parts = shapely.area(shapely.intersection(before[which], after[where])) / np.where(
        sizes[which] > 0, sizes[which], 1
    )
    order = np.lexsort((where, which))
    return [
        Share(int(which[at]), int(where[at]), round(float(min(parts[at], 1.0)), 6))
        for at in order
        if parts[at] >= LEAST_SHARE
    ]


def metric(shapes: Sequence[BaseGeometry], metric_crs: str) -> NDArray[np.object_]:
    """Shapes in WGS-84 degrees as valid shapes in metres."""
    return np.asarray(shapely.make_valid(project(np.array(shapes, dtype=object), metric_crs)), dtype=object)
