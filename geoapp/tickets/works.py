"""Works on a ticket: planned, begun, ended; what is fenced off, until when, and who is liable for it afterwards."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from typing import Any, Final

from shapely import Polygon

from geoapp.lifecycle import Outcome
from geoapp.store import works
from geoapp.tickets.work import FARTHEST, Work, end_of, midnight, refuse, unit_ids

_CORNERS: Final = 32
_DEGREE_M: Final = 111_320.0
_FARTHEST_M: Final = 2_000.0
"""No hoarding stands farther from what it is for."""


def plan(work: Work) -> dict[str, Any]:
    """From one day to another."""
    start, end = _span(work)
    _tell(work, planned_at=start, promised_at=end)
    return {}


def begin(work: Work) -> dict[str, Any]:
    """Works are under way, and it is said until when."""
    end = end_of(work, work.codes["end"])
    if end < work.now:
        raise refuse("end", "past")
    if end > work.now + FARTHEST:
        raise refuse("end", "far_ahead")
    _tell(work, started_at=work.now, promised_at=end)
    return {}


def end(work: Work) -> dict[str, Any]:
    """Works that were planned or begun are done."""
    if works.standing(work.connection, work.subject.id) is None:
        raise refuse("", "no_works")
    _tell(work, ended_at=work.now)
    return {}


def submit(work: Work) -> dict[str, Any]:
    """Whatever was repaired is a repair, also where nobody had planned it; works told to be done already are that."""
    if works.standing(work.connection, work.subject.id) is not None:
        _tell(work, ended_at=work.now)
    elif work.codes["result"] == Outcome.REPAIRED:
        known = works.ended_in_hand(work.connection, work.subject.id)
        if known is None:
            _tell(work, ended_at=work.now)
        else:
            _tell_of(work, known, {})
    return {}


def _span(work: Work) -> tuple[Any, Any]:
    start, end_ = midnight(work, work.codes["start"]), end_of(work, work.codes["end"])
    if end_ < start:
        raise refuse("end", "before_start")
    if end_ > work.now + FARTHEST:
        raise refuse("end", "far_ahead")
    return start, end_


def _tell(work: Work, **times: Any) -> None:
    """Of the works that stand, else of new ones; they are those of the unit that has the ticket now."""
    mine = work.subject
    repair_id = works.standing(work.connection, mine.id)
    if repair_id is None:
        repair_id = works.begin(work.connection, mine.city_id, mine.id, mine.site_id, mine.unit_id)
    _tell_of(work, repair_id, {"unit_id": mine.unit_id, **times})


def _tell_of(work: Work, repair_id: int, facts: dict[str, Any]) -> None:
    mine, codes = work.subject, work.codes
    if "liability" in codes:
        if date.fromisoformat(codes["liability"]) < work.now.astimezone(mine.zone).date():
            raise refuse("liability", "past")
        facts["liability_until"] = codes["liability"]
    outline = _outline(work)
    if outline is not None:
        facts["hoarding"] = True
    if "traffic" in codes:
        facts["traffic_plan"] = True
    if "assisting" in codes:
        facts["assisting"] = unit_ids(work, "assisting")
    if "cost" in codes:
        facts["cost"] = Decimal(codes["cost"])
    works.tell(work.connection, repair_id, facts, outline)


def _outline(work: Work) -> str | None:
    """The ground fenced off, as it was drawn, else so many metres around the ticket; None: nothing is."""
    codes = work.codes
    if "outline" not in codes and "hoarding_m" not in codes:
        return None
    lon, lat = works.point_of(work.connection, work.subject.id)
    narrow = _DEGREE_M * math.cos(math.radians(lat))
    if "outline" in codes:
        corners = [(float(x), float(y)) for x, y in codes["outline"]]
        away = max(math.hypot((x - lon) * narrow, (y - lat) * _DEGREE_M) for x, y in corners)
        if away > _FARTHEST_M:
            raise refuse("outline", "too_far")
        shape = Polygon(corners)
        if not shape.is_valid or not shape.area:
            raise refuse("outline", "no_outline")
        return str(shape.wkt)
    turns = [2 * math.pi * nth / _CORNERS for nth in range(_CORNERS)]
    radius = float(codes["hoarding_m"])
    return str(
        Polygon([(lon + radius * math.cos(a) / narrow, lat + radius * math.sin(a) / _DEGREE_M) for a in turns]).wkt
    )
