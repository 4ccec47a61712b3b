"""What the pages of /admin share: their tabs, the city and the reach of whoever looks after it, and deeds in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection

from geoapp.assign.list_sheet import SHEETS
from geoapp.assign.three_lists import ListKind
from geoapp.city import City
from geoapp.errors import NotAllowed, UnknownCity
from geoapp.pages.parts import here, own, who
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.language import language, named
from geoapp.pages.parts.map_view import frame
from geoapp.people import rights, sheets
from geoapp.people.keeper import Keeper, keeper
from geoapp.people.rights import ROLES, Of
from geoapp.people.tables import Fault
from geoapp.records import Role
from geoapp.store.accounts import Held
from geoapp.store.deeds import Deed
from geoapp.store.roster import Post


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of /admin: what it is called, where it is and what it takes."""

    code: str
    label: Any
    path: str
    right: str


TABS: Final = (
    Tab("overview", _l("Overview"), "/admin", "manage_people"),
    Tab("people", _l("People"), "/admin/people", "manage_people"),
    Tab("units", _l("Units"), "/admin/units", "manage_units"),
    Tab("lists", _l("Lists"), "/admin/lists", "manage_lists"),
    Tab("gaps", _l("Gaps between duties"), "/admin/gaps", "see_gaps"),
    Tab("roles", _l("Roles"), "/admin/roles", "manage_people"),
    Tab("log", _l("Log"), "/admin/log", "manage_people"),
    Tab("looks", _l("Private data"), "/admin/looks", "see_log"),
)
"""In the order they stand in; whoever adds a part of /admin adds a line."""


def by() -> Keeper:
    """What whoever asks looks after, in person: a token looks after nobody.

    Raises:
        SignInNeeded, NotAllowed
    """
    return keeper(who.account())


def reachable(connection: Connection, right: str) -> list[City]:
    """The cities in which whoever asks may do that."""
    among = rights.cities(who.person(), right)
    return [one for one in here.cities(connection) if among is None or one.id in among]


def city(connection: Connection, right: str) -> City:
    """The city asked for, else the installation's own, else the first of theirs.

    Raises:
        UnknownCity: there is none. NotAllowed: it is none of theirs.
    """
    theirs = reachable(connection, right)
    wanted = request.args.get("city", "")
    if wanted:
        found = here.city(connection, wanted)
        who.check(right, Of(found.id))
        return found
    if not theirs:
        raise UnknownCity()
    return next((one for one in theirs if one.code == here.settings().city), theirs[0])


def city_coded(connection: Connection, right: str, code: str) -> City | None:
    """The city of a form's field; None stands for all of them.

    Raises:
        NotAllowed: it is none of theirs. UnknownCity
    """
    if not code:
        if rights.cities(who.person(), right) is not None:
            raise NotAllowed()
        return None
    found = here.city(connection, code) if storable(code) else None
    if found is None:
        raise UnknownCity()
    who.check(right, Of(found.id))
    return found


