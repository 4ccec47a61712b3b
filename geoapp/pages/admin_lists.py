"""/admin/lists: the three lists and their batches; all of them as an Excel file; rulings drawn up as the next batch."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from flask import Response, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from geoapp.assign.three_lists import ListKind
from geoapp.city import City
from geoapp.errors import BatchRefused
from geoapp.intake import list_files, list_keeping
from geoapp.intake.lists import read_lines
from geoapp.pages.parts import admin, here, list_words
from geoapp.pages.parts.admin import by
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.language import language
from geoapp.store import disputes, lists
from geoapp.store.acting import acting

WHO: Final = "who looks after the lists"
RIGHT: Final = "manage_lists"
page = site_page(__name__, RIGHT)

LATEST: Final = 12


@page.get("/admin/lists")
def show() -> Response:
    """Show the lists."""
    return _page()


def _page(status: int = 200, wrong: str = "") -> Response:
    with acting(here.web(), by().identity) as connection:
        city = admin.city(connection, RIGHT)
        known = list_words.authors(connection)
        return admin.page(
            connection, "admin_lists.html", "lists", status, at=city, wrong=wrong,
            lists=[_list(connection, city, kind, known) for kind in ListKind],
            rulings=len(disputes.open_proposals(connection, city.id)),
        )  # fmt: skip


def _list(connection: Connection, city: City, kind: ListKind, known: dict[str, str]) -> dict[str, Any]:
    now = datetime.now(UTC)
    there = lists.batches(connection, city.id, kind)[::-1]
    count, _lines = lists.search(connection, city.id, kind, now, lists.Sought(), 0, 0)
    return {
        "code": str(kind), "name": list_words.list_name(kind), "count": count,
        "number": lists.number_in_force(connection, city.id, kind, now),
        "batches": [list_words.tell_batch(one, city, known) for one in there[:LATEST]],
        "more": [list_words.tell_batch(one, city, known) for one in there[LATEST:]],
    }  # fmt: skip


@page.get("/admin/lists/export")
def export() -> Response:
    """The lists in force as an Excel file; where none is, its headings to be filled in."""
    with acting(here.web(), by().identity) as connection:
        city = admin.city(connection, RIGHT)
        now = datetime.now(UTC)
        found = {kind: read_lines(kind, lists.in_force(connection, city.id, kind, now)) for kind in ListKind}
    return admin.book(list_files.workbook(found, language()), f"lists-{city.code}")


@page.post("/admin/lists/gather")
def gather() -> AnyResponse:
    """Draw up the next batch of the responsibilities with the rulings that are open."""
    keeps = by()
    with acting(here.web(), keeps.identity) as connection:
        city = admin.city(connection, RIGHT)
    try:
        done = list_keeping.gather(here.web(), city, keeps)
    except BatchRefused as error:
        return _page(error.status, str(_(error.message)))
    batch = done.drafted.batch if done.drafted else None
    if batch is None:
        return _page(wrong=str(_("No ruling can become a line now.")) if done.taken else "")
    return redirect(url_for("admin_batch.show", kind=str(batch.list), number=batch.number, city=city.code), 303)
