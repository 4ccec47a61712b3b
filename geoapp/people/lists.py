"""A list of people read from a sheet: who is to have an account, with what roles, and all that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from geoapp.people.entering import LOGIN, RESERVED, login_of
from geoapp.people.rights import ROLES, needs_unit
from geoapp.people.tables import Fault, Table, columns_of, filled
from geoapp.records import Role

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "login": ("登录名", "账号", "login", "user", "username"),
    "name": ("姓名", "名称", "name"),
    "email": ("邮箱", "电子邮箱", "email", "e-mail", "mail"),
    "phone": ("电话", "手机", "phone", "telephone"),
    "language": ("语言", "language"),
    "role": ("角色", "role", "roles"),
    "unit": ("单位", "unit"),
}
"""What each column may be called; login and name there must be."""

_LANGUAGES: Final = {"": "", "zh": "zh", "中文": "zh", "en": "en", "english": "en", "英文": "en", "英语": "en"}
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s]{1,60}")
_BETWEEN: Final = re.compile(r"[;；、,，\n]")

LONGEST: Final = 100
LONGEST_PHONE: Final = 40

# What may be wrong, as English sentences that pages translate; word is the cell's, more what else there is to tell.
NO_LOGIN: Final = "“%(word)s” is no login: 2 to 100 letters, figures and . _ - + @"
NO_NAME: Final = "there is no name"
TOO_LONG: Final = "this is too long"
NO_EMAIL: Final = "“%(word)s” is no e-mail address"
NO_LANGUAGE: Final = "“%(word)s” is no language: zh or en"
NO_ROLE: Final = "“%(word)s” is no role"
UNIT_NEEDED: Final = "%(word)s is held for a unit, and none is named"
SOMEBODY_ELSE: Final = "%(word)s is somebody else in row %(more)s"


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of the list; unit is as it is written: a code or a name."""

    line: int
    login: str
    name: str
    email: str
    phone: str
    language: str
    roles: tuple[Role, ...]
    unit: str


def read(table: Table) -> tuple[list[Entry], list[Fault]]:
    """The people of a table and what is wrong; where anything is, nothing should be taken in."""
    heading, faults = columns_of(table, COLUMNS, ("login", "name"))
    if faults:
        return [], faults
    entries: list[Entry] = []
    for line, cells in filled(table, heading):
        found, wrong = _entry(line, cells)
        entries.append(found)
        faults += wrong
    return entries, faults + list(_twice(entries))


def role_of(word: str) -> Role | None:
    """The role of that code, or so called in one of the languages."""
    plain = word.strip().casefold().replace("-", "_").replace(" ", "_")
    for role, names in ROLES.items():
        if plain in (str(role), *(name.casefold().replace(" ", "_") for name in names.values())):
            return role
    return None


def _entry(line: int, cells: Mapping[str, str]) -> tuple[Entry, list[Fault]]:
    wrong: list[Fault] = []
    login, name, email = login_of(cells["login"]), cells["name"], cells.get("email", "")
    if not LOGIN.fullmatch(login) or login in RESERVED:
        wrong.append(Fault(line, "login", NO_LOGIN, cells["login"]))
    if not name or len(name) > LONGEST:
        wrong.append(Fault(line, "name", NO_NAME if not name else TOO_LONG, name))
    if email and not _EMAIL.fullmatch(email):
        wrong.append(Fault(line, "email", NO_EMAIL, email))
    if len(cells.get("phone", "")) > LONGEST_PHONE:
        wrong.append(Fault(line, "phone", TOO_LONG, cells["phone"]))
    language = _LANGUAGES.get(cells.get("language", "").casefold())
    if language is None:
        wrong.append(Fault(line, "language", NO_LANGUAGE, cells["language"]))
    words = [word.strip() for word in _BETWEEN.split(cells.get("role", "")) if word.strip()]
    roles = tuple(dict.fromkeys(role for word in words if (role := role_of(word)) is not None))
    wrong += [Fault(line, "role", NO_ROLE, word) for word in words if role_of(word) is None]
    unit = cells.get("unit", "")
    wrong += [Fault(line, "unit", UNIT_NEEDED, str(role)) for role in roles if needs_unit(role) and not unit]
    return Entry(line, login, name, email, cells.get("phone", ""), language or "", roles, unit), wrong


def _twice(entries: Sequence[Entry]) -> Iterator[Fault]:
    """A login may come again, for another role; but then it is the same person."""
    first: dict[str, Entry] = {}
    for one in entries:
        known = first.setdefault(one.login, one)
        if (known.name, known.email) != (one.name, one.email):
            yield Fault(one.line, "login", SOMEBODY_ELSE, one.login, str(known.line))
