"""The demo city's two years gone through again: its own lists as they were then, and its truth for what became of all.

Whose a thing really is, is what the newest list says of the place where it truly is: so an older list, or a pin beside
the place, sends it elsewhere, and that is found out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from sqlalchemy import Connection, Engine

from geoapp.assign.asking import Cases, lying
from geoapp.city import City
from geoapp.demo import life, truth
from geoapp.demo.life import Plot, Slice
from geoapp.demo.stage import Office
from geoapp.demo.truth import Truth
from geoapp.intake.became import Again, Became, Told, Word, apart
from geoapp.intake.dispatching import dispatched, in_force
from geoapp.intake.rehearsing import Progress, Rehearsed, nothing
from geoapp.intake.rehearsing import rehearse as go_through
from geoapp.intake.things import Units
from geoapp.lifecycle import State
from geoapp.store import reminders
from geoapp.store.ground import ground
from geoapp.tickets.ticking import tick
from importers.base import Report

SOURCE: Final = "demo"
_ON_THE_SPOT_M: Final = 1.0
_SIGNED_WITHIN: Final = timedelta(days=1)
"""Whoever has not signed by then has, whatever the truth says: nobody lets all lie."""


def rehearse(engine: Engine, city: City, plot: Plot, progress: Progress = nothing) -> Rehearsed:
    """Go through a demo city's past, where the city stands and holds nothing yet."""
    told: list[Told] = []
    for one in life.slices(plot):
        with engine.connect() as connection:
            told += told_of(connection, city, plot, one)
    return go_through(engine, city, SOURCE, told, progress=progress, until=plot.now)


def lately(engine: Engine, city: City, plot: Plot) -> Rehearsed:
    """What the city has followed itself in its last weeks, as far as the clock; due when it was promised to be."""
    told: list[Told] = []
    for one in life.lately(plot):
        with engine.connect() as connection:
            some = told_of(connection, city, plot, one)
        told += [
            replace(each, report=replace(each.report, due_at=report.due_at))
            for each, report in zip(some, one.reports, strict=True)
        ]
    return go_through(engine, city, SOURCE, told, until=plot.now)


def catch_up(engine: Engine, city: City, plot: Plot) -> None:
    """Whatever clocks were to do by the city's clock is done; nobody gets a letter about a past that never was."""
    tick(engine, plot.now, awake=True, city_id=city.id)
    with engine.begin() as connection:
        reminders.let_be(connection, city.id)


def told_of(connection: Connection, city: City, plot: Plot, of: Slice) -> list[Told]:
    """The reports of a slice, each with what became of it."""
    units = owners(connection, city, of.truths, plot.now)
    named = {office.code: office for office in plot.stage.offices}
    return [
        Told(apart(report).report, _signed(_became(apart(report).became, one, unit, named), report, plot.now))
        for report, one, unit in zip(of.reports, of.truths, units, strict=True)
    ]


def _signed(became: Became, said: Report, now: datetime) -> Became:
    assert said.said_at is not None
    waits = became.state == State.TO_SIGN and now - said.said_at > _SIGNED_WITHIN
    return replace(became, state=State.IN_HAND.value, at=None) if waits else became


def owners(connection: Connection, city: City, truths: Sequence[Truth], now: datetime) -> list[str]:
    """Whose each thing is by the newest list, where it truly is; the street office's where the list is not sure."""
    found = [one.office for one in truths]
    at = [nth for nth, one in enumerate(truths) if one.lon is not None and one.matter]
    listed = in_force(connection, city, now)
    if listed is None or not at:
        return found
    here, units = ground(connection, city), Units.of(connection, city)
    category = {matter.code: matter.category for matter in city.matters}
    lon, lat = (np.array([getattr(truths[nth], name) for nth in at], dtype=np.float64) for name in ("lon", "lat"))
    codes = [truths[nth].matter for nth in at]
    asked = Cases(
        codes, [category.get(code, "") for code in codes],
        np.full(len(at), np.datetime64(now.astimezone(city.zone).date())), lon, lat,
        np.full(len(at), _ON_THE_SPOT_M), np.ones(len(at)),
    )  # fmt: skip
    answer = dispatched(connection, city, here, units, asked, lying(here, lon, lat), listed)
    for nth, unit, held in zip(at, answer.units(), answer.held.tolist(), strict=True):
        found[nth] = found[nth] if held or not unit else unit
    return found


def _became(was: Became, one: Truth, unit: str, named: dict[str, Office]) -> Became:
    again, good = truth.moment(one.asked_again), truth.moment(one.said_good)
    before = truth.moment(one.settled_before)
    return replace(
        was, unit=unit, unit_name=named[unit].name if unit in named else unit, into=one.duplicate_of,
        again=(Again(before, again, stars=truth.stars(one.again_stars)),) if before and again else (),
        word=Word(good, truth.stars(one.stars)) if good else None,
    )  # fmt: skip
