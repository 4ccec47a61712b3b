"""Tickets sent anew by the list: what waits goes to its unit or is held, of the rest it is said who would have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from geoapp.lifecycle import State
from geoapp.store import copy, marks
from geoapp.tickets.moves import Moved, make_moves
from geoapp.tickets.writer import SENDER, Happening, append_events


@dataclass(frozen=True, slots=True)
class Anew:
    """What the list makes of a ticket that waits in this state: the lead's key, None where held; codes say why."""

    ticket_id: int
    state: str
    unit_id: int | None
    codes: Mapping[str, Any]
    assisting: tuple[int, ...] = ()


def send_anew(connection: Connection, city_id: int, anew: Sequence[Anew], at: datetime) -> None:
    """Send tickets that wait, or hold them with the reasons; their rows are held.

    Raises:
        BadMove: one does not wait any more; nothing is written if the caller rolls back.
    """
    make_moves(
        connection, city_id,
        [Moved(one.ticket_id, "queue", "system", SENDER, at) for one in anew if one.state == State.REGISTERED],
    )  # fmt: skip
    _say(connection, "held", [(one.ticket_id, one.codes) for one in anew if one.unit_id is None], at)
    sent = [one for one in anew if one.unit_id is not None]
    make_moves(
        connection, city_id,
        [Moved(one.ticket_id, "dispatch", "system", SENDER, at, one.codes, unit_id=one.unit_id) for one in sent],
    )  # fmt: skip
    marks.assist_no_more(connection, [one.ticket_id for one in sent])
    marks.begin_to_assist(connection, [(one.ticket_id, unit) for one in sent for unit in one.assisting])


def propose(connection: Connection, proposals: Sequence[tuple[int, Mapping[str, Any]]], at: datetime) -> None:
    """Say of tickets that a unit has whose they would be by the list: nobody takes them away from it by that."""
    _say(connection, "proposed", proposals, at)


def _say(connection: Connection, name: str, told: Sequence[tuple[int, Mapping[str, Any]]], at: datetime) -> None:
    when = str(at.astimezone(UTC))
    append_events(
        connection, None,
        [Happening(ticket_id, None, name, None, None, when, SENDER, copy.json(codes)) for ticket_id, codes in told],
    )  # fmt: skip
