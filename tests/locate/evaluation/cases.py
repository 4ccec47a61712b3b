"""One text whose place is known, or which has none, and on which side of the split it lies."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

TUNE, SCORE = "tune", "score"


@dataclass(frozen=True, slots=True)
class Case:
    """kind says what is hard about it; lon is None where the text has no answer in the city."""

    kind: str
    text: str
    lon: float | None
    lat: float | None
    exact: bool = False
    split: str = SCORE

    @property
    def answerable(self) -> bool:
        """Whether there is a place to be found."""
        return self.lon is not None


def side(name: str) -> str:
    """Which half a place belongs to: by its name, so that no name is on both."""
    return TUNE if hashlib.sha256(name.encode()).digest()[0] % 2 else SCORE
