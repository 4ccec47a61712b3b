"""Hand-over: somebody leaves, is locked out, and the roles pass to whoever comes after or end."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine

from geoapp.errors import BadField
from geoapp.people.keeper import CONSOLE, Keeper, check_other
from geoapp.people.keeping import LONGEST_REASON, Post, account_of, end_roles, give_at
from geoapp.store import accounts, deeds, roster, sessions
from geoapp.store.accounts import Account, Held
from geoapp.store.acting import acting
from geoapp.store.roster import Bare


@dataclass(frozen=True, slots=True)
class Parting:
    """What somebody's going means: the roles in force, and the units that nobody else heads or is of."""

    account: Account
    held: tuple[Held, ...]
    bare: tuple[Bare, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """What came of it: the roles that passed on (or were the successor's already), those that ended with nobody to
    take them on, and the units left bare all the same; link: the secret of the link by which the successor sets another
    password, where the roles reach beyond whoever kept that account till now."""

    passed: tuple[Held, ...]
    ended: tuple[Held, ...]
    bare: tuple[Bare, ...]
    link: str = ""


NO_SUCCESSOR: Final = "Nobody by that login can take this on."


def parting(connection: Connection, login: str, by: Keeper = CONSOLE) -> Parting:
    """What is to be handed over; nothing changes.

    Raises:
        UnknownAccount
    """
    account = account_of(connection, login, by)
    held = tuple(one for one in accounts.held(connection, account.id) if one.in_force)
    return Parting(account, held, tuple(roster.bare_without(connection, account.id)))


def leave(
    engine: Engine, login: str, to: str | None = None, *, leave_out: Collection[int] = (), reason: str = "",
    by: Keeper = CONSOLE,
) -> Left:  # fmt: skip
    """Lock somebody out and hand the roles to another, but those left out (by key), which end; all of it or nothing.

    Raises:
        UnknownAccount, OwnAccount, BeyondReach, NotAllowed
        BadField: whoever is to come after cannot.
        LastAdministrator: nobody would be left to look after this.
    """
    with acting(engine, by.identity) as connection:
        going = parting(connection, login, by)
        check_other(connection, by, going.account)
        heir = None if to is None else _heir(connection, by, going.account, to)
        passed = tuple(one for one in going.held if heir is not None and one.id not in leave_out)
        link = "" if heir is None else _pass(connection, by, going.account, heir, passed)
        end_roles(connection, by, going.account, going.held, reason)
        _shut(connection, going.account, heir, reason)
        ended = tuple(one for one in going.held if one not in passed)
        return Left(passed, ended, _still_bare(connection, going), link)


def _heir(connection: Connection, by: Keeper, going: Account, login: str) -> Account:
    found = account_of(connection, login, by)
    if not found.active or found.demo or found.id == going.id:
        raise BadField(f"{login} takes nothing on.", fields={"to": NO_SUCCESSOR})
    return found


def _pass(connection: Connection, by: Keeper, going: Account, heir: Account, passed: Collection[Held]) -> str:
    """Give the roles to the successor; the secret of the link that sets another password, where one is needed."""
    link = ""
    for one in passed:
        at = Post(one.city_id, one.unit_id)
        link = give_at(connection, by, heir.id, one.role, at, one.ends_at, after=going.login).link or link
    return link


def _shut(connection: Connection, account: Account, heir: Account | None, reason: str) -> None:
    accounts.change(connection, account.id, active=False)
    sessions.shut_out(connection, account.id)
    deeds.note(
        connection, "left", account_id=account.id, to=heir.login if heir else None, reason=reason[:LONGEST_REASON]
    )


def _still_bare(connection: Connection, going: Parting) -> tuple[Bare, ...]:
    """Those of the units that nobody heads, or is of, now that it is done."""
    cities = {one.city_id for one in going.held if one.city_id is not None}
    staff = {unit: of for city_id in cities for unit, of in roster.staffing(connection, city_id).items()}
    return tuple(one for one in going.bare if one.unit_id not in staff or (one.headed and not staff[one.unit_id].heads))
