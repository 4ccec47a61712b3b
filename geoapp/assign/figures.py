"""The four figures everyone uses, counted from what happened: each a part of what is decided, by any label.

A ticket counts once for each label, such as a week: what a week's line says is what the same days say asked alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoapp.assign.lattice import Whole


class Figure(StrEnum):
    """What is counted."""

    FIRST_DISPATCH = "first_dispatch"  # 一次派单成功率
    IN_TIME = "in_time"  # 按时办结率
    SATISFIED = "satisfied"  # 满意率
    REDONE = "redone"  # 重办率


COUNTS: Final = {
    Figure.FIRST_DISPATCH: ("right", "failed", "pending"),
    Figure.IN_TIME: ("in_time", "late", "unclocked"),
    Figure.SATISFIED: ("satisfied", "dissatisfied", "silent"),
    Figure.REDONE: ("redone", "stayed"),
}
"""What each counts: the first in a hundred of the first and the second; a third is counted apart and is of neither."""

_IN_TIME, _LATE, _UNCLOCKED = range(3)
_REDONE, _STAYED = range(2)


@dataclass(frozen=True, slots=True)
class Share:
    """One figure under one label; counts are in the order of COUNTS."""

    figure: Figure
    label: str
    counts: tuple[int, ...]

    @property
    def percent(self) -> float | None:
        """The figure itself; None while nothing is decided."""
        good, bad = self.counts[:2]
        return round(100 * good / (good + bad), 2) if good + bad else None

    def __getitem__(self, name: str) -> int:
        return self.counts[COUNTS[self.figure].index(name)]

    def as_dict(self) -> dict[str, Any]:
        """As it is printed with --json."""
        named = dict(zip(COUNTS[self.figure], self.counts, strict=True))
        return {"figure": str(self.figure), "label": self.label, "percent": self.percent, **named}


def counted(figure: Figure, label: Sequence[str], came: Whole) -> list[Share]:
    """Counted by label, in the order of labels; came is the position in COUNTS of each."""
    names, nth = np.unique(np.array(label, dtype=object), return_inverse=True)
    counts = np.zeros((len(names), len(COUNTS[figure])), dtype=np.int64)
    np.add.at(counts, (nth, came), 1)
    return [Share(figure, str(name), tuple(row)) for name, row in zip(names.tolist(), counts.tolist(), strict=True)]


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rounds of tickets' disposal that have stopped, a ticket's in the order they began; times are seconds."""

    ticket: Whole
    due: Whole
    stopped: Whole


def in_time(ticket: Whole, at: Whole, label: Sequence[str], rounds: Rounds) -> list[Share]:
    """Whether what was settled was settled in time; settlements in the order they came about, at so many seconds.

    The last settlement of a ticket under a label counts, by the last round of its disposal that had stopped by then:
    due when it was due with more time given and pauses made up for. Without a round there is nothing to judge by.
    """
    last = _once(ticket, label, first=False)
    nth = _latest(rounds.ticket, rounds.stopped, ticket[last], at[last])
    known = nth >= 0
    came = np.full(len(last), _UNCLOCKED, dtype=np.int64)
    came[known] = np.where(rounds.stopped[nth[known]] <= rounds.due[nth[known]], _IN_TIME, _LATE)
    return counted(Figure.IN_TIME, [label[one] for one in last.tolist()], came)


def redone(ticket: Whole, event: Whole, label: Sequence[str], back: Whole, back_event: Whole) -> list[Share]:
    """Which of what was settled came back after its first settlement under a label, whenever that was.

    event and back_event are keys of events, which grow as things happen: settlements, and the last time that a ticket
    was done again or opened again.
    """
    first = _once(ticket, label, first=True)
    order = np.argsort(back, kind="stable")
    at = np.searchsorted(back[order], ticket[first])
    came = np.full(len(first), _STAYED, dtype=np.int64)
    found = at < len(back)
    found[found] = back[order][at[found]] == ticket[first][found]
    found[found] = back_event[order][at[found]] > event[first][found]
    came[found] = _REDONE
    return counted(Figure.REDONE, [label[one] for one in first.tolist()], came)


def _once(ticket: Whole, label: Sequence[str], *, first: bool) -> Whole:
    """The position of the first, or else the last, row of each ticket under each label."""
    if not len(ticket):
        return np.zeros(0, dtype=np.int64)
    _names, nth = np.unique(np.array(label, dtype=object), return_inverse=True)
    pairs = np.column_stack([ticket, nth])
    if first:
        return np.sort(np.unique(pairs, axis=0, return_index=True)[1])
    back = np.unique(pairs[::-1], axis=0, return_index=True)[1]
    return np.sort(len(ticket) - 1 - back)


def _latest(ticket: Whole, moment: Whole, asked: Whole, by: Whole) -> Whole:
    """The position of the last row of each ticket asked for whose moment had come by then; -1 where there is none."""
    if not len(ticket):
        return np.full(len(asked), -1, dtype=np.int64)
    # Ticket and moment as one number that sorts as the two do; ranks, since the plain product would not fit.
    tickets, moments = np.unique(ticket), np.unique(moment)
    order = np.lexsort((np.arange(len(ticket)), moment, ticket))
    keys = _key(tickets, moments, ticket, np.searchsorted(moments, moment))[order]
    wanted = _key(tickets, moments, asked, np.searchsorted(moments, by, side="right") - 1)
    at = np.searchsorted(keys, wanted, side="right") - 1
    found: Whole = np.where(at >= 0, order[np.maximum(at, 0)], -1)
    right = (found >= 0) & (ticket[np.maximum(found, 0)] == asked)
    return np.where(right, found, -1)


def _key(tickets: Whole, moments: Whole, ticket: Whole, rank: NDArray[np.intp]) -> Whole:
    return np.searchsorted(tickets, ticket).astype(np.int64) * (len(moments) + 1) + rank
