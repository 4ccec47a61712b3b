"""The stories planted in the demo city: sites that come back, a contractor whose repairs fail, fourteen voices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.demo import words
from geoapp.demo.parties import FAILING
from geoapp.demo.plan import Metres
from geoapp.demo.spots import ROADS, Pool
from geoapp.demo.weather import DAYS

REPEAT_SITES: Final = 12
"""The least number of sites that come back; more in a larger past."""

VOICES: Final = 14
LEAST: Final = 150
"""So many tickets are needed for any story to be told."""

REPEAT: Final = "repeat"
CONTRACTOR: Final = "contractor"
VOICED: Final = "voices"

_COMING_BACK: Final = (
    "pothole", "pothole", "blocked-gully", "street-light", "broken-steps", "manhole-cover", "broken-footway",
    "traffic-light", "playground", "sewage",
)  # fmt: skip
_NUMBERS: Final = {one.spec.code: nth for nth, one in enumerate(words.TOLD)}


@dataclass(frozen=True, slots=True)
class Planted:
    """One thing told of several times: which matter and item, how many days ago each, oldest first.

    repeat is the name of a site that was repaired each time but the last; voices: all tell of one and the same problem.
    """

    story: str
    matter: int
    item: int
    ages: tuple[float, ...]
    repeat: str = ""
    voices: bool = False

    def __len__(self) -> int:
        return len(self.ages)


def plant(chance: np.random.Generator, pools: Mapping[str, Pool], heart: Metres, tickets: int) -> list[Planted]:
    """The stories of a past of so many tickets, none in one too small for them; heart is where the old town is."""
    if tickets < LEAST:
        return []
    returning = [_returning(chance, pools, nth) for nth in range(REPEAT_SITES + tickets // 600)]
    failing = [_failing(chance, pools, nth) for nth in range(4 + tickets // 2500)]
    return [*returning, *failing, _voices(chance, pools, heart)]


def told_again(chance: np.random.Generator, tickets: int) -> NDArray[np.int64]:
    """How often each of the problems that neighbours tell again is told again."""
    return chance.integers(1, 4, tickets // 80 if tickets >= LEAST else 0)


def _returning(chance: np.random.Generator, pools: Mapping[str, Pool], nth: int) -> Planted:
    """The same defect at the very same thing, months apart."""
    code = _COMING_BACK[nth % len(_COMING_BACK)]
    matter = _NUMBERS[code]
    pool = pools[words.TOLD[matter].on]
    weight = pool.weight * pool.sure
    size = int(chance.integers(3, 7))
    first, last = chance.uniform(DAYS * 0.45, DAYS * 0.95), chance.uniform(3, 40)
    ages = np.linspace(first, last, size) + chance.uniform(-6, 6, size)
    item = int(chance.choice(len(weight), p=weight / weight.sum()))
    return Planted(REPEAT, matter, item, tuple(np.maximum(ages, 0.5).tolist()), f"R{nth + 1:03d}")


def _failing(chance: np.random.Generator, pools: Mapping[str, Pool], nth: int) -> Planted:
    """A hole in a road that the failing contractor keeps: it is back within weeks of each repair."""
    pool = pools[ROADS]
    weight = pool.weight * pool.sure * (pool.maintainers == FAILING)
    item = int(chance.choice(len(weight), p=weight / weight.sum()))
    gaps = chance.uniform(17, 38, int(chance.integers(4, 7)))
    ages = chance.uniform(2, 20) + np.cumsum(gaps) - gaps[0]
    return Planted(CONTRACTOR, _NUMBERS["pothole"], item, tuple(ages[::-1].tolist()), f"F{nth + 1:03d}")


def _voices(chance: np.random.Generator, pools: Mapping[str, Pool], heart: Metres) -> Planted:
    """One hole in the old town, of which fourteen people speak in a day."""
    pool = pools[ROADS]
    near = np.hypot(*(pool.xy - heart).T) < 1500
    weight = pool.weight * pool.sure * near
    item = int(chance.choice(len(weight), p=weight / weight.sum()))
    ages = np.r_[2.2, 2.2 - np.sort(chance.uniform(0.02, 1.1, VOICES - 1))]
    return Planted(VOICED, _NUMBERS["pothole"], item, tuple(ages.tolist()), voices=True)
