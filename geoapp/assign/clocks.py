"""The named clocks of a ticket: what starts, pauses, moves and stops each, and the steps taken when time runs out.

A ticket's clocks are a function of its events, of its facts (urgent or not, its matter's own times, what was promised)
and of its city's calendar: `run` over all of them, `advance` by one. Moments are whole seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.assign.calendar import Calendar, Seconds


class Clock(StrEnum):
    """What is timed."""

    DISPATCH = "dispatch"  # 分拨
    SIGN = "sign"  # 签收
    FIRST_CONTACT = "first_contact"  # 首次联系
    RULING = "ruling"  # 裁决
    DISPOSAL = "disposal"  # 处置
    CHECK = "check"  # 核查
    REVIEW = "review"  # 挂账复核
    VISIT = "visit"  # 回访


@dataclass(frozen=True, slots=True)
class Step:
    """What is done when time runs out: this event, so many minutes after it ran out, and who is told.

    soon: not after but before, when a fifth of the time is left. Minutes count as the clock does.
    """

    event: str
    roles: tuple[str, ...]
    after: int = 0
    urgent_after: int = 0
    soon: bool = False


def _ladder(soon: str, overdue: str, above: str, after: int, urgent_after: int) -> tuple[Step, ...]:
    return (
        Step("due_soon", tuple(soon.split()), soon=True),
        Step("overdue", tuple(overdue.split())),
        Step("escalated", tuple(above.split()), after, urgent_after),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One clock: it runs while its ticket stands in `runs_in`, so many minutes.

    All that is urgent runs 7×24; the rest too unless `working`. starts: only these moves start it (none: whichever
    brings the ticket there), and `anew` another round of it although it runs. stops: moves that stop it besides those
    that lead elsewhere. after: moves after which a stopped round goes on as if it had never stopped. pauses and
    resumes, extends: approved moves all; dated: a start that says itself until when.
    """

    clock: Clock
    runs_in: frozenset[str]
    minutes: int
    urgent: int
    steps: tuple[Step, ...]
    working: bool = False
    starts: frozenset[str] = frozenset()
    anew: frozenset[str] = frozenset()
    stops: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    pauses: frozenset[str] = frozenset()
    resumes: frozenset[str] = frozenset()
    extends: frozenset[str] = frozenset()
    dated: frozenset[str] = frozenset()


def _moves(names: str) -> frozenset[str]:
    return frozenset(names.split())


_TAKEN_ON: Final = _moves("sign redo reopen mirror_in_hand")
_UNIT: Final = ("unit_staff", "unit_head")

TABLE: Final = (
    Line(
        Clock.DISPATCH, _moves("registered to_dispatch"), 120, 30,
        _ladder("dispatcher", "dispatcher supervisor", "supervisor", 60, 15),
    ),
    Line(Clock.SIGN, _moves("to_sign"), 240, 30, _ladder(*_UNIT, "supervisor", 60, 15), anew=_moves("delegate")),
    Line(
        Clock.FIRST_CONTACT, _moves("in_hand"), 1440, 60, _ladder(*_UNIT, "supervisor", 240, 30),
        starts=_TAKEN_ON, stops=_moves("contact ask pause extend submit"),
    ),
    Line(
        Clock.RULING, _moves("disputed"), 1440, 120,
        _ladder("adjudicator", "adjudicator supervisor", "supervisor", 240, 30),
    ),
    # Work that is not good has not been done: the time of the check counts too.
    Line(
        Clock.DISPOSAL, _moves("in_hand"), 2100, 1440, _ladder(*_UNIT, "supervisor", 420, 60), working=True,
        starts=_TAKEN_ON, after=_moves("fail"), extends=_moves("extend"),
        pauses=_moves("shelve pause mirror_shelved"), resumes=_moves("resume supply mirror_in_hand"),
    ),
    Line(
        Clock.CHECK, _moves("to_check"), 840, 240,
        _ladder("field_checker", "supervisor", "supervisor", 420, 60), working=True,
    ),
    Line(
        Clock.REVIEW, _moves("shelved"), 43_200, 10_080,
        _ladder("unit_head", "supervisor", "supervisor", 1440, 240), dated=_moves("shelve"),
    ),
    # Silence closes a ticket when its window ends: that is nobody's delay.
    Line(Clock.VISIT, _moves("settled"), 10_080, 10_080, (Step("due_soon", ("visitor",), soon=True),)),
)  # fmt: skip

