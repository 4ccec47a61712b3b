"""What is wrong with a list before it is put into force: names nobody knows, gaps, overlaps, lines that never answer.

How lines beat each other is stated here as dispatch has it: one matter before a category before any matter; then one
area before a level before the whole city, a finer level before a coarser; then priority. Lines that ask for a class of
asset or its party answer only where there is such an asset, so they fill no gap by themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, groupby
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoapp.assign.catalogue import CatalogueMatter
from geoapp.assign.duties import Duty
from geoapp.assign.exactness import Asks, exactness, ranks
from geoapp.assign.implementation import Step

Ints = NDArray[np.int64]

NAMED: Final = 20
"""So many lines of a finding are named in words."""

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "unit_unknown": ("没有承办单位“{what}”", "there is no unit {what}"),
    "matter_unknown": ("事项目录中没有“{what}”", "the catalogue has no matter {what}"),
    "category_unknown": ("事项目录中没有类别“{what}”", "the catalogue has no category {what}"),
    "category_other": ("事项“{what}”不属于此类别", "the matter {what} is of another category"),
    "level_unknown": ("没有区域层级“{what}”", "there is no level of areas {what}"),
    "area_unknown": ("没有区域“{what}”", "there is no area {what}"),
    "area_of_no_level": ("区域“{what}”未注明层级", "the area {what} is given without its level"),
    "asset_class_unknown": ("没有部件类别“{what}”", "there is no class of assets {what}"),
    "nobody": ("未指明承办单位、区域或部件责任方", "no unit, area or party is named"),
    "days": ("失效日期早于生效日期", "the last day lies before the first"),
    "names_differ": ("类别“{what}”有不同的名称", "the category {what} has more than one name"),
    "parent_differs": ("类别“{what}”属于不同的大类", "the category {what} is under more than one parent"),
    "parent_itself": ("类别“{what}”的大类是它自己或互为大类", "the category {what} stands below itself"),
    "matter_named": (
        "责任清单仍引用将被移出的事项“{what}”",
        "the responsibilities still name the matter {what}, which goes",
    ),
    "steps_twice": ("同一事项有两个第 {what} 步", "there are two steps {what} of the same"),
    "overlap": ("同样精确、优先级相同，承办单位却不同", "equally exact and of equal priority, yet of different units"),
    "same": ("与另一条完全重复", "says the same as another line"),
    "shadowed": ("永远轮不到：总有更精确或更优先的规则", "never answers: another line is always before it"),
    "expired": ("已失效", "has expired"),
    "area_without_unit": ("区域“{what}”没有自己的承办单位", "the area {what} has no unit of its own"),
    "party_unknown": ("部件责任方“{what}”不在承办单位之列", "the asset's party {what} is no unit"),
    "person_unknown": ("没有名为“{what}”的账号", "nobody called {what} has an account"),
    "gap": (
        "无人负责：{pairs} 处（{matters} 个事项、{areas} 个区域），如 {what}",
        "nobody answers: {pairs} pairs ({matters} matters, {areas} areas), such as {what}",
    ),
    "unit_without_steps": ("承办单位“{what}”没有实施清单", "the unit {what} has no implementation list"),
}
"""Each kind of finding, in Chinese and English."""

REFUSED: Final = frozenset(WORDS) - {
    "overlap", "same", "shadowed", "expired", "area_without_unit", "party_unknown", "person_unknown", "gap",
    "unit_without_steps", "matter_named",
}  # fmt: skip
"""Findings with which a batch is not put into force unless somebody says why: what they name is nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: its kind, the lines it is about, what they name, and counts."""

    kind: str
    lines: tuple[str, ...]
    what: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether it stands in the way of the batch."""
        return self.kind in REFUSED

    def words(self, language: str) -> str:
        """The finding in Chinese or English, with the lines it is about."""
        said = WORDS[self.kind][language != "zh"].format(what=self.what, **self.counts)
        named = ", ".join(self.lines[:NAMED]) + (", …" if len(self.lines) > NAMED else "")
        if not named:
            return said
        return f"{said}：{named}" if language == "zh" else f"{said}: {named}"

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain values."""
        return {
            "kind": self.kind, "refused": self.refused, "what": self.what, "lines": list(self.lines), **self.counts,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What lines may name on a day. matters: each matter's category; levels: layers of areas, the widest first.

    places holds the finest areas as columns: for each level the code of the area of that level in which each of them
    lies, "" for none. area_units is the unit of an area by level and code; parties are the names of assets' parties
    by class and party. persons None: not asked. told_by is the level by which gaps and overlaps are told.
    """

    day: date
    matters: Mapping[str, str]
    units: frozenset[str]
    levels: tuple[str, ...] = ()
    places: Mapping[str, Sequence[str]] = field(default_factory=dict)
    areas: Mapping[str, frozenset[str]] = field(default_factory=dict)
    area_units: Mapping[tuple[str, str], str] = field(default_factory=dict)
    asset_classes: frozenset[str] = frozenset()
    parties: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    persons: frozenset[str] | None = None
    told_by: str = ""

    def with_matters(self, matters: Mapping[str, str]) -> Known:
        """The same with other matters."""
        return replace(self, matters=matters)


