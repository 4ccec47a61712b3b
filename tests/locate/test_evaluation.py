"""The goals of the geocoder on texts about Shenzhen, on the half that nothing was tuned on, and the hand-written names."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoapp.locate import fixes
from geoapp.locate.gazetteer import build
from geoapp.locate.locator import Locator
from geoapp.locate.names import Kind, forms
from tests.locate.evaluation import scoring, shenzhen
from tests.locate.evaluation.cases import SCORE


def test_the_goals_hold_on_shenzhen(shared_data: Path) -> None:
    material = shenzhen.read(shared_data / "shenzhen")
    gazetteer = build(shenzhen.layers(material), shenzhen.CRS, city=shenzhen.CITY, fixes=fixes.of_city("shenzhen"))
    cases = [case for case in shenzhen.cases(material, 60) if case.split == SCORE]
    found = Locator(gazetteer).locate([case.text for case in cases])
    scores = scoring.score(cases, found, shenzhen.offices_of(material)[0])
    assert scores.office >= 98
    assert scores.answered >= 90
    assert scores.refused >= 96
    assert scores.confidently_wrong <= 1
    assert scores.metres <= 40
    assert scores.inside_radius >= 90
    assert scores.sure_and_right >= 90


def test_no_place_is_on_both_sides_of_the_split(shared_data: Path) -> None:
    material = shenzhen.read(shared_data / "shenzhen")
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
