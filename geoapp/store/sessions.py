"""Secrets by which somebody is known again: sessions, one-time links, tokens; of each only the digest is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, column, text

from geoapp.records import Person
from geoapp.store.accounts import person_from

_SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A session as its owner sees it."""

    id: int
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    agent: str


@dataclass(frozen=True, slots=True)
class Known:
    """Who a session belongs to, which it is, and whether its last use is worth noting again."""

    person: Person
    session_id: int
    stale: bool


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its owner sees it; itself it is shown only once, when it is made."""

    id: int
    name: str
    scopes: tuple[str, ...]
    made_at: datetime
    ends_at: datetime
    used_at: datetime | None


# Sessions


def begin(connection: Connection, account_id: int, digest: bytes, lasts: timedelta, agent: str) -> None:
    """Begin a session of the transaction's own account."""
    connection.execute(
        text(
            "INSERT INTO private.session (account_id, digest, ends_at, agent) "
            "VALUES (:account, :digest, now() + :lasts, :agent)"
        ),
        {"account": account_id, "digest": digest, "lasts": lasts, "agent": agent[:200]},
    )
    connection.execute(text("UPDATE private.account SET entered_at = now() WHERE id = :id"), {"id": account_id})


def who(connection: Connection, digest: bytes, idle: timedelta) -> Known | None:
    """Whose session that is, if it goes on: neither over nor left alone for too long."""
    row = connection.execute(_WHO, {"digest": digest, "idle": idle, "often": _SEEN_EVERY}).one_or_none()
    return None if row is None else Known(person_from(row), row.session_id, row.stale)


# Asked with each request: made, and its columns told, once.
_PERSON: Final = ("account_id", "login", "name", "language", "must_change", "demo", "holdings", "session_id")
_WHO: Final = text(
    f"SELECT {', '.join(_PERSON)}, now() - seen_at > :often AS stale FROM private.person_of_session(:digest, :idle)"
).columns(*map(column, (*_PERSON, "stale")))


def seen(connection: Connection, session_id: int) -> None:
    """Note that a session is in use."""
    connection.execute(text("UPDATE private.session SET seen_at = now() WHERE id = :id"), {"id": session_id})


def end(connection: Connection, digest: bytes) -> None:
    """End one session of the transaction's own."""
    connection.execute(text("DELETE FROM private.session WHERE digest = :digest"), {"digest": digest})


def end_of(connection: Connection, account_id: int, session_id: int) -> bool:
    """End a session by its key; False where the account has none such."""
    query = text("DELETE FROM private.session WHERE id = :id AND account_id = :account")
    return connection.execute(query, {"id": session_id, "account": account_id}).rowcount > 0


def end_all(connection: Connection, account_id: int, but: int | None = None) -> int:
    """End all sessions of an account, but the one named; how many."""
    query = text("DELETE FROM private.session WHERE account_id = :account AND id IS DISTINCT FROM :but")
    return connection.execute(query, {"account": account_id, "but": but}).rowcount


def of_account(connection: Connection, account_id: int) -> list[Session]:
    """The sessions of an account that go on, those used last first."""
    query = text(
        "SELECT id, began_at, seen_at, ends_at, agent FROM private.session "
        "WHERE account_id = :account AND ends_at > now() ORDER BY seen_at DESC, id DESC"
    )
    return [Session(*row) for row in connection.execute(query, {"account": account_id})]


# Links that set a password, once


def make_link(connection: Connection, account_id: int, digest: bytes, lasts: timedelta) -> None:
    """Make a link, which takes the place of any other of that account."""
    drop_links(connection, account_id)
    connection.execute(
        text("INSERT INTO private.link (account_id, digest, ends_at) VALUES (:account, :digest, now() + :lasts)"),
        {"account": account_id, "digest": digest, "lasts": lasts},
    )


def drop_links(connection: Connection, account_id: int) -> None:
    """Let no link of an account hold any longer."""
    connection.execute(text("DELETE FROM private.link WHERE account_id = :account"), {"account": account_id})


def of_link(connection: Connection, digest: bytes) -> tuple[int, str, str] | None:
    """The account (key, login, name) that a link is for, while it holds."""
    row = connection.execute(text("SELECT * FROM private.account_of_link(:digest)"), {"digest": digest}).one_or_none()
    return None if row is None else (row.account_id, row.login, row.name)


def spend_link(connection: Connection, digest: bytes) -> bool:
    """Use a link up; False where somebody else just did."""
    return connection.execute(text("DELETE FROM private.link WHERE digest = :digest"), {"digest": digest}).rowcount > 0


# Tokens


def make_token(
    connection: Connection, account_id: int, name: str, digest: bytes, scopes: list[str], lasts: timedelta
) -> None:
    """Make a token of the transaction's own account."""
    connection.execute(
        text(
            "INSERT INTO private.token (account_id, name, digest, scopes, ends_at) "
            "VALUES (:account, :name, :digest, :scopes, now() + :lasts)"
        ),
        {"account": account_id, "name": name, "digest": digest, "scopes": scopes, "lasts": lasts},
    )


def of_token(connection: Connection, digest: bytes) -> tuple[Person, int, bool] | None:
    """Whose token that is, its key, and whether its use is worth noting again; None where it holds no more."""
    query = text(
        "SELECT *, coalesce(now() - used_at > :often, true) AS stale FROM private.person_of_token(:digest)"
    )  # fmt: skip
    row = connection.execute(query, {"digest": digest, "often": _SEEN_EVERY}).one_or_none()
    return None if row is None else (person_from(row, row.scopes), row.token_id, row.stale)


def used(connection: Connection, token_id: int) -> None:
    """Note that a token is in use."""
    connection.execute(text("UPDATE private.token SET used_at = now() WHERE id = :id"), {"id": token_id})


def tokens(connection: Connection, account_id: int) -> list[Token]:
    """The tokens of an account that hold, the newest first."""
    query = text(
        "SELECT id, name, scopes, made_at, ends_at, used_at FROM private.token "
        "WHERE account_id = :account AND ends_at > now() ORDER BY id DESC"
    )
    return [
        Token(row.id, row.name, tuple(row.scopes), row.made_at, row.ends_at, row.used_at)
        for row in connection.execute(query, {"account": account_id})
    ]


def end_token(connection: Connection, account_id: int, token_id: int) -> bool:
    """End a token; False where the account has none such."""
    query = text(
        "UPDATE private.token SET ends_at = now() WHERE id = :id AND account_id = :account AND ends_at > now()"
    )
    return connection.execute(query, {"id": token_id, "account": account_id}).rowcount > 0


def end_tokens(connection: Connection, account_id: int) -> int:
    """End all tokens of an account."""
    query = text("UPDATE private.token SET ends_at = now() WHERE account_id = :account AND ends_at > now()")
    return connection.execute(query, {"account": account_id}).rowcount


def shut_out(connection: Connection, account_id: int) -> None:
    """End every way in that an account has been given: sessions, tokens and links."""
    end_all(connection, account_id)
    end_tokens(connection, account_id)
    drop_links(connection, account_id)


def forget_over(connection: Connection) -> int:
    """Remove sessions and links that are over; how many. Bulk work may do that, and see none of them."""
    return int(connection.execute(text("SELECT private.forget_over()")).scalar_one())
