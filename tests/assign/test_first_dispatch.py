"""A first dispatch is right unless it is returned with agreement, ruled to another, or passed on out of the tree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.assign.figures import Figure, counted
from geoapp.assign.first_dispatch import EVENTS, Came, firsts

DISTRICT, OFFICE, OTHER = 1, 2, 3
ABOVE = {DISTRICT: {DISTRICT}, OFFICE: {OFFICE, DISTRICT}, OTHER: {OTHER}}
EVENT = st.tuples(st.sampled_from(EVENTS), st.sampled_from([0, DISTRICT, OFFICE, OTHER]))


def came(*events: tuple[str, int]) -> list[Came]:
    return cases([list(events)])


def cases(tickets: list[list[tuple[str, int]]]) -> list[Came]:
    ticket = np.array([nth for nth, events in enumerate(tickets) for _ in events], dtype=np.int64)
    rows = [event for events in tickets for event in events]
    name = np.array([EVENTS.index(one) for one, _ in rows], dtype=np.int64)
    unit = np.array([one for _, one in rows], dtype=np.int64)
    return [Came(one) for one in firsts(ticket, name, unit, ABOVE).came.tolist()]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([("dispatch", DISTRICT)], Came.PENDING),
        ([("dispatch", DISTRICT), ("sign", 0)], Came.RIGHT),
        ([("dispatch", DISTRICT), ("return", 0)], Came.FAILED),
        ([("dispatch", DISTRICT), ("return", 0), ("dispatch", OTHER), ("sign", 0)], Came.FAILED),
        ([("dispatch", DISTRICT), ("rule", OTHER), ("sign", 0)], Came.FAILED),
        ([("dispatch", DISTRICT), ("rule", DISTRICT), ("sign", 0)], Came.RIGHT),
        ([("dispatch", DISTRICT), ("delegate", OFFICE), ("sign", 0)], Came.RIGHT),
        ([("dispatch", DISTRICT), ("delegate", OTHER), ("sign", 0)], Came.FAILED),
        ([("dispatch", OFFICE), ("delegate", DISTRICT), ("sign", 0)], Came.FAILED),
    ],
)
def test_what_came_of_a_first_dispatch(events: list[tuple[str, int]], expected: Came) -> None:
    assert came(*events) == [expected]


def test_what_was_never_dispatched_counts_nowhere() -> None:
    assert came(("sign", 0)) == [] and came() == []


def plainly(events: list[tuple[str, int]]) -> Came | None:
    sent = next((nth for nth, (name, _) in enumerate(events) if name == "dispatch"), None)
    if sent is None:
        return None
    first, found = events[sent][1], Came.PENDING
    for name, unit in events[sent + 1 :]:
        ruled = name == "rule" and unit not in (0, first)
        passed = name == "delegate" and unit not in (0, first) and first not in ABOVE[unit]
        if name == "return" or ruled or passed:
            return Came.FAILED
        if name == "sign":
            found = Came.RIGHT
    return found


@given(st.lists(st.lists(EVENT, max_size=6), max_size=8))
def test_many_tickets_are_judged_as_one_by_one(tickets: list[list[tuple[str, int]]]) -> None:
    assert cases(tickets) == [one for events in tickets if (one := plainly(events)) is not None]


def test_what_is_not_decided_is_counted_apart() -> None:
    label, came = ["all"] * 4, np.array([Came.RIGHT, Came.RIGHT, Came.FAILED, Came.PENDING])
    (all_,) = counted(Figure.FIRST_DISPATCH, label, came)
    assert (all_.counts, all_.percent) == ((2, 1, 1), 66.67)
