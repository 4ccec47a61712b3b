"""From what texts say to where they mean: candidates weighed, the best answered with how sure it is, or none with why.

Nothing is guessed silently: where two places are as likely, where the words fit none, where a road is too long to be a
place, the text stays unplaced and the candidates are named.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import exp, hypot
from threading import Lock
from typing import Any, Final

import numpy as np

from geoapp.locate import grammar_en, grammar_zh, normalise
from geoapp.locate.answer import NAMES, Answer, Match, Precision, Runner, Unplaced
from geoapp.locate.datum import degrees
from geoapp.locate.gazetteer import NUMBERS, Gazetteer, number_of
from geoapp.locate.names import Kind
from geoapp.locate.normalise import quoted
from geoapp.locate.reading import (
    NOWHERE,
    Found,
    Mention,
    Reading,
    Relation,
    Statement,
    cues,
    find,
    readings,
    together,
)  # fmt: skip
from geoapp.locate.sounds import heard, spelled
from geoapp.locate.spelling import Near


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place a text may mean, in metres of the gazetteer's system."""

    x: float
    y: float
    radius_m: float
    weight: float
    precision: Precision
    places: tuple[int, ...]
    areas: tuple[int, ...]
    purity: float = 1.0


THRESHOLD: Final = 0.6
"""An answer less sure than this is none."""

_BASE: Final[Mapping[Precision, float]] = {
    Precision.CROSSING: 0.97, Precision.ADDRESS: 0.95, Precision.LANDMARK: 0.93, Precision.OFFSET: 0.88,
    Precision.STRETCH: 0.92, Precision.ROAD: 0.9, Precision.COMMUNITY: 0.85, Precision.AREA: 0.85,
}  # fmt: skip
RANK: Final[Mapping[Precision, float]] = {
    Precision.CROSSING: 1.0, Precision.ADDRESS: 0.97, Precision.OFFSET: 1.0, Precision.STRETCH: 0.98,
    Precision.LANDMARK: 0.9, Precision.ROAD: 0.6, Precision.COMMUNITY: 0.5, Precision.AREA: 0.25,
}  # fmt: skip
"""How much a kind of place is worth: the finer, the more."""

_WEAK_COST: Final = 1.0
_WEAK_LEFT: Final = 0.35
_STRANGE_AREA: Final = re.compile(
    r"(?:[a-z]\d{0,2}|[\u3400-\u9fff]{2})(?:街道|镇|县|(?<!深圳)市|(?<![小社园业校库片住景新厂厅市辖保城])区)$"
)
_STRANGE: Final = 0.5
"""What is left of a name that follows an area which is not known here: 青山镇光明路."""

_HEARD: Final = 0.4
"""What is less sure than this does not contest what is surer."""

_ALONE: Final = 0.85
"""What is left where nothing else in the text speaks for a misspelt name."""

_MISSPELT: Final = 0.93
"""What is left of a confidence besides the cost: the words may as well be right and the name unknown."""

_MOST_PLACES: Final = 40
_MOST_ROADS: Final = 400
_NEAR_EACH_M: Final = 160.0
_TOGETHER_M: Final = 1_200.0
_CLOSE_BY_M: Final = 700.0
_MOST_PARTED_M: Final = 150.0
_MOST_PAIRS: Final = 64
_RUNNERS: Final = 4

Hints = tuple[tuple[int, tuple[int, ...], float], ...]
"""Areas a text names: (level, places, how much of a place outside them is left)."""


_Made = dict[int, tuple[tuple[int, int, float, bool], ...]]
"""Forms made while misspelt names are looked for: (place, kind, cost, weak) of each, as a gazetteer has them."""

_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0002ffff]")

