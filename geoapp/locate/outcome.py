"""What becomes of one text: the best of its statements is the answer, or the reason is told why none is.

Nothing is guessed silently: where two places are as likely, where the words fit none, where a road is too long to be a
place, the text stays unplaced and the candidates are named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from geoapp.locate.answer import NAMES, Answer, Match, Precision, Runner, Unplaced
from geoapp.locate.calibration import Calibration
from geoapp.locate.candidates import Candidate
from geoapp.locate.datum import degrees
from geoapp.locate.hints import guessed
from geoapp.locate.houses import number
from geoapp.locate.mentions import NOWHERE, Relation, Statement
from geoapp.locate.names import Kind
from geoapp.locate.ordinary import names_an_unknown_road
from geoapp.locate.spoken import Spoken
from geoapp.locate.weighing import RANK, Option, contested, option

THRESHOLD: Final = 0.6
"""An answer less sure than this is none."""

_GOOD: Final = 0.6
"""A spot that weighs so much is what the text is about, rather than the area it names."""

GUESSED_OUTLINE: Final = 0.75
"""What is left of the confidence in an area whose outline is a guess, unless the text names it: of Shenzhen's landmarks
whose address names such an office 27 of 39 lie in it, of those with a known outline 83 of 87."""

NUMBER_NOT_KNOWN: Final = 0.7
"""What is left of the confidence in a long road with a house number that nobody knows: the house is not found."""

_LONG_ROAD_M: Final = 500.0
"""The radius of a road of a kilometre."""

_PURE: Final = 0.72
_CLAIMS: Final = 0.5
"""What is left so much of its claim may be what the text is about."""

_AS_LIKELY: Final = 0.3
_RUNNERS: Final = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer still in metres; others were not chosen, with their names; area is named and nothing finer."""

    best: Candidate | None
    confidence: float
    problem: Unplaced | None
    matched: tuple[Match, ...] = ()
    notes: tuple[str, ...] = ()
    others: tuple[Candidate, ...] = ()
    areas: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    area: str | None = None

    @property
    def likeliest(self) -> Candidate | None:
        """The answer, or what comes next to one."""
        return self.best or (self.others[0] if self.others else None)

    def better_than(self, old: Outcome) -> bool:
        """Whether it says more, and as surely; an answer is better than none."""
        if (self.best is None) != (old.best is None):
            return self.best is not None
        return self._worth() > old._worth()

    def _worth(self) -> float:
        found = self.likeliest
        return RANK[found.precision] * self.confidence if found else 0.0


def outcome(spoken: Spoken, calibration: Calibration, kind: str) -> Outcome:
    """What becomes of a text; kind is the class of the names that were looked for."""
    reading = spoken.reading
    if not reading.statements:
        problem = Unplaced.ANOTHER_CITY if reading.elsewhere != NOWHERE else Unplaced.NO_PLACE
        return Outcome(None, 0.0, problem)
    options = sorted(_options(spoken), key=lambda one: -one.score)
    if not options:
        return Outcome(None, 0.0, _why_none(spoken), _matched(spoken, reading.statements))
    if (lost := _not_found(spoken, options)) is not None:
        named = _name(spoken, options[0].candidates[0])
        return Outcome(None, 0.0, lost[0], _matched(spoken, lost[1]), tuple(dict.fromkeys(spoken.notes)), area=named)
    best, name = options[0], spoken.meanings.name
    confidence = calibration.confidence(best.weighed * contested(options), kind)
    top = best.candidates[0]
    reason = _problem(best, confidence)
    matched = _matched(spoken, [best.statement])
    others = tuple(best.candidates[1:] + [one.candidates[0] for one in options[1:]])[:_RUNNERS]
    names = tuple(_name(spoken, one) for one in (top, *others))
    notes = tuple(dict.fromkeys(spoken.notes))
    area = names[0] if top.precision is Precision.AREA else None
    if reason:
        return Outcome(None, confidence, reason, matched, notes, (top, *others)[:_RUNNERS], (), names, area)
    areas = tuple(name(one) for one in top.areas if one >= 0)
    if not best.told and top.precision is not Precision.AREA and guessed(spoken.meanings, top.areas):
        confidence, notes = confidence * GUESSED_OUTLINE, (*notes, "approximate outline")
    if _without_its_house(spoken, best):
        left = NUMBER_NOT_KNOWN if top.radius_m > _LONG_ROAD_M else 1.0
        confidence, notes = confidence * left, (*notes, "number not known")
    return Outcome(top, confidence, None, matched, notes, others, areas, names[1:], area)


