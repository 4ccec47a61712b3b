"""Which tickets somebody sees: those that are public, and of the others what their roles let them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, true

from geoapp.store.tables import ticket


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen beside what is public: all there is, all of some cities, what lies in some areas, and what some
    units handle; keys."""

    everywhere: bool = False
    cities: frozenset[int] = frozenset()
    area_keys: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()

    def whole(self, city_id: int) -> bool:
        """Whether all of a city's tickets are seen."""
        return self.everywhere or city_id in self.cities

    @property
    def partial(self) -> bool:
        """Whether something is seen that a question about a whole city does not answer."""
        return bool(self.area_keys or self.units)

    def values(self) -> Mapping[str, Any]:
        """What SEEN asks for."""
        return {
            "seen_everywhere": self.everywhere, "seen_cities": sorted(self.cities),
            "seen_areas": sorted(self.area_keys), "seen_units": sorted(self.units),
        }  # fmt: skip


PUBLIC_ONLY: Final = Sight()
EVERYTHING: Final = Sight(everywhere=True)

SEEN: Final = (
    "(k.public OR :seen_everywhere OR k.city_id = ANY(:seen_cities) OR k.area_keys && cast(:seen_areas AS integer[]) "
    "OR k.unit_id = ANY(:seen_units))"
)
"""The same as `seen`, of a ticket `k`, with the values of a Sight."""


def seen(sight: Sight) -> ColumnElement[bool]:
    """Whether a ticket is seen."""
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
