"""`geoapp user`: accounts made and kept from the command line, and lists taken in from Excel, all or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from geoapp.app import create_app
from geoapp.city import City
from geoapp.cli import main
from geoapp.people import lists
from geoapp.records import Role
from geoapp.settings import Settings
from geoapp.store import units
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import Database
from tests.pages.conftest import city as city
from tests.pages.conftest import template as template
from tests.pages.conftest import translations as translations
from tests.people.make import enter, secret_of

NEW = "green benches by the river"
Run = Callable[..., Result]


@pytest.fixture
def run(db: Database, city: City, database: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`geoapp user …` on the test's database, where the probe city has its units."""
    monkeypatch.setenv("GEOAPP_DATABASE_URL", database.url(SUPERUSER))
    monkeypatch.setenv("GEOAPP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("GEOAPP_PUBLIC_URL", "https://streets.example.org")
    with db.bulk.begin() as connection:
        units.grow(connection, city)

    def run(*words: str, stdin: str = "", fails: bool = False) -> Result:
        found = CliRunner().invoke(main, ["user", *words], input=stdin)
        assert (found.exit_code != 0) == fails, found.output
        return found

    return run


@pytest.fixture
def client(settings: Settings, db: Database) -> FlaskClient:
    return create_app(settings, db).test_client()


def told(run: Run, login: str) -> dict[str, Any]:
    return dict(json.loads(run("show", login, "--json").stdout))


def test_an_account_is_made_with_a_link_by_which_its_owner_sets_the_password(run: Run, client: FlaskClient) -> None:
    made = run("add", "Wang", "--name", "王强", "--role", "unit_staff", "--unit", "O00", "--email", "wang@example.org")
    link = made.stdout.strip().removeprefix("https://streets.example.org")
    assert link.startswith("/reset/")
    page = client.post(link, data={"csrf_token": secret_of(client, "/sign-in"), "password": NEW})
    assert page.status_code == 303 and enter(client, "wang", NEW).status_code == 303
    one = told(run, "wang")
    assert (one["name"], one["active"], one["roles"][0]["unit"]) == ("王强", True, "O00")
    assert one["rights"][0]["allowed"]["handled by one's unit or one below"]
    assert "王强" in run("list").stdout and "Unit staff in O00" in run("show", "wang").stdout
    assert "already" in run("add", "wang", "--name", "x", fails=True).output


def test_a_password_comes_from_stdin_and_is_changed_at_once(run: Run, client: FlaskClient) -> None:
    made = run("add", "wang", "--name", "W", "--password", stdin=f"{NEW}\n")
    assert NEW not in made.output
    assert enter(client, "wang", NEW).status_code == 303
    assert "由他人设定" in client.get("/account").text
    assert "10 characters" in run("add", "li", "--name", "L", "--password", stdin="short\n", fails=True).output
    assert json.loads(run("list", "--json").stdout)[0]["login"] == "wang" and "li" not in run("list").stdout


def test_a_locked_account_is_out_and_in_again(run: Run, client: FlaskClient) -> None:
    run("add", "wang", "--name", "W", "--password", stdin=f"{NEW}\n")
    enter(client, "wang", NEW)
    run("lock", "wang")
    assert client.get("/account").status_code == 302 and enter(client, "wang", NEW).status_code == 401
    run("unlock", "wang")
    assert enter(client, "wang", NEW).status_code == 303
    assert "no account" in run("lock", "nobody", fails=True).output


def test_roles_are_given_until_a_day_and_taken(run: Run) -> None:
    run("add", "wang", "--name", "W")
    assert "given" in run("role", "wang", "dispatcher", "--until", "2999-12-31").output
    assert "no day that a role ends on" in run("role", "wang", "dispatcher", "--until", "9999-12-31", fails=True).output
    assert "given" in run("role", "wang", "administrator", "--everywhere").output
    assert "already" in run("role", "wang", "administrator", "--everywhere").output
    assert "name it" in run("role", "wang", "crew", fails=True).output
    assert "no such unit" in run("role", "wang", "crew", "--unit", "nowhere", fails=True).output
    run("role", "wang", "crew", "--unit", "O01 office")
    held = {one["role"]: one for one in told(run, "wang")["roles"]}
    assert held["dispatcher"]["until"].startswith("2999-12-31T16:00") and held["administrator"]["city"] is None
    assert held["crew"]["unit"] == "O01"
    run("role", "wang", "crew", "--take")
    assert "was not held" in run("role", "wang", "crew", "--take").output
    assert len(told(run, "wang")["rights"]) == 2 and len(told(run, "wang")["roles"]) == 3


def test_a_new_link_ends_sessions_and_drops_a_lost_second_step(run: Run, client: FlaskClient) -> None:
    run("add", "wang", "--name", "W", "--password", stdin=f"{NEW}\n")
    enter(client, "wang", NEW)
    assert "/reset/" in run("password", "wang", "--drop-factor").stdout
    assert client.get("/account").status_code == 302


def sheet(path: Path, *rows: tuple[Any, ...]) -> str:
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    return str(path)


HEAD = ("登录名", "姓名", "邮箱", "电话", "角色", "单位")


def test_a_list_is_taken_in_once(run: Run, tmp_path: Path) -> None:
    file = sheet(
        tmp_path / "people.xlsx", HEAD,
        ("wang", "王强", "wang@example.org", 13900139000, "经办人；网格员", "O00街道"),
        ("li", "李梅", "", "", "Dispatcher", ""),
        ("", "", "", "", "", ""),
        ("wang", "王强", "wang@example.org", "", "planner", ""),
    )  # fmt: skip
    taken = json.loads(run("import", file, "--json").stdout)
    assert [one["login"] for one in taken["made"]] == ["wang", "li"] and (taken["known"], taken["roles"]) == (0, 4)
    wang = told(run, "wang")
    assert wang["phone"] == "13900139000"
    assert [(one["role"], one["unit"]) for one in wang["roles"]] == [
        ("unit_staff", "O00"), ("field_checker", "O00"), ("planner", None),
    ]  # fmt: skip
    again = json.loads(run("import", file, "--json").stdout)
    assert (again["made"], again["known"], again["roles"]) == ([], 2, 0)
    assert told(run, "wang")["phone"] == "13900139000", "what a list leaves empty stays"


def test_a_list_with_a_fault_is_not_taken_in_and_says_all_of_them(run: Run, tmp_path: Path) -> None:
    file = sheet(
        tmp_path / "people.xlsx", HEAD,
        ("wang", "王强", "no address", "", "皇帝", ""),
        ("li", "", "", "", "crew", ""),
        ("?", "张", "", "", "", ""),
        ("wang", "别人", "", "", "", ""),
    )  # fmt: skip
    said = run("import", file, fails=True).output
    for words in ("line 2: “no address”", "“皇帝” is no role", "line 3: there is no name",
                  "line 3: crew is held for a unit", "line 4: “?”",
                  "line 5: wang is somebody else in row 2"):  # fmt: skip
        assert words in said
    file = sheet(tmp_path / "units.xlsx", HEAD, ("wang", "王强", "", "", "", ""), ("li", "李", "", "", "crew", "月球"))
    assert "line 3: 月球 is no unit" in run("import", file, fails=True).output
    assert run("list").stdout == ""


def test_what_is_no_list_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"PK no sheet")
    assert "cannot be read as a table" in run("import", str(tmp_path / "x.xlsx"), fails=True).output
    assert "no column “登录名”" in run("import", sheet(tmp_path / "y.xlsx", ("姓名", "薪水")), fails=True).output


@pytest.mark.parametrize(
    ("word", "role"),
    [("经办人", Role.UNIT_STAFF), ("Head of unit", Role.UNIT_HEAD), (" call-taker ", Role.CALL_TAKER),
     ("API client", Role.API_CLIENT), ("emperor", None)],
)  # fmt: skip
def test_a_role_is_known_by_any_of_its_words(word: str, role: Role | None) -> None:
    assert lists.role_of(word) == role
