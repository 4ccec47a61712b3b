"""A list of people read from a sheet: who is to have an account, with what roles, and all that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from geoapp.people.entering import login_of
from geoapp.people.rights import ROLES, needs_unit
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
_LOGIN: Final = re.compile(r"[\w.@+-]{2,100}")
_BETWEEN: Final = re.compile(r"[;；、,，\n]")


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


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line of the list (1 is the heading)."""

    line: int
    said: str


def read(rows: Sequence[Sequence[object]]) -> tuple[list[Entry], list[Fault]]:
    """The people of a sheet, the heading first, and what is wrong; where anything is, nothing should be taken in."""
    heading, faults = _heading(rows[0] if rows else ())
    if faults:
        return [], faults
    entries: list[Entry] = []
    for line, row in enumerate(rows[1:], 2):
        cells = {name: _text(row[at]) if at < len(row) else "" for name, at in heading.items()}
        if any(cells.values()):
            found, wrong = _entry(line, cells)
            entries.append(found)
            faults += [Fault(line, said) for said in wrong]
    return entries, faults + list(_twice(entries))


def role_of(word: str) -> Role | None:
    """The role of that code, or so called in one of the languages."""
    plain = word.strip().casefold().replace("-", "_").replace(" ", "_")
    for role, names in ROLES.items():
        if plain in (str(role), *(name.casefold().replace(" ", "_") for name in names.values())):
            return role
    return None


def _heading(cells: Sequence[object]) -> tuple[dict[str, int], list[Fault]]:
    called = {word: name for name, words in COLUMNS.items() for word in words}
    heading: dict[str, int] = {}
    faults = []
    for at, cell in enumerate(cells):
        word = _text(cell).casefold()
        name = called.get(word)
        if name is None and word:
            faults.append(Fault(1, f"nobody reads the column {_text(cell)!r}"))
        elif name in heading:
            faults.append(Fault(1, f"two columns are {name}"))
        elif name is not None:
            heading[name] = at
    faults += [
        Fault(1, f"there is no column {COLUMNS[name][0]} ({name})") for name in ("login", "name") if name not in heading
    ]
    return heading, faults


def _entry(line: int, cells: Mapping[str, str]) -> tuple[Entry, list[str]]:
    wrong = []
    login, name, email = login_of(cells["login"]), cells["name"], cells.get("email", "")
    if not _LOGIN.fullmatch(login):
        wrong.append(f"{cells['login']!r} is no login: 2 to 100 letters, figures and . _ - + @")
    if not name or len(name) > 100:
        wrong.append("there is no name, or it is too long")
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        wrong.append(f"{email!r} is no e-mail address")
    language = _LANGUAGES.get(cells.get("language", "").casefold())
    if language is None:
        wrong.append(f"{cells['language']!r} is no language: zh or en")
    words = [word for word in _BETWEEN.split(cells.get("role", "")) if word.strip()]
    roles = tuple(dict.fromkeys(role for word in words if (role := role_of(word)) is not None))
    wrong += [f"{word.strip()!r} is no role" for word in words if role_of(word) is None]
    unit = cells.get("unit", "")
    wrong += [f"{role} is held for a unit, and none is named" for role in roles if needs_unit(role) and not unit]
    return Entry(line, login, name, email, cells.get("phone", ""), language or "", roles, unit), wrong


def _twice(entries: Sequence[Entry]) -> Iterator[Fault]:
    """A login may come again, for another role; but then it is the same person."""
    first: dict[str, Entry] = {}
    for one in entries:
        known = first.setdefault(one.login, one)
        if (known.name, known.email) != (one.name, one.email):
            yield Fault(one.line, f"{one.login} is somebody else in line {known.line}")


def _text(cell: object) -> str:
    # A telephone number that a sheet keeps as a number has no decimals.
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell if cell is not None else "").strip()
