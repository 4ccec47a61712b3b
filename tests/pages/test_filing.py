"""A report is filed once a key; what cannot be used is refused field by field, and nothing breaks."""

from __future__ import annotations

import re
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text

from geoapp.city import City
from geoapp.records import Role
from geoapp.settings import Settings
from geoapp.store.database import Database
from tests.make import as_owner
from tests.people.make import enter, make_account

HOLE = {"text": "A hole in the road", "matter": "pothole", "lon": 114.2, "lat": 20.2}
XSS = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **more: Any) -> BytesIO:
    out = BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **more)
    out.seek(0)
    return out


def rows(db: Database, table: str) -> int:
    with as_owner(db.bulk) as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def post(client: FlaskClient, body: Any, key: str = "", **headers: str) -> Any:
    more = {"Idempotency-Key": key} if key else {}
    return client.post("/api/reports", json=body, headers={**more, "Accept-Language": "en", **headers})


def test_a_report_becomes_a_ticket_with_number_and_receipt(client: FlaskClient, city: City) -> None:
    answer = post(client, HOLE)
    assert answer.status_code == 201
    assert answer.json.keys() >= {"receipt", "number", "state", "placed", "problem", "url"}
    assert answer.json["placed"] and answer.json["problem"] is None and answer.json["state"] == "registered"
    story = client.get("/api" + answer.json["url"] + "?lang=en").json
    assert story["title"] == "Pothole · O00 office" and story["category"]["code"] == "roads"


def test_the_same_key_and_content_is_answered_alike_and_filed_once(
    client: FlaskClient, db: Database, city: City
) -> None:
    first, second = post(client, HOLE, "k1"), post(client, HOLE, "k1")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.data == second.data and rows(db, "geoapp.ticket") == 1


def test_the_same_key_with_other_content_is_refused(client: FlaskClient, db: Database, city: City) -> None:
    post(client, HOLE, "k1")
    answer = post(client, HOLE | {"text": "other"}, "k1")
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "key_reused")
    assert rows(db, "geoapp.report") == 1


def test_without_a_key_the_same_words_are_two_reports(client: FlaskClient, db: Database, city: City) -> None:
    first, second = post(client, HOLE), post(client, HOLE)
    assert first.json["receipt"] != second.json["receipt"] and rows(db, "geoapp.report") == 2


def test_one_key_sent_by_many_at_once_files_one_report(app: APIFlask, db: Database, city: City) -> None:
    answers: list[tuple[int, bytes]] = []

    def send() -> None:
        answer = post(app.test_client(), HOLE, "together")
        answers.append((answer.status_code, answer.data))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [200] * 5 + [201]
    assert len({body for _, body in answers}) == 1 and rows(db, "geoapp.ticket") == 1


def test_a_report_without_a_place_is_kept_unplaced(client: FlaskClient, db: Database, city: City) -> None:
    answer = post(client, {"text": "Somewhere a lamp is out", "address": "behind the market"})
    assert answer.status_code == 201
    assert (answer.json["placed"], answer.json["number"], answer.json["problem"]) == (False, None, "no_place")
    assert rows(db, "geoapp.ticket") == 0 and client.get(answer.json["url"]).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"), ({"text": ""}, "text"), ({"text": "  "}, "text"), ({"text": None}, "text"),
        ({"text": 5}, "text"), ({"text": ["a"]}, "text"), ({"text": "x" * 4001}, "text"), ({"text": "a\x00b"}, "text"),
        ({"lon": 114.2, "lat": None}, "lat"), ({"lon": None}, "lon"), ({"lon": "114.2"}, "lon"), ({"lon": True}, "lon"),
        ({"lon": 0, "lat": 0}, "lon"), ({"lon": 20.2, "lat": 114.2}, "lon"), ({"lon": 2, "lat": 48}, "lon"),
        ({"lon": 1e308}, "lon"), ({"datum": "moon"}, "datum"), ({"datum": "EPSG:99999"}, "datum"),
        ({"kind": "lead"}, "kind"), ({"kind": 1}, "kind"), ({"matter": "none"}, "matter"),
        ({"category": "none"}, "category"),
        ({"category": "lamps"}, "matter"), ({"contact": "me"}, "contact"), ({"contact": {"phone": "call me"}}, "phone"),
        ({"contact": {"email": "me"}}, "email"), ({"contact": {"name": {}}}, "name"),
        ({"contact": {"x": 1}}, "contact.x"),
        ({"occurred_at": "yesterday"}, "occurred_at"), ({"occurred_at": "2999-01-01"}, "occurred_at"),
        ({"occurred_at": "0001-01-01"}, "occurred_at"), ({"colour": "red"}, "colour"), ({"photo": "x"}, "photo"),
        ({"address": "x" * 1000}, "address"), ({"contact": {"name": "x" * 999}}, "name"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_used_is_refused_by_name_and_nothing_is_filed(
    client: FlaskClient, db: Database, city: City, body: dict[str, Any], field: str
) -> None:
    wanted = HOLE | body if body else {}
    answer = post(client, wanted)
    assert answer.status_code == 422 and field in answer.json["error"]["fields"]
    chinese = post(client, wanted, **{"Accept-Language": "zh-CN,zh;q=0.9"})
    assert not chinese.json["error"]["fields"][field].isascii()
    assert rows(db, "geoapp.report") == 0


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"5", b'"x"', b'{"text": NaN}', b'{"text": "\\ud800"}',
                                 b'{"text": "\xff"}', b"[" * 5000, b'{"\\u0000": 1, "text": "x"}'])  # fmt: skip
