"""Ways to enter: by login and password, by a code besides, by a link; and what a new password ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, Engine

from geoapp.errors import PasswordRefused
from geoapp.people import passwords, secrets
from geoapp.people.secrets import Secret
from geoapp.store import accounts, sessions
from geoapp.store.accounts import Door
from geoapp.store.acting import Identity, acting

RESET_LASTS: Final = timedelta(minutes=30)
INVITATION_LASTS: Final = timedelta(days=7)
MOST_LOGIN: Final = 100
LOGIN: Final = re.compile(rf"(?=.*\w)[\w.@+-]{{2,{MOST_LOGIN}}}")
RESERVED: Final = frozenset({"new", "import", "export"})
"""What addresses mean by these words is no account and no unit."""
"""What a new login may be; older ones may be anything printable."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A session as it begins: what the cookie holds."""

    account_id: int
    shown: str


def login_of(written: str) -> str:
    """A login as it is kept; what no login can be is nobody's."""
    plain = written.strip().casefold()
    return plain if plain.isprintable() and len(plain) <= MOST_LOGIN else ""


def is_login(login: str) -> bool:
    """Whether somebody new may have that login."""
    return bool(LOGIN.fullmatch(login_of(login))) and login_of(login) not in RESERVED


def by_password(engine: Engine, login: str, password: str) -> Door | None:
    """Who may go on with that login and password; it takes the same time whether there is such a login or not."""
    with engine.connect() as connection:
        found = accounts.door(connection, login_of(login))
    # No connection is held while the digest is computed: that takes long on purpose.
    if not passwords.right(password[: passwords.MOST + 1], found.password if found else None) or found is None:
        return None
    if found.password and passwords.outdated(found.password):
        with acting(engine, Identity(found.account_id)) as connection:
            accounts.change(connection, found.account_id, password=passwords.kept(password))
    return found


def by_code(engine: Engine, who: Door, code: str, key: str) -> bool:
    """Whether that is a code of the second factor, or one for when it is lost; a code is good once."""
    if who.totp is None:
        return False
    factor = secrets.opened(who.totp, key)
    step = None if factor is None else secrets.step_of(factor, code)
    with acting(engine, Identity(who.account_id)) as connection:
        if step is not None:
            return accounts.spend_step(connection, who.account_id, step)
        return accounts.spend_recovery(connection, who.account_id, secrets.recovery_digest(code, key))


def begin(engine: Engine, account_id: int, lasts: timedelta, agent: str) -> Begun:
    """Begin a session."""
    secret = secrets.new()
    with acting(engine, Identity(account_id)) as connection:
        sessions.begin(connection, account_id, secret.digest, lasts, agent)
    return Begun(account_id, secret.shown)


def check_new(password: str, own: Sequence[str]) -> None:
    """Go on only if that can be a password.

    Raises:
        PasswordRefused: it cannot; its field says why.
    """
    if wrong := passwords.why_not(password, *own):
        raise PasswordRefused(wrong, fields={"password": wrong})


def set_password(
    connection: Connection, account_id: int, password: str, own: Sequence[str], keep: int | None = None, *,
    keep_tokens: bool = False,
) -> None:  # fmt: skip
    """Give an account (own: its login, and its name) another password.

    All its sessions end but the one named, its links, and unless they are to be kept its tokens: whoever knew the
    password could have made one.

    Raises:
        PasswordRefused: it cannot be one.
    """
    check_new(password, own)
    before = accounts.door(connection, own[0])
    if before is not None and passwords.was(password, before.password):
        # Whoever else knows it would know it still.
        raise PasswordRefused(passwords.SAME, fields={"password": passwords.SAME})
    accounts.change(connection, account_id, password=passwords.kept(password), must_change=False)
    sessions.end_all(connection, account_id, keep)
    sessions.drop_links(connection, account_id)
    if not keep_tokens:
        sessions.end_tokens(connection, account_id)


def link(connection: Connection, account_id: int, lasts: timedelta) -> Secret:
    """A link by which a password is set once."""
    secret = secrets.new()
    sessions.make_link(connection, account_id, secret.digest, lasts)
    return secret


def by_link(engine: Engine, shown: str, password: str) -> int | None:
    """Set the password of the account a link is for, and use the link up; None where it holds no more.

    Raises:
        PasswordRefused: it cannot be one; the link still holds.
    """
    digest = secrets.digest(shown)
    with engine.connect() as connection:
        found = sessions.of_link(connection, digest)
    if found is None:
        return None
    account_id, login, name = found
    with acting(engine, Identity(account_id)) as connection:
        check_new(password, (login, name))
        if not sessions.spend_link(connection, digest):
            return None
        set_password(connection, account_id, password, (login, name))
    return account_id
