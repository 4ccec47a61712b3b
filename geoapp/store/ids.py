"""Keys for rows that are about to be copied, taken from the tables' own sequences."""

from __future__ import annotations

from sqlalchemy import Connection, text


def take_ids(connection: Connection, table: str, count: int) -> list[int]:
    """So many new keys of geoapp.<table>, ascending; a rolled-back transaction leaves a gap, never a double."""
    if not count:
        return []
    query = text("SELECT array_agg(nextval(cast(:sequence AS regclass))) FROM generate_series(1, :count)")
    ids = connection.execute(query, {"sequence": f"geoapp.{table}_id_seq", "count": count}).scalar_one()
    return sorted(ids)
