"""Demo cities taken in by the one path: Bay City, that never was, or a past planted on a loaded city's real layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import shapely
from sqlalchemy import Engine

from geoapp import settings
from geoapp.city import City
from geoapp.demo import aftermath, elsewhere, guide, land, life, lists, mending, rehearsal, stage, truth, words
from geoapp.demo.ground import Ground, features
from geoapp.demo.ground import make as make_ground
from geoapp.demo.land import Land
from geoapp.demo.life import Plot
from geoapp.demo.pack import pack as pack
from geoapp.demo.stage import Stage
from geoapp.intake.clean import identify
from geoapp.intake.reading import Batch, beside
from geoapp.intake.rehearsing import Rehearsed
from geoapp.intake.run import Progress, begin, carry_out, settle
from geoapp.records import Tally
from geoapp.store import catalogue, cities, history, layers, units
from layers.base import Feature

SOURCE: Final = "demo"
EDITION: Final = 4
"""Raised when the same seed comes to make another past: what an earlier one made is then left alone."""

_BATCH: Final = 4000
_BESIDE: Final = 20_000
"""From so many tickets on a process of its own makes them; to start one takes longer than to make a few."""


@dataclass(frozen=True, slots=True)
class Planting:
    """What a load did: the tally of its reports, of their repairs, moves by hand, tickets with pictures, ratings.

    followed: the moves of tickets that the city has followed itself.
    """

    reports: Tally
    repairs: Tally
    moves: int = 0
    pictured: int = 0
    rated: int = 0
    followed: int = 0

    def as_dict(self) -> dict[str, Any]:
        """What the command prints with --json."""
        further = {
            "repairs": self.repairs.as_dict(), "moves": self.moves, "pictured": self.pictured, "rated": self.rated,
            "followed": self.followed,
        }  # fmt: skip
        return self.reports.as_dict() | further


def load(
    engine: Engine, tickets: int, seed: int, now: datetime | None = None, progress: Progress | None = None
) -> Planting:
    """Make Bay City and its past, ending now; loaded again it stays as it is, and an interrupted load is completed.

    A city made with other numbers is left alone: everything counts as seen before.
    """
    city = _make_known(engine, pack())
    if (known := _known(engine, city, tickets, seed)) is not None:
        _grow(engine, city)
        lists.settle(engine, city, now)
        return known
    here = _lay_out(engine, city, seed, now)
    return _plant(engine, city, stage.of_ground(here, seed), tickets, seed, now, progress)


def found(engine: Engine, seed: int, now: datetime) -> tuple[City, Stage]:
    """Bay City without a past: its ground, its units and its lists; and the stage for whatever is to happen there."""
    city = _make_known(engine, pack())
    return city, stage.of_ground(_lay_out(engine, city, seed, now), seed)


def _lay_out(engine: Engine, city: City, seed: int, now: datetime | None) -> Ground:
    here = make_ground(seed)
    for layer, role, features_of in features(here):
        _load_layer(engine, city, layer, role, features_of)
    _grow(engine, city)
    lists.settle(engine, city, now)
    return here


def load_on(
    engine: Engine, code: str, tickets: int, seed: int, now: datetime | None = None, progress: Progress | None = None
) -> Planting:
    """Plant a past on the layers of a city that is loaded; its tickets' source is the demo, their numbers begin so.

    They lie along its roads; where it has none, anywhere in its areas.

    Raises:
        UnknownCity: no such city is loaded, or none of its layers.
    """
    city = elsewhere.marked(_loaded(engine, code))
    _grow(engine, city)
    if (known := _known(engine, city, tickets, seed)) is not None:
        return known
    return _plant(engine, city, elsewhere.stage(engine, city), tickets, seed, now, progress)


def live_stage(engine: Engine, code: str | None, seed: int) -> tuple[City, Stage]:
    """The city in which reports keep coming, and its stage."""
    city = elsewhere.marked(_loaded(engine, code or pack().code))
    return city, elsewhere.stage(engine, city) if code else stage.of_ground(make_ground(seed), seed)


def folder_of(city: City, data_dir: Path | None = None) -> Path:
    """Where the truth about a city's demo lies, in the installation's folder unless another is named."""
    root = (data_dir or settings.read().data_dir) / truth.FOLDER
    return root if city.synthetic else root / city.code


def _called(tickets: int, seed: int) -> str:
    return f"edition {EDITION}, seed {seed}, {tickets} tickets"


def _known(engine: Engine, city: City, tickets: int, seed: int) -> Planting | None:
    """What a load of a city does that was made with other numbers, or is whole: nothing. None: there is work to do."""
    with engine.connect() as connection:
        earlier = history.first_run(connection, city.id, SOURCE)
    if earlier is None:
        return None
    clock, called = earlier
    if called != [_called(tickets, seed)]:
        return Planting(Tally(read=tickets, seen=tickets), Tally())
    if truth.clock(folder_of(city)) != clock.astimezone(UTC):
        return None
    read = life.told(tickets)
    return Planting(Tally(read=read, seen=read), Tally())


def _plant(
    engine: Engine, city: City, on: Stage, tickets: int, seed: int, now: datetime | None, progress: Progress | None
) -> Planting:
    # The city's clock stands still at its first loading, so that what is said again is the same.
    run_id = begin(engine, city, SOURCE, [_called(tickets, seed)])
    with engine.connect() as connection:
        first = history.first_run(connection, city.id, SOURCE)
    assert first is not None
    plot = life.plot(on, tickets, seed, (now or first[0]).astimezone(UTC))
    folder = folder_of(city)
    told = partial(batches, plot, folder, _BATCH)
    reports = carry_out(
        engine, city, SOURCE, [], beside(told) if tickets >= _BESIDE else told(), progress, run_id
    )  # fmt: skip
    followed = rehearsal.lately(engine, city, plot)
    mended = aftermath.repairs(engine, city, SOURCE, plot, folder)
    repairs = carry_out(engine, city, SOURCE, [truth.REPAIRS], mended)
    moves = aftermath.move(engine, city, SOURCE, plot)
    if city.synthetic:
        rehearsal.catch_up(engine, city, plot)
    pictured = aftermath.picture(engine, city, SOURCE, plot, settings.read().data_dir)
    rated = aftermath.rate(engine, city, SOURCE, folder)
    settle(engine, now)
    # Last of all, and with the clock: a folder that holds it is one of a load that came to its end.
    guide.write(engine, city, SOURCE, plot, folder)
    return Planting(_with(reports, followed), repairs, moves, pictured, rated, followed.moves)


def _with(reports: Tally, followed: Rehearsed) -> Tally:
    """The tally of all reports, those the city has followed itself among them."""
    return replace(
        reports, read=reports.read + followed.reports, opened=reports.opened + followed.status["opened"],
        seen=reports.seen + followed.status["seen"], seconds=reports.seconds + followed.seconds,
    )  # fmt: skip


def batches(plot: Plot, folder: Path, size: int) -> Iterator[Batch]:
    """The past in batches as a run takes them in, its truth written beside it on the way."""
    with truth.Writer(folder, plot) as told:
        told.mend(mending.planted(plot.planted, plot.now))
        for nth, one in enumerate(life.slices(plot)):
            told.add(one)
            name = f"{nth + 1} of {len(plot.calendar)}"
            # What the city follows itself comes after, as it is said and acted on.
            before = [
                said for said, true in zip(one.reports, one.truths, strict=True) if not life.own(plot, said, true)
            ]
            for start in range(0, len(before), size):
                yield Batch(name, identify(before[start : start + size]), [], first=nth == 0 and start == 0)


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


def _grow(engine: Engine, city: City) -> None:
    """A city that an earlier release loaded has no units of its areas yet."""
    with engine.begin() as connection:
        units.grow(connection, city)


def _loaded(engine: Engine, code: str) -> City:
    with engine.connect() as connection:
        return cities.city(connection, code)


def _load_layer(engine: Engine, city: City, layer: str, role: str, features: Sequence[Feature]) -> None:
    with engine.begin() as connection:
        layers.load(connection, city, city.layer(layer), role, features, {})
