"""The roads of a layer as a map draws them: whole numbers of a grid, by rank, most important first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from geoapp.store.tables import asset

GRID: Final = 1e-5
"""Degrees of a step, about a metre: finer than a screen shows at its closest."""

_TOLERANCE: Final = 3e-5
_MAJOR: Final = 0.12
_MIDDLE: Final = 0.42
"""Shares of all length: what the classes of longest roads make up to these are of the first and the second rank."""


@dataclass(frozen=True, slots=True)
class Road:
    """A road's names, its rank (0 main, 1 middle, 2 small), and its lines.

    A line is x, y of its first vertex in steps of GRID, then the difference from each vertex to the next.
    """

    names: Mapping[str, str]
    rank: int
    lines: tuple[tuple[int, ...], ...]


def roads(connection: Connection, layer_version_id: int) -> list[Road]:
    """The roads of a layer's version, simplified by some three metres."""
    a = asset.c
    simple = func.ST_AsBinary(func.ST_Simplify(a.geom, _TOLERANCE))
    statement = select(a.names, a["class"], simple).where(a.layer_version_id == layer_version_id).order_by(a.code)
    rows = connection.execute(statement).all()
    shapes = np.array(shapely.from_wkb([bytes(wkb) for *_, wkb in rows]), dtype=object)
    ranks = _ranks([row[1] for row in rows], shapely.length(shapes))
    found = [
        Road(names, ranks[classed], tuple(map(_steps, shapely.get_parts(shape).tolist())))
        for (names, classed, _), shape in zip(rows, shapes, strict=True)
    ]
    return sorted(found, key=lambda road: road.rank)


def _ranks(classes: list[str], lengths: NDArray[np.float64]) -> dict[str, int]:
    """The rank of each class. Every city names its classes otherwise, but everywhere main roads are the long ones."""
    kinds, which = np.unique(np.array(classes, dtype=object).astype(str), return_inverse=True)
    total = np.bincount(which, weights=lengths)
    mean = total / np.bincount(which)
    ranks, before = {}, 0.0
    for at in np.argsort(-mean).tolist():
        # A class is of the rank in which its middle falls; the first is the main one, however much of all it is.
        share = (before + total[at] / 2) / max(float(total.sum()), 1e-12)
        ranks[str(kinds[at])] = 0 if not before or share < _MAJOR else 1 if share < _MIDDLE else 2
        before += total[at]
    return ranks


def _steps(line: Any) -> tuple[int, ...]:
    whole = np.rint(shapely.get_coordinates(line) / GRID).astype(np.int64)
    return tuple(np.diff(whole, axis=0, prepend=0).ravel().tolist())
