"""Responsibilities learned week by week from what was known before each: no case is judged by a list that knew it."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
from sqlalchemy import Engine

from geoapp.assign.three_lists import BatchState, ListKind
from geoapp.city import City
from geoapp.intake.history import Past
from geoapp.intake.lists import put_into_force, start_of, take_in
from geoapp.store import catalogue, lists

AUTHOR: Final = "rehearsal"


class WeeklyLists:
    """The lists of a city as its past would have taught them, a batch each week in which anything was learned."""

    def __init__(self, engine: Engine, city: City, past: Past, hold_below: float = 0.0) -> None:
        self._engine, self._city, self._past, self._hold_below = engine, city, past, hold_below
        self._known = 0
        self.batches = 0

    def begin(self, monday: date) -> None:
        """Put the list of a week into force: what all that was said before it teaches."""
        with self._engine.connect() as connection:
            newest = lists.newest(connection, self._city.id, ListKind.RESPONSIBILITIES)
        if newest is not None and newest.state is BatchState.DRAFT:
            # Whoever was killed between the two had drawn it up.
            put_into_force(self._engine, self._city, newest, checked=False)
        if newest is not None and newest.in_force_from >= start_of(monday, self._city):
            return
        known = np.flatnonzero(self._past.cases.day < np.datetime64(monday))
        if len(known) > self._known:
            self._known = len(known)
            self._learn(known, monday)

    def _learn(self, known: np.typing.NDArray[np.intp], monday: date) -> None:
        lines = [one.duty for one in self._past.learned(known, self._hold_below)]
        catalogue.unit_ids(self._engine, self._city, {line.unit: "" for line in lines if line.unit})
        reason = f"learned from {len(known)} cases said before {monday}"
        with self._engine.begin() as connection:
            made = take_in(connection, self._city, ListKind.RESPONSIBILITIES, lines, monday, AUTHOR, reason).batch
        if made is not None:
            # What it names was taken from the city itself; to check it anew each week would be for nothing.
            put_into_force(self._engine, self._city, made, checked=False)
            self.batches += 1
