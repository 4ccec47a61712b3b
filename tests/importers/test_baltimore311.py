"""Baltimore's 311 requests, of two systems with two clocks."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import importers
from geoapp.errors import SourceUnreadable
from geoapp.lifecycle import ENDED, State
from importers.baltimore311 import STATES, Baltimore311
from importers.base import Report, Row, RowError
from importers.fields import Clock, Course, Fields

SAMPLE = Path(__file__).parents[1] / "samples" / "baltimore311.csv"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "open311_samples" / "baltimore311_requests.csv.gz"
HERE = ZoneInfo("America/New_York")

NEW = {"srrecordid": "5009900000ExampleAAA", "servicerequestnum": "18-99000001"}
OLD = {"srrecordid": "17-99000001", "servicerequestnum": "17-99000001"}


def read(**fields: str) -> Report:
    given = {**NEW, "createddate": "11/06/2018 01:20:30 PM", "srtype": "SW-Dirty Alley"}
    return Baltimore311().report(given | fields)


def test_the_portals_own_export() -> None:
    importer = Baltimore311()
    reports = [importer.report(row.fields) for row in importer.rows(SAMPLE) if isinstance(row, Row)]
    first, second, third, fourth = reports
    assert importer.unread == ()
    assert importer.city == "baltimore"
    assert first.ref == "17-99000001"
    assert first.said_at == datetime(2017, 7, 6, 14, 30, tzinfo=UTC)
    assert first.due_at == datetime(2017, 7, 13, 14, 30, tzinfo=UTC)
    assert (first.category, first.matter, first.unit) == ("SW-Dirty Alley", "", "Solid Waste")
    assert first.address == "100 N EXAMPLE ST, BALTIMORE, MD, 21200"
    assert (first.x, first.y, first.crs) == (-76.6, 39.3, "WGS-84")
    assert (first.recorded_area, first.channel) == ("4", "Phone")
    assert first.standing is not None
    assert (first.standing.state, first.standing.outcome, first.standing.note) == ("closed", None, "")
    assert first.standing.at == datetime(2017, 7, 7, 15, 59, 59, tzinfo=UTC)
    assert (second.x, second.y, second.address, second.due_at) == (-77.0, 39.0, "", None)
    assert third.said_at == datetime(2018, 11, 6, 18, 20, 30, tzinfo=UTC)
    assert third.x is None
    assert third.standing is not None
    assert (third.standing.state, third.standing.outcome) == ("closed", "merged")
    assert third.standing.note == "Closed (Duplicate); See other request; Crew sent"
    assert fourth.standing is not None
    assert (fourth.standing.state, fourth.standing.outcome) == ("merged", "merged")
    assert fourth.standing.at == datetime(2018, 12, 12, 14, tzinfo=UTC)
    assert fourth.x is not None and math.isnan(fourth.x)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("01/09/2017 07:00:00 PM", datetime(2017, 1, 10, tzinfo=HERE)),
        ("07/05/2017 08:00:00 PM", datetime(2017, 7, 6, tzinfo=HERE)),
        ("07/06/2017 06:30:00 AM", datetime(2017, 7, 6, 10, 30, tzinfo=HERE)),
        ("01/09/2017 06:30:00 AM", datetime(2017, 1, 9, 11, 30, tzinfo=HERE)),
    ],
)
def test_the_first_systems_times_are_those_of_a_clock_that_took_local_time_for_utc(
    written: str, meant: datetime
) -> None:
    assert read(**OLD, createddate=written).said_at == meant.astimezone(UTC)


def test_the_second_systems_times_are_local() -> None:
    assert read().said_at == datetime(2018, 11, 6, 18, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "state", "outcome", "note"),
    [
        ("New", "registered", None, ""),
        ("Open", "registered", None, ""),
        ("Pending", "in_hand", None, ""),
        ("Closed", "closed", None, ""),
        ("Closed (Duplicate)", "closed", "merged", "Closed (Duplicate)"),
        ("Open (Duplicate)", "merged", "merged", "Open (Duplicate)"),
        ("New (Duplicate)", "merged", "merged", "New (Duplicate)"),
        ("Closed (Transferred)", "closed", None, "Closed (Transferred)"),
        ("Open (Transferred)", "registered", None, "Open (Transferred)"),
    ],
)
def test_status(status: str, state: str, outcome: str | None, note: str) -> None:
    standing = read(srstatus=status, statusdate="11/07/2018 01:00:00 PM").standing
    assert standing is not None
    assert (standing.state, standing.outcome, standing.note) == (state, outcome, note)
    assert standing.at == datetime(2018, 11, 7, 18, tzinfo=UTC)


def test_nothing_happens_before_it_was_said() -> None:
    report = read(srstatus="New", statusdate="11/06/2018 01:20:29 PM")
    assert report.standing is not None and report.standing.at == report.said_at
    closed = read(srstatus="Closed", closedate="11/05/2018 01:20:29 PM").standing
    assert closed is not None and closed.at == report.said_at
    assert closed.note == "[closedate 11/05/2018 01:20:29 PM]"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"servicerequestnum": " "}, "no_ref"),
        ({"srrecordid": ""}, "no_ref"),
        ({"createddate": ""}, "bad_date"),
        ({"createddate": "13/45/2018 01:20:30 PM"}, "bad_date"),
        ({"createddate": "11/06/2018 13:20:30 PM"}, "bad_date"),
        ({"duedate": "soon"}, "bad_date"),
        ({"statusdate": "soon"}, "bad_date"),
        ({"latitude": "north"}, "bad_number"),
        ({"srstatus": "Closed (Asleep)"}, "unknown_status"),
        ({"councildistrict": "fourth"}, "bad_area"),
    ],
)
def test_what_cannot_be_used(fields: dict[str, str], code: str) -> None:
    with pytest.raises(RowError) as caught:
        read(**fields)
    assert caught.value.reason == code


def test_what_was_written_is_in_the_reason() -> None:
    with pytest.raises(RowError, match='createddate "13/45/2018 01:20:30 PM"'):
        read(createddate="13/45/2018 01:20:30 PM")


def test_a_column_nobody_reads_is_reported_and_its_row_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    header = "SRRecordID,ServiceRequestNum,CreatedDate,SRType,Moon Phase,:@computed_region_ab1\n"
    path.write_text(f"{header}a,18-1,01/02/2019 10:00:00 AM,SW-HGW,full,7\n")
    importer = Baltimore311()
    (row,) = importer.rows(path)
    assert isinstance(row, Row)
    assert importer.unread == ("moon_phase",)
    assert importer.report(row.fields).category == "SW-HGW"
    assert row.fields == {}


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ServiceRequestNum,CreatedDate,SRType\n18-1,01/02/2019 10:00:00 AM,SW-HGW\n")
    with pytest.raises(SourceUnreadable, match="srrecordid"):
        Baltimore311().rows(path)


def test_codes_are_those_of_the_lifecycle() -> None:
    assert set(STATES.values()) <= set(State)


@pytest.mark.parametrize("state", State)
def test_an_outcome_counts_only_where_the_lifecycle_says_it_has_ended(state: State) -> None:
    course, take = Course({"so": state.value}, "ended", "moved"), Fields({}, Clock(HERE))
    standing = course.standing(take, datetime(2019, 1, 1, tzinfo=UTC), "So", "", "explained")
    assert standing is not None
    assert (standing.outcome == "explained") == (state in ENDED)


def test_it_is_found_by_its_name() -> None:
    assert isinstance(importers.create("baltimore311"), Baltimore311)


def test_the_real_file() -> None:
    assert REAL.exists(), f"real data is missing: {REAL}"
    importer = Baltimore311()
    rows = list(importer.rows(REAL))
    reports = [importer.report(row.fields) for row in rows if isinstance(row, Row)]
    assert len(rows) == len(reports) == 8_000
    assert importer.unread == ()
    assert sum(1 for report in reports if report.x is not None and not report.x.is_integer()) == 6_800
    assert sum(1 for report in reports if report.x is not None and report.x.is_integer()) == 730
    assert sum(1 for report in reports if report.recorded_area) == 7_287
    states = Counter((report.standing.state, report.standing.outcome) for report in reports if report.standing)
    assert states == {
        ("closed", None): 7_676,
        ("closed", "merged"): 164,
        ("merged", "merged"): 10,
        ("registered", None): 136,
        ("in_hand", None): 14,
    }
    said = [report.said_at.astimezone(HERE) for report in reports if report.said_at]
    days = [at for at in said if (at.hour, at.minute, at.second) == (0, 0, 0)]
    assert len(days) == 1_193
    # Crews do not work on Sundays; by the times written one day in six would be one.
    assert not any(at.weekday() == 6 for at in days)
