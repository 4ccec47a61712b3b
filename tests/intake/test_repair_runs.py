"""Repairs of maintenance systems: each at its place, each content once, what changes is kept, whatever interrupts."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from geoapp.city import City, LayerSpec
from geoapp.cli import main
from geoapp.intake import repairs
from geoapp.intake.maintenance import Records, recorded
from geoapp.intake.path import take
from geoapp.intake.repairs import Done
from geoapp.store import layers, runs
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.queries.repairs import DONE, PLANNED, WORKS, Repair, at_site
from importers.base import Maintenance, Row, RowError
from layers.base import Feature
from tests.intake import test_kill as kill
from tests.make import INSIDE, PACK, SAID, SOURCE, make_city, make_report

SYSTEM = "repairs.upkeep"
DAY = timedelta(days=1)
NAMES = {"zh": "name"}
BRIDGES = LayerSpec("bridges", "assets", "bridges.csv", "code", NAMES, {"zh": "天桥"}, reach_m=30, matters=("pothole",))
LAMPS = LayerSpec("lamps", "assets", "lamps.csv", "code", NAMES, {"zh": "路灯"}, reach_m=5)
EAST = (114.05, 22.55)

# Each example is a city of its own in the test's database. Nothing is shrunk: that takes minutes.
QUICKLY = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


def built(engine: Engine) -> City:
    """The small city with two footbridges and a lamp."""
    city = make_city(engine, layers=(*PACK.layers, BRIDGES, LAMPS))
    with engine.begin() as connection:
        for spec, codes in ((BRIDGES, {"FB-1": INSIDE, "天桥-2": EAST}), (LAMPS, {"FB-1": EAST})):
            features = [
                Feature(code, {"zh": code}, "synthetic", shapely.Point(at), classed=spec.name)
                for code, at in codes.items()
            ]
            layers.load(connection, city, spec, "assets", features, {})
    return city


@pytest.fixture
def city(engine: Engine) -> City:
    return built(engine)


def repair(ref: str = "WX-1", **changes: Any) -> Maintenance:
    """A repair of the first footbridge, with whatever is to be different."""
    usual: dict[str, Any] = {
        "asset": "FB-1", "asset_layer": "bridges", "planned_at": SAID, "promised_at": SAID + 30 * DAY, "unit": "C-07",
        "unit_name": "示例市政", "note": "更换台阶",
    }  # fmt: skip
    return Maintenance(ref, **(usual | changes))


def told(
    engine: Engine, city: City, *some: Maintenance, size: int = 1000, serial: Sequence[int] | None = None
) -> list[str]:
    """Take repairs in, in batches of a size; what became of each. serial is what else stands in their rows."""
    with engine.begin() as connection:
        run_id = runs.begin(connection, city.id, SYSTEM, ["a.csv"], {})
    done: list[str] = []
    said = [
        recorded(one, Row(2, {"all": repr(one), "serial": str(nth)}))
        for one, nth in zip(some, serial or [0] * len(some), strict=True)
    ]
    for start in range(0, len(some), size):
        done += wrote(engine, city, Records("a.csv", said[start : start + size]), run_id).status
    return done


def wrote(engine: Engine, city: City, records: Records, run_id: int) -> Done:
    return repairs.write(engine, repairs.prepare(engine, city, SYSTEM, records), run_id)


_REPAIRS = """
    SELECT r.source, r.ref, s.kind, s.key, k.number IS NOT NULL AS named, r.placed_by, u.code, r.planned_at,
           r.started_at, r.promised_at, r.ended_at, r.hoarding, r.traffic_plan, r.liability_until, r.as_of,
           (SELECT array_agg(a.code ORDER BY nth) FROM unnest(r.assisting) WITH ORDINALITY w(id, nth)
             JOIN geoapp.unit a ON a.id = w.id) AS assisting
    FROM geoapp.repair r JOIN geoapp.site s ON s.id = r.site_id LEFT JOIN geoapp.ticket k ON k.id = r.ticket_id
    LEFT JOIN geoapp.unit u ON u.id = r.unit_id WHERE r.city_id = :city ORDER BY r.ref"""
_HISTORY = """
    SELECT r.ref, row_number() OVER (PARTITION BY r.id ORDER BY e.id) AS step, e.name, e.hash::text, e.actor,
           e.codes->'changed' AS changed, e.codes->>'promised_at' AS promised, n.body, n.address
    FROM geoapp.repair_event e JOIN geoapp.repair r ON r.id = e.repair_id
    LEFT JOIN geoapp.repair_note n ON n.event_id = e.id WHERE r.city_id = :city ORDER BY 1, 2"""
_ASIDE = """
    SELECT source, file, line, reason, detail, fields::text, occurrence, settled_at IS NOT NULL AS settled
    FROM private.rejected WHERE city_id = :city ORDER BY hash, occurrence"""


def kept(engine: Engine, city: City) -> dict[str, list[tuple[Any, ...]]]:
    """What a city holds of repairs, comparable across cities: no surrogate keys."""
    queries = {"repairs": _REPAIRS, "history": _HISTORY, "aside": _ASIDE}
    with engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(text(query), {"city": city.id})]
            for name, query in queries.items()
        }


def only(engine: Engine) -> Any:
    with engine.connect() as connection:
        query = "SELECT r.*, s.kind, s.key FROM geoapp.repair r JOIN geoapp.site s ON s.id = r.site_id"
        return connection.execute(text(query)).mappings().one()


def value(engine: Engine, query: str, **values: object) -> Any:
    with engine.connect() as connection:
        return connection.execute(text(query), values).scalar_one()


# Where it is


def test_a_repair_that_names_a_ticket_is_at_its_site_and_does_not_move_it(engine: Engine, city: City) -> None:
    (ticket,) = take(engine, city, SOURCE, [make_report(x=EAST[0], y=EAST[1])])
    before = value(engine, "SELECT string_agg(e::text, ';') FROM geoapp.event e")
    assert told(engine, city, repair(ticket=ticket.number, started_at=SAID, ended_at=SAID + DAY)) == ["opened"]
    found = only(engine)
    assert (found["ticket_id"], found["placed_by"]) == (ticket.ticket_id, "ticket")
    assert found["site_id"] == value(engine, "SELECT site_id FROM geoapp.ticket")
    assert value(engine, "SELECT string_agg(e::text, ';') FROM geoapp.event e") == before
    assert value(engine, "SELECT state FROM geoapp.ticket") == "registered"


def test_a_repair_of_an_asset_is_at_the_site_of_what_is_reported_there(engine: Engine, city: City) -> None:
    assert told(engine, city, repair()) == ["opened"]
    found = only(engine)
    assert (found["kind"], found["key"], found["placed_by"], found["ticket_id"]) == (
        "asset",
        "bridges:FB-1",
        "asset",
        None,
    )
    take(engine, city, SOURCE, [make_report()])
    assert value(engine, "SELECT site_id FROM geoapp.ticket") == found["site_id"]


@pytest.mark.parametrize(
    ("asset", "layer", "key"),
    [("FB-1", "", "bridges:FB-1"), ("FB-1", "lamps", "lamps:FB-1"), ("天桥-2", "", "bridges:天桥-2")],
)
def test_a_code_that_several_layers_know_is_the_named_ones_else_the_first_ones(
    engine: Engine, city: City, asset: str, layer: str, key: str
) -> None:
    told(engine, city, repair(asset=asset, asset_layer=layer))
    assert only(engine)["key"] == key


def test_a_repair_with_coordinates_is_at_the_spot_of_what_is_reported_there(engine: Engine, city: City) -> None:
    x, y = INSIDE[0] + 0.02, INSIDE[1]
    told(engine, city, repair(asset="", x=x, y=y))
    take(engine, city, SOURCE, [make_report(x=x, y=y)])
    assert (only(engine)["placed_by"], only(engine)["kind"]) == ("coordinates", "spot")
    assert value(engine, "SELECT site_id FROM geoapp.ticket") == only(engine)["site_id"]


def test_a_repair_with_coordinates_beside_a_road_is_at_the_stretch_of_what_is_reported_there(engine: Engine) -> None:
    roads = LayerSpec("roads", "roads", "roads.csv", "code", NAMES, {"zh": "道路"}, reach_m=30)
    city = make_city(engine, layers=(*PACK.layers, roads))
    road = Feature("R1", {"zh": "示例路"}, "synthetic", shapely.LineString([INSIDE, (INSIDE[0] + 0.02, INSIDE[1])]))
    with engine.begin() as connection:
        layers.load(connection, city, roads, "roads", [road], {})
    x, y = INSIDE[0] + 0.01, INSIDE[1] + 0.0001
    told(engine, city, repair(asset="", x=x, y=y))
    take(engine, city, SOURCE, [make_report(x=x, y=y, category="", matter="")])
    assert (only(engine)["placed_by"], only(engine)["kind"]) == ("coordinates", "stretch")
    assert value(engine, "SELECT site_id FROM geoapp.ticket") == only(engine)["site_id"]


def test_a_ticket_tells_more_than_an_asset_and_an_asset_more_than_coordinates(engine: Engine, city: City) -> None:
    (ticket,) = take(engine, city, SOURCE, [make_report(x=EAST[0], y=EAST[1])])
    everything = repair(ticket=ticket.number, x=113.99, y=22.51)
    without = [everything, replace(everything, ticket="SZ-9"), replace(everything, ticket="", asset="FB-9")]
    told(engine, city, *(replace(one, ref=str(at)) for at, one in enumerate(without)))
    assert [row[5] for row in kept(engine, city)["repairs"]] == ["ticket", "asset", "coordinates"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"asset": ""}, "missing"),
        ({"asset": "", "address": "示例路1号"}, "missing"),
        ({"asset": "FB-9"}, "unknown_asset"),
        ({"asset_layer": "tunnels"}, "unknown_asset"),
        ({"ticket": "SZ-9", "asset": ""}, "unknown_ticket"),
        ({"asset": "", "x": 2.35, "y": 48.85}, "outside"),
        ({"asset": "", "x": 22.55, "y": 113.95}, "swapped"),
        ({"asset": "", "x": 113.95, "y": 22.55, "crs": "EPSG:5773"}, "bad_crs"),
        ({"asset": "", "x": 113.95, "y": float("nan")}, "not_finite"),
    ],
)
def test_a_repair_without_a_place_is_put_aside_with_its_reason(
    engine: Engine, city: City, change: dict[str, Any], problem: str
) -> None:
    assert told(engine, city, repair(**change)) == ["unplaced"]
    found = kept(engine, city)
    assert found["repairs"] == [] and [(row[3], row[4].partition(":")[0]) for row in found["aside"]] == [
        ("no_place", problem)
    ]


def test_a_ticket_of_another_city_is_none_of_this_ones(engine: Engine, city: City) -> None:
    (ticket,) = take(engine, make_city(engine), SOURCE, [make_report()])
    assert told(engine, city, repair(ticket=ticket.number, asset="")) == ["unplaced"]


# What comes again


def test_the_same_content_again_is_seen_and_changes_nothing(engine: Engine, city: City) -> None:
    some = [repair(str(at % 7), note=f"第 {at} 次", hoarding=at % 2 == 0) for at in range(20)]
    first = told(engine, city, *some, *some[:3])
    before = kept(engine, city)
    assert first == ["opened"] * 7 + ["updated"] * 13 + ["seen"] * 3
    assert told(engine, city, *some) == ["seen"] * 20 and kept(engine, city) == before


def test_new_content_changes_the_repair_and_what_it_was_is_kept(engine: Engine, city: City) -> None:
    told(engine, city, repair(assisting=("交警",)))
    later = repair(started_at=SAID + DAY, promised_at=SAID + 40 * DAY, assisting=("交警", "水务"), hoarding=True)
    assert told(engine, city, later) == ["updated"]
    found = kept(engine, city)
    assert found["repairs"][0][8:] == (
        SAID + DAY, SAID + 40 * DAY, None, True, False, None, None, ["交警", "水务"],
    )  # fmt: skip
    (_, _, name, _, actor, nothing, promised, _, _), (*_, again, _, _, changed, _, _, _) = found["history"]
    assert (name, actor, nothing, again) == ("record", f"source:{SYSTEM}", None, "change")
    assert datetime.fromisoformat(promised) == SAID + 30 * DAY
    assert changed == ["assisting", "started_at", "promised_at", "hoarding"]
    assert value(engine, "SELECT changed_at > recorded_at FROM geoapp.repair")


def test_an_old_file_read_again_undoes_nothing(engine: Engine, city: City) -> None:
    told(engine, city, repair(), repair(promised_at=SAID + 40 * DAY))
    assert told(engine, city, repair()) == ["seen"]
    assert only(engine)["promised_at"] == SAID + 40 * DAY


def test_what_is_changed_and_changed_back_is_told_by_when_it_was(engine: Engine, city: City) -> None:
    told(engine, city, repair(as_of=SAID), repair(hoarding=True, as_of=SAID + DAY), repair(as_of=SAID + 2 * DAY))
    assert (only(engine)["hoarding"], only(engine)["as_of"]) == (False, SAID + 2 * DAY)


def test_older_news_is_kept_and_changes_nothing(engine: Engine, city: City) -> None:
    told(engine, city, repair(hoarding=True, note="新", as_of=SAID + DAY))
    assert told(engine, city, repair(note="旧", as_of=SAID)) == ["updated"]
    assert (only(engine)["hoarding"], only(engine)["as_of"]) == (True, SAID + DAY)
    assert [row[2] for row in kept(engine, city)["history"]] == ["record", "outdated"]
    assert [one.note for one in shown(engine)] == ["新"]


def test_a_later_record_that_no_longer_says_where_keeps_the_place(engine: Engine, city: City) -> None:
    told(engine, city, repair())
    assert told(engine, city, repair(asset="", ended_at=SAID + DAY), repair(asset="FB-9")) == ["updated", "updated"]
    assert (only(engine)["key"], kept(engine, city)["aside"]) == ("bridges:FB-1", [])


def test_a_record_that_says_another_place_moves_it(engine: Engine, city: City) -> None:
    told(engine, city, repair(), repair(asset="天桥-2"))
    assert only(engine)["key"] == "bridges:天桥-2"


def test_one_reference_in_two_cities_is_two_repairs(engine: Engine, city: City) -> None:
    other = built(engine)
    assert told(engine, city, repair()) == told(engine, other, repair()) == ["opened"]


RECORDS = st.lists(
    st.builds(
        repair,
        st.sampled_from(["1", "2", "3"]),
        asset=st.sampled_from(["FB-1", "FB-9", ""]),
        hoarding=st.booleans(),
        as_of=st.none() | st.sampled_from([SAID, SAID + DAY]),
    ),
    max_size=12,
)


@QUICKLY
@given(RECORDS, st.integers(1, 5), st.randoms(use_true_random=False))
def test_any_way_of_cutting_the_input_into_batches_gives_the_same_and_to_import_twice_is_to_import_once(
    engine: Engine, some: list[Maintenance], size: int, dice: random.Random
) -> None:
    whole, cut = built(engine), built(engine)
    serial = [dice.randrange(2) for _ in some]
    first = told(engine, whole, *some, serial=serial)
    assert told(engine, cut, *some, serial=serial, size=size) == first
    once = kept(engine, whole)
    assert kept(engine, cut) == once
    assert {*told(engine, whole, *some, serial=serial), *told(engine, cut, *some, serial=serial, size=size)} <= {
        "seen",
        "unplaced",
    }
    assert kept(engine, whole) == kept(engine, cut) == once


def test_what_was_put_aside_before_its_repair_was_known_undoes_nothing(
    engine: Engine, city: City, importing: Importing
) -> None:
    rows = [GOOD | {"设施": "FB-9", "围挡": "是"}, GOOD]
    file = importing.file(*rows)
    assert (importing.tally(file)["unplaced"], only(engine)["hoarding"]) == (1, False)
    assert importing.tally(file)["unplaced"] == 1 and not only(engine)["hoarding"]
    tally = importing.tally("--again")
    assert (tally["updated"], only(engine)["hoarding"]) == (1, False)
    assert [row[2] for row in kept(engine, city)["history"]] == ["record", "outdated"]
    assert importing.tally("--again")["read"] == 0 and importing.tally(file)["seen_before"] == 2


def test_rows_put_aside_together_are_taken_up_in_their_order(importing: Importing, engine: Engine) -> None:
    number = take(engine, importing.city, "other", [make_report("0")])[0].number or ""
    head, serial, _ = number.rsplit("-", 2)
    following = [f"{head}-{int(serial) + 1:0{len(serial)}}-{check}" for check in range(10)]
    names = [{"编号": one, "工单": one, "计划": "2024-01-04"} for one in following]
    importing.tally(importing.file(*(row | {"内容": words} for words in ("早", "晚") for row in names)))
    take(engine, importing.city, SOURCE, [make_report("1")])
    tally = importing.tally("--again")
    assert (tally["opened"], tally["updated"], [one.note for one in shown(engine)]) == (1, 1, ["晚"])


# What is kept of it


def test_its_history_refuses_to_be_changed(engine: Engine, city: City, database: Server) -> None:
    told(engine, city, repair())
    superuser = create_engine(database.url(SUPERUSER))
    for statement in (
        "UPDATE geoapp.repair_event SET name = 'change'",
        "DELETE FROM geoapp.repair_event",
        "TRUNCATE geoapp.repair_event CASCADE",
    ):
        with pytest.raises(DBAPIError, match="append-only"), superuser.begin() as connection:
            connection.execute(text(statement))
    superuser.dispose()


def test_words_are_redacted_and_can_be_erased(engine: Engine, city: City) -> None:
    told(engine, city, repair(note="找张师傅13800000000", address="示例路1号 13900000000", unit_name="王五13700000000"))
    assert value(engine, "SELECT body || address FROM geoapp.repair_note") == "找张师傅▇▇▇示例路1号 ▇▇▇"
    assert "137" not in value(engine, "SELECT string_agg(names::text, '') FROM geoapp.unit")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM geoapp.repair_note"))
    assert [(one.note, one.address) for one in shown(engine)] == [("", "")]


def test_two_repairs_that_differ_in_what_was_redacted_are_two_contents(engine: Engine, city: City) -> None:
    assert told(engine, city, repair(note="13800000000"), repair(note="13900000000")) == ["opened", "updated"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ref": "x" * 501}, "too_long"),
        ({"ref": "\0\u202e"}, "no_ref"),
        ({"unit": "x" * 201}, "too_long"),
        ({"asset": "x" * 201}, "too_long"),
        ({"assisting": tuple(map(str, range(51)))}, "too_long"),
    ],
)
def test_what_could_only_be_kept_cut_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(RowError) as caught:
        recorded(replace(repair(), **change), Row(2, {}))
    assert caught.value.reason == code


def test_every_field_but_the_reference_is_part_of_the_content() -> None:
    other: dict[str, Any] = {
        "ticket": "x", "asset": "x", "asset_layer": "x", "x": 1.0, "y": 1.0, "crs": "BD-09", "address": "x",
        "planned_at": SAID + DAY, "started_at": SAID, "promised_at": SAID, "ended_at": SAID, "unit": "x",
        "unit_name": "x", "assisting": ("x",), "hoarding": True, "traffic_plan": True,
        "liability_until": date(2026, 1, 1), "note": "x", "as_of": SAID,
    }  # fmt: skip
    hashes = {recorded(replace(repair(), **{name: changed}), Row(2, {})).hash for name, changed in other.items()}
    assert len(hashes | {recorded(repair(), Row(2, {})).hash}) == len(other) + 1
    assert recorded(repair("other"), Row(2, {})).hash == recorded(repair(), Row(2, {})).hash


# What is shown of it


def shown(engine: Engine) -> list[Repair]:
    with engine.connect() as connection:
        site = connection.execute(text("SELECT DISTINCT site_id FROM geoapp.repair")).scalar_one()
        return at_site(connection, site)


def test_the_repairs_of_a_site_come_latest_first_with_all_the_public_may_know(engine: Engine, city: City) -> None:
    told(
        engine, city, repair("old", started_at=SAID - 99 * DAY, ended_at=SAID - 98 * DAY),
        repair("new", started_at=SAID, hoarding=True, traffic_plan=True, assisting=("交警", "水务"),
               liability_until=date(2026, 1, 18), address="示例天桥"),
        repair("next", planned_at=SAID + DAY),
    )  # fmt: skip
    planned, works, done = shown(engine)
    now = SAID + timedelta(hours=1)
    assert [one.stage(now) for one in (planned, works, done)] == [PLANNED, WORKS, DONE]
    assert [one.late(SAID + 31 * DAY) for one in (planned, works, done)] == [True, True, False]
    assert not works.late(now)
    assert works.unit is not None and (works.unit.code, works.unit.names) == ("C-07", {"en": "示例市政"})
    assert [unit.code for unit in works.assisting] == ["交警", "水务"]
    assert (works.hoarding, works.traffic_plan, works.liability_until) == (True, True, date(2026, 1, 18))
    assert (works.note, works.address, works.ticket) == ("更换台阶", "示例天桥", None)


def test_a_repair_of_a_ticket_is_told_only_if_the_ticket_is_public(engine: Engine, city: City) -> None:
    public, hidden = take(engine, city, SOURCE, [make_report("1"), make_report("2", public=False)])
    told(engine, city, repair("1", ticket=public.number), repair("2", ticket=hidden.number))
    assert [one.ticket for one in shown(engine)] == [public.number]


def test_the_web_reads_repairs_and_writes_none(engine: Engine, city: City, database: Server) -> None:
    told(engine, city, repair())
    web = create_engine(database.url("geoapp_web"))
    assert len(shown(web)) == 1
    for table in ("repair_event", "repair_note"):
        with pytest.raises(DBAPIError, match="permission denied"), web.begin() as connection:
            connection.execute(text(f"DELETE FROM geoapp.{table}"))
    web.dispose()


# The command

MAPPING = """
source = "upkeep"
time_zone = "Asia/Shanghai"
[columns]
ref = "编号"
ticket = "工单"
asset = "设施"
x = "经度"
y = "纬度"
planned_at = "计划"
started_at = "开工"
ended_at = "完工"
hoarding = "围挡"
note = "内容"
as_of = "更新"
"""
HEADER = ["编号", "工单", "设施", "经度", "纬度", "计划", "开工", "完工", "围挡", "内容", "更新"]


class Importing:
    """The command, run in this process on the test's database."""

    def __init__(self, folder: Path, city: City, database: Server) -> None:
        self.folder, self.city = folder, city
        self._environ = {"GEOAPP_DATABASE_URL": database.url(SUPERUSER), "GEOAPP_DATA_DIR": str(folder / "data")}
        self.mapping = folder / "mapping.toml"
        self.mapping.write_text(MAPPING)

    def __call__(self, *arguments: object) -> Any:
        command = ["import", "repairs", *map(str, arguments), "--mapping", str(self.mapping), "--city", self.city.code]
        result = CliRunner().invoke(main, command, env=self._environ)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def tally(self, *arguments: object) -> dict[str, Any]:
        result = self(*arguments, "--json")
        assert result.exit_code == 0, result.output
        found = json.loads(result.stdout)
        counts = [found[name] for name in ("opened", "updated", "seen_before", "unplaced")]
        assert sum(counts) + sum(found["rejected"].values()) == found["read"]
        return found  # type: ignore[no-any-return]

    def file(self, *rows: dict[str, str], header: Sequence[str] = HEADER) -> Path:
        path = self.folder / "a.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            out = csv.DictWriter(file, header, restval="")
            out.writeheader()
            out.writerows(rows)
        return path