LINES: Final = {line.clock: line for line in TABLE}
RETIMES: Final = _moves("reclassify")
"""Moves after which a ticket is about another matter, which may have times of its own."""

MARKS: Final = RETIMES | frozenset(
    name for line in TABLE for names in (line.stops, line.pauses, line.resumes, line.extends) for name in names
)
"""Moves that clocks hear of although the ticket stays where it stands."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event as clocks hear it: the move, when, where the ticket stands after it, and whether it was brought there.

    due: until when an extension or a review reaches. urgent: that the ticket has become so.
    """

    name: str
    at: int
    stands: str
    moved: bool = True
    due: int | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What a ticket's clocks depend on besides its events: times are its matter's own minutes by clock, promised what
    its source has promised."""

    calendar: Calendar
    urgent: bool = False
    times: Mapping[str, int] = field(default_factory=dict)
    promised: int | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One running of a clock; done counts the steps taken for its present due moment.

    due is with extensions and pauses, first_due without. paused: since when it stands. paused_s and extended_s count
    as the clock does.
    """

    clock: Clock
    nth: int
    urgent: bool
    working: bool
    minutes: int
    started: int
    first_due: int
    due: int
    paused: int | None = None
    paused_s: int = 0
    extended_s: int = 0
    stopped: int | None = None
    done: int = 0
    warned: int | None = None
    overdue: int | None = None

    @property
    def runs(self) -> bool:
        """Whether its time passes."""
        return self.stopped is None and self.paused is None


def minutes_of(line: Line, urgent: bool, times: Mapping[str, int]) -> int:
    """The minutes a clock allows; a matter's own time makes what is urgent only quicker."""
    own = times.get(line.clock.value)
    if not urgent:
        return own or line.minutes
    return min(own or line.urgent, line.urgent)


def run(events: Iterable[Told], facts: Facts) -> tuple[Round, ...]:
    """All rounds of a ticket's clocks, in the order they were started."""
    rounds: tuple[Round, ...] = ()
    for event in events:
        rounds = advance(rounds, event, facts)
        facts = replace(facts, urgent=facts.urgent or event.urgent)
    return rounds


def advance(rounds: Sequence[Round], told: Told, facts: Facts) -> tuple[Round, ...]:
    """The rounds after one more event; the latest of each clock is the one that may still change."""
    latest = {one.clock: one for one in sorted(rounds, key=lambda one: one.nth)}
    changed: dict[tuple[Clock, int], Round] = {}
    for line in TABLE:
        for one in _heard(line, latest.get(line.clock), told, facts):
            changed[one.clock, one.nth] = one
    kept = [changed.pop((one.clock, one.nth), one) for one in rounds]
    return (*kept, *changed.values())


def _heard(line: Line, last: Round | None, told: Told, facts: Facts) -> list[Round]:
    """The rounds of one clock that an event changes or starts."""
    here = told.stands in line.runs_in
    if last is not None and last.stopped is None:
        return _while_running(line, last, told, facts, here)
    if not (here and told.moved):
        return []
    if last is not None and told.name in line.after:
        return [replace(last, stopped=None)]
    if line.starts and told.name not in line.starts | line.after:
        return []
    return [_started(line, last, told, facts)]


def _while_running(line: Line, last: Round, told: Told, facts: Facts, here: bool) -> list[Round]:
    calendar = facts.calendar
    if told.name in line.pauses and last.paused is None:
        return [replace(last, paused=told.at)]
    if last.paused is not None and not here and told.name not in line.stops and told.stands in _WAITS:
        return []
    if told.name in line.resumes and last.paused is not None and here:
        last = _resumed(last, told.at, calendar)
    if not here or told.name in line.stops:
        return [_stopped(last, told.at, calendar)]
    if told.name in line.anew:
        last = _stopped(last, told.at, calendar)
        return [last, _started(line, last, told, facts)]
    if told.name in line.extends and told.due is not None:
        last = _extended(last, told.due, told.at, calendar)
    if told.name in RETIMES:
        last = _retimed(line, last, told.at, facts)
    if told.urgent and not last.urgent:
        return _hurried(line, last, told, facts)
    return [last]


