"""Reads the values of a row: numbers, times, words and where the matter stands, strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from importers.base import RowError, Standing

YEARS: Final = range(1900, 2101)
"""The years a time may lie in; others are slips or stand for something else."""

_NUMBER: Final = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf(?:inity)?)", re.ASCII | re.IGNORECASE)
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_ISO: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII | re.IGNORECASE
)
_AMERICAN: Final = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AP])M)?)?", re.ASCII | re.IGNORECASE
)
_AREA: Final = re.compile(r"\d{1,4}", re.ASCII)

# Codes of geoapp.lifecycle, which an importer does not know.
_ENDED: Final = frozenset({"closed", "declined", "merged", "withdrawn"})

Phrases = tuple[tuple[str | None, tuple[str, ...]], ...]
"""Outcomes, and the phrases (regular expressions in small letters) that plainly say them; None: they say none."""


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


def pair(x: float | None, y: float | None) -> tuple[float | None, float | None]:
    """Two coordinates; half a pair gets NaN for its other half, so that broken is told from missing."""
    if (x is None) == (y is None):
        return x, y
    return float("nan") if x is None else x, float("nan") if y is None else y


def area(text: str, name: str) -> str:
    """The number of an area, "" where empty.

    Raises:
        RowError: bad_area.
    """
    text = text.strip()
    if text and not _AREA.fullmatch(text):
        raise RowError("bad_area", f'{name} "{text}"')
    return text


def outcomes(phrases: Phrases) -> Callable[[str], str | None]:
    """A reader of closing texts: the first outcome with a phrase in the text, None where none has one."""
    groups = tuple((outcome, re.compile("|".join(some))) for outcome, some in phrases)

    @lru_cache(4096)
    def outcome_of(text: str) -> str | None:
        lower = text.lower()
        return next((outcome for outcome, group in groups if group.search(lower)), None)

    return outcome_of


@dataclass(frozen=True, slots=True)
class Clock:
    """How a source writes times: its zone, and strptime formats it uses besides ISO 8601.

    american: it also writes `01/04/2010 08:36:17 AM`, as the portals export it.
    """

    zone: ZoneInfo
    formats: tuple[str, ...] = ()
    american: bool = False

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
        iso = text if _ISO.fullmatch(text) else _iso(text) if self.american else ""
        if iso:
            try:
                return datetime.fromisoformat(iso)
            except ValueError:
                return None
        for form in self.formats:
            try:
                return datetime.strptime(text, form)
            except ValueError:
                continue
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class MistakenClock(Clock):
    """The clock of a source that took local time for UTC: what its times come to in UTC is the local time meant.

    zone is the one its times are written in, UTC or one it turned them into; local is the city's own.
    """

    local: ZoneInfo

    def at(self, text: str, name: str) -> datetime | None:
        """As Clock.at, the mistake undone.

        Raises:
            RowError: bad_date.
        """
        # A class with slots is made anew by dataclass, and super() would still mean the one before.
        found = Clock.at(self, text, name)
        return found and found.replace(tzinfo=self.local).astimezone(UTC)


def _iso(text: str) -> str:
    """`01/04/2010 08:36:17 AM` as ISO; "" where it is not written so."""
    match = _AMERICAN.fullmatch(text)
    if match is None:
        return ""
    month, day, year, hour, minute, second, half = match.groups()
    hours = int(hour or 0)
    if half and hours not in range(1, 13):
        return ""
    if half:
        hours = hours % 12 + (12 if half in "Pp" else 0)
    return f"{year}-{month:0>2}-{day:0>2} {hours:02}:{minute or '00'}:{second or '00'}"


class Fields:
    """A row's fields, each handed out once; clock is how its times are written."""

    __slots__ = ("_fields", "clock")

    def __init__(self, fields: dict[str, str], clock: Clock) -> None:
        self._fields = fields
        self.clock = clock

    def __call__(self, name: str) -> str:
        """The field, "" where there is none or it was handed out before."""
        return self._fields.pop(name, "")

    def look(self, name: str) -> str:
        """The field, which may still be handed out."""
        return self._fields.get(name, "")

    def ref(self, name: str) -> str:
        """The reference, which must be given.

        Raises:
            RowError: no_ref.
        """
        ref = self(name).strip()
        if not ref:
            raise RowError("no_ref", f"{name} is empty")
        return ref

    def time(self, name: str) -> datetime | None:
        """A time in UTC, None where empty.

        Raises:
            RowError: bad_date.
        """
        text = self(name)
        return self.clock.at(text, name) if text else None

    def must(self, name: str) -> datetime:
        """The same, but it must be given.

        Raises:
            RowError: bad_date.
        """
        return self.clock.must(self(name), name)

    def point(self, x: str, y: str) -> tuple[float | None, float | None]:
        """The coordinates in two fields, x east and y north.

        Raises:
            RowError: bad_number.
        """
        return pair(number(self(x), x), number(self(y), y))


@dataclass(frozen=True, slots=True)
class Course:
    """How a source says where a matter stands.

    states are what its status words, in small letters, mean; ended and moved name the fields that say when it ended and
    when it last moved.
    """

    states: Mapping[str, str]
    ended: str
    moved: str

    def standing(
        self, take: Fields, said_at: datetime, status: str, note: str, outcome: str | None = None
    ) -> Standing | None:
        """Where it stands, None where status is empty; outcome counts only if it has ended.

        Nothing happens before it was said: what ended earlier ended then, and the note keeps the time written.

        Raises:
            RowError: bad_date, unknown_status.
        """
        written = take.look(self.ended).strip()
        ended, moved = take.time(self.ended), take.time(self.moved)
        if not status:
            return None
        state = self.states.get(status.lower())
        if state is None:
            raise RowError("unknown_status", f'status "{status}"')
        if state not in _ENDED:
            return Standing(state, max(said_at, moved) if moved else None, None, note)
        if ended and ended < said_at:
            note = f"{note} [{self.ended} {written}]".strip()
        at = ended or moved
        return Standing(state, max(said_at, at) if at else None, outcome, note)
