"""From a dispute to the list: rulings become the next batch, and what is reported afterwards goes where was ruled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from shapely import Point
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from geoapp.assign.duties import Duty
from geoapp.assign.ruled import Fate
from geoapp.assign.three_lists import BatchState, Line, ListKind
from geoapp.city import City, LayerSpec
from geoapp.intake import deeds
from geoapp.intake.dispatching import Listed
from geoapp.intake.lists import put_into_force, take_in, withdraw
from geoapp.intake.path import take
from geoapp.intake.replay import World, replay
from geoapp.intake.rulings import Gathered, gather
from geoapp.records import UnitKind
from geoapp.store import layers, lists, units
from geoapp.store.ground import ground
from geoapp.store.lists import Batch
from geoapp.tickets.acts import Deed
from geoapp.tickets.work import at_terminal
from layers.base import ASSETS, Feature
from tests.make import INSIDE, PACK, SOURCE, make_city, make_report

KIND = ListKind.RESPONSIBILITIES
FIRST = date(2020, 1, 1)
OWN = Duty("road", category="road", level="offices")
HOLE = Duty("hole", matter="pothole", unit="roads")
EAST = {"x": 114.05}


@pytest.fixture
def town(engine: Engine, city: City) -> City:
    """The small city with the units of its areas and two of its own."""
    with engine.begin() as connection:
        units.grow(connection, city)
        for code in ("roads", "water", "parks"):
            units.save(connection, city.id, code, {"en": code}, UnitKind.BUREAU)
    return city


def rule_by(engine: Engine, city: City, *duties: Duty, kind: ListKind = KIND, lines: tuple[Line, ...] = ()) -> None:
    with engine.begin() as connection:
        batch = take_in(connection, city, kind, lines or duties, FIRST, "test", "to try it").batch
    assert batch is not None
    put_into_force(engine, city, batch, checked=False)


def report(ref: str, **changes: Any) -> Any:
    """One said just now, by the city's clock."""
    return make_report(ref, said_at=datetime.now(UTC), **changes)


def filed(engine: Engine, city: City, ref: str, **changes: Any) -> dict[str, Any]:
    """A new report's ticket: number, state, unit, and what its last event says."""
    taken = take(engine, city, SOURCE, [report(ref, **changes)])[0]
    query = text(
        "SELECT t.number, t.state, u.code AS unit, (SELECT e.codes FROM geoapp.event e WHERE e.ticket_id = t.id "
        "ORDER BY e.id DESC LIMIT 1) AS codes FROM geoapp.ticket t LEFT JOIN geoapp.unit u ON u.id = t.unit_id "
        "WHERE t.id = :id"
    )
    with engine.connect() as connection:
        return dict(connection.execute(query, {"id": taken.ticket_id}).mappings().one())


def ruled(engine: Engine, city: City, ref: str, unit: str, *, scope: str = "area", **changes: Any) -> str:
    """A ticket that was disputed and ruled, the ruling being put down for the list; its number."""
    number: str = filed(engine, city, ref, **changes)["number"]
    act(engine, number, "dispatcher", "dispute", reason="not_ours", proposal=unit)
    act(engine, number, "adjudicator", "rule", unit=unit, reason="by_asset", note="路灯归其养护")
    act(engine, number, "adjudicator", "list_change", scope=scope)
    return number


def act(engine: Engine, number: str, who: str, move: str, **given: str) -> None:
    web = create_engine(engine.url.set(username="geoapp_web"), poolclass=NullPool)
    deeds.act(web, at_terminal("test", who), Deed(number, move, given))


def gathered(engine: Engine, city: City, **more: Any) -> Gathered:
    with engine.begin() as connection:
        return gather(connection, city, "shell:test", **more)


def draft_of(done: Gathered) -> Batch:
    assert done.drafted is not None and done.drafted.batch is not None
    return done.drafted.batch


def brought(engine: Engine, batch: Batch) -> tuple[dict[str, Any], list[str]]:
    with engine.connect() as connection:
        return lists.changes(connection, batch.id)


