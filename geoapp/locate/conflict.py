"""A point and the words of one text held against each other: whether they agree, and which of them is believed.

Words that name a place agree with a point within three of its radii, at least 500 m; an area that they name must hold
the point. Where they do not agree, a point that somebody pinned or wrote with its labels goes before any words. Where a
post was checked in says less: it loses to words that name a place surely, and beside words that name another area, or
another city, neither is believed. Numbers met inside a sentence may be something else: against sure words neither is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import cos, hypot, radians
from typing import Any, Final

import shapely

from geoapp.locate.answer import Answer, Precision, Unplaced

SURE: Final = 0.7
"""Words that are as sure as this outweigh a check-in somewhere else."""

RADII: Final = 3.0
LEAST_M: Final = 500.0
BORDER_M: Final = 300.0
"""How far outside an area's outline a point may lie: some outlines are approximate, and people stand on borders."""

_DEGREE_M: Final = 111_320.0


class Given(StrEnum):
    """How a point was got."""

    PINNED = "pinned"  # pointed at on a map, a map link's pin, coordinates with their labels or alone
    WRITTEN = "written"  # a pair of numbers inside a sentence
    CHECK_IN = "check_in"  # where a post, a photo or a telephone was


class Rule(StrEnum):
    """What decided."""

    WITHIN_AREA = "within_area"
    NEAR_PLACE = "near_place"
    PINNED_FIRST = "pinned_first"
    WORDS_SURE = "words_sure"
    WORDS_UNSURE = "words_unsure"
    OUTSIDE_AREA = "outside_area"
    ANOTHER_CITY = "another_city"


class Winner(StrEnum):
    """Which of the two is believed; of two that agree the finer."""

    POINT = "point"
    WORDS = "words"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Point:
    """A point that came with a text, in WGS-84 degrees."""

    lon: float
    lat: float
    given: Given
    radius_m: float = 15.0


@dataclass(frozen=True, slots=True)
class Conflict:
    """What became of a point and the words beside it.

    distance_m: how far the point lies from the place, or outside of the area, that the words name; None where that is
    not known, as of another city. allowed_m: how far it may lie for both to agree.
    """

    agree: bool
    rule: Rule
    winner: Winner
    distance_m: float | None
    allowed_m: float

    def as_dict(self) -> dict[str, Any]:
        """As evidence is printed."""
        return {
            "agree": self.agree, "rule": str(self.rule), "winner": str(self.winner), "distance_m": self.distance_m,
            "allowed_m": self.allowed_m,
        }  # fmt: skip


def compare(point: Point, words: Answer, outside_m: float | None = None) -> Conflict | None:
    """The point held against what the words of its text name; None where they name nothing to hold it against.

    outside_m: how far the point lies outside of words.area, 0 within it (`outside`); without it an area is taken for
    the circle of its radius, and one that is too coarse to be a place says nothing.
    """
    if words.problem == Unplaced.ANOTHER_CITY:
        return _apart(point, Rule.ANOTHER_CITY, None, 0.0, sure=True)
    coarse = words.precision is None or words.precision == Precision.AREA
    if coarse and words.area is not None and outside_m is not None:
        return _with_area(point, outside_m)
    if words.lon is None or words.lat is None:
        return None
    radius = words.radius_m or 0.0
    distance = metres(point.lon, point.lat, words.lon, words.lat)
    if coarse:
        return _with_area(point, max(0.0, distance - radius))
    allowed = round(max(RADII * radius, LEAST_M) + point.radius_m, 1)
    if distance <= allowed:
        finer = point.given is not Given.PINNED and radius < point.radius_m
        winner = Winner.WORDS if finer else Winner.POINT
        return Conflict(True, Rule.NEAR_PLACE, winner, round(distance, 1), allowed)
    sure = words.confidence >= SURE
    return _apart(point, Rule.WORDS_SURE if sure else Rule.WORDS_UNSURE, round(distance, 1), allowed, sure=sure)


def _with_area(point: Point, outside_m: float) -> Conflict:
    allowed = round(BORDER_M + point.radius_m, 1)
    away = round(outside_m, 1)
    if away <= allowed:
        return Conflict(True, Rule.WITHIN_AREA, Winner.POINT, away, allowed)
    return _apart(point, Rule.OUTSIDE_AREA, away, allowed, sure=True)


def _apart(point: Point, rule: Rule, distance: float | None, allowed: float, *, sure: bool) -> Conflict:
    """Who is believed of two that do not agree."""
    if point.given is Given.PINNED:
        return Conflict(False, Rule.PINNED_FIRST, Winner.POINT, distance, allowed)
    if point.given is Given.WRITTEN:
        return Conflict(False, rule, Winner.NEITHER if sure else Winner.POINT, distance, allowed)
    return Conflict(False, rule, Winner.WORDS if rule is Rule.WORDS_SURE else Winner.NEITHER, distance, allowed)


def metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Metres between two points of one city."""
    shrink = cos(radians((lat + other_lat) / 2))
    return _DEGREE_M * hypot((other_lon - lon) * shrink, other_lat - lat)


def outside(outline: Any, lon: float, lat: float) -> float:
    """How many metres a point lies outside of an outline in degrees; 0 within it."""
    spot = shapely.Point(lon, lat)
    if outline.intersects(spot):
        return 0.0
    shrink = cos(radians(lat))
    flat = shapely.transform(outline, lambda points: points * (shrink, 1.0))
    return float(shapely.distance(flat, shapely.Point(lon * shrink, lat))) * _DEGREE_M
