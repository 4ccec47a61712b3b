"""Texts as words that compare: simplified, half-width, numerals alike, with the place of each in what was written.

A batch is worked on as arrays. A word is one Chinese character, one run of Latin letters, or one number; each is a
64-bit value, so that a name is found by the values of its words whatever stands between them. 十五 and 15 are one
value, so 八卦1路 finds 八卦一路, while 八卦一路 and 八卦二路 stay apart.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from opencc import OpenCC

Codes = NDArray[np.uint32]
Values = NDArray[np.uint64]
Places = NDArray[np.int64]

BREAK: Final = 0x0A
"""Stands between the texts of a batch; no name goes across it."""

OTHER, HAN, LETTER, DIGIT, SPACE, NUMERAL = range(6)

_MOST: Final = 0x30000
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_BACK: Final = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_NUMERALS: Final = {"〇": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_TENS: Final = {"十": 10, "百": 100}
_SYNONYMS: Final[Mapping[str, str]] = {
    "street": "st", "str": "st", "avenue": "ave", "av": "ave", "road": "rd", "boulevard": "blvd", "drive": "dr",
    "lane": "ln", "place": "pl", "court": "ct", "parkway": "pkwy", "highway": "hwy", "expressway": "expy",
    "square": "sq", "terrace": "ter", "turnpike": "tpke", "plaza": "plz", "heights": "hts", "mount": "mt",
    "west": "w", "east": "e", "north": "n", "south": "s", "saint": "st", "fort": "ft", "center": "ctr", "centre": "ctr",
    "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6", "seventh": "7",
    "eighth": "8", "ninth": "9", "tenth": "10", "eleventh": "11", "twelfth": "12",
}  # fmt: skip
_ORDINALS: Final = ("st", "nd", "rd", "th")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a batch of texts.

    plain holds the normalised characters of all texts, BREAK after each; text t begins at starts[t]. Word w has
    values[w] and stands at plain[begins[w]:ends[w]]; of[w] is its text. Every character keeps its place: what is
    matched is quoted from the text as it was written.
    """

    plain: Codes
    starts: Places
    values: Values
    begins: Places
    ends: Places
    of: Places
    kinds: NDArray[np.uint8]
    sums: Values

    def __len__(self) -> int:
        return len(self.values)

    def text(self) -> str:
        """The normalised characters of the batch."""
        return _text(self.plain)

    def windows(self, at: Places, length: int) -> Values:
        """One value for each run of so many words from the words at."""
        run: Values = (self.sums[at + length] - self.sums[at]) * powers(_BACK, len(self.sums))[at]
        return mixed(run + np.uint64(length))


def plain(text: str) -> str:
    """A text as it compares, character by character."""
    codes = _table()[np.minimum(_codes(text), _MOST - 1)]
    return _text(codes)


def read(texts: Sequence[str]) -> Words:
    """The words of a batch."""
    raw = _codes("".join(text.replace("\n", "\r") + "\n" for text in texts))
    lengths = np.fromiter((len(text) for text in texts), dtype=np.int64, count=len(texts))
    starts = np.append(0, np.cumsum(lengths + 1))[:-1] if len(texts) else np.zeros(0, dtype=np.int64)
    codes = _table()[np.minimum(raw, _MOST - 1)]
    kinds = _kinds()[codes]
    kinds = _numerals(codes, kinds)
    return _words(codes, kinds, starts.astype(np.int64))


def values_of(text: str) -> tuple[int, ...]:
    """The values of one text's words: how a word is named in a table of words."""
    words = read([text])
    return tuple(int(value) for value in words.values[:-1])


def mixed(values: Values) -> Values:
    """Values spread over all 64 bits (the finaliser of splitmix64)."""
    found = values.astype(np.uint64, copy=True)
    found ^= found >> np.uint64(30)
    found *= np.uint64(0xBF58476D1CE4E5B9)
    found ^= found >> np.uint64(27)
    found *= np.uint64(0x94D049BB133111EB)
    found ^= found >> np.uint64(31)
    return found


def running(values: Values) -> Values:
    """Sums from which the value of any run of words is read."""
    return np.append(np.uint64(0), np.cumsum(values * powers(_BASE, len(values)), dtype=np.uint64))


_POWERS: Final[dict[int, Values]] = {}


def powers(base: np.uint64, count: int) -> Values:
    """The first powers of a number modulo 2**64, kept from call to call."""
    kept = _POWERS.get(int(base))
    if kept is None or len(kept) < count:
        size = max(1024, 1 << count.bit_length())
        factors = np.full(size, base, dtype=np.uint64)
        factors[0] = 1
        kept = np.cumprod(factors, dtype=np.uint64)
        _POWERS[int(base)] = kept
    return kept[:count]