def test_from_a_dispute_to_the_first_dispatch_of_the_next_report(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN, HOLE)
    number = ruled(engine, town, "R-1", "water")
    batch = draft_of(gathered(engine, town))
    assert batch.reason == f"依裁决修订：工单 {number}（设施权属）" and batch.author == "shell:test"
    assert brought(engine, batch) == (
        {"ruling-1": {"code": "ruling-1", "matter": "pothole", "level": "offices", "area": "A1", "unit": "water"}}, [],
    )  # fmt: skip
    assert filed(engine, town, "R-2")["unit"] == "roads"
    with engine.connect() as connection:
        here, now = ground(connection, town), datetime.now(UTC)
        old, new = (Listed(name, lists.duties_with(connection, key)) for name, key in _versions(connection, town))
        found = replay(connection, town, World(old, here), World(new, here), now - timedelta(days=1))
    # Both tickets would go to whom it was ruled, the one that was disputed and the one that came since.
    assert found.elsewhere == {("roads", "water"): 2}
    put_into_force(engine, town, batch)
    sent = filed(engine, town, "R-3")
    assert (sent["state"], sent["unit"]) == ("to_sign", "water")
    assert (sent["codes"]["line"], sent["codes"]["list"]) == ("ruling-1", str(batch.number))
    # Elsewhere all is as it was.
    assert filed(engine, town, "R-4", **EAST)["unit"] == "roads"
    assert gathered(engine, town) == Gathered(None, ())


def _versions(connection: Connection, town: City) -> list[tuple[str, int]]:
    return [(str(one.number), one.id) for one in lists.batches(connection, town.id, KIND)]


def test_a_withdrawn_batch_gives_its_rulings_back(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN, HOLE)
    ruled(engine, town, "R-1", "water")
    first = draft_of(gathered(engine, town))
    assert gathered(engine, town) == Gathered(None, ())
    with engine.begin() as connection:
        withdraw(connection, town, KIND, first.number)
    second = draft_of(gathered(engine, town, reason="once more"))
    assert (second.number, second.reason) == (first.number + 1, "once more")
    assert brought(engine, second) == brought(engine, first)


@pytest.mark.parametrize(
    ("rival", "line", "replaced"),
    [
        # A line for the same place is replaced, one that goes before it by priority is gone beyond.
        (Duty("hole", matter="pothole", level="offices", area="A1", unit="roads"), {}, ["hole"]),
        (Duty("hole", matter="pothole", level="offices", area="A1", unit="roads", priority=5), {}, ["hole"]),
        (Duty("hole", category="road", level="offices", area="A1", unit="roads", priority=9), {}, []),
    ],
)
def test_the_ruling_goes_before_whatever_had_fired(
    engine: Engine, town: City, rival: Duty, line: dict[str, Any], replaced: list[str]
) -> None:
    rule_by(engine, town, OWN, rival)
    ruled(engine, town, "R-1", "water")
    done = gathered(engine, town)
    batch = draft_of(done)
    added, gone = brought(engine, batch)
    assert gone == replaced == list(done.taken[0].replaced)
    assert added["ruling-1"] == {
        "code": "ruling-1", "matter": "pothole", "level": "offices", "area": "A1", "unit": "water", **line,
    }  # fmt: skip
    put_into_force(engine, town, batch)
    assert filed(engine, town, "R-2")["unit"] == "water"


def test_a_ruling_for_the_whole_city_holds_everywhere(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN, Duty("a1", matter="pothole", level="offices", area="A1", unit="roads"),
            Duty("a2", matter="pothole", unit="parks"))  # fmt: skip
    ruled(engine, town, "R-1", "water", scope="city")
    batch = draft_of(gathered(engine, town))
    # The line of the place goes, since it would go before; and so does the other, which asked for the same.
    assert brought(engine, batch) == (
        {"ruling-1": {"code": "ruling-1", "matter": "pothole", "unit": "water"}}, ["a1", "a2"],
    )  # fmt: skip
    put_into_force(engine, town, batch)
    assert {filed(engine, town, ref, **where)["unit"] for ref, where in (("R-2", {}), ("R-3", EAST))} == {"water"}


