"""The works that whoever acts on a ticket tells of: planned, begun, ended; and who is still liable for a site."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Liable:
    """A ticket opened while the maker of an earlier repair at its site is liable for it."""

    ticket_id: int
    repair_id: int
    until: date
    unit: str | None
    ticket: str | None
    at: datetime


def standing(connection: Connection, ticket_id: int) -> int | None:
    """The repair of a ticket that is not done yet."""
    query = text(
        "SELECT id FROM geoapp.repair WHERE ticket_id = :id AND source IS NULL AND ended_at IS NULL "
        "ORDER BY id DESC LIMIT 1"
    )
    found: int | None = connection.execute(query, {"id": ticket_id}).scalar_one_or_none()
    return found


def ended_in_hand(connection: Connection, ticket_id: int) -> int | None:
    """The repair of a ticket that has ended since the ticket was last taken in hand."""
    query = text(
        "SELECT p.id FROM geoapp.repair p WHERE p.ticket_id = :id AND p.source IS NULL AND p.ended_at >= coalesce(("
        "SELECT e.occurred_at FROM geoapp.event e WHERE e.ticket_id = :id "
        "AND e.name IN ('sign', 'fail', 'redo', 'reopen', 'mirror_in_hand') ORDER BY e.id DESC LIMIT 1), '-infinity') "
        "ORDER BY p.id DESC LIMIT 1"
    )
    found: int | None = connection.execute(query, {"id": ticket_id}).scalar_one_or_none()
    return found


def hand_on(connection: Connection, ticket_id: int, to: int) -> bool:
    """Let works of a ticket that are not done yet be another's; whether there were any."""
    done = connection.execute(
        text(
            "UPDATE geoapp.repair p SET ticket_id = k.id, site_id = k.site_id, changed_at = now() FROM geoapp.ticket k "
            "WHERE k.id = :to AND p.ticket_id = :id AND p.source IS NULL AND p.ended_at IS NULL"
        ),
        {"id": ticket_id, "to": to},
    )
    return done.rowcount > 0


def begin(connection: Connection, city_id: int, ticket_id: int, site_id: int, unit_id: int | None) -> int:
    """A repair of a ticket of which nothing more is known yet."""
    query = text(
        "INSERT INTO geoapp.repair (city_id, ticket_id, site_id, unit_id, placed_by) "
        "VALUES (:city, :ticket, :site, :unit, 'ticket') RETURNING id"
    )
    values = {"city": city_id, "ticket": ticket_id, "site": site_id, "unit": unit_id}
    return int(connection.execute(query, values).scalar_one())


_COLUMNS: Final = (
    "unit_id", "planned_at", "promised_at", "ended_at", "hoarding", "traffic_plan", "liability_until", "assisting",
    "cost",
)  # fmt: skip


def tell(connection: Connection, repair_id: int, facts: Mapping[str, Any], outline: str | None) -> None:
    """Write what is told of a repair; what is not told stays. outline: the ground fenced off, as WKT in WGS-84."""
    assigned = [f"{name} = :{name}" for name in _COLUMNS if name in facts]
    if "started_at" in facts:
        assigned.append("started_at = coalesce(started_at, :started_at)")
    if outline is not None:
        assigned.append("geom = ST_GeomFromText(:outline, 4326)")
    connection.execute(
        text(f"UPDATE geoapp.repair SET {', '.join([*assigned, 'changed_at = now()'])} WHERE id = :id"),
        {**facts, "outline": outline, "id": repair_id} if outline is not None else {**facts, "id": repair_id},
    )


def point_of(connection: Connection, ticket_id: int) -> tuple[float, float]:
    """Where a ticket is."""
    query = text("SELECT ST_X(point), ST_Y(point) FROM geoapp.ticket WHERE id = :id")
    lon, lat = connection.execute(query, {"id": ticket_id}).one()
    return lon, lat


def warranted(connection: Connection, site_ids: Collection[int]) -> set[int]:
    """Those of these sites of which a repair says until when somebody is liable for it."""
    query = text("SELECT site_id FROM geoapp.repair WHERE site_id = ANY(:ids) AND liability_until IS NOT NULL")
    return set(connection.execute(query, {"ids": sorted(set(site_ids))}).scalars())


def liable(connection: Connection, ticket_ids: Sequence[int], zone: str) -> list[Liable]:
    """Which of these tickets came up at a site whose repair somebody is still liable for, the matters being of one
    category, or one of them not known."""
    rows = connection.execute(_LIABLE, {"ids": list(ticket_ids), "zone": zone})
    return [Liable(**row._asdict()) for row in rows]


_LIABLE: Final = text("""
    SELECT DISTINCT ON (k.id) k.id AS ticket_id, p.id AS repair_id, p.liability_until AS until, u.code AS unit,
           CASE WHEN o.public THEN o.number END AS ticket, k.opened_at AS at
    FROM unnest(cast(:ids AS bigint[])) w(id) JOIN geoapp.ticket k ON k.id = w.id
    JOIN geoapp.repair p ON p.site_id = k.site_id AND p.liability_until IS NOT NULL AND p.ended_at <= k.opened_at
         AND p.liability_until >= cast(k.opened_at AT TIME ZONE :zone AS date)
         AND p.ticket_id IS DISTINCT FROM k.id
    LEFT JOIN geoapp.ticket o ON o.id = p.ticket_id LEFT JOIN geoapp.unit u ON u.id = p.unit_id
    LEFT JOIN geoapp.matter mine ON mine.id = k.matter_id LEFT JOIN geoapp.matter theirs ON theirs.id = o.matter_id
    -- What is made up says nothing of what is real, nor the reverse.
    WHERE coalesce(o.number LIKE 'DEMO-%', false) = (k.number LIKE 'DEMO-%')
      -- Nor does what everybody sees betray a hidden ticket by what was repaired for it.
      AND (o.id IS NULL OR o.public OR NOT k.public)
      AND (mine.category_id IS NULL OR theirs.category_id IS NULL OR mine.category_id = theirs.category_id)
    ORDER BY k.id, p.ended_at DESC, p.id DESC
""")
