"""The names of a batch and the words of the grammar between them, found for all its texts at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoapp.locate import grammar_en, grammar_zh
from geoapp.locate.cues import Cue
from geoapp.locate.gazetteer import Gazetteer
from geoapp.locate.lookup import Phrases, Rows
from geoapp.locate.normalise import DIGIT, HAN, LETTER, Places, Words, read, values_of
from geoapp.locate.sounds import heard


@dataclass(frozen=True, slots=True)
class Found:
    """The names and cues of a batch as arrays, in the order of words; cue is NOT_CUE for a name."""

    words: Words
    first: Places
    end: Places
    row: Rows
    cue: NDArray[np.int8]
    clean: NDArray[np.bool_]
    of: Places
    text: str
    begins: list[int]
    ends: list[int]


NOT_CUE: Final = -1


def find(gazetteer: Gazetteer, texts: Sequence[str]) -> Found:
    """The names and cues of a batch."""
    words = read(texts)
    first, length, row = gazetteer.phrases.matches(words)
    return together(words, first, length, row, *cues(words))


def cues(words: Words, by_sound: bool = False) -> tuple[Places, Places, NDArray[np.int8]]:
    """(first word, how many, cue) of the words that say how names are meant; by_sound for words that are sounds."""
    phrases, kinds = _sounding_cues() if by_sound else _cues()
    first, length, row = phrases.matches(words)
    return first, length, kinds[row]


def together(
    words: Words,
    first: Places,
    length: Places,
    row: Rows,
    cue_first: Places,
    cue_length: Places,
    kind: NDArray[np.int8],
) -> Found:
    """Names and cues in the order of words; of what lies within something longer, only the longer stays."""
    first, end, row = _longest(first, first + length, row)
    # A cue that shares a character with a name is none: 路口 behind 香蜜湖路 is only 口.
    free = _free(len(words), first, end, cue_first, cue_first + cue_length)
    # Half of a city's name with half of a road's may be a short name, too: 上海富塘路 holds 海富.
    long = (end - first > 2) | (words.kinds[first] != HAN)
    away = _free(len(words), first[long], end[long], cue_first, cue_first + cue_length)
    free |= away & (kind == Cue.ELSEWHERE)
    cue_first, cue_end, kind = _longest(cue_first[free], (cue_first + cue_length)[free], kind[free])
    firsts, ends = np.concatenate([first, cue_first]), np.concatenate([end, cue_end])
    rows = np.concatenate([row, np.full(len(cue_first), NOT_CUE, dtype=np.int32)])
    told = np.concatenate([np.full(len(first), NOT_CUE, dtype=np.int8), kind])
    order = np.argsort(firsts, kind="stable")
    firsts, ends, rows, told = firsts[order], ends[order], rows[order], told[order]
    return Found(words, firsts, ends, rows, told, _clean(words, firsts), words.of[firsts], words.text(),
        words.begins.tolist(), words.ends.tolist(),
    )  # fmt: skip


def _free(
    count: int, first: Places, end: Places, cue_first: Places, cue_end: Places
) -> NDArray[np.bool_]:  # fmt: skip
    """Which cues share no word with a name."""
    named = np.zeros(count + 2, dtype=np.int64)
    np.add.at(named, first, 1)
    np.add.at(named, end, -1)
    covered = np.append(0, np.cumsum(np.cumsum(named) > 0))
    free: NDArray[np.bool_] = covered[cue_end] == covered[cue_first]
    return free


def _longest(first: Places, end: Places, of: NDArray[Any]) -> tuple[Places, Places, NDArray[Any]]:
    """Runs in their order, without those that lie within a longer one."""
    order = np.lexsort((-end, first))
    first, end, of = first[order], end[order], of[order]
    reach = np.maximum.accumulate(np.append(-1, end[:-1])) if len(end) else end
    kept = end > reach
    return first[kept], end[kept], of[kept]


def _clean(words: Words, first: Places) -> NDArray[np.bool_]:
    """Whether a name may begin at each of these words: after a blank, a sign, a number, or a word that leads to one."""
    before = np.maximum(first - 1, 0)
    leads = np.isin(words.values[before], _leaders())
    apart = words.ends[before] < words.begins[first]
    # A number behind a Latin word may be part of a name: Brighton 7 Street is not 7 Street.
    numbered = (words.kinds[first] == DIGIT) & (words.kinds[before] == LETTER)
    begun = (words.kinds[before] != HAN) & ~numbered
    clean: NDArray[np.bool_] = (first == 0) | begun | leads | (apart & ~numbered)
    return clean


@cache
def _leaders() -> NDArray[np.uint64]:
    return np.array(sorted({values_of(sign)[0] for sign in grammar_zh.LEADERS}), dtype=np.uint64)


@cache
def _cues() -> tuple[Phrases, NDArray[np.int8]]:
    said = [
        (word, cue)
        for grammar in (grammar_zh.CUES, grammar_en.CUES)
        for cue, every in grammar.items()
        for word in every.split("|")
    ]
    return _cue_table(read([word for word, _ in said]), [cue for _, cue in said])


@cache
def _sounding_cues() -> tuple[Phrases, NDArray[np.int8]]:
    """The Chinese ones by their sounds; those of one sound are too many things, save a few."""
    said = [
        (word, cue)
        for cue, every in grammar_zh.CUES.items()
        for word in every.split("|")
        if len(word) > 1 or word in grammar_zh.HEARD_ALONE or cue in (Cue.STOP, Cue.COMMA)
    ]
    return _cue_table(heard(read([word for word, _ in said])), [cue for _, cue in said])


def _cue_table(words: Words, kinds_of: Sequence[Cue]) -> tuple[Phrases, NDArray[np.int8]]:
    counts = np.bincount(words.of, minlength=len(kinds_of))
    first = np.append(0, np.cumsum(counts))[:-1].astype(np.int64)
    phrases, rows = Phrases.of(words, first, (counts - 1).astype(np.int64))
    kinds = np.zeros(len(phrases.table.keys), dtype=np.int8)
    # Of two that are alike the one named first holds.
    kinds[rows[::-1]] = np.array([int(cue) for cue in kinds_of], dtype=np.int8)[::-1]
    return phrases, kinds
