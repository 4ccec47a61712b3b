"""Tickets as whoever acts on them has them: held until the transaction ends, with what rights and moves ask of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Subject:
    """A ticket to be acted on; units: the line of each unit that handles it, the lead first.

    own: whether the account that the transaction acts for has filed a report of it; area_key: the area that answers for
    its place; version: the last event that anybody but the clock has made.
    """

    id: int
    number: str
    city_id: int
    zone: ZoneInfo
    kind: str
    state: str
    public: bool
    late: bool
    urgent: bool
    due_at: datetime | None
    ended_at: datetime | None
    matter_id: int | None
    unit_id: int | None
    site_id: int
    area_keys: frozenset[int]
    area_key: int | None
    units: tuple[tuple[int, ...], ...]
    own: bool
    version: int


@dataclass(frozen=True, slots=True)
class Since:
    """What happened to a ticket after a version: by which actor, as whom."""

    name: str
    actor: str
    acting_as: str
    at: datetime


def hold(connection: Connection, numbers: Collection[str]) -> None:
    """Hold these tickets until the transaction ends, in an order of keys, so that no two wait for each other."""
    connection.execute(
        text("SELECT id FROM geoapp.ticket WHERE number = ANY(:numbers) ORDER BY id FOR UPDATE"),
        {"numbers": sorted(numbers)},
    )


def read(connection: Connection, numbers: Collection[str]) -> dict[str, Subject]:
    """The tickets of these numbers, by number."""
    rows = connection.execute(_READ, {"numbers": sorted(numbers)}).all()
    return {row.number: _subject(row) for row in rows}


def _subject(row: Any) -> Subject:
    values = row._asdict()
    return Subject(
        **values
        | {
            "zone": ZoneInfo(row.zone),
            "area_keys": frozenset(row.area_keys),
            "units": tuple(tuple(line) for line in row.units),
        }
    )


_VERSION: Final = "e.ticket_id = k.id AND e.name <> 'overdue'"
"""Time that runs out changes a ticket, but is nobody's doing that one would have to look at first."""

_READ: Final = text(f"""
    SELECT k.id, k.number, k.city_id, c.pack ->> 'time_zone' AS zone, k.kind, k.state, k.public, k.late, k.urgent,
           k.due_at, k.ended_at, k.matter_id, k.unit_id, k.site_id, k.area_keys,
           (SELECT a.id FROM geoapp.area_key a WHERE a.id = ANY(k.area_keys) AND a.layer = c.pack ->> 'responsible'
            ORDER BY a.id LIMIT 1) AS area_key,
           (SELECT coalesce(jsonb_agg(geoapp.unit_line(w.unit) ORDER BY w.rank, w.unit), '[]') FROM (
               SELECT unit, min(rank) AS rank FROM (
                   SELECT k.unit_id, 0
                   UNION ALL SELECT s.unit_id, 1 FROM geoapp.assisting s WHERE s.ticket_id = k.id
                   UNION ALL SELECT unnest(p.assisting || p.unit_id), 1 FROM geoapp.repair p WHERE p.ticket_id = k.id
               ) found (unit, rank) WHERE unit IS NOT NULL GROUP BY unit
           ) w) AS units,
           EXISTS (SELECT FROM geoapp.report r JOIN private.filed f ON f.report_id = r.id
                   WHERE r.ticket_id = k.id
                   AND f.account_id = nullif(current_setting('geoapp.account', true), '')::integer) AS own,
           coalesce((SELECT max(e.id) FROM geoapp.event e WHERE {_VERSION}), 0) AS version
    FROM geoapp.ticket k JOIN geoapp.city c ON c.id = k.city_id WHERE k.number = ANY(:numbers)
""")


def since(connection: Connection, ticket_id: int, version: int) -> list[Since]:
    """What happened to a ticket after that version, in order."""
    rows = connection.execute(
        text(
            "SELECT e.name, e.actor, coalesce(e.codes ->> 'as', '') AS acting_as, e.occurred_at AS at "
            f"FROM geoapp.event e, (SELECT cast(:id AS bigint) AS id) k WHERE {_VERSION} AND e.id > :version "
            "ORDER BY e.id"
        ),
        {"id": ticket_id, "version": version},
    )
    return [Since(**row._asdict()) for row in rows]


def last_asked(connection: Connection, ticket_id: int, name: str) -> Mapping[str, Any]:
    """The codes of the last event of that name, if the ticket has stayed in its state since; else nothing."""
    row = connection.execute(
        text(
            "SELECT e.codes FROM geoapp.event e WHERE e.ticket_id = :id AND e.name = :name AND NOT EXISTS ("
            "SELECT FROM geoapp.event l WHERE l.ticket_id = e.ticket_id AND l.id > e.id AND (l.name = 'refuse' "
            "OR l.from_state IS NOT NULL)) ORDER BY e.id DESC LIMIT 1"
        ),
        {"id": ticket_id, "name": name},
    ).scalar_one_or_none()
    return row or {}


def sent_by(connection: Connection, ticket_id: int) -> dict[str, Any]:
    """The codes of the rule that last said whose the ticket is."""
    row = connection.execute(
        text(
            "SELECT e.name, e.codes FROM geoapp.event e WHERE e.ticket_id = :id AND (e.codes ? 'rule' "
            "OR e.name IN ('dispatch', 'delegate', 'rule')) ORDER BY e.id DESC LIMIT 1"
        ),
        {"id": ticket_id},
    ).one_or_none()
    return {} if row is None else {"event": row.name, **(row.codes or {})}


def opening(connection: Connection, ticket_id: int) -> dict[str, Any]:
    """The codes with which a ticket was opened."""
    row = connection.execute(
        text("SELECT codes FROM geoapp.event WHERE ticket_id = :id AND name = 'register' ORDER BY id LIMIT 1"),
        {"id": ticket_id},
    ).scalar_one_or_none()
    return dict(row or {})


def reports(connection: Connection, ticket_id: int) -> Sequence[Any]:
    """The reports of a ticket, (id, said_at) each, in order."""
    return connection.execute(
        text("SELECT id, said_at FROM geoapp.report WHERE ticket_id = :id ORDER BY id"), {"id": ticket_id}
    ).all()


def carry(connection: Connection, report_ids: Collection[int], to: int) -> None:
    """Let reports be those of another ticket."""
    connection.execute(
        text("UPDATE geoapp.report SET ticket_id = :to WHERE id = ANY(:ids)"), {"to": to, "ids": sorted(report_ids)}
    )


def open_like(connection: Connection, of: int, ticket_id: int, number: str, opened_at: datetime, now: datetime) -> None:
    """Open a ticket where another is and about the same, nobody's yet."""
    connection.execute(
        text(
            "INSERT INTO geoapp.ticket (id, number, city_id, source, kind, state, matter_id, site_id, point, quad, "
            "area_keys, public, urgent, late, opened_at, changed_at) SELECT :id, :number, city_id, source, kind, "
            "'registered', matter_id, site_id, point, quad, area_keys, public, urgent, false, :opened, :now "
            "FROM geoapp.ticket WHERE id = :of"
        ),
        {"id": ticket_id, "number": number, "of": of, "opened": opened_at, "now": now},
    )
