"""Time that runs out: each step of a clock is taken once it is due, found by time and not by whoever looked when.

What came due while nobody looked is taken by the next who does; a step, its event and its reminders are one
transaction, with the ticket held, so that it is taken wholly or not at all, and never twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, text

from geoapp.assign.calendar import Calendar, moment, seconds
from geoapp.assign.clocks import Clock, Round, Taken, again, left, take_steps
from geoapp.store import calendars, clocks
from geoapp.store.clocks import Subject
from geoapp.tickets.clocks import due_of
from geoapp.tickets.writer import Happening, append_events, change, codes, held, lapse

BATCH: Final = 500
ACTOR: Final = "system:clock"
OF_A_UNIT: Final = frozenset({"unit_staff", "unit_head", "crew"})
"""Roles that are told of their own unit's tickets only."""

_REMIND: Final = text(
    "INSERT INTO geoapp.reminder (city_id, ticket_id, clock, nth, step, event, due_at, role, unit_id) "
    "SELECT * FROM unnest(cast(:city_id AS smallint[]), cast(:ticket_id AS bigint[]), cast(:clock AS text[]), "
    "cast(:nth AS smallint[]), cast(:step AS smallint[]), cast(:event AS text[]), cast(:due_at AS timestamptz[]), "
    "cast(:role AS text[]), cast(:unit_id AS int[])) ON CONFLICT DO NOTHING"
)


def tick(
    engine: Engine, now: datetime | None = None, batch: int = BATCH, *, awake: bool = False, city_id: int | None = None
) -> int:
    """Take every step that is due by now, in transactions of bounded size; of how many tickets.

    awake: as if somebody had looked all the time, so that each step was told when it was due. city_id: of that city
    alone.
    """
    moment, rung = now or datetime.now(UTC), 0
    while True:
        with engine.begin() as connection:
            some = ring(connection, moment, batch, awake=awake, city_id=city_id)
        rung += some
        if not some:
            return rung


def ring(connection: Connection, now: datetime, limit: int, *, awake: bool = False, city_id: int | None = None) -> int:
    """The steps of at most so many tickets; how many tickets were looked at."""
    ids = clocks.ringing(connection, now, limit, city_id)
    _step(connection, dict.fromkeys(ids, now), awake)
    return len(ids)


def ring_each(connection: Connection, until: Mapping[int, datetime]) -> None:
    """The steps of these tickets, of each up to a moment of its own, told as they were due: before it is moved then."""
    ids = clocks.ringing_each(connection, until)
    _step(connection, {key: until[key] for key in ids}, awake=True)


def _step(connection: Connection, until: Mapping[int, datetime], awake: bool) -> None:
    if not until:
        return
    known, rounds = clocks.subjects(connection, until), clocks.rounds(connection, until)
    # A disposal that is overdue is the ticket's lateness: said once, with the cells that count it.
    late = [key for key, one in known.items() if one.due_at is not None and one.due_at <= until[key]]
    events = lapse(connection, max(until.values()), len(late), only=late)
    reminders: list[dict[str, Any]] = []
    for city_id in sorted({one.city_id for one in known.values()}):
        calendar = calendars.calendar(connection, city_id)
        looked: list[tuple[int, Round]] = []
        for key in (key for key in until if known[key].city_id == city_id):
            for one in (one for one in rounds.get(key, ()) if one.runs):
                after, taken = take_steps(one, calendar, seconds(until[key]))
                # Written even where nothing was due: a calendar put right has moved when to look next.
                looked.append((key, after))
                for each in taken:
                    events += _events(key, one, each, moment(each.at) if awake else until[key])
                    reminders += _reminders(known[key], one, each)
        clocks.write(connection, calendar, city_id, looked)
    if awake:
        events.sort(key=lambda one: datetime.fromisoformat(one.at))
    append_events(connection, None, events)
    if reminders:
        connection.execute(_REMIND, {name: [row[name] for row in reminders] for name in reminders[0]})


def _events(ticket_id: int, one: Round, taken: Taken, now: datetime) -> list[Happening]:
    """What has come about at its moment, and that somebody was told, which is now."""
    step = taken.step
    said = codes(clock=one.clock, due=moment(one.due).isoformat())
    telling = codes(clock=one.clock, due=moment(one.due).isoformat(), roles=" ".join(step.roles), step=taken.nth)
    events = []
    if step.event != "escalated" and not (step.event == "overdue" and one.clock is Clock.DISPOSAL):
        events.append(Happening(ticket_id, None, step.event, None, None, str(moment(taken.at)), ACTOR, said))
    name = "escalated" if step.event == "escalated" else "reminded"
    events.append(Happening(ticket_id, None, name, None, None, str(now.astimezone(UTC)), ACTOR, telling))
    return events


def _reminders(of: Subject, one: Round, taken: Taken) -> list[dict[str, Any]]:
    return [
        {
            "city_id": of.city_id, "ticket_id": of.id, "clock": one.clock.value, "nth": one.nth, "step": taken.nth,
            "event": taken.step.event, "due_at": moment(one.due), "role": role,
            "unit_id": of.unit_id if role in OF_A_UNIT else None,
        }
        for role in taken.step.roles
    ]  # fmt: skip


# A calendar put right


def retime(connection: Connection, city_id: int, before: Calendar, now: datetime) -> int:
    """Clocks that run in working time follow a calendar that was put right; how many are due at another time.

    What was promised by a source, or allowed until a moment by whoever extended it, stands. A clock that was paused
    keeps what is left of its time; any other is counted anew from its start.
    """
    after = calendars.calendar(connection, city_id)
    ids = clocks.running_by_calendar(connection, city_id)
    changed = []
    for key, mine in clocks.rounds(connection, ids).items():
        for one in mine:
            moved = _retimed(one, before, after, seconds(now))
            if moved != one:
                changed.append((key, moved))
    clocks.write(connection, after, city_id, changed)
    _promise(connection, city_id, {key: one for key, one in changed if one.clock is Clock.DISPOSAL}, now)
    return len(changed)


def _retimed(one: Round, before: Calendar, after: Calendar, now: int) -> Round:
    fixed = one.extended_s or int(before.between(one.started, one.first_due)) != one.minutes * 60
    if one.stopped is not None or not one.working or fixed:
        return one
    if one.paused is None and one.paused_s == 0:
        due = int(after.add(one.started, one.minutes))
        return again(replace(one, first_due=due, due=due), after, now)
    since = one.paused if one.paused is not None else now
    due = int(after.add_seconds(since, left(one, before, now)))
    return again(replace(one, first_due=int(after.add(one.started, one.minutes)), due=due), after, now)


def _promise(connection: Connection, city_id: int, disposals: Mapping[int, Round], now: datetime) -> None:
    """Tickets promise what their disposal has become; those that are late no more say so."""
    if not disposals:
        return
    before = held(connection, list(disposals))
    rows = {key: dict(row) for key, row in before.items()}
    events: list[Happening] = []
    for key, one in disposals.items():
        due = due_of(one)
        rows[key]["due_at"] = None if due is None else moment(due)
        if rows[key]["late"] and due is not None and due > seconds(now):
            rows[key]["late"] = False
            events.append(Happening(key, None, "not_overdue", None, None, str(now.astimezone(UTC)), ACTOR))
    change(connection, city_id, before, rows)
    append_events(connection, None, events)
