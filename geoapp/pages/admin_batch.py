"""/admin/lists/<list>/<number>: one batch: what it changes, what is wrong with it, what it would do; and its fate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from geoapp.assign.three_lists import BatchState, ListKind, difference
from geoapp.city import City
from geoapp.errors import BadField, BatchRefused
from geoapp.intake import list_files, list_keeping
from geoapp.intake.lists import read_lines
from geoapp.pages.admin_list import kind_of
from geoapp.pages.parts import admin, here, list_words
from geoapp.pages.parts.admin import by
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.language import language
from geoapp.pages.parts.list_words import Words
from geoapp.store import lists
from geoapp.store.acting import acting
from geoapp.store.lists import Batch

WHO: Final = "who looks after the lists"
RIGHT: Final = "manage_lists"
page = site_page(__name__, RIGHT)

SPANS: Final = (30, 90, 365)
"""Over how many days a draft may be tried."""


@page.get("/admin/lists/<kind>/<int(max=1000000):number>")
def show(kind: str, number: int) -> Response:
    """Show the batch."""
    return _page(kind_of(kind), number)


def _page(kind: ListKind, number: int, status: int = 200, wrong: str = "") -> Response:
    with acting(here.web(), by().identity) as connection:
        city = admin.city(connection, RIGHT)
        batch = lists.batch(connection, city.id, kind, number)
        words = Words.of(connection, city)
        return admin.page(
            connection, "admin_batch.html", "lists", status, at=city, wrong=wrong, kind=str(kind),
            batch=list_words.tell_batch(batch, city, list_words.authors(connection)),
            difference=_difference(connection, city, batch, words), check=_check(connection, city, batch, words),
            spans=SPANS if kind is ListKind.RESPONSIBILITIES else (), tried=_tried(connection, city, batch, words),
            span=_span(), done=request.args.get("done", ""), values=request.form,
        )  # fmt: skip


def _difference(connection: Connection, city: City, batch: Batch, words: Words) -> dict[str, Any]:
    base = lists.batch(connection, city.id, batch.list, batch.base) if batch.base else None
    before = lists.with_batch(connection, base.id) if base else {}
    after = lists.with_batch(connection, batch.id)
    return list_words.tell_difference(batch.list, difference(before, after), before, after, words)


def _check(connection: Connection, city: City, batch: Batch, words: Words) -> dict[str, Any] | None:
    """Of what is over there is nothing to mend."""
    newest = lists.newest(connection, city.id, batch.list)
    if newest is None or (batch.state is not BatchState.DRAFT and newest.id != batch.id):
        return None
    today = datetime.now(city.zone).date()
    return list_words.tell_check(list_keeping.checked(connection, city, batch, today), words)


def _tried(connection: Connection, city: City, batch: Batch, words: Words) -> dict[str, Any] | None:
    days = _span()
    if days is None or batch.list is not ListKind.RESPONSIBILITIES:
        return None
    now = datetime.now(UTC)
    found = list_keeping.tried(connection, city, batch, now - timedelta(days=days), now)
    return list_words.tell_replay(found, words)


def _span() -> int | None:
    return next((days for days in SPANS if request.args.get("tried") == str(days)), None)


@page.get("/admin/lists/<kind>/<int(max=1000000):number>/export")
def export(kind: str, number: int) -> Response:
    """The whole list as it is with the batch, as an Excel file."""
    list_ = kind_of(kind)
    with acting(here.web(), by().identity) as connection:
        city = admin.city(connection, RIGHT)
        batch = lists.batch(connection, city.id, list_, number)
        lines = read_lines(list_, lists.with_batch(connection, batch.id))
    return admin.book(list_files.workbook({list_: lines}, language()), f"{kind}-{number}-{city.code}")


@page.post("/admin/lists/<kind>/<int(max=1000000):number>/release")
def release(kind: str, number: int) -> AnyResponse:
    """Put it into force, on its day or at once."""
    despite = request.form.get("despite", "").strip()
    return _do(kind_of(kind), number, despite if storable(despite) else "", withdrawn=False)


@page.post("/admin/lists/<kind>/<int(max=1000000):number>/withdraw")
def withdraw(kind: str, number: int) -> AnyResponse:
    """Withdraw it."""
    return _do(kind_of(kind), number, "", withdrawn=True)


def _do(kind: ListKind, number: int, despite: str, *, withdrawn: bool) -> AnyResponse:
    keeps = by()
    with acting(here.web(), keeps.identity) as connection:
        city = admin.city(connection, RIGHT)
    try:
        if withdrawn:
            list_keeping.withdraw(here.web(), city, kind, number, keeps)
        else:
            list_keeping.release(here.web(), city, kind, number, despite, keeps)
    except BatchRefused as error:
        return _page(kind, number, error.status, _why(error, withdrawn=withdrawn))
    except BadField as error:
        return _page(kind, number, error.status, str(_("This is too long.")))
    done = "withdrawn" if withdrawn else "released"
    return redirect(url_for("admin_batch.show", kind=str(kind), number=number, city=city.code, done=done), 303)


def _why(error: BatchRefused, *, withdrawn: bool) -> str:
    if error.facts.get("findings"):
        return str(_("It names what there is not. Say why it is to come into force all the same."))
    if withdrawn:
        return str(_("It cannot be withdrawn: it is no draft any more, or another batch was drawn up against it."))
    return str(_("It cannot be put into force: it is no draft any more, or the batch before it is still one."))
