"""How often a login, or an address, may be wrong in a quarter of an hour; counted where all processes see it."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from uuid import UUID

from flask import current_app

from geoapp.errors import TooManyTries
from geoapp.pages.parts import callers, here
from geoapp.store import rates

MINUTES: Final = 15
_AN_ADDRESS: Final = 10
"""So many times as often as one login may an address be wrong: a whole office sits behind one."""


def count(what: str, word: str) -> None:
    """Count a try before it is looked at, so that no two at once slip through; `forgive` it where it was right.

    Raises:
        TooManyTries: these are too many, of this word or from this address; nobody is told which words there are.
    """
    most = here.settings().sign_in_tries
    with here.web().begin() as connection:
        n = rates.count(connection, _of(what, word), MINUTES).n
        all_n = rates.count(connection, _here(), MINUTES).n
    if n > most or all_n > most * _AN_ADDRESS:
        raise TooManyTries()


def forgive(what: str, word: str) -> None:
    """Take a try back that was right."""
    with here.web().begin() as connection:
        rates.forgive(connection, _of(what, word), MINUTES)
        rates.forgive(connection, _here(), MINUTES)


def _here() -> UUID:
    return UUID(bytes=callers.digest("trying")[:16])


def _of(what: str, word: str) -> UUID:
    key = current_app.secret_key
    assert isinstance(key, str)  # made by `security`
    said = f"{what}|{word}".encode("utf-8", "surrogatepass")
    return UUID(bytes=hmac.digest(key.encode(), said, hashlib.sha256)[:16])
