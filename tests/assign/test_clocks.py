"""Named clocks: as one who counts every minute, over whatever lifecycles the table allows, with pauses, more time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.assign import clocks
from geoapp.assign.calendar import Calendar, calendar, moment, seconds
from geoapp.assign.clocks import LINES, TABLE, Clock, Facts, Round, Told, advance, open_many, run, take_steps
from geoapp.lifecycle import MOVES, State
from geoapp.records import Role

SHENZHEN = calendar("Asia/Shanghai", "CN")
CALENDARS = (
    SHENZHEN,
    calendar("America/New_York", "US-NY", {"mon-fri": ("09:00-17:00",)}),
    calendar("Europe/London", "GB", {"mon-sat": ("01:00-02:30", "10:00-11:00")}),
)


def at(words: str) -> int:
    return seconds(datetime.fromisoformat(words).replace(tzinfo=ZoneInfo("Asia/Shanghai")))


def local(found: int) -> str:
    return moment(found).astimezone(ZoneInfo("Asia/Shanghai")).strftime("%m-%d %H:%M")


def latest(rounds: tuple[Round, ...], clock: Clock) -> Round:
    return [one for one in rounds if one.clock is clock][-1]


# A slow, plain reference: a counter of minutes for each clock, counted down one by one.


@dataclass
class Counter:
    left: int
    working: bool
    paused: bool = False
    stopped: bool = False
    stood: int = 0
    went: int = 0


class Reference:
    def __init__(self, of: Calendar, urgent: bool, start: int) -> None:
        self.of, self.urgent, self.now = of, urgent, start
        self.of_clock: dict[str, Counter] = {}
        self.ghost: Counter | None = None

    def works(self, minute: int) -> bool:
        wall = datetime.fromtimestamp(minute, ZoneInfo(self.of.zone))
        return any(a <= wall.hour * 60 + wall.minute < b for a, b in self.of.hours(wall.date()))

    def wait(self, until: int) -> None:
        while self.now < until:
            for one in {id(one): one for one in (*self.of_clock.values(), *filter(None, [self.ghost]))}.values():
                if one.stopped or (one.working and not self.works(self.now)):
                    continue
                if one.paused:
                    one.stood += 1
                else:
                    one.left -= 1
                one.went += 1
            self.now += 60

    def start(self, name: str, minutes: int, urgent: int, working: bool = False) -> None:
        self.of_clock[name] = Counter(urgent if self.urgent else minutes, working and not self.urgent)

    def stop(self, *names: str) -> None:
        for name in names:
            if name in self.of_clock:
                self.of_clock[name].stopped = True
                self.of_clock[name].paused = False

    def hear(self, name: str, target: str, due: int | None, moved: bool = True) -> None:
        self.wait(self.now)
        if not moved:
            self.hear_beside(name)
            return
        if name in ("return", "queue", "register") and not (name == "queue" and "dispatch" in self.of_clock):
            self.start("dispatch", 120, 30)
        if target not in ("registered", "to_dispatch"):
            self.stop("dispatch")
        if target == "to_sign":
            self.start("sign", 240, 30)
        else:
            self.stop("sign")
        if name in ("sign", "redo", "reopen"):
            self.start("first_contact", 1440, 60)
            self.start("disposal", 2100, 1440, working=True)
        if name == "extend" or target != "in_hand":
            self.stop("first_contact")
        if name == "shelve":
            self.of_clock["disposal"].paused = True
        elif name == "resume":
            self.of_clock["disposal"].paused = False
        elif name == "extend" and due is not None:
            one, now = self.of_clock["disposal"], self.now
            step = 60 if due > now else -60
            minutes = range(now, due, 60) if step > 0 else range(due, now, 60)
            one.left = sum(not one.working or self.works(minute) for minute in minutes) * (1 if step > 0 else -1)
        elif name == "submit":
            one = self.of_clock["disposal"]
            one.paused = False
            # What goes on counting beside it, for work that turns out not to have been done.
            self.ghost = replace(one)
            self.stop("disposal")
        elif name == "fail":
            self.of_clock["disposal"] = self.ghost
        elif target not in ("in_hand", "shelved"):
            self.stop("disposal")
        if target == "disputed":
            self.start("ruling", 1440, 120)
        else:
            self.stop("ruling")
        if target == "to_check":
            self.start("check", 840, 240, working=True)
        else:
            self.stop("check")
        if target == "shelved":
            self.start("review", 43_200, 10_080)
        else:
            self.stop("review")
        if target == "settled":
            self.start("visit", 10_080, 10_080)
        else:
            self.stop("visit")

    def hear_beside(self, name: str) -> None:
        """What leaves the ticket where it stands."""
        if name in ("contact", "ask", "pause"):
            self.stop("first_contact")
        if name == "pause":
            self.of_clock["disposal"].paused = True
        elif name == "supply" and "disposal" in self.of_clock:
            self.of_clock["disposal"].paused = False


GAPS = st.builds(int.__add__, st.sampled_from([0, 0, 1, 13, 480, 1440, 4000]), st.integers(0, 90))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_as_one_who_counts_each_minute(data: st.DataObject) -> None:
    of = data.draw(st.sampled_from(CALENDARS))
    urgent = data.draw(st.booleans())
    near = data.draw(st.sampled_from(["2026-02-12 16:31", "2026-03-06 20:07", "2026-10-30 09:00", "2026-09-18 11:59"]))
    now = at(near)
    plain, state = Reference(of, urgent, now), "registered"
    plain.hear("register", state, None)
    events = [Told("register", now, state)]
    for _ in range(data.draw(st.integers(3, 14))):
        open_moves = [m for m in MOVES if state in m.sources and not m.name.startswith("mirror_")]
        if not open_moves:
            break
        # What ends a ticket early tells little.
        dull = ("decline", "merge", "withdraw", "urgent", "not_urgent")
        open_moves = [m for m in open_moves if m.name not in dull] or open_moves
        move = data.draw(st.sampled_from(sorted(open_moves, key=lambda m: m.name)))
        now += 60 * data.draw(GAPS)
        due = now + 60 * (1 + data.draw(GAPS)) if move.name == "extend" else None
        plain.wait(now)
        if due is not None and plain.of_clock["disposal"].paused:
            due = None
        moved = move.target is not None
        state = move.target.value if move.target is not None else state
        plain.hear(move.name, state, due, moved)
        events.append(Told(move.name, now, state, moved, due=due))
    now += 60 * data.draw(GAPS)
    plain.wait(now)
    rounds = run(events, Facts(of, urgent))
    found = {}
    for one in rounds:
        found[one.clock.value] = one
    assert found.keys() == plain.of_clock.keys()
    for name, counter in plain.of_clock.items():
        one = found[name]
        assert (one.stopped is not None, one.paused is not None) == (counter.stopped, counter.paused), (name, events)
        assert clocks.left(one, of, now) == counter.left * 60, (name, events)
        assert clocks.passed(one, of, now) == counter.went * 60, name
        assert clocks.spent(one, of, now) == (counter.went - counter.stood) * 60, name
    # One by one is as all together.
    facts, by_one = Facts(of, urgent), ()
    for event in events:
        by_one = advance(by_one, event, facts)
    assert by_one == rounds


# What the design says


def walk(*moves: tuple[str, str, str], urgent: bool = False, due: dict[str, str] | None = None) -> tuple[Round, ...]:
    said = [
        Told(name, at(when), state, due=at(due[name]) if due and name in due else None) for name, when, state in moves
    ]
    return run(said, Facts(SHENZHEN, urgent))


def test_dispatch_and_first_contact_run_day_and_night_and_disposal_by_the_calendar() -> None:
    moves = (
        ("register", "2026-03-06 17:00", "registered"), ("queue", "2026-03-06 17:10", "to_dispatch"),
        ("dispatch", "2026-03-06 17:20", "to_sign"), ("sign", "2026-03-06 17:30", "in_hand"),
    )  # fmt: skip
    calm, urgent = walk(*moves), walk(*moves, urgent=True)
    assert local(latest(calm, Clock.DISPATCH).due) == "03-06 19:00"
    assert local(latest(urgent, Clock.DISPATCH).due) == "03-06 17:30"
    assert local(latest(calm, Clock.FIRST_CONTACT).due) == "03-07 17:30"
    # Half an hour on Friday, five days of seven hours but for it.
    assert local(latest(calm, Clock.DISPOSAL).due) == "03-13 17:30"
    assert local(latest(urgent, Clock.DISPOSAL).due) == "03-07 17:30" and not latest(urgent, Clock.DISPOSAL).working


SIGNED = (
    ("register", "2026-03-02 09:00", "registered"), ("dispatch", "2026-03-02 09:10", "to_sign"),
    ("sign", "2026-03-02 10:00", "in_hand"),
)  # fmt: skip


def test_pauses_and_more_time_are_shown_with_and_without() -> None:
    rounds = walk(
        *SIGNED, ("pause", "2026-03-03 10:00", "in_hand"), ("supply", "2026-03-04 11:00", "in_hand"),
        ("extend", "2026-03-05 10:00", "in_hand"), due={"extend": "2026-03-12 11:00"},
    )  # fmt: skip
    one = latest(rounds, Clock.DISPOSAL)
    assert (local(one.first_due), local(one.due)) == ("03-09 10:00", "03-12 11:00")
    assert (one.paused_s // 60, one.extended_s // 60) == (480, 840)
    now = at("2026-03-05 11:00")
    assert clocks.passed(one, SHENZHEN, now) // 60 == 420 * 3 + 60
    assert clocks.spent(one, SHENZHEN, now) // 60 == 420 * 3 + 60 - 480


def test_work_that_fails_its_check_has_never_stopped_its_clock() -> None:
    rounds = walk(*SIGNED, ("submit", "2026-03-03 10:00", "to_check"), ("fail", "2026-03-05 10:00", "in_hand"))
    one = latest(rounds, Clock.DISPOSAL)
    assert one.nth == 1 and one.stopped is None and local(one.due) == "03-09 10:00"
    redone = walk(
        *SIGNED, ("submit", "2026-03-03 10:00", "to_check"), ("pass", "2026-03-03 11:00", "settled"),
        ("redo", "2026-03-05 10:00", "in_hand"),
    )  # fmt: skip
    assert [one.nth for one in redone if one.clock is Clock.DISPOSAL] == [1, 2]


def test_what_becomes_urgent_is_timed_anew_and_due_no_later() -> None:
    events = [Told(name, at(when), state) for name, when, state in SIGNED]
    hurried = Told("urgent", at("2026-03-03 20:00"), "in_hand", moved=False, urgent=True)
    rounds = run([*events, hurried], Facts(SHENZHEN))
    one = latest(rounds, Clock.DISPOSAL)
    assert (one.nth, one.working, local(one.due)) == (2, False, "03-04 20:00")
    late = run([*events, replace(hurried, at=at("2026-03-09 09:00"))], Facts(SHENZHEN))
    assert local(latest(late, Clock.DISPOSAL).due) == "03-09 10:00"


def test_a_review_runs_until_the_day_it_names_and_a_promise_stands() -> None:
    rounds = walk(*SIGNED, ("shelve", "2026-03-03 10:00", "shelved"), due={"shelve": "2026-06-01 18:00"})
    assert local(latest(rounds, Clock.REVIEW).due) == "06-01 18:00"
    events = [Told(name, at(when), state) for name, when, state in SIGNED]
    promised = run(events, Facts(SHENZHEN, promised=at("2026-03-20 18:00")))
    assert local(latest(promised, Clock.DISPOSAL).due) == "03-20 18:00"


def test_a_matters_own_time_is_its_own_and_makes_the_urgent_only_quicker() -> None:
    line = LINES[Clock.DISPOSAL]
    assert clocks.minutes_of(line, False, {"disposal": 600}) == 600
    assert clocks.minutes_of(line, True, {"disposal": 600}) == 600
    assert clocks.minutes_of(line, True, {"disposal": 9000}) == line.urgent


def test_steps_are_taken_in_order_however_late_it_is_and_once() -> None:
    rounds = walk(SIGNED[0])
    one = latest(rounds, Clock.DISPATCH)
    assert [local(when) for when in clocks.moments(one, SHENZHEN)] == ["03-02 10:36", "03-02 11:00", "03-02 12:00"]
    soon, taken = take_steps(one, SHENZHEN, at("2026-03-02 10:40"))
    assert [each.step.event for each in taken] == ["due_soon"] and soon.warned == at("2026-03-02 10:36")
    over, taken = take_steps(soon, SHENZHEN, at("2026-04-01 00:00"))
    assert [(each.step.event, local(each.at)) for each in taken] == [
        ("overdue", "03-02 11:00"), ("escalated", "03-02 12:00"),
    ]  # fmt: skip
    assert take_steps(over, SHENZHEN, at("2027-01-01 00:00"))[1] == []
    assert clocks.next_step(over, SHENZHEN) is None


def test_more_time_lets_steps_come_again() -> None:
    one = latest(walk(*SIGNED), Clock.DISPOSAL)
    late, _ = take_steps(one, SHENZHEN, at("2026-03-09 11:00"))
    assert late.overdue == at("2026-03-09 10:00")
    extended = Told("extend", at("2026-03-09 11:00"), "in_hand", due=at("2026-03-16 18:00"))
    (again,) = [o for o in advance((late,), extended, Facts(SHENZHEN)) if o.clock is Clock.DISPOSAL]
    assert (again.done, again.overdue, again.warned) == (0, None, None)


def test_another_matter_times_what_runs_from_its_beginning_and_leaves_what_was_promised() -> None:
    begun = [
        Told("register", at("2026-03-02 09:00"), "registered"),
        Told("queue", at("2026-03-02 09:00"), "to_dispatch"),
    ]
    changed = Told("reclassify", at("2026-03-02 11:30"), "to_dispatch", moved=False)

    def timed(minutes: int, *events: Told, **facts: Any) -> Round:
        rounds = run(begun, Facts(SHENZHEN, **facts))
        one, _ = take_steps(latest(rounds, Clock.DISPATCH), SHENZHEN, changed.at)
        rounds = tuple(one if each.clock is Clock.DISPATCH else each for each in rounds)
        for event in (changed, *events):
            rounds = advance(rounds, event, Facts(SHENZHEN, times={"dispatch": minutes, "disposal": 600}, **facts))
        return latest(rounds, Clock.DISPATCH)

    longer, shorter, same = timed(300), timed(60), timed(120)
    assert (local(longer.due), longer.minutes, longer.done, longer.overdue) == ("03-02 14:00", 300, 0, None)
    assert (local(shorter.due), shorter.done, local(shorter.overdue or 0)) == ("03-02 10:00", 2, "03-02 11:00")
    assert (local(same.due), same.done) == ("03-02 11:00", 2)
    # More time that was given stays as long; a day that was promised stands.
    held = Facts(SHENZHEN, promised=at("2026-03-20 18:00"))
    promised = run([*begun, *(Told(*one) for one in _TAKEN_ON)], held)
    for times in ({"disposal": 60}, {"disposal": 9000}):
        after = advance(
            promised, Told("reclassify", at("2026-03-02 12:00"), "in_hand", moved=False), replace(held, times=times)
        )
        assert latest(after, Clock.DISPOSAL) == latest(promised, Clock.DISPOSAL)
    extend = Told("extend", at("2026-03-02 12:00"), "in_hand", due=at("2026-03-10 18:00"))
    extended = run([*begun, *(Told(*one) for one in _TAKEN_ON), extend], Facts(SHENZHEN))
    before = latest(extended, Clock.DISPOSAL)
    after = advance(
        extended, Told("reclassify", at("2026-03-02 13:00"), "in_hand", moved=False),
        Facts(SHENZHEN, times={"disposal": 2100 + 480}),
    )  # fmt: skip
    now = latest(after, Clock.DISPOSAL)
    assert now.extended_s == before.extended_s and SHENZHEN.between(before.due, now.due) == 480 * 60


_TAKEN_ON = (
    ("dispatch", at("2026-03-02 09:30"), "to_sign"), ("sign", at("2026-03-02 10:00"), "in_hand"),
)  # fmt: skip


def test_all_that_the_table_names_exists() -> None:
    states, moves, roles = set(State), {move.name for move in MOVES}, set(Role)
    for line in TABLE:
        assert line.runs_in <= states
        named = line.starts | line.anew | line.after | line.pauses | line.resumes | line.extends | line.dated
        assert named <= moves
        assert {role for step in line.steps for role in step.roles} <= roles


# Many at once


@pytest.mark.parametrize("urgent", [False, True])
def test_many_are_opened_as_each_alone(urgent: bool) -> None:
    states = [state.value for state in State]
    said = np.array([at("2026-02-13 17:00") + 977 * 60 * nth for nth in range(len(states))])
    since = said + 3600 * 30
    promised = np.array([0, at("2026-05-01 18:00")] * (len(states) // 2))
    times = [{"disposal": 500} if nth % 3 else {} for nth in range(len(states))]
    columns = open_many(SHENZHEN, states, said, since, np.full(len(states), urgent), times, promised)
    found = {
        (int(nth), one.line.clock): (int(start), int(due), int(stop) or None, int(step))
        for one in columns
        for nth, start, due, stop, step in zip(one.at, one.started, one.due, one.stopped, one.next_step, strict=True)
    }
    wanted = {}
    for nth, state in enumerate(states):
        events = [Told("register", int(said[nth]), "registered")]
        if state != "registered":
            events.append(Told(f"mirror_{state}", int(since[nth]), state))
        for one in run(events, Facts(SHENZHEN, urgent, times[nth], int(promised[nth]) or None)):
            step = clocks.moments(one, SHENZHEN)[0]
            wanted[nth, one.clock] = (one.started, one.due, one.stopped, step)
    # Only sources that were never taken on pause before they start.
    assert found == wanted
