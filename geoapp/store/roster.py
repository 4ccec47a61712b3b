"""Everybody whom a transaction may see, in a list: searched, narrowed down, a page at a time, and what needs care."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from geoapp.records import Role

SOON_DAYS: Final = 14
"""A role that ends within so many days is told of: somebody may have to give it again."""

STATES: Final = ("never", "locked", "ending", "no_role", "one_step", "left")
"""What may need care: never entered, locked with roles that wait, with a role that ends soon, without any role, keeping
people without a second step; and who has left: locked without any. In SQL by that name in _STATES."""

_FORCE: Final = "(h.ends_at IS NULL OR h.ends_at > now())"
_STATES: Final = {
    "never": "a.active AND a.entered_at IS NULL AND NOT a.demo",
    "locked": f"NOT a.active AND EXISTS (SELECT FROM private.role_held h WHERE h.account_id = a.id AND {_FORCE})",
    "left": f"NOT a.active AND NOT EXISTS (SELECT FROM private.role_held h WHERE h.account_id = a.id AND {_FORCE})",
    "ending": "a.active AND EXISTS (SELECT FROM private.role_held h WHERE h.account_id = a.id AND h.ends_at > now() "
    f"AND h.ends_at <= now() + interval '{SOON_DAYS} days')",
    "no_role": f"a.active AND NOT EXISTS (SELECT FROM private.role_held h WHERE h.account_id = a.id AND {_FORCE})",
    "one_step": "a.active AND a.totp IS NULL AND a.subject IS NULL AND EXISTS (SELECT FROM private.role_held h "
    f"WHERE h.account_id = a.id AND h.role = 'administrator' AND {_FORCE})",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is looked for. demo: accounts that a demo shares, and no others; city_id and unit_id: holding a role there
    (of a unit: or below it)."""

    words: str = ""
    role: Role | None = None
    city_id: int | None = None
    unit_id: int | None = None
    state: str = ""
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """A role in force as the list tells it."""

    role: Role
    city_id: int | None
    unit: str | None
    unit_names: Mapping[str, str] | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list."""

    id: int
    login: str
    name: str
    email: str
    phone: str
    language: str
    active: bool
    entered_at: datetime | None
    posts: tuple[Post, ...]


def page(connection: Connection, asked: Asked, after: str, most: int) -> list[Listed]:
    """Those looked for whose login comes after that one, by login."""
    where, values = _where(asked)
    query = text(f"{_LISTED} WHERE {where} AND a.login > :after ORDER BY a.login LIMIT :most")
    return [_listed(row) for row in connection.execute(query, {**values, "after": after, "most": most})]


def count(connection: Connection, asked: Asked) -> int:
    """How many are found."""
    where, values = _where(asked)
    return int(connection.execute(text(f"SELECT count(*) FROM private.account a WHERE {where}"), values).scalar_one())


def care(connection: Connection, *, demo: bool) -> dict[str, int]:
    """How many there are, and in each state of STATES."""
    counted = ", ".join(f"count(*) FILTER (WHERE {of}) AS {state}" for state, of in _STATES.items())
    query = text(f"SELECT count(*) AS everybody, {counted} FROM private.account a WHERE a.demo = :demo")
    return dict(connection.execute(query, {"demo": demo}).one()._mapping)


def _where(asked: Asked) -> tuple[str, dict[str, Any]]:
    held = [f"h.account_id = a.id AND {_FORCE}"]
    if asked.role is not None:
        held.append("h.role = :role")
    if asked.city_id is not None:
        held.append("h.city_id = :city")
    if asked.unit_id is not None:
        held.append(":unit = ANY (geoapp.unit_line(h.unit_id))")
    where = ["a.demo = :demo"]
    if asked.words:
        where.append("(a.login ILIKE :words OR a.name ILIKE :words OR a.email ILIKE :words)")
    if len(held) > 1:
        where.append(f"EXISTS (SELECT FROM private.role_held h WHERE {' AND '.join(held)})")
    if asked.state in _STATES:
        where.append(f"({_STATES[asked.state]})")
    values = {
        "demo": asked.demo, "words": f"%{_plain(asked.words)}%", "role": asked.role, "city": asked.city_id,
        "unit": asked.unit_id,
    }  # fmt: skip
    return " AND ".join(where), values


def _plain(words: str) -> str:
    """Words in which no sign means anything to LIKE."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_LISTED: Final = f"""
    SELECT a.id, a.login, a.name, a.email, a.phone, a.language, a.active, a.entered_at, coalesce((
        SELECT array_agg(row_to_json(p) ORDER BY p.id) FROM (
            SELECT h.id, h.role, h.city_id, u.code AS unit, u.names AS unit_names, h.ends_at
            FROM private.role_held h LEFT JOIN geoapp.unit u ON u.id = h.unit_id
            WHERE h.account_id = a.id AND {_FORCE}
        ) p), '{{}}') AS posts
    FROM private.account a
"""


def _listed(row: Any) -> Listed:
    posts = tuple(
        Post(
            Role(one["role"]), one["city_id"], one["unit"], one["unit_names"],
            datetime.fromisoformat(one["ends_at"]) if one["ends_at"] else None,
        )
        for one in row.posts
    )  # fmt: skip
    return Listed(**{**row._asdict(), "posts": posts})


# Units and their people


@dataclass(frozen=True, slots=True)
class Staffing:
    """How many hold a role for a unit, and how many of these head it."""

    people: int
    heads: int


def staffing(connection: Connection, city_id: int, *, demo: bool = False) -> dict[int, Staffing]:
    """The units of a city for which somebody who can enter holds a role, by key; demo: those who play a part, and no
    others."""
    query = text(
        "SELECT h.unit_id, count(DISTINCT h.account_id), count(DISTINCT h.account_id) FILTER (WHERE h.role = "
        "'unit_head') FROM private.role_held h JOIN private.account a ON a.id = h.account_id AND a.active "
        f"WHERE h.city_id = :city AND h.unit_id IS NOT NULL AND a.demo = :demo AND {_FORCE} GROUP BY h.unit_id"
    )
    return {row[0]: Staffing(row[1], row[2]) for row in connection.execute(query, {"city": city_id, "demo": demo})}


@dataclass(frozen=True, slots=True)
class Bare:
    """A unit that somebody's going leaves without a head, whom it was, or without anybody at all."""

    unit_id: int
    code: str
    names: Mapping[str, str]
    headed: bool
    nobody: bool


def bare_without(connection: Connection, account_id: int) -> list[Bare]:
    """The units that would have nobody to head them, or nobody at all, if that account held no role any more."""
    return [Bare(*row) for row in connection.execute(_BARE, {"account": account_id})]


_BARE: Final = text(f"""
    SELECT u.id, u.code, u.names, mine.headed, NOT others.any_left FROM (
        SELECT h.unit_id, bool_or(h.role = 'unit_head') AS headed FROM private.role_held h
        WHERE h.account_id = :account AND h.unit_id IS NOT NULL AND {_FORCE} GROUP BY h.unit_id
    ) mine JOIN geoapp.unit u ON u.id = mine.unit_id CROSS JOIN LATERAL (
        SELECT count(*) > 0 AS any_left, coalesce(bool_or(h.role = 'unit_head'), false) AS head_left
        FROM private.role_held h JOIN private.account a ON a.id = h.account_id AND a.active AND NOT a.demo
        WHERE h.unit_id = mine.unit_id AND h.account_id <> :account AND {_FORCE}
    ) others
    WHERE NOT others.any_left OR mine.headed AND NOT others.head_left ORDER BY u.code
""")