def _codes(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _text(codes: Codes) -> str:
    return codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _table() -> Codes:
    """What each character becomes: one for one, so that places stay."""
    table = np.arange(_MOST, dtype=np.uint32)
    for code in [*range(0x80, 0x3400), *range(0xF900, 0xFAFF), *range(0xFE30, 0xFFEF)]:
        folded = unicodedata.normalize("NFKC", chr(code)) if not 0xD800 <= code < 0xE000 else chr(code)
        if len(folded) == 1:
            table[code] = ord(folded)
    for code in range(_MOST):
        lower = chr(int(table[code])).lower() if table[code] < 0x2000 else ""
        if len(lower) == 1:
            table[code] = ord(lower)
    han = [*range(0x3400, 0xA000), *range(0xF900, 0xFAFF)]
    simple = OpenCC("t2s").convert("\n".join(chr(int(table[code])) for code in han)).split("\n")
    for code, found in zip(han, simple, strict=True):
        if len(found) == 1 and ord(found) < _MOST:
            table[code] = ord(found)
    table[_MOST - 1] = 0xFFFD
    for code in (0x201C, 0x201D, 0x2018, 0x2019):
        table[code] = ord("'")
    return table


@cache
def _kinds() -> NDArray[np.uint8]:
    kinds = np.full(_MOST, OTHER, dtype=np.uint8)
    for low, high in ((0x3400, 0xA000), (0x20000, 0x30000 - 1)):
        kinds[low:high] = HAN
    for code in range(0x250):
        letter = chr(code)
        kinds[code] = DIGIT if letter in "0123456789" else LETTER if letter.isalpha() else OTHER
    for blank in (" ", "\t", "\r", "\u3000", "\xa0"):
        kinds[ord(blank)] = SPACE
    for numeral in (*_NUMERALS, "十"):
        kinds[ord(numeral)] = NUMERAL
    return kinds


def _numerals(codes: Codes, kinds: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """百 is a numeral only after one: 一百二十 but 百货."""
    hundred = np.flatnonzero(codes == ord("百"))
    after = hundred[(hundred > 0) & (kinds[hundred - 1] == NUMERAL)]
    kinds[after] = NUMERAL
    return kinds


def _words(codes: Codes, kinds: NDArray[np.uint8], starts: Places) -> Words:
    alone = (kinds == OTHER) | (kinds == HAN)
    first = np.ones(len(codes), dtype=bool)
    first[1:] = alone[1:] | (kinds[1:] != kinds[:-1])
    begins = np.flatnonzero(first)
    ends = np.append(begins[1:], len(codes))
    said = kinds[begins] != SPACE
    begins, ends = begins[said], ends[said]
    sums = running(codes.astype(np.uint64))
    values = _spelled(sums, begins, ends)
    of_kind = kinds[begins]
    _same_numbers(codes, begins, ends, of_kind, values)
    begins, ends, of_kind, values = _latin(begins, ends, of_kind, values)
    of = np.searchsorted(starts, begins, side="right") - 1
    return Words(codes, starts, values, begins, ends, of, of_kind, running(values))


def _spelled(sums: Values, begins: Places, ends: Places) -> Values:
    run: Values = (sums[ends] - sums[begins]) * powers(_BACK, len(sums))[begins]
    return mixed(run + (ends - begins).astype(np.uint64))


def _same_numbers(codes: Codes, begins: Places, ends: Places, kinds: NDArray[np.uint8], values: Values) -> None:
    """Chinese numerals take the value of their digits; leading zeros do not count."""
    at = np.flatnonzero(kinds == NUMERAL)
    if len(at):
        distinct, where = np.unique(values[at], return_index=True)
        said = [_number(_text(codes[begins[at[one]] : ends[at[one]]])) for one in where.tolist()]
        digits = np.array([_value(number) for number in said], dtype=np.uint64)
        values[at] = digits[np.searchsorted(distinct, values[at])]
    padded = np.flatnonzero((kinds == DIGIT) & (codes[begins] == ord("0")) & (ends - begins > 1))
    for one in padded.tolist():
        values[one] = _value(_text(codes[begins[one] : ends[one]]).lstrip("0") or "0")


def _number(numeral: str) -> str:
    """The digits of a numeral: 十五 is 15, 一百零二 102, 二〇一 201."""
    if not any(sign in _TENS for sign in numeral):
        return "".join(str(_NUMERALS[sign]) for sign in numeral).lstrip("0") or "0"
    total, waiting = 0, None
    for sign in numeral:
        if sign in _TENS:
            total += (1 if waiting is None else waiting) * _TENS[sign]
            waiting = None
        else:
            waiting = _NUMERALS[sign]
    return str(total + (waiting or 0))


@cache
def _value(word: str) -> int:
    codes = _codes(word).astype(np.uint64)
    sums = running(codes)
    return int(_spelled(sums, np.array([0]), np.array([len(codes)]))[0])


@cache
def _same() -> tuple[Values, Values]:
    """Latin words that mean the same: their values, and the values they take."""
    pairs = sorted((_value(word), _value(short)) for word, short in _SYNONYMS.items())
    return np.array([a for a, _ in pairs], dtype=np.uint64), np.array([b for _, b in pairs], dtype=np.uint64)


def _latin(begins: Places, ends: Places, kinds: NDArray[np.uint8], values: Values) -> tuple[Any, Any, Any, Any]:
    """Street is st, Fifth is 5, and what makes 72nd of 72 falls away."""
    letters = np.flatnonzero(kinds == LETTER)
    if not len(letters):
        return begins, ends, kinds, values
    known, short = _same()
    at = np.minimum(np.searchsorted(known, values[letters]), len(known) - 1)
    hit = known[at] == values[letters]
    endings = np.array([_value(ending) for ending in _ORDINALS], dtype=np.uint64)
    ending = np.isin(values[letters], endings) & (letters > 0)
    ending &= (kinds[letters - 1] == DIGIT) & (ends[letters - 1] == begins[letters])
    values[letters[hit]] = short[at[hit]]
    keep = np.ones(len(values), dtype=bool)
    keep[letters[ending]] = False
    ends[letters[ending] - 1] = ends[letters[ending]]
    return begins[keep], ends[keep], kinds[keep], values[keep]
