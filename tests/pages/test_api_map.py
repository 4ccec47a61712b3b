"""The map's numbers are the tickets', and hostile questions get clear answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from geoapp.city import City, city_from
from geoapp.intake.path import take
from geoapp.store.cells import fold
from geoapp.store.database import Database
from importers.base import Report
from tests.pages.conftest import PACK, load

BOX = "114.1,20.1,114.77,20.83"


def get(client: FlaskClient, address: str, **words: object) -> Any:
    return client.get(address, query_string=words)


def counted(db: Database, box: list[float], where: str = "public") -> int:
    """The tickets of a box by the plainest means: half-open, west and north edges in."""
    west, south, east, north = box
    query = f"SELECT count(*) FROM geoapp.ticket WHERE {where} AND ST_X(point) >= :w AND ST_X(point) < :e "
    with db.bulk.connect() as connection:
        values = {"w": west, "e": east, "s": south, "n": north}
        return int(connection.execute(text(query + "AND ST_Y(point) > :s AND ST_Y(point) <= :n"), values).scalar_one())


@pytest.mark.parametrize("zoom", range(23))
def test_counts_over_the_answered_box_are_the_public_tickets_in_it_at_every_zoom(
    client: FlaskClient, db: Database, filled: City, zoom: int
) -> None:
    plain = get(client, "/api/clusters", bbox=BOX, zoom=zoom).json
    filtered = get(client, "/api/clusters", bbox=BOX, zoom=zoom, kind="complaint").json
    assert plain["count"] == counted(db, plain["bbox"]) == sum(f["properties"]["count"] for f in plain["features"])
    assert (filtered["count"], filtered["open"], filtered["bbox"]) == (plain["count"], plain["open"], plain["bbox"])
    assert plain["count"] > 0


def test_folding_changes_no_count(client: FlaskClient, db: Database, filled: City) -> None:
    before = get(client, "/api/clusters", bbox=BOX, zoom=9).json
    with db.bulk.begin() as connection:
        assert fold(connection) > 0
    after = get(client, "/api/clusters", bbox=BOX, zoom=9).json
    key = lambda feature: str(feature)  # noqa: E731
    assert sorted(before.pop("features"), key=key) == sorted(after.pop("features"), key=key)
    assert before == after


def test_the_list_over_the_answered_box_has_as_many_tickets(client: FlaskClient, filled: City) -> None:
    answer = get(client, "/api/clusters", bbox=BOX, zoom=10).json
    box = ",".join(map(repr, answer["bbox"]))
    assert get(client, "/api/tickets", bbox=box).json["count"] == answer["count"]


def test_a_single_ticket_says_matter_and_place_and_no_citizens_words(client: FlaskClient, filled: City) -> None:
    answer = get(client, "/api/clusters", bbox=BOX, zoom=18, lang="en").json
    single = next(f["properties"] for f in answer["features"] if f["properties"]["count"] == 1)
    assert {"number", "state", "outcome", "title", "urgent", "open", "late", "settled"} <= single.keys()
    assert single["title"].split(" · ")[0] in {"Pothole", "Broken step", "Lamp out"}
    assert "report" not in str(answer["features"])


def test_tickets_on_one_spot_stay_one_cluster_at_the_deepest_zoom(client: FlaskClient, filled: City) -> None:
    answer = get(client, "/api/clusters", bbox="114.2999,20.2999,114.3001,20.3001", zoom=22).json
    assert len(answer["features"]) == 1 and answer["count"] > 20


def test_a_box_too_large_for_its_zoom_is_answered_with_larger_cells(client: FlaskClient, filled: City) -> None:
    answer = get(client, "/api/clusters", bbox="-180,-85,180,85", zoom=18).json
    assert answer["cell_zoom"] == 6 and answer["count"] == 300


def test_a_box_across_the_date_line_counts_both_sides(client: FlaskClient, filled: City) -> None:
    assert get(client, "/api/clusters", bbox="100,-10,-170,30", zoom=4).json["count"] == 300
    assert get(client, "/api/clusters", bbox="170,-10,-170,30", zoom=4).json["count"] == 0
    assert get(client, "/api/tickets", bbox="100,-10,-170,30").json["count"] == 300


def test_without_a_box_all_is_counted(client: FlaskClient, filled: City) -> None:
    assert get(client, "/api/clusters", zoom=0).json["count"] == 300


def test_pages_of_the_list_hold_every_ticket_once(client: FlaskClient, filled: City) -> None:
    numbers: list[str] = []
    cursor = ""
    while cursor is not None:
        answer = get(client, "/api/tickets", limit=77, cursor=cursor).json
        numbers += [item["number"] for item in answer["items"]]
        cursor = answer["next"]
    assert len(numbers) == len(set(numbers)) == answer["count"] == 300


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ({"state": "open"}, "state NOT IN ('settled', 'closed', 'declined', 'merged', 'withdrawn')"),
        ({"state": "closed"}, "state = 'closed'"),
        ({"state": "done,registered"}, "true"),
        ({"category": "lamps"}, "matter_id = (SELECT id FROM geoapp.matter WHERE code = 'dark')"),
        ({"matter": "pothole,dark"}, "matter_id IN (SELECT id FROM geoapp.matter WHERE code IN ('pothole', 'dark'))"),
        ({"kind": "complaint"}, "true"),
        ({"outcome": "repaired"}, "outcome = 'repaired'"),
        ({"since": "2026-03-05", "until": "2026-03-05"},
         "opened_at >= '2026-03-04T16:00Z' AND opened_at < '2026-03-05T16:00Z'"),
        ({"area": "offices/O00"}, "ST_X(point) < 114.5 AND ST_Y(point) < 20.5"),
        ({"q": "坑洼"}, "matter_id = (SELECT id FROM geoapp.matter WHERE code = 'pothole')"),
        ({"q": "lamp"}, "matter_id = (SELECT id FROM geoapp.matter WHERE code = 'dark')"),
        ({"q": "pb-00003"}, "number LIKE 'PB-00003%'"),
        ({"due": "late"}, "late"),
    ],
)  # fmt: skip
def test_each_filter_means_the_same_to_map_and_list(
    client: FlaskClient, db: Database, filled: City, words: dict[str, str], where: str
) -> None:
    expected = counted(db, [114, 19, 116, 22], f"public AND ({where})")
    assert get(client, "/api/tickets", **words).json["count"] == expected
    assert get(client, "/api/clusters", zoom=5, **words).json["count"] == expected


INJECTIONS = [
    "'; DROP TABLE geoapp.ticket; --",
    "1 OR 1=1",
    "%' OR '1'='1",
    "\x00",
    "\ud800",
    "<script>",
    "x" * 5000,
    "😀",
]
NAMES = [
    "city",
    "bbox",
    "area",
    "category",
    "matter",
    "kind",
    "state",
    "outcome",
    "unit",
    "source",
    "since",
    "until",
    "due",
    "q",
    "zoom",
    "cursor",
    "limit",
    "lang",
]


@pytest.mark.parametrize("address", ["/api/clusters", "/api/tickets", "/", "/report", "/api/outlines", "/api/locate"])
@pytest.mark.parametrize("name", [*NAMES, "layer", "version", "lon", "lat"])
def test_hostile_words_in_any_filter_never_break_anything(
    client: FlaskClient, filled: City, address: str, name: str
) -> None:
    for value in INJECTIONS:
        hostile = quote(value, errors="surrogatepass")
        assert client.get(f"{address}?{name}={hostile}").status_code < 500
    assert get(client, "/api/clusters", zoom=0).json["count"] == 300


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("q", "lang", "city")])
def test_a_word_that_means_nothing_is_refused_by_name_in_the_callers_language(
    client: FlaskClient, filled: City, name: str
) -> None:
    address = "/api/tickets" if name in ("cursor", "limit") else "/api/clusters"
    english = get(client, address, **{name: "no-such", "lang": "en"})
    chinese = get(client, address, **{name: "no-such", "lang": "zh"})
    assert english.status_code == chinese.status_code == 422
    assert list(english.json["error"]["fields"]) == [name]
    assert english.json["error"]["fields"][name].isascii()
    assert not chinese.json["error"]["fields"][name].isascii() and not chinese.json["error"]["message"].isascii()


@pytest.mark.parametrize("box", ["114,21,115,20", "nan,20,115,21", "inf,20,115,21", "1,2,3", "1,2,3,4,5", "a,b,c,d",
                                 ",,,", "1e400,0,1,1", "0,100,1,200", "200,0,210,1"])  # fmt: skip
def test_a_box_that_is_none_is_refused(client: FlaskClient, filled: City, box: str) -> None:
    answer = get(client, "/api/clusters", bbox=box, zoom=3)
    assert answer.status_code in (200, 422)
    if box != "200,0,210,1":
        assert answer.status_code == 422 and "bbox" in answer.json["error"]["fields"]


@pytest.mark.parametrize("zoom", ["-1", "99", "23", "1.5", "1e1", "٣", "nan", "0x1", "999999999999"])
def test_a_zoom_that_is_none_is_refused(client: FlaskClient, filled: City, zoom: str) -> None:
    assert get(client, "/api/clusters", zoom=zoom).json["error"]["fields"].keys() == {"zoom"}


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0", "bnVsbA", "eyJhIjoxfQ", "WyIyMDI2LTAxLTAxIiwxXQ", "😀"])
def test_a_cursor_that_is_none_is_refused(client: FlaskClient, filled: City, cursor: str) -> None:
    assert get(client, "/api/tickets", cursor=cursor).status_code == 422


def test_an_unknown_city_is_not_found_and_one_of_several_must_be_named(
    client: FlaskClient, db: Database, filled: City
) -> None:
    assert get(client, "/api/tickets", city="atlantis").status_code == 404
    load(db, city_from({**PACK, "code": "second", "prefix": "SE"}))
    assert get(client, "/api/tickets").json["error"]["code"] == "city_needed"
    assert get(client, "/api/tickets", city="second").json["count"] == 0
    assert get(client, "/api/tickets", city="probe").json["count"] == 300


def test_a_ticket_tells_its_story(client: FlaskClient, filled: City) -> None:
    number = next(item["number"] for item in get(client, "/api/tickets", state="closed").json["items"])
    story = get(client, f"/api/tickets/{number}", lang="en").json
    assert story["place"]["areas"][1].keys() == {"layer", "label", "code", "name", "version", "url"}
    assert story["why"]["rule"] and story["why"]["version"] == 1 and "office" in story["why"]["text"]
    assert [event["to"] for event in story["timeline"]][-1] == "closed"
    assert "13800138000" not in str(story) and story["reports"][0]["photos"] == []


def test_a_site_shows_its_other_tickets(client: FlaskClient, filled: City) -> None:
    at_spot = get(client, "/api/tickets", bbox="114.2999,20.2999,114.3001,20.3001").json
    story = get(client, f"/api/tickets/{at_spot['items'][0]['number']}").json
    assert story["site"]["count"] == at_spot["count"] == len(story["earlier"]) + 1


def test_a_ticket_that_is_not_public_is_as_if_it_were_not(client: FlaskClient, db: Database, filled: City) -> None:
    with db.bulk.connect() as connection:
        hidden = connection.execute(text("SELECT number FROM geoapp.ticket WHERE NOT public LIMIT 1")).scalar_one()
    for address in (
        f"/api/tickets/{hidden}",
        f"/tickets/{hidden}",
        "/api/tickets/none",
        "/tickets/%00",
        "/api/tickets/%ED%A0%80",
    ):
        assert client.get(address).status_code == 404
    assert get(client, "/api/tickets", q=hidden).json["count"] == 0
    assert hidden not in client.get("/api/clusters?zoom=20&bbox=114,20,115,21").text


def test_no_answer_holds_a_reporter(client: FlaskClient, filled: City) -> None:
    body = {"text": "hole", "lon": 114.6, "lat": 20.6, "contact": {"name": "Wang Secret", "phone": "13900139000"}}
    number = client.post("/api/reports", json=body).json["number"]
    for address in (f"/api/tickets/{number}", f"/tickets/{number}", "/api/tickets"):
        assert (
            not {"Wang", "13900139000"} & set(client.get(address).text.split())
            and "Secret" not in client.get(address).text
        )


def test_outlines_are_kept_until_a_version_comes(client: FlaskClient, filled: City) -> None:
    first = client.get("/api/outlines?layer=districts&lang=en")
    assert first.json["features"][0]["properties"] == {"code": "D0", "name": "D0 office", "quality": "official"}
    again = client.get("/api/outlines?layer=districts&lang=en", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    pinned = client.get("/api/outlines?layer=districts&lang=en&version=1")
    assert "immutable" in pinned.headers["Cache-Control"]
    assert client.get("/api/outlines?layer=moon").json["error"]["fields"].keys() == {"layer"}


def test_a_place_is_assigned_by_the_layers_in_force(client: FlaskClient, filled: City) -> None:
    answer = get(client, "/api/assign", lon=114.6, lat=20.2, lang="en").json
    assert (answer["area"]["code"], answer["rule"], answer["version"]) == ("O10", "covers", 1)
    assert get(client, "/api/assign", lon=10, lat=20.2).json["area"] is None
    for lon in ("nan", "x", "", "181", "1e999"):
        assert get(client, "/api/assign", lon=lon, lat=20).status_code == 422


def test_coordinates_are_located_in_either_order_and_nothing_is_guessed(client: FlaskClient, filled: City) -> None:
    assert get(client, "/api/locate", q="20.5, 114.5").json["lon"] == 114.5
    assert get(client, "/api/locate", q="1,2").json["lon"] is None
    assert get(client, "/api/locate", q="somewhere").json["lon"] is None


def test_a_located_text_tells_how_surely_and_in_which_areas(client: FlaskClient, filled: City) -> None:
    found = get(client, "/api/locate", q="台阶坏了，北纬20.2度，东经114.6度", lang="en").json
    assert (found["lon"], found["lat"], found["precision"]) == (114.6, 20.2, "coordinates")
    assert found["radius_m"] > 0 and 0 < found["confidence"] <= 1 and found["evidence"]["rule"] == "labelled"
    assert [(area["layer"], area["code"]) for area in found["areas"]] == [("districts", "D1"), ("offices", "O10")]
    assert found["areas"][1]["name"] == "O10 office" and found["areas"][1]["version"] == 1
    nowhere = get(client, "/api/locate", q="somewhere").json
    assert nowhere.keys() == found.keys() and nowhere["areas"] == [] and nowhere["problem"]


def test_page_and_command_locate_alike(client: FlaskClient, db: Database, filled: City) -> None:
    from geoapp.intake.stages import locate_words

    for words in ("114.5,20.5", "lat: 20.5 lon: 114.5", "20.5N 114.5E", "x=1", "地图 20.25,114.25 附近"):
        with db.bulk.connect() as connection:
            expected = locate_words(connection, filled, words).as_dict("zh")
        told = get(client, "/api/locate", q=words, lang="zh").json
        # A page says it in a sentence, too.
        assert told.pop("text") and told.keys() - expected.keys() == {"name"}
        assert told == {**expected, "name": told["name"]}


def test_reports_at_the_same_moment_are_all_in_the_pages(client: FlaskClient, db: Database, city: City) -> None:
    from datetime import UTC, datetime

    said = datetime(2026, 1, 1, tzinfo=UTC)
    take(db.bulk, city, "probe", [Report(ref=str(n), said_at=said, body="x", x=114.5, y=20.5) for n in range(9)])
    first = get(client, "/api/tickets", limit=5).json
    second = get(client, "/api/tickets", limit=5, cursor=first["next"]).json
    assert len({item["number"] for item in first["items"] + second["items"]}) == 9 and second["next"] is None


def test_a_single_ticket_says_how_often_the_same_came_up_at_its_place(client: FlaskClient, filled: City) -> None:
    def times(matter: str) -> list[int]:
        found = client.get(f"/api/clusters?bbox=114.7,20.7,114.71,20.71&zoom=18&matter={matter}&since=2026-06-01").json
        return [one["properties"].get("times") for one in found["features"]]

    body = {"text": "坑", "lon": 114.705, "lat": 20.705, "matter": "step"}
    assert client.post("/api/reports", json=body).status_code == 201
    assert times("step") == [1]
    assert client.post("/api/reports", json=body | {"text": "坑洼", "matter": "pothole"}).status_code == 201
    assert times("step") == [1]
    assert client.post("/api/reports", json=body | {"text": "又坏了", "lon": 114.70501}).status_code == 201
    assert times("step") == [None] and times("pothole") == [1]
