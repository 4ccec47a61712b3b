"""GET /api/assign: whose is this place? Its areas by the layers in force, and who answers: by the list, or the area."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

from flask import Response, request
from flask_babel import gettext as _

from geoapp.city import City
from geoapp.intake.stages import assign_point, moment
from geoapp.pages.parts import here
from geoapp.pages.parts.answers import answer
from geoapp.pages.parts.asked import Fields
from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.language import language, named
from geoapp.pages.parts.naming import PROBLEMS
from geoapp.pages.parts.sending import reasons
from geoapp.store.queries import matters

WHO: Final = "everybody"
page = api_page(__name__)


@page.get("/api/assign")
def show() -> Response:
    """Say whose a place is."""
    fields = Fields(request.args)
    lon, lat = (_degrees(fields, name) for name in ("lon", "lat"))
    with here.connect() as connection:
        city = here.city(connection)
        matter, at = fields.text("matter"), _moment(fields, city)
        if matter and matters.category_of(connection, city.id, matter) is None:
            fields.refuse("matter", _("There is no %(word)s here.", word=matter))
        fields.check()
        assert lon is not None and lat is not None  # refused otherwise
        found = assign_point(connection, city, lon, lat, matter, at)
    labels = {spec.name: spec.label for spec in city.layers}
    told = found.as_dict(language())
    areas = [{**area, "label": named(labels.get(area["layer"]), area["layer"])} for area in told["areas"]]
    if found.by_list:
        told["dispatch"]["reasons"] = reasons(told["dispatch"])
    owner = next((area for area in areas if found.unit and area["layer"] == found.unit.layer), None)
    return answer(
        {
            **told, "areas": areas, "area": owner, "border_m": owner["border_m"] if owner else None,
            "layer": told["evidence"].get("layer"), "version": told["evidence"].get("version"),
            "message": None if found.problem is None else str(PROBLEMS[found.problem]),
        }
    )  # fmt: skip


def _moment(fields: Fields, city: City) -> datetime | None:
    words = fields.text("at")
    if not words:
        return None
    try:
        return moment(words, city)
    except (ValueError, OverflowError):
        fields.refuse("at", _("A day is written 2026-01-31, a time 2026-01-31T08:30."))
        return None


def _degrees(fields: Fields, name: str) -> float | None:
    value = fields.read(name, float, _("This is not a number."))
    if value is None:
        fields.refuse(name, _("This is needed."))
    elif not math.isfinite(value) or abs(value) > (180 if name == "lon" else 90):
        fields.refuse(name, _("This is not a number of degrees."))
    return value
