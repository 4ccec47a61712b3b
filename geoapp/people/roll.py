"""The people of a city as an Excel file, in the columns in which a list is taken in; and an empty one to fill in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from sqlalchemy import Connection

from geoapp.city import City, called
from geoapp.people.lists import COLUMNS
from geoapp.people.rights import ROLES, needs_unit, role_in_words
from geoapp.people.sheets import Sheet, workbook
from geoapp.records import Role
from geoapp.store import roster, units
from geoapp.store.roster import Asked, Listed

_PAGE: Final = 500

_WORDS: Final = {
    "zh": ("人员", "角色", "单位", ("角色", "按单位授予", "可以做什么"), ("编码", "名称"), "是"),
    "en": ("People", "Roles", "Units", ("role", "held for a unit", "what it may do"), ("code", "name"), "yes"),
}
_ENGLISH: Final = ("login", "name", "email", "phone", "language", "role", "unit")


def book(connection: Connection, city: City, language: str, *, demo: bool = False) -> bytes:
    """Everybody whom the transaction may see and who holds a role in the city."""
    spoken = language if language in _WORDS else "en"
    people = _WORDS[spoken][0]
    return workbook([Sheet(people, _heading(spoken), _lines(connection, city, spoken, demo))])


def empty(connection: Connection, city: City, language: str) -> bytes:
    """A list to fill in, with the roles and units that may stand in it."""
    spoken = language if language in _WORDS else "en"
    people, roles, of_units, role_heading, unit_heading, yes = _WORDS[spoken]
    known = [(one.code, called(one.names, spoken)) for one in units.every(connection, city.id) if one.active]
    told = [
        (ROLES[role][spoken], yes if needs_unit(role) else "", role_in_words(role, spoken))
        for role in Role
    ]  # fmt: skip
    return workbook(
        [
            Sheet(people, _heading(spoken), ()),
            Sheet(roles, role_heading, told),
            Sheet(of_units, unit_heading, known),
        ]
    )


def _heading(language: str) -> tuple[str, ...]:
    return _ENGLISH if language == "en" else tuple(words[0] for words in COLUMNS.values())


def _lines(connection: Connection, city: City, language: str, demo: bool) -> Iterator[tuple[str, ...]]:
    """One line for each unit for which somebody holds roles."""
    after = ""
    while rows := roster.page(connection, Asked(city_id=city.id, demo=demo), after, _PAGE):
        for one in rows:
            yield from _told(one, city, language)
        after = rows[-1].login


def _told(one: Listed, city: City, language: str) -> Iterator[tuple[str, ...]]:
    here = sorted((post for post in one.posts if post.city_id == city.id), key=lambda post: post.unit or "")
    comma = "；" if language == "zh" else "; "
    for unit, posts in groupby(here, key=lambda post: post.unit or ""):
        roles = comma.join(ROLES[post.role][language] for post in posts)
        yield one.login, one.name, one.email, one.phone, one.language, roles, unit