@pytest.fixture
def importing(tmp_path: Path, city: City, database: Server) -> Importing:
    return Importing(tmp_path, city, database)


GOOD = {"编号": "1", "设施": "FB-1", "计划": "2024-01-04"}


def test_a_file_of_repairs_is_taken_in_once_however_often_it_is_imported(importing: Importing, engine: Engine) -> None:
    file = importing.file(
        GOOD, GOOD | {"编号": "2", "设施": "FB-9"}, GOOD | {"编号": "3", "开工": "昨天"}, GOOD | {"围挡": "是"},
        GOOD | {"编号": "4", "开工": "2024-01-05", "完工": "2024-01-04"},
    )  # fmt: skip
    tally = importing.tally(file)
    assert (tally["read"], tally["opened"], tally["updated"]) == (5, 1, 1)
    assert (tally["unplaced"], tally["unplaced_by"]) == (1, {"unknown_asset": 1})
    assert tally["rejected"] == {"bad_date": 1, "ended_before_started": 1}
    before = kept(engine, importing.city)
    assert [row[3] for row in before["aside"]].count("no_place") == 1 and len(before["aside"]) == 3
    again = importing.tally(file)
    assert (again["opened"], again["updated"], again["seen_before"]) == (0, 0, 2)
    assert kept(engine, importing.city) == before


