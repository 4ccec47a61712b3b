"""Bay Town, a small city that never was: its ground, its catalogue and its reports, taken in by the one path."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
import shapely
from sqlalchemy import Engine

from geoapp.city import City, LayerSpec
from geoapp.demo import land, life, words
from geoapp.demo.land import Land
from geoapp.intake.path import take
from geoapp.intake.run import settle
from geoapp.records import Taken, Tally
from geoapp.store import catalogue, cities, history, layers, runs
from geoapp.store.ground import ground
from geoapp.store.layers import Feature
from importers.base import Report

SOURCE: Final = "demo"
_BATCH: Final = 1000


def pack() -> City:
    """The town as a pack would describe it; nothing of it lies in a file."""
    return City(
        code="demo",
        prefix="DEMO",
        names={"zh": "海湾镇（示例）", "en": "Bay Town (demo)"},
        time_zone="Asia/Shanghai",
        metric_crs=land.METRIC_CRS,
        languages=("zh", "en"),
        datum="WGS-84",
        outside_m=300.0,
        attribution="示例数据，纯属虚构 · Generated for demonstration",
        licence="CC0-1.0",
        responsible="street_offices",
        layers=(
            _layer("districts", {"zh": "区", "en": "District"}),
            _layer("street_offices", {"zh": "街道", "en": "Street office"}),
        ),
        categories={code: dict(names) for code, names in words.CATEGORIES.items()},
        matters=words.MATTERS,
        synthetic=True,
    )


def load(engine: Engine, tickets: int, seed: int, now: datetime | None = None) -> Tally:
    """Make the town and its past, ending now; loaded again it stays as it is, and an interrupted load is completed.

    A town made with other numbers is left alone: everything counts as seen before.
    """
    started = time.monotonic()
    city = _make_known(engine, pack())
    called = f"seed {seed}, {tickets} tickets"
    with engine.connect() as connection:
        earlier = history.first_run(connection, city.id, SOURCE)
    if earlier and earlier[1] != [called]:
        return Tally(read=tickets, seen=tickets, seconds=time.monotonic() - started)
    town = land.make(np.random.default_rng(seed))
    _load_layers(engine, city, town, words.OFFICES)
    # The town's clock stands still at its first loading, so that what is said again is the same.
    run_id, clock = _begin(engine, city, called, now)
    told = life.reports(town, tickets, seed, clock)
    taken = [one for batch in _batches(told) for one in take(engine, city, SOURCE, batch, run_id=run_id)]
    settle(engine, now)
    tally = _tally(taken, time.monotonic() - started)
    with engine.begin() as connection:
        runs.end(connection, run_id, tally.as_dict())
    return tally


def _layer(name: str, label: dict[str, str]) -> LayerSpec:
    return LayerSpec(name, name, "(generated)", "code", {"zh": "zh", "en": "en"}, label, quality="synthetic")


def load_ground(engine: Engine, of: City, town: Land, offices: Sequence[tuple[str, str]]) -> City:
    """A generated town's pack and layers alone; offices are the names of its street offices, Chinese and English."""
    city = _make_known(engine, of)
    _load_layers(engine, city, town, offices)
    return city


def _make_known(engine: Engine, of: City) -> City:
    with engine.begin() as connection:
        city = cities.save_city(connection, of)
    catalogue.save_catalogue(engine, city)
    return city


def _load_layers(engine: Engine, city: City, town: Land, offices: Sequence[tuple[str, str]]) -> None:
    _load_layer(engine, city, "districts", "D", town.districts(), words.DISTRICTS)
    _load_layer(engine, city, "street_offices", "S", town.offices, offices)


def _load_layer(
    engine: Engine, city: City, layer: str, letter: str,
    outlines: Sequence[shapely.MultiPolygon], names: Sequence[tuple[str, str]],
) -> None:  # fmt: skip
    features = [
        Feature(f"{letter}{at:02d}", {"zh": zh, "en": en}, "synthetic", land.in_degrees(outline))
        for at, (outline, (zh, en)) in enumerate(zip(outlines, names, strict=True), 1)
    ]
    with engine.begin() as connection:
        layers.load(connection, city, city.layer(layer), layers.AREAS, features, {})


def _begin(engine: Engine, city: City, called: str, now: datetime | None) -> tuple[int, datetime]:
    """The run, and the town's clock: when its first run began, unless a caller says."""
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
