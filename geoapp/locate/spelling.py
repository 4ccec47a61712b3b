"""Names that were meant though not written: a character wrong, left out or too many, two changed places, or the sound.

Every name with one word left out is in a table; a run of a text's words, with one left out or none, is looked up there.
What sounds alike is in a second table. Both are asked only for texts that exact names do not place as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoapp.locate.lookup import NONE, Phrases, Rows, Table
from geoapp.locate.normalise import DIGIT, HAN, NUMERAL, Places, Values, Words, mixed, powers, read
from geoapp.locate.sounds import digit_said, heard, is_sound_of, said_as

LEAST, MOST = 3, 12
"""Words of the names that may be misspelt: shorter ones resemble too much, longer ones are said in short."""

MOST_HEARD: Final = 24
"""Words of the names that may be told by their sound."""

_BACK: Final = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_TAG: Final = np.uint64(0x5DEECE66D)
_MOST_ALIKE: Final = 60
"""What so many names are one word from says nothing."""

_HALF: Final = 0xFFFFFFFF
"""Half a value is enough to compare words once the rest of a name is found."""

SAME_SOUND: Final = {3: 0.45}
_OF_LONG_SOUND: Final = 0.3
NEAR_SOUND: Final = 0.3
"""What it costs besides where only southern ears hear the same: 洞井 and 东进."""

_ANY: Final = ""
"""How a word is said that is written otherwise: Road, which stands for lu."""

CHANGED_PLACES: Final = {3: 0.9, 4: 0.5}
_OF_LONG: Final = 0.35
OTHER_WORD: Final = {3: 0.3, 4: 0.2}
_OF_MANY: Final = 0.1
"""What it costs besides where one of so many words is quite another: rather a name that nobody has recorded."""

DISTINCT: Final = 3
"""Words before the kind of a place (路, 公园) that must be there for one of them to be another."""

_NUMBERS: Final = 3_000
"""Numbers below this are told among the words of a name."""

_TAILS: Final = """
    路 街 道 巷 大道 公路 社区 公园 小区 大厦 花园 广场 医院 学校 小学 中学 大学 学院 市场 中心 工业区 科技园 工业园
    新村 村 地铁站 站 有限公司 公司 酒店 停车场 体育馆 图书馆 博物馆 湿地公园 森林公园 体育公园 文化公园 人民医院
    中医院 街道 派出所 步行街
