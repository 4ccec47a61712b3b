"""/admin as somebody meets it who looks after people and units: each page shown, each deed done and refused."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from werkzeug.test import TestResponse

from geoapp.city import City, city_from
from geoapp.intake.path import take
from geoapp.people import keeping, looking, secrets
from geoapp.records import Role
from geoapp.store import accounts, sessions, units
from geoapp.store.acting import KEEPER, Identity, acting
from geoapp.store.database import Database
from importers.base import Report, Reporter
from tests.pages.conftest import PACK, SOUTH, WEST, load
from tests.people.make import PASSWORD, enter, make_account, secret_of

Send = Callable[..., TestResponse]


@pytest.fixture
def chief(client: FlaskClient, db: Database, city: City) -> FlaskClient:
    """The browser of the city's administrator, who reads English."""
    with db.bulk.begin() as connection:
        units.grow(connection, city)
    make_account(db, "chief", Role.ADMINISTRATOR, city_id=city.id, language="en")
    make_account(db, "wang", Role.PLANNER, city_id=city.id, email="wang@example.org")
    enter(client, "chief")
    return client


@pytest.fixture
def send(chief: FlaskClient) -> Send:
    """A form sent by the administrator."""

    def send(path: str, **data: object) -> TestResponse:
        return chief.post(path, data={"csrf_token": secret_of(chief, "/account"), **data})

    return send


def held(db: Database, login: str) -> list[tuple[Role, str | None]]:
    with acting(db.web, KEEPER) as connection:
        account = keeping.account_of(connection, login)
        return [(one.role, one.unit) for one in accounts.held(connection, account.id) if one.in_force]


