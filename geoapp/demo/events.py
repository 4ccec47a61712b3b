"""What happened in a demo city: which matter, on which thing, when; drawn a slice of days at a time, so memory is flat.

How many of each matter fall on each day is drawn once for the whole past; a slice then draws the rest of its own days,
by a stream of chance of its own. So any slice is the same however the others are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoapp.demo import spots, stories, weather
from geoapp.demo.planting import Planted
from geoapp.demo.stage import Stage
from geoapp.demo.weather import DAYS, Weather
from geoapp.locate.datum import Floats

DAY_S: Final = 86_400.0
SLICE: Final = 40_000
"""So many things said make a slice, by whole days: fewer only where a day alone has more."""

_LEADS: Final = 1 / 160
_LEADS_FALSE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Events:
    """Arrays, one row a thing said: its number, matter, item in its matter's pool, pin in metres, seconds since 1970.

    state, days and due say what becomes of it where that is planted ("" and NaN: by chance). tale is the story's own
    name, repeat the site's that comes back, first the number of the row whose problem this tells again, or -1; lead is
    filed or dropped for what a platform's post gave, told: steps follow, so it is told as just said.
    """

    number: NDArray[np.int64]
    matter: NDArray[np.int64]
    item: NDArray[np.int64]
    pin: NDArray[np.float64]
    at: Floats
    state: NDArray[np.object_]
    days: Floats
    due: Floats
    story: NDArray[np.object_]
    tale: NDArray[np.object_]
    repeat: NDArray[np.object_]
    first: NDArray[np.int64]
    lead: NDArray[np.object_]
    told: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.matter)

    def only(self, at: NDArray[Any]) -> Events:
        """The rows at these positions, or where true."""
        return Events(*(getattr(self, field.name)[at] for field in fields(Events)))


@dataclass(frozen=True, slots=True)
class Calendar:
    """How many of each matter are said on each day, and what each slice of days has: edges are days, ends included.

    again are, for each slice, how often each of some of its problems is told again; numbers begin at starts.
    """

    counts: NDArray[np.int64]
    edges: NDArray[np.int64]
    again: Sequence[NDArray[np.int64]]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.edges) - 1


def calendar(
    chance: np.random.Generator, stage: Stage, days: Weather, planted: Sequence[Planted], tickets: int
) -> Calendar:
    """So many tickets in all, the planted ones among them."""
    again = stories.told_again(chance, tickets)
    told = sum(map(len, planted))
    plain = max(tickets - told - int(again.sum()), 0)
    often = np.array([one.often for one in stage.told])
    weights = np.array([days.weights(one.wet, one.when) for one in stage.told])
    share = weights / weights.sum(axis=1, keepdims=True) * (often / often.sum())[:, None]
    counts = chance.multinomial(plain, share.ravel() / share.sum()).reshape(share.shape)
    by_day = counts.sum(axis=0)
    slices = np.cumsum(by_day) // SLICE
    edges = np.r_[0, np.flatnonzero(np.diff(slices)) + 1, DAYS]
    sizes = np.add.reduceat(by_day, edges[:-1])
    parts = np.split(again, np.floor(np.cumsum(sizes)[:-1] / max(plain, 1) * len(again)).astype(np.int64))
    # No more problems are told again than there are.
    parts = [part[:size] for part, size in zip(parts, sizes.tolist(), strict=True)]
    missing = int(again.sum()) - sum(int(part.sum()) for part in parts)
    counts[0, -1] += missing
    by_day = counts.sum(axis=0)
    sizes = np.add.reduceat(by_day, edges[:-1]) + np.array([int(part.sum()) for part in parts])
    return Calendar(counts, edges, parts, told + np.r_[0, np.cumsum(sizes)])


def planted_events(chance: np.random.Generator, stage: Stage, planted: Sequence[Planted], now: datetime) -> Events:
    """The stories' rows, numbered from the first on."""
    rows = [(one, said) for one in planted for said in one.spoken]
    first = [start for one, start in zip(planted, _starts(planted), strict=True) for _ in one.spoken]
    matter = np.array([said.matter for _, said in rows], dtype=np.int64)
    item = np.array([said.item for _, said in rows], dtype=np.int64)
    end = now.timestamp()
    at = np.floor(end - np.array([said.age for _, said in rows], dtype=np.float64) * DAY_S)
    return Events(
        np.arange(len(rows)), matter, item, _pins(chance, stage, matter, item), at,
        _words(said.state for _, said in rows), np.array([said.days for _, said in rows], dtype=np.float64),
        np.floor(end + np.array([said.due for _, said in rows], dtype=np.float64) * 60),
        _words(one.story for one, _ in rows), _words(one.tale for one, _ in rows),
        _words(one.tale if one.repeat else "" for one, _ in rows),
        np.array([start if said.again else -1 for (_, said), start in zip(rows, first, strict=True)], dtype=np.int64),
        _words(said.lead for _, said in rows), np.array([bool(said.steps) for _, said in rows], dtype=bool),
    )  # fmt: skip


def _starts(planted: Sequence[Planted]) -> list[int]:
    return np.cumsum([0, *map(len, planted)])[:-1].tolist() if planted else []


