"""One's own account as its page shows it, and what several of its addresses ask first."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from flask import Response, current_app, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Connection

from geoapp.city import City
from geoapp.errors import NotAllowed, TooManyTries
from geoapp.pages.parts import here, tries, who
from geoapp.pages.parts.language import language, named
from geoapp.pages.parts.map_view import frame
from geoapp.pages.parts.my_reports import my_reports
from geoapp.people import passwords, rights
from geoapp.people.rights import ACTIONS, InWords
from geoapp.records import Holding, Person
from geoapp.store import accounts, sessions, units
from geoapp.store.acting import Identity, acting

_BROWSERS: Final = {
    "MicroMessenger": "WeChat", "Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome",
    "Safari": "Safari",
}  # fmt: skip
_SYSTEMS: Final = {
    "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS X": "macOS",
    "Linux": "Linux",
}  # fmt: skip


def first_city(connection: Connection) -> City | None:
    """The city whose frame a page has that is of no city: the installation's own, else the only one."""
    loaded = here.cities(connection)
    chosen = next((one for one in loaded if one.code == here.settings().city), None)
    return chosen or (loaded[0] if len(loaded) == 1 else None)


def key() -> str:
    """The installation's key."""
    found = current_app.secret_key
    assert isinstance(found, str)  # made by `security`
    return found


def keeper() -> Person:
    """Who asks, where something of the account is to change; nobody changes an account that a demo shares.

    Raises:
        SignInNeeded, NotAllowed
    """
    me = who.account()
    if me.demo:
        raise NotAllowed()
    return me


def not_confirmed(me: Person) -> str:
    """Why the password typed along does not prove that it is still the same person; empty where it does."""
    try:
        tries.count("login", me.login)
    except TooManyTries as error:
        return str(_(error.message))
    with here.connect() as connection:
        door = accounts.door(connection, me.login)
    # Whoever signs in with a provider alone has no password to prove anything with.
    if door is not None and door.password is not None and not passwords.right(_current(), door.password):
        return str(_("The present password is not right."))
    tries.forgive("login", me.login)
    return ""


def _current() -> str:
    return request.form.get("current", "")[: passwords.MOST + 1]


def account_page(status: int = 200, **told: Any) -> Response:
    """The page, with what has just been done or what was wrong (`wrong`: a part of the page, and the words)."""
    me = who.account()
    with acting(here.web(), Identity(me.account_id)) as connection:
        city = first_city(connection)
        zone: tzinfo = city.zone if city else UTC
        door = accounts.door(connection, me.login)
        html = render_template(
            "account.html",
            **{"wrong": ("", ""), "done": request.args.get("done", ""), **told},
            own=accounts.read(connection, me.account_id),
            has_password=door is not None and door.password is not None,
            rights=[_right(connection, one) for one in rights.rights_in_words(me, language())],
            sessions=[_session(one, zone) for one in sessions.of_account(connection, me.account_id)],
            mine=my_reports(connection, me.account_id),
            tokens=[_token(one, zone) for one in sessions.tokens(connection, me.account_id)],
            scopes=scopes(me),
            least=passwords.LEAST,
            **frame(connection, city),
        )
    return make_response(html, status)


def scopes(me: Person) -> list[dict[str, str]]:
    """What a token of somebody's may be allowed: what the person may do."""
    if not rights.may(me, "use_api"):
        return []
    never = {"use_api", *rights.IN_PERSON}
    allowed = [one for code, one in ACTIONS.items() if code not in never and rights.may(me, code)]
    return [{"code": one.code, "name": named(one.names)} for one in allowed]


def _right(connection: Connection, said: InWords) -> dict[str, Any]:
    return {"role": said.role, "where": where(connection, said.holding), "allowed": said.allowed}


def where(connection: Connection, holding: Holding) -> str:
    """For which unit, or which city, a role is held."""
    if holding.unit_id is not None:
        return named(units.names(connection, [holding.unit_id]).get(holding.unit_id))
    if holding.city_id is None:
        return str(_("All cities"))
    return here.city_of(connection, holding.city_id).name(language())


def _session(one: sessions.Session, zone: tzinfo) -> dict[str, Any]:
    return {
        "id": one.id, "agent": agent(one.agent) or _("Unknown browser"), "began": _told(one.began_at, zone),
        "seen": _told(one.seen_at, zone), "this": one.id == who.session_id(),
    }  # fmt: skip


def _token(one: sessions.Token, zone: tzinfo) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "ends": _told(one.ends_at, zone),
        "used": _told(one.used_at, zone) if one.used_at else "",
        "scopes": [named(ACTIONS[code].names) for code in one.scopes if code in ACTIONS],
    }  # fmt: skip


def _told(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def agent(told: str) -> str:
    """A browser's own words in two that people know."""
    found = (next((name for word, name in words.items() if word in told), "") for words in (_BROWSERS, _SYSTEMS))
    return " · ".join(filter(None, found))
