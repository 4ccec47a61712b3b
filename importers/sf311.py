"""Reads San Francisco's 311 cases, as the public data set of BigQuery names their columns.

Times are San Francisco local time, though the data set marks them as UTC (+00:00): calls come from eight to five by
the times written, and cases are closed by rule at the same hour in winter and in summer. A place is the one in
`location`; `latitude` and `longitude` are coarser, at times miles off, and count only where that is empty, unless they
are the middle of the city, which stands for none. 0.0 is given where no place was said.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from importers.base import Report, RowError, Standing
from importers.fields import Clock, Course, Fields, MistakenClock, Phrases, area, number, outcomes, words
from importers.rows import Portal

READ: Final = frozenset(
    """
    unique_key created_date closed_date resolution_action_updated_date status status_notes agency_name category
    complaint_type descriptor incident_address supervisor_district location source media_url latitude longitude
    """.split()  # noqa: SIM905 as a list of literals it would be twenty lines
)

# The layers find these.
IGNORED: Final = frozenset({"neighborhood", "police_district"})

STATES: Final = {"open": "registered", "closed": "closed"}
"""What the source's status words mean; one that is not here is an error."""

OUTCOMES: Final[Phrases] = (
    (
        "merged",
        (
            r"\bcancel(?:l?ed)? (?:this is a )?dup(?:licate)?\b",
            r"\b(?:is|as) a duplicate\b",
            r"\bduplicate (?:(?:of|to|see|ref|case|request|work order|id|sr|so|wo) ?)+#? ?\d{4}",
            r"^duplicate per \w+\W*$",
            r"^(?:(?:resolved|cancelled): )?duplicate(?: (?:case|request|sr))?\W*$",
        ),
    ),
    (
        "repaired",
        (
            r"^(?:case )?(?:resolved:? )?graffiti (?:removed|abated)\b",
            r"^(?:case )?(?:resolved:? )?(?:(?:leak|meter|main break|irrigation) )?(?:repaired|fixed)\b",
            r"\brepairs made\b",
            r"^(?:resolved: )?work completed\b",
        ),
    ),
    (
        "declined",
        (
            r"\bcase (?:is )?invalid\b",
            r"\bclosed as invalid\b",
            r"^invalid request\b",
            r"^(?:resolved: )?insufficient (?:information|location)\b",
            r"\bunable to process this\b",
            r"\bnot (?:rationally )?within [a-z]+ jurisdiction\b",
        ),
    ),
    (
        "explained",
        (
            r"\bno (?:leak|conditions?) found\b",
            r"\bconditions? not found\b",
            r"^no (?:further )?action (?:required|needed|necessary)\b",
        ),
    ),
)
"""The phrases of a note that plainly say what came of it; "completed" and "resolved" alone do not: many a field work
ends with nothing found."""

_outcome: Final = outcomes(OUTCOMES)
_COURSE: Final = Course(STATES, "closed_date", "resolution_action_updated_date")

_NO_ADDRESS: Final = "not associated with a specific address"
_NO_DISTRICT: Final = "-1"
_SAYS_NOTHING: Final = frozenset({"", "na", "other"})
_MIDDLE: Final = (-122.4185, 37.77483)
_LOCATION: Final = re.compile(r"\(([^(),]+), ?([^(),]+)\)")


class Sf311(Portal):
    """San Francisco 311 cases."""

    name: ClassVar[str] = "sf311"
    city: str | None = "sf"
    needed: ClassVar[tuple[str, ...]] = ("unique_key", "created_date", "category")
    known: ClassVar[frozenset[str]] = READ | IGNORED
    clock: ClassVar[Clock] = MistakenClock(ZoneInfo("UTC"), local=ZoneInfo("America/Los_Angeles"))

    def _read(self, take: Fields) -> Report:
        said_at = take.must("created_date")
        matter = _type(take("complaint_type"))
        x, y = _point(take)
        picture = take("media_url").strip()
        return Report(
            ref=take.ref("unique_key"),
            said_at=said_at,
            category=words(take("category")),
            matter=matter,
            body=_body(matter, _type(take("descriptor"))),
            address=_address(words(take("incident_address"))),
            x=x,
            y=y,
            unit=words(take("agency_name")),
            recorded_area=_district(take("supervisor_district").strip()),
            channel=words(take("source")),
            standing=_standing(take, said_at),
            pictures=(picture,) if picture else (),
        )


def _type(text: str) -> str:
    """A type's words without the hyphen that nothing follows: the source joins its parts though one is empty."""
    return words(text).rstrip(" -")


def _body(matter: str, detail: str) -> str:
    """The type and its detail, which at times repeats it."""
    parts = [matter, detail] if matter.lower() not in detail.lower() else [detail]
    return "; ".join(part for part in parts if part.lower() not in _SAYS_NOTHING)


def _address(address: str) -> str:
    return "" if address.lower() == _NO_ADDRESS else address


def _district(text: str) -> str:
    return area("" if text == _NO_DISTRICT else text, "supervisor_district")


def _point(take: Fields) -> tuple[float | None, float | None]:
    x, y = take.point("longitude", "latitude")
    location = take("location").strip()
    if not location:
        return (None, None) if (x, y) == _MIDDLE else (x, y)
    match = _LOCATION.fullmatch(location)
    if match is None:
        raise RowError("bad_number", f'location "{location}"')
    return number(match[2], "location"), number(match[1], "location")


def _standing(take: Fields, said_at: datetime) -> Standing | None:
    status, note = words(take("status")), words(take("status_notes"))
    return _COURSE.standing(take, said_at, status, note, _outcome(note))
