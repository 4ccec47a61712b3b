"""The working calendar of a city: when its people are at work, and working time counted to the second.

A calendar says of each day whether it is worked: corrections by hand come first, then make-up days (调休) and public
holidays as the library `holidays` knows them, then the week. A moment is working time if the city's clocks on the wall
show one of the day's hours, so days of 23 and 25 hours are as long as they are. Moments are whole seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays
import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoapp.city import USUAL_HOURS, City, Span, week

Seconds = NDArray[np.int64]
WORK: Final = "work"
REST: Final = "rest"

_FIRST: Final = 1970
_LAST: Final = 2200
_EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Day:
    """A day and why it is worked or not: by hand, made up for another, a holiday, or as the week has it.

    certain: nothing is still to be announced that could change it.
    """

    on: date
    works: bool
    why: str
    name: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Calendar:
    """week: the spans of each weekday, Monday first. corrections: days put right by hand, True where worked.

    country is as `holidays` writes it (CN, US-NY); "" has no holidays.
    """

    zone: str
    country: str
    week: tuple[tuple[Span, ...], ...]
    corrections: tuple[tuple[date, bool], ...] = ()

    def day(self, on: date) -> Day:
        """What is known of a day."""
        usual = bool(self.week[on.weekday()])
        by_hand = dict(self.corrections).get(on)
        if by_hand is not None:
            return Day(on, by_hand, "by_hand")
        known = _known(self.country, on.year)
        if on in known.made_up:
            return Day(on, True, "made_up", certain=known.certain)
        if on in known.holidays:
            return Day(on, False, "holiday", known.holidays[on], known.certain)
        return Day(on, usual, "week", certain=known.certain)

    def hours(self, on: date) -> tuple[Span, ...]:
        """The hours worked on a day. One made up has those of the last weekday before it that has any."""
        if not self.day(on).works:
            return ()
        before = (self.week[(on.weekday() - back) % 7] for back in range(7))
        return next((spans for spans in before if spans), ())

    def certain(self, year: int) -> bool:
        """Whether the year's working days are announced, so far as the country announces any."""
        return _known(self.country, year).certain

    def add(self, moments: ArrayLike, minutes: ArrayLike) -> Seconds:
        """The moments so many working minutes later, or earlier where negative.

        Time that ends with a day's work ends there, not when work begins again; counted backwards it begins where work
        does. None at all is the moment itself.

        Raises:
            OverflowError: no such moment before the year 2200.
        """
        return self.add_seconds(moments, np.asarray(minutes, np.int64) * 60)

    def add_seconds(self, moments: ArrayLike, more: ArrayLike) -> Seconds:
        """The same for seconds of working time."""
        start, count = np.broadcast_arrays(np.asarray(moments, np.int64), np.asarray(more, np.int64))
        if not start.size:
            return start.astype(np.int64)
        years = _years(start)
        while True:
            opened = _opened(self, *years)
            found, inside = opened.add(start, count)
            if inside.all():
                return np.where(count == 0, start, found)
            years = _wider(years, later=bool((~inside & (count > 0)).any()))

    def between(self, since: ArrayLike, until: ArrayLike) -> Seconds:
        """The working seconds from the one moments to the others; negative where these come first."""
        a, b = np.broadcast_arrays(np.asarray(since, np.int64), np.asarray(until, np.int64))
        if not a.size:
            return a.astype(np.int64)
        opened = _opened(self, *_years(np.concatenate([a.ravel(), b.ravel()])))
        return opened.before(b) - opened.before(a)


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp() // 1)


def moment(seconds: int) -> datetime:
    """The moment so many seconds after 1970."""
    return datetime.fromtimestamp(int(seconds), UTC)


def calendar(
    zone: str, country: str = "", hours: Mapping[str, Sequence[str]] | None = None,
    corrections: Mapping[date, bool] | None = None,
) -> Calendar:  # fmt: skip
    """A calendar whose hours are as a pack writes them.

    Raises:
        ValueError: the hours cannot be read; the words say what is wrong.
    """
    return Calendar(zone, country, week(hours or USUAL_HOURS), tuple(sorted((corrections or {}).items())))


def of_city(city: City, kept: Mapping[date, bool] | None = None) -> Calendar:
    """A city's calendar: its pack's, and over it the days that were put right since."""
    told = {date.fromisoformat(day): how == WORK for day, how in city.calendar_days.items()}
    return calendar(city.time_zone, city.calendar, city.working_hours, {**told, **(kept or {})})


# What a country announces


@dataclass(frozen=True, slots=True)
class _Known:
    holidays: Mapping[date, str]
    made_up: frozenset[date]
    certain: bool


