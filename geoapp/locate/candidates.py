"""A place that a text may mean, and how several of them become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import Any, Final

import numpy as np

from geoapp.locate.answer import Precision

_NEAR_EACH_M: Final = 160.0
_ONE_CROSSING_M: Final = 260.0
_END_TO_END_M: Final = 150.0
_CLOSE_BY_M: Final = 700.0
_LIKELY: Final = 0.3
"""What weighs at least this share of the heaviest is held by its radius."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place a text may mean, in metres of the gazetteer's system.

    places are what it is made of (a crossing of two roads), areas those it lies in by level. purity says how much of
    it lies in the finest area that it is said to be in.
    """

    x: float
    y: float
    radius_m: float
    weight: float
    precision: Precision
    places: tuple[int, ...]
    areas: tuple[int, ...]
    purity: float = 1.0


def along(place: int, x: Any, y: Any, areas: Any) -> Candidate:
    """A road, or a part of it, by its samples: its middle, and the radius that holds nine tenths of it."""
    middle = len(x) // 2
    own = tuple(int(level[middle]) for level in areas)
    away = np.sort(np.hypot(x - x[middle], y - y[middle]))
    radius = float(away[min(len(away) - 1, int(np.ceil(0.9 * len(away))))]) + 30.0
    purity = float((areas[-1] == areas[-1][middle]).mean())
    return Candidate(float(x[middle]), float(y[middle]), radius, 1.0, Precision.ROAD, (place,), own, purity)


def agreed(candidates: Sequence[Candidate]) -> tuple[Candidate, float]:
    """The heaviest, so wide that it holds the likely ones close by, and the weight of all these."""
    top, together = candidates[0], 0.0
    radius = top.radius_m
    for one in candidates:
        away = hypot(one.x - top.x, one.y - top.y)
        if one is top or (one.precision is not Precision.AREA and away <= _CLOSE_BY_M):
            together += one.weight
            if one.weight > _LIKELY * top.weight:
                radius = max(radius, away + 60.0 if away else 0.0)
    return (top if radius == top.radius_m else replace(top, radius_m=radius)), together


def merged(candidates: list[Candidate]) -> list[Candidate]:
    """Heaviest first; candidates at the same place, or parts of one road end to end, are one."""
    if len(candidates) == 1:
        return candidates
    left = sorted(candidates, key=lambda one: -one.weight)
    found: list[Candidate] = []
    for one in left:
        for at, other in enumerate(found):
            away = hypot(one.x - other.x, one.y - other.y)
            both = one.precision is other.precision is Precision.ROAD
            reach = one.radius_m + other.radius_m + _END_TO_END_M if both else _NEAR_EACH_M
            crosses = one.precision is Precision.CROSSING and away < _ONE_CROSSING_M
            if away < reach or (crosses and not set(one.places).isdisjoint(other.places)):
                found[at] = _union(other, one, away)
                break
            inside = other.precision is not Precision.AREA and one.precision is Precision.AREA
            if inside and one.places[0] in other.areas:
                found[at] = replace(other, weight=other.weight + one.weight)
                break
        else:
            found.append(one)
    return sorted(found, key=lambda one: -one.weight)


def _union(kept: Candidate, other: Candidate, away: float) -> Candidate:
    weight = kept.weight + other.weight
    if kept.precision is not other.precision:
        return replace(kept, weight=weight)
    share = other.weight / weight
    x, y = kept.x + share * (other.x - kept.x), kept.y + share * (other.y - kept.y)
    radius = max(kept.radius_m + away * share, (other.radius_m + away) * min(1.0, 2 * share))
    purity = min(kept.purity, other.purity) if kept.areas[-1:] == other.areas[-1:] else min(kept.purity, 1 - share)
    places = kept.places if kept.precision is not Precision.ROAD else (*kept.places, *other.places)
    return replace(kept, x=x, y=y, radius_m=radius, weight=weight, purity=purity, places=places)
