"""/admin/looks: who looked at private data, at what and why; the latest first."""

from __future__ import annotations

from typing import Final

from flask import Response, request

from geoapp.pages.admin_log import before_asked
from geoapp.pages.parts import admin, here, who
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.person_page import tell_look
from geoapp.people import entering, looking, rights

WHO: Final = "who may see that log"
RIGHT: Final = "see_log"
page = site_page(__name__, RIGHT)

PAGE: Final = 60


@page.get("/admin/looks")
def show() -> Response:
    """Show the log of a city."""
    me, word = who.account(), request.args.get("login", "").strip()[:100]
    with here.connect() as connection:
        city = admin.city(connection, RIGHT)
        login = entering.login_of(word) if storable(word) else ""
        before = before_asked()
        found = looking.log_of(here.web(), me, city.id, login=login, before=before, most=PAGE + 1)
        more = found[PAGE - 1].id if len(found) > PAGE else None
        return admin.page(
            connection, "admin_looks.html", "looks", at=city, login=login, before=before,
            looks=[tell_look(one, city.zone) for one in found[:PAGE]], more=admin.next_page(more, before=more),
            opens_people=rights.may(me, "manage_people"),
        )  # fmt: skip
