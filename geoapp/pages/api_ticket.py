"""GET /api/tickets/<number>: one ticket with its reports, its events and its site's history."""

from __future__ import annotations

from typing import Final

from flask import Response

from geoapp.pages.parts import here
from geoapp.pages.parts.answers import answer
from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.telling import tell

WHO: Final = "everybody"
page = api_page(__name__)


@page.get("/api/tickets/<number>")
def show(number: str) -> Response:
    """Tell one ticket's story."""
    with here.connect() as connection:
        _city, story = tell(connection, number)
    return answer(story)
