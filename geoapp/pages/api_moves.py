"""POST /api/tickets/<number>/moves: make a move of a ticket, with a token."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import orjson
from flask import Response, request
from flask_babel import gettext as _
from werkzeug.exceptions import UnsupportedMediaType

from geoapp.errors import BadField, BadRequest, MovedMeanwhile, NotFound, SignInNeeded
from geoapp.pages.parts import here, moving
from geoapp.pages.parts.answers import answer
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import api_page
from geoapp.store import subjects

WHO: Final = "whose token may make the move"
page = api_page(__name__)


@page.post("/api/tickets/<number>/moves")
def take_in(number: str) -> Response:
    """Make a move: 200 with where the ticket stands, 409 where somebody was quicker, with what happened."""
    asker = moving.doer()
    if asker is None:
        raise SignInNeeded()
    words = _words()
    try:
        return answer({**asdict(moving.make(asker, number, words)), "receipt": None}, cache="no-store")
    except MovedMeanwhile as error:
        with here.connect() as connection:
            found = subjects.read(connection, [number]).get(number) if storable(number) else None
            if found is None:
                raise NotFound() from None
            return moving.too_late(here.city_of(connection, found.city_id), error)


def _words() -> dict[str, str]:
    """What a form says, or a JSON object {move, seen, given: {field: value}}."""
    if request.mimetype in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return moving.words_of_form()
    if request.mimetype != "application/json":
        raise UnsupportedMediaType()
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise BadRequest("JSON") from error
    given = body.get("given", {}) if isinstance(body, dict) else None
    if not isinstance(given, dict) or set(body) - {"move", "seen", "given"} or {"move", "seen"} & set(given):
        raise BadField("body", fields={"body": _("A move is a JSON object of move, seen and given.")})
    told = {**given, **{name: body[name] for name in ("move", "seen") if body.get(name) is not None}}
    return {name: _word(name, value) for name, value in told.items() if value is not None}


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _word(name: str, value: Any) -> str:
    """A value as a form would hold it: several parted by commas, corners by spaces."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list) and all(map(_plain, value)):
        return ",".join(map(str, value))
    if isinstance(value, list) and all(isinstance(one, list) and all(map(_plain, one)) for one in value):
        return " ".join(",".join(map(str, one)) for one in value)
    raise BadField(name, fields={name[:40]: _("This is not a word, a number or a list of them.")})
