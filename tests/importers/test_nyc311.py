"""New York's 311 requests, under both sets of column names."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

import importers
from geoapp.errors import BadRequest, SourceUnreadable
from geoapp.lifecycle import Outcome, State
from importers.base import Report, Row, RowError
from importers.nyc311 import OUTCOMES, STATES, Nyc311

SAMPLE = Path(__file__).parents[1] / "samples" / "nyc_portal.csv"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "nyc311" / "nyc311_requests.csv.gz"


def read(**fields: str) -> Report:
    given = {"unique_key": "1", "created_date": "2024-03-01T10:00:00", "complaint_type": "Noise"}
    return Nyc311().report(given | fields)


def reason(**fields: str) -> str:
    with pytest.raises(RowError) as caught:
        read(**fields)
    return caught.value.reason


def test_the_portals_own_export() -> None:
    importer = Nyc311()
    reports = [importer.report(row.fields) for row in importer.rows(SAMPLE) if isinstance(row, Row)]
    first, second, third = reports
    assert importer.unread == ()
    assert first.ref == "90000001"
    assert first.said_at == datetime(2010, 1, 4, 13, 36, 17, tzinfo=UTC)
    assert (first.category, first.matter, first.unit) == ("Street Condition", "Pothole", "DOT")
    assert first.unit_name == "Department of Transportation"
    assert (first.x, first.y, first.crs) == (-73.98, 40.75, "WGS-84")
    assert first.address == "1 EXAMPLE STREET, NEW YORK"
    assert first.body == "Pothole; Street"
    assert first.recorded_area == "105"
    assert first.due_at == datetime(2010, 1, 14, 13, 36, 17, tzinfo=UTC)
    assert first.standing is not None
    assert (first.standing.state, first.standing.outcome) == ("closed", "repaired")
    assert first.standing.at == datetime(2010, 1, 5, 17, 5, tzinfo=UTC)
    assert (second.x, second.y, second.crs) == (1005000.0, 235000.0, "EPSG:2263")
    assert second.address == "FIRST AVENUE & SECOND STREET, BRONX"
    assert second.said_at == datetime(2023, 7, 1, 4, tzinfo=UTC)
    assert third.recorded_area == ""
    assert third.address == "Example Park"
    assert third.y is not None and math.isnan(third.y) and third.x == math.inf


def test_closed_before_created_is_closed_when_created() -> None:
    report = read(status="Closed", closed_date="1900-01-01T00:00:00", resolution_description="See notes.")
    assert report.standing is not None
    assert report.standing.at == report.said_at
    assert report.standing.note == "See notes. [closed_date 1900-01-01T00:00:00]"


def test_the_hour_that_comes_twice_is_the_first() -> None:
    assert read(created_date="2023-11-05T01:30:00").said_at == datetime(2023, 11, 5, 5, 30, tzinfo=UTC)


def test_the_hour_that_never_comes_is_an_hour_later() -> None:
    assert read(created_date="2024-03-10T02:30:00").said_at == datetime(2024, 3, 10, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "state"),
    [("Open", "registered"), ("In Progress", "in_hand"), ("Closed", "closed"), ("Unspecified", None), ("", None)],
)
def test_status(status: str, state: str | None) -> None:
    standing = read(status=status).standing
    assert (standing.state if standing else None) == state


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("The Department of X inspected this complaint and repaired the problem.", "repaired"),
        ("No violations were issued. The complaint has been closed.", "explained"),
        ("HPD was unable to access the rooms. No violations were issued.", None),
        ("The complaint you filed is a duplicate of a condition already reported.", "merged"),
        ("Do not file duplicate complaints.", None),
        ("More than one complaint was received for this condition.", None),
        ("The Department of X has completed the request or corrected the condition.", None),
        ("This issue is not within its jurisdiction.", "declined"),
        ("The condition will be corrected within ten days.", None),
        ("The agency issued a summons.", None),
        ("", None),
    ],
)
def test_outcome_only_where_the_text_says_so(text: str, outcome: str | None) -> None:
    standing = read(status="Closed", resolution_description=text).standing
    assert standing is not None
    assert standing.outcome == outcome
    opened = read(status="Open", resolution_description=text).standing
    assert opened is not None and opened.outcome is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"created_date": ""}, "bad_date"),
        ({"created_date": "13/45/2020 10:00:00 AM"}, "bad_date"),
        ({"created_date": "0001-01-01T00:00:00"}, "bad_date"),
        ({"due_date": "soon"}, "bad_date"),
        ({"latitude": "north"}, "bad_number"),
        ({"latitude": "4_0"}, "bad_number"),
        ({"x_coordinate_state_plane": "1,8372"}, "bad_number"),
        ({"status": "Sleeping"}, "unknown_status"),
        ({"community_board": "5 NOWHERE"}, "bad_area"),
        ({"unique_key": " "}, "no_ref"),
    ],
)
def test_what_cannot_be_used(fields: dict[str, str], code: str) -> None:
    assert reason(**fields) == code


def test_the_board_gives_the_area() -> None:
    assert read(community_board="05 QUEENS").recorded_area == "405"
    assert read(community_board="Unspecified QUEENS").recorded_area == ""
    assert read(community_board="05 QUEENS", boro_cd="406").recorded_area == "406"


def test_half_a_pair_is_broken_not_missing() -> None:
    report = read(y_coordinate_state_plane="236,221")
    assert report.x is not None and math.isnan(report.x)
    assert (report.y, report.crs) == (236221.0, "EPSG:2263")
    assert read().x is None


def test_a_column_nobody_reads_is_reported_and_its_row_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Unique Key,Created Date,Problem (formerly Complaint Type),Moon Phase\n1,2024-01-01,Noise,full\n")
    importer = Nyc311()
    (row,) = importer.rows(path)
    assert importer.unread == ("moon_phase",)
    fields = dict(row.fields)
    assert importer.report(fields).category == "Noise"
    assert fields == {}


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Unique Key,Complaint Type\n1,Noise\n")
    with pytest.raises(SourceUnreadable, match="created_date"):
        Nyc311().rows(path)


def test_codes_are_those_of_the_lifecycle() -> None:
    assert set(STATES.values()) <= set(State)
    assert {outcome for outcome, _ in OUTCOMES if outcome} <= set(Outcome)


def test_importers_are_found_by_name() -> None:
    assert {"nyc311", "table"} <= set(importers.names())
    assert importers.get("nyc311") is Nyc311
    assert isinstance(importers.create("nyc311"), Nyc311)
    for wrong in ("rows", "base", "os", "../x"):
        with pytest.raises(BadRequest, match="nyc311"):
            importers.get(wrong)
    with pytest.raises(BadRequest, match="options: none"):
        importers.create("nyc311", {"mapping": "x"})


def test_the_real_file() -> None:
    assert REAL.exists(), f"real data is missing: {REAL}"
    importer = Nyc311()
    reports = [importer.report(row.fields) for row in importer.rows(REAL) if isinstance(row, Row)]
    assert len(reports) == 45_109
    assert importer.unread == ()
    assert sum(1 for report in reports if report.x is not None and not math.isnan(report.x + (report.y or 0))) == 42_507
    assert sum(1 for report in reports if report.standing and report.standing.outcome == "merged") > 3_900