"""


@dataclass(frozen=True, slots=True)
class Near:
    """A form that a run of words may have meant, with what that costs.

    unlikely: by an error that few make, to be believed less where the words also are a likely error of another form.
    """

    first: int
    end: int
    row: int
    cost: float
    unlikely: bool = False


@dataclass(frozen=True, slots=True)
class Spelling:
    """The tables; a key of left_out stands once for each row of a form. words holds the values of each form's words.

    stems: how many words of each form stand before those that only say what kind of place it is.
    """

    left_out: Table
    left_rows: Rows
    sounds: Phrases
    sound_starts: Rows
    sound_rows: Rows
    words: NDArray[np.uint32]
    starts: Rows
    stems: NDArray[np.uint8]

    @staticmethod
    def of(
        words: Words, first: Places, lengths: Places, rows: Rows, chosen: NDArray[np.bool_], misspelt: NDArray[np.bool_]
    ) -> Spelling:
        """Of the forms that begin at first and are so long: those chosen by sound, of these the misspelt by letter."""
        pick = np.flatnonzero(chosen & (lengths >= LEAST) & (lengths <= MOST_HEARD))
        distinct, where = np.unique(rows[pick], return_index=True)
        first, lengths, loose = first[pick[where]], lengths[pick[where]], misspelt[pick[where]]
        keys, owner = [np.zeros(0, np.uint64)], [np.zeros(0, np.int32)]
        for length in range(LEAST, MOST + 1):
            at = np.flatnonzero((lengths == length) & loose)
            for gap in range(length):
                keys.append(_without(words, first[at], length, gap))
                owner.append(distinct[at])
        key, of = np.concatenate(keys), np.concatenate(owner)
        order = np.argsort(key, kind="stable")
        sounding, sound = Phrases.of(heard(words), first, lengths) if len(first) else _no_sounds(words)
        by_sound = np.argsort(sound, kind="stable")
        count = int(rows.max(initial=-1)) + 1
        size = np.zeros(count, dtype=np.int64)
        size[distinct] = lengths
        stems = np.zeros(count, dtype=np.uint8)
        stems[distinct] = _stems(words, first, lengths)
        place = (
            np.repeat(first, lengths) + np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        )
        return Spelling(
            Table.of(key[order]), of[order].astype(np.int32), sounding,
            np.searchsorted(sound[by_sound], np.arange(len(sounding.table.keys) + 1)).astype(np.int32),
            distinct[by_sound].astype(np.int32), words.values[place].astype(np.uint32),
            np.append(0, np.cumsum(size)).astype(np.int32), stems,
        )  # fmt: skip

    def misspelt(self, words: Words) -> list[Near]:
        """The forms that runs of these words misspell; those written right are not among them."""
        found = [np.zeros((0, 3), dtype=np.int64)]
        for length in range(LEAST, MOST + 2):
            at = np.arange(max(0, len(words) - length + 1))
            last = at + length - 1
            at = at[(words.of[at] == words.of[last]) & (words.kinds[last] == HAN)] if len(at) else at
            if not len(at):
                continue
            whole = words.sums[at + length] - words.sums[at]
            plain = mixed(whole * powers(_BACK, len(words.sums))[at] + _TAG + np.uint64(length))
            found.append(self._collected(words, at, length, plain))
            found += [self._collected(words, at, length, _without(words, at, length, gap)) for gap in range(length)]
        distinct = np.unique(np.concatenate(found), axis=0)
        said = words.values.astype(np.uint32).tolist()
        numbers = _numbers(words).tolist()
        return [near for one in distinct.tolist() for near in self._checked(said, numbers, *one)]

    def _collected(self, words: Words, at: Places, length: int, keys: Values) -> NDArray[np.int64]:
        """(first, end, row) of the forms that these keys may be of, and that end in the same word."""
        low = self.left_out.find(keys)
        hit = np.flatnonzero(low != NONE)
        sizes = np.searchsorted(self.left_out.keys, keys[hit], side="right") - low[hit]
        hit, sizes = hit[sizes < _MOST_ALIKE], sizes[sizes < _MOST_ALIKE]
        which = np.repeat(hit, sizes)
        offset = np.arange(len(which)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        rows = self.left_rows[low[which] + offset]
        # The last word says what kind of place it is, and nobody errs there.
        last = self.words[self.starts[rows + 1] - 1]
        same = last == words.values[at[which] + length - 1].astype(np.uint32)
        same &= (self.stems[rows] >= DISTINCT) | ~self._another(words, at[which], length, rows)
        first = at[which[same]]
        return np.column_stack([first, first + length, rows[same]]).astype(np.int64)

    def _another(self, words: Words, at: Places, length: int, rows: Rows) -> NDArray[np.bool_]:
        """Where a run and a form have as many words, but not the same ones in whatever order."""
        found: NDArray[np.bool_] = self.starts[rows + 1] - self.starts[rows] == length
        some = np.flatnonzero(found)
        every = np.arange(length)
        said = words.values[at[some][:, None] + every].astype(np.uint32).sum(axis=1, dtype=np.uint64)
        name = self.words[self.starts[rows[some]][:, None] + every].sum(axis=1, dtype=np.uint64)
        found[some] = said != name
        return found

    def _checked(self, said: Sequence[int], numbers: Sequence[bool], first: int, end: int, row: int) -> list[Near]:
        name = self._words(row)
        error = _error(said[first:end], name)
        told = [said[at] for at in range(first, end) if numbers[at]]
        numbered = numbers[end - 2] or name[-2] in _every_number()
        if error and told != _numbers_of(name) and (numbered or error != "length"):
            return []
        stem = int(self.stems[row])
        if error == "" or (error == "other" and stem < DISTINCT):
            return []
        cost = CHANGED_PLACES.get(len(name), _OF_LONG)
        if error != "other":
            return [Near(first, end, row, cost)]
        return [Near(first, end, row, cost + OTHER_WORD.get(stem, _OF_MANY), unlikely=True)]

    def _words(self, row: int) -> list[int]:
        found: list[int] = self.words[int(self.starts[row]) : int(self.starts[row + 1])].tolist()
        return found

    def sounding(self, by_sound: Words, written: Words | None) -> list[Near]:
        """The forms that sound like runs of these words, which are sounds already; written, where they line up."""
        found: list[Near] = []
        every = by_sound if written is None else written
        written_as, numbers = every.values.astype(np.uint32).tolist(), _numbers(every).tolist()
        for first, length, row in zip(*(part.tolist() for part in self.sounds.matches(by_sound)), strict=True):
            low, high = int(self.sound_starts[row]), int(self.sound_starts[row + 1])
            said = _syllables(every, first, length, spelt=written is None)
            last = None if written is None else int(written.values[first + length - 1]) & _HALF
            for form in self.sound_rows[low:high].tolist():
                name = self._words(form)
                same = all(_said_alike(one, _said(word)) for one, word in zip(said, name, strict=True))
                # The last word says what kind of place it is, and nobody errs there.
                if last is not None and (last != name[-1] or (length <= LEAST and not same)):
                    continue
                run = slice(first, first + length)
                every_word = zip(said, written_as[run], numbers[run], name, strict=True)
                if any(_another_number(*one, spelt=written is None) for one in every_word):
                    continue
                cost = SAME_SOUND.get(length, _OF_LONG_SOUND) + (0.0 if same else NEAR_SOUND)
                found.append(Near(first, first + length, form, cost, unlikely=not same))
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What it consists of, by name."""
        own = {f"spelling.{name}": getattr(self, name) for name in _OWN}
        table = {"spelling.keys": self.left_out.keys, "spelling.buckets": self.left_out.starts}
        return {**own, **table, **self.sounds.arrays("sounds")}

    @staticmethod
    def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Spelling:
        """The one that `arrays` took apart."""
        table = Table(arrays["spelling.keys"], arrays["spelling.buckets"])
        own = {name: arrays[f"spelling.{name}"] for name in _OWN}
        return Spelling(left_out=table, sounds=Phrases.from_arrays(arrays, "sounds"), **own)