@lru_cache(maxsize=512)
def _known(country: str, year: int) -> _Known:
    if not country:
        return _Known({}, frozenset(), True)
    code, _, part = country.partition("-")
    # What is made up at the turn of a year is told with the year beside it.
    found = holidays.country_holidays(code, subdiv=part or None, years=(year - 1, year, year + 1))
    made_up = frozenset(day for day in found.weekend_workdays if day.year == year)
    # A country that moves working days announces them a year at a time; before that nobody knows them.
    announced = not found.has_substituted_holidays or year in getattr(found, "special_public_holidays", {})
    return _Known({day: name for day, name in found.items() if day.year == year}, made_up, announced)


# Open spans of whole years, and how much was open before each


@dataclass(frozen=True, slots=True)
class _Opened:
    """Spans in rising order, in seconds since 1970; gone is what was open before each, with all of it at the end."""

    starts: Seconds
    ends: Seconds
    gone: Seconds

    def before(self, moments: Seconds) -> Seconds:
        """How much was open before each moment."""
        at = np.searchsorted(self.starts, moments, side="right") - 1
        here = np.maximum(at, 0)
        inside = np.clip(moments - self.starts[here], 0, self.ends[here] - self.starts[here])
        return np.where(at < 0, 0, self.gone[here] + inside)

    def add(self, moments: Seconds, count: Seconds) -> tuple[Seconds, NDArray[np.bool_]]:
        """The moments at which so much more has been open, and whether they lie in these years."""
        wanted = self.before(moments) + count
        forward = np.clip(np.searchsorted(self.gone[1:], wanted, side="left"), 0, len(self.starts) - 1)
        back = np.clip(np.searchsorted(self.gone, wanted, side="right") - 1, 0, len(self.starts) - 1)
        at = np.where(count >= 0, forward, back)
        inside = (wanted <= self.gone[-1]) & (wanted >= 0)
        return self.starts[at] + wanted - self.gone[at], inside


def _years(moments: Seconds) -> tuple[int, int]:
    """The years that moments lie in, and one on each side."""
    least, most = (datetime.fromtimestamp(int(one), UTC).year for one in (moments.min(), moments.max()))
    return max(least - 1, _FIRST), min(most + 1, _LAST)


def _wider(years: tuple[int, int], later: bool) -> tuple[int, int]:
    first, last = years
    wider = (first, min(last + 8, _LAST)) if later else (max(first - 8, _FIRST), last)
    if wider == years:
        raise OverflowError(f"no working time before {_LAST}" if later else f"no working time since {_FIRST}")
    return wider


@lru_cache(maxsize=64)
def _opened(of: Calendar, first: int, last: int) -> _Opened:
    parts = [_year(of, year) for year in range(first, last + 1)]
    starts, ends = (np.concatenate([part[side] for part in parts]) for side in (0, 1))
    return _Opened(starts, ends, np.concatenate([[0], np.cumsum(ends - starts)]).astype(np.int64))


@lru_cache(maxsize=1024)
def _year(of: Calendar, year: int) -> tuple[Seconds, Seconds]:
    """When the spans of a year begin and end."""
    zone = ZoneInfo(of.zone)
    first, days = date(year, 1, 1), 366 if _leap(year) else 365
    # The offset at each midnight; where it differs by the next, the clocks are changed that day.
    offsets = [_offset(zone, first + timedelta(days=nth)) for nth in range(days + 1)]
    spans: list[Span] = []
    for nth in range(days):
        on = first + timedelta(days=nth)
        hours = of.hours(on)
        midnight = (on.toordinal() - _EPOCH) * 86_400 - offsets[nth]
        if offsets[nth] == offsets[nth + 1]:
            spans += [(midnight + since * 60, midnight + until * 60) for since, until in hours]
        else:
            length = 86_400 + offsets[nth] - offsets[nth + 1]
            spans += _by_the_wall(zone, hours, midnight, length)
    found = np.array(spans, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _by_the_wall(zone: ZoneInfo, hours: Sequence[Span], midnight: int, length: int) -> list[Span]:
    """The spans of a day on which the clocks are changed, looked at minute by minute."""
    if not hours:
        return []
    minutes = range(midnight, midnight + length, 60)
    walls = (datetime.fromtimestamp(at, zone) for at in minutes)
    shown = [wall.hour * 60 + wall.minute for wall in walls]
    opened = np.array([any(a <= one < b for a, b in hours) for one in shown], dtype=np.int8)
    edges = np.flatnonzero(np.diff(opened, prepend=0, append=0))
    return [(midnight + int(a) * 60, midnight + int(b) * 60) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _offset(zone: ZoneInfo, on: date) -> int:
    offset = datetime(on.year, on.month, on.day, tzinfo=zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
