"""Which tickets a query finds for somebody: those that are public, and of the others what their sight holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, or_, true

from geoapp.records import Sight
from geoapp.store.tables import assisting, ticket

SEEN: Final = (
    "(k.public OR :seen_everywhere OR k.city_id = ANY(:seen_cities) OR k.area_keys && cast(:seen_areas AS integer[]) "
    "OR k.unit_id = ANY(:seen_units))"
)
"""Whether a ticket `k` is seen, with the values of a sight."""


def values(sight: Sight) -> Mapping[str, Any]:
    """What SEEN asks for."""
    return {
        "seen_everywhere": sight.everywhere, "seen_cities": sorted(sight.cities),
        "seen_areas": sorted(sight.area_keys), "seen_units": sorted(sight.units),
    }  # fmt: skip


def seen_by_assisting(sight: Sight) -> ColumnElement[bool]:
    """Whether a ticket that is asked for by itself is seen: whoever assists with it sees it, too.

    Lists and maps are those of whoever answers for a ticket.
    """
    if not sight.units:
        return seen(sight)
    assists = exists().where(assisting.c.ticket_id == ticket.c.id, assisting.c.unit_id.in_(sorted(sight.units)))
    return or_(seen(sight), assists)


def seen(sight: Sight) -> ColumnElement[bool]:
    """Whether a ticket is seen, asking no more than the sight holds."""
    if sight.everywhere:
        return true()
    asked: list[ColumnElement[bool]] = [ticket.c.public]
    if sight.cities:
        asked.append(ticket.c.city_id.in_(sorted(sight.cities)))
    if sight.area_keys:
        asked.append(ticket.c.area_keys.overlap(sorted(sight.area_keys)))
    if sight.units:
        asked.append(ticket.c.unit_id.in_(sorted(sight.units)))
    return or_(*asked)
