"""/map/<city>.<lang>.<digest>.js and .css: what folium would write inline, as files that never change."""

from __future__ import annotations

from typing import Final

from flask import Response

from geoapp.errors import NotFound
from geoapp.pages.parts import here
from geoapp.pages.parts.answers import FOR_EVER
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.language import LANGUAGES
from geoapp.pages.parts.map_view import view

WHO: Final = "everybody"
KINDS: Final = {"js": "text/javascript", "css": "text/css"}
page = site_page(__name__)


@page.get("/map/<code>.<any(zh, en):spoken>.<digest>.<any(js, css):kind>")
def show(code: str, spoken: str, digest: str, kind: str) -> Response:
    """Give a map's script or style, if it is still the one the address means."""
    with here.connect() as connection:
        city = here.city(connection, code)
        seen, _bounds = view(connection, city, spoken if spoken in LANGUAGES else LANGUAGES[0])
    if seen.digest != digest:
        raise NotFound()
    response = Response(seen.script if kind == "js" else seen.style, mimetype=KINDS[kind])
    response.headers["Cache-Control"] = FOR_EVER
    response.set_etag(digest)
    return response
