"""A list learned from history: whose matters have been, as few and short lines as hold on cases not learned from.

A category has a line of its own. A line is split – by matter, by a level's areas, by class of asset, by whose the thing
is, by the day a unit took over – only where that answers better, counted by cross-validation: each fold is answered by
what the others teach; and only where that is no chance, of so many that were tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np

from geoapp.assign.dispatch import Batch, Dispatcher, nowhere
from geoapp.assign.duties import Duty
from geoapp.assign.exactness import PARTIES
from geoapp.assign.fitting import NONE, Days, Flags, Level, numbers
from geoapp.assign.lattice import Whole
from geoapp.locate.datum import Floats

LEAST: Final = 2
"""So many cases must speak for a line that is an exception."""

_FOLDS: Final = 5
_SEED: Final = 20261125
_CHANCE: Final = 0.05
"""How likely any of the exceptions tried may be chance, at most."""

_CHANGED: Final = 5
"""So many cases must lie on each side of the day on which another unit took over."""

_BASES: Final = 3
"""So many of the most usual units are tried as the one to which exceptions are made."""

_SHARP: Final = 0.9
"""Duties are handed over at once: so many on each side must have gone to the one and to the other."""


@dataclass(frozen=True, slots=True)
class History:
    """Cases with the unit that finally had them, a column a fact; what is not known is "".

    areas holds the code of the area of each level; parties are units' codes in the order of exactness.PARTIES.
    """

    matter: Sequence[str]
    category: Sequence[str]
    day: Days
    areas: Mapping[str, Sequence[str]]
    asset_class: Sequence[str]
    parties: Sequence[Sequence[str]]
    unit: Sequence[str]

    def __len__(self) -> int:
        return len(self.unit)

    def pick(self, at: Whole) -> History:
        """Those at these positions."""

        def some(column: Sequence[str]) -> list[str]:
            return [column[one] for one in at.tolist()]

        return History(
            some(self.matter), some(self.category), self.day[at],
            {level: some(codes) for level, codes in self.areas.items()}, some(self.asset_class),
            [some(column) for column in self.parties], some(self.unit),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Learned:
    """A line and what speaks for it: how many cases it answers, and how many of them as they went."""

    duty: Duty
    cases: int
    right: int

    @property
    def precision(self) -> float:
        """Which part of its cases went as it says."""
        return self.right / self.cases if self.cases else 0.0


Owns = Mapping[str, Mapping[str, str]]
"""Level → area's code → its own unit's code."""


def learn(history: History, own: Owns | None = None, hold_below: float = 0.0) -> list[Learned]:
    """The list that history teaches, in the order of its codes; own are the units that areas have of their own.

    hold_below: a line that fewer of its cases bear out gets one for the second unit beside it, equally exact: a tie,
    so that a person looks.
    """
    taught = _Taught.of(history, own or {})
    found: list[Duty] = []
    for nth, category in enumerate(taught.categories):
        found += _category(taught, category, np.flatnonzero(taught.category == nth))
    return _weighed(history, own or {}, found, hold_below)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Something a line can ask: the fields of the line that hold an answer, and each case's answer, by position."""

    field: str
    level: str
    answers: Sequence[str]
    given: Whole

    def asking(self, duty: Duty, nth: int) -> Duty:
        """The line that asks for this answer, too."""
        answer = self.answers[nth]
        if self.field == "matter":
            return replace(duty, matter=answer, category="")
        return (
            replace(duty, asset_class=answer) if self.field == "class" else replace(duty, level=self.level, area=answer)
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    """A line that names no unit: of the area's own, or of a party of the asset; the unit it means for each case."""

    level: str
    party: str
    unit: Whole


@dataclass(frozen=True, slots=True)
class _Taught:
    """History in numbers."""

    units: Sequence[str]
    unit: Whole
    categories: Sequence[str]
    category: Whole
    day: Days
    matter: _Asked
    places: Sequence[_Asked]
    rules: Sequence[_Rule]
    folds: Whole

    @staticmethod
    def of(history: History, own: Owns) -> _Taught:
        # A rule may mean a unit that never had a case; then it is wrong, and must be found to be.
        units = sorted(_units(history, own))
        named = {name: nth for nth, name in enumerate(units)}
        categories, category = _coded(history.category)
        places = [_Asked("class", "", *_coded(history.asset_class))]
        places += [_Asked("area", level, *_coded(codes)) for level, codes in history.areas.items()]
        rules = [
            _Rule(level, "", _numbers(named, [own[level].get(code, "") for code in codes]))
            for level, codes in history.areas.items() if level in own
        ]  # fmt: skip
        rules += [
            _Rule("", name, _numbers(named, column)) for name, column in zip(PARTIES, history.parties, strict=True)
        ]
        folds = np.random.default_rng(_SEED).integers(0, _FOLDS, len(history))
        matter = _Asked("matter", "", *_coded(history.matter))
        return _Taught(
            units, _numbers(named, history.unit), categories, category, history.day, matter, places, rules, folds
        )

    def majority(self, rows: Whole) -> int:
        """The unit that most of these cases had."""
        return int(np.bincount(self.unit[rows], minlength=len(self.units)).argmax())


def _coded(words: Sequence[str]) -> tuple[Sequence[str], Whole]:
    names = sorted(set(words) - {""})
    return names, _numbers({name: nth for nth, name in enumerate(names)}, words)


def _numbers(named: Mapping[str, int], words: Sequence[str]) -> Whole:
    return np.array([named.get(word, NONE) for word in words], dtype=np.int64)


def _category(taught: _Taught, category: str, rows: Whole) -> list[Duty]:
    """The lines of a category: apart by time or by matter, whichever answers better, and each of these by place."""
    line = Duty(category, category=category)
    if len(np.unique(taught.unit[rows])) == 1:
        return [replace(line, unit=taught.units[taught.majority(rows)])]
    apart, gain = _matters_apart(taught, rows)
    times, gained = _times(taught, line, rows)
    if len(times) > 1 and gained > gain:
        return [one for part, within in times for one in _matters(taught, part, within)]
    return _matters(taught, line, rows, apart)


def _matters_apart(taught: _Taught, rows: Whole) -> tuple[list[int], int]:
    """The matters worth a line of their own, and what these gain over the most usual unit.

    Exceptions are to that unit from which the fewest are needed: it need not be the most usual one.
    """
    counts = np.bincount(taught.unit[rows], minlength=len(taught.units))
    found: tuple[list[int], int] = ([], 0)
    for usual in np.argsort(-counts, kind="stable")[:_BASES].tolist():
        base = _Rule("", "", np.full(len(taught.unit), usual, dtype=np.int64))
        apart, gain = _exceptions(taught, rows, taught.matter, base, 1)
        gain -= int(counts.max() - counts[usual])
        if gain - len(apart) > found[1] - len(found[0]):
            found = (apart, gain)
    return found


def _matters(taught: _Taught, line: Duty, rows: Whole, apart: Sequence[int] | None = None) -> list[Duty]:
    """The lines of single matters, which go first, and those of all the others."""
    if apart is None:
        apart, _ = _matters_apart(taught, rows)
    found: list[Duty] = []
    for nth in apart:
        found += _placed(taught, taught.matter.asking(line, nth), rows[taught.matter.given[rows] == nth])
    rest = rows[~np.isin(taught.matter.given[rows], apart)]
    if not len(rest):
        return found
    of_all = _placed(taught, line, rest)
    return found + of_all + (_placed_apart(taught, line, rest) if len(of_all) == 1 else [])


def _placed_apart(taught: _Taught, line: Duty, rows: Whole) -> list[Duty]:
    """The lines of those matters that differ by place where the category as a whole does not."""
    found: list[Duty] = []
    for nth in np.unique(taught.matter.given[rows]).tolist():
        within = rows[taught.matter.given[rows] == nth]
        if nth != NONE and len(np.unique(taught.unit[within])) > 1:
            lines = _placed(taught, taught.matter.asking(line, nth), within)
            found += lines if len(lines) > 1 else []
    return found


def _placed(taught: _Taught, line: Duty, rows: Whole) -> list[Duty]:
    """A line and its exceptions, by where cases lie and by their assets, one of these within another."""
    found = [replace(line, unit=taught.units[taught.majority(rows)])]
    rule = _rule(taught, rows)
    if rule is not None:
        found.append(replace(line, level=rule.level, party=rule.party))
    return found + _apart(taught, line, rows, rule, taught.places)


def _apart(taught: _Taught, line: Duty, rows: Whole, rule: _Rule | None, places: Sequence[_Asked]) -> list[Duty]:
    """The exceptions to a line, by that one of several things to ask that answers best; none if none does."""
    tries = len(places)
    tried = [(asked, *_exceptions(taught, rows, asked, rule, tries)) for asked in places]
    asked, apart, _ = max(tried, key=lambda one: one[2] - len(one[1]), default=(None, [], 0))
    if asked is None:
        return []
    found: list[Duty] = []
    others = [other for other in places if other.field != asked.field]
    for nth in apart:
        within = rows[asked.given[rows] == nth]
        own = replace(asked.asking(line, nth), unit=taught.units[taught.majority(within)])
        found += [own, *_apart(taught, replace(own, unit=""), within, None, others)]
    return found


def _exceptions(taught: _Taught, rows: Whole, asked: _Asked, rule: _Rule | None, tries: int) -> tuple[list[int], int]:
    """The answers worth a line of their own, and how many cases not learned from these answer better.

    tries: how many things to ask are tried, since of many one looks good by chance.
    """
    rows = rows[asked.given[rows] != NONE]
    if not len(rows):
        return [], 0
    shape = (len(asked.answers), len(taught.units))
    unit, given, fold = taught.unit[rows], asked.given[rows], taught.folds[rows]
    better = np.zeros(len(rows), dtype=np.int64)
    for nth in range(_FOLDS):
        learnt = fold != nth
        base = _base(taught, rows, learnt, rule)
        own, right = _counted(shape, given[learnt], unit[learnt], base[learnt])
        told = (own.max(axis=1) >= LEAST - 1) & (own.max(axis=1) > right)
        answer = np.where(told[given], own.argmax(axis=1)[given], base)
        better[~learnt] = ((answer == unit).astype(int) - (base == unit))[~learnt]
    own, right = _counted(shape, given, unit, _base(taught, rows, np.ones(len(rows), dtype=bool), rule))
    gains = np.bincount(given, weights=better, minlength=shape[0])
    worth = (gains > 0) & (own.max(axis=1) >= LEAST) & (own.max(axis=1) > right)
    worth &= _surprise(own) > np.log(tries * len(np.unique(given)) / _CHANCE)
    return np.flatnonzero(worth).tolist(), int(gains[worth].sum())


def _surprise(counts: Whole) -> Floats:
    """How unlikely it is that an answer's cases went to its unit as often as they did, were they like all: -log p.

    Chernoff's bound: the chance is no greater than that.
    """
    most, cases = counts.max(axis=1), np.maximum(counts.sum(axis=1), 1)
    usual = (counts.sum(axis=0) / counts.sum())[counts.argmax(axis=1)]
    part = most / cases
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = _times_log(part, part / usual) + _times_log(1 - part, (1 - part) / (1 - usual))
    return np.where(part > usual, cases * bits, 0.0)


def _times_log(part: Floats, ratio: Floats) -> Floats:
    return np.where(part > 0, part * np.log(ratio), 0.0)


def _base(taught: _Taught, rows: Whole, learnt: Flags, rule: _Rule | None) -> Whole:
    """What is answered without exceptions: by a rule where it has an answer, else the most usual of those learnt."""
    usual = taught.majority(rows[learnt]) if learnt.any() else NONE
    if rule is None:
        return np.full(len(rows), usual, dtype=np.int64)
    return np.where(rule.unit[rows] == NONE, usual, rule.unit[rows])


def _counted(shape: tuple[int, int], given: Whole, unit: Whole, base: Whole) -> tuple[Whole, Whole]:
    """How often each answer had each unit, and how often what is answered without exceptions was right."""
    own = np.zeros(shape, dtype=np.int64)
    np.add.at(own, (given, unit), 1)
    return own, np.bincount(given[base == unit], minlength=shape[0])


def _rule(taught: _Taught, rows: Whole) -> _Rule | None:
    """The rule that answers these cases better than the most usual unit does; None if none does."""
    unit = taught.unit[rows]
    usual = unit == taught.majority(rows)
    best, most = None, LEAST
    for rule in taught.rules:
        told = rule.unit[rows] != NONE
        better = int(((rule.unit[rows] == unit).astype(int) - usual)[told].sum())
        # It names nobody, so there is nothing that it could have learned by heart; only chance is to be ruled out.
        if better > max(most, 2 * np.sqrt(told.sum())):
            best, most = rule, better
    return best


def _times(taught: _Taught, line: Duty, rows: Whole) -> tuple[list[tuple[Duty, Whole]], int]:
    """The line, or two where another unit took over, each with its days and cases; and how many that answers better."""
    since, gain = _took_over(taught, rows), _borne_out(taught, rows)
    if since is None or gain <= 0:
        return [(line, rows)], 0
    first, before = since.astype(date), taught.day[rows] < since
    old = replace(line, code=f"{line.code}~{first}", valid_to=first - timedelta(days=1))
    new = replace(line, code=f"{line.code}~{first}+", valid_from=first)
    return [(old, rows[before]), (new, rows[~before])], gain


def _took_over(taught: _Taught, rows: Whole) -> np.datetime64 | None:
    """The day from which on nearly all cases went to another unit than nearly all before; None if there is none."""
    if len(rows) < 2 * _CHANGED:
        return None
    order = rows[np.argsort(taught.day[rows], kind="stable")]
    day, many = taught.day[order], np.arange(1, len(order) + 1)
    seen = np.cumsum(np.eye(len(taught.units), dtype=np.int64)[taught.unit[order]], axis=0)
    before, after = seen.max(axis=1), (seen[-1] - seen).max(axis=1)
    # A day is not split, and one day is no rule.
    ends = np.append(day[1:] != day[:-1], False) & (many >= _CHANGED) & (many <= len(day) - _CHANGED)
    ends &= (before >= _SHARP * many) & (after >= _SHARP * (len(day) - many))
    ends &= (seen.argmax(axis=1) != (seen[-1] - seen).argmax(axis=1)) & (np.append(day[1:], day[-1]) != day[-1])
    if not ends.any():
        return None
    return np.datetime64(day[int(np.where(ends, before + after, -1).argmax()) + 1])


def _borne_out(taught: _Taught, rows: Whole) -> int:
    """How many more cases a change of units answers, each fold by what the others teach of it."""
    better = 0
    for nth in range(_FOLDS):
        asked, learnt = rows[taught.folds[rows] == nth], rows[taught.folds[rows] != nth]
        since = _took_over(taught, learnt)
        if since is not None and len(asked):
            early = taught.day[learnt] < since
            old, new = taught.majority(learnt[early]), taught.majority(learnt[~early])
            answer = np.where(taught.day[asked] < since, old, new)
            usual = taught.unit[asked] == taught.majority(learnt)
            better += int((answer == taught.unit[asked]).sum()) - int(usual.sum())
    return better


def _weighed(history: History, own: Owns, duties: Sequence[Duty], hold_below: float) -> list[Learned]:
    """Each line with what speaks for it; what answers nothing is left out, what is doubtful gets its tie."""
    named = [replace(duty, code=_code(duty)) for duty in duties]
    dispatcher = dispatcher_of(history, own, named)
    found = dispatcher.dispatch(batch_of(history, dispatcher))
    lines, went = dispatcher.book.duties, np.array(history.unit)
    right = np.array(found.units()) == went
    learned: list[Learned] = []
    for nth, duty in enumerate(lines):
        mine = found.line == nth
        if not mine.any():
            continue
        one = Learned(duty, int(mine.sum()), int(right[mine].sum()))
        learned.append(one)
        others = Counter(went[mine & ~right].tolist()).most_common(1)
        if one.precision < hold_below and duty.unit and others:
            ((unit, cases),) = others
            learned.append(Learned(replace(duty, code=f"{duty.code}|{unit}", unit=unit), one.cases, cases))
    return sorted(learned, key=lambda one: one.duty.code)


def _code(duty: Duty) -> str:
    """A name that says what the line asks."""
    what = duty.matter or duty.code
    when = f"~{duty.code.partition('~')[2]}" if duty.matter and "~" in duty.code else ""
    place = f"@{duty.level}:{duty.area or '*'}" if duty.level else ""
    thing = f"+{duty.asset_class}" if duty.asset_class else ""
    return f"{what}{when}{place}{thing}{f'+{duty.party}' if duty.party else ''}"


def dispatcher_of(history: History, own: Owns, duties: Sequence[Duty]) -> Dispatcher:
    """The list compiled for the areas that history knows."""
    levels = [
        Level(level, names, [own.get(level, {}).get(name, "") for name in names])
        for level, names in ((level, sorted(set(codes) - {""})) for level, codes in history.areas.items())
    ]  # fmt: skip
    return Dispatcher.of(duties, levels, _units(history, own) | {duty.unit for duty in duties})


def _units(history: History, own: Owns) -> set[str]:
    """All units that had cases, are a party, or have an area."""
    parties = {unit for column in history.parties for unit in column}
    return ({*history.unit} | parties | {unit for areas in own.values() for unit in areas.values()}) - {""}


def batch_of(history: History, dispatcher: Dispatcher) -> Batch:
    """History's cases as a dispatcher takes them, each where its areas say and nowhere else."""
    columns = [
        numbers(dispatcher.book.ids["area"], [f"{level}/{code}" for code in history.areas[level]])
        for level in dispatcher.book.levels
    ]  # fmt: skip
    areas = np.column_stack([np.empty((len(history), 0), dtype=np.int64), *columns])
    count = len(history)
    return Batch(
        history.matter, history.category, np.zeros(count, dtype=bool), history.day,
        np.where(areas == NONE, NONE, areas - dispatcher.book.offsets), np.full(areas.shape, np.nan),
        history.asset_class, history.parties, np.zeros(count), np.ones(count), nowhere(areas.shape[1]),
    )  # fmt: skip
