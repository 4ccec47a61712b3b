"""San Francisco's 311 cases."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import importers
from geoapp.errors import SourceUnreadable
from geoapp.lifecycle import Outcome, State
from importers.base import Report, Row, RowError
from importers.sf311 import OUTCOMES, STATES, Sf311

SAMPLE = Path(__file__).parents[1] / "samples" / "sf311.csv"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "open311_samples" / "sf311_requests.csv.gz"
HERE = ZoneInfo("America/Los_Angeles")


def read(**fields: str) -> Report:
    given = {"unique_key": "1", "created_date": "2016-07-12 15:10:20+00:00", "category": "Noise Report"}
    return Sf311().report(given | fields)


def test_the_data_sets_own_columns() -> None:
    importer = Sf311()
    reports = [importer.report(row.fields) for row in importer.rows(SAMPLE) if isinstance(row, Row)]
    first, second, third, fourth = reports
    assert importer.unread == ()
    assert importer.city == "sf"
    assert first.ref == "90000001"
    assert (first.category, first.matter, first.unit) == ("Sewer Issues", "Flooding", "Example Sewer Queue")
    assert first.body == "Flooding; On_street"
    assert (first.x, first.y, first.crs) == (-122.450000000001, 37.750000000001, "WGS-84")
    assert first.address == "Intersection of FIRST SAMPLE ST and SECOND SAMPLE ST"
    assert (first.recorded_area, first.channel) == ("3", "Phone")
    assert first.pictures == ("https://pictures.example/1.jpg",)
    assert first.standing is not None
    assert (first.standing.state, first.standing.outcome) == ("closed", "repaired")
    assert first.standing.note == "resolved: leak repaired"
    assert (second.address, second.matter, second.body, second.pictures) == ("", "MUNI", "MUNI", ())
    assert (second.x, second.y) == (0.0, 0.0)
    assert second.standing is not None
    assert (second.standing.state, second.standing.note) == ("registered", "Accepted")
    assert third.standing is not None and third.standing.outcome == "merged"
    assert third.standing.at == third.said_at
    assert third.standing.note.endswith(" [closed_date 2014-12-08 01:20:30+00:00]")
    assert (third.x, third.y, third.recorded_area) == (-122.43, 37.76, "")
    assert (fourth.x, fourth.y, fourth.body) == (None, None, "Graffiti")


def test_times_marked_as_utc_are_local_in_summer_and_in_winter() -> None:
    assert read().said_at == datetime(2016, 7, 12, 22, 10, 20, tzinfo=UTC)
    assert read(created_date="2016-01-12 15:10:20+00:00").said_at == datetime(2016, 1, 12, 23, 10, 20, tzinfo=UTC)
    assert read(created_date="2016-01-12 15:10:20").said_at == datetime(2016, 1, 12, 23, 10, 20, tzinfo=UTC)


def test_the_place_is_the_finer_one_and_the_middle_of_the_city_is_none() -> None:
    coarse = {"latitude": "37.76", "longitude": "-122.43"}
    assert read(**coarse, location="(37.75, -122.45)").x == -122.45
    assert read(**coarse).x == -122.43
    assert read(latitude="37.77483", longitude="-122.4185").x is None
    assert read(latitude="37.77483", longitude="-122.4185", location="(37.75, -122.45)").x == -122.45


def test_half_a_pair_is_broken_not_missing() -> None:
    report = read(latitude="37.76")
    assert report.y == 37.76 and report.x is not None and math.isnan(report.x)
    assert read().x is None


@pytest.mark.parametrize(
    ("matter", "detail", "body"),
    [
        ("Flooding", "On_street", "Flooding; On_street"),
        ("Graffiti", "Graffiti - Example", "Graffiti - Example"),
        ("other", "example - other", "example - other"),
        ("MUNI  -", "Commendation", "MUNI; Commendation"),
        ("other", "na", ""),
        ("Other", "Other -", ""),
    ],
)
def test_the_body_does_not_repeat_itself(matter: str, detail: str, body: str) -> None:
    assert read(complaint_type=matter, descriptor=detail).body == body


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("cancelled: Request has been cancelled.       Add'l Notes:     Cancel DUP SR", "merged"),
        ("This request is a duplicate, see the other", "merged"),
        ("resolved: duplicate", "merged"),
        ("Duplicate of #123456", "merged"),
        ("Order has been cancelled. Notes: duplicate see work order Id # 1234567", "merged"),
        ("Duplicate per Dept", "merged"),
        ("Gave the owner information on duplicate licenses.", None),
        ("Already confirmed that he completed the duplicate request.", None),
        ("Cases have been either canceled or identified as duplicate.", None),
        ("Graffiti removed", "repaired"),
        ("Case Resolved Leak repaired.", "repaired"),
        ("Work Completed,,", "repaired"),
        ("Field Work has been completed.", None),
        ("resolved: Service Request has been resolved", None),
        ("Leaking valve to be repaired Monday.", None),
        ("Created new graffiti abated SR 1234", None),
        ("Case is Invalid", "declined"),
        ("Insufficient information", "declined"),
        ("Invalid email", None),
        ("No leak found.", "explained"),
        ("resolved: conditions not found - no action needed", "explained"),
        ("See notes. No action required from us.", None),
        ("", None),
    ],
)
def test_outcome_only_where_the_note_says_so(text: str, outcome: str | None) -> None:
    standing = read(status="Closed", status_notes=text).standing
    assert standing is not None
    assert standing.outcome == outcome
    opened = read(status="Open", status_notes=text).standing
    assert opened is not None and opened.outcome is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"unique_key": ""}, "no_ref"),
        ({"created_date": ""}, "bad_date"),
        ({"created_date": "yesterday"}, "bad_date"),
        ({"closed_date": "2016-02-30 10:00:00+00:00"}, "bad_date"),
        ({"latitude": "north"}, "bad_number"),
        ({"location": "37.75, -122.45"}, "bad_number"),
        ({"location": "(north, west)"}, "bad_number"),
        ({"status": "Sleeping"}, "unknown_status"),
        ({"supervisor_district": "the third"}, "bad_area"),
    ],
)
def test_what_cannot_be_used(fields: dict[str, str], code: str) -> None:
    with pytest.raises(RowError) as caught:
        read(**fields)
    assert caught.value.reason == code


def test_without_a_status_nothing_is_said_of_where_it_stands() -> None:
    assert read(status_notes="Completed", closed_date="2016-07-14 10:00:00+00:00").standing is None


def test_a_column_nobody_reads_is_reported_and_its_row_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("unique_key,created_date,category,moon_phase\n1,2016-01-01,Noise Report,full\n")
    importer = Sf311()
    (row,) = importer.rows(path)
    assert isinstance(row, Row)
    assert importer.unread == ("moon_phase",)
    assert importer.report(row.fields).category == "Noise Report"
    assert row.fields == {}


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("unique_key,category\n1,Noise Report\n")
    with pytest.raises(SourceUnreadable, match="created_date"):
        Sf311().rows(path)


def test_codes_are_those_of_the_lifecycle() -> None:
    assert set(STATES.values()) <= set(State)
    assert {outcome for outcome, _ in OUTCOMES} <= set(Outcome)


def test_it_is_found_by_its_name() -> None:
    assert isinstance(importers.create("sf311"), Sf311)


def test_the_real_file() -> None:
    assert REAL.exists(), f"real data is missing: {REAL}"
    importer = Sf311()
    rows = list(importer.rows(REAL))
    reports = [importer.report(row.fields) for row in rows if isinstance(row, Row)]
    assert len(rows) == len(reports) == 8_000
    assert importer.unread == ()
    assert sum(1 for report in reports if report.x) == 4_553
    assert sum(1 for report in reports if report.x == report.y == 0) == 3_442
    assert sum(1 for report in reports if report.recorded_area) == 4_551
    states = Counter(report.standing and report.standing.state for report in reports)
    assert states == {"closed": 7_707, "registered": 293}
    outcomes = Counter(report.standing.outcome for report in reports if report.standing)
    assert outcomes == {None: 7_753, "repaired": 121, "merged": 91, "declined": 22, "explained": 13}
    calls = [report.said_at.astimezone(HERE).hour for report in reports if report.said_at and report.channel == "Phone"]
    assert sum(hour in range(7, 19) for hour in calls) / len(calls) > 0.8
