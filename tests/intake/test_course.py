"""The moves by which a rehearsal leads a ticket to what became of it: by a rule, and at the times that are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.intake.became import Again, Became, Word, apart
from geoapp.intake.course import Begun, Step, course
from geoapp.lifecycle import State, move
from importers.base import Standing
from tests.make import SAID, make_report

DAY = timedelta(days=1)
SENT = Begun(SAID, "to_sign", "A")
HELD = Begun(SAID, "to_dispatch", "")
FRESH = Begun(SAID, "registered", "")


def told(steps: list[Step]) -> list[tuple[str, int]]:
    """Each move and how many minutes after it was said."""
    return [(one.name, int((one.at - SAID).total_seconds() // 60)) for one in steps]


def test_what_was_sent_right_is_signed_and_settled_when_its_source_says() -> None:
    steps = course(SENT, Became("A", state="closed", at=SAID + 2 * DAY, outcome="repaired"))
    assert told(steps) == [("sign", 120), ("contact", 840), ("submit", 2880), ("pass", 2880)]
    assert steps[-1].given == {"outcome": "repaired"}


def test_what_was_held_is_dispatched_by_hand_within_half_the_time() -> None:
    steps = course(HELD, Became("B", state="in_hand"))
    assert told(steps) == [("dispatch", 60), ("sign", 180), ("contact", 900)]
    assert (steps[0].unit, told(course(FRESH, Became("B")))[0]) == ("B", ("queue", 0))


def test_what_was_sent_wrong_comes_back_and_goes_to_whom_it_was() -> None:
    steps = course(SENT, Became("B"))
    assert told(steps) == [("ask_return", 120), ("return", 180), ("dispatch", 240), ("sign", 360), ("contact", 1080)]
    assert [one.given["proposal"] for one in steps[:2]] == ["B", "B"]


def test_urgent_ones_and_matters_with_times_of_their_own_are_quicker() -> None:
    hurry = Begun(SAID, "to_dispatch", "", urgent=True, times={"dispatch": 20})
    assert told(course(hurry, Became("B")))[:2] == [("dispatch", 10), ("sign", 25)]


def test_what_was_over_sooner_was_dispatched_and_signed_sooner() -> None:
    steps = course(HELD, Became("B", state="closed", at=SAID + timedelta(minutes=18)))
    assert told(steps) == [("dispatch", 6), ("sign", 18), ("submit", 18), ("pass", 18)]
    before = course(HELD, Became("B", state="closed", at=SAID - DAY))
    assert {one.at for one in before} == {SAID} and len(before) == 4


def test_whoever_is_not_satisfied_has_it_done_again_and_the_second_time_supervised() -> None:
    again = tuple(Again(SAID + nth * DAY, SAID + nth * DAY + DAY / 2, stars=(1, 2, 3)) for nth in (1, 2))
    became = Became("A", state="closed", at=SAID + 4 * DAY, again=again, word=Word(SAID + 5 * DAY, (5, 4, 5)))
    steps = course(SENT, became)
    assert [one.name for one in steps] == [
        "sign", "contact", "submit", "pass", "redo", "submit", "pass", "redo", "supervise", "submit", "pass", "archive",
    ]  # fmt: skip
    assert [one.satisfied for one in steps if one.satisfied is not None] == [False, False, True]


@pytest.mark.parametrize("state", ["to_sign", "disputed"])
def test_what_nobody_has_signed_for_waits(state: str) -> None:
    assert course(SENT, Became("A", state=state, at=SAID + DAY)) == []


def test_what_nobody_has_got_round_to_waits_where_no_list_has_sent_it() -> None:
    waits = Became("A", state="to_dispatch", at=SAID + DAY)
    assert (course(HELD, waits), told(course(FRESH, waits)), told(course(SENT, waits))[0]) == (
        [], [("queue", 0)], ("sign", 120),
    )  # fmt: skip


def test_of_whom_nothing_is_known_nothing_is_done() -> None:
    assert course(HELD, Became("")) == []


def test_what_a_source_says_of_the_end_is_taken_out_of_what_was_said() -> None:
    report = make_report(unit="A", unit_name="Aye", due_at=SAID + DAY, standing=Standing("closed", SAID, "repaired"))
    one = apart(report)
    assert (one.report.unit, one.report.unit_name, one.report.standing, one.report.due_at) == ("", "", None, None)
    assert one.became == Became("A", "Aye", "closed", SAID, "repaired")


_MOMENT = st.integers(-3000, 60_000).map(lambda minutes: SAID + timedelta(minutes=minutes))


@given(
    st.sampled_from([SENT, HELD, FRESH, Begun(SAID, "to_dispatch", "", urgent=True)]), st.sampled_from(["", "A", "B"]),
    st.sampled_from([str(one) for one in State]), st.none() | _MOMENT, st.sampled_from(["", "T-1"]),
)  # fmt: skip
def test_every_course_is_one_the_table_allows(
    begun: Begun, unit: str, state: str, at: datetime | None, into: str
) -> None:
    stands, last = State(begun.state), begun.said_at
    for step in course(begun, Became(unit, state=state, at=at, into=into)):
        stands = move(step.name, stands, step.who, frozenset(step.given) | ({"unit"} if step.unit else set()))
        assert step.at >= last and step.at.microsecond == 0 and step.at.tzinfo is UTC
        last = step.at
