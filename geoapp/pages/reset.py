"""/reset: a way back for whoever has forgotten the password: a link by mail, good once and not for long."""

from __future__ import annotations

import smtplib
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog
from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from geoapp.errors import PasswordRefused, TooManyTries
from geoapp.notices.mail import Letter, send
from geoapp.pages.parts import here, own, tries
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.map_view import frame
from geoapp.people import entering, passwords, secrets
from geoapp.settings import Settings
from geoapp.store import accounts, sessions
from geoapp.store.acting import Identity, acting

WHO: Final = "everybody; a link is for whoever holds it"
page = site_page(__name__)

LOG: Final = structlog.get_logger(__name__)

POST: Final = ThreadPoolExecutor(1, "post")
"""Addresses are looked up and letters sent beside the request: how long that takes would tell which are known."""


@page.get("/reset")
def show() -> Response:
    """Ask for the address."""
    return _page("reset.html", mailing=bool(here.settings().smtp_host))


@page.post("/reset")
def take_in() -> Response:
    """Say that a letter is on its way, whether there is such an address or not."""
    settings = here.settings()
    email = request.form.get("email", "").strip()
    try:
        tries.count("reset", email.casefold() if storable(email) else "")
    except TooManyTries as error:
        return _page("reset.html", error.status, mailing=bool(settings.smtp_host), wrong=_(error.message))
    if settings.smtp_host and email and len(email) <= 254 and storable(email):
        POST.submit(_write, here.web(), settings, email, _letters())
    return _page("reset.html", mailing=bool(settings.smtp_host), sent=True)


@page.get("/reset/<token>")
def show_link(token: str) -> Response:
    """Ask for the new password."""
    return _link(token)


@page.post("/reset/<token>")
def take_password(token: str) -> AnyResponse:
    """Set the password, and lead to the door."""
    try:
        done = entering.by_link(here.web(), token, request.form.get("password", ""))
    except PasswordRefused as error:
        return _link(token, 422, _(error.detail))
    if done is None:
        return _link(token)
    return redirect(url_for("sign_in.show", done="password"), 303)


def _link(token: str, status: int = 200, wrong: str = "") -> Response:
    with here.connect() as connection:
        found = sessions.of_link(connection, secrets.digest(token))
    login = found[1] if found else None
    return _page("reset_link.html", status if found else 404, login=login, wrong=wrong, least=passwords.LEAST)


def _page(template: str, status: int = 200, **told: object) -> Response:
    with here.connect() as connection:
        html = render_template(template, **told, **frame(connection, own.first_city(connection)))
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _letters() -> dict[str, tuple[str, str]]:
    """Subject and text by language, said now: beside the request there is no language."""
    letters = {}
    for language in ("zh", "en"):
        with force_locale(language):
            text = _(
                "Somebody has asked for a new password for your account. With this link you set one; it is good once, "
                "for 30 minutes:\n\n%(link)s\n\nIf it was not you, leave it: your password stays as it is.\n",
                link="{link}",
            )
            letters[language] = (_("Set a new password"), text)
    return letters


def _write(engine: Engine, settings: Settings, email: str, letters: dict[str, tuple[str, str]]) -> None:
    try:
        with engine.connect() as connection:
            found = accounts.by_email(connection, email)
        if found is None:
            return
        account_id, language = found
        with acting(engine, Identity(account_id)) as connection:
            account = accounts.read(connection, account_id)
            secret = entering.link(connection, account_id, entering.RESET_LASTS)
        assert account is not None  # found just now
        subject, text = letters[language]
        # To the address that is kept, not as somebody has typed it.
        send(settings, Letter(account.email, subject, text.format(link=f"{settings.public_url}/reset/{secret.shown}")))
    except (OSError, ValueError, smtplib.SMTPException, SQLAlchemyError) as error:
        LOG.error("letter not sent", error=type(error).__name__)
