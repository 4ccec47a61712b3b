"""/receipts/<receipt>: what became of a report, for whoever filed it; one that has no place yet can be given one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from geoapp.city import City
from geoapp.errors import BadField, NotFound
from geoapp.lifecycle import Mark
from geoapp.pages.parts import callers, here, moving, placing, who
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.failures import fields_of
from geoapp.pages.parts.map_view import frame, on_map
from geoapp.pages.parts.naming import PROBLEMS
from geoapp.pages.parts.security import CSRF
from geoapp.store import subjects
from geoapp.store.queries import reports, ticket
from geoapp.store.queries.reports import Filed
from geoapp.tickets.work import by_reporter

WHO: Final = "whoever knows the receipt, a number nobody guesses"
page = site_page(__name__)


@page.get("/receipts/<receipt>")
def show(receipt: str) -> Response:
    """Show a receipt."""
    return shown(receipt, {}, {})


@page.post("/receipts/<receipt>")
def take_in(receipt: str) -> AnyResponse:
    """Give the report a place, or show the receipt again with what is wrong."""
    values = {name: request.form.get(name, "") for name in placing.FIELDS}
    try:
        CSRF.protect()
    except CSRFError:
        return shown(receipt, values, {"": _("This form had expired. Please send it once more.")}, 400)
    callers.count_filing()
    with here.connect() as connection:
        filed = reports.by_receipt(connection, receipt) if storable(receipt) else None
        if filed is None:
            raise NotFound()
        city, waiting = here.city_of(connection, filed.city_id), reports.waiting(connection, receipt)
    # Whoever sends it twice is shown what came of the first time.
    if waiting is not None:
        try:
            placing.place(city, waiting, values)
        except BadField as error:
            return shown(receipt, values, fields_of(error), error.status)
    return redirect(url_for("receipt.show", receipt=receipt), 303)


# The token is checked in `take_in`, where the place chosen is at hand if it is no longer good.
CSRF.exempt(f"{__name__}.{take_in.__name__}")


def shown(
    receipt: str, values: Mapping[str, str], errors: Mapping[str, str], status: int = 200, *,
    moved: Mapping[str, str] | None = None, refused: Mapping[str, str] | None = None, wrong: str = "",
) -> Response:  # fmt: skip
    """The receipt as a page; moved and refused are a move that was sent and what is wrong with its fields."""
    with here.connect() as connection:
        filed = reports.by_receipt(connection, receipt) if storable(receipt) else None
        if filed is None:
            raise NotFound()
        city, lost = here.city_of(connection, filed.city_id), filed.number is None
        context = on_map(connection, city) if lost else frame(connection, city)
        acts = _acts(connection, city, filed, moved or {}, refused or {}) if filed.number else {}
        # A ticket that is not public has a number, but no page to lead to, unless it is one of those whoever asks sees.
        hidden = filed.public is False and ticket.case(connection, filed.number or "", who.sight()) is None
    problem = PROBLEMS.get(filed.problem or "") if lost else None
    html = render_template(
        "receipt.html",
        taken=filed,
        hidden=hidden,
        lost=lost,
        problem=problem,
        values=values,
        errors=errors,
        wrong=wrong,
        done=moving.label(request.args.get("done", "")),
        opened=moving.number(request.args.get("opened", "")),
        **acts,
        **context,
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _acts(
    connection: Connection, city: City, filed: Filed, moved: Mapping[str, str], refused: Mapping[str, str]
) -> dict[str, Any]:
    """What whoever reported it may do with the ticket now, and where it stands."""
    assert filed.number is not None  # asked before
    found = moving.standing(connection, city, filed.number, by_reporter(filed.report_id))
    awaits = any(one["mark"] == Mark.AWAITING for one in found.told["marks"])
    return {
        "forms": moving.forms(connection, city, found, moved, refused),
        "version": found.subject.version,
        "state": found.subject.state,
        "asked_for_more": awaits,
        "question": subjects.asked_for(connection, found.subject.id) if awaits else "",
    }
