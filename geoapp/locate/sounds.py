"""How words sound: pinyin without tones, near sounds made one, so that 香密湖 and xiangmihu find 香蜜湖."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pypinyin.pinyin_dict import pinyin_dict

from geoapp.locate.normalise import DIGIT, HAN, LETTER, NUMERAL, Values, Words, read, running, values_of

_MOST: Final = 0x10000
_SALT: Final = np.uint64(0xA5A5_5A5A_1234_8765)
"""A syllable is no Latin word of the same letters."""

_READ_OTHERWISE: Final = {
    "厦": "sha",
    "重": "chong",
    "行": "hang",
    "长": "chang",
    "圳": "zhen",
    "涌": "chong",
    "坂": "ban",
}
"""Characters that place names read otherwise than most texts do."""

_ON_FOOT: Final = np.array([ord(sign) for sign in "步人飞自"], dtype=np.uint32)
"""Behind one of these 行 is what somebody does, and no bank."""

_KINDS: Final = {
    "road": "lu", "rd": "lu", "avenue": "da dao", "ave": "da dao", "boulevard": "da dao", "blvd": "da dao",
    "street": "jie", "st": "jie", "bridge": "qiao", "park": "gong yuan", "metro": "di tie", "station": "zhan",
}  # fmt: skip
_SIDES: Final = {"north": "bei", "south": "nan", "east": "dong", "west": "xi", "middle": "zhong"}
"""English words that stand behind pinyin, as they are said."""

_DIGITS: Final = ("ling", "yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu", "shi")


def sound(syllable: str) -> str:
    """A syllable as it is often confused in the south: no retroflexes, no final g; lü is typed lu or lv."""
    found = re.sub(r"^([zcs])h", r"\1", syllable).replace("v", "u")
    return re.sub(r"(?<=[aei])ng$", "n", found)


@cache
def _value(syllable: str) -> np.uint64:
    return np.uint64(values_of(sound(syllable))[0]) ^ _SALT


@cache
def _plain(code: int) -> str:
    otherwise = _READ_OTHERWISE.get(chr(code))
    if otherwise:
        return otherwise
    bare = unicodedata.normalize("NFD", pinyin_dict[code].split(",")[0]).replace("u\u0308", "v")
    return "".join(sign for sign in bare if not unicodedata.combining(sign)).replace("ɡ", "g")


@cache
def _of_characters() -> Values:
    table = np.zeros(_MOST, dtype=np.uint64)
    values = {name: _value(name) for name in syllables()}
    for code in pinyin_dict:
        if code < _MOST:
            table[code] = values[_plain(code)]
    return table


@cache
def _of_syllables() -> Values:
    return np.array(sorted({int(_value(name)) for name in syllables()}), dtype=np.uint64)


def is_syllable(words: Words) -> NDArray[np.bool_]:
    """Which of these words, spelled already, are syllables."""
    found: NDArray[np.bool_] = np.isin(words.values, _of_syllables())
    return found


@cache
def said_as() -> dict[int, str]:
    """The syllable of each character, by the lower half of its word's value."""
    codes = np.array([code for code in pinyin_dict if code < _MOST], dtype=np.uint32)
    words = read([" ".join(map(chr, codes.tolist()))])
    chars = words.plain[words.begins[:-1]].tolist()
    return {
        int(value) & 0xFFFFFFFF: _plain(code)
        for value, code in zip(words.values[:-1].tolist(), chars, strict=True)
        if code in pinyin_dict
    }


@cache
def syllables() -> frozenset[str]:
    """Every syllable that some character has."""
    return frozenset(_plain(code) for code in pinyin_dict if code < _MOST)


def digit_said(word: str) -> str:
    """The syllable of a digit; any other word is itself."""
    return _DIGITS[int(word)] if word.isascii() and word.isdigit() and int(word) < len(_DIGITS) else word


def is_sound_of(syllable: str, value: int) -> bool:
    """Whether a word of such a value is this syllable, rather than an English word for it."""
    return syllable in syllables() and int(_value(syllable)) == value