@dataclass(frozen=True, slots=True)
class Answered:
    """How many pairs of a matter and an area of a category are answered for, and how."""

    category: str
    answered: int
    by_asset: int
    by_fallback: int
    nobody: int


@dataclass(frozen=True, slots=True)
class Crossed:
    """Categories × areas: of how many matters somewhere in the area nobody is, and how many overlaps reach it.

    Both tables are (areas, categories).
    """

    areas: tuple[str, ...]
    categories: tuple[str, ...]
    gaps: Ints
    overlaps: Ints


@dataclass(frozen=True, slots=True)
class Checked:
    """All that was found, what stands in the way first; matrix: by category, crossed by area as well, both only for
    responsibilities."""

    findings: tuple[Finding, ...]
    matrix: tuple[Answered, ...] = ()
    crossed: Crossed | None = None

    @property
    def refused(self) -> tuple[Finding, ...]:
        """What stands in the way of putting the list into force."""
        return tuple(one for one in self.findings if one.refused)


Pair = tuple[str, str, str]
"""What is wrong, with what, in which line."""


def _gathered(pairs: Iterator[Pair]) -> list[Finding]:
    """Each thing found once, with all its lines; in the order of WORDS."""
    order = {kind: nth for nth, kind in enumerate(WORDS)}
    ordered = sorted(pairs, key=lambda pair: (order[pair[0]], pair[1], pair[2]))
    return [
        Finding(kind, tuple(dict.fromkeys(line for *_, line in group)), what)
        for (kind, what), group in groupby(ordered, key=lambda pair: pair[:2])
    ]


# The catalogue


def check_catalogue(
    lines: Sequence[CatalogueMatter], before: Collection[str] = (), duties: Sequence[Duty] = ()
) -> Checked:
    """What is wrong with a catalogue: categories that are spoken of in two ways, or stand below themselves; and which
    of the matters before it go while responsibilities name them."""
    gone = set(before) - {line.code for line in lines}
    named = (("matter_named", duty.matter, duty.code) for duty in duties if duty.matter in gone)
    return Checked(tuple(_gathered(chain(_about_catalogue(lines), named))))


def _about_catalogue(lines: Sequence[CatalogueMatter]) -> Iterator[Pair]:
    names: dict[str, Any] = {}
    parents: dict[str, str] = {}
    for line in lines:
        for code, said in ((line.category, line.category_names), (line.parent, line.parent_names)):
            if code and said and names.setdefault(code, said) != said:
                yield "names_differ", code, line.code
        if parents.setdefault(line.category, line.parent) != line.parent:
            yield "parent_differs", line.category, line.code
    for line in lines:
        if line.parent and (line.parent == line.category or parents.get(line.parent)):
            # Two steps are as deep as categories go, so whatever has a parent is none.
            yield "parent_itself", line.category, line.code


# Implementation lists


def check_steps(lines: Sequence[Step], known: Known, acting: Collection[str] = ()) -> Checked:
    """What is wrong with implementation lists; acting are the units that the responsibilities name."""
    categories = frozenset(known.matters.values())
    there = {line.unit for line in lines}
    found = _gathered(_about_steps(lines, known, categories))
    return Checked((*found, *(Finding("unit_without_steps", (), unit) for unit in sorted(set(acting) - there))))


