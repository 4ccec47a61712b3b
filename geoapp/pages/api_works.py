"""GET /api/works: works under way in a box, with their promised end and the ground they fence off."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import orjson
from flask import Response, request, url_for
from flask_babel import gettext as _

from geoapp.city import City
from geoapp.pages.parts import here
from geoapp.pages.parts.answers import answer, local
from geoapp.pages.parts.asked import WORLD, Fields, boxes
from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.sites import url_of
from geoapp.store.queries import repairs
from geoapp.store.queries.repairs import UnderWay

WHO: Final = "everybody"
MOST: Final = 200
page = api_page(__name__)


@page.get("/api/works")
def show() -> Response:
    """Tell what is being worked on."""
    fields = Fields(request.args)
    asked = fields.read("bbox", boxes, _("A box is four numbers: west,south,east,north.")) or (WORLD,)
    with here.connect() as connection:
        city = here.city(connection)
        fields.check()
        now = datetime.now(UTC)
        found = [one for box in asked for one in repairs.under_way(connection, city.id, box, now, most=MOST)]
    features = [_feature(city, one, now) for one in found]
    return answer({"type": "FeatureCollection", "features": features}, kind="application/geo+json")


def _feature(city: City, one: UnderWay, now: datetime) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(one.site.lon, 6), round(one.site.lat, 6)]},
        "properties": {
            "number": one.ticket, "started_at": local(city, one.started_at), "until": local(city, one.promised_at),
            "late": one.promised_at is not None and one.promised_at < now,
            "url": url_for("ticket.show", number=one.ticket) if one.ticket else url_of(city, one.site),
            "outline": orjson.loads(one.outline) if one.outline else None,
        },
    }  # fmt: skip
