"""Assets (部件) of the demo city: lamps, manholes, stops, signals, footbridges, parks, with codes and parties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.demo import parties, plan
from geoapp.demo.areas import Areas, Located
from geoapp.demo.blocks import Parks
from geoapp.demo.coast import Country
from geoapp.demo.drawing import ARTERIAL, COLLECTOR, EXPRESSWAY, LANE
from geoapp.demo.names import Name
from geoapp.demo.parties import Parties
from geoapp.demo.roads import Roads
from geoapp.locate.datum import Floats

_LAMPS_EVERY: Final = {EXPRESSWAY: 60.0, ARTERIAL: 52.0, COLLECTOR: 54.0, LANE: 58.0}
_MANHOLES_EVERY: Final = {ARTERIAL: 96.0, COLLECTOR: 84.0, LANE: 60.0}
_STOPS_EVERY: Final = {ARTERIAL: 520.0, COLLECTOR: 640.0}
_FOOTBRIDGES_EVERY: Final = {ARTERIAL: 1150.0}


@dataclass(frozen=True, slots=True)
class Assets:
    """The assets of one layer: shapes in metres around the centre; road is where it stands in Roads, or -1."""

    codes: Sequence[str]
    names: Sequence[Name]
    classes: Sequence[str]
    shapes: NDArray[np.object_]
    parties: Parties
    road: NDArray[np.int64]
    located: Located
    attributes: Sequence[Mapping[str, Any]]

    @property
    def points(self) -> NDArray[np.float64]:
        """A point on each, in metres."""
        return np.asarray(shapely.get_coordinates(shapely.point_on_surface(self.shapes)), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Beside:
    """Points beside roads: which road, how far along its first part, which side, where; and which way the road goes."""

    road: NDArray[np.int64]
    along: Floats
    xy: NDArray[np.float64]
    way: NDArray[np.float64]


def beside(roads: Roads, every: Mapping[str, float], away: Floats, start: Floats) -> Beside:
    """A point every so many metres of each class, away from the middle of each road, on its left and right in turn."""
    length = shapely.length(roads.lines)
    step = np.array([every.get(str(one), np.inf) for one in roads.classes])
    count = np.floor(length / step).astype(np.int64)
    road = np.repeat(np.arange(len(length)), count)
    nth = np.arange(len(road)) - np.repeat(np.cumsum(count) - count, count)
    along = (nth + start[road]) * step[road]
    here, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(roads.lines[road], along + more)) for more in (0.0, 3.0)
    )
    way = ahead - here
    way = np.where(np.hypot(*way.T)[:, None] > 0, way, [[1.0, 0.0]])
    way = way / np.hypot(*way.T)[:, None]
    side = np.where(nth % 2, 1.0, -1.0) * away[road]
    xy = here + np.column_stack((-way[:, 1], way[:, 0])) * side[:, None]
    return Beside(road, along, xy, way)


def lamps(country: Country, roads: Roads, areas: Areas) -> Assets:
    """Street lamps at the kerb; the code on the post is the road's and a number."""
    found = beside(roads, _LAMPS_EVERY, roads.widths / 2 + 1.2, np.full(len(roads.codes), 0.4))
    # A kerb ends where another road comes in.
    kept = _firm(country, roads, found.xy) & (carriageways(roads, found.xy, 0.6) == 0)
    road, xy = found.road[kept], found.xy[kept]
    starts = np.searchsorted(road, road)
    nth = np.arange(len(road)) - starts + 1
    codes = [f"{roads.codes[at]}-{number:03d}" for at, number in zip(road, nth, strict=True)]
    names = [
        (f"{roads.names[at][0]}{number}号灯杆", f"{roads.names[at][1]} lamp {number}")
        for at, number in zip(road.tolist(), nth.tolist(), strict=True)
    ]
    located = areas.locate(plan.dots(xy))
    tall = np.isin(roads.classes[road], (EXPRESSWAY, ARTERIAL))
    return Assets(
        codes, names, np.where(tall, "road-lamp", "lane-lamp").tolist(), plan.dots(xy),
        parties.of_lamps(_districts(areas), located.district), road, located,
        [{"height_m": 12 if one else 7} for one in tall.tolist()],
    )  # fmt: skip


def manholes(chance: np.random.Generator, country: Country, roads: Roads, areas: Areas) -> Assets:
    """Manholes in the carriageway; the cover says what pipe it is of, and a number."""
    found = beside(roads, _MANHOLES_EVERY, roads.widths * 0.3, chance.uniform(0.2, 0.8, len(roads.codes)))
    kept = _firm(country, roads, found.xy)
    road, xy = found.road[kept], found.xy[kept]
    kind = chance.choice(len(parties.PIPES), len(road), p=parties.PIPES_OFTEN)
    pipes = [parties.PIPES[of] for of in kind.tolist()]
    names = [
        (f"{roads.names[at][0]}{pipe.name[0]}", f"{pipe.name[1]}, {roads.names[at][1]}")
        for at, pipe in zip(road.tolist(), pipes, strict=True)
    ]
    return Assets(
        [f"{pipe.letters}{number:05d}" for number, pipe in enumerate(pipes, 1)], names,
        [pipe.classed for pipe in pipes], plan.dots(xy), parties.of_manholes(kind), road,
        areas.locate(plan.dots(xy)), [{}] * len(road),
    )  # fmt: skip


