"""Moves of tickets by hand: each checked against the table, appended as an event, its cells and marks kept true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, text

from geoapp.lifecycle import ENDED, OPEN, Mark, State, line, move
from geoapp.store import copy, marks
from geoapp.store.marks import Due
from geoapp.tickets.writer import Happening, append_events, change, held

CLOCK: Final = "system:clock"
_BY_ITSELF: Final = 500


@dataclass(frozen=True, slots=True)
class Moved:
    """One move to be made: who is a role of the table, actor who it was, given the codes of what the move needs.

    unit_id, due_at and matter_id are what the ticket has from then on; outcome what came of it; review_at is when a
    shelved one is taken up again by itself. hide: it is no longer shown to everybody; hurry: it is urgent from then on.
    """

    ticket_id: int
    name: str
    who: str
    actor: str
    at: datetime
    given: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    unit_id: int | None = None
    due_at: datetime | None = None
    outcome: str | None = None
    review_at: datetime | None = None
    matter_id: int | None = None
    hide: bool = False
    hurry: bool = False


def make_moves(connection: Connection, city_id: int, moves: Sequence[Moved], run_id: int | None = None) -> list[int]:
    """Make moves in the order given, all or none; the keys of their events.

    Raises:
        BadMove: one is not allowed where its ticket stands; nothing is written if the caller rolls back.
    """
    if not moves:
        return []
    before = held(connection, [one.ticket_id for one in moves])
    after = {ticket_id: dict(row) for ticket_id, row in before.items()}
    events = [event for one in moves for event in _made(one, after[one.ticket_id])]
    change(connection, city_id, before, after)
    ids = append_events(connection, run_id, events)
    _mark(connection, moves, after)
    _expect(connection, moves, before, after)
    return ids


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
    stands = move(one.name, stood, one.who, frozenset(given) | ({"note"} if one.note else frozenset()))
    row["state"] = stands.value
    row["changed_at"] = max(row["changed_at"], one.at)
    row["unit_id"] = one.unit_id or row["unit_id"]
    row["due_at"] = one.due_at or row["due_at"]
    row["matter_id"] = one.matter_id or row["matter_id"]
    became = [name for name, now in (("hide", one.hide and row["public"]), ("urgent", one.hurry and not row["urgent"]))
              if now]  # fmt: skip
    row["public"] = row["public"] and not one.hide
    row["urgent"] = {"urgent": True, "not_urgent": False}.get(one.name, row["urgent"] or one.hurry)
    if one.outcome is not None:
        row["outcome"] = one.outcome
    if stands in OPEN:
        row["ended_at"], row["outcome"] = None, None
        row["late"] = row["late"] and (one.due_at is None or one.due_at <= one.at)
    else:
        row["ended_at"] = row["ended_at"] or one.at
        row["late"] = False
    # A move laid over the state leaves it where it is, and its event says of no state.
    froms, to = (None, None) if line(one.name).target is None else (stood.value, stands.value)
    codes, when = copy.json(given) if given else copy.NULL, str(one.at.astimezone(UTC))
    happened = [Happening(one.ticket_id, None, one.name, froms, to, when, one.actor, codes, one.note)]
    # What follows from what it is about is said by events of its own: clocks hear that it has become urgent.
    happened += [
        Happening(one.ticket_id, None, name, None, None, when, one.actor, copy.json({"reason": "matter"}))
        for name in became
    ]  # fmt: skip
    if was_late and not row["late"] and stands in OPEN:
        # Lateness is an event, and so is its end: the time was moved.
        happened.append(Happening(one.ticket_id, None, "not_overdue", None, None, when, one.actor))
    return happened


def _mark(connection: Connection, moves: Sequence[Moved], after: Mapping[int, Mapping[str, Any]]) -> None:
    """Lay over tickets what their moves lay, and take away what they lift; one that has ended bears nothing."""
    lies: dict[tuple[int, str], datetime | None] = {}
    for one in moves:
        lies |= {(one.ticket_id, str(mark)): None for mark in line(one.name).lifts}
        if (mark := line(one.name).sets) is not None:
            lies[one.ticket_id, str(mark)] = one.at
    lies |= {(key, str(mark)): None for key, row in after.items() if row["state"] in ENDED for mark in _UNDONE}
    if lifted := sorted(key for key, since in lies.items() if since is None):
        marks.lift(connection, lifted)
    if laid := [(*key, since) for key, since in lies.items() if since is not None]:
        marks.lay(connection, laid)


_UNDONE: Final = frozenset(Mark) - {Mark.LIABLE}


def _expect(
    connection: Connection, moves: Sequence[Moved], before: Mapping[int, Mapping[str, Any]],
    after: Mapping[int, Mapping[str, Any]],
) -> None:  # fmt: skip
    """What is due by itself from now on: a settled ticket is closed after a while, a shelved one taken up again."""
    last = {one.ticket_id: one for one in moves if line(one.name).target is not None}
    wanted = []
    for one in last.values():
        if after[one.ticket_id]["state"] == State.SETTLED and one.name == "pass":
            wanted.append((one.ticket_id, "archive", one.at))
        elif after[one.ticket_id]["state"] == State.SHELVED and one.review_at is not None:
            wanted.append((one.ticket_id, "resume", one.review_at))
    others = [key for key in last if before[key]["state"] in _WAITING]
    if wanted or others:
        marks.expect(connection, wanted, others)


_WAITING: Final = frozenset({State.SETTLED, State.SHELVED})


def move_on(
    engine: Engine, now: datetime, silence: timedelta, *, awake: bool = False, city_id: int | None = None
) -> int:
    """Make the moves whose time has come; how many. silence: so long one waits for a word on what was done.

    awake: as if somebody had looked all the time, so that each was made when its time came. city_id: of that city
    alone.
    """
    made = 0
    while True:
        with engine.begin() as connection:
            due = marks.due(connection, now, silence, _BY_ITSELF, city_id)
            for of in sorted({one.city_id for one in due}):
                mine = [one for one in due if one.city_id == of and State(one.state) in line(one.move).sources]
                make_moves(
                    connection, of,
                    [
                        Moved(one.ticket_id, one.move, "system", CLOCK, _time_of(one, silence) if awake else now)
                        for one in mine
                    ],
                )  # fmt: skip
            # A source may have gone on meanwhile: then there is nothing left to be done.
            marks.expect(connection, [], [one.ticket_id for one in due])
        made += len(due)
        if len(due) < _BY_ITSELF:
            return made


def _time_of(one: Due, silence: timedelta) -> datetime:
    return one.since + silence if one.move == "archive" else one.since


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
