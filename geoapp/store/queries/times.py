"""Tickets over time: how many were opened on each local day, week or month, and how many of these are still open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection

from geoapp.store.columns import NEVER, microseconds, moment
from geoapp.store.queries.chosen import choose, span
from geoapp.store.queries.filters import Filters

DAYS: Final = 92
WEEKS: Final = 1100
"""The longest spans, in days, told by the day and by the week: a bar is to be seen, and a hand to set it."""


@dataclass(frozen=True, slots=True)
class Times:
    """Equal steps of time without a gap, from the city's first ticket to its last; a week begins on Monday."""

    unit: str
    starts: tuple[date, ...]
    counts: tuple[int, ...]
    open: tuple[int, ...]

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.counts)


def times(connection: Connection, asked: Filters, zone: ZoneInfo) -> Times:
    """The tickets asked for by the local day they were opened.

    The steps span all the city's tickets, whatever is asked: a scale that changed with each question could not be read.
    """
    edges = span(connection, asked.city_id, asked.sight)
    if edges is None:
        return Times("day", (), (), ())
    first, last = (moment(edge).astimezone(zone).date() for edge in edges)
    unit = _unit(first, last)
    starts = _starts(unit, first, last)
    midnights = [microseconds(datetime.combine(day, time(), zone)) for day in starts]
    counts, to_do = choose(connection, asked).by_time(np.array([*midnights, NEVER]))
    return Times(unit, starts, tuple(counts.tolist()), tuple(to_do.tolist()))


def _unit(first: date, last: date) -> str:
    span = (last - first).days
    return "day" if span < DAYS else "week" if span < WEEKS else "month"


def _starts(unit: str, first: date, last: date) -> tuple[date, ...]:
    if unit == "month":
        months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        return tuple(date(at // 12, at % 12 + 1, 1) for at in months)
    step = 7 if unit == "week" else 1
    begin = first - timedelta(days=first.weekday()) if unit == "week" else first
    return tuple(begin + timedelta(days=at) for at in range(0, (last - begin).days + 1, step))
