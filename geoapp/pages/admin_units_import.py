"""/admin/units/import: units from Excel: what would come of each row, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from geoapp.errors import BadField, NotAllowed
from geoapp.pages.parts import admin, handed_in, here
from geoapp.pages.parts.admin import by
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.language import language, named
from geoapp.people import unit_lists
from geoapp.people.keeper import Keeper
from geoapp.people.tables import Fault, Table
from geoapp.people.unit_lists import Outcome
from geoapp.store.acting import acting

WHO: Final = "who looks after units"
RIGHT: Final = "manage_units"
page = site_page(__name__, RIGHT)

COLUMNS: Final[Mapping[str, Any]] = {
    "code": _l("code"), "name_zh": _l("Chinese name"), "name_en": _l("English name"), "kind": _l("kind"),
    "parent": _l("unit above"), "areas": _l("areas"), "duty": _l("duty hours"), "phone": _l("telephone"),
    "email": _l("e-mail"), "address": _l("address"), "fallback": _l("fallback"), "active": _l("in use or not"),
}  # fmt: skip


@page.get("/admin/units/import")
def show() -> Response:
    """Ask for the file."""
    return _page(by())


@page.get("/admin/units/import/template")
def template() -> Response:
    """An empty list, with the kinds that may stand in it."""
    return admin.book(unit_lists.empty(language()), "units")


@page.post("/admin/units/import")
def take() -> Response:
    """Show what would come of a file, or take in what was shown."""
    keeps = by()
    if keeps.demo:
        raise NotAllowed()
    try:
        table = handed_in.unpacked("units") if "table" in request.form else handed_in.uploaded()
    except BadField as error:
        return _page(keeps, error.status, wrong=_(error.message))
    entries, faults = unit_lists.read(table)
    if faults or "table" not in request.form:
        return _preview(keeps, table, entries, faults)
    with acting(here.web(), keeps.identity) as connection:
        city = admin.city(connection, RIGHT)
    try:
        taken = unit_lists.take_in(here.web(), city, entries, keeps)
    except BadField:
        # Something has changed since it was shown.
        return _preview(keeps, table, entries, [])
    return _page(keeps, taken=taken)


def _page(keeps: Keeper, status: int = 200, **told: Any) -> Response:
    with acting(here.web(), keeps.identity) as connection:
        city = admin.city(connection, RIGHT)
        blank: dict[str, Any] = {"wrong": "", "rows": None, "faults": [], "table": "", "taken": None}
        return admin.page(connection, "admin_units_import.html", "units", status, at=city, **{**blank, **told})


def _preview(keeps: Keeper, table: Table, entries: Sequence[unit_lists.Entry], faults: list[Fault]) -> Response:
    with acting(here.web(), keeps.identity) as connection:
        city = admin.city(connection, RIGHT)
        outcomes, more = unit_lists.preview(connection, city, entries)
    rows, found = [_row(one) for one in outcomes], [*faults, *more]
    if not rows and not found:
        return _page(keeps, 422, wrong=_("There is nothing below the heading."))
    shown = handed_in.told(table, "units", rows, found, COLUMNS)
    return _page(keeps, 422 if found else 200, **shown)


def _row(one: Outcome) -> dict[str, Any]:
    comma = "、" if language() == "zh" else ", "
    return {
        "line": str(one.entry.line), "code": one.data.code, "name": named(one.data.names, one.data.code),
        "kind": unit_lists.KINDS[one.data.kind][language()], "parent": one.data.parent or "", "fate": str(one.fate),
        "data": comma.join(str(admin.FIELDS[name]) for name in one.changed) if one.fate == "change" else "",
    }  # fmt: skip
