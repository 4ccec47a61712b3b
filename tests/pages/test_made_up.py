"""Made-up tickets in a real city are told from the real ones on every page; what a photo shows is said."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from uuid import uuid4

from flask.testing import FlaskClient
from PIL import Image

from geoapp.city import City
from geoapp.intake import photo
from geoapp.intake.path import take
from geoapp.intake.run import begin
from geoapp.settings import Settings
from geoapp.store import photos
from geoapp.store.database import Database
from geoapp.tickets.numbers import SYNTHETIC
from importers.base import Report
from tests.make import SAID

HOLDS, MARK = "Holds made-up tickets", "Made up"


def file(db: Database, city: City, source: str, ref: str) -> tuple[str, int]:
    """A ticket of a source; its number and its report's key."""
    report = Report(ref=ref, said_at=SAID, body="hole", category="roads", matter="pothole", x=114.3, y=20.3)
    taken = take(db.bulk, city, source, [report])[0]
    assert taken.number is not None
    return taken.number, taken.report_id


def test_a_real_city_says_that_it_holds_made_up_tickets_and_each_says_it_of_itself(
    client: FlaskClient, db: Database, city: City
) -> None:
    real, _ = file(db, city, "probe", "1")
    assert HOLDS not in client.get("/?lang=en").text
    begin(db.bulk, city, "demo", ["planted"])
    made_up, _ = file(db, replace(city, prefix=SYNTHETIC), "demo", "1")
    assert real.startswith("PB-") and made_up.startswith("DEMO-")
    assert HOLDS in client.get("/?lang=en").text and "含演示工单" in client.get("/?lang=zh").text
    assert HOLDS in client.get("/areas/probe/offices/O00?lang=en").text
    for number, marked in ((real, False), (made_up, True)):
        assert client.get(f"/api/tickets/{number}").json["synthetic"] is marked
        panel = (
            client.get(f"/tickets/{number}?lang=en")
            .text.partition('<article class="ticket"')[2]
            .partition("</article>")[0]
        )
        assert (MARK in panel.partition("Earlier")[0]) is marked
    listed = {item["number"]: item["synthetic"] for item in client.get("/api/tickets").json["items"]}
    assert listed == {real: False, made_up: True}
    assert [item["number"] for item in client.get("/api/tickets?source=demo").json["items"]] == [made_up]


def test_a_report_shows_what_was_broken_before_how_it_was_mended(
    client: FlaskClient, db: Database, city: City, settings: Settings
) -> None:
    number, report_id = file(db, city, "probe", "1")
    content = BytesIO()
    Image.new("RGB", (40, 30), "grey").save(content, "PNG")
    shown = []
    for shows in ("repair", "defect"):
        content.seek(0)
        made, photo_id = photo.read(content), uuid4()
        photo.keep(settings.data_dir, photo_id, made)
        with db.bulk.begin() as connection:
            photos.add(connection, photo_id, report_id, made.width, made.height, made.digest, shows)
            assert photos.known(connection, [photo_id, uuid4()]) == {photo_id}
        shown.append(
            [one["label"] for one in client.get(f"/api/tickets/{number}?lang=en").json["reports"][0]["photos"]]
        )
    assert shown == [["After the repair"], ["Before", "After the repair"]]
    assert "修复后" in client.get(f"/tickets/{number}?lang=zh").text
