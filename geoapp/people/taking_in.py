"""A list of people taken in: first shown what would come of each row, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, Engine

from geoapp.city import City
from geoapp.errors import BadField, BeyondReach
from geoapp.people.keeper import CONSOLE, Keeper, check_changes
from geoapp.people.keeping import Made, Post, enter, give_at, make, outgrows, tell
from geoapp.people.lists import Entry
from geoapp.people.tables import Fault
from geoapp.records import Role
from geoapp.store import accounts, units
from geoapp.store.accounts import Account, Held
from geoapp.store.acting import acting
from geoapp.store.units import Unit

NOBODYS: Final = "%(word)s is new and holds no role in your city: nobody would look after the account"
NO_UNIT: Final = "%(word)s is no unit"
TAKEN: Final = "%(word)s is the login of somebody whom you do not look after"
OWN_ROLES: Final = "%(word)s is you: your own roles are given by somebody else"
OWN_DATA: Final = "%(word)s is you: your own name, address and telephone are changed under your account"
GROWS: Final = "%(word)s holds or held roles in other cities: an administrator of all cities gives the first one here"
ELSEWHERE: Final = "%(word)s holds roles in other cities too: name, address and telephone stay as they are"


class Fate(StrEnum):
    """What would come of a row."""

    MAKE = "make"  # an account is made
    CHANGE = "change"  # one that is known gets other data or roles
    SAME = "same"  # all of it is so already


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row and what would come of it: which of the data would change, which roles be new, for which unit."""

    entry: Entry
    fate: Fate
    data: tuple[str, ...]
    roles: tuple[Role, ...]
    unit: Unit | None


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of a list: those made, with their links, how many were known, how many roles were given, and those
    known whose roles now reach further than whoever kept them, with the links by which they set another password."""

    made: tuple[Made, ...]
    known: int
    roles: int
    set_back: tuple[Made, ...] = ()


def preview(
    connection: Connection, city: City, entries: Sequence[Entry], by: Keeper = CONSOLE
) -> tuple[list[Outcome], list[Fault]]:
    """What would come of each row, and what is wrong with it; nothing changes."""
    known, meant = _known(connection, entries), _units(connection, city, entries)
    outcomes: list[Outcome] = []
    faults: list[Fault] = []
    coming: dict[str, set[tuple[Role, int | None]]] = {}
    for one in entries:
        unit, account = meant.get(one.unit), known.get(one.login)
        at = unit.id if unit else None
        had = coming.setdefault(one.login, set(_held(connection, account, city)))
        new = tuple(role for role in one.roles if (role, at) not in had)
        faults += _faults(connection, by, city, one, account, unit, new)
        first = one.login not in {earlier.entry.login for earlier in outcomes}
        outcomes.append(_outcome(one, account, unit, new, first))
        had |= {(role, at) for role in new}
    return outcomes, faults


def take_in(engine: Engine, city: City, entries: Sequence[Entry], by: Keeper = CONSOLE) -> TakenIn:
    """Take in a list, all of it or nothing; taken in again it changes nothing.

    Raises:
        BadField: some rows cannot be taken in; its `faults` say which and why.
        BeyondReach: the city is none of theirs.
    """
    check_changes(by)
    if not by.keeps_people_of(city.id):
        raise BeyondReach()
    with acting(engine, by.identity) as connection:
        outcomes, faults = preview(connection, city, entries, by)
        if faults:
            raise BadField("\n".join(map(str, faults)), faults=faults)
        made: dict[str, Made] = {}
        set_back: dict[str, Made] = {}
        roles = 0
        for one in outcomes:
            roles += _take(connection, by, city, one, made, set_back)
    known = {one.entry.login for one in outcomes} - made.keys()
    return TakenIn(tuple(made.values()), len(known), roles, tuple(set_back.values()))


def _take(
    connection: Connection, by: Keeper, city: City, one: Outcome, made: dict[str, Made], set_back: dict[str, Made]
) -> int:
    """Take in one row; how many roles it gave."""
    entry, account = one.entry, accounts.find(connection, one.entry.login)
    if account is None and entry.login not in made:
        spoken = entry.language or (city.languages[0] if city.languages[0] in ("zh", "en") else "en")
        account_id = make(connection, entry.login, entry.name, email=entry.email, phone=entry.phone, language=spoken)
        for role in one.roles:
            give_at(connection, by, account_id, role, _post(city, one))
        made[entry.login] = enter(connection, account_id, entry.login, entry.name, None)
        return len(one.roles)
    assert account is not None  # made just now, or known
    if one.data:
        tell(connection, account, {name: getattr(entry, name) for name in one.data})
    given = [give_at(connection, by, account.id, role, _post(city, one)) for role in one.roles]
    for each in given:
        if each.link:
            set_back[entry.login] = Made(entry.login, each.link)
    return sum(each.new for each in given)


def _post(city: City, one: Outcome) -> Post:
    return Post(city.id, one.unit.id if one.unit else None)


def _known(connection: Connection, entries: Sequence[Entry]) -> dict[str, Account]:
    found = (accounts.find(connection, login) for login in {one.login for one in entries})
    return {one.login: one for one in found if one is not None}


def _units(connection: Connection, city: City, entries: Sequence[Entry]) -> Mapping[str, Unit]:
    """Each unit that is meant by its code, or as the only one by its name: read once, however many ask."""
    wanted = {one.unit for one in entries if one.unit}
    every = units.every(connection, city.id) if wanted else []
    called: dict[str, set[str]] = {}
    for one in every:
        for name in one.names.values():
            called.setdefault(name, set()).add(one.code)
    by_code = {one.code: one for one in every}
    alone = {name: by_code[next(iter(codes))] for name, codes in called.items() if len(codes) == 1}
    return {word: unit for word in wanted if (unit := by_code.get(word) or alone.get(word)) is not None}


def _held(connection: Connection, account: Account | None, city: City) -> list[tuple[Role, int | None]]:
    held: list[Held] = [] if account is None else accounts.held(connection, account.id)
    return [(one.role, one.unit_id) for one in held if one.in_force and one.city_id == city.id and not one.ends_at]


def _faults(
    connection: Connection, by: Keeper, city: City, one: Entry, account: Account | None, unit: Unit | None,
    new: Sequence[Role],
) -> list[Fault]:  # fmt: skip
    faults = []
    if one.unit and unit is None:
        faults.append(Fault(one.line, "unit", NO_UNIT, one.unit))
    if account is None and accounts.taken(connection, one.login):
        faults.append(Fault(one.line, "login", TAKEN, one.login))
    if account is None and by.people is not True and not one.roles:
        faults.append(Fault(one.line, "role", NOBODYS, one.login))
    if account is not None and account.demo:
        faults.append(Fault(one.line, "login", TAKEN, one.login))
    if account is not None and account.id == by.account_id and new:
        faults.append(Fault(one.line, "login", OWN_ROLES, one.login))
    if account is None:
        return faults
    mine, theirs = account.id == by.account_id, accounts.keeps(connection, account.id)
    if mine and _told(one, account):
        # An address is where password links go: one's own is changed where the password is asked for.
        faults.append(Fault(one.line, "login", OWN_DATA, one.login))
    elif _told(one, account) and not theirs:
        faults.append(Fault(one.line, "login", ELSEWHERE, one.login))
    if new and not mine and not theirs and outgrows(connection, account.id, city.id):
        faults.append(Fault(one.line, "role", GROWS, one.login))
    return faults


def _outcome(one: Entry, account: Account | None, unit: Unit | None, new: tuple[Role, ...], first: bool) -> Outcome:
    if account is None:
        return Outcome(one, Fate.MAKE if first else Fate.CHANGE, (), new, unit)
    data = _told(one, account)
    return Outcome(one, Fate.CHANGE if data or new else Fate.SAME, data, new, unit)


def _told(one: Entry, account: Account) -> tuple[str, ...]:
    """Which data a list says otherwise of somebody known; what it leaves empty stays."""
    names = ("name", "email", "phone", "language")
    return tuple(name for name in names if getattr(one, name) and getattr(one, name) != getattr(account, name))
