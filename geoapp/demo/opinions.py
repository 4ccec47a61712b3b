"""What people of the demo city say of the work that was done for them, and what they ask for again.

Drawn by a stream of chance of its own, so that the past itself stays the same. Nobody real is rated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.demo.events import DAY_S, Events
from geoapp.demo.stage import Stage
from geoapp.demo.standings import Standings
from geoapp.locate.datum import Floats

_AGAIN: Final = 0.025
_AGAIN_LATE: Final = 0.07
_AGAIN_BACK: Final = 0.15
"""How often work is not good enough: at first, where it came late, and where the same defect comes back."""

_SPEAK: Final = 0.32
_SPEAK_LATE: Final = 0.18
_LONGEST_WAIT: Final = 6.5
"""Days within which somebody speaks: after a week of silence a ticket is closed."""

_PATIENCE: Final = 1.0
"""What is done within a day is not done twice."""

_DONE: Final = ("closed/repaired", "closed/explained", "closed/adopted")


@dataclass(frozen=True, slots=True)
class Opinions:
    """Arrays, a row an event, seconds since 1970 and NaN where nothing was said; stars of speed, effect, service.

    settled: when it was settled before it was asked for again at `again`; good: when somebody said that it is good now.
    """

    settled: Floats
    again: Floats
    again_stars: NDArray[np.int64]
    good: Floats
    stars: NDArray[np.int64]


def make(chance: np.random.Generator, stage: Stage, events: Events, stand: Standings, now: float) -> Opinions:
    """Who speaks and what they say: worse of what came late, and of what was done twice."""
    count = len(events)
    lasted = (stand.since - events.at) / DAY_S
    done = np.isin(stand.state, _DONE) & stage.made_up
    late = stand.since > stand.due
    often = np.where(events.repeat != "", _AGAIN_BACK, np.where(late, _AGAIN_LATE, _AGAIN))
    twice = done & (lasted > _PATIENCE) & (chance.uniform(size=count) < often)
    first = events.at + (stand.since - events.at) * chance.uniform(0.3, 0.6, count)
    wait = np.minimum((stand.since - first) * 0.5, _LONGEST_WAIT * DAY_S)
    back = first + wait * chance.uniform(0.1, 1.0, count)
    speaks = done & (chance.uniform(size=count) < np.where(late, _SPEAK_LATE, _SPEAK))
    good = stand.since + chance.uniform(0.02, _LONGEST_WAIT, count) * DAY_S
    usual = 5 - chance.binomial(2, np.where(late | twice, 0.55, 0.2)[:, None], (count, 3))
    return Opinions(
        np.where(twice, np.floor(first), np.nan), np.where(twice, np.floor(back), np.nan),
        1 + chance.binomial(2, 0.4, (count, 3)), np.where(speaks & (good < now), np.floor(good), np.nan), usual,
    )  # fmt: skip
