"""A ticket's clocks on its page and in the API: for people of the house; the public is told the promised end alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from geoapp.city import City
from geoapp.intake.path import take
from geoapp.records import Role
from geoapp.store.database import Database
from geoapp.tickets import ticking
from geoapp.tickets.moves import Moved, make_moves
from importers.base import Report
from tests.people.make import enter, make_account

THEN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)


@pytest.fixture
def number(db: Database, city: City) -> str:
    """A ticket that was dispatched late, and signed."""
    report = Report(ref="1", said_at=THEN, body="坑", x=114.2, y=20.2, category="roads", matter="pothole")
    (taken,) = take(db.bulk, city, "probe", [report])
    assert taken.ticket_id is not None and taken.number is not None
    ticking.tick(db.bulk, THEN + timedelta(hours=4))
    given = {"unit": "x"}
    later = THEN + timedelta(hours=5)
    with db.bulk.begin() as connection:
        make_moves(connection, city.id, [
            Moved(taken.ticket_id, "queue", "dispatcher", "account:1", later),
            Moved(taken.ticket_id, "dispatch", "dispatcher", "account:1", later, given),
            Moved(taken.ticket_id, "sign", "unit", "account:1", later),
        ])  # fmt: skip
    return taken.number


def test_the_public_is_told_the_promised_end_alone(client: FlaskClient, number: str) -> None:
    story = client.get(f"/api/tickets/{number}?lang=en").json
    assert story["due_at"] is not None and "clocks" not in story
    assert [event["name"] for event in story["timeline"]] == ["register", "queue", "dispatch", "sign"]
    assert "First contact" not in client.get(f"/tickets/{number}?lang=en").text


def test_people_of_the_house_see_each_clock(client: FlaskClient, db: Database, city: City, number: str) -> None:
    make_account(db, "dora", Role.DISPATCHER, city_id=city.id)
    enter(client, "dora")
    story = client.get(f"/api/tickets/{number}?lang=en").json
    by_name = {one["clock"]: one for one in story["clocks"]}
    assert by_name.keys() == {"dispatch", "sign", "first_contact", "disposal"}
    assert [one["stands"] for one in story["clocks"]][-2:] == ["late", "in_time"]
    assert by_name["dispatch"]["text"] == "3 h late" and by_name["dispatch"]["left_minutes"] == -180
    assert by_name["first_contact"]["text"].endswith("over") and by_name["disposal"]["working"]
    assert by_name["disposal"]["text"].endswith("of working time left")
    names = [event["name"] for event in story["timeline"]]
    assert names[1:6] == ["due_soon", "reminded", "overdue", "reminded", "escalated"]
    assert story["timeline"][2]["note"] == "Dispatch · Dispatcher"
    answer = client.get(f"/tickets/{number}?lang=zh")
    assert "首次联系" in answer.text and "小时工作时间" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_whoever_has_no_right_to_it_is_as_the_public(
    client: FlaskClient, db: Database, city: City, number: str
) -> None:
    make_account(db, "wang", Role.CITIZEN)
    enter(client, "wang")
    assert "clocks" not in client.get(f"/api/tickets/{number}").json
