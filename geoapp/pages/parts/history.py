"""The history of a site in sentences: how often, when it was last repaired, and what that repair still owes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import Connection

from geoapp.assign.recurrence import Mended, Recurrence, before, most_often, recurrences
from geoapp.city import City
from geoapp.lifecycle import OPEN, Outcome
from geoapp.pages.parts.answers import local
from geoapp.pages.parts.durations import ago, duration, ordinal
from geoapp.pages.parts.language import named
from geoapp.records import Sight
from geoapp.store.queries import repairs, sites, tickets
from geoapp.store.queries.repairs import DONE, PLANNED, WORKS, Repair
from geoapp.store.queries.sites import Opening
from geoapp.tickets.numbers import synthetic

MOST: Final = 2000
"""So many tickets of a site are looked at for its history; a count beyond is asked of the database."""

_A_DAY: Final = timedelta(days=1)
WARNING: Final = "warning"
PLAIN: Final = "plain"
GOOD: Final = "good"
Line = dict[str, str]


@dataclass(frozen=True, slots=True)
class Past:
    """What is seen of a site: its tickets, newest first, how many in all, and its repairs, latest first."""

    openings: Sequence[Opening]
    count: int
    repairs: Sequence[Repair]
    mended: Sequence[Mended]

    def like(self, made_up: bool) -> Past:
        """The history of the made-up tickets alone, or of all but them: neither is told of by the other."""
        kept = [one for one in self.openings if synthetic(one.number) == made_up]
        return replace(
            self,
            openings=kept,
            count=self.count - (len(self.openings) - len(kept)),
            repairs=[one for one in self.repairs if synthetic(one.ticket or "") == made_up],
            mended=[one for one in self.mended if synthetic(one.ticket) == made_up],
        )

    def told(self) -> Past:
        """What a place in a real city says of itself: what really happened, else what was made up."""
        real = self.like(made_up=False)
        return real if real.openings or real.repairs else self

    def nths(self) -> Mapping[int, Recurrence]:
        """Which time of its matter each ticket is among its like, by its key."""
        return {**self.like(made_up=False)._nths(), **self.like(made_up=True)._nths()}

    def _nths(self) -> Mapping[int, Recurrence]:
        ordered = list(reversed(self.openings))
        found = recurrences([one.matter_id for one in ordered], [one.opened_at for one in ordered])
        return {one.id: nth for one, nth in zip(ordered, found, strict=True)}


def past(connection: Connection, site_id: int, now: datetime, sight: Sight) -> Past:
    """The history of a site until now."""
    openings = sites.openings(connection, site_id, sight=sight, most=MOST)
    count = len(openings) if len(openings) < MOST else tickets.count_at_site(connection, site_id, sight)
    done = repairs.at_site(connection, site_id, sight=sight)
    return Past(openings, count, done, _mended(openings, done, now))


def _mended(openings: Sequence[Opening], done: Sequence[Repair], now: datetime) -> list[Mended]:
    """When the site was repaired: as its repairs say, and as the tickets do whose repair nobody has written down."""
    matters = {one.number: one.matter_id for one in openings}
    kept = [
        Mended(one.ended_at, one.liability_until, matters.get(one.ticket or ""), _by(one), one.ticket or "")
        for one in done
        if one.ended_at is not None and one.stage(now) == DONE
    ]
    told = {one.ticket for one in done}
    return kept + [
        Mended(one.ended_at, None, one.matter_id, ticket=one.number)
        for one in openings
        if one.outcome == Outcome.REPAIRED and one.ended_at is not None and one.number not in told
    ]


def _by(one: Repair) -> str:
    return named(one.unit.names, one.unit.code) if one.unit else ""


def of_ticket(city: City, known: Past, ticket_id: int, now: datetime) -> dict[str, Any]:
    """How often its matter has come up at its site by the time of one ticket, with the lines that say so.

    known is what may be told beside that ticket: in a real city only its like.
    """
    mine = next((one for one in known.openings if one.id == ticket_id), None)
    nth = known.nths().get(ticket_id)
    if mine is None or nth is None:
        return {"nth": None, "since": None, "again": False, "lines": []}
    last = _earlier(known, mine)
    owed = last is not None and last.owes(mine.opened_at.astimezone(city.zone).date())
    lines = [*_nth(nth, mine.opened_at), *_in_all(known.count, nth.nth)]
    lines += [] if last is None else [_came_back(last, mine.opened_at, owed)]
    lines += [_repaired(last, city, now) for last in _since(known, mine)]
    return {"nth": nth.nth, "since": local(city, nth.since), "again": owed, "lines": lines}


def _earlier(known: Past, mine: Opening) -> Mended | None:
    """The last repair before a ticket; its own is none, though it was closed the moment it was opened."""
    others = [one for one in known.mended if one.ticket != mine.number]
    return before(others, mine.opened_at, mine.matter_id)


def _line(text: str, tone: str = PLAIN) -> Line:
    return {"text": text, "tone": tone}


def _nth(one: Recurrence, opened_at: datetime) -> list[Line]:
    if one.nth < 2:
        return []
    facts = {"nth": ordinal(one.nth), "span": duration(opened_at - one.since)}
    if opened_at - one.since < _A_DAY:
        return [_line(_("%(nth)s time within a day", **facts))]
    return [_line(_("%(nth)s time in %(span)s", **facts))]


def again(one: Recurrence | None) -> str | None:
    """Which time of its matter a ticket is, from the second on."""
    return None if one is None or one.nth < 2 else _("%(nth)s time", nth=ordinal(one.nth))


def _in_all(count: int, nth: int) -> list[Line]:
    return [_line(_("%(count)s tickets at this place in all", count=f"{count:,}"))] if count > max(nth, 1) else []


def _came_back(last: Mended, at: datetime, owed: bool) -> Line:
    facts = {"span": duration(at - last.ended_at), "day": last.liability_until}
    if owed:
        return _line(_("Came back %(span)s after the repair; liability until %(day)s", **facts), WARNING)
    return _line(_("%(span)s after the last repair here", **facts))


def _since(known: Past, mine: Opening) -> list[Mended]:
    """The last repair written down that was done after the ticket was opened, if it may have been of its matter."""
    later = [one for one in known.mended if one.ended_at > mine.opened_at and (one.liability_until or one.by)]
    last = before(later, max((one.ended_at for one in later), default=mine.opened_at), mine.matter_id)
    return [] if last is None else [last]


def _repaired(last: Mended, city: City, now: datetime) -> Line:
    facts = {"ago": ago(now - last.ended_at), "unit": last.by, "day": last.liability_until}
    done = _("Repaired %(ago)s by %(unit)s", **facts) if last.by else _("Repaired %(ago)s", **facts)
    if last.liability_until is None:
        return _line(done)
    if last.owes(now.astimezone(city.zone).date()):
        return _line(_("%(sentence)s; liability until %(day)s", sentence=done, **facts), GOOD)
    return _line(_("%(sentence)s; liability ended %(day)s", sentence=done, **facts))


def of_site(city: City, known: Past, matters: Mapping[int, Mapping[str, str]], now: datetime) -> list[Line]:
    """What has happened at a site until now, a sentence a fact, the weightiest first."""
    known = known if city.synthetic else known.told()
    return [*_again(city, known), *_often(known, matters, now), *_standing(known, now), *_done(city, known, now),
            *_under_way(city, known, now)]  # fmt: skip


def _again(city: City, known: Past) -> list[Line]:
    """Whether something open came back while the maker of the repair before it was liable."""
    for one in known.openings:
        last = _earlier(known, one) if one.state in OPEN else None
        if last is not None and last.owes(one.opened_at.astimezone(city.zone).date()):
            return [_came_back(last, one.opened_at, owed=True)]
    return []


def _often(known: Past, matters: Mapping[int, Mapping[str, str]], now: datetime) -> list[Line]:
    often = most_often([one.matter_id for one in known.openings], [one.opened_at for one in known.openings], now)
    if often is None or often.times < 2:
        return []
    facts = {
        "matter": named(matters.get(often.matter), _("The same matter")), "n": often.times,
        "span": duration(now - often.since),
    }  # fmt: skip
    return [_line(_("%(matter)s: %(n)s times in the last %(span)s", **facts))]


def _standing(known: Past, now: datetime) -> list[Line]:
    if not known.openings:
        return [_line(_("Nothing reported here yet"))]
    latest = ago(now - known.openings[0].opened_at)
    if known.count == 1:
        return [_line(_("Reported once, %(ago)s", ago=latest))]
    open_now = sum(one.state in OPEN for one in known.openings)
    facts = {"count": f"{known.count:,}", "open": f"{open_now:,}", "ago": latest}
    return [_line(_("%(count)s tickets in all, %(open)s of them open; the latest %(ago)s", **facts))]


def _done(city: City, known: Past, now: datetime) -> list[Line]:
    last = max(known.mended, key=lambda one: one.ended_at, default=None)
    return [] if last is None else [_repaired(last, city, now)]


def _under_way(city: City, known: Past, now: datetime) -> list[Line]:
    """Works begun, else works planned, with their promised end."""
    for stage in (WORKS, PLANNED):
        one = next((one for one in known.repairs if one.stage(now) == stage), None)
        if one is None:
            continue
        day = one.promised_at and one.promised_at.astimezone(city.zone).date()
        under_way, planned = _("Works under way"), _("Works planned")
        said = under_way if stage == WORKS else planned
        tone = WARNING if one.late(now) else PLAIN
        return [_line(_("%(works)s, to be done by %(day)s", works=said, day=day) if day else said, tone)]
    return []
