"""The rounds of tickets' clocks as the database keeps them, and what they depend on besides events."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from geoapp.assign.calendar import Calendar, moment, seconds
from geoapp.assign.clocks import Clock, Round, next_step

_COLUMNS: Final = (
    "ticket_id bigint, name text, nth int, city_id int, urgent bool, working bool, minutes int, "
    "started_at timestamptz, first_due_at timestamptz, due_at timestamptz, paused_at timestamptz, paused_s int, "
    "extended_s int, stopped_at timestamptz, done int, warned_at timestamptz, overdue_at timestamptz, "
    "next_at timestamptz"
)
NAMES: Final = tuple(column.split()[0] for column in _COLUMNS.split(", "))
_KEPT: Final = tuple(name for name in NAMES if name not in ("ticket_id", "name", "nth", "city_id"))

_WRITE: Final = text(
    f"INSERT INTO geoapp.clock ({', '.join(NAMES)}) SELECT {', '.join(NAMES)} FROM unnest("
    + ", ".join(f"cast(:{name} AS {kind}[])" for name, kind in (column.split() for column in _COLUMNS.split(", ")))
    + f") w({', '.join(NAMES)}) ON CONFLICT (ticket_id, name, nth) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _KEPT)
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What of a ticket its clocks depend on; times are its matter's own minutes by clock."""

    id: int
    city_id: int
    state: str
    urgent: bool
    unit_id: int | None
    due_at: datetime | None
    times: Mapping[str, int]


def subjects(connection: Connection, ticket_ids: Collection[int]) -> dict[int, Subject]:
    """Those tickets, by key."""
    rows = connection.execute(_SUBJECTS, {"ids": sorted(set(ticket_ids))})
    return {row.id: Subject(**{**row._asdict(), "times": row.times or {}}) for row in rows}


_SUBJECTS: Final = text(
    "SELECT k.id, k.city_id, k.state, k.urgent, k.unit_id, k.due_at, m.minutes AS times "
    "FROM geoapp.ticket k LEFT JOIN geoapp.matter m ON m.id = k.matter_id WHERE k.id = ANY(:ids)"
)


def times_of(connection: Connection, matter_ids: Collection[int]) -> dict[int, Mapping[str, int]]:
    """Those matters that have times of their own, in minutes by clock."""
    rows = connection.execute(
        text("SELECT m.id, m.minutes AS times FROM geoapp.matter m WHERE m.id = ANY(:ids) AND m.minutes <> '{}'"),
        {"ids": sorted(set(matter_ids))},
    )
    return {row.id: row.times for row in rows}


def of_number(connection: Connection, number: str) -> tuple[int, int] | None:
    """The ticket of that number and its city, by key."""
    query = text("SELECT id, city_id FROM geoapp.ticket WHERE number = :number")
    row = connection.execute(query, {"number": number}).one_or_none()
    return None if row is None else (row.id, row.city_id)


def filed_one_by_one(connection: Connection, reports: Collection[int]) -> set[int]:
    """Those of these reports that came by no import."""
    query = text("SELECT id FROM geoapp.report WHERE id = ANY(:ids) AND run_id IS NULL")
    return set(connection.execute(query, {"ids": list(reports)}).scalars())


def rounds(connection: Connection, ticket_ids: Collection[int]) -> dict[int, tuple[Round, ...]]:
    """The rounds of these tickets' clocks in the order they began; those of tickets that have none are not there."""
    found: dict[int, list[Round]] = {}
    for row in connection.execute(_ROUNDS, {"ids": sorted(set(ticket_ids))}):
        found.setdefault(row.ticket_id, []).append(_round(row))
    return {ticket_id: tuple(mine) for ticket_id, mine in found.items()}


_ROUNDS: Final = text(
    f"SELECT {', '.join(NAMES)} FROM geoapp.clock WHERE ticket_id = ANY(:ids) ORDER BY ticket_id, started_at, name, nth"
)