_COLLECTING: Final = Lock()
_BATCHES: Final[list[bool]] = []
"""Of each batch at work whether rubbish was being collected when it began: only of the first it may have been."""


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for cycles meanwhile: what a batch makes lives until it is answered, and holds none."""
    with _COLLECTING:
        _BATCHES.append(gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _COLLECTING:
            if _BATCHES.pop() and not any(_BATCHES):
                gc.enable()


@dataclass(slots=True)
class Locator:
    """A gazetteer that texts are located by; it remembers what its forms mean."""

    gazetteer: Gazetteer
    _forms: dict[int, tuple[tuple[int, int, float, bool], ...]] = field(default_factory=dict)
    _kinds: dict[int, frozenset[int]] = field(default_factory=dict)
    _shapes: dict[int, tuple[Any, Any, Any]] = field(default_factory=dict)
    _roads: dict[int, tuple[Candidate, tuple[bool, ...]]] = field(default_factory=dict)
    _made: _Made = field(default_factory=dict)

    def locate(self, texts: Sequence[str], within: Sequence[int | None] | None = None) -> list[Answer]:
        """Where each of the texts is. within: a place of the gazetteer (an area) that a text's source answers for."""
        near = [None] * len(texts) if within is None else within
        with _uncollected():
            found = find(self.gazetteer, texts)
            read = readings(self.gazetteer, found, len(texts), self.kinds)
            outcomes = [_Outcome(self, texts, found, one, near[at]).answer() for at, one in enumerate(read)]
            self._again(texts, near, read, outcomes)
            return _in_degrees(self.gazetteer.crs, outcomes)

    def _again(
        self, texts: Sequence[str], within: Sequence[int | None], read: Sequence[Reading], outcomes: list[_Result]
    ) -> None:
        """Texts that exact names leave unplaced, or place only as an area, read once more with misspelt names."""
        doubtful = [at for at, one in enumerate(outcomes) if _doubtful(one, read[at])]
        latin = [at for at in doubtful if not _HAN.search(texts[at])]
        for every, misspelt in ((sorted({*doubtful} - {*latin}), self._misspelt), (latin, self._by_letters)):
            for start in range(0, len(every), _AT_ONCE):
                self._meanwhile(texts, within, every[start : start + _AT_ONCE], misspelt, outcomes)

    def _meanwhile(
        self, texts: Sequence[str], within: Sequence[int | None], chosen: Sequence[int],
        misspelt: Callable[[Sequence[str], _Made], Found], outcomes: list[_Result],
    ) -> None:  # fmt: skip
        """Some of a batch read once more; what becomes better so is put in its place."""
        said = [texts[at] for at in chosen]
        # Forms made for these texts are of no use to others, nor to another thread.
        own = replace(self, _made={})
        found = misspelt(said, own._made)
        anew = readings(self.gazetteer, found, len(said), own.kinds)
        for at, one in zip(chosen, anew, strict=True):
            result = _Outcome(own, said, found, one, within[at]).answer()
            if result.best and _better(result, outcomes[at]):
                outcomes[at] = replace(result, notes=(*result.notes, "spelling"))

    def _misspelt(self, texts: Sequence[str], made: _Made) -> Found:
        """The names and cues of texts, misspelt ones among them."""
        words = normalise.read(texts)
        spelling = self.gazetteer.spelling
        near = spelling.sounding(heard(words), words) + spelling.misspelt(words)
        return together(words, *self._joined(*self.gazetteer.phrases.matches(words), near, made), *cues(words))

    def _by_letters(self, texts: Sequence[str], made: _Made) -> Found:
        """The names and cues of texts in Latin letters, read as pinyin."""
        words = spelled(normalise.read(texts))
        none = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int32)
        near = self.gazetteer.spelling.sounding(words, None)
        return together(words, *self._joined(*none, near, made), *cues(words, by_sound=True))

    def _joined(self, first: Any, length: Any, row: Any, near: Sequence[Near], into: _Made) -> tuple[Any, Any, Any]:
        """Exact names and those meant: a run of words that is a name is not another one misspelt."""
        exact = set(zip(first.tolist(), (first + length).tolist(), strict=True))
        runs: dict[tuple[int, int], list[Near]] = {}
        for one in near:
            if (one.first, one.end) not in exact:
                runs.setdefault((one.first, one.end), []).append(one)
        if not runs:
            return first, length, row
        made = {run: self._meant(every, into) for run, every in runs.items()}
        kept = _not_within_another(made, runs)
        firsts = np.array([run[0] for run in kept], dtype=np.int64)
        lengths = np.array([run[1] - run[0] for run in kept], dtype=np.int64)
        rows = np.array([made[run] for run in kept], dtype=np.int32)
        return np.append(first, firsts), np.append(length, lengths), np.append(row, rows)

    def _meant(self, every: Sequence[Near], into: _Made) -> int:
        """A form made for this batch: all that a run of words may have meant."""
        row = -2 - len(into)
        best: dict[int, tuple[int, int, float, bool]] = {}
        for one in every:
            for place, kind, cost, weak in self.places(one.row):
                if not weak and (place not in best or cost + one.cost < best[place][2]):
                    best[place] = (place, kind, cost + one.cost, weak)
        into[row] = tuple(sorted(best.values(), key=lambda one: one[2])[:_MOST_PLACES])
        return row

    def kinds(self, row: int) -> frozenset[int]:
        """The kinds of place a form may mean."""
        if row < 0:
            return frozenset(kind for _, kind, _, _ in self._made[row])
        known = self._kinds.get(row)
        if known is None:
            known = self._kinds[row] = frozenset(kind for _, kind, _, _ in self.places(row))
        return known

    def places(self, row: int) -> tuple[tuple[int, int, float, bool], ...]:
        """(place, kind, cost, weak) of what a form means, likeliest first."""
        if row < 0:
            return self._made[row]
        known = self._forms.get(row)
        if known is None:
            if len(self._forms) >= _KEPT:
                self._forms.clear()
                self._kinds.clear()
            ids, costs, weak = self.gazetteer.of_form(row)
            kinds = self.gazetteer.kinds[ids].tolist()
            every = [
                (place, kind, cost + (_WEAK_COST if thin else 0.0), thin)
                for place, kind, cost, thin in zip(ids.tolist(), kinds, costs.tolist(), weak.tolist(), strict=True)
            ]
            if len(every) > _MOST_PLACES:
                # What so many things are called is no name; of roads and areas there may be as many.
                every = [one for one in every if one[1] in (Kind.ROAD, Kind.AREA)]
            known = self._forms[row] = tuple(sorted(every, key=lambda one: one[2])) if len(every) <= _MOST_ROADS else ()
        return known

    def whole(self, place: int) -> tuple[Candidate, tuple[bool, ...]]:
        """A road in its whole length, and of each level of areas whether it lies in one alone."""
        known = self._roads.get(place)
        if known is None:
            if len(self._roads) >= _KEPT:
                self._roads.clear()
            x, y, areas = self.samples(place)
            uniform = tuple(bool((level == level[0]).all()) for level in areas)
            whole = _stretched(place, x, y, areas)
            if not self.gazetteer.traced[place]:
                # Some points of a road do not say where the rest of it is.
                whole = replace(whole, purity=0.0)
            known = self._roads[place] = whole, uniform
        return known

    def samples(self, place: int) -> tuple[Any, Any, Any]:
        """x, y and areas of a place's samples."""
        known = self._shapes.get(place)
        if known is None:
            if len(self._shapes) >= _KEPT:
                self._shapes.clear()
            known = self._shapes[place] = self.gazetteer.samples(place)
        return known


