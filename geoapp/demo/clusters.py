"""Points put into groups that are compact and of about one weight: how blocks become grids, communities, offices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 25


def cluster(
    chance: np.random.Generator, points: NDArray[np.float64], weight: NDArray[np.float64], count: int
) -> NDArray[np.int64]:
    """The group of each point, 0 to count - 1, none of them empty (where there are so many points)."""
    count = min(count, len(points))
    if count <= 1:
        return np.zeros(len(points), dtype=np.int64)
    middles = points[chance.choice(len(points), count, replace=False, p=weight / weight.sum())]
    # A heavy group pushes its border inwards: its points count as farther away.
    push = np.ones(count)
    group = np.zeros(len(points), dtype=np.int64)
    for _ in range(_ROUNDS):
        away: Any = np.hypot(*(points[:, None, :] - middles[None, :, :]).transpose(2, 0, 1)) * push
        group = np.argmin(away, axis=1)
        heavy = np.bincount(group, weight, count)
        push = np.clip(push * (np.maximum(heavy, 1e-9) / heavy.mean()) ** 0.12, 0.6, 1.7)
        filled = heavy > 0
        for axis in (0, 1):
            moved = np.bincount(group, weight * points[:, axis], count)[filled] / heavy[filled]
            middles[filled, axis] = moved
    return np.unique(group, return_inverse=True)[1].astype(np.int64)
