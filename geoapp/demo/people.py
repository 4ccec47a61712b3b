"""Whom a demo can be entered as: one account a role, made when it is first asked for, that no password opens."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from sqlalchemy import Connection, Engine

from geoapp.city import City
from geoapp.errors import LoginTaken, NotFound
from geoapp.people.rights import ROLES
from geoapp.records import Role, UnitKind
from geoapp.store import accounts, units
from geoapp.store.acting import KEEPER, acting

IN_OFFICE: Final = frozenset({Role.UNIT_STAFF, Role.UNIT_HEAD, Role.CREW, Role.FIELD_CHECKER})
"""Held for the street office that the tour tells of."""

ABOVE: Final = frozenset({Role.DISTRICT_DISPATCHER})
"""Held for the unit above it."""


def enter(engine: Engine, city: City, role: Role, office: str) -> int:
    """The key of the account that plays a role in a demo city, its role given; office is the code of an area.

    Raises:
        NotFound: the role is held for a unit, and the city has none there.
    """
    login = f"demo-{city.code}-{role}"
    try:
        with acting(engine, KEEPER) as connection:
            return _made(connection, city, role, office, login)
    except LoginTaken:
        # Somebody else has just been the first.
        with acting(engine, KEEPER) as connection:
            return _made(connection, city, role, office, login)


def settle(engine: Engine, city: City, roles: Iterable[Role], office: str) -> None:
    """Make the accounts of all these roles, as far as the city has units for them: whoever plays the administrator
    looks after somebody."""
    for role in roles:
        with suppress(NotFound):
            enter(engine, city, role, office)


def _made(connection: Connection, city: City, role: Role, office: str, login: str) -> int:
    unit_id = _unit(connection, city, role, office)
    account_id = accounts.demo_account(connection, login)
    if account_id is None:
        account_id = accounts.make(connection, login, ROLES[role]["zh"], demo=True)
    person = accounts.person(connection, account_id)
    assert person is not None  # made or found just now, and active
    if [(one.role, one.city_id, one.unit_id) for one in person.holdings] != [(role, city.id, unit_id)]:
        # Another demo was loaded, with another office in its tour.
        accounts.take(connection, account_id, role, city.id, None)
        accounts.give(connection, account_id, role, city.id, unit_id)
    return account_id


def _unit(connection: Connection, city: City, role: Role, office: str) -> int | None:
    if role not in IN_OFFICE | ABOVE:
        return None
    found = units.of_area(connection, city.id, city.responsible, office)
    if found is not None and role in ABOVE:
        found = units.find(connection, city.id, found.parent) if found.parent else None
        found = found if found and found.kind != UnitKind.CITY else None
    if found is None:
        raise NotFound()
    return found.id
