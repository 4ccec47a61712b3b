"""Los Angeles's 311 requests."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

import importers
from geoapp.errors import SourceUnreadable
from geoapp.lifecycle import State
from importers.base import Report, Row, RowError
from importers.la311 import STATES, La311

SAMPLE = Path(__file__).parents[1] / "samples" / "la311.csv"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "open311_samples" / "la311_requests.csv.gz"


def read(**fields: str) -> Report:
    given = {"srnumber": "9-1", "createddate": "2018-07-02T08:15:30", "requesttype": "Bulky Items"}
    return La311().report(given | fields)


def test_the_portals_own_export() -> None:
    importer = La311()
    reports = [importer.report(row.fields) for row in importer.rows(SAMPLE) if isinstance(row, Row)]
    first, second, third, fourth = reports
    assert importer.unread == ()
    assert importer.city == "la"
    assert first.ref == "9-9000000001"
    assert first.said_at == datetime(2018, 7, 2, 15, 15, 30, tzinfo=UTC)
    assert (first.category, first.matter, first.unit) == ("Bulky Items", "", "BOS")
    assert (first.x, first.y, first.crs) == (-118.25, 34.05, "WGS-84")
    assert first.address == "100 N EXAMPLE ST, 90000"
    assert (first.recorded_area, first.channel) == ("900", "Call")
    assert first.due_at is None
    assert first.standing is not None
    assert (first.standing.state, first.standing.outcome, first.standing.note) == ("closed", None, "")
    assert first.standing.at == datetime(2018, 7, 5, 20, 40, 9, tzinfo=UTC)
    assert second.said_at == datetime(2018, 2, 20, 17, 10, 20, tzinfo=UTC)
    assert (second.x, second.recorded_area) == (None, "")
    assert second.standing is not None and second.standing.at == second.said_at
    assert third.y == 34.1 and third.x is not None and math.isnan(third.x)
    assert fourth.standing is not None
    assert (fourth.standing.state, fourth.standing.at) == ("in_hand", datetime(2020, 5, 5, 19, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("status", "state"),
    [("Open", "registered"), ("Pending", "in_hand"), ("Closed", "closed"), ("Cancelled", "closed"), ("", None)],
)
def test_status(status: str, state: str | None) -> None:
    standing = read(status=status).standing
    assert (standing.state if standing else None) == state


@pytest.mark.parametrize(
    ("status", "action", "note"),
    [
        ("Closed", "SR Created", ""),
        ("Cancelled", "SR Created", "Cancelled"),
        ("Referred Out", "", "Referred Out"),
        ("Closed", "Information Provided", "Information Provided"),
        ("Cancelled", "Transferred", "Cancelled; Transferred"),
    ],
)
def test_what_is_more_than_a_state_is_told_in_the_sources_words(status: str, action: str, note: str) -> None:
    standing = read(status=status, actiontaken=action).standing
    assert standing is not None
    assert (standing.state, standing.outcome, standing.note) == ("closed", None, note)


def test_closed_by_the_day_alone_is_not_closed_before_it_was_reported() -> None:
    report = read(status="Closed", closeddate="2018-07-02T00:00:00")
    assert report.standing is not None
    assert report.standing.at == report.said_at
    assert report.standing.note == "[closeddate 2018-07-02T00:00:00]"


def test_closed_without_a_time_is_closed_when_it_was_last_touched() -> None:
    standing = read(status="Closed", updateddate="2018-07-03T10:00:00").standing
    assert standing is not None and standing.at == datetime(2018, 7, 3, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"srnumber": " "}, "no_ref"),
        ({"createddate": ""}, "bad_date"),
        ({"createddate": "2018-13-02T08:15:30"}, "bad_date"),
        ({"closeddate": "soon"}, "bad_date"),
        ({"latitude": "north"}, "bad_number"),
        ({"status": "Sleeping"}, "unknown_status"),
        ({"nc": "EXAMPLE NC"}, "bad_area"),
    ],
)
def test_what_cannot_be_used(fields: dict[str, str], code: str) -> None:
    with pytest.raises(RowError) as caught:
        read(**fields)
    assert caught.value.reason == code


def test_a_column_nobody_reads_is_reported_and_its_row_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("SRNumber,CreatedDate,RequestType,Moon Phase\n9-1,2024-01-01,Other,full\n")
    importer = La311()
    (row,) = importer.rows(path)
    assert isinstance(row, Row)
    assert importer.unread == ("moon_phase",)
    assert importer.report(row.fields).category == "Other"
    assert row.fields == {}


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("SRNumber,RequestType\n9-1,Other\n")
    with pytest.raises(SourceUnreadable, match="createddate"):
        La311().rows(path)


def test_codes_are_those_of_the_lifecycle() -> None:
    assert set(STATES.values()) <= set(State)


def test_it_is_found_by_its_name() -> None:
    assert isinstance(importers.create("la311"), La311)


def test_the_real_file() -> None:
    assert REAL.exists(), f"real data is missing: {REAL}"
    importer = La311()
    rows = list(importer.rows(REAL))
    reports = [importer.report(row.fields) for row in rows if isinstance(row, Row)]
    assert len(rows) == len(reports) == 31_999
    assert importer.unread == ()
    assert sum(1 for report in reports if report.x is not None and not math.isnan(report.x + (report.y or 0))) == 29_738
    assert sum(1 for report in reports if report.recorded_area) == 31_677
    states = Counter(report.standing and report.standing.state for report in reports)
    assert states == {"closed": 31_959, "registered": 26, "in_hand": 14}
    notes = Counter(report.standing.note for report in reports if report.standing)
    assert (notes["Cancelled"], notes["Referred Out"]) == (937, 25)
