"""So many metres in a direction from a place: along its road where it has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from geoapp.locate import grammar_en, grammar_zh
from geoapp.locate.answer import Precision
from geoapp.locate.candidates import Candidate
from geoapp.locate.mentions import Statement
from geoapp.locate.names import Kind
from geoapp.locate.normalise import LETTER
from geoapp.locate.spoken import Spoken

_LEAST_M, _MOST_M = 10, 2_000
_STRAIGHT: Final = 0.7
"""How much of the way to a point of the road goes in the direction said."""
_NEAR_M: Final = 70.0


def moved(spoken: Spoken, statement: Statement, candidates: list[Candidate]) -> list[Candidate]:
    """Candidates moved by a direction and a distance that stand beside the names; other details are noted."""
    tail = spoken.tail(statement.mentions[-1])
    after = grammar_zh.OFFSET.match(tail.strip())
    if after:
        word = after["far"]
        return _all(spoken, candidates, grammar_zh.WAYS[after["way"]], float(grammar_zh.NUMBERS.get(word) or word))
    _note(spoken, tail)
    if spoken.found.words.kinds[statement.mentions[0].first] == LETTER or tail[:1] == "":
        before = grammar_en.OFFSET_BEFORE.search(spoken.lead(statement.mentions[0], 40))
        if before:
            metres = float(before["far"]) * grammar_en.UNITS.get(before["unit"], 1.0)
            return _all(spoken, candidates, grammar_en.WAYS[before["way"]], metres)
    return candidates


def _note(spoken: Spoken, tail: str) -> None:
    """Kilometre marks and exits: the data do not say where they are."""
    if "公里" in tail or "k" in tail[:6]:
        mark = grammar_zh.KILOMETRE.match(tail)
        if mark:
            spoken.notes.append(f"kilometre mark {mark[0].strip()}")
    elif tail[:1].isascii() and tail[:1].isalpha():
        gate = grammar_zh.EXIT.match(tail)
        if gate:
            spoken.notes.append(f"exit {gate['exit'].upper()}")


def _all(spoken: Spoken, candidates: Sequence[Candidate], way: tuple[float, float], metres: float) -> list[Candidate]:
    if not _LEAST_M <= metres <= _MOST_M:
        return list(candidates)
    spoken.notes.append(f"moved {metres:.0f} m")
    return [_one(spoken, one, way, metres) for one in candidates]


def _one(spoken: Spoken, one: Candidate, way: tuple[float, float], metres: float) -> Candidate:
    if one.precision in (Precision.ROAD, Precision.AREA, Precision.COMMUNITY):
        return one
    x, y = one.x + way[0] * metres, one.y + way[1] * metres
    roads = [place for place in one.places if spoken.gazetteer.kinds[place] == Kind.ROAD]
    for place in roads:
        # People go along a road, not over the roofs.
        sx, sy, _ = spoken.meanings.samples(place)
        far = np.hypot(sx - one.x, sy - one.y)
        ahead = ((sx - one.x) * way[0] + (sy - one.y) * way[1]) > _STRAIGHT * far
        near = ahead & (np.abs(far - metres) < _NEAR_M)
        if near.any():
            at = int(np.flatnonzero(near)[np.abs(far[near] - metres).argmin()])
            x, y = float(sx[at]), float(sy[at])
            break
    own = spoken.meanings.nearest(one.places[0], x, y)[2] if roads else one.areas
    return replace(one, x=x, y=y, radius_m=50.0 + 0.2 * metres, precision=Precision.OFFSET, areas=own)
