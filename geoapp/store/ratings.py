"""How people rate what was done for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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


def add_all(connection: Connection, rated: Sequence[tuple[int, bool, Mapping[str, int], str, datetime]]) -> None:
    """Keep many ratings: ticket, satisfied, stars, actor and when of each; the unit rated is whose the ticket is."""
    if not rated:
        return
    tickets, satisfied, stars, actors, moments = zip(*rated, strict=True)
    given = {name: [one.get(name) for one in stars] for name in ("speed", "effect", "service")}
    connection.execute(
        text(
            "INSERT INTO geoapp.rating (ticket_id, unit_id, satisfied, speed, effect, service, actor, rated_at) "
            "SELECT w.id, k.unit_id, w.satisfied, w.speed, w.effect, w.service, w.actor, w.at FROM unnest("
            "cast(:tickets AS bigint[]), cast(:satisfied AS boolean[]), cast(:speed AS smallint[]), "
            "cast(:effect AS smallint[]), cast(:service AS smallint[]), cast(:actors AS text[]), "
            "cast(:moments AS timestamptz[])) w(id, satisfied, speed, effect, service, actor, at) "
            "JOIN geoapp.ticket k ON k.id = w.id"
        ),
        {"tickets": list(tickets), "satisfied": list(satisfied), "actors": list(actors), "moments": list(moments),
         **given},
    )  # fmt: skip


def dissatisfied(connection: Connection, ticket_id: int) -> int:
    """How often somebody was not satisfied with what was done on a ticket, and had it done again."""
    query = text("SELECT count(*) FROM geoapp.event WHERE ticket_id = :id AND name IN ('redo', 'reopen')")
    return int(connection.execute(query, {"id": ticket_id}).scalar_one())


def rated(connection: Connection, ticket_ids: Collection[int]) -> set[int]:
    """Those of these tickets that somebody has rated."""
    query = text("SELECT DISTINCT ticket_id FROM geoapp.rating WHERE ticket_id = ANY(:ids)")
    return set(connection.execute(query, {"ids": sorted(set(ticket_ids))}).scalars())
