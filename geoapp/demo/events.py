"""What happened in the demo city in two years: which matter, on which thing, when; and the stories planted in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoapp.demo import spots, stories, weather, words
from geoapp.demo.plan import Metres
from geoapp.demo.spots import Pool
from geoapp.demo.stories import Planted
from geoapp.demo.weather import DAYS, Weather
from geoapp.locate.datum import Floats

DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Events:
    """Arrays, one row a thing said: matter in words.TOLD, item in its layer's pool, place and time.

    xy is where the thing is, pin where people put it, both in metres; at is seconds since 1970. ended: repaired for
    certain. repeat names the site that comes back, first is the row whose problem this row tells again, or -1.
    """

    matter: NDArray[np.int64]
    item: NDArray[np.int64]
    xy: NDArray[np.float64]
    pin: NDArray[np.float64]
    at: Floats
    ended: NDArray[np.bool_]
    repeat: NDArray[np.object_]
    first: NDArray[np.int64]
    story: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.matter)


def make(
    chance: np.random.Generator, pools: Mapping[str, Pool], heart: Metres, days: Weather, tickets: int, now: datetime
) -> Events:
    """So many things said, the planted ones among them; those of a story stand first."""
    planted = stories.plant(chance, pools, heart, tickets)
    again = stories.told_again(chance, tickets)
    plain = _plain(chance, pools, days, tickets - sum(map(len, planted)) - int(again.sum()), now)
    told = [_planted(chance, pools, one, now) for one in planted]
    start = sum(map(len, told))
    every = _joined(_with_first([*told, plain]))
    return _joined([every, _again(chance, every, start, again, now)])


def _plain(chance: np.random.Generator, pools: Mapping[str, Pool], days: Weather, count: int, now: datetime) -> Events:
    """What is said by itself: each matter where it happens, on days of its weather, at its hours."""
    often = np.array([one.often for one in words.TOLD])
    counts = chance.multinomial(max(count, 0), often / often.sum())
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() - (DAYS - 1) * DAY_S
    parts = []
    for matter, (told, number) in enumerate(zip(words.TOLD, counts.tolist(), strict=True)):
        weights = days.weights(told.wet, told.when)
        day = chance.choice(DAYS, number, p=weights / weights.sum())
        at = midnight + day * DAY_S + weather.hours(chance, told.when, number) * 3600
        item = chance.choice(len(pools[told.on].weight), number, p=pools[told.on].weight)
        parts.append(_events(chance, pools, np.full(number, matter), item, at, now))
    return _joined(parts)


def _planted(chance: np.random.Generator, pools: Mapping[str, Pool], one: Planted, now: datetime) -> Events:
    """A story's rows: one thing, told of at its ages."""
    count = len(one)
    at = now.timestamp() - np.array(one.ages) * DAY_S
    made = _events(chance, pools, np.full(count, one.matter), np.full(count, one.item), at, now)
    ended = np.arange(count) < count - 1 if one.repeat else np.zeros(count, dtype=bool)
    first = np.where(np.arange(count) > 0, 0, -1) if one.voices else np.full(count, -1)
    return _replaced(
        made, ended=ended, first=first, repeat=np.full(count, one.repeat, dtype=object),
        story=np.full(count, one.story, dtype=object),
    )  # fmt: skip


def _again(chance: np.random.Generator, every: Events, start: int, counts: NDArray[np.int64], now: datetime) -> Events:
    """The same problem told by neighbours within two days: rows after the stories, each so often."""
    among = np.arange(start, len(every))
    first = np.repeat(chance.choice(among, len(counts), replace=False) if len(counts) else among[:0], counts)
    count = len(first)
    at = _past(chance, every.at[first] + chance.uniform(0.4, 40, count) * 3600, now)
    return Events(
        every.matter[first], every.item[first], every.xy[first], every.xy[first] + chance.normal(0, 5, (count, 2)), at,
        every.ended[first], every.repeat[first], first, np.full(count, "duplicate", dtype=object),
    )  # fmt: skip


def _events(
    chance: np.random.Generator, pools: Mapping[str, Pool], matter: NDArray[np.int64], item: NDArray[np.int64],
    at: Floats, now: datetime,
) -> Events:  # fmt: skip
    count = len(matter)
    layer = words.TOLD[int(matter[0])].layer if count else spots.ROADS
    xy = pools[layer].xy[item]
    return Events(
        matter, item, xy, xy + spots.jitter(chance, layer, count), _past(chance, at, now),
        np.zeros(count, dtype=bool), np.full(count, "", dtype=object), np.full(count, -1),
        np.full(count, "", dtype=object),
    )  # fmt: skip


def _past(chance: np.random.Generator, at: Floats, now: datetime) -> Floats:
    """Nothing is said in the future: today's later hours have been said in the last ten."""
    end = now.timestamp()
    return np.floor(np.where(at < end, at, end - chance.uniform(60, 36_000, len(at))))


def _with_first(parts: Sequence[Events]) -> list[Events]:
    """Rows that tell the first row of their own part again, numbered through all parts."""
    starts = np.cumsum([0, *map(len, parts)])
    return [
        _replaced(part, first=np.where(part.first >= 0, part.first + start, -1))
        for part, start in zip(parts, starts.tolist(), strict=False)
    ]


def _replaced(one: Events, **columns: Any) -> Events:
    return Events(**{field.name: columns.get(field.name, getattr(one, field.name)) for field in fields(Events)})


def _joined(parts: Sequence[Events]) -> Events:
    return Events(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Events)))
