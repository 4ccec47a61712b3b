"""The language a caller reads: asked for, remembered, an account's, preferred by the browser, else the city's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Flask, Response, g, request
from flask_babel import Babel
from sqlalchemy.exc import SQLAlchemyError

from geoapp.city import called
from geoapp.pages.parts import here
from geoapp.records import Person

LANGUAGES: Final = ("zh", "en")
COOKIE: Final = "lang"
YEAR: Final = 365 * 24 * 3600


def prepare(app: Flask) -> None:
    """Teach the application its languages; two catalogues, the templates' and the errors', lie in one folder."""
    app.config.update(BABEL_TRANSLATION_DIRECTORIES="translations;translations", BABEL_DOMAIN="messages;errors")
    Babel(app, locale_selector=language)
    app.after_request(_remember)
    app.context_processor(lambda: {"lang": language()})


def language() -> str:
    """zh or en."""
    if not hasattr(g, "language"):
        g.language = _asked() or _remembered() or _chosen() or _preferred() or _citys()
    return str(g.language)


def named(names: Mapping[str, str] | None, fallback: str = "") -> str:
    """A thing's name in the caller's language, else in any it has."""
    return called(names, language(), fallback) if names else fallback


def _asked() -> str | None:
    value = request.args.get("lang", "")
    return value if value in LANGUAGES else None


def _remembered() -> str | None:
    value = request.cookies.get(COOKIE, "")
    return value if value in LANGUAGES else None


def _chosen() -> str | None:
    """The language of whoever has signed in; a demo's account is everybody's."""
    found = g.get("person")
    return found.language if isinstance(found, Person) and not found.demo else None


def _preferred() -> str | None:
    if not request.accept_languages:
        return None
    # zh-CN, zh-Hans-CN, zh-TW: all read zh.
    ranked = (value.lower().split("-")[0] for value, quality in request.accept_languages if quality > 0)
    return next((value for value in ranked if value in LANGUAGES), None)


def _citys() -> str:
    try:
        with here.connect() as connection:
            loaded = here.cities(connection)
    except SQLAlchemyError:
        # The page that says the database is away needs a language too.
        return LANGUAGES[1]
    spoken = (word for city in loaded[:1] for word in city.languages)
    return next((word for word in spoken if word in LANGUAGES), LANGUAGES[1])


def _remember(response: Response) -> Response:
    if request.endpoint == "static":
        # A script or a picture speaks no language, and to find one out may cost a question.
        return response
    if (asked := _asked()) and request.cookies.get(COOKIE) != asked and not request.path.startswith("/api/"):
        secure = here.settings().https
        response.set_cookie(COOKIE, asked, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)
    response.headers["Content-Language"] = language()
    response.vary.update(("Accept-Language", "Cookie"))
    return response
