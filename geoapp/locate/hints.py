"""The areas that a text names, as hints where its other names are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from geoapp.locate.meanings import Meaning, Meanings
from geoapp.locate.mentions import Mention, Statement
from geoapp.locate.names import Kind
from geoapp.locate.spoken import Spoken

IN_FULL: Final = 0.02
IN_SHORT: Final = 0.06
PART_OF_A_NAME: Final = 0.5
OF_THE_SOURCE: Final = 0.15
BY_COMMUNITY: Final = 0.3
NEXT_DOOR: Final = 0.35
ACROSS_A_GUESS: Final = 0.45
"""What is left outside of an area named, by how it is named; in another of the same coarser one; and there where one of
both has a guessed outline, which the words outweigh."""

_LEAST_ROLE: Final = 0.5


class Hint(NamedTuple):
    """An area named, or several of one name: its level, and how much is left of a place outside."""

    level: int
    places: tuple[int, ...]
    outside: float


Hints = tuple[Hint, ...]


def hints(spoken: Spoken, statement: Statement) -> Hints:
    """The areas that narrow a statement: of each level those named nearest before it, else the only ones."""
    head = statement.mentions[0]
    chosen: dict[int, tuple[tuple[int, int], Hint]] = {}
    for mention in spoken.reading.areas:
        if mention in statement.mentions or mention.role < _LEAST_ROLE:
            continue
        if mention.why == "home" and mention.clause != head.clause:
            continue
        hint, nearness = _hint(spoken, mention), _nearness(head, mention)
        if hint.level not in chosen or nearness < chosen[hint.level][0]:
            chosen[hint.level] = nearness, hint
    found = [hint for _, hint in chosen.values()]
    found += _communities(spoken, statement, chosen.keys())
    if spoken.within is not None:
        level = int(spoken.gazetteer.level[spoken.within])
        found.append(Hint(level, (spoken.within,), OF_THE_SOURCE))
    return tuple(found)


def _communities(spoken: Spoken, statement: Statement, told: Collection[int]) -> list[Hint]:
    """The finest areas that communities named beside a place lie in, where the text names none itself."""
    finest = spoken.gazetteer.sample_areas.shape[0] - 1
    if finest in told or len(spoken.reading.statements) < 2:
        return []
    return [
        Hint(finest, tuple(int(spoken.meanings.samples(one.place)[2][finest][0]) for one in meant), BY_COMMUNITY)
        for other in spoken.reading.statements
        if other is not statement and other.mentions[0].role >= _LEAST_ROLE
        and (meant := _meant_as_community(spoken, other.mentions[0]))
    ][:1]  # fmt: skip


def _meant_as_community(spoken: Spoken, mention: Mention) -> list[Meaning]:
    meant = spoken.meanings.places(mention.row)
    surely = bool(meant) and mention.clean and all(one.kind == Kind.COMMUNITY and not one.weak for one in meant)
    return list(meant) if surely else []


def _hint(spoken: Spoken, mention: Mention) -> Hint:
    places = [one for one in spoken.meanings.places(mention.row) if one.kind == Kind.AREA]
    level = int(spoken.gazetteer.level[places[0].place])
    in_full = places[0].cost < 0.15 and mention.clean
    outside = PART_OF_A_NAME if mention.joined else IN_FULL if in_full else IN_SHORT
    return Hint(level, tuple(one.place for one in places), outside)


def _nearness(head: Mention, mention: Mention) -> tuple[int, int]:
    order = 0 if mention.clause == head.clause else 1 if mention.sentence == head.sentence else 2
    return order, abs(head.first - mention.first) + (1000 if mention.first > head.first else 0)


def fit(meanings: Meanings, areas: Sequence[int] | Any, hints: Hints) -> float:
    """What the areas named in the text leave of a place that lies in these."""
    left = 1.0
    for level, places, outside in hints:
        if areas[level] in places:
            continue
        # Outlines of the finer levels are uncertain: next door in the same district is not another world.
        soft = level > 0 and any(_coarsest(meanings, place) == int(areas[0]) for place in places)
        left *= max(outside, _next_door(meanings, areas[level], places)) if soft else outside
    return left


def _next_door(meanings: Meanings, area: int, named: Sequence[int]) -> float:
    return ACROSS_A_GUESS if guessed(meanings, (area, *named)) else NEXT_DOOR


def guessed(meanings: Meanings, areas: Sequence[int]) -> bool:
    """Whether the outline of one of these areas is a guess."""
    doubtful = meanings.gazetteer.doubtful
    return any(area >= 0 and bool(doubtful[area]) for area in areas)


def named_beside(meanings: Meanings, areas: Sequence[int], hints: Hints) -> tuple[int, ...]:
    """The areas of a place, save that one named in the text goes before the guessed outline of its neighbour."""
    found = list(areas)
    if not hints:
        return tuple(areas)
    for level, places, _ in hints:
        apart = level > 0 and areas[level] not in places
        if apart and guessed(meanings, (areas[level], *places)):
            near = [place for place in places if _coarsest(meanings, place) == int(areas[0])]
            found[level] = near[0] if near else areas[level]
    return tuple(found)


def _coarsest(meanings: Meanings, place: int) -> int:
    return int(meanings.samples(place)[2][0][0])


def above(hints: Hints, level: int) -> Hints:
    """Those of the coarser levels."""
    return tuple(hint for hint in hints if hint.level < level)
