"""How often a site has come back: the nth ticket of one matter within a window, and what a repair still owes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW: Final = timedelta(days=365)
"""How far back a ticket counts: the same season comes round once, so frost and rain are in it once."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A ticket is the nth of its matter at its site within the window; since: when the first of these was opened."""

    nth: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Often:
    """The matter that has come up most at a site within the window: how many times, the first and the last time."""

    matter: int
    times: int
    since: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Mended:
    """A time a site was repaired: until when its maker is liable, of which matter, by whom and for which ticket, where
    that is known."""

    ended_at: datetime
    liability_until: date | None = None
    matter: int | None = None
    by: str = ""
    ticket: str = ""

    def owes(self, day: date) -> bool:
        """Whether its maker is still liable on that day; the last day is one of them."""
        return self.liability_until is not None and day <= self.liability_until


def nth_within(groups: Ints, seconds: Ints, window: int) -> tuple[Ints, Ints]:
    """For each of many tickets: which it is of its group within the window that ends with it, and where the first is.

    Counted are those of the group opened less than the window before, itself included; of two opened in the same
    second the one that stands first came first.
    """
    if not len(groups):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    order = np.lexsort((np.arange(len(groups)), seconds, groups))
    group, since = groups[order], seconds[order] - seconds.min()
    rank = np.concatenate([[0], np.cumsum(group[1:] != group[:-1])])
    # Each group has a stretch of its own, so far from the next that no window reaches across.
    at = rank * (int(since.max()) + window + 1) + since
    begin = np.searchsorted(at, at - window, side="right")
    nth, first = np.empty_like(order), np.empty_like(order)
    nth[order], first[order] = np.arange(len(order)) - begin + 1, order[begin]
    return nth, first


def recurrences(matters: Sequence[int | None], opened: Sequence[datetime]) -> list[Recurrence]:
    """Which time of its matter each ticket of one site is; a matter nobody knows is like no other."""
    groups = np.array([matter if matter is not None else -1 - at for at, matter in enumerate(matters)], dtype=np.int64)
    seconds = np.array([int(one.timestamp()) for one in opened], dtype=np.int64)
    nth, first = nth_within(groups, seconds, int(WINDOW.total_seconds()))
    return [Recurrence(n, opened[at]) for n, at in zip(nth.tolist(), first.tolist(), strict=True)]


def most_often(matters: Sequence[int | None], opened: Sequence[datetime], now: datetime) -> Often | None:
    """The matter of most tickets in the window that ends now; of equal ones the one that came up last."""
    recent: dict[int, list[datetime]] = defaultdict(list)
    for matter, at in zip(matters, opened, strict=True):
        if matter is not None and now - WINDOW < at <= now:
            recent[matter].append(at)
    found = [Often(matter, len(times), min(times), max(times)) for matter, times in recent.items()]
    return max(found, key=lambda one: (one.times, one.last, -one.matter), default=None)


def before(mended: Sequence[Mended], at: datetime, matter: int | None) -> Mended | None:
    """The last repair that was done by then and is not known to have been of another matter."""
    done = [one for one in mended if one.ended_at <= at and (None in (one.matter, matter) or one.matter == matter)]
    return max(done, key=lambda one: one.ended_at, default=None)
