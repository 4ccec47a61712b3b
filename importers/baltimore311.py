"""Reads Baltimore's 311 service requests, as Open Baltimore exports them.

Times are of two kinds. The system used since September 2018, whose records have an id besides their number, writes
Baltimore local time. The one before took local time for UTC and wrote what that is in Baltimore, four or five hours
early: its days without an hour begin at 8 PM of the day before in summer and at 7 PM in winter, and its calls come from
four to noon; that is undone here. Coordinates of early 2018 have lost all decimals (39, -77) and are left as written.
The area is the council district.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from importers.base import Report, Standing
from importers.fields import Clock, Course, Fields, MistakenClock, area, words
from importers.rows import Portal

READ: Final = frozenset(
    """
    srrecordid servicerequestnum srtype methodreceived createddate srstatus statusdate duedate closedate agency
    lastactivity outcome address councildistrict latitude longitude
    """.split()  # noqa: SIM905 as a list of literals it would be twenty lines
)

# Copies of the coordinates, the layers' business, and what follows from the dates.
IGNORED: Final = frozenset(
    """
    geolocation zipcode zip_codes neighborhood policedistrict policepost 2010_census_wards_precincts
    2010_census_neighborhoods lastactivitydate daysopen
    """.split()  # noqa: SIM905
)

_WORDS: Final = {"new": "registered", "open": "registered", "pending": "in_hand", "closed": "closed"}
STATES: Final = (
    _WORDS
    | {f"{word} (transferred)": state for word, state in _WORDS.items()}
    # A duplicate is no work of its own, also while the request it repeats is open.
    | {f"{word} (duplicate)": "closed" if state == "closed" else "merged" for word, state in _WORDS.items()}
)
"""What the source's status words mean; one that is not here is an error."""

_DUPLICATE: Final = "(duplicate)"
_COURSE: Final = Course(STATES, "closedate", "statusdate")
_HERE: Final = ZoneInfo("America/New_York")
_BEFORE: Final = MistakenClock(_HERE, local=_HERE, american=True)


class Baltimore311(Portal):
    """Baltimore 311 service requests."""

    name: ClassVar[str] = "baltimore311"
    city: str | None = "baltimore"
    needed: ClassVar[tuple[str, ...]] = ("srrecordid", "servicerequestnum", "createddate", "srtype")
    known: ClassVar[frozenset[str]] = READ | IGNORED
    clock: ClassVar[Clock] = Clock(_HERE, american=True)

    def _read(self, take: Fields) -> Report:
        ref = take.ref("servicerequestnum")
        if take.ref("srrecordid") == ref:
            take.clock = _BEFORE
        said_at = take.must("createddate")
        x, y = take.point("longitude", "latitude")
        return Report(
            ref=ref,
            said_at=said_at,
            category=words(take("srtype")),
            address=words(take("address")),
            x=x,
            y=y,
            unit=words(take("agency")),
            recorded_area=area(take("councildistrict"), "councildistrict"),
            channel=words(take("methodreceived")),
            due_at=take.time("duedate"),
            standing=_standing(take, said_at),
        )


def _standing(take: Fields, said_at: datetime) -> Standing | None:
    """Where it stands; the status is told too where it says more than a state: "Closed (Transferred)"."""
    status = words(take("srstatus"))
    told = [status if "(" in status else "", words(take("outcome")), words(take("lastactivity"))]
    merged = status.lower().endswith(_DUPLICATE)
    note = "; ".join(part for part in told if part)
    return _COURSE.standing(take, said_at, status, note, "merged" if merged else None)
