"""What a text names and nobody knows is not answered by the area it lies in; nor is a house by its road."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geoapp.locate.gazetteer import Layer, build
from geoapp.locate.locator import Locator
from geoapp.locate.names import Kind
from tests.locate.conftest import CRS, at


@pytest.mark.parametrize("area", ["盐田区", "海山街道", "盐田区海山街道", "福田区园岭街道"])
def test_roads_that_do_not_meet_do_not_meet_within_an_area(locator: Locator, area: str) -> None:
    words = "八卦一路与红岭北路交汇处积水"
    bare, within = locator.locate([words, area + words])
    assert (bare.lon, bare.problem) == (within.lon, within.problem) == (None, "no_crossing")
    assert [one.name for one in bare.matched] == [one.name for one in within.matched][: len(bare.matched)]
    assert within.area is not None and within.area in area


@pytest.mark.parametrize("area", ["", "盐田区", "海山街道", "海山街道办事处"])
@pytest.mark.parametrize("road", ["八卦111路路灯坏了", "彩虹凤尾路积水", "翠微大街与东华路交汇处", "云顶巷12号"])
def test_a_road_that_nobody_knows_is_no_place_in_an_area(locator: Locator, area: str, road: str) -> None:
    found = locator.locate([area + road])[0]
    assert (found.lon, found.problem) == (None, "no_place"), found


@pytest.mark.parametrize(
    "words", ["内道路坑洼", "多条道路积水", "辖区内马路破损", "路灯不亮", "上街乱摆卖", "的街道很脏", "这条路很黑"]
)
def test_what_is_no_road_is_still_the_areas(locator: Locator, words: str) -> None:
    found = locator.locate([f"园岭街道{words}"])[0]
    assert (found.precision, found.area) == ("area", "园岭街道"), found


def test_a_house_that_nobody_knows_lowers_the_confidence_of_a_long_road(locator: Locator) -> None:
    road, house = locator.locate(["海山街道深盐路积水", "海山街道深盐路15号积水"])
    assert "number not known" in house.notes and "number not known" not in road.notes
    assert house.precision == "road" and house.confidence < 0.7 < road.confidence
    assert "number not known" not in locator.locate(["110 Broadway"])[0].notes


def test_each_name_is_said_once_and_only_roads_cross(locator: Locator) -> None:
    lines = np.empty(3, dtype=object)
    lines[:] = [shapely.LineString([at(x, 1), at(x + 1, 1)]) for x in range(3)]
    office = np.array([shapely.box(*at(0, 0), *at(1, 2)), shapely.box(*at(1, 0), *at(8, 2))], dtype=object)
    layers = [
        Layer("offices", Kind.AREA, ["海山街道", "园岭街道"], office),
        Layer("roads", Kind.ROAD, ["广深路"] * 3, lines),
    ]
    found = Locator(build(layers, CRS)).locate(["广深路路灯坏了"])[0]
    assert [one.name for one in found.runners_up][:1] == ["广深路"]
    assert locator.locate(["深盐路与东海道路口"])[0].called == "深盐路 × 东海道"
