"""/account/sessions: where one is signed in, ended one by one or everywhere else."""

from __future__ import annotations

from typing import Final

from flask import redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from geoapp.errors import NotFound
from geoapp.pages.parts import here, own, who
from geoapp.pages.parts.blueprint import site_page
from geoapp.store import sessions
from geoapp.store.acting import Identity, acting

WHO: Final = "whoever has signed in in person, about the own account alone"
RIGHT: Final = who.ANY_ACCOUNT
page = site_page(__name__, RIGHT)


@page.post("/account/sessions/<int:session_id>/end")
def end(session_id: int) -> AnyResponse:
    """End one session."""
    me = own.keeper()
    with acting(here.web(), Identity(me.account_id)) as connection:
        if session_id >= 1 << 63 or not sessions.end_of(connection, me.account_id, session_id):
            raise NotFound()
    return redirect(url_for("account.show", done="session", _anchor="sessions"), 303)


@page.post("/account/sessions/end")
def end_others() -> AnyResponse:
    """End all sessions but this."""
    me = own.keeper()
    with acting(here.web(), Identity(me.account_id)) as connection:
        sessions.end_all(connection, me.account_id, who.session_id())
    return redirect(url_for("account.show", done="sessions", _anchor="sessions"), 303)