def heard(words: Words) -> Words:
    """The same words by their sounds; what has none keeps its value."""
    values = words.values.copy()
    han = np.flatnonzero(words.kinds == HAN)
    found = _of_characters()[np.minimum(words.plain[words.begins[han]], _MOST - 1)]
    values[han] = np.where(found, found, values[han])
    before = words.plain[words.begins[np.maximum(han - 1, 0)]]
    walking = (words.plain[words.begins[han]] == ord("行")) & np.isin(before, _ON_FOOT)
    values[han[walking]] = _value("xing")
    numbers = np.flatnonzero((words.kinds == NUMERAL) | (words.kinds == DIGIT))
    for digit, name in enumerate(_DIGITS):
        said = numbers[values[numbers] == np.uint64(values_of(str(digit))[0])]
        values[said] = _value(name)
    return replace(words, values=values, sums=running(values))


def spelled(words: Words) -> Words:
    """The same with Latin words taken apart into syllables wherever they are pinyin, each a word of its own."""
    by_sound = heard(words)
    letters = np.flatnonzero(words.kinds == LETTER)
    parts: dict[int, list[tuple[int, int, str]]] = {}
    for at in letters.tolist():
        start, end = int(words.begins[at]), int(words.ends[at])
        word = words.plain[start:end].astype("<u4").tobytes().decode("utf-32-le")
        cut = taken_apart(word)
        if cut:
            ends = np.cumsum([len(part) for part in cut]).tolist()
            parts[at] = [(start + stop - len(part), start + stop, part) for part, stop in zip(cut, ends, strict=True)]
    if not parts:
        return by_sound
    parts |= _kinds_of_place(words, parts)
    sizes = np.ones(len(words), dtype=np.int64)
    for at, every in parts.items():
        sizes[at] = len(every)
    old = np.repeat(np.arange(len(words)), sizes)
    values, begins, ends_ = by_sound.values[old], words.begins[old], words.ends[old]
    starts = np.cumsum(sizes) - sizes
    for at, every in parts.items():
        for nth, (begin, end, part) in enumerate(every):
            place = int(starts[at]) + nth
            values[place], begins[place], ends_[place] = _value(part), begin, end
    return Words(words.plain, words.starts, values, begins, ends_, words.of[old], words.kinds[old], running(values))


def _kinds_of_place(
    words: Words, said: Mapping[int, Sequence[tuple[int, int, str]]]
) -> dict[int, list[tuple[int, int, str]]]:
    """English words behind pinyin that say what kind of place it is, as the syllables they stand for: Rd is lu."""
    english = _english()
    found: dict[int, list[tuple[int, int, str]]] = {}
    for at in range(1, len(words)):
        syllables_of = english.get(int(words.values[at]))
        if syllables_of is None or at in said or (at - 1 not in said and at - 1 not in found):
            continue
        side = int(words.values[at]) in _sides()
        if side and (at + 1 == len(words) or int(words.values[at + 1]) not in english):
            continue
        start, end = int(words.begins[at]), int(words.ends[at])
        cuts = [start, *range(start + 1, start + len(syllables_of)), end]
        found[at] = [(cuts[nth], cuts[nth + 1], part) for nth, part in enumerate(syllables_of)]
    return found


@cache
def _english() -> Mapping[int, tuple[str, ...]]:
    """The syllables of each kind of place, and of each side of a road, by the value of the English word."""
    return {values_of(word)[0]: tuple(said.split()) for word, said in (_KINDS | _SIDES).items()}


@cache
def _sides() -> frozenset[int]:
    return frozenset(values_of(word)[0] for word in _SIDES)


@cache
def taken_apart(word: str) -> tuple[str, ...]:
    """A Latin word as syllables, as few as there can be; empty where it is no pinyin."""
    known = syllables()
    best: list[tuple[str, ...] | None] = [(), *[None] * len(word)]
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 6), end):
            before = best[start]
            if before is not None and word[start:end] in known and (len(word[start:end]) > 1 or len(word) == 1):
                found = (*before, word[start:end])
                held = best[end]
                if held is None or len(found) < len(held):
                    best[end] = found
    return best[len(word)] or ()
