"""/account/factor: the second factor set up, with a picture to scan and codes to write down, or given up."""

from __future__ import annotations

from typing import Final

import segno
from flask import redirect, request, session, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from geoapp.pages.parts import here, own, who
from geoapp.pages.parts.blueprint import site_page
from geoapp.people import secrets
from geoapp.records import Person
from geoapp.store import accounts
from geoapp.store.acting import Identity, acting

WHO: Final = "whoever has signed in in person, about the own account alone"
RIGHT: Final = who.ANY_ACCOUNT
page = site_page(__name__, RIGHT)

_BEGUN: Final = "factor"
"""The session's word for a secret that is shown and not yet proved; kept as it would be in the database."""


@page.post("/account/factor")
def begin() -> AnyResponse:
    """Show a new secret as a picture; it holds when a code of it is typed."""
    me = own.keeper()
    if wrong := own.not_confirmed(me):
        return own.account_page(422, wrong=("factor", wrong))
    factor = secrets.new_factor()
    session[_BEGUN] = secrets.locked(factor, own.key())
    return _shown(me, factor)


@page.post("/account/factor/confirm")
def confirm() -> AnyResponse:
    """Take the secret in if a code of it is right; then the recovery codes are shown, once."""
    me = own.keeper()
    factor = secrets.opened(session.get(_BEGUN) or "", own.key())
    if factor is None:
        return redirect(url_for("account.show", _anchor="factor"), 303)
    step = secrets.step_of(factor, request.form.get("code", "")[:40])
    if step is None:
        return _shown(me, factor, _("This code is not right, or was used before."))
    codes = secrets.recovery_codes()
    with acting(here.web(), Identity(me.account_id)) as connection:
        accounts.change(
            connection, me.account_id, totp=session.pop(_BEGUN), totp_step=step,
            recovery=[secrets.recovery_digest(code, own.key()) for code in codes],
        )  # fmt: skip
    return own.account_page(codes=codes, done="factor")


@page.post("/account/factor/drop")
def drop() -> AnyResponse:
    """Sign in without a second factor again."""
    me = own.keeper()
    if wrong := own.not_confirmed(me):
        return own.account_page(422, wrong=("factor", wrong))
    with acting(here.web(), Identity(me.account_id)) as connection:
        accounts.change(connection, me.account_id, totp=None, totp_step=None, recovery=[])
    return redirect(url_for("account.show", done="dropped"), 303)


def _shown(me: Person, factor: str, wrong: str = "") -> AnyResponse:
    address = secrets.address_of(factor, me.login, "geoapp")
    # segno draws it of our own words alone.
    picture = Markup(segno.make(address, error="m").svg_inline(border=4, light="#fff", svgclass="qr", omitsize=True))  # noqa: S704
    spaced = " ".join(factor[at : at + 4] for at in range(0, len(factor), 4))
    told = ("confirm", wrong) if wrong else ("", "")
    return own.account_page(422 if wrong else 200, picture=picture, factor=spaced, wrong=told)
