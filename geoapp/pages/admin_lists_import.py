"""/admin/lists/import: lists from Excel or CSV: read strictly, and kept as drafts of the next batches."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geoapp.assign.three_lists import ListKind
from geoapp.city import City
from geoapp.errors import BadField, BatchRefused, ListInvalid, NotAllowed, SheetTooLarge, SheetUnreadable
from geoapp.intake import list_keeping, list_reading
from geoapp.intake.list_reading import Found
from geoapp.intake.lists import REASON_LONGEST
from geoapp.pages.parts import admin, here, list_words
from geoapp.pages.parts.admin import by
from geoapp.pages.parts.asked import Fields
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.failures import fields_of
from geoapp.pages.parts.language import language
from geoapp.people.keeper import Keeper
from geoapp.people.tables import LISTS
from geoapp.store.acting import acting

WHO: Final = "who looks after the lists"
RIGHT: Final = "manage_lists"
page = site_page(__name__, RIGHT)

MOST_FAULTS: Final = 200


@page.get("/admin/lists/import")
def show() -> Response:
    """Ask for the file."""
    return _page()


@page.post("/admin/lists/import")
def take() -> AnyResponse:
    """Take it in as drafts, or say what is wrong."""
    keeps = by()
    if keeps.demo:
        raise NotAllowed()
    with acting(here.web(), keeps.identity) as connection:
        city = admin.city(connection, RIGHT)
    fields = Fields(request.form)
    since = fields.read("since", _day, _("A day is written 2026-01-31.")) or datetime.now(city.zone).date()
    reason = fields.text("reason", REASON_LONGEST)
    if not reason:
        fields.refuse("reason", _("Say why the list changes."))
    try:
        fields.check()
        found = _read()
    except ListInvalid as error:
        return _page(error.status, _unclear(error))
    except (SheetUnreadable, SheetTooLarge) as error:
        return _page(error.status, f"{_(error.message)} {error.detail}".strip())
    except BadField as error:
        return _page(error.status, errors=fields_of(error))
    if any(one.faults for one in found):
        return _page(422, faults=found)
    return _keep(keeps, city, found, since, reason)


def _read() -> list[Found]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise SheetUnreadable()
    word = request.form.get("list", "")
    asked = ListKind(word) if word in set(ListKind) else None
    return list_reading.read(file.stream.read(LISTS.size + 1), file.filename, asked, language())


def _unclear(error: ListInvalid) -> str:
    if error.facts.get("why") == "twice":
        return str(_("Two sheets of this file are the same list."))
    return str(_("The file does not say which list it is: choose it below."))


def _keep(keeps: Keeper, city: City, found: list[Found], since: date, reason: str) -> AnyResponse:
    try:
        made = list_keeping.draft(here.web(), city, {one.kind: one.lines for one in found}, since, reason, keeps)
    except BatchRefused as error:
        late = _("The newest batch comes into force later than this day: choose its day, or one after it.")
        return _page(error.status, str(late))
    if not made:
        return _page(wrong=str(_("The lists are so already: nothing differs, and no batch was made.")))
    if len(made) > 1:
        return redirect(url_for("admin_lists.show", city=city.code), 303)
    return redirect(url_for("admin_batch.show", kind=str(made[0].list), number=made[0].number, city=city.code), 303)


def _page(
    status: int = 200, wrong: str = "", *, errors: dict[str, str] | None = None, faults: list[Found] | None = None
) -> Response:
    with acting(here.web(), by().identity) as connection:
        city = admin.city(connection, RIGHT)
        return admin.page(
            connection, "admin_lists_import.html", "lists", status, at=city, wrong=wrong, errors=errors or {},
            faults=[_told(one) for one in faults or () if one.faults], values=request.form,
            rows=list_words.lines_most(),
            kinds=[{"code": str(kind), "name": list_words.list_name(kind)} for kind in ListKind],
            today=datetime.now(city.zone).date().isoformat(),
        )  # fmt: skip


def _told(one: Found) -> dict[str, Any]:
    said = [fault.words(language()) for fault in one.faults]
    return {"name": list_words.list_name(one.kind), "said": said[:MOST_FAULTS], "count": len(said)}


def _day(word: str) -> date:
    return date.fromisoformat(word)
