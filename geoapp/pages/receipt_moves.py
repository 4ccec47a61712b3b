"""POST /receipts/<receipt>/moves: what whoever reported it may do: withdraw, add, remind, rate, have it done again."""

from __future__ import annotations

from typing import Final

from flask import Response, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geoapp.errors import BadField, Conflict, NotFound
from geoapp.pages.parts import callers, here, moving
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.failures import fields_of
from geoapp.pages.receipt import shown
from geoapp.store.queries import reports
from geoapp.tickets.work import by_reporter

WHO: Final = "whoever knows the receipt, a number nobody guesses"
page = site_page(__name__)


@page.post("/receipts/<receipt>/moves")
def take_in(receipt: str) -> AnyResponse:
    """Make a move of the receipt's ticket, or show the receipt again with what is wrong."""
    callers.count_filing()
    words = moving.words_of_form()
    with here.connect() as connection:
        filed = reports.by_receipt(connection, receipt) if storable(receipt) else None
    if filed is None or filed.number is None:
        raise NotFound()
    try:
        done = moving.make(by_reporter(filed.report_id), filed.number, words)
    except BadField as error:
        return _again(receipt, words, fields_of(error), "", error.status)
    except Conflict as error:
        return _again(receipt, words, {}, _(error.message), error.status)
    # Whoever opened another ticket goes on with that one.
    return redirect(url_for("receipt.show", receipt=done.receipt or receipt, done=done.move, opened=done.opened), 303)


def _again(receipt: str, words: dict[str, str], errors: dict[str, str], wrong: str, status: int) -> Response:
    wrong = wrong or errors.get("") or _("Something is not right yet.")
    return shown(receipt, {}, {}, status, moved=words, refused=errors, wrong=wrong)