def _round(row: Any) -> Round:
    at = {name: None if (when := getattr(row, f"{name}_at")) is None else seconds(when) for name in _MOMENTS}
    return Round(
        Clock(row.name), row.nth, row.urgent, row.working, row.minutes, paused_s=row.paused_s,
        extended_s=row.extended_s, done=row.done, **at,  # type: ignore[arg-type]  # three of them are always there
    )  # fmt: skip


_MOMENTS: Final = ("started", "first_due", "due", "paused", "stopped", "warned", "overdue")


def write(connection: Connection, calendar: Calendar, city_id: int, changed: Sequence[tuple[int, Round]]) -> None:
    """Rounds of one city's tickets as they are now, with the ticket of each."""
    if not changed:
        return
    columns: dict[str, list[Any]] = {name: [] for name in NAMES}
    for ticket_id, one in changed:
        known: dict[str, Any] = {
            "ticket_id": ticket_id, "name": one.clock.value, "nth": one.nth, "city_id": city_id, "urgent": one.urgent,
            "working": one.working, "minutes": one.minutes, "paused_s": one.paused_s, "extended_s": one.extended_s,
            "done": one.done, "next_at": _moment(next_step(one, calendar)),
            **{f"{name}_at": _moment(getattr(one, name)) for name in _MOMENTS},
        }  # fmt: skip
        for name in NAMES:
            columns[name].append(known[name])
    connection.execute(_WRITE, columns)


def _moment(at: int | None) -> datetime | None:
    return None if at is None else moment(at)


def promise(connection: Connection, dues: Mapping[int, int | None]) -> None:
    """What tickets promise: when their disposal is due, None while it is paused."""
    connection.execute(
        text(
            "UPDATE geoapp.ticket k SET due_at = w.due_at FROM unnest(cast(:ids AS bigint[]), "
            "cast(:dues AS timestamptz[])) w(id, due_at) WHERE k.id = w.id AND k.due_at IS DISTINCT FROM w.due_at"
        ),
        {"ids": list(dues), "dues": [_moment(due) for due in dues.values()]},
    )


def ringing(connection: Connection, now: datetime, limit: int, city_id: int | None = None) -> list[int]:
    """Tickets, of one city or of all, one of whose clocks has a step due by now; held until the transaction ends.

    Whoever holds a ticket just now is passed over. Tickets are always held before their clocks, as moves do, so nobody
    waits for another in a ring.
    """
    rows = connection.execute(
        text(
            "SELECT k.id FROM geoapp.ticket k WHERE k.id IN (SELECT c.ticket_id FROM geoapp.clock c "
            "WHERE c.next_at <= :now AND c.city_id = coalesce(cast(:city AS smallint), c.city_id) "
            "ORDER BY c.next_at LIMIT :limit) ORDER BY k.id FOR NO KEY UPDATE SKIP LOCKED"
        ),
        {"now": now, "limit": limit, "city": city_id},
    )
    return list(rows.scalars())


def ringing_each(connection: Connection, until: Mapping[int, datetime]) -> list[int]:
    """Those of these tickets one of whose clocks has a step due by the ticket's own moment, held likewise."""
    rows = connection.execute(
        text(
            "SELECT k.id FROM geoapp.ticket k WHERE k.id IN (SELECT c.ticket_id FROM unnest(cast(:ids AS bigint[]), "
            "cast(:until AS timestamptz[])) w(id, until) JOIN geoapp.clock c ON c.ticket_id = w.id "
            "WHERE c.next_at <= w.until) ORDER BY k.id FOR NO KEY UPDATE"
        ),
        {"ids": list(until), "until": list(until.values())},
    )
    return list(rows.scalars())


def running_by_calendar(connection: Connection, city_id: int) -> list[int]:
    """Tickets of a city with a clock that runs or pauses in working time, held until the transaction ends."""
    rows = connection.execute(
        text(
            "SELECT k.id FROM geoapp.ticket k WHERE k.id IN (SELECT c.ticket_id FROM geoapp.clock c "
            "WHERE c.city_id = :city AND c.working AND c.stopped_at IS NULL) ORDER BY k.id FOR NO KEY UPDATE"
        ),
        {"city": city_id},
    )
    return list(rows.scalars())
