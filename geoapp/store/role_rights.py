"""The database's copy of the table of rights, by which its second wall decides (store/wall_rules.py).

`geoapp database prepare` writes it anew after the migrations, as the owner; no other role may. Where it is empty,
nobody reads anything private.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

Line = tuple[str, str, str]
"""A role, an action it may do, and how far that reaches."""


def keep(connection: Connection, lines: Collection[Line]) -> None:
    """Make the copy hold these lines and no others."""
    if kept(connection) == frozenset(lines):
        return
    columns = dict(zip(("roles", "actions", "scopes"), map(list, zip(*sorted(lines), strict=True)), strict=True))
    connection.execute(text("DELETE FROM private.role_right"))
    connection.execute(_INSERT, columns)


_INSERT: Final = text(
    "INSERT INTO private.role_right (role, action, scope) SELECT * "
    "FROM unnest(cast(:roles AS text[]), cast(:actions AS text[]), cast(:scopes AS text[]))"
)


def kept(connection: Connection) -> frozenset[Line]:
    """The lines of the copy, as the owner sees them."""
    rows = connection.execute(text("SELECT role, action, scope FROM private.role_right"))
    return frozenset((row.role, row.action, row.scope) for row in rows)


def is_there(connection: Connection) -> bool:
    """Whether the database has come to the revision that holds a copy."""
    return bool(connection.execute(text("SELECT to_regclass('private.role_right') IS NOT NULL")).scalar_one())


def kept_at(url: str) -> frozenset[Line]:
    """The same of the database of a URL, which names the owner."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return kept(connection)
