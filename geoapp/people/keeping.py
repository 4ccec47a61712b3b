"""Accounts kept by whoever looks after them: made, told, given roles, locked; each deed is noted with who did it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine

from geoapp.city import City
from geoapp.errors import BadField, BeyondReach, NotFound, UnknownAccount, UnknownUnit
from geoapp.people import entering, passwords
from geoapp.people.keeper import CONSOLE, Keeper, check_changes, check_other, check_post, check_whole, somebody_left
from geoapp.people.rights import needs_unit
from geoapp.records import Role
from geoapp.store import accounts, deeds, sessions, units
from geoapp.store.accounts import Account
from geoapp.store.acting import acting

LONGEST_REASON: Final = 200
"""Words that stand in an address where a login, or a unit's code, else does."""


@dataclass(frozen=True, slots=True)
class Made:
    """An account as it was made: the secret of the link that sets its password, where it has none yet."""

    login: str
    link: str


@dataclass(frozen=True, slots=True)
class Post:
    """Where a role is held: in a city (None: in all), for a unit (None: for none)."""

    city_id: int | None
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A role as it was given: whether it is new, and the secret of the link by which another password must be set."""

    new: bool
    link: str = ""


def post(connection: Connection, role: Role, city: City | None, unit: str | None) -> Post:
    """Where a role is to be held; unit is a code, or the name of one unit alone.

    Raises:
        UnknownUnit, BadField: the role is held for a unit and none is named, or a unit without a city is.
    """
    if unit is None:
        if needs_unit(role):
            raise BadField(f"{role} is held for a unit: name it.", fields={"unit": NAME_A_UNIT})
        return Post(None if city is None else city.id)
    if city is None:
        raise BadField("A unit is one of a city.", fields={"unit": UNIT_OF_A_CITY})
    return Post(city.id, unit_of(connection, city, unit).id)


NAME_A_UNIT: Final = "This role is held for a unit: name it."
UNIT_OF_A_CITY: Final = "A unit is one of a city: a role held in all cities has none."
NO_LOGIN: Final = "A login has 2 to 100 letters, figures and . _ - + @."
GROWS: Final = (
    "This person holds or held roles in other cities: the first one here is given by an administrator of all cities."
)


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


def account_of(connection: Connection, login: str, by: Keeper = CONSOLE) -> Account:
    """The account of a login, as far as it is one that they may see.

    Raises:
        UnknownAccount: there is none.
    """
    found = accounts.find(connection, entering.login_of(login))
    if found is None or (by.demo and not found.demo):
        raise UnknownAccount(login)
    return found


def add(
    engine: Engine, login: str, name: str, *, password: str | None = None, role: Role | None = None,
    city: City | None = None, unit: str | None = None, until: datetime | None = None, by: Keeper = CONSOLE,
    **data: Any,
) -> Made:  # fmt: skip
    """Make an account; without a password, with a link that sets one.

    Raises:
        LoginTaken, BadField, PasswordRefused, UnknownUnit
        BeyondReach: it would be nobody's of the cities that they look after.
    """
    check_changes(by)
    known = entering.login_of(login)
    if not entering.is_login(login):
        raise BadField(f"{login!r} is no login.", fields={"login": NO_LOGIN})
    if by.people is not True and (role is None or not by.keeps_people_of(city.id if city else None)):
        raise BeyondReach()
    with acting(engine, by.identity) as connection:
        at = None if role is None else post(connection, role, city, unit)
        account_id = make(connection, known, name, **data)
        if role is not None and at is not None:
            give_at(connection, by, account_id, role, at, until)
        return enter(connection, account_id, known, name, password)


def make(connection: Connection, login: str, name: str, **data: Any) -> int:
    """Make an account and note it; its key.

    Raises:
        LoginTaken
    """
    account_id = accounts.make(connection, login, name, **data)
    deeds.note(connection, "made", account_id=account_id)
    return account_id


def enter(connection: Connection, account_id: int, login: str, name: str, password: str | None) -> Made:
    """Set a password, or make the link that sets one.

    Raises:
        PasswordRefused
    """
    if password is None:
        return Made(login, entering.link(connection, account_id, entering.INVITATION_LASTS).shown)
    entering.set_password(connection, account_id, password, (login, name))
    # Whoever has set it knows it, and is not who it is for.
    accounts.change(connection, account_id, must_change=True)
    return Made(login, "")


def change(engine: Engine, login: str, by: Keeper = CONSOLE, **data: str) -> None:
    """Change what is known of somebody: name, address, telephone, language; what is noted is which of them.

    Raises:
        UnknownAccount, BeyondReach, NotAllowed
    """
    with acting(engine, by.identity) as connection:
        account = account_of(connection, login, by)
        check_other(connection, by, account)
        tell(connection, account, data)


def tell(connection: Connection, account: Account, data: dict[str, str]) -> bool:
    """Change what is new of the data and note which; whether anything was."""
    new = {name: value for name, value in data.items() if getattr(account, name) != value}
    if new:
        accounts.change(connection, account.id, **new)
        deeds.note(connection, "data", account_id=account.id, fields=sorted(new))
    return bool(new)


def set_password(
    engine: Engine, login: str, password: str | None, *, drop_factor: bool = False, by: Keeper = CONSOLE
) -> Made:
    """Another password, to be changed when it is first used, or a link that sets one; all sessions and tokens end.

    drop_factor: whoever has lost the second factor and its codes signs in without.

    Raises:
        UnknownAccount, PasswordRefused, BeyondReach, NotAllowed
    """
    with acting(engine, by.identity) as connection:
        account = account_of(connection, login, by)
        # One's own is changed under /account alone, where the present password is asked for.
        check_other(connection, by, account)
        if drop_factor:
            accounts.change(connection, account.id, totp=None, totp_step=None, recovery=[])
        sessions.shut_out(connection, account.id)
        what = "link" if password is None else "password"
        deeds.note(connection, what, account_id=account.id, drop_factor=drop_factor or None)
        return enter(connection, account.id, account.login, account.name, password)


def lock(engine: Engine, login: str, *, locked: bool, reason: str = "", by: Keeper = CONSOLE) -> None:
    """Lock an account: its sessions, tokens and links end; or let it in again.

    Raises:
        UnknownAccount, OwnAccount, BeyondReach, LastAdministrator, NotAllowed
    """
    with acting(engine, by.identity) as connection:
        account = account_of(connection, login, by)
        check_other(connection, by, account)
        with somebody_left(connection):
            accounts.change(connection, account.id, active=not locked)
        if locked:
            sessions.shut_out(connection, account.id)
        if account.active == locked:
            what = "locked" if locked else "unlocked"
            deeds.note(connection, what, account_id=account.id, reason=reason[:LONGEST_REASON])


def sign_out(engine: Engine, login: str, by: Keeper = CONSOLE) -> int:
    """End all sessions of an account, and its tokens; how many sessions.

    Raises:
        UnknownAccount, BeyondReach, NotAllowed
    """
    with acting(engine, by.identity) as connection:
        account = account_of(connection, login, by)
        check_whole(connection, by, account)
        ended = sessions.end_all(connection, account.id)
        sessions.end_tokens(connection, account.id)
        deeds.note(connection, "signed_out", account_id=account.id)
        return ended


# Roles


def give(
    engine: Engine, login: str, role: Role, city: City | None, unit: str | None, until: datetime | None = None,
    by: Keeper = CONSOLE,
) -> Given:  # fmt: skip
    """Give a role; where it reaches beyond whoever kept the account till now, a password must be set anew.

    Raises:
        UnknownAccount, UnknownUnit, BadField, OwnAccount, BeyondReach, NotAllowed
    """
    with acting(engine, by.identity) as connection:
        account, at = account_of(connection, login, by), post(connection, role, city, unit)
        return give_at(connection, by, account.id, role, at, until, account.demo)


def give_at(
    connection: Connection, by: Keeper, account_id: int, role: Role, at: Post, until: datetime | None = None,
    demo: bool = False, after: str | None = None,
) -> Given:  # fmt: skip
    """The same in a transaction, where the post is known; after: the login of whoever held it till now.

    Raises:
        OwnAccount, BeyondReach, NotAllowed
    """
    check_post(by, account_id, at.city_id)
    if demo and by.account_id is not None:
        raise BeyondReach()
    grows = outgrows(connection, account_id, at.city_id)
    if grows and not accounts.keeps(connection, account_id):
        raise BeyondReach(fields={"role": GROWS})
    # Who kept the account till now may know its password: no way in is left from then.
    link = _set_back(connection, account_id) if grows else ""
    given = accounts.give(connection, account_id, role, at.city_id, at.unit_id, until, by.account_id)
    if given:
        deeds.note(
            connection, "role_given", account_id=account_id, city_id=at.city_id, unit_id=at.unit_id, role=role,
            until=until, after=after, set_back=grows or None,
        )  # fmt: skip
    return Given(given, link)


def outgrows(connection: Connection, account_id: int, city_id: int | None) -> bool:
    """Whether a role in that city reaches beyond somebody who keeps the account, or once did: who looked after another
    city alone, where a role of it is or was held."""
    held = accounts.held(connection, account_id)
    now = {one.city_id for one in held if one.in_force}
    return not now & {None, city_id} and bool({one.city_id for one in held} - {None, city_id})


def _set_back(connection: Connection, account_id: int) -> str:
    """End every way into an account, its password too; the secret of the link that sets another."""
    sessions.shut_out(connection, account_id)
    account = accounts.read(connection, account_id)
    assert account is not None  # kept by whoever gives the role
    door = accounts.door(connection, account.login)
    kept = passwords.spent(door.password) if door and door.password else None
    accounts.change(connection, account_id, password=kept, subject=None)
    return entering.link(connection, account_id, entering.INVITATION_LASTS).shown


def take(
    engine: Engine, login: str, role: Role, city: City | None, unit: str | None, reason: str = "",
    by: Keeper = CONSOLE,
) -> int:  # fmt: skip
    """Take a role, wherever it is held or there alone; how many holdings ended.

    Raises:
        UnknownAccount, UnknownUnit, OwnAccount, BeyondReach, LastAdministrator, NotAllowed
    """
    with acting(engine, by.identity) as connection:
        account = account_of(connection, login, by)
        unit_id = None if unit is None or city is None else unit_of(connection, city, unit).id
        chosen = [
            one
            for one in accounts.held(connection, account.id)
            if one.in_force and one.role == role and (city is None or one.city_id == city.id)
            and (unit_id is None or one.unit_id == unit_id)
        ]  # fmt: skip
        end_roles(connection, by, account, chosen, reason)
        return len(chosen)


def take_held(engine: Engine, login: str, role_id: int, reason: str = "", by: Keeper = CONSOLE) -> None:
    """Take the role that is held under that key.

    Raises:
        UnknownAccount, NotFound: there is no such role, or it is over.
        OwnAccount, BeyondReach, LastAdministrator, NotAllowed
    """
    with acting(engine, by.identity) as connection:
        account = account_of(connection, login, by)
        chosen = [one for one in accounts.held(connection, account.id) if one.in_force and one.id == role_id]
        if not chosen:
            raise NotFound()
        end_roles(connection, by, account, chosen, reason)


def end_roles(
    connection: Connection, by: Keeper, account: Account, chosen: Sequence[accounts.Held], reason: str = ""
) -> None:
    """End roles of an account, each noted with the reason.

    Raises:
        OwnAccount, BeyondReach, LastAdministrator, NotAllowed
    """
    for one in chosen:
        check_post(by, account.id, one.city_id)
    if chosen and account.demo and by.account_id is not None:
        raise BeyondReach()
    with somebody_left(connection):
        accounts.end(connection, [one.id for one in chosen])
    for one in chosen:
        deeds.note(
            connection, "role_taken", account_id=account.id, city_id=one.city_id, unit_id=one.unit_id, role=one.role,
            reason=reason[:LONGEST_REASON],
        )  # fmt: skip
