"""A forgotten password: a letter over real SMTP, a link that is good once, the same answer for everybody."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import text

from geoapp.app import create_app
from geoapp.city import City
from geoapp.people import entering
from geoapp.records import Role
from geoapp.settings import Settings
from geoapp.store.acting import KEEPER, acting
from geoapp.store.database import Database
from tests.people.make import enter, make_account, secret_of

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")

NEW = "green benches by the river"


@dataclass
class Box:
    """What a mail server has taken in."""

    letters: list[Message] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content))
        return "250 OK"

    def wait(self, count: int = 1) -> list[Message]:
        """The letters, once there are so many; or after a while those there are."""
        until = time.monotonic() + 5
        while len(self.letters) < count and time.monotonic() < until:
            time.sleep(0.02)
        return self.letters


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def post(box: Box) -> Iterator[Controller]:
    """A mail server on loopback that asks for a password."""

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=data == LoginPassword(b"geoapp", b"stamp"))

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(
        box, hostname="127.0.0.1", port=port, auth_require_tls=False, auth_required=True, authenticator=authenticate
    )
    controller.start()
    yield controller
    if controller.loop.is_running():
        controller.stop()


@pytest.fixture
def client(settings: Settings, db: Database, city: City, post: Controller) -> FlaskClient:
    mailing = replace(
        settings, smtp_host="127.0.0.1", smtp_port=post.port, smtp_tls="off", smtp_user="geoapp",
        smtp_password="stamp", mail_from="geoapp@example.org", public_url="https://streets.example.org",
        sign_in_tries=5,
    )  # fmt: skip
    return create_app(mailing, db).test_client()


def ask(client: FlaskClient, email: str) -> Any:
    return client.post("/reset", data={"csrf_token": secret_of(client, "/reset"), "email": email})


def link_in(letter: Message) -> str:
    payload = letter.get_payload(decode=True)
    assert isinstance(payload, bytes)
    found = re.search(r"https://streets\.example\.org(/reset/[\w-]{43})\n", payload.decode().replace("\r\n", "\n"))
    assert found is not None
    return found[1]


def set_new(client: FlaskClient, link: str, password: str = NEW) -> Any:
    return client.post(link, data={"csrf_token": secret_of(client, "/sign-in"), "password": password})


def test_a_letter_leads_to_a_new_password_once(client: FlaskClient, db: Database, box: Box) -> None:
    make_account(db, "wang", Role.DISPATCHER, email="Wang@example.org", language="zh")
    other = client.application.test_client()
    enter(other, "wang")
    assert "已在路上" in ask(client, "wang@EXAMPLE.org").text
    (letter,) = box.wait()
    assert letter["To"] == "Wang@example.org" and letter["From"] == "geoapp@example.org"
    link = link_in(letter)
    assert "wang" in client.get(link).text
    assert set_new(client, link, "short").status_code == 422
    answer = set_new(client, link)
    assert answer.status_code == 303 and "新密码已生效" in client.get(answer.location).text
    assert other.get("/account").status_code == 302, "other sessions end"
    assert set_new(client, link, "another long password").status_code == 404
    assert enter(client, "wang", NEW).status_code == 303


def test_the_answer_is_the_same_and_as_quick_whether_the_address_is_known(
    client: FlaskClient, db: Database, box: Box
) -> None:
    make_account(db, "wang", email="wang@example.org")
    make_account(db, "one", email="shared@example.org")
    make_account(db, "two", email="shared@example.org")
    make_account(db, "gone", email="gone@example.org", active=False)
    answers = {}
    for email in ("nobody@example.org", "shared@example.org", "gone@example.org", "wang@example.org"):
        began = time.perf_counter()
        answer = ask(client, email)
        answers[email] = (answer.status_code, re.sub(r"[\w.-]{60,}", "", answer.text))
        assert time.perf_counter() - began < 1
    assert len(set(answers.values())) == 1
    assert [letter["To"] for letter in box.wait()] == ["wang@example.org"]


def test_a_link_runs_out_and_a_newer_one_takes_its_place(client: FlaskClient, db: Database, box: Box) -> None:
    account_id = make_account(db, "wang", email="wang@example.org")
    ask(client, "wang@example.org")
    box.wait(1)
    ask(client, "wang@example.org")
    first, second = map(link_in, box.wait(2))
    assert set_new(client, first).status_code == 404
    with acting(db.web, KEEPER) as connection:
        assert (
            connection.execute(text("SELECT ends_at - made_at FROM private.link")).scalar_one() == entering.RESET_LASTS
        )
        connection.execute(text("DELETE FROM private.link"))
        link = entering.link(connection, account_id, -entering.RESET_LASTS)
    assert set_new(client, second).status_code == 404 and set_new(client, f"/reset/{link.shown}").status_code == 404


@pytest.mark.parametrize("email", ["wang@example.org\nBcc: all@example.org", "wang@example.org\x00", "", "x" * 400])
def test_an_odd_address_sends_nothing(client: FlaskClient, db: Database, box: Box, email: str) -> None:
    make_account(db, "wang", email="wang@example.org")
    assert ask(client, email).status_code == 200
    time.sleep(0.3)
    assert box.letters == []


def test_nobodys_mailbox_is_filled(client: FlaskClient, db: Database, box: Box) -> None:
    make_account(db, "wang", email="wang@example.org")
    assert [ask(client, "wang@example.org").status_code for _ in range(6)] == [200] * 5 + [429]
    assert len(box.wait(5)) == 5


def test_a_mail_server_that_is_away_is_told_to_the_log_alone(
    client: FlaskClient, db: Database, post: Controller, caplog: pytest.LogCaptureFixture
) -> None:
    make_account(db, "wang", email="wang@example.org")
    post.stop()
    assert ask(client, "wang@example.org").status_code == 200
    until = time.monotonic() + 5
    while "letter not sent" not in caplog.text and time.monotonic() < until:
        time.sleep(0.05)
    assert "letter not sent" in caplog.text and "wang" not in caplog.text


def test_without_a_mail_server_the_page_says_whom_to_ask(app: APIFlask, city: City) -> None:
    assert "管理员" in app.test_client().get("/reset").text
