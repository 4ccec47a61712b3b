"""/tickets/<number>/moves: what somebody may do with a ticket now, a form each; works without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geoapp.errors import BadField, ChildrenOpen, Conflict, MovedMeanwhile, NotFound
from geoapp.pages.parts import here, moving, who
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.failures import fields_of
from geoapp.pages.parts.language import named
from geoapp.pages.parts.map_view import frame
from geoapp.pages.parts.naming import title
from geoapp.store import acting, subjects
from geoapp.store.queries import matters
from geoapp.tickets.work import Doer, about, by_account

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
    asker = _doer()
    with here.connect() as connection:
        acting.act(connection, asker.identity)
        subject = subjects.read(connection, [number]).get(number) if storable(number) else None
        if subject is None or not (subject.public or asker.sees(about(subject, asker))):
            raise NotFound()
        city = here.city_of(connection, subject.city_id)
        found = moving.standing(connection, city, number, asker, who.sight())
        names = matters.matter_names(connection, {subject.matter_id} if subject.matter_id else set())
        context: dict[str, Any] = {
            "number": number, "title": title(named(names.get(subject.matter_id or 0)), ""),
            "state": subject.state, "version": found.told["version"], "marks": found.told["marks"],
            "late": subject.late, "public": subject.public,
            "forms": moving.forms(connection, city, found, values, errors),
            "matters": moving.all_matters(connection, city, found.offered),
            "dispute": moving.precedents(connection, city, found),
            "wrong": wrong or errors.get("") or (_("Something is not right yet.") if errors else ""),
            "meanwhile": moving.meanwhile(city, late) if late else [],
            "done": _done(request.args.get("done", "")), "opened": moving.number(request.args.get("opened", "")),
            **frame(connection, city),
        }  # fmt: skip
    response = make_response(render_template("moves.html", **context), status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _done(name: str) -> str:
    return moving.label(name)
