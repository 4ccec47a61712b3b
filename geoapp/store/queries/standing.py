"""Tickets of one source that stand in a state, for whoever has to move them on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Standing:
    """A ticket and where it stands."""

    id: int
    state: str
    unit_id: int | None
    changed_at: datetime


def newest(connection: Connection, city_id: int, source: str, states: Sequence[str], most: int) -> list[Standing]:
    """The tickets opened last that stand in one of these states."""
    rows = connection.execute(
        text(
            "SELECT id, state, unit_id, changed_at FROM geoapp.ticket WHERE city_id = :city AND source = :source "
            "AND state = ANY(:states) ORDER BY opened_at DESC, id DESC LIMIT :most"
        ),
        {"city": city_id, "source": source, "states": list(states), "most": most},
    )
    return [Standing(*row) for row in rows]
