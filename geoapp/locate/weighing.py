"""How much speaks for a statement's best candidate, and for the statement as the place that the text is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import Final

from geoapp.locate.answer import Precision
from geoapp.locate.candidates import Candidate, agreed, merged
from geoapp.locate.hints import Hints, hints, named_beside
from geoapp.locate.mentions import Mention, Relation, Statement
from geoapp.locate.places import candidates
from geoapp.locate.spoken import Spoken

_BASE: Final[Mapping[Precision, float]] = {
    Precision.CROSSING: 0.97, Precision.ADDRESS: 0.95, Precision.LANDMARK: 0.93, Precision.OFFSET: 0.88,
    Precision.STRETCH: 0.92, Precision.ROAD: 0.9, Precision.COMMUNITY: 0.85, Precision.AREA: 0.85,
}  # fmt: skip
RANK: Final[Mapping[Precision, float]] = {
    Precision.CROSSING: 1.0, Precision.ADDRESS: 0.97, Precision.OFFSET: 1.0, Precision.STRETCH: 0.98,
    Precision.LANDMARK: 0.9, Precision.ROAD: 0.6, Precision.COMMUNITY: 0.5, Precision.AREA: 0.25,
}  # fmt: skip
"""How much each kind of place says: of several in one text the finer is what it is about."""

_FULL: Final[Mapping[Relation, float]] = {Relation.CROSSING: 0.4, Relation.STRETCH: 0.4, Relation.PLACE: 0.7}
"""The weight a candidate has when nothing speaks against it, with the costs of usual short forms."""

_WEAK_LEFT: Final = 0.35
_STRANGE_AREA: Final = re.compile(
    r"(?:[a-z]\d{0,2}|[\u3400-\u9fff]{2})(?:街道|镇|县|市|(?<![小社园业校库片住景新厂厅市辖保城])区)$"
)
_STRANGE: Final = 0.5
"""What is left of a name that follows an area which is not known here: 青山镇光明路."""

_ALONE: Final = 0.85
"""What is left where nothing else in the text speaks for a misspelt name."""

_MISSPELT: Final = 0.93
"""What is left of a confidence besides the cost: the words may as well be right and the name unknown."""

_HEARD: Final = 0.4
"""What is less sure than this does not contest what is surer."""

_TOGETHER_M: Final = 1_200.0
_SHORT_ROAD_M: Final = 250.0


@dataclass(frozen=True, slots=True)
class Option:
    """One statement with its candidates, the likeliest first: how it weighs, and what the statement scores.

    told: whether the text itself names the finest area that the likeliest lies in.
    """

    statement: Statement
    candidates: list[Candidate]
    score: float
    weighed: float
    told: bool


def option(spoken: Spoken, statement: Statement) -> Option | None:
    """A statement weighed; None where it means no place."""
    narrowed = hints(spoken, statement)
    found = candidates(spoken, statement, narrowed)
    if not found:
        return None
    found = merged(found)
    total = sum(one.weight for one in found)
    top, together = agreed(found)
    beside = named_beside(spoken.meanings, top.areas, narrowed)
    found = [top if beside == top.areas else replace(top, areas=beside), *found[1:]]
    sure = together / total * min(1.0, top.weight / _FULL[statement.relation])
    boundary = 1.0
    for mention in statement.mentions:
        boundary *= _boundary(spoken, mention, top)
    weighed = _BASE[top.precision] * sure * boundary * statement.strength * _claim(statement.role)
    weighed *= _pure(top) * _without_the_other(spoken, statement, top, narrowed)
    if statement.relation is Relation.PLACE and statement.mentions[0].row < 0 and not narrowed:
        weighed *= _ALONE
    order = 0.97 ** statement.mentions[0].sentence
    if top.precision is Precision.AREA:
        # Of a district and a street office within it the office says more.
        order *= 0.5 + 0.5 * top.purity
    believed = (0.4 + 0.6 * sure) * (0.5 + statement.strength / 2)
    score = RANK[top.precision] * statement.role * max(boundary, 0.2) * order * believed
    return Option(statement, found, score, weighed, _told(spoken, found[0], narrowed))


def _without_the_other(spoken: Spoken, statement: Statement, top: Candidate, narrowed: Hints) -> float:
    """What is left where the road that this one meets is unknown: enough where it is short or its office is named."""
    if not statement.unknown:
        return 1.0
    return 0.85 if top.radius_m <= _SHORT_ROAD_M or _told(spoken, top, narrowed) else 0.5


def _told(spoken: Spoken, top: Candidate, narrowed: Hints) -> bool:
    finest = spoken.gazetteer.sample_areas.shape[0] - 1
    return any(hint.level == finest and top.areas[finest] in hint.places for hint in narrowed)


def _claim(role: float) -> float:
    """What a part that is not the report's own place leaves of the confidence."""
    return 1.0 if role >= 0.99 else role if role < 0.6 else 0.9


def _pure(top: Candidate) -> float:
    """A road through several offices is in one of them only by chance."""
    return min(1.0, top.purity / 0.97)


def _boundary(spoken: Spoken, mention: Mention, top: Candidate) -> float:
    """How surely the words are the whole of a name."""
    left = _MISSPELT if mention.row < 0 else 1.0
    weak = _weak(spoken, mention, top)
    if not mention.clean:
        left *= _not_begun(mention, top)
    if weak:
        supported = mention.clean and (mention.near or mention.inside)
        left *= 0.8 if supported and not mention.joined else _WEAK_LEFT
    if mention.joined:
        doubtful = weak or top.precision in (Precision.AREA, Precision.COMMUNITY)
        left *= 0.3 if doubtful else 0.75 if top.precision is Precision.ROAD else 0.85
    if top.precision is Precision.AREA:
        return left * (0.6 if mention.end - mention.first <= 2 else 1.0)
    if _in_strange_area(spoken, mention):
        left *= _STRANGE
    if mention.joined and top.precision is Precision.ROAD and spoken.tail(mention, 1) == "道":
        left *= 0.2
    return left


def _in_strange_area(spoken: Spoken, mention: Mention) -> bool:
    """Whether the words before a name end in an area that is not known here."""
    lead = spoken.lead(mention, 6)
    if not _STRANGE_AREA.search(lead) or spoken.led(mention):
        return False
    return not lead.endswith(spoken.gazetteer.city)


def _weak(spoken: Spoken, mention: Mention, top: Candidate) -> bool:
    """Whether the name means this place only where the words around it say so."""
    chosen = [one.weak for one in spoken.meanings.places(mention.row) if one.place in top.places]
    return bool(chosen) and all(chosen)


def _not_begun(mention: Mention, top: Candidate) -> float:
    """What is left of a name that may be the second half of another."""
    length = mention.end - mention.first
    short = length <= 3 or mention.row < 0 or top.precision is Precision.COMMUNITY
    return 0.45 if short else 0.75 if length == 4 else 0.95


def contested(options: Sequence[Option]) -> float:
    """What another statement of the same text, somewhere else, leaves of the first one's confidence."""
    best = options[0]
    top = best.candidates[0]
    left = 1.0
    for other in options[1:]:
        spot = other.candidates[0]
        if spot.precision is Precision.AREA or other.weighed < _HEARD:
            continue
        away = hypot(spot.x - top.x, spot.y - top.y)
        if away > _TOGETHER_M + top.radius_m + spot.radius_m:
            left = min(left, 1.0 - 0.45 * min(1.0, (other.score * other.statement.role / best.score) ** 2))
    return left