def test_a_column_nobody_reads_is_reported_and_the_tally_speaks_of_repairs(importing: Importing) -> None:
    result = importing(importing.file(GOOD, header=[*HEADER, "造价"]))
    assert "1  new repairs" in result.output and "造价" in result.output and "ticket" not in result.output


def test_what_had_no_place_finds_it_once_its_ticket_is_there(importing: Importing, engine: Engine) -> None:
    number = take(engine, importing.city, "other", [make_report("0")])[0].number or ""
    head, serial, _ = number.rsplit("-", 2)
    following = [f"{head}-{int(serial) + 1:0{len(serial)}}-{check}" for check in range(10)]
    importing.tally(importing.file(*({"编号": one, "工单": one, "计划": "2024-01-04"} for one in following)))
    opened = take(engine, importing.city, SOURCE, [make_report("1")])[0].number
    assert opened in following
    tally = importing.tally("--again")
    assert (tally["read"], tally["opened"], tally["unplaced"]) == (10, 1, 9)
    assert sum(row[-1] for row in kept(engine, importing.city)["aside"]) == 1
    before = kept(engine, importing.city)
    again = importing.tally("--again")
    assert (again["read"], again["opened"]) == (9, 0) and kept(engine, importing.city) == before


def test_rejected_rows_become_repairs_once_the_mapping_knows_their_words(importing: Importing, engine: Engine) -> None:
    file = importing.file(GOOD | {"围挡": "有"})
    assert importing.tally(file)["rejected"] == {"bad_word": 1}
    importing.mapping.write_text('yes = ["有"]\n' + MAPPING)
    assert importing.tally("--again")["opened"] == 1
    assert importing.tally(file)["seen_before"] == 1 and [row[-1] for row in kept(engine, importing.city)["aside"]] == [
        True
    ]


