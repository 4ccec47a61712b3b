"""/unplaced: who may see it, two clicks that open a ticket, names kept, what is wrong told, hostile words harmless."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import text

from geoapp.city import City, city_from
from geoapp.intake.path import take
from geoapp.pages.parts.queue import marked
from geoapp.records import Role
from geoapp.store import aliases, cities, units
from geoapp.store.database import Database
from importers.base import Report
from tests.pages.conftest import PACK, SOUTH, WEST, load
from tests.people.make import enter, make_account

SAID = datetime(2026, 1, 2, 3, tzinfo=UTC)
HOSTILE = '<script>document.title=1</script>"><img src=x onerror=alert(1)>'


@pytest.fixture
def queued(db: Database, city: City) -> list[int]:
    """Reports that wait, in a city that is made up."""
    with db.bulk.begin() as connection:
        cities.save_city(connection, replace(city, synthetic=True))
    said = ["彩云里大楼门口有坑", "路灯不亮", HOSTILE]
    reports = [Report(ref=str(nth), said_at=SAID, body=body) for nth, body in enumerate(said)]
    return [one.report_id for one in take(db.bulk, city, "hotline", reports)]


@pytest.fixture
def dispatcher(app: APIFlask, db: Database, city: City) -> FlaskClient:
    """A browser in which a dispatcher of the city has signed in."""
    make_account(db, "dora", Role.DISPATCHER, city_id=city.id)
    client = app.test_client()
    assert enter(client, "dora").status_code == 303
    return client


def token(client: FlaskClient, address: str = "/unplaced") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).get_data(as_text=True))
    assert found
    return found[1]


def post(client: FlaskClient, report: int, **values: str) -> tuple[int, str, str]:
    words = {"report": str(report), "lon": str(WEST + 0.2), "lat": str(SOUTH + 0.2), "csrf_token": token(client)}
    answer = client.post("/unplaced", data=words | values)
    return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)


def test_nobody_else_sees_what_waits(app: APIFlask, db: Database, city: City, queued: list[int]) -> None:
    stranger = app.test_client()
    assert "/sign-in" in stranger.get("/unplaced").headers["Location"]
    make_account(db, "paul", Role.PLANNER, city_id=city.id)
    enter(stranger, "paul")
    assert stranger.get("/unplaced").status_code == 403
    assert stranger.post("/unplaced", data={"report": str(queued[0]), "lon": "114.2", "lat": "20.2"}).status_code >= 400


def test_a_dispatcher_of_another_city_places_nothing_here(app: APIFlask, db: Database, queued: list[int]) -> None:
    with db.bulk.begin() as connection:
        other = cities.save_city(connection, replace(city_from(PACK), code="other", prefix="OT"))
    make_account(db, "otto", Role.DISPATCHER, city_id=other.id)
    client = app.test_client()
    enter(client, "otto")
    assert client.get("/unplaced?city=probe").status_code == 403


# Of a district


@pytest.fixture
def district(app: APIFlask, db: Database, city: City) -> FlaskClient:
    """A browser in which a dispatcher of the district D0, in the west, has signed in."""
    with db.bulk.begin() as connection:
        units.grow(connection, city)
        unit_id = units.find(connection, city.id, "D0").id
    make_account(db, "dina", Role.DISTRICT_DISPATCHER, city_id=city.id, unit_id=unit_id, language="en")
    client = app.test_client()
    enter(client, "dina")
    return client


@pytest.fixture
def of_areas(db: Database, city: City) -> dict[str, int]:
    """Reports that wait, by what they say of where they are; nobody could be sent to any of these."""
    said = {
        "nothing": {"body": "路灯不亮"}, "mine": {"body": "D0街道 路灯不亮"}, "below": {"body": "路灯不亮，在O01街道"},
        "other": {"body": "D1街道 路灯不亮"}, "beside": {"body": "o11 OFFICE 路灯不亮"},
        "both": {"body": "D1街道和D0街道之间"},
        "recorded": {"body": "路灯不亮", "recorded_area": "O00"}, "elsewhere": {"body": "坑", "recorded_area": "O10"},
    }  # fmt: skip
    reports = [Report(ref=ref, said_at=SAID, **words) for ref, words in said.items()]  # type: ignore[arg-type]
    return dict(zip(said, (one.report_id for one in take(db.bulk, city, "hotline", reports)), strict=True))


def test_a_districts_dispatcher_sees_what_names_the_district_and_what_names_none(
    of_areas: dict[str, int], district: FlaskClient, dispatcher: FlaskClient
) -> None:
    seen = {ref for ref, key in of_areas.items() if f"report={key}" in district.get("/unplaced").text}
    assert seen == {"nothing", "mine", "below", "both", "recorded"}
    assert "<b>5</b>" in district.get("/unplaced").text and "<b>8</b>" in dispatcher.get("/unplaced").text
    # Asked for by its key, another district's is not shown either.
    assert f'value="{of_areas["other"]}"' not in district.get(f"/unplaced?report={of_areas['other']}").text
    assert "/unplaced" in district.get("/").text


def test_a_districts_dispatcher_places_in_the_district_alone(
    db: Database, of_areas: dict[str, int], district: FlaskClient
) -> None:
    assert post(district, of_areas["other"])[0] == 404
    east = post(district, of_areas["nothing"], lon=str(WEST + 0.7))
    assert east[0] == 422 and "outside the areas that you look after" in east[2]
    named = post(district, of_areas["nothing"], name="彩云里大楼")
    assert named[0] == 422 and "Keep a name" not in named[2]
    assert post(district, of_areas["nothing"])[0] == 303
    with db.web.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM geoapp.ticket")).scalar_one() == 1


def test_a_citizen_and_a_districts_dispatcher_of_another_city_see_no_queue(
    app: APIFlask, db: Database, city: City, queued: list[int]
) -> None:
    other = load(db, city_from(PACK | {"code": "other", "prefix": "OT"}))  # type: ignore[arg-type]
    with db.bulk.begin() as connection:
        units.grow(connection, other)
        unit_id = units.find(connection, other.id, "D0").id
    make_account(db, "otto", Role.DISTRICT_DISPATCHER, city_id=other.id, unit_id=unit_id)
    make_account(db, "cida", Role.CITIZEN, city_id=city.id)
    for login in ("otto", "cida"):
        client = app.test_client()
        enter(client, login)
        assert client.get("/unplaced?city=probe").status_code == 403
        assert "/unplaced" not in client.get("/?city=probe").text


def test_the_way_to_the_queue_is_in_the_menu_of_those_who_work_on_it(
    app: APIFlask, city: City, queued: list[int], dispatcher: FlaskClient
) -> None:
    assert "/unplaced" in dispatcher.get("/").get_data(as_text=True)
    assert "/unplaced" not in app.test_client().get("/").get_data(as_text=True)


def test_the_newest_is_shown_first_with_its_reason(queued: list[int], dispatcher: FlaskClient) -> None:
    html = dispatcher.get("/unplaced?lang=en").get_data(as_text=True)
    assert f'name="report" value="{queued[-1]}"' in html
    assert "The words name no place that is known here." in html
    assert [html.count(f"report={one}") for one in queued] == [1, 1, 1]


def test_hostile_words_stay_words(queued: list[int], dispatcher: FlaskClient) -> None:
    html = dispatcher.get(f"/unplaced?report={queued[2]}").get_data(as_text=True)
    assert "<script>document" not in html and "<img src=x" not in html and "&lt;img src=x" in html


def test_a_place_pointed_out_opens_the_ticket_and_leads_to_the_next(
    db: Database, queued: list[int], dispatcher: FlaskClient
) -> None:
    status, location, _ = post(dispatcher, queued[1])
    assert status == 303 and f"before={queued[1]}" in location
    with db.web.connect() as connection:
        row = connection.execute(
            text(
                "SELECT k.number, e.actor FROM geoapp.report r JOIN geoapp.ticket k ON k.id = r.ticket_id "
                "JOIN geoapp.event e ON e.ticket_id = k.id AND e.name = 'placed' WHERE r.id = :id"
            ),
            {"id": queued[1]},
        ).one()
    assert f"done={row.number}" in location and row.actor.startswith("account:")
    html = dispatcher.get(location).get_data(as_text=True)
    assert f'name="report" value="{queued[0]}"' in html and row.number in html
    assert dispatcher.get(f"/tickets/{row.number}").status_code == 200


def test_the_same_sent_twice_opens_one_ticket(db: Database, queued: list[int], dispatcher: FlaskClient) -> None:
    assert [post(dispatcher, queued[1])[0] for _ in range(2)] == [303, 409]
    with db.web.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM geoapp.ticket")).scalar_one() == 1


def test_a_name_is_kept_with_the_place(db: Database, city: City, queued: list[int], dispatcher: FlaskClient) -> None:
    assert post(dispatcher, queued[0], name="彩云里大楼")[0] == 303
    with db.web.connect() as connection:
        (kept,) = aliases.kept(connection, city.id)
    assert (kept.alias.name, kept.actor.partition(":")[0]) == ("彩云里大楼", "account")
    assert kept.alias.point == pytest.approx((WEST + 0.2, SOUTH + 0.2))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"lon": "", "lat": ""}, "Please point out the place on the map."), ({"lon": "x"}, "wrong"),
        ({"lon": "2", "lat": "48"}, "outside the city"), ({"name": "路"}, "A name has 2 to 60 characters"),
        ({"name": "小区"}, "Many places are called so"), ({"name": "<b>楼房</b>"}, "cannot be kept as a name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_nothing_is_opened(
    db: Database, queued: list[int], dispatcher: FlaskClient, values: dict[str, str], words: str
) -> None:
    dispatcher.get("/unplaced?lang=en")
    status, _, html = post(dispatcher, queued[0], **values)
    assert status == 422 and words in html and f'name="report" value="{queued[0]}"' in html
    with db.web.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM geoapp.ticket")).scalar_one() == 0


def test_a_forged_form_does_nothing(queued: list[int], dispatcher: FlaskClient) -> None:
    assert (
        dispatcher.post("/unplaced", data={"report": str(queued[0]), "lon": "114.2", "lat": "20.2"}).status_code == 400
    )


def test_names_are_marked_in_the_words() -> None:
    assert marked("海谷大厦和海谷路", ["海谷", "海谷大厦"]) == [
        ("海谷大厦", True),
        ("和", False),
        ("海谷", True),
        ("路", False),
    ]
    assert marked("", ["x"]) == [] and marked("a", []) == [("a", False)]