_KEPT: Final = 20_000
_AT_ONCE: Final = 2_000


def _not_within_another(
    made: Mapping[tuple[int, int], int], runs: Mapping[tuple[int, int], Sequence[Near]]
) -> list[Any]:
    """Of runs that overlap the likeliest; of as likely ones the longest."""
    order = sorted(made, key=lambda run: (min(one.cost for one in runs[run]), run[0] - run[1]))
    taken: set[int] = set()
    kept = []
    for run in order:
        if taken.isdisjoint(range(*run)):
            taken.update(range(*run))
            kept.append(run)
    return kept


def _doubtful(result: _Result, reading: Reading) -> bool:
    if result.problem is Unplaced.ANOTHER_CITY:
        return False
    coarse = result.best is not None and result.best.precision is Precision.AREA
    return result.best is None or coarse or bool(reading.gaps)


def _better(new: _Result, old: _Result) -> bool:
    if old.best is None or new.best is None:
        return True
    return RANK[new.best.precision] * new.confidence > RANK[old.best.precision] * old.confidence


@dataclass(slots=True)
class _Result:
    """An answer still in metres."""

    best: Candidate | None
    confidence: float
    problem: Unplaced | None
    matched: tuple[Match, ...] = ()
    notes: tuple[str, ...] = ()
    others: tuple[Candidate, ...] = ()
    areas: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    area: str | None = None


@dataclass(slots=True)
class _Option:
    """One statement with its candidates."""

    statement: Statement
    candidates: list[Candidate]
    score: float
    confidence: float


