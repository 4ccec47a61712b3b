"""/admin/people: everybody, searched and narrowed down; somebody new; and the list as an Excel file."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Final

from flask import Response, request
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from geoapp.city import City
from geoapp.errors import BadField, LoginTaken, UnknownUnit
from geoapp.pages.parts import admin, here, person_page
from geoapp.pages.parts.admin import by
from geoapp.pages.parts.asked import Fields, storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.failures import fields_of
from geoapp.pages.parts.language import LANGUAGES, language, named
from geoapp.people import entering, keeping, roll
from geoapp.people.keeper import Keeper
from geoapp.people.rights import ROLES
from geoapp.records import Role
from geoapp.store import roster
from geoapp.store.acting import acting
from geoapp.store.roster import Asked, Listed
from geoapp.store.units import Unit

WHO: Final = "who looks after people"
RIGHT: Final = "manage_people"
page = site_page(__name__, RIGHT)

PAGE: Final = 50


@page.get("/admin/people")
def show() -> Response:
    """Show the list."""
    keeps = by()
    with acting(here.web(), keeps.identity) as connection:
        city = admin.city(connection, RIGHT) if request.args.get("city") else None
        asked, unit = _asked(connection, keeps, city)
        after = _words("after")
        rows = roster.page(connection, asked, after, PAGE + 1)
        more = rows[PAGE - 1].login if len(rows) > PAGE else None
        return admin.page(
            connection, "admin_people.html", "people", at=city,
            rows=[_line(connection, one, keeps) for one in rows[:PAGE]],
            found=roster.count(connection, asked), asked=asked, unit=unit, unit_word=_words("unit"),
            roles=[{"code": str(role), "name": named(ROLES[role])} for role in Role],
            more=admin.next_page(more, after=more), after=after,
        )  # fmt: skip


def _asked(connection: Connection, keeps: Keeper, city: City | None) -> tuple[Asked, Unit | None]:
    word, role, state = _words("unit"), _words("role"), _words("state")
    unit = _unit(connection, city, word) if word else None
    return Asked(
        _words("q"), Role(role) if role in set(Role) else None, city.id if city else None,
        # A unit that there is not holds nobody.
        (unit.id if unit else 0) if word else None, state if state in roster.STATES else "", keeps.demo,
    ), unit  # fmt: skip


def _unit(connection: Connection, city: City | None, word: str) -> Unit | None:
    for one in [city] if city else admin.reachable(connection, RIGHT):
        try:
            return keeping.unit_of(connection, one, word)
        except UnknownUnit:
            continue
    return None


def _words(name: str) -> str:
    found = request.args.get(name, "").strip()[:100]
    return found if storable(found) else ""


def _line(connection: Connection, one: Listed, keeps: Keeper) -> dict[str, Any]:
    return {
        "login": one.login, "name": admin.called(one.name, one.posts, keeps), "active": one.active, "email": one.email,
        "entered": admin.day(one.entered_at), "posts": [admin.tell_post(connection, post, keeps) for post in one.posts],
    }  # fmt: skip


# Somebody new


@page.get("/admin/people/new")
def show_new() -> Response:
    """Ask who it is."""
    return _form({}, {})


@page.post("/admin/people/new")
def make() -> AnyResponse:
    """Make the account, and show once the link that sets its password."""
    keeps, values = by(), request.form.to_dict()
    fields = Fields(values)
    login, name = fields.text("login", 100), fields.text("name", 100)
    email, phone = fields.text("email", 254), fields.text("phone", 40)
    spoken = values.get("language", "")
    if not name:
        fields.refuse("name", _("Say what the person is called."))
    if not entering.is_login(login):
        fields.refuse("login", _(keeping.NO_LOGIN))
    if email and not person_page.is_address(email):
        fields.refuse("email", _("This is no e-mail address."))
    try:
        with acting(here.web(), keeps.identity) as connection:
            role, city, unit, until = read_post(connection, fields, values)
            _check_post(connection, fields, role, city, unit or None)
        fields.check()
        made = keeping.add(
            here.web(), login, name, role=role, city=city, unit=unit or None, until=until, by=keeps, email=email,
            phone=phone, language=spoken if spoken in LANGUAGES else language(),
        )  # fmt: skip
    except LoginTaken as error:
        return _form(values, {"login": _(error.message)}, error.status)
    except BadField as error:
        return _form(values, {name: _(said) for name, said in fields_of(error).items()}, error.status)
    return person_page.show(made.login, link=made.link, done="made")


def _check_post(connection: Connection, fields: Fields, role: Role | None, city: City | None, unit: str | None) -> None:
    """Say with the rest what is wrong with where a role is to be held."""
    try:
        if role is not None:
            keeping.post(connection, role, city, unit)
    except BadField as error:
        fields.refuse("unit", _(fields_of(error)["unit"]))
    except UnknownUnit as error:
        fields.refuse("unit", _(error.message))


def read_post(
    connection: Connection, fields: Fields, values: dict[str, str]
) -> tuple[Role | None, City | None, str, datetime | None]:
    """The role of a form, where it is to be held, and until when."""
    code = values.get("role", "")
    role = Role(code) if code in set(Role) else None
    city = admin.city_coded(connection, RIGHT, values.get("in_city", "")) if role else None
    until = fields.read("until", lambda word: _end_of(word, city), _("A day is written 2026-01-31."))
    if until is not None and until < datetime.now(until.tzinfo):
        fields.refuse("until", _("This day is over."))
    return role, city, fields.text("unit", 100), until


def _end_of(word: str, city: City | None) -> datetime:
    zone = city.zone if city else datetime.now().astimezone().tzinfo
    return datetime.combine(datetime.strptime(word, "%Y-%m-%d").date() + timedelta(days=1), time(), zone)


def _form(values: dict[str, str], errors: dict[str, str], status: int = 200) -> Response:
    keeps = by()
    with acting(here.web(), keeps.identity) as connection:
        return admin.page(
            connection, "admin_new.html", "people", status, values=values, errors=errors,
            **person_page.choices(connection, keeps),
        )  # fmt: skip


# As a file


@page.get("/admin/people/export")
def export() -> Response:
    """The people of a city as an Excel file."""
    keeps = by()
    with acting(here.web(), keeps.identity) as connection:
        city = admin.city(connection, RIGHT)
        return admin.book(roll.book(connection, city, language(), demo=keeps.demo), f"people-{city.code}")
