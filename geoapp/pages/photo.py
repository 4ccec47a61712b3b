"""/photos/<uuid>.jpg: a photo of a ticket."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from flask import Response, send_file

from geoapp.errors import NotFound
from geoapp.intake.photo import place
from geoapp.pages.parts import here, who
from geoapp.pages.parts.blueprint import site_page
from geoapp.records import PUBLIC_ONLY
from geoapp.store import photos

WHO: Final = "whoever sees the ticket"
page = site_page(__name__)


@page.get("/photos/<uuid:photo_id>.jpg")
def show(photo_id: UUID) -> Response:
    """Give a photo."""
    path = place(here.settings().data_dir, photo_id)
    with here.connect() as connection:
        if not photos.visible(connection, photo_id, who.sight()) or not path.is_file():
            raise NotFound()
        # Whoever sees no more than everybody need not ask twice.
        for_all = who.sight() == PUBLIC_ONLY or photos.visible(connection, photo_id)
    # Not for ever: a ticket may cease to be public.
    response = send_file(path, mimetype="image/jpeg", max_age=3600)
    if not for_all:
        # What not everybody may see is kept by nobody on the way, nor in a browser that others use.
        response.headers["Cache-Control"] = "private, no-store"
    return response
