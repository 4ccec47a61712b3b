"""/account: one's own data and rights, and all by which one enters: password, second factor, sessions, tokens."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, make_response, render_template

from geoapp.pages.parts import here, who
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.language import language
from geoapp.pages.parts.map_view import frame
from geoapp.pages.sign_in import first_city
from geoapp.people.rights import rights_in_words
from geoapp.store import accounts
from geoapp.store.acting import Identity, acting

WHO: Final = "whoever has signed in in person, about the own account alone"
RIGHT: Final = who.ANY_ACCOUNT
page = site_page(__name__, RIGHT)


@page.get("/account")
def show() -> Response:
    """Show the account."""
    return account_page()


def account_page(status: int = 200, **told: Any) -> Response:
    """The page, with what has just been done or what was wrong."""
    me = who.account()
    with acting(here.web(), Identity(me.account_id)) as connection:
        own = accounts.read(connection, me.account_id)
        html = render_template(
            "account.html", own=own, rights=rights_in_words(me, language()), **told,
            **frame(connection, first_city(connection)),
        )  # fmt: skip
    return make_response(html, status)
