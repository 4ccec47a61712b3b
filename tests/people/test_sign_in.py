"""Signing in and out: who is let in, what is kept, and what a session is worth."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import psycopg
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from geoapp.app import create_app
from geoapp.city import City
from geoapp.people import passwords
from geoapp.records import Role
from geoapp.settings import Settings
from geoapp.store import accounts, bootstrap
from geoapp.store.acting import KEEPER, acting
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import Database
from tests.people.make import PASSWORD, enter, make_account, secret_of


def test_who_knows_the_password_enters_and_the_bar_says_so(client: FlaskClient, db: Database, city: City) -> None:
    make_account(db, "wang", Role.DISPATCHER, city_id=city.id)
    assert ">Sign in<" in client.get("/?lang=en").text
    answer = enter(client, " WANG ", back="/?state=open")
    assert answer.status_code == 303 and answer.location == "/?state=open"
    page = client.get("/?lang=en")
    assert ">Wang<" in page.text and "Sign out" in page.text
    assert page.headers["Cache-Control"] == "private, no-store"


def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_http(
    settings: Settings, db: Database, city: City
) -> None:
    make_account(db, "wang")
    for https, name in ((False, "geoapp"), (True, "__Host-geoapp")):
        client = create_app(replace(settings, https=https), db).test_client()
        base = "https://localhost" if https else "http://localhost"
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in", base_url=base).text)
        assert found is not None
        data = {"csrf_token": found[1], "login": "wang", "password": PASSWORD}
        answer = client.post("/sign-in", data=data, base_url=base, headers={"Referer": f"{base}/sign-in"})
        told = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{name}="))
        assert "HttpOnly" in told and "SameSite=Lax" in told and "Path=/" in told and "Domain" not in told
        assert ("Secure" in told) == https


def test_only_digests_are_kept(client: FlaskClient, db: Database, city: City, database: Server) -> None:
    make_account(db, "wang")
    enter(client, "wang")
    cookie = client.get_cookie("geoapp")
    assert cookie is not None and len(cookie.value) >= 43
    with psycopg.connect(database.conninfo(SUPERUSER)) as connection:
        query = "SELECT (SELECT string_agg(s::text, '') FROM private.session s) || a::text FROM private.account a"
        kept = connection.execute(query).fetchone()
    assert kept is not None and cookie.value not in kept[0] and PASSWORD not in kept[0] and "$argon2id$" in kept[0]


@pytest.mark.parametrize("login", ["wang", "nobody", "", "wang\x00", "\ud800", "x" * 5000, "demo-x"])
def test_who_does_not_know_the_password_is_told_nothing_else(
    client: FlaskClient, db: Database, city: City, login: str
) -> None:
    make_account(db, "wang")
    make_account(db, "demo-x", demo=True)
    password = PASSWORD if login != "wang" else "another one"
    answer = enter(client, login.encode("utf-8", "surrogatepass").decode("utf-8", "replace"), password)
    assert answer.status_code == 401 and "登录名或密码不正确" in answer.text
    assert client.get_cookie("geoapp") is None


@pytest.mark.usefixtures("careful_passwords")
def test_an_unknown_login_takes_as_long_as_a_wrong_password(client: FlaskClient, db: Database, city: City) -> None:
    make_account(db, "wang", password=passwords.kept(PASSWORD))
    enter(client, "warm", "up the digest of nobody")
    took = {}
    for login in ("wang", "nobody"):
        tries = []
        for _ in range(4):
            began = time.perf_counter()
            enter(client, login, "not the password")
            tries.append(time.perf_counter() - began)
        took[login] = min(tries)
    assert 0.5 < took["wang"] / took["nobody"] < 2


def test_too_many_wrong_passwords_lock_the_login_for_all_processes(
    settings: Settings, db: Database, city: City
) -> None:
    make_account(db, "wang")
    apps = [create_app(replace(settings, sign_in_tries=3), db) for _ in range(2)]
    clients = [app.test_client() for app in apps]
    answers = [enter(clients[nth % 2], "wang", "not the password").status_code for nth in range(4)]
    assert answers == [401, 401, 401, 429]
    assert enter(clients[0], "wang").status_code == 429
    # A login that nobody has is locked the same way, and others are not.
    assert [enter(clients[0], "nobody", "x").status_code for _ in range(4)][-1] == 429
    make_account(db, "li")
    assert enter(clients[0], "li").status_code == 303


def test_right_passwords_are_not_held_against_anybody(settings: Settings, db: Database, city: City) -> None:
    make_account(db, "wang")
    client = create_app(replace(settings, sign_in_tries=2), db).test_client()
    for _ in range(4):
        assert enter(client, "wang").status_code == 303
        client.delete_cookie("geoapp")


def test_signing_in_gives_a_new_secret_and_ends_the_old(client: FlaskClient, db: Database, city: City) -> None:
    make_account(db, "wang", Role.DISPATCHER)
    # A secret that somebody else has planted is not taken over.
    client.set_cookie("geoapp", "planted")
    enter(client, "wang")
    first = client.get_cookie("geoapp")
    assert first is not None and first.value != "planted"
    token = secret_of(client, "/account")
    answer = client.post("/sign-in", data={"csrf_token": token, "login": "wang", "password": PASSWORD})
    second = client.get_cookie("geoapp")
    assert answer.status_code == 303 and second is not None and second.value != first.value
    other = client.application.test_client()
    other.set_cookie("geoapp", first.value)
    assert other.get("/account").status_code == 302


def test_signing_out_ends_the_session_at_the_server(client: FlaskClient, db: Database, city: City) -> None:
    make_account(db, "wang")
    enter(client, "wang")
    cookie = client.get_cookie("geoapp")
    assert cookie is not None
    assert client.post("/sign-out").status_code == 400, "a forged form"
    assert client.post("/sign-out", data={"csrf_token": secret_of(client, "/account")}).status_code == 303
    client.set_cookie("geoapp", cookie.value)
    assert client.get("/account").status_code == 302


def test_a_session_ends_when_it_is_left_alone_and_at_last_in_any_case(
    client: FlaskClient, db: Database, city: City
) -> None:
    make_account(db, "wang")
    for column, shift in (("seen_at", "61 minutes"), ("ends_at", "13 hours")):
        enter(client, "wang")
        assert client.get("/account").status_code == 200
        _shift(db, column, shift)
        assert client.get("/account").status_code == 302
        client.delete_cookie("geoapp")


def _shift(db: Database, column: str, shift: str) -> None:
    """As if that much time had gone by."""
    url = db.web.url.set(username=bootstrap.OWNER)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE private.session SET {column} = {column} - interval '{shift}'"))
    engine.dispose()


def test_use_keeps_a_session_and_is_noted_once_a_minute(client: FlaskClient, db: Database, city: City) -> None:
    make_account(db, "wang")
    enter(client, "wang")
    for _ in range(3):
        _shift(db, "seen_at", "50 minutes")
        assert client.get("/account").status_code == 200


def test_an_account_that_is_locked_is_out_at_once(client: FlaskClient, db: Database, city: City) -> None:
    account_id = make_account(db, "wang")
    enter(client, "wang")
    with acting(db.web, KEEPER) as connection:
        accounts.change(connection, account_id, active=False)
    assert client.get("/account").status_code == 302
    assert enter(client, "wang").status_code == 401


@pytest.mark.parametrize(
    "way",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil", "/\t/evil.example",
     "javascript:alert(1)", "/sign-in", "/sign-out", "evil", "", "/" + "x" * 3000, "http:///evil", "/\x00",
     "///evil.example"],
)  # fmt: skip
def test_the_way_back_leads_nowhere_else(client: FlaskClient, db: Database, city: City, way: str) -> None:
    make_account(db, "wang")
    assert enter(client, "wang", back=way).location == "/"


def test_a_page_that_takes_signing_in_leads_there_and_back(client: FlaskClient, db: Database, city: City) -> None:
    make_account(db, "wang")
    answer = client.get("/account?x=1&y=2")
    assert answer.status_code == 302 and answer.location.startswith("/sign-in?back=/account?x%3D1%26y%3D2")
    page = client.get(answer.location).text
    back = re.search(r'name="back" value="([^"]+)"', page)
    assert back is not None and back[1] == "/account?x=1&amp;y=2"


def test_a_forged_form_signs_nobody_in(client: FlaskClient, db: Database, city: City) -> None:
    make_account(db, "wang")
    assert client.post("/sign-in", data={"login": "wang", "password": PASSWORD}).status_code == 400


def test_what_is_public_is_answered_to_all_alike(
    client: FlaskClient, app: APIFlask, db: Database, filled: City
) -> None:
    """Kept answers hold nobody's session, and a session that shows no more changes none of them."""
    make_account(db, "wang", Role.CITIZEN, city_id=filled.id)
    before = client.get("/api/tickets").data
    enter(client, "wang")
    answer = client.get("/api/tickets")
    assert answer.data == before and answer.headers["Cache-Control"].startswith("private")
    assert app.test_client().get("/api/tickets").headers["Cache-Control"] == "no-cache"
