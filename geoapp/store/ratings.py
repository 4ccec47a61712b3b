"""How people rate what was done for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, text


def add(
    connection: Connection, ticket_id: int, unit_id: int | None, satisfied: bool, stars: Mapping[str, int], actor: str,
    at: datetime,
) -> None:  # fmt: skip
    """Keep a rating; stars are those given of speed, effect and service."""
    connection.execute(
        text(
            "INSERT INTO geoapp.rating (ticket_id, unit_id, satisfied, speed, effect, service, actor, rated_at) "
            "VALUES (:ticket, :unit, :satisfied, :speed, :effect, :service, :actor, :at)"
        ),
        {
            "ticket": ticket_id, "unit": unit_id, "satisfied": satisfied, "speed": stars.get("speed"),
            "effect": stars.get("effect"), "service": stars.get("service"), "actor": actor, "at": at,
        },
    )  # fmt: skip


def dissatisfied(connection: Connection, ticket_id: int) -> int:
    """How often somebody was not satisfied with what was done on a ticket, and had it done again."""
    query = text("SELECT count(*) FROM geoapp.event WHERE ticket_id = :id AND name IN ('redo', 'reopen')")
    return int(connection.execute(query, {"id": ticket_id}).scalar_one())
