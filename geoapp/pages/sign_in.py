"""/sign-in: by login and password, and a second factor where one is set up; and to a provider of identities."""

from __future__ import annotations

import time
from typing import Final

from flask import Response, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geoapp.errors import TooManyTries
from geoapp.pages.parts import here, own, provider, tries, who
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.map_view import frame
from geoapp.people import entering
from geoapp.store import accounts
from geoapp.store.accounts import Door
from geoapp.store.acting import Identity, acting

WHO: Final = "everybody"
page = site_page(__name__)

_HALF: Final = "half"
"""The session's word for a password that was right while the second factor is still missing."""

_HALF_LASTS_S: Final = 300


@page.get("/sign-in")
def show() -> AnyResponse:
    """Show the form; whoever has signed in is led on."""
    back = who.way_back(request.args.get("back"))
    if who.person() is not None:
        return redirect(back)
    return form(back, done=request.args.get("done") == "password")


@page.post("/sign-in")
def take_in() -> AnyResponse:
    """Check login and password; go on, or ask for the second factor."""
    back = who.way_back(request.form.get("back"))
    login, password = request.form.get("login", ""), request.form.get("password", "")
    known = entering.login_of(login) if storable(login) else ""
    try:
        tries.count("login", known)
    except TooManyTries as error:
        return form(back, login, _(error.message), error.status)
    found = entering.by_password(here.web(), known, password)
    if found is None:
        return form(back, login, _("Login and password do not go together."), 401)
    tries.forgive("login", known)
    if found.totp is None:
        return go_on(found.account_id, back)
    session[_HALF] = {"login": found.login, "of": _mark(found), "at": int(time.time()), "back": back}
    return redirect(url_for("sign_in.show_code"), 303)


@page.get("/sign-in/code")
def show_code() -> AnyResponse:
    """Ask for the second factor."""
    return redirect(url_for("sign_in.show")) if _half() is None else _code_form()


@page.post("/sign-in/code")
def take_code() -> AnyResponse:
    """Check the second factor."""
    found = _half()
    if found is None:
        return redirect(url_for("sign_in.show"), 303)
    try:
        tries.count("code", found.login)
    except TooManyTries as error:
        return _code_form(_(error.message), error.status)
    if not entering.by_code(here.web(), found, request.form.get("code", "")[:40], own.key()):
        return _code_form(_("This code is not right, or was used before."), 401)
    tries.forgive("code", found.login)
    return go_on(found.account_id, who.way_back(session[_HALF]["back"]))


def go_on(account_id: int, back: str) -> AnyResponse:
    """Begin a session and go where it was meant to go; a password that somebody else has chosen is changed first."""
    who.sign_in(account_id)
    with acting(here.web(), Identity(account_id)) as connection:
        person = accounts.person(connection, account_id)
    return redirect(url_for("account.show", _anchor="password") if person and person.must_change else back, 303)


def _mark(found: Door) -> str:
    """Changes with the password: half a sign-in does not outlive it."""
    return (found.password or "")[-16:]


def _half() -> Door | None:
    """Who has shown the password, not longer ago than a code takes to be typed."""
    half = session.get(_HALF)
    if not isinstance(half, dict) or time.time() - half["at"] > _HALF_LASTS_S:
        return None
    with here.connect() as connection:
        found = accounts.door(connection, half["login"])
    return found if found is not None and found.totp is not None and _mark(found) == half["of"] else None


def form(back: str, login: str = "", wrong: str = "", status: int = 200, done: bool = False) -> Response:
    """The form, with what was wrong; done: a password was set just now."""
    return _page("sign_in.html", status, back=back, login=login, wrong=wrong, done=done, provider=provider.name())


def _code_form(wrong: str = "", status: int = 200) -> Response:
    return _page("sign_in_code.html", status, wrong=wrong)


def _page(template: str, status: int, **told: object) -> Response:
    with here.connect() as connection:
        html = render_template(template, **told, **frame(connection, own.first_city(connection)))
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response