def _about_steps(lines: Sequence[Step], known: Known, categories: Collection[str]) -> Iterator[Pair]:
    seen: set[tuple[str, str, str, int]] = set()
    for line in lines:
        yield from _about_subject(line.code, line.category, line.matter, known, categories)
        if line.unit not in known.units:
            yield "unit_unknown", line.unit, line.code
        step = (line.unit, line.category, line.matter, line.nth)
        if step in seen:
            yield "steps_twice", str(line.nth), line.code
        seen.add(step)


def _about_subject(code: str, category: str, matter: str, known: Known, categories: Collection[str]) -> Iterator[Pair]:
    if matter and matter not in known.matters:
        yield "matter_unknown", matter, code
    if category and category not in categories:
        yield "category_unknown", category, code
    elif category and known.matters.get(matter, category) != category:
        yield "category_other", matter, code


# Responsibilities


def check_duties(lines: Sequence[Duty], known: Known) -> Checked:
    """What is wrong with responsibilities on a day, and how much of matters × areas they answer for."""
    categories = frozenset(known.matters.values())
    wrong = list(_about_duties(lines, known, categories))
    lost = {line for kind, _, line in wrong if kind in REFUSED}
    grid = _Grid.of([line for line in lines if line.code not in lost and _lasts(line, known.day)], known)
    wrong += [("expired", "", line.code) for line in lines if line.valid_to and line.valid_to < known.day]
    wrong += [("shadowed", "", code) for code in _shadowed(grid)]
    overlaps, same = _overlapping([line for line in lines if line.code not in lost and _lasts(line, known.day)])
    wrong += [("same", "", code) for code in same]
    findings = _gathered(iter(wrong))
    gaps, matrix, nobody = _gaps(grid)
    ordered = sorted([*findings, *overlaps, *gaps], key=lambda one: (not one.refused, list(WORDS).index(one.kind)))
    return Checked(tuple(ordered), matrix, _crossed(grid, nobody, overlaps))


def _lasts(line: Duty, day: date) -> bool:
    return line.valid_to is None or line.valid_to >= day


def _about_duties(lines: Sequence[Duty], known: Known, categories: Collection[str]) -> Iterator[Pair]:
    for line in lines:
        yield from _about_subject(line.code, line.category, line.matter, known, categories)
        yield from _about_where(line, known)
        yield from _about_whom(line, known)
        if line.valid_from and line.valid_to and line.valid_to < line.valid_from:
            yield "days", "", line.code


def _about_where(line: Duty, known: Known) -> Iterator[Pair]:
    if line.level and line.level not in known.levels:
        yield "level_unknown", line.level, line.code
    elif line.area and not line.level:
        yield "area_of_no_level", line.area, line.code
    elif line.area and line.area not in known.areas.get(line.level, ()):
        yield "area_unknown", f"{line.level}/{line.area}", line.code
    elif line.area and not line.unit and not line.party and (line.level, line.area) not in known.area_units:
        yield "area_without_unit", f"{line.level}/{line.area}", line.code
    if line.asset_class and line.asset_class not in known.asset_classes:
        yield "asset_class_unknown", line.asset_class, line.code


def _about_whom(line: Duty, known: Known) -> Iterator[Pair]:
    for unit in (line.unit, *line.assisting):
        if unit and unit not in known.units:
            yield "unit_unknown", unit, line.code
    if not (line.unit or line.level or line.party):
        yield "nobody", "", line.code
    if line.party and not line.unit:
        for name in sorted(known.parties.get((line.asset_class, line.party), frozenset()) - known.units):
            yield "party_unknown", name, line.code
    if line.person and known.persons is not None and line.person not in known.persons:
        yield "person_unknown", line.person, line.code


