"""/healthz: this process answers."""

from __future__ import annotations

from typing import Final

from flask import Response

from geoapp.pages.parts.answers import answer
from geoapp.pages.parts.blueprint import site_page

WHO: Final = "everybody"
page = site_page(__name__)


@page.get("/healthz")
def show() -> Response:
    """Say that we live."""
    return answer({"status": "ok"}, cache="no-store")
