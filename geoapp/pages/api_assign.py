"""GET /api/assign: whose is this place? Its areas by the layers in force, and the one that answers."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from flask import Response, request
from flask_babel import gettext as _

from geoapp.assign.areas import NONE, AreaLayer
from geoapp.city import City
from geoapp.intake.path import check_place
from geoapp.pages.parts import here
from geoapp.pages.parts.answers import answer
from geoapp.pages.parts.asked import Fields
from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.language import named
from geoapp.pages.parts.naming import PROBLEMS
from geoapp.store.cities import ground
from geoapp.store.queries import matters

WHO: Final = "everybody"
page = api_page(__name__)


@page.get("/api/assign")
def show() -> Response:
    """Say whose a place is."""
    fields = Fields(request.args)
    lon, lat = (_degrees(fields, name) for name in ("lon", "lat"))
    if fields.text("at"):
        fields.refuse("at", _("Earlier layers cannot be asked yet."))
    with here.connect() as connection:
        city = here.city(connection)
        matter = fields.text("matter")
        if matter and matters.category_of(connection, city.id, matter) is None:
            fields.refuse("matter", _("There is no %(word)s here.", word=matter))
        fields.check()
        assert lon is not None and lat is not None  # refused otherwise
        problem = check_place(here.web(), city, lon, lat, "WGS-84")
        found = ground(connection, city)
    areas = [one for layer in found.layers if (one := _area(city, layer, lon, lat)) is not None]
    owner = next((one for one in areas if one["layer"] == found.responsible), None)
    evidence = {"rule": "covers", "layer": found.responsible, "version": found.versions[found.responsible]}
    return answer(
        {
            "lon": lon,
            "lat": lat,
            "areas": areas,
            "area": owner,
            "asset": None,
            "unit": None,
            **evidence,
            "border_m": owner["border_m"] if owner else None,
            "problem": problem,
            "message": None if problem is None else str(PROBLEMS[problem]),
        }
    )


def _degrees(fields: Fields, name: str) -> float | None:
    value = fields.read(name, float, _("This is not a number."))
    if value is None:
        fields.refuse(name, _("This is needed."))
    elif not math.isfinite(value) or abs(value) > (180 if name == "lon" else 90):
        fields.refuse(name, _("This is not a number of degrees."))
    return value


def _area(city: City, layer: AreaLayer, lon: float, lat: float) -> dict[str, Any] | None:
    at = int(layer.find(np.array([lon]), np.array([lat]))[0])
    if at == NONE:
        return None
    labels = {spec.name: spec.label for spec in city.layers}
    return {
        "layer": layer.name,
        "label": named(labels.get(layer.name), layer.name),
        "code": layer.codes[at],
        "name": named(layer.names[at], layer.codes[at]),
        "version": layer.version,
        "quality": layer.qualities[at],
        "border_m": round(layer.border_m(lon, lat, at, city.metric_crs), 1),
    }