def test_a_body_that_is_no_report_is_refused(client: FlaskClient, city: City, raw: bytes) -> None:
    answer = client.post("/api/reports", data=raw, content_type="application/json")
    assert answer.status_code in (400, 422) and answer.json["error"]["message"]


def test_other_bodies_and_methods_are_refused_in_json(client: FlaskClient, city: City) -> None:
    assert client.post("/api/reports", data=b"x", content_type="text/plain").json["error"]["code"] == "unsupported"
    assert client.post("/api/reports").status_code == 415
    assert client.delete("/api/reports").json["error"]["code"] == "method_not_allowed"


def test_a_huge_body_is_refused(client: FlaskClient, city: City, settings: Settings) -> None:
    huge = b'{"text": "' + b"x" * ((settings.upload_mb << 20) + 1) + b'"}'
    assert client.post("/api/reports", data=huge, content_type="application/json").status_code == 413
    assert client.post("/api/reports", data={"text": "x" * (2 << 20)}).status_code in (413, 422)
    data = {"text": "x", "photo": (BytesIO(huge), "a.jpg")}
    assert client.post("/api/reports", data=data).status_code == 413


@pytest.mark.parametrize(
    "head", ["form-data", 'form-data; name="photo"', 'form-data; name=""', 'form-data; name="\\\\"']
)
def test_a_part_of_a_form_that_is_no_field_is_refused(client: FlaskClient, city: City, head: str) -> None:
    parts = ('form-data; name="text"', head)
    body = "".join(f"--b\r\nContent-Disposition: {part}\r\n\r\nwords\r\n" for part in parts) + "--b--\r\n"
    answer = client.post("/api/reports", data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 422


@pytest.mark.parametrize("key", ["x" * 256, "a\tb"])
def test_a_key_that_is_none_is_refused(client: FlaskClient, city: City, key: str) -> None:
    assert "Idempotency-Key" in post(client, HOLE, key).json["error"]["fields"]


def test_what_happened_is_told_in_the_citys_time(client: FlaskClient, city: City) -> None:
    answer = post(client, HOLE | {"occurred_at": "2026-03-01T08:00"})
    story = client.get("/api" + answer.json["url"]).json
    assert story["reports"][0]["said_at"] == "2026-03-01T08:00:00+08:00"


def test_coordinates_of_another_datum_are_turned(client: FlaskClient, city: City) -> None:
    answer = post(client, HOLE | {"datum": "GCJ-02"})
    place = client.get("/api" + answer.json["url"]).json["place"]
    assert 0 < abs(place["lon"] - 114.2) < 0.02


def test_a_denunciation_has_a_receipt_and_no_page(client: FlaskClient, city: City) -> None:
    answer = post(client, HOLE | {"kind": "denunciation"}).json
    assert answer["url"] == f"/receipts/{answer['receipt']}"
    page = client.get(answer["url"])
    assert page.status_code == 200 and answer["number"] in page.text
    assert client.get(f"/tickets/{answer['number']}").status_code == 404


def test_a_receipt_leads_to_a_hidden_ticket_whoever_sees_it(client: FlaskClient, city: City, db: Database) -> None:
    answer = post(client, HOLE | {"kind": "denunciation"}).json
    way = f'href="/tickets/{answer["number"]}"'
    assert way not in client.get(answer["url"]).text
    make_account(db, "wang", Role.SUPERVISOR, city_id=city.id)
    make_account(db, "li", Role.CITIZEN, city_id=city.id)
    for login, sees in (("wang", True), ("li", False)):
        enter(client, login)
        assert (way in client.get(answer["url"]).text) is sees
        client.delete_cookie("geoapp")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photo_is_made_anew_without_what_the_camera_noted(
    client: FlaskClient, city: City, settings: Settings, kind: str
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = 6  # on its side
    exif.get_ifd(0x8825)[1] = "N"
    sent = picture(kind, (3000, 1500), exif=exif)
    answer = client.post("/api/reports", data={**{k: str(v) for k, v in HOLE.items()}, "photo": (sent, "a.jpg")})
    photo = client.get("/api" + answer.json["url"]).json["reports"][0]["photos"][0]
    got = client.get(photo["url"])
    image = Image.open(BytesIO(got.data))
    assert (image.format, got.mimetype, max(image.size)) == ("JPEG", "image/jpeg", 2048)
    assert not image.getexif() and b"SecretCamera" not in got.data and image.size == (photo["width"], photo["height"])
    if kind == "JPEG":
        assert image.size == (1024, 2048)
    assert len(list((settings.data_dir / "photos").rglob("*.jpg"))) == 1


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg onload=alert(1)>", b"\xff\xd8\xff\xe0" + b"\x00" * 50,
                                     b"%PDF-1.4", b"<?php system($_GET[0]); ?>"])  # fmt: skip
