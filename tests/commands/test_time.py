"""`geoapp clock` and `geoapp calendar` say what clocks and calendars know, and put days right."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from geoapp.city import City
from geoapp.cli import main
from geoapp.intake.path import take
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import Database
from geoapp.tickets.moves import Moved, make_moves
from tests.make import SOURCE, make_city, make_report

MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def city(db: Database) -> City:
    return make_city(db.bulk, calendar="CN")


@pytest.fixture
def number(db: Database, city: City) -> str:
    (taken,) = take(db.bulk, city, SOURCE, [make_report(said_at=MONDAY)])
    assert taken.ticket_id is not None and taken.number is not None
    with db.bulk.begin() as connection:
        make_moves(connection, city.id, [
            Moved(taken.ticket_id, "queue", "dispatcher", "d", MONDAY),
            Moved(taken.ticket_id, "dispatch", "dispatcher", "d", MONDAY, {"unit": "x"}),
            Moved(taken.ticket_id, "sign", "unit", "u", MONDAY),
            Moved(taken.ticket_id, "pause", "supervisor", "s", MONDAY, {"reason": "x"}),
        ])  # fmt: skip
    return taken.number


def run(database: Server, *arguments: str) -> Result:
    environ = {"GEOAPP_DATABASE_URL": database.url(SUPERUSER)}
    return CliRunner().invoke(main, list(arguments), env=environ)


def test_a_tickets_clocks_are_shown_with_and_without(database: Server, number: str) -> None:
    told = run(database, "clock", number.lower()).output
    assert "disposal" in told and "paused" in told and "35:00" in told and "working time" in told
    lines = json.loads(run(database, "clock", number, "--json").output)
    (disposal,) = [line for line in lines if line["clock"] == "disposal"]
    assert (disposal["stands"], disposal["left_minutes"], disposal["spent_minutes"]) == ("paused", 2100, 0)
    assert disposal["paused_minutes"] > 2100 and disposal["certain"]
    missing = run(database, "clock", "MT-0")
    assert missing.exit_code == 1 and "Traceback" not in missing.output


def test_a_year_is_shown_and_a_day_put_right(database: Server, city: City, number: str) -> None:
    told = run(database, "calendar", city.code, "--year", "2026").output
    assert "working days" in told and "2026-02-14 Sat  work  made up" in told and "not announced" not in told
    done = run(database, "calendar", "set", "2026-03-04", "rest", "--why", "台风停工")
    assert done.exit_code == 0 and "1 clocks are due at another time" in done.output
    told = run(database, "calendar", "--year", "2026").output
    assert "2026-03-04 Wed  rest  by hand" in told and "台风停工" in told
    days = json.loads(run(database, "calendar", city.code, "--year", "2026", "--json").output)
    assert {day["on"]: day["works"] for day in days["days"]}["2026-03-04"] is False and days["certain"]
    assert "not announced yet" in run(database, "calendar", city.code, "--year", "2090").output
    assert run(database, "calendar", "set", "2026-03-04", "off", "--why", "x").exit_code == 2