def test_reports_and_repairs_of_one_name_keep_their_rejected_rows_apart(importing: Importing, engine: Engine) -> None:
    importing.tally(importing.file(GOOD | {"围挡": "有"}))
    assert {row[0] for row in kept(engine, importing.city)["aside"]} == {"repairs.upkeep"}


def test_killed_at_any_moment_and_started_again_it_ends_the_same(
    database: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kill, "COMMITTED", kill.COMMITTED + " + (SELECT count(*) FROM geoapp.repair_event)")
    dice = random.Random(1)
    path, mapping = tmp_path / "a.csv", tmp_path / "m.toml"
    mapping.write_text(MAPPING)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for _ in range(800):
            where = dice.choice([["FB-1", "", ""], ["FB-9", "", ""], ["", f"{dice.uniform(113.9, 114):.5f}", "22.55"]])
            when = "无" if dice.random() < 0.05 else f"2024-01-{dice.randint(1, 28):02}"
            yes = dice.choice(["是", "否"])
            out.writerow([dice.randint(1, 500), "", *where, when, "", "", yes, "换台阶", ""])
    arguments = ["repairs", str(path), "--mapping", str(mapping)]
    engine = create_engine(database.url(SUPERUSER))
    calm, city = built(engine), built(engine)
    tally = kill.finished(database, calm, arguments)
    assert tally["opened"] and tally["updated"] and tally["unplaced"] and tally["rejected"] == {"bad_date": 39}
    kills = sum(kill.killed_after(database, city, arguments, dice.randrange(1, 200), dice) for _ in range(3))
    assert kills, "it was too quick to be killed"
    assert kill.finished(database, city, arguments)["read"] == 800
    assert kept(engine, city) == kept(engine, calm)
    engine.dispose()
