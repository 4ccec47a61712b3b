"""The goals of the geocoder on texts about Shenzhen, on the half that nothing was tuned on, and the hand-written names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geoapp.locate import fixes
from geoapp.locate.gazetteer import build
from geoapp.locate.locator import Locator
from geoapp.locate.names import Kind, forms
from tests.locate.evaluation import calibrating, newyork, scoring, shenzhen
from tests.locate.evaluation.cases import SCORE


@pytest.fixture(scope="module")
def material(shared_data: Path) -> shenzhen.Material:
    """Shenzhen's files."""
    return shenzhen.read(shared_data / "shenzhen")


def test_the_goals_hold_on_shenzhen_and_every_kind_is_answered(material: shenzhen.Material) -> None:
    gazetteer = build(shenzhen.layers(material), shenzhen.CRS, city=shenzhen.CITY, fixes=fixes.of_city("shenzhen"))
    cases = [case for case in shenzhen.cases(material) if case.split == SCORE]
    found = Locator(gazetteer).locate([case.text for case in cases])
    outlines = shenzhen.offices_of(material)[0]
    scores = scoring.score(cases, found, outlines)
    assert scores.office >= 98
    assert scores.answered >= 90
    assert scores.refused >= 96
    assert scores.confidently_wrong <= 1
    assert scores.metres <= 40
    assert scores.inside_radius >= 90
    assert scores.sure_and_right >= 90
    by_kind = scoring.by_kind(cases, found, outlines)
    assert {kind: one.answered for kind, one in by_kind.items() if one.answered < 90} == {}


def test_confidences_say_how_often_they_are_right(material: shenzhen.Material) -> None:
    cases = [case for case in shenzhen.cases(material, 200) if case.split == SCORE]
    found = calibrating.locator(material).locate([case.text for case in cases])
    said = np.array([one.confidence if one.lon is not None else -1.0 for one in found])
    table = calibrating.Said(said, calibrating.right(cases, found))
    for low, high, count, right in table.bins((0.6, 0.8, 0.9, 0.95, 1.01)):
        # So few answers may come out better or worse by chance.
        doubt = 2.5 * (low * (1 - low) / count) ** 0.5
        assert low - doubt <= right <= high + 0.2, (low, high, count, right)


def test_new_yorks_answerable_addresses_are_answered(shared_data: Path) -> None:
    some = newyork.read(shared_data / "nyc311")
    material = newyork.Material(some.rows[::4], some.boroughs, some.boards)
    layers, junctions, addresses = newyork.gazetteer(material)
    made = build(layers, newyork.CRS, junctions=junctions, addresses=addresses)
    cases = [case for case in newyork.cases(material) if not case.kind.startswith("unknown")][:2000]
    scores = scoring.score(cases, Locator(made).locate([case.text for case in cases]), layers[1].shapes)
    assert scores.answered >= 98 and scores.office >= 98 and scores.metres <= 40 and scores.inside_radius >= 90


def test_no_place_is_on_both_sides_of_the_split(material: shenzhen.Material) -> None:
    cases = shenzhen.cases(material, 5)
    assert {case.split for case in cases} == {"tune", "score"}
    assert [case.text for case in cases] == [case.text for case in shenzhen.cases(material, 5)]


@pytest.mark.parametrize("city", [path.stem for path in fixes.FOLDER.glob("*.toml")])
def test_hand_written_names_have_their_reason_and_could_be_said(city: str) -> None:
    found = fixes.of_city(city)
    assert found
    assert all(forms(Kind.LANDMARK, fix.name) and fix.reason for fix in found)
    assert len({(fix.name, fix.of) for fix in found}) == len(found)


def test_a_name_without_its_reason_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('[[alias]]\nname = "深大"\nof = "深圳大学"\n', "utf-8")
    with pytest.raises(fixes.BadNames):
        fixes.of_city("x", tmp_path)
    assert fixes.of_city("nowhere", tmp_path) == []
