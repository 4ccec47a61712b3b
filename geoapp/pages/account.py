"""/account: one's own data, rights in words, and the password."""

from __future__ import annotations

from typing import Final

from email_validator import EmailNotValidError, validate_email
from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geoapp.errors import PasswordRefused
from geoapp.pages.parts import here, own, who
from geoapp.pages.parts.asked import Fields
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.language import COOKIE, LANGUAGES, YEAR
from geoapp.people import entering
from geoapp.store import accounts
from geoapp.store.acting import Identity, acting

WHO: Final = "whoever has signed in in person, about the own account alone"
RIGHT: Final = who.ANY_ACCOUNT
page = site_page(__name__, RIGHT)


@page.get("/account")
def show() -> Response:
    """Show the account."""
    return own.account_page()


@page.post("/account/data")
def change_data() -> AnyResponse:
    """Change address, telephone and language; an address, to which password links go, only with the password."""
    me = own.keeper()
    fields = Fields(request.form.to_dict())
    email, phone = fields.text("email", 254), fields.text("phone", 40)
    language = fields.text("language")
    email = _address(fields, email) if email else ""
    wrong = next(iter(fields.errors.values()), "")
    with acting(here.web(), Identity(me.account_id)) as connection:
        before = accounts.read(connection, me.account_id)
    assert before is not None  # who has signed in has an account
    if not wrong and email != before.email:
        wrong = own.not_confirmed(me)
    if wrong:
        return own.account_page(422, wrong=("data", wrong), values=request.form)
    spoken = language if language in LANGUAGES else before.language
    with acting(here.web(), Identity(me.account_id)) as connection:
        accounts.change(connection, me.account_id, email=email, phone=phone, language=spoken)
    response = redirect(url_for("account.show", done="data"), 303)
    response.set_cookie(COOKIE, spoken, max_age=YEAR, httponly=True, samesite="Lax", secure=here.settings().https)
    return response


def _address(fields: Fields, email: str) -> str:
    try:
        return validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError:
        return fields.refuse("email", _("This is no e-mail address."))


@page.post("/account/password")
def change_password() -> AnyResponse:
    """Set another password; every other session ends, and every token but where they are to be kept."""
    me = own.keeper()
    if wrong := own.not_confirmed(me):
        return own.account_page(422, wrong=("password", wrong))
    try:
        with acting(here.web(), Identity(me.account_id)) as connection:
            entering.set_password(
                connection, me.account_id, request.form.get("password", ""), (me.login, me.name),
                keep=who.session_id(), keep_tokens=not me.must_change and request.form.get("keep_tokens") == "yes",
            )  # fmt: skip
    except PasswordRefused as error:
        return own.account_page(422, wrong=("password", _(error.detail)))
    return redirect(url_for("account.show", done="password"), 303)
