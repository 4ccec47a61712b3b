"""Which cities are loaded, told cheaply enough to ask at every request."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, exists, select

from geoapp.store.tables import run

Stamp = tuple[int, datetime]


def stamps(connection: Connection) -> tuple[Stamp, ...]:
    """The cities' keys and when each was loaded last: the same as long as no pack changes."""
    # Asked at every request: by the driver itself, which prepares it.
    rows = connection.exec_driver_sql("SELECT id, loaded_at FROM geoapp.city ORDER BY id")
    return tuple((city_id, loaded_at) for city_id, loaded_at in rows)


def holds_demo(connection: Connection, city_id: int) -> bool:
    """Whether made-up tickets were planted in the city."""
    planted = exists().where(run.c.city_id == city_id, run.c.source == "demo")
    return bool(connection.execute(select(planted)).scalar_one())
