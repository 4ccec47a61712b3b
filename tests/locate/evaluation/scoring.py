"""Answers held against the truth: right office, how far off, wrong with confidence, refused where there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tests.locate.evaluation.cases import Case

CONFIDENT = 0.8
"""An answer this sure that is wrong counts as confidently wrong."""


@dataclass(frozen=True, slots=True)
class Point:
    """What any geocoder answers."""

    lon: float | None
    lat: float | None
    confidence: float = 1.0
    radius_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares in percent of what they are named by; metres are medians over exact truths that were answered."""

    cases: int
    answered: float
    office: float
    metres: float
    confidently_wrong: float
    refused: float
    inside_radius: float
    sure_and_right: float

    def as_dict(self) -> dict[str, Any]:
        """Rounded, for printing."""
        return {name: round(float(getattr(self, name)), 2) for name in self.__slots__}


def away_m(cases: Sequence[Case], points: Sequence[Any]) -> NDArray[np.float64]:
    """Metres from truth to answer; NaN where either is missing."""
    return np.array(
        [
            np.nan if case.lon is None or point.lon is None
            else 111_320 * np.hypot((point.lon - case.lon) * np.cos(np.radians(case.lat)), point.lat - case.lat)
            for case, point in zip(cases, points, strict=True)
        ]
    )  # fmt: skip


def _homes(outlines: NDArray[np.object_], lon: Sequence[float], lat: Sequence[float]) -> NDArray[np.int64]:
    found = np.full(len(lon), -1)
    spot, area = shapely.STRtree(outlines).query(shapely.points(lon, lat), predicate="within")
    found[spot] = area
    return found


def score(cases: Sequence[Case], points: Sequence[Any], outlines: NDArray[np.object_]) -> Scores:
    """All figures of these cases."""
    truth = np.array([case.answerable for case in cases])
    said = np.array([point.lon is not None for point in points])
    both = truth & said
    home = _homes(outlines, [case.lon or 0 for case in cases], [case.lat or 0 for case in cases])
    found = _homes(outlines, [point.lon or 0 for point in points], [point.lat or 0 for point in points])
    right = both & (home == found)
    away = away_m(cases, points)
    radius = np.array([point.radius_m or 0.0 for point in points])
    sure = np.array([point.confidence >= CONFIDENT for point in points])
    exact = both & np.array([case.exact for case in cases])
    # Just across a border that is itself a guess, within its own radius, is not wrong.
    wrong = said & ~(right | (both & (away <= np.maximum(radius, 100))))
    none = ~truth
    share = lambda part, whole: float(100 * part.sum() / whole.sum()) if whole.sum() else float("nan")  # noqa: E731
    return Scores(
        len(cases), share(both, truth), share(right, both), float(np.median(away[exact])) if exact.any() else float("nan"),
        share(wrong & sure, np.ones(len(cases), bool)), share(none & ~said, none), share(both & (away <= radius), both),
        share(right & sure, both & sure),
    )  # fmt: skip


def by_kind(cases: Sequence[Case], points: Sequence[Any], outlines: NDArray[np.object_]) -> dict[str, Scores]:
    """The same for each kind of text."""
    groups: dict[str, list[int]] = defaultdict(list)
    for at, case in enumerate(cases):
        groups[case.kind].append(at)
    return {
        kind: score([cases[at] for at in places], [points[at] for at in places], outlines)
        for kind, places in groups.items()
    }
