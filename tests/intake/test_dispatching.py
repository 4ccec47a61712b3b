"""Tickets go to their units as they open, where a list says so and nothing is in doubt; all else is as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import Connection, Engine, text

from geoapp.assign.catalogue import CatalogueMatter
from geoapp.assign.duties import Duty
from geoapp.assign.figures import Figure
from geoapp.assign.three_lists import ListKind
from geoapp.city import City
from geoapp.intake.dispatching import Listed, in_force
from geoapp.intake.lists import put_into_force, take_in
from geoapp.intake.path import take
from geoapp.intake.replay import World, replay
from geoapp.intake.stages import Asked, assign_many
from geoapp.records import UnitKind
from geoapp.store import layers, units
from geoapp.store.ground import ground
from geoapp.store.queries import beside, figures
from geoapp.tickets.moves import Moved, make_moves
from importers.base import Report, Standing
from layers.base import Feature
from tests.make import INSIDE, SAID, SOURCE, SQUARES, UNOWNED, make_report

BORDER = (113.99995, 22.55)
"""Some five metres west of the border of A1 and A2, and of D1 and D2."""

OWN = Duty("road", category="road", level="offices")


@pytest.fixture
def town(engine: Engine, city: City) -> City:
    """The small city with the units of its areas and two of its own."""
    with engine.begin() as connection:
        units.grow(connection, city)
        for code in ("roads", "water"):
            units.save(connection, city.id, code, {"en": code}, UnitKind.BUREAU)
    return city


def rule_by(engine: Engine, city: City, *duties: Duty, since: date = date(2020, 1, 1)) -> None:
    """Put a list into force, whatever the checks think of it."""
    with engine.begin() as connection:
        drafted = take_in(connection, city, ListKind.RESPONSIBILITIES, duties, since, "test", "to try it")
    assert drafted.batch is not None
    put_into_force(engine, city, drafted.batch, checked=False)


def filed(engine: Engine, city: City, *reports: Report) -> list[dict[str, Any]]:
    """What became of each: state, unit, its events, and what the last of these says."""
    taken = take(engine, city, SOURCE, reports or [make_report()])
    with engine.connect() as connection:
        return [_told(connection, one.ticket_id or 0) for one in taken]


def _told(connection: Connection, ticket_id: int) -> dict[str, Any]:
    query = text(
        "SELECT t.state, u.code AS unit, array_agg(e.name ORDER BY e.id) AS events, "
        "array_agg(e.codes ORDER BY e.id) AS codes, array_agg(e.actor ORDER BY e.id) AS actors "
        "FROM geoapp.ticket t JOIN geoapp.event e ON e.ticket_id = t.id LEFT JOIN geoapp.unit u ON u.id = t.unit_id "
        "WHERE t.id = :id GROUP BY t.id, u.code"
    )
    return dict(connection.execute(query, {"id": ticket_id}).mappings().one())


def test_a_ticket_goes_to_the_unit_its_line_names_and_its_event_says_why(engine: Engine, town: City) -> None:
    hole = Duty("hole", matter="pothole", unit="roads", assisting=("water",), person="Li")
    rule_by(engine, town, OWN, hole)
    (found,) = filed(engine, town)
    assert (found["state"], found["unit"]) == ("to_sign", "roads")
    assert found["events"] == ["register", "queue", "dispatch"]
    codes = found["codes"][-1]
    assert codes.pop("unit").isdigit() and codes.pop("border_m") > 1000
    assert codes == {
        "unit_code": "roads", "line": "hole", "list": "1", "assisting": ["water"],
        "runner_up": "A1", "runner_up_line": "road", "lost_by": "matter",
    }  # fmt: skip
    assert found["actors"][1:] == ["system:dispatch"] * 2


def test_without_a_list_nothing_is_otherwise(engine: Engine, town: City) -> None:
    (found,) = filed(engine, town)
    assert (found["state"], found["unit"], found["events"]) == ("registered", None, ["register"])


@pytest.mark.parametrize(
    ("duties", "changes", "reasons", "proposal"),
    [
        ([], {}, ["no_line"], None),
        ([OWN], {"x": BORDER[0], "y": BORDER[1]}, ["border", "approximate"], "A1"),
        ([OWN], {"x": UNOWNED[0], "y": UNOWNED[1]}, ["no_line"], None),
        ([Duty("a", matter="pothole", unit="roads"), Duty("b", matter="pothole", unit="water")], {}, ["tie"], "roads"),
        ([Duty("rest", unit="water", fallback=True)], {}, ["fallback_only"], "water"),
        ([Duty("all", unit="water")], {"category": "", "matter": ""}, ["unknown_matter"], "water"),
    ],
)  # fmt: skip
def test_what_is_not_sure_waits_for_a_person_with_the_reasons(
    engine: Engine, town: City, duties: list[Duty], changes: dict[str, Any], reasons: list[str], proposal: str | None
) -> None:
    rule_by(engine, town, *(duties or [Duty("else", matter="collapse", unit="roads")]))
    (found,) = filed(engine, town, make_report(**changes))
    assert (found["state"], found["unit"]) == ("to_dispatch", None)
    assert found["events"] == ["register", "queue", "held"]
    assert found["codes"][-1]["held"] == reasons
    assert found["codes"][-1].get("proposal") == proposal


def test_at_a_border_that_changes_nothing_a_ticket_is_not_held(engine: Engine, town: City) -> None:
    rule_by(engine, town, Duty("hole", matter="pothole", unit="roads"))
    (found,) = filed(engine, town, make_report(x=BORDER[0], y=BORDER[1]))
    assert found["state"] == "to_sign"


def test_a_source_that_names_its_unit_or_tells_the_state_is_followed(engine: Engine, town: City) -> None:
    named = make_report("R-1", unit="DEP", unit_name="Water")
    told = make_report("R-2", standing=Standing("in_hand", SAID))
    open_ = make_report("R-3", standing=Standing("registered", SAID))
    rule_by(engine, town, OWN)
    found = filed(engine, town, named, told, open_)
    assert [(one["state"], one["unit"]) for one in found] == [
        ("registered", "DEP"), ("in_hand", None), ("registered", None),
    ]  # fmt: skip
    assert not {"dispatch", "held"} & {name for one in found for name in one["events"]}


def test_the_line_of_the_day_it_was_said_is_followed(engine: Engine, town: City) -> None:
    old = Duty("old", matter="pothole", unit="roads", valid_to=date(2024, 1, 4))
    new = Duty("new", matter="pothole", unit="water", valid_from=date(2024, 1, 5))
    # 23:30 and 00:30 in Shenzhen.
    late, early = datetime.fromisoformat("2024-01-04T15:30Z"), datetime.fromisoformat("2024-01-04T16:30Z")
    rule_by(engine, town, old, new)
    found = filed(engine, town, make_report("R-1", said_at=late), make_report("R-2", said_at=early))
    assert [one["unit"] for one in found] == ["roads", "water"]


def test_each_is_sent_by_the_list_that_was_in_force_when_it_was_said(engine: Engine, town: City) -> None:
    rule_by(engine, town, Duty("hole", matter="pothole", unit="roads"), since=date(2024, 1, 2))
    rule_by(engine, town, Duty("hole", matter="pothole", unit="water"), since=date(2024, 2, 1))
    days = (datetime.fromisoformat(f"{day}T12:00+08:00") for day in ("2024-01-01", "2024-01-31", "2024-02-01"))
    found = filed(engine, town, *(make_report(f"R-{nth}", said_at=day) for nth, day in enumerate(days)))
    assert [(one["unit"], one["codes"][-1].get("list")) for one in found] == [
        (None, None), ("roads", "1"), ("water", "2"),
    ]  # fmt: skip


def test_the_catalogue_tells_dispatch_what_is_a_thing(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN)
    with engine.connect() as connection:
        before = in_force(connection, town, datetime.now(UTC))
    assert before is not None and before.natures == {}
    line = CatalogueMatter("pothole", "road", {"en": "Pothole"}, nature="component")
    with engine.begin() as connection:
        batch = take_in(connection, town, ListKind.CATALOGUE, [line], date(2020, 1, 1), "test", "natures").batch
    assert batch is not None
    put_into_force(engine, town, batch, checked=False)
    with engine.connect() as connection:
        after = in_force(connection, town, datetime.now(UTC))
    assert after is not None and after.natures == {"pothole": True}


def test_who_assists_by_the_list_assists_with_the_ticket(engine: Engine, town: City) -> None:
    rule_by(engine, town, Duty("hole", matter="pothole", unit="roads", assisting=("water", "roads")))
    (taken,) = take(engine, town, SOURCE, [make_report()])
    with engine.connect() as connection:
        assert [code for code, _ in beside.of(connection, taken.ticket_id or 0).assisting] == ["water"]


def test_a_line_that_nobody_can_follow_any_more_is_left_out(engine: Engine, town: City) -> None:
    gone = Duty("gone", matter="pothole", unit="dissolved")
    rule_by(engine, town, OWN, gone)
    (found,) = filed(engine, town)
    assert found["unit"] == "A1"


def test_any_way_of_cutting_the_input_sends_alike(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN, Duty("gone", matter="collapse", unit="roads"))
    places = [INSIDE, BORDER, UNOWNED, (114.05, 22.55)]
    reports = [
        make_report(f"R-{nth}", x=places[nth % 4][0], y=places[nth % 4][1], matter="Gone" if nth % 3 else "Hole")
        for nth in range(12)
    ]  # fmt: skip
    at_once = filed(engine, town, *reports)
    singly = [
        filed(engine, town, make_report(f"S-{nth}", x=one.x, y=one.y, matter=one.matter))[0]
        for nth, one in enumerate(reports)
    ]  # fmt: skip
    assert at_once == singly


def test_right_at_first_dispatch_is_counted_from_what_happened(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN, Duty("gone", matter="collapse", unit="roads"))
    reports = [
        make_report(f"R-{nth}", matter="Gone" if nth == 3 else "Hole", said_at=SAID + nth * timedelta(days=2))
        for nth in range(4)
    ]  # fmt: skip
    tickets = [one.ticket_id or 0 for one in take(engine, town, SOURCE, reports)]
    later = SAID + timedelta(days=10)
    with engine.begin() as connection:
        other = units.find(connection, town.id, "water").id
        reason = {"reason": "not ours", "proposal": "water"}
        make_moves(connection, town.id, [
            Moved(tickets[0], "sign", "unit", "unit:A1", later),
            Moved(tickets[1], "return", "dispatcher", "staff", later, reason),
            Moved(tickets[3], "dispute", "dispatcher", "staff", later, reason),
            Moved(tickets[3], "rule", "adjudicator", "staff", later, {"reason": "duty"}, unit_id=other),
        ])  # fmt: skip
    with engine.connect() as connection:
        found = {what: figures.of(connection, town, Figure.FIRST_DISPATCH, what) for what in figures.BY}
        some = figures.of(
            connection, town, Figure.FIRST_DISPATCH, "all", SAID + timedelta(days=1), SAID + timedelta(days=5)
        )
    counts = {what: {one.label: one.counts for one in shares} for what, shares in found.items()}
    assert counts == {
        "all": {"all": (1, 2, 1)},
        "unit": {"A1": (1, 1, 1), "roads": (0, 1, 0)},
        "matter": {"pothole": (1, 1, 1), "collapse": (0, 1, 0)},
        "area": {"A1": (1, 2, 1)},
        "week": {"2024-01-01": (1, 1, 0), "2024-01-08": (0, 1, 1)},
        "month": {"2024-01": (1, 2, 1)},
        "year": {"2024": (1, 2, 1)},
    }
    assert [one.counts for one in some] == [(0, 1, 1)]


def test_assign_answers_as_a_ticket_would_be_sent(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN, Duty("hole", matter="pothole", unit="roads", assisting=("water",), person="Li"))
    rule_by(engine, town, OWN, since=date(2024, 1, 4))
    asked = [Asked(*INSIDE, "pothole"), Asked(*BORDER, "pothole"), Asked(*INSIDE, "quarrel"), Asked(*INSIDE)]
    early, late = (datetime.fromisoformat(f"2024-01-{day}T12:00+08:00") for day in ("03", "05"))
    with engine.connect() as connection:
        connection.execute(text("UPDATE geoapp.layer_version SET loaded_at = '2019-01-01'"))
        before, after = (assign_many(connection, town, asked, when) for when in (early, late))
        never = assign_many(connection, town, asked, datetime(2019, 6, 1, tzinfo=UTC))
    hole = before[0].as_dict("en")
    assert hole["unit"] == {"layer": None, "code": "roads", "name": "roads", "version": None}
    assert hole["rule"] == "list" and hole["areas"] == never[0].as_dict("en")["areas"]
    told = hole["dispatch"]
    assert told.pop("border_m") > 1000 and told == {
        "list": "1", "line": "hole", "unit": {"code": "roads", "name": "roads"},
        "assisting": [{"code": "water", "name": "water"}], "runner_up": {"code": "A1", "name": "A1"},
        "runner_up_line": "road", "lost_by": "matter", "held": [],
        "across": None,
    }  # fmt: skip
    inside, border, quarrel, plain = (one.as_dict("en") for one in after)
    assert (inside["unit"]["code"], inside["dispatch"]["list"], inside["dispatch"]["held"]) == ("A1", "2", [])
    assert border["dispatch"]["held"] == ["border", "approximate"] and border["dispatch"]["border_m"] < 10
    assert border["dispatch"]["across"] == border["dispatch"]["runner_up"] == {"code": "A2", "name": "A2"}
    assert (quarrel["rule"], quarrel["unit"]["layer"]) == ("covers", "offices")
    assert (quarrel["dispatch"]["unit"], quarrel["dispatch"]["held"]) == (None, ["no_line"])
    # Without a matter, and where no list was in force, the answer is what it was before there were lists.
    for one in (plain, *(one.as_dict("en") for one in never)):
        assert list(one) == [
            "lon", "lat", "matter", "areas", "asset", "site", "unit", "rule", "evidence", "problem",
        ]  # fmt: skip
        assert (one["rule"], list(one["unit"])) == ("covers", ["layer", "code", "name", "version"])
    # One path: what a report said at that place becomes is what was answered.
    late_at = {"said_at": late}
    found = filed(engine, town, make_report("R-1", **late_at), make_report("R-2", x=BORDER[0], y=BORDER[1], **late_at))
    assert [(one["unit"] or one["codes"][-1]["proposal"], one["codes"][-1].get("held", [])) for one in found] == [
        (one["dispatch"]["unit"]["code"], one["dispatch"]["held"]) for one in (inside, border)
    ]  # fmt: skip


def listed(*duties: Duty) -> Listed:
    return Listed(repr(hash(duties)), duties)


def test_replay_says_which_tickets_would_go_elsewhere_by_another_list(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN)
    reports = [make_report(f"R-{nth}", matter="Gone" if nth < 2 else "Hole") for nth in range(5)]
    numbers = [one.number for one in take(engine, town, SOURCE, reports)]
    take(engine, town, SOURCE, [make_report("R-9", said_at=SAID - timedelta(days=900))])
    tie = (Duty("a", matter="pothole", unit="roads"), Duty("b", matter="pothole", unit="water"))
    after = listed(OWN, Duty("gone", matter="collapse", unit="roads"), *tie)
    with engine.connect() as connection:
        here = ground(connection, town)
        since = SAID - timedelta(days=365)
        by_list = replay(connection, town, World(listed(OWN), here), World(after, here), since)
        by_unit = replay(connection, town, World(None, here), World(after, here), since)
    told = by_list.as_dict()
    assert told == by_unit.as_dict()
    assert told == {
        "tickets": 5, "same": 0, "elsewhere": 2, "would_be_held": 3, "would_be_sent": 0, "held_by": {"tie": 3},
        "moves": [
            {"from": "A1", "to": "", "tickets": 3, "examples": numbers[2:]},
            {"from": "A1", "to": "roads", "tickets": 2, "examples": numbers[:2]},
        ],
    }  # fmt: skip


def test_replay_says_which_tickets_other_boundaries_would_send_elsewhere(engine: Engine, town: City) -> None:
    with engine.connect() as connection:
        before = ground(connection, town)
    rule_by(engine, town, OWN)
    places = {"R-1": (113.92, 22.55), "R-2": (113.97, 22.55), "R-3": (114.05, 22.55)}
    take(engine, town, SOURCE, [make_report(ref, x=x, y=y) for ref, (x, y) in places.items()])
    shapes = SQUARES | {"A1": box(113.9, 22.5, 113.95, 22.6), "A2": box(113.95, 22.5, 114.1, 22.6)}
    features = [Feature(code, {"en": code}, "synthetic", MultiPolygon([shape])) for code, shape in shapes.items()]
    with engine.begin() as connection:
        layers.load(connection, town, town.layer("offices"), layers.AREAS, features, {})
    with engine.connect() as connection:
        after = ground(connection, town)
        found = replay(
            connection, town, World(listed(OWN), before, False), World(listed(OWN), after, False),
        ).as_dict()  # fmt: skip
    assert (found["tickets"], found["same"], found["elsewhere"]) == (3, 2, 1)
    assert [(move["from"], move["to"], move["tickets"]) for move in found["moves"]] == [("A1", "A2", 1)]