def _without_its_house(spoken: Spoken, best: Option) -> bool:
    """Whether a road is the answer though a house of it was named."""
    alone = best.statement.relation is Relation.PLACE and best.candidates[0].precision is Precision.ROAD
    return alone and number(spoken, best.statement.mentions[0]) is not None


def _options(spoken: Spoken) -> list[Option]:
    """The statements that have candidates; areas by themselves only where nothing within them is as good."""
    areas: list[Statement] = []
    spots: list[Statement] = []
    for one in spoken.reading.statements:
        alone = one.relation is Relation.PLACE and Kind.AREA in spoken.meanings.kinds(one.mentions[0].row)
        (areas if alone else spots).append(one)
    found = [weighed for one in spots if (weighed := option(spoken, one))]
    if not any(one.weighed >= _GOOD for one in found):
        found += [weighed for one in areas if (weighed := option(spoken, one))]
    return found


def _not_found(spoken: Spoken, options: Sequence[Option]) -> tuple[Unplaced, list[Statement]] | None:
    """Why what a text names is nowhere, with what names it: the area beside it is no answer to that."""
    if any(one.candidates[0].precision is not Precision.AREA for one in options):
        return None
    weighed = [one.statement for one in options]
    roads = [one for one in spoken.reading.statements if one.relation is not Relation.PLACE and one not in weighed]
    if any(one.role >= _CLAIMS for one in roads):
        return Unplaced.NO_CROSSING, roads
    if any(names_an_unknown_road(spoken.tail(one.mentions[0])) for one in weighed):
        return Unplaced.NO_PLACE, []
    return None


def _why_none(spoken: Spoken) -> Unplaced:
    statements = spoken.reading.statements
    if any(mention.why == "elsewhere" for one in statements for mention in one.mentions):
        return Unplaced.ANOTHER_CITY
    if any(one.relation is Relation.CROSSING for one in statements):
        return Unplaced.NO_CROSSING
    return Unplaced.TOO_COARSE if spoken.reading.areas else Unplaced.NO_PLACE


def _problem(best: Option, confidence: float) -> Unplaced | None:
    if confidence >= THRESHOLD:
        return None
    if any(mention.why == "elsewhere" for mention in best.statement.mentions):
        return Unplaced.ANOTHER_CITY
    if best.statement.unknown:
        return Unplaced.NO_CROSSING
    top = best.candidates[0]
    if top.purity < _PURE or top.precision is Precision.AREA:
        return Unplaced.TOO_COARSE
    if len(best.candidates) > 1 and best.candidates[1].weight > _AS_LIKELY * top.weight:
        return Unplaced.AMBIGUOUS
    return Unplaced.UNSURE


def _matched(spoken: Spoken, statements: Sequence[Statement]) -> tuple[Match, ...]:
    """Which words named what."""
    mentions = [mention for one in statements for mention in one.mentions]
    mentions += [mention for mention in spoken.reading.areas if mention not in mentions]
    gazetteer = spoken.gazetteer
    found: list[Match] = []
    for mention in mentions:
        meant = spoken.meanings.places(mention.row)
        if meant:
            layer = gazetteer.layers[int(gazetteer.layer[meant[0].place])]
            found.append(Match(spoken.quote(mention), spoken.meanings.name(meant[0].place), layer))
    return tuple(found)


def _name(spoken: Spoken, candidate: Candidate) -> str:
    """What a place is called: the roads of a crossing, of what has several parts each name once."""
    names = dict.fromkeys(spoken.meanings.name(place) for place in candidate.places)
    return (" × " if candidate.precision is Precision.CROSSING else ", ").join(names)


def in_degrees(crs: str, outcomes: Sequence[Outcome]) -> list[Answer]:
    """Answers with WGS-84 points, turned all at once."""
    spots = [spot for one in outcomes for spot in ((one.best,) if one.best else ()) + one.others]
    lon, lat = degrees([spot.x for spot in spots], [spot.y for spot in spots], crs)
    every = zip(lon.tolist(), lat.tolist(), strict=True)
    answers: list[Answer] = []
    for one in outcomes:
        point = next(every) if one.best else (None, None)
        runners = tuple(
            Runner(*next(every), name, str(spot.precision), round(spot.weight, 3))
            for spot, name in zip(one.others, one.names, strict=False)
        )
        best = one.best
        answers.append(
            Answer(
                point[0], point[1], str(best.precision) if best else None, round(best.radius_m, 1) if best else None,
                round(one.confidence, 3), one.problem and str(one.problem), NAMES, one.areas, one.matched, one.notes,
                runners, one.area,
            )
        )  # fmt: skip
    return answers
