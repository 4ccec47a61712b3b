"""Who looks after people, units and lists, of which cities, and what even they may not do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from geoapp.errors import BeyondReach, LastAdministrator, NotAllowed, OwnAccount
from geoapp.people import rights
from geoapp.records import Person
from geoapp.store import accounts
from geoapp.store.accounts import Account
from geoapp.store.acting import Identity, Reach


@dataclass(frozen=True, slots=True)
class Keeper:
    """Somebody who looks after people, units and lists: by which account (None: the command line), of which cities
    (True: of all). demo: a visitor who plays the part: the demo's own accounts are shown, and nothing is changed."""

    account_id: int | None = None
    people: Reach = True
    units: Reach = True
    demo: bool = False
    lists: Reach = True

    @property
    def identity(self) -> Identity:
        """As whom a transaction acts."""
        return Identity(
            self.account_id, manages_people=self.people, manages_units=self.units, manages_lists=self.lists
        )  # fmt: skip

    def keeps_people_of(self, city_id: int | None) -> bool:
        """Whether roles of that city (None: of all) are theirs to give."""
        return _within(self.people, city_id)

    def keeps_units_of(self, city_id: int) -> bool:
        """Whether units of that city are theirs to change."""
        return _within(self.units, city_id)

    def keeps_lists_of(self, city_id: int) -> bool:
        """Whether the lists of that city are theirs to change."""
        return _within(self.lists, city_id)


CONSOLE: Final = Keeper()
"""Whoever may read the installation's files."""


def keeper(person: Person) -> Keeper:
    """What somebody who has signed in looks after."""
    return Keeper(
        person.account_id, _reach(person, "manage_people"), _reach(person, "manage_units"), person.demo,
        _reach(person, "manage_lists"),
    )  # fmt: skip


def _reach(person: Person, action: str) -> Reach:
    cities = rights.cities(person, action)
    return True if cities is None else cities


def _within(reach: Reach, city_id: int | None) -> bool:
    return reach if isinstance(reach, bool) else city_id in reach


def check_changes(by: Keeper) -> None:
    """Go on only for somebody who may change anything.

    Raises:
        NotAllowed: a visitor of a demo; what one changes all others would meet.
    """
    if by.demo:
        raise NotAllowed()


def check_post(by: Keeper, account_id: int, city_id: int | None) -> None:
    """Go on only if roles of that city are theirs to give and take, and the account is not their own.

    Raises:
        OwnAccount, BeyondReach, NotAllowed
    """
    check_changes(by)
    if account_id == by.account_id:
        raise OwnAccount()
    if not by.keeps_people_of(city_id):
        raise BeyondReach()


def check_whole(connection: Connection, by: Keeper, account: Account) -> None:
    """Go on only if the account as a whole is theirs to change: a link that sets a password is a way into every role.

    Raises:
        BeyondReach, NotAllowed
    """
    check_changes(by)
    if account.demo:
        # A demo's account has no password, and each visitor is in it.
        raise NotAllowed()
    if not accounts.keeps(connection, account.id):
        raise BeyondReach()


def check_other(connection: Connection, by: Keeper, account: Account) -> None:
    """The same, of an account that is not their own.

    Raises:
        OwnAccount, BeyondReach, NotAllowed
    """
    if account.id == by.account_id:
        raise OwnAccount()
    check_whole(connection, by, account)


@contextmanager
def somebody_left(connection: Connection) -> Iterator[None]:
    """Around what takes roles or locks: whatever has an administrator before has one after.

    Raises:
        LastAdministrator: it would have none.
    """
    before = accounts.administered(connection)
    yield
    after = accounts.administered(connection)
    if before - after and (None in before - after or None not in after):
        raise LastAdministrator()
