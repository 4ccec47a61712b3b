"""/sign-in/provider: to the provider of identities, and back with who it is; an account is matched, never made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog
from authlib.common.errors import AuthlibBaseError
from flask import request, session, url_for
from flask_babel import gettext as _
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response as AnyResponse

from geoapp.errors import NotFound
from geoapp.pages.parts import here, provider, who
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.sign_in import form, go_on
from geoapp.store import accounts
from geoapp.store.acting import Identity, acting

WHO: Final = "everybody, where a provider is set"
page = site_page(__name__)

LOG: Final = structlog.get_logger(__name__)

_BACK: Final = "provider_back"
_FAILED: Final = (AuthlibBaseError, JoseError, RequestException, ValueError, KeyError)
"""What goes wrong on the way: the provider is away, refuses, or says what cannot be believed."""


@page.get("/sign-in/provider")
def go() -> AnyResponse:
    """Lead to the provider."""
    if not provider.name():
        raise NotFound()
    session[_BACK] = who.way_back(request.args.get("back"))
    back_to = here.settings().public_url + url_for("sign_in_provider.come_back")
    try:
        answer: AnyResponse = provider.client().authorize_redirect(back_to)
    except _FAILED as error:
        return _failed(error)
    return answer


@page.get("/sign-in/provider/back")
def come_back() -> AnyResponse:
    """Take in what the provider says, and sign in whose account that is."""
    if not provider.name():
        raise NotFound()
    try:
        client = provider.client()
        # State, the proof of the code (PKCE), signature, audience, age and nonce are looked at in here.
        told: Mapping[str, Any] = client.authorize_access_token()["userinfo"]
        issuer = client.load_server_metadata()["issuer"]
    except _FAILED as error:
        return _failed(error)
    if str(issuer).rstrip("/") != here.settings().oidc_issuer or told.get("iss") != issuer:
        return _failed(ValueError("issuer"))
    back = who.way_back(session.get(_BACK))
    found = _account(f"{issuer}|{told['sub']}", told)
    if found is None:
        LOG.warning("unknown to us", issuer=issuer)
        return form(back, wrong=_("Nobody here has an account for this identity. Ask an administrator."), status=403)
    return go_on(found, back)


def _account(subject: str, told: Mapping[str, Any]) -> int | None:
    """The account that was tied to the subject; else the one of an address the provider has verified, tied now."""
    email = str(told.get("email") or "")
    if not storable(subject) or not storable(email):
        return None
    with here.connect() as connection:
        known = accounts.by_subject(connection, subject)
        addressed = (
            accounts.by_email(connection, email) if known is None and told.get("email_verified") is True else None
        )
    if known is not None or addressed is None:
        return known
    with acting(here.web(), Identity(addressed[0])) as connection:
        account = accounts.read(connection, addressed[0])
        if account is None or account.subject is not None:
            # It is another identity's: an address that has changed hands does not carry the account along.
            return None
        accounts.change(connection, account.id, subject=subject)
    return addressed[0]


def _failed(error: Exception) -> AnyResponse:
    LOG.warning("provider", error=type(error).__name__)
    return form("/", wrong=_("Signing in there did not work. Please try again, or use login and password."), status=502)