@dataclass(frozen=True, slots=True)
class _Grid:
    """Lines as numbers. Rows: each matter, each category, all; columns: the whole city, each level, each area.

    spans holds, for each place, the columns that reach it; column 0 is the whole city, then come the levels.
    """

    known: Known
    lines: Sequence[Duty]
    matters: Sequence[str]
    categories: Sequence[str]
    category_of: Ints
    row: Ints
    column: Ints
    columns: int
    spans: Ints
    rank: Ints
    asks: Ints
    fallback: NDArray[np.bool_]
    begun: NDArray[np.bool_]
    lasting: NDArray[np.bool_]
    houses: NDArray[np.bool_]

    @classmethod
    def of(cls, lines: Sequence[Duty], known: Known) -> _Grid:
        """The grid of lines, all of which name only what is known."""
        matters = sorted(known.matters)
        categories = sorted(set(known.matters.values()))
        levels = known.levels
        areas = [(level, code) for level in levels for code in sorted(known.areas[level])]
        nth_row = {("m", code): nth for nth, code in enumerate(matters)}
        nth_row |= {("c", code): len(matters) + nth for nth, code in enumerate(categories)}
        everything = len(nth_row)
        nth_column = {("", ""): 0} | {(level, ""): 1 + nth for nth, level in enumerate(levels)}
        nth_column |= {area: 1 + len(levels) + nth for nth, area in enumerate(areas)}
        row = [
            nth_row["m", line.matter] if line.matter else nth_row["c", line.category] if line.category else everything
            for line in lines
        ]
        asks = {
            asked: nth
            for nth, asked in enumerate(sorted({(line.asset_class, line.party, line.fallback) for line in lines}))
        }
        nth_category = {code: nth for nth, code in enumerate(categories)}
        return cls(
            known, lines, matters, categories,
            _ints(nth_category[known.matters[matter]] for matter in matters),
            _ints(row), _ints(nth_column[line.level, line.area] for line in lines), len(nth_column),
            _spans(known, nth_column),
            _exact(lines, levels),
            _ints(asks[line.asset_class, line.party, line.fallback] for line in lines),
            np.array([line.fallback for line in lines], dtype=np.bool_),
            np.array([line.valid_from is None or line.valid_from <= known.day for line in lines], dtype=np.bool_),
            np.array([line.valid_to is None for line in lines], dtype=np.bool_),
            np.array([bool(line.level) and not line.unit and not line.party for line in lines], dtype=np.bool_),
        )  # fmt: skip

    def alone(self, mine: Ints) -> _Grid:
        """These lines on no more matters and places than tell them apart: what none of them names is all alike.

        A list has as many groups of lines as it names classes of assets, and each would go through all of the city.
        """
        row, column = self.row[mine], self.column[mine]
        of_matter = row < len(self.matters)
        named = np.zeros(len(self.matters), dtype=np.bool_)
        named[row[of_matter]] = True
        others = np.flatnonzero(~named)
        _, first = np.unique(self.category_of[others], return_index=True)
        kept = np.sort(np.concatenate([np.flatnonzero(named), others[first]]))
        spans = np.unique(np.where(np.isin(self.spans, column), self.spans, -1), axis=1)
        return replace(
            self, lines=[self.lines[nth] for nth in mine.tolist()],
            matters=[self.matters[nth] for nth in kept.tolist()],
            category_of=self.category_of[kept], spans=spans, column=column,
            row=np.where(of_matter, np.searchsorted(kept, row), row - len(self.matters) + len(kept)),
            rank=self.rank[mine], asks=self.asks[mine], fallback=self.fallback[mine], begun=self.begun[mine],
            lasting=self.lasting[mine], houses=self.houses[mine],
        )  # fmt: skip

    @property
    def rows(self) -> int:
        """How many rows there are: matters, categories, and one for everything."""
        return len(self.matters) + len(self.categories) + 1

    @property
    def conditional(self) -> NDArray[np.bool_]:
        """Lines that ask for an asset."""
        return np.array([bool(line.asset_class or line.party) for line in self.lines], dtype=np.bool_)

    def by_matter(self, of_rows: NDArray[Any], join: Any) -> NDArray[Any]:
        """What stands in the rows of a matter, its category and everything, joined."""
        own, whole = of_rows[: len(self.matters)], of_rows[-1]
        return np.asarray(join(join(own, of_rows[len(self.matters) + self.category_of]), whole))

    def housed(self) -> NDArray[np.bool_]:
        """(columns, places): whether a line that leaves it to the area's own unit finds one there."""
        found = np.zeros((self.columns, self.spans.shape[1]), dtype=np.bool_)
        places = np.arange(self.spans.shape[1])
        for nth, level in enumerate(self.known.levels):
            there = [(level, code) in self.known.area_units for code in self.known.places[level]]
            found[1 + nth, places] = there
            found[self.spans[2 + 2 * nth], places] = there
        return found


def _ints(values: Any) -> Ints:
    return np.fromiter(values, dtype=np.int64) if not isinstance(values, list) else np.array(values, dtype=np.int64)


