"""Counts what each caller does in the hour that runs, where all processes see it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Counted:
    """How often it was done in this hour, this time included, and the seconds until the next one begins."""

    n: int
    seconds_left: int


# The database's clock is the one clock that all processes share.
_HOUR = "date_bin('1 hour', now(), 'epoch')"


def count(connection: Connection, key: UUID) -> Counted:
    """Count it once more."""
    query = text(
        f"INSERT INTO geoapp.rate (key, began_at, n) VALUES (:key, {_HOUR}, 1) "
        "ON CONFLICT (key, began_at) DO UPDATE SET n = rate.n + 1 "
        "RETURNING n, ceil(extract(epoch FROM began_at + interval '1 hour' - now()))::int"
    )
    return Counted(*connection.execute(query, {"key": key}).one())


def forget(connection: Connection) -> int:
    """Remove the hours that are over; how many counts these were."""
    return connection.execute(text(f"DELETE FROM geoapp.rate WHERE began_at < {_HOUR}")).rowcount
