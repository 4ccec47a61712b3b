"""The names of a city's places and where these are, as arrays: built once a layer version, mapped by every process.

What a line or an outline covers is kept as samples, points along or within it, each with the areas it lies in: that
answers which part of a road lies in a street office, how far two roads are apart, and how large a place is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.locate import crossings
from geoapp.locate.crossings import Crossings
from geoapp.locate.datum import Floats, project
from geoapp.locate.lookup import NONE, Phrases, Rows
from geoapp.locate.names import Kind, forms
from geoapp.locate.normalise import Places, plain, read
from geoapp.locate.spelling import Spelling

SAMPLE_M: Final = 60.0
_MOST_SAMPLES: Final = 400
_MAY_BE_MISSPELT: Final = 0.12
POINT_M: Final = 60.0
"""How far from its point a named place reaches where its shape is not known."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Places of one kind: names and WGS-84 shapes in one order.

    level: of areas, 0 for the coarsest; doubtful: which of them have a guessed outline. radius_m: how far off the
    points of the layer may be.
    """

    name: str
    kind: Kind
    names: Sequence[str]
    shapes: NDArray[np.object_]
    codes: Sequence[str] = ()
    level: int = 0
    radius_m: float = POINT_M
    doubtful: Sequence[bool] = ()


@dataclass(frozen=True, slots=True)
class Junctions:
    """Crossings that are known as points: the names of the two roads, and how many metres each may be off."""

    first: Sequence[str]
    second: Sequence[str]
    shapes: NDArray[np.object_]
    off_m: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Addresses:
    """House numbers that are known as points."""

    roads: Sequence[str]
    numbers: Sequence[str]
    shapes: NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Fix:
    """A form that people use and no register has: written by hand, with the reason."""

    name: str
    of: str
    reason: str
    cost: float = 0.1


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Everything `build` made; all of it arrays, besides the names of layers.

    traced says whether the shape of a place is known, or only some points of it, doubtful whether an area's outline is
    a guess. city are the city's own names.
    """

    layers: tuple[str, ...]
    crs: str
    city: tuple[str, ...]
    kinds: NDArray[np.uint8]
    layer: NDArray[np.uint8]
    level: NDArray[np.int8]
    x: Floats
    y: Floats
    radius: NDArray[np.float32]
    traced: NDArray[np.bool_]
    doubtful: NDArray[np.bool_]
    sample_starts: Rows
    sample_x: NDArray[np.float32]
    sample_y: NDArray[np.float32]
    sample_areas: NDArray[np.int32]
    phrases: Phrases
    form_starts: Rows
    form_places: Rows
    form_costs: NDArray[np.float32]
    form_weak: NDArray[np.bool_]
    names: NDArray[np.uint8]
    name_starts: Rows
    crossings: Crossings
    crossing_areas: NDArray[np.int32]
    number_keys: Places
    number_x: Floats
    number_y: Floats
    origin: Floats
    spelling: Spelling

    def __len__(self) -> int:
        return len(self.kinds)

    def name(self, place: int) -> str:
        """The name of a place as its layer has it."""
        return self.names[self.name_starts[place] : self.name_starts[place + 1]].tobytes().decode()

    def of_form(self, row: int) -> tuple[Rows, NDArray[np.float32], NDArray[np.bool_]]:
        """The places a form means, with cost and weakness."""
        part = slice(int(self.form_starts[row]), int(self.form_starts[row + 1]))
        return self.form_places[part], self.form_costs[part], self.form_weak[part]

    def samples(self, place: int) -> tuple[Floats, Floats, NDArray[np.int32]]:
        """x, y and the areas (a row a level) of a place's samples."""
        part = slice(int(self.sample_starts[place]), int(self.sample_starts[place + 1]))
        x, y = self.sample_x[part].astype(np.float64), self.sample_y[part].astype(np.float64)
        return x + self.origin[0], y + self.origin[1], self.sample_areas[:, part]

    def megabytes(self) -> float:
        """How much memory it takes."""
        return sum(array.nbytes for array in self.arrays().values()) / (1 << 20)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What it consists of, by name, so that a file can hold it."""
        plain_arrays = {name: getattr(self, name) for name in _ARRAYS}
        met = {f"crossings.{name}": getattr(self.crossings, name) for name in ("keys", "x", "y", "gap")}
        head = np.frombuffer("\n".join([self.crs, "|".join(self.city), *self.layers]).encode(), dtype=np.uint8)
        return {"head": head, **plain_arrays, **met, **self.phrases.arrays("phrases"), **self.spelling.arrays()}

    @staticmethod
    def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Gazetteer:
        """The one that `arrays` took apart."""
        crs, said, *layers = arrays["head"].tobytes().decode().split("\n")
        city = tuple(name for name in said.split("|") if name)
        met = Crossings(*(arrays[f"crossings.{name}"] for name in ("keys", "x", "y", "gap")))
        phrases = Phrases.from_arrays(arrays, "phrases")
        return Gazetteer(
            layers=tuple(layers), crs=crs, city=city, phrases=phrases, crossings=met,
            spelling=Spelling.from_arrays(arrays), **{name: arrays[name] for name in _ARRAYS},
        )  # fmt: skip


_ARRAYS: Final = (
    "kinds", "layer", "level", "x", "y", "radius", "traced", "doubtful", "sample_starts", "sample_x", "sample_y",
    "sample_areas", "form_starts", "form_places", "form_costs", "form_weak", "names", "name_starts",
    "crossing_areas", "number_keys", "number_x", "number_y", "origin",
)  # fmt: skip


def build(
    layers: Sequence[Layer], crs: str, *, city: Sequence[str] = (), fixes: Sequence[Fix] = (),
    junctions: Sequence[Junctions] = (), addresses: Sequence[Addresses] = (),
) -> Gazetteer:  # fmt: skip
    """A gazetteer of layers; crs is metric, city are the city's own names, which others' may begin with."""
    names = [name for layer in layers for name in layer.names]
    kinds = _each(layers, lambda layer: layer.kind, np.uint8)
    level = np.where(kinds == Kind.AREA, _each(layers, lambda layer: layer.level, np.int8), -1).astype(np.int8)
    shapes = project(_joined([layer.shapes for layer in layers]), crs)
    origin = np.array(_corner(shapes))
    starts, points = _samples(shapes, kinds)
    inside = _areas(shapes, level, points)
    x, y, radius = _extents(shapes, starts, points, _each(layers, lambda layer: layer.radius_m, np.float32))
    row_starts, places, costs, weak, phrases, spelling = _form_table(layers, names, kinds, level, city, fixes)
    packed = [name.strip().encode() for name in names]
    made = Gazetteer(
        layers=tuple(layer.name for layer in layers), crs=crs, city=tuple(map(plain, city)), kinds=kinds,
        layer=np.repeat(np.arange(len(layers), dtype=np.uint8), [len(layer.names) for layer in layers]), level=level,
        x=x, y=y, radius=radius, traced=shapely.get_dimensions(shapes) > 0, doubtful=_doubtful(layers),
        sample_starts=starts,
        sample_x=(points[:, 0] - origin[0]).astype(np.float32), sample_y=(points[:, 1] - origin[1]).astype(np.float32),
        sample_areas=inside, phrases=phrases, spelling=spelling, form_starts=row_starts, form_places=places,
        form_costs=costs, form_weak=weak, names=np.frombuffer(b"".join(packed), dtype=np.uint8),
        name_starts=np.append(0, np.cumsum([len(name) for name in packed])).astype(np.int32),
        crossings=_met(shapes, kinds), crossing_areas=np.zeros((len(inside), 0), np.int32),
        number_keys=np.zeros(0, np.int64), number_x=np.zeros(0), number_y=np.zeros(0),
        origin=origin,
    )  # fmt: skip
    made = _with_numbers(_with_junctions(made, junctions), addresses)
    return replace(made, crossing_areas=_areas(shapes, level, np.column_stack([made.crossings.x, made.crossings.y])))


def _each(layers: Sequence[Layer], value: Any, kind: Any) -> NDArray[Any]:
    values = np.array([value(layer) for layer in layers], dtype=kind)
    return np.repeat(values, [len(layer.names) for layer in layers])


def _doubtful(layers: Sequence[Layer]) -> NDArray[np.bool_]:
    every = [layer.doubtful or [False] * len(layer.names) for layer in layers]
    return np.array([one for layer in every for one in layer], dtype=bool)


def _joined(parts: Sequence[NDArray[np.object_]]) -> NDArray[np.object_]:
    return np.concatenate([np.asarray(part, dtype=object) for part in parts]) if parts else np.zeros(0, dtype=object)


def _corner(shapes: NDArray[np.object_]) -> tuple[float, float]:
    bounds = shapely.total_bounds(shapes) if len(shapes) else np.zeros(4)
    return float(np.floor(bounds[0])), float(np.floor(bounds[1]))


def _met(shapes: NDArray[np.object_], kinds: NDArray[np.uint8]) -> Crossings:
    lines = np.flatnonzero((kinds == Kind.ROAD) & (shapely.get_dimensions(shapes) == 1))
    return crossings.of_lines(shapes[lines], lines, len(kinds))


def _samples(shapes: NDArray[np.object_], kinds: NDArray[np.uint8]) -> tuple[Rows, Floats]:
    """Points along each line at equal steps; of anything else its vertices (multipoints) or one point within."""
    line = (shapely.get_dimensions(shapes) == 1) & (kinds != Kind.AREA)
    many = (shapely.get_type_id(shapes) == 4) & ~line
    length = np.where(line, shapely.length(shapes), 0.0)
    step_count = np.clip(np.ceil(length / SAMPLE_M), 3, _MOST_SAMPLES).astype(np.int64)
    counts = np.where(line, step_count, np.where(many, shapely.get_num_geometries(shapes), 1))
    starts = np.append(0, np.cumsum(counts)).astype(np.int32)
    points = np.zeros((int(starts[-1]), 2))
    single = ~(line | many)
    spot = shapely.point_on_surface(shapes[single])
    points[starts[:-1][single]] = np.column_stack([shapely.get_x(spot), shapely.get_y(spot)])
    parts = shapely.get_parts(shapes[many])
    where = np.flatnonzero(many[np.repeat(np.arange(len(shapes)), counts)])
    points[where] = np.column_stack([shapely.get_x(parts), shapely.get_y(parts)])
    at = np.repeat(np.flatnonzero(line), counts[line])
    nth = np.arange(len(at)) - np.repeat(np.cumsum(counts[line]) - counts[line], counts[line])
    along = _along(shapes[at], (nth + 0.5) / counts[at])
    points[starts[at] + nth] = along
    return starts, points


def _along(lines: NDArray[np.object_], share: Floats) -> Floats:
    """The point of each line at a share of its length; of a broken line, part by part as if its parts were joined."""
    found = np.zeros((len(lines), 2))
    whole = shapely.get_type_id(lines) == 1
    spot = shapely.line_interpolate_point(lines[whole], share[whole], normalized=True)
    found[whole] = np.column_stack([shapely.get_x(spot), shapely.get_y(spot)])
    for at in np.flatnonzero(~whole).tolist():
        found[at] = _along_parts(lines[at], float(share[at]))
    return found


def _along_parts(line: Any, share: float) -> tuple[float, float]:
    parts = shapely.get_parts(line)
    lengths = shapely.length(parts)
    ends = np.cumsum(lengths)
    wanted = share * ends[-1]
    at = min(int(np.searchsorted(ends, wanted)), len(parts) - 1)
    spot = shapely.line_interpolate_point(parts[at], wanted - (ends[at] - lengths[at]))
    return float(spot.x), float(spot.y)


def _areas(shapes: NDArray[np.object_], level: NDArray[np.int8], points: Floats) -> NDArray[np.int32]:
    """The area of each level that each sample lies in; ties go to the first."""
    levels = max(int(level.max(initial=-1)) + 1, 1)
    found = np.full((levels, len(points)), NONE, dtype=np.int32)
    tree = shapely.STRtree(np.asarray(shapely.points(points), dtype=np.object_))
    for depth in range(levels):
        ids = np.flatnonzero((level == depth) & (shapely.get_dimensions(shapes) == 2))
        if len(ids):
            # What asks the tree is prepared, what stands in it is not: outlines are long, points are many.
            area, spot = tree.query(shapes[ids], predicate="intersects")
            order = np.lexsort((-ids[area], spot))
            found[depth, spot[order]] = ids[area[order]]
    return found


def _extents(
    shapes: NDArray[np.object_], starts: Rows, points: Floats, given: NDArray[np.float32]
) -> tuple[Floats, Floats, NDArray[np.float32]]:
    """The middle of each place, and the radius that holds nine tenths of it."""
    middle = points[(starts[:-1] + starts[1:] - 1) // 2] if len(points) else np.zeros((0, 2))
    counts = np.diff(starts)
    of = np.repeat(np.arange(len(shapes)), counts)
    away = np.hypot(points[:, 0] - middle[of, 0], points[:, 1] - middle[of, 1])
    order = np.lexsort((away, of))
    ninth = starts[:-1] + np.ceil(counts * 0.9).astype(np.int64) - 1
    radius = away[order][ninth] if len(points) else np.zeros(0)
    outline = shapely.get_dimensions(shapes) == 2
    radius = np.where(outline, np.sqrt(shapely.area(shapes) / np.pi) * 1.1, radius)
    return middle[:, 0], middle[:, 1], np.maximum(radius, given).astype(np.float32)


def _form_table(
    layers: Sequence[Layer], names: Sequence[str], kinds: NDArray[np.uint8], level: NDArray[np.int8],
    city: Sequence[str], fixes: Sequence[Fix],
) -> tuple[Rows, Rows, NDArray[np.float32], NDArray[np.bool_], Phrases, Spelling]:  # fmt: skip
    every = list(_said(names, kinds, city, fixes))
    said = [form for _, _, form, _ in every]
    places = np.array([place for place, _, _, _ in every], dtype=np.int64)
    costs = np.array([cost for _, cost, _, _ in every], dtype=np.float32)
    weak = np.array([thin for _, _, _, thin in every], dtype=bool)
    words = read(said)
    # The break that ends each text is a word of its own.
    bounds = np.append(0, np.cumsum(np.bincount(words.of, minlength=len(said))))[:-1] if said else np.zeros(0, int)
    lengths = np.bincount(words.of, minlength=len(said)) - 1
    phrases, rows = Phrases.of(words, bounds.astype(np.int64), lengths.astype(np.int64))
    kept = _worth_keeping(rows, places, costs, kinds, level)
    # Short and other forms are not misspelt as well: a doubt is allowed once.
    chosen = (costs <= _MAY_BE_MISSPELT) & ~weak & (kinds[places] != Kind.HILL)
    loose = kinds[places] != Kind.AREA
    spelling = Spelling.of(words, bounds.astype(np.int64), lengths.astype(np.int64), rows, chosen, loose)
    starts = np.searchsorted(rows[kept], np.arange(len(phrases.table.keys) + 1)).astype(np.int32)
    return starts, places[kept].astype(np.int32), costs[kept], weak[kept], phrases, spelling


def _said(
    names: Sequence[str], kinds: NDArray[np.uint8], city: Sequence[str], fixes: Sequence[Fix]
) -> Iterator[tuple[int, float, str, bool]]:
    by_name: dict[str, list[int]] = {}
    wanted = {plain(fix.of) for fix in fixes}
    for place, (name, kind) in enumerate(zip(names, kinds.tolist(), strict=True)):
        for form in forms(Kind(kind), name, city):
            yield place, form.cost, form.words, form.weak
            if form.words in wanted and form.cost < 0.3:
                by_name.setdefault(form.words, []).append(place)
    for fix in fixes:
        for place in by_name.get(plain(fix.of), ()):
            yield place, fix.cost, plain(fix.name), False


def _worth_keeping(
    rows: Rows, places: NDArray[Any], costs: NDArray[Any], kinds: NDArray[np.uint8], level: NDArray[np.int8]
) -> Places:
    """In rising order of rows; a form that is somebody's own name is not also another's with a changed ending.

    南山 is the district rather than the street office within it: the finer area must be named in full.
    """
    best = np.full(int(rows.max(initial=-1)) + 1, np.inf)
    np.minimum.at(best, rows, costs)
    area = kinds[places] == Kind.AREA
    coarsest = np.full(len(best), 99)
    np.minimum.at(coarsest, rows[area], level[places[area]])
    keep = costs <= best[rows] + 0.9
    keep &= ~area | (level[places] == coarsest[rows]) | (costs == 0)
    kept = np.flatnonzero(keep)
    return kept[np.lexsort((costs[kept], rows[kept]))]


def _with_junctions(made: Gazetteer, given: Sequence[Junctions]) -> Gazetteer:
    """With crossings that are known as points: each pair of roads so named whose samples come close."""
    if not given:
        return made
    met = made.crossings
    keys, xs, ys, gaps = met.keys.tolist(), met.x.tolist(), met.y.tolist(), met.gap.tolist()
    for of in given:
        points = project(of.shapes, made.crs)
        off = of.off_m or [0.0] * len(of.first)
        every = zip(of.first, of.second, shapely.get_x(points), shapely.get_y(points), off, strict=True)
        for first, second, x, y, gap in every:
            a, b = (_road_at(made, name, float(x), float(y)) for name in (first, second))
            if a is not None and b is not None and a != b:
                keys.append(min(a, b) * len(made) + max(a, b))
                xs.append(float(x))
                ys.append(float(y))
                gaps.append(gap)
    known = crossings.merged(np.array(keys, dtype=np.int64), np.array(xs), np.array(ys), np.array(gaps))
    return replace(made, crossings=known)


def _with_numbers(made: Gazetteer, given: Sequence[Addresses]) -> Gazetteer:
    if not given:
        return made
    keys: list[int] = []
    xs: list[float] = []
    ys: list[float] = []
    for of in given:
        points = project(of.shapes, made.crs)
        for road, number, x, y in zip(of.roads, of.numbers, shapely.get_x(points), shapely.get_y(points), strict=True):
            at, value = _road_at(made, road, float(x), float(y)), number_of(number)
            if at is not None and value is not None:
                keys.append(at * NUMBERS + value)
                xs.append(float(x))
                ys.append(float(y))
    order = np.argsort(np.array(keys, dtype=np.int64), kind="stable")
    return replace(
        made, number_keys=np.array(keys, dtype=np.int64)[order], number_x=np.array(xs)[order],
        number_y=np.array(ys)[order],
    )  # fmt: skip


NUMBERS: Final = 10_000_000
"""Above every house number, so that road * NUMBERS + number is a key."""


def number_of(words: str) -> int | None:
    """A house number as a number; 147-25 (Queens: the block, then the house) is 14725."""
    head, _, tail = words.strip().partition("-")
    if not head.isdigit() or (tail and not tail.isdigit()) or len(head) + len(tail) > 6:
        return None
    return int(head) * 1000 + int(tail) if tail else int(head)


def _road_at(made: Gazetteer, name: str, x: float, y: float) -> int | None:
    """The road of a name that comes nearest to a point."""
    words = read([plain(name)])
    row = made.phrases.table.find(words.windows(np.array([0]), len(words) - 1))[0]
    if row == NONE:
        return None
    places, costs, _ = made.of_form(int(row))
    roads = [int(p) for p, cost in zip(places, costs, strict=True) if made.kinds[p] == Kind.ROAD and cost == 0]
    return min(roads, key=lambda road: _away(made, road, x, y), default=None)


def _away(made: Gazetteer, place: int, x: float, y: float) -> float:
    sx, sy, _ = made.samples(place)
    return float(np.hypot(sx - x, sy - y).min())
