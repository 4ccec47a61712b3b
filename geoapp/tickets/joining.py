"""Tickets that become one, or several, or belong together: nothing that anybody said is lost on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from secrets import token_urlsafe
from typing import Any, Final

from geoapp.lifecycle import OPEN, Mark, Outcome, State
from geoapp.store import copy, links, marks, subjects, works
from geoapp.store.ids import take_ids
from geoapp.store.subjects import Subject
from geoapp.tickets.moves import Moved, make_moves
from geoapp.tickets.numbers import numbers
from geoapp.tickets.work import Work, as_whom, other, refuse
from geoapp.tickets.writer import Happening, append_events, count_new, held

MOST_CHILDREN: Final = 50
_WHY: Final = ("rule", "layer", "version", "quality", "matter")
"""Of what an opening event says those codes that hold for every ticket at the place."""


def merge(work: Work) -> dict[str, Any]:
    """Into a ticket that is still open, and that no more people see than this one."""
    into = other(work, "into")
    if into.state not in OPEN:
        raise refuse("into", "ended")
    if not as_whom("merge", into, work.doer) & work.line.who:
        raise refuse("into", "not_yours")
    if into.public and not work.subject.public:
        # What was said in confidence would be read by everybody.
        raise refuse("into", "not_public")
    _may_take_children(work, into)
    _hand_on_what_presses(work, into)
    return {"outcome": Outcome.MERGED.value, "codes": {"into": _named(work.subject, into)}}


def _may_take_children(work: Work, into: Subject) -> None:
    """A parent that goes over makes no grandchildren."""
    _is_child, children = links.family(work.connection, work.subject.id)
    is_child, others = links.family(work.connection, into.id)
    of_mine = links.parent(work.connection, into.id) == work.subject.id
    if children - of_mine and ((is_child and not of_mine) or children + others > MOST_CHILDREN):
        raise refuse("into", "no_family")


def merged(work: Work, _event_id: int) -> None:
    """Reports, whoever follows them, the family and a pointer go over."""
    into, mine = work.others[work.codes["into"]], work.subject
    moved = [row.id for row in subjects.reports(work.connection, mine.id)]
    subjects.carry(work.connection, moved, into.id)
    links.add(work.connection, mine.id, "merged", into.id)
    _say(work, into.id, "attach", {"from": _named(into, mine), "reports": len(moved)})
    _hand_on_family(work, into)


def _hand_on_what_presses(work: Work, into: Subject) -> None:
    """Works that stand go on for the other; what was urgent or supervised does not become less so by being joined."""
    mine, lies = work.subject, marks.of(work.connection, work.subject.id)
    if works.hand_on(work.connection, mine.id, into.id) and Mark.WORKS in lies:
        marks.lay(work.connection, [(into.id, Mark.WORKS.value, work.now)])
    named = _named(into, mine)
    pressing = [("urgent", work.who)] if mine.urgent and not into.urgent else []
    if Mark.SUPERVISED in lies and Mark.SUPERVISED not in marks.of(work.connection, into.id):
        pressing.append(("supervise", "system"))
    make_moves(
        work.connection, into.city_id,
        [Moved(into.id, name, who, work.doer.actor, work.now, {"from": named, "as": who}) for name, who in pressing],
    )  # fmt: skip


def _hand_on_family(work: Work, into: Subject) -> None:
    """Children are the other's, and so is the place below a parent: each of them tells of it."""
    mine = work.subject
    links.remove(work.connection, mine.id, "child", into.id)
    for child, public in links.hand_on(work.connection, mine.id, into.id):
        _say(work, child, "attached", {"other": into.number if into.public or not public else ""})
    parent = links.parent(work.connection, mine.id)
    alone = links.family(work.connection, into.id) == (False, 0)
    if parent is not None and parent != into.id and alone:
        links.remove(work.connection, parent, "child", mine.id)
        links.add(work.connection, parent, "child", into.id)
        _say(work, into.id, "attached", {})


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
    if not as_whom("attach_child", child, work.doer) & work.line.who:
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


@dataclass(frozen=True, slots=True)
class After:
    """The ticket that goes on from a closed one; receipt: of what was said to open it, where it was opened just now."""

    number: str | None
    receipt: str | None = None


def open_after(work: Work) -> After:
    """Too late to open a closed ticket again: a new one, which knows the old; one that goes on from it already is
    the answer."""
    if known := links.open_after(work.connection, work.subject.id):
        return After(known)
    opened, number = _open_like(work, work.now, "after")
    receipt = token_urlsafe(12)
    subjects.say_again(
        work.connection, work.subject.id, opened, f"after-{work.subject.number}-{number}", receipt, work.given.note,
        work.now,
    )  # fmt: skip
    _say(work, work.subject.id, "followed", {"other": number, **work.codes})
    return After(number, receipt)


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
    _say(work, found.id, name, {"other": _named(found, work.subject)})
    return {"codes": {"other": _named(work.subject, found)}}


def _named(on: Subject, found: Subject) -> str:
    """A ticket's number as another may tell it: what everybody sees names nothing that is hidden."""
    return found.number if found.public or not on.public else ""


def _say(work: Work, ticket_id: int, name: str, codes: dict[str, Any]) -> None:
    """An event on the other ticket: what changes it is to be seen there, too."""
    rendered = copy.json({**codes, "as": work.who})
    append_events(
        work.connection, None,
        [Happening(ticket_id, None, name, None, None, _at(work), work.doer.actor, rendered)],
    )  # fmt: skip


def _at(work: Work) -> str:
    return str(work.now.astimezone(UTC))