def _spans(known: Known, nth_column: Mapping[tuple[str, str], int]) -> Ints:
    """(1 + 2 levels, places): the city's column, then of each level its own and that of the area there; -1 for none."""
    count = len(known.places[known.levels[-1]]) if known.levels else 1
    rows = [np.zeros(count, dtype=np.int64)]
    for level in known.levels:
        area = [nth_column.get((level, code), -1) if code else -1 for code in known.places[level]]
        rows += [np.where(_ints(area) >= 0, nth_column[level, ""], -1), _ints(area)]
    return np.stack(rows)


def _exact(lines: Sequence[Duty], levels: Sequence[str]) -> Ints:
    """How exact each line is in matter, place and priority, as dispatch has it; the higher goes first."""
    places = ranks(exactness(lines, levels), (Asks.MATTER, Asks.AREA, Asks.PRIORITY))
    return np.asarray(len(lines) - places, dtype=np.int64)


# Gaps


def _gaps(grid: _Grid) -> tuple[list[Finding], tuple[Answered, ...], NDArray[np.bool_]]:
    """The pairs of matter and place that nobody answers for: by category, and each of them (matters, places)."""
    begun, asks, last = grid.begun, grid.conditional, grid.fallback
    plain = _covered(grid, begun & ~asks & ~last)
    asset = _covered(grid, begun & asks & ~last) & ~plain
    fallback = _covered(grid, begun & ~asks & last) & ~plain
    nobody = ~(plain | asset | fallback)
    size = len(grid.categories)
    counts = [
        np.bincount(grid.category_of, one.sum(axis=1), size).astype(int)
        for one in (plain, asset & ~fallback, fallback, nobody)
    ]
    matrix = tuple(
        Answered(category, *(int(one[nth]) for one in counts)) for nth, category in enumerate(grid.categories)
    )
    return [_gap(grid, nth, nobody) for nth in np.flatnonzero(counts[3]).tolist()], matrix, nobody


def _crossed(grid: _Grid, nobody: NDArray[np.bool_], overlaps: Sequence[Finding]) -> Crossed | None:
    """Gaps and overlaps by the areas of the level by which they are told; None where that level has none."""
    level = grid.known.told_by
    if level not in grid.known.levels:
        return None
    areas, where = np.unique(np.array(grid.known.places[level], dtype=object), return_inverse=True)
    there = np.zeros((len(nobody), len(areas)), dtype=np.bool_)
    matter, place = np.nonzero(nobody)
    there[matter, where[place]] = True
    gaps = np.zeros((len(areas), len(grid.categories)), dtype=np.int64)
    np.add.at(gaps.T, grid.category_of, there)
    return Crossed(tuple(areas.tolist()), tuple(grid.categories), gaps, _meeting(grid, overlaps, where, len(areas)))


def _meeting(grid: _Grid, overlaps: Sequence[Finding], where: Ints, areas: int) -> Ints:
    """(areas, categories): how many pairs of lines that answer at once reach there."""
    found = np.zeros((areas, len(grid.categories)), dtype=np.int64)
    nth_line = {line.code: nth for nth, line in enumerate(grid.lines)}
    for one in overlaps:
        nth = nth_line[one.lines[0]]
        reached = np.unique(where[(grid.spans == grid.column[nth]).any(axis=0)])
        row = int(grid.row[nth])
        if row < len(grid.matters):
            of: Any = [int(grid.category_of[row])]
        else:
            of = slice(None) if row == grid.rows - 1 else [row - len(grid.matters)]
        found[reached[:, None] if isinstance(of, list) else reached, of] += 1
    return found


def _gap(grid: _Grid, category: int, nobody: NDArray[np.bool_]) -> Finding:
    matters = np.flatnonzero(grid.category_of == category)
    open_ = nobody[matters]
    which, where = open_.any(axis=1), open_.any(axis=0)
    first = np.argwhere(open_)[:3]
    level = grid.known.levels[-1] if grid.known.levels else ""
    places = grid.known.places.get(level, ("",))
    shown = ", ".join(f"{grid.matters[matters[at]]} × {places[place] or '–'}" for at, place in first.tolist())
    counts = {"pairs": int(open_.sum()), "matters": int(which.sum()), "areas": int(where.sum())}
    return Finding("gap", (), f"{grid.categories[category]}: {shown}", counts)