def test_a_photo_that_is_none_is_refused_and_nothing_is_filed(
    client: FlaskClient, db: Database, city: City, content: bytes
) -> None:
    answer = client.post("/api/reports?lang=en", data={"text": "x", "photo": (BytesIO(content), "a.jpg")})
    assert answer.status_code == 422 and answer.json["error"]["fields"].keys() == {"photo"}
    assert rows(db, "geoapp.report") == 0


def test_a_photo_cut_short_a_gif_and_a_bomb_are_refused(client: FlaskClient, city: City) -> None:
    cut = BytesIO(picture("PNG", (500, 500)).getvalue()[:200])
    bomb = BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    for bad in (cut, picture("GIF"), BytesIO(bomb.getvalue())):
        assert client.post("/api/reports", data={"text": "x", "photo": (bad, "a.png")}).status_code == 422
    two = {"text": "x", "photo": [(picture(), "a.jpg"), (picture(), "b.jpg")]}
    assert client.post("/api/reports", data=two).status_code == 422


def test_a_photo_sent_again_under_its_key_is_kept_once(client: FlaskClient, db: Database, city: City) -> None:
    for _ in range(2):
        data = {"text": "x", "lon": "114.2", "lat": "20.2", "photo": (picture(), "a.jpg")}
        assert client.post("/api/reports", data=data, headers={"Idempotency-Key": "p"}).status_code in (200, 201)
    assert rows(db, "geoapp.photo") == 1


def test_a_photo_of_a_report_that_is_not_public_is_not_shown(client: FlaskClient, db: Database, city: City) -> None:
    data = {"text": "x", "lon": "114.2", "lat": "20.2", "kind": "denunciation", "photo": (picture(), "a.jpg")}
    assert client.post("/api/reports", data=data).status_code == 201
    with db.bulk.connect() as connection:
        key = connection.execute(text("SELECT id FROM geoapp.photo")).scalar_one()
    assert client.get(f"/photos/{key}.jpg").status_code == 404
    assert client.get("/photos/../secret_key").status_code == 404


# The form


def form(client: FlaskClient) -> dict[str, str]:
    page = client.get("/report?lang=en").text
    return {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("csrf_token", "key")}  # type: ignore[index]


def test_the_form_leads_to_a_receipt_and_pressed_twice_files_once(
    client: FlaskClient, db: Database, city: City
) -> None:
    values = form(client) | {
        "body": "A lamp is out",
        "lon": "114.7",
        "lat": "20.7",
        "matter": "dark",
        "email": "a@b.cn",
    }
    answers = [client.post("/report", data=values) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303] and answers[0].location == answers[1].location
    assert rows(db, "geoapp.report") == 1 and rows(db, "private.reporter") == 1
    receipt = client.get(answers[0].location)
    assert receipt.status_code == 200 and "PB-" in receipt.text and "no-store" in receipt.headers["Cache-Control"]


def test_a_form_whose_token_is_no_longer_good_is_shown_again_with_its_words_and_a_fresh_token(
    client: FlaskClient, db: Database, city: City
) -> None:
    old = form(client)
    client.delete_cookie("session")
    words = {"body": "路灯不亮", "lon": "114.7", "lat": "20.7", "matter": "dark", "phone": "13800138000"}
    answer = client.post("/report?lang=zh", data=old | words | {"photo": (picture(), "a.jpg")})
    assert answer.status_code == 400 and "表单已过期" in answer.text
    assert all(word in answer.text for word in words.values()) and old["key"] in answer.text
    assert rows(db, "geoapp.report") == 0
    token = re.search(r'name="csrf_token" value="([^"]*)"', answer.text)[1]  # type: ignore[index]
    again = client.post("/report", data=old | words | {"csrf_token": token})
    assert again.status_code == 303 and rows(db, "geoapp.report") == 1


