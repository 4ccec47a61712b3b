"""Which cities are loaded, told cheaply enough to ask at every request."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from geoapp.store.tables import city

Stamp = tuple[int, datetime]


def stamps(connection: Connection) -> tuple[Stamp, ...]:
    """The cities' keys and when each was loaded last: the same as long as no pack changes."""
    rows = connection.execute(select(city.c.id, city.c.loaded_at).order_by(city.c.id))
    return tuple((row.id, row.loaded_at) for row in rows)
