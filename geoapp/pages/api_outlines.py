"""GET /api/outlines: the areas of a layer in force, simplified for drawing."""

from __future__ import annotations

from typing import Any, Final

import orjson
from flask import Response
from sqlalchemy import Connection

from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.drawn import drawn
from geoapp.pages.parts.language import named
from geoapp.store.queries import areas
from geoapp.store.queries.areas import Layer

WHO: Final = "everybody"
# Some ten metres: less than a line's width at the zooms where whole layers are drawn.
TOLERANCE: Final = 1e-4
page = api_page(__name__)


@page.get("/api/outlines")
def show() -> Response:
    """Give a layer's outlines."""
    return drawn(_draw, lambda city: city.responsible, lambda layer: layer.role == "areas", "application/geo+json")


def _draw(connection: Connection, layer: Layer) -> bytes:
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "geometry": orjson.Fragment(one.geometry),
            "properties": {"code": one.code, "name": named(one.names, one.code), "quality": one.quality},
        }
        for one in areas.outlines(connection, layer.version_id, TOLERANCE)
    ]
    head = {"type": "FeatureCollection", "layer": layer.name, "kind": layer.kind, "version": layer.version}
    return orjson.dumps({**head, "features": features})
