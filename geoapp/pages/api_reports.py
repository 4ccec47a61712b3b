"""POST /api/reports: file a report, once a key."""

from __future__ import annotations

from typing import Any, Final

import orjson
from flask import Response, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import UnsupportedMediaType

from geoapp.errors import BadRequest, NotAPhoto
from geoapp.pages.parts import callers, draft, here
from geoapp.pages.parts.answers import answer
from geoapp.pages.parts.asked import Fields
from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.filing import file
from geoapp.pages.parts.naming import PROBLEMS
from geoapp.store.queries.reports import Filed

WHO: Final = "everybody"
page = api_page(__name__)


@page.post("/api/reports")
def take_in() -> Response:
    """File a report: 201 when it is new, 200 and the same answer when it was sent before."""
    callers.count_filing()
    words = _words()
    with here.connect() as connection:
        city = here.city(connection, words.get("city", ""))
    filed, new = file(city, "api", words, request.headers.get("Idempotency-Key", ""), callers.client("key"))
    return answer(receipt(filed), 201 if new else 200, cache="no-store")


def receipt(filed: Filed) -> dict[str, Any]:
    """What the filer gets; a ticket that is not public has no page but the receipt's."""
    public = filed.public and filed.number is not None
    page_of = url_for("ticket.show", number=filed.number) if public else url_for("receipt.show", receipt=filed.receipt)
    return {
        "receipt": filed.receipt,
        "number": filed.number,
        "state": filed.state,
        "placed": filed.number is not None,
        "problem": filed.problem,
        "message": str(PROBLEMS[filed.problem]) if filed.problem in PROBLEMS else None,
        "url": page_of,
    }


def _words() -> dict[str, str]:
    if request.mimetype == "application/json":
        try:
            return draft.from_json(orjson.loads(request.get_data()))
        except orjson.JSONDecodeError as error:
            raise BadRequest("JSON") from error
    if request.mimetype not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raise UnsupportedMediaType()
    fields = Fields({})
    for name in [*request.form, *request.files]:
        if name not in draft.FIELDS:
            # A part of a form may come without any name.
            fields.refuse((name or "body")[:100], _("There is no such field."))
    if request.form.get("photo"):
        fields.refuse("photo", _(NotAPhoto("").message))
    fields.check()
    return dict(request.form.items())
