"""How well texts are placed, and how fast: evaluation sets made from the real data beside the checkout, not kept.

Figures are those of the half that nothing was tuned on. The peers are what a user would write first, the longest
registered name that stands in the text, and parsers of addresses where they are installed.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from geoapp.bench import parsers
from geoapp.bench.figure import Figure
from geoapp.locate import fixes
from geoapp.locate.datum import degrees
from geoapp.locate.gazetteer import Gazetteer, Layer, build
from geoapp.locate.locator import Locator
from geoapp.locate.names import Kind
from geoapp.settings import CHECKOUT

_DATA: Final = CHECKOUT.parent / "shared" / "data"
_RECIPES: Final = "tests.locate.evaluation"
_MORE_NAMES: Final = 1_000_000
_GOAL_SPEED: Final = 10_000
_LONGEST: Final = 20
_BINS: Final = (0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.01)


@dataclass(frozen=True, slots=True)
class _Point:
    lon: float | None
    lat: float | None
    confidence: float = 1.0
    radius_m: float = 0.0


def measure() -> Iterator[Figure]:
    """Shenzhen kind by kind, New York, and the speed with few names and with a million more."""
    if not _DATA.is_dir():
        print(f"the geocoder is not measured: it needs {_DATA}", file=sys.stderr)
        return
    yield from _shenzhen()
    yield from _new_york()


def _recipe(name: str) -> Any:
    """A recipe of the tests: found by name, since no room imports from them."""
    if str(CHECKOUT) not in sys.path:
        sys.path.append(str(CHECKOUT))
    return importlib.import_module(f"{_RECIPES}.{name}")


def _shenzhen() -> Iterator[Figure]:
    recipe, scoring = _recipe("shenzhen"), _recipe("scoring")
    material = recipe.read(_DATA / "shenzhen")
    layers = recipe.layers(material)
    gazetteer = build(layers, recipe.CRS, city=recipe.CITY, fixes=fixes.of_city("shenzhen"))
    cases = [case for case in recipe.cases(material) if case.split == _recipe("cases").SCORE]
    outlines, _ = recipe.offices_of(material)
    texts = [case.text for case in cases]
    ours = Locator(gazetteer).locate(texts)
    theirs = _longest_names(gazetteer, texts)
    every, peer = scoring.score(cases, ours, outlines), scoring.score(cases, theirs, outlines)
    count = len(cases)
    yield Figure("locate_right_office_percent", count, every.office, "%", "longest name", peer.office)
    yield Figure("locate_answered_percent", count, every.answered, "%", "longest name", peer.answered)
    yield Figure("locate_refused_percent", count, every.refused, "%", "longest name", peer.refused)
    yield Figure("locate_confidently_wrong_percent", count, every.confidently_wrong, "%", "goal: at most", 1.0)
    yield Figure("locate_median_error_m", count, every.metres, "m", "goal: at most", 40.0)
    yield Figure("locate_inside_radius_percent", count, every.inside_radius, "%", "goal", 90.0)
    yield Figure("locate_sure_and_right_percent", count, every.sure_and_right, "%", "goal", 90.0)
    yield from _by_kind(scoring, cases, ours, theirs, outlines)
    yield from _reliability(recipe, material)
    yield from _parsers(recipe, material, cases, ours)
    yield from _speed(recipe, layers, gazetteer, recipe.cases(material, 400))


def _by_kind(
    scoring: Any, cases: Sequence[Any], ours: Sequence[Any], theirs: Sequence[Any], outlines: Any
) -> Iterator[Figure]:
    other = scoring.by_kind(cases, theirs, outlines)
    for kind, found in scoring.by_kind(cases, ours, outlines).items():
        if np.isnan(found.answered):
            yield _beside(f"locate_refused_percent ({kind})", found.cases, found.refused, other[kind].refused)
        else:
            yield Figure(f"locate_answered_percent ({kind})", found.cases, found.answered, "%", "goal", 90.0)
            yield _beside(f"locate_right_office_percent ({kind})", found.cases, found.office, other[kind].office)


def _beside(name: str, cases: int, ours: float, theirs: float) -> Figure:
    return Figure(name, cases, ours, "%", "longest name", theirs)


def _reliability(recipe: Any, material: Any) -> Iterator[Figure]:
    """Of answers that said so sure how many held the truth, where a fifth of the names is in no register."""
    fitting = _recipe("calibrating")
    cases = [case for case in recipe.cases(material, fitting.EACH) if case.split == _recipe("cases").SCORE]
    answers = fitting.locator(material).locate([case.text for case in cases])
    said = fitting.Said(
        np.array([one.confidence if one.lon is not None else -1.0 for one in answers]), fitting.right(cases, answers)
    )
    for low, high, count, right in said.bins(_BINS):
        chosen = (said.confidence >= low) & (said.confidence < high)
        mean = 100 * float(said.confidence[chosen].mean())
        name = f"locate_right_percent (said {low:.2f} to {min(high, 1.0):.2f})"
        yield Figure(name, count, 100 * right, "%", "what they said", mean)


def _parsers(recipe: Any, material: Any, cases: Sequence[Any], ours: Sequence[Any]) -> Iterator[Figure]:
    """Right districts and street offices, of all texts that have an answer, beside parsers that are installed."""
    chosen = [at for at, case in enumerate(cases) if case.answerable]
    texts = [cases[at].text for at in chosen]
    truth = recipe.areas_of(material, [cases[at] for at in chosen])
    own = [(_nth(ours[at].areas, 0), _nth(ours[at].areas, 1)) for at in chosen]
    for name, parse in parsers.installed():
        theirs = parse(texts)
        for level, kind in enumerate(("district", "street_office")):
            if any(one[level] for one in theirs):
                mine, other = (_right(found, truth, level) for found in (own, theirs))
                yield Figure(f"locate_right_{kind}_of_all_percent", len(texts), mine[0], "%", name, other[0])
                yield Figure(f"locate_right_{kind}_of_given_percent", len(texts), mine[1], "%", name, other[1])


def _nth(areas: Sequence[str], at: int) -> str | None:
    return areas[at] if at < len(areas) else None


def _right(found: Sequence[Any], truth: Sequence[Any], level: int) -> tuple[float, float]:
    """The share that is right, of all texts and of those for which something was given."""
    right = sum(one[level] == true[level] for one, true in zip(found, truth, strict=True))
    given = sum(one[level] is not None for one in found)
    return 100 * right / len(found), 100 * right / max(given, 1)


def _speed(recipe: Any, layers: Sequence[Layer], gazetteer: Gazetteer, cases: Sequence[Any]) -> Iterator[Figure]:
    """Texts a second of one core's own time, and what of it is left with a million names more.

    The usual mix has one misspelt name in twenty; of the cases themselves one in four.
    """
    misspelt = [case.text for case in cases if case.kind.endswith(recipe.MISSPELT)]
    others = [case.text for case in cases if not case.kind.endswith(recipe.MISSPELT)]
    usual = [*others, *misspelt[: len(others) // 19]]
    every = [case.text for case in cases]
    few = _texts_per_second(Locator(gazetteer), every)
    yield Figure(
        "locate_texts_per_second", len(usual), _texts_per_second(Locator(gazetteer), usual), "texts/s", "goal",
        _GOAL_SPEED,
    )  # fmt: skip
    yield Figure("locate_texts_per_second (a quarter misspelt)", len(every), few, "texts/s", "goal", _GOAL_SPEED)
    many = build([*layers, _made_up(_MORE_NAMES)], recipe.CRS, city=recipe.CITY)
    name = "locate_texts_per_second (a quarter misspelt, a million names)"
    yield Figure(name, len(every), _texts_per_second(Locator(many), every), "texts/s", "few names", few)
    yield Figure("gazetteer_mb (a million names)", _MORE_NAMES, many.megabytes(), "MB", "goal: at most", 300.0)


def _texts_per_second(locator: Locator, texts: Sequence[str]) -> float:
    locator.locate(texts[:500])
    best = 0.0
    for _ in range(3):
        started = time.process_time()
        locator.locate(texts)
        best = max(best, len(texts) / (time.process_time() - started))
    return best


def _made_up(count: int) -> Layer:
    """Names that are nobody's, all over the city."""
    chance = np.random.default_rng(1)
    signs = chance.integers(0x4E00, 0x6000, (count, 5))
    names = ["".join(map(chr, row)) + "大厦" for row in signs.tolist()]
    where = np.column_stack([chance.uniform(113.8, 114.5, count), chance.uniform(22.5, 22.8, count)])
    points = np.asarray(shapely.points(where), dtype=object)
    return Layer("made up", Kind.LANDMARK, names, points)


