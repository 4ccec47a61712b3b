"""/demo: what a demo city is, the roles it can be entered in, and its tour; there is none of a city without a demo."""

from __future__ import annotations

from typing import Final

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from geoapp.demo import people
from geoapp.errors import NotFound
from geoapp.pages.parts import here, visiting, who
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.language import named
from geoapp.pages.parts.map_view import frame
from geoapp.records import Role

WHO: Final = "everybody, where a demo was loaded"
page = site_page(__name__)


@page.get("/demo")
def show() -> Response:
    """Show the stories and the roles."""
    with here.connect() as connection:
        city = here.city(connection)
        steps = visiting.of_city(city)
        if not steps:
            raise NotFound()
        told = [
            {
                "name": named(step.names), "sentence": named(step.sentences),
                "url": visiting.url_of_step(connection, city, nth, step),
            }
            for nth, step in enumerate(steps, 1)
        ]  # fmt: skip
        parts = visiting.PARTS if visiting.may_be_played(city) else ()
        html = render_template("demo.html", steps=told, parts=parts, **frame(connection, city))
    response = make_response(html)
    # It holds a form's secret.
    response.headers["Cache-Control"] = "no-store"
    return response


@page.post("/demo")
def enter() -> AnyResponse:
    """Enter a role, and be led to where it begins."""
    with here.connect() as connection:
        city = here.city(connection)
    steps = visiting.of_city(city)
    part = next((one for one in visiting.PARTS if one.role == request.form.get("role")), None)
    if part is None or not steps or not visiting.may_be_played(city):
        raise NotFound()
    office = visiting.office_of(steps)
    if part.role == Role.ADMINISTRATOR:
        people.settle(here.web(), city, [one.role for one in visiting.PARTS], office)
    who.sign_in(people.enter(here.web(), city, part.role, office))
    return redirect(visiting.home(city, part, office), 303)
