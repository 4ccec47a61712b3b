"""Reminders that a clock has made: who is to be told by mail, and that they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

TRIES: Final = 5
_FRESH: Final = "1 day"
"""What is older is on the desks, and no news by mail."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One step of a clock, told to a role, of a unit where it is a unit's; area_keys are those the ticket lies in."""

    id: int
    city_id: int
    number: str
    clock: str
    event: str
    due_at: datetime
    role: str
    unit_id: int | None
    area_keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to whom it can be sent."""

    email: str
    language: str


def unmailed(connection: Connection, limit: int) -> list[Reminder]:
    """Reminders to be sent, held until the transaction ends; those that somebody else is sending are passed over."""
    rows = connection.execute(
        text(
            "SELECT r.id, r.city_id, k.number, r.clock, r.event, r.due_at, r.role, r.unit_id, k.area_keys "
            "FROM geoapp.reminder r JOIN geoapp.ticket k ON k.id = r.ticket_id "
            # As the index has it, which holds nothing that was sent or given up.
            f"WHERE r.mailed_at IS NULL AND r.tries < {TRIES} "
            f"AND r.made_at > now() - interval '{_FRESH}' ORDER BY r.id LIMIT :limit FOR UPDATE OF r SKIP LOCKED"
        ),
        {"limit": limit},
    )
    return [Reminder(**{**row._asdict(), "area_keys": tuple(row.area_keys)}) for row in rows]


def recipients(
    connection: Connection, city_id: int, role: str, unit_id: int | None, areas: Sequence[int] | None = None
) -> list[Recipient]:
    """Those who hold a role now, of that unit, and for one of those areas, where these are named; needs the rights of
    who keeps accounts."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT a.email, a.language FROM private.account a "
            "JOIN private.role_held h ON h.account_id = a.id "
            "WHERE a.active AND NOT a.demo AND a.email <> '' AND h.role = :role AND h.began_at <= now() "
            "AND (h.ends_at IS NULL OR h.ends_at > now()) AND (h.city_id IS NULL OR h.city_id = :city) "
            "AND (cast(:unit AS int) IS NULL OR h.unit_id = :unit) "
            "AND (cast(:areas AS int[]) IS NULL OR EXISTS (SELECT FROM geoapp.unit u WHERE u.id = h.unit_id "
            "AND u.area_keys && cast(:areas AS int[]))) ORDER BY a.email"
        ),
        {"city": city_id, "role": role, "unit": unit_id, "areas": None if areas is None else list(areas)},
    )
    return [Recipient(*row) for row in rows]


def mailed(connection: Connection, ids: Sequence[int]) -> None:
    """Say that these were sent."""
    connection.execute(
        text("UPDATE geoapp.reminder SET mailed_at = now(), tries = tries + 1 WHERE id = ANY(:ids)"), {"ids": list(ids)}
    )


def let_be(connection: Connection, city_id: int) -> None:
    """Reminders of a city that are there by now are nobody's letter: they tell of a past that was made up."""
    connection.execute(
        text("UPDATE geoapp.reminder SET mailed_at = made_at WHERE city_id = :city AND mailed_at IS NULL"),
        {"city": city_id},
    )


def not_mailed(connection: Connection, ids: Sequence[int], *, ever: bool = False) -> None:
    """Say that these could not be sent; ever: there is nobody to send them to."""
    connection.execute(
        text("UPDATE geoapp.reminder SET tries = CASE WHEN :ever THEN :most ELSE tries + 1 END WHERE id = ANY(:ids)"),
        {"ids": list(ids), "ever": ever, "most": TRIES},
    )
