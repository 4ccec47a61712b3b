"""Tickets as whoever acts on them has them: held until the transaction ends, with what rights and moves ask of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from geoapp.store.ids import take_ids


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


_VERSION: Final = "e.ticket_id = k.id AND e.name NOT IN ('overdue', 'not_overdue', 'due_soon', 'reminded', 'escalated')"
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
                   -- Whoever works on it now, not whoever did; what a maintenance system says it has done, that names.
                   UNION ALL SELECT unnest(p.assisting || CASE WHEN p.source IS NOT NULL THEN p.unit_id END), 1
                   FROM geoapp.repair p WHERE p.ticket_id = k.id AND p.ended_at IS NULL
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
    """The codes of the last event of that name, with its words as `note`, if the ticket has stayed in its state since;
    else nothing."""
    row = connection.execute(
        text(
            "SELECT e.codes, n.body FROM geoapp.event e LEFT JOIN geoapp.event_note n ON n.event_id = e.id "
            "WHERE e.ticket_id = :id AND e.name = :name AND NOT EXISTS ("
            "SELECT FROM geoapp.event l WHERE l.ticket_id = e.ticket_id AND l.id > e.id AND (l.name = 'refuse' "
            "OR l.from_state IS NOT NULL)) ORDER BY e.id DESC LIMIT 1"
        ),
        {"id": ticket_id, "name": name},
    ).one_or_none()
    return {} if row is None else {**(row.codes or {}), **({"note": row.body} if row.body else {})}


def asked_for(connection: Connection, ticket_id: int) -> str:
    """What whoever reported a ticket was asked to add, in the words of the last who did."""
    row = connection.execute(
        text(
            "SELECT n.body FROM geoapp.event e JOIN geoapp.event_note n ON n.event_id = e.id "
            "WHERE e.ticket_id = :id AND e.name IN ('ask', 'ask_pause', 'pause') ORDER BY e.id DESC LIMIT 1"
        ),
        {"id": ticket_id},
    ).scalar_one_or_none()
    return row or ""


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


def others_reported(connection: Connection, ticket_id: int, report_id: int | None) -> bool:
    """Whether a ticket holds what somebody else has said: not by that report (else by those that the account has filed
    for which the transaction acts, else by the first), nor by what was said again under the same reference."""
    return bool(connection.execute(_OTHERS, {"id": ticket_id, "report": report_id}).scalar_one())


_OTHERS: Final = text("""
    WITH every AS (SELECT id, source, ref FROM geoapp.report WHERE ticket_id = :id),
    filed AS (
        SELECT w.* FROM every w JOIN private.filed f ON f.report_id = w.id
        AND f.account_id = nullif(current_setting('geoapp.account', true), '')::integer
    ),
    mine AS (
        SELECT * FROM every WHERE id = :report UNION ALL SELECT * FROM filed UNION ALL
        (SELECT * FROM every WHERE cast(:report AS bigint) IS NULL AND NOT EXISTS (SELECT FROM filed)
         ORDER BY id LIMIT 1)
    )
    SELECT EXISTS (
        SELECT FROM every w WHERE NOT EXISTS (
            SELECT FROM mine m WHERE m.id = w.id OR (m.source = w.source AND m.ref = w.ref)))
""")


def say_again(connection: Connection, of: int, ticket_id: int, ref: str, receipt: str, words: str, at: datetime) -> int:
    """A report of a ticket that was opened after another, by whoever has reported that; its key.

    It says where and what the first report of the other did; the account that acts has filed it.
    """
    (report_id,) = take_ids(connection, "report", 1)
    values = {"id": report_id, "of": of, "ticket": ticket_id, "ref": ref, "receipt": receipt, "at": at, "words": words}
    for statement in _SAY_AGAIN:
        connection.execute(text(statement), values)
    return report_id


_SAY_AGAIN: Final = (
    "INSERT INTO geoapp.report (id, city_id, source, ref, hash, receipt, kind, channel, said_at, ticket_id, matter_id, "
    "x, y, crs, point, precision, radius_m, confidence, recorded_area) "
    "SELECT :id, r.city_id, r.source, :ref, gen_random_uuid(), :receipt, k.kind, r.channel, :at, k.id, k.matter_id, "
    "r.x, r.y, r.crs, k.point, coalesce(r.precision, 'coordinates'), coalesce(r.radius_m, 0), "
    "coalesce(r.confidence, 1), r.recorded_area FROM geoapp.report r JOIN geoapp.ticket k ON k.id = :ticket "
    "WHERE r.ticket_id = :of ORDER BY r.id LIMIT 1",
    "INSERT INTO geoapp.report_text (report_id, body) SELECT id, :words FROM geoapp.report WHERE id = :id",
    "INSERT INTO private.filed (report_id, city_id, account_id) SELECT r.id, r.city_id, me.account "
    "FROM geoapp.report r CROSS JOIN (SELECT nullif(current_setting('geoapp.account', true), '')::integer AS account) "
    "me WHERE r.id = :id AND me.account IS NOT NULL",
)


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
