"""Tickets that become one, or several, or belong together: nothing that anybody said is lost on the way."""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final

from geoapp.lifecycle import OPEN, Outcome, State
from geoapp.store import copy, links, subjects
from geoapp.store.ids import take_ids
from geoapp.store.subjects import Subject
from geoapp.tickets.numbers import numbers
from geoapp.tickets.work import Work, about, other, refuse
from geoapp.tickets.writer import Happening, append_events, count_new, held

MOST_CHILDREN: Final = 50
_WHY: Final = ("rule", "layer", "version", "quality", "matter")
"""Of what an opening event says those codes that hold for every ticket at the place."""


def merge(work: Work) -> dict[str, Any]:
    """Into a ticket that is still open, and that no more people see than this one."""
    into = other(work, "into")
    if into.state not in OPEN:
        raise refuse("into", "ended")
    if into.public and not work.subject.public:
        # What was said in confidence would be read by everybody.
        raise refuse("into", "not_public")
    return {"outcome": Outcome.MERGED.value, "codes": {"into": _named(work.subject, into)}}


def merged(work: Work, _event_id: int) -> None:
    """Reports, whoever follows them, children and a pointer go over."""
    into, mine = work.others[work.codes["into"]], work.subject
    moved = [row.id for row in subjects.reports(work.connection, mine.id)]
    subjects.carry(work.connection, moved, into.id)
    links.hand_on(work.connection, mine.id, into.id)
    links.add(work.connection, mine.id, "merged", into.id)
    _say(work, into, "attach", {"from": _named(into, mine), "reports": len(moved)})


def link(work: Work) -> dict[str, Any]:
    """To an older ticket."""
    older = other(work, "other")
    if not links.add(work.connection, work.subject.id, "older", older.id):
        raise refuse("other", "already")
    return _told(work, older, "linked")


def attach_child(work: Work) -> dict[str, Any]:
    """A child is open, has no parent and no children; a parent is nobody's child."""
    child, mine = other(work, "other"), work.subject
    if child.state not in OPEN:
        raise refuse("other", "ended")
    if not work.doer.as_whom("attach_child", about(child, work.doer)) & work.line.who:
        raise refuse("other", "no_ticket")
    is_child, children = links.family(work.connection, mine.id)
    has_parent, grandchildren = links.family(work.connection, child.id)
    if is_child or has_parent or grandchildren or children >= MOST_CHILDREN:
        raise refuse("other", "no_family")
    links.add(work.connection, mine.id, "child", child.id)
    return _told(work, child, "attached")


def detach_child(work: Work) -> dict[str, Any]:
    """A child that is a child."""
    child = other(work, "other")
    if not links.remove(work.connection, work.subject.id, "child", child.id):
        raise refuse("other", "no_child")
    return _told(work, child, "detached")


def split(work: Work) -> dict[str, Any]:
    """Some of its reports, not all."""
    mine = {row.id for row in subjects.reports(work.connection, work.subject.id)}
    chosen = set(work.codes["reports"])
    if not chosen <= mine:
        raise refuse("reports", "no_report")
    if chosen == mine:
        raise refuse("reports", "all")
    return {}


def split_off(work: Work, _event_id: int) -> str:
    """The new ticket, opened when the first of its reports was said."""
    chosen = set(work.codes["reports"])
    said = [row.said_at for row in subjects.reports(work.connection, work.subject.id) if row.id in chosen]
    opened, number = _open_like(work, min(said), "split")
    subjects.carry(work.connection, chosen, opened)
    return number


def open_after(work: Work) -> str:
    """Too late to open a closed ticket again: a new one, which knows the old."""
    _opened, number = _open_like(work, work.now, "after")
    _say(work, work.subject, "followed", {"other": number, **work.codes})
    return number


def _open_like(work: Work, said_at: Any, kind: str) -> tuple[int, str]:
    mine = work.subject
    (ticket_id,) = take_ids(work.connection, "ticket", 1)
    # A number keeps the beginning of the one it comes from: made-up tickets stay known as such.
    (number,) = numbers(mine.number.rsplit("-", 2)[0], [ticket_id])
    subjects.open_like(work.connection, mine.id, ticket_id, number, said_at, work.now)
    links.add(work.connection, ticket_id, kind, mine.id)
    why = {name: fact for name, fact in subjects.opening(work.connection, mine.id).items() if name in _WHY}
    codes = {**why, "from": mine.number, "as": work.who, **(work.codes if kind == "after" else {})}
    first = State.REGISTERED.value
    note = work.given.note if kind == "after" else ""
    append_events(
        work.connection, None,
        [Happening(ticket_id, None, "register", None, first, _at(work), work.doer.actor, copy.json(codes), note)],
    )  # fmt: skip
    count_new(work.connection, mine.city_id, list(held(work.connection, [ticket_id]).values()))
    return ticket_id, number


def _told(work: Work, found: Subject, name: str) -> dict[str, Any]:
    """Both tickets tell of the other."""
    _say(work, found, name, {"other": _named(found, work.subject)})
    return {"codes": {"other": _named(work.subject, found)}}


def _named(on: Subject, found: Subject) -> str:
    """A ticket's number as another may tell it: what everybody sees names nothing that is hidden."""
    return found.number if found.public or not on.public else ""


def _say(work: Work, subject: Subject, name: str, codes: dict[str, Any]) -> None:
    """An event on the other ticket: what changes it is to be seen there, too."""
    rendered = copy.json({**codes, "as": work.who})
    append_events(
        work.connection, None,
        [Happening(subject.id, None, name, None, None, _at(work), work.doer.actor, rendered)],
    )  # fmt: skip


def _at(work: Work) -> str:
    return str(work.now.astimezone(UTC))
