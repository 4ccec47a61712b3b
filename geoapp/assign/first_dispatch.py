"""Whether first dispatches were right, from what really happened afterwards: 一次派单成功率."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.assign.lattice import Whole

EVENTS: Final = ("dispatch", "return", "rule", "delegate", "sign")
"""The events that tell; of any others nothing is asked."""

_DISPATCH, _RETURN, _RULE, _DELEGATE, _SIGN = range(len(EVENTS))
_NOBODY: Final = 0


class Came(IntEnum):
    """What came of a first dispatch."""

    RIGHT = 0  # the unit took it on
    FAILED = 1  # returned with agreement, ruled to another, or passed on outside the unit's own tree
    PENDING = 2  # nobody has taken it on yet, and nobody has said no


@dataclass(frozen=True, slots=True)
class Firsts:
    """The first dispatch of each ticket that had one: at is the position of its event, unit to whom, came of it."""

    at: Whole
    unit: Whole
    came: Whole


def firsts(ticket: Whole, name: Whole, unit: Whole, above: Mapping[int, Collection[int]]) -> Firsts:
    """What came of first dispatches; events in the order of tickets, within each as they happened.

    name is a position in EVENTS, unit the key of whom the event names, 0 for nobody. above has the units that each
    unit stands below, itself too: to pass on down one's own tree is no failure, and a ruling that names the first unit
    is none either.
    """
    sent = np.flatnonzero(name == _DISPATCH)
    of, first = np.unique(ticket[sent], return_index=True)
    at = sent[first]
    mine = np.searchsorted(of, ticket)
    known = (mine < len(of)) & (of[np.minimum(mine, max(len(of) - 1, 0))] == ticket) if len(of) else ticket < ticket
    rows = np.flatnonzero(known)
    rows = rows[rows > at[mine[rows]]]
    which = mine[rows]
    failed = (name[rows] == _RETURN) | _elsewhere(name[rows], unit[rows], unit[at][which], above)
    came = np.full(len(of), Came.PENDING, dtype=np.int64)
    came[which[name[rows] == _SIGN]] = Came.RIGHT
    came[which[failed]] = Came.FAILED
    return Firsts(at, unit[at], came)


def _elsewhere(name: Whole, unit: Whole, first: Whole, above: Mapping[int, Collection[int]]) -> NDArray[np.bool_]:
    """Whether an event gives a case to another than its first unit, or than those below that one."""
    ruled = (name == _RULE) & (unit != _NOBODY) & (unit != first)
    passed = np.flatnonzero((name == _DELEGATE) & (unit != _NOBODY))
    pairs = np.column_stack([unit[passed], first[passed]])
    distinct, nth = np.unique(pairs, axis=0, return_inverse=True)
    outside = np.array([to != one and one not in above.get(to, ()) for to, one in distinct.tolist()], bool)
    if len(passed):
        ruled[passed] |= outside[nth.reshape(-1)]
    return np.asarray(ruled, dtype=bool)
