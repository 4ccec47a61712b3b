"""What dispatch made of tickets when they were opened: sent to whom, or held and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a ticket was left when it was opened; held: why a person has to look, () where it was sent or none did."""

    state: str
    unit: str
    number: str
    held: tuple[str, ...] = ()


_SENT: Final = text("""
    SELECT k.id, k.state, k.number, coalesce(u.code, '') AS unit, e.codes->'held' AS held
    FROM geoapp.ticket k LEFT JOIN geoapp.unit u ON u.id = k.unit_id
    LEFT JOIN geoapp.event e ON e.ticket_id = k.id AND e.name = 'held'
    WHERE k.id = ANY(cast(:ids AS bigint[]))
""")


def of(connection: Connection, ticket_ids: Collection[int]) -> dict[int, Sent]:
    """Those tickets, just opened and moved by nobody since, by key."""
    rows = connection.execute(_SENT, {"ids": sorted(ticket_ids)})
    return {row.id: Sent(row.state, row.unit, row.number, tuple(row.held or ())) for row in rows}


def happened(connection: Connection, city_id: int) -> int:
    """How many events the tickets of a city have."""
    query = text(
        "SELECT count(*) FROM geoapp.event e JOIN geoapp.ticket k ON k.id = e.ticket_id WHERE k.city_id = :city"
    )
    return int(connection.execute(query, {"city": city_id}).scalar_one())


def next_due(connection: Connection, city_id: int, silence: timedelta) -> datetime | None:
    """When next a clock of a city's tickets, or silence, brings something about by itself; None: never."""
    found = connection.execute(
        text(
            "SELECT least("
            "(SELECT min(c.next_at) FROM geoapp.clock c WHERE c.city_id = :city AND c.next_at IS NOT NULL), "
            "(SELECT min(CASE WHEN d.move = 'archive' THEN d.since + :silence ELSE d.since END) "
            "FROM geoapp.due_move d JOIN geoapp.ticket k ON k.id = d.ticket_id WHERE k.city_id = :city))"
        ),
        {"city": city_id, "silence": silence},
    ).scalar_one()
    assert found is None or isinstance(found, datetime)
    return found
