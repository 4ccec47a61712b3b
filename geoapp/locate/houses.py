"""House numbers: the one that stands with a road, and where on the road that is."""

from __future__ import annotations

from math import hypot
from typing import Final

import numpy as np

from geoapp.locate import grammar_en, grammar_zh
from geoapp.locate.gazetteer import NUMBERS, Gazetteer, number_of
from geoapp.locate.mentions import Mention
from geoapp.locate.normalise import DIGIT
from geoapp.locate.spoken import Spoken

_KNOWN_M: Final = 30.0
_ONE_BLOCK_M: Final = 600.0
_NEXT_NUMBERS: Final = 40
_NEXT_M: Final = 120.0


def number(spoken: Spoken, mention: Mention) -> int | None:
    """The house number that stands with a road."""
    after = grammar_zh.HOUSE.match(spoken.tail(mention, 10))
    if after:
        spoken.notes.append(f"number {after['number']}")
        return number_of(after["number"])
    if spoken.kind_before(mention) == DIGIT:
        before = grammar_en.HOUSE_BEFORE.search(spoken.lead(mention))
        if before:
            return number_of(before["number"])
    return None


def house(gazetteer: Gazetteer, road: int, wanted: int) -> tuple[float, float, float] | None:
    """Where a house stands and within how many metres: known itself, or between its neighbours of the same side."""
    keys = gazetteer.number_keys
    low, high = np.searchsorted(keys, [road * NUMBERS, (road + 1) * NUMBERS]).tolist()
    if low == high:
        return None
    known = keys[low:high] - road * NUMBERS
    x, y = gazetteer.number_x[low:high], gazetteer.number_y[low:high]
    exact = known == wanted
    if exact.any():
        return float(x[exact].mean()), float(y[exact].mean()), _KNOWN_M
    side = np.flatnonzero(known % 2 == wanted % 2)
    side = side if len(side) > 1 else np.arange(len(known))
    at = int(np.searchsorted(known[side], wanted))
    if 0 < at < len(side):
        lower, upper = int(side[at - 1]), int(side[at])
        share = (wanted - known[lower]) / max(known[upper] - known[lower], 1)
        apart = hypot(x[lower] - x[upper], y[lower] - y[upper])
        if apart < _ONE_BLOCK_M:
            px, py = x[lower] + share * (x[upper] - x[lower]), y[lower] + share * (y[upper] - y[lower])
            return float(px), float(py), max(40.0, apart / 3)
    nearest = int(side[np.abs(known[side] - wanted).argmin()])
    if abs(int(known[nearest]) - wanted) <= _NEXT_NUMBERS:
        return float(x[nearest]), float(y[nearest]), _NEXT_M
    return None
