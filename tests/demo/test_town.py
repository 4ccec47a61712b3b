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
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

import layers
from geoapp.city import problems
from geoapp.demo import aftermath, land, stories, town
from geoapp.demo.pack import pack
from geoapp.demo.town import load, load_ground
from geoapp.intake.redact import MARK
from geoapp.store import cities
from geoapp.store.cluster import Server
from geoapp.store.ground import ground
from geoapp.store.queries import refs, repairs, ticket
from tests.demo.conftest import GROUND

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
TICKETS = 400


@pytest.fixture(scope="module")
def filled(shared_database: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Path]]:
    """A city loaded once, for tests that only look; and where its truth lies."""
    folder = tmp_path_factory.mktemp("filled")
    engine = create_engine(shared_database.url("geoapp_bulk"), poolclass=NullPool)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEOAPP_DATA_DIR", str(folder))
        patch.setattr(town, "make_ground", GROUND)
        load(engine, TICKETS, 1, NOW)
    yield engine, folder / "demo"
    engine.dispose()


@pytest.fixture
def engine(database: Server) -> Iterator[Engine]:
    engine = create_engine(database.url("geoapp_bulk"), poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("seed", range(1, 9))
def test_offices_of_plain_country_cover_it_once(seed: int) -> None:
    place = land.make(np.random.default_rng(seed))
    assert len(place.offices) == land.OFFICES
    assert all(outline.is_valid and not outline.is_empty for outline in place.offices)
    together = sum(outline.area for outline in place.offices)
    assert place.whole.area == pytest.approx(together, rel=1e-6)
    assert sum(outline.area for outline in place.districts()) == pytest.approx(together, rel=1e-6)
    degrees = [land.in_degrees(outline) for outline in place.offices]
    west, south, east, north = shapely.total_bounds(np.array(degrees, dtype=object))
    assert 114.4 < west < east < 114.6
    assert 22.4 < south < north < 22.6


def test_plain_country_is_loaded_with_its_two_levels(engine: Engine) -> None:
    place = land.make(np.random.default_rng(7), 12)
    city = load_ground(engine, pack(), place, [(f"第{at}街道", f"Office {at}") for at in range(1, 13)])
    with engine.connect() as connection:
        assert ground(connection, city).versions == {"districts": 1, "street_offices": 1}


def test_load_fills_the_city(engine: Engine, folder: Path) -> None:
    planted = load(engine, TICKETS, 1, NOW)
    tally = planted.reports
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


def test_reports_hang_on_the_sites_that_the_truth_names(filled: tuple[Engine, Path]) -> None:
    engine, truth = filled
    with (truth / "truth.csv").open(encoding="utf-8") as stream:
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


def test_loading_again_changes_nothing(engine: Engine, folder: Path) -> None:
    first = load(engine, TICKETS, 1)
    before = counted(engine)
    again = load(engine, TICKETS, 1)
    assert (again.reports.seen, again.reports.opened, again.reports.updated) == (first.reports.read, 0, 0)
    assert counted(engine) == before
    # Without its stories beside it a past is gone through once more.
    (folder / "demo" / "stories.json").unlink()
    through = load(engine, TICKETS, 1)
    assert (through.reports.seen, through.reports.opened) == (first.reports.read, 0)
    assert through.repairs.seen == first.repairs.opened > 50 and through.moves == 0
    assert counted(engine) == before
    other = load(engine, 50, 2)
    assert (other.reports.seen, other.reports.opened) == (50, 0)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM geoapp.ticket")).scalar_one() == TICKETS
        versions = connection.execute(text("SELECT max(version) FROM geoapp.layer_version")).scalar_one()
        assert versions == 1


@pytest.mark.parametrize("where", ["write", "move", "picture"])
def test_an_interrupted_load_is_completed(engine: Engine, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    from geoapp.intake import run

    monkeypatch.setattr(town, "_BATCH", 100)
    calls = []
    module, name = (run, "write") if where == "write" else (aftermath, where)
    real = getattr(module, name)

    def failing(*args: object, **names: object) -> object:
        calls.append(1)
        if len(calls) == (2 if where == "write" else 1):
            raise KeyboardInterrupt
        return real(*args, **names)

    monkeypatch.setattr(module, name, failing)
    with pytest.raises(KeyboardInterrupt):
        load(engine, TICKETS, 1)
    done = load(engine, TICKETS, 1)
    tally = done.reports
    assert tally.seen == (100 if where == "write" else tally.read)
    assert tally.seen + tally.opened + tally.unplaced == tally.read
    assert done.moves == (0 if where == "picture" else 14)
    found = counted(engine)
    assert found["ticket"] == TICKETS and found["photo"] > 15


def counted(engine: Engine) -> dict[str, int]:
    """How many rows the tables that a load fills hold."""
    names = ("ticket", "report", "event", "repair", "repair_event", "photo")
    with engine.connect() as connection:
        return {
            name: connection.execute(text(f"SELECT count(*) FROM geoapp.{name}")).scalar_one() for name in names
        }  # fmt: skip


def test_stories_lead_to_their_tickets(filled: tuple[Engine, Path]) -> None:
    engine, truth = filled
    told = json.loads((truth / "stories.json").read_text("utf-8"))
    one = {story["story"]: story for story in told}
    assert all(len(story["tickets"]) == len(story["refs"]) for story in told)
    assert all(story["names"][lang] and story["sentences"][lang] for story in told for lang in ("zh", "en"))
    with engine.connect() as connection:
        numbers = refs.numbers(connection, 1, "demo", one["voices"]["refs"])
        assert [numbers[ref] for ref in one["voices"]["refs"]] == one["voices"]["tickets"]
        states = {
            story: ticket.case(connection, one[story]["tickets"][0]) for story in ("dispute", "shelved", "works")
        }  # fmt: skip
        assert {story: case and case.state for story, case in states.items()} == {
            "dispute": "in_hand", "shelved": "shelved", "works": "in_hand",
        }  # fmt: skip
        dispute = states["dispute"]
        assert dispute is not None and dispute.unit_code == told_unit(connection, dispute.id)
        works = states["works"]
        assert works is not None
        under_way = repairs.at_site(connection, works.site_id)[0]
        assert under_way.stage(NOW) == repairs.WORKS and under_way.traffic_plan and under_way.assisting
        lead = ticket.case(connection, one["lead"]["tickets"][0])
        assert lead is not None and lead.kind == "lead"
        shown = [photo.shows for photo in ticket.said(connection, lead.id)[0].photos]
        assert shown == ["defect", "repair"]


def told_unit(connection: Connection, ticket_id: int) -> str:
    """The unit that the ruling names."""
    return next(str(one.codes["unit"]) for one in ticket.timeline(connection, ticket_id) if one.name == "rule")


def test_cells_count_what_there_is_after_all_the_moves(filled: tuple[Engine, Path]) -> None:
    engine, _truth = filled
    with engine.connect() as connection:
        cells = connection.execute(text("SELECT sum(n), sum(open), sum(late) FROM geoapp.cell_total WHERE z = 0")).one()
        tickets = connection.execute(
            text("SELECT count(*), count(*) FILTER (WHERE ended_at IS NULL AND state <> 'settled'), "
                 "count(*) FILTER (WHERE late) FROM geoapp.ticket")
        ).one()  # fmt: skip
    assert tuple(cells) == tuple(tickets)


def test_the_pack_says_it_is_made_up_and_is_sound() -> None:
    city = pack()
    assert city.synthetic
    assert "demo" in city.names["en"] and "示例" in city.names["zh"]
    assert any(matter.urgent for matter in city.matters) and len(city.matters) >= 40
    raw = {key: value for key, value in city.as_dict().items() if key != "id"}
    assert problems(raw, layers.roles()) == ()
