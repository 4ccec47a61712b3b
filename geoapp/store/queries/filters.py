"""The filters every list, map and count understands, resolved to keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, select

from geoapp.records import PUBLIC_ONLY, Sight
from geoapp.store.mercator import Box
from geoapp.store.tables import ticket

Ids = tuple[int, ...]
Codes = tuple[str, ...]

# The end of every string that starts with a prefix, in an order by code point (the database's C.UTF-8).
_AFTER_ALL: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for, by somebody who sees what `sight` says; an empty tuple or None asks nothing.

    area_box holds the areas of area_keys in every version there was, so that it narrows where to look.
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
    sight: Sight = PUBLIC_ONLY

    @property
    def narrow(self) -> bool:
        """Whether anything but city, box and sight is asked: then cells kept for all tickets do not answer it."""
        asked = (f for f in fields(self) if f.name not in ("city_id", "boxes", "sight"))
        return any(getattr(self, f.name) not in ((), None, "") for f in asked)


def numbered(connection: Connection, asked: Filters) -> Sequence[int]:
    """The keys of the city's tickets whose number begins as asked."""
    begins = and_(ticket.c.number >= asked.number, ticket.c.number < asked.number + _AFTER_ALL)
    query = select(ticket.c.id).where(ticket.c.city_id == asked.city_id, begins)
    return connection.execute(query).scalars().all()
