"""/admin/people/<login>/leave: hand-over when somebody leaves: each role passes to whoever comes after, or ends."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, request
from flask_babel import gettext as _

from geoapp.errors import BadField, BeyondReach, Conflict, OwnAccount, UnknownAccount
from geoapp.pages.parts import admin, here
from geoapp.pages.parts.admin import by
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.failures import fields_of
from geoapp.pages.parts.language import named
from geoapp.people import keeping, leaving
from geoapp.people.leaving import Left
from geoapp.store import accounts, roster
from geoapp.store.acting import acting
from geoapp.store.roster import Asked, Bare

WHO: Final = "who looks after people, about the people of their cities"
RIGHT: Final = "manage_people"
page = site_page(__name__, RIGHT)

MOST_HEIRS: Final = 500


@page.get("/admin/people/<login>/leave")
def show(login: str) -> Response:
    """Show what is to be handed over."""
    return _page(login)


@page.post("/admin/people/<login>/leave")
def take(login: str) -> Response:
    """Hand over: lock the account, pass on the roles that are marked, end the others."""
    if not storable(login):
        raise UnknownAccount()
    heir = request.form.get("to", "").strip()
    reason = request.form.get("reason", "").strip()[: keeping.LONGEST_REASON]
    keeps = by()
    try:
        if not storable(heir) or not storable(reason):
            raise BadField(fields={"to": leaving.NO_SUCCESSOR})
        with acting(here.web(), keeps.identity) as connection:
            going = leaving.parting(connection, login, keeps)
            if heir and _unknown(connection, heir, keeps):
                raise BadField(fields={"to": leaving.NO_SUCCESSOR})
        passing = set(request.form.getlist("pass"))
        left_out = {one.id for one in going.held if str(one.id) not in passing}
        done = leaving.leave(here.web(), login, heir or None, leave_out=left_out, reason=reason, by=keeps)
    except (BadField, Conflict, OwnAccount, BeyondReach) as error:
        return _page(login, error.status, str(_(next(iter(fields_of(error).values()), error.message))))
    return _done(login, heir, done)


def _unknown(connection: Any, heir: str, keeps: Any) -> bool:
    try:
        keeping.account_of(connection, heir, keeps)
    except UnknownAccount:
        return True
    return False


def _page(login: str, status: int = 200, wrong: str = "") -> Response:
    if not storable(login):
        raise UnknownAccount()
    keeps = by()
    with acting(here.web(), keeps.identity) as connection:
        going = leaving.parting(connection, login, keeps)
        account = going.account
        whole = accounts.keeps(connection, account.id) and not account.demo and account.id != keeps.account_id
        heirs = roster.page(connection, Asked(demo=keeps.demo), "", MOST_HEIRS)
        return admin.page(
            connection, "admin_leave.html", "people", status, account=account, whole=whole, wrong=wrong,
            mine=account.id == keeps.account_id, values=request.form,
            held=[admin.tell_post(connection, one, keeps) for one in going.held],
            bare=[_bare(one) for one in going.bare],
            heirs=[{"login": one.login, "name": one.name} for one in heirs if one.active and one.id != account.id],
        )  # fmt: skip


def _done(login: str, heir: str, done: Left) -> Response:
    keeps = by()
    with acting(here.web(), keeps.identity) as connection:
        return admin.page(
            connection, "admin_left.html", "people", account=keeping.account_of(connection, login, keeps),
            heir=keeping.account_of(connection, heir, keeps) if heir else None,
            passed=[admin.tell_post(connection, one, keeps) for one in done.passed],
            ended=[admin.tell_post(connection, one, keeps) for one in done.ended],
            bare=[_bare(one) for one in done.bare], link=done.link, public_url=here.settings().public_url,
        )  # fmt: skip


def _bare(one: Bare) -> dict[str, Any]:
    return {"code": one.code, "name": named(one.names, one.code), "nobody": one.nobody}
