"""The page of one account as whoever looks after it sees it, with what has just been done or was wrong."""

from __future__ import annotations

from typing import Any, Final

from email_validator import EmailNotValidError, validate_email
from flask import Response
from sqlalchemy import Connection

from geoapp.errors import NotAllowed
from geoapp.pages.parts import admin, here, own, who
from geoapp.pages.parts.language import language, named
from geoapp.people import keeping, looking, rights
from geoapp.people.keeper import Keeper
from geoapp.people.rights import ROLES, needs_unit, rights_in_words
from geoapp.records import Role, UnitKind
from geoapp.store import accounts, deeds, sessions, units
from geoapp.store.accounts import Account
from geoapp.store.acting import acting
from geoapp.store.looks import Look

LAST: Final = 20
_FINE: Final = frozenset({UnitKind.COMMUNITY, UnitKind.GRID})
"""Kinds of which there are too many to offer; they are typed."""


def show(login: str, status: int = 200, **told: Any) -> Response:
    """The page.

    Raises:
        UnknownAccount: there is none whom they may see.
    """
    keeps = admin.by()
    with acting(here.web(), keeps.identity) as connection:
        account = keeping.account_of(connection, login, keeps)
        whole = not keeps.demo and not account.demo and accounts.keeps(connection, account.id)
        page_told = {
            "name": admin.called(account.name, accounts.held(connection, account.id), keeps),
            "account": account, "whole": whole, "mine": account.id == keeps.account_id,
            "changes": not keeps.demo and not account.demo and account.id != keeps.account_id,
            "roles": _roles(connection, account, keeps),
            "allowed": _allowed(connection, account),
            "entered": admin.moment(account.entered_at, _zone(connection)),
            "made_at": admin.moment(account.made_at, _zone(connection)),
            "sessions": len(sessions.of_account(connection, account.id)) if whole else 0,
            "tokens": len(sessions.tokens(connection, account.id)) if whole else 0,
            "deeds": [] if keeps.demo else admin.tell_deeds(
                connection, deeds.latest(connection, account_id=account.id, most=LAST)
            ),
            "looks": _looks(connection, account, keeps),
            "mailing": bool(here.settings().smtp_host and account.email),
            "public_url": here.settings().public_url,
            **choices(connection, keeps),
        }  # fmt: skip
        blank: dict[str, Any] = {"wrong": ("", ""), "values": {}, "errors": {}, "done": "", "link": ""}
        return admin.page(connection, "admin_person.html", "people", status, **{**blank, **told}, **page_told)


def choices(connection: Connection, keeps: Keeper) -> dict[str, Any]:
    """What a role may be: which roles there are, where they may be held, and for which units."""
    theirs = admin.reachable(connection, "manage_people")
    return {
        "offered": [
            {"code": str(role), "name": named(ROLES[role]), "needs_unit": needs_unit(role),
             "allows": rights.role_in_words(role, language())}
            for role in Role
        ],
        "everywhere": keeps.people is True,
        "unit_words": [
            {"code": one.code, "name": named(one.names, one.code)}
            for city in theirs
            for one in units.every(connection, city.id)
            if one.active and one.kind is not None and one.kind not in _FINE
        ],
    }  # fmt: skip


def is_address(email: str) -> bool:
    """Whether letters can go there."""
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def _zone(connection: Connection) -> Any:
    city = own.first_city(connection) or next(iter(here.cities(connection)), None)
    return city.zone if city else None


def _roles(connection: Connection, account: Account, keeps: Keeper) -> dict[str, list[dict[str, Any]]]:
    """The roles in force, and those that have ended, the latest first."""
    held = accounts.held(connection, account.id)
    told = {
        one.id: admin.tell_post(connection, one, keeps)
        | {"since": admin.day(one.began_at, admin.zone_of(connection, one.city_id))}
        for one in held
    }
    return {
        "now": [told[one.id] for one in held if one.in_force],
        "past": [told[one.id] for one in reversed(held) if not one.in_force],
    }


def _allowed(connection: Connection, account: Account) -> list[dict[str, Any]]:
    person = accounts.person(connection, account.id)
    if person is None:
        return []
    return [
        {"role": one.role, "where": own.where(connection, one.holding), "allowed": one.allowed}
        for one in rights_in_words(person, language())
    ]


def _looks(connection: Connection, account: Account, keeps: Keeper) -> list[dict[str, Any]] | None:
    """What this person looked at, in the cities whose log is for whoever asks; None: in none."""
    me = who.account()
    found: list[Look] = []
    theirs = admin.reachable(connection, "see_log")
    if not theirs or keeps.demo:
        return None
    for city in theirs:
        try:
            found += looking.log_of(here.web(), me, city.id, login=account.login, most=LAST)
        except NotAllowed:
            continue
    found.sort(key=lambda one: one.id, reverse=True)
    return [tell_look(one, _zone(connection)) for one in found[:LAST]]


def tell_look(one: Look, zone: Any) -> dict[str, Any]:
    """A look in words."""
    return {
        "at": admin.moment(one.at, zone), "login": one.login, "name": one.name or one.login, "what": one.what,
        "why": one.why, "report": one.report_id, "ticket": one.ticket, "public": one.public, "id": one.id,
    }  # fmt: skip
