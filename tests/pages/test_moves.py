"""Moves by form and by API: what is offered to whom, what comes of it, and what whoever was late is told."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text

from geoapp.city import City
from geoapp.intake.path import take
from geoapp.people import secrets
from geoapp.records import Role
from geoapp.store import sessions, units
from geoapp.store.acting import Identity, acting
from geoapp.store.database import Database
from importers.base import Report
from tests.pages.conftest import SOUTH, WEST
from tests.pages.test_filing import form
from tests.people.make import enter, make_account


@pytest.fixture
def number(db: Database, city: City) -> str:
    """A ticket of the street office O00, waiting to be dispatched."""
    with db.bulk.begin() as connection:
        units.grow(connection, city)
    said = Report(
        ref="1", said_at=datetime(2026, 3, 1, tzinfo=UTC), body="台阶坏了", category="roads", matter="step",
        x=WEST + 0.2, y=SOUTH + 0.2, unit="O00",
    )  # fmt: skip
    found = take(db.bulk, city, "hotline", [said])[0].number
    assert found is not None
    stand(db, found, "to_dispatch")
    return found


def stand(db: Database, number: str, state: str) -> None:
    with db.bulk.begin() as connection:
        connection.execute(
            text("UPDATE geoapp.ticket SET state = :state, ended_at = NULL WHERE number = :number"),
            {"state": state, "number": number},
        )


def sign_in(db: Database, client: FlaskClient, city: City, role: Role, unit: str = "") -> int:
    with db.web.connect() as connection:
        unit_id = units.find(connection, city.id, unit).id if unit else None
    account_id = make_account(db, str(role), role, city_id=city.id, unit_id=unit_id)
    enter(client, str(role))
    return account_id


def token(db: Database, account_id: int, *scopes: str) -> dict[str, str]:
    shown = secrets.new()
    with acting(db.web, Identity(account_id)) as connection:
        sessions.make_token(connection, account_id, "t", shown.digest, list(scopes), timedelta(days=1))
    return {"Authorization": f"Bearer {shown.shown}"}


def offered(client: FlaskClient, number: str) -> list[str]:
    page = client.get(f"/tickets/{number}/moves?lang=en")
    assert page.status_code == 200
    return re.findall(r'id="move-(\w+)"', page.text)


def send(client: FlaskClient, number: str, move: str, **fields: Any) -> Any:
    page = client.get(f"/tickets/{number}/moves").text
    token_of = re.search(r'name="csrf_token" value="([^"]+)"', page)
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert token_of is not None
    usual = {"csrf_token": token_of[1], "move": move, "seen": seen[1] if seen else ""}
    return client.post(f"/tickets/{number}/moves?lang=en", data={**usual, **fields})


def photo() -> tuple[BytesIO, str]:
    file = BytesIO()
    Image.new("RGB", (40, 30), "grey").save(file, "JPEG")
    file.seek(0)
    return file, "after.jpg"


def test_nobody_is_offered_anything(client: FlaskClient, number: str) -> None:
    page = client.get(f"/tickets/{number}?lang=en").text
    assert 'class="acts"' not in page and 'class="move"' not in page
    assert client.get(f"/api/tickets/{number}").json["moves"] == []
    assert client.get(f"/tickets/{number}/moves").location.startswith("/sign-in")


def test_a_case_is_worked_through_by_forms_alone(client: FlaskClient, db: Database, city: City, number: str) -> None:
    sign_in(db, client, city, Role.DISPATCHER)
    assert {"dispatch", "decline", "merge", "note", "remind", "urgent"} <= set(offered(client, number))
    assert not {"sign", "rule", "pass", "not_urgent", "supply"} & set(offered(client, number))
    assert 'id="move-dispatch"' in client.get(f"/tickets/{number}?lang=en").text
    done = send(client, number, "dispatch", unit="O00", note="请处理")
    assert done.status_code == 303 and "done=dispatch" in done.location
    assert "Done: Dispatch" in re.sub(r"\s+", " ", client.get(done.location + "&lang=en").text)
    client.delete_cookie("geoapp")
    sign_in(db, client, city, Role.UNIT_STAFF, "O00")
    assert send(client, number, "sign").status_code == 303
    refused = send(client, number, "submit", result="repaired")
    assert refused.status_code == 422 and "This is needed." in refused.text
    assert re.search(r'<details class="move" id="move-submit" open>', refused.text)
    assert re.search(r'<option value="repaired" selected>', refused.text)
    assert send(client, number, "submit", result="repaired", photo=photo(), note="已修").status_code == 303
    story = client.get(f"/api/tickets/{number}?lang=en").json
    assert story["state"] == "to_check" and [one["stage"] for one in story["works"]] == ["done"]
    assert [one["shows"] for said in story["reports"] for one in said["photos"]] == ["repair"]
    steps = {one["name"]: one for one in story["timeline"]}
    assert steps["dispatch"]["details"] == ["Dispatcher", "Unit: O00 office"]
    assert steps["submit"]["details"] == ["Unit staff", "What came of it: repaired"]
    assert steps["submit"]["note"] == "已修" and steps["dispatch"]["actor"] == "staff"
    assert "What came of it: repaired" in client.get(f"/tickets/{number}?lang=en").text


def test_whoever_is_late_is_told_and_nothing_is_made(
    client: FlaskClient, db: Database, city: City, number: str
) -> None:
    sign_in(db, client, city, Role.DISPATCHER)
    page = client.get(f"/tickets/{number}/moves").text
    secret, seen = (re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("csrf_token", "seen"))  # type: ignore[index]
    send(client, number, "dispatch", unit="O00")
    late = client.post(
        f"/tickets/{number}/moves?lang=en",
        data={"csrf_token": secret, "seen": seen, "move": "dispatch", "unit": "O01"},
    )
    assert late.status_code == 409 and "Somebody has acted on this meanwhile" in late.text
    assert "Dispatch · Dispatcher ·" in late.text
    forged = client.post(f"/tickets/{number}/moves", data={"move": "note", "note": "x"})
    assert forged.status_code == 400


def test_a_hidden_ticket_is_not_there_for_whoever_may_not_see_it(
    client: FlaskClient, db: Database, city: City, number: str
) -> None:
    with db.bulk.begin() as connection:
        connection.execute(text("UPDATE geoapp.ticket SET public = false"))
    sign_in(db, client, city, Role.CITIZEN)
    assert client.get(f"/tickets/{number}/moves").status_code == 404
    client.delete_cookie("geoapp")
    sign_in(db, client, city, Role.DISPATCHER)
    assert "dispatch" in offered(client, number)


def test_a_token_makes_moves_within_its_scopes(client: FlaskClient, db: Database, city: City, number: str) -> None:
    with db.web.connect() as connection:
        unit_id = units.find(connection, city.id, "O00").id
    head = make_account(db, "head", Role.UNIT_HEAD, city_id=city.id, unit_id=unit_id)
    stand(db, number, "to_sign")
    address = f"/api/tickets/{number}/moves?lang=en"
    narrow, wide = token(db, head, "see_inside"), token(db, head, "sign", "submit")
    assert client.post(address, json={"move": "sign"}).status_code == 401
    assert client.post(address, json={"move": "sign"}, headers=narrow).status_code == 403
    made = client.post(address, json={"move": "sign", "seen": 999_999}, headers=wide)
    assert made.status_code == 409 and made.json["error"]["code"] == "moved_meanwhile"
    seen = made.json["error"]["version"]
    made = client.post(address, json={"move": "sign", "seen": seen}, headers=wide)
    assert (made.status_code, made.json["state"], made.json["opened"]) == (200, "in_hand", None)
    again = client.post(address, json={"move": "submit", "seen": seen, "given": {"result": "explained"}}, headers=wide)
    (told,) = again.json["error"]["happened"]
    assert again.status_code == 409 and (told["name"], told["by"]) == ("sign", "Unit staff")
    wrong = client.post(address, json={"move": "sign"}, headers=wide)
    assert (wrong.status_code, wrong.json["error"]["code"]) == (409, "bad_move")
    assert client.post("/api/tickets/none/moves", json={"move": "sign"}, headers=wide).status_code == 404
    for body, field in (
        ({"move": "fly"}, "move"), ({"move": "submit", "given": {"result": "magic"}}, "result"),
        ({"move": "submit", "given": {"result": "repaired"}}, "photo"), ({"move": "submit", "given": []}, "body"),
        ({"move": "submit", "given": {"result": {}}}, "result"), ([], "body"), ({"move": "sign", "seen": "x"}, "seen"),
        ({"move": "submit", "given": {"move": "sign"}}, "body"), ({"move": 5}, "move"), ({}, "move"),
    ):  # fmt: skip
        refused = client.post(address, json=body, headers=wide)
        assert refused.status_code == 422 and list(refused.json["error"]["fields"]) == [field], body
    sent = {"move": "submit", "result": "repaired", "photo": photo()}
    assert client.post(address, data=sent, headers=wide).json["state"] == "to_check"


def test_works_under_way_are_shown_with_their_promised_end_and_their_hoarding(
    client: FlaskClient, db: Database, city: City, number: str
) -> None:
    stand(db, number, "in_hand")
    sign_in(db, client, city, Role.UNIT_STAFF, "O00")
    until = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    done = send(client, number, "begin_works", end=until, hoarding_m="15", traffic="yes", cost="12000")
    assert done.status_code == 303
    client.delete_cookie("geoapp")
    story = client.get(f"/api/tickets/{number}?lang=en").json
    assert story["stands"] == "works" and story["state"] == "in_hand" and len(story["hoardings"]) == 1
    (one,) = story["works"]
    assert one["stage"] == "works" and one["promised_at"].startswith(until) and one["hoarding"]
    page = client.get(f"/tickets/{number}?lang=en").text
    assert "state-works" in page and "data-hoardings=" in page
    (works,) = client.get(f"/api/works?bbox={WEST},{SOUTH},{WEST + 1},{SOUTH + 1}").json["features"]
    told = works["properties"]
    assert (told["number"], told["late"], told["until"][:10]) == (number, False, until)
    assert told["outline"]["type"] == "Polygon"
    assert client.get("/api/works?bbox=1,1,2,2").json["features"] == []
    assert client.get("/api/works?bbox=1,1").status_code == 422
    with db.bulk.begin() as connection:
        connection.execute(text("UPDATE geoapp.ticket SET public = false"))
    assert client.get("/api/works").json["features"] == []


def test_an_adjudicator_has_rule_and_precedents_at_hand(
    client: FlaskClient, db: Database, city: City, number: str
) -> None:
    stand(db, number, "to_sign")
    sign_in(db, client, city, Role.DISPATCHER)
    assert send(client, number, "dispute", reason="not_ours", proposal="O01").status_code == 303
    client.delete_cookie("geoapp")
    sign_in(db, client, city, Role.ADJUDICATOR)
    page = client.get(f"/tickets/{number}/moves?lang=en").text
    assert "For the ruling" in page and "the area it lies in" in page and "None yet for this matter." in page
    assert send(client, number, "rule", unit="O01", reason="acts_first", note="先办").status_code == 303
    assert send(client, number, "list_change").status_code == 303


def test_whoever_holds_the_receipt_adds_reminds_rates_and_has_it_done_again(
    client: FlaskClient, db: Database, city: City, number: str
) -> None:
    said = Report(ref="2", said_at=datetime(2026, 3, 2, tzinfo=UTC), body="灯不亮", x=WEST + 0.3, y=SOUTH + 0.3)
    filed = take(db.bulk, city, "web", [said], receipts=True)[0]
    assert filed.number is not None
    number, address = filed.number, f"/receipts/{filed.receipt}"
    stand(db, number, "to_dispatch")

    def receipt() -> str:
        return client.get(f"{address}?lang=en").text

    def make(move: str, **fields: str) -> Any:
        secret = re.search(r'name="csrf_token" value="([^"]+)"', receipt())
        assert secret is not None
        return client.post(f"{address}/moves?lang=en", data={"csrf_token": secret[1], "move": move, **fields})

    def ways() -> set[str]:
        return set(re.findall(r'id="move-(\w+)"', receipt()))

    assert ways() == {"withdraw", "remind"}
    assert make("remind", note="13800138000").status_code == 303
    assert make("sign").status_code == 403 and make("fly").status_code == 422
    stand(db, number, "settled")
    assert ways() == {"archive", "redo"}
    refused = make("redo", speed="9")
    assert refused.status_code == 422 and "A rating is a number from 1 to 5." in refused.text
    assert make("redo", reason="poor", speed="1").status_code == 303
    late = make("archive", seen="1")
    assert late.status_code == 409 and "Somebody has acted on this meanwhile" in late.text
    story = client.get(f"/api/tickets/{number}?lang=en").json
    assert (story["state"], [one["name"] for one in story["timeline"]][-2:]) == ("in_hand", ["remind", "redo"])
    assert "13800138000" not in str(story) and story["timeline"][-1]["actor"] == "reporter"
    assert client.post("/receipts/nobody/moves", data={"move": "remind"}).status_code == 400


def test_whoever_signed_in_to_file_it_acts_on_it_as_its_reporter(client: FlaskClient, db: Database, city: City) -> None:
    sign_in(db, client, city, Role.CITIZEN)
    words = {"body": "台阶坏了", "matter": "step", "lon": str(WEST + 0.2), "lat": str(SOUTH + 0.2)}
    filed = client.post("/report", data=form(client) | words)
    assert filed.status_code == 303, filed.text
    with db.web.connect() as connection:
        number = connection.execute(text("SELECT number FROM geoapp.ticket")).scalar_one()
    assert offered(client, number) == ["withdraw"]
    assert send(client, number, "withdraw").status_code == 303
    other = make_account(db, "other", Role.CITIZEN, city_id=city.id)
    assert other and client.get(f"/api/tickets/{number}").json["state"] == "withdrawn"
