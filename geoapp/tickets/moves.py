"""Moves of tickets by hand: each checked against the table, appended as an event, its cells kept true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

from geoapp.lifecycle import OPEN, State, move
from geoapp.store import copy
from geoapp.tickets.writer import Happening, append_events, change, held


@dataclass(frozen=True, slots=True)
class Moved:
    """One move to be made: who is a role of the table, actor who it was, given the codes of what the move needs.

    unit_id and due_at are what the ticket has from then on; outcome what came of it.
    """

    ticket_id: int
    name: str
    who: str
    actor: str
    at: datetime
    given: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    unit_id: int | None = None
    due_at: datetime | None = None
    outcome: str | None = None


def make_moves(connection: Connection, city_id: int, moves: Sequence[Moved], run_id: int | None = None) -> None:
    """Make moves in the order given, all or none.

    Raises:
        BadMove: one is not allowed where its ticket stands; nothing is written if the caller rolls back.
    """
    if not moves:
        return
    before = held(connection, [one.ticket_id for one in moves])
    after = {ticket_id: dict(row) for ticket_id, row in before.items()}
    events = [event for one in moves for event in _made(one, after[one.ticket_id])]
    change(connection, city_id, before, after)
    append_events(connection, run_id, events)


def _made(one: Moved, row: dict[str, Any]) -> list[Happening]:
    """Change the row by one move; its events."""
    stood, was_late = State(row["state"]), row["late"]
    given = dict(one.given)
    if one.unit_id is not None:
        given.setdefault("unit", str(one.unit_id))
    if one.outcome is not None:
        given["outcome"] = one.outcome
    if one.due_at is not None:
        # Clocks read of an event until when it reaches.
        given["due"] = one.due_at.isoformat()
    stands = move(one.name, stood, one.who, frozenset(given))
    row["state"] = stands.value
    row["changed_at"] = max(row["changed_at"], one.at)
    row["unit_id"] = one.unit_id or row["unit_id"]
    row["due_at"] = one.due_at or row["due_at"]
    if one.outcome is not None:
        row["outcome"] = one.outcome
    if stands in OPEN:
        row["ended_at"], row["outcome"] = None, None
        row["late"] = row["late"] and (one.due_at is None or one.due_at <= one.at)
    else:
        row["ended_at"] = row["ended_at"] or one.at
        row["late"] = False
    codes, when = copy.json(given) if given else copy.NULL, str(one.at.astimezone(UTC))
    happened = [Happening(one.ticket_id, None, one.name, stood.value, stands.value, when, one.actor, codes, one.note)]
    if was_late and not row["late"] and stands in OPEN:
        # Lateness is an event, and so is its end: the time was moved.
        happened.append(Happening(one.ticket_id, None, "not_overdue", None, None, when, one.actor))
    return happened


def untouched(connection: Connection, ticket_ids: Sequence[int]) -> set[int]:
    """Those of these tickets that nobody has moved since they were registered."""
    rows = connection.execute(
        text(
            "SELECT w.id FROM unnest(cast(:ids AS bigint[])) w(id) WHERE NOT EXISTS ("
            "SELECT FROM geoapp.event e WHERE e.ticket_id = w.id AND e.to_state IS NOT NULL AND e.name <> 'register')"
        ),
        {"ids": sorted(set(ticket_ids))},
    )
    return set(rows.scalars())
