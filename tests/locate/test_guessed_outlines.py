"""Areas whose outline is a guess: they make an answer less sure, and what the text names outweighs them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from geoapp.locate.gazetteer import Gazetteer, Layer, build
from geoapp.locate.locator import Locator
from geoapp.locate.names import Kind
from geoapp.locate.outcome import GUESSED_OUTLINE
from tests.locate.conftest import CRS, at

CROSSING = "深盐路与东海道路口积水"


def town(*, guessed: bool) -> Locator:
    """A district of two offices with a crossing in the southern one, near the border, and a community in each."""
    south, north = shapely.box(*at(0, 0), *at(4, 2)), shapely.box(*at(0, 2), *at(4, 4))
    lines = [shapely.LineString([at(0.2, 1.9), at(3.8, 1.9)]), shapely.LineString([at(1, 0.2), at(1, 3.8)])]
    twice = [shapely.Point(at(3, 1)), shapely.Point(at(3, 3))]
    layers = [
        Layer("districts", Kind.AREA, ["盐田区"], np.array([shapely.box(*at(0, 0), *at(4, 4))], dtype=object)),
        Layer(
            "offices", Kind.AREA, ["海山街道", "梅沙街道"], np.array([south, north], dtype=object), level=1,
            doubtful=[guessed, guessed],
        ),
        Layer("roads", Kind.ROAD, ["深盐路", "东海道"], np.array(lines, dtype=object)),
        Layer("landmarks", Kind.LANDMARK, ["和平菜馆", "和平菜馆"], np.array(twice, dtype=object)),
        Layer("communities", Kind.COMMUNITY, ["万丰社区"], np.array([shapely.Point(at(2, 3))], dtype=object)),
    ]  # fmt: skip
    return Locator(build(layers, CRS, city=("深圳市", "深圳")))


def test_a_guessed_outline_makes_an_answer_less_sure_unless_its_office_is_named() -> None:
    known, guess = town(guessed=False), town(guessed=True)
    sure, unsure = (one.locate([CROSSING])[0] for one in (known, guess))
    assert unsure.confidence == pytest.approx(sure.confidence * GUESSED_OUTLINE, abs=0.002)
    assert "approximate outline" in unsure.notes and unsure.areas == ("盐田区", "海山街道")
    named = guess.locate([f"海山街道{CROSSING}"])[0]
    assert named.confidence >= sure.confidence - 0.01 and "approximate outline" not in named.notes


def test_an_office_named_outweighs_a_guessed_outline_and_not_a_known_one() -> None:
    said = f"梅沙街道{CROSSING}"
    guess, known = (town(guessed=guessed).locate([said])[0] for guessed in (True, False))
    assert guess.areas == ("盐田区", "梅沙街道") and known.areas == ("盐田区", "海山街道")
    assert guess.confidence >= 0.9


def test_a_community_named_tells_two_of_one_name_apart() -> None:
    locator = town(guessed=True)
    assert locator.locate(["和平菜馆门口积水"])[0].problem == "ambiguous"
    found = locator.locate(["万丰社区和平菜馆门口积水"])[0]
    assert found.precision == "landmark" and found.lat and found.lat > at(0, 2)[1], found


def test_what_is_guessed_is_kept_in_the_file(gazetteer: Gazetteer) -> None:
    marked = replace(gazetteer, doubtful=gazetteer.kinds == Kind.AREA)
    again = Gazetteer.from_arrays(marked.arrays())
    assert again.doubtful.tolist() == marked.doubtful.tolist() and again.city == ("深圳市", "深圳")
