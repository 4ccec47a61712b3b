"""Reads Los Angeles's MyLA311 service requests, as the city's open-data portal exports them.

Times are Los Angeles local time; streetlights are closed by the day alone, thus at its midnight, which may be before
they were reported. The service date is left out: it is now the day of a visit planned, now of one made, and where a
crew reports its own work it is long past. The area is the number of the neighbourhood council.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from importers.base import Report, Standing
from importers.fields import Clock, Course, Fields, area, words
from importers.rows import Portal

READ: Final = frozenset(
    """
    srnumber createddate updateddate closeddate actiontaken owner requesttype status requestsource address latitude
    longitude nc
    """.split()  # noqa: SIM905 as a list of literals it would be fifteen lines
)

# Parts of the address and how sure it is, the layers' business (council, police, planning and map page), the owner's
# yard, and the service date, which means too many things.
IGNORED: Final = frozenset(
    """
    addressverified approximateaddress housenumber direction streetname suffix zipcode
    ncname apc cd cdmember policeprecinct tbmpage tbmcolumn tbmrow location
    assignto servicedate source_file
    """.split()  # noqa: SIM905
)

STATES: Final = {
    "open": "registered",
    "pending": "in_hand",
    "closed": "closed",
    "cancelled": "closed",
    "referred out": "closed",
}
"""What the source's status words mean; one that is not here is an error. None says what came of it."""

# These say more than the state they mean.
_TELLING: Final = frozenset({"cancelled", "referred out"})
_ROUTINE: Final = frozenset({"", "sr created"})

_COURSE: Final = Course(STATES, "closeddate", "updateddate")


class La311(Portal):
    """Los Angeles 311 service requests."""

    name: ClassVar[str] = "la311"
    city: str | None = "la"
    needed: ClassVar[tuple[str, ...]] = ("srnumber", "createddate", "requesttype")
    known: ClassVar[frozenset[str]] = READ | IGNORED
    clock: ClassVar[Clock] = Clock(ZoneInfo("America/Los_Angeles"), american=True)

    def _read(self, take: Fields) -> Report:
        said_at = take.must("createddate")
        x, y = take.point("longitude", "latitude")
        return Report(
            ref=take.ref("srnumber"),
            said_at=said_at,
            category=words(take("requesttype")),
            address=words(take("address")),
            x=x,
            y=y,
            unit=words(take("owner")),
            recorded_area=area(take("nc"), "nc"),
            channel=words(take("requestsource")),
            standing=_standing(take, said_at),
        )


def _standing(take: Fields, said_at: datetime) -> Standing | None:
    status, action = words(take("status")), words(take("actiontaken"))
    told = (status if status.lower() in _TELLING else "", "" if action.lower() in _ROUTINE else action)
    return _COURSE.standing(take, said_at, status, "; ".join(part for part in told if part))
