"""As whom a transaction acts: what row-level security reads, said for one transaction and forgotten with it.

These settings are made nowhere else (tests/test_laws.py), and always with LOCAL's meaning: when the transaction ends,
however it ends, they are the empty string again. So the pool can hand on no connection that still knows somebody.
What somebody may read is no setting: the database finds that out itself (store/wall_rules.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, text

from geoapp.records import Person

Reach = bool | frozenset[int]
"""All (True), none, or what belongs to some cities alone."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who acts: account_id by its roles, scopes what the token at hand allows (None: in person).

    manages_people, manages_units and manages_lists say whose accounts, and which units and lists, are seen and kept.
    """

    account_id: int | None = None
    scopes: frozenset[str] | None = None
    manages_people: Reach = False
    manages_units: Reach = False
    manages_lists: Reach = False


NOBODY: Final = Identity()
KEEPER: Final = Identity(manages_people=True, manages_units=True, manages_lists=True)
"""Whoever may read the installation's files: the command line, and the making of demo accounts."""

NAMES: Final = (
    "geoapp.account",
    "geoapp.scopes",
    "geoapp.manages_people",
    "geoapp.manages_units",
    "geoapp.manages_lists",
)


def of(person: Person) -> Identity:
    """Somebody as they ask: in person, or by a token that allows less."""
    return Identity(person.account_id, person.scopes)


def act(connection: Connection, identity: Identity) -> None:
    """Act as that one until the transaction ends; what was said earlier in it holds no more."""
    account = "" if identity.account_id is None else str(identity.account_id)
    reaches = identity.manages_people, identity.manages_units, identity.manages_lists
    said = (account, _scopes(identity.scopes), *map(_reach, reaches))
    values = {f"v{nth}": value for nth, value in enumerate(said)}
    made = ", ".join(f"set_config('{name}', :v{nth}, true)" for nth, name in enumerate(NAMES))
    connection.execute(text(f"SELECT {made}"), values)


def _scopes(scopes: frozenset[str] | None) -> str:
    """Scopes as PostgreSQL writes an array: of a token that allows nothing another than of nobody's."""
    return "" if scopes is None else "{" + ",".join(f'"{one}"' for one in sorted(scopes) if one.isidentifier()) + "}"


@contextmanager
def acting(engine: Engine, identity: Identity) -> Iterator[Connection]:
    """A transaction of that one's own."""
    with engine.begin() as connection:
        act(connection, identity)
        yield connection


def _reach(reach: Reach) -> str:
    """As people_rules reads it: on, nothing, or the keys of cities as PostgreSQL writes an array."""
    if isinstance(reach, bool):
        return "on" if reach else ""
    return "{" + ",".join(map(str, sorted(reach))) + "}" if reach else ""
