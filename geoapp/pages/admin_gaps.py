"""/admin/gaps: the consultation list: gaps between duties, for the body that sets them; closed as it decided."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geoapp.city import City
from geoapp.errors import BadField, NotAllowed, NotFound
from geoapp.intake import gaps
from geoapp.pages.admin_log import before_asked
from geoapp.pages.parts import admin, here, who
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.language import language, named
from geoapp.people import rights
from geoapp.people.rights import Of
from geoapp.store import disputes
from geoapp.store.disputes import Gap

WHO: Final = "who may see the consultation list"
RIGHT: Final = "see_gaps"
page = site_page(__name__, RIGHT)

PAGE: Final = 50


@page.get("/admin/gaps")
def show() -> Response:
    """Show the list."""
    return _page()


def _page(status: int = 200, wrong: dict[int, str] | None = None) -> Response:
    which = {"open": False, "closed": True}.get(request.args.get("state", ""))
    before = before_asked()
    with here.connect() as connection:
        city = admin.city(connection, RIGHT)
        found = disputes.gaps(connection, city.id, settled=which, before=before, most=PAGE + 1)
        more = found[PAGE - 1].id if len(found) > PAGE else None
        return admin.page(
            connection, "admin_gaps.html", "gaps", status, at=city, gaps=[_told(one, city) for one in found[:PAGE]],
            may_close=rights.may(who.account(), "close_gaps", Of(city.id)), which=request.args.get("state", ""),
            wrong=wrong or {}, before=before, more=admin.next_page(more, before=more),
        )  # fmt: skip


def _told(one: Gap, city: City) -> dict[str, Any]:
    return {
        "id": one.id, "ticket": one.ticket, "made": admin.moment(one.made_at, city.zone),
        "matter": named(one.matter_names, one.matter or ""), "units": [named(names, code) for code, names in one.units],
        "note": one.note or "", "settled": admin.moment(one.settled_at, city.zone), "decision": one.decision or "",
    }  # fmt: skip


@page.get("/admin/gaps/export")
def export() -> Response:
    """The list as an Excel file."""
    with here.connect() as connection:
        city = admin.city(connection, RIGHT)
        return admin.book(gaps.workbook(connection, city, language()), f"gaps-{city.code}")


@page.post("/admin/gaps/<int(max=9223372036854775807):gap>/close")
def close(gap: int) -> AnyResponse:
    """Close a gap with what was decided."""
    me, words = who.account(), request.form.get("decision", "")
    if me.demo:
        raise NotAllowed()
    try:
        with here.web().begin() as connection:
            city = admin.city(connection, RIGHT)
            who.check("close_gaps", Of(city.id))
            if not gaps.close(connection, city, gap, words if storable(words) else "", f"account:{me.account_id}"):
                raise NotFound()
    except BadField as error:
        return _page(error.status, {gap: str(_("Say in 1 to 500 characters what was decided."))})
    return redirect(url_for("admin_gaps.show", city=city.code), 303)
