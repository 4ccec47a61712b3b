"""Usual words that no misspelt name is made of: what a name begins with or holds, and what takes its last word along.

这里路灯坏了 says nothing of 哲力路, however alike the two sound: 这里 is no part of a name, and 路 is half of 路灯.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.locate import grammar_zh
from geoapp.locate.lookup import Phrases
from geoapp.locate.normalise import Places, Words, read, values_of
from geoapp.locate.sounds import heard
from geoapp.locate.spelling import Near

_ROAD: Final = re.compile(r"(?:[^\W\da-z_]|\d){2,6}?(?:大道|路|街|巷)(?![灯面口边上段牌况过人中旁侧坊区头道])")
"""What reads like the name of a road and its end."""

_LONG: Final = 5
"""A run of so many words that is nearly a name is one."""


def names_only(words: Words, near: Sequence[Near], begun: Places) -> list[Near]:
    """Those that may be names; begun are the words at which a name may begin, since another one ends there."""
    if not near:
        return []
    first, end = _runs(near)
    led = np.isin(words.values[np.maximum(first - 1, 0)], _leads()) & (first > 0) | np.isin(first, begun)
    barred = _barred(words, first, end, by_sound=False)
    barred |= _begins(words, first, _table(grammar_zh.NO_NAME_BEGINS, False))
    barred |= _goes_on(words, end, grammar_zh.NO_NAME_IS_HALF_OF)
    barred |= _goes_on(words, end, grammar_zh.NO_NAME_ALONE_IS_HALF_OF) & ~led & (end - first < _LONG)
    return _kept(near, barred)


def sounding_names_only(words: Words, near: Sequence[Near]) -> list[Near]:
    """The same of words that are sounds."""
    return _kept(near, _barred(words, *_runs(near), by_sound=True)) if near else []


def _runs(near: Sequence[Near]) -> tuple[Places, Places]:
    return np.array([one.first for one in near], dtype=np.int64), np.array([one.end for one in near], dtype=np.int64)


def _kept(near: Sequence[Near], barred: NDArray[np.bool_]) -> list[Near]:
    return [one for one, out in zip(near, barred.tolist(), strict=True) if not out]


def _barred(words: Words, first: Places, end: Places, *, by_sound: bool) -> NDArray[np.bool_]:
    """Which runs are no names wherever they stand."""
    held = _holds(words, first, end, _table(grammar_zh.NO_NAME_HOLDS, by_sound))
    return held | _goes_on(words, end, grammar_zh.NO_NAME_ENDS, by_sound=by_sound)


def _begins(words: Words, first: Places, said: Phrases) -> NDArray[np.bool_]:
    """Which runs begin with one of the words."""
    there = np.zeros(len(words) + 1, dtype=bool)
    there[said.matches(words)[0]] = True
    found: NDArray[np.bool_] = there[first]
    return found


def _holds(words: Words, first: Places, end: Places, said: Phrases) -> NDArray[np.bool_]:
    """Which runs hold one of the words as a whole."""
    begins, lengths, _ = said.matches(words)
    # The nearest end of all that begin here or later: within the run or not.
    nearest = np.append(np.minimum.accumulate((begins + lengths)[::-1])[::-1], np.iinfo(np.int64).max)
    found: NDArray[np.bool_] = nearest[np.searchsorted(begins, first)] <= end
    return found


def _goes_on(words: Words, end: Places, said: str, *, by_sound: bool = False) -> NDArray[np.bool_]:
    """Of which runs the last word is the first one of a word that goes on behind them."""
    there = np.zeros(len(words) + 1, dtype=bool)
    there[_table(said, by_sound).matches(words)[0]] = True
    found: NDArray[np.bool_] = there[end - 1]
    return found


@cache
def _leads() -> NDArray[np.uint64]:
    return np.array([values_of(sign)[0] for sign in grammar_zh.LEADS_A_NAME], dtype=np.uint64)


@cache
def _table(said: str, by_sound: bool) -> Phrases:
    every = said.split()
    words = heard(read(every)) if by_sound else read(every)
    counts = np.bincount(words.of, minlength=len(every))
    first = np.append(0, np.cumsum(counts))[:-1].astype(np.int64)
    return Phrases.of(words, first, (counts - 1).astype(np.int64))[0]


def names_an_unknown_road(behind: str) -> bool:
    """Whether the words behind an area begin with the name of a road, which must be one that nobody has recorded."""
    found = _ROAD.match(behind)
    return found is not None and not any(word in found[0] for word in _no_road())


@cache
def _no_road() -> tuple[str, ...]:
    return tuple((grammar_zh.NO_NAME_HOLDS + grammar_zh.NO_ROAD).split())
