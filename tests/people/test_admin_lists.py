"""/admin/lists and /admin/gaps: lists taken in, looked over, put into force and withdrawn; gaps read and closed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import text
from werkzeug.test import TestResponse

from geoapp.assign.catalogue import CatalogueMatter
from geoapp.assign.duties import Duty
from geoapp.assign.three_lists import Line, ListKind
from geoapp.city import City, city_from
from geoapp.intake import deeds, lists
from geoapp.intake.list_files import workbook
from geoapp.intake.path import take
from geoapp.people.keeper import CONSOLE
from geoapp.records import Role
from geoapp.store import deeds as log
from geoapp.store import lists as stored
from geoapp.store import units
from geoapp.store.acting import acting
from geoapp.store.database import Database
from geoapp.tickets.acts import Deed
from geoapp.tickets.work import at_terminal
from importers.base import Report
from tests.pages.conftest import PACK, SOUTH, WEST, load
from tests.people.make import enter, make_account, secret_of

Send = Callable[..., TestResponse]
CATALOGUE, DUTIES = ListKind.CATALOGUE, ListKind.RESPONSIBILITIES
HOLE = CatalogueMatter("pothole", "roads", {"zh": "路面坑洼", "en": "Pothole"}, {"zh": "道路", "en": "Roads"})
LAMP = CatalogueMatter("lamp", "roads", {"zh": "<b>路灯</b>", "en": "<b>Lamp</b>"}, {"zh": "道路", "en": "Roads"})
OFFICE = Duty("R1", category="roads", level="offices")
FIRST = date(2020, 1, 1)


@pytest.fixture
def chief(client: FlaskClient, db: Database, city: City) -> FlaskClient:
    """The browser of the city's administrator, who reads English."""
    with db.bulk.begin() as connection:
        units.grow(connection, city)
    make_account(db, "chief", Role.ADMINISTRATOR, city_id=city.id, language="en")
    enter(client, "chief")
    return client


@pytest.fixture
def send(chief: FlaskClient) -> Send:
    """A form sent by the administrator."""

    def send(path: str, **data: object) -> TestResponse:
        return chief.post(path, data={"csrf_token": secret_of(chief, "/account"), **data})

    return send


def book(**lines: list[Line]) -> tuple[io.BytesIO, str]:
    return io.BytesIO(workbook({ListKind(kind): of for kind, of in lines.items()}, "en")), "lists.xlsx"


def hand_in(send: Send, reason: str = "list meeting", **lines: list[Line]) -> TestResponse:
    return send("/admin/lists/import", file=book(**lines), reason=reason)


def states(db: Database, city: City) -> list[tuple[str, int, str]]:
    with db.web.connect() as connection:
        return [(str(one.list), one.number, str(one.state)) for one in stored.batches(connection, city.id)]


def rule_by(db: Database, city: City, *duties: Duty) -> None:
    with db.bulk.begin() as connection:
        batch = lists.take_in(connection, city, DUTIES, duties, FIRST, "test", "to try it").batch
    assert batch is not None
    lists.put_into_force(db.bulk, city, batch, checked=False)


def noted(db: Database) -> list[tuple[str, object]]:
    with acting(db.web, CONSOLE.identity) as connection:
        return [(one.what, one.said.get("batch")) for one in log.latest(connection)]


