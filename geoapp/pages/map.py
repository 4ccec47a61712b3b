"""/: the map of a city, its newest tickets beside it."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from geoapp.city import City
from geoapp.pages.api_tickets import brief
from geoapp.pages.parts import here, who
from geoapp.pages.parts.asked import OF_A_PAGE, check_words, filters, storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.form import CHOSEN, form
from geoapp.pages.parts.map_view import on_map
from geoapp.pages.parts.naming import Names
from geoapp.store.queries import ticket, tickets

WHO: Final = "everybody"
NEWEST: Final = 20
page = site_page(__name__)


@page.get("/")
def show() -> AnyResponse:
    """Show the map; a ticket's number in the search box leads to the ticket."""
    with here.connect() as connection:
        if number := _number(connection):
            return redirect(url_for("ticket.show", number=number))
        # Whoever comes to the door of several cities is shown the first, and the way to the others.
        loaded = here.cities(connection)
        home = request.args.get("city") or here.settings().city or (loaded[0].code if loaded else "")
        city = here.city(connection, home)
        return page_of(connection, city, None)


def page_of(connection: Connection, city: City, story: dict[str, Any] | None) -> Response:
    """The map page, with a ticket's panel open in it or not."""
    check_words(request.args, OF_A_PAGE, others=True)
    asked = filters(connection, city, request.args)
    lines, _following = tickets.page(connection, asked, NEWEST)
    names = Names(connection, city, lines)
    newest = [brief(city, line, names) for line in lines]
    chosen = form(connection, city, request.args, asked)
    rest = [pair for pair in request.args.items(multi=True) if pair[0] not in CHOSEN]
    context = on_map(connection, city)
    context["config_data"]["fit"] = asked.area_box and asked.area_box.as_list()
    html = render_template("map.html", ticket=story, newest=newest, rest=rest, **chosen, **context)
    response = make_response(html)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _number(connection: Connection) -> str | None:
    word = request.args.get("q", "").strip().upper()
    found = ticket.case(connection, word, who.sight()) if word and storable(word) else None
    return found.number if found else None