def page(connection: Connection, template: str, tab: str, status: int = 200, **told: Any) -> Response:
    """A page of /admin; it is for one person alone."""
    me = who.account()
    at = told.pop("at", None) or _frame_city(connection, tab)
    html = render_template(
        template, tab=tab, reads_only=me.demo,
        tabs=[
            {"code": one.code, "label": str(one.label), "url": one.path + (f"?city={at.code}" if at else "")}
            for one in TABS
            if rights.may(me, one.right)
        ],
        theirs=[{"code": one.code, "name": one.name(language())} for one in reachable(connection, _right(tab))],
        **frame(connection, at), **told,
    )  # fmt: skip
    response = make_response(html, status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _right(tab: str) -> str:
    return next(one.right for one in TABS if one.code == tab)


def _frame_city(connection: Connection, tab: str) -> City | None:
    try:
        return city(connection, _right(tab))
    except UnknownCity:
        return own.first_city(connection)


def book(data: bytes, name: str) -> Response:
    """An Excel file to be kept by whoever asked for it."""
    response = make_response(data)
    response.mimetype = sheets.MIME
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


# In words


def moment(when: datetime | None, zone: tzinfo | None = None) -> str:
    """A moment as the clocks there show it."""
    return "" if when is None else when.astimezone(zone or UTC).strftime("%Y-%m-%d %H:%M")


def day(when: datetime | None, zone: tzinfo | None = None) -> str:
    """The last day before an end at midnight, else the day."""
    if when is None:
        return ""
    there = when.astimezone(zone or UTC)
    if there.time().isoformat() == "00:00:00":
        there = datetime.fromtimestamp(when.timestamp() - 1, there.tzinfo)
    return there.strftime("%Y-%m-%d")


def where(connection: Connection, city_id: int | None, names: Mapping[str, str] | None, code: str | None) -> str:
    """For which unit, or in which city, a role is held."""
    if code is not None:
        return named(names, code)
    return str(_("All cities")) if city_id is None else stored_name(connection, city_id)


def stored_name(connection: Connection, city_id: int) -> str:
    """What a city is called."""
    return here.city_of(connection, city_id).name(language())


def zone_of(connection: Connection, city_id: int | None) -> tzinfo | None:
    """The clocks of a city."""
    return None if city_id is None else here.city_of(connection, city_id).zone


def tell_post(connection: Connection, one: Post | Held, keeps: Keeper) -> dict[str, Any]:
    """A role held, in words."""
    names, code = one.unit_names, one.unit
    return {
        "role": named(ROLES[one.role]), "where": where(connection, one.city_id, names, code),
        "until": day(one.ends_at, zone_of(connection, one.city_id)), "unit": code,
        "ours": keeps.keeps_people_of(one.city_id),
        "id": one.id if isinstance(one, Held) else None,
    }  # fmt: skip


def called(name: str, posts: Sequence[Post | Held], keeps: Keeper) -> str:
    """What somebody is called; who plays a role in a demo, as the role is."""
    return named(ROLES[posts[0].role]) if keeps.demo and posts else name


FIELDS: Final[Mapping[str, Any]] = {
    "name": _l("name"), "email": _l("e-mail"), "phone": _l("telephone"), "language": _l("language"),
    "names": _l("names"), "kind": _l("kind"), "parent": _l("unit above"), "areas": _l("areas"),
    "duty": _l("duty hours"), "contacts": _l("contacts"), "fallback": _l("fallback"), "active": _l("in use or not"),
}  # fmt: skip

_PLAIN: Final[Mapping[str, Any]] = {
    "made": _l("Account made"), "link": _l("New password link made, all sessions ended"),
    "password": _l("Password set, all sessions ended"), "signed_out": _l("Signed out everywhere"),
    "locked": _l("Account locked"), "unlocked": _l("Let in again"),
    "left": _l("Left; locked, sessions and tokens ended"),
    "unit_made": _l("Unit made"),
}  # fmt: skip

_OF_LISTS: Final[Mapping[str, Any]] = {
    "list_drafted": _l("%(list)s: batch %(n)s drafted"), "list_released": _l("%(list)s: batch %(n)s put into force"),
    "list_withdrawn": _l("%(list)s: batch %(n)s withdrawn"),
}  # fmt: skip


def tell_deeds(connection: Connection, deeds: Iterable[Deed]) -> list[dict[str, Any]]:
    """Deeds in words."""
    loaded = here.cities(connection)
    zone = next((one.zone for one in loaded), None)
    cities = {one.code: one.name(language()) for one in loaded}
    return [
        {
            "at": moment(one.at, zone), "by": _by(one), "by_login": one.by_login, "what": _what(one, cities, zone),
            "login": one.login, "name": one.name or one.login, "unit": one.unit if one.login is None else None,
            "unit_name": named(one.unit_names, one.unit or ""),
            "reason": str(one.said.get("reason", "")), "id": one.id,
        }
        for one in deeds
    ]  # fmt: skip


def _by(one: Deed) -> str:
    if one.by_console:
        return str(_("the command line"))
    return one.by_name or str(_("an administrator of all cities"))


def _what(one: Deed, cities: Mapping[str, str], zone: tzinfo | None) -> str:
    said = one.said
    if one.what in ("role_given", "role_taken"):
        return _role(one, cities, zone)
    if one.what in ("data", "unit_changed"):
        comma = "、" if language() == "zh" else ", "
        return str(_("Changed: %(fields)s", fields=comma.join(str(FIELDS.get(name, name)) for name in said["fields"])))
    if one.what in _OF_LISTS:
        kind = SHEETS[ListKind(said["list"])][language() != "zh"]
        return str(_OF_LISTS[one.what]) % {"list": kind, "n": said["batch"]}
    words = str(_PLAIN.get(one.what, one.what))
    if one.what == "link" and said.get("drop_factor"):
        return str(_("New password link made, all sessions ended, second step dropped"))
    if one.what == "left" and said.get("to"):
        return str(_("Left, handed over to %(to)s; locked, sessions and tokens ended", to=said["to"]))
    return words


def _role(one: Deed, cities: Mapping[str, str], zone: tzinfo | None) -> str:
    role = named(ROLES[Role(one.said["role"])])
    place = named(one.unit_names, one.unit) if one.unit else cities.get(one.city or "", "") or _("All cities")
    if one.what == "role_taken":
        return str(_("Role ended: %(role)s, %(where)s", role=role, where=place))
    if until := one.said.get("until"):
        last = day(datetime.fromisoformat(until), zone)
        given = _("Role given: %(role)s, %(where)s, until %(day)s", role=role, where=place, day=last)
    else:
        given = _("Role given: %(role)s, %(where)s", role=role, where=place)
    return str(_("%(given)s; the password had to be set anew", given=given) if one.said.get("set_back") else given)


def tell_faults(faults: Sequence[Fault], columns: Mapping[str, Any]) -> list[dict[str, str]]:
    """What is wrong with a table, in the reader's language: row, column, and why."""
    return [
        {
            "line": str(one.line), "column": str(columns.get(one.column, one.column)),
            "said": _(one.said, word=_role_word(one.word), more=one.more),
        }
        for one in faults
    ]  # fmt: skip


def _role_word(word: str) -> str:
    return named(ROLES[Role(word)]) if word in set(Role) else word


def next_page(last: str | int | None, **more: Any) -> str | None:
    """The address of the same list after its last line."""
    if last is None:
        return None
    asked = {name: value for name, value in request.args.items() if name not in ("after", "before")}
    # Not by url_for: to it some words of an address would mean something else.
    return f"{request.path}?{urlencode({**asked, **{name: str(value) for name, value in more.items()}})}"