_OWN: Final = ("left_rows", "sound_starts", "sound_rows", "words", "starts", "stems")


def _said(word: int) -> str | int:
    """The syllable of a word, by half of its value; what has none is itself."""
    return said_as().get(word, word)


def _said_alike(said: str | int, name: str | int) -> bool:
    """Whether a word was said as one of a name is; what stands for a syllable is said as that."""
    return said == name or (said == _ANY and isinstance(name, str))


def _syllables(words: Words, first: int, length: int, *, spelt: bool) -> list[str | int]:
    """How a run of words is said; spelt where it is written in syllables."""
    if not spelt:
        return [_said(word) for word in words.values[first : first + length].astype(np.uint32).tolist()]
    runs = zip(words.begins[first : first + length], words.ends[first : first + length], strict=True)
    written = [words.plain[begin:end].astype("<u4").tobytes().decode("utf-32-le") for begin, end in runs]
    values = words.values[first : first + length].tolist()
    said = [digit_said(word) for word in written]
    return [one if is_sound_of(one, value) else _ANY for one, value in zip(said, values, strict=True)]


def _numbers(words: Words) -> NDArray[np.bool_]:
    """Which words are numbers."""
    found: NDArray[np.bool_] = (words.kinds == DIGIT) | (words.kinds == NUMERAL)
    return found


def _numbers_of(name: Sequence[int]) -> list[int]:
    """The numbers among the words of a name."""
    known = _every_number()
    return [word for word in name if word in known]


def _another_number(said: str | int, word: int, is_number: bool, name: int, *, spelt: bool) -> bool:
    """Whether a word in place of a number of a name makes it another one: that is another road. 山 may mean 三."""
    if name not in _every_number():
        return False
    return word != name if is_number and not spelt else spelt and said != _said(name)


@cache
def _every_number() -> frozenset[int]:
    """Half the values of all numbers that names are likely to have."""
    words = read([" ".join(map(str, range(_NUMBERS)))])
    return frozenset(words.values[:-1].astype(np.uint32).tolist())


def _no_sounds(words: Words) -> tuple[Phrases, Rows]:
    return Phrases.of(words, np.zeros(0, np.int64), np.zeros(0, np.int64))


def _without(words: Words, at: Places, length: int, gap: int) -> Values:
    """The value of the runs of so many words from at, the one at the gap left out."""
    back = powers(_BACK, len(words.sums))
    before = (words.sums[at + gap] - words.sums[at]) * back[at]
    after = (words.sums[at + length] - words.sums[at + gap + 1]) * back[at + 1]
    return mixed(before + after + _TAG + np.uint64(length - 1))


def _error(said: Sequence[int], name: Sequence[int]) -> str:
    """What one slip made of a name: a word other, missing or too many, two changed places; empty: more than one."""
    start = 0
    least = min(len(said), len(name))
    while start < least and said[start] == name[start]:
        start += 1
    tail = 0
    while tail < least - start and said[-1 - tail] == name[-1 - tail]:
        tail += 1
    left, right = said[start : len(said) - tail], name[start : len(name) - tail]
    if len(left) == len(right) == 1:
        return "other"
    if len(left) + len(right) == 1:
        return "length"
    swapped = len(left) == len(right) == 2 and left[0] == right[1] and left[1] == right[0]
    return "places" if swapped else ""


@cache
def _tails() -> Mapping[int, Values]:
    """What only says what kind of place it is, by how many words that takes."""
    found: dict[int, list[int]] = {}
    for tail in _TAILS.split():
        words = read([tail])
        size = len(words) - 1
        found.setdefault(size, []).append(int(words.windows(np.array([0]), size)[0]))
    return {size: np.array(sorted(values), dtype=np.uint64) for size, values in found.items()}


def _stems(words: Words, first: Places, lengths: Places) -> NDArray[np.int64]:
    """How many words of the forms that begin at first and are so long stand before the kind of place."""
    stems = lengths.copy()
    for size, tails in sorted(_tails().items()):
        long = np.flatnonzero(lengths > size)
        ends = np.isin(words.windows(first[long] + lengths[long] - size, size), tails)
        stems[long[ends]] = lengths[long[ends]] - size
    return stems
