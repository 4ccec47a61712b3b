"""Which runs of digits in a text are somebody's: phone, identity-card, bank-card and social-security numbers.

A run is digits with at most three signs or blanks between them. Whose number it is, is asked of its digits, and of how
they are grouped: a list of house numbers rises, a date has months, a price has its thousands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Span = tuple[int, int]

# Whatever is no letter and no digit may stand between two digits, but for what makes measures and prices of them.
BETWEEN: Final = "[^\\w▇°′″%‰$¥€£=]{0,3}"

_RUN: Final = re.compile(rf"[0-9](?:{BETWEEN}[0-9]){{7,}}")
_DIGITS: Final = re.compile("[0-9]+")
_LONGEST: Final = 22

# What is plainly something else is not looked at: dates, times, coordinates, prices.
_TOLD: Final = re.compile(
    r"(?<!\d)(?:19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?<!\d)(?:0?[1-9]|[12]\d|3[01])([-/.])(?:0?[1-9]|[12]\d|3[01])\2(?:19|20)\d\d(?!\d)"
    r"|(?<![\d:])(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?![\d:])"
    r"|(?<![\d.])\d{1,3}\.\d{3,15} ?[,;/ ] ?-?\d{1,3}\.\d{3,15}(?![\d.])"
    r"|(?<![\d.])(?!1[3-9]\d\.\d{8}(?!\d))(?:\d\d?|1[0-7]\d|180)\.\d{5,}(?![\d.]|\W?\d)"
    r"|(?<!\d)(?<!\d,)\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,2}(?!\d)|(?= ?(?:元|万|亿|块|平|吨|USD|RMB|CNY|dollars|sq)))"
    r"|[$¥€£] ?\d{1,3}(?:,\d{3}){1,5}(?!\d)"
)

_MOBILE: Final = re.compile(r"(?:0{0,2}86|0)?1[3-9]\d{9}")
_LAND: Final = re.compile(r"(?:(?:0{0,2}86)?0|0{0,2}86)(?P<area>10(?=\d{8})|2\d(?=\d{8})|[3-9]\d\d)[2-8]\d{6,7}")
# The North American plan has no N9X areas, and no area or exchange in 11.
_AMERICAN: Final = re.compile(r"1?(?P<area>[2-9](?!11)[0-8]\d)[2-9](?!11)\d{6}")
# GB 11643: six digits of place, eight of birth, three in sequence, a check digit that may be X; before 1999, fifteen.
_CARD_18: Final = re.compile(r"[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
_CARD_15: Final = re.compile(
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])\d{4}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}"
)
_BANK: Final = re.compile(r"(?:[3-69]|2[2-7])\d{15,18}")
_AMERICAN_IN: Final = ((10,), (3, 7), (3, 3, 4), (11,), (1, 10), (1, 3, 7), (1, 3, 3, 4), (4, 7), (4, 3, 4))
_CARD_18_IN: Final = ((18,), (6, 8, 4), (6, 12), (14, 4), (10, 8), (6, 4, 4, 4), (6, 8, 3, 1), (3, 3, 4, 4, 4))
_CARD_15_IN: Final = ((15,), (6, 6, 3), (6, 9), (12, 3))

_LAST_OF_CARD: Final = re.compile(rf"{BETWEEN}[Xx](?![A-Za-z0-9])")
_EXTENSION: Final = re.compile(r" ?(?:-|转|分机|ext\.?) ?\d{1,5}(?!\d)", re.IGNORECASE)
_UNIT: Final = re.compile(r" ?(?:mm|cm|m\b|毫米|厘米|公分|米)", re.IGNORECASE)
_PHONE_BEFORE: Final = re.compile(
    r"(?:电话|手机|号码|联系|致电|拨打|来电|微信|tel|phone|call|cell|mobile|fax|text|contact|ph)\W{0,3}\Z",
    re.IGNORECASE,
)
_CODE_BEFORE: Final = re.compile(
    r"(?:[A-Za-z][-_/]?|#|(?:编号|单号|杆号|代码) ?:? ?|\b(?:no|id|bbl|bin)\b\W{0,2})\Z", re.IGNORECASE
)
_CJK: Final = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class _Group:
    """Digits of one kind that stand together, where, and what stands between them and the group before."""

    digits: str
    kind: str
    start: int
    end: int
    before: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some groups of a run one after the other, and the next group if there is one."""

    text: str
    groups: Sequence[_Group]
    following: _Group | None

    @property
    def digits(self) -> str:
        return "".join(group.digits for group in self.groups)

    @property
    def start(self) -> int:
        return self.groups[0].start

    @property
    def end(self) -> int:
        return self.groups[-1].end

    @property
    def parts(self) -> list[str]:
        """Its digits as separators cut them; digits of another kind (①) divide groups but separate nothing."""
        found: list[str] = []
        for group in self.groups:
            if found and not group.before:
                found[-1] += group.digits
            else:
                found.append(group.digits)
        return found

    @property
    def shape(self) -> tuple[int, ...]:
        """How many digits each part has."""
        return tuple(map(len, self.parts))

    def between(self) -> str:
        """Everything that stands between its digits."""
        return "".join(group.before for group in self.groups[1:])

    def among(self, sign: str) -> bool:
        """Whether the sign and a further number stand beside it too, as in a list that it is a part of."""
        before, after = self.text[max(0, self.start - 5) : self.start], self.text[self.end : self.end + 5]
        mark = re.escape(sign)
        return bool(re.search(rf"\d\s*{mark}\s*\Z", before) or re.match(rf"\s*{mark}\s*\d", after))

    def preceded_by(self, words: re.Pattern[str]) -> bool:
        return words.search(self.text, max(0, self.start - 40), self.start) is not None


