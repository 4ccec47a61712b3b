"""Reads New York's 311 service requests, as NYC Open Data exports them and as its API names them.

Times are New York local time. Coordinates are longitude and latitude, else the state plane (EPSG:2263, feet); half
a pair gives NaN for the other half, so that broken is told from missing. A request closed before it was created is
closed when it was created, and its note keeps the closing time the source wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from importers.base import Report, RowError, Standing
from importers.fields import Clock, Course, Fields, Phrases, number, outcomes, pair, words
from importers.rows import Portal

NEEDED: Final = ("unique_key", "created_date", "complaint_type")

# Read by other columns, by the layers, or of no use to a place: every one is left out on purpose.
IGNORED: Final = frozenset(
    """
    incident_zip street_name cross_street_1 cross_street_2 address_type facility_type
    council_district council_districts community_districts borough_boundaries police_precinct
    police_precincts bbl location location_city location_zip location_address
    location_state zip_codes park_borough bridge_highway_direction road_ramp vehicle_type
    taxi_company_borough taxi_pick_up_location school_name school_number school_region
    school_code school_phone_number school_address school_city school_state school_zip
    school_not_found school_or_citywide_complaint garage_lot_name ferry_direction
    ferry_terminal_name source_repo source_file
    """.split()  # noqa: SIM905 as a list of literals it would be forty lines
)

READ: Final = frozenset(
    """
    unique_key created_date closed_date agency agency_name complaint_type descriptor additional_details location_type
    incident_address intersection_street_1 intersection_street_2 city landmark status due_date resolution_description
    resolution_action_updated_date community_board borough x_coordinate_state_plane y_coordinate_state_plane
    open_data_channel_type park_facility_name bridge_highway_name bridge_highway_segment latitude longitude boro_cd
    """.split()  # noqa: SIM905
)
KNOWN: Final = READ | IGNORED

# NYC Open Data renamed these in 2025.
RENAMED: Final = {
    "problem_formerly_complaint_type": "complaint_type",
    "problem_detail_formerly_descriptor": "descriptor",
}

STATES: Final = {
    "open": "registered",
    "unassigned": "registered",
    "pending": "in_hand",
    "in progress": "in_hand",
    "assigned": "in_hand",
    "started": "in_hand",
    "email sent": "in_hand",
    "closed": "closed",
    "cancel": "closed",
    "canceled": "closed",
    "cancelled": "closed",
}
"""What the source's status words mean; one that is not here is an error, "Unspecified" and none say nothing."""

OUTCOMES: Final[Phrases] = (
    # Words of an outcome occur in these, but none is stated.
    (None, ("unable to access", "not able to gain access", "could not access", "will be (?:repaired|corrected)")),
    (None, ("(?:has|have|was|were) not (?:been )?(?:repaired|corrected|fixed)",)),
    (
        "merged",
        (
            "is a duplicate of a",
            "addressed under another service request",
            "received an earlier complaint about the same location",
            "open service request already exists for the same location",
        ),
    ),
    (
        "repaired",
        (
            "repaired (?:the problem|or replaced)",
            "performed repair work",
            "made a repair",
            "problem was fixed",
            "took action to fix the condition",
            "conditions? (?:was|were|has been) corrected",
            "(?<!request or )corrected the (?:condition|problem)",
            "performed the work necessary to correct",
            "heat and hot water had been restored",
            "cleaned the (?:location|catch basin)",
            "removed the (?:items|vehicle|graffiti)",
            "vehicle you reported has been removed",
            "removed illegal postings",
            "(?:plowed|salted) the area",
            "collected the e-waste",
            "shut the running hydrant",
        ),
    ),
    (
        "declined",
        (
            "not (?:fall )?(?:be )?(?:under|within)(?: the)? [a-z' ]*jurisdiction",
            "can ?not be processed at this time",
            "insufficient (?:contact )?information",
            "not have (?:enough|sufficient) information",
        ),
    ),
    (
        "explained",
        (
            "no (?:criminal )?violations? (?:was|were|at|existed|upon)",
            "(?:not|n't) (?:observe|find) a(?:ny)? violation",
            "observed no (?:evidence|criminal violation)",
            "did not violate",
            "no further (?:action|investigation) (?:was|is) (?:necessary|required|needed)",
            "no work(?: order)? (?:was|is) necessary",
            "action was not necessary",
            "those responsible for the condition were gone",
            "found no (?:condition|violation)",
            "no (?:encampment|graffiti) was found",
            "meets its standards",
            "in compliance with",
            "did not find the reported problem",
            "could(?: not|n't) find the (?:problem|condition|tree condition)",
            "condition was not found",
        ),
    ),
)
"""The phrases of a closing text that plainly say what came of it; the first group with one in the text decides."""

