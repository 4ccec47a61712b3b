"""How far each matter of the demo city has come, by its age: state, outcome, since when, and when it has to be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.demo import words
from geoapp.demo.events import DAY_S, Events
from geoapp.lifecycle import OPEN
from geoapp.locate.datum import Floats

SOON_DUE: Final = 8

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


@dataclass(frozen=True, slots=True)
class Standings:
    """Arrays, a row an event: state/outcome in one word, since when and due when in seconds since 1970."""

    state: NDArray[np.object_]
    since: Floats
    due: Floats
    story: NDArray[np.object_]


def make(chance: np.random.Generator, events: Events, now: datetime) -> Standings:
    """Where each event stands now."""
    end = now.timestamp()
    age = (end - events.at) / DAY_S
    state = _states(chance, events, age)
    done = np.array(["/" in one for one in state.tolist()], dtype=bool)
    days = np.where(done, chance.lognormal(1.2, 0.8, len(age)), chance.uniform(0.01, 1.2, len(age)))
    # What comes back was repaired before it did.
    days = np.where(events.ended, np.minimum(days, 9.0), days)
    since = np.floor(events.at + np.minimum(days, age * 0.9) * DAY_S)
    due = _due(chance, events, state, end)
    story = events.story.copy()
    _tell_one(state, events, story, "disputed")
    _tell_one(state, events, story, "shelved")
    return Standings(state, since, _some_due_soon(events, state, story, due, end), story)


def _states(chance: np.random.Generator, events: Events, age: Floats) -> NDArray[np.object_]:
    state = np.full(len(age), "", dtype=object)
    younger = 0.0
    for limit, choices in _STANDINGS:
        band = (age >= younger) & (age < limit)
        weights = np.array([weight for _, weight in choices], dtype=float)
        chosen = chance.choice(len(choices), int(band.sum()), p=weights / weights.sum())
        state[band] = np.array([word for word, _ in choices], dtype=object)[chosen]
        younger = limit
    state[events.ended] = "closed/repaired"
    merged = (events.first >= 0) & (age > 3) & (chance.uniform(size=len(age)) < 0.6)
    state[merged] = "merged/merged"
    return state


def _due(chance: np.random.Generator, events: Events, state: NDArray[np.object_], end: float) -> Floats:
    """When it has to be done; most of what is long open was prolonged, the rest is late."""
    urgent = np.array([one.spec.urgent for one in words.TOLD])[events.matter]
    days = np.where(urgent, 1, chance.choice((3, 5, 7, 10, 15), len(events)))
    due = events.at + days * DAY_S
    prolonged = (due < end) & (chance.uniform(size=len(due)) < 0.7) & np.isin(state, [str(one) for one in OPEN])
    return np.floor(np.where(prolonged, end + chance.uniform(4, 240, len(due)) * 3600, due))


def _tell_one(state: NDArray[np.object_], events: Events, story: NDArray[np.object_], which: str) -> None:
    """The newest of those that stand so, and are in no story yet, is one."""
    free = np.flatnonzero((state == which) & (story == ""))
    if len(free):
        story[free[np.argmax(events.at[free])]] = which


def _some_due_soon(
    events: Events, state: NDArray[np.object_], story: NDArray[np.object_], due: Floats, end: float
) -> Floats:
    """The newest few open ones fall due some twenty minutes from now, so that a clock can be seen running out."""
    waiting = np.flatnonzero(np.isin(state, ["to_sign", "in_hand"]))
    soon = waiting[np.argsort(events.at[waiting], kind="stable")][-SOON_DUE:]
    due = due.copy()
    due[soon] = np.floor(end) + 20 * 60
    story[soon] = np.where(story[soon] == "", "due_soon", story[soon])
    return due
