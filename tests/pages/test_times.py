"""/api/times and /api/places: sums that agree with the list, local days, and places by any of their names."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient

from geoapp.city import City
from geoapp.store import layers
from geoapp.store.database import Database
from geoapp.store.queries import places
from geoapp.store.queries.times import DAYS, WEEKS, _starts, _unit
from layers.base import Feature


def every(client: FlaskClient, words: str) -> list[dict[str, Any]]:
    """All tickets the list gives for those words."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = client.get(f"/api/tickets?{words}&limit=200{cursor}").json
        found += page["items"]
        if not page["next"]:
            return found
        cursor = f"&cursor={page['next']}"


@pytest.mark.parametrize("words", ["", "state=open", "category=lamps", "area=offices/O00", "bbox=114,20,114.5,20.6"])
def test_the_days_add_up_to_the_list_by_the_citys_own_clock(client: FlaskClient, filled: City, words: str) -> None:
    told = client.get(f"/api/times?{words}").json
    listed = every(client, words)
    assert told["unit"] == "day"
    assert told["count"] == sum(told["counts"]) == len(listed)
    days = Counter(item["opened_at"][:10] for item in listed)
    assert {day: n for day, n in zip(told["starts"], told["counts"], strict=True) if n} == days
    ended = {"settled", "closed", "declined", "merged", "withdrawn"}
    assert sum(told["open"]) == sum(item["state"] not in ended for item in listed)


def test_since_and_until_leave_the_scale_as_it_is_but_must_be_days(client: FlaskClient, filled: City) -> None:
    whole = client.get("/api/times").json
    assert client.get("/api/times?since=2026-03-05&until=2026-03-06").json == whole
    assert client.get("/api/times?category=lamps").json["starts"] == whole["starts"]
    assert client.get("/api/times?since=soon").status_code == 422
    assert client.get("/api/times?sinse=2026-03-05").status_code == 400


def test_a_city_without_tickets_has_no_time(client: FlaskClient, city: City) -> None:
    assert client.get("/api/times").json == {"unit": "day", "starts": [], "counts": [], "open": [], "count": 0}


@pytest.mark.parametrize(("days", "unit"), [(0, "day"), (DAYS - 1, "day"), (DAYS, "week"), (WEEKS, "month")])
def test_the_steps_have_no_gap_and_hold_both_ends(days: int, unit: str) -> None:
    first = date(2023, 12, 30)
    last = date.fromordinal(first.toordinal() + days)
    assert _unit(first, last) == unit
    starts = _starts(unit, first, last)
    assert starts[0] <= first and starts[-1] <= last
    steps = {(b - a).days for a, b in pairwise(starts)}
    assert steps <= {"day": {1}, "week": {7}, "month": {28, 29, 30, 31}}[unit]
    if unit == "week":
        assert starts[0].weekday() == 0
    assert (last - starts[-1]).days < {"day": 1, "week": 7, "month": 31}[unit]


def test_places_are_found_in_either_language_whole_names_first(client: FlaskClient, filled: City) -> None:
    found = client.get("/api/places?q=o00&lang=en").json["items"]
    assert [place["name"] for place in found] == ["O00 office"]
    assert found[0]["area"] == "offices/O00" and found[0]["also"] == "O00街道"
    assert found[0]["bbox"] == [114.0, 20.0, 114.5, 20.5]
    assert len(client.get("/api/places?q=%E8%A1%97%E9%81%93&limit=3").json["items"]) == 3
    assert client.get("/api/places?q=nowhere").json == {"items": []}
    assert client.get("/api/places?q=o00&role=roads").json == {"items": []}
    assert client.get("/api/places").status_code == 422
    assert client.get("/api/places?q=x&role=moons").status_code == 422


def test_two_areas_of_one_name_are_two_places(client: FlaskClient, db: Database, filled: City) -> None:
    twins = [
        Feature(code, {"zh": "凤凰社区"}, "official", shapely.MultiPolygon([shapely.box(x, 20.1, x + 0.1, 20.2)]))
        for code, x in (("K1", 114.1), ("K2", 114.8))
    ]
    with db.bulk.begin() as connection:
        layers.load(connection, filled, filled.layer("offices"), layers.AREAS, twins, {})
    found = client.get("/api/places?q=%E5%87%A4%E5%87%B0").json["items"]
    assert [(place["area"], place["bbox"][0]) for place in found] == [("offices/K1", 114.1), ("offices/K2", 114.8)]


@pytest.mark.parametrize("words", ["%", "_", "\\", '"', "zh", "en", "{", '":"'])
def test_signs_of_the_search_itself_find_nothing(db: Database, filled: City, words: str) -> None:
    with db.web.connect() as connection:
        assert places.named_like(connection, filled.id, words, 8) == []
