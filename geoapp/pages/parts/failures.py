"""How a request that cannot be served is answered: JSON to the API, a page to people, both in their language."""

from __future__ import annotations

import traceback
from typing import Final

import structlog
from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from jinja2 import TemplateNotFound
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from geoapp.errors import GeoappError, NotAllowed, SignInNeeded
from geoapp.pages.parts import who
from geoapp.pages.parts.answers import answer
from geoapp.store.database import took_too_long

LOG: Final = structlog.get_logger(__name__)

_MESSAGES: Final = {
    400: _l("The request cannot be understood."),
    403: _l("This is not allowed."),
    404: _l("There is nothing at this address."),
    405: _l("This address does not take such requests."),
    413: _l("The upload is larger than this installation accepts."),
    415: _l("The request must be JSON or a form."),
    429: _l("Too many reports within the hour; please try again later."),
    500: _l("Something went wrong here. It has been noted."),
    503: _l("The service is not available at the moment."),
}
_CODES: Final = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported", 429: "too_many"}


def prepare(app: Flask) -> None:
    """Answer every failure ourselves."""
    app.register_error_handler(GeoappError, _known)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    for away in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(away, _away)
    app.register_error_handler(Exception, _unknown)


def failure(status: int, code: str, message: str, fields: dict[str, str] | None = None) -> Response:
    """The answer to a request that failed."""
    if request.path.startswith("/api/"):
        return answer({"error": {"code": code, "message": message, "fields": fields or {}}}, status, cache="no-store")
    named = sorted((fields or {}).items()) if request.method == "GET" else []
    rest = [(name, value) for name, value in request.args.items(multi=True) if name not in (fields or {})]
    try:
        page = render_template("error.html", status=status, message=message, named=named, rest=rest)
        return make_response(page, status)
    except TemplateNotFound:
        return Response(message, status, mimetype="text/plain")


def fields_of(error: GeoappError) -> dict[str, str]:
    """What the error says of single fields."""
    fields = error.facts.get("fields")
    return dict(fields) if isinstance(fields, dict) else {}


def _known(error: GeoappError) -> AnyResponse:
    if error.status >= 500:
        LOG.error("failed", code=error.code, error=str(error))
    if isinstance(error, SignInNeeded):
        return _sign_in(error)
    if isinstance(error, NotAllowed) and error.facts.get("must_change") and not request.path.startswith("/api/"):
        # A password that somebody else has chosen is changed before anything else.
        return redirect(url_for("account.show", _anchor="password"), 303)
    # The class's sentence is found in the catalogue, which lists every one (tests see to that).
    message = gettext(error.message)
    return failure(error.status, error.code, message, fields_of(error))


def _sign_in(error: SignInNeeded) -> AnyResponse:
    """People are led to the door and back again; programs are told what to bring."""
    if request.path.startswith("/api/") or "Authorization" in request.headers:
        response = failure(error.status, error.code, gettext(error.message))
        response.headers["WWW-Authenticate"] = 'Bearer realm="geoapp"'
        return response
    return redirect(who.sign_in_address(), 302 if request.method in ("GET", "HEAD") else 303)


def _forged(error: CSRFError) -> Response:
    return failure(400, "csrf", gettext("This form has expired; please load it again."))


def _http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]  # a redirect as werkzeug made it
    message = str(_MESSAGES.get(error.code, _MESSAGES[500 if error.code >= 500 else 400]))
    response = failure(error.code, _CODES.get(error.code, "bad_request"), message)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _away(error: Exception) -> Response:
    if isinstance(error, DBAPIError) and took_too_long(error):
        LOG.warning("took too long", path=_where())
        return failure(503, "took_too_long", gettext("This takes too long to answer; please ask for less at once."))
    LOG.error("database unavailable", error=type(error).__name__)
    return failure(503, "unavailable", str(_MESSAGES[503]))


def _unknown(error: Exception) -> Response:
    LOG.error("unexpected", path=_where(), method=request.method, trace=_trace(error))
    return failure(500, "error", str(_MESSAGES[500]))


def _trace(error: BaseException | None) -> list[str]:
    """Where an error came from, the first cause last: what it says may be what somebody wrote, so its kind must do."""
    told: list[str] = []
    while error is not None:
        told += [f"{type(error).__module__}.{type(error).__qualname__}", *traceback.format_tb(error.__traceback__)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told


def _where() -> str:
    """The address as the code has it: what stands in a path (a receipt, a link) may be somebody's secret."""
    return request.url_rule.rule if request.url_rule else "unknown"
