"""What single moves ask of the ticket at hand: units that can act, days that lie ahead, children that are settled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from geoapp.assign.calendar import moment
from geoapp.assign.clocks import Clock
from geoapp.errors import ChildrenOpen
from geoapp.lifecycle import Outcome
from geoapp.store import catalogue, clocks, links, marks, subjects, units
from geoapp.tickets.work import FARTHEST, Work, about, end_of, midnight, refuse, unit, unit_ids
from geoapp.tickets.writer import Happening, append_events, change, held


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
    due, was = end_of(work, work.codes["due"]), _due(work)
    if due <= work.now or (was is not None and due <= was):
        raise refuse("due", "not_later")
    if due > work.now + FARTHEST:
        raise refuse("due", "far_ahead")


def _due(work: Work) -> datetime | None:
    """When it is due; while its clock stands a ticket promises nothing, but there is a time all the same."""
    if work.subject.due_at is not None:
        return work.subject.due_at
    rounds = clocks.rounds(work.connection, [work.subject.id]).get(work.subject.id, ())
    return next((moment(one.due) for one in reversed(rounds) if one.clock is Clock.DISPOSAL), None)


def ask_shelve(work: Work) -> dict[str, Any]:
    """With a plan, somebody who answers for it, and a day on which it is looked at again."""
    unit(work, "owner")
    review = midnight(work, work.codes["review"])
    if review <= work.now:
        raise refuse("review", "past")
    if review > work.now + FARTHEST:
        raise refuse("review", "far_ahead")
    return {}


def shelve(work: Work) -> dict[str, Any]:
    """Put on hold until the day it is looked at again."""
    ask_shelve(work)
    return {"review_at": midnight(work, work.codes["review"])}


def decline(_work: Work) -> dict[str, Any]:
    """Nothing is done, and it is said why."""
    return {"outcome": Outcome.DECLINED.value}


def settle(work: Work) -> dict[str, Any]:
    """Settled once all below it are; raises as archive."""
    archive(work)
    return {"outcome": work.codes["outcome"]}


def archive(work: Work) -> dict[str, Any]:
    """Closed once all below it are settled: one of them may have been sent back since.

    Raises:
        ChildrenOpen: facts name those that whoever acts may see.
    """
    if waiting := links.open_children(work.connection, work.subject.id):
        found = subjects.read(work.connection, waiting)
        named = [one for one in waiting if found[one].public or work.doer.sees(about(found[one], work.doer))]
        raise ChildrenOpen(", ".join(named), children=named)
    return {}


def withdraw(work: Work) -> dict[str, Any]:
    """Nobody takes back what somebody else has said."""
    if subjects.others_reported(work.connection, work.subject.id, work.doer.report_id):
        raise refuse("", "others")
    return {}


def reclassify(work: Work) -> dict[str, Any]:
    """Another matter that the catalogue still has: urgent and hidden as that one is, but nothing hidden is shown.

    What was urgent stays so: who knows that it need not be says so by a move of its own.
    """
    city_id, was = work.subject.city_id, work.subject.matter_id
    found = catalogue.matter(work.connection, city_id, work.codes["matter"])
    if found is None or found.id is None:
        raise refuse("matter", "no_matter")
    if found.id == was:
        raise refuse("matter", "same_matter")
    before = catalogue.matter_codes(work.connection, [was]).get(was) if was is not None else None
    codes = {"from": before} if before else {}
    return {"matter_id": found.id, "hide": not found.public, "hurry": found.urgent, "codes": codes}


def retimed(work: Work, _event_id: int) -> None:
    """What was late by the times of the matter before may be in time by its own."""
    before = held(work.connection, [work.subject.id])
    row = dict(before[work.subject.id])
    if row["late"] and (row["due_at"] is None or row["due_at"] > work.now):
        row["late"] = False
        change(work.connection, work.subject.city_id, before, {row["id"]: row})
        when = str(work.now.astimezone(UTC))
        event = Happening(row["id"], None, "not_overdue", None, None, when, work.doer.actor)
        append_events(work.connection, None, [event])
