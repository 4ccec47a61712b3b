"""Which lines of the responsibilities fit each of many cases, the most exact first.

Lines that ask for the same things of a case are one table, looked up by key: the cost hardly grows with the list.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoapp.assign.duties import Duty
from geoapp.assign.exactness import COMPONENTS, EVENTS, PARTIES, Asks, exactness, ranks
from geoapp.assign.lattice import Whole, each

NONE: Final = -1
NEVER: Final = 1 << 62
"""The rank of a line that there is not."""

_FIRST: Final = date(1, 1, 1)
_LAST: Final = date(9999, 12, 31)

Days = NDArray[np.datetime64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Level:
    """A layer whose areas lines ask for: its areas' codes, and the code of each one's own unit, "" for none."""

    name: str
    codes: Sequence[str]
    units: Sequence[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """Cases in the numbers of a Book, NONE for what it does not know.

    areas[n, l] counts over the areas of all levels; parties[n, p] are units. component: the matter is of a thing.
    """

    matter: Whole
    category: Whole
    areas: Whole
    classed: Whole
    parties: Whole
    component: Flags
    day: Days

    def __len__(self) -> int:
        return len(self.matter)

    def lying(self, case: Whole, areas: Whole) -> Facts:
        """The cases at these positions, lying in other areas."""
        return Facts(
            self.matter[case], self.category[case], areas, self.classed[case], self.parties[case],
            self.component[case], self.day[case],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fits:
    """Pairs of a case and a line that fits it, with the unit that line means for it and the line's rank.

    In the order of cases, within each the most exact first; of lines equally exact the first code.
    """

    case: Whole
    line: Whole
    unit: Whole
    rank: Whole

    def firsts(self, chosen: Flags, cases: int) -> Whole:
        """The position of each case's first chosen pair, NONE where it has none."""
        found = np.full(cases, NONE, dtype=np.int64)
        at = np.flatnonzero(chosen)[::-1]
        found[self.case[at]] = at
        return found


@dataclass(frozen=True, slots=True)
class _Table:
    """Lines that ask for the same things: by a category, a matter, some level's area or one of its areas, a class."""

    by_category: bool
    by_matter: bool
    level: int
    by_area: bool
    by_class: bool
    keys: Whole
    lines: Whole