_outcome: Final = outcomes(OUTCOMES)
_COURSE: Final = Course(STATES, "closed_date", "resolution_action_updated_date")

_BOROUGHS: Final = {"MANHATTAN": 1, "BRONX": 2, "BROOKLYN": 3, "QUEENS": 4, "STATEN ISLAND": 5}
_BOARD: Final = re.compile(r"(\d\d) (MANHATTAN|BRONX|BROOKLYN|QUEENS|STATEN ISLAND)", re.ASCII)
_SAYS_NOTHING: Final = frozenset(
    {"", "unspecified", "n/a", "na", "other", "other (explain below)", "above address", "unknown"}
)


class Nyc311(Portal):
    """NYC 311 service requests."""

    name: ClassVar[str] = "nyc311"
    city: str | None = "nyc"
    needed: ClassVar[tuple[str, ...]] = NEEDED
    known: ClassVar[frozenset[str]] = KNOWN
    renamed: ClassVar[Mapping[str, str]] = RENAMED
    clock: ClassVar[Clock] = Clock(ZoneInfo("America/New_York"), american=True)

    def _read(self, take: Fields) -> Report:
        said_at = take.must("created_date")
        address = _address(take)
        matter = words(take("descriptor"))
        x, y, crs = _point(take)
        return Report(
            ref=take.ref("unique_key"),
            said_at=said_at,
            category=words(take("complaint_type")),
            matter=matter,
            body=_body(take, matter, address),
            address=address,
            x=x,
            y=y,
            crs=crs,
            unit=words(take("agency")),
            unit_name=words(take("agency_name")),
            recorded_area=_board(take("boro_cd").strip(), words(take("community_board")).upper()),
            channel=words(take("open_data_channel_type")),
            due_at=take.time("due_date"),
            standing=_standing(take, said_at),
        )


def _address(take: Fields) -> str:
    """The street or place, then city or borough; "" where the source names no street and no place."""
    crossing = [take("intersection_street_1"), take("intersection_street_2")]
    highway = [take("bridge_highway_name"), take("bridge_highway_segment")]
    choices = (
        take("incident_address"),
        " & ".join(street for street in crossing if street) if all(crossing) else "",
        take.look("landmark"),
        take.look("park_facility_name"),
        " ".join(highway),
    )
    place = next((words(choice) for choice in choices if _says(choice)), "")
    city, borough = words(take("city")), words(take("borough"))
    town = city if _says(city) else borough if _says(borough) else ""
    return f"{place}, {town}" if place and town else place


def _says(text: str) -> bool:
    return text.strip().lower() not in _SAYS_NOTHING


def _body(take: Fields, matter: str, address: str) -> str:
    """The descriptor and what else says what or where it is, without repeating the address."""
    names = ("additional_details", "location_type", "landmark", "park_facility_name")
    further = [words(take(name)) for name in names]
    return "; ".join(part for part in [matter, *further] if _says(part) and (part == matter or part not in address))


def _point(take: Fields) -> tuple[float | None, float | None, str]:
    lon, lat = number(take("longitude"), "longitude"), number(take("latitude"), "latitude")
    east = number(take("x_coordinate_state_plane"), "x_coordinate_state_plane")
    north = number(take("y_coordinate_state_plane"), "y_coordinate_state_plane")
    if lon is not None and lat is not None:
        return lon, lat, "WGS-84"
    if east is not None and north is not None:
        return east, north, "EPSG:2263"
    if lon is None and lat is None and (east is not None or north is not None):
        return *pair(east, north), "EPSG:2263"
    return *pair(lon, lat), "WGS-84"


def _board(code: str, board: str) -> str:
    if code:
        return code
    if match := _BOARD.fullmatch(board):
        return f"{_BOROUGHS[match[2]]}{match[1]}"
    if not board or "UNSPECIFIED" in board:
        return ""
    raise RowError("bad_area", f'community_board "{board}"')


def _standing(take: Fields, said_at: datetime) -> Standing | None:
    status, text = words(take("status")), words(take("resolution_description"))
    return _COURSE.standing(take, said_at, status if _says(status) else "", text, _outcome(text))
