"""GET /api/locate: where is it? So far only coordinates are understood; nothing is guessed."""

from __future__ import annotations

import re
from typing import Any, Final

from flask import Response, request
from flask_babel import gettext as _

from geoapp.intake.path import check_place
from geoapp.locate.coordinates import PRECISION, RADIUS_M
from geoapp.pages.parts import here
from geoapp.pages.parts.answers import answer
from geoapp.pages.parts.asked import Fields
from geoapp.pages.parts.blueprint import api_page

WHO: Final = "everybody"
page = api_page(__name__)

_PAIR: Final = re.compile(r"(-?\d{1,3}(?:\.\d{1,15})?)\s*[,，;\s]\s*(-?\d{1,3}(?:\.\d{1,15})?)", re.ASCII)


@page.get("/api/locate")
def show() -> Response:
    """Say where words mean."""
    fields = Fields(request.args)
    words = fields.text("q", 500)
    if not words:
        fields.refuse("q", _("This is needed."))
    with here.connect() as connection:
        city = here.city(connection)
    fields.check()
    found: dict[str, Any] = {"lon": None, "lat": None, "precision": None, "radius_m": None, "confidence": 0.0}
    evidence: list[dict[str, Any]] = []
    if pair := _PAIR.fullmatch(words):
        first, second = map(float, pair.groups())
        # Either order is met; the city itself tells which one is meant.
        for lon, lat, order in ((first, second, "lon,lat"), (second, first, "lat,lon")):
            if check_place(here.web(), city, lon, lat, "WGS-84") is None:
                found = {"lon": lon, "lat": lat, "precision": PRECISION, "radius_m": RADIUS_M, "confidence": 1.0}
                evidence.append({"rule": "coordinates", "order": order, "words": words})
                break
    return answer({"q": words, **found, "evidence": evidence})
