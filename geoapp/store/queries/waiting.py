"""Reports that wait for a place, and those that words have placed: what is located again, by people or by the names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from geoapp.locate.coordinates import PRECISION


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report without a ticket; codes and note are those of the event that put it aside.

    body and address are redacted words.
    """

    id: int
    source: str
    ref: str | None
    kind: str
    channel: str | None
    said_at: datetime
    problem: str | None
    matter_id: int | None
    matter_code: str | None
    matter_names: dict[str, str] | None
    matter_public: bool
    unit_id: int | None
    recorded_area: str | None
    body: str
    address: str
    codes: dict[str, Any]
    note: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a ticket stands and by which report; lon, lat in WGS-84 degrees."""

    ticket_id: int
    report_id: int | None
    matter_code: str | None
    lon: float
    lat: float
    precision: str | None
    radius_m: float | None


@dataclass(frozen=True, slots=True)
class ByWords:
    """A report that its words have placed, and its ticket, which still stands there; lon, lat in WGS-84 degrees."""

    id: int
    ticket_id: int
    matter_code: str | None
    body: str
    address: str
    recorded_area: str | None
    lon: float
    lat: float
    precision: str
    radius_m: float
    confidence: float


# Of several reports of one reference the newest says how things are; the others come with it.
_WAITING: Final = """
    SELECT r.id, r.source, r.ref, r.kind, r.channel, r.said_at, r.problem, r.matter_id, m.code AS matter_code,
           m.names AS matter_names, coalesce(m.public, true) AS matter_public, r.unit_id, r.recorded_area,
           coalesce(t.body, '') AS body, coalesce(t.address, '') AS address,
           coalesce(e.codes, '{}') AS codes, coalesce(e.note, '') AS note
    FROM geoapp.report r LEFT JOIN geoapp.report_text t ON t.report_id = r.id
    LEFT JOIN geoapp.matter m ON m.id = r.matter_id
    LEFT JOIN LATERAL (
        SELECT e.codes, n.body AS note FROM geoapp.event e LEFT JOIN geoapp.event_note n ON n.event_id = e.id
        WHERE e.report_id = r.id AND e.ticket_id IS NULL AND e.name = 'unplaced' ORDER BY e.id DESC LIMIT 1
    ) e ON true
"""
_NEWEST: Final = """
    NOT EXISTS (SELECT FROM geoapp.report o WHERE o.city_id = r.city_id AND o.source = r.source AND o.ref = r.ref
                AND o.id > r.id)
"""


def page(
    connection: Connection, city_id: int, problem: str | None = None, before: int | None = None, limit: int = 50
) -> list[Waiting]:
    """Reports that wait, newest first, those of one problem only where one is named."""
    query = text(
        f"{_WAITING} WHERE r.city_id = :city AND r.ticket_id IS NULL AND {_NEWEST} "
        "AND (cast(:problem AS text) IS NULL OR r.problem = :problem) "
        "AND (cast(:before AS bigint) IS NULL OR r.id < :before) ORDER BY r.id DESC LIMIT :limit"
    )
    values = {"city": city_id, "problem": problem, "before": before, "limit": limit}
    return [Waiting(**row._asdict()) for row in connection.execute(query, values)]


def after(connection: Connection, *, city_id: int, last: int, limit: int) -> list[Waiting]:
    """Reports that wait and whose coordinates are not what is wrong with them, in the order of their keys."""
    query = text(
        f"{_WAITING} WHERE r.city_id = :city AND r.ticket_id IS NULL AND r.id > :last AND r.x IS NULL AND {_NEWEST} "
        "ORDER BY r.id LIMIT :limit"
    )
    return [
        Waiting(**row._asdict()) for row in connection.execute(query, {"city": city_id, "last": last, "limit": limit})
    ]


def by_ids(connection: Connection, city_id: int, ids: Sequence[int]) -> list[Waiting]:
    """Those of these reports that wait, in the order of their keys."""
    query = text(f"{_WAITING} WHERE r.city_id = :city AND r.id = ANY(:ids) AND r.ticket_id IS NULL ORDER BY r.id")
    return [Waiting(**row._asdict()) for row in connection.execute(query, {"city": city_id, "ids": list(ids)})]


def held(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those of these reports that wait still, held until the transaction ends."""
    query = text("SELECT id FROM geoapp.report WHERE id = ANY(:ids) AND ticket_id IS NULL ORDER BY id FOR UPDATE")
    return set(connection.execute(query, {"ids": list(ids)}).scalars())


def counts(connection: Connection, city_id: int) -> dict[str, int]:
    """How many reports wait, by what is wrong with their place."""
    query = text(
        "SELECT coalesce(r.problem, '') AS problem, count(*) AS n FROM geoapp.report r "
        f"WHERE r.city_id = :city AND r.ticket_id IS NULL AND {_NEWEST} GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    return {row.problem: row.n for row in connection.execute(query, {"city": city_id})}


def of_reference(connection: Connection, city_id: int, waiting: Waiting) -> list[int]:
    """The keys of all reports of its reference that wait, its own included."""
    if waiting.ref is None:
        return [waiting.id]
    query = text(
        "SELECT id FROM geoapp.report WHERE city_id = :city AND source = :source AND ref = :ref AND ticket_id IS NULL"
    )
    values = {"city": city_id, "source": waiting.source, "ref": waiting.ref}
    return list(connection.execute(query, values).scalars())


def by_words(connection: Connection, *, city_id: int, last: int, limit: int, by_hand: str) -> list[ByWords]:
    """Reports placed by words whose tickets stand where these words put them, in the order of their keys.

    by_hand is the precision of places that people have chosen: those are not looked at again.
    """
    query = text(
        "SELECT r.id, k.id AS ticket_id, m.code AS matter_code, coalesce(t.body, '') AS body, "
        "coalesce(t.address, '') AS address, r.recorded_area, ST_X(r.point) AS lon, ST_Y(r.point) AS lat, "
        "r.precision, r.radius_m, r.confidence "
        "FROM geoapp.report r JOIN geoapp.ticket k ON k.id = r.ticket_id AND ST_X(k.point) = ST_X(r.point) "
        "AND ST_Y(k.point) = ST_Y(r.point) LEFT JOIN geoapp.report_text t ON t.report_id = r.id "
        "LEFT JOIN geoapp.matter m ON m.id = k.matter_id "
        "WHERE r.city_id = :city AND r.id > :last AND r.precision NOT IN (:exact, :by_hand) ORDER BY r.id LIMIT :limit"
    )
    values = {"city": city_id, "last": last, "limit": limit, "exact": PRECISION, "by_hand": by_hand}
    return [ByWords(**row._asdict()) for row in connection.execute(query, values)]


def standing(connection: Connection, city_id: int, number: str) -> Standing | None:
    """Where a ticket of the city stands, with the newest of its reports that has a place."""
    query = text(
        "SELECT k.id AS ticket_id, r.id AS report_id, m.code AS matter_code, ST_X(k.point) AS lon, "
        "ST_Y(k.point) AS lat, r.precision, r.radius_m "
        "FROM geoapp.ticket k LEFT JOIN geoapp.matter m ON m.id = k.matter_id LEFT JOIN LATERAL ("
        "SELECT * FROM geoapp.report r WHERE r.ticket_id = k.id AND r.point IS NOT NULL ORDER BY r.id DESC LIMIT 1"
        ") r ON true WHERE k.number = :number AND k.city_id = :city"
    )
    row = connection.execute(query, {"city": city_id, "number": number}).one_or_none()
    return None if row is None else Standing(**row._asdict())
