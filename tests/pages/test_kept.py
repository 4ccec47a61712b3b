"""An answer is given again only while it still holds."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from geoapp.city import City
from geoapp.pages.parts import kept
from geoapp.pages.parts.kept import Answers, _Answer
from geoapp.store import cities, register
from geoapp.store.database import Database

CLUSTERS = "/api/clusters?bbox=114.1,20.1,114.9,20.9&zoom=16&lang=en"
TICKETS = "/api/tickets?state=open&limit=200&lang=en"


def test_a_ticket_filed_meanwhile_is_told_at_once(client: FlaskClient, filled: City) -> None:
    before = [client.get(one).json["count"] for one in (CLUSTERS, TICKETS) for _ in range(2)]
    body = {"text": "坑", "lon": 114.333, "lat": 20.333, "matter": "pothole"}
    assert client.post("/api/reports", json=body).status_code == 201
    after = [client.get(one).json["count"] for one in (CLUSTERS, TICKETS) for _ in range(2)]
    assert after == [count + 1 for count in before]


def test_a_matter_renamed_meanwhile_is_called_by_its_new_name(client: FlaskClient, db: Database, filled: City) -> None:
    client.get(TICKETS)
    with db.bulk.begin() as connection:
        connection.execute(text("UPDATE geoapp.matter SET names = '{\"en\": \"Crater\"}' WHERE code = 'step'"))
    titles = {item["title"].split(" · ")[0] for item in client.get(TICKETS).json["items"]}
    assert "Crater" in titles and "Broken step" not in titles


def test_what_is_asked_in_another_language_or_otherwise_is_another_answer(client: FlaskClient, filled: City) -> None:
    asked = [TICKETS, TICKETS.replace("lang=en", "lang=zh"), TICKETS + "&kind=help"]
    first = [client.get(one).data for one in asked]
    assert [client.get(one).data for one in asked] == first and len(set(first)) == 3


def test_an_error_is_not_kept(client: FlaskClient, filled: City) -> None:
    assert [client.get("/api/tickets?unit=new").status_code for _ in range(2)] == [422, 422]
    assert client.get("/api/tickets?unit=new&city=none").status_code == 404


def test_the_first_ticket_of_an_empty_city_is_told_at_once(client: FlaskClient, city: City) -> None:
    asked = (CLUSTERS, TICKETS, "/api/times?lang=en")
    assert [client.get(one).json["count"] for one in asked for _ in range(2)] == [0] * 6
    body = {"text": "坑", "lon": 114.333, "lat": 20.333, "matter": "pothole"}
    assert client.post("/api/reports", json=body).status_code == 201
    assert [client.get(one).json["count"] for one in asked for _ in range(2)] == [1] * 6


@pytest.mark.parametrize("lost", ["old", "forgotten"])
def test_a_register_made_anew_is_another_state(
    client: FlaskClient, db: Database, filled: City, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    before = client.get(TICKETS).json["count"]
    with db.bulk.begin() as connection:
        changed = connection.execute(text("UPDATE geoapp.ticket SET public = false WHERE id % 2 = 0")).rowcount
        connection.execute(text("DELETE FROM geoapp.ticket_change"))
    assert changed
    if lost == "old":
        monkeypatch.setattr(register, "_LONGEST", timedelta(0))
    else:
        register._KEPT.clear()
    assert client.get(TICKETS).json["count"] < before


def test_a_pack_loaded_again_is_told_at_once(client: FlaskClient, db: Database, filled: City) -> None:
    first = client.get(TICKETS).json["items"][0]["opened_at"]
    with db.bulk.begin() as connection:
        cities.save_city(connection, replace(filled, time_zone="UTC"))
    assert first.endswith("+08:00") and client.get(TICKETS).json["items"][0]["opened_at"].endswith("+00:00")


def test_an_answer_given_again_is_packed_and_tagged_as_the_first_was(client: FlaskClient, filled: City) -> None:
    told = [client.get(TICKETS, headers={"Accept-Encoding": coding}) for coding in ("gzip", "gzip", "identity")]
    assert [one.headers.get("Content-Encoding") for one in told] == ["gzip", "gzip", None]
    assert gzip.decompress(told[0].data) == gzip.decompress(told[1].data) == told[2].data
    tags = {one.headers["ETag"] for one in told}
    assert len(tags) == 1
    assert client.get(TICKETS, headers={"If-None-Match": tags.pop()}).status_code == 304


def answer(version: int, size: int = 10) -> _Answer:
    return _Answer(version, date(2026, 1, 1), b"x" * size, b"", "tag", "application/json")


def test_an_answer_of_another_state_or_day_is_none() -> None:
    answers = Answers()
    answers.keep(("a",), answer(1))
    assert answers.find(("a",), 1, date(2026, 1, 1)) and not answers.find(("b",), 1, date(2026, 1, 1))
    assert not answers.find(("a",), 2, date(2026, 1, 1)) and not answers.find(("a",), 1, date(2026, 1, 2))


def test_answers_asked_for_lately_stay_up_to_so_many_bytes() -> None:
    answers = Answers(most=3 * (30 + 1 + kept._EACH) + 20)
    for nth in range(50):
        answers.keep((str(nth),), answer(1, 30))
        answers.keep((str(nth),), answer(1, 31))
        answers.find(("0",), 1, date(2026, 1, 1))
    held = [nth for nth in range(50) if answers.find((str(nth),), 1, date(2026, 1, 1))]
    assert held == [0, 48, 49]


def test_long_questions_weigh_as_much_as_long_answers() -> None:
    answers = Answers(most=10_000)
    for nth in range(500):
        answers.keep((f"{nth}{'q' * 3000}",), answer(1, 1))
    assert sum(len(key[0]) for key in answers._kept) < 10_000
