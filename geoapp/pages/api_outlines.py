"""GET /api/outlines: the areas of a layer in force, simplified for drawing."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import orjson
from flask import Response, request
from flask_babel import gettext as _
from sqlalchemy import Connection

from geoapp.errors import BadField
from geoapp.pages.parts import here
from geoapp.pages.parts.answers import raw
from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.language import language, named
from geoapp.store.queries import areas
from geoapp.store.queries.areas import Layer

WHO: Final = "everybody"
# Some ten metres: less than a line's width at the zooms where whole layers are drawn.
TOLERANCE: Final = 1e-4
FOR_EVER: Final = "public, max-age=31536000, immutable"
page = api_page(__name__)


@page.get("/api/outlines")
def show() -> Response:
    """Give a layer's outlines; with its version in the address they may be kept for ever."""
    with here.connect() as connection:
        city = here.city(connection)
        wanted = request.args.get("layer", "") or city.responsible
        layer = areas.layers(connection, city.id).get(wanted)
        if layer is None:
            raise BadField("layer", fields={"layer": _("There is no %(word)s here.", word=wanted[:200])})
        tag = f"{layer.digest[:32]}-{layer.version}-{language()}"
        if request.if_none_match.contains(tag):
            response = Response(status=304)
        else:
            response = raw(_drawn(connection, layer), kind="application/geo+json")
    response.set_etag(tag)
    named_version = request.args.get("version") == str(layer.version) and "lang" in request.args
    response.headers["Cache-Control"] = FOR_EVER if named_version else "no-cache"
    return response


def _drawn(connection: Connection, layer: Layer) -> bytes:
    """Drawn once a version, language and process."""
    kept = _kept(connection.engine.url.render_as_string(), layer.version_id, language())
    if "body" not in kept:
        kept["body"] = _draw(connection, layer)
    return kept["body"]


@lru_cache(maxsize=32)
def _kept(database: str, version_id: int, spoken: str) -> dict[str, bytes]:
    return {}


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
