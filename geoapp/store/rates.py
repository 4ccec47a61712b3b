"""Counts what each caller does in a window of time, where all processes see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

HOUR: Final = 60
"""Minutes. A shorter window must divide it, so that what is over can be told by the hour."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How often it was done in this window, this time included, and the seconds until the next one begins."""

    n: int
    seconds_left: int


# The database's clock is the one clock that all processes share.
_BEGAN: Final = "date_bin(make_interval(mins => :minutes), now(), 'epoch')"


def count(connection: Connection, key: UUID, minutes: int = HOUR) -> Counted:
    """Count it once more."""
    query = text(
        f"INSERT INTO geoapp.rate (key, began_at, n) VALUES (:key, {_BEGAN}, 1) "
        "ON CONFLICT (key, began_at) DO UPDATE SET n = rate.n + 1 "
        "RETURNING n, ceil(extract(epoch FROM began_at + make_interval(mins => :minutes) - now()))::int"
    )
    return Counted(*connection.execute(query, {"key": key, "minutes": minutes}).one())


def forgive(connection: Connection, key: UUID, minutes: int = HOUR) -> None:
    """Count it once less: it turned out to be nothing to count."""
    query = text(f"UPDATE geoapp.rate SET n = greatest(n - 1, 0) WHERE key = :key AND began_at = {_BEGAN}")
    connection.execute(query, {"key": key, "minutes": minutes})


def forget(connection: Connection) -> int:
    """Remove the windows of hours that are over; how many counts these were."""
    query = text("DELETE FROM geoapp.rate WHERE began_at < date_bin('1 hour', now(), 'epoch')")
    return connection.execute(query).rowcount
