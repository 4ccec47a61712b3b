"""Which of several lines that fit a case goes first: one table for things (部件), one for happenings (事件)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.assign.duties import Duty

PARTIES: Final = ("authority", "owner", "maintainer")
"""主管部门, 权属单位, 养护单位: the parties of an asset, as lines name them."""


class Asks(StrEnum):
    """What a line asks of a case, and by which one line goes before another."""

    FALLBACK = "fallback"  # any other line goes before one that is only for what nobody else answers
    MATTER = "matter"  # one matter before a category, a category before all matters
    OWNER = "owner"  # a class of assets before any asset whose party is known, that before none
    AREA = "area"  # one area before a level, a level before the city; a finer level before a wider
    PRIORITY = "priority"  # what the list itself says


COMPONENTS: Final = (Asks.FALLBACK, Asks.MATTER, Asks.OWNER, Asks.AREA, Asks.PRIORITY)
"""部件先属主后属地: of a thing, whose it is goes before where it lies."""

EVENTS: Final = (Asks.FALLBACK, Asks.MATTER, Asks.AREA, Asks.OWNER, Asks.PRIORITY)
"""事件先属地后属主: of a happening, where it is goes before whose the thing is."""


def exactness(duties: Sequence[Duty], levels: Sequence[str]) -> dict[Asks, NDArray[np.int64]]:
    """How exact each line is in each thing it can ask, the higher the more; levels from the widest to the finest."""
    depth = {level: nth for nth, level in enumerate(levels)}
    return {
        Asks.FALLBACK: _column([not duty.fallback for duty in duties]),
        Asks.MATTER: _column([2 if duty.matter else 1 if duty.category else 0 for duty in duties]),
        Asks.OWNER: _column([2 if duty.asset_class else 1 if duty.party else 0 for duty in duties]),
        Asks.AREA: _column([_area(duty, depth) for duty in duties]),
        Asks.PRIORITY: _column([duty.priority for duty in duties]),
    }


def _area(duty: Duty, depth: dict[str, int]) -> int:
    if not duty.level:
        return 0
    return 1 + depth[duty.level] + (len(depth) if duty.area else 0)


def ranks(exact: dict[Asks, NDArray[np.int64]], order: Sequence[Asks]) -> NDArray[np.int64]:
    """Which place each line has in that order, 0 the first; lines equally exact share one."""
    table = np.column_stack([exact[asked] for asked in order])
    if not len(table):
        return np.empty(0, dtype=np.int64)
    _, place = np.unique(-table, axis=0, return_inverse=True)
    return np.asarray(place, dtype=np.int64).reshape(-1)


def _column(values: Sequence[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)
