"""Settled in time and redone, counted at once, are what a plain loop over each ticket's events counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geoapp.assign.figures import Figure, Rounds, Share, counted, in_time, redone

WEEK = 100
"""So many seconds are a week here."""


@dataclass(frozen=True)
class Told:
    """What happened to one ticket, in its order: rounds as (due, stopped), settlements and returns as (key, second)."""

    rounds: list[tuple[int, int]]
    settled: list[tuple[int, int]]
    back: list[tuple[int, int]]


@st.composite
def told(draw: st.DrawFn) -> list[Told]:
    found, key = [], 0
    for _ in range(draw(st.integers(0, 6))):
        rounds, settled, back, now = [], [], [], draw(st.integers(0, 50))
        for _ in range(draw(st.integers(0, 4))):
            now += draw(st.integers(0, 120))
            if draw(st.booleans()):
                rounds.append((now + draw(st.integers(-60, 60)), now))
            key, now = key + 1, now + draw(st.integers(0, 90))
            settled.append((key, now))
            key, now = key + 1, now + draw(st.integers(0, 90))
            if draw(st.booleans()):
                back.append((key, now))
        found.append(Told(rounds, settled, back))
    return found


def plainly(tickets: list[Told], weekly: bool) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    time: Counter[tuple[str, str]] = Counter()
    again: Counter[tuple[str, str]] = Counter()
    for one in tickets:
        for label in {name(at, weekly) for _, at in one.settled}:
            mine = [(key, at) for key, at in one.settled if name(at, weekly) == label]
            by = mine[-1][1]
            judged = [(due, stopped) for due, stopped in one.rounds if stopped <= by]
            word = "unclocked" if not judged else "late" if judged[-1][1] > judged[-1][0] else "in_time"
            time[label, word] += 1
            again[label, "redone" if any(key > mine[0][0] for key, _ in one.back) else "stayed"] += 1
    return time, again


def name(at: int, weekly: bool) -> str:
    return str(at // WEEK) if weekly else "all"


def as_counter(shares: list[Share], names: tuple[str, ...]) -> Counter[tuple[str, str]]:
    return +Counter({(one.label, word): one[word] for one in shares for word in names})


def numbers(values: list[int]) -> np.typing.NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


@given(told(), st.booleans())
def test_figures_at_once_are_those_of_a_plain_loop(tickets: list[Told], weekly: bool) -> None:
    settled = sorted((key, at, nth) for nth, one in enumerate(tickets) for key, at in one.settled)
    ticket, at = numbers([nth for *_, nth in settled]), numbers([at for _, at, _ in settled])
    label = [name(one, weekly) for one in at.tolist()]
    rounds = [(nth, *one) for nth, told_of in enumerate(tickets) for one in told_of.rounds]
    of, due, stopped = (numbers([one[column] for one in rounds]) for column in range(3))
    back = {nth: one.back[-1][0] for nth, one in enumerate(tickets) if one.back}
    time, again = plainly(tickets, weekly)
    found = in_time(ticket, at, label, Rounds(of, due, stopped))
    assert as_counter(found, ("in_time", "late", "unclocked")) == time
    come = redone(ticket, numbers([key for key, *_ in settled]), label, numbers([*back]), numbers([*back.values()]))
    assert as_counter(come, ("redone", "stayed")) == again


def test_silence_is_counted_apart() -> None:
    (one,) = counted(Figure.SATISFIED, ["all"] * 5, numbers([0, 0, 1, 2, 2]))
    assert one.as_dict() == {
        "figure": "satisfied", "label": "all", "percent": 66.67, "satisfied": 2, "dissatisfied": 1, "silent": 2,
    }  # fmt: skip
    assert Share(Figure.REDONE, "all", (0, 0)).percent is None
