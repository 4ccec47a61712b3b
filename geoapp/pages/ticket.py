"""/tickets/<number>: the map with one ticket's panel open, readable without scripts."""

from __future__ import annotations

from typing import Final

from flask import Response

from geoapp.pages.map import page_of
from geoapp.pages.parts import here, moving
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.telling import tell_all

WHO: Final = "everybody"
page = site_page(__name__)


@page.get("/tickets/<number>")
def show(number: str) -> Response:
    """Show one ticket."""
    with here.connect() as connection:
        city, story, found = tell_all(connection, number)
        return page_of(connection, city, {**story, "forms": moving.forms(connection, city, found, {}, {}, brief=True)})
