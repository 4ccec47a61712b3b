"""A past gone through again in event time: filed, dispatched, timed and carried on as it would have been here.

Week by week its list, its reports by the one path, and each ticket's moves, every one at its own time and after
whatever its clocks were due to do before it; at the week's end the clocks of all, and what is done by itself, each when
it was due.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from heapq import heappop, heappush
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Engine

from geoapp.assign.figures import Share
from geoapp.city import City
from geoapp.intake.became import Became, Told
from geoapp.intake.course import OVER, STARS, Begun, Step, course
from geoapp.intake.path import take
from geoapp.lifecycle import SILENCE, State
from geoapp.store import catalogue, clocks, ratings
from geoapp.store.queries import figures, sendings
from geoapp.store.queries.sendings import Sent
from geoapp.tickets.moves import Moved, make_moves, move_on
from geoapp.tickets.ticking import ring_each, tick
from geoapp.tickets.writer import SENDER

_BATCH: Final = 1000
_WAVE: Final = 2000
ACTOR: Final = "rehearsal"
_A_SECOND: Final = timedelta(seconds=1)

Progress = Callable[[int, date], None]
"""Told how many reports were gone through, and the week's Monday."""


def nothing(_done: int, _day: date) -> None:
    """Tell nobody."""


Lists = Callable[[date], None]
"""Puts into force what holds from a Monday on; asked before anything of that week is filed."""


@dataclass(slots=True)
class Rehearsed:
    """What a rehearsal came to: reports and what became of them, how they were dispatched, and how long it took.

    without: opened while no list was in force; held: for a person, held_by: why (there may be several reasons); wrong:
    sent to another than had it; asked: sent and held, by year; at_once: over as soon as they were said; unknown: nobody
    knows whose they were.
    """

    reports: int = 0
    status: Counter[str] = field(default_factory=Counter)
    without: int = 0
    sent: int = 0
    wrong: int = 0
    held: int = 0
    held_by: Counter[str] = field(default_factory=Counter)
    asked: dict[int, list[int]] = field(default_factory=dict)
    at_once: int = 0
    unknown: int = 0
    lists: int = 0
    moves: int = 0
    events: int = 0
    seconds: float = 0.0
    first: date | None = None
    last: date | None = None
    whole: list[Share] = field(default_factory=list)
    years: list[Share] = field(default_factory=list)

    @property
    def held_percent(self) -> float | None:
        """How many of those that a list was asked about were held, in a hundred."""
        return _percent(self.sent, self.held)

    @property
    def held_by_year(self) -> dict[str, float | None]:
        """The same by the year in which they were said."""
        return {str(year): _percent(*asked) for year, asked in sorted(self.asked.items()) if any(asked)}

    def as_dict(self) -> dict[str, Any]:
        """As it is printed with --json."""
        return {
            "reports": self.reports, "status": dict(self.status), "before_any_list": self.without, "sent": self.sent,
            "sent_elsewhere": self.wrong, "held": self.held, "held_percent": self.held_percent,
            "held_percent_by_year": self.held_by_year, "held_by": dict(self.held_by.most_common()),
            "over_at_once": self.at_once, "owner_unknown": self.unknown,
            "lists": self.lists, "moves": self.moves, "events": self.events, "seconds": round(self.seconds, 1),
            "events_per_second": round(self.events / self.seconds) if self.seconds else None,
            "first": self.first and str(self.first), "last": self.last and str(self.last),
            "figures": [one.as_dict() for one in self.whole], "by_year": [one.as_dict() for one in self.years],
        }  # fmt: skip


def _percent(sent: int, held: int) -> float | None:
    return round(100 * held / (held + sent), 2) if held + sent else None


