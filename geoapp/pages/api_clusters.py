"""GET /api/clusters: the tickets of a box as the map shows them, counted by cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from flask import Response, request
from flask_babel import gettext as _
from sqlalchemy import Connection

from geoapp.assign.recurrence import WINDOW
from geoapp.pages.parts import here
from geoapp.pages.parts.answers import answer
from geoapp.pages.parts.asked import WORLD, Fields, filters, zoom
from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.kept import kept
from geoapp.pages.parts.naming import Names
from geoapp.store.mercator import Box
from geoapp.store.queries import clusters, sites
from geoapp.store.queries.clusters import Cluster, Clusters
from geoapp.store.queries.filters import Filters

WHO: Final = "everybody"
page = api_page(__name__)


@page.get("/api/clusters")
@kept
def show() -> Response:
    """Count the tickets of a box by cell."""
    fields = Fields(request.args)
    level = fields.read("zoom", zoom, _("A zoom is a whole number from 0 to 22."))
    with here.connect() as connection:
        city = here.city(connection)
        fields.check()
        asked = filters(connection, city, request.args)
        if not asked.boxes:
            asked = replace(asked, boxes=(WORLD,))
        found = clusters.clusters(connection, asked, 10 if level is None else level)
        names = Names(connection, city, [one.single for one in found.clusters if one.single])
        times = _times(connection, asked, found)
        return answer(_collection(found, names, times), kind="application/geo+json")


def _times(connection: Connection, asked: Filters, found: Clusters) -> dict[tuple[int, int], int]:
    """How often the same came up at the sites of tickets shown by themselves within a year."""
    alone = [one.single.site_id for one in found.clusters if one.single]
    year = datetime.now(UTC) - WINDOW
    return sites.counts_at(connection, alone, asked.sight, year) if alone else {}


def _collection(found: Clusters, names: Names, times: Mapping[tuple[int, int], int]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "bbox": _around(found.boxes),
        "cell_zoom": found.cell_zoom,
        "count": sum(one.count for one in found.clusters),
        "open": sum(one.open for one in found.clusters),
        "features": [_feature(one, names, times) for one in found.clusters],
    }


def _around(boxes: tuple[Box, ...]) -> list[float]:
    """The box counted; across the date line west is greater than east, as it was asked."""
    return [boxes[0].west, boxes[0].south, boxes[-1].east, boxes[0].north]


def _feature(one: Cluster, names: Names, times: Mapping[tuple[int, int], int]) -> dict[str, Any]:
    properties: dict[str, Any] = {"count": one.count, "open": one.open, "late": one.late, "settled": one.settled}
    if one.single is not None:
        properties |= {
            "number": one.single.number,
            "state": one.single.state,
            "outcome": one.single.outcome,
            "title": names.title(one.single),
            "urgent": one.single.urgent,
            "times": times.get((one.single.site_id, one.single.matter_id or 0), 1),
        }
    place = {"type": "Point", "coordinates": [round(one.lon, 6), round(one.lat, 6)]}
    return {"type": "Feature", "geometry": place, "properties": properties}
