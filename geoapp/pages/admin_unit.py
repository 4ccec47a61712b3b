"""/admin/units/<code>: one unit: what it is, whom it is below, when and how it is reached, its people and tickets."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from geoapp.city import City
from geoapp.errors import BadField, UnitTaken, UnknownUnit
from geoapp.pages.parts import admin, here, person_page, who
from geoapp.pages.parts.admin import by
from geoapp.pages.parts.asked import Fields, storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.failures import fields_of
from geoapp.pages.parts.language import language, named
from geoapp.people import duty, rights, unit_keeping, unit_lists
from geoapp.people.keeper import Keeper
from geoapp.people.unit_keeping import Data
from geoapp.records import EVERYTHING, UnitKind
from geoapp.store import deeds, roster, units
from geoapp.store.acting import acting
from geoapp.store.queries import areas, clusters
from geoapp.store.queries.filters import Filters
from geoapp.store.roster import Asked
from geoapp.store.units import Unit

WHO: Final = "who looks after units, about the units of their cities"
RIGHT: Final = "manage_units"
page = site_page(__name__, RIGHT)

LAST: Final = 20
MOST_PEOPLE: Final = 100
RECENT: Final = timedelta(days=30)
MOST_AREAS: Final = 500
_BETWEEN: Final = re.compile(r"[\s,，;；、]+")


@page.get("/admin/units/new")
def show_new() -> Response:
    """Ask what it is."""
    with acting(here.web(), by().identity) as connection:
        city = admin.city(connection, RIGHT)
        return _form(connection, city, None, {"parent": request.args.get("below", "")[:60], "active": "yes"})


@page.get("/admin/units/<path:code>")
def show(code: str) -> Response:
    """Show a unit."""
    with acting(here.web(), by().identity) as connection:
        city = admin.city(connection, RIGHT)
        unit = _unit(connection, city, code)
        values = _values(unit_keeping.data_of(connection, city, unit))
        return _form(connection, city, unit, values, done=request.args.get("done", ""))


@page.post("/admin/units/new")
def make() -> AnyResponse:
    """Make a unit."""
    return _save("", new=True)


@page.post("/admin/units/<path:code>")
def change(code: str) -> AnyResponse:
    """Change a unit."""
    return _save(code, new=False)


def _unit(connection: Connection, city: City, code: str) -> Unit:
    if not storable(code):
        raise UnknownUnit()
    return units.find(connection, city.id, code)


def _save(code: str, *, new: bool) -> AnyResponse:
    keeps, values = by(), request.form.to_dict()
    with acting(here.web(), keeps.identity) as connection:
        city = admin.city(connection, RIGHT)
        unit = None if new else _unit(connection, city, code)
    try:
        data = _data(keeps, city, values, values.get("code", "").strip() if new else code)
        unit_keeping.save(here.web(), city, data, new=new, by=keeps)
    except UnitTaken as error:
        return _again(keeps, city, unit, values, {"code": _(error.message)}, error.status)
    except BadField as error:
        return _again(keeps, city, unit, values, _said(error), error.status)
    done = "made" if new else "saved"
    return redirect(url_for("admin_unit.show", code=data.code, city=city.code, done=done), 303)


def _said(error: BadField) -> dict[str, str]:
    return {name: _(words, **_facts(error)) for name, words in fields_of(error).items()}


def _facts(error: BadField) -> dict[str, str]:
    return {"word": str(error.facts["word"])} if "word" in error.facts else {}


def _again(
    keeps: Keeper, city: City, unit: Unit | None, values: dict[str, str], errors: dict[str, str], status: int
) -> Response:
    with acting(here.web(), keeps.identity) as connection:
        return _form(connection, city, unit, values, errors=errors, status=status)


def _data(keeps: Keeper, city: City, values: dict[str, str], code: str) -> Data:
    """What a form says of a unit that may be so.

    Raises:
        BadField: some of it cannot be read; its fields say what.
    """
    fields = Fields(values)
    kind = fields.read("kind", UnitKind, _("Choose what kind of unit it is."))
    if kind is None:
        fields.refuse("kind", _("Choose what kind of unit it is."))
    spans = fields.read("duty", duty.read, _("Write duty hours like this: 1-5 09:00-18:00; 6 09:00-12:00"))
    if (email := fields.text("email")) and not person_page.is_address(email):
        fields.refuse("email", _("This is no e-mail address."))
    words = tuple(dict.fromkeys(word for word in _BETWEEN.split(values.get("areas", "")[:20_000]) if word))
    if len(words) > MOST_AREAS or not storable("".join(words)):
        fields.refuse("areas", _("These are too many."))
    data = Data(
        code if storable(code) else "",
        {of: word for of in ("zh", "en") if (word := fields.text(f"name_{of}"))},
        kind or UnitKind.BUREAU, fields.text("parent") or None, words, spans or (),
        {of: word for of in unit_keeping.CONTACTS if (word := fields.text(of))},
        fields.text("fallback") or None, values.get("active") == "yes",
    )  # fmt: skip
    try:
        with acting(here.web(), keeps.identity) as connection:
            unit_keeping.check(connection, city, data)
    except BadField as error:
        for name, said in _said(error).items():
            fields.refuse(name, said)
    fields.check()
    return data


def _values(data: Data) -> dict[str, str]:
    """A unit as its form shows it."""
    contacts = data.contacts or {}
    return {
        "code": data.code, "name_zh": data.names.get("zh", ""), "name_en": data.names.get("en", ""),
        "kind": str(data.kind), "parent": data.parent or "", "fallback": data.fallback or "",
        "duty": duty.write(data.duty), "areas": "\n".join(data.areas), "active": "yes" if data.active else "",
        **{of: str(contacts.get(of, "")) for of in unit_keeping.CONTACTS},
    }  # fmt: skip


def _form(
    connection: Connection, city: City, unit: Unit | None, values: dict[str, str], *,
    errors: dict[str, str] | None = None, status: int = 200, done: str = "",
) -> Response:  # fmt: skip
    keeps = by()
    known = [one for one in units.every(connection, city.id) if one.kind is not None]
    return admin.page(
        connection, "admin_unit.html", "units", status, at=city, unit=unit, values=values, errors=errors or {},
        done=done, kinds=[{"code": str(kind), "name": names[language()]} for kind, names in unit_lists.KINDS.items()],
        others=[
            {"code": one.code, "name": named(one.names, one.code)}
            for one in known
            if unit is None or one.id != unit.id
            if one.kind not in (UnitKind.COMMUNITY, UnitKind.GRID)
        ],
        layers=_layers(connection, city), called={one.code: named(one.names, one.code) for one in known},
        **(_around(connection, city, unit, keeps, known) if unit else {"name": ""}),
    )  # fmt: skip


def _layers(connection: Connection, city: City) -> list[dict[str, str]]:
    """The layers whose areas a unit may be for."""
    there = {name for name, layer in areas.layers(connection, city.id).items() if layer.role == "areas"}
    return [{"code": spec.name, "name": named(spec.label)} for spec in city.layers if spec.name in there]


def _around(connection: Connection, city: City, unit: Unit, keeps: Keeper, known: list[Unit]) -> dict[str, Any]:
    """What hangs on a unit: those above and below, its areas, people, tickets, and what was done to it."""
    called = {one.code: named(one.names, one.code) for one in known}
    keys = units.areas(connection, city.id, unit.area_keys)
    labels = {spec.name: named(spec.label) for spec in city.layers}
    people = rights.may(who.person(), "manage_people", rights.Of(city.id))
    rows = roster.page(connection, Asked(city_id=city.id, unit_id=unit.id, demo=keeps.demo), "", MOST_PEOPLE)
    return {
        "unit_code": unit.code, "name": named(unit.names, unit.code),
        "kind": unit_lists.KINDS[unit.kind][language()] if unit.kind else "",
        "above": {"code": unit.parent, "name": called.get(unit.parent, unit.parent)} if unit.parent else None,
        "below": [{"code": one.code, "name": called[one.code]} for one in known if one.parent == unit.code],
        "duty": duty.in_words(unit.duty, language()),
        "areas": [
            {"word": one.word, "name": named(one.names, one.code), "label": labels.get(one.layer, one.layer),
             "url": url_for("area.show", city_code=city.code, layer=one.layer, code=one.code)}
            for one in keys.values()
        ],
        "people": [
            {"login": one.login, "name": one.name, "active": one.active,
             "posts": [admin.tell_post(connection, post, keeps) for post in one.posts if post.city_id == city.id]}
            for one in rows
        ] if people else None,
        "tickets": _tickets(connection, city, unit, keys),
        "deeds": [] if keeps.demo else admin.tell_deeds(
            connection, deeds.latest(connection, unit_id=unit.id, most=LAST)
        ),
    }  # fmt: skip


def _tickets(connection: Connection, city: City, unit: Unit, keys: dict[int, units.AreaWord]) -> dict[str, Any]:
    """How many tickets are with the unit or one below it, and how many lie in its areas."""
    since = datetime.now(UTC) - RECENT
    below = tuple(sorted(units.below(connection, unit.id)))
    named_for = Filters(city.id, units=below, sight=EVERYTHING)
    found: dict[str, Any] = {"named": clusters.standing(connection, named_for, since), "there": None}
    if keys:
        # Where it is one area, its box says where to look.
        alone = next(iter(keys.values())) if len(keys) == 1 else None
        extent = areas.extent(connection, city.id, alone.layer, alone.code) if alone else None
        there = Filters(city.id, area_keys=tuple(keys), area_box=extent.box if extent else None, sight=EVERYTHING)
        found["there"] = clusters.standing(connection, there, since)
    return found
