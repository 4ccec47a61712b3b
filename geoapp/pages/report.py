"""/report: the form; it works without scripts."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final
from uuid import uuid4

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from geoapp.city import City
from geoapp.errors import BadField, KeyReused
from geoapp.pages.parts import callers, draft, here
from geoapp.pages.parts.asked import check_words
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.failures import fields_of
from geoapp.pages.parts.filing import file
from geoapp.pages.parts.language import named
from geoapp.pages.parts.map_view import on_map
from geoapp.pages.parts.security import CSRF
from geoapp.store.queries import matters

WHO: Final = "everybody"
GIVEN: Final = ("lon", "lat", "matter", "kind", "address")
page = site_page(__name__)


@page.get("/report")
def show() -> Response:
    """Show the form; the address may already name place, matter and kind."""
    check_words(request.args, {"city", "lang", "z", *GIVEN}, others=True)
    given = {name: request.args[name][:500] for name in GIVEN if name in request.args}
    return _form(given, {}, uuid4().hex)


@page.post("/report")
def take_in() -> AnyResponse:
    """File what the form says, or show it again with what is wrong."""
    values = request.form.to_dict()
    try:
        CSRF.protect()
    except CSRFError:
        expired = _("This form had expired. Your words are still here: choose any photo again and send it once more.")
        return _form(values, {"": expired}, values.get("key", ""), 400)
    callers.count_filing()
    words = {name: value for name, value in values.items() if name in draft.FIELDS}
    words["text"] = values.get("body", "").replace("\r\n", "\n")
    key = values.get("key", "")
    try:
        with here.connect() as connection:
            city = here.city(connection, values.get("city", ""))
        filed, _new = file(city, "web", words, key)
    except BadField as error:
        return _form(values, _named_as_here(fields_of(error)), key, error.status)
    except KeyReused as error:
        # Gone back and changed after sending: a new key makes it a report of its own, if that is meant.
        again = _("You have sent this form before. Send it again only if this is another report.")
        return _form(values, {"": again}, uuid4().hex, error.status)
    return redirect(url_for("receipt.show", receipt=filed.receipt), 303)


# The token is checked in `take_in` and not before, where what was written is at hand if it is no longer good.
CSRF.exempt(f"{__name__}.{take_in.__name__}")


def _named_as_here(errors: dict[str, str]) -> dict[str, str]:
    if "text" in errors:
        errors["body"] = errors.pop("text")
    if "Idempotency-Key" in errors:
        errors[""] = errors.pop("Idempotency-Key")
    return errors


def _form(values: dict[str, str], errors: dict[str, str], key: str, status: int = 200) -> Response:
    with here.connect() as connection:
        code = values.get("city") or request.args.get("city") or here.settings().city
        loaded = here.cities(connection)
        city = next((one for one in loaded if one.code == code), None) or here.city(
            connection, loaded[0].code if loaded else ""
        )
        values = {name: value for name, value in values.items() if name != "key"}
        context = {**on_map(connection, city), "categories": _offered(connection, city)}
    html = render_template("report.html", values=values, errors=errors, key=key, **context)
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _offered(connection: Connection, city: City) -> list[dict[str, Any]]:
    lines = matters.offered(connection, city.id)
    return [
        {
            "code": code,
            "name": named(group[0].category_names, code),
            "matters": [{"code": line.code, "name": named(line.names, line.code)} for line in group],
        }
        for code, group in ((code, list(group)) for code, group in groupby(lines, key=lambda line: line.category))
    ]
