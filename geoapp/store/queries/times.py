"""Tickets over time: how many were opened on each local day, week or month, and how many of these are still open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Date, cast, func, select

from geoapp.lifecycle import OPEN
from geoapp.store.queries.filters import Filters, conditions, in_boxes
from geoapp.store.tables import ticket

DAYS: Final = 92
WEEKS: Final = 1100
"""The longest spans, in days, told by the day and by the week: a bar is to be seen, and a hand to set it."""

_OPEN: Final = tuple(sorted(OPEN))


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
    first, last = (_edge(connection, asked, newest, zone) for newest in (False, True))
    if first is None or last is None:
        return Times("day", (), (), ())
    unit = _unit(first, last)
    starts = _starts(unit, first, last)
    opened = func.timezone(zone.key, ticket.c.opened_at)
    start = cast(func.date_trunc(unit, opened), Date).label("start")
    statement = (
        select(start, func.count().label("n"), func.count().filter(ticket.c.state.in_(_OPEN)).label("open"))
        .where(*conditions(asked), in_boxes(asked.boxes))
        .group_by(start)
    )
    found: dict[date, Any] = {row.start: row for row in connection.execute(statement)}
    counted = [(found[at].n, found[at].open) if at in found else (0, 0) for at in starts]
    return Times(unit, starts, tuple(n for n, _ in counted), tuple(to_do for _, to_do in counted))


def _edge(connection: Connection, asked: Filters, newest: bool, zone: ZoneInfo) -> date | None:
    """The local day of the city's first or last ticket: by the index, however many there are."""
    order = ticket.c.opened_at.desc() if newest else ticket.c.opened_at.asc()
    plain = Filters(asked.city_id, inside=asked.inside)
    found: datetime | None = connection.execute(
        select(ticket.c.opened_at).where(*conditions(plain)).order_by(order).limit(1)
    ).scalar_one_or_none()
    return None if found is None else found.astimezone(zone).date()


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
