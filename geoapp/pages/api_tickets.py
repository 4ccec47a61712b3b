"""GET /api/tickets: tickets as a list, newest first, a page at a time."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any, Final

import orjson
from flask import Response, request
from flask_babel import gettext as _

from geoapp.city import City
from geoapp.pages.parts import here
from geoapp.pages.parts.answers import answer, local
from geoapp.pages.parts.asked import Fields, filters, whole
from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.kept import kept
from geoapp.pages.parts.naming import Names
from geoapp.store.queries import clusters, tickets
from geoapp.store.queries.tickets import After, Line
from geoapp.tickets.numbers import synthetic

WHO: Final = "everybody"
LIMIT: Final = 50
MOST: Final = 200
page = api_page(__name__)


@page.get("/api/tickets")
@kept
def show() -> Response:
    """List tickets."""
    fields = Fields(request.args)
    limit = fields.read("limit", lambda word: whole(word, 1, MOST), _("This is a whole number from 1 to 200."))
    after = fields.read("cursor", _after, _("This is no cursor of this list."))
    with here.connect() as connection:
        city = here.city(connection)
        fields.check()
        asked = filters(connection, city, request.args)
        lines, following = tickets.page(connection, asked, limit or LIMIT, after)
        # What fits on one page is counted already.
        all_here = after is None and following is None
        count = len(lines) if all_here else clusters.total(connection, asked)
        names = Names(connection, city, lines)
        items = [brief(city, line, names) for line in lines]
    going_on = None if following is None else _cursor(following)
    return answer({"count": count, "items": items, "next": going_on})


def brief(city: City, line: Line, names: Names) -> dict[str, Any]:
    """A ticket in a list."""
    return {
        "number": line.number,
        "title": names.title(line),
        "public": line.public,
        "state": line.state,
        "outcome": line.outcome,
        "urgent": line.urgent,
        "late": line.late,
        "opened_at": local(city, line.opened_at),
        "changed_at": local(city, line.changed_at),
        "due_at": local(city, line.due_at),
        "lon": line.lon,
        "lat": line.lat,
        "place": names.place(line),
        "synthetic": not city.synthetic and synthetic(line.number),
    }


def _cursor(after: After) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([after.opened_at, after.id])).decode().rstrip("=")


def _after(word: str) -> After:
    try:
        moment, key = orjson.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
    except TypeError as error:  # not a pair
        raise ValueError(word) from error
    if not isinstance(moment, str) or not isinstance(key, int) or isinstance(key, bool) or not 0 <= key < 1 << 63:
        raise ValueError(word)
    opened_at = datetime.fromisoformat(moment)
    if opened_at.tzinfo is None:
        raise ValueError(word)
    return After(opened_at, key)
