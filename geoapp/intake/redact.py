"""Phone, identity-card, plate, card and mail numbers taken out of words that everybody may read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from geoapp.intake.numbers import BETWEEN, Span, private_numbers

MARK: Final = "▇▇▇"
"""What stands where a private number stood: a sign of no language."""

_NUMERALS: Final = dict(
    zip("零〇一幺壹二两贰貳三叁參四肆五伍六陆陸七柒八捌九玖", "0011122223333455666778899", strict=True)
)
_NUMERAL: Final = "".join(_NUMERALS)

# Where the ten digits of each script of the first plane begin, full-width ones last, and bold ones of mathematics.
_ZEROS: Final = "٠۰߀०০੦૦୦௦౦೦൦෦๐໐༠၀႐០᠐᥆᧐᪀᪐᭐᮰᱀᱐꘠꣐꤀꧐꧰꩐꯰０"  # fmt: skip
DIGITS: Final = (
    "0-9" + "".join(f"{zero}-{chr(ord(zero) + 9)}" for zero in _ZEROS) + "𝟎-𝟿"
    "²³¹⁰⁴-⁹₀-₉፩-፱᧚①-⑨⑴-⑼⒈-⒐⓪⓵-⓽⓿❶-❾➀-➈➊-➒"
)  # fmt: skip
"""Digits of every kind people dress numbers in, as a class of a regular expression."""

_PROVINCES: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼军"

# Almost no text has any of these: one quick look at it, as it was written, spares it the rules. One class of all the
# signs that begin something comes first, because then the search passes over all others at once.
_SUSPECT: Final = re.compile(
    rf"[@＠﹫{DIGITS}{_NUMERAL}{_PROVINCES}PpＰｐ](?:"
    rf"(?<=[@＠﹫])|(?<=[{DIGITS}{_NUMERAL}])(?:[\W_]{{0,3}}[{DIGITS}{_NUMERAL}]){{7}}"
    rf"|(?<=[{_PROVINCES}])[\W_]{{0,3}}[A-Za-zＡ-Ｚａ-ｚⒶ-ⓩ]|(?<=[PpＰｐ])[LlＬｌ][AaＡａ][TtＴｔ][EeＥｅ])"
)

# A name of Chinese letters is short, and nothing stands between it and the words before it.
_ASCII_NAME: Final = "[A-Za-z0-9.+-]"
_KNOWN_ENDS: Final = "公司|中国|中國|网络|网址|商城|政务|公益|集团|在线|中文网|香港|台湾|机构|企业|移动|网店|广东"
_MAIL: Final = re.compile(
    rf"(?:{_ASCII_NAME}{{1,64}}|{_ASCII_NAME}{{0,64}}[^\W\d_A-Za-z]{{1,4}})@"
    rf"(?:(?:[A-Za-z0-9-]{{1,63}}\.){{1,4}}(?:{_KNOWN_ENDS}|[A-Za-z0-9-]{{1,63}})"
    rf"|(?:[\w-]{{1,63}}\.){{1,4}}(?:{_KNOWN_ENDS})|(?:[A-Za-z0-9-]{{1,63}}\.){{1,4}}[^\W\d_]{{2,20}})"
)

# GA 36: province, letter of the place, five signs, six for new-energy vehicles; 警学港澳挂 may end it. Neither I nor
# O stands on a plate: they would be read as digits.
_GAP: Final = "[\\s\u200b-\u200d\u2060\ufeff·•・.*-]{0,3}"
_SIGN: Final = "[A-HJ-NP-Za-hj-np-z0-9]"
_PLATE: Final = re.compile(
    rf"[{_PROVINCES}]{_GAP}[A-HJ-NP-Za-hj-np-z]{_GAP}(?:"
    rf"(?P<close>(?=[A-Za-z0-9]*\d){_SIGN}{{4,5}}(?:{_SIGN}|[警学港澳挂领使]))"
    rf"|(?P<wide>(?:{_SIGN}{_GAP}){{4,5}}(?:{_SIGN}(?![A-Za-z0-9])|[警学港澳挂领使])))"
)
_BUILDING: Final = re.compile(r" ?(?:号[楼院房门铺](?!下)|栋|幢|单元|室(?![内外]))")

# Plates in English text are told only by the word beside them.
_LATIN_PLATE: Final = (
    r"(?:(?-i:[A-Z]{2,4} \d{2,5}|\d{1,4} [A-Z]{2,4})|[A-Z0-9](?:[A-Z0-9]|-(?=[A-Z0-9])){2,8})(?![A-Z0-9])"
)
_ENGLISH: Final = re.compile(
    r"(?i)(?<![A-Z])(?P<licence>licen[sc]e[ -]?)?plates?(?![A-Z])"
    r"(?P<word>(?:\W{1,3}(?:numbers?|no|num|nr|is|are|was|were|reads?)(?![A-Z]))*)(?P<sign>\W{0,3})"
    rf"(?P<first>{_LATIN_PLATE})(?P<more>(?:\W{{1,3}}(?:(?:and|or) )?{_LATIN_PLATE})*)"
)
_EACH: Final = re.compile(rf"(?i)(?<![A-Z0-9]){_LATIN_PLATE}")
_MEASURE: Final = re.compile(
    r"(?i)\d+(?:-|(?=[a-z]))(?:inch(?:es)?|in|mm|cm|m|ft|foot|feet|ga|gauge|lbs?|kg|th|st|nd|rd|x)(?![a-z]).*"
)


def redact(words: str) -> str:
    """The words with each private number replaced by MARK.

    Numbers are found whatever they are dressed in, but nothing else of the text is changed.
    """
    while _SUSPECT.search(words):
        spans = _found(words)
        if not spans:
            break
        words = _cut(words, spans)
    return words


def _found(words: str) -> Sequence[Span]:
    """Where the first rule that finds anything finds something."""
    plain = words.translate(_PLAIN)
    return (
        [found.span() for found in _MAIL.finditer(plain)]
        or _numbers(words, plain)
        or [found.span() for found in _PLATE.finditer(plain) if _is_plate(found)]
        or [span for found in _ENGLISH.finditer(plain) for span in _english(found)]
    )


def _cut(words: str, spans: Sequence[Span]) -> str:
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(words)]
    return MARK.join(words[end:start] for end, start in zip(ends, starts, strict=True))


class _Plain(dict[int, int]):
    """Each sign as the plain one it stands for, one for one, so that places in the text stay the same."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        digit = unicodedata.digit(char, None)
        folded = unicodedata.normalize("NFKC", char)
        if digit is not None:
            code = ord("0") + digit
        elif unicodedata.category(char) in ("Pd", "Pc") or char in "−ー":
            code = ord("-")
        elif len(folded) == 1:
            code = ord(folded)
        if len(self) < 1 << 14:
            self[ord(char)] = code
        return code


