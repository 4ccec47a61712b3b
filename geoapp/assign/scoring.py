"""How well a list answers on cases it was not learned from, beside a plain dictionary from type to unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from geoapp.assign.dispatch import Dispatched, Held
from geoapp.assign.fitting import Days, Flags
from geoapp.assign.lattice import Whole

FOLDS: Final = 5
_SEED: Final = 311
_NEWEST: Final = 0.2


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the cases scored: how many, how many went where the list and where the dictionary say."""

    cases: int
    right: int
    dictionary: int

    @staticmethod
    def of(among: Flags, right: Flags, dictionary: Flags) -> Part:
        """Those among all."""
        return Part(int(among.sum()), int(right[among].sum()), int(dictionary[among].sum()))

    def as_dict(self) -> dict[str, Any]:
        """In parts of a hundred; lift is what the list says better than the dictionary."""
        list_, dictionary = _percent(self.right, self.cases), _percent(self.dictionary, self.cases)
        lift = None if list_ is None or dictionary is None else round(list_ - dictionary, 3)
        return {"cases": self.cases, "list": list_, "dictionary": dictionary, "lift": lift}


@dataclass(frozen=True, slots=True)
class Score:
    """A list scored: on all cases, on those of types that several units have had, and on what would be dispatched.

    held_by counts cases by why they are held; one can be held for several reasons. lines is how long the lists were.
    """

    how: str
    lines: float
    every: Part
    several: Part
    sent: Part
    several_sent: Part
    held: int
    held_by: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """As it is printed with --json."""
        return {
            "how": self.how, "lines": round(self.lines), "all": self.every.as_dict(),
            "several_owners": self.several.as_dict(), "dispatched": self.sent.as_dict(),
            "several_owners_dispatched": self.several_sent.as_dict(),
            "held": self.held, "held_percent": _percent(self.held, self.every.cases), "held_by": dict(self.held_by),
        }  # fmt: skip


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 3) if whole else None


@dataclass(frozen=True, slots=True)
class Answered:
    """What one list answers on cases it was not learned from; at are their positions, dictionary its answers."""

    at: Whole
    lines: int
    dispatched: Dispatched
    dictionary: Sequence[str]


def splits(how: str, day: Days) -> Iterator[tuple[Whole, Whole]]:
    """Positions to learn from and to score on: "random" has each case scored once, "time" the newest fifth."""
    if how == "time":
        order = np.argsort(day, kind="stable")
        cut = len(day) - int(len(day) * _NEWEST)
        yield np.sort(order[:cut]), np.sort(order[cut:])
        return
    fold = np.random.default_rng(_SEED).integers(0, FOLDS, len(day))
    for nth in range(FOLDS):
        yield np.flatnonzero(fold != nth), np.flatnonzero(fold == nth)


def dictionary(said: Sequence[str], unit: Sequence[str], learnt: Whole, asked: Whole) -> list[str]:
    """What a dictionary of the most usual unit of each type, made of some cases, says of others."""
    counts: dict[str, Counter[str]] = {}
    for row in learnt.tolist():
        counts.setdefault(said[row], Counter())[unit[row]] += 1
    usual = {words: min(count, key=lambda one: (-count[one], one)) for words, count in counts.items()}
    return [usual.get(said[row], "") for row in asked.tolist()]


def several_owners(said: Sequence[str], unit: Sequence[str]) -> Flags:
    """Whether each case is of a type that two or more units have had."""
    owners: dict[str, set[str]] = {}
    for words, one in zip(said, unit, strict=True):
        owners.setdefault(words, set()).add(one)
    return np.array([len(owners[words]) > 1 for words in said], dtype=bool)


def score(how: str, said: Sequence[str], unit: Sequence[str], answers: Sequence[Answered]) -> Score:
    """All answers taken together; said are the types of all cases as their source has them, unit who had them."""
    went = np.array(unit, dtype=object)
    at = np.concatenate([one.at for one in answers])
    right = np.concatenate([_same(one.dispatched.units(), went[one.at]) for one in answers])
    by_type = np.concatenate([_same(one.dictionary, went[one.at]) for one in answers])
    held = np.concatenate([one.dispatched.held for one in answers])
    several, every = several_owners(said, unit)[at], np.ones(len(at), dtype=bool)
    by = {str(reason): sum(int(one.dispatched.because(reason).sum()) for one in answers) for reason in Held}
    return Score(
        how, sum(one.lines for one in answers) / len(answers), Part.of(every, right, by_type),
        Part.of(several, right, by_type), Part.of(~held, right, by_type), Part.of(several & ~held, right, by_type),
        int(held.sum()), {reason: count for reason, count in by.items() if count},
    )  # fmt: skip


def _same(told: Sequence[str], went: Any) -> Flags:
    return np.array([one == other for one, other in zip(told, went.tolist(), strict=True)], dtype=bool)
