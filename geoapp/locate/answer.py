"""What locating a text answers: a point with the radius that holds it and the evidence, or the reason why none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Precision(StrEnum):
    """What kind of place an answer by names is."""

    CROSSING = "crossing"
    ADDRESS = "address"
    LANDMARK = "landmark"
    OFFSET = "offset"
    STRETCH = "stretch"
    ROAD = "road"
    COMMUNITY = "community"
    AREA = "area"


class Unplaced(StrEnum):
    """Why a text has no answer."""

    NO_PLACE = "no_place"
    AMBIGUOUS = "ambiguous"
    TOO_COARSE = "too_coarse"
    ANOTHER_CITY = "another_city"
    NO_CROSSING = "no_crossing"
    UNSURE = "unsure"
    CONFLICT = "conflict"


NAMES: Final = "names"
"""The rule of an answer that the names in a text gave."""


@dataclass(frozen=True, slots=True)
class Match:
    """Words of the text and what they were found to name."""

    words: str
    name: str
    layer: str


@dataclass(frozen=True, slots=True)
class Runner:
    """A place that was not chosen."""

    lon: float
    lat: float
    name: str
    precision: str
    weight: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a text is: lon, lat in WGS-84 degrees, None where there is none and problem says why.

    rule: NAMES, or how coordinates were written; written says what was read of them. areas are the gazetteer's that
    the point lies in, coarsest first; area is the one that is named where nothing finer is, placed or too coarse.
    """

    lon: float | None
    lat: float | None
    precision: str | None
    radius_m: float | None
    confidence: float
    problem: str | None
    rule: str = ""
    areas: tuple[str, ...] = ()
    matched: tuple[Match, ...] = ()
    notes: tuple[str, ...] = ()
    runners_up: tuple[Runner, ...] = ()
    area: str | None = None
    written: Mapping[str, Any] = field(default_factory=dict)

    @property
    def called(self) -> str:
        """What the place is called: the names that say where it is, without those of the areas it lies in."""
        names = list(dict.fromkeys(match.name for match in self.matched))
        if self.precision == Precision.CROSSING:
            return " × ".join(names[:2])
        own = [name for name in names if name not in self.areas] or names
        return ", ".join(own)

    @property
    def evidence(self) -> dict[str, Any]:
        """What speaks for the answer, as it is printed."""
        if self.rule != NAMES:
            return {"rule": self.rule, **self.written} if self.rule else dict(self.written)
        found: dict[str, Any] = {
            "rule": self.rule,
            "matched": [{"words": one.words, "name": one.name, "layer": one.layer} for one in self.matched],
        }
        if self.notes:
            found["notes"] = list(self.notes)
        if self.runners_up:
            found["runners_up"] = [
                {"name": one.name, "lon": round(one.lon, 7), "lat": round(one.lat, 7), "precision": one.precision}
                for one in self.runners_up
            ]
        return found
