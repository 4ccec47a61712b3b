"""What is laid over tickets, who assists, and what is done by itself when its time comes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from geoapp.lifecycle import OPEN


@dataclass(frozen=True, slots=True)
class Due:
    """A move that is due by itself, and since when its time runs."""

    ticket_id: int
    city_id: int
    move: str
    state: str
    since: datetime


def lay(connection: Connection, marks: Sequence[tuple[int, str, datetime]]) -> None:
    """Lay marks over tickets; one that lies there already stays as old as it is."""
    if not marks:
        return
    connection.execute(
        text(
            "INSERT INTO geoapp.ticket_mark (ticket_id, mark, since) SELECT * FROM unnest("
            "cast(:tickets AS bigint[]), cast(:marks AS text[]), cast(:since AS timestamptz[])) "
            "ON CONFLICT (ticket_id, mark) DO NOTHING"
        ),
        {"tickets": [m[0] for m in marks], "marks": [m[1] for m in marks], "since": [m[2] for m in marks]},
    )


def lift(connection: Connection, marks: Sequence[tuple[int, str]]) -> None:
    """Take marks away, where they are."""
    connection.execute(
        text(
            "DELETE FROM geoapp.ticket_mark m USING unnest(cast(:tickets AS bigint[]), cast(:marks AS text[])) "
            "w(ticket_id, mark) WHERE m.ticket_id = w.ticket_id AND m.mark = w.mark"
        ),
        {"tickets": [m[0] for m in marks], "marks": [m[1] for m in marks]},
    )


def of(connection: Connection, ticket_id: int) -> dict[str, datetime]:
    """The marks of a ticket, and since when each lies there."""
    rows = connection.execute(
        text("SELECT mark, since FROM geoapp.ticket_mark WHERE ticket_id = :id ORDER BY mark"), {"id": ticket_id}
    )
    return {row.mark: row.since for row in rows}


def assist(connection: Connection, ticket_id: int, unit_ids: Collection[int]) -> None:
    """Let these units, and no others, assist."""
    connection.execute(text("DELETE FROM geoapp.assisting WHERE ticket_id = :id"), {"id": ticket_id})
    connection.execute(
        text("INSERT INTO geoapp.assisting (ticket_id, unit_id) SELECT :id, unnest(cast(:units AS integer[]))"),
        {"id": ticket_id, "units": sorted(unit_ids)},
    )


def begin_to_assist(connection: Connection, pairs: Sequence[tuple[int, int]]) -> None:
    """Let units assist with tickets that nobody assists with yet: pairs of a ticket and a unit."""
    if pairs:
        connection.execute(
            text(
                "INSERT INTO geoapp.assisting (ticket_id, unit_id) "
                "SELECT * FROM unnest(cast(:tickets AS bigint[]), cast(:units AS integer[]))"
            ),
            {"tickets": [ticket for ticket, _ in pairs], "units": [unit for _, unit in pairs]},
        )


def assist_no_more(connection: Connection, ticket_ids: Collection[int]) -> None:
    """Let nobody assist with these tickets."""
    if ticket_ids:
        connection.execute(
            text("DELETE FROM geoapp.assisting WHERE ticket_id = ANY(:ids)"), {"ids": sorted(ticket_ids)}
        )


def expect(connection: Connection, wanted: Sequence[tuple[int, str, datetime]], others: Collection[int]) -> None:
    """What is to be done by itself and since when its time runs; of the other tickets nothing any more."""
    connection.execute(
        text("DELETE FROM geoapp.due_move WHERE ticket_id = ANY(:ids)"),
        {"ids": sorted({*others, *(one[0] for one in wanted)})},
    )
    if wanted:
        connection.execute(
            text(
                "INSERT INTO geoapp.due_move (ticket_id, move, since) SELECT * FROM unnest("
                "cast(:tickets AS bigint[]), cast(:moves AS text[]), cast(:since AS timestamptz[]))"
            ),
            {"tickets": [w[0] for w in wanted], "moves": [w[1] for w in wanted], "since": [w[2] for w in wanted]},
        )


def due(connection: Connection, now: datetime, silence: timedelta, limit: int, city_id: int | None = None) -> list[Due]:
    """What is to be done by itself by now, its tickets held; silence: so long one waits for a word on what was done.

    Whoever holds a ticket just now is passed over and looked at the next time.
    """
    rows = connection.execute(
        text(
            "SELECT k.id AS ticket_id, k.city_id, d.move, k.state, d.since FROM geoapp.due_move d "
            "JOIN geoapp.ticket k ON k.id = d.ticket_id "
            "WHERE ((d.move = 'archive' AND d.since <= :silent) OR (d.move = 'resume' AND d.since <= :now)) "
            "AND k.city_id = coalesce(cast(:city AS smallint), k.city_id) "
            # A parent is not closed over a child that has been sent back since.
            "AND NOT EXISTS (SELECT FROM geoapp.ticket_link l JOIN geoapp.ticket c ON c.id = l.other_id "
            "WHERE d.move = 'archive' AND l.ticket_id = d.ticket_id AND l.kind = 'child' AND c.state = ANY(:open)) "
            "ORDER BY k.id LIMIT :limit FOR UPDATE OF k SKIP LOCKED"
        ),
        {"now": now, "silent": now - silence, "limit": limit, "open": sorted(OPEN), "city": city_id},
    )
    return [Due(**row._asdict()) for row in rows]
