"""/areas/<city>/<layer>/<code>: one area: its outline, how its tickets stand, and the newest of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from flask import Response, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Connection

from geoapp.assign.recurrence import WINDOW
from geoapp.city import City
from geoapp.errors import NotFound
from geoapp.pages.api_tickets import brief
from geoapp.pages.parts import here, who
from geoapp.pages.parts.answers import local
from geoapp.pages.parts.asked import check_words, storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.durations import duration
from geoapp.pages.parts.language import named
from geoapp.pages.parts.map_view import on_map
from geoapp.pages.parts.naming import Names
from geoapp.pages.parts.sites import tell_sites, url_of
from geoapp.store.queries import areas, clusters, sites, tickets
from geoapp.store.queries.areas import Portrait
from geoapp.store.queries.filters import Filters

WHO: Final = "everybody"
NEWEST: Final = 10
REPEATS: Final = 8
RECENT: Final = timedelta(days=30)
# Some ten metres, less than a line's width where a whole area is seen.
TOLERANCE: Final = 1e-4
page = site_page(__name__)


@page.get("/areas/<city_code>/<layer>/<path:code>")
def show(city_code: str, layer: str, code: str) -> Response:
    """Show an area."""
    check_words(request.args, {"lang"}, others=True)
    if not all(map(storable, (city_code, layer, code))):
        raise NotFound()
    with here.connect() as connection:
        city = here.city(connection, city_code)
        extent = areas.extent(connection, city.id, layer, code)
        portrait = areas.newest(connection, city.id, layer, code, TOLERANCE)
        if extent is None or portrait is None:
            raise NotFound()
        asked = Filters(city.id, area_keys=(extent.key_id,), area_box=extent.box, sight=who.sight())
        lines, _after = tickets.page(connection, asked, NEWEST)
        names, now = Names(connection, city, lines), datetime.now(UTC)
        context = {
            "area": _told(city, layer, code, portrait),
            "standing": clusters.standing(connection, asked, now - RECENT),
            "newest": [brief(city, line, names) for line in lines],
            "repeats": _repeats(connection, city, replace(asked, since=now - WINDOW)),
            **_on_map(connection, city, f"{layer}/{code}", portrait),
        }
    response = make_response(render_template("area.html", **context))
    response.headers["Cache-Control"] = "no-cache"
    return response


def _repeats(connection: Connection, city: City, asked: Filters) -> list[dict[str, Any]]:
    """The sites of the area where one matter came up most often within the window."""
    found = sites.repeats(connection, asked, most=REPEATS)
    called = tell_sites(connection, city, [one.site for one in found])
    return [
        {
            "site": told["text"], "url": url_of(city, one.site), "matter": named(one.matter_names),
            "times": _("%(n)s times in %(span)s", n=one.times, span=duration(one.last - one.first)), "n": one.times,
            "last": local(city, one.last),
        }
        for one, told in zip(found, called, strict=True)
    ]  # fmt: skip


def _told(city: City, layer: str, code: str, portrait: Portrait) -> dict[str, Any]:
    label = next((spec.label for spec in city.layers if spec.name == layer), None)
    return {
        "word": f"{layer}/{code}",
        "name": named(portrait.names, code),
        "label": named(label, layer),
        "quality": portrait.quality,
        "in_force": portrait.in_force,
    }


def _on_map(connection: Connection, city: City, word: str, portrait: Portrait) -> dict[str, Any]:
    """The city's map, to be fitted to the area."""
    context = on_map(connection, city)
    shown = {"area": word, "fit": portrait.box.as_list(), "outline": orjson.loads(portrait.geometry)}
    context["config_data"] |= shown
    return context
