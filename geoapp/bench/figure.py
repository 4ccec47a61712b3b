"""One figure measured, as `make bench` prints it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Figure:
    """value in unit, of n things; peer is what it is compared with, measured in the same run or a stated goal."""

    name: str
    n: int
    value: float
    unit: str
    peer: str
    peer_value: float | None

    def as_dict(self) -> dict[str, Any]:
        """The line; ratio is value to peer_value."""
        ratio = round(self.value / self.peer_value, 3) if self.peer_value else None
        rounded = {"value": round(self.value, 2), "peer_value": self.peer_value and round(self.peer_value, 2)}
        return {**asdict(self), **rounded, "ratio": ratio}


def at_percent(values: Sequence[float], percent: float) -> float:
    """The value that so many in a hundred do not exceed."""
    return float(np.percentile(values, percent))


def timed(act: Callable[..., object], *args: object) -> float:
    """How many milliseconds a call takes."""
    started = time.perf_counter()
    act(*args)
    return (time.perf_counter() - started) * 1000
