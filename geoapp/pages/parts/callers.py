"""Who calls, by token or as far as an address tells, known by a digest only; and how often a caller may file."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from typing import Final
from uuid import UUID

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix

from geoapp.pages.parts import here, who
from geoapp.settings import Settings
from geoapp.store import rates
from geoapp.store.rates import Counted

_FILING: Final = "filing"
# Some proxies write the port along: 192.0.2.1:4711, [2001:db8::1]:4711.
_WITH_PORT: Final = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+):\d+")


def prepare(app: Flask, settings: Settings) -> None:
    """Read addresses where the proxies write them, and tell callers how often they may still file."""
    if settings.trusted_proxies:
        # Nothing else of what they write is used, so nothing else is believed.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0, x_port=0, x_prefix=0
        )
    app.after_request(_tell)


def address() -> str:
    """The address that counts: of IPv6 the network, since one household has all of it."""
    told = request.remote_addr or "unknown"
    if found := _WITH_PORT.fullmatch(told):
        told = found[1] or found[2]
    try:
        parsed = ipaddress.ip_address(told.partition("%")[0])
    except ValueError:
        return told
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def digest(purpose: str) -> bytes:
    """The caller's address and a purpose under the installation's key: addresses are few, a plain digest hides none."""
    return _digest(purpose, address())


def client(purpose: str) -> bytes:
    """The same of whoever shows a token, by that: many stand behind one address, and one comes from many."""
    token = who.token_id()
    return digest(purpose) if token is None else _digest(purpose, f"token {token}")


def _digest(purpose: str, caller: str) -> bytes:
    key = current_app.secret_key
    assert isinstance(key, str)  # made by `security`
    return hmac.digest(key.encode(), f"{purpose}|{caller}".encode(), hashlib.sha256)


def count_filing() -> None:
    """Count one report of this caller's.

    Raises:
        TooManyRequests: these are more than one token, or one address without any, may file in an hour.
    """
    with here.web().begin() as connection:
        g.filing = rates.count(connection, UUID(bytes=client(_FILING)[:16]))
    if g.filing.n > here.settings().reports_per_hour:
        raise TooManyRequests(retry_after=g.filing.seconds_left)


def _tell(response: Response) -> Response:
    counted: Counted | None = g.get("filing")
    if counted is not None:
        most = here.settings().reports_per_hour
        response.headers["X-RateLimit-Limit"] = str(most)
        response.headers["X-RateLimit-Remaining"] = str(max(0, most - counted.n))
        response.headers["X-RateLimit-Reset"] = str(counted.seconds_left)
    return response
