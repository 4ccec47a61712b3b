"""Phone, identity-card, plate, card and mail numbers taken out of words that everybody may read."""

from __future__ import annotations

import re
from typing import Final

MARK: Final = "▇▇▇"
"""What stands where a private number stood: a sign of no language."""

# Full-width digits and signs are read as the plain ones they look like.
_PLAIN: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord(sign): plain for sign, plain in zip("\u3000\u00a0\u2009\u200b—–‐‑", "    ----", strict=True)
}

_PROVINCES: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

# Neither I nor O stands on a plate: they would be read as digits.
_LETTER: Final = "[A-HJ-NP-Za-hj-np-z]"

_RULES: Final = (
    # GB 11643: six digits of place, eight of birth, three in sequence, a check digit that may be X.
    re.compile(
        r"(?<![0-9A-Za-z])[1-9]\d{5}[ -]?(?:18|19|20)\d{2}[ -]?"
        r"(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])[ -]?\d{3}[\dXx](?![0-9A-Za-z])"
    ),
    re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", re.ASCII),
    # GA 36: province, letter of the place, five signs, six for new-energy vehicles; 警学港澳挂 may end it.
    re.compile(
        rf"[{_PROVINCES}]{_LETTER}[ ·•.-]?(?=[A-Za-z0-9]*\d)"
        r"[A-HJ-NP-Za-hj-np-z0-9]{4,5}[A-HJ-NP-Za-hj-np-z0-9警学港澳挂]"
    ),
    # Mainland mobile numbers, with or without +86, however they are broken up.
    re.compile(r"(?<!\d)(?:(?:\+|00)?86[ -]?|0)?\(?1[3-9]\d\)?(?:[ .,/_-]{0,2}\d){8}(?!\d)"),
    # Mainland land lines with their area code, and extensions.
    re.compile(r"(?<!\d)\(?0(?:10|2\d|[3-9]\d{2})\)?[ -]?[2-8]\d{6,7}(?:(?:-|转|ext\.? ?)\d{1,5})?(?!\d)"),
    # North American numbers.
    re.compile(r"(?<![\d.])(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}(?![\d])"),
    re.compile(r"(?<![\d+])\+\d{1,3}(?:[ .-]?\d){7,12}(?!\d)"),
    re.compile(r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)"),
    # Plates in English text are told only by the word beside them.
    re.compile(r"(?i)(?<=plate )(?:number |no\.? |# ?)?(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{3,8}\b"),
    re.compile(r"(?i)(?<=plate: )(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{3,8}\b"),
    # Bank cards: sixteen to nineteen digits in a row or in fours.
    re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)"),
)  # fmt: skip

# Almost no text has any of these: one quick look, wide signs included, spares it the rules.
_DIGIT: Final = "[0-9０-９]"
_SUSPECT: Final = re.compile(
    rf"[@＠]|{_DIGIT}(?:[ .,/_()（）\u3000\u00a0\u2009\u200b—–‐‑－，．／＿-]{{0,2}}{_DIGIT}){{4}}"
    rf"|[{_PROVINCES}][A-Za-zＡ-Ｚａ-ｚ]|[Pp][Ll][Aa][Tt][Ee]"
)


def redact(words: str) -> str:
    """The words with each private number replaced by MARK.

    Widths are compared as if plain, but nothing else of the text is changed.
    """
    if not _SUSPECT.search(words):
        return words
    plain = words if words.isascii() else words.translate(_PLAIN)
    for pattern in _RULES:
        while found := pattern.search(plain):
            # The plain text is letter for letter as long as the original, so one cut serves both.
            words = words[: found.start()] + MARK + words[found.end() :]
            plain = plain[: found.start()] + MARK + plain[found.end() :]
    return words
