"""/sign-out: ends the session; only a form of ours can ask for it."""

from __future__ import annotations

from typing import Final

from flask import redirect
from werkzeug.wrappers import Response as AnyResponse

from geoapp.pages.parts import who
from geoapp.pages.parts.blueprint import site_page

WHO: Final = "everybody; whoever has not signed in is led to the map"
page = site_page(__name__)


@page.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the session."""
    who.sign_out()
    return redirect("/", 303)
