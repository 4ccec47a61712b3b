"""GET /api/places: the city's areas, roads and landmarks that are called so."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, request
from flask_babel import gettext as _

from geoapp.city import City
from geoapp.pages.parts import here
from geoapp.pages.parts.answers import answer
from geoapp.pages.parts.asked import Fields, whole
from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.language import language, named
from geoapp.store.queries import places
from geoapp.store.queries.places import Found

WHO: Final = "everybody"
LIMIT: Final = 8
MOST: Final = 50
LONGEST: Final = 100
page = api_page(__name__)


@page.get("/api/places")
def show() -> Response:
    """Find places by name."""
    fields = Fields(request.args)
    words = fields.text("q", LONGEST)
    if not words:
        fields.refuse("q", _("This is needed."))
    limit = fields.read("limit", lambda word: whole(word, 1, MOST), _("This is a whole number from 1 to 50."))
    roles = fields.several("role") or places.NAMED
    if unknown := [role for role in roles if role not in places.NAMED]:
        fields.refuse("role", _("There is no %(word)s here.", word=", ".join(unknown)[:LONGEST]))
    with here.connect() as connection:
        city = here.city(connection)
        fields.check()
        found = places.named_like(connection, city.id, words, limit or LIMIT, roles)
    return answer({"items": [_told(city, place) for place in found]})


def _told(city: City, place: Found) -> dict[str, Any]:
    box = place.box
    name = named(place.names, place.code)
    layer = next((one for one in city.layers if one.name == place.layer), None)
    others = [word for word in place.names.values() if word and word != name]
    return {
        "role": place.role,
        "layer": place.layer,
        "code": place.code,
        "name": name,
        "also": next(iter(others), None),
        "label": layer.label.get(language(), layer.name) if layer else place.layer,
        "lon": round((box.west + box.east) / 2, 6),
        "lat": round((box.south + box.north) / 2, 6),
        "bbox": [round(edge, 6) for edge in box.as_list()],
        "area": f"{place.layer}/{place.code}" if place.role == "areas" else None,
    }
