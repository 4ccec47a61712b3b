"""Names that were meant though not written: a character wrong, left out or too many, two changed places, or the sound.

Every name with one word left out is in a table; a run of a text's words, with one left out or none, is looked up there.
What sounds alike is in a second table. Both are asked only for texts that exact names do not place as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoapp.locate.lookup import NONE, Phrases, Rows, Table
from geoapp.locate.normalise import HAN, Places, Values, Words, mixed, powers
from geoapp.locate.sounds import heard

LEAST, MOST = 3, 12
"""Words of the names that may be misspelt: shorter ones resemble too much, longer ones are said in short."""

_BACK: Final = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_TAG: Final = np.uint64(0x5DEECE66D)

SOUNDS_ALIKE: Final = {3: 0.5}
MISSPELT: Final = {3: 1.0, 4: 0.55}
_OF_LONG_SOUND: Final = 0.3
_OF_LONG: Final = 0.35


@dataclass(frozen=True, slots=True)
class Near:
    """A form that a run of words may have meant, with what that costs."""

    first: int
    end: int
    row: int
    cost: float


@dataclass(frozen=True, slots=True)
class Spelling:
    """The tables. Rows are those of forms; words holds the values of each form's words."""

    left_out: Table
    left_starts: Rows
    left_rows: Rows
    sounds: Phrases
    sound_starts: Rows
    sound_rows: Rows
    words: Values
    starts: Places

    @staticmethod
    def of(
        words: Words, first: Places, lengths: Places, rows: Rows, chosen: NDArray[np.bool_], misspelt: NDArray[np.bool_]
    ) -> Spelling:
        """Of the forms that begin at first and are so long: those chosen by sound, of these the misspelt by letter."""
        pick = np.flatnonzero(chosen & (lengths >= LEAST) & (lengths <= MOST))
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
        table, starts = np.unique(key[order], return_index=True)
        sounding, sound = Phrases.of(heard(words), first, lengths) if len(first) else _no_sounds(words)
        by_sound = np.argsort(sound, kind="stable")
        count = int(rows.max(initial=-1)) + 1
        size = np.zeros(count, dtype=np.int64)
        size[distinct] = lengths
        place = (
            np.repeat(first, lengths) + np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        )
        return Spelling(
            Table.of(table), np.append(starts, len(key)).astype(np.int32), of[order].astype(np.int32), sounding,
            np.searchsorted(sound[by_sound], np.arange(len(sounding.table.keys) + 1)).astype(np.int32),
            distinct[by_sound].astype(np.int32), words.values[place], np.append(0, np.cumsum(size)).astype(np.int64),
        )  # fmt: skip

    def misspelt(self, words: Words) -> list[Near]:
        """The forms that runs of these words misspell; those written right are not among them."""
        found: set[tuple[int, int, int]] = set()
        for length in range(LEAST - 1, MOST + 2):
            at = np.arange(max(0, len(words) - length + 1))
            at = (
                at[(words.of[at] == words.of[at + length - 1]) & (words.kinds[at + length - 1] == HAN)]
                if len(at)
                else at
            )
            if not len(at):
                continue
            if length >= LEAST - 1:
                whole = words.sums[at + length] - words.sums[at]
                self._collect(
                    found, at, length, mixed(whole * powers(_BACK, len(words.sums))[at] + _TAG + np.uint64(length))
                )
            for gap in range(length if length >= LEAST else 0):
                self._collect(found, at, length, _without(words, at, length, gap))
        return [near for one in found for near in self._checked(words, *one)]

    def _collect(self, found: set[tuple[int, int, int]], at: Places, length: int, keys: Values) -> None:
        rows = self.left_out.find(keys)
        for hit in np.flatnonzero(rows != NONE).tolist():
            low, high = int(self.left_starts[rows[hit]]), int(self.left_starts[rows[hit] + 1])
            if high - low <= 60:
                found.update((int(at[hit]), int(at[hit]) + length, row) for row in self.left_rows[low:high].tolist())

    def _checked(self, words: Words, first: int, end: int, row: int) -> list[Near]:
        name = self.words[int(self.starts[row]) : int(self.starts[row + 1])].tolist()
        said = words.values[first:end].tolist()
        # The last word says what kind of place it is; the first two may not both be others.
        if said[-1] != name[-1] or not _one_apart(said, name):
            return []
        return [Near(first, end, row, MISSPELT.get(len(name), _OF_LONG))]

    def sounding(self, by_sound: Words) -> list[Near]:
        """The forms that sound like runs of these words, which are sounds already."""
        found: list[Near] = []
        for first, length, row in zip(*(part.tolist() for part in self.sounds.matches(by_sound)), strict=True):
            low, high = int(self.sound_starts[row]), int(self.sound_starts[row + 1])
            cost = SOUNDS_ALIKE.get(length, _OF_LONG_SOUND)
            found += [Near(first, first + length, form, cost) for form in self.sound_rows[low:high].tolist()]
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


_OWN: Final = ("left_starts", "left_rows", "sound_starts", "sound_rows", "words", "starts")


def _no_sounds(words: Words) -> tuple[Phrases, Rows]:
    return Phrases.of(words, np.zeros(0, np.int64), np.zeros(0, np.int64))


def _without(words: Words, at: Places, length: int, gap: int) -> Values:
    """The value of the runs of so many words from at, the one at the gap left out."""
    back = powers(_BACK, len(words.sums))
    before = (words.sums[at + gap] - words.sums[at]) * back[at]
    after = (words.sums[at + length] - words.sums[at + gap + 1]) * back[at + 1]
    return mixed(before + after + _TAG + np.uint64(length - 1))


def _one_apart(said: Sequence[int], name: Sequence[int]) -> bool:
    """Whether one word is other, missing, too many, or two neighbours changed places."""
    if said == name:
        return False
    start = 0
    least = min(len(said), len(name))
    while start < least and said[start] == name[start]:
        start += 1
    tail = 0
    while tail < least - start and said[-1 - tail] == name[-1 - tail]:
        tail += 1
    left, right = said[start : len(said) - tail], name[start : len(name) - tail]
    if len(left) <= 1 and len(right) <= 1:
        return True
    return len(left) == len(right) == 2 and left[0] == right[1] and left[1] == right[0]
