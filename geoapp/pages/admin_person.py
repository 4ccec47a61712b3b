"""/admin/people/<login>: one account: its roles given and taken, its ways in, what it may do, what was done to it."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Final

import structlog
from flask import Response, redirect, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geoapp.errors import BadField, Conflict, GeoappError, NotAllowed, UnknownAccount, UnknownUnit
from geoapp.notices.mail import Letter, send
from geoapp.pages.admin_people import read_post
from geoapp.pages.parts import here, person_page
from geoapp.pages.parts.admin import by
from geoapp.pages.parts.asked import Fields, storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.failures import fields_of
from geoapp.pages.parts.language import LANGUAGES
from geoapp.pages.reset import POST
from geoapp.people import keeping
from geoapp.settings import Settings
from geoapp.store.accounts import Account
from geoapp.store.acting import acting

WHO: Final = "who looks after people, about the people of their cities"
RIGHT: Final = "manage_people"
page = site_page(__name__, RIGHT)

LOG: Final = structlog.get_logger(__name__)


@page.get("/admin/people/<login>")
def show(login: str) -> Response:
    """Show an account."""
    if not storable(login):
        raise UnknownAccount()
    return person_page.show(login, done=request.args.get("done", ""))


def _do(login: str, part: str, deed: Callable[[], object], done: str) -> AnyResponse:
    """Do it and show the page again; where it cannot be done, with the reason."""
    if not storable(login):
        raise UnknownAccount()
    try:
        deed()
    except UnknownAccount:
        raise
    except (BadField, Conflict, NotAllowed, UnknownUnit) as error:
        # What is none of theirs at all is not told of in words.
        if type(error) is NotAllowed:
            raise
        return person_page.show(
            login, 422 if isinstance(error, BadField | UnknownUnit) else error.status, wrong=(part, _said(error)),
            values=request.form,
        )  # fmt: skip
    return redirect(url_for("admin_person.show", login=login, done=done, _anchor=part), 303)


def _said(error: GeoappError) -> str:
    """The first thing that is wrong, in words."""
    return str(_(next(iter(fields_of(error).values()), error.message)))


@page.post("/admin/people/<login>/data")
def change(login: str) -> AnyResponse:
    """Change what is known of the person."""

    def deed() -> None:
        fields = Fields(request.form.to_dict())
        name, email, phone = fields.text("name", 100), fields.text("email", 254), fields.text("phone", 40)
        if not name:
            fields.refuse("name", _("Say what the person is called."))
        if email and not person_page.is_address(email):
            fields.refuse("email", _("This is no e-mail address."))
        fields.check()
        spoken = request.form.get("language", "")
        more = {"language": spoken} if spoken in LANGUAGES else {}
        keeping.change(here.web(), login, by(), name=name, email=email, phone=phone, **more)

    return _do(login, "data", deed, "data")


@page.post("/admin/people/<login>/roles")
def give(login: str) -> AnyResponse:
    """Give a role; where it reaches further than whoever kept the account, with the link that sets a password anew."""
    link = ""

    def deed() -> None:
        nonlocal link
        fields, keeps = Fields(request.form.to_dict()), by()
        with acting(here.web(), keeps.identity) as connection:
            role, city, unit, until = read_post(connection, fields, request.form.to_dict())
        if role is None:
            fields.refuse("role", _("Choose a role."))
        fields.check()
        assert role is not None  # checked
        link = keeping.give(here.web(), login, role, city, unit or None, until, keeps).link

    answer = _do(login, "roles", deed, "given")
    return person_page.show(login, link=link, done="set_back") if link else answer


@page.post("/admin/people/<login>/roles/<int:role_id>/end")
def take(login: str, role_id: int) -> AnyResponse:
    """Take a role."""
    reason = _reason()
    return _do(login, "roles", lambda: keeping.take_held(here.web(), login, role_id, reason, by()), "taken")


@page.post("/admin/people/<login>/lock")
def lock(login: str) -> AnyResponse:
    """Let nobody in by this account."""
    reason = _reason()
    return _do(login, "ways", lambda: keeping.lock(here.web(), login, locked=True, reason=reason, by=by()), "locked")


@page.post("/admin/people/<login>/unlock")
def unlock(login: str) -> AnyResponse:
    """Let the account in again."""
    return _do(login, "ways", lambda: keeping.lock(here.web(), login, locked=False, by=by()), "unlocked")


@page.post("/admin/people/<login>/sign-out")
def sign_out(login: str) -> AnyResponse:
    """End all its sessions."""
    return _do(login, "ways", lambda: keeping.sign_out(here.web(), login, by()), "signed_out")


@page.post("/admin/people/<login>/link")
def link(login: str) -> AnyResponse:
    """Make a link that sets a password: sent by mail, or shown once."""
    made = ""

    def deed() -> None:
        nonlocal made
        drop = request.form.get("drop_factor") == "yes"
        made = keeping.set_password(here.web(), login, None, drop_factor=drop, by=by()).link

    answer = _do(login, "ways", deed, "mailed")
    if not made:
        return answer
    keeps, settings = by(), here.settings()
    with acting(here.web(), keeps.identity) as connection:
        account = keeping.account_of(connection, login, keeps)
    if request.form.get("way") == "mail" and settings.smtp_host and account.email:
        post_link(settings, account, made)
        return answer
    return person_page.show(login, link=made, done="link")


def post_link(settings: Settings, account: Account, secret: str) -> None:
    """Send the link beside the request, in the language of whoever reads it."""
    with force_locale(account.language):
        text = _(
            "An account has been set up, or its password set back, for you (%(login)s). With this link you set your "
            "password; it is good once, for 7 days:\n\n%(link)s\n",
            login=account.login, link=f"{settings.public_url}/reset/{secret}",
        )  # fmt: skip
        letter = Letter(account.email, _("Set your password"), text)
    POST.submit(_send, settings, letter)


def _send(settings: Settings, letter: Letter) -> None:
    try:
        send(settings, letter)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        LOG.error("letter not sent", error=type(error).__name__)


def _reason() -> str:
    reason = request.form.get("reason", "").strip()[: keeping.LONGEST_REASON]
    return reason if storable(reason) else ""