class _Outcome:
    """What becomes of one text."""

    __slots__ = ("found", "gazetteer", "locator", "notes", "reading", "texts", "within")

    def __init__(
        self, locator: Locator, texts: Sequence[str], found: Found, reading: Reading, within: int | None
    ) -> None:
        self.locator, self.gazetteer = locator, locator.gazetteer
        self.texts, self.found, self.reading, self.within = texts, found, reading, within
        self.notes: list[str] = []

    def answer(self) -> _Result:
        reading = self.reading
        if not reading.statements:
            problem = Unplaced.ANOTHER_CITY if reading.elsewhere != NOWHERE else Unplaced.NO_PLACE
            return _Result(None, 0.0, problem)
        options = self._options()
        if not options:
            return _Result(None, 0.0, self._why_none(), self._matched(reading.statements))
        options.sort(key=lambda one: -one.score)
        best = options[0]
        confidence = best.confidence * self._contested(options)
        top = best.candidates[0]
        reason = self._problem(best, confidence)
        matched = self._matched([best.statement])
        others = tuple(best.candidates[1:] + [one.candidates[0] for one in options[1:]])[:_RUNNERS]
        names = tuple(self._name(one) for one in (top, *others))
        areas = tuple(self.gazetteer.name(area) for area in top.areas if area >= 0)
        notes = tuple(dict.fromkeys(self.notes))
        area = names[0] if top.precision is Precision.AREA else None
        if reason:
            return _Result(None, confidence, reason, matched, notes, (top, *others)[:_RUNNERS], (), names, area)
        return _Result(top, confidence, None, matched, notes, others, areas, names[1:], area)

    def _options(self) -> list[_Option]:
        """The statements that have candidates; areas by themselves only where nothing within them is as good."""
        areas: list[Statement] = []
        spots: list[Statement] = []
        for one in self.reading.statements:
            alone = one.relation is Relation.PLACE and Kind.AREA in self.locator.kinds(one.mentions[0].row)
            (areas if alone else spots).append(one)
        found = [option for option in map(self._option, spots) if option]
        if not any(one.confidence >= THRESHOLD for one in found):
            found += [option for option in map(self._option, areas) if option]
        return found

    def _why_none(self) -> Unplaced:
        statements = self.reading.statements
        if any(mention.why == "elsewhere" for one in statements for mention in one.mentions):
            return Unplaced.ANOTHER_CITY
        if any(one.relation is Relation.CROSSING for one in statements):
            return Unplaced.NO_CROSSING
        return Unplaced.TOO_COARSE if self.reading.areas else Unplaced.NO_PLACE

    def _problem(self, best: _Option, confidence: float) -> Unplaced | None:
        if confidence >= THRESHOLD:
            return None
        if any(mention.why == "elsewhere" for mention in best.statement.mentions):
            return Unplaced.ANOTHER_CITY
        if best.statement.unknown:
            return Unplaced.NO_CROSSING
        top = best.candidates[0]
        if top.purity < _PURE or top.precision is Precision.AREA:
            return Unplaced.TOO_COARSE
        if len(best.candidates) > 1 and best.candidates[1].weight > 0.3 * top.weight:
            return Unplaced.AMBIGUOUS
        return Unplaced.UNSURE

    def _contested(self, options: Sequence[_Option]) -> float:
        """What another statement of the same text, somewhere else, leaves of the best one's confidence."""
        best = options[0]
        top = best.candidates[0]
        left = 1.0
        for other in options[1:]:
            spot = other.candidates[0]
            if spot.precision is Precision.AREA or other.confidence < _HEARD:
                continue
            away = hypot(spot.x - top.x, spot.y - top.y)
            if away > _TOGETHER_M + top.radius_m + spot.radius_m:
                left = min(left, 1.0 - 0.45 * min(1.0, (other.score * other.statement.role / best.score) ** 2))
        return left

    # One statement

    def _option(self, statement: Statement) -> _Option | None:
        hints = self._hints(statement)
        candidates = self._candidates(statement, hints)
        if not candidates:
            return None
        candidates = _merged(candidates)
        total = sum(one.weight for one in candidates)
        top, agreed = _agreed(candidates)
        candidates[0] = top
        sure = agreed / total * min(1.0, top.weight / _full(statement, top))
        boundary = 1.0
        for mention in statement.mentions:
            boundary *= self._boundary(mention, top)
        unknown = 1.0
        if statement.unknown:
            # The other road is unknown; this one is answered where it is short or its office is named.
            finest = self.gazetteer.sample_areas.shape[0] - 1
            named = any(level == finest and top.areas[level] in places for level, places, _ in hints)
            unknown = 0.85 if top.radius_m <= 250 or named else 0.5
        role = statement.role
        confidence = _BASE[top.precision] * sure * boundary * statement.strength * unknown * _claim(role)
        confidence *= _purity(top.purity)
        if statement.relation is Relation.PLACE and statement.mentions[0].row < 0 and not hints:
            confidence *= _ALONE
        order = 0.97 ** statement.mentions[0].sentence
        if top.precision is Precision.AREA:
            # Of a district and a street office within it the office says more.
            order *= 0.5 + 0.5 * top.purity
        score = (
            RANK[top.precision]
            * role
            * max(boundary, 0.2)
            * order
            * (0.4 + 0.6 * sure)
            * (0.5 + statement.strength / 2)
        )
        return _Option(statement, candidates, score, confidence)

    def _boundary(self, mention: Mention, top: Candidate) -> float:
        """How surely the words are the whole of a name."""
        length = mention.end - mention.first
        left = _MISSPELT if mention.row < 0 else 1.0
        if not mention.clean:
            short = length <= 3 or mention.row < 0 or top.precision is Precision.COMMUNITY
            left *= 0.45 if short else 0.75 if length == 4 else 0.95
        places = self.locator.places(mention.row)
        chosen = [one[3] for one in places if one[0] in top.places]
        weak = bool(chosen) and all(chosen)
        if weak:
            supported = mention.clean and (mention.near or mention.inside)
            left *= 0.8 if supported and not mention.joined else _WEAK_LEFT
        if mention.joined:
            area = top.precision is Precision.AREA
            doubtful = area or weak or top.precision is Precision.COMMUNITY
            left *= 0.3 if doubtful else 0.75 if top.precision is Precision.ROAD else 0.85
        if top.precision is Precision.AREA and length <= 2:
            left *= 0.6
        elif top.precision is not Precision.AREA:
            lead = self._lead(mention, 6)
            if _STRANGE_AREA.search(lead) and not self._led(mention):
                left *= _STRANGE
            if mention.joined and top.precision is Precision.ROAD and self._tail(mention, 1) == "道":
                left *= 0.2
        return left

    def _led(self, mention: Mention) -> bool:
        """Whether another name ends where this one begins."""
        return any(one.end == mention.first for said in self.reading.statements for one in said.mentions) or any(
            one.end == mention.first for one in self.reading.areas
        )

    def _hints(self, statement: Statement) -> Hints:
        """The areas that narrow a statement: of each level those named nearest before it, else the only ones."""
        head = statement.mentions[0]
        chosen: dict[int, tuple[int, int, float, tuple[int, ...]]] = {}
        for mention in self.reading.areas:
            if mention in statement.mentions or mention.role < 0.5:
                continue
            places = [one for one in self.locator.places(mention.row) if one[1] == Kind.AREA]
            level = int(self.gazetteer.level[places[0][0]])
            if mention.why == "home" and mention.clause != head.clause:
                continue
            order = 0 if mention.clause == head.clause else 1 if mention.sentence == head.sentence else 2
            away = abs(head.first - mention.first) + (1000 if mention.first > head.first else 0)
            full = places[0][2] < 0.15 and mention.clean
            outside = (0.02 if full else 0.06) if not mention.joined else 0.5
            if level not in chosen or (order, away) < chosen[level][:2]:
                chosen[level] = (order, away, outside, tuple(one[0] for one in places))
        found = [(level, places, outside) for level, (_, _, outside, places) in chosen.items()]
        if self.within is not None:
            found.append((int(self.gazetteer.level[self.within]), (self.within,), 0.15))
        return tuple(found)

    def _candidates(self, statement: Statement, hints: Hints) -> list[Candidate]:
        if statement.relation is Relation.CROSSING:
            met = self._crossing(statement.mentions[0], statement.mentions[1], hints)
            return self._moved(statement, met) if met else []
        if statement.relation is Relation.STRETCH:
            found = self._stretch(statement, hints)
            if found:
                return found
            return self._places(statement.mentions[0], hints)
        return self._moved(statement, self._places(statement.mentions[0], hints))

    def _fit(self, areas: Any, hints: Hints) -> float:
        """What the areas named in the text leave of a place that lies in these."""
        left = 1.0
        for level, places, outside in hints:
            if areas[level] in places:
                continue
            # Outlines of the finer levels are uncertain: next door in the same district is not another world.
            soft = level > 0 and any(self._parent(place, areas) for place in places)
            left *= max(outside, 0.35) if soft else outside
        return left

    def _parent(self, place: int, areas: Any) -> bool:
        return int(self.locator.samples(place)[2][0][0]) == int(areas[0])

    def _places(self, mention: Mention, hints: Hints) -> list[Candidate]:
        found: list[Candidate] = []
        for place, kind, cost, _weak in self.locator.places(mention.row):
            x, y, areas = self.locator.samples(place)
            if kind == Kind.ROAD:
                found += self._road(mention, place, cost, hints)
            elif kind == Kind.AREA:
                level = int(self.gazetteer.level[place])
                own = tuple(int(areas[depth][0]) for depth in range(len(areas)))
                size = float(self.gazetteer.radius[place])
                found.append(
                    Candidate(
                        float(x[0]), float(y[0]), size, exp(-cost) * self._fit(own, _above(hints, level)),
                        Precision.AREA, (place,), own, purity=1.0 if level >= len(areas) - 1 and level else 0.2,
                    )
                )  # fmt: skip
            else:
                own = tuple(int(areas[depth][0]) for depth in range(len(areas)))
                precision = Precision.COMMUNITY if kind == Kind.COMMUNITY else Precision.LANDMARK
                radius = float(self.gazetteer.radius[place]) + (40.0 if mention.near else 0.0)
                weight = exp(-cost) * self._fit(own, hints) * self._beside(mention, float(x[0]), float(y[0]))
                found.append(Candidate(float(x[0]), float(y[0]), radius, weight, precision, (place,), own))
        return found

    def _beside(self, mention: Mention, x: float, y: float) -> float:
        """A landmark whose road is named with it lies by that road."""
        for one in self.reading.statements:
            other = one.mentions[0]
            if one.relation is not Relation.PLACE or other is mention or other.clause != mention.clause:
                continue
            roads = [p for p, kind, cost, _ in self.locator.places(other.row) if kind == Kind.ROAD and cost < 0.5]
            if roads and 0 <= mention.first - other.end <= 8:
                away = min(float(np.hypot(s[0] - x, s[1] - y).min()) for s in map(self.locator.samples, roads))
                return 1.0 if away < 500 else 0.4
        return 1.0

    def _road(self, mention: Mention, place: int, cost: float, hints: Hints) -> list[Candidate]:
        number = self._number(mention)
        if number is not None:
            spot = self._house(place, number)
            if spot:
                x, y, radius = spot
                own = self._areas_near(place, x, y)
                weight = exp(-cost) * self._fit(own, hints)
                return [Candidate(x, y, radius, weight, Precision.ADDRESS, (place,), own)]
        whole, uniform = self.locator.whole(place)
        if not all(uniform[level] for level, _, _ in hints):
            whole = self._part(place, hints)
        return [replace(whole, weight=exp(-cost) * self._fit(whole.areas, hints))]

    def _part(self, place: int, hints: Hints) -> Candidate:
        """What of a road lies in the areas that the text names."""
        x, y, areas = self.locator.samples(place)
        keep = np.ones(len(x), dtype=bool)
        for level, places, _ in hints:
            inside = np.isin(areas[level], places)
            if (inside & keep).any():
                keep &= inside
        found = _stretched(place, x[keep], y[keep], areas[:, keep])
        return found if self.gazetteer.traced[place] else replace(found, purity=0.0)

    def _areas_near(self, place: int, x: float, y: float) -> tuple[int, ...]:
        """The areas of the sample of a place that is nearest to a point."""
        sx, sy, areas = self.locator.samples(place)
        at = int(np.hypot(sx - x, sy - y).argmin())
        return tuple(int(level[at]) for level in areas)

    def _crossing(self, first: Mention, second: Mention, hints: Hints) -> list[Candidate]:
        left = [one for one in self.locator.places(first.row) if one[1] == Kind.ROAD]
        right = [one for one in self.locator.places(second.row) if one[1] == Kind.ROAD]
        pairs = [(a[0], b[0], a[2] + b[2]) for a in left for b in right]
        met, count = self.gazetteer.crossings, len(self.gazetteer)
        if len(pairs) == 1:
            crossing = met.of_pair(pairs[0][0], pairs[0][1], count)
            at = [0] * len(crossing)
        else:
            every = np.array([pair[:2] for pair in pairs], dtype=np.int64)
            position, found_at = met.between(every[:, 0], every[:, 1], count)
            at, crossing = position.tolist(), found_at.tolist()
        found = [self._met(pairs[pair], one, hints) for pair, one in zip(at, crossing, strict=True)]
        if not found and len(pairs) <= _MOST_PAIRS:
            found = self._apart(pairs, hints)
        return found

    def _met(self, pair: tuple[int, int, float], crossing: int, hints: Hints) -> Candidate:
        met = self.gazetteer.crossings
        gap = float(met.gap[crossing])
        own = tuple(self.gazetteer.crossing_areas[:, crossing].tolist())
        weight = exp(-pair[2]) * self._fit(own, hints) * (1.0 if gap < 15 else 0.9)
        x, y = float(met.x[crossing]), float(met.y[crossing])
        return Candidate(x, y, 40.0 + gap, weight, Precision.CROSSING, pair[:2], own)

    def _apart(self, pairs: Sequence[tuple[int, int, float]], hints: Hints) -> list[Candidate]:
        """Roads that nearly meet in the register: where they come closest."""
        found: list[Candidate] = []
        for first, second, price in pairs:
            ax, ay, areas = self.locator.samples(first)
            bx, by, _ = self.locator.samples(second)
            # Far apart at once: most pairs of one name each.
            if hypot(ax[0] - bx[0], ay[0] - by[0]) > 30_000 or first == second:
                continue
            away = np.hypot(ax[:, None] - bx[None, :], ay[:, None] - by[None, :])
            at = int(away.argmin())
            i, j = divmod(at, len(bx))
            gap = float(away[i, j])
            if gap <= _MOST_PARTED_M:
                own = tuple(int(level[i]) for level in areas)
                weight = exp(-price) * self._fit(own, hints) * 0.75
                x, y = (ax[i] + bx[j]) / 2, (ay[i] + by[j]) / 2
                found.append(Candidate(float(x), float(y), 60 + gap, weight, Precision.CROSSING, (first, second), own))
        return found

    def _stretch(self, statement: Statement, hints: Hints) -> list[Candidate]:
        road, one, other = statement.mentions
        starts, ends = self._ends(road, one, hints), self._ends(road, other, hints)
        found: list[Candidate] = []
        for start in starts:
            for end in ends:
                shared = set(start.places) & set(end.places)
                apart = hypot(start.x - end.x, start.y - end.y)
                if not shared or apart > 6_000:
                    continue
                place = next(iter(shared))
                x, y = self._on(place, (start.x + end.x) / 2, (start.y + end.y) / 2)
                own = self._areas_near(place, x, y)
                weight = start.weight * end.weight
                purity = 1.0 if start.areas[-1] == end.areas[-1] or apart < 1_200 else 0.8
                found.append(Candidate(x, y, max(40.0, apart / 2), weight, Precision.STRETCH, (place,), own, purity))
        return found

    def _ends(self, road: Mention, end: Mention, hints: Hints) -> list[Candidate]:
        """Where a stretch of a road may begin: at the crossing with another, or at what stands by it."""
        if Kind.ROAD in self.locator.kinds(end.row):
            met = self._crossing(road, end, hints)
            if met:
                return met
        found: list[Candidate] = []
        for spot in self._places(end, hints):
            if spot.precision not in (Precision.LANDMARK, Precision.COMMUNITY):
                continue
            for place, kind, cost, _ in self.locator.places(road.row):
                if kind == Kind.ROAD:
                    x, y = self._on(place, spot.x, spot.y)
                    if hypot(x - spot.x, y - spot.y) < 500:
                        found.append(replace(spot, x=x, y=y, places=(place,), weight=spot.weight * exp(-cost) * 0.8))
        return found

    def _on(self, place: int, x: float, y: float) -> tuple[float, float]:
        sx, sy, _ = self.locator.samples(place)
        at = int(np.hypot(sx - x, sy - y).argmin())
        return float(sx[at]), float(sy[at])

    # What stands beside a name

    def _tail(self, mention: Mention, length: int = 16) -> str:
        """What stands behind a name."""
        start = self.found.ends[mention.end - 1]
        return self.found.text[start : start + length].partition("\n")[0]

    def _lead(self, mention: Mention, length: int = 28) -> str:
        """What stands before a name."""
        end = self.found.begins[mention.first]
        return self.found.text[max(0, end - length) : end].rpartition("\n")[2]

    def _number(self, mention: Mention) -> int | None:
        """The house number that stands with a road."""
        after = grammar_zh.HOUSE.match(self._tail(mention, 10))
        if after:
            self.notes.append(f"number {after['number']}")
            return number_of(after["number"])
        if mention.first and self.found.words.kinds[mention.first - 1] == 3:
            before = grammar_en.HOUSE_BEFORE.search(self._lead(mention))
            if before:
                return number_of(before["number"])
        return None

    def _house(self, place: int, number: int) -> tuple[float, float, float] | None:
        """Where a house stands: known itself, or between its neighbours of the same side."""
        keys = self.gazetteer.number_keys
        low, high = np.searchsorted(keys, [place * NUMBERS, (place + 1) * NUMBERS]).tolist()
        if low == high:
            return None
        known = keys[low:high] - place * NUMBERS
        x, y = self.gazetteer.number_x[low:high], self.gazetteer.number_y[low:high]
        exact = known == number
        if exact.any():
            return float(x[exact].mean()), float(y[exact].mean()), 30.0
        side = np.flatnonzero(known % 2 == number % 2)
        side = side if len(side) > 1 else np.arange(len(known))
        at = int(np.searchsorted(known[side], number))
        if 0 < at < len(side):
            lower, upper = int(side[at - 1]), int(side[at])
            share = (number - known[lower]) / max(known[upper] - known[lower], 1)
            apart = hypot(x[lower] - x[upper], y[lower] - y[upper])
            if apart < 600:
                px, py = x[lower] + share * (x[upper] - x[lower]), y[lower] + share * (y[upper] - y[lower])
                return float(px), float(py), max(40.0, apart / 3)
        nearest = int(side[np.abs(known[side] - number).argmin()])
        if abs(int(known[nearest]) - number) <= 40:
            return float(x[nearest]), float(y[nearest]), 120.0
        return None

    def _moved(self, statement: Statement, candidates: list[Candidate]) -> list[Candidate]:
        """Candidates moved by a direction and a distance that follow the names."""
        last = statement.mentions[-1]
        tail = self._tail(last)
        after = grammar_zh.OFFSET.match(tail.strip())
        if after:
            word = after["far"]
            metres = float(grammar_zh.NUMBERS.get(word) or word)
            return self._offset(candidates, grammar_zh.WAYS[after["way"]], metres)
        if "公里" in tail or "k" in tail[:6]:
            mark = grammar_zh.KILOMETRE.match(tail)
            if mark:
                self.notes.append(f"kilometre mark {mark[0].strip()}")
        elif tail[:1].isascii() and tail[:1].isalpha():
            gate = grammar_zh.EXIT.match(tail)
            if gate:
                self.notes.append(f"exit {gate['exit'].upper()}")
        if self.found.words.kinds[statement.mentions[0].first] == 2 or tail[:1] == "":
            before = grammar_en.OFFSET_BEFORE.search(self._lead(statement.mentions[0], 40))
            if before:
                metres = float(before["far"]) * grammar_en.UNITS.get(before["unit"], 1.0)
                return self._offset(candidates, grammar_en.WAYS[before["way"]], metres)
        return candidates

    def _offset(self, candidates: list[Candidate], way: tuple[float, float], metres: float) -> list[Candidate]:
        if not 10 <= metres <= 2_000:
            return candidates
        self.notes.append(f"moved {metres:.0f} m")
        return [self._offset_one(one, way, metres) for one in candidates]

    def _offset_one(self, one: Candidate, way: tuple[float, float], metres: float) -> Candidate:
        if one.precision in (Precision.ROAD, Precision.AREA, Precision.COMMUNITY):
            return one
        x, y = one.x + way[0] * metres, one.y + way[1] * metres
        radius = 50.0 + 0.2 * metres
        roads = [place for place in one.places if self.gazetteer.kinds[place] == Kind.ROAD]
        for place in roads:
            # People go along a road, not over the roofs.
            sx, sy, _ = self.locator.samples(place)
            far = np.hypot(sx - one.x, sy - one.y)
            ahead = ((sx - one.x) * way[0] + (sy - one.y) * way[1]) > 0.7 * far
            near = ahead & (np.abs(far - metres) < 70)
            if near.any():
                at = int(np.flatnonzero(near)[np.abs(far[near] - metres).argmin()])
                x, y = float(sx[at]), float(sy[at])
                break
        own = self._areas_near(one.places[0], x, y) if roads else one.areas
        return replace(one, x=x, y=y, radius_m=radius, precision=Precision.OFFSET, areas=own)

    # Evidence

    def _matched(self, statements: Sequence[Statement]) -> tuple[Match, ...]:
        found: list[Match] = []
        mentions = [mention for one in statements for mention in one.mentions]
        mentions += [mention for mention in self.reading.areas if mention not in mentions]
        for mention in mentions:
            meant = self.locator.places(mention.row)
            if not meant:
                continue
            place = meant[0][0]
            words = quoted(self.texts, self.found.words, mention.first, mention.end)
            layer = self.gazetteer.layers[int(self.gazetteer.layer[place])]
            found.append(Match(words, self.gazetteer.name(place), layer))
        return tuple(found)

    def _name(self, candidate: Candidate) -> str:
        return " × ".join(self.gazetteer.name(place) for place in candidate.places)


