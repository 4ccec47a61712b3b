"""Cases as dispatch takes them: where they lie on the city's ground, and of which assets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from geoapp.assign.areas import NONE, AreaLayer, Ground
from geoapp.assign.assets import choose
from geoapp.assign.dispatch import Batch, Dispatcher, nowhere
from geoapp.assign.fitting import Days, Flags, Level
from geoapp.assign.lattice import Whole
from geoapp.assign.neighbours import borders, elsewhere, points
from geoapp.locate.datum import Floats


@dataclass(frozen=True, slots=True)
class Cases:
    """What is known of cases before anybody asks whose they are; lon and lat in degrees, NaN where there is no place.

    category and matter are codes of the catalogue, "" where it is not known.
    """

    matter: Sequence[str]
    category: Sequence[str]
    day: Days
    lon: Floats
    lat: Floats
    radius_m: Floats
    confidence: Floats

    def __len__(self) -> int:
        return len(self.matter)

    def pick(self, at: Whole) -> Cases:
        """Those at these positions."""
        rows = at.tolist()
        return Cases(
            [self.matter[row] for row in rows], [self.category[row] for row in rows], self.day[at], self.lon[at],
            self.lat[at], self.radius_m[at], self.confidence[at],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Things:
    """The asset of each case: its class, and the codes of its parties' units in the order of exactness.PARTIES."""

    classed: Sequence[str]
    parties: Sequence[Sequence[str]]

    @staticmethod
    def none(count: int) -> Things:
        """Of no asset."""
        return Things([""] * count, [[""] * count] * 3)

    def pick(self, at: Whole) -> Things:
        """Those at these positions."""
        rows = at.tolist()
        return Things(
            [self.classed[row] for row in rows], [[column[row] for row in rows] for column in self.parties]
        )  # fmt: skip


def levels_of(here: Ground) -> list[AreaLayer]:
    """The layers that lines can ask for, those of fewer areas first: the widest."""
    return sorted(here.layers, key=lambda layer: (len(layer.codes), layer.name))


def as_levels(here: Ground, units: Mapping[int, str]) -> list[Level]:
    """The same with their areas' own units, which are known by the area's key."""
    return [
        Level(layer.name, layer.codes, [units.get(key, "") for key in layer.key_ids.tolist()])
        for layer in levels_of(here)
    ]  # fmt: skip


def lying(here: Ground, lon: Floats, lat: Floats) -> Whole:
    """The position of each point's area, a column a level."""
    found = np.full((len(lon), len(here.layers)), NONE, dtype=np.int64)
    placed = np.flatnonzero(np.isfinite(lon))
    for nth, layer in enumerate(levels_of(here)):
        found[placed, nth] = layer.find(lon[placed], lat[placed])
    return found


def components(here: Ground, matters: Sequence[str], natures: Mapping[str, bool]) -> Flags:
    """Whether each matter is of a thing: as the catalogue says, else if a layer of assets names it as its own."""
    named = {matter for layer in here.assets for matter in layer.matters}
    return np.array([natures.get(matter, matter in named) for matter in matters], dtype=bool)


def of_assets(here: Ground, cases: Cases, asked: Flags) -> dict[str, dict[int, str]]:
    """The asset of each case that is asked for: layer → position of the case → the asset's code."""
    rows = np.flatnonzero(asked & np.isfinite(cases.lon))
    chosen = choose(here.assets, cases.lon[rows], cases.lat[rows], [cases.matter[row] for row in rows.tolist()])
    found: dict[str, dict[int, str]] = {}
    for row, one in zip(rows.tolist(), chosen, strict=True):
        if one is not None:
            layer = here.assets[one[0]]
            found.setdefault(layer.name, {})[row] = layer.code(one[1])
    return found


def batch(
    dispatcher: Dispatcher, here: Ground, cases: Cases, things: Things, at: Whole | None = None,
    natures: Mapping[str, bool] = MappingProxyType({}),
) -> Batch:  # fmt: skip
    """Cases as a dispatcher made for this ground takes them; at: the areas they lie in, where these are known.

    natures: whether the catalogue calls a matter a thing, where it says.
    """
    layers, crs = levels_of(here), here.metric_crs
    areas = lying(here, cases.lon, cases.lat) if at is None else at
    asked, _ = dispatcher.book.asks_of(cases.matter, cases.category)
    placed = np.flatnonzero(np.isfinite(cases.lon) & asked.any(axis=1))
    border_m, there = np.full(areas.shape, np.nan), nowhere(len(layers))
    if len(placed):
        spots = points(cases.lon[placed], cases.lat[placed], crs)
        away = borders(layers, spots, crs, asked[placed])
        border_m[placed] = away
        there = elsewhere(layers, areas[placed], spots, cases.radius_m[placed], away, crs).of(placed)
    return Batch(
        cases.matter, cases.category, components(here, cases.matter, natures), cases.day, areas, border_m,
        things.classed, things.parties, cases.radius_m, cases.confidence, there,
    )  # fmt: skip
