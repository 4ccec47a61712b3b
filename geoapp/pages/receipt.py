"""/receipts/<receipt>: what became of a report, for whoever filed it."""

from __future__ import annotations

from typing import Final

from flask import Response, make_response, render_template

from geoapp.errors import NotFound
from geoapp.pages.parts import here
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.map_view import frame
from geoapp.store.queries import reports

WHO: Final = "whoever knows the receipt, a number nobody guesses"
page = site_page(__name__)


@page.get("/receipts/<receipt>")
def show(receipt: str) -> Response:
    """Show a receipt."""
    with here.connect() as connection:
        filed = reports.by_receipt(connection, receipt) if storable(receipt) else None
        if filed is None:
            raise NotFound()
        context = frame(connection, here.city_of(connection, filed.city_id))
    # A ticket that is not public has a number, but no page to lead to.
    hidden = filed.public is False
    html = render_template("receipt.html", taken=filed, hidden=hidden, **context)
    response = make_response(html)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
