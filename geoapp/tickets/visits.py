"""What people say of the work that was done for them; whoever is not satisfied twice has it supervised."""

from __future__ import annotations

from typing import Final

from geoapp.store import ratings
from geoapp.tickets.moves import Moved, make_moves
from geoapp.tickets.work import Work

SUPERVISED_AFTER: Final = 2
"""So many times somebody may not be satisfied before others look after it."""

SYSTEM: Final = "system:visit"


def rated(work: Work, _event_id: int) -> None:
    """Keep what was said; who closes a ticket in silence has said nothing."""
    if work.who == "system":
        return
    mine, satisfied = work.subject, work.line.name == "archive"
    ratings.add(work.connection, mine.id, mine.unit_id, satisfied, work.codes, work.doer.actor, work.now)
    if not satisfied:
        _count(work)


def reopened(work: Work, _event_id: int) -> None:
    """Whoever opens a closed ticket again was not satisfied either."""
    _count(work)


def _count(work: Work) -> None:
    mine = work.subject
    if ratings.dissatisfied(work.connection, mine.id) >= SUPERVISED_AFTER:
        supervise = Moved(mine.id, "supervise", "system", SYSTEM, work.now, {"reason": "not_satisfied", "as": "system"})
        make_moves(work.connection, mine.city_id, [supervise])
