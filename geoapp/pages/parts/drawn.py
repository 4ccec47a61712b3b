"""A layer in force as a map draws it: made once a version, language and process, kept by browsers for ever."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from flask import Response, request
from flask_babel import gettext as _
from sqlalchemy import Connection

from geoapp.city import City
from geoapp.errors import BadField
from geoapp.pages.parts import here
from geoapp.pages.parts.answers import FOR_EVER, raw
from geoapp.pages.parts.language import language
from geoapp.store.identity import identity
from geoapp.store.queries import areas
from geoapp.store.queries.areas import Layer

Draw = Callable[[Connection, Layer], bytes]


def drawn(
    draw: Draw, usual: Callable[[City], str], kinds: Callable[[Layer], bool], kind: str, part: str = ""
) -> Response:
    """The layer the request names, else the usual one; with its version in the address it may be kept for ever.

    part names which part of the layer `draw` draws.

    Raises:
        BadField: the city has no such layer, or it is none of these kinds.
    """
    with here.connect() as connection:
        city = here.city(connection)
        wanted = request.args.get("layer", "") or usual(city)
        layer = areas.layers(connection, city.id).get(wanted)
        if layer is None or not kinds(layer):
            raise BadField("layer", fields={"layer": _("There is no %(word)s here.", word=wanted[:200])})
        tag = f"{layer.digest[:32]}-{layer.version}-{language()}{part and '-'}{part}"
        known = request.if_none_match.contains_weak(tag)
        response = Response(status=304) if known else raw(_made(connection, layer, draw, part), kind=kind)
    response.set_etag(tag, weak=True)
    named_version = request.args.get("version") == str(layer.version) and "lang" in request.args
    response.headers["Cache-Control"] = FOR_EVER if named_version else "no-cache"
    return response


def _made(connection: Connection, layer: Layer, draw: Draw, part: str) -> bytes:
    kept = _kept(identity(connection), layer.version_id, language(), part)
    if "body" not in kept:
        kept["body"] = draw(connection, layer)
    return kept["body"]


@lru_cache(maxsize=64)
def _kept(database: str, version_id: int, spoken: str, part: str) -> dict[str, bytes]:
    return {}
