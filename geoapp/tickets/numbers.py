"""Ticket numbers that survive being read out over a telephone: prefix, counter, check digit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

SYNTHETIC: Final = "DEMO"
"""Numbers of made-up tickets begin so, in whatever city: no list, letter or export can take one for a real ticket."""


def synthetic(ticket_number: str) -> bool:
    """Whether a number is a made-up ticket's."""
    return ticket_number.startswith(f"{SYNTHETIC}-")


def number(prefix: str, ticket_id: int) -> str:
    """The number of a ticket, such as NYC-000042-6; the last digit checks the others (Luhn, ISO/IEC 7812-1)."""
    return numbers(prefix, [ticket_id])[0]


def numbers(prefix: str, ticket_ids: Sequence[int]) -> list[str]:
    """The numbers of many tickets, in order."""
    digits = check_digits(np.array(ticket_ids, dtype=np.int64)).tolist()
    return [f"{prefix}-{one:06d}-{digit}" for one, digit in zip(ticket_ids, digits, strict=True)]


def check_digits(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Luhn's digit for each whole number: catches any one wrong digit and nearly all swapped neighbours."""
    rest, total = values.copy(), np.zeros(len(values), dtype=np.int64)
    double = True
    while rest.any():
        rest, digit = np.divmod(rest, 10)
        if double:
            digit = np.where(digit > 4, digit * 2 - 9, digit * 2)
        total += digit
        double = not double
    return -total % 10