def _covered(grid: _Grid, which: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(matters, places): whether one of these lines answers."""
    named, housed = (_reached(grid, which & (grid.houses == own)) for own in (False, True))
    found = _at_places(grid, named, False, np.logical_or)
    if housed.any():
        there = grid.housed()
        found |= _at_places(grid, housed, False, np.logical_or, there)
    return grid.by_matter(found, np.logical_or)


def _reached(grid: _Grid, which: NDArray[np.bool_]) -> NDArray[np.bool_]:
    found = np.zeros((grid.rows, grid.columns), dtype=np.bool_)
    found[grid.row[which], grid.column[which]] = True
    return found


def _at_places(
    grid: _Grid, table: NDArray[Any], nothing: Any, join: Any, only: NDArray[np.bool_] | None = None
) -> NDArray[Any]:
    """(rows, places): what stands in the columns that reach a place, joined."""
    found = np.full((len(table), grid.spans.shape[1]), nothing, dtype=table.dtype)
    places = np.arange(grid.spans.shape[1])
    for span in grid.spans:
        here = span >= 0
        if only is not None:
            here = here & only[span, places]
        found[:, here] = join(found[:, here], table[:, span[here]])
    return found


# Lines that never answer, and lines that answer at once


def _shadowed(grid: _Grid) -> list[str]:
    """Lines before which another that asks for the same asset, and lasts, always comes."""
    found: list[int] = []
    for asked in np.unique(grid.asks).tolist():
        mine = np.flatnonzero(grid.asks == asked)
        stands = mine[grid.begun[mine] & grid.lasting[mine] & ~grid.houses[mine]]
        if len(mine) < 2 or not len(stands):
            continue
        small = grid.alone(mine)
        best = _best(small, np.searchsorted(mine, stands))
        found += mine[_least(small, best)[small.row, small.column] > small.rank].tolist()
    return [grid.lines[nth].code for nth in found]


def _best(grid: _Grid, stands: Ints) -> Ints:
    """(matters, places): the rank of the best of these lines, -1 for none."""
    table = np.full((grid.rows, grid.columns), -1, dtype=np.int64)
    np.maximum.at(table, (grid.row[stands], grid.column[stands]), grid.rank[stands])
    return grid.by_matter(_at_places(grid, table, -1, np.maximum), np.maximum)


def _least(grid: _Grid, best: Ints) -> Ints:
    """(rows, columns): the least of what a line of that row and column reaches; -1 where it reaches nothing."""
    beyond = np.iinfo(np.int64).max
    by_column = np.full((len(grid.matters), grid.columns), beyond, dtype=np.int64)
    for span in grid.spans:
        order = np.argsort(span, kind="stable")
        order = order[span[order] >= 0]
        if not len(order):
            continue
        starts = np.flatnonzero(np.diff(span[order], prepend=-1))
        by_column[:, span[order[starts]]] = np.minimum.reduceat(best[:, order], starts, axis=1)
    found = np.full((grid.rows, grid.columns), beyond, dtype=np.int64)
    found[: len(grid.matters)] = by_column
    np.minimum.at(found, len(grid.matters) + grid.category_of, by_column)
    if len(by_column):
        found[-1] = by_column.min(axis=0)
    return np.where(found == beyond, -1, found)


def _overlapping(lines: Sequence[Duty]) -> tuple[list[Finding], list[str]]:
    """Pairs of lines that answer differently with equal right, and lines that say what another says."""
    found: list[Finding] = []
    same: list[str] = []
    ordered = sorted(lines, key=lambda line: (*_place_of(line), line.valid_from or date.min, line.code))
    for _, group in groupby(ordered, key=_place_of):
        before: Duty | None = None
        for line in group:
            if before and (line.valid_from or date.min) <= (before.valid_to or date.max):
                if _whom(before) == _whom(line):
                    same.append(line.code)
                else:
                    found.append(Finding("overlap", (before.code, line.code)))
            if before is None or (line.valid_to or date.max) >= (before.valid_to or date.max):
                before = line
    return found, same


def _place_of(line: Duty) -> tuple[Any, ...]:
    """What a line asks for: lines that ask for the same are equally exact, and meet."""
    subject = (line.matter, "") if line.matter else ("", line.category)
    return (*subject, line.level, line.area, line.asset_class, line.party, line.priority, line.fallback)


def _whom(line: Duty) -> tuple[Any, ...]:
    return line.unit, line.assisting, line.person