@dataclass(frozen=True, slots=True)
class Book:
    """A list compiled against units and areas; duties in the order of their codes.

    Columns of lines: unit, level and party as they name them, since and until the days they hold, rank for events and
    for components. offsets[l] is the number of level l's first area, area_unit each area's own unit.
    """

    duties: tuple[Duty, ...]
    units: tuple[str, ...]
    levels: tuple[str, ...]
    ids: Mapping[str, Mapping[str, int]]
    tables: tuple[_Table, ...]
    offsets: Whole
    area_unit: Whole
    unit: Whole
    level: Whole
    party: Whole
    since: Days
    until: Days
    fallback: Flags
    on_place: Flags
    exact: Mapping[Asks, Whole]
    rank: tuple[Whole, Whole]
    place_rank: tuple[Whole, Whole, Whole]
    asks_level: tuple[Flags, Flags, Flags]
    asks_asset: tuple[Flags, Flags, Flags]

    @staticmethod
    def of(duties: Sequence[Duty], levels: Sequence[Level], units: Collection[str]) -> Book:
        """The list, compiled; levels from the widest to the finest.

        Raises:
            ValueError: a line names a level, a party or a unit that there is not, or nobody who could act.
        """
        ordered = tuple(sorted(duties, key=lambda duty: duty.code))
        known = tuple(sorted({unit for unit in units if unit}))
        ids = _ids(ordered, known, levels)
        if wrong := [why for duty in ordered if (why := _wrong(duty, ids))]:
            raise ValueError("; ".join(wrong))
        names = [level.name for level in levels]
        exact = exactness(ordered, names)
        rank = (ranks(exact, EVENTS), ranks(exact, COMPONENTS))
        on_place = _on_place(ordered, rank)
        level = _of(ordered, ids, "level")
        asks = level[:, None] == np.arange(len(levels))
        own = [unit for one in levels for unit in one.units]
        return Book(
            ordered, known, tuple(names), ids, _tables(ordered, ids),
            np.cumsum([0, *(len(one.codes) for one in levels)])[:-1].astype(np.int64), numbers(ids["unit"], own),
            _of(ordered, ids, "unit"), level, _of(ordered, ids, "party"),
            np.array([duty.valid_from or _FIRST for duty in ordered], dtype="datetime64[D]"),
            np.array([duty.valid_to or _LAST for duty in ordered], dtype="datetime64[D]"),
            np.array([duty.fallback for duty in ordered], dtype=bool), on_place[:, 0] != NEVER, exact, rank,
            _by_matter(ordered, ids, on_place, NEVER, np.minimum), _by_matter(ordered, ids, asks, False, np.logical_or),
            _by_matter(ordered, ids, exact[Asks.OWNER][:, None] > 0, False, np.logical_or),
        )  # fmt: skip

    def fit(self, facts: Facts) -> Fits:
        """The lines that fit each case."""
        pairs = [self._look(table, facts) for table in self.tables]
        case = np.concatenate([np.empty(0, dtype=np.int64), *(pair[0] for pair in pairs)])
        line = np.concatenate([np.empty(0, dtype=np.int64), *(pair[1] for pair in pairs)])
        unit = self._acting(facts, case, line)
        day = facts.day[case]
        fits = (unit != NONE) & (self.since[line] <= day) & (day <= self.until[line])
        case, line, unit = case[fits], line[fits], unit[fits]
        rank = np.where(facts.component[case], self.rank[1][line], self.rank[0][line])
        order = np.lexsort((line, rank, case))
        return Fits(case[order], line[order], unit[order], rank[order])

    def _look(self, table: _Table, facts: Facts) -> tuple[Whole, Whole]:
        """The pairs of cases and lines of one table whose keys are the same."""
        asked = np.ones(len(facts), dtype=bool)
        if table.by_category:
            asked &= facts.category != NONE
        if table.by_matter:
            asked &= facts.matter != NONE
        if table.level != NONE:
            asked &= facts.areas[:, table.level] != NONE
        if table.by_class:
            asked &= facts.classed != NONE
        case = np.flatnonzero(asked)
        area = facts.areas[case, table.level] if table.level != NONE else np.full(len(case), NONE)
        key = _key(self.ids, table, facts.category[case], facts.matter[case], area, facts.classed[case])
        low, high = np.searchsorted(table.keys, key), np.searchsorted(table.keys, key, side="right")
        which, nth = each(high - low)
        return case[which], table.lines[low[which] + nth]

    def _acting(self, facts: Facts, case: Whole, line: Whole) -> Whole:
        """The unit each line means for its case: the one it names, else the asset's party, else the area's own."""
        party, level, unit = self.party[line], self.level[line], self.unit[line].copy()
        if not len(line):
            return unit
        asked = party != NONE
        acts = np.where(asked, facts.parties[case, party], NONE)
        lies = facts.areas[case, level] if len(self.levels) else np.full(len(case), NONE)
        own = self.area_unit[lies] if len(self.area_unit) else np.full(len(case), NONE)
        found = np.where(unit != NONE, unit, np.where(asked, acts, np.where(level != NONE, own, NONE)))
        # Whoever it names, a line that asks for a party fits only where that party is known.
        return np.where(asked & (acts == NONE), NONE, found)

    def least_on_place(self, facts: Facts) -> Whole:
        """For each case the first rank of any line of its matter that asks where it lies or of what asset; or NEVER."""
        column = facts.component.astype(np.int64)
        of_matter, of_category, of_all = self.place_rank
        found = np.minimum(of_matter[facts.matter, column], of_category[facts.category, column])
        return np.asarray(np.minimum(found, of_all[0, column]), dtype=np.int64)

    def asks_of(self, matter: Sequence[str], category: Sequence[str]) -> tuple[Flags, Flags]:
        """For each case, by its words, whether any line of its matter asks for each level, and for an asset."""
        matters, categories = numbers(self.ids["matter"], matter), numbers(self.ids["category"], category)
        of_matter, of_category, of_all = self.asks_level
        levels = of_matter[matters] | of_category[categories] | of_all[0]
        of_matter, of_category, of_all = self.asks_asset
        assets = of_matter[matters] | of_category[categories] | of_all[0]
        return np.asarray(levels, dtype=bool), np.asarray(assets[:, 0], dtype=bool)

    def levels_asked(self, facts: Facts) -> Flags:
        """For each case and level whether any line of its matter asks for an area of that level."""
        of_matter, of_category, of_all = self.asks_level
        return np.asarray(of_matter[facts.matter] | of_category[facts.category] | of_all[0], dtype=bool)


def numbers(ids: Mapping[str, int], words: Sequence[str]) -> Whole:
    """The number of each word, NONE for one without."""
    return np.array([ids.get(word, NONE) for word in words], dtype=np.int64)


def _ids(duties: Sequence[Duty], units: Sequence[str], levels: Sequence[Level]) -> dict[str, dict[str, int]]:
    """Numbers of all that is compared by name; areas are known by their level and code."""
    areas = [f"{level.name}/{code}" for level in levels for code in level.codes]
    return {
        "matter": _numbered({duty.matter for duty in duties}),
        "category": _numbered({duty.category for duty in duties}),
        "class": _numbered({duty.asset_class for duty in duties}), "unit": _numbered(units),
        "level": {level.name: nth for nth, level in enumerate(levels)},
        "area": {area: nth for nth, area in enumerate(areas)}, "party": {name: nth for nth, name in enumerate(PARTIES)},
    }  # fmt: skip


