"""What dispatch made of tickets when they were opened: sent to whom, or held and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a ticket was left when it was opened; held: why a person has to look, () where it was sent or none did.

    made: how many moves that actor has made of it since.
    """

    state: str
    unit: str
    number: str
    held: tuple[str, ...] = ()
    made: int = 0


_SENT: Final = text("""
    SELECT k.id, k.number, coalesce(e.unit, '') AS unit, e.held, e.made,
           CASE WHEN e.sent THEN 'to_sign' WHEN e.held IS NOT NULL THEN 'to_dispatch' ELSE 'registered' END AS state
    FROM geoapp.ticket k CROSS JOIN LATERAL (
        SELECT bool_or(e.name = 'dispatch' AND e.actor = :sender) AS sent,
               max(e.codes->>'unit_code') FILTER (WHERE e.name = 'dispatch' AND e.actor = :sender) AS unit,
               (array_agg(e.codes->'held') FILTER (WHERE e.name = 'held'))[1] AS held,
               count(*) FILTER (WHERE e.actor LIKE :actor) AS made
        FROM geoapp.event e WHERE e.ticket_id = k.id
    ) e
    WHERE k.id = ANY(cast(:ids AS bigint[]))
""")


def of(connection: Connection, ticket_ids: Collection[int], sender: str, actor: str) -> dict[int, Sent]:
    """Those tickets as the sender left them, by key; actor is a pattern of those who have moved them since."""
    rows = connection.execute(_SENT, {"ids": sorted(ticket_ids), "sender": sender, "actor": actor})
    return {row.id: Sent(row.state, row.unit, row.number, tuple(row.held or ()), row.made) for row in rows}


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
