"""The demo town: ground without gaps, a past that looks lived in, and a load that can be repeated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from geoapp.demo import land, life
from geoapp.demo.town import load, pack
from geoapp.intake.redact import MARK
from geoapp.store import cities
from geoapp.store.cluster import Server
from geoapp.store.ground import ground

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
TICKETS = 400


@pytest.fixture
def engine(database: Server) -> Iterator[Engine]:
    engine = create_engine(database.url("geoapp_bulk"), poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("seed", range(1, 9))
def test_offices_cover_the_land_once(seed: int) -> None:
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


def test_the_same_seed_gives_the_same_reports() -> None:
    def told(seed: int) -> list[object]:
        return list(life.reports(land.make(np.random.default_rng(seed)), 300, seed, NOW))

    assert told(3) == told(3)
    assert told(3) != told(4)


def test_reports_look_lived_in() -> None:
    told = life.reports(land.make(np.random.default_rng(1)), 3000, 1, NOW)
    said = [report.said_at for report in told if report.said_at]
    assert len(said) == len({report.ref for report in told}) == len(told)
    assert max(said) < NOW and NOW - min(said) > timedelta(days=400)
    states = {report.standing.state if report.standing else "registered" for report in told}
    assert states >= {"registered", "to_dispatch", "to_sign", "in_hand", "to_check", "settled", "closed"}
    outcomes = {report.standing.outcome for report in told if report.standing}
    assert outcomes >= {"repaired", "explained"}
    assert all(report.standing is None or report.standing.at < NOW for report in told)
    assert any("1380013" in report.body for report in told)
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in report.body) for report in told)
    soon = [report for report in told if report.due_at == NOW + timedelta(minutes=20)]
    assert len(soon) == life.SOON_DUE
    assert {report.crs for report in told} == {"WGS-84", "GCJ-02"}


def test_load_fills_the_city(engine: Engine) -> None:
    tally = load(engine, TICKETS, 1, NOW)
    assert tally.opened == TICKETS
    assert tally.unplaced == tally.read - TICKETS > 0
    assert tally.unowned < TICKETS * 0.02
    with engine.connect() as connection:
        city = cities.city(connection, "demo")
        assert city.synthetic and city.prefix == "DEMO"
        assert ground(connection, city).versions == {"districts": 1, "street_offices": 1}
        count = connection.execute(text("SELECT sum(n), sum(late) FROM geoapp.cell_total WHERE z = 0")).one()
        late = connection.execute(text("SELECT count(*) FROM geoapp.ticket WHERE late")).scalar_one()
        assert count[0] == TICKETS and late == count[1] > 0
        repeats = connection.execute(
            text(
                "SELECT count(*) FROM (SELECT 1 FROM geoapp.ticket GROUP BY point "
                "HAVING count(*) BETWEEN 3 AND 6 AND max(opened_at) - min(opened_at) > interval '60 days') w"
            )
        ).scalar_one()
        assert repeats >= life.REPEAT_SITES - 2
        bodies = connection.execute(text("SELECT body FROM geoapp.report_text")).scalars().all()
        assert not any("1380013" in body for body in bodies)
        assert any(MARK in body for body in bodies)


def test_loading_again_changes_nothing(engine: Engine) -> None:
    first = load(engine, TICKETS, 1)
    again = load(engine, TICKETS, 1)
    assert (again.seen, again.opened, again.updated) == (first.read, 0, 0)
    other = load(engine, 50, 2)
    assert (other.seen, other.opened) == (50, 0)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM geoapp.ticket")).scalar_one() == TICKETS
        assert connection.execute(text("SELECT count(*) FROM geoapp.layer_version")).scalar_one() == 2


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


def test_the_pack_says_it_is_made_up() -> None:
    city = pack()
    assert city.synthetic
    assert "demo" in city.names["en"] and "示例" in city.names["zh"]
    assert any(matter.urgent for matter in city.matters)