def private_numbers(text: str, kinds: str) -> list[Span]:
    """Where private numbers stand in a text whose digits are plain ones; kinds tells for each sign what it was.

    Digits of two kinds side by side (①13800138000) are two groups.
    """
    found: list[Span] = []
    told = _TOLD.sub(lambda other: "x" * len(other[0]), text)
    for run in _RUN.finditer(told):
        found += _in_run(text, _groups(text, kinds, run.start(), run.end()))
    return found


def _groups(text: str, kinds: str, start: int, end: int) -> list[_Group]:
    groups: list[_Group] = []
    last = start
    for digits in _DIGITS.finditer(text, start, end):
        first = digits.start()
        for at in range(first + 1, digits.end() + 1):
            if at == digits.end() or kinds[at] != kinds[at - 1]:
                groups.append(_Group(text[first:at], kinds[first], first, at, text[last:first]))
                first = last = at
    return groups


def _in_run(text: str, groups: Sequence[_Group]) -> Iterator[Span]:
    nth = 0
    while nth < len(groups):
        upto, end = _whose(text, groups, nth)
        if upto:
            yield _with_signs(text, groups[nth].start, end)
        nth = upto or nth + 1


def _whose(text: str, groups: Sequence[_Group], nth: int) -> tuple[int, int]:
    """The group after the longest number that begins with this group, and where it ends; 0, 0: none does."""
    found, abroad = (0, 0), (0, 0)
    called = _called_abroad(text, groups[nth])
    length = 0
    for upto in range(nth + 1, len(groups) + 1):
        length += len(groups[upto - 1].digits)
        if length > _LONGEST:
            break
        if length < 8:
            continue
        following = groups[upto] if upto < len(groups) else None
        piece = _Piece(text, groups[nth:upto], following)
        if end := _end(piece):
            found = upto, end
        if called and length <= 15:
            abroad = upto, piece.end
    upto, end = found if found[0] else abroad
    # An extension is a group of its own.
    while upto and upto < len(groups) and groups[upto].start < end:
        upto += 1
    return upto, end


def _end(piece: _Piece) -> int:
    """Where the number ends that these groups are; 0: they are none."""
    digits, shape = piece.digits, piece.shape
    if _MOBILE.fullmatch(digits):
        return 0 if _rises(piece) or _is_measure(piece) or not _is_even(piece) else piece.end
    if len(digits) == 17 and (last := _LAST_OF_CARD.match(piece.text, piece.end)) and _CARD_18.fullmatch(digits + "X"):
        return last.end()
    if _CARD_18.fullmatch(digits) and (shape in _CARD_18_IN or _one_by_one(shape)):
        return piece.end
    if _CARD_15.fullmatch(digits) and (shape in _CARD_15_IN or _one_by_one(shape)):
        return piece.end
    if (found := _LAND.fullmatch(digits)) and _cut_at(shape, *found.span("area")) and _is_even(piece):
        extension = _EXTENSION.match(piece.text, piece.end)
        return extension.end() if extension else piece.end
    if _AMERICAN.fullmatch(digits) and (shape in _AMERICAN_IN or _one_by_one(shape)):
        return 0 if _is_code(piece) or _rises(piece, least=3, listed=True) else piece.end
    if _BANK.fullmatch(digits) and _is_bank_card(piece):
        return piece.end
    return piece.end if shape == (3, 2, 4) and _is_security_number(piece) else 0


