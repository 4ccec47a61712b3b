"""What a ticket is called in public: its matter and its place, never a citizen's words."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Protocol

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection

from geoapp.city import City
from geoapp.pages.parts.language import named
from geoapp.store.identity import identity
from geoapp.store.queries import areas, matters

KINDS: Final = ("complaint", "help", "suggestion", "inquiry", "denunciation")
"""What a citizen may file, in the order the form offers."""

PROBLEMS: Final = {
    "missing": _l("No place was given."),
    "not_finite": _l("Coordinates must be finite numbers."),
    "zero": _l("0,0 is no place in this city."),
    "swapped": _l("Longitude and latitude seem to be swapped."),
    "outside": _l("This place lies outside the city."),
    "bad_crs": _l("This coordinate system is unknown."),
    "no_place": _l("The words name no place that is known here."),
    "ambiguous": _l("The words may mean several places."),
    "too_coarse": _l("The words name only a large area or a long road."),
    "another_city": _l("The words speak of another city."),
    "no_crossing": _l("The roads named do not meet here."),
    "conflict": _l("The words and the coordinates contradict each other."),
    "unsure": _l("The words may mean a place, but not surely enough."),
    "no_version": _l("Nothing is known of the ground at that time."),
}


class Titled(Protocol):
    """What has a matter and areas."""

    @property
    def matter_id(self) -> int | None:
        """Its matter's key."""

    @property
    def area_keys(self) -> tuple[int, ...]:
        """The keys of the areas it lies in."""


class Names:
    """The names a list of tickets needs, looked up once."""

    def __init__(self, connection: Connection, city: City, tickets: Iterable[Titled]) -> None:
        wanted = {ticket.matter_id for ticket in tickets if ticket.matter_id is not None}
        self._matters = matters.matter_names(connection, wanted)
        layer = areas.layers(connection, city.id).get(city.responsible)
        # A version's names never change, so they are kept by its key.
        self._places = _kept_names(identity(connection), layer.version_id) if layer else None
        if layer and self._places is not None and not self._places:
            self._places.update(areas.names_of(connection, layer.version_id))

    def place(self, ticket: Titled) -> str:
        """The area that answers for the ticket."""
        keys = (key for key in ticket.area_keys if self._places and key in self._places)
        return next((named(self._places[key]) for key in keys if self._places), "")

    def title(self, ticket: Titled) -> str:
        """Matter and place."""
        return title(named(self._matters.get(ticket.matter_id or 0)), self.place(ticket))


def title(matter: str, place: str) -> str:
    """Matter and place in one line."""
    return " · ".join(part for part in (matter or _("Matter not yet known"), place) if part)


@lru_cache(maxsize=16)
def _kept_names(database: str, layer_version_id: int) -> dict[int, dict[str, str]]:
    return {}
