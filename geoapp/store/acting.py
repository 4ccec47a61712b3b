"""As whom a transaction acts: what row-level security reads, said for one transaction and forgotten with it.

These settings are made nowhere else (tests/test_laws.py), and always with LOCAL's meaning: when the transaction ends,
however it ends, they are the empty string again. So the pool can hand on no connection that still knows somebody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, text


@dataclass(frozen=True, slots=True)
class Identity:
    """account: whose own rows are seen. The others name the city whose reporters, and whose log of looks, are read;
    manages_people: all accounts are seen and kept.
    """

    account_id: int | None = None
    reads_private_of: int | None = None
    reads_log_of: int | None = None
    manages_people: bool = False


NOBODY: Final = Identity()
KEEPER: Final = Identity(manages_people=True)
"""Whoever may read the installation's files: the command line, and the making of demo accounts."""

NAMES: Final = ("geoapp.account", "geoapp.reads_private_of", "geoapp.reads_log_of", "geoapp.manages_people")


def act(connection: Connection, identity: Identity) -> None:
    """Act as that one until the transaction ends; what was said earlier in it holds no more."""
    said = (
        _key(identity.account_id), _key(identity.reads_private_of), _key(identity.reads_log_of),
        "on" if identity.manages_people else "",
    )  # fmt: skip
    values = {f"v{nth}": value for nth, value in enumerate(said)}
    made = ", ".join(f"set_config('{name}', :v{nth}, true)" for nth, name in enumerate(NAMES))
    connection.execute(text(f"SELECT {made}"), values)


@contextmanager
def acting(engine: Engine, identity: Identity) -> Iterator[Connection]:
    """A transaction of that one's own."""
    with engine.begin() as connection:
        act(connection, identity)
        yield connection


def _key(key: int | None) -> str:
    return "" if key is None else str(key)
