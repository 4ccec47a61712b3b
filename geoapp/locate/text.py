"""Where a text says it is, by the coordinates written in it: pairs, degrees and minutes, labels, map links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from geoapp.locate.answer import Answer
from geoapp.locate.coordinates import PRECISION, RADIUS_M, InCity, locate
from geoapp.locate.links import Links, told
from geoapp.records import Problem

NO_COORDINATES: Final = "no_coordinates"
AMBIGUOUS: Final = "ambiguous"

LABELLED: Final = "labelled"
WHOLE: Final = "whole_text"
LINK: Final = "link"
IN_TEXT: Final = "in_text"

_DEGREE_M: Final = 111_320.0
_MOST: Final = 32
"""Pairs looked at in one text; a table of measurements is no address."""

_CONFIDENCE: Final = {LABELLED: 1.0, WHOLE: 1.0, LINK: 0.95, IN_TEXT: 0.9}
"""Numbers inside a sentence might mean something else, even in the city; a link's may be the middle of its view."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two numbers as written; step is the worth of the finer one's last digit (the other may have lost a zero).

    east_first: True or False where the text says which is which, None where it does not. link: the map link that it
    stands in, if it does.
    """

    first: float
    second: float
    step: float
    east_first: bool | None
    how: str
    words: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class _Point:
    """A pair that was found to lie in the city."""

    lon: float
    lat: float
    order: str
    pair: _Pair


_NUMBER: Final = r"[-+]?\d{1,8}(?:\.\d{1,15})?"
_DECIMAL: Final = r"[-+]?\d{1,8}\.\d{2,15}"
_APART: Final = r"(?:\s*[,;、|/]\s*|\s+|%2C)"

# Between the numbers of a map link's pin stands !4d; such a link also holds the middle of the view, which is no place.
_PIN: Final = re.compile(rf"!3d(?P<lat>{_NUMBER})!4d(?P<lon>{_NUMBER})")
_EAST: Final = r"(?:longitude|long|lng|lon|经度|东经|pointx|x)"
_NORTH: Final = r"(?:latitude|lat|纬度|北纬|pointy|y)"
_IS: Final = r"[\"']?\s{0,3}[=:]?\s{0,3}[\"']?"
_LABEL_EN: Final = re.compile(
    rf"(?<![a-z]){_EAST}{_IS}(?P<lon>{_NUMBER})°?[\"']?[\s,;&、]{{0,4}}[\"']?{_NORTH}{_IS}(?P<lat>{_NUMBER})", re.I
)
_LABEL_NE: Final = re.compile(
    rf"(?<![a-z]){_NORTH}{_IS}(?P<lat>{_NUMBER})°?[\"']?[\s,;&、]{{0,4}}[\"']?{_EAST}{_IS}(?P<lon>{_NUMBER})", re.I
)
_ANGLE: Final = re.compile(
    r"(?P<before>[NSEW]|北纬|南纬|东经|西经)?\s{0,2}(?P<deg>\d{1,3}(?:\.\d{1,15})?)\s{0,2}[°度º]"
    r"(?:\s{0,2}(?P<min>\d{1,2}(?:\.\d{1,12})?)\s{0,2}['′’分])?"
    r"(?:\s{0,2}(?P<sec>\d{1,2}(?:\.\d{1,10})?)\s{0,2}(?:\"|″|”|''|秒))?"
    r"(?(before)|\s{0,2}(?P<after>[NSEW])(?![A-Za-z]))",
    re.I,
)
_WHOLE_PAIR: Final = re.compile(rf"[\[(]?\s*(?P<a>{_NUMBER})°?{_APART}(?P<b>{_NUMBER})°?\s*[\])]?")
# Chinese words stand close to numbers, so only Latin letters before one make it part of something else.
_TEXT_PAIR: Final = re.compile(rf"(?<![\d.A-Za-z_])(?P<a>{_DECIMAL})°?{_APART}(?P<b>{_DECIMAL})(?![\d.])")
_SIDES: Final = {"北纬": "N", "南纬": "S", "东经": "E", "西经": "W"}


def locate_text(query: str, in_city: InCity, datum: str = "WGS-84") -> Answer:
    """The one point that the text's coordinates mean, or why there is none.

    A pair whose order the text does not tell is accepted only if exactly one order lies in the city. Labelled pairs
    go before a text that is all coordinates, those before a link's, and these before pairs met inside a sentence.
    """
    plain = unicodedata.normalize("NFKC", query).replace("\u2212", "-")
    problems: list[str] = []
    for how, pairs in _by_how(plain).items():
        points = [found for pair in pairs for found in [_point(pair, in_city, datum)] if isinstance(found, _Point)]
        if points and all(_alike(points[0], other) for other in points):
            return _answer(min(points, key=lambda point: point.pair.step), datum)
        if points:
            return _none(AMBIGUOUS, {"rule": how, "found": [point.pair.words for point in points]})
        problems += [str(found) for found in (_point(pair, in_city, datum) for pair in pairs)]
    if problems:
        said = [pair.words for pairs in _by_how(plain).values() for pair in pairs]
        return _none(problems[0], {"found": said, "datum": datum})
    return _none(NO_COORDINATES, {})


def _none(problem: str, evidence: Mapping[str, Any]) -> Answer:
    return Answer(None, None, None, None, 0.0, problem, written=evidence)


def _answer(point: _Point, given: str) -> Answer:
    pair = point.pair
    datum, why = _datum(pair, given)
    metres = pair.step / 2 * (1.0 if _projected(datum) else _DEGREE_M)
    written = {"found": pair.words, "order": point.order, "datum": datum, **({"datum_by": why} if why else {})}
    radius = round(max(RADIUS_M, metres), 1)
    return Answer(point.lon, point.lat, PRECISION, radius, _CONFIDENCE[pair.how], None, pair.how, written=written)


def _datum(pair: _Pair, given: str) -> tuple[str, str]:
    """The datum of a pair, and what says so: its link rather than what holds for the rest of the text."""
    return (told(pair.link) if pair.link else None) or (given, "")


def _projected(datum: str) -> bool:
    return datum.upper().startswith("EPSG:") and datum[5:] not in ("4326", "4490", "4610", "4214")


def _alike(one: _Point, other: _Point) -> bool:
    """Whether two points differ by no more than the coarser was written: the same place said twice."""
    reach = max(one.pair.step, other.pair.step, 1e-4)
    return abs(one.lon - other.lon) <= reach and abs(one.lat - other.lat) <= reach


def _point(pair: _Pair, in_city: InCity, datum: str) -> _Point | str:
    """The pair's point, or what is wrong with it."""
    datum, _ = _datum(pair, datum)
    if pair.east_first is not None:
        east, north = ((pair.first,), (pair.second,)) if pair.east_first else ((pair.second,), (pair.first,))
        found = locate(east, north, [datum], in_city)
        problem = found.problems[0]
        return str(problem) if problem else _Point(float(found.lon[0]), float(found.lat[0]), "as labelled", pair)
    both = (pair.first, pair.second)
    found = locate(both, both[::-1], [datum, datum], in_city)
    fitting = [at for at in (0, 1) if found.problems[at] is None]
    if len(fitting) == 1:
        order = "east first" if fitting[0] == 0 else "north first"
        return _Point(float(found.lon[fitting[0]]), float(found.lat[fitting[0]]), order, pair)
    if fitting:
        return AMBIGUOUS
    first = found.problems[0]
    return str(Problem.OUTSIDE if first is None or first is Problem.SWAPPED else first)


