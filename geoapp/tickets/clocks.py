"""Clocks kept with what moves them: each appended event is heard, in the transaction that appends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import orjson
from sqlalchemy import Connection

from geoapp.assign.calendar import Calendar, Seconds, moment, seconds
from geoapp.assign.clocks import MARKS, Clock, Facts, Opened, Round, Told, advance, open_many
from geoapp.city import City
from geoapp.store import calendars, clocks, copy
from geoapp.store.clocks import Subject
from geoapp.store.copy import NULL
from geoapp.tickets.cases import Cases, pick

if TYPE_CHECKING:
    from geoapp.tickets.writer import Happening

_UNTIL: Final = ("due", "review")
"""Codes by which a move says until when."""


def keep(connection: Connection, events: Sequence[Happening]) -> None:
    """Bring clocks to where these events leave them, and what the tickets promise with them.

    A ticket that only mirrors its source has no clocks here; it gets them with the first move made here.
    """
    heard: dict[int, list[Happening]] = {}
    for one in events:
        if one.ticket_id is not None and (one.after is not None or one.name in MARKS or _retells(one)):
            heard.setdefault(one.ticket_id, []).append(one)
    if not heard:
        return
    before = clocks.rounds(connection, heard)
    timed = {key: mine for key, mine in heard.items() if key in before or not all(map(_mirrored, mine))}
    if not timed:
        return
    known = clocks.subjects(connection, timed)
    for city_id in sorted({one.city_id for one in known.values()}):
        calendar = calendars.calendar(connection, city_id)
        after = {
            key: _after(before.get(key, ()), timed[key], one, calendar)
            for key, one in known.items() if one.city_id == city_id
        }  # fmt: skip
        _write(connection, calendar, city_id, before, after)


def _mirrored(one: Happening) -> bool:
    return one.name.startswith("mirror_") or _retells(one)


def _retells(one: Happening) -> bool:
    """Whether it tells of something that clocks depend on although nothing was moved."""
    return one.name == "urgent" or (one.name == "update" and ('"urgent"' in one.codes or '"due_at"' in one.codes))


def _after(
    before: tuple[Round, ...], events: Sequence[Happening], subject: Subject, calendar: Calendar
) -> tuple[Round, ...]:
    promised = None if subject.due_at is None or _disposal(before) else seconds(subject.due_at)
    facts = Facts(calendar, subject.urgent, subject.times, promised)
    rounds, stood = before, next((one.before for one in events if one.before), subject.state)
    for one in events:
        if not rounds and _mirrored(one):
            continue
        stood = one.after or one.before or stood
        rounds = advance(rounds, told(one, stood, subject.urgent, calendar), facts)
    return rounds


def told(one: Happening, stood: str, urgent: bool, calendar: Calendar) -> Told:
    """An event as clocks hear it."""
    due = _until(one.codes, calendar) if one.codes != NULL else None
    at = seconds(datetime.fromisoformat(one.at))
    return Told(one.name, at, stood, one.after is not None, due, urgent and _retells(one))


def _until(codes: str, calendar: Calendar) -> int | None:
    """Until when the codes of a move say; a day lasts to its end in the city."""
    given = orjson.loads(codes.replace("\\\\", "\\"))
    words = next((given[name] for name in _UNTIL if isinstance(given, dict) and given.get(name)), None)
    if not isinstance(words, str):
        return None
    try:
        if len(words) == len("2026-01-31"):
            day = date.fromisoformat(words) + timedelta(days=1)
            return seconds(datetime.combine(day, time(), ZoneInfo(calendar.zone)))
        found = datetime.fromisoformat(words)
    except ValueError:
        return None
    return seconds(found) if found.tzinfo else None


def _disposal(rounds: Sequence[Round]) -> Round | None:
    return next((one for one in reversed(rounds) if one.clock is Clock.DISPOSAL), None)


def _write(
    connection: Connection, calendar: Calendar, city_id: int, before: Mapping[int, tuple[Round, ...]],
    after: Mapping[int, tuple[Round, ...]],
) -> None:  # fmt: skip
    changed = [(key, one) for key, mine in after.items() for one in mine if one not in before.get(key, ())]
    clocks.write(connection, calendar, city_id, changed)
    clocks.promise(connection, {key: due_of(last) for key, mine in after.items() if (last := _disposal(mine))})


def due_of(disposal: Round) -> int | None:
    """What a ticket promises: nothing while it waits."""
    return None if disposal.paused is not None else disposal.due


# Tickets that are opened


def filed_here(connection: Connection, reports: Sequence[int]) -> list[int]:
    """The positions of those reports that no import brought: their tickets run by the clocks here from the start."""
    found = clocks.filed_one_by_one(connection, reports)
    return [nth for nth, key in enumerate(reports) if key in found]


def begin(connection: Connection, city: City, cases: Cases, at: Sequence[int], tickets: Sequence[int]) -> None:
    """Start the clocks of tickets opened for the cases at these positions."""
    if not at:
        return
    said = cases.said
    matters = pick(cases.matter_id, at)
    own = clocks.times_of(connection, [one for one in matters if one is not None])
    calendar = calendars.calendar(connection, city.id)
    promised = pick(said.due_at, at)
    opened = open_many(
        calendar, cases.states(at), _seconds(pick(said.said_at, at)), _seconds(pick(said.since, at)),
        np.array(pick(cases.urgent, at), dtype=bool), [own.get(one or 0, {}) for one in matters],
        _seconds(promised),
    )  # fmt: skip
    keys = np.array(tickets, dtype=np.int64)
    for one in opened:
        _copy(connection, city.id, one, keys)
    unpromised = np.array([one is None for one in promised], dtype=bool)
    for one in opened:
        if one.line.clock is Clock.DISPOSAL and (new := unpromised[one.at]).any():
            dues = dict(zip(keys[one.at][new].tolist(), one.due[new].tolist(), strict=True))
            clocks.promise(connection, dues)


def _seconds(moments: Sequence[str | None]) -> Seconds:
    return np.array([0 if one is None else seconds(datetime.fromisoformat(one)) for one in moments], dtype=np.int64)


def _copy(connection: Connection, city_id: int, one: Opened, keys: Seconds) -> None:
    count = len(one.at)
    running = one.stopped == 0
    columns: dict[str, Any] = {
        "ticket_id": copy.plain(keys[one.at].tolist()),
        "name": copy.same(one.line.clock.value, count),
        "nth": copy.same("1", count),
        "city_id": copy.same(str(city_id), count),
        "urgent": copy.same("t" if one.urgent else "f", count),
        "working": copy.same("t" if one.working else "f", count),
        "minutes": copy.same(str(one.minutes), count),
        "started_at": _moments(one.started),
        "first_due_at": _moments(one.due),
        "due_at": _moments(one.due),
        "stopped_at": _moments(np.where(running, 0, one.stopped)),
        "next_at": _moments(np.where(running, one.next_step, 0)),
    }
    copy.copy(connection, "geoapp.clock", columns)


def _moments(found: Seconds) -> list[str]:
    return [NULL if one == 0 else str(moment(one)) for one in found.tolist()]
