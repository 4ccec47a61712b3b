"""Who asks: the person a cookie or a token belongs to, and the doors that let only the entitled through.

A page that not everybody may open says so by RIGHT, the action of people/rights.py it takes, or ANY_ACCOUNT; its
blueprint is made with it and asks before any of the page's own code runs. What a deed is about is asked by `check`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, g, request, session, url_for
from sqlalchemy import Connection

from geoapp.errors import NotAllowed, SignInNeeded, TokenInvalid
from geoapp.pages.parts import here
from geoapp.pages.parts.language import named
from geoapp.people import entering, rights, secrets
from geoapp.people.rights import ROLES, Of
from geoapp.records import Person, Sight
from geoapp.store import sessions
from geoapp.store.acting import Identity, acting
from geoapp.store.sessions import Known

P = ParamSpec("P")
R = TypeVar("R")

ANY_ACCOUNT: Final = "account"
"""The right of whoever has signed in, whatever the role."""

_API: Final = "/api/"
_READING: Final = ("GET", "HEAD", "OPTIONS")
_BEARER: Final = "Bearer "


def prepare(app: Flask) -> None:
    """Find out before each request who asks, and tell pages."""
    app.before_request(_look)
    app.after_request(_keep_private)
    app.context_processor(lambda: {"me": person(), "my_name": my_name, "door": sign_in_address})


def person() -> Person | None:
    """Who asks; None is anybody."""
    found = g.get("person")
    assert found is None or isinstance(found, Person)
    return found


def my_name() -> str:
    """What whoever asks is called; who plays a role in a demo, as the role is."""
    found = person()
    if found is None:
        return ""
    return named(ROLES[found.holdings[0].role]) if found.demo and found.holdings else found.name


def sight() -> Sight:
    """Which tickets whoever asks sees."""
    found: Sight | None = g.get("sight")
    if found is None:
        found = g.sight = rights.sight_of(person())
    return found


def account() -> Person:
    """Who asks, where somebody must have signed in in person; a token does not look after its own account.

    Raises:
        SignInNeeded, NotAllowed
    """
    found = person()
    if found is None:
        raise SignInNeeded()
    if found.scopes is not None:
        raise NotAllowed()
    return found


def session_id() -> int | None:
    """The session by whose cookie it is asked; None where it is asked by a token or by nobody."""
    known: Known | None = g.get("known")
    return known.session_id if known else None


def token_id() -> int | None:
    """The token by which it is asked; None where it is asked in person or by nobody."""
    found: int | None = g.get("token_id")
    return found


def check(action: str, of: Of | None = None) -> Person:
    """Go on only if who asks may do that, to what it is about where that is given; who it is.

    Raises:
        SignInNeeded, NotAllowed
    """
    found = person()
    if found is None:
        raise SignInNeeded()
    if action == ANY_ACCOUNT:
        return account()
    if not rights.may(found, action, of):
        raise NotAllowed()
    return found


def needs(action: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """One view that takes a right of its own, where the page as a whole takes none or another."""

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def show(*args: P.args, **kwargs: P.kwargs) -> R:
            door(action)
            return view(*args, **kwargs)

        # What it takes is known without asking it: tests walk every guarded view.
        show.takes = action  # type: ignore[attr-defined]
        return show

    return guard


def door(action: str) -> None:
    """What a guarded address asks before anything else."""
    found = check(action)
    if found.must_change and found.scopes is None and action != ANY_ACCOUNT:
        raise NotAllowed(must_change=True)


# Sessions


def sign_in(account_id: int) -> str:
    """Begin a session with a new secret; the cookie's value. What the browser held before is forgotten."""
    settings = here.settings()
    _end_shown()
    session.clear()
    begun = entering.begin(
        here.web(), account_id, timedelta(hours=settings.session_hours), request.headers.get("User-Agent", "")
    )
    g.cookie = begun.shown
    return begun.shown


def sign_out() -> None:
    """End the session whose cookie was shown."""
    _end_shown()
    session.clear()
    g.cookie = ""
    g.person = g.known = None


def cookie_name() -> str:
    """A cookie of that prefix is taken by browsers from this very host alone, over https."""
    return "__Host-geoapp" if here.settings().https else "geoapp"


