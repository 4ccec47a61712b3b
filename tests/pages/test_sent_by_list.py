"""Dispatch by the list, as pages and API tell it: why a ticket waits, what a dispatcher is offered, another matter."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from geoapp.assign.dispatch import Held, Lost
from geoapp.assign.duties import Duty
from geoapp.assign.exactness import Asks
from geoapp.assign.three_lists import ListKind
from geoapp.city import City
from geoapp.intake.again import RETURNED
from geoapp.intake.lists import put_into_force, take_in
from geoapp.intake.path import take
from geoapp.pages.parts.sending import LOST, REASONS
from geoapp.records import Role, UnitKind
from geoapp.store import units
from geoapp.store.database import Database
from importers.base import Report
from tests.pages.conftest import SOUTH, WEST
from tests.pages.test_moves import offered, send, sign_in, token
from tests.people.make import make_account

BORDER = (WEST + 0.49995, SOUTH + 0.25)
"""Some five metres west of the border of O00 and O10."""

LIST = (
    Duty("own", category="roads", level="offices", assisting=("lamps",)),
    Duty("dark", category="lamps", unit="lamps"),
    Duty("rest", unit="lamps", fallback=True),
)


@pytest.fixture
def ruled(db: Database, city: City) -> City:
    """The city with units of its areas, a bureau of lamps and a list."""
    with db.bulk.begin() as connection:
        units.grow(connection, city)
        units.save(connection, city.id, "lamps", {"zh": "路灯处", "en": "Lamps Bureau"}, UnitKind.BUREAU)
        batch = take_in(connection, city, ListKind.RESPONSIBILITIES, LIST, date(2020, 1, 1), "test", "to try it").batch
    assert batch is not None
    put_into_force(db.bulk, city, batch, checked=False)
    return city


def filed(db: Database, city: City, at: tuple[float, float], matter: str = "step") -> str:
    said = Report(
        ref=f"{at}/{matter}", said_at=datetime(2026, 3, 1, tzinfo=UTC), body="坏了", matter=matter,
        category="lamps" if matter == "dark" else "roads", x=at[0], y=at[1],
    )  # fmt: skip
    number = take(db.bulk, city, "hotline", [said])[0].number
    assert number is not None
    return number


def chosen(page: str, move: str, name: str) -> list[str]:
    """The options of a field that are chosen already."""
    form = page[page.index(f'id="move-{move}"') :]
    select = form[form.index(f'name="{name}"') :]
    return re.findall(r'<option value="([^"]+)" selected>', select[: select.index("</select>")])


def steps(client: FlaskClient, number: str, language: str = "en") -> dict[str, list[str]]:
    story = client.get(f"/api/tickets/{number}?lang={language}").json
    return {one["name"]: one["details"] for one in story["timeline"]}


def test_whoever_dispatches_reads_why_it_was_held_and_is_offered_what_the_list_proposes(
    client: FlaskClient, db: Database, ruled: City
) -> None:
    number = filed(db, ruled, BORDER)
    told = steps(client, number)
    # Everybody may know why it waits.
    why = "it lies near a border, and across it another unit would have it"
    assert told["held"] == [why, "proposed: O00 office", "line own of list 1"]
    assert steps(client, number, "zh")["held"][1] == "建议：O00街道"
    assert "held-why" not in client.get(f"/tickets/{number}?lang=en").text
    sign_in(db, client, ruled, Role.DISPATCHER)
    for address in (f"/tickets/{number}/moves?lang=en", f"/tickets/{number}?lang=en"):
        page = client.get(address).text
        box = re.sub(r"\s+", " ", page[page.index("held-why") : page.index('id="move-dispatch"')])
        assert f"{why}." in box and "O00 office" in box and "line own of list 1" in box
        assert "Lamps Bureau (only the fallback)" in box
        assert re.search(r"Nearest border</dt><dd>\d m", box) and "Across it: O10 office" in box
        assert chosen(page, "dispatch", "unit") == ["O00"] and chosen(page, "dispatch", "assisting") == ["lamps"]
    assert send(client, number, "dispatch", unit="O10").status_code == 303
    assert "held-why" not in client.get(f"/tickets/{number}/moves?lang=en").text
    assert steps(client, number)["dispatch"] == ["Dispatcher", "Unit: O10 office"]


def test_what_goes_by_itself_says_to_whom_and_by_which_line(client: FlaskClient, db: Database, ruled: City) -> None:
    number = filed(db, ruled, (WEST + 0.2, SOUTH + 0.2))
    assert steps(client, number)["dispatch"] == [
        "Unit: O00 office", "Assisting units: Lamps Bureau", "line own of list 1",
    ]  # fmt: skip
    assert steps(client, number, "zh")["dispatch"][2] == "责任清单第 1 批 own 条"


def test_a_return_agreed_to_offers_whom_it_proposes(client: FlaskClient, db: Database, ruled: City) -> None:
    number = filed(db, ruled, (WEST + 0.2, SOUTH + 0.2))
    sign_in(db, client, ruled, Role.DISPATCHER)
    assert send(client, number, "return", reason="not_ours", proposal="O01").status_code == 303
    page = client.get(f"/tickets/{number}/moves?lang=en").text
    assert chosen(page, "dispatch", "unit") == ["O01"] and "held-why" not in page


def test_another_matter_is_looked_for_by_its_name_and_the_list_asked_anew(
    client: FlaskClient, db: Database, ruled: City
) -> None:
    number = filed(db, ruled, BORDER)
    sign_in(db, client, ruled, Role.CALL_TAKER)
    assert "reclassify" in offered(client, number)
    page = client.get(f"/tickets/{number}/moves?lang=zh").text
    assert '<option value="路灯不亮 · dark">路灯</option>' in page and 'list="matters"' in page
    # The panel beside the map does without a choice of all that there is: it leads to the page that has it.
    panel = client.get(f"/tickets/{number}?lang=zh").text
    assert f'href="/tickets/{number}/moves?move=reclassify#move-reclassify"' in panel and "matters" not in panel
    refused = send(client, number, "reclassify", matter="nothing")
    assert refused.status_code == 422 and "The catalogue has no such matter." in refused.text
    assert "about this matter already" in send(client, number, "reclassify", matter="台阶破损 · step").text
    assert send(client, number, "reclassify", matter="路灯不亮 · dark").status_code == 303
    story = client.get(f"/api/tickets/{number}?lang=en").json
    assert (story["state"], story["unit"]["code"], story["matter"]["code"]) == ("to_sign", "lamps", "dark")
    told = steps(client, number)
    assert told["reclassify"] == ["Call taker", "Broken step → Lamp out"]
    assert told["dispatch"] == ["Unit: Lamps Bureau", "line dark of list 1"]
    client.delete_cookie("geoapp")
    citizen = sign_in(db, client, ruled, Role.CITIZEN)
    assert citizen and "reclassify" not in offered(client, number)


def test_a_token_changes_the_matter_and_what_a_unit_has_stays_with_it(
    client: FlaskClient, db: Database, ruled: City
) -> None:
    number = filed(db, ruled, (WEST + 0.2, SOUTH + 0.2))
    account = make_account(db, "both", Role.DISPATCHER, Role.API_CLIENT, city_id=ruled.id)
    wanted: dict[str, Any] = {"move": "reclassify", "given": {"matter": "dark"}}
    address, shown = f"/api/tickets/{number}/moves?lang=en", token(db, account, "reclassify")
    made = client.post(address, json=wanted, headers=shown)
    assert (made.status_code, made.json["state"]) == (200, "to_sign")
    story = client.get(f"/api/tickets/{number}?lang=en").json
    assert story["unit"]["code"] == "O00" and story["timeline"][-1]["name"] == "proposed"
    assert story["timeline"][-1]["details"] == ["proposed: Lamps Bureau", "line dark of list 1"]
    again = client.post(address, json=wanted, headers=shown)
    assert again.json["error"]["fields"] == {"matter": "The ticket is about this matter already."}


def test_the_api_says_whose_a_place_is_by_the_list(client: FlaskClient, ruled: City) -> None:
    place = f"/api/assign?lang=en&lon={BORDER[0]}&lat={BORDER[1]}"
    plain, told = client.get(place).json, client.get(f"{place}&matter=step").json
    before = client.get(f"{place}&matter=step&at=2019-12-31").json
    assert "dispatch" not in plain and plain["rule"] == "covers" and plain["unit"]["layer"] == "offices"
    assert (before["problem"], "dispatch" in before) == ("no_version", False)
    assert told["rule"] == "list" and told["unit"]["name"] == "O00 office"
    assert {name: told[name] for name in ("areas", "area", "border_m", "layer", "version")} == {
        name: plain[name] for name in ("areas", "area", "border_m", "layer", "version")
    }
    found = told["dispatch"]
    assert (found["line"], found["list"], found["held"]) == ("own", "1", ["border"])
    assert found["runner_up"] == {"code": "lamps", "name": "Lamps Bureau"} and found["lost_by"] == "fallback"
    assert found["across"] == {"code": "O10", "name": "O10 office"}
    assert found["reasons"] == ["it lies near a border, and across it another unit would have it"]


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) == {*Held, RETURNED} and set(LOST) == {*Asks, *Lost}
