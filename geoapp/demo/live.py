"""A demo city that goes on: new reports by the day's rhythm, and tickets moved on one step at a time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, Engine

from geoapp.city import City
from geoapp.demo import events, speech, weather
from geoapp.demo.stage import Stage
from geoapp.errors import BadMove
from geoapp.intake.path import take
from geoapp.intake.stages import answering
from geoapp.lifecycle import Outcome, State
from geoapp.locate.datum import wgs84_to_gcj02
from geoapp.records import EVERYTHING
from geoapp.store import catalogue
from geoapp.store.queries import areas, tickets
from geoapp.store.queries.areas import Place
from geoapp.store.queries.filters import Filters
from geoapp.store.queries.tickets import Line
from geoapp.tickets.moves import Moved, make_moves
from importers.base import Report

SOURCE: Final = "demo"
_MOVED: Final = 0.7
"""How many tickets are moved on for each new report."""

_AMONG: Final = 300

# What is done next with a ticket in each state: the move, who makes it.
_NEXT: Final = {
    State.REGISTERED: ("queue", "dispatcher"),
    State.TO_DISPATCH: ("dispatch", "dispatcher"),
    State.TO_SIGN: ("sign", "unit"),
    State.IN_HAND: ("submit", "unit"),
    State.TO_CHECK: ("pass", "field_checker"),
}


class Feed:
    """New reports and moves of one demo city, and how many there were."""

    def __init__(self, engine: Engine, city: City, stage: Stage, chance: np.random.Generator | None = None) -> None:
        self._engine, self._city, self._stage = engine, city, stage
        self._chance = chance or np.random.default_rng()
        # Whoever runs it twice does not say the same things again.
        self._called = f"live-{token_hex(4)}"
        self.reports = 0
        self.moves = 0

    def run(self, rate: float, seconds: float | None = None) -> None:
        """Go on, at busy hours so many a minute, until interrupted or for so many seconds."""
        until = None if seconds is None else time.monotonic() + seconds
        while until is None or time.monotonic() < until:
            time.sleep(min(float(self._chance.exponential(60 / self._pace(rate))), 120.0))
            self.one_more()

    def _pace(self, rate: float) -> float:
        """Fewer at night, as everywhere; never so few that nothing seems to happen."""
        hour = datetime.now(ZoneInfo(self._stage.zone)).hour
        return rate * max(weather.busy(hour), 0.3)

    def one_more(self) -> None:
        """One new report, and mostly a ticket moved on."""
        take(self._engine, self._city, SOURCE, [self._report(datetime.now(UTC))])
        self.reports += 1
        if self._chance.uniform() < _MOVED:
            self._move_on(datetime.now(UTC))

    def _report(self, now: datetime) -> Report:
        chance, stage = self._chance, self._stage
        often = np.array([one.often for one in stage.told])
        matter = int(chance.choice(len(often), p=often / often.sum()))
        pool = stage.pool(matter)
        item = int(chance.choice(len(pool), p=pool.weight / pool.weight.sum()))
        said = events.single(chance, stage, matter, item, now.timestamp())
        words = speech.say(chance, stage, said)
        lon, lat = stage.degrees(said.pin)[0].tolist()
        crs = "WGS-84"
        if stage.shifted and chance.uniform() < 0.2:
            x, y = wgs84_to_gcj02(np.array([lon]), np.array([lat]))
            lon, lat, crs = float(x[0]), float(y[0]), "GCJ-02"
        spec = stage.told[matter].spec
        return Report(
            ref=f"{self._called}-{self.reports}", said_at=now.replace(microsecond=0), body=words.bodies[0],
            kind=str(chance.choice(("complaint", "help"), p=(0.8, 0.2))), category=spec.category, matter=spec.code,
            address=words.addresses[0], x=round(lon, 6), y=round(lat, 6), crs=crs,
            channel=str(chance.choice(("12345", "mini_program", "web"))),
            due_at=(now + timedelta(days=1 if spec.urgent else 5)).replace(microsecond=0),
        )  # fmt: skip

    def _move_on(self, now: datetime) -> None:
        """The next step of one of the tickets that were opened last, by the table."""
        with self._engine.connect() as connection:
            # Nothing is done in the second it was said.
            waiting = [one for one in self._waiting(connection) if now - one.changed_at > timedelta(seconds=90)]
            if not waiting:
                return
            # Oftener the newest: those are the ones people look at.
            chosen = waiting[min(int(self._chance.exponential(len(waiting) / 4)), len(waiting) - 1)]
            home = self._home(connection, chosen)
        wanted = self._next(chosen, home, now)
        if wanted is not None and self._made(chosen, wanted):
            self.moves += 1

    def _waiting(self, connection: Connection) -> list[Line]:
        asked = Filters(self._city.id, sources=(SOURCE,), states=tuple(map(str, _NEXT)), sight=EVERYTHING)
        return tickets.page(connection, asked, _AMONG)[0]

    def _made(self, chosen: Line, wanted: Moved) -> bool:
        """Make the move; False where somebody else, such as a second feed, moved the ticket meanwhile."""
        try:
            with self._engine.begin() as connection:
                make_moves(connection, self._city.id, [wanted])
        except BadMove:
            with self._engine.connect() as connection:
                if chosen in self._waiting(connection):
                    raise
            return False
        return True

    def _home(self, connection: Connection, chosen: Line) -> Place | None:
        """The area that answers for where a ticket lies; None where none does."""
        return answering(areas.places(connection, self._city.id, chosen.area_keys), self._city.responsible)

    def _next(self, chosen: Line, home: Place | None, now: datetime) -> Moved | None:
        """What is done next; None where it is to be sent to somebody and nobody answers for it."""
        name, who = _NEXT[State(chosen.state)]
        unit_id, given, outcome = None, {}, None
        if name == "dispatch":
            if home is None:
                return None
            named = next((one.name for one in self._stage.offices if one.code == home.code), "")
            unit_id = catalogue.unit_ids(self._engine, self._city, {home.code: named})[home.code]
            given = {"unit": home.code, "rule": "area"}
        elif name == "submit":
            given = {"result": Outcome.REPAIRED.value}
        elif name == "pass":
            outcome = Outcome.REPAIRED.value
        return Moved(chosen.id, name, who, f"{who}:demo", now, given, unit_id=unit_id, outcome=outcome)
