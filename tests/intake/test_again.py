"""Tickets dispatched anew: another matter, place, list or layer sends what waits; what a unit has stays with it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from geoapp.assign.duties import Duty
from geoapp.city import City
from geoapp.errors import BadField
from geoapp.intake import deeds
from geoapp.intake.again import Again, again, stamp
from geoapp.intake.path import take
from geoapp.intake.relocate import move
from geoapp.records import UnitKind
from geoapp.store import layers, units
from geoapp.store.queries import beside
from geoapp.tickets.acts import Deed
from geoapp.tickets.relocations import Spot
from geoapp.tickets.work import at_terminal
from importers.base import Report, Standing
from layers.base import Feature
from tests.intake.test_dispatching import BORDER, OWN, rule_by
from tests.make import INSIDE, SAID, SOURCE, SQUARES, make_report, recount, snapshot

GONE = Duty("gone", matter="collapse", unit="roads", assisting=("water",))
HOLE = Duty("hole", matter="pothole", unit="water")
TIE = (HOLE, Duty("hole2", matter="pothole", unit="roads"))


@pytest.fixture
def town(engine: Engine, city: City) -> City:
    """The small city with the units of its areas and two of its own."""
    with engine.begin() as connection:
        units.grow(connection, city)
        for code in ("roads", "water"):
            units.save(connection, city.id, code, {"en": code}, UnitKind.BUREAU)
    return city


def opened(engine: Engine, town: City, *reports: Report) -> list[str]:
    taken = take(engine, town, SOURCE, reports or [make_report()])
    return [one.number or "" for one in taken]


def act(engine: Engine, number: str, name: str, who: str = "dispatcher", **given: str) -> str:
    # Whoever acts does so by the role of pages, which alone knows whose reports are whose.
    pages = create_engine(engine.url.set(username="geoapp_web"), poolclass=NullPool)
    return deeds.act(pages, at_terminal("test", who), Deed(number, name, given)).state


def told(engine: Engine, number: str) -> dict[str, Any]:
    """How a ticket stands and what happened to it since it was opened; with the cells as they would be counted anew."""
    query = text(
        "SELECT t.id, t.state, u.code AS unit, m.code AS matter, t.public, t.urgent, t.late, s.kind AS site, "
        "array_agg(e.name ORDER BY e.id) AS events, array_agg(e.codes ORDER BY e.id) AS codes, "
        "array_agg(e.actor ORDER BY e.id) AS actors FROM geoapp.ticket t JOIN geoapp.event e ON e.ticket_id = t.id "
        "JOIN geoapp.site s ON s.id = t.site_id LEFT JOIN geoapp.unit u ON u.id = t.unit_id "
        "LEFT JOIN geoapp.matter m ON m.id = t.matter_id WHERE t.number = :number GROUP BY t.id, u.code, m.code, s.kind"
    )
    with engine.connect() as connection:
        return dict(connection.execute(query, {"number": number}).mappings().one())


def counted(engine: Engine, town: City) -> bool:
    """Whether the cells count what there is."""
    with engine.begin() as connection:
        kept = snapshot(connection, town)["cells"]
        recount(connection)
        return snapshot(connection, town)["cells"] == kept


# Another matter


def test_what_waits_is_sent_at_once_by_its_new_matter(engine: Engine, town: City) -> None:
    rule_by(engine, town, *TIE, GONE)
    (number,) = opened(engine, town)
    assert act(engine, number, "reclassify", matter="collapse", note="是塌陷") == "to_sign"
    found = told(engine, number)
    assert (found["state"], found["unit"], found["matter"]) == ("to_sign", "roads", "collapse")
    assert found["events"][2:] == ["held", "reclassify", "urgent", "dispatch"]
    assert found["codes"][3] == {"matter": "collapse", "from": "pothole", "as": "dispatcher"}
    assert found["codes"][5]["line"] == "gone" and found["actors"][5] == "system:dispatch" and found["urgent"]
    with engine.connect() as connection:
        assert [code for code, _ in beside.of(connection, found["id"]).assisting] == ["water"]
    assert counted(engine, town)


def test_what_is_only_registered_is_accepted_on_the_way(engine: Engine, town: City) -> None:
    (number,) = opened(engine, town)
    rule_by(
        engine, town, HOLE, *(Duty(f"c{n}", matter="collapse", unit=unit) for n, unit in enumerate(["roads", "A1"]))
    )
    assert act(engine, number, "reclassify", "call_taker", matter="collapse") == "to_dispatch"
    found = told(engine, number)
    assert found["events"] == ["register", "reclassify", "urgent", "queue", "held"]
    assert found["codes"][-1]["held"] == ["tie"] and found["unit"] is None
    assert act(engine, number, "reclassify", "verifier", matter="pothole") == "to_sign"
    # What was urgent stays so until somebody says that it is not.
    assert told(engine, number)["urgent"]


def test_what_a_unit_has_stays_with_it_and_its_event_says_whose_it_would_be(engine: Engine, town: City) -> None:
    rule_by(engine, town, HOLE, GONE)
    (number,) = opened(engine, town)
    assert act(engine, number, "reclassify", matter="collapse") == "to_sign"
    found = told(engine, number)
    assert (found["unit"], found["events"][-1]) == ("water", "proposed")
    codes = found["codes"][-1]
    assert (codes["proposal"], codes["line"], "unit" in codes) == ("roads", "gone", False)
    act(engine, number, "sign", "unit")
    assert act(engine, number, "reclassify", matter="pothole") == "in_hand"
    assert told(engine, number)["events"][-2:] == ["sign", "reclassify"]


def test_whoever_sent_it_back_is_not_given_it_again_by_the_list(engine: Engine, town: City) -> None:
    rule_by(engine, town, HOLE, Duty("all", category="road", unit="water"))
    (number,) = opened(engine, town)
    act(engine, number, "return", reason="wrong_matter", proposal="roads")
    assert act(engine, number, "reclassify", matter="collapse") == "to_dispatch"
    found = told(engine, number)
    assert found["events"][-1] == "held" and found["codes"][-1]["held"] == ["returned"]
    assert again(engine, town) == Again(1, 0, 0)
    rule_by(engine, town, HOLE, GONE)
    assert again(engine, town) == Again(1, 1, 0)
    assert told(engine, number)["unit"] == "roads"


def test_nothing_hidden_is_shown_and_what_becomes_private_is_hidden(engine: Engine, town: City) -> None:
    seen, hidden = opened(engine, town, make_report("R-1"), make_report("R-2", category="Home", matter="Row"))
    act(engine, seen, "reclassify", matter="quarrel")
    act(engine, hidden, "reclassify", matter="pothole")
    one, other = told(engine, seen), told(engine, hidden)
    assert (one["public"], one["events"][-1]) == (False, "hide")
    assert (other["public"], other["events"][-1]) == (False, "reclassify")
    assert counted(engine, town)


def test_a_matter_that_there_is_not_is_refused(engine: Engine, town: City) -> None:
    (number,) = opened(engine, town)
    with engine.begin() as connection:
        connection.execute(text("UPDATE geoapp.matter SET retired_at = now() WHERE code = 'collapse'"))
    for code, why in (("nothing", "no_matter"), ("collapse", "no_matter"), ("pothole", "same_matter")):
        with pytest.raises(BadField) as refused:
            act(engine, number, "reclassify", matter=code)
        assert refused.value.facts["fields"] == {"matter": why}


def test_clocks_go_by_the_new_matters_own_minutes(engine: Engine, town: City) -> None:
    with engine.begin() as connection:
        connection.execute(text("""UPDATE geoapp.matter SET minutes = '{"dispatch": 60}' WHERE code = 'pothole'"""))
        connection.execute(
            text("""UPDATE geoapp.matter SET urgent = false, minutes = '{"dispatch": 999}' WHERE code = 'collapse'""")
        )
    rule_by(
        engine, town, *TIE, *(Duty(f"c{n}", matter="collapse", unit=unit) for n, unit in enumerate(["roads", "A1"]))
    )
    now = datetime.now(UTC).replace(microsecond=0)
    (number,) = opened(engine, town, make_report(said_at=now))

    def clock() -> tuple[int, timedelta]:
        with engine.connect() as connection:
            row = connection.execute(
                text("SELECT minutes, due_at - started_at AS time FROM geoapp.clock WHERE name = 'dispatch'")
            ).one()
            return row.minutes, row.time

    assert clock() == (60, timedelta(minutes=60))
    act(engine, number, "reclassify", matter="collapse")
    assert clock() == (999, timedelta(minutes=999))


# Another place


def test_what_waits_is_sent_by_its_new_place(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN)
    number, other = opened(
        engine, town, make_report("R-1", x=BORDER[0], y=BORDER[1]), make_report("R-2", x=INSIDE[0], y=INSIDE[1])
    )
    assert told(engine, number)["events"][-1] == "held"
    move(engine, town, number, Spot.by_hand(114.05, 22.55), "test")
    found = told(engine, number)
    assert (found["state"], found["unit"], found["events"][-2:]) == ("to_sign", "A2", ["relocated", "dispatch"])
    move(engine, town, other, Spot.by_hand(114.05, 22.55), "test")
    found = told(engine, other)
    assert (found["state"], found["unit"], found["events"][-2:]) == ("to_sign", "A1", ["relocated", "proposed"])
    assert found["codes"][-1]["proposal"] == "A2"
    # Back where it is the unit's own, there is nothing to propose.
    move(engine, town, other, Spot.by_hand(*INSIDE), "test")
    assert told(engine, other)["events"][-1] == "relocated"
    assert counted(engine, town)


def test_a_place_pointed_out_is_as_sure_as_that_for_the_list(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN)
    (number,) = opened(engine, town)
    with engine.begin() as connection:
        connection.execute(text("UPDATE geoapp.report SET confidence = 0.2, radius_m = 400"))
        connection.execute(text("UPDATE geoapp.ticket SET state = 'registered', unit_id = NULL"))
    move(engine, town, number, Spot.by_hand(113.96, 22.55), "test")
    assert told(engine, number)["events"][-2:] == ["queue", "dispatch"]


def test_what_its_source_follows_is_left_alone(engine: Engine, town: City) -> None:
    (number,) = opened(engine, town, make_report(standing=Standing("to_dispatch", SAID)))
    rule_by(engine, town, OWN)
    act(engine, number, "reclassify", matter="collapse")
    move(engine, town, number, Spot.by_hand(113.96, 22.55), "test")
    assert told(engine, number)["events"][-1] == "relocated" and told(engine, number)["state"] == "to_dispatch"


# Another list, another layer


def test_another_list_sends_what_is_safe_now_and_leaves_the_rest(engine: Engine, town: City) -> None:
    rule_by(engine, town, *TIE, GONE)
    reports = [make_report(f"R-{nth}", matter="Gone" if nth > 5 else "Hole") for nth in range(8)]
    numbers = opened(engine, town, *reports, make_report("R-9", x=BORDER[0], y=BORDER[1]))
    by_hand, returned = numbers[0], numbers[1]
    act(engine, by_hand, "dispatch", unit="A1")
    act(engine, returned, "dispatch", unit="A1")
    act(engine, returned, "return", reason="not_ours", proposal="roads")
    assert again(engine, town, batch=2) == Again(5, 0, 0)
    with engine.connect() as connection:
        before = stamp(connection, town, datetime.now(UTC))
    rule_by(engine, town, OWN, since=date(2021, 1, 1))
    with engine.connect() as connection:
        after = stamp(connection, town, datetime.now(UTC))
        assert before != after == stamp(connection, town, datetime.now(UTC))
    # The collapses are with the roads' bureau, the list would have them with A1.
    assert again(engine, town, batch=2) == Again(5, 4, 2)
    found = [told(engine, number) for number in numbers[2:6]]
    assert {(one["state"], one["unit"], one["codes"][-1]["list"]) for one in found} == {("to_sign", "A1", "2")}
    assert told(engine, numbers[-1])["events"][2:] == ["held"]
    assert told(engine, returned)["events"][-1] == "return"
    events = [told(engine, number)["events"] for number in numbers]
    assert again(engine, town) == Again(1, 0, 2)
    assert [told(engine, number)["events"] for number in numbers] == events
    assert counted(engine, town)


def test_another_layer_sends_what_is_no_longer_at_a_border(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN)
    (number,) = opened(engine, town, make_report(x=BORDER[0], y=BORDER[1]))
    shapes = SQUARES | {"A1": box(113.9, 22.5, 113.95, 22.6), "A2": box(113.95, 22.5, 114.1, 22.6)}
    features = [Feature(code, {"en": code}, "official", MultiPolygon([shape])) for code, shape in shapes.items()]
    with engine.begin() as connection:
        layers.load(connection, town, town.layer("offices"), layers.AREAS, features, {})
    assert again(engine, town) == Again(1, 1, 0)
    assert told(engine, number)["unit"] == "A2"


def test_without_a_list_nothing_is_sent(engine: Engine, town: City) -> None:
    (number,) = opened(engine, town)
    act(engine, number, "reclassify", matter="collapse")
    assert told(engine, number)["events"] == ["register", "reclassify", "urgent"]
    assert again(engine, town) == Again()
