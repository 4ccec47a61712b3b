"""Secrets that are handed out: tokens of 256 bits of which a digest is kept, second factors, codes for when it is lost.

Keys for what must be read again are derived from the installation's own, one for each purpose.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Final

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

STEP_S: Final = 30
CODES: Final = 10
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter or figure that another is taken for."""

TOKEN_PREFIX: Final = "geoapp_"  # noqa: S105 - no secret, but what tells one
"""By it a token is known where it should not stand: in a log, in somebody's repository."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret as it is handed out, once, and what is kept of it."""

    shown: str
    digest: bytes


def new(prefix: str = "") -> Secret:
    """A secret that nobody guesses."""
    shown = prefix + secrets.token_urlsafe(32)
    return Secret(shown, digest(shown))


def digest(shown: str) -> bytes:
    """What is kept of a secret: it holds 256 random bits, so a plain digest hides it."""
    return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).digest()


def derived(key: str, purpose: str) -> bytes:
    """A key of the installation's for one purpose."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"geoapp {purpose}".encode()).derive(key.encode())


# The second factor


def new_factor() -> str:
    """A second factor's secret, in base 32."""
    return pyotp.random_base32()


def locked(factor: str, key: str) -> str:
    """The secret as it is kept."""
    return _box(key).encrypt(factor.encode()).decode()


def opened(kept: str, key: str) -> str | None:
    """The secret again; None where it was kept under another key of the installation."""
    try:
        return _box(key).decrypt(kept.encode()).decode()
    except InvalidToken:
        return None


def _box(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derived(key, "second factor")))


def step_of(factor: str, code: str, now: float | None = None) -> int | None:
    """The step of the clock a code is of, one early and one late allowed; None where it is of none of them."""
    at = int((time.time() if now is None else now) // STEP_S)
    told = code.replace(" ", "")
    found = None
    for step in (at - 1, at, at + 1):
        if hmac.compare_digest(pyotp.TOTP(factor).at(step * STEP_S).encode(), told.encode("utf-8", "surrogatepass")):
            found = step
    return found


def address_of(factor: str, login: str, issuer: str) -> str:
    """The address that an app reads from a picture."""
    return pyotp.TOTP(factor).provisioning_uri(name=login, issuer_name=issuer)


# Codes for when the second factor is lost


def recovery_codes() -> tuple[str, ...]:
    """New codes, each good once."""
    return tuple("-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(2)) for _ in range(CODES))


def recovery_digest(code: str, key: str) -> bytes:
    """What is kept of a code: it is short, so the digest takes a key."""
    plain = "".join(sign for sign in code.casefold() if sign.isalnum())
    return hmac.digest(derived(key, "recovery codes"), plain.encode("utf-8", "surrogatepass"), "sha256")
