"""Tables of 64-bit keys as plain arrays: looked up a batch at a time, at the same cost whatever they hold.

A name is looked for word by word: a filter of the beginnings of all names says which runs of words may still become
one, so that few are ever looked up. Both are arrays that a file can hold and many processes can share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoapp.locate.normalise import Places, Values, Words

Rows = NDArray[np.int32]

NONE: Final = -1


@dataclass(frozen=True, slots=True)
class Table:
    """Keys in rising order; starts[b] is the first whose highest bits are b."""

    keys: Values
    starts: Rows

    @staticmethod
    def of(keys: Values) -> Table:
        """A table of keys that are in rising order."""
        bits = max(1, len(keys).bit_length())
        buckets = (keys >> np.uint64(64 - bits)).astype(np.int64)
        starts = np.searchsorted(buckets, np.arange((1 << bits) + 1)).astype(np.int32)
        return Table(keys, starts)

    def find(self, values: Values) -> Rows:
        """The row of each value, the first of several, NONE where there is none."""
        found = np.full(len(values), NONE, dtype=np.int32)
        bits = (len(self.starts) - 1).bit_length() - 1
        bucket = (values >> np.uint64(64 - bits)).astype(np.int64)
        at, end = self.starts[bucket].astype(np.int64), self.starts[bucket + 1]
        left = np.flatnonzero(at < end)
        while len(left):
            same = self.keys[at[left]] == values[left]
            found[left[same]] = at[left[same]]
            left = left[~same]
            at[left] += 1
            left = left[at[left] < end[left]]
        return found


@dataclass(frozen=True, slots=True)
class Phrases:
    """Runs of words: a table of the whole ones and a filter (a bit a hash) of their beginnings."""

    table: Table
    filter: NDArray[np.uint8]
    longest: int

    @staticmethod
    def of(words: Words, first: Places, lengths: Places) -> tuple[Phrases, Rows]:
        """Of the runs that begin at first and are so long; with the row of each (equal runs have one)."""
        longest = int(lengths.max(initial=1))
        whole = np.zeros(len(first), dtype=np.uint64)
        beginnings: list[Values] = []
        for length in range(1, longest + 1):
            long = np.flatnonzero(lengths >= length)
            run = words.windows(first[long], length)
            beginnings.append(np.unique(run))
            ends = lengths[long] == length
            whole[long[ends]] = run[ends]
        keys, rows = np.unique(whole, return_inverse=True)
        return Phrases(Table.of(keys), _filter(beginnings), longest), rows.astype(np.int32)

    def matches(self, words: Words) -> tuple[Places, Places, Rows]:
        """(first word, how many, row) of every run of the batch that is one of these."""
        found: list[tuple[Places, Places, Rows]] = []
        alive = np.arange(len(words), dtype=np.int64)
        for length in range(1, self.longest + 1):
            alive = alive[alive + length <= len(words)]
            if not len(alive):
                break
            run = words.windows(alive, length)
            may = self._may(run)
            alive, run = alive[may], run[may]
            rows = self.table.find(run)
            hit = rows != NONE
            if hit.any():
                found.append((alive[hit], np.full(int(hit.sum()), length, dtype=np.int64), rows[hit]))
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int32)
        first, lengths, rows = (np.concatenate(part) for part in zip(*found, strict=True))
        order = np.lexsort((-lengths, first))
        return first[order], lengths[order], rows[order]

    def _may(self, run: Values) -> NDArray[np.bool_]:
        size = len(self.filter)
        at = (run >> np.uint64(3)) & np.uint64(size - 1)
        bit: NDArray[np.bool_] = (self.filter[at] >> (run & np.uint64(7)).astype(np.uint8)) & 1 != 0
        return bit

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """What it consists of, under names that begin with the one given."""
        return {
            f"{name}.keys": self.table.keys, f"{name}.starts": self.table.starts, f"{name}.filter": self.filter,
            f"{name}.longest": np.array([self.longest]),
        }  # fmt: skip

    @staticmethod
    def from_arrays(arrays: Mapping[str, NDArray[Any]], name: str) -> Phrases:
        """The one that `arrays` took apart."""
        table = Table(arrays[f"{name}.keys"], arrays[f"{name}.starts"])
        return Phrases(table, arrays[f"{name}.filter"], int(arrays[f"{name}.longest"][0]))


def _filter(beginnings: Iterable[Values]) -> NDArray[np.uint8]:
    """A bit for each beginning, in an array so large that one in sixteen is set."""
    hashes = np.concatenate(list(beginnings))
    size = 1 << max(6, int(len(hashes) * 2 - 1).bit_length())
    bits = np.zeros(size, dtype=np.uint8)
    at = ((hashes >> np.uint64(3)) & np.uint64(size - 1)).astype(np.int64)
    np.bitwise_or.at(bits, at, (1 << (hashes & np.uint64(7)).astype(np.uint8)).astype(np.uint8))
    return bits
