"""Whose is it? A batch of cases gets its units by the responsibilities; what is unsure is held for a person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np

from geoapp.assign.duties import Duty
from geoapp.assign.exactness import COMPONENTS, EVENTS, Asks
from geoapp.assign.fitting import NONE, Book, Days, Facts, Fits, Flags, Level, numbers
from geoapp.assign.lattice import Whole
from geoapp.locate.datum import Floats

SURE: Final = 0.7
"""A place less sure than this is no ground to dispatch on, where the place decides."""

ASSET_M: Final = 50.0
"""Whoever may be farther off than this does not tell which of several assets they mean."""


class Held(StrEnum):
    """Why a case waits for a person instead of being dispatched."""

    UNKNOWN_MATTER = "unknown_matter"  # 事项不明: nobody knows what it is about
    NO_LINE = "no_line"  # 无对应职责: no line fits
    TIE = "tie"  # 职责重叠: lines equally exact name different units
    FALLBACK = "fallback_only"  # 仅有兜底: only the fallback answers
    BORDER = "border"  # 临近边界: nearer than the place is known, another unit would have it
    APPROXIMATE = "approximate"  # 边界为近似: the same across a border that is only roughly drawn
    POOR_PLACE = "poor_place"  # 位置不准: the place decides, and is not sure


class Lost(StrEnum):
    """Why a runner-up was not first, where that is not by what lines ask (exactness.Asks)."""

    EQUAL = "equal"  # as exact as the first: a tie
    PLACE = "place"  # it is the unit across the nearest border


_HELD: Final = tuple(Held)
_BIT: Final = {reason: 1 << nth for nth, reason in enumerate(_HELD)}
_LOST: Final = (*Asks, *Lost)
_CODE: Final[dict[str, int]] = {str(why): nth for nth, why in enumerate(_LOST)}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where else cases may lie: which case, the areas there as a Batch has them, how many metres off.

    loose: an outline that says so is approximate, so that it may lie there even if that is farther than its radius.
    """

    case: Whole
    areas: Whole
    metres: Floats
    loose: Flags

    def of(self, rows: Whole) -> Elsewhere:
        """The same of a larger batch, in which the cases stand at these positions."""
        return Elsewhere(rows[self.case], self.areas, self.metres, self.loose)


def nowhere(levels: int) -> Elsewhere:
    """Cases that can lie nowhere else."""
    empty = np.empty(0, dtype=np.int64)
    return Elsewhere(empty, np.empty((0, levels), dtype=np.int64), np.empty(0), np.empty(0, dtype=bool))


