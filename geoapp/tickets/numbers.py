"""Ticket numbers that survive being read out over a telephone: prefix, counter, check digit."""

from __future__ import annotations


def number(prefix: str, ticket_id: int) -> str:
    """The number of a ticket, such as NYC-000042-6; the last digit checks the others (Luhn, ISO/IEC 7812-1)."""
    return f"{prefix}-{ticket_id:06d}-{check_digit(ticket_id)}"


def check_digit(value: int) -> int:
    """Luhn's digit for a whole number: catches any one wrong digit and nearly all swapped neighbours."""
    total = 0
    double = True
    while value:
        value, digit = divmod(value, 10)
        if double:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
        double = not double
    return -total % 10
