"""Accounts kept by whoever looks after the installation: made, told, given roles, locked, taken in from a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from geoapp.city import City
from geoapp.errors import BadField, UnknownAccount, UnknownUnit
from geoapp.people import entering
from geoapp.people.lists import Entry
from geoapp.people.rights import needs_unit
from geoapp.records import Role
from geoapp.store import accounts, sessions, units
from geoapp.store.accounts import Account
from geoapp.store.acting import KEEPER, acting


@dataclass(frozen=True, slots=True)
class Made:
    """An account as it was made: the secret of the link that sets its password, where it has none yet."""

    login: str
    link: str


@dataclass(frozen=True, slots=True)
class Post:
    """Where a role is held: in a city (None: in all), for a unit (None: for none)."""

    city: City | None
    unit_id: int | None = None

    @property
    def city_id(self) -> int | None:
        """The city's key."""
        return None if self.city is None else self.city.id


def post(connection: Connection, role: Role, city: City | None, unit: str | None) -> Post:
    """Where a role is to be held; unit is a code, or the name of one unit alone.

    Raises:
        UnknownUnit, BadField: the role is held for a unit and none is named, or a unit without a city is.
    """
    if unit is None:
        if needs_unit(role):
            raise BadField(f"{role} is held for a unit: name it.")
        return Post(city)
    if city is None:
        raise BadField("A unit is one of a city.")
    return Post(city, unit_of(connection, city, unit).id)


def unit_of(connection: Connection, city: City, word: str) -> units.Unit:
    """The unit of that code, else the only one of that name.

    Raises:
        UnknownUnit: there is none, or there are several.
    """
    try:
        return units.find(connection, city.id, word)
    except UnknownUnit:
        called = [unit for unit in units.every(connection, city.id) if word in unit.names.values()]
        if len(called) != 1:
            raise
        return called[0]


def account_of(connection: Connection, login: str) -> Account:
    """The account of a login.

    Raises:
        UnknownAccount: there is none.
    """
    found = accounts.find(connection, entering.login_of(login))
    if found is None:
        raise UnknownAccount(login)
    return found


def add(
    engine: Engine, login: str, name: str, *, password: str | None = None, role: Role | None = None,
    city: City | None = None, unit: str | None = None, **data: Any,
) -> Made:  # fmt: skip
    """Make an account; without a password, with a link that sets one.

    Raises:
        LoginTaken, BadField, PasswordRefused, UnknownUnit
    """
    known = entering.login_of(login)
    if len(known) < 2:
        raise BadField(f"{login!r} is no login.")
    with acting(engine, KEEPER) as connection:
        account_id = accounts.make(connection, known, name, **data)
        if role is not None:
            at = post(connection, role, city, unit)
            accounts.give(connection, account_id, role, at.city_id, at.unit_id)
        return _entered(connection, account_id, known, name, password)


def _entered(connection: Connection, account_id: int, login: str, name: str, password: str | None) -> Made:
    if password is None:
        return Made(login, entering.link(connection, account_id, entering.INVITATION_LASTS).shown)
    entering.set_password(connection, account_id, password, (login, name))
    # Whoever has set it knows it, and is not who it is for.
    accounts.change(connection, account_id, must_change=True)
    return Made(login, "")


def set_password(engine: Engine, login: str, password: str | None, *, drop_factor: bool = False) -> Made:
    """Another password, to be changed when it is first used, or a link that sets one; all sessions end.

    drop_factor: whoever has lost the second factor and its codes signs in without.

    Raises:
        UnknownAccount, PasswordRefused
    """
    with acting(engine, KEEPER) as connection:
        account = account_of(connection, login)
        if drop_factor:
            accounts.change(connection, account.id, totp=None, totp_step=None, recovery=[])
        sessions.end_all(connection, account.id)
        return _entered(connection, account.id, account.login, account.name, password)


def lock(engine: Engine, login: str, *, locked: bool) -> None:
    """Lock an account: its sessions and links end, its tokens hold no more; or let it in again.

    Raises:
        UnknownAccount
    """
    with acting(engine, KEEPER) as connection:
        account = account_of(connection, login)
        accounts.change(connection, account.id, active=not locked)
        if locked:
            sessions.end_all(connection, account.id)
            sessions.drop_links(connection, account.id)


def give(
    engine: Engine, login: str, role: Role, city: City | None, unit: str | None, until: datetime | None = None
) -> bool:
    """Give a role; False where it is held so already.

    Raises:
        UnknownAccount, UnknownUnit, BadField
    """
    with acting(engine, KEEPER) as connection:
        account, at = account_of(connection, login), post(connection, role, city, unit)
        return accounts.give(connection, account.id, role, at.city_id, at.unit_id, until)


def take(engine: Engine, login: str, role: Role, city: City | None, unit: str | None) -> int:
    """Take a role, wherever it is held or there alone; how many holdings ended.

    Raises:
        UnknownAccount, UnknownUnit
    """
    with acting(engine, KEEPER) as connection:
        account = account_of(connection, login)
        unit_id = None if unit is None or city is None else unit_of(connection, city, unit).id
        return accounts.take(connection, account.id, role, None if city is None else city.id, unit_id)


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of a list: those made, with their links, and how many were known and how many roles were given."""

    made: tuple[Made, ...]
    known: int
    roles: int


def take_in(engine: Engine, city: City, entries: Sequence[Entry]) -> TakenIn:
    """Take in a list, all of it or nothing; taken in again it changes nothing.

    Raises:
        BadField: units are not known; the detail names lines.
    """
    made: list[Made] = []
    known: set[str] = set()
    roles = 0
    with acting(engine, KEEPER) as connection:
        if wrong := [one for one in entries if not _known_unit(connection, city, one.unit)]:
            raise BadField("\n".join(f"line {one.line}: {one.unit} is no unit" for one in wrong))
        for one in entries:
            account = accounts.find(connection, one.login)
            if account is None:
                data = {"email": one.email, "phone": one.phone, "language": one.language or city.languages[0]}
                account_id = accounts.make(connection, one.login, one.name, **_spoken(data))
                made.append(_entered(connection, account_id, one.login, one.name, None))
            else:
                account_id = account.id
                known |= {one.login} - {new.login for new in made}
                accounts.change(connection, account_id, name=one.name, **_told(one))
            for role in one.roles:
                at = post(connection, role, city, one.unit or None)
                roles += accounts.give(connection, account_id, role, at.city_id, at.unit_id)
    return TakenIn(tuple(made), len(known), roles)


def _known_unit(connection: Connection, city: City, word: str) -> bool:
    try:
        return not word or bool(unit_of(connection, city, word))
    except UnknownUnit:
        return False


def _told(one: Entry) -> dict[str, str]:
    """What a list says of somebody known; what it leaves empty stays."""
    return {name: value for name in ("email", "phone", "language") if (value := getattr(one, name))}


def _spoken(data: dict[str, str]) -> dict[str, str]:
    return data | {"language": data["language"] if data["language"] in ("zh", "en") else "en"}
