"""Where texts are: by the coordinates written in them, else by the names; the two held against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from sqlalchemy import Connection

from geoapp.assign.areas import AreaLayer, Ground
from geoapp.city import City
from geoapp.locate.answer import Answer, Unplaced
from geoapp.locate.conflict import Conflict, Given, Point, Winner, compare, outside
from geoapp.locate.coordinates import RADIUS_M
from geoapp.locate.gazetteer import Gazetteer
from geoapp.locate.names import Kind
from geoapp.locate.text import IN_TEXT, NO_COORDINATES, WHOLE, locate_text
from geoapp.records import Problem
from geoapp.store.gazetteer import locator

APPROXIMATE: Final = "approximate"
"""The quality of an outline that is a guess."""

LONGEST_M: Final = 1_500.0
"""Nobody can be sent to a place that reaches farther than this."""

CHECK_IN_M: Final = 150.0
"""How far from where somebody was lies what they speak of, if nothing they say is against it."""


@dataclass(frozen=True, slots=True)
class TextFound:
    """Where a text is; conflict: of a point and the place it names, whether they agree and which is believed."""

    answer: Answer
    conflict: Conflict | None = None


def locate_texts(
    connection: Connection, city: City, here: Ground, texts: Sequence[str], datum: str = "WGS-84",
    recorded: Sequence[str] | None = None,
) -> list[TextFound]:  # fmt: skip
    """Where each of several texts is, in order; coordinates in them are in the datum.

    recorded: the area (code or name) that each text's source has recorded, empty where none; it helps to choose.
    """
    found = [TextFound(locate_text(text, here.in_city, datum)) for text in texts]
    spoken = [at for at, one in enumerate(found) if _speaks(texts[at], one.answer)]
    if not spoken:
        return found
    by = locator(connection, city)
    within = (
        None if recorded is None or not any(recorded) else _within(by.gazetteer, here, [recorded[at] for at in spoken])
    )
    answers = by.locate([texts[at] for at in spoken], within)
    for at, said in zip(spoken, answers, strict=True):
        written = found[at].answer
        if written.lon is None or written.lat is None:
            found[at] = TextFound(_in_city(said, here))
            continue
        given = Given.WRITTEN if written.rule == IN_TEXT else Given.PINNED
        conflict = _held(Point(written.lon, written.lat, given, written.radius_m or RADIUS_M), said, here)
        withheld = conflict is not None and conflict.winner is Winner.NEITHER
        found[at] = TextFound(_withheld(written) if withheld else written, conflict)
    return found


def hold_against(
    connection: Connection, city: City, here: Ground, points: Sequence[Point], texts: Sequence[str]
) -> list[TextFound]:
    """Points that came with texts held against what these say; of each the words' answer and what became of the two."""
    answers = locator(connection, city).locate(list(texts)) if texts else []
    return [
        TextFound(_in_city(said, here), _held(point, said, here)) for point, said in zip(points, answers, strict=True)
    ]


def named_instead(here: Ground, quality: str, names: Mapping[str, str], named: Sequence[str]) -> int | None:
    """The area of the responsible layer that words name where a point lies in another whose outline is a guess.

    quality and names are the other's, named the areas that the words gave, coarsest first; None: the outline stands.
    """
    if quality != APPROXIMATE or not named or set(named) & set(names.values()):
        return None
    layer = here.layer(here.responsible)
    return next((at for at, called in enumerate(layer.names) if named[-1] in called.values()), None)


def _within(gazetteer: Gazetteer, here: Ground, recorded: Sequence[str]) -> list[int | None]:
    """The places of the gazetteer that recorded areas are, None where it has none of that code or name."""
    # An area is a place in each language; samples lie in one of these.
    areas = np.intersect1d(np.flatnonzero(gazetteer.kinds == Kind.AREA), gazetteer.sample_areas)
    known = {gazetteer.name(place): place for place in areas.tolist()}
    meant: dict[str, int | None] = {"": None}
    for area in set(recorded) - meant.keys():
        names = next((names for layer in here.layers for names in _called(layer, area)), ())
        meant[area] = next((known[name] for name in names if name in known), None)
    return [meant[area] for area in recorded]


def _called(layer: AreaLayer, area: str) -> list[tuple[str, ...]]:
    """The names of the layer's areas that have this code or name."""
    pairs = zip(layer.codes, layer.names, strict=True)
    return [tuple(names.values()) for code, names in pairs if area == code or area in names.values()]


def _held(point: Point, said: Answer, here: Ground) -> Conflict | None:
    return compare(point, said, _outside_m(said.area, point, here))


def _speaks(text: str, written: Answer) -> bool:
    """Whether a text is asked for names: it has no coordinates, or other words beside them."""
    if written.lon is None:
        return written.problem == NO_COORDINATES and bool(text.strip())
    return written.rule != WHOLE


def _outside_m(area: str | None, point: Point, here: Ground) -> float | None:
    """How far a point lies outside of the area of a name; None where no layer has it."""
    if area is None:
        return None
    named = [
        layer.outlines[at] for layer in here.layers for at, names in enumerate(layer.names) if area in names.values()
    ]
    return min((outside(one, point.lon, point.lat) for one in named), default=None)


def _withheld(of: Answer) -> Answer:
    """An answer that something else contradicts as surely."""
    return replace(of, lon=None, lat=None, precision=None, radius_m=None, confidence=0.0, problem=Unplaced.CONFLICT)


def _in_city(of: Answer, here: Ground) -> Answer:
    """What names said; a name may lie outside the city, as layers' stray points do."""
    if of.lon is not None and of.lat is not None and not here.in_city(np.array([of.lon]), np.array([of.lat]))[0]:
        of = replace(of, lon=None, lat=None, precision=None, radius_m=None, problem=str(Problem.OUTSIDE))
    return of if of.problem is None else replace(of, confidence=0.0)
