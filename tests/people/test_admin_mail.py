"""Links that an administrator sends by mail: to the address that is kept, in its owner's language, never shown too."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient

from geoapp.city import City
from geoapp.records import Role
from geoapp.store.database import Database
from tests.people.make import enter, make_account, secret_of
from tests.people.test_reset import Box, link_in, set_new
from tests.people.test_reset import box as box
from tests.people.test_reset import client as client
from tests.people.test_reset import post as post

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")


@pytest.fixture
def chief(client: FlaskClient, db: Database, city: City) -> FlaskClient:
    make_account(db, "chief", Role.ADMINISTRATOR, city_id=city.id, language="en")
    make_account(db, "wang", Role.PLANNER, city_id=city.id, email="wang@example.org", language="zh")
    enter(client, "chief")
    return client


def test_a_link_goes_by_mail(chief: FlaskClient, box: Box) -> None:
    data = {"csrf_token": secret_of(chief, "/account"), "way": "mail"}
    answer = chief.post("/admin/people/wang/link", data=data, follow_redirects=True)
    assert "on its way by mail" in answer.text and "/reset/" not in answer.text
    (letter,) = box.wait()
    assert letter["To"] == "wang@example.org" and "wang" in letter.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert set_new(chief.application.test_client(), link_in(letter)).status_code == 303


def test_those_of_a_list_who_have_an_address_get_theirs_by_mail(chief: FlaskClient, box: Box) -> None:
    text = "login,name,e-mail,role\nli,李梅,li@example.org,planner\nzhao,赵磊,,planner\n".encode()
    token = secret_of(chief, "/account")
    shown = chief.post("/admin/people/import", data={"csrf_token": token, "file": (io.BytesIO(text), "x.csv")})
    table = re.search(r'name="table" value="([^"]+)"', shown.text)
    assert table is not None
    done = chief.post("/admin/people/import", data={"csrf_token": token, "table": table[1], "way": "mail"})
    assert "Links sent by mail: 1" in done.text and re.findall(r"<small>(\w+)</small></th>", done.text) == ["zhao"]
    (letter,) = box.wait()
    assert letter["To"] == "li@example.org"
