"""Reads the values of a row: numbers, times and words, strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from importers.base import RowError

YEARS: Final = range(1900, 2101)
"""The years a time may lie in; others are slips or stand for something else."""

_NUMBER: Final = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf(?:inity)?)", re.ASCII | re.IGNORECASE)
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_ISO: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII | re.IGNORECASE
)


def number(text: str, name: str) -> float | None:
    """A number, with or without commas between thousands; "nan" and "inf" as such; None where empty.

    Raises:
        RowError: bad_number.
    """
    text = text.strip()
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        return float(text)
    if _GROUPED.fullmatch(text):
        return float(text.replace(",", ""))
    raise RowError("bad_number", f'{name} "{text}"')


def words(text: str) -> str:
    """The text with every run of white space as one space and none at the ends."""
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Clock:
    """How a source writes times: its zone, and strptime formats it uses besides ISO 8601."""

    zone: ZoneInfo
    formats: tuple[str, ...] = ()

    def at(self, text: str, name: str) -> datetime | None:
        """A time in UTC, None where empty; a date alone is its midnight; an offset in the text holds.

        A local time that comes twice (clocks set back) is the first of the two; one that never comes (clocks set
        forward) is read by the offset before the change, thus an hour later on the new clock.

        Raises:
            RowError: bad_date.
        """
        text = text.strip()
        if not text:
            return None
        found = self._parsed(text)
        if found is None or found.year not in YEARS:
            raise RowError("bad_date", f'{name} "{text}"')
        return (found if found.tzinfo else found.replace(tzinfo=self.zone)).astimezone(UTC)

    def must(self, text: str, name: str) -> datetime:
        """The same, but it must be given.

        Raises:
            RowError: bad_date.
        """
        found = self.at(text, name)
        if found is None:
            raise RowError("bad_date", f"{name} is empty")
        return found

    def _parsed(self, text: str) -> datetime | None:
        if _ISO.fullmatch(text):
            try:
                return datetime.fromisoformat(text)
            except ValueError:
                return None
        for form in self.formats:
            try:
                return datetime.strptime(text, form)
            except ValueError:
                continue
        return None
