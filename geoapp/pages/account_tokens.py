"""/account/tokens: tokens by which programs ask the API in one's name, made with scopes and an end, and ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geoapp.errors import NotAllowed, NotFound
from geoapp.pages.parts import here, own
from geoapp.pages.parts.asked import Fields, whole
from geoapp.pages.parts.blueprint import site_page
from geoapp.people import secrets
from geoapp.store import sessions
from geoapp.store.acting import Identity, acting

WHO: Final = "whoever has signed in in person and may use tokens"
RIGHT: Final = "use_api"
page = site_page(__name__, RIGHT)

MOST_DAYS: Final = 366


@page.post("/account/tokens")
def make() -> AnyResponse:
    """Make a token; it is shown once, in this answer."""
    me = own.keeper()
    fields = Fields(request.form.to_dict())
    name = fields.text("name", 80) or fields.refuse("name", _("Give it a name."))
    days = fields.read("days", lambda word: whole(word, 1, MOST_DAYS), _("A token holds for 1 to 366 days."))
    asked = request.form.getlist("scope")
    if set(asked) - {one["code"] for one in own.scopes(me)}:
        raise NotAllowed()
    if not asked:
        fields.refuse("scope", _("Choose what it may be used for."))
    if wrong := next(iter(fields.errors.values()), "") or own.not_confirmed(me):
        return own.account_page(422, wrong=("tokens", wrong), values=request.form)
    secret = secrets.new(secrets.TOKEN_PREFIX)
    with acting(here.web(), Identity(me.account_id)) as connection:
        # Whatever it is used for, it is used at the API.
        held = sorted({*asked, "use_api"})
        sessions.make_token(connection, me.account_id, name, secret.digest, held, timedelta(days=days or 30))
    return own.account_page(token=secret.shown, done="token")


@page.post("/account/tokens/<int:token_id>/end")
def end(token_id: int) -> AnyResponse:
    """End a token."""
    me = own.keeper()
    with acting(here.web(), Identity(me.account_id)) as connection:
        if token_id >= 1 << 31 or not sessions.end_token(connection, me.account_id, token_id):
            raise NotFound()
    return redirect(url_for("account.show", done="token_ended", _anchor="tokens"), 303)