def _stretched(place: int, x: Any, y: Any, areas: Any) -> Candidate:
    """A road, or a part of it, by its samples: its middle, and the radius that holds nine tenths of it."""
    middle = len(x) // 2
    own = tuple(int(level[middle]) for level in areas)
    away = np.sort(np.hypot(x - x[middle], y - y[middle]))
    radius = float(away[min(len(away) - 1, int(np.ceil(0.9 * len(away))))]) + 30.0
    purity = float((areas[-1] == areas[-1][middle]).mean())
    return Candidate(float(x[middle]), float(y[middle]), radius, 1.0, Precision.ROAD, (place,), own, purity)


_PURE: Final = 0.72


def _agreed(candidates: Sequence[Candidate]) -> tuple[Candidate, float]:
    """The heaviest, so wide that it holds the likely ones close by, and the weight of all these."""
    top, agreed = candidates[0], 0.0
    radius = top.radius_m
    for one in candidates:
        away = hypot(one.x - top.x, one.y - top.y)
        if one is top or (one.precision is not Precision.AREA and away <= _CLOSE_BY_M):
            agreed += one.weight
            if one.weight > 0.3 * top.weight:
                radius = max(radius, away + 60.0 if away else 0.0)
    return (top if radius == top.radius_m else replace(top, radius_m=radius)), agreed


