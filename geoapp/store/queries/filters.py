"""The filters every list, map and count understands, resolved to keys, as conditions on tickets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from geoapp.store.mercator import Box
from geoapp.store.tables import matter, ticket

Ids = tuple[int, ...]
Codes = tuple[str, ...]

# The end of every string that starts with a prefix, in an order by code point (the database's C.UTF-8).
_AFTER_ALL: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; an empty tuple or None asks nothing. `inside`: tickets that are not public count too.

    area_box holds the areas of area_keys in every version there was, so that the spatial index narrows them too.
    """

    city_id: int
    boxes: tuple[Box, ...] = ()
    area_keys: Ids = ()
    area_box: Box | None = None
    categories: Ids = ()
    matters: Ids = ()
    units: Ids = ()
    kinds: Codes = ()
    states: Codes = ()
    outcomes: Codes = ()
    sources: Codes = ()
    since: datetime | None = None
    until: datetime | None = None
    due_before: datetime | None = None
    late: bool | None = None
    number: str = ""
    number_matters: Ids = ()
    inside: bool = False

    @property
    def narrow(self) -> bool:
        """Whether anything but city, box and audience is asked: then cells kept for all tickets do not answer it."""
        asked = (f for f in fields(self) if f.name not in ("city_id", "boxes", "inside"))
        return any(getattr(self, f.name) not in ((), None, "") for f in asked)


def conditions(asked: Filters) -> list[ColumnElement[bool]]:
    """What a ticket must be to be among those asked for, its place aside."""
    return [*_audience(asked), *_things(asked), *_codes(asked), *_times(asked), *_words(asked)]


def in_boxes(boxes: Sequence[Box]) -> ColumnElement[bool]:
    """The ticket lies in one of the boxes, half-open like cells: west and north edges belong to a box."""
    return or_(*(_in_box(box) for box in boxes)) if boxes else true()


def touches(box: Box) -> ColumnElement[bool]:
    """The ticket lies in the box or on its edge: what the spatial index answers."""
    envelope = func.ST_MakeEnvelope(box.west, box.south, box.east, box.north, 4326)
    overlaps: ColumnElement[bool] = ticket.c.point.intersects(envelope)
    return overlaps


def _in_box(box: Box) -> ColumnElement[bool]:
    lon, lat = func.ST_X(ticket.c.point), func.ST_Y(ticket.c.point)
    edges = [touches(box)]
    if box.west < box.east < 180:
        edges.append(lon < box.east)
    if box.north > box.south > -90:
        edges.append(lat > box.south)
    return and_(*edges)


def _audience(asked: Filters) -> list[ColumnElement[bool]]:
    city = ticket.c.city_id == asked.city_id
    return [city] if asked.inside else [city, ticket.c.public]


def _things(asked: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.area_box:
        found.append(touches(asked.area_box))
    if asked.area_keys:
        found.append(ticket.c.area_keys.op("&&", is_comparison=True)(list(asked.area_keys)))
    if asked.categories:
        found.append(ticket.c.matter_id.in_(select(matter.c.id).where(matter.c.category_id.in_(asked.categories))))
    for column, ids in ((ticket.c.matter_id, asked.matters), (ticket.c.unit_id, asked.units)):
        if ids:
            found.append(column.in_(ids))
    return found


def _codes(asked: Filters) -> list[ColumnElement[bool]]:
    named = {
        ticket.c.kind: asked.kinds,
        ticket.c.state: asked.states,
        ticket.c.outcome: asked.outcomes,
        ticket.c.source: asked.sources,
    }
    return [column.in_(codes) for column, codes in named.items() if codes]


def _times(asked: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.since is not None:
        found.append(ticket.c.opened_at >= asked.since)
    if asked.until is not None:
        found.append(ticket.c.opened_at < asked.until)
    if asked.due_before is not None:
        found.append(and_(ticket.c.due_at < asked.due_before, ticket.c.ended_at.is_(None)))
    if asked.late is not None:
        found.append(ticket.c.late == asked.late)
    return found


def _words(asked: Filters) -> list[ColumnElement[bool]]:
    if not asked.number:
        return []
    prefix = and_(ticket.c.number >= asked.number, ticket.c.number < asked.number + _AFTER_ALL)
    return [or_(prefix, ticket.c.matter_id.in_(asked.number_matters)) if asked.number_matters else prefix]
