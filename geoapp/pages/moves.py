"""/tickets/<number>/moves: what somebody may do with a ticket now, a form each; works without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geoapp.errors import BadField, ChildrenOpen, Conflict, MovedMeanwhile
from geoapp.pages.parts import here, moving, who
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.failures import fields_of
from geoapp.pages.parts.map_view import frame
from geoapp.pages.parts.telling import tell_all
from geoapp.tickets.work import Doer, by_account

WHO: Final = "whoever has signed in, with the moves that are theirs to make"
RIGHT: Final = who.ANY_ACCOUNT
page = site_page(__name__, RIGHT)


@page.get("/tickets/<number>/moves")
def show(number: str) -> Response:
    """Show what may be done."""
    return _page(number, {"move": request.args.get("move", "")}, {})


@page.post("/tickets/<number>/moves")
def take_in(number: str) -> AnyResponse:
    """Make a move, or show the forms again with what is wrong, or with what happened meanwhile."""
    words = moving.words_of_form()
    try:
        done = moving.make(_doer(), number, words)
    except BadField as error:
        return _page(number, words, fields_of(error), status=error.status)
    except MovedMeanwhile as error:
        return _page(number, words, {}, _(error.message), error, error.status)
    except Conflict as error:
        below = error.facts["children"] if isinstance(error, ChildrenOpen) else []
        return _page(number, words, {}, " ".join([_(error.message), *map(str, _listed(below))]), status=error.status)
    return redirect(url_for("moves.show", number=number, done=done.move, opened=done.opened), 303)


def _listed(found: object) -> Sequence[str]:
    return found if isinstance(found, list) else []


def _doer() -> Doer:
    return by_account(who.account())


def _page(
    number: str, values: Mapping[str, str], errors: Mapping[str, str], wrong: str = "",
    late: MovedMeanwhile | None = None, status: int = 200,
) -> Response:  # fmt: skip
    with here.connect() as connection:
        city, story, found = tell_all(connection, number)
        context: dict[str, Any] = {
            "number": number, "story": story, "title": story["title"], "state": found.subject.state,
            "version": found.subject.version, "marks": story["marks"], "late": story["late"],
            "forms": moving.forms(connection, city, found, values, errors),
            "matters": moving.all_matters(connection, city, found.offered),
            "dispute": moving.precedents(connection, city, found),
            "wrong": wrong or errors.get("") or (_("Something is not right yet.") if errors else ""),
            "meanwhile": moving.meanwhile(city, late) if late else [],
            "done": moving.label(request.args.get("done", "")),
            "opened": moving.number(request.args.get("opened", "")),
            **frame(connection, city),
        }  # fmt: skip
    response = make_response(render_template("moves.html", **context), status)
    response.headers["Cache-Control"] = "private, no-store"
    return response