def rehearse(
    engine: Engine, city: City, source: str, told: Sequence[Told], lists: Lists = lambda day: None,
    progress: Progress = nothing, until: datetime | None = None,
) -> Rehearsed:  # fmt: skip
    """Go through what was told, in the order it was said, until the last that is known of it or some other moment.

    Killed and started again with the same, it goes on where it was.
    """
    started = time.perf_counter()
    stage = _Stage(engine, city, source, lists)
    ordered = sorted((one for one in told if one.report.said_at), key=_said)
    if ordered:
        end = until or max(max(_said(one), one.became.at or _said(one)) for one in ordered)
        stage.play(ordered, end, progress)
    found = stage.found
    with engine.connect() as connection:
        found.whole = figures.every(connection, city, "all")
        found.years = figures.every(connection, city, "year")
        found.events = sendings.happened(connection, city.id)
    found.seconds = time.perf_counter() - started
    return found


def _said(one: Told) -> datetime:
    assert one.report.said_at is not None
    return one.report.said_at


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


_UNKNOWN: Final = datetime.min.replace(tzinfo=UTC)
"""Stands for a moment that has to be asked for."""


class _Stage:
    """A rehearsal under way: what is still to be done, in the order of its time."""

    def __init__(self, engine: Engine, city: City, source: str, lists: Lists) -> None:
        self._engine, self._city, self._source, self._lists = engine, city, source, lists
        self._ahead: list[tuple[datetime, int, int, Step]] = []
        self._count = 0
        self._next: datetime | None = _UNKNOWN
        self._units: dict[str, int] = {}
        self._named: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self.found = Rehearsed()

    def play(self, told: Sequence[Told], end: datetime, progress: Progress) -> None:
        """All weeks, those in which nothing is said too: clocks go on."""
        weeks = {day: list(mine) for day, mine in groupby(told, key=lambda one: _monday(self._day(_said(one))))}
        first, last = self._day(_said(told[0])), max(self._day(end), self._day(_said(told[-1])))
        self.found.first, self.found.last = first, last
        for nth in range((_monday(last) - _monday(first)).days // 7 + 1):
            monday = _monday(first) + timedelta(weeks=nth)
            mine = weeks.get(monday, [])
            if mine:
                self._lists(monday)
            for start in range(0, len(mine), _BATCH):
                self._open(mine[start : start + _BATCH])
            until = self._end_of(monday) if monday < _monday(last) else max(end, _said(told[-1]))
            if self._is_due(until):
                self._go_on(until)
                progress(self.found.reports, monday)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._city.zone).date()

    def _end_of(self, monday: date) -> datetime:
        return datetime.combine(monday + timedelta(weeks=1), clock_time(), self._city.zone) - _A_SECOND

    # Reports

    def _open(self, told: Sequence[Told]) -> None:
        self._next = _UNKNOWN
        taken = take(self._engine, self._city, self._source, [one.report for one in told])
        self.found.reports += len(told)
        self.found.status.update(one.status for one in taken)
        opened = {
            one.ticket_id: of for one, of in zip(taken, told, strict=True)
            if one.status in ("opened", "seen") and one.ticket_id is not None
        }  # fmt: skip
        with self._engine.connect() as connection:
            sent, subjects = sendings.of(connection, opened, SENDER, f"%:{ACTOR}"), clocks.subjects(connection, opened)
        for key, of in opened.items():
            self._count_in(sent[key], of.became, _said(of))
            if of.report.ref:
                self._numbers[of.report.ref] = sent[key].number
            self._named.setdefault(of.became.unit, of.became.unit_name)
            mine = subjects[key]
            begun = Begun(_said(of), sent[key].state, sent[key].unit, mine.urgent, mine.times)
            became = replace(of.became, into=self._numbers.get(of.became.into, ""))
            # Started again, it goes on with what was not done yet.
            for step in course(begun, became)[sent[key].made :]:
                self._count += 1
                heappush(self._ahead, (step.at, self._count, key, step))

    def _count_in(self, sent: Sent, became: Became, said_at: datetime) -> None:
        found = self.found
        found.without += sent.state == State.REGISTERED
        found.held += bool(sent.held)
        found.held_by.update(sent.held)
        found.sent += sent.state == State.TO_SIGN
        found.wrong += sent.state == State.TO_SIGN and bool(became.unit) and sent.unit != became.unit
        found.at_once += became.state in OVER and became.at is not None and became.at <= said_at
        asked = found.asked.setdefault(self._day(said_at).year, [0, 0])
        asked[0] += sent.state == State.TO_SIGN
        asked[1] += bool(sent.held)
        found.unknown += not became.unit

    # Moves

    def _is_due(self, until: datetime) -> bool:
        """Whether anything is to be done by then; in many weeks of a thin past nothing is."""
        if self._ahead and self._ahead[0][0] <= until:
            return True
        if self._next is _UNKNOWN:
            with self._engine.connect() as connection:
                self._next = sendings.next_due(connection, self._city.id, SILENCE)
        return self._next is not None and self._next <= until

    def _go_on(self, until: datetime) -> None:
        for wave in _waves(self._due(until)):
            keys = list(wave)
            for start in range(0, len(keys), _WAVE):
                self._make({key: wave[key] for key in keys[start : start + _WAVE]})
        # Somebody has looked all week: what a clock was to do, or silence, it did when it was due.
        tick(self._engine, until, _WAVE, awake=True, city_id=self._city.id)
        move_on(self._engine, until, SILENCE, awake=True, city_id=self._city.id)
        self._next = _UNKNOWN

    def _due(self, until: datetime) -> Iterator[tuple[int, Step]]:
        while self._ahead and self._ahead[0][0] <= until:
            _, _, key, step = heappop(self._ahead)
            yield key, step

    def _make(self, wave: Mapping[int, Sequence[Step]]) -> None:
        """The next moves of these tickets, all those of one moment at once."""
        moves = [(key, step) for key, steps in wave.items() for step in steps]
        wanted = {step.unit for _, step in moves if step.unit} - self._units.keys()
        self._units |= catalogue.unit_ids(
            self._engine, self._city, {code: self._named.get(code, "") for code in wanted}
        )  # fmt: skip
        with self._engine.begin() as connection:
            # What falls due in the very second of a move was still in time.
            ring_each(connection, {key: steps[0].at - _A_SECOND for key, steps in wave.items()})
            make_moves(connection, self._city.id, [self._moved(key, step) for key, step in moves])
            self._rate(connection, moves)
        self.found.moves += len(moves)

    def _moved(self, key: int, step: Step) -> Moved:
        given = dict(step.given)
        review = None
        if step.name == "shelve":
            review = datetime.combine(date.fromisoformat(given["review"]), clock_time(), self._city.zone)
        if step.unit:
            given["unit"] = step.unit
        return Moved(
            key, step.name, step.who, f"{step.who}:{ACTOR}", step.at, given, unit_id=self._units.get(step.unit),
            outcome=given.get("outcome"), review_at=review,
        )  # fmt: skip

    def _rate(self, connection: Connection, moves: Sequence[tuple[int, Step]]) -> None:
        ratings.add_all(
            connection,
            [
                (key, step.satisfied, {name: value for name, value in step.given.items() if name in STARS},
                 f"{step.who}:{ACTOR}", step.at)
                for key, step in moves if step.satisfied is not None
            ],
        )  # fmt: skip


def _waves(due: Iterator[tuple[int, Step]]) -> Iterator[dict[int, list[Step]]]:
    """First the next moves of each ticket, then those after: a ticket's clocks are looked at between them."""
    mine: dict[int, list[list[Step]]] = {}
    for key, step in due:
        groups = mine.setdefault(key, [])
        if groups and groups[-1][0].at == step.at:
            groups[-1].append(step)
        else:
            groups.append([step])
    for nth in range(max(map(len, mine.values()), default=0)):
        yield {key: groups[nth] for key, groups in mine.items() if nth < len(groups)}
