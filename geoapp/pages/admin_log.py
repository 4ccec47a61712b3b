"""/admin/log: what was done to accounts and units, by whom, when and why; the latest first."""

from __future__ import annotations

from typing import Final

from flask import Response, request

from geoapp.pages.parts import admin, here
from geoapp.pages.parts.admin import by
from geoapp.pages.parts.blueprint import site_page
from geoapp.store import deeds
from geoapp.store.acting import acting

WHO: Final = "who looks after people, about the people and units of their cities"
RIGHT: Final = "manage_people"
page = site_page(__name__, RIGHT)

PAGE: Final = 60


@page.get("/admin/log")
def show() -> Response:
    """Show the log."""
    keeps = by()
    with acting(here.web(), keeps.identity) as connection:
        before = before_asked()
        found = [] if keeps.demo else deeds.latest(connection, before=before, most=PAGE + 1)
        more = found[PAGE - 1].id if len(found) > PAGE else None
        return admin.page(
            connection, "admin_log.html", "log", deeds=admin.tell_deeds(connection, found[:PAGE]),
            more=admin.next_page(more, before=more), before=before,
        )  # fmt: skip


def before_asked() -> int | None:
    """The line of a log before which it goes on."""
    word = request.args.get("before", "")
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 19 else None
