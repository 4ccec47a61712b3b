"""A report filed by somebody who has signed in is theirs; one filed for others, or by a role all share, is not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from geoapp.app import create_app
from geoapp.city import City
from geoapp.people import looking, rights, secrets
from geoapp.records import Person, Role
from geoapp.settings import Settings
from geoapp.store import accounts, sessions
from geoapp.store.acting import KEEPER, Identity, acting
from geoapp.store.database import Database
from tests.make import as_owner
from tests.people.make import enter, make_account

HOLE = {"text": "A hole in the road", "matter": "pothole", "lon": 114.2, "lat": 20.2}


def owners(db: Database) -> list[tuple[int, int]]:
    with as_owner(db.web) as connection:
        rows = connection.exec_driver_sql("SELECT report_id, account_id FROM private.filed ORDER BY 1")
        return [(row.report_id, row.account_id) for row in rows]


def person_of(db: Database, account_id: int) -> Person:
    with acting(db.web, KEEPER) as connection:
        found = accounts.person(connection, account_id)
    assert found is not None
    return found


def bearer(db: Database, account_id: int, *scopes: str) -> dict[str, str]:
    shown = f"token-{account_id}-{len(scopes)}"
    with acting(db.web, Identity(account_id)) as connection:
        sessions.make_token(connection, account_id, "x", secrets.digest(shown), list(scopes), timedelta(days=1))
    return {"Authorization": f"Bearer {shown}"}


def file_by_form(client: FlaskClient, **words: str) -> str:
    page = client.get("/report").text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    answer = client.post("/report", data={**hidden, "body": "A lamp is out", "lon": "114.7", "lat": "20.7", **words})
    assert answer.status_code == 303
    return str(answer.location)


def test_what_somebody_files_while_signed_in_is_listed_with_its_state(
    client: FlaskClient, db: Database, city: City
) -> None:
    mine = make_account(db, "wang", Role.CITIZEN, city_id=city.id)
    enter(client, "wang")
    receipt = file_by_form(client, matter="dark")
    hidden = file_by_form(client, kind="denunciation", matter="dark")
    waiting = file_by_form(client, lon="", lat="", body="Somewhere a lamp is out")
    ((first, one), (second, two), (third, three)) = owners(db)
    assert one == two == three == mine
    account = client.get("/account?lang=en").text
    section = account[account.index('id="reports"') : account.index('id="data"')]
    assert section.count(">Lamp out · O11 office<") == 2 and section.count("Accepted") == 2
    assert "Waits for a place" in section and re.search(r'<a href="/tickets/PB-[\w-]+">Lamp out', section)
    assert all(address in section for address in (receipt, hidden, waiting))
    asker = person_of(db, mine)
    for report in (first, second, third):
        of = looking.of_report(db.web, report, asker)
        assert of.account_id == mine and rights.may(asker, "withdraw", of)
        assert looking.of_report(db.web, report).account_id is None, "of others it is not told"


def test_nobodys_report_is_nobodys(client: FlaskClient, db: Database, city: City) -> None:
    file_by_form(client)
    assert client.post("/api/reports", json=HOLE).status_code == 201
    assert owners(db) == []


def test_another_account_sees_none_of_them(app: APIFlask, db: Database, city: City) -> None:
    for login in ("wang", "li"):
        make_account(db, login, Role.CITIZEN, city_id=city.id)
        client = app.test_client()
        enter(client, login)
        if login == "wang":
            file_by_form(client)
    assert "What you report while signed in" in client.get("/account?lang=en").text


@pytest.mark.parametrize(
    ("role", "scopes", "own"),
    [(Role.PLANNER, ("see_inside",), True), (Role.API_CLIENT, ("file_for_others",), False),
     (Role.API_CLIENT, ("see_inside",), True)],
)  # fmt: skip
def test_a_report_by_a_token_is_its_owners_unless_filed_for_others(
    client: FlaskClient, db: Database, city: City, role: Role, scopes: tuple[str, ...], own: bool
) -> None:
    account_id = make_account(db, "wang", role, city_id=city.id)
    answer = client.post("/api/reports", json=HOLE, headers=bearer(db, account_id, *scopes))
    assert answer.status_code == 201
    assert [account for _report, account in owners(db)] == ([account_id] if own else [])


def test_a_call_taker_does_not_become_the_reporter(client: FlaskClient, db: Database, city: City) -> None:
    make_account(db, "wang", Role.CALL_TAKER, city_id=city.id)
    enter(client, "wang")
    file_by_form(client, name="张三", phone="13900139000")
    assert owners(db) == []
    with as_owner(db.web) as connection:
        assert connection.exec_driver_sql("SELECT name, phone FROM private.reporter").all() == [("张三", "13900139000")]


def test_a_cookie_makes_no_report_of_the_api_ones_own(client: FlaskClient, db: Database, city: City) -> None:
    make_account(db, "wang", Role.CITIZEN, city_id=city.id)
    enter(client, "wang")
    assert client.post("/api/reports", json=HOLE).status_code == 201
    assert owners(db) == []


def test_a_role_that_a_demo_shares_owns_nothing(client: FlaskClient, db: Database, city: City, app: APIFlask) -> None:
    account_id = make_account(db, "demo-x", Role.CITIZEN, city_id=city.id, demo=True)
    with app.test_request_context("/report"):
        from flask import g

        from geoapp.pages.parts import filing

        g.person = person_of(db, account_id)
        assert filing._account(city) is None


def test_the_same_key_sent_again_changes_nobody(client: FlaskClient, db: Database, city: City) -> None:
    account_id = make_account(db, "wang", Role.PLANNER, city_id=city.id)
    headers = {**bearer(db, account_id, "see_inside"), "Idempotency-Key": "k"}
    assert [client.post("/api/reports", json=HOLE, headers=headers).status_code for _ in range(2)] == [201, 200]
    assert len(owners(db)) == 1


def test_a_token_has_an_hour_of_its_own(settings: Settings, db: Database, city: City) -> None:
    client = create_app(replace(settings, reports_per_hour=2), db).test_client()
    first, second = (bearer(db, make_account(db, login, Role.PLANNER, city_id=city.id), "see_inside")
                     for login in ("wang", "li"))  # fmt: skip
    assert [client.post("/api/reports", json=HOLE, headers=first).status_code for _ in range(3)] == [201, 201, 429]
    # The same token from elsewhere is the same caller; another from the same address is another, and so is nobody.
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}
    assert client.post("/api/reports", json=HOLE, headers=first, environ_overrides=elsewhere).status_code == 429
    assert client.post("/api/reports", json=HOLE, headers=second).headers["X-RateLimit-Remaining"] == "1"
    assert client.post("/api/reports", json=HOLE).headers["X-RateLimit-Remaining"] == "1"
