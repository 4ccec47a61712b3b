"""Tickets as a list, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from geoapp.records import PUBLIC_ONLY, Sight
from geoapp.store.columns import microseconds
from geoapp.store.queries.chosen import newest
from geoapp.store.queries.filters import Filters
from geoapp.store.queries.sight import seen
from geoapp.store.tables import ticket


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket of a list."""

    id: int
    number: str
    public: bool
    state: str
    outcome: str | None
    urgent: bool
    late: bool
    opened_at: datetime
    changed_at: datetime
    due_at: datetime | None
    lon: float
    lat: float
    matter_id: int | None
    area_keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class After:
    """Where a page ended: the next begins below this ticket."""

    opened_at: datetime
    id: int


def page(
    connection: Connection, asked: Filters, size: int, after: After | None = None
) -> tuple[list[Line], After | None]:
    """Up to `size` tickets, and where the next page begins, if there is one."""
    keys = newest(connection, asked, size + 1, (microseconds(after.opened_at), after.id) if after else None)
    found = {row.id: line(row) for row in connection.execute(select(*_COLUMNS).where(ticket.c.id.in_(keys)))}
    lines = [found[key] for key in keys[:size]]
    return lines, After(lines[-1].opened_at, lines[-1].id) if len(keys) > size else None


def at_site(
    connection: Connection, site_id: int, *, but: int, sight: Sight = PUBLIC_ONLY, most: int = 50
) -> list[Line]:
    """The other tickets of a site that are seen, newest first."""
    statement = (
        select(*_COLUMNS)
        .where(ticket.c.site_id == site_id, seen(sight), ticket.c.id != but)
        .order_by(ticket.c.opened_at.desc(), ticket.c.id.desc())
        .limit(most)
    )
    return [line(row) for row in connection.execute(statement)]


def count_at_site(connection: Connection, site_id: int, sight: Sight = PUBLIC_ONLY) -> int:
    """How many tickets of a site are seen."""
    statement = select(func.count()).select_from(ticket).where(ticket.c.site_id == site_id, seen(sight))
    return int(connection.execute(statement).scalar_one())


def line(row: Row[*tuple[Any, ...]]) -> Line:
    """A row of `_COLUMNS` as a line."""
    return Line(**{**row._asdict(), "area_keys": tuple(row.area_keys)})


_COLUMNS = (
    ticket.c.id,
    ticket.c.number,
    ticket.c.public,
    ticket.c.state,
    ticket.c.outcome,
    ticket.c.urgent,
    ticket.c.late,
    ticket.c.opened_at,
    ticket.c.changed_at,
    ticket.c.due_at,
    func.ST_X(ticket.c.point).label("lon"),
    func.ST_Y(ticket.c.point).label("lat"),
    ticket.c.matter_id,
    ticket.c.area_keys,
)
