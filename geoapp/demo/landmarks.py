"""Landmarks of the demo city: schools, hospitals, markets, metro stations with their exits, what people speak of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.demo import plan
from geoapp.demo.areas import Areas
from geoapp.demo.assets import beside
from geoapp.demo.coast import Country
from geoapp.demo.drawing import ARTERIAL, COLLECTOR, LANE
from geoapp.demo.names import Name
from geoapp.demo.roads import Roads

_METRO_ROADS: Final = 5
_STATIONS_EVERY: Final = 1300.0
_EXITS: Final = "ABCD"

# Class, words behind the name of the community, one in how many communities has it.
_OF_COMMUNITIES: Final = (
    ("school", ("小学", "Primary School"), 1), ("market", ("农贸市场", "Market"), 2),
    ("kindergarten", ("幼儿园", "Kindergarten"), 2), ("clinic", ("社康中心", "Health Centre"), 3),
    ("estate", ("花园", "Garden Estate"), 1),
)  # fmt: skip
_OF_OFFICES: Final = (
    ("hospital", ("医院", "Hospital")), ("school", ("中学", "Middle School")), ("police", ("派出所", "Police Station")),
    ("mall", ("购物中心", "Shopping Centre")), ("office", ("街道办事处", "Street Office Hall")),
)  # fmt: skip


_Told = tuple[Name, str, NDArray[np.float64]]
"""What one is called, its class, and where."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What each is called, its class, and where, in metres around the centre."""

    codes: tuple[str, ...]
    names: tuple[Name, ...]
    classes: tuple[str, ...]
    xy: NDArray[np.float64]

    def main(self) -> NDArray[np.int64]:
        """Where those stand that are no exit of another."""
        return np.flatnonzero(np.array(self.classes) != "metro-exit")


def make(chance: np.random.Generator, country: Country, roads: Roads, areas: Areas) -> Landmarks:
    """Landmarks beside the roads of their communities and street offices, and the metro under the great roads."""
    lots = _lots(chance, country, roads)
    located = areas.locate(plan.dots(lots))
    told: list[_Told] = []
    taken = np.zeros(len(lots), dtype=bool)
    every_office = [(of, words, 1) for of, words in _OF_OFFICES]
    for level, at, kinds in (
        (areas.offices, located.office, every_office), (areas.communities, located.community, _OF_COMMUNITIES),
    ):  # fmt: skip
        for nth, name in enumerate(level.names):
            here = [(of, words) for number, (of, words, every) in enumerate(kinds) if (nth + number) % every == 0]
            free = np.flatnonzero((at == nth) & ~taken)[: len(here)]
            taken[free] = True
            told += [(_called(name, words), of, lots[one]) for (of, words), one in zip(here, free, strict=False)]
    told += _metro(country, roads, told)
    return Landmarks(
        tuple(f"L{number:04d}" for number in range(1, len(told) + 1)),
        tuple(name for name, _, _ in told), tuple(of for _, of, _ in told), np.array([xy for _, _, xy in told]),
    )  # fmt: skip


def _lots(chance: np.random.Generator, country: Country, roads: Roads) -> NDArray[np.float64]:
    """Where a building may stand, in random order."""
    every = {ARTERIAL: 190.0, COLLECTOR: 110.0, LANE: 60.0}
    xy = beside(roads, every, roads.widths / 2 + 32, np.full(len(roads.codes), 0.3)).xy
    xy = xy[shapely.contains_xy(country.buildable, xy[:, 0], xy[:, 1])]
    return np.asarray(xy[chance.permutation(len(xy))], dtype=np.float64)


def _called(of: Name, words: Name) -> Name:
    zh = of[0].removesuffix("街道").removesuffix("社区")
    en = of[1].removesuffix(" Street Office").removesuffix(" Community")
    return zh + words[0], f"{en} {words[1]}"


def _metro(country: Country, roads: Roads, near: Sequence[_Told]) -> list[_Told]:
    """Stations along the longest great roads, named after what is nearest; each has four exits at the corners."""
    great = roads.of(ARTERIAL)
    longest = great[np.argsort(-shapely.length(roads.lines[great]))[:_METRO_ROADS]]
    none = np.zeros(len(roads.codes))
    found = beside(roads, {ARTERIAL: _STATIONS_EVERY}, none, none + 0.4)
    kept = np.isin(found.road, longest) & (country.bend.density(found.xy) > 0.1)
    kept &= shapely.contains_xy(country.buildable, found.xy[:, 0], found.xy[:, 1])
    known = [(name, xy) for name, of, xy in near if of in ("estate", "school")]
    tree = shapely.STRtree(plan.dots(np.array([xy for _, xy in known])))
    told: dict[str, list[_Told]] = {}
    for xy, way, road in zip(found.xy[kept], found.way[kept], found.road[kept], strict=True):
        zh, en = known[int(tree.nearest(plan.dots(xy)))][0]
        across = np.array([-way[1], way[0]]) * (roads.widths[road] / 2 + 6)
        told.setdefault(zh[:2], _station((zh[:2], en.split(" ")[0]), xy, way, across))
    return [one for station in told.values() for one in station]


def _station(base: Name, xy: NDArray[np.float64], way: NDArray[np.float64], across: NDArray[np.float64]) -> list[_Told]:
    name = f"{base[0]}地铁站", f"{base[1]} Metro Station"
    corners = zip(_EXITS, ((60, 1), (60, -1), (-60, 1), (-60, -1)), strict=True)
    exits: list[_Told] = [
        ((f"{name[0]}{letter}出口", f"{name[1]} Exit {letter}"), "metro-exit", xy + way * along + across * side)
        for letter, (along, side) in corners
    ]
    return [(name, "metro", xy), *exits]