def test_lists_go_from_a_file_into_force(chief: FlaskClient, send: Send, db: Database, city: City) -> None:
    answer = hand_in(send, catalogue=[HOLE, LAMP], responsibilities=[OFFICE])
    assert answer.status_code == 303 and states(db, city) == [
        ("catalogue", 1, "draft"),
        ("responsibilities", 1, "draft"),
    ]
    shown = chief.get("/admin/lists/catalogue/1").text
    assert "list meeting" in shown and "Chief" in shown and "Draft" in shown and "&lt;b&gt;Lamp&lt;/b&gt;" in shown
    lists.put_due_into_force(db.bulk)
    assert ("catalogue", 1, "draft") in states(db, city)
    answer = send("/admin/lists/catalogue/1/release")
    assert answer.status_code == 303
    assert "within seconds" in chief.get(answer.location).text
    # The web may not touch matters: the worker does.
    assert ("catalogue", 1, "draft") in states(db, city)
    send("/admin/lists/responsibilities/1/release")
    lists.put_due_into_force(db.bulk)
    assert [state for *_, state in states(db, city)] == ["in_force", "in_force"]
    assert "The batch is in force." in chief.get(answer.location).text
    found = chief.get("/admin/lists/catalogue?q=lamp&city=probe").text
    assert "1 line" in found and "Pothole" not in found
    assert "1 line" in chief.get("/admin/lists/responsibilities?category=roads").text
    assert "0 lines" in chief.get("/admin/lists/responsibilities?q=nothing").text
    assert noted(db)[:3] == [("list_released", 1), ("list_released", 1), ("list_drafted", 1)]
    assert "Catalogue: batch 1 put into force" in chief.get("/admin/log").text
    # What was exported and handed in again is the same.
    again = chief.get("/admin/lists/export").data
    assert CalamineWorkbook.from_filelike(io.BytesIO(again)).sheet_names == [
        "Catalogue",
        "Responsibilities",
        "Implementation",
    ]
    assert "nothing differs" in send("/admin/lists/import", file=(io.BytesIO(again), "x.xlsx"), reason="again").text


def test_what_is_wrong_with_a_file_is_told(send: Send, db: Database, city: City) -> None:
    bad = io.BytesIO("责任编码,承办单位,优先级\nR1,A1,高\nR1,A1,\n".encode())
    answer = send("/admin/lists/import", file=(bad, "x.csv"), reason="r", list="responsibilities")
    assert answer.status_code == 422 and "is not a whole number" in answer.text and "row 2" in answer.text
    for data, name, said in ((b"a,b\n1,2\n", "x.csv", "does not say which list"), (b"PK", "x.xlsx", "")):
        answer = send("/admin/lists/import", file=(io.BytesIO(data), name), reason="r")
        assert answer.status_code == 422 and said in answer.text
    assert "Say why the list changes" in send("/admin/lists/import", file=book(catalogue=[HOLE])).text
    assert states(db, city) == []


def test_a_batch_that_names_what_there_is_not_wants_a_reason(
    chief: FlaskClient, send: Send, db: Database, city: City
) -> None:
    assert hand_in(send, responsibilities=[Duty("R1", matter="pothole", unit="nobody")]).status_code == 303
    shown = chief.get("/admin/lists/responsibilities/1").text
    assert "there is no unit nobody: R1" in shown and 'name="despite"' in shown
    answer = send("/admin/lists/responsibilities/1/release")
    assert answer.status_code == 409 and "Say why" in answer.text
    send("/admin/lists/responsibilities/1/release", despite="founded next week")
    lists.put_due_into_force(db.bulk)
    assert states(db, city) == [("responsibilities", 1, "in_force")]
    assert "founded next week" in chief.get("/admin/lists/responsibilities/1").text
    assert send("/admin/lists/responsibilities/1/withdraw").status_code == 409


def test_gaps_and_overlaps_stand_in_a_table(chief: FlaskClient, send: Send) -> None:
    here = Duty("R1", category="roads", level="offices", area="O00", unit="O00")
    hand_in(send, responsibilities=[here, Duty("R2", category="roads", level="offices", area="O00", unit="O11")])
    shown = chief.get("/admin/lists/responsibilities/1").text
    assert "Gaps and overlaps by" in shown and 'class="is-gap"' in shown and "×1" in shown


def test_a_draft_is_withdrawn(send: Send, db: Database, city: City) -> None:
    hand_in(send, catalogue=[HOLE])
    assert send("/admin/lists/catalogue/1/withdraw").status_code == 303
    assert states(db, city) == [("catalogue", 1, "withdrawn")]
    assert noted(db)[0] == ("list_withdrawn", 1)