def _called_abroad(text: str, group: _Group) -> bool:
    """Whether a + stands before it that is no sum: +44 …, not K12+345."""
    at = group.start - 1
    return at >= 0 and text[at] == "+" and (at == 0 or not (text[at - 1].isalnum() or text[at - 1] == "+"))


def _with_signs(text: str, start: int, end: int) -> Span:
    """The number with its + and with the bracket that closes within it."""
    if text[start - 1 : start] == "(" and ")" in text[start:end]:
        start -= 1
    return (start - 1 if text[start - 1 : start] == "+" else start), end


def _one_by_one(shape: Sequence[int]) -> bool:
    return set(shape) == {1}


def _is_even(piece: _Piece) -> bool:
    """Whether it is cut as people cut a number: into three at most, or evenly and always by the same sign."""
    shape, middle = piece.shape, set(piece.shape[1:-1])
    if len(shape) <= 3 or _one_by_one(shape):
        return True
    signs = {" ".join(group.before.split()) for group in piece.groups[1:] if group.before} - {""}
    if any(piece.among(sign) for sign in signs & set(",、;/")):
        return False
    return len(middle) == 1 and max(shape) <= 4 and len(signs) <= 1


def _cut_at(shape: Sequence[int], start: int, end: int) -> bool:
    """Whether an area code that ends there is written apart or all is written in one or digit by digit."""
    cuts = [sum(shape[:nth]) for nth in range(1, len(shape))]
    return _one_by_one(shape) or end in cuts or all(cut <= start for cut in cuts)


def _rises(piece: _Piece, least: int = 4, listed: bool = False) -> bool:
    """Whether the groups are a list of numbers that rise: 1301、1302、1304; listed: only with signs of a list."""
    parts = piece.parts
    if listed and not re.search("[,、;/]", piece.between()):
        return False
    if len(parts) >= least and not any(part.startswith("0") for part in parts):
        return all(int(a) < int(b) for a, b in pairwise(parts))
    return _goes_on(piece)


def _goes_on(piece: _Piece) -> bool:
    """Whether the last two groups and the next count on in small steps: 130 1204 1205 1206."""
    if piece.following is None or not piece.following.before or len(piece.parts) < 3:
        return False
    last = [*piece.parts[-2:], piece.following.digits]
    return len(set(map(len, last))) == 1 and all(0 < int(b) - int(a) <= 20 for a, b in pairwise(last))


def _is_measure(piece: _Piece) -> bool:
    """Whether it is a longitude, alone, or the sides of something in metres."""
    if piece.shape == (3, 8) and piece.between() == ".":
        return int(piece.digits[:3]) <= 180 and not piece.preceded_by(_PHONE_BEFORE)
    return bool(set(piece.between()) & set("*×")) and _UNIT.match(piece.text, piece.end) is not None


def _is_code(piece: _Piece) -> bool:
    """Whether ten digits are the number of a case, a pole, a building, or words with numerals, rather than a phone."""
    if any(group.kind == "n" for group in piece.groups):
        return True
    if len(piece.shape) > 1 or piece.preceded_by(_PHONE_BEFORE):
        return False
    dated = 1990 <= int(piece.digits[:4]) <= 2099 and _CJK.search(piece.text) is not None
    glued = piece.text[piece.end : piece.end + 1]
    return dated or (glued.isascii() and glued.isalpha()) or piece.preceded_by(_CODE_BEFORE)


def _is_bank_card(piece: _Piece) -> bool:
    shape = piece.shape
    in_fours = all(length == 4 for length in shape[:-1]) and shape[-1] <= 4
    if not (len(shape) == 1 or in_fours or _one_by_one(shape) or (shape[0] == 6 and len(shape) == 2)):
        return False
    return _luhn(piece.digits) and not _rises(piece, least=3)


def _luhn(digits: str) -> bool:
    twice = (2 * int(digit) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(two if two < 10 else two - 9 for two in twice)) % 10 == 0


def _is_security_number(piece: _Piece) -> bool:
    """Whether three, two and four digits between hyphens are an American social-security number.

    A house in Queens has two groups, never three, so nothing of an address is lost.
    """
    return set(piece.between()) == {"-"}