def _above(hints: Hints, level: int) -> Hints:
    return tuple(hint for hint in hints if hint[0] < level)


def _claim(role: float) -> float:
    """What a part that is not the report's own place leaves of the confidence."""
    return 1.0 if role >= 0.99 else role if role < 0.6 else 0.9


def _purity(purity: float) -> float:
    """A road through several offices is in one of them only by chance."""
    return min(1.0, purity / 0.97)


def _full(statement: Statement, top: Candidate) -> float:
    """The weight a candidate of this kind has when nothing speaks against it, with the costs of usual short forms."""
    return {Relation.CROSSING: 0.4, Relation.STRETCH: 0.4, Relation.PLACE: 0.7}[statement.relation]


def _merged(candidates: list[Candidate]) -> list[Candidate]:
    """Heaviest first; candidates at the same place, or parts of one road end to end, are one."""
    left = sorted(candidates, key=lambda one: -one.weight)
    found: list[Candidate] = []
    for one in left:
        for at, other in enumerate(found):
            away = hypot(one.x - other.x, one.y - other.y)
            same = set(one.places) & set(other.places) and away < 3 * _NEAR_EACH_M
            both = one.precision is other.precision is Precision.ROAD
            reach = one.radius_m + other.radius_m + 150 if both else _NEAR_EACH_M
            if away < reach or (same and one.precision is Precision.CROSSING and away < 260):
                found[at] = _union(other, one, away)
                break
            inside = other.precision is not Precision.AREA and one.precision is Precision.AREA
            if inside and one.places[0] in other.areas:
                found[at] = replace(other, weight=other.weight + one.weight)
                break
        else:
            found.append(one)
    return sorted(found, key=lambda one: -one.weight)


def _union(kept: Candidate, other: Candidate, away: float) -> Candidate:
    weight = kept.weight + other.weight
    if kept.precision is not other.precision:
        return replace(kept, weight=weight)
    share = other.weight / weight
    x, y = kept.x + share * (other.x - kept.x), kept.y + share * (other.y - kept.y)
    radius = max(kept.radius_m + away * share, (other.radius_m + away) * min(1.0, 2 * share))
    purity = min(kept.purity, other.purity) if kept.areas[-1:] == other.areas[-1:] else min(kept.purity, 1 - share)
    places = kept.places if kept.precision is not Precision.ROAD else (*kept.places, *other.places)
    return replace(kept, x=x, y=y, radius_m=radius, weight=weight, purity=purity, places=places)


def _in_degrees(crs: str, results: Sequence[_Result]) -> list[Answer]:
    """Answers with WGS-84 points, turned all at once."""
    spots = [spot for one in results for spot in ((one.best,) if one.best else ()) + one.others]
    lon, lat = degrees([spot.x for spot in spots], [spot.y for spot in spots], crs)
    every = zip(lon.tolist(), lat.tolist(), strict=True)
    answers: list[Answer] = []
    for one in results:
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