def drawn(
    chance: np.random.Generator, stage: Stage, days: Weather, of: Calendar, nth: int, stored: Events, now: datetime
) -> Events:
    """What is said in one slice, its part of the stories among it."""
    plain = _plain(chance, stage, of, nth, now)
    again = _again(chance, stage, plain, of.again[nth], int(of.starts[nth]) + len(plain), now)
    begin, end = (_midnight(now, int(edge)) for edge in of.edges[nth : nth + 2])
    mine = (stored.at >= (begin if nth else -np.inf)) & (stored.at < (end if nth + 1 < len(of) else np.inf))
    return _joined([stored.only(mine), plain, again])


def _midnight(now: datetime, day: int) -> float:
    """When a day of the past began."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() - (DAYS - 1 - day) * DAY_S


def _plain(chance: np.random.Generator, stage: Stage, of: Calendar, nth: int, now: datetime) -> Events:
    """What is said by itself: each matter where it happens, on days of its weather, at its hours."""
    begin, end = of.edges[nth : nth + 2].tolist()
    counts = of.counts[:, begin:end]
    matter = np.repeat(np.arange(len(counts)), counts.sum(axis=1))
    day = np.repeat(np.tile(np.arange(begin, end), len(counts)), counts.ravel())
    hour, item = np.empty(len(matter)), np.empty(len(matter), dtype=np.int64)
    bounds = np.r_[0, np.cumsum(counts.sum(axis=1))]
    for one, told in enumerate(stage.told):
        mine = slice(int(bounds[one]), int(bounds[one + 1]))
        count = mine.stop - mine.start
        hour[mine] = weather.hours(chance, told.when, count)
        heap = np.cumsum(stage.pool(one).weight)
        item[mine] = np.minimum(np.searchsorted(heap, chance.uniform(0, heap[-1], count)), len(heap) - 1)
    at = _past(chance, _midnight(now, 0) + day * DAY_S + hour * 3600, now)
    lead = np.full(len(matter), "", dtype=object)
    found = chance.uniform(size=len(matter)) < _LEADS
    lead[found] = np.where(chance.uniform(size=int(found.sum())) < _LEADS_FALSE, stories.DROPPED, stories.FILED)
    number = int(of.starts[nth]) + np.arange(len(matter))
    return _rows(number, matter, item, _pins(chance, stage, matter, item), at, lead=lead)


def single(chance: np.random.Generator, stage: Stage, matter: int, item: int, at: float) -> Events:
    """One thing said now."""
    matters, items = np.array([matter]), np.array([item])
    return _rows(np.zeros(1, dtype=np.int64), matters, items, _pins(chance, stage, matters, items), np.array([at]))


def _again(
    chance: np.random.Generator, stage: Stage, plain: Events, counts: NDArray[np.int64], start: int, now: datetime
) -> Events:
    """The same problem told by neighbours within two days, each so often; a lead is nobody's complaint."""
    among = np.flatnonzero(plain.lead == "")
    if len(among) < len(counts):
        among = np.arange(len(plain))
    first = np.repeat(chance.choice(among, len(counts), replace=False) if len(counts) else among[:0], counts)
    count = len(first)
    told = plain.only(first)
    at = _past(chance, told.at + chance.uniform(0.4, 40, count) * 3600, now)
    pin = _places(stage, told.matter, told.item) + chance.normal(0, 5, (count, 2))
    number = start + np.arange(count)
    story = np.full(count, stories.DUPLICATE, dtype=object)
    return _rows(number, told.matter, told.item, pin, at, first=told.number, story=story)


def _rows(
    number: NDArray[np.int64], matter: NDArray[np.int64], item: NDArray[np.int64], pin: NDArray[np.float64],
    at: Floats, **columns: Any,
) -> Events:  # fmt: skip
    """Rows of which nothing is planted but what is given."""
    count = len(number)
    nothing, never = np.full(count, "", dtype=object), np.full(count, np.nan)
    values: dict[str, Any] = {
        "state": nothing, "days": never, "due": never, "story": nothing, "tale": nothing, "repeat": nothing,
        "first": np.full(count, -1), "lead": nothing, "told": np.zeros(count, dtype=bool),
    }  # fmt: skip
    return Events(number, matter, item, pin, at, **(values | columns))


def _pins(
    chance: np.random.Generator, stage: Stage, matter: NDArray[np.int64], item: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Where people put it: near the thing, by what it is."""
    far = np.array([spots.jitter_m(one.layer) for one in stage.told])
    away = chance.normal(0, 1, (len(matter), 2)) * far[matter][:, None]
    pins: NDArray[np.float64] = _places(stage, matter, item) + away
    return pins


def _places(stage: Stage, matter: NDArray[np.int64], item: NDArray[np.int64]) -> NDArray[np.float64]:
    xy = np.empty((len(matter), 2))
    for one in np.unique(matter).tolist():
        mine = matter == one
        xy[mine] = stage.pool(one).xy[item[mine]]
    return xy


def _past(chance: np.random.Generator, at: Floats, now: datetime) -> Floats:
    """Nothing is said in the future: today's later hours have been said in the last ten."""
    end = now.timestamp()
    return np.floor(np.where(at < end, at, end - chance.uniform(60, 36_000, len(at))))


def _words(values: Any) -> NDArray[np.object_]:
    return np.array(list(values), dtype=object)


def _joined(parts: Sequence[Events]) -> Events:
    return Events(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Events)))
