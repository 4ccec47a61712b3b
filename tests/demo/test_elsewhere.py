"""Tickets planted on the layers of a loaded city: along its roads, under numbers of their own, marked on every page."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from geoapp.city import City, LayerSpec, MatterSpec
from geoapp.demo import town
from geoapp.errors import UnknownCity
from geoapp.intake.path import take
from geoapp.store import catalogue, cities, layers
from geoapp.store.cluster import Server
from geoapp.tickets.numbers import synthetic
from importers.base import Report
from layers.base import Feature

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
NAMED = {"zh": "zh"}


@pytest.fixture
def engine(database: Server) -> Iterator[Engine]:
    engine = create_engine(database.url("geoapp_bulk"), poolclass=NullPool)
    yield engine
    engine.dispose()


def _box(west: float) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([shapely.box(west, 22.5, west + 0.02, 22.53)])


@pytest.fixture
def real(engine: Engine) -> City:
    """A town of two street offices and five roads that somebody has loaded."""
    pack = City(
        code="yantang", prefix="YT", names={"zh": "盐塘", "en": "Yantang"}, time_zone="Asia/Shanghai",
        metric_crs="EPSG:4547", languages=("zh", "en"), datum="WGS-84", outside_m=300.0, attribution="", licence="",
        responsible="street_offices", calendar="CN",
        layers=(
            LayerSpec("street_offices", "street_offices", "-", "code", NAMED, {"zh": "街道"}),
            LayerSpec("roads", "roads", "-", "code", NAMED, {"zh": "道路"}, reach_m=25.0),
        ),
        categories={"road": {"zh": "道路", "en": "Roads"}},
        matters=(
            MatterSpec("road", "pothole", {"zh": "路面坑洼", "en": "Pothole"}, ("坑洼",)),
            MatterSpec("road", "lamp", {"zh": "路灯不亮", "en": "Lamp out"}, ("路灯",)),
        ),
    )  # fmt: skip
    boxes = [
        Feature(f"S{at}", {"zh": f"第{at}街道"}, "official", _box(x))
        for at, x in ((1, 114.0), (2, 114.02))
    ]  # fmt: skip
    lines = [
        Feature(f"R{at}", {"zh": f"第{at}路"}, "official", shapely.LineString([(114.001, y), (114.039, y)]), "road")
        for at, y in enumerate((22.503, 22.509, 22.515, 22.521, 22.527), 1)
    ]
    with engine.begin() as connection:
        city = cities.save_city(connection, pack)
    catalogue.save_catalogue(engine, city)
    for name, role, features in (("street_offices", "areas", boxes), ("roads", "roads", lines)):
        with engine.begin() as connection:
            layers.load(connection, city, city.layer(name), role, features, {})
    return city


def test_tickets_are_planted_along_the_roads_and_bear_numbers_of_their_own(
    engine: Engine, real: City, tmp_path: Path
) -> None:
    mine = Report(ref="1", said_at=NOW, body="路面坑洼", category="road", matter="pothole", x=114.01, y=22.503)
    taken = take(engine, real, "web", [mine])[0]
    planted = town.load_on(engine, real.code, 400, 1, NOW)
    assert planted.reports.opened == 400 and planted.moves == 7 and planted.repairs.opened > 50
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT k.number, k.source, s.key, s.kind FROM geoapp.ticket k JOIN geoapp.site s ON s.id = k.site_id")
        ).all()
        stored = cities.city(connection, real.code)
        units = connection.execute(text("SELECT code FROM geoapp.unit")).scalars().all()
    assert not stored.synthetic and stored.prefix == "YT"
    assert taken.number is not None and taken.number.startswith("YT-")
    assert all(synthetic(row.number) == (row.source == "demo") for row in rows) and len(rows) == 401
    assert all(row.kind == "stretch" and row.key.startswith("roads:R") for row in rows)
    # Nobody real is said to work badly: no company is named, and no office is late for a story's sake.
    assert set(units) <= {"S1", "S2", "yantang"}
    folder = tmp_path / "demo" / real.code
    with (folder / "truth.csv").open(encoding="utf-8") as stream:
        truths = {row["ref"]: row for row in csv.DictReader(stream)}
    assert len([one for one in truths.values() if one["lon"]]) == 400
    summary = json.loads((folder / "truth.json").read_text("utf-8"))
    assert summary["failing_contractor"] is None and summary["late_offices"] == []
    told = {one["story"] for one in json.loads((folder / "stories.json").read_text("utf-8"))}
    assert told.isdisjoint({"contractor", "late", "trench", "dispute"}) and told >= {"repeat", "voices", "works"}


def test_what_was_planted_on_a_city_stays_as_it_is(engine: Engine, real: City) -> None:
    first = town.load_on(engine, real.code, 60, 1, NOW)
    again = town.load_on(engine, real.code, 60, 1, NOW)
    other = town.load_on(engine, real.code, 60, 2, NOW)
    assert again.reports.seen == first.reports.read and (again.reports.opened, other.reports.opened) == (0, 0)


def test_a_city_must_be_loaded_to_be_planted_on(engine: Engine) -> None:
    with pytest.raises(UnknownCity):
        town.load_on(engine, "nowhere", 60, 1, NOW)


def test_nobody_real_is_blamed_by_what_was_planted(engine: Engine, real: City) -> None:
    town.load_on(engine, real.code, 400, 1, NOW)
    with engine.connect() as connection:
        repairs = connection.execute(
            text("SELECT unit_id, assisting, liability_until FROM geoapp.repair WHERE source LIKE '%demo%'")
        ).all()
        disputed = connection.execute(
            text("SELECT count(*) FROM geoapp.event WHERE name IN ('return', 'dispute', 'rule')")
        ).scalar_one()
    assert len(repairs) > 50 and all(tuple(one) == (None, [], None) for one in repairs)
    assert disputed == 0


def test_a_city_without_roads_is_planted_within_its_areas(engine: Engine, real: City) -> None:
    with engine.begin() as connection:
        cities.save_city(connection, replace(real, layers=real.layers[:1]))
    planted = town.load_on(engine, real.code, 60, 1, NOW)
    assert planted.reports.opened == 60
    with engine.connect() as connection:
        kinds = connection.execute(text("SELECT DISTINCT kind FROM geoapp.site")).scalars().all()
    assert kinds == ["spot"]


def test_a_city_without_layers_cannot_be_planted_on(engine: Engine, real: City) -> None:
    bare = replace(real, code="bare", prefix="BARE", names={"zh": "空城"})
    with engine.begin() as connection:
        cities.save_city(connection, bare)
    with pytest.raises(UnknownCity):
        town.load_on(engine, bare.code, 60, 1, NOW)
