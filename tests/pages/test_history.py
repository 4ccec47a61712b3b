"""A place tells its history: how often, when repaired and what is owed; page and API say the same."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy import text

from geoapp.city import City
from geoapp.intake.path import take
from geoapp.intake.run import begin
from geoapp.pages.parts.site_chart import DENSE, LANES, chart
from geoapp.store import cities, layers
from geoapp.store.database import Database
from geoapp.tickets.numbers import SYNTHETIC
from importers.base import Report, Standing
from layers.base import Feature
from tests.pages.test_works import LAMP, LAMPS, ROAD, STREETS

NOW = datetime.now(UTC).replace(microsecond=0)
LAMP_7 = "/sites/probe/asset/lamps:L-7"


@pytest.fixture
def lit(db: Database, city: City) -> City:
    """The probe city with one lamp and one street."""
    lamp = Feature("L-7", {"zh": "7号灯", "en": "Lamp 7"}, "official", shapely.Point(LAMP), "lamp", owner="照明公司")
    street = Feature("S-1", {"zh": "示例路", "en": "Sample Road"}, "official", shapely.LineString(ROAD), "3")
    with db.bulk.begin() as connection:
        known = cities.save_city(connection, replace(city, layers=(*city.layers, LAMPS, STREETS)))
        layers.load(connection, known, LAMPS, "assets", [lamp], {})
        layers.load(connection, known, STREETS, "roads", [street], {})
    return known


def file(
    db: Database, city: City, *days_ago: float, at: tuple[float, float] = LAMP, source: str = "probe", **more: Any
) -> list[str]:
    """Tickets opened so many days ago; their numbers."""
    said = [
        Report(f"{at}/{ago}/{more}", NOW - timedelta(days=ago), body="坏了<b>", x=at[0], y=at[1],
               **{"matter": "dark", **more})
        for ago in days_ago
    ]  # fmt: skip
    return [taken.number or "" for taken in take(db.bulk, city, source, said)]


def repair(db: Database, key: str, ended: float | None, *, until: int | None = None, ticket: str = "") -> None:
    """A repair at a site that ended so many days ago, owed for until so many days from now."""
    with db.bulk.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO geoapp.repair (city_id, source, ref, placed_by, as_of, site_id, started_at, promised_at, "
                "ended_at, liability_until, ticket_id) SELECT s.city_id, 'repairs.probe', :ref, 'ticket', now(), s.id, "
                ":began, :promised, :ended, :until, (SELECT id FROM geoapp.ticket WHERE number = :ticket) "
                "FROM geoapp.site s WHERE s.key = :key"
            ),
            {
                "ref": f"{ended}/{until}", "key": key, "ticket": ticket, "promised": NOW + timedelta(days=20),
                "began": NOW - timedelta(days=(ended or 0) + 5),
                "ended": None if ended is None else NOW - timedelta(days=ended),
                "until": None if until is None else (NOW + timedelta(days=until)).date(),
            },
        )  # fmt: skip


def lines(client: FlaskClient, address: str, lang: str = "en") -> list[str]:
    return [line["text"] for line in client.get(f"/api{address}?lang={lang}").json["lines"]]


def of_ticket(client: FlaskClient, number: str, lang: str = "en") -> dict[str, Any]:
    return dict(client.get(f"/api/tickets/{number}?lang={lang}").json["site"]["history"])


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", ["Lamp out: 3 times in the last 8 months", "4 tickets in all, 4 of them open; the latest 2 days ago"]),
     ("zh", ["路灯不亮：近 8 个月内 3 次", "累计 4 件工单，未办结 4 件；最近一件：2 天前"])],
)  # fmt: skip
def test_a_site_says_how_often_in_both_languages(
    client: FlaskClient, db: Database, lit: City, lang: str, said: list[str]
) -> None:
    file(db, lit, 2, 100, 250, 700)
    assert lines(client, LAMP_7, lang) == said
    page = client.get(f"{LAMP_7}?lang={lang}")
    assert page.status_code == 200 and page.headers["Cache-Control"] == "no-cache"
    assert all(line in page.text for line in said)


def test_a_ticket_says_which_time_it_is_and_leads_to_its_place(client: FlaskClient, db: Database, lit: City) -> None:
    last, _, first, old = file(db, lit, 2, 100, 250, 700)
    told = of_ticket(client, last)
    assert (told["nth"], told["again"]) == (3, False)
    assert [line["text"] for line in told["lines"]] == ["3rd time in 8 months", "4 tickets at this place in all"]
    assert of_ticket(client, last, "zh")["lines"][0]["text"] == "8 个月内第 3 次"
    assert [of_ticket(client, number)["nth"] for number in (first, old)] == [1, 1]
    page = client.get(f"/tickets/{last}?lang=en").text
    assert "3rd time in 8 months" in page and f'href="{LAMP_7}"' in page
    assert client.get(LAMP_7).status_code == 200


def test_what_breaks_again_while_its_maker_is_liable_is_said_with_a_warning(
    client: FlaskClient, db: Database, lit: City
) -> None:
    new, old = file(db, lit, 2, 100)
    repair(db, "lamps:L-7", 14, until=90)
    until = (NOW + timedelta(days=90)).date()
    told = of_ticket(client, new)
    assert told["again"] and told["lines"][-1] == {
        "text": f"Came back 12 days after the repair; liability until {until}", "tone": "warning",
    }  # fmt: skip
    assert f"Repaired 14 days ago; liability until {until}" in [
        line["text"] for line in of_ticket(client, old)["lines"]
    ]
    assert lines(client, LAMP_7)[0] == f"Came back 12 days after the repair; liability until {until}"
    assert "is-again" in client.get(f"/tickets/{new}").text


def test_a_repair_of_another_matter_or_past_its_liability_warns_nobody(
    client: FlaskClient, db: Database, lit: City
) -> None:
    spot = (114.2, 20.7)
    new, other = file(db, lit, 2, at=spot) + file(db, lit, 60, at=spot, matter="step")
    key = client.get(f"/api/tickets/{new}").json["site"]["key"]
    repair(db, key, 20, until=90, ticket=other)
    assert not of_ticket(client, new)["again"]
    repair(db, key, 30, until=-10)
    told = of_ticket(client, new)
    assert not told["again"] and told["lines"][-1]["text"] == "28 days after the last repair here"


def test_page_and_api_tell_the_same_tickets_and_repairs(client: FlaskClient, db: Database, lit: City) -> None:
    numbers = file(db, lit, 2, 100, 250)
    repair(db, "lamps:L-7", 50, until=90, ticket=numbers[1])
    repair(db, "lamps:L-7", None)
    story, page = client.get(f"/api{LAMP_7}?lang=en").json, client.get(f"{LAMP_7}?lang=en").text
    assert [one["number"] for one in story["tickets"]] == numbers
    assert [one["nth"] for one in story["tickets"]] == [3, 2, 1]
    assert [one["stage"] for one in story["works"]] == ["works", "done"]
    assert [event["name"] for event in story["tickets"][0]["events"]] == ["register"]
    entries = page[page.index('class="entries"') :]
    ours = [re.escape(number) for number in numbers]
    assert re.search(f"{ours[0]}.*Works under way.*Repaired.*{ours[1]}.*{ours[2]}", entries, re.DOTALL)
    assert story["parties"] == [{"label": "Owned by", "name": "照明公司"}] and "照明公司" in page
    assert "坏了" not in page and story["place"]["shape"]["type"] == "Point"


@pytest.mark.parametrize(
    ("at", "kind", "said"),
    [((114.3025, 20.30005), "stretch", "Sample Road, 200–300 m from its beginning"),
     ((114.3025, 20.3008), "spot", "89 m from Sample Road"), ((114.9, 20.9), "spot", "20.9000")],
)  # fmt: skip
def test_every_kind_of_site_has_a_page(
    client: FlaskClient, db: Database, lit: City, at: tuple[float, float], kind: str, said: str
) -> None:
    (number,) = file(db, lit, 3, at=at, matter="pothole")
    address = client.get(f"/api/tickets/{number}").json["site"]["url"]
    assert address.startswith(f"/sites/probe/{kind}/")
    story = client.get(f"/api{address}?lang=en").json
    assert said in story["text"] and story["lines"][0]["text"] == "Reported once, 3 days ago"
    assert story["place"]["shape"]["type"] == ("LineString" if kind == "stretch" else "Polygon")
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/sites/atlantis/asset/lamps:L-7", "/sites/probe/asset/lamps:L-8", "/sites/probe/moon/lamps:L-7",
     "/sites/probe/asset/%00", "/sites/probe/spot/1:1", "/sites/probe/asset/"],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_no_site_is_not_found_in_the_callers_language(
    client: FlaskClient, db: Database, lit: City, address: str, lang: str
) -> None:
    file(db, lit, 2)
    for there in (address, f"/api{address}"):
        answer = client.get(f"{there}?lang={lang}")
        said = "此地址没有内容" if lang == "zh" else "There is nothing at this address"
        assert answer.status_code == 404 and (said in answer.text or "atlantis" in address)


def test_a_site_of_hidden_tickets_alone_is_not_found_nor_are_they_counted(
    client: FlaskClient, db: Database, lit: City
) -> None:
    file(db, lit, 2, 3, public=False)
    assert client.get(LAMP_7).status_code == 404 and client.get(f"/api{LAMP_7}").status_code == 404
    with db.bulk.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO geoapp.repair (city_id, site_id, ticket_id, started_at, ended_at) "
                "SELECT city_id, site_id, id, now() - interval '3 days', now() - interval '2 days' FROM geoapp.ticket"
            )
        )
    assert client.get(LAMP_7).status_code == 404, "what mended it would betray it"
    (number,) = file(db, lit, 1)
    assert of_ticket(client, number)["nth"] == 1
    story = client.get(f"/api{LAMP_7}").json
    assert story["count"] == 1 and len(story["tickets"]) == 1


def test_a_code_may_be_any_words(client: FlaskClient, db: Database, lit: City) -> None:
    code = '"><script>alert(1)</script>/龙 50%?'
    lamp = Feature(code, {"zh": code}, "official", shapely.Point(114.6, 20.6), "lamp")
    with db.bulk.begin() as connection:
        layers.load(connection, lit, LAMPS, "assets", [lamp], {})
    (number,) = file(db, lit, 1, at=(114.6, 20.6))
    address = client.get(f"/api/tickets/{number}").json["site"]["url"]
    assert quote("龙") in address
    page = client.get(address)
    assert page.status_code == 200 and "<script>alert" not in page.text
    assert client.get(f"/api{address}").json["key"] == f"lamps:{code}"


def test_what_was_settled_as_repaired_counts_as_a_repair(client: FlaskClient, db: Database, lit: City) -> None:
    file(db, lit, 60, standing=Standing("closed", NOW - timedelta(days=40), "repaired", "done"))
    assert lines(client, LAMP_7)[-1] == "Repaired 40 days ago"
    (number,) = file(db, lit, 10)
    assert of_ticket(client, number)["lines"][-1]["text"] == "30 days after the last repair here"


@pytest.mark.parametrize("written_down", [False, True])
def test_a_ticket_closed_the_moment_it_was_opened_is_not_the_repair_before_itself(
    client: FlaskClient, db: Database, lit: City, written_down: bool
) -> None:
    (number,) = file(db, lit, 40, standing=Standing("closed", NOW - timedelta(days=40), "repaired", "done"))
    if written_down:
        repair(db, "lamps:L-7", 40, until=90, ticket=number)
    told = of_ticket(client, number)
    assert not told["again"] and not [line for line in told["lines"] if "after" in line["text"]]
    (later,) = file(db, lit, 10)
    assert "30 days after" in of_ticket(client, later)["lines"][-1]["text"]


def test_what_is_open_does_not_come_back_after_its_own_repair(client: FlaskClient, db: Database, lit: City) -> None:
    (number,) = file(db, lit, 10)
    repair(db, "lamps:L-7", 12, until=90, ticket=number)
    assert not [line for line in lines(client, LAMP_7) if "Came back" in line]


def test_the_picture_has_a_lane_for_each_of_the_commonest_matters(client: FlaskClient) -> None:
    def ticket(matter: str, days: int) -> dict[str, Any]:
        return {"title": matter, "opened_at": (NOW - timedelta(days=days)).isoformat(), "ended_at": None}

    tickets = [ticket(f"m{n}", n) for n in range(9)] + [ticket("often", n) for n in range(DENSE + 1)]
    with client.application.test_request_context("/?lang=en"):
        drawn = chart({"now": NOW.isoformat(), "tickets": tickets, "earlier": [ticket("often", 5000)], "works": []})
    assert len(drawn["lanes"]) == LANES and drawn["left_out"] == 1
    assert [drawn["lanes"][0]["name"], drawn["lanes"][-1]["name"]] == ["often", "Other matters"]
    assert drawn["lanes"][0]["dense"] and sum(lane["count"] for lane in drawn["lanes"]) == len(tickets)
    signs = [sign["x"] for lane in drawn["lanes"] for sign in lane["signs"]]
    assert min(signs) >= 0 and max(signs) <= 100 and 0 < len(drawn["ticks"]) <= 8


def test_a_ticket_nobody_was_named_for_is_whose_assign_says(client: FlaskClient, db: Database, lit: City) -> None:
    (number,) = file(db, lit, 1)
    asked = client.get(f"/api/assign?lon={LAMP[0]}&lat={LAMP[1]}&lang=en").json["unit"]
    assert client.get(f"/api/tickets/{number}?lang=en").json["unit"] == asked and asked["name"] == "O00 office"
    page = client.get(f"/tickets/{number}?lang=en").text
    assert "<dd>O00 office" in page and "<dd>No unit found yet" not in page


def test_a_unit_somebody_named_stays_and_the_evidence_says_so(client: FlaskClient, db: Database, lit: City) -> None:
    (number,) = file(db, lit, 1, unit="U-9", unit_name="养护九队")
    story = client.get(f"/api/tickets/{number}?lang=en").json
    assert story["unit"]["code"] == "U-9" and "named for it" in story["why"]["text"]


def test_an_area_lists_its_places_that_keep_coming_back(client: FlaskClient, db: Database, lit: City) -> None:
    file(db, lit, 2, 100, 250, 700)
    file(db, lit, 5, at=(114.2, 20.2))
    page = client.get("/areas/probe/offices/O00?lang=en").text
    found = re.findall(r'href="(/sites/[^"]+)"[^>]*><span class="repeat-times"[^>]*>(\d+)<', page)
    assert found == [(LAMP_7, "3")]
    assert "3 times in 8 months" in page and "Lamp 7" in page
    assert 'name="area" value="offices/O00"' in page and "0 settled in the last 30 days" in page


def test_an_area_counts_what_was_settled_in_a_month(client: FlaskClient, db: Database, lit: City) -> None:
    for ago in (3, 29, 31):
        file(db, lit, 60 + ago, standing=Standing("closed", NOW - timedelta(days=ago), "repaired", "done"))
    assert "近 30 天办结 2 件" in client.get("/areas/probe/offices/O00?lang=zh").text


@pytest.fixture
def mixed(db: Database, lit: City) -> tuple[str, str]:
    """The lamp with a real ticket two days old and an earlier one of the demo, its repair just done; their numbers."""
    planted = replace(lit, prefix=SYNTHETIC)
    (real,) = file(db, lit, 2)
    made_up, _ = file(db, planted, 30, 100, source="demo")
    begin(db.bulk, lit, "demo", ["planted"])
    repair(db, "lamps:L-7", 14, until=90, ticket=made_up)
    return real, made_up


def test_the_history_of_a_real_ticket_leaves_out_what_was_planted(client: FlaskClient, mixed: tuple[str, str]) -> None:
    real, made_up = mixed
    told = of_ticket(client, real)
    assert (told["nth"], told["again"], told["lines"]) == (1, False, [])
    assert of_ticket(client, made_up)["nth"] == 2
    assert lines(client, LAMP_7) == ["Reported once, 2 days ago"]


def test_a_planted_ticket_is_not_said_to_come_back_after_a_real_repair(
    client: FlaskClient, db: Database, lit: City
) -> None:
    file(db, lit, 100)
    repair(db, "lamps:L-7", 50, until=90)
    (made_up,) = file(db, replace(lit, prefix=SYNTHETIC), 2, source="demo")
    assert of_ticket(client, made_up)["lines"] == []
    assert not [line for line in lines(client, LAMP_7) if "Came back" in line]


def test_a_site_that_only_the_demo_tells_of_says_what_was_planted(client: FlaskClient, db: Database, lit: City) -> None:
    file(db, replace(lit, prefix=SYNTHETIC), 2, 100, source="demo")
    assert lines(client, LAMP_7)[0] == "Lamp out: 2 times in the last 3 months"


def test_in_a_made_up_city_all_is_of_one_world(client: FlaskClient, db: Database, lit: City) -> None:
    with db.bulk.begin() as connection:
        bay = cities.save_city(connection, replace(lit, prefix=SYNTHETIC, synthetic=True))
    (number,) = file(db, bay, 2)
    repair(db, "lamps:L-7", 14, until=90)
    assert of_ticket(client, number)["again"]
    assert "Came back" in lines(client, LAMP_7)[0]
    story, page = client.get(f"/api{LAMP_7}").json, client.get(f"{LAMP_7}?lang=en").text
    assert all(one["synthetic"] for one in story["tickets"] + story["works"])
    assert "Demo data" in page and "Made up" not in page.partition('class="entries"')[2].partition("</ol>")[0]


def test_a_sites_page_says_what_is_made_up(client: FlaskClient, mixed: tuple[str, str]) -> None:
    real, _ = mixed
    story, page = client.get(f"/api{LAMP_7}").json, client.get(f"{LAMP_7}?lang=en").text
    assert [(one["number"] == real, one["synthetic"]) for one in story["tickets"]] == [
        (True, False),
        *[(False, True)] * 2,
    ]
    assert [one["synthetic"] for one in story["works"]] == [True]
    assert [one["nth"] for one in story["tickets"]] == [1, 2, 1]
    assert page.count('<span class="tag tag-demo">Made up</span>') == 3
    assert "Holds made-up tickets" in page and "含演示工单" in client.get(f"{LAMP_7}?lang=zh").text
    shown = page[page.index(f'href="/tickets/{real}') :]
    assert "Made up" not in shown.partition("</p>")[0]