def way_back(asked: str | None) -> str:
    """Where to go on after signing in: a path of our own, or the map."""
    way = (asked or "").strip()
    parts = urlsplit(way)
    # "\\" and control characters are read as "/" or as nothing by some browsers.
    odd = any(sign <= " " or sign == "\\" or sign == "\x7f" for sign in way)
    if odd or parts.scheme or parts.netloc or not way.startswith("/") or way.startswith("//") or len(way) > 2000:
        return "/"
    return "/" if parts.path.startswith("/sign-") else way


def sign_in_address() -> str:
    """The sign-in page that leads back to what was asked."""
    there_is = request.method == "GET" and request.url_rule is not None
    back = way_back(request.full_path.rstrip("?")) if there_is else "/"
    return url_for("sign_in.show", back=None if back == "/" else back)


def _look() -> None:
    if request.endpoint == "static":
        return
    told = request.headers.get("Authorization", "")
    if told.startswith(_BEARER):
        _by_token(told.removeprefix(_BEARER).strip())
        return
    # No cookie counts where an answer of the API changes something: there no form's secret proves who meant it.
    forgeable = request.path.startswith(_API) and request.method not in _READING
    if (shown := request.cookies.get(cookie_name())) and not forgeable:
        _by_cookie(shown)


def _by_cookie(shown: str) -> None:
    settings = here.settings()
    with _looking() as connection:
        known = sessions.who(connection, secrets.digest(shown), timedelta(minutes=settings.session_idle_minutes))
        if known is None or (known.person.demo and not _may_play(connection, known.person)):
            return
    g.known, g.person = known, known.person
    if known.stale:
        with acting(here.web(), Identity(known.person.account_id)) as connection:
            sessions.seen(connection, known.session_id)


@contextmanager
def _looking() -> Iterator[Connection]:
    """A connection to look up who asks; where an answer of the API is read, the view goes on with it."""
    connection = here.connect()
    try:
        yield connection
    except BaseException:
        connection.close()
        raise
    if request.path.startswith(_API) and request.method in _READING:
        here.leave(connection)
    else:
        connection.close()


def _may_play(connection: Connection, found: Person) -> bool:
    """Whether the setting still allows what it did when the role was entered."""
    setting = here.settings().demo_roles
    made_up = {city.id for city in here.cities(connection) if city.synthetic}
    return setting == "planted" or (setting == "synthetic" and {one.city_id for one in found.holdings} <= made_up)


def _by_token(shown: str) -> None:
    with _looking() as connection:
        found = sessions.of_token(connection, secrets.digest(shown))
    if found is None:
        raise TokenInvalid()
    asker, token_id, stale = found
    # Whoever may use no tokens any more has none that holds.
    if not rights.may(Person(asker.account_id, asker.login, asker.name, asker.language, asker.holdings), "use_api"):
        raise TokenInvalid()
    g.person, g.token_id = asker, token_id
    if stale:
        with acting(here.web(), Identity(asker.account_id)) as connection:
            sessions.used(connection, token_id)


def _end_shown() -> None:
    known: Known | None = g.get("known")
    if known is not None and (shown := request.cookies.get(cookie_name())):
        with acting(here.web(), Identity(known.person.account_id)) as connection:
            sessions.end(connection, secrets.digest(shown))


def _keep_private(response: Response) -> Response:
    cookie: str | None = g.get("cookie")
    if cookie is not None:
        _set(response, cookie)
    if person() is not None or cookie is not None:
        told = response.headers.get("Cache-Control", "")
        if response.mimetype == "text/html":
            # Made for one person, and holds a form's secret: nobody keeps it, on the way or in the browser.
            response.headers["Cache-Control"] = "private, no-store"
        elif "public" not in told and "no-store" not in told:
            response.headers["Cache-Control"] = f"private, {told or 'no-cache'}"
    return response


def _set(response: Response, cookie: str) -> None:
    same: dict[str, Any] = {"path": "/", "secure": here.settings().https, "httponly": True, "samesite": "Lax"}
    if cookie:
        response.set_cookie(cookie_name(), cookie, **same)
    else:
        response.delete_cookie(cookie_name(), **same)