@pytest.mark.parametrize(
    "path",
    ["/admin", "/admin/people", "/admin/people/new", "/admin/people/wang", "/admin/people/wang/leave",
     "/admin/people/import", "/admin/units", "/admin/units/new", "/admin/units/O00", "/admin/units/import",
     "/admin/roles", "/admin/log", "/admin/looks", "/admin/lists", "/admin/lists/import", "/admin/lists/catalogue",
     "/admin/lists/responsibilities", "/admin/lists/implementation", "/admin/gaps"],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_page_is_shown_to_its_administrator_alone(chief: FlaskClient, path: str, lang: str) -> None:
    answer = chief.get(f"{path}?lang={lang}")
    assert answer.status_code == 200 and "no-store" in answer.headers["Cache-Control"]
    assert ("系统管理" if lang == "zh" else "Administration") in answer.text
    chief.get("/?lang=en")


def test_all_that_is_wrong_with_somebody_new_is_told_at_once(send: Send) -> None:
    said = send("/admin/people/new?lang=en", login="x y", name="", email="x@y", role="unit_staff", in_city="probe").text
    for words in ("A login has 2 to 100", "Say what the person is called", "This is no e-mail", "held for a unit"):
        assert words in said
    unknown = send("/admin/people/new", login="li", name="L", role="unit_staff", in_city="probe", unit="nobody")
    assert unknown.status_code == 422 and "unit-wrong" in unknown.text


def test_all_that_is_wrong_with_a_unit_is_told_at_once(send: Send) -> None:
    said = send("/admin/units/O00?lang=en", name_zh="街", kind="street_office", duty="always", parent="X", fallback="Y",
                areas="here").text  # fmt: skip
    for words in ("Write duty hours", "to stand below", "to fall back on", "There is no area here"):
        assert words in said
    assert "street_offices" not in said and "<code>offices</code>" in said


def test_who_has_left_needs_no_care(chief: FlaskClient, db: Database, city: City) -> None:
    keeping.lock(db.web, "wang", locked=True)
    assert "?state=locked" in chief.get("/admin").text
    assert ">Wang<" in chief.get("/admin/people?state=locked").text
    keeping.take(db.web, "wang", Role.PLANNER, city, None)
    assert "?state=locked" not in chief.get("/admin").text
    assert ">Wang<" in chief.get("/admin/people?state=left").text


def test_the_menu_leads_there_whoever_may(chief: FlaskClient, app: APIFlask, db: Database, city: City) -> None:
    assert 'href="/admin"' in chief.get("/account").text
    make_account(db, "watch", Role.SUPERVISOR, city_id=city.id)
    watch, wang = app.test_client(), app.test_client()
    enter(watch, "watch")
    assert 'href="/admin/looks"' in watch.get("/account").text
    assert watch.get("/admin/looks").status_code == 200 and watch.get("/admin").status_code == 403
    enter(wang, "wang")
    assert 'href="/admin/gaps"' in wang.get("/account").text and wang.get("/admin").status_code == 403


def test_people_are_found_by_name_role_unit_and_state(chief: FlaskClient, db: Database, city: City) -> None:
    keeping.add(db.web, "li", "李梅", role=Role.UNIT_STAFF, city=city, unit="O00")
    keeping.add(db.web, "zhao", "100%_赵", role=Role.CREW, city=city, unit="O01")

    def found(asked: str) -> set[str]:
        return set(re.findall(r'scope="row"><a href="/admin/people/(\w+)"', chief.get(f"/admin/people?{asked}").text))

    assert found("") == {"chief", "wang", "li", "zhao"}
    assert found("q=李") == {"li"} and found("q=WANG@") == {"wang"} and found("q=%25_") == {"zhao"}
    assert found("role=crew") == {"zhao"} and found("unit=D0") == {"li", "zhao"} and found("unit=O00") == {"li"}
    assert found("unit=O00街道") == {"li"} and found("unit=nowhere") == set()
    assert found("state=never") == {"wang", "li", "zhao"} and found("state=one_step") == {"chief"}
    assert found("state=what&role=emperor") == {"chief", "wang", "li", "zhao"}
    assert "There is no unit called nowhere" in chief.get("/admin/people?unit=nowhere").text


def test_a_long_list_comes_page_by_page(chief: FlaskClient, db: Database, city: City) -> None:
    for nth in range(60):
        make_account(db, f"p{nth:02}", Role.CITIZEN, city_id=city.id)
    first = chief.get("/admin/people?role=citizen").text
    more = re.search(r'href="(/admin/people\?[^"]*after=[^"]*)"', first)
    assert "60 people" in first and more is not None
    second = chief.get(more[1].replace("&amp;", "&")).text
    logins = [re.findall(r'scope="row"><a href="/admin/people/(p\d\d)"', page) for page in (first, second)]
    assert sorted(logins[0] + logins[1]) == [f"p{nth:02}" for nth in range(60)] and len(logins[0]) == 50


def test_somebody_new_is_made_with_a_role_and_a_link_shown_once(
    chief: FlaskClient, send: Send, app: APIFlask, db: Database
) -> None:
    answer = send(
        "/admin/people/new", name="李梅", login="Li.Mei", role="unit_head", in_city="probe", unit="O00 office"
    )
    link = re.search(r"<code[^>]*>[^<]*(/reset/[\w-]+)</code>", answer.text)
    assert answer.status_code == 200 and link is not None
    assert link[1] not in chief.get("/admin/people/li.mei").text
    assert held(db, "li.mei") == [(Role.UNIT_HEAD, "O00")]
    client = app.test_client()
    done = client.post(link[1], data={"csrf_token": secret_of(client), "password": "green benches by the river"})
    assert done.status_code == 303 and enter(client, "li.mei", "green benches by the river").status_code == 303


@pytest.mark.parametrize(
    ("more", "said"),
    [({"login": "a b"}, "2 to 100 letters"), ({"login": "wang"}, "an account of that login"),
     ({"login": "import"}, "2 to 100 letters"), ({"name": ""}, "what the person is called"),
     ({"email": "nowhere"}, "no e-mail address"), ({"role": "crew"}, "held for a unit"),
     ({"role": "crew", "unit": "moon"}, "no such unit"), ({"until": "2020-01-01"}, "This day is over"),
     ({"until": "soon"}, "A day is written"), ({"name": "\x00"}, "characters that are none")],
)  # fmt: skip
def test_what_is_wrong_with_somebody_new_is_said_and_nothing_made(
    send: Send, db: Database, more: dict[str, str], said: str
) -> None:
    data = {"name": "Li", "login": "li", "role": "planner", "in_city": "probe"} | more
    answer = send("/admin/people/new", **data)
    assert answer.status_code in (409, 422) and said in answer.text
    assert data["name"] != "Li" or 'value="Li"' in answer.text, "what was typed stays"
    with acting(db.web, KEEPER) as connection:
        assert {one.login for one in accounts.every(connection)} == {"chief", "wang"}


def test_roles_are_given_and_taken(chief: FlaskClient, send: Send, db: Database) -> None:
    path = "/admin/people/wang/roles"
    assert send(path, role="unit_staff", in_city="probe", unit="O01", until="2999-12-31").status_code == 303
    assert held(db, "wang") == [(Role.PLANNER, None), (Role.UNIT_STAFF, "O01")]
    page = chief.get("/admin/people/wang").text
    assert "until 2999-12-31" in page and "sign for tickets" in page
    role_id = re.findall(r"/admin/people/wang/roles/(\d+)/end", page)[0]
    assert send(f"{path}/{role_id}/end", reason="moved on").status_code == 303
    assert send(f"{path}/{role_id}/end").status_code == 404
    assert held(db, "wang") == [(Role.UNIT_STAFF, "O01")]
    assert "moved on" in chief.get("/admin/log").text and "Role ended: Planner" in chief.get("/admin/people/wang").text
    for wrong in (
        {"role": "emperor"},
        {"role": "crew", "in_city": "probe"},
        {"role": "crew", "unit": "x", "in_city": "probe"},
    ):
        assert send(path, **wrong).status_code == 422


def test_no_page_gives_a_role_beyond_the_city(send: Send, db: Database, chief: FlaskClient) -> None:
    load(db, city_from(PACK | {"code": "other", "prefix": "OT"}))  # type: ignore[arg-type]
    make_account(db, "root", Role.ADMINISTRATOR)
    for where in ("", "other"):
        assert send("/admin/people/wang/roles", role="administrator", in_city=where).status_code == 403
        answer = send("/admin/people/new", name="x", login="xx", role="planner", in_city=where)
        assert answer.status_code == 403
    assert send("/admin/people/wang/roles", role="planner", in_city="nowhere").status_code == 404
    assert chief.get("/admin/people/root").status_code == 404
    assert send("/admin/people/root/lock").status_code == 404
    for path in ("/admin/units", "/admin/looks", "/admin", "/admin/people", "/admin/people/export"):
        assert chief.get(f"{path}?city=other").status_code == 403, path
    assert send("/admin/units/O00?city=other", kind="crew", name_en="x").status_code == 403
    assert held(db, "wang") == [(Role.PLANNER, None)]


def test_ones_own_account_is_looked_after_by_others(chief: FlaskClient, send: Send, db: Database, city: City) -> None:
    make_account(db, "second", Role.ADMINISTRATOR, city_id=city.id)
    assert "This is you" in chief.get("/admin/people/chief").text
    for path, data in (("lock", {}), ("roles", {"role": "call_taker", "in_city": "probe"}), ("leave", {})):
        answer = send(f"/admin/people/chief/{path}", **data)
        assert answer.status_code == 403 and "Nobody locks the own account" in answer.text, path
    assert held(db, "chief") == [(Role.ADMINISTRATOR, None)]


def test_an_account_is_locked_and_let_in_again(send: Send, app: APIFlask, chief: FlaskClient) -> None:
    wang = app.test_client()
    enter(wang, "wang")
    assert "<dd>1 device</dd>" in chief.get("/admin/people/wang").text
    assert send("/admin/people/wang/sign-out").status_code == 303 and wang.get("/account").status_code == 302
    assert send("/admin/people/wang/lock", reason="away").location.endswith("?done=locked#ways")
    assert enter(wang, "wang").status_code == 401
    assert "Locked" in chief.get("/admin/people").text
    send("/admin/people/wang/unlock")
    assert enter(wang, "wang").status_code == 303


def test_a_link_is_shown_once_and_the_old_password_holds_till_it_is_used(send: Send, app: APIFlask) -> None:
    answer = send("/admin/people/wang/link", way="show")
    assert answer.status_code == 200 and "/reset/" in answer.text
    assert enter(app.test_client(), "wang").status_code == 303


def test_data_is_changed(send: Send, chief: FlaskClient, db: Database) -> None:
    path = "/admin/people/wang/data"
    assert send(path, name="", email="").status_code == 422
    assert "no e-mail address" in send(path, name="Wang", email="nowhere").text
    assert send(path, name="王强", email="", phone="1", language="zh").status_code == 303
    page = chief.get("/admin/people/wang").text
    assert "王强" in page and "Changed: e-mail, name, telephone" in page


def test_hand_over_shows_what_passes_and_does_it(send: Send, chief: FlaskClient, db: Database, city: City) -> None:
    keeping.add(db.web, "li", "李梅", role=Role.UNIT_HEAD, city=city, unit="O00")
    keeping.give(db.web, "li", Role.PLANNER, city, None)
    page = chief.get("/admin/people/li/leave").text
    ids = re.findall(r'name="pass" value="(\d+)"', page)
    assert len(ids) == 2 and "nobody else is of this unit" in page
    answer = send("/admin/people/li/leave", to="nobody", **{"pass": ids})
    assert answer.status_code == 422 and "Nobody by that login" in answer.text
    done = send("/admin/people/li/leave", to="wang", reason="retired", **{"pass": ids[:1]})
    assert done.status_code == 200 and "Passed on to Wang" in done.text and "Roles that ended" in done.text
    assert held(db, "wang") == [(Role.PLANNER, None), (Role.UNIT_HEAD, "O00")] and held(db, "li") == []
    assert "retired" in chief.get("/admin/log").text


def test_the_last_administrator_is_not_let_go_by_a_page(app: APIFlask, db: Database, city: City) -> None:
    make_account(db, "chief", Role.ADMINISTRATOR, city_id=city.id, language="en")
    make_account(db, "root", Role.ADMINISTRATOR, language="en")
    client = app.test_client()
    enter(client, "root")
    data = {"csrf_token": secret_of(client, "/account")}
    assert client.post("/admin/people/chief/lock", data=data).status_code == 303, "root is left"
    assert client.post("/admin/people/root/lock", data=data).status_code == 403


def test_looks_are_listed_with_who_and_why(chief: FlaskClient, db: Database, city: City) -> None:
    told = [
        Report(
            ref="r", said_at=datetime(2026, 3, 1, tzinfo=UTC), kind="complaint", body="call 13800138000",
            matter="pothole", category="roads", x=WEST + 0.2, y=SOUTH + 0.2, reporter=Reporter("张三", "13900139000"),
        )
    ]  # fmt: skip
    report_id = take(db.bulk, city, "hotline", told)[0].report_id
    taker = make_account(db, "taker", Role.CALL_TAKER, city_id=city.id)
    with acting(db.web, KEEPER) as connection:
        person = accounts.person(connection, taker)
    assert person is not None
    looking.reporter_of(db.web, person, report_id, "to call back")
    page = chief.get("/admin/looks").text
    assert "to call back" in page and 'href="/admin/people/taker"' in page and "Who said it" in page
    assert "张三" not in page and "13900139000" not in page
    assert "to call back" in chief.get("/admin/looks?login=TAKER").text
    assert "Nobody has looked" in chief.get("/admin/looks?login=wang").text
    assert "Nobody has looked" in chief.get("/admin/looks?login=nobody&before=99999999999999999999").text
    assert "to call back" in chief.get("/admin/people/taker").text


def test_a_demos_administrator_sees_and_changes_nothing(app: APIFlask, db: Database, city: City) -> None:
    from geoapp.pages.parts import who

    made = make_account(db, "demo-probe-administrator", Role.ADMINISTRATOR, city_id=city.id, demo=True)
    make_account(db, "wang", Role.PLANNER, city_id=city.id, email="wang@example.org")
    app.extensions["geoapp"].settings = __import__("dataclasses").replace(
        app.extensions["geoapp"].settings, demo_roles="planted"
    )
    client = app.test_client()
    with app.test_request_context("/"):
        shown = who.sign_in(made)
    client.set_cookie("geoapp", shown)
    page = client.get("/admin/people?lang=en").text
    assert "You play this role in a demo" in page and "wang" not in page
    assert client.get("/admin/people/wang").status_code == 404
    token = secret_of(client, "/account")
    for path in ("/admin/people/new", "/admin/people/import", "/admin/units/import"):
        answer = client.post(
            path, data={"csrf_token": token, "name": "x", "login": "xx", "role": "planner", "in_city": "probe"}
        )
        assert answer.status_code == 403, path
    assert client.post("/admin/people/wang/lock", data={"csrf_token": token}).status_code == 404


def test_a_token_looks_after_nobody(chief: FlaskClient, send: Send, app: APIFlask, db: Database) -> None:
    asked = {"name": "x", "days": "7", "scope": ["manage_people"], "current": PASSWORD}
    assert send("/account/tokens", **asked).status_code == 403, "none is made for it"
    secret = secrets.new(secrets.TOKEN_PREFIX)
    with acting(db.web, KEEPER) as connection:
        account = accounts.find(connection, "chief")
    assert account is not None
    with acting(db.web, Identity(account.id)) as connection:
        scopes = ["manage_people", "use_api"]
        sessions.make_token(connection, account.id, "x", secret.digest, scopes, timedelta(days=1))
    headers = {"Authorization": f"Bearer {secret.shown}"}
    for path in ("/admin", "/admin/people", "/admin/people/wang", "/admin/log", "/admin/people/export"):
        assert app.test_client().get(path, headers=headers).status_code == 403, path


# Units


def test_a_unit_is_made_changed_and_never_below_itself(
    chief: FlaskClient, send: Send, db: Database, city: City
) -> None:
    data = {"code": "W1", "name_zh": "水务局", "name_en": "Water", "kind": "bureau", "parent": "probe",
            "duty": "周一至周五 9:00-18:00", "phone": "0755-1", "areas": "offices/O00\noffices/O01",
            "fallback": "D0", "active": "yes"}  # fmt: skip
    assert send("/admin/units/new", **data).location == "/admin/units/W1?city=probe&done=made"
    page = chief.get("/admin/units/W1").text
    assert "Mon–Fri 09:00–18:00" in page and "1-5 09:00-18:00" in page and "O01 office" in page
    assert send("/admin/units/new", **data).status_code == 409
    for wrong, said in (
        ({"parent": "W1"}, "cannot stand below itself"), ({"parent": "moon"}, "no such unit to stand below"),
        ({"fallback": "W1"}, "the unit itself"), ({"areas": "offices/X"}, "no area offices/X"),
        ({"duty": "always"}, "Write duty hours"), ({"name_zh": "", "name_en": ""}, "A unit has a name"),
        ({"kind": "empire"}, "what kind of unit"), ({"email": "x"}, "no e-mail"),
    ):  # fmt: skip
        answer = send("/admin/units/W1", **(data | wrong))
        assert answer.status_code == 422 and said in answer.text, wrong
    assert send("/admin/units/W1", **(data | {"phone": "0755-2", "active": ""})).status_code == 303
    with db.web.connect() as connection:
        unit = units.find(connection, city.id, "W1")
    assert (unit.contacts, unit.active, unit.fallback, len(unit.area_keys)) == ({"phone": "0755-2"}, False, "D0", 2)
    assert unit.duty == [{"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "18:00"}]
    log = chief.get("/admin/units/W1").text
    assert "Unit made" in log and "Changed: contacts, in use or not" in log, re.findall(r"Changed[^<]*", log)
    assert send("/admin/units/D0", kind="district", name_zh="D", parent="O00", active="yes").status_code == 422
    assert chief.get("/admin/units/nowhere").status_code == 404 and chief.get("/admin/units/%00").status_code == 404


def test_the_tree_and_its_search(chief: FlaskClient, filled: City) -> None:
    page = chief.get("/admin/units").text
    assert page.index(">D0 office<") < page.index(">O00 office<") < page.index(">D1 office<")
    found = chief.get("/admin/units?q=o0").text
    assert ">O00 office<" in found and ">O01 office<" in found and ">O10 office<" not in found
    assert "0 units" in chief.get("/admin/units?q=o0&only=headless").text
    assert re.search(r"\d+ open, \d+ of them late", chief.get("/admin/units/O00").text)


# Files


def rows(answer: TestResponse) -> list[list[object]]:
    with CalamineWorkbook.from_filelike(io.BytesIO(answer.data)) as book:
        return [list(row) for row in book.get_sheet_by_index(0).to_python()]


def test_people_and_units_go_out_as_text_and_come_in_again(
    chief: FlaskClient, send: Send, db: Database, city: City
) -> None:
    nasty = '=HYPERLINK("http://evil.example","x")'
    keeping.change(db.web, "wang", name=nasty, phone="+1")
    sheet = chief.get("/admin/people/export?lang=en")
    assert sheet.mimetype.endswith("spreadsheetml.sheet") and "attachment" in sheet.headers["Content-Disposition"]
    assert rows(sheet)[2][:2] == ["wang", nasty]
    import zipfile

    with zipfile.ZipFile(io.BytesIO(sheet.data)) as archive:
        assert not [name for name in archive.namelist() if b"<f>" in archive.read(name)]
    shown = send("/admin/people/import", file=(io.BytesIO(sheet.data), "people.xlsx"))
    assert shown.status_code == 200 and "0 new, 0 changed, 2 stay" in shown.text
    file = chief.get("/admin/units/export").data
    shown = send("/admin/units/import", file=(io.BytesIO(file), "units.xlsx"))
    assert "0 new, 0 changed, 7 stay" in shown.text
    for path in ("/admin/people/import/template", "/admin/units/import/template"):
        assert len(rows(chief.get(path))) == 1


def test_a_list_is_shown_then_taken_in_by_the_same_person(
    chief: FlaskClient, send: Send, app: APIFlask, db: Database, city: City
) -> None:
    text = "登录名,姓名,邮箱,角色,单位\nli,李梅,li@example.org,经办人；网格员,O00\nwang,王强,,规划员,\n".encode(
        "gb18030"
    )
    shown = send("/admin/people/import", file=(io.BytesIO(text), "people.csv"))
    assert "1 new, 1 changed, 0 stay" in shown.text
    table = re.search(r'name="table" value="([^"]+)"', shown.text)
    assert table is not None
    with acting(db.web, KEEPER) as connection:
        assert accounts.find(connection, "li") is None
    make_account(db, "second", Role.ADMINISTRATOR, city_id=city.id, language="en")
    other = app.test_client()
    enter(other, "second")
    data = {"csrf_token": secret_of(other, "/account"), "table": table[1]}
    assert other.post("/admin/people/import", data=data).status_code == 422, "another's"
    assert send("/admin/units/import", table=table[1]).status_code == 422, "another kind's"
    assert send("/admin/people/import", table=table[1][:-2]).status_code == 422
    done = send("/admin/people/import", table=table[1])
    assert "1 accounts made, 1 known before, 2 roles given" in done.text and done.text.count("/reset/") == 1
    assert held(db, "li") == [(Role.UNIT_STAFF, "O00"), (Role.FIELD_CHECKER, "O00")]


def test_faults_are_told_by_row_and_column_in_the_readers_language(send: Send, db: Database) -> None:
    text = b"login,name,e-mail,role,unit\nli,,x,emperor,\nwang,W,,crew,moon\nchief,C,,planner,\nroot,R,,,\n"
    make_account(db, "root", Role.ADMINISTRATOR)
    zh = send("/admin/people/import?lang=zh", file=(io.BytesIO(text), "x.csv"))
    assert zh.status_code == 422 and "整份名单未导入" in zh.text and 'name="table"' not in zh.text
    told = [re.sub(r"<[^>]+>", "|", row) for row in re.findall(r"<tr><td class=\"number\">.*?</tr>", zh.text)]
    assert {line.strip("|") for line in told} >= {
        "2||姓名||缺少名称", "2||邮箱||“x”不是邮箱地址", "2||角色||没有角色“emperor”", "3||单位||没有单位“moon”",
        "4||登录名||chief 是您本人：您的角色须由其他管理员授予", "5||登录名||登录名 root 已被您管辖范围之外的账号使用",
    }  # fmt: skip
    en = send("/admin/people/import?lang=en", file=(io.BytesIO(b"name,salary\nx,1\n"), "x.csv"))
    assert "nobody reads the column “salary”" in en.text and "there is no column “登录名”" in en.text


@pytest.mark.parametrize("name", ["x.xlsx", "x.csv", "x"])
@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"PK\x03\x04rest"])
def test_what_is_no_table_is_refused(send: Send, name: str, data: bytes) -> None:
    for path in ("/admin/people/import", "/admin/units/import"):
        answer = send(path, file=(io.BytesIO(data), name))
        assert answer.status_code == 422 and "cannot be read as a table" in answer.text
    assert send("/admin/people/import").status_code == 422


@pytest.mark.parametrize("name", ["x.csv", "x"])
def test_a_row_that_cannot_be_read_is_told_and_nothing_is_taken_in(send: Send, name: str) -> None:
    for path in ("/admin/people/import", "/admin/units/import"):
        answer = send(path, file=(io.BytesIO(b"login,name\n\xff\xfe\x00"), name))
        assert answer.status_code == 422 and "nothing can be taken in" in answer.text


def test_units_are_taken_in_whatever_their_order(send: Send, db: Database, city: City) -> None:
    text = "编码,名称,类别,上级单位,启用\nW2,二队,养护班组,W1,是\nW1,水务局,委办局,probe,\nD0,,,W2,否\n".encode()
    shown = send("/admin/units/import", file=(io.BytesIO(text), "x.csv"))
    assert "2 new, 1 changed" in shown.text
    table = re.search(r'name="table" value="([^"]+)"', shown.text)
    assert table is not None and "2 units made, 1 changed" in send("/admin/units/import", table=table[1]).text
    with db.web.connect() as connection:
        tree = {one.code: (one.parent, one.active) for one in units.every(connection, city.id)}
    assert (tree["W1"], tree["W2"], tree["D0"]) == (("probe", True), ("W1", True), ("W2", False))
    for rows_, said in (
        ("W1,,,D0,\n", "W1 would stand below itself"), ("W3,x,,,\n", "a new unit has a kind"),
        ("W3,x,empire,,\n", "no kind of unit"), ("W1,,,moon,\n", "“moon” is no unit"), (",x,crew,,\n", "a code has"),
        ("W3,x,crew,,maybe\n", "neither yes nor no"), ("W3,x,crew,,\nW3,x,crew,,\n", "stands in row 2 already"),
    ):  # fmt: skip
        answer = send(
            "/admin/units/import", file=(io.BytesIO(("编码,名称,类别,上级单位,启用\n" + rows_).encode()), "x.csv")
        )
        assert answer.status_code == 422 and said in answer.text, rows_


def test_odd_words_of_an_address_stay_words_of_it(chief: FlaskClient, db: Database, city: City) -> None:
    for nth in range(60):
        make_account(db, f"p{nth:03}", Role.PLANNER, city_id=city.id)
    answer = chief.get("/admin/people?endpoint=x&_method=POST&_external=1&_scheme=ftp")
    assert answer.status_code == 200
    following = re.search(r'href="([^"]*after=[^"]*)"', answer.text)
    assert following is not None and following[1].startswith("/admin/people?")
