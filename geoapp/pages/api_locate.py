"""GET /api/locate: where is it? What a text means as a place, the areas it lies in, and why; nothing is guessed."""

from __future__ import annotations

from typing import Final

from flask import Response, request
from flask_babel import gettext as _

from geoapp.intake.stages import locate_words
from geoapp.pages.parts import here
from geoapp.pages.parts.answers import answer
from geoapp.pages.parts.asked import Fields
from geoapp.pages.parts.blueprint import api_page
from geoapp.pages.parts.language import language
from geoapp.pages.parts.locating import tell_answer

WHO: Final = "everybody"
LONGEST: Final = 500
page = api_page(__name__)


@page.get("/api/locate")
def show() -> Response:
    """Say where words mean."""
    fields = Fields(request.args)
    words = fields.text("q", LONGEST)
    if not words:
        fields.refuse("q", _("This is needed."))
    with here.connect() as connection:
        city = here.city(connection)
        fields.check()
        found = locate_words(connection, city, words)
    return answer({**found.as_dict(language()), **tell_answer(found.located)})
