"""What single moves ask of the ticket at hand: units that can act, days that lie ahead, children that are settled."""

from __future__ import annotations

from typing import Any

from geoapp.errors import ChildrenOpen
from geoapp.lifecycle import Outcome
from geoapp.store import links, marks, units
from geoapp.tickets.work import Work, end_of, midnight, refuse, unit, unit_ids


def dispatch(work: Work) -> dict[str, Any]:
    """A lead unit, and those that assist."""
    found = unit(work, "unit")
    assisting = unit_ids(work, "assisting")
    if found.id in assisting:
        raise refuse("assisting", "same_unit")
    marks.assist(work.connection, work.subject.id, assisting)
    return {"unit_id": found.id, "codes": {"rule": "by_hand"}}


def assist(work: Work) -> dict[str, Any]:
    """Other units assist from now on."""
    found = unit_ids(work, "assisting")
    if work.subject.unit_id in found:
        raise refuse("assisting", "same_unit")
    marks.assist(work.connection, work.subject.id, found)
    return {}


def delegate(work: Work) -> dict[str, Any]:
    """Down one's own tree alone: to hand it to somebody else is a return."""
    found, mine = unit(work, "unit"), work.subject.unit_id
    if mine is None or found.id == mine or mine not in units.line(work.connection, found.id):
        raise refuse("unit", "not_below")
    return {"unit_id": found.id}


def propose(work: Work) -> dict[str, Any]:
    """Whoever sends it back says whose it is instead."""
    if unit(work, "proposal").id == work.subject.unit_id:
        raise refuse("proposal", "same_unit")
    return {}


def ask_extend(work: Work) -> dict[str, Any]:
    """A later day."""
    _later(work)
    return {}


def extend(work: Work) -> dict[str, Any]:
    """The later day counts from now on."""
    _later(work)
    return {"due_at": end_of(work, work.codes["due"])}


def _later(work: Work) -> None:
    due, was = end_of(work, work.codes["due"]), work.subject.due_at
    if due <= work.now or (was is not None and due <= was):
        raise refuse("due", "not_later")


def ask_shelve(work: Work) -> dict[str, Any]:
    """With a plan, somebody who answers for it, and a day on which it is looked at again."""
    unit(work, "owner")
    if midnight(work, work.codes["review"]) <= work.now:
        raise refuse("review", "past")
    return {}


def shelve(work: Work) -> dict[str, Any]:
    """Put on hold until the day it is looked at again."""
    ask_shelve(work)
    return {"review_at": midnight(work, work.codes["review"])}


def decline(_work: Work) -> dict[str, Any]:
    """Nothing is done, and it is said why."""
    return {"outcome": Outcome.DECLINED.value}


def settle(work: Work) -> dict[str, Any]:
    """Settled once all below it are.

    Raises:
        ChildrenOpen
    """
    if waiting := links.open_children(work.connection, work.subject.id):
        raise ChildrenOpen(", ".join(waiting), children=waiting)
    return {"outcome": work.codes["outcome"]}
