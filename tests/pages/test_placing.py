"""A report without a place keeps its receipt, and whoever holds it can say where: then it is a ticket."""

from __future__ import annotations

import re
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import text

from geoapp.city import City
from geoapp.store.database import Database


@pytest.fixture
def lost(client: FlaskClient, city: City) -> str:
    """The receipt of a report without a place."""
    return file(client)


def file(client: FlaskClient, **more: Any) -> str:
    report = {"text": "路灯坏了 13800138000", "matter": "dark", "kind": "help", **more}
    return str(client.post("/api/reports", json=report).json["receipt"])


def token(page: Any) -> str:
    return str(re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1])  # type: ignore[index]


def place(client: FlaskClient, receipt: str, **words: str) -> Any:
    values = {"csrf_token": token(client.get(f"/receipts/{receipt}")), "lon": "114.3", "lat": "20.3", **words}
    return client.post(f"/receipts/{receipt}?lang=en", data=values)


def number_of(client: FlaskClient, receipt: str) -> str:
    return str(re.search(r"PB-\d+-\d", client.get(f"/receipts/{receipt}").text)[0])  # type: ignore[index]


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ("not on the map yet", "the only way back", "The words name no place that is known", "This is the place")),
     ("zh", ("还没有上图", "唯一途径", "文字没有提到已知的地点。", "就是这里"))],
)  # fmt: skip
def test_a_receipt_without_a_place_says_to_keep_it_and_asks_where(
    client: FlaskClient, lost: str, lang: str, words: tuple[str, ...]
) -> None:
    page = client.get(f"/receipts/{lost}?lang={lang}")
    assert all(word in page.text for word in (lost, *words))
    assert 'id="pin-map"' in page.text and page.headers["Cache-Control"] == "private, no-store"


def test_its_place_opens_the_ticket_as_it_was_said(client: FlaskClient, db: Database, lost: str) -> None:
    answer = place(client, lost, address="路口东侧")
    assert answer.status_code == 303 and answer.location == f"/receipts/{lost}"
    story = client.get(f"/api/tickets/{number_of(client, lost)}?lang=en").json
    assert (story["kind"], story["matter"]["code"], story["state"]) == ("help", "dark", "registered")
    assert story["title"] == "Lamp out · O00 office" and story["place"]["address"] == "路口东侧"
    assert len(story["reports"]) == 1 and story["reports"][0]["body"].startswith("路灯坏了")
    assert story["reports"][0]["said_at"] == story["opened_at"]
    site = client.get(f"/api{story['site']['url']}").json
    assert [one["reports"] for one in site["tickets"]] == [1]
    with db.bulk.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM geoapp.report WHERE ticket_id IS NULL")).scalar() == 0


def test_sent_twice_it_is_placed_once(client: FlaskClient, db: Database, lost: str) -> None:
    page = client.get(f"/receipts/{lost}")
    for _ in range(2):
        values = {"csrf_token": token(page), "lon": "114.3", "lat": "20.3"}
        assert client.post(f"/receipts/{lost}", data=values).status_code == 303
    with db.bulk.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM geoapp.ticket")).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM geoapp.report")).scalar() == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [({"lon": "", "lat": ""}, "name no place that is known"), ({"lon": "1", "lat": "1"}, "outside the city"),
     ({"lon": "x"}, "not a number"), ({"lat": ""}, "go together"), ({"lon": "nan"}, "finite")],
)  # fmt: skip
def test_a_place_that_cannot_be_used_is_said_and_what_was_written_kept(
    client: FlaskClient, lost: str, words: dict[str, str], said: str
) -> None:
    answer = place(client, lost, address="<路口>", **words)
    assert answer.status_code == 422 and said in answer.text and "&lt;路口&gt;" in answer.text
    assert "PB-" not in client.get(f"/receipts/{lost}").text


def test_without_the_forms_token_nothing_is_placed_and_the_form_comes_again(client: FlaskClient, lost: str) -> None:
    answer = client.post(f"/receipts/{lost}?lang=en", data={"lon": "114.3", "lat": "20.3"})
    assert answer.status_code == 400 and "expired" in answer.text and 'value="114.3"' in answer.text
    assert "PB-" not in client.get(f"/receipts/{lost}").text


def test_a_denunciation_stays_hidden(client: FlaskClient, city: City) -> None:
    receipt = file(client, kind="denunciation")
    place(client, receipt)
    page = client.get(f"/receipts/{receipt}").text
    number = number_of(client, receipt)
    assert f"/tickets/{number}" not in page and client.get(f"/tickets/{number}").status_code == 404


def test_what_can_no_longer_be_named_is_not_shown_to_everybody(client: FlaskClient, db: Database, city: City) -> None:
    receipt = file(client, matter="dark")
    with db.bulk.begin() as connection:
        # The pack has come to mean something else by the words.
        other = connection.execute(text("SELECT id FROM geoapp.matter WHERE code = 'step'")).scalar_one()
        connection.execute(text("UPDATE geoapp.source_word SET matter_id = :other"), {"other": other})
    assert place(client, receipt).status_code == 303
    with db.bulk.connect() as connection:
        assert connection.execute(text("SELECT public FROM geoapp.ticket")).scalars().all() == [False]


def test_a_category_alone_names_no_new_matter(client: FlaskClient, db: Database, city: City) -> None:
    receipt = file(client, matter="", category="roads")
    with db.bulk.connect() as connection:
        before = connection.execute(text("SELECT count(*) FROM geoapp.matter")).scalar()
    place(client, receipt)
    with db.bulk.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM geoapp.matter")).scalar() == before
    assert client.get(f"/api/tickets/{number_of(client, receipt)}").json["category"]["code"] == "roads"


def test_an_unknown_receipt_is_not_found(client: FlaskClient, lost: str) -> None:
    values = {"csrf_token": token(client.get(f"/receipts/{lost}")), "lon": "114.3", "lat": "20.3"}
    for receipt in ("nobodys", "%00"):
        assert client.get(f"/receipts/{receipt}").status_code == 404
        assert client.post(f"/receipts/{receipt}", data=values).status_code == 404


def test_places_count_among_what_a_caller_may_file(app: APIFlask, lost: str) -> None:
    client = app.test_client()
    before = int(place(client, lost).headers["X-RateLimit-Remaining"])
    assert int(place(client, file(client)).headers["X-RateLimit-Remaining"]) == before - 2
