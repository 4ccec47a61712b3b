"""How often a site has come back is counted as by hand, whatever the order and however many sites at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geoapp.assign.recurrence import WINDOW, Mended, before, most_often, nth_within, recurrences

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = st.integers(0, 900)
TICKETS = st.lists(st.tuples(st.integers(0, 3), DAYS), max_size=40)


def on(*days: int) -> list[datetime]:
    return [START + timedelta(days=day) for day in days]


@given(TICKETS, st.integers(1, 500))
def test_many_at_once_are_counted_as_one_by_one(tickets: list[tuple[int, int]], window: int) -> None:
    groups = np.array([group for group, _ in tickets], dtype=np.int64)
    seconds = np.array([day for _, day in tickets], dtype=np.int64)
    nth, first = nth_within(groups, seconds, window)
    for at, (group, day) in enumerate(tickets):
        mine = [
            (then, other)
            for other, (of, then) in enumerate(tickets)
            if of == group and day - window < then and (then, other) <= (day, at)
        ]
        assert (nth[at], first[at]) == (len(mine), min(mine)[1])


@given(TICKETS, st.randoms(use_true_random=False))
def test_the_order_they_are_told_in_makes_no_difference(tickets: list[tuple[int, int]], dice: object) -> None:
    unique = sorted(set(tickets))
    shuffled = list(unique)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    told = [
        dict(zip(order, recurrences([m for m, _ in order], on(*(d for _, d in order))), strict=True))
        for order in (unique, shuffled)
    ]
    assert told[0] == told[1]


@given(TICKETS)
def test_the_last_of_a_matter_is_as_often_as_the_site_is_at_that_moment(tickets: list[tuple[int, int]]) -> None:
    matters, opened = [m for m, _ in tickets], on(*(d for _, d in tickets))
    now = max(opened, default=START)
    often = most_often(matters, opened, now)
    counted = [one.nth for one, at in zip(recurrences(matters, opened), opened, strict=True) if at == now]
    assert (often is None) == (not tickets)
    if often is not None:
        assert often.times >= max(counted)
        assert often.since <= often.last <= now and now - often.since < WINDOW


def test_what_is_older_than_the_window_and_what_is_of_another_matter_do_not_count() -> None:
    told = recurrences([7, 7, 8, 7, 7], on(0, 200, 210, 364, 366))
    assert [one.nth for one in told] == [1, 2, 1, 3, 3]
    assert told[4].since == on(200)[0]


def test_exactly_a_window_ago_is_outside() -> None:
    assert [one.nth for one in recurrences([7, 7], on(0, WINDOW.days))] == [1, 1]


def test_unknown_matters_are_none_of_each_others() -> None:
    assert [one.nth for one in recurrences([None, None, None], on(1, 2, 3))] == [1, 1, 1]
    assert most_often([None, None], on(1, 2), START) is None


def test_of_equally_frequent_matters_the_one_that_came_up_last_is_told() -> None:
    often = most_often([7, 8, 7, 8], on(1, 2, 3, 4), on(10)[0])
    assert often is not None and (often.matter, often.times) == (8, 2)


def test_the_repair_before_a_ticket_is_the_last_one_of_its_matter_or_of_no_known_one() -> None:
    first, second, other = (Mended(at, matter=matter) for at, matter in zip(on(10, 20, 30), (7, None, 8), strict=True))
    mended = [first, second, other]
    assert before(mended, on(40)[0], 7) == second
    assert before(mended, on(40)[0], 8) == other
    assert before(mended, on(40)[0], None) == other
    assert before(mended, on(19)[0], 7) == first
    assert before(mended, on(9)[0], 7) is None


def test_the_last_day_of_liability_is_owed_and_none_is_never() -> None:
    mended = Mended(START, date(2027, 3, 1))
    assert [mended.owes(date(2027, 3, day)) for day in (1, 2)] == [True, False]
    assert not Mended(START).owes(date(2020, 1, 1))
