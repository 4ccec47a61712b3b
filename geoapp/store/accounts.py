"""Accounts and the roles they hold, as the wall of row-level security lets a transaction see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from geoapp.errors import LoginTaken
from geoapp.records import Holding, Person, Role
from geoapp.store.tables import account, role_held


@dataclass(frozen=True, slots=True)
class Door:
    """What signing in is checked against: the password's digest, and the second factor's secret as it is kept."""

    account_id: int
    login: str
    name: str
    password: str | None
    totp: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """An account as its owner or an administrator sees it."""

    id: int
    login: str
    name: str
    email: str
    phone: str
    language: str
    active: bool
    demo: bool
    must_change: bool
    totp: str | None
    codes_left: int
    subject: str | None
    made_at: datetime
    entered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """A role given to an account, in force or not."""

    id: int
    role: Role
    city: str | None
    unit: str | None
    unit_names: Mapping[str, str] | None
    began_at: datetime
    ends_at: datetime | None
    city_id: int | None = None
    unit_id: int | None = None
    in_force: bool = True


def person_from(row: Any, scopes: Sequence[str] | None = None) -> Person:
    """Somebody as a function of the schema `private` tells of them."""
    holdings = tuple(
        Holding(
            Role(one["role"]),
            one["city_id"],
            tuple(one["line"] or ()),
            frozenset(one["area_keys"]),
            frozenset(one["below"]),
        )
        for one in row.holdings
    )
    return Person(
        row.account_id, row.login, row.name, row.language, holdings, None if scopes is None else frozenset(scopes),
        row.must_change, row.demo,
    )  # fmt: skip


def person(connection: Connection, account_id: int) -> Person | None:
    """Who has that account, if it is active and the transaction's own or kept by it."""
    row = connection.execute(text("SELECT * FROM private.person(:id)"), {"id": account_id}).one_or_none()
    return None if row is None else person_from(row)


def door(connection: Connection, login: str) -> Door | None:
    """What is needed to sign in under a login; None where nobody can."""
    row = connection.execute(text("SELECT * FROM private.door(:login)"), {"login": login}).one_or_none()
    return None if row is None else Door(**row._asdict())


def demo_account(connection: Connection, login: str) -> int | None:
    """The demo's account of that login."""
    query = text("SELECT account_id FROM private.demo_account(:login)")
    return connection.execute(query, {"login": login}).scalar_one_or_none()


def by_email(connection: Connection, email: str) -> tuple[int, str] | None:
    """The account, and its language, that alone has that address."""
    query = text("SELECT account_id, language FROM private.account_of_email(:email)")
    row = connection.execute(query, {"email": email}).one_or_none()
    return None if row is None else (row.account_id, row.language)


def by_subject(connection: Connection, subject: str) -> int | None:
    """The account that a provider's subject has been tied to."""
    query = text("SELECT account_id FROM private.account_of_subject(:subject)")
    return connection.execute(query, {"subject": subject}).scalar_one_or_none()


def make(connection: Connection, login: str, name: str, **more: Any) -> int:
    """A new account's key; needs to keep people.

    Raises:
        LoginTaken: there is one of that login.
    """
    values = {"login": login, "name": name, **more}
    try:
        with connection.begin_nested():
            # Whoever keeps one city's people sees an account when it holds a role there: not yet, so nothing returns.
            connection.execute(insert(account).values(values).inline())
    except IntegrityError as error:
        raise LoginTaken(login) from error
    return int(connection.execute(text("SELECT currval('private.account_id_seq')")).scalar_one())


def change(connection: Connection, account_id: int, **values: Any) -> None:
    """Change an account's columns."""
    connection.execute(update(account).where(account.c.id == account_id).values(values))


def spend_step(connection: Connection, account_id: int, step: int) -> bool:
    """Use up a step of the second factor's clock; False where that one, or a later one, is used up already."""
    query = text(
        "UPDATE private.account SET totp_step = :step WHERE id = :id AND coalesce(totp_step, 0) < :step RETURNING id"
    )
    return connection.execute(query, {"id": account_id, "step": step}).first() is not None


def spend_recovery(connection: Connection, account_id: int, digest: bytes) -> bool:
    """Use up a recovery code; False where there is none such (any more)."""
    query = text(
        "UPDATE private.account SET recovery = array_remove(recovery, :digest) "
        "WHERE id = :id AND :digest = ANY(recovery) RETURNING id"
    )
    return connection.execute(query, {"id": account_id, "digest": digest}).first() is not None