def test_nobody_reaches_beyond_their_city(send: Send, db: Database, app: APIFlask) -> None:
    load(db, city_from({**PACK, "code": "other", "prefix": "OT"}))
    assert send("/admin/lists/import?city=other", file=book(catalogue=[HOLE]), reason="r").status_code == 403
    assert send("/admin/lists/gather?city=other").status_code == 403
    assert send("/admin/lists/catalogue/1/release?city=other").status_code == 403


@pytest.mark.parametrize(
    "path", ["/admin/lists/nothing", "/admin/lists/catalogue/9", "/admin/lists/catalogue/0/export"]
)
def test_what_there_is_not_is_not_found(chief: FlaskClient, path: str) -> None:
    assert chief.get(path).status_code == 404


# From disputes


def disputed(db: Database, city: City, ref: str) -> str:
    """A ticket that was sent to O00, disputed, and put on the consultation list; its number."""
    said = Report(ref=ref, said_at=datetime.now(UTC), body="=1+1", category="roads", matter="pothole",
                  x=WEST + 0.2, y=SOUTH + 0.2)  # fmt: skip
    number = take(db.bulk, city, "probe", [said])[0].number
    assert number is not None
    act(db, number, "dispatcher", "dispute", reason="not_ours", proposal="O11")
    act(db, number, "adjudicator", "consult", units="O00,O11", note="=无人负责")
    return number


def act(db: Database, number: str, who: str, move: str, **given: str) -> None:
    deeds.act(db.web, at_terminal("test", who), Deed(number, move, given))


def test_rulings_are_drawn_up_and_tried(chief: FlaskClient, send: Send, db: Database, city: City) -> None:
    rule_by(db, city, OFFICE)
    number = disputed(db, city, "1")
    act(db, number, "adjudicator", "rule", unit="O11", reason="by_area", note="归 O11")
    act(db, number, "adjudicator", "list_change", scope="area")
    assert "Rulings for the next batch" in chief.get("/admin/lists").text
    answer = send("/admin/lists/gather")
    assert answer.location.endswith("/admin/lists/responsibilities/2?city=probe")
    assert "ruling-1" in chief.get(answer.location).text
    tried = chief.get(answer.location + "&tried=30").text
    assert "To another unit" in tried and f"/tickets/{number}" in tried
    assert "Rulings for the next batch" not in chief.get("/admin/lists").text


def test_gaps_are_read_and_closed(app: APIFlask, chief: FlaskClient, db: Database, city: City) -> None:
    rule_by(db, city, OFFICE)
    number = disputed(db, city, "1")
    make_account(db, "plan", Role.PLANNER, city_id=city.id, language="en")
    make_account(db, "judge", Role.ADJUDICATOR, city_id=city.id, language="en")
    plan, judge = app.test_client(), app.test_client()
    enter(plan, "plan")
    enter(judge, "judge")
    shown = plan.get("/admin/gaps").text
    assert number in shown and "=无人负责" in shown and "/close" not in shown
    secret = secret_of(plan, "/account")
    assert plan.post("/admin/gaps/1/close", data={"csrf_token": secret, "decision": "x"}).status_code == 403
    secret = secret_of(judge, "/account")
    assert judge.post("/admin/gaps/1/close", data={"csrf_token": secret, "decision": " "}).status_code == 422
    assert judge.post("/admin/gaps/1/close", data={"csrf_token": secret, "decision": "O11 负责"}).status_code == 303
    assert judge.post("/admin/gaps/1/close", data={"csrf_token": secret, "decision": "again"}).status_code == 404
    assert (
        "O11 负责" in plan.get("/admin/gaps?state=closed").text
        and number not in plan.get("/admin/gaps?state=open").text
    )
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(plan.get("/admin/gaps/export").data)).get_sheet_by_index(0)
    row = sheet.to_python()[1]
    assert row[1] == number and row[6] == "=无人负责" and row[8] == "O11 负责"
    with db.web.connect() as connection:
        assert (
            connection.execute(text("SELECT settled_by FROM geoapp.consultation")).scalar_one().startswith("account:")
        )
