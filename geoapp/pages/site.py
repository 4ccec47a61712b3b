"""/sites/<city>/<kind>/<key>: what happened at one place: an asset, a stretch of a road or a spot."""

from __future__ import annotations

from typing import Final

from flask import Response, make_response, render_template, request

from geoapp.pages.parts import here
from geoapp.pages.parts.asked import check_words
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.map_view import on_map
from geoapp.pages.parts.site_chart import chart
from geoapp.pages.parts.site_story import in_order, tell_site

WHO: Final = "everybody"
page = site_page(__name__)


@page.get("/sites/<city_code>/<kind>/<path:key>")
def show(city_code: str, kind: str, key: str) -> Response:
    """Show a site's history."""
    check_words(request.args, {"lang"}, others=True)
    with here.connect() as connection:
        city, story = tell_site(connection, city_code, kind, key)
        context = on_map(connection, city)
    marks = ("number", "title", "state", "outcome", "late", "lon", "lat")
    context["config_data"] |= {
        "shape": story["place"]["shape"], "at": [story["place"]["lon"], story["place"]["lat"]],
        "tickets": [{name: one[name] for name in marks} for one in story["tickets"]], "near": story["near"],
        "ground": context["view"].ground, "tiles": context["view"].tiles,
    }  # fmt: skip
    html = render_template("site.html", site=story, entries=in_order(story), chart=chart(story), **context)
    response = make_response(html)
    response.headers["Cache-Control"] = "no-cache"
    return response