_PLAIN: Final = _Plain({0x1F10C: ord("0")})

_SPOKEN: Final = re.compile(rf"[0-9{_NUMERAL}](?:{BETWEEN}[0-9{_NUMERAL}]){{6,}}")
_AS_DIGITS: Final = {ord(numeral): digit for numeral, digit in _NUMERALS.items()}
_STROKE: Final = re.compile("(?<=[0-9])一(?=[0-9])")


def _numbers(words: str, plain: str) -> list[Span]:
    """Chinese numerals are digits where there are many in a row; one stroke between digits can also be a dash."""
    if words.isascii():
        return private_numbers(plain, "d" * len(plain))
    kinds = "".join(map(_kind, words))
    spoken = _SPOKEN.sub(lambda run: run[0].translate(_AS_DIGITS), plain)
    found = private_numbers(spoken, kinds)
    if found or "一" not in plain:
        return found
    return private_numbers(_STROKE.sub("-", plain), kinds)


def _kind(char: str) -> str:
    """The kind of digit a sign is, so that a circled one is told from the number behind it."""
    if char.isdecimal():
        return "d"
    return "n" if char in _NUMERALS else chr(ord(char) >> 5)


def _is_plate(found: re.Match[str]) -> bool:
    """No building (云A12345号楼), and no words: a plate has two letters at most beside its digits."""
    if _BUILDING.match(found.string, found.end()):
        return False
    signs = [sign for sign in found["wide"] or "" if sign.isalnum()]
    return not found["wide"] or sum(sign.isdigit() for sign in signs) >= len(signs) - 2


def _english(found: re.Match[str]) -> list[Span]:
    """The plates among the words behind `plate`: not what is measured (12-inch), digits alone only as its number."""
    named = bool(found["licence"] or found["word"] or set(found["sign"]) & set(":#"))
    spans = []
    for token in _EACH.finditer(found.string, found.start("first"), found.end()):
        text = token[0]
        digits, letters = any(map(str.isdigit, text)), any(map(str.isalpha, text))
        enough = digits and (named or (letters and len(text) >= 5))
        if enough and not _MEASURE.fullmatch(text):
            spans.append(token.span())
    return spans
