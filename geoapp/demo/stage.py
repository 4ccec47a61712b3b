"""What a past is played on: the places where things go wrong, who answers for each, and how all that is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoapp.demo import land, plan, spots, words
from geoapp.demo.ground import Ground
from geoapp.demo.matter import Told
from geoapp.demo.plan import Metres
from geoapp.demo.spots import Pool
from geoapp.locate.datum import degrees, transformer


@dataclass(frozen=True, slots=True)
class Office:
    """The unit that answers for an area, and what it is called as a unit."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A city as the generator sees it; everything in it can be sent to another process.

    pools by what a matter is on. Places are metres around origin, which is in crs; heart is the middle of the town.
    made_up: nobody there is real, so that somebody may be told to work badly. shifted: one pin in five is GCJ-02.
    """

    told: tuple[Told, ...]
    pools: Mapping[str, Pool]
    offices: tuple[Office, ...]
    heart: Metres
    crs: str
    origin: tuple[float, float]
    zone: str
    language: str = "zh"
    made_up: bool = True
    shifted: bool = True

    def degrees(self, xy: Metres) -> NDArray[np.float64]:
        """Longitude and latitude of places, as rows of two."""
        east, north = self.origin
        return np.column_stack(degrees(xy[:, 0] + east, xy[:, 1] + north, self.crs))

    def pool(self, matter: int) -> Pool:
        """Where a matter happens."""
        return self.pools[self.told[matter].on]

    def number(self, code: str, otherwise: int = 0) -> int:
        """The position of a matter by its code; of a city that has none so called, of another."""
        found = (nth for nth, one in enumerate(self.told) if one.spec.code == code)
        return next(found, otherwise % len(self.told))


def of_ground(ground: Ground, seed: int) -> Stage:
    """The stage of the generated city."""
    origin = transformer("EPSG:4326", land.METRIC_CRS).transform(*land.CENTRE)
    levels = ground.areas.offices
    return Stage(
        words.TOLD,
        spots.pools(np.random.default_rng((seed, 11)), ground),
        tuple(Office(code, f"{zh}办") for code, (zh, _) in zip(levels.codes, levels.names, strict=True)),
        ground.country.bend(np.array([plan.HEART])),
        land.METRIC_CRS,
        (float(origin[0]), float(origin[1])),
        "Asia/Shanghai",
    )
