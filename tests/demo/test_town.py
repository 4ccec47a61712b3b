"""The demo city loaded: its layers in force, its past taken in by the one path, a load that can be repeated."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

import layers
from geoapp.city import problems
from geoapp.demo import land, stories
from geoapp.demo.pack import pack
from geoapp.demo.town import load, load_ground
from geoapp.intake.redact import MARK
from geoapp.store import cities
from geoapp.store.cluster import Server
from geoapp.store.ground import ground

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
TICKETS = 400


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the installation keeps its things."""
    monkeypatch.setenv("GEOAPP_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def engine(database: Server) -> Iterator[Engine]:
    engine = create_engine(database.url("geoapp_bulk"), poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("seed", range(1, 9))
def test_offices_of_plain_country_cover_it_once(seed: int) -> None:
    town = land.make(np.random.default_rng(seed))
    assert len(town.offices) == land.OFFICES
    assert all(outline.is_valid and not outline.is_empty for outline in town.offices)
    together = sum(outline.area for outline in town.offices)
    assert town.whole.area == pytest.approx(together, rel=1e-6)
    assert sum(outline.area for outline in town.districts()) == pytest.approx(together, rel=1e-6)
    degrees = [land.in_degrees(outline) for outline in town.offices]
    west, south, east, north = shapely.total_bounds(np.array(degrees, dtype=object))
    assert 114.4 < west < east < 114.6
    assert 22.4 < south < north < 22.6


def test_plain_country_is_loaded_with_its_two_levels(engine: Engine) -> None:
    town = land.make(np.random.default_rng(7), 12)
    city = load_ground(engine, pack(), town, [(f"第{at}街道", f"Office {at}") for at in range(1, 13)])
    with engine.connect() as connection:
        assert ground(connection, city).versions == {"districts": 1, "street_offices": 1}


def test_load_fills_the_city(engine: Engine, folder: Path) -> None:
    tally = load(engine, TICKETS, 1, NOW)
    assert tally.opened == TICKETS
    assert tally.unplaced == tally.read - TICKETS > 0
    assert tally.unowned < TICKETS * 0.02
    with engine.connect() as connection:
        city = cities.city(connection, "demo")
        assert city.synthetic and city.prefix == "DEMO"
        loaded = connection.execute(text("SELECT layer, features FROM geoapp.layer_version WHERE version = 1")).all()
        assert {layer for layer, _ in loaded} == {layer.name for layer in city.layers}
        assert ground(connection, city).versions == {
            layer.name: 1 for layer in city.layers if layer.kind != "landmarks"
        }
        count = connection.execute(text("SELECT sum(n), sum(late) FROM geoapp.cell_total WHERE z = 0")).one()
        late = connection.execute(text("SELECT count(*) FROM geoapp.ticket WHERE late")).scalar_one()
        assert count[0] == TICKETS and late == count[1] > 0
        bodies = connection.execute(text("SELECT body FROM geoapp.report_text")).scalars().all()
        assert not any("1380013" in body for body in bodies)
        assert any(MARK in body for body in bodies)
    told = json.loads((folder / "demo" / "truth.json").read_text("utf-8"))
    assert told["clock"] == NOW.isoformat() and told["stories"]["voices"] == stories.VOICES


def test_reports_hang_on_the_sites_that_the_truth_names(engine: Engine, folder: Path) -> None:
    load(engine, TICKETS, 1, NOW)
    with (folder / "demo" / "truth.csv").open(encoding="utf-8") as stream:
        truths = {row["ref"]: row for row in csv.DictReader(stream)}
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT r.ref, s.key, k.code FROM geoapp.ticket t JOIN geoapp.report r ON r.ticket_id = t.id "
                "JOIN geoapp.site s ON s.id = t.site_id JOIN geoapp.area_key k ON k.id = ANY(t.area_keys) "
                "WHERE k.layer = 'street_offices'"
            )
        ).all()
    assert len(found) > TICKETS * 0.98
    right = [truths[ref]["site"] == key for ref, key, _ in found]
    office = [truths[ref]["office"] == code for ref, _, code in found]
    assert np.mean(right) > 0.8
    assert np.mean(office) > 0.95
    # A lamp that is out is a lamp's, wherever people put their pin.
    lamps = [key.startswith("lamps:") for ref, key, _ in found if truths[ref]["matter"] == "street-light"]
    assert len(lamps) > 10 and np.mean(lamps) > 0.95


def test_loading_again_changes_nothing(engine: Engine) -> None:
    first = load(engine, TICKETS, 1)
    again = load(engine, TICKETS, 1)
    assert (again.seen, again.opened, again.updated) == (first.read, 0, 0)
    other = load(engine, 50, 2)
    assert (other.seen, other.opened) == (50, 0)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM geoapp.ticket")).scalar_one() == TICKETS
        versions = connection.execute(text("SELECT max(version) FROM geoapp.layer_version")).scalar_one()
        assert versions == 1


def test_an_interrupted_load_is_completed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from geoapp.demo import town

    real, calls = town.take, []

    def failing(*args: object, **names: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args, **names)  # type: ignore[arg-type]

    monkeypatch.setattr(town, "_BATCH", 100)
    monkeypatch.setattr(town, "take", failing)
    with pytest.raises(KeyboardInterrupt):
        load(engine, TICKETS, 1)
    tally = load(engine, TICKETS, 1)
    assert tally.seen == 100
    assert tally.seen + tally.opened + tally.unplaced == tally.read


def test_the_pack_says_it_is_made_up_and_is_sound() -> None:
    city = pack()
    assert city.synthetic
    assert "demo" in city.names["en"] and "示例" in city.names["zh"]
    assert any(matter.urgent for matter in city.matters) and len(city.matters) >= 40
    raw = {key: value for key, value in city.as_dict().items() if key != "id"}
    assert problems(raw, layers.roles()) == ()