LAMPS = LayerSpec("lamps", "assets", "-", "code", {"zh": "name"}, {"zh": "路灯"}, reach_m=30.0, matters=("pothole",))


def test_a_ruling_on_a_thing_asks_for_the_thing(engine: Engine) -> None:
    town = make_city(engine, layers=(*PACK.layers, LAMPS))
    lamp = Feature("P1", {"zh": "灯"}, "synthetic", Point(*INSIDE), classed="lamp")
    with engine.begin() as connection:
        layers.load(connection, town, LAMPS, ASSETS, [lamp], {})
        for code in ("roads", "water"):
            units.save(connection, town.id, code, {"en": code}, UnitKind.BUREAU)
    rule_by(engine, town, Duty("rest", unit="roads"), Duty("l", matter="pothole", asset_class="lamp", unit="roads"))
    assert filed(engine, town, "R-0")["codes"]["line"] == "l"
    ruled(engine, town, "R-1", "water")
    batch = draft_of(gathered(engine, town))
    added, gone = brought(engine, batch)
    # Of a thing whose it is goes before where it lies: without asking for the lamp the line would never answer.
    assert (added["ruling-1"]["asset_class"], added["ruling-1"]["area"], gone) == ("lamp", "A1", [])
    put_into_force(engine, town, batch)
    assert filed(engine, town, "R-2")["unit"] == "water"


def test_of_two_rulings_on_the_same_the_later_holds(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN, HOLE)
    ruled(engine, town, "R-1", "water")
    ruled(engine, town, "R-2", "parks")
    done = gathered(engine, town)
    assert [(one.fate, one.replaced) for one in done.taken] == [(Fate.DRAWN, ()), (Fate.DRAWN, ("ruling-1",))]
    assert list(brought(engine, draft_of(done))[0]) == ["ruling-2"]


def test_what_the_list_says_already_needs_no_line(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN, HOLE)
    ruled(engine, town, "R-1", "water")
    rule_by(engine, town, OWN, Duty("hole", matter="pothole", unit="water"))
    done = gathered(engine, town)
    assert done.drafted is None and [one.fate for one in done.taken] == [Fate.SAYS_SO]
    assert gathered(engine, town) == Gathered(None, ())


def test_what_cannot_be_a_line_stays_open(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN, HOLE)
    ruled(engine, town, "R-1", "water")
    with engine.begin() as connection:
        units.save(connection, town.id, "water", {"en": "water"}, UnitKind.BUREAU, active=False)
    assert [one.fate for one in gathered(engine, town).taken] == [Fate.NO_UNIT]
    with engine.begin() as connection:
        units.save(connection, town.id, "water", {"en": "water"}, UnitKind.BUREAU)
        connection.execute(text("UPDATE geoapp.matter SET retired_at = now() WHERE code = 'pothole'"))
    assert [one.fate for one in gathered(engine, town).taken] == [Fate.RETIRED]
    with engine.begin() as connection:
        connection.execute(text("UPDATE geoapp.matter SET retired_at = NULL"))
    assert draft_of(gathered(engine, town)).state is BatchState.DRAFT


def test_a_batch_that_is_to_come_is_what_rulings_are_added_to(engine: Engine, town: City) -> None:
    rule_by(engine, town, OWN, HOLE)
    day = datetime.now(town.zone).date() + timedelta(days=9)
    with engine.begin() as connection:
        take_in(connection, town, KIND, [OWN, HOLE, Duty("x", matter="collapse", unit="parks")], day, "test", "to come")
    ruled(engine, town, "R-1", "water")
    batch = draft_of(gathered(engine, town))
    assert batch.in_force_from.astimezone(town.zone).date() == day and list(brought(engine, batch)[0]) == ["ruling-1"]
