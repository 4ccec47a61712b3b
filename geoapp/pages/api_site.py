"""GET /api/sites/<city>/<kind>/<key>: one site with its tickets, its repairs and what lies near by."""

from __future__ import annotations

from typing import Final

from flask import Response

from geoapp.pages.parts import here
from geoapp.pages.parts.answers import answer
from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.site_story import tell_site

WHO: Final = "everybody"
page = api_page(__name__)


@page.get("/api/sites/<city_code>/<kind>/<path:key>")
def show(city_code: str, kind: str, key: str) -> Response:
    """Tell one site's history."""
    with here.connect() as connection:
        _city, story = tell_site(connection, city_code, kind, key)
    return answer(story)