_WAITS: Final = frozenset({"shelved"})
"""Where a ticket stands whose disposal is paused with approval."""


def _started(line: Line, last: Round | None, told: Told, facts: Facts) -> Round:
    urgent = facts.urgent or told.urgent
    minutes = minutes_of(line, urgent, facts.times)
    working = line.working and not urgent
    due = int(_later(facts.calendar, working, told.at, minutes))
    if told.name in line.dated and told.due is not None:
        due = told.due
    elif line.clock is Clock.DISPOSAL and last is None and facts.promised is not None:
        # What was promised to whoever reported it stands.
        due = facts.promised
    return Round(line.clock, last.nth + 1 if last else 1, urgent, working, minutes, told.at, due, due)


def _hurried(line: Line, last: Round, told: Told, facts: Facts) -> list[Round]:
    """What becomes urgent is timed anew from then on, and is due no later than it was."""
    ended = _stopped(last, told.at, facts.calendar)
    hurried = _started(line, ended, told, replace(facts, urgent=True))
    due = min(hurried.due, last.due)
    paused = told.at if last.paused is not None else None
    return [ended, replace(hurried, first_due=due, due=due, paused=paused)]


def _resumed(last: Round, at: int, calendar: Calendar) -> Round:
    """Pauses are made up for: what was left when it paused is left now."""
    assert last.paused is not None
    left = _count(calendar, last.working, last.paused, last.due)
    stood = _count(calendar, last.working, last.paused, at)
    due = _later_s(calendar, last.working, at, left)
    return replace(last, paused=None, paused_s=last.paused_s + stood, due=due)


def _stopped(last: Round, at: int, calendar: Calendar) -> Round:
    return replace(_resumed(last, at, calendar) if last.paused is not None else last, stopped=at)


def _extended(last: Round, due: int, at: int, calendar: Calendar) -> Round:
    """The due moment moved; what it was moved by counts as more time."""
    more = last.extended_s + _count(calendar, last.working, last.due, due)
    return again(replace(last, due=due, extended_s=more), calendar, at)


def _retimed(line: Line, last: Round, at: int, facts: Facts) -> Round:
    """A round by the times of another matter, counted from its own beginning; pauses and more time stay as long.

    What was promised, or named a day, stands. Steps that are still to come are taken again.
    """
    calendar, minutes = facts.calendar, minutes_of(line, last.urgent, facts.times)
    if minutes == last.minutes or last.first_due != _later(calendar, last.working, last.started, last.minutes):
        return last
    first = int(_later(calendar, last.working, last.started, minutes))
    due = _later_s(calendar, last.working, first, _count(calendar, last.working, last.first_due, last.due))
    return again(replace(last, minutes=minutes, first_due=first, due=due), calendar, at)


def again(one: Round, calendar: Calendar, at: int) -> Round:
    """A round whose due moment was moved: steps that were taken for the one before are to come again."""
    left = [nth for nth, when in enumerate(moments(one, calendar)) if when > at]
    done = min(left[0] if left else one.done, one.done)
    overdue = one.overdue if one.due <= at else None
    return replace(one, done=done, warned=one.warned if done else None, overdue=overdue)


# Time as a clock counts it


def _count(calendar: Calendar, working: bool, since: int, until: int) -> int:
    return int(calendar.between(since, until)) if working else until - since


def _later(calendar: Calendar, working: bool, at: int | Seconds, minutes: int) -> Seconds:
    return calendar.add(at, minutes) if working else np.asarray(at, np.int64) + minutes * 60


def _later_s(calendar: Calendar, working: bool, at: int, seconds: int) -> int:
    return int(calendar.add_seconds(at, seconds)) if working else at + seconds


def passed(one: Round, calendar: Calendar, now: int) -> int:
    """The seconds that have passed on a clock, pauses included, as it counts."""
    return _count(calendar, one.working, one.started, one.stopped if one.stopped is not None else now)


def spent(one: Round, calendar: Calendar, now: int) -> int:
    """The seconds that have passed without the pauses."""
    stood = 0
    if one.paused is not None and one.stopped is None:
        stood = _count(calendar, one.working, one.paused, now)
    return passed(one, calendar, now) - one.paused_s - stood


