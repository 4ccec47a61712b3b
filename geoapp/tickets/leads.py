"""Moves of leads: each checked against the table and appended to the history of its report."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection

from geoapp.lifecycle import Given, LeadState, Move, lead_move
from geoapp.store import copy, leads
from geoapp.tickets.writer import Happening, append_events


def move(
    connection: Connection, report_id: int, line: Move[LeadState], who: str, actor: str, given: Given
) -> LeadState:
    """Move a lead on; where it stands then.

    Raises:
        BadMove: not from where it stands.
    """
    stood = leads.hold(connection, report_id)
    given_names = frozenset(given.codes) | ({"note"} if given.note else frozenset())
    stands = lead_move(line.name, stood, who, given_names)
    now = datetime.now(UTC)
    leads.stand(connection, report_id, stands, given.codes.get("reason"), now)
    codes = copy.json({**given.codes, "as": who})
    froms, to = (None, None) if line.target is None else (stood.value, stands.value)
    append_events(
        connection, None, [Happening(None, report_id, line.name, froms, to, str(now), actor, codes, given.note)]
    )
    return stands
