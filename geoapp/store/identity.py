"""Which database a connection leads to, so that what is kept in memory of one is never taken for another's."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, text

_KEPT: Final = "geoapp_identity"


def make_room(kept: dict[Any, Any], most: int) -> None:
    """Forget what was kept first, so that one more may be kept."""
    while len(kept) >= most:
        del kept[next(iter(kept))]


def identity(connection: Connection) -> str:
    """A name of this database alone: one restored into its place under the same address has another.

    Asked once a connection to the server; whoever replaces a database ends those.
    """
    if _KEPT not in connection.info:
        query = text("SELECT oid FROM pg_database WHERE datname = current_database()")
        oid = connection.execute(query).scalar_one()
        # Whoever asks, it is the same database.
        url = connection.engine.url
        connection.info[_KEPT] = f"{url.host}:{url.port}/{url.database}?{sorted(url.query.items())}#{oid}"
    return str(connection.info[_KEPT])
