"""/admin/people/import: a list of people from Excel: what would come of each row, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection

from geoapp.city import City
from geoapp.errors import BadField, NotAllowed
from geoapp.pages.admin_person import post_link
from geoapp.pages.parts import admin, handed_in, here
from geoapp.pages.parts.admin import by
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.language import language, named
from geoapp.people import keeping, lists, roll, taking_in
from geoapp.people.keeper import Keeper
from geoapp.people.rights import ROLES
from geoapp.people.tables import Fault, Table
from geoapp.people.taking_in import Outcome, TakenIn
from geoapp.store.acting import acting

WHO: Final = "who looks after people"
RIGHT: Final = "manage_people"
page = site_page(__name__, RIGHT)

COLUMNS: Final[Mapping[str, Any]] = {
    "login": _l("login"), "name": _l("name"), "email": _l("e-mail"), "phone": _l("telephone"),
    "language": _l("language"), "role": _l("role"), "unit": _l("unit"),
}  # fmt: skip


@page.get("/admin/people/import")
def show() -> Response:
    """Ask for the file."""
    return _page(by())


@page.get("/admin/people/import/template")
def template() -> Response:
    """An empty list, with the roles and units that may stand in it."""
    with acting(here.web(), by().identity) as connection:
        city = admin.city(connection, RIGHT)
        return admin.book(roll.empty(connection, city, language()), "people")


@page.post("/admin/people/import")
def take() -> Response:
    """Show what would come of a file, or take in what was shown."""
    keeps = by()
    if keeps.demo:
        raise NotAllowed()
    try:
        table = handed_in.unpacked("people") if "table" in request.form else handed_in.uploaded()
    except BadField as error:
        return _page(keeps, error.status, wrong=_(error.message))
    entries, faults = lists.read(table)
    if faults or "table" not in request.form:
        return _preview(keeps, table, entries, faults)
    with acting(here.web(), keeps.identity) as connection:
        city = admin.city(connection, RIGHT)
    try:
        taken = taking_in.take_in(here.web(), city, entries, keeps)
    except BadField:
        # Something has changed since it was shown.
        return _preview(keeps, table, entries, [])
    return _done(keeps, city, taken)


def _page(keeps: Keeper, status: int = 200, **told: Any) -> Response:
    with acting(here.web(), keeps.identity) as connection:
        blank: dict[str, Any] = {"wrong": "", "rows": None, "faults": [], "table": "", "taken": None}
        return admin.page(connection, "admin_people_import.html", "people", status, **{**blank, **told})


def _preview(keeps: Keeper, table: Table, entries: Sequence[lists.Entry], faults: list[Fault]) -> Response:
    with acting(here.web(), keeps.identity) as connection:
        city = admin.city(connection, RIGHT)
        outcomes, more = taking_in.preview(connection, city, entries, keeps)
        rows, found = [_row(one) for one in outcomes], [*faults, *more]
    if not rows and not found:
        return _page(keeps, 422, wrong=_("There is nothing below the heading."))
    shown = handed_in.told(table, "people", rows, found, COLUMNS)
    return _page(keeps, 422 if found else 200, mailing=bool(here.settings().smtp_host), **shown)


def _row(one: Outcome) -> dict[str, Any]:
    comma = "、" if language() == "zh" else ", "
    return {
        "line": str(one.entry.line), "login": one.entry.login, "name": one.entry.name, "fate": str(one.fate),
        "roles": comma.join(named(ROLES[role]) for role in one.roles),
        "unit": named(one.unit.names, one.unit.code) if one.unit else one.entry.unit,
        "data": comma.join(str(admin.FIELDS[name]) for name in one.data),
    }  # fmt: skip


def _done(keeps: Keeper, city: City, taken: TakenIn) -> Response:
    settings = here.settings()
    mailed: set[str] = set()
    with acting(here.web(), keeps.identity) as connection:
        if request.form.get("way") == "mail" and settings.smtp_host:
            mailed = _mail(connection, keeps, taken)
        links = [
            {"login": one.login, "name": keeping.account_of(connection, one.login, keeps).name,
             "link": f"{settings.public_url}/reset/{one.link}"}
            for one in (*taken.made, *taken.set_back)
            if one.login not in mailed
        ]  # fmt: skip
    return _page(keeps, at=city, taken=taken, links=links, mailed=len(mailed))


def _mail(connection: Connection, keeps: Keeper, taken: TakenIn) -> set[str]:
    """Send each link to whom it is for; the logins of those who have an address."""
    found = [(keeping.account_of(connection, one.login, keeps), one.link) for one in taken.made]
    for account, link in found:
        if account.email:
            post_link(here.settings(), account, link)
    return {account.login for account, _link in found if account.email}
