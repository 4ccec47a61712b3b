"""Which tickets belong together: older ones, children, those joined, split, or opened after one another."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from geoapp.lifecycle import OPEN


@dataclass(frozen=True, slots=True)
class Linked:
    """Another ticket; kind is what it is to the one asked about: older, child, parent, merged_into, merged_from, …"""

    kind: str
    number: str
    state: str
    outcome: str | None
    public: bool


_TURNED = {
    "older": "later", "child": "parent", "merged": "merged_from", "split": "split_off", "after": "followed_by",
}  # fmt: skip
"""What a link is, seen from the other ticket."""


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


def hand_on(connection: Connection, ticket_id: int, to: int) -> None:
    """Let the children of one ticket be another's."""
    connection.execute(
        text(
            "UPDATE geoapp.ticket_link SET ticket_id = :to WHERE ticket_id = :id AND kind = 'child' AND other_id <> :to"
        ),
        {"id": ticket_id, "to": to},
    )


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


def of(connection: Connection, ticket_id: int) -> list[Linked]:
    """What belongs to a ticket, from both sides."""
    rows = connection.execute(
        text(
            "SELECT l.kind, l.ticket_id = :id AS mine, k.number, k.state, k.outcome, k.public "
            "FROM geoapp.ticket_link l JOIN geoapp.ticket k ON k.id = CASE WHEN l.ticket_id = :id THEN l.other_id "
            "ELSE l.ticket_id END WHERE l.ticket_id = :id OR l.other_id = :id ORDER BY l.id"
        ),
        {"id": ticket_id},
    )
    return [
        Linked(row.kind if row.mine else _TURNED[row.kind], row.number, row.state, row.outcome, row.public)
        for row in rows
    ]
