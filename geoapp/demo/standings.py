"""How far each matter of the demo city has come, by its age: state, outcome, since when, and when it has to be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.demo.events import DAY_S, Events
from geoapp.demo.stage import Stage
from geoapp.demo.stories import DROPPED, FILED, late_offices
from geoapp.lifecycle import OPEN
from geoapp.locate.datum import Floats

# (younger than so many days, state and outcome with their weights)
_STANDINGS: Final = (
    (2.0, (("registered", 20), ("to_dispatch", 20), ("to_sign", 30), ("in_hand", 26), ("closed/explained", 4))),
    (12.0, (("to_dispatch", 2), ("to_sign", 8), ("disputed", 4), ("in_hand", 40), ("to_check", 14),
            ("settled/repaired", 14), ("closed/repaired", 12), ("closed/explained", 4), ("declined/declined", 2))),
    (45.0, (("in_hand", 16), ("shelved", 3), ("to_check", 4), ("settled/repaired", 12), ("settled/explained", 3),
            ("closed/repaired", 44), ("closed/explained", 14), ("declined/declined", 4))),
    (1e9, (("in_hand", 2), ("shelved", 1), ("closed/repaired", 73), ("closed/explained", 18), ("closed/adopted", 2),
           ("declined/declined", 4))),
)  # fmt: skip

_PROLONGED: Final = 0.7
_PROLONGED_LATE: Final = 0.12
_SLOWER: Final = 3.0
"""An office whose tickets are late seldom asks for more time, and takes so much longer."""


@dataclass(frozen=True, slots=True)
class Standings:
    """Arrays, a row an event: state/outcome in one word, since when and due when in seconds since 1970."""

    state: NDArray[np.object_]
    since: Floats
    due: Floats


def make(
    chance: np.random.Generator, stage: Stage, events: Events, office: NDArray[np.int64], now: datetime
) -> Standings:
    """Where each event stands now."""
    end = now.timestamp()
    age = (end - events.at) / DAY_S
    slow = np.isin(office, late_offices(stage))
    state = _states(chance, events, age)
    done = np.array(["/" in one for one in state.tolist()], dtype=bool)
    lasted = chance.lognormal(0.8, 0.7, len(age)) * np.where(slow, _SLOWER, 1.0)
    days = np.where(done, lasted, chance.uniform(0.01, 1.2, len(age)))
    # A platform's post is looked at the same day.
    days = np.where((events.lead == DROPPED) & done, np.minimum(days, 0.7), days)
    days = np.where(np.isnan(events.days), days, events.days)
    since = np.floor(events.at + np.minimum(days, age * 0.9) * DAY_S)
    return Standings(state, since, _due(chance, stage, events, state, slow, end))


def _states(chance: np.random.Generator, events: Events, age: Floats) -> NDArray[np.object_]:
    state = np.full(len(age), "", dtype=object)
    younger = 0.0
    for limit, choices in _STANDINGS:
        band = (age >= younger) & (age < limit)
        weights = np.array([weight for _, weight in choices], dtype=float)
        chosen = chance.choice(len(choices), int(band.sum()), p=weights / weights.sum())
        state[band] = np.array([word for word, _ in choices], dtype=object)[chosen]
        younger = limit
    merged = (events.first >= 0) & (age > 3) & (chance.uniform(size=len(age)) < 0.6)
    state[merged] = "merged/merged"
    state[events.lead == DROPPED] = "declined/declined"
    turned_away = (events.lead == FILED) & np.isin(state, ["declined/declined", "registered"])
    state[turned_away] = "in_hand"
    return np.where(events.told, "registered", np.where(events.state == "", state, events.state))


def _due(
    chance: np.random.Generator, stage: Stage, events: Events, state: NDArray[np.object_], slow: NDArray[np.bool_],
    end: float,
) -> Floats:  # fmt: skip
    """When it has to be done; most of what is long open was prolonged, the rest is late."""
    urgent = np.array([one.spec.urgent for one in stage.told])[events.matter]
    days = np.where(urgent, 1, chance.choice((3, 5, 7, 10, 15), len(events)))
    due = events.at + days * DAY_S
    often = np.where(slow, _PROLONGED_LATE, _PROLONGED)
    prolonged = (due < end) & (chance.uniform(size=len(due)) < often) & np.isin(state, [str(one) for one in OPEN])
    due = np.floor(np.where(prolonged, end + chance.uniform(4, 240, len(due)) * 3600, due))
    return np.where(np.isnan(events.due), due, events.due)
