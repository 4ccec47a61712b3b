"""/readyz: the database answers too, so requests can be served."""

from __future__ import annotations

from typing import Final

from flask import Response
from sqlalchemy.exc import SQLAlchemyError

from geoapp.pages.parts import here
from geoapp.pages.parts.answers import answer
from geoapp.pages.parts.blueprint import site_page
from geoapp.store.queries import health

WHO: Final = "everybody"
page = site_page(__name__)


@page.get("/readyz")
def show() -> Response:
    """Say whether we can serve."""
    try:
        with here.connect() as connection:
            health.ready(connection)
    except SQLAlchemyError:
        return answer({"status": "unavailable"}, 503, cache="no-store")
    return answer({"status": "ok"}, cache="no-store")