def read(connection: Connection, account_id: int) -> Account | None:
    """An account, if the transaction may see it."""
    row = connection.execute(_ACCOUNTS.where(account.c.id == account_id)).one_or_none()
    return None if row is None else _account(row)


def find(connection: Connection, login: str) -> Account | None:
    """The account of a login, if the transaction may see it."""
    row = connection.execute(_ACCOUNTS.where(account.c.login == login)).one_or_none()
    return None if row is None else _account(row)


def every(connection: Connection) -> list[Account]:
    """All accounts that the transaction may see, by login."""
    return [_account(row) for row in connection.execute(_ACCOUNTS.order_by(account.c.login))]


_COLUMNS: Final = (
    account.c.id, account.c.login, account.c.name, account.c.email, account.c.phone, account.c.language,
    account.c.active, account.c.demo, account.c.must_change, account.c.totp, account.c.recovery, account.c.subject,
    account.c.made_at, account.c.entered_at,
)  # fmt: skip
_ACCOUNTS: Final = select(*_COLUMNS)


def _account(row: Any) -> Account:
    values = row._asdict()
    return Account(codes_left=len(values.pop("recovery")), **values)


# Roles


def give(
    connection: Connection, account_id: int, role: Role, city_id: int | None, unit_id: int | None,
    ends_at: datetime | None = None, given_by: int | None = None,
) -> bool:  # fmt: skip
    """Give a role from now on; False where it is held already as it is to be."""
    same = (
        role_held.c.account_id == account_id, role_held.c.role == role, role_held.c.ends_at.is_(None),
        role_held.c.city_id.is_not_distinct_from(city_id), role_held.c.unit_id.is_not_distinct_from(unit_id),
    )  # fmt: skip
    if ends_at is None and connection.execute(select(role_held.c.id).where(*same)).first() is not None:
        return False
    values = {
        "account_id": account_id, "role": role, "city_id": city_id, "unit_id": unit_id, "ends_at": ends_at,
        "given_by": given_by,
    }  # fmt: skip
    # Whoever keeps one city's people sees an account from its first role there on: only after this statement.
    connection.execute(insert(role_held).values(values).inline())
    return True


def take(connection: Connection, account_id: int, role: Role, city_id: int | None, unit_id: int | None) -> int:
    """End a role now, in that city and of that unit where they are given; how many holdings ended."""
    where = [role_held.c.account_id == account_id, role_held.c.role == role, _in_force()]
    if city_id is not None:
        where.append(role_held.c.city_id == city_id)
    if unit_id is not None:
        where.append(role_held.c.unit_id == unit_id)
    return connection.execute(update(role_held).where(*where).values(ends_at=text("now()"))).rowcount


def _in_force() -> Any:
    return role_held.c.ends_at.is_(None) | (role_held.c.ends_at > text("now()"))


def held(connection: Connection, account_id: int) -> list[Held]:
    """The roles an account holds or held, in the order they were given."""
    query = text(
        "SELECT h.id, h.role, c.code AS city, u.code AS unit, u.names AS unit_names, h.began_at, h.ends_at, h.city_id, "
        "h.unit_id, h.ends_at IS NULL OR h.ends_at > now() AS in_force "
        "FROM private.role_held h LEFT JOIN geoapp.city c ON c.id = h.city_id "
        "LEFT JOIN geoapp.unit u ON u.id = h.unit_id WHERE h.account_id = :id ORDER BY h.id"
    )
    rows = connection.execute(query, {"id": account_id})
    return [Held(row.id, Role(row.role), *row[2:]) for row in rows]


def end(connection: Connection, role_ids: Sequence[int]) -> None:
    """End these roles now."""
    connection.execute(update(role_held).where(role_held.c.id.in_(role_ids), _in_force()).values(ends_at=text("now()")))


# Whoever looks after accounts


def keeps(connection: Connection, account_id: int) -> bool:
    """Whether the transaction may change that account as a whole: no role in force reaches beyond whom it keeps."""
    query = text(
        "SELECT current_setting('geoapp.manages_people', true) = 'on' OR :id = ANY (private.accounts_kept())"
    )  # fmt: skip
    return bool(connection.execute(query, {"id": account_id}).scalar_one())


def taken(connection: Connection, login: str) -> bool:
    """Whether there is an account of that login, seen by the transaction or not."""
    return bool(connection.execute(text("SELECT private.login_taken(:login)"), {"login": login}).scalar_one())


def administered(connection: Connection) -> frozenset[int | None]:
    """The cities that have an administrator who can enter; None: there is one of all cities. One transaction at a time
    learns that and changes it."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('administrators', 6))"))
    return frozenset(connection.execute(text("SELECT city_id FROM private.administered()")).scalars())
