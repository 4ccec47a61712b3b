"""What a source began with: the first run that read it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text


def first_run(connection: Connection, city_id: int, source: str) -> tuple[datetime, list[str]] | None:
    """When a source first began to be read for a city, and what it then was called; None: never."""
    query = text(
        "SELECT started_at, files FROM geoapp.run WHERE city_id = :city AND source = :source ORDER BY id LIMIT 1"
    )
    row = connection.execute(query, {"city": city_id, "source": source}).one_or_none()
    return None if row is None else (row.started_at, list(row.files))