def _by_how(text: str) -> dict[str, list[_Pair]]:
    """The pairs of a text, by how surely they are meant as coordinates."""
    links = Links(text)
    every_label = (*_pins(text), *_labels(text), *_angles(text))
    labelled = [replace(pair, link=links.at(start)) for start, pair in every_label]
    whole = _WHOLE_PAIR.fullmatch(text.strip())
    alone = [_pair(whole["a"], whole["b"], None, WHOLE, whole[0])] if whole else []
    within = [] if alone else [_within(found, links.at(found.start())) for found in _TEXT_PAIR.finditer(text)]
    linked = [pair for pair in within if pair.how == LINK]
    every = {LABELLED: labelled, WHOLE: alone, LINK: linked, IN_TEXT: [pair for pair in within if pair.how == IN_TEXT]}
    return {how: pairs[:_MOST] for how, pairs in every.items() if pairs}


def _within(found: re.Match[str], link: str) -> _Pair:
    return replace(_pair(found["a"], found["b"], None, LINK if link else IN_TEXT, found[0]), link=link)


def _pair(first: str, second: str, east_first: bool | None, how: str, words: str) -> _Pair:
    return _Pair(float(first), float(second), min(_step(first), _step(second)), east_first, how, words.strip())


def _step(number: str) -> float:
    return float(10.0 ** -len(number.partition(".")[2]))


def _pins(text: str) -> Iterator[tuple[int, _Pair]]:
    for found in _PIN.finditer(text):
        yield found.start(), _pair(found["lon"], found["lat"], True, LABELLED, found[0])


def _labels(text: str) -> Iterator[tuple[int, _Pair]]:
    for pattern in (_LABEL_EN, _LABEL_NE):
        for found in pattern.finditer(text):
            yield found.start(), _pair(found["lon"], found["lat"], True, LABELLED, found[0])


def _angles(text: str) -> Iterator[tuple[int, _Pair]]:
    """Angles with their side of the world named, two and two: one north or south, one east or west."""
    waiting: tuple[str, float, float, re.Match[str]] | None = None
    for found in _ANGLE.finditer(text):
        before = found["before"] or ""
        side = _SIDES.get(before, before or found["after"]).upper()
        value, step = _angle(found)
        value = -value if side in "SW" else value
        if waiting is None or (waiting[0] in "EW") == (side in "EW") or found.start() - waiting[3].end() > 5:
            waiting = (side, value, step, found)
            continue
        words = text[waiting[3].start() : found.end()].strip()
        yield waiting[3].start(), _Pair(waiting[1], value, max(step, waiting[2]), waiting[0] in "EW", LABELLED, words)
        waiting = None


def _angle(found: re.Match[str]) -> tuple[float, float]:
    """Degrees of an angle and the worth of its last digit."""
    value, step = 0.0, 0.0
    for name, share in (("deg", 1.0), ("min", 60.0), ("sec", 3600.0)):
        if found[name]:
            value, step = value + float(found[name]) / share, _step(found[name]) / share
    return value, step
