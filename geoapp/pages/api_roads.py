"""GET /api/roads: the roads of a layer in force, for drawing."""

from __future__ import annotations

from typing import Final

import orjson
from flask import Response
from sqlalchemy import Connection

from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.drawn import drawn
from geoapp.pages.parts.language import named
from geoapp.store.queries import roads
from geoapp.store.queries.areas import Layer

WHO: Final = "everybody"
page = api_page(__name__)


@page.get("/api/roads")
def show() -> Response:
    """Give a layer's roads."""
    return drawn(_draw, lambda _city: "roads", lambda layer: layer.role == "roads", "application/json")


def _draw(connection: Connection, layer: Layer) -> bytes:
    found = [[road.rank, named(road.names), road.lines] for road in roads.roads(connection, layer.version_id)]
    return orjson.dumps({"layer": layer.name, "version": layer.version, "grid": roads.GRID, "roads": found})
