"""How well texts are placed, and how fast: evaluation sets made from the real data beside the checkout, not kept.

Figures are those of the half that nothing was tuned on. The peer is what a user would write first: the longest
registered name that stands in the text.
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
    one, other = scoring.by_kind(cases, ours, outlines), scoring.by_kind(cases, theirs, outlines)
    for kind, found in one.items():
        if np.isnan(found.answered):
            yield Figure(
                f"locate_refused_percent ({kind})", found.cases, found.refused, "%", "longest name", other[kind].refused
            )
        else:
            yield Figure(f"locate_answered_percent ({kind})", found.cases, found.answered, "%", "goal", 90.0)
            yield Figure(
                f"locate_right_office_percent ({kind})",
                found.cases,
                found.office,
                "%",
                "longest name",
                other[kind].office,
            )
    yield from _speed(recipe, layers, gazetteer, [case.text for case in recipe.cases(material, 400) if case.answerable])


def _speed(recipe: Any, layers: Sequence[Layer], gazetteer: Gazetteer, texts: Sequence[str]) -> Iterator[Figure]:
    """Texts a second on one core, and what of it is left with a million names more."""
    few = _texts_per_second(Locator(gazetteer), texts)
    many = build([*layers, _made_up(_MORE_NAMES)], recipe.CRS, city=recipe.CITY)
    yield Figure("locate_texts_per_second", len(texts), few, "texts/s", "goal", _GOAL_SPEED)
    yield Figure(
        "locate_texts_per_second (a million names)",
        len(texts),
        _texts_per_second(Locator(many), texts),
        "texts/s",
        "few names",
        few,
    )
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
    outlines = layers[1].shapes
    for kind, of in scoring.by_kind(cases, found, outlines).items():
        yield Figure(
            f"locate_answered_percent (New York, {kind})",
            of.cases,
            of.answered,
            "%",
            "none: half the places are unknown",
            None,
        )
        yield Figure(f"locate_median_error_m (New York, {kind})", of.cases, of.metres, "m", "goal: at most", 40.0)
        yield Figure(f"locate_right_board_percent (New York, {kind})", of.cases, of.office, "%", "goal", 98.0)
        yield Figure(f"locate_inside_radius_percent (New York, {kind})", of.cases, of.inside_radius, "%", "goal", 90.0)