@dataclass(frozen=True, slots=True)
class Batch:
    """Cases, a column a fact.

    component: the matter is of a thing (部件). day is the city's local day. areas[n, l] is the position of its area in
    the dispatcher's level l, or NONE; border_m[n, l] how far that one's border is, NaN where not known. parties are
    three columns of units' codes, in the order of exactness.PARTIES, "" for none.
    """

    matter: Sequence[str]
    category: Sequence[str]
    component: Flags
    day: Days
    areas: Whole
    border_m: Floats
    asset_class: Sequence[str]
    parties: Sequence[Sequence[str]]
    radius_m: Floats
    confidence: Floats
    elsewhere: Elsewhere

    def __len__(self) -> int:
        return len(self.matter)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What becomes of one case: unit is the lead's code, "" where no line answers, line the code of the one that fired.

    lost says by what the runner-up lost: a code of Asks or Lost. border_m is the distance to the nearest border that
    could matter to it, None where none could. held are the reasons for which a person must look; across is who would
    have it over the nearest border, where that is one of them.
    """

    unit: str
    assisting: tuple[str, ...]
    line: str
    person: str
    runner_up: str
    runner_up_line: str
    lost: str
    border_m: float | None
    held: tuple[Held, ...]
    across: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As events and answers carry it; what there is not is left out."""
        facts: dict[str, Any] = {
            "unit": self.unit, "assisting": list(self.assisting), "line": self.line, "person": self.person,
            "runner_up": self.runner_up, "runner_up_line": self.runner_up_line, "lost_by": self.lost,
            "border_m": self.border_m, "held": [str(reason) for reason in self.held], "across": self.across,
        }  # fmt: skip
        return {name: fact for name, fact in facts.items() if fact not in (None, "", [])}


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What becomes of each case of a batch, a column a fact; lines and units by position in the book, NONE for none."""

    book: Book
    line: Whole
    unit: Whole
    runner_line: Whole
    runner_unit: Whole
    lost: Whole
    border_m: Floats
    reasons: Whole
    across: Whole

    def __len__(self) -> int:
        return len(self.line)

    @property
    def held(self) -> Flags:
        """Whether each waits for a person."""
        return np.asarray(self.reasons != 0, dtype=bool)

    def units(self) -> list[str]:
        """The lead of each, by code; "" for none."""
        names = self.book.units
        return [names[one] if one != NONE else "" for one in self.unit.tolist()]

    def because(self, reason: Held) -> Flags:
        """Whether each is held for that reason."""
        return np.asarray((self.reasons & _BIT[reason]) != 0, dtype=bool)

    def at(self, nth: int) -> Dispatch:
        """What becomes of one of them."""
        book, line, runner, lost = self.book, self.line[nth], self.runner_line[nth], self.lost[nth]
        duty = book.duties[line] if line != NONE else None
        border_m = float(self.border_m[nth])
        return Dispatch(
            book.units[self.unit[nth]] if duty else "", duty.assisting if duty else (), duty.code if duty else "",
            duty.person if duty else "", book.units[self.runner_unit[nth]] if runner != NONE else "",
            book.duties[runner].code if runner != NONE else "", str(_LOST[lost]) if lost != NONE else "",
            round(border_m, 1) if np.isfinite(border_m) else None,
            tuple(reason for reason in _HELD if self.reasons[nth] & _BIT[reason]),
            book.units[self.across[nth]] if self.across[nth] != NONE else "",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Across:
    """The nearest place where another unit would have a case: that line and unit, NONE where there is no such place.

    near: one is no farther than the case's place is known; loose: one lies across a border that is roughly drawn.
    """

    line: Whole
    unit: Whole
    near: Flags
    loose: Flags


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """The responsibilities in force, compiled; asks for the units of batches."""

    book: Book

    @staticmethod
    def of(duties: Sequence[Duty], levels: Sequence[Level], units: Collection[str]) -> Dispatcher:
        """A list compiled against the city's units and areas; levels from the widest to the finest.

        Raises:
            ValueError: a line names a level, a party or a unit that there is not, or nobody who could act.
        """
        return Dispatcher(Book.of(duties, levels, units))

    def dispatch(self, batch: Batch) -> Dispatched:
        """What becomes of each case."""
        book, facts = self.book, self._facts(batch)
        fits = book.fit(facts)
        line, unit = _best(fits, len(batch))
        runner_line, runner_unit, lost = _runners(book, facts, fits, line, unit)
        across = self._across(batch, facts, unit)
        alone = (runner_line == NONE) & (across.line != NONE)
        reasons = self._reasons(batch, facts, line, lost, across)
        return Dispatched(
            book, line, unit, np.where(alone, across.line, runner_line), np.where(alone, across.unit, runner_unit),
            np.where(alone, _CODE[Lost.PLACE], lost), self._border(batch, facts), reasons,
            np.where(across.near | across.loose, across.unit, NONE),
        )  # fmt: skip

    def _facts(self, batch: Batch) -> Facts:
        ids = self.book.ids
        parties = np.column_stack([numbers(ids["unit"], column) for column in batch.parties])
        return Facts(
            numbers(ids["matter"], batch.matter), numbers(ids["category"], batch.category), self._areas(batch.areas),
            numbers(ids["class"], batch.asset_class), parties, batch.component, batch.day,
        )  # fmt: skip

    def _areas(self, areas: Whole) -> Whole:
        return np.where(areas == NONE, NONE, areas + self.book.offsets)

    def _across(self, batch: Batch, facts: Facts, unit: Whole) -> _Across:
        """What would be another's if it lay where else it may lie."""
        there, count = batch.elsewhere, len(batch)
        line, other = _best(self.book.fit(facts.lying(there.case, self._areas(there.areas))), len(there.case))
        differs = (other != unit[there.case]) & (other != NONE) & (unit[there.case] != NONE)
        near = there.metres <= batch.radius_m[there.case]
        rows = np.flatnonzero(differs)
        # The nearest is written last, and stays.
        rows = rows[np.lexsort((other[rows], there.metres[rows]))[::-1]]
        found = _Across(_none(count), _none(count), np.zeros(count, dtype=bool), np.zeros(count, dtype=bool))
        found.line[there.case[rows]], found.unit[there.case[rows]] = line[rows], other[rows]
        found.near[there.case[rows[near[rows]]]] = True
        found.loose[there.case[rows[there.loose[rows]]]] = True
        return found

    def _reasons(self, batch: Batch, facts: Facts, line: Whole, lost: Whole, across: _Across) -> Whole:
        said = zip(batch.matter, batch.category, strict=True)
        unknown = np.array([not matter and not category for matter, category in said], dtype=bool)
        found = line != NONE
        reasons = {
            Held.UNKNOWN_MATTER: unknown,
            Held.NO_LINE: ~found,
            Held.TIE: lost == _CODE[Lost.EQUAL],
            Held.FALLBACK: found & np.append(self.book.fallback, False)[line],
            Held.BORDER: across.near,
            Held.APPROXIMATE: across.loose,
            Held.POOR_PLACE: self._poor(batch, facts, line),
        }
        return np.asarray(sum(flags * _BIT[reason] for reason, flags in reasons.items()), dtype=np.int64)

    def _poor(self, batch: Batch, facts: Facts, line: Whole) -> Flags:
        """Whether the place decides, here or for a line more exact than the one that fired, and is not known well."""
        book = self.book
        found, column = line != NONE, facts.component
        rank = np.where(column, np.append(book.rank[1], NONE)[line], np.append(book.rank[0], NONE)[line])
        decides = found & (np.append(book.on_place, False)[line] | (book.least_on_place(facts) < rank))
        of_asset = np.append(book.exact[Asks.OWNER] > 0, False)[line] & (batch.radius_m > ASSET_M)
        return np.asarray(decides & ((batch.confidence < SURE) | of_asset), dtype=bool)

    def _border(self, batch: Batch, facts: Facts) -> Floats:
        """How far the nearest border is of those levels that any line of the matter asks for; NaN for none."""
        asked = self.book.levels_asked(facts) & np.isfinite(batch.border_m)
        away = np.where(asked, batch.border_m, np.inf)
        nearest = away.min(axis=1, initial=np.inf)
        return np.where(np.isfinite(nearest), nearest, np.nan)


def _none(count: int) -> Whole:
    return np.full(count, NONE, dtype=np.int64)


def _best(fits: Fits, cases: int) -> tuple[Whole, Whole]:
    """The line that goes first for each case, and its unit."""
    at = fits.firsts(np.ones(len(fits.case), dtype=bool), cases)
    return np.append(fits.line, NONE)[at], np.append(fits.unit, NONE)[at]


def _runners(book: Book, facts: Facts, fits: Fits, line: Whole, unit: Whole) -> tuple[Whole, Whole, Whole]:
    """The best line of another unit for each case, that unit, and by what it lost."""
    at = fits.firsts(fits.unit != unit[fits.case], len(facts))
    runner, acting = np.append(fits.line, NONE)[at], np.append(fits.unit, NONE)[at]
    lost = _none(len(facts))
    lost[runner != NONE] = _CODE[Lost.EQUAL]
    for component, order in ((True, COMPONENTS), (False, EVENTS)):
        # What goes first in the order is looked at last, and stays.
        for asked in reversed(order):
            exact = np.append(book.exact[asked], 0)
            lost[(runner != NONE) & (facts.component == component) & (exact[line] != exact[runner])] = _CODE[asked]
    return runner, acting, lost