def left(one: Round, calendar: Calendar, now: int) -> int:
    """The seconds left until it is due, as the clock counts; negative where it is over."""
    if one.stopped is not None:
        return _count(calendar, one.working, one.stopped, one.due)
    return _count(calendar, one.working, one.paused if one.paused is not None else now, one.due)


def stands(one: Round, now: int) -> str:
    """running, paused or overdue; once it has stopped, in_time or late."""
    if one.stopped is not None:
        return "late" if one.stopped > one.due else "in_time"
    if one.paused is not None:
        return "paused"
    return "overdue" if one.due < now else "running"


# Steps


def moments(one: Round, calendar: Calendar) -> list[int]:
    """When each step of a clock is due."""
    found = []
    for step in LINES[one.clock].steps:
        after = step.urgent_after if one.urgent else step.after
        minutes = -max(one.minutes // 5, 1) if step.soon else after
        found.append(int(_later(calendar, one.working, one.due, minutes)))
    return found


def next_step(one: Round, calendar: Calendar) -> int | None:
    """When the next step is due; None where there is none, or the clock does not run."""
    steps = LINES[one.clock].steps
    return moments(one, calendar)[one.done] if one.runs and one.done < len(steps) else None


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that is taken: the nth, and when it was due."""

    nth: int
    step: Step
    at: int


def take_steps(one: Round, calendar: Calendar, now: int) -> tuple[Round, list[Taken]]:
    """All steps that are due by now, however late it has become, and the round after them."""
    taken: list[Taken] = []
    if one.runs:
        steps = list(zip(LINES[one.clock].steps, moments(one, calendar), strict=True))
        for nth, (step, when) in enumerate(steps[one.done :], start=one.done):
            if when > now:
                break
            taken.append(Taken(nth, step, when))
    for each in taken:
        one = replace(one, done=each.nth + 1)
        if each.step.soon:
            one = replace(one, warned=each.at)
        elif each.step.event == "overdue":
            one = replace(one, overdue=each.at)
    return one, taken


# Many at once


@dataclass(frozen=True, slots=True)
class Opened:
    """Rounds that begin with their tickets, as columns: at is the position of the ticket, stopped 0 while it runs."""

    line: Line
    at: NDArray[np.int64]
    urgent: bool
    working: bool
    minutes: int
    started: Seconds
    due: Seconds
    stopped: Seconds
    next_step: Seconds


def open_many(
    calendar: Calendar, states: Sequence[str], said: Seconds, since: Seconds, urgent: NDArray[np.bool_],
    times: Sequence[Mapping[str, int]], promised: Seconds,
) -> list[Opened]:  # fmt: skip
    """The rounds of tickets that were registered at `said` and stand where they do since `since`, as `run` has them.

    promised is 0 where nothing was. Tickets that have the same way are counted together.
    """
    groups: dict[tuple[str, bool, tuple[tuple[str, int], ...]], list[int]] = {}
    for nth, (state, hurry, own) in enumerate(zip(states, urgent.tolist(), times, strict=True)):
        groups.setdefault((state, hurry, tuple(sorted(own.items()))), []).append(nth)
    found: list[Opened] = []
    for (state, hurry, own_times), members in groups.items():
        at, own = np.array(members, np.int64), dict(own_times)
        for line in TABLE:
            first = "registered" in line.runs_in
            if first:
                stopped = np.zeros(len(at), np.int64) if state in line.runs_in else since[at]
                found.append(_opened(calendar, line, at, hurry, own, said[at], stopped, promised[at]))
            elif state in line.runs_in and (not line.starts or f"mirror_{state}" in line.starts):
                zeros = np.zeros(len(at), np.int64)
                found.append(_opened(calendar, line, at, hurry, own, since[at], zeros, promised[at]))
    return found


def _opened(
    calendar: Calendar, line: Line, at: NDArray[np.int64], urgent: bool, own: Mapping[str, int], started: Seconds,
    stopped: Seconds, promised: Seconds,
) -> Opened:  # fmt: skip
    minutes, working = minutes_of(line, urgent, own), line.working and not urgent
    due = _later(calendar, working, started, minutes)
    if line.clock is Clock.DISPOSAL:
        due = np.where(promised > 0, promised, due)
    soon = _later(calendar, working, due, -max(minutes // 5, 1))
    return Opened(line, at, urgent, working, minutes, started, due, stopped, soon)
