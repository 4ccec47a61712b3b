"""One's own account: data, password, second factor, sessions and tokens, all of oneself alone."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pyotp
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from geoapp.city import City
from geoapp.pages.parts import who
from geoapp.people import passwords, secrets
from geoapp.records import Role
from geoapp.store import accounts
from geoapp.store.acting import KEEPER, acting
from geoapp.store.database import Database
from tests.people.make import PASSWORD, enter, make_account, secret_of

NEW = "green benches by the river"


@pytest.fixture
def wang(client: FlaskClient, db: Database, city: City) -> FlaskClient:
    """The browser of a planner who has signed in."""
    make_account(db, "wang", Role.PLANNER, city_id=city.id, language="en")
    enter(client, "wang")
    return client


def send(client: FlaskClient, path: str, **data: object) -> TestResponse:
    return client.post(path, data={"csrf_token": secret_of(client, "/account"), **data})


def test_the_page_says_what_one_may_do(wang: FlaskClient) -> None:
    page = wang.get("/account?lang=en").text
    assert "Planner · Probe City" in page and "study what keeps happening" in page
    assert "类案分析" in wang.get("/account?lang=zh").text


def test_an_address_changes_with_the_password_alone(wang: FlaskClient, db: Database) -> None:
    assert send(wang, "/account/data", email="new@example.org", phone="1", language="en").status_code == 422
    answer = send(wang, "/account/data", email="not an address", phone="", language="en", current=PASSWORD)
    assert answer.status_code == 422 and "no e-mail address" in answer.text
    assert send(wang, "/account/data", email="", phone="0755", language="en").status_code == 303
    answer = send(wang, "/account/data", email="new@example.org", phone="0755", language="zh", current=PASSWORD)
    assert answer.status_code == 303 and "资料已保存" in wang.get(answer.location).text
    with acting(db.web, KEEPER) as connection:
        account = accounts.find(connection, "wang")
    assert account is not None and (account.email, account.phone, account.language) == ("new@example.org", "0755", "zh")


@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "at least 10"), ("x" * 201, "at most 200"), ("wangwang12", "one's own name"), ("Wang-2026!", "own name"),
     ("password123", "first that anybody"), ("1234567890", "first that anybody"), ("abcdefghijkl", "first that"),
     ("aaaaaaaaaaaa", "first that"), ("woaini1314520", "first that")],
)  # fmt: skip
def test_a_password_that_is_easily_guessed_is_refused(wang: FlaskClient, password: str, why: str) -> None:
    answer = send(wang, "/account/password?lang=en", password=password, current=PASSWORD)
    assert answer.status_code == 422 and why in answer.text.replace("&#39;", "'")


def test_a_new_password_ends_every_other_session_and_link(wang: FlaskClient, app: APIFlask, db: Database) -> None:
    other = app.test_client()
    enter(other, "wang")
    assert send(wang, "/account/password", password=NEW, current="not it").status_code == 422
    assert other.get("/account").status_code == 200
    assert send(wang, "/account/password", password=NEW, current=PASSWORD).status_code == 303
    assert wang.get("/account").status_code == 200 and other.get("/account").status_code == 302
    assert enter(other, "wang").status_code == 401 and enter(other, "wang", NEW).status_code == 303


def test_whoever_was_given_a_password_sets_one_before_anything_else(
    client: FlaskClient, db: Database, city: City
) -> None:
    make_account(db, "li", Role.PLANNER, city_id=city.id, must_change=True)
    assert enter(client, "li", back="/report").headers["Location"] == "/account#password"
    assert "/account/tokens" not in client.get("/account").text
    send(client, "/account/password", password=NEW, current=PASSWORD)
    assert "/account/tokens" in client.get("/account").text


def test_a_password_is_the_same_however_a_keyboard_puts_its_letters_together() -> None:
    kept = passwords.kept("caf\u00e9 \uff11\uff12\uff13\uff14\uff15\uff16")
    assert passwords.right("cafe\u0301 123456", kept) and not passwords.right("cafe 123456", kept)
    assert not passwords.right("\ud800" * 12, kept) and not passwords.right("x", "no digest")


def test_pages_speak_the_accounts_language_where_none_was_asked_for(wang: FlaskClient, app: APIFlask) -> None:
    assert '<html lang="en">' in wang.get("/account").text
    assert '<html lang="zh-Hans">' in app.test_client().get("/").text
    assert '<html lang="zh-Hans">' in wang.get("/account?lang=zh").text


# The second factor


def set_up(client: FlaskClient) -> tuple[pyotp.TOTP, list[str]]:
    page = send(client, "/account/factor", current=PASSWORD).text
    assert "<svg" in page and 'class="qr"' in page
    shown = re.search(r'<span class="secret">([A-Z2-7 ]+)</span>', page)
    assert shown is not None
    factor = pyotp.TOTP(shown[1].replace(" ", ""))
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    wrong = client.post("/account/factor/confirm", data={"csrf_token": token[1], "code": "000000"})
    assert wrong.status_code == 422
    done = client.post("/account/factor/confirm", data={"csrf_token": token[1], "code": factor.now()})
    return factor, re.findall(r"<li><code>([^<]+)</code></li>", done.text)


def code(client: FlaskClient, word: str) -> TestResponse:
    return client.post("/sign-in/code", data={"csrf_token": secret_of(client, "/sign-in/code"), "code": word})


def test_a_second_factor_is_asked_for_and_each_code_is_good_once(wang: FlaskClient, app: APIFlask) -> None:
    factor, _codes = set_up(wang)
    other = app.test_client()
    answer = enter(other, "wang", back="/report")
    assert answer.location == "/sign-in/code" and other.get("/account").status_code == 302
    assert code(other, "000000").status_code == 401
    # The code that set it up is used up.
    assert code(other, factor.now()).status_code == 401
    later = factor.at(int(time.time()) + secrets.STEP_S)
    assert code(other, f"{later[:3]} {later[3:]}").location == "/report"
    third = app.test_client()
    enter(third, "wang")
    assert code(third, later).status_code == 401


def test_recovery_codes_are_good_once_each(wang: FlaskClient, app: APIFlask) -> None:
    _factor, codes = set_up(wang)
    assert len(codes) == secrets.CODES and len(set(codes)) == secrets.CODES
    for nth, expected in ((0, 303), (0, 401), (1, 303)):
        other = app.test_client()
        enter(other, "wang")
        assert code(other, codes[nth].upper().replace("-", " ")).status_code == expected
    assert f"{secrets.CODES - 2} 个" in wang.get("/account?lang=zh").text


def test_the_second_factor_is_kept_under_the_installations_key(wang: FlaskClient, db: Database) -> None:
    factor, _codes = set_up(wang)
    with acting(db.web, KEEPER) as connection:
        account = accounts.find(connection, "wang")
    assert account is not None and account.totp is not None and factor.secret not in account.totp
    assert secrets.opened(account.totp, "another key") is None
    assert secrets.opened(account.totp, str(wang.application.secret_key)) == factor.secret


def test_half_a_sign_in_is_worth_nothing_else_and_not_for_long(
    wang: FlaskClient, app: APIFlask, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(wang)
    other = app.test_client()
    enter(other, "wang")
    send(wang, "/account/password", password=NEW, current=PASSWORD)
    assert other.get("/sign-in/code").location == "/sign-in", "the password that was shown holds no more"
    enter(other, "wang", NEW)
    assert other.get("/sign-in/code").status_code == 200
    now = time.time()
    monkeypatch.setattr("geoapp.pages.sign_in.time.time", lambda: now + 301)
    assert other.get("/sign-in/code").location == "/sign-in"


def test_codes_cannot_be_tried_without_end(wang: FlaskClient, app: APIFlask) -> None:
    factor, _codes = set_up(wang)
    other = app.test_client()
    enter(other, "wang")
    assert [code(other, "111111").status_code for _ in range(11)][-1] == 429
    assert code(other, factor.at(int(time.time()) + 30)).status_code == 429


def test_the_second_factor_is_given_up_with_the_password(wang: FlaskClient, app: APIFlask) -> None:
    set_up(wang)
    assert send(wang, "/account/factor/drop", current="not it").status_code == 422
    assert send(wang, "/account/factor/drop", current=PASSWORD).status_code == 303
    assert enter(app.test_client(), "wang").location == "/"


@pytest.mark.parametrize("shift", [-2, 2])
def test_a_code_is_good_one_step_early_or_late_and_no_more(shift: int) -> None:
    factor = secrets.new_factor()
    assert secrets.step_of(factor, pyotp.TOTP(factor).at(1_000_000_000), now=1_000_000_000 + shift * 15) is not None
    assert secrets.step_of(factor, pyotp.TOTP(factor).at(1_000_000_000), now=1_000_000_000 + shift * 45) is None


# Sessions


def test_sessions_are_ended_one_by_one_and_everywhere(wang: FlaskClient, app: APIFlask, db: Database) -> None:
    others = [app.test_client() for _ in range(3)]
    for other in others:
        enter(other, "wang")
    ids = re.findall(r"/account/sessions/(\d+)/end", wang.get("/account").text)
    assert len(ids) == 3
    assert send(wang, f"/account/sessions/{ids[0]}/end").status_code == 303
    assert sorted(other.get("/account").status_code for other in others) == [200, 200, 302]
    assert send(wang, "/account/sessions/end").status_code == 303
    assert {other.get("/account").status_code for other in others} == {302} and wang.get("/account").status_code == 200
    assert send(wang, f"/account/sessions/{ids[0]}/end").status_code == 404
    assert send(wang, f"/account/sessions/{'9' * 30}/end").status_code == 404


def test_nobody_ends_anybody_elses(wang: FlaskClient, app: APIFlask, db: Database, city: City) -> None:
    make_account(db, "li", Role.PLANNER, city_id=city.id)
    li = app.test_client()
    enter(li, "li")
    second = app.test_client()
    enter(second, "li")
    mine = re.findall(r"/account/sessions/(\d+)/end", li.get("/account").text)
    assert send(wang, f"/account/sessions/{mine[0]}/end").status_code == 404
    assert second.get("/account").status_code == 200
    make_token(li)
    token_id = re.findall(r"/account/tokens/(\d+)/end", li.get("/account").text)[0]
    assert send(wang, f"/account/tokens/{token_id}/end").status_code == 404


# Tokens


def make_token(client: FlaskClient, **more: object) -> str:
    data = {"name": "nightly", "days": "7", "scope": ["see_inside", "plan"], "current": PASSWORD, **more}
    answer = send(client, "/account/tokens", **data)
    found = re.search(r"<code>(geoapp_[\w-]{43})</code>", answer.text)
    return found[1] if found else str(answer.status_code)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_is_shown_once_and_asks_in_its_owners_name(wang: FlaskClient, app: APIFlask) -> None:
    token = make_token(wang)
    page = wang.get("/account").text
    assert token.startswith("geoapp_") and token not in page and "nightly" in page
    program = app.test_client()
    with program:
        assert program.get("/api/tickets", headers=bearer(token)).status_code == 200
        me = who.person()
    assert me is not None and me.login == "wang" and me.scopes == {"see_inside", "plan", "use_api"}
    refused = program.get("/api/tickets", headers=bearer(token + "x"))
    assert refused.status_code == 401 and refused.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("kept", [True, False])
def test_tokens_end_with_the_password_unless_they_are_kept(wang: FlaskClient, app: APIFlask, kept: bool) -> None:
    assert "keep_tokens" not in wang.get("/account").text
    token = make_token(wang)
    assert "keep_tokens" in wang.get("/account").text
    more = {"keep_tokens": "yes"} if kept else {}
    send(wang, "/account/password", current=PASSWORD, password="three green bridges", **more)
    answer = app.test_client().get("/api/tickets", headers=bearer(token))
    assert answer.status_code == (200 if kept else 401)


def test_a_password_is_not_set_to_what_it_was(wang: FlaskClient) -> None:
    answer = send(wang, "/account/password", current=PASSWORD, password=PASSWORD)
    assert answer.status_code == 422 and "other than" in answer.text


def test_a_token_is_offered_nothing_that_is_done_in_person_alone(client: FlaskClient, db: Database, city: City) -> None:
    make_account(db, "root", Role.ADMINISTRATOR, city_id=city.id)
    enter(client, "root")
    page = client.get("/account").text
    assert 'value="see_inside"' in page and 'value="manage_people"' not in page
    assert make_token(client, scope=["manage_people"]) == "403"


def test_a_token_looks_after_no_account(wang: FlaskClient, app: APIFlask) -> None:
    token = make_token(wang)
    assert app.test_client().get("/account", headers=bearer(token)).status_code == 403


def test_a_token_ends_with_its_day_by_hand_and_with_its_owner(wang: FlaskClient, app: APIFlask, db: Database) -> None:
    program = app.test_client()
    first, second = make_token(wang), make_token(wang)
    token_id = re.findall(r"/account/tokens/(\d+)/end", wang.get("/account").text)[1]
    assert send(wang, f"/account/tokens/{token_id}/end").status_code == 303
    assert program.get("/api/tickets", headers=bearer(first)).status_code == 401
    assert program.get("/api/tickets", headers=bearer(second)).status_code == 200
    with acting(db.web, KEEPER) as connection:
        account = accounts.find(connection, "wang")
        assert account is not None
        accounts.take(connection, account.id, Role.PLANNER, None, None)
    assert program.get("/api/tickets", headers=bearer(second)).status_code == 401, "who may use none has none"


@pytest.mark.parametrize(
    ("more", "status"),
    [({"scope": []}, "422"), ({"scope": ["dispatch"]}, "403"), ({"days": "0"}, "422"), ({"days": "1000"}, "422"),
     ({"name": " "}, "422"), ({"current": "not it"}, "422")],
)  # fmt: skip
def test_a_token_allows_no_more_than_its_owner_may_and_not_for_ever(
    wang: FlaskClient, more: dict[str, object], status: str
) -> None:
    assert make_token(wang, **more) == status


def test_nothing_of_a_demos_account_is_changed(client: FlaskClient, db: Database, city: City) -> None:
    """Whoever plays the role shares it with everybody else who does."""
    account_id = make_account(db, "demo-x", Role.PLANNER, city_id=city.id, demo=True)
    app = client.application
    settled = app.extensions["geoapp"]
    settled.settings = replace(settled.settings, demo_roles="planted")
    with app.test_request_context():
        client.set_cookie("geoapp", who.sign_in(account_id))
    assert client.get("/account").status_code == 200
    for path in ("data", "password", "factor", "factor/confirm", "factor/drop", "sessions/end", "sessions/1/end",
                 "tokens", "tokens/1/end"):  # fmt: skip
        assert send(client, f"/account/{path}", current=PASSWORD, password=NEW).status_code == 403
