"""A move in the making: who makes which, on what, and what was given; and the steps that all moves share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from geoapp.errors import BadField, UnknownUnit
from geoapp.lifecycle import Given, Move, State
from geoapp.people import rights
from geoapp.people.rights import SEE_INSIDE, Of
from geoapp.records import Person
from geoapp.store import acting, subjects, units
from geoapp.store.acting import NOBODY, Identity
from geoapp.store.subjects import Subject
from geoapp.store.units import Unit

AsWhom = Callable[[str, Of], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Doer:
    """Who acts: as the event keeps it; as whom of the table they make a move, and whether they see what is hidden.

    identity: as whom the database takes them; report_id: the report whose receipt they hold.
    """

    actor: str
    as_whom: AsWhom
    sees: Callable[[Of], bool]
    identity: Identity = NOBODY
    report_id: int | None = None


def by_account(person: Person) -> Doer:
    """Somebody who has signed in, or whose token is shown."""
    sees = partial(rights.may, person, SEE_INSIDE)
    return Doer(f"account:{person.account_id}", partial(rights.acts_as, person), sees, acting.of(person))


FARTHEST: Final = timedelta(days=3660)
"""So far ahead anything is planned at most: beyond it no working calendar is known, and no promise is one."""

REPORTER: Final = "reporter"
"""Whoever acts as the reporter, as events keep it: they are read by everybody, and who reported it by few."""


def by_reporter(report_id: int | None = None) -> Doer:
    """Whoever holds the receipt of a report: its ticket is theirs. Without one, of the ticket's first."""
    return Doer(REPORTER, lambda _move, _of: frozenset({"citizen"}), lambda _of: True, NOBODY, report_id)


def at_terminal(name: str, who: str) -> Doer:
    """Whoever may read the installation's files acts as anybody of the house."""
    return Doer(f"shell:{name}", lambda _move, _of: frozenset({who}), lambda _of: True)


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo that lies in its place already."""

    id: UUID
    width: int
    height: int
    digest: str


@dataclass(frozen=True, slots=True)
class Work:
    """A move about to be made, all of it allowed but for what its own kind asks."""

    connection: Connection
    doer: Doer
    subject: Subject
    line: Move[State]
    who: str
    given: Given
    others: Mapping[str, Subject]
    picture: Picture | None
    now: datetime

    @property
    def codes(self) -> Mapping[str, Any]:
        """What was given, but for the words."""
        return self.given.codes


def about(subject: Subject, doer: Doer) -> Of:
    """What rights ask of a ticket; it is one's own where one has filed a report of it."""
    own = doer.identity.account_id if subject.own else None
    return Of(subject.city_id, subject.units, subject.area_keys, subject.kind, own)


_OF_THE_LEAD: Final = frozenset({"sign", "ask_return", "delegate", "ask_extend", "ask_shelve", "ask_pause", "submit"})
"""What the unit that answers for a ticket does; whoever assists it tells of works and adds notes."""


def as_whom(name: str, subject: Subject, doer: Doer) -> frozenset[str]:
    """As whom of the table somebody may make a move of that ticket."""
    of = about(subject, doer)
    whos = doer.as_whom(name, of)
    if "unit" not in whos or name not in _OF_THE_LEAD:
        return whos
    lead = replace(of, units=of.units[:1] if subject.unit_id is not None else ())
    return (whos - {"unit"}) | (doer.as_whom(name, lead) & {"unit"})


def refuse(name: str, why: str) -> BadField:
    """What a field holds cannot be, for a reason that only the ticket at hand tells."""
    return BadField(f"{name}: {why}", fields={name: why})


def unit(work: Work, name: str) -> Unit:
    """The unit that a field names.

    Raises:
        BadField: there is none such that acts.
    """
    return _unit(work, name, work.codes[name])


def unit_ids(work: Work, name: str) -> list[int]:
    """The units that a field names, none twice."""
    return [_unit(work, name, code).id for code in work.codes.get(name, ())]


def _unit(work: Work, name: str, code: str) -> Unit:
    try:
        found = units.find(work.connection, work.subject.city_id, code)
    except UnknownUnit:
        raise refuse(name, "no_unit") from None
    if not found.active:
        raise refuse(name, "no_unit")
    return found


def other(work: Work, name: str) -> Subject:
    """The other ticket that a field names, which must be of the city and not this one.

    Raises:
        BadField: there is none such that whoever acts may see.
    """
    found = work.others.get(work.codes[name])
    seen = found is not None and (found.public or work.doer.sees(about(found, work.doer)))
    if found is None or not seen or found.city_id != work.subject.city_id:
        raise refuse(name, "no_ticket")
    if found.id == work.subject.id:
        raise refuse(name, "itself")
    return found


def midnight(work: Work, day: str) -> datetime:
    """When a day of the city begins."""
    return datetime.combine(date.fromisoformat(day), time(), work.subject.zone)


def end_of(work: Work, day: str) -> datetime:
    """The last second of a day of the city."""
    return midnight(work, (date.fromisoformat(day) + timedelta(days=1)).isoformat()) - timedelta(seconds=1)


def first_report(work: Work) -> int:
    """The report by which the ticket was opened: what belongs to the ticket as a whole hangs on it.

    Raises:
        BadField: the ticket was opened by nobody's report, so no photo can be kept.
    """
    found: Sequence[Any] = subjects.reports(work.connection, work.subject.id)
    if not found:
        raise refuse("photo", "no_report")
    return int(found[0].id)
