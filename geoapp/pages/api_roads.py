"""GET /api/roads: the roads of a layer in force, for drawing."""

from __future__ import annotations

from functools import partial
from typing import Final

import orjson
from flask import Response, request
from flask_babel import gettext as _
from sqlalchemy import Connection

from geoapp.pages.parts.asked import Fields, whole
from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.drawn import drawn
from geoapp.pages.parts.language import named
from geoapp.store.queries import roads
from geoapp.store.queries.areas import Layer

WHO: Final = "everybody"
page = api_page(__name__)


@page.get("/api/roads")
def show() -> Response:
    """Give a layer's roads, all or of one rank: from afar main ones are all that is seen."""
    fields = Fields(request.args)
    rank = fields.read("rank", lambda word: whole(word, 0, 2), _("A rank is 0, 1 or 2."))
    fields.check()
    draw, part = partial(_draw, rank=rank), "" if rank is None else str(rank)
    return drawn(draw, lambda _city: "roads", lambda layer: layer.role == "roads", "application/json", part)


def _draw(connection: Connection, layer: Layer, rank: int | None) -> bytes:
    found = [
        [road.rank, named(road.names), road.lines]
        for road in roads.roads(connection, layer.version_id)
        if rank is None or road.rank == rank
    ]
    return orjson.dumps({"layer": layer.name, "version": layer.version, "grid": roads.GRID, "roads": found})
