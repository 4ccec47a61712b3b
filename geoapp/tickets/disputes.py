"""Disputes: from the return that was not agreed with to the ruling, and what lists and duties learn from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geoapp.assign.calendar import moment
from geoapp.assign.clocks import Clock
from geoapp.errors import BadMove
from geoapp.lifecycle import RULING
from geoapp.store import clocks, disputes, subjects
from geoapp.tickets.work import Work, unit, unit_ids


def begin(work: Work, _event_id: int) -> None:
    """A dispute begins; the unit that has the ticket keeps acting."""
    mine = work.subject
    disputes.open_(
        work.connection, mine.city_id, mine.id, mine.unit_id, unit(work, "proposal").id, work.codes["reason"],
        subjects.sent_by(work.connection, mine.id), mine.matter_id, mine.area_key, work.now, _due(work),
    )  # fmt: skip


def _due(work: Work) -> datetime:
    """When the clock says that it must be ruled: of what is urgent sooner."""
    rounds = clocks.rounds(work.connection, [work.subject.id]).get(work.subject.id, ())
    due = next((moment(one.due) for one in reversed(rounds) if one.clock is Clock.RULING), None)
    return due or work.now + RULING


def rule(work: Work) -> dict[str, Any]:
    """The unit that acts first."""
    return {"unit_id": unit(work, "unit").id}


def ruled(work: Work, _event_id: int) -> None:
    """What was ruled is kept with its ground, for the next time."""
    disputes.rule(
        work.connection, work.subject.id, unit(work, "unit").id, work.codes["reason"], work.doer.actor, work.now
    )


def list_change(work: Work) -> dict[str, Any]:
    """The last ruling becomes a line that the next batch of the list takes up: for the area, unless for the city.

    Raises:
        BadMove: nothing was ruled, nobody knows of which matter, or a line has been drawn from it already.
    """
    found = disputes.last_ruled(work.connection, work.subject.id)
    if found is None or found.matter_id is None:
        raise BadMove("list_change without a ruling on a matter")
    area = None if work.codes.get("scope") == "city" else found.area_key_id
    if not disputes.propose_line(work.connection, work.subject.city_id, found, area, work.doer.actor, work.now):
        raise BadMove("list_change once more")
    return {}


def consult(work: Work) -> dict[str, Any]:
    """Units that there are."""
    unit_ids(work, "units")
    return {}


def consulted(work: Work, event_id: int) -> None:
    """The gap stands on the list of those to be talked about."""
    mine = work.subject
    disputes.consult(
        work.connection, mine.city_id, mine.id, mine.matter_id, unit_ids(work, "units"), event_id, work.doer.actor,
        work.now,
    )  # fmt: skip