def _longest_names(gazetteer: Gazetteer, texts: Sequence[str]) -> list[_Point]:
    """The middle of the place whose registered name is the longest that stands in the text; the first of several."""
    names: dict[str, int] = {}
    for place in range(len(gazetteer)):
        names.setdefault(gazetteer.name(place), place)
    lon, lat = degrees(gazetteer.x, gazetteer.y, gazetteer.crs)
    return [_longest(text, names, lon, lat) for text in texts]


def _longest(text: str, names: dict[str, int], lon: Any, lat: Any) -> _Point:
    for length in range(min(_LONGEST, len(text)), 1, -1):
        for start in range(len(text) - length + 1):
            place = names.get(text[start : start + length])
            if place is not None:
                return _Point(float(lon[place]), float(lat[place]))
    return _Point(None, None)


def _new_york() -> Iterator[Figure]:
    recipe, scoring = _recipe("newyork"), _recipe("scoring")
    material = recipe.read(_DATA / "nyc311")
    layers, junctions, addresses = recipe.gazetteer(material)
    locator = Locator(build(layers, recipe.CRS, junctions=junctions, addresses=addresses))
    cases = list(recipe.cases(material))
    found = locator.locate([case.text for case in cases])
    for kind, of in scoring.by_kind(cases, found, layers[1].shapes).items():
        known = not kind.startswith("unknown")
        peer, goal = ("goal", 90.0) if known else ("none: nothing known says where", None)
        yield Figure(f"locate_answered_percent (New York, {kind})", of.cases, of.answered, "%", peer, goal)
        yield Figure(f"locate_median_error_m (New York, {kind})", of.cases, of.metres, "m", "goal: at most", 40.0)
        yield Figure(f"locate_right_board_percent (New York, {kind})", of.cases, of.office, "%", "goal", 98.0)
        yield Figure(f"locate_inside_radius_percent (New York, {kind})", of.cases, of.inside_radius, "%", "goal", 90.0)
