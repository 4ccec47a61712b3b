"""From a statement to the places it may mean: one name, the crossing of two roads, a stretch of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import exp, hypot
from typing import Final

import numpy as np

from geoapp.locate.answer import Precision
from geoapp.locate.candidates import Candidate, along
from geoapp.locate.hints import Hints, above, fit
from geoapp.locate.houses import house, number
from geoapp.locate.meanings import Meaning
from geoapp.locate.mentions import Mention, Relation, Statement
from geoapp.locate.names import Kind
from geoapp.locate.offsets import moved
from geoapp.locate.spoken import Spoken

_MOST_PARTED_M: Final = 150.0
_MOST_PAIRS: Final = 64
_ANOTHER_PART_M: Final = 30_000.0
"""Roads whose beginnings are so far apart do not meet: most pairs of one name each."""

_TOUCHING_M: Final = 15.0
_LONGEST_STRETCH_M: Final = 6_000.0
_BESIDE_ROAD_M: Final = 500.0
_NOT_BESIDE: Final = 0.4
_NO_SUCH_HOUSE: Final = 0.1
_NEAR_M: Final = 40.0
"""How much further what is near a place may be."""

Pair = tuple[int, int, float]
"""Two roads and what it costs to believe that both are meant."""


def candidates(spoken: Spoken, statement: Statement, hints: Hints) -> list[Candidate]:
    """The places that a statement may mean."""
    if statement.relation is Relation.CROSSING:
        met = crossing(spoken, statement.mentions[0], statement.mentions[1], hints)
        return moved(spoken, statement, met) if met else []
    if statement.relation is Relation.STRETCH:
        return stretch(spoken, statement, hints) or named(spoken, statement.mentions[0], hints)
    return moved(spoken, statement, named(spoken, statement.mentions[0], hints))


# One name


def named(spoken: Spoken, mention: Mention, hints: Hints) -> list[Candidate]:
    """What one name may mean."""
    found: list[Candidate] = []
    for meaning in spoken.meanings.places(mention.row):
        if meaning.kind == Kind.ROAD:
            found.append(_road(spoken, mention, meaning, hints))
        elif meaning.kind == Kind.AREA:
            found.append(_area(spoken, meaning, hints))
        else:
            found.append(_spot(spoken, mention, meaning, hints))
    if any(one.precision is Precision.ADDRESS for one in found):
        # Where a house is known, another road of its name is hardly meant.
        return [replace(one, weight=one.weight * _NO_SUCH_HOUSE) if _is_road(one) else one for one in found]
    return found


def _is_road(candidate: Candidate) -> bool:
    return candidate.precision is Precision.ROAD


def _area(spoken: Spoken, meaning: Meaning, hints: Hints) -> Candidate:
    x, y, areas = spoken.meanings.samples(meaning.place)
    level = int(spoken.gazetteer.level[meaning.place])
    own = tuple(int(areas[depth][0]) for depth in range(len(areas)))
    weight = exp(-meaning.cost) * fit(spoken.meanings, own, above(hints, level))
    purity = 1.0 if level >= len(areas) - 1 and level else 0.2
    radius = float(spoken.gazetteer.radius[meaning.place])
    return Candidate(float(x[0]), float(y[0]), radius, weight, Precision.AREA, (meaning.place,), own, purity)


def _spot(spoken: Spoken, mention: Mention, meaning: Meaning, hints: Hints) -> Candidate:
    x, y, areas = spoken.meanings.samples(meaning.place)
    own = tuple(int(areas[depth][0]) for depth in range(len(areas)))
    precision = Precision.COMMUNITY if meaning.kind == Kind.COMMUNITY else Precision.LANDMARK
    radius = float(spoken.gazetteer.radius[meaning.place]) + (_NEAR_M if mention.near else 0.0)
    beside = _beside(spoken, mention, float(x[0]), float(y[0]))
    weight = exp(-meaning.cost) * fit(spoken.meanings, own, hints) * beside
    return Candidate(float(x[0]), float(y[0]), radius, weight, precision, (meaning.place,), own)


def _beside(spoken: Spoken, mention: Mention, x: float, y: float) -> float:
    """A landmark whose road is named with it lies by that road."""
    for one in spoken.reading.statements:
        other = one.mentions[0]
        if one.relation is not Relation.PLACE or other is mention or other.clause != mention.clause:
            continue
        roads = [road.place for road in spoken.meanings.roads(other.row) if road.cost < 0.5]
        if roads and 0 <= mention.first - other.end <= 8:
            away = min(float(np.hypot(s[0] - x, s[1] - y).min()) for s in map(spoken.meanings.samples, roads))
            return 1.0 if away < _BESIDE_ROAD_M else _NOT_BESIDE
    return 1.0


def _road(spoken: Spoken, mention: Mention, meaning: Meaning, hints: Hints) -> Candidate:
    wanted = number(spoken, mention)
    spot = None if wanted is None else house(spoken.gazetteer, meaning.place, wanted)
    if spot:
        x, y, radius = spot
        own = spoken.meanings.nearest(meaning.place, x, y)[2]
        weight = exp(-meaning.cost) * fit(spoken.meanings, own, hints)
        return Candidate(x, y, radius, weight, Precision.ADDRESS, (meaning.place,), own)
    whole, uniform = spoken.meanings.whole(meaning.place)
    if not all(uniform[hint.level] for hint in hints):
        whole = _part(spoken, meaning.place, hints)
    return replace(whole, weight=exp(-meaning.cost) * fit(spoken.meanings, whole.areas, hints))


def _part(spoken: Spoken, place: int, hints: Hints) -> Candidate:
    """What of a road lies in the areas that the text names."""
    x, y, areas = spoken.meanings.samples(place)
    keep = np.ones(len(x), dtype=bool)
    for level, places, _ in hints:
        inside = np.isin(areas[level], places)
        if (inside & keep).any():
            keep &= inside
    return spoken.meanings.traced(along(place, x[keep], y[keep], areas[:, keep]))


# Two roads that meet


def crossing(spoken: Spoken, first: Mention, second: Mention, hints: Hints) -> list[Candidate]:
    """Where the roads of two names meet, or come close."""
    left, right = spoken.meanings.roads(first.row), spoken.meanings.roads(second.row)
    pairs: list[Pair] = [(a.place, b.place, a.cost + b.cost) for a in left for b in right]
    met, count = spoken.gazetteer.crossings, len(spoken.gazetteer)
    if len(pairs) == 1:
        crossings = met.of_pair(pairs[0][0], pairs[0][1], count)
        at = [0] * len(crossings)
    else:
        every = np.array([pair[:2] for pair in pairs], dtype=np.int64)
        position, found_at = met.between(every[:, 0], every[:, 1], count)
        at, crossings = position.tolist(), found_at.tolist()
    found = [_met(spoken, pairs[pair], one, hints) for pair, one in zip(at, crossings, strict=True)]
    if not found and len(pairs) <= _MOST_PAIRS:
        found = _parted(spoken, pairs, hints)
    return found


def _met(spoken: Spoken, pair: Pair, at: int, hints: Hints) -> Candidate:
    met = spoken.gazetteer.crossings
    gap = float(met.gap[at])
    own = tuple(spoken.gazetteer.crossing_areas[:, at].tolist())
    weight = exp(-pair[2]) * fit(spoken.meanings, own, hints) * (1.0 if gap < _TOUCHING_M else 0.9)
    return Candidate(float(met.x[at]), float(met.y[at]), 40.0 + gap, weight, Precision.CROSSING, pair[:2], own)


def _parted(spoken: Spoken, pairs: Sequence[Pair], hints: Hints) -> list[Candidate]:
    """Roads that nearly meet in the register: where they come closest."""
    found: list[Candidate] = []
    for first, second, price in pairs:
        ax, ay, areas = spoken.meanings.samples(first)
        bx, by, _ = spoken.meanings.samples(second)
        if hypot(ax[0] - bx[0], ay[0] - by[0]) > _ANOTHER_PART_M or first == second:
            continue
        away = np.hypot(ax[:, None] - bx[None, :], ay[:, None] - by[None, :])
        at = int(away.argmin())
        i, j = divmod(at, len(bx))
        gap = float(away[i, j])
        if gap <= _MOST_PARTED_M:
            own = tuple(int(level[i]) for level in areas)
            weight = exp(-price) * fit(spoken.meanings, own, hints) * 0.75
            x, y = float(ax[i] + bx[j]) / 2, float(ay[i] + by[j]) / 2
            found.append(Candidate(x, y, 60 + gap, weight, Precision.CROSSING, (first, second), own))
    return found


# A stretch between two places


def stretch(spoken: Spoken, statement: Statement, hints: Hints) -> list[Candidate]:
    """The part of a road between two places: its middle."""
    road, one, other = statement.mentions
    starts, ends = _ends(spoken, road, one, hints), _ends(spoken, road, other, hints)
    found: list[Candidate] = []
    for start in starts:
        for end in ends:
            shared = set(start.places) & set(end.places)
            apart = hypot(start.x - end.x, start.y - end.y)
            if not shared or apart > _LONGEST_STRETCH_M:
                continue
            place = next(iter(shared))
            x, y, _ = spoken.meanings.nearest(place, (start.x + end.x) / 2, (start.y + end.y) / 2)
            own = spoken.meanings.nearest(place, x, y)[2]
            purity = 1.0 if start.areas[-1] == end.areas[-1] or apart < 1_200 else 0.8
            weight = start.weight * end.weight
            found.append(Candidate(x, y, max(40.0, apart / 2), weight, Precision.STRETCH, (place,), own, purity))
    return found


def _ends(spoken: Spoken, road: Mention, end: Mention, hints: Hints) -> list[Candidate]:
    """Where a stretch of a road may begin: at the crossing with another, or at what stands by it."""
    if Kind.ROAD in spoken.meanings.kinds(end.row):
        met = crossing(spoken, road, end, hints)
        if met:
            return met
    found: list[Candidate] = []
    for spot in named(spoken, end, hints):
        if spot.precision not in (Precision.LANDMARK, Precision.COMMUNITY):
            continue
        for place, _, cost, _ in spoken.meanings.roads(road.row):
            x, y, _ = spoken.meanings.nearest(place, spot.x, spot.y)
            if hypot(x - spot.x, y - spot.y) < _BESIDE_ROAD_M:
                found.append(replace(spot, x=x, y=y, places=(place,), weight=spot.weight * exp(-cost) * 0.8))
    return found
