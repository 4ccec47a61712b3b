"""Bay City, a city that never was: its ground, its catalogue and its reports, taken in by the one path."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import shapely
from sqlalchemy import Engine

from geoapp import settings
from geoapp.city import City
from geoapp.demo import ground as made
from geoapp.demo import land, life, truth, words
from geoapp.demo.land import Land
from geoapp.demo.pack import pack as pack
from geoapp.intake.path import take
from geoapp.intake.run import settle
from geoapp.records import Taken, Tally
from geoapp.store import catalogue, cities, history, layers, runs
from geoapp.store.ground import ground
from importers.base import Report
from layers.base import Feature

SOURCE: Final = "demo"
_BATCH: Final = 4000


def load(engine: Engine, tickets: int, seed: int, now: datetime | None = None) -> Tally:
    """Make the city and its past, ending now; loaded again it stays as it is, and an interrupted load is completed.

    A city made with other numbers is left alone: everything counts as seen before.
    """
    started = time.monotonic()
    city = _make_known(engine, pack())
    called = f"seed {seed}, {tickets} tickets"
    with engine.connect() as connection:
        earlier = history.first_run(connection, city.id, SOURCE)
    if earlier and earlier[1] != [called]:
        return Tally(read=tickets, seen=tickets, seconds=time.monotonic() - started)
    here = made.make(seed)
    for layer, role, features in made.features(here):
        _load_layer(engine, city, layer, role, features)
    # The city's clock stands still at its first loading, so that what is said again is the same.
    run_id, clock = _begin(engine, city, called, now)
    past = life.past(here, tickets, seed, clock)
    truth.write(settings.read().data_dir / truth.FOLDER, past.truths, past.weather, clock, seed, tickets)
    taken = [one for batch in _batches(past.reports) for one in take(engine, city, SOURCE, batch, run_id=run_id)]
    settle(engine, now)
    tally = _tally(taken, time.monotonic() - started)
    with engine.begin() as connection:
        runs.end(connection, run_id, tally.as_dict())
    return tally


def load_ground(engine: Engine, of: City, town: Land, offices: Sequence[tuple[str, str]]) -> City:
    """A plain town's pack, districts and street offices alone; offices are the latter's names, Chinese and English."""
    levels = tuple(layer for layer in of.layers if layer.name in ("districts", "street_offices"))
    city = _make_known(engine, replace(of, layers=levels))
    _load_layer(engine, city, "districts", layers.AREAS, _outlined("D", town.districts(), words.DISTRICTS))
    _load_layer(engine, city, "street_offices", layers.AREAS, _outlined("S", town.offices, offices))
    return city


def _outlined(letter: str, outlines: Sequence[shapely.MultiPolygon], names: Sequence[tuple[str, str]]) -> list[Feature]:
    return [
        Feature(f"{letter}{at:02d}", {"zh": zh, "en": en}, "synthetic", land.in_degrees(outline))
        for at, (outline, (zh, en)) in enumerate(zip(outlines, names, strict=True), 1)
    ]


def _make_known(engine: Engine, of: City) -> City:
    with engine.begin() as connection:
        city = cities.save_city(connection, of)
    catalogue.save_catalogue(engine, city)
    return city


def _load_layer(engine: Engine, city: City, layer: str, role: str, features: Sequence[Feature]) -> None:
    with engine.begin() as connection:
        layers.load(connection, city, city.layer(layer), role, features, {})


def _begin(engine: Engine, city: City, called: str, now: datetime | None) -> tuple[int, datetime]:
    """The run, and the city's clock: when its first run began, unless a caller says."""
    with engine.begin() as connection:
        versions = ground(connection, city).versions
        run_id = runs.begin(connection, city.id, SOURCE, [called], versions)
        first = history.first_run(connection, city.id, SOURCE)
    assert first is not None
    return run_id, (now or first[0]).astimezone(UTC)


def _batches(told: Sequence[Report]) -> list[Sequence[Report]]:
    return [told[start : start + _BATCH] for start in range(0, len(told), _BATCH)]


def _tally(taken: Sequence[Taken], seconds: float) -> Tally:
    of = Counter(one.status for one in taken)
    problems = Counter(str(one.problem) for one in taken if one.status == "unplaced" and one.problem)
    return Tally(
        read=len(taken), opened=of["opened"], attached=of["attached"], updated=of["updated"], seen=of["seen"],
        unplaced=of["unplaced"], unowned=sum(one.unowned for one in taken), unplaced_by=dict(sorted(problems.items())),
        seconds=seconds,
    )  # fmt: skip
