"""How fast cases find their units by a long list, borders looked at and all, against the plain way of doing it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.assign.areas import AreaLayer, Ground
from geoapp.assign.asking import Cases, Things, as_levels, batch
from geoapp.assign.dispatch import Dispatcher
from geoapp.assign.duties import Duty
from geoapp.bench.assigning import areas
from geoapp.bench.figure import Figure
from geoapp.locate.datum import project, transformer

CASES: Final = 100_000
_PLAIN: Final = 2_000
"""The plain way is asked for fewer: it takes its time."""

_AT_ONCE: Final = 5_000
_CRS: Final = "EPSG:32650"
_MATTERS, _CATEGORIES, _LINES = 4_000, 18, 10_000
_DISTRICTS, _OFFICES = 10, 300
_RADIUS_M: Final = 15.0


def measure() -> Iterator[Figure]:
    """A hundred thousand cases of four thousand matters, in two levels of areas, by ten thousand lines."""
    here, duties, units = _ground(), _list(), _units()
    keys = {key: f"u{key}" for layer in here.layers for key in layer.key_ids.tolist()}
    dispatcher = Dispatcher.of(duties, as_levels(here, keys), units)
    cases = _cases(CASES)
    _asked(dispatcher, here, _some(cases, 0, 100))  # What is made once is made.
    started = time.perf_counter()
    found = [_asked(dispatcher, here, _some(cases, at, at + _AT_ONCE)) for at in range(0, CASES, _AT_ONCE)]
    took = time.perf_counter() - started
    some = _some(cases, 0, _PLAIN)
    plain = _Plain.of(here, duties, keys)
    started = time.perf_counter()
    told = [plain.dispatch(some, at) for at in range(_PLAIN)]
    plainly = time.perf_counter() - started
    units_found = [one for part in found for one in part][:_PLAIN]
    if wrong := sum(one != other for one, other in zip(units_found, told, strict=True)):
        raise RuntimeError(f"{wrong} of {_PLAIN} cases are dispatched otherwise than by the plain way")
    name = f"dispatches_per_second ({_LINES} lines, {_DISTRICTS + _OFFICES} areas)"
    yield Figure(name, CASES, CASES / took, "cases/s", "plain_loop", _PLAIN / plainly)


def _asked(dispatcher: Dispatcher, here: Ground, cases: Cases) -> list[tuple[str, bool]]:
    found = dispatcher.dispatch(batch(dispatcher, here, cases, Things.none(len(cases))))
    return list(zip(found.units(), found.held.tolist(), strict=True))


def _ground() -> Ground:
    layers = [_layer("districts", _DISTRICTS, 1), _layer("street_offices", _OFFICES, 1 + _DISTRICTS)]
    return Ground(tuple(layers), "street_offices", 1000.0, _CRS)


def _layer(name: str, count: int, first: int) -> AreaLayer:
    codes = [f"{name}-{nth:04}" for nth in range(count)]
    keys, official = list(range(first, first + count)), ["official"] * count
    return AreaLayer.of(name, name, 1, keys, codes, [{"en": code} for code in codes], official, areas(count))


def _units() -> list[str]:
    return [f"u{key}" for key in range(1, 1 + _DISTRICTS + _OFFICES)] + [f"bureau-{nth}" for nth in range(40)]


def _list() -> list[Duty]:
    """A line a category, one a matter for half of them, and thousands for a matter in one office."""
    chance = np.random.default_rng(4)
    lines = [
        Duty(f"c{nth}", category=f"c{nth}", level=("street_offices", "districts", "")[nth % 3],
             unit=f"bureau-{nth}" if nth % 3 == 2 else "")
        for nth in range(_CATEGORIES)
    ]  # fmt: skip
    lines += [
        Duty(f"m{nth}", matter=f"m{nth}", unit=f"bureau-{nth % 40}", assisting=("u1",)) for nth in range(0, _MATTERS, 2)
    ]
    while len(lines) < _LINES:
        matter, office = chance.integers(_MATTERS), chance.integers(_OFFICES)
        unit = f"bureau-{chance.integers(40)}"
        lines.append(
            Duty(f"x{len(lines)}", "", f"m{matter}", "street_offices", f"street_offices-{office:04}", unit=unit)
        )
    return lines


def _cases(count: int) -> Cases:
    chance = np.random.default_rng(5)
    matter = chance.integers(0, _MATTERS, count).tolist()
    return Cases(
        [f"m{one}" for one in matter], [f"c{one % _CATEGORIES}" for one in matter],
        np.full(count, np.datetime64("2026-03-01")), chance.uniform(113.7, 114.7, count),
        chance.uniform(22.4, 22.9, count), np.full(count, _RADIUS_M), np.ones(count),
    )  # fmt: skip


def _some(cases: Cases, start: int, end: int) -> Cases:
    part = slice(start, end)
    return Cases(
        cases.matter[part], cases.category[part], cases.day[part], cases.lon[part], cases.lat[part],
        cases.radius_m[part], cases.confidence[part],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Plain:
    """What most would write: the lines of a matter from a dictionary, areas by a tree, one case after another."""

    here: Ground
    lines: Mapping[str, Sequence[Duty]]
    keys: Mapping[int, str]
    trees: Mapping[str, tuple[NDArray[np.object_], shapely.STRtree]]

    @staticmethod
    def of(here: Ground, duties: Sequence[Duty], keys: Mapping[int, str]) -> _Plain:
        lines: dict[str, list[Duty]] = {}
        for duty in duties:
            lines.setdefault(duty.matter or duty.category, []).append(duty)
        trees = {}
        for layer in here.layers:
            metric = np.asarray(project(layer.outlines, _CRS), dtype=object)
            trees[layer.name] = (metric, shapely.STRtree(metric))
        return _Plain(here, lines, keys, trees)

    def dispatch(self, cases: Cases, at: int) -> tuple[str, bool]:
        """The unit of one case, and whether it is held."""
        point = shapely.Point(transformer("EPSG:4326", _CRS).transform(float(cases.lon[at]), float(cases.lat[at])))
        lies = {name: self._lies(name, point) for name in self.trees}
        unit, tied = self._unit(cases, at, lies)
        held = tied or not unit
        for name, (outlines, tree) in self.trees.items():
            for area in sorted(tree.query(point, predicate="dwithin", distance=float(cases.radius_m[at])).tolist()):
                if area != lies[name]:
                    near = shapely.shortest_line(outlines[area], point)
                    (x, y), (px, py) = near.coords[0], near.coords[-1]
                    length = float(np.hypot(x - px, y - py)) or 1.0
                    beyond = shapely.Point(x + (x - px) / length * 0.5, y + (y - py) / length * 0.5)
                    there = {other: self._lies(other, beyond) for other in self.trees} | {name: area}
                    other, _ = self._unit(cases, at, there)
                    held = held or (bool(other) and other != unit)
        return unit, held

    def _lies(self, name: str, point: shapely.Point) -> int:
        return int(min(self.trees[name][1].query(point, predicate="intersects").tolist(), default=-1))

    def _unit(self, cases: Cases, at: int, lies: Mapping[str, int]) -> tuple[str, bool]:
        best: list[tuple[tuple[int, int], str]] = []
        for duty in (*self.lines.get(cases.matter[at], ()), *self.lines.get(cases.category[at], ())):
            area = lies.get(duty.level, -1)
            layer = self.here.layer(duty.level) if duty.level else None
            if layer and (area == -1 or duty.area not in ("", layer.codes[area])):
                continue
            acts = duty.unit or (self.keys[int(layer.key_ids[area])] if layer else "")
            best.append(((2 if duty.matter else 1, 2 if duty.area else 1 if duty.level else 0), acts))
        if not best:
            return "", True
        first = max(exact for exact, _ in best)
        units = {unit for exact, unit in best if exact == first}
        return min(unit for exact, unit in best if exact == first), len(units) > 1
