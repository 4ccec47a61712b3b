"""Which tickets belong together: older ones, children, those joined, split, or opened after one another."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, text

from geoapp.lifecycle import OPEN


def add(connection: Connection, ticket_id: int, kind: str, other_id: int) -> bool:
    """Link a ticket with another; False where they are already."""
    done = connection.execute(
        text(
            "INSERT INTO geoapp.ticket_link (ticket_id, kind, other_id) VALUES (:id, :kind, :other) "
            "ON CONFLICT DO NOTHING"
        ),
        {"id": ticket_id, "kind": kind, "other": other_id},
    )
    return done.rowcount == 1


def remove(connection: Connection, ticket_id: int, kind: str, other_id: int) -> bool:
    """Undo a link; False where there is none."""
    done = connection.execute(
        text("DELETE FROM geoapp.ticket_link WHERE ticket_id = :id AND kind = :kind AND other_id = :other"),
        {"id": ticket_id, "kind": kind, "other": other_id},
    )
    return done.rowcount == 1


def hand_on(connection: Connection, ticket_id: int, to: int) -> list[tuple[int, bool]]:
    """Let the children of one ticket be another's; the key of each, and whether everybody sees it."""
    rows = connection.execute(
        text(
            "UPDATE geoapp.ticket_link l SET ticket_id = :to FROM geoapp.ticket k WHERE k.id = l.other_id "
            "AND l.ticket_id = :id AND l.kind = 'child' AND l.other_id <> :to RETURNING k.id, k.public"
        ),
        {"id": ticket_id, "to": to},
    )
    return sorted((row.id, row.public) for row in rows)


def parent(connection: Connection, ticket_id: int) -> int | None:
    """The ticket above this one."""
    query = text("SELECT ticket_id FROM geoapp.ticket_link WHERE kind = 'child' AND other_id = :id")
    found: int | None = connection.execute(query, {"id": ticket_id}).scalar_one_or_none()
    return found


def open_after(connection: Connection, ticket_id: int) -> str | None:
    """The number of the ticket that goes on from a closed one, while it is open."""
    query = text(
        "SELECT k.number FROM geoapp.ticket_link l JOIN geoapp.ticket k ON k.id = l.ticket_id "
        "WHERE l.other_id = :id AND l.kind = 'after' AND k.state = ANY(:open) ORDER BY k.id DESC LIMIT 1"
    )
    found: str | None = connection.execute(query, {"id": ticket_id, "open": sorted(OPEN)}).scalar_one_or_none()
    return found


def joined(connection: Connection, ticket_ids: Collection[int]) -> set[int]:
    """Those of these tickets with which another was joined."""
    query = text("SELECT other_id FROM geoapp.ticket_link WHERE kind = 'merged' AND other_id = ANY(:ids)")
    return set(connection.execute(query, {"ids": sorted(set(ticket_ids))}).scalars())


def family(connection: Connection, ticket_id: int) -> tuple[bool, int]:
    """Whether a ticket has a parent, and how many children it has."""
    row = connection.execute(
        text(
            "SELECT EXISTS (SELECT FROM geoapp.ticket_link WHERE kind = 'child' AND other_id = :id) AS child, "
            "(SELECT count(*) FROM geoapp.ticket_link WHERE kind = 'child' AND ticket_id = :id) AS children"
        ),
        {"id": ticket_id},
    ).one()
    return row.child, row.children


def open_children(connection: Connection, ticket_id: int) -> list[str]:
    """The numbers of a ticket's children that are not settled."""
    rows = connection.execute(
        text(
            "SELECT k.number FROM geoapp.ticket_link l JOIN geoapp.ticket k ON k.id = l.other_id "
            "WHERE l.ticket_id = :id AND l.kind = 'child' AND k.state = ANY(:open) ORDER BY k.id"
        ),
        {"id": ticket_id, "open": sorted(OPEN)},
    )
    return list(rows.scalars())
