"""Passwords: which are refused, and how they are kept (Argon2id)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST: Final = 10
MOST: Final = 200

# The most common of ten characters or more, and the beginnings of what people make longer; compared in small letters.
_LISTED: Final = """
    1234567890 12345678900 12345678910 123456789012 0123456789 0987654321 9876543210 1111111111 0000000000 8888888888
    6666666666 1122334455 11223344556 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw2345 qwertyuiop qwerty12345
    qwerty123456 asdfghjkl123 asdfghjkl1 zxcvbnm123 password12 password123 password1234 password12345 passw0rd123
    p@ssw0rd123 p@ssword123 administrator admin12345 admin123456 adminadmin root123456 welcome123 welcome1234
    letmein1234 iloveyou12 iloveyou123 woaini1314 woaini1314520 woaini520520 5201314520 1314520520 abcdefghij
    abc1234567 abcd123456 a123456789 aa12345678 q123456789 qq123456789 superman123 football123 changeme12 changeme123
    changeit123 default123 secret12345 test123456 testtest123 computer123 internet123 shenzhen123 shenzhen2024
    shenzhen2025 shenzhen2026 guangdong123 zhongguo123 12345hotline 1234512345 abcabcabca aaaaaaaaaa qazwsxedcrfv
    qazwsx123456 a1b2c3d4e5 monkey12345 dragon12345 sunshine123 princess123
"""
COMMON: Final = frozenset(_LISTED.split())

_HASHER: Final = PasswordHasher()
"""RFC 9106's second choice: 64 MiB, three passes, four lanes."""


def why_not(password: str, *own: str) -> str | None:
    """What is wrong with a password, as an English sentence that pages translate; own: login, name, address."""
    if len(password) < LEAST:
        return TOO_SHORT
    if len(password) > MOST:
        return TOO_LONG
    plain = _plain(password)
    if any(len(_plain(word)) >= 3 and len(plain.replace(_plain(word), "")) < 6 for word in own):
        return OWN_NAME
    if password.casefold() in COMMON or len(set(password)) < 4 or _counts(password):
        return TOO_COMMON
    return None


TOO_SHORT: Final = "A password has at least 10 characters."
TOO_LONG: Final = "A password has at most 200 characters."
OWN_NAME: Final = "A password is not one's own name."
TOO_COMMON: Final = "This password is among the first that anybody would try."
SAME: Final = "Choose a password other than the one till now."
_SPENT: Final = "!"


def _plain(word: str) -> str:
    return re.sub(r"[\W_]", "", word.casefold())


def _counts(password: str) -> bool:
    """Whether each character is the next after the one before: 2345678901, abcdefghijk."""
    steps = {(ord(b) - ord(a)) for a, b in pairwise(password)}
    return steps <= {1, -9} or steps <= {-1, 9}


def kept(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(_bytes(password))


def right(password: str, digest: str | None) -> bool:
    """Whether that is the password; where there is none it takes as long to say no."""
    try:
        _HASHER.verify(digest or _nobodys(), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return digest is not None


def spent(digest: str) -> str:
    """What is kept of a password that opens nothing any more, so that it is not chosen again."""
    return _SPENT + digest.removeprefix(_SPENT)


def was(password: str, digest: str | None) -> bool:
    """Whether that is the password, or was till it opened nothing any more."""
    return digest is not None and right(password, digest.removeprefix(_SPENT))


def outdated(digest: str) -> bool:
    """Whether a digest was made with less care than is taken today, and should be made anew."""
    return _HASHER.check_needs_rehash(digest)


def _bytes(password: str) -> bytes:
    """The same letters however a keyboard has put them together."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")