def test_a_form_without_a_token_files_nothing(client: FlaskClient, db: Database, city: City) -> None:
    for values in ({"body": "x", "key": "k"}, form(client) | {"body": "x", "csrf_token": "forged"}):
        answer = client.post("/report?lang=zh", data=values)
        assert answer.status_code == 400 and "表单已过期" in answer.text
    assert rows(db, "geoapp.report") == 0


def test_one_key_with_other_content_at_the_same_moment_files_one_report(
    app: APIFlask, db: Database, city: City
) -> None:
    statuses: list[int] = []

    def send(number: int) -> None:
        statuses.append(post(app.test_client(), HOLE | {"text": f"{number}"}, "together").status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [422] * 5 and rows(db, "geoapp.report") == 1


def test_one_photo_sent_by_many_at_once_is_kept_once(app: APIFlask, db: Database, city: City) -> None:
    def send() -> None:
        data = {"text": "x", "lon": "114.2", "lat": "20.2", "photo": (picture(), "a.jpg")}
        app.test_client().post("/api/reports", data=data, headers={"Idempotency-Key": "p"})

    threads = [threading.Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(db, "geoapp.photo") == rows(db, "geoapp.report") == 1


def test_a_form_with_a_mistake_is_shown_again_with_what_was_written(client: FlaskClient, city: City) -> None:
    values = form(client) | {
        "body": "A lamp",
        "lon": "20.7",
        "lat": "114.7",
        "phone": "???",
        "photo": (BytesIO(b"no"), "a.jpg"),
    }
    answer = client.post("/report", data=values)
    assert answer.status_code == 422 and "A lamp" in answer.text and values["key"] in answer.text
    assert "swapped" in answer.text and "telephone" in answer.text and "not a photo" in answer.text


def test_a_form_sent_again_with_other_words_is_asked_about(client: FlaskClient, db: Database, city: City) -> None:
    values = form(client)
    client.post("/report", data=values | {"body": "first"})
    answer = client.post("/report", data=values | {"body": "second"})
    assert answer.status_code == 422 and values["key"] not in answer.text and rows(db, "geoapp.report") == 1


@pytest.mark.parametrize(
    "field", ["key", "city", "kind", "matter", "body", "address", "lon", "lat", "name", "phone", "email"]
)
def test_script_in_any_field_is_shown_as_text_or_not_at_all(client: FlaskClient, city: City, field: str) -> None:
    answer = client.post("/report", data=form(client) | {"body": "x", field: XSS})
    assert answer.status_code in (303, 404, 422)
    page = answer.text + (client.get(answer.location).text if answer.location else "")
    assert "<script>alert" not in page and "<img src=x" not in page


def test_a_citizens_words_are_never_markup_on_the_tickets_page(client: FlaskClient, city: City) -> None:
    number = post(client, HOLE | {"text": XSS, "address": XSS}).json["number"]
    page = client.get(f"/tickets/{number}").text
    assert "&lt;script&gt;alert" in page and "<script>alert" not in page


def test_filing_too_often_is_refused_with_a_time_to_come_again(settings: Settings, db: Database, city: City) -> None:
    from dataclasses import replace

    from geoapp.app import create_app

    client = create_app(replace(settings, reports_per_hour=3), db).test_client()
    statuses = [post(client, HOLE).status_code for _ in range(4)]
    refused = post(client, HOLE)
    assert statuses == [201, 201, 201, 429] and refused.json["error"]["code"] == "too_many"
    assert int(refused.headers["Retry-After"]) > 0
    assert client.post("/report", data={}).status_code in (400, 429) and client.get("/report").status_code == 200


def test_a_report_of_everything_at_its_longest_is_taken(client: FlaskClient, city: City) -> None:
    body = HOLE | {
        "text": "路" * 4000,
        "address": "街" * 400,
        "contact": {"name": "王" * 200, "phone": "+86 138-0013-8000"},
    }
    assert post(client, orjson.loads(orjson.dumps(body)), "键").status_code in (201, 422)


def test_files_of_photos_are_no_way_out_of_their_folder(client: FlaskClient, city: City, settings: Settings) -> None:
    data = {"text": "x", "lon": "114.2", "lat": "20.2", "photo": (picture(), "../../../evil.jpg")}
    assert client.post("/api/reports", data=data).status_code == 201
    assert not list(Path(settings.data_dir).rglob("evil*"))
