"""What the forms of a gazetteer mean, and where that is: remembered, since a few names make up most texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import numpy as np

from geoapp.locate.candidates import Candidate, along
from geoapp.locate.gazetteer import Gazetteer
from geoapp.locate.names import Kind
from geoapp.locate.spelling import Near

_KEPT: Final = 20_000
_WEAK_COST: Final = 1.0
_UNLIKELY: Final = 1.2
"""What it costs besides to believe an error that few make, where a likely one explains the words as well."""

_MOST_PLACES: Final = 40
_MOST_ROADS: Final = 400
_FIRST_MADE: Final = -2
"""Rows below NONE are of forms made while misspelt names are looked for."""


class Meaning(NamedTuple):
    """A place that a form means: what kind it is, what it costs to believe it, and whether it needs support."""

    place: int
    kind: int
    cost: float
    weak: bool


@dataclass(slots=True)
class Meanings:
    """What forms mean, by their rows; made are those that only one batch has."""

    gazetteer: Gazetteer
    _forms: dict[int, tuple[Meaning, ...]] = field(default_factory=dict)
    _kinds: dict[int, frozenset[int]] = field(default_factory=dict)
    _shapes: dict[int, tuple[Any, Any, Any]] = field(default_factory=dict)
    _roads: dict[int, tuple[Candidate, tuple[bool, ...]]] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)
    _made: dict[int, tuple[Meaning, ...]] = field(default_factory=dict)

    def apart(self) -> Meanings:
        """The same memory with forms of its own to make: they are of no use to other texts, nor to another thread."""
        return replace(self, _made={})

    def meant(self, every: Sequence[Near]) -> int:
        """The row of a form made for this batch: all that a run of words may have meant."""
        row = _FIRST_MADE - len(self._made)
        likely = not all(one.unlikely for one in every)
        best: dict[int, Meaning] = {}
        for one in every:
            price = one.cost + (_UNLIKELY if likely and one.unlikely else 0.0)
            for place, kind, cost, weak in self.places(one.row):
                if not weak and (place not in best or cost + price < best[place].cost):
                    best[place] = Meaning(place, kind, cost + price, weak)
        self._made[row] = tuple(sorted(best.values(), key=lambda one: one.cost)[:_MOST_PLACES])
        return row

    def kinds(self, row: int) -> frozenset[int]:
        """The kinds of place a form may mean."""
        if row < 0:
            return frozenset(one.kind for one in self._made[row])
        known = self._kinds.get(row)
        if known is None:
            known = self._kinds[row] = frozenset(one.kind for one in self.places(row))
        return known

    def places(self, row: int) -> tuple[Meaning, ...]:
        """What a form means, likeliest first."""
        if row < 0:
            return self._made[row]
        known = self._forms.get(row)
        if known is None:
            if len(self._forms) >= _KEPT:
                self._forms.clear()
                self._kinds.clear()
            known = self._forms[row] = self._read(row)
        return known

    def name(self, place: int) -> str:
        """The name of a place as its layer has it."""
        known = self._names.get(place)
        if known is None:
            if len(self._names) >= _KEPT:
                self._names.clear()
            known = self._names[place] = self.gazetteer.name(place)
        return known

    def roads(self, row: int) -> list[Meaning]:
        """The roads a form may mean."""
        return [one for one in self.places(row) if one.kind == Kind.ROAD]

    def _read(self, row: int) -> tuple[Meaning, ...]:
        ids, costs, weak = self.gazetteer.of_form(row)
        kinds = self.gazetteer.kinds[ids].tolist()
        every = [
            Meaning(place, kind, cost + (_WEAK_COST if thin else 0.0), thin)
            for place, kind, cost, thin in zip(ids.tolist(), kinds, costs.tolist(), weak.tolist(), strict=True)
        ]
        if len(every) > _MOST_PLACES:
            # What so many things are called is no name; of roads and areas there may be as many.
            every = [one for one in every if one.kind in (Kind.ROAD, Kind.AREA)]
        return tuple(sorted(every, key=lambda one: one.cost)) if len(every) <= _MOST_ROADS else ()

    def whole(self, place: int) -> tuple[Candidate, tuple[bool, ...]]:
        """A road in its whole length, and of each level of areas whether it lies in one alone."""
        known = self._roads.get(place)
        if known is None:
            if len(self._roads) >= _KEPT:
                self._roads.clear()
            x, y, areas = self.samples(place)
            uniform = tuple(bool((level == level[0]).all()) for level in areas)
            known = self._roads[place] = self.traced(along(place, x, y, areas)), uniform
        return known

    def traced(self, road: Candidate) -> Candidate:
        """The same, impure where only some points of it are known: these do not say where the rest is."""
        return road if self.gazetteer.traced[road.places[0]] else replace(road, purity=0.0)

    def samples(self, place: int) -> tuple[Any, Any, Any]:
        """x, y and areas of a place's samples."""
        known = self._shapes.get(place)
        if known is None:
            if len(self._shapes) >= _KEPT:
                self._shapes.clear()
            known = self._shapes[place] = self.gazetteer.samples(place)
        return known

    def nearest(self, place: int, x: float, y: float) -> tuple[float, float, tuple[int, ...]]:
        """The sample of a place that is nearest to a point: x, y and its areas."""
        sx, sy, areas = self.samples(place)
        at = int(np.hypot(sx - x, sy - y).argmin())
        return float(sx[at]), float(sy[at]), tuple(int(level[at]) for level in areas)
