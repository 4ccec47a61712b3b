"""How a ticket's place was found stands on its page: by coordinates, words, a person; corrected; against its words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient

from geoapp.city import City
from geoapp.intake import relocate
from geoapp.intake.path import take
from geoapp.intake.relocate import place
from geoapp.store.database import Database
from geoapp.tickets.relocations import Spot
from importers.base import Report
from tests.pages.conftest import SOUTH, WEST

SAID = datetime(2026, 1, 2, 3, tzinfo=UTC)
BY_WORDS = Spot(WEST + 0.2, SOUTH + 0.2, "crossing", 40.0, 0.93, "示例一路, 示例二路", "names")


def found(client: FlaskClient, number: str | None) -> dict[str, Any]:
    story: dict[str, Any] = client.get(f"/api/tickets/{number}?lang=en").json
    return dict(story["place"]["found"])


def waiting(db: Database, city: City) -> int:
    (one,) = take(db.bulk, city, "hotline", [Report(ref="1", said_at=SAID, body="没有说在哪里")])
    return one.report_id


def test_coordinates_of_a_source_say_their_datum(client: FlaskClient, db: Database, city: City) -> None:
    said = Report(ref="1", said_at=SAID, body="坑", x=WEST + 0.2, y=SOUTH + 0.2, crs="GCJ-02")
    (one,) = take(db.bulk, city, "probe", [said])
    told = found(client, one.number)
    assert told["text"] == "The source gave coordinates (GCJ-02). Within about 15 m, almost certain (99 %)."
    assert (told["how"], told["conflict"]) == ("coordinates", None)


def test_words_say_which_names_and_how_sure(client: FlaskClient, db: Database, city: City) -> None:
    (opened,) = place(db.bulk, city, {waiting(db, city): BY_WORDS}, "system:locate")
    told = found(client, opened.number)
    expected = "Found by what was said: 示例一路, 示例二路 (crossing). Within about 40 m, almost certain (93 %)."
    assert (told["text"], told["how"], told["radius_m"]) == (expected, "names", 40.0)
    html = client.get(f"/tickets/{opened.number}?lang=en").get_data(as_text=True)
    assert expected in html and "How this place was found" in html and 'data-radius="40.0"' in html
    zh = client.get(f"/tickets/{opened.number}?lang=zh").get_data(as_text=True)
    assert "根据文字确定：示例一路, 示例二路（路口）。误差约 40 米，基本确定（93%）。" in zh


def test_a_place_corrected_by_a_person_says_so_and_names_nobody(client: FlaskClient, db: Database, city: City) -> None:
    (opened,) = place(db.bulk, city, {waiting(db, city): BY_WORDS}, "system:locate")
    relocate.move(db.bulk, city, opened.number, Spot.by_hand(WEST + 0.21, SOUTH + 0.2), "account:77")
    assert found(client, opened.number)["text"].startswith("Pointed out on the map by staff.")
    story = client.get(f"/api/tickets/{opened.number}?lang=en").json
    assert [(one["name"], one["actor"]) for one in story["timeline"]] == [
        ("register", "source:hotline"), ("placed", "system:locate"), ("relocated", "staff"),
    ]  # fmt: skip
    assert story["timeline"][2]["note"] == "pointed out by staff · moved by 1.0 km"
    assert "account" not in client.get(f"/tickets/{opened.number}").get_data(as_text=True)


def test_what_was_believed_against_the_words_is_told(client: FlaskClient, db: Database, city: City) -> None:
    # An office of the city is named, and the pin stands in another.
    said = Report(
        ref="1", said_at=SAID, body="O11街道的路灯不亮", x=WEST + 0.01, y=SOUTH + 0.01, pin="pinned", channel="web"
    )
    (one,) = take(db.bulk, city, "web", [said])
    told = found(client, one.number)
    assert told["text"].startswith("Pointed out on the map by whoever reported it.")
    assert told["conflict"] is not None and "the place pointed out was believed" in told["conflict"]
