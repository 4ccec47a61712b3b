"""Reads New York's 311 service requests, as NYC Open Data exports them and as its API names them.

Times are New York local time. Coordinates are longitude and latitude, else the state plane (EPSG:2263, feet); half
a pair gives NaN for the other half, so that broken is told from missing. A request closed before it was created is
closed when it was created, and its note keeps the closing time the source wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from importers.base import Importer, Rejected, Report, Row, RowError, Standing
from importers.fields import Clock, number, words
from importers.rows import read

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

# The portal adds such columns by itself, one a boundary layer, under numbers that change.
_COMPUTED: Final = "computed_region_"

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

OUTCOMES: Final[tuple[tuple[str | None, tuple[str, ...]], ...]] = (
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

_PHRASES: Final = tuple((outcome, re.compile("|".join(phrases))) for outcome, phrases in OUTCOMES)

_BOROUGHS: Final = {"MANHATTAN": 1, "BRONX": 2, "BROOKLYN": 3, "QUEENS": 4, "STATEN ISLAND": 5}
_BOARD: Final = re.compile(r"(\d\d) (MANHATTAN|BRONX|BROOKLYN|QUEENS|STATEN ISLAND)", re.ASCII)
_SAYS_NOTHING: Final = frozenset(
    {"", "unspecified", "n/a", "na", "other", "other (explain below)", "above address", "unknown"}
)
_US_TIME: Final = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AP])M)?)?", re.ASCII | re.IGNORECASE
)
_CLOCK: Final = Clock(ZoneInfo("America/New_York"))


class Nyc311(Importer):
    """NYC 311 service requests."""

    name: ClassVar[str] = "nyc311"
    city: str | None = "nyc"

    def rows(self, path: Path) -> Iterator[Row | Rejected]:
        sheet = read(path, rename=_column)
        sheet.need(NEEDED, path)
        self._leave(set(sheet.header))
        return sheet.rows

    def report(self, fields: dict[str, str]) -> Report:
        take = _Fields(fields)
        said_at = take.time("created_date")
        if said_at is None:
            raise RowError("bad_date", "created_date is empty")
        address = _address(take)
        matter = words(take("descriptor"))
        x, y, crs = _point(take)
        report = Report(
            ref=_ref(take),
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
        self._leave(set(fields))
        fields.clear()
        return report

    def _leave(self, columns: set[str]) -> None:
        if strange := {name for name in columns - KNOWN - set(self.unread) if not name.startswith(_COMPUTED)}:
            self.unread = tuple(sorted({*self.unread, *strange}))


class _Fields:
    """A row's fields, each handed out once."""

    def __init__(self, fields: dict[str, str]) -> None:
        self._fields = fields

    def __call__(self, name: str) -> str:
        return self._fields.pop(name, "")

    def look(self, name: str) -> str:
        return self._fields.get(name, "")

    def time(self, name: str) -> datetime | None:
        text = self(name)
        return _CLOCK.at(_iso(text.strip()), name) if text else None


@lru_cache(1024)
def _column(name: str) -> str:
    snake = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return RENAMED.get(snake, snake)


def _iso(text: str) -> str:
    """The portal's `01/04/2010 08:36:17 AM` as ISO; anything else as it is."""
    match = _US_TIME.fullmatch(text)
    if match is None:
        return text
    month, day, year, hour, minute, second, half = match.groups()
    hours = int(hour or 0)
    if half and hours not in range(1, 13):
        return text
    if half:
        hours = hours % 12 + (12 if half in "Pp" else 0)
    return f"{year}-{month:0>2}-{day:0>2} {hours:02}:{minute or '00'}:{second or '00'}"


def _ref(take: _Fields) -> str:
    ref = take("unique_key").strip()
    if not ref:
        raise RowError("no_ref", "unique_key is empty")
    return ref


def _address(take: _Fields) -> str:
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


def _body(take: _Fields, matter: str, address: str) -> str:
    """The descriptor and what else says what or where it is, without repeating the address."""
    names = ("additional_details", "location_type", "landmark", "park_facility_name")
    further = [words(take(name)) for name in names]
    return "; ".join(part for part in [matter, *further] if _says(part) and (part == matter or part not in address))


def _point(take: _Fields) -> tuple[float | None, float | None, str]:
    lon, lat = number(take("longitude"), "longitude"), number(take("latitude"), "latitude")
    east = number(take("x_coordinate_state_plane"), "x_coordinate_state_plane")
    north = number(take("y_coordinate_state_plane"), "y_coordinate_state_plane")
    if lon is not None and lat is not None:
        return lon, lat, "WGS-84"
    if east is not None and north is not None:
        return east, north, "EPSG:2263"
    if lon is not None or lat is not None:
        return _or_nan(lon), _or_nan(lat), "WGS-84"
    if east is not None or north is not None:
        return _or_nan(east), _or_nan(north), "EPSG:2263"
    return None, None, "WGS-84"


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _board(code: str, board: str) -> str:
    if code:
        return code
    if match := _BOARD.fullmatch(board):
        return f"{_BOROUGHS[match[2]]}{match[1]}"
    if not board or "UNSPECIFIED" in board:
        return ""
    raise RowError("bad_area", f'community_board "{board}"')


def _standing(take: _Fields, said_at: datetime) -> Standing | None:
    status = words(take("status"))
    text = words(take("resolution_description"))
    written = take.look("closed_date").strip()
    closed, acted = take.time("closed_date"), take.time("resolution_action_updated_date")
    if not _says(status):
        return None
    state = STATES.get(status.lower())
    if state is None:
        raise RowError("unknown_status", f'status "{status}"')
    if state != "closed":
        return Standing(state, max(said_at, acted) if acted else None, None, text)
    if closed and closed < said_at:
        text = f"{text} [closed_date {written}]".strip()
    at = closed or acted
    return Standing(state, max(said_at, at) if at else None, _outcome(text), text)


@lru_cache(4096)
def _outcome(text: str) -> str | None:
    """What the resolution text plainly says came of it, None where it does not."""
    lower = text.lower()
    return next((outcome for outcome, phrases in _PHRASES if phrases.search(lower)), None)
