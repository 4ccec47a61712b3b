"""/receipts/<receipt>: what became of a report, for whoever filed it; one that has no place yet can be given one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as AnyResponse

from geoapp.errors import BadField, NotFound
from geoapp.pages.parts import callers, here, placing
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.failures import fields_of
from geoapp.pages.parts.map_view import frame, on_map
from geoapp.pages.parts.naming import PROBLEMS
from geoapp.pages.parts.security import CSRF
from geoapp.store.queries import reports

WHO: Final = "whoever knows the receipt, a number nobody guesses"
page = site_page(__name__)


@page.get("/receipts/<receipt>")
def show(receipt: str) -> Response:
    """Show a receipt."""
    return _receipt(receipt, {}, {})


@page.post("/receipts/<receipt>")
def take_in(receipt: str) -> AnyResponse:
    """Give the report a place, or show the receipt again with what is wrong."""
    values = {name: request.form.get(name, "") for name in placing.FIELDS}
    try:
        CSRF.protect()
    except CSRFError:
        return _receipt(receipt, values, {"": _("This form had expired. Please send it once more.")}, 400)
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
            return _receipt(receipt, values, fields_of(error), error.status)
    return redirect(url_for("receipt.show", receipt=receipt), 303)


# The token is checked in `take_in`, where the place chosen is at hand if it is no longer good.
CSRF.exempt(f"{__name__}.{take_in.__name__}")


def _receipt(receipt: str, values: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    with here.connect() as connection:
        filed = reports.by_receipt(connection, receipt) if storable(receipt) else None
        if filed is None:
            raise NotFound()
        city, lost = here.city_of(connection, filed.city_id), filed.number is None
        context = on_map(connection, city) if lost else frame(connection, city)
    # A ticket that is not public has a number, but no page to lead to.
    hidden = filed.public is False
    problem = PROBLEMS.get(filed.problem or "") if lost else None
    html = render_template(
        "receipt.html", taken=filed, hidden=hidden, lost=lost, problem=problem, values=values, errors=errors, **context
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