def _numbered(words: Collection[str]) -> dict[str, int]:
    return {word: nth for nth, word in enumerate(sorted(word for word in words if word))}


def wrong_with(duty: Duty, levels: Sequence[Level], units: Collection[str]) -> str:
    """Why nobody could follow a line here; "" if somebody can."""
    return _wrong(duty, {"level": {level.name: 0 for level in levels}, "party": dict.fromkeys(PARTIES, 0),
                         "unit": units})  # fmt: skip


def _wrong(duty: Duty, known: Mapping[str, Collection[str]]) -> str:
    if duty.level and duty.level not in known["level"]:
        return f"{duty.code}: there is no level {duty.level}"
    if duty.area and not duty.level:
        return f"{duty.code}: an area without its level"
    if duty.party and duty.party not in known["party"]:
        return f"{duty.code}: {duty.party} is no party of an asset"
    if duty.unit and duty.unit not in known["unit"]:
        return f"{duty.code}: there is no unit {duty.unit}"
    if not (duty.unit or duty.party or duty.level):
        return f"{duty.code}: it names nobody who acts"
    return ""


def _tables(duties: Sequence[Duty], ids: Mapping[str, Mapping[str, int]]) -> tuple[_Table, ...]:
    category, matter = _of(duties, ids, "category"), _of(duties, ids, "matter")
    level, classed = _of(duties, ids, "level"), numbers(ids["class"], [duty.asset_class for duty in duties])
    # An area that no version in force has is nowhere: its line stays in the list and fits nothing.
    area = numbers(ids["area"], [f"{duty.level}/{duty.area}" for duty in duties])
    asks_area = np.array([bool(duty.area) for duty in duties], dtype=bool)
    asked = np.column_stack([category != NONE, matter != NONE, level, asks_area, classed != NONE])
    made: list[_Table] = []
    for shape in np.unique(asked, axis=0) if len(duties) else ():
        lines = np.flatnonzero((asked == shape).all(axis=1) & (~asks_area | (area != NONE)))
        empty = _Table(bool(shape[0]), bool(shape[1]), int(shape[2]), bool(shape[3]), bool(shape[4]), lines, lines)
        key = _key(ids, empty, category[lines], matter[lines], area[lines], classed[lines])
        order = np.argsort(key, kind="stable")
        made.append(replace(empty, keys=key[order], lines=lines[order]))
    return tuple(made)


def _of(duties: Sequence[Duty], ids: Mapping[str, Mapping[str, int]], name: str) -> Whole:
    return numbers(ids[name], [getattr(duty, name) for duty in duties])


def _key(
    ids: Mapping[str, Mapping[str, int]], table: _Table, category: Whole, matter: Whole, area: Whole, classed: Whole
) -> Whole:
    """What a table compares, as one number; what it does not ask for counts as nothing."""
    key = np.zeros(len(category), dtype=np.int64)
    for asked, name, values in (
        (table.by_category, "category", category), (table.by_matter, "matter", matter), (table.by_area, "area", area),
        (table.by_class, "class", classed),
    ):  # fmt: skip
        if asked:
            key = key * len(ids[name]) + values
    return key


def _by_matter(
    duties: Sequence[Duty], ids: Mapping[str, Mapping[str, int]], values: NDArray[Any], nothing: Any, join: np.ufunc
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Lines' values joined by what they are for: each matter, each category, everything; the last row is for none."""
    matter, category = _of(duties, ids, "matter"), _of(duties, ids, "category")
    shape = values.shape[1:]
    made = tuple(np.full((size + 1, *shape), nothing) for size in (len(ids["matter"]), len(ids["category"]), 0))
    everything = (matter == NONE) & (category == NONE)
    join.at(made[0], matter[matter != NONE], values[matter != NONE])
    own = (matter == NONE) & (category != NONE)
    join.at(made[1], category[own], values[own])
    join.at(made[2], np.zeros(int(everything.sum()), dtype=np.int64), values[everything])
    return made[0], made[1], made[2]


def _on_place(ordered: Sequence[Duty], rank: tuple[Whole, Whole]) -> NDArray[np.int64]:
    """The ranks of lines that ask where a case lies or of what asset, for events and components; else NEVER."""
    asks = np.array([bool(duty.level or duty.asset_class or duty.party) for duty in ordered], dtype=bool)
    return np.where(asks[:, None], np.column_stack(rank), NEVER)
