"""GET /api/times: the tickets asked for by the day, week or month they were opened."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from flask import Response, request

from geoapp.pages.parts import here
from geoapp.pages.parts.answers import answer
from geoapp.pages.parts.asked import filters
from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.kept import kept
from geoapp.store.queries import times

WHO: Final = "everybody"
page = api_page(__name__)


@page.get("/api/times")
@kept
def show() -> Response:
    """Count tickets by the time they were opened; since and until are read and left out, so a range can be widened."""
    with here.connect() as connection:
        city = here.city(connection)
        asked = replace(filters(connection, city, request.args), since=None, until=None)
        found = times.times(connection, asked, city.zone)
    return answer({
        "unit": found.unit,
        "starts": [start.isoformat() for start in found.starts],
        "counts": found.counts,
        "open": found.open,
        "count": found.count,
    })  # fmt: skip
