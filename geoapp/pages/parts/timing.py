"""A ticket's clocks in words, for people of the house; the public is told the promised end alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import Connection

from geoapp.assign import clocks as counting
from geoapp.assign.calendar import Calendar, moment, seconds
from geoapp.assign.clocks import Clock, Round
from geoapp.city import City
from geoapp.pages.parts.answers import local
from geoapp.pages.parts.language import named
from geoapp.people.rights import ROLES
from geoapp.records import Role
from geoapp.store import calendars, clocks
from geoapp.store.queries.ticket import Happened

INNER: Final = frozenset({"due_soon", "reminded", "escalated"})
"""Events of clocks that are the house's own affair."""

_IN_HOURS: Final = 2
"""Up to so many days people count hours."""


def for_all(one: Happened) -> bool:
    """Whether everybody may see an event: of clocks only that the promised end has passed."""
    return one.name not in INNER and one.codes.get("clock", Clock.DISPOSAL) == Clock.DISPOSAL


def clock_note(one: Happened) -> str:
    """Of which clock an event of the house tells, and whom; empty for any other."""
    clock = one.codes.get("clock")
    if for_all(one) or clock not in set(Clock):
        return ""
    told = [named(ROLES[Role(role)]) for role in str(one.codes.get("roles", "")).split() if role in set(Role)]
    return " · ".join([_names()[Clock(clock)], *told])


def tell_clocks(connection: Connection, city: City, ticket_id: int, now: datetime) -> list[dict[str, Any]]:
    """The latest round of each clock of a ticket, those that run first, the next that is due before others."""
    calendar = calendars.calendar(connection, city.id)
    latest = {one.clock: one for one in clocks.rounds(connection, [ticket_id]).get(ticket_id, ())}
    ordered = sorted(latest.values(), key=lambda one: (one.stopped is not None, one.due))
    return [_told(city, one, calendar, seconds(now)) for one in ordered]


def _told(city: City, one: Round, calendar: Calendar, now: int) -> dict[str, Any]:
    stands = counting.stands(one, now)
    left, passed, spent = (count(one, calendar, now) for count in (counting.left, counting.passed, counting.spent))
    due = moment(one.due).astimezone(city.zone)
    return {
        "clock": one.clock.value,
        "name": _names()[one.clock],
        "round": one.nth,
        "stands": stands,
        "urgent": one.urgent,
        "working": one.working,
        "minutes": one.minutes,
        "started_at": local(city, moment(one.started)),
        "due_at": local(city, moment(one.due)),
        "first_due_at": local(city, moment(one.first_due)),
        "stopped_at": None if one.stopped is None else local(city, moment(one.stopped)),
        "paused_at": None if one.paused is None else local(city, moment(one.paused)),
        "passed_minutes": passed // 60,
        "spent_minutes": spent // 60,
        "extended_minutes": one.extended_s // 60,
        "left_minutes": left // 60,
        "certain": not one.working or calendar.certain(due.year),
        "due_text": due.strftime("%Y-%m-%d %H:%M"),
        "text": _sentence(one, stands, left // 60),
        "more": _more(one, passed - spent, not one.working or calendar.certain(due.year)),
    }


def _names() -> dict[Clock, str]:
    return {
        Clock.DISPATCH: _("Dispatch"), Clock.SIGN: _("Signing"), Clock.FIRST_CONTACT: _("First contact"),
        Clock.RULING: _("Ruling"), Clock.DISPOSAL: _("Disposal"), Clock.CHECK: _("Check"), Clock.REVIEW: _("Review"),
        Clock.VISIT: _("Return visit"),
    }  # fmt: skip


def _sentence(one: Round, stands: str, left: int) -> str:
    """How it stands; hours of work are called so."""
    span = _("%(span)s of working time", span=_span(abs(left))) if one.working else _whole(abs(left))
    if stands == "running":
        return str(_("%(span)s left", span=span))
    if stands == "overdue":
        return str(_("%(span)s over", span=span))
    if stands == "paused":
        return str(_("paused, %(span)s left", span=span))
    return str(_("in time")) if stands == "in_time" else str(_("%(span)s late", span=span))


def _more(one: Round, paused: int, certain: bool) -> list[str]:
    """What the sentence leaves out: pauses, more time, days that are not announced."""
    said = _span if one.working else _whole
    told: Sequence[str | None] = (
        _("%(span)s paused", span=said(paused // 60)) if paused >= 60 else None,
        _("extended by %(span)s", span=said(one.extended_s // 60)) if one.extended_s >= 60 else None,
        None if certain else _("the working days of that year are not announced yet"),
    )  # fmt: skip
    return [str(one) for one in told if one]


def _whole(minutes: int) -> str:
    """Time that passes day and night, in days where it is long."""
    days, hours = divmod(minutes // 60, 24)
    if days < _IN_HOURS:
        return _span(minutes)
    return str(_("%(days)s d %(hours)s h", days=days, hours=hours) if hours else _("%(days)s d", days=days))


def _span(minutes: int) -> str:
    """Hours and minutes; days of work have no one length, so none are said."""
    span = timedelta(minutes=minutes)
    hours, rest = int(span.total_seconds() // 3600), minutes % 60
    if not hours:
        return str(_("%(minutes)s min", minutes=rest))
    return str(
        _("%(hours)s h", hours=hours) if not rest else _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)
    )