def footbridges(
    chance: np.random.Generator, country: Country, roads: Roads, areas: Areas, called: Iterator[Name]
) -> Assets:
    """Footbridges over arterials where people live, from footway to footway."""
    found = beside(roads, _FOOTBRIDGES_EVERY, np.zeros(len(roads.codes)), chance.uniform(0.2, 0.8, len(roads.codes)))
    dense = country.bend.density(found.xy)
    kept = _firm(country, roads, found.xy) & (dense > chance.uniform(0.1, 0.6, len(dense)))
    road, xy = found.road[kept], found.xy[kept]
    across = np.column_stack((-found.way[kept, 1], found.way[kept, 0])) * (roads.widths[road] / 2 + 7)[:, None]
    shapes = np.array(
        [shapely.LineString([one - far, one + far]) for one, far in zip(xy, across, strict=True)], dtype=object
    )
    located = areas.locate(plan.dots(xy))
    kind = chance.choice(("footbridge", "footbridge-ramp", "footbridge-lift"), len(road), p=(0.35, 0.4, 0.25)).tolist()
    steps = chance.integers(28, 46, len(road)).tolist()
    bases = [next(called) for _ in road]
    return Assets(
        [f"TQ{number:03d}" for number in range(1, len(road) + 1)],
        [(f"{zh}天桥", f"{en} Footbridge") for zh, en in bases], kind, shapes,
        parties.of_footbridges(_districts(areas), located.district), road, located,
        [{"steps": count} for count in steps],
    )  # fmt: skip


def signals(roads: Roads, areas: Areas) -> Assets:
    """Traffic signals where two arterials cross, or an arterial and a collector."""
    great, small = roads.of(ARTERIAL), roads.of(ARTERIAL, COLLECTOR)
    one, other = shapely.STRtree(roads.lines[small]).query(roads.lines[great], predicate="intersects")
    one, other = great[one], small[other]
    # Where the north of a road goes over into its south there is no crossing.
    base = np.array([zh[:2] for zh, _ in roads.names])
    pairs = ((one < other) | (roads.classes[other] == COLLECTOR)) & (base[one] != base[other])
    one, other = one[pairs], other[pairs]
    points, whose = shapely.get_parts(shapely.intersection(roads.lines[one], roads.lines[other]), return_index=True)
    dots = shapely.get_type_id(points) == shapely.GeometryType.POINT
    points, one, other = points[dots], one[whose[dots]], other[whose[dots]]
    # One set of signals a junction, however many roads meet there.
    _, first = np.unique(np.round(shapely.get_coordinates(points) / 45).astype(np.int64), axis=0, return_index=True)
    points, one, other = points[first], one[first], other[first]
    names = [
        (f"{roads.names[a][0]}{roads.names[b][0]}路口信号灯", f"Signals, {roads.names[a][1]} and {roads.names[b][1]}")
        for a, b in zip(one.tolist(), other.tolist(), strict=True)
    ]
    count = len(points)
    return Assets(
        [f"XH{number:04d}" for number in range(1, count + 1)], names, ["traffic-signal"] * count, points,
        parties.of_signals(count), one, areas.locate(points), [{}] * count,
    )  # fmt: skip


def parks(found: Parks, areas: Areas) -> Assets:
    """Parks as assets: whoever stands in one stands in it."""
    located = areas.locate(shapely.point_on_surface(found.outlines))
    count = len(found.names)
    return Assets(
        [f"GY{number:03d}" for number in range(1, count + 1)], found.names, found.classes, found.outlines,
        parties.of_parks(_districts(areas), located.district), np.full(count, -1), located, [{}] * count,
    )  # fmt: skip


def bus_stops(country: Country, roads: Roads, areas: Areas, at: NDArray[np.float64], called: Sequence[Name]) -> Assets:
    """Bus stops at the kerb, named after the landmark that is nearest."""
    found = beside(roads, _STOPS_EVERY, roads.widths / 2 + 2.5, np.full(len(roads.codes), 0.55))
    dense = country.bend.density(found.xy)
    kept = _firm(country, roads, found.xy) & (dense > 0.1)
    road, xy = found.road[kept], found.xy[kept]
    nearest = np.asarray(shapely.STRtree(plan.dots(at)).nearest(plan.dots(xy)))
    names = [(f"{called[one][0]}公交站", f"{called[one][1]} bus stop") for one in nearest.tolist()]
    count = len(road)
    return Assets(
        [f"GJ{number:04d}" for number in range(1, count + 1)], names, ["bus-stop"] * count, plan.dots(xy),
        parties.of_stops(count), road, areas.locate(plan.dots(xy)), [{"shelter": True}] * count,
    )  # fmt: skip


def _districts(areas: Areas) -> list[str]:
    return [zh for zh, _ in areas.districts.names]


def _firm(country: Country, roads: Roads, xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each point is on land or on a bridge."""
    firm = np.zeros(len(xy), dtype=bool)
    for ground in (country.dry, roads.bridges):
        shapely.prepare(ground)
        firm |= shapely.contains_xy(ground, xy[:, 0], xy[:, 1])
    return firm


def carriageways(roads: Roads, xy: NDArray[np.float64], more: float) -> NDArray[np.int64]:
    """On how many roads each point is, these being so much wider than they are."""
    paved = shapely.buffer(roads.lines, roads.widths / 2 + more, cap_style="flat")
    _, which = shapely.STRtree(plan.dots(xy)).query(paved, predicate="intersects")
    return np.bincount(which, minlength=len(xy)).astype(np.int64)
